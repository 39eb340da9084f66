"""`python -m tests.kit.spoil SITE`: break the example installed in SITE in many ways; does the suite notice?

Prints {defect: exit code of pytest} as JSON. Each is tried in a forked process: importing takes longer than trying.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

import hub.conformance.suite
from tests.paths import ROOT

SUITE = ROOT / "tests" / "kit" / "example" / "tests" / "test_conformance.py"

DEFECTS = {
    # what is wrong: (the promise that must notice, file, what stands there, what stands there instead)
    "a read that ends early": (
        "read_to_the_end",
        "source.py",
        "            if behind is None:",
        "            if True:",
    ),
    "a cursor that skips": (
        "skips_nothing",
        "source.py",
        "cursor=last)",
        "cursor=last and Cursor('behind-su_000150'))",
    ),
    "a fetch that says less": ("what_read_gives", "source.py", "quote(key, safe='')}\")),)", 'su_000001")),)'),
    "a broken answer taken for an end": (
        "never_an_end",
        "source.py",
        "                raise TransientError(",
        "                return\n                raise TransientError(",
    ),
    "a deletion not told": ("comes_back_as_deleted", "source.py", "deleted=True", "deleted=False"),
    "a change not told": (
        "is_noticed_after",
        "source.py",
        "yield [_event(each) for each in found], cursor",
        "yield [], cursor",
    ),
    "a signature not compared": (
        "one_changed_byte",
        "webhook.py",
        "if hmac.compare_digest(expected.encode(), found[2].encode()):",
        "if True:",
    ),
    "an old delivery accepted": ("old_signature", "webhook.py", "> MAX_AGE:", "> 10**9:"),
    "an empty secret accepted": (
        "no_secret_are_refused",
        "webhook.py",
        "[secret for secret in request.secrets if secret]",
        "[*request.secrets, '']",
    ),
    "an unknown type refused": (
        "nobody_heard_of",
        "webhook.py",
        "stream = EVENT_TYPES.get(kind)",
        "stream = EVENT_TYPES[kind]",
    ),
    "an unreadable delivery crashes": (
        "record_error",
        "webhook.py",
        "except (ValueError, KeyError, TypeError):",
        "except ValueError:",
    ),
    "a second webhook": ("no_second_subscription", "subscriptions.py", "        if not ours:", "        if True:"),
    "a dead webhook left dead": ("lives_again", "subscriptions.py", 'if not found["active"]:', "if False:"),
    "a removal that fails twice": (
        "stay_as_they_are",
        "subscriptions.py",
        "with suppress(Gone):",
        "with suppress(KeyError):",
    ),
    "a webhook of others removed": ("stay_as_they_are", "subscriptions.py", 'if each["url"] == url]', "]"),
    "no way out": ("refused_key_is_told", "client.py", 'key_help=f"Make a new key: {KEY_PAGE}."', 'key_help="No."'),
    "a key shown": ("refused_key_is_told", "client.py", 'key_help=f"', 'key_help=f"{key} '),
    "a raw error": ("crosses_the_edge", "directory.py", '["forms"]', '["no such thing"]'),
    "a naive instant": ("hold_our_values", "records.py", ".astimezone(UTC)", ".replace(tzinfo=None)"),
    "a field of the wrong kind": ("hold_our_values", "records.py", '"at": made,', '"at": "made",'),
    "sockets left open": (
        "closed_at_the_end",
        "spec.py",
        "    with open_api(settings, context) as api:",
        "    api = open_api(settings, context)\n    if True:",
    ),
    "an HTTP client at rest": (
        "without_any_key",
        "spec.py",
        "from typing import Any",
        "from typing import Any\nimport httpx",
    ),
    "a stranger in the folder": ("the_folder_has", "helpers.py", "", "x = 1"),
    "a fixture of nothing": ("one_fixture", "fixtures/signup.eaten.json", "", "{}"),
    "a key in the open": ("keys_are_secret", "settings.py", "api_key: SecretStr", "api_key: str"),
    "a capability kept from the suite": (
        "declares_what_is_there",
        "sandbox/case.py",
        '("source", "subscriptions", "directory")',
        '("source", "directory")',
    ),
    "a capability made up": ("declares_what_is_there", "sandbox/case.py", '"directory")', '"directory", "bookings")'),
    "pages kept from the suite": ("declares_what_is_there", "sandbox/case.py", 'paged = ("signup",)', "paged = ()"),
    "HTTP kept from the suite": (
        "declares_what_is_there",
        "sandbox/case.py",
        "    signed_for = 300.0",
        "    signed_for = 300.0\n    over_http = False",
    ),
    "a signed time kept from the suite": (
        "declares_what_is_there",
        "sandbox/case.py",
        "signed_for = 300.0",
        "signed_for = None",
    ),
    "a signed body kept from the suite": (
        "declares_what_is_there",
        "sandbox/case.py",
        "    signed_for = 300.0",
        "    signed_for = 300.0\n    signs_body = False",
    ),
    "deletions kept from the suite": (
        "declares_what_is_there",
        "sandbox/case.py",
        "    signed_for = 300.0",
        '    signed_for = 300.0\n    never = ("delete",)',
    ),
    "a deed that nobody plays": ("declares_what_is_there", "sandbox/case.py", "def disable(", "def disabled("),
    "a stream kept from the suite": (
        "declares_what_is_there",
        "sandbox/case.py",
        "    signed_for = 300.0",
        '    signed_for = 300.0\n    unfilled = ("signup",)',
    ),
    "a handshake kept from the suite": (
        "declares_what_is_there",
        "webhook.py",
        '        """None: Lantern asks nothing when a webhook is made."""\n        return None',
        '        """The hub\'s word."""\n        return Reply() if "lantern-hello" in request.headers else None',
    ),
    "a limit not told": ("needs_to_know", "spec.py", 'limits=("100 calls a minute for one key",)', "limits=()"),
}


def tried(site: Path, defect: str) -> int:
    """Pytest's exit code with that defect, in this process. The folder `site` is a copy of its own."""
    promise, name, sound, broken = DEFECTS[defect]
    path = site / "hub_lantern" / name
    text = path.read_text() if path.exists() else ""
    if text.count(sound) != 1 and text:
        return 100 + text.count(sound)
    path.write_text(text.replace(sound, broken) if text else broken)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(site), str(ROOT)])
    sys.path.insert(0, str(site))
    with contextlib.redirect_stdout(io.StringIO()):
        return int(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", promise, str(SUITE)]))


def main() -> None:
    site = Path(sys.argv[1])
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for defect in DEFECTS:
            copy = Path(folder) / str(len(found))
            shutil.copytree(site, copy)
            child = os.fork()
            if child == 0:
                os._exit(tried(copy, defect))
            found[defect] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps(found))


if __name__ == "__main__":
    assert hub.conformance.suite, "imported once, for all children"
    main()
