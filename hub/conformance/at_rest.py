"""Promises that need no key: the folder, the spec, the settings, the event types."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from hub.conformance.base import Plays, Suite, has, must
from hub.conformance.case import case_of, folder_of, package_of
from hub.conformance.concerns import only_with
from hub.core.kinds import KINDS
from hub.core.protocol import Connector, ConnectorSpec
from hub.core.types import Event

ALWAYS = ("README.md", "__init__.py", "client.py", "sandbox", "settings.py", "spec.py")
"""What every connector's folder holds."""
CAPABILITIES = (
    *("source", "destination", "charts", "subscriptions", "directory", "templates", "bookings", "messenger"),
)
"""Each has a module of its name, and no such module stands there without the capability."""

_LOADED = """
import sys, pydantic, hub.core.protocol
class Settings(pydantic.BaseModel):
    key: pydantic.SecretStr
before = set(sys.modules)
import {module}
print(*{{name.partition(".")[0] for name in set(sys.modules) - before}})
print(*sys.modules)
"""


class AtRest(Suite):
    """What a connector is before it has a key."""

    def test_the_folder_has_the_files_that_every_connector_has(self, plays: Plays, live: Connector) -> None:
        spec, there = plays.spec, {each.name for each in folder_of(plays.spec).iterdir()} - {"__pycache__"}
        there = {name for name in there if not name.startswith(".")}  # tools' caches
        wanted = {*ALWAYS, *(f"{name}.py" for name in CAPABILITIES if getattr(live, name) is not None)}
        if live.source or live.destination:
            wanted.add("records.py")
        if spec.webhook:
            wanted |= {"webhook.py", "fixtures"}
        allowed = wanted | set(plays.case.extra_files)
        must(not wanted - there, f"{spec.name} lacks {', '.join(sorted(wanted - there))}.")
        must(not there - allowed, f"{spec.name} has what no connector has: {', '.join(sorted(there - allowed))}.")
        must(live.name == spec.name, f"The live connector calls itself {live.name!r}, the spec {spec.name!r}.")

    def test_the_spec_is_there_without_any_key_sdk_or_http_client(self, spec: ConnectorSpec[Any]) -> None:
        package = package_of(spec)
        code = _LOADED.format(module=f"{package}.spec")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
        must(done.returncode == 0, f"{package}.spec cannot be imported by itself: {done.stderr[-500:]}")
        tops, loaded = (set(line.split()) for line in done.stdout.splitlines())
        heavy = tops - set(sys.stdlib_module_names) - {package.partition(".")[0], "hub", "connectors", "pydantic"}
        heavy = {name for name in heavy if not name.startswith(("_", "annotated_types"))}
        must(not heavy, f"Importing {package}.spec loads {', '.join(sorted(heavy))}: import it inside connect().")
        late = {f"{package}.{name}" for name in ("client", "sandbox", "source", "destination")} & loaded
        must(not late, f"Importing {package}.spec loads {', '.join(sorted(late))} too.")

    def test_the_spec_says_what_a_person_needs_to_know(self, spec: ConnectorSpec[Any]) -> None:
        must(re.fullmatch(r"[a-z][a-z0-9_]*", spec.name), f"The name {spec.name!r} cannot stand in YAML as it is.")
        for name in ("title", "key_page", "limits"):
            must(getattr(spec, name), f"The spec of {spec.name} leaves `{name}` empty.")
        must(spec.sandbox, f"The spec of {spec.name} names no sandbox.")
        must(spec.concurrency >= 1, "Nothing can be read with no call in flight.")
        must(
            not spec.webhook_by_hand or "{url}" in spec.webhook_by_hand,
            "`webhook_by_hand` must say where {url} goes.",
        )

    def test_every_setting_says_what_it_is_and_keys_are_secret(self, spec: ConnectorSpec[Any]) -> None:
        case, fields = case_of(spec), spec.settings.model_fields
        for name, each in fields.items():
            must(len(each.description or "") > 20, f"The setting {name} of {spec.name} is not described.")
            if name.endswith("base_url") and each.default is not PydanticUndefined:
                must(str(each.default).startswith("https://"), f"{name}'s default is not the real service.")
        case.url = "http://127.0.0.1:9"
        made = spec.settings.model_validate(case.settings(case.key))
        must(case.key not in repr(made), "The settings show the key: make it a SecretStr.")
        must(any(isinstance(value, SecretStr) for value in dict(made).values()), "No setting is a SecretStr.")

    def test_streams_and_kinds_are_known(self, spec: ConnectorSpec[Any]) -> None:
        must(len(set(spec.streams)) == len(spec.streams), "A stream stands there twice.")
        for place in (spec.kinds, set(spec.event_types.values())):
            strange = set(place) - set(spec.streams)
            must(not strange, f"{spec.name} speaks of streams that it does not have: {', '.join(sorted(strange))}.")
        strange = {str(kind) for kind in spec.kinds.values()} - {str(kind) for kind in KINDS}
        must(not strange, f"{spec.name} speaks of kinds that there are not: {', '.join(sorted(strange))}.")

    @only_with("webhook")
    def test_each_event_type_has_one_fixture_and_means_its_stream(self, spec: ConnectorSpec[Any]) -> None:
        webhook, case = has(spec.webhook, "webhook"), case_of(spec)
        fixtures = {each.name.removesuffix(".json"): each for each in (folder_of(spec) / "fixtures").iterdir()}
        lacking = set(spec.event_types) - set(fixtures)
        too_many = set(fixtures) - set(spec.event_types) - set(case.extra_fixtures)
        must(spec.event_types, f"{spec.name} has a webhook and follows no event type.")
        must(not lacking, f"No fixture for {', '.join(sorted(lacking))}.")
        must(not too_many, f"Fixtures of no event type: {', '.join(sorted(too_many))}.")
        for kind, stream in spec.event_types.items():
            identifier, events = webhook.parse(case.wire(fixtures[kind].read_bytes(), kind))
            must(identifier, f"The delivery {kind}.json has no id.")
            said = {(each.type, each.stream, bool(each.key)) for each in events}
            must((kind, stream, True) in said, f"{kind}.json is read as {said}, not as a change of {stream}.")

    @only_with("webhook")
    def test_a_type_that_nobody_heard_of_is_acknowledged(self, spec: ConnectorSpec[Any]) -> None:
        webhook, case = has(spec.webhook, "webhook"), case_of(spec)
        kind = next(iter(spec.event_types))
        body = case.unknown((folder_of(spec) / "fixtures" / f"{kind}.json").read_bytes(), kind)
        identifier, events = webhook.parse(body)
        must(identifier, "A delivery of an unknown type has no id.")
        followed: list[Event] = [each for each in events if each.stream is not None]
        must(not followed, f"A delivery of an unknown type is taken for a change: {followed}.")
