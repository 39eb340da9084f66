"""Older files are lifted with their comments; newer ones are refused with the way out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.cli.migrate import migrate
from hub.mapping.tree import parse
from hub.mapping.versions import STEPS, VERSION, Lifted, Step, fault_of_version, lift
from tests.mapping.kinds import FILES
from tests.mapping.write import BUSINESS, write

OLD = """\
# the alerts of Studio Nord
hub: 1
job: deadline_alerts              # one file, one job
warn:
  - {name: soon, when: 3 working days before}   # in time
  - name: "late"
    when: on the day
closed: no
"""


def rename(data: Any) -> None:
    """`warn` is called `alerts`: the same place, the same comments."""
    if "warn" in data:
        place = list(data).index("warn")
        data.insert(place, "alerts", data.pop("warn"))


def open_again(data: Any) -> None:
    data.pop("closed", None)
    data["open"] = "08:30"


STEPS_TO_3: Mapping[int, Step] = {1: rename, 2: open_again}


def lifted(text: str, steps: Mapping[int, Step] = STEPS_TO_3, version: int = 3) -> Lifted:
    found = lift(text, steps, version)
    assert isinstance(found, Lifted), found
    return found


def told(text: str, steps: Mapping[int, Step] = STEPS, version: int = VERSION) -> str:
    found = lift(text, steps, version)
    assert isinstance(found, tuple)
    (fault,) = found
    return f"{fault.line}:{fault.column}: {fault.message} {fault.hint}"


def test_a_file_goes_through_every_step_and_keeps_its_comments() -> None:
    found = lifted(OLD)

    assert found.was == 1
    assert found.text == (
        "# the alerts of Studio Nord\n"
        "hub: 3\n"
        "job: deadline_alerts              # one file, one job\n"
        "alerts:\n"
        "  - {name: soon, when: 3 working days before}   # in time\n"
        '  - name: "late"\n'
        "    when: on the day\n"
        "open: 08:30\n"
    )
    root, faults = parse(found.text)
    assert faults == ()
    assert root is not None
    assert root.plain()["open"] == "08:30"


def test_a_file_in_between_goes_through_the_rest() -> None:
    assert lifted("hub: 2\nwarn: x\n").text == "hub: 3\nwarn: x\nopen: 08:30\n"


def test_a_file_of_this_version_is_left_letter_by_letter() -> None:
    for text in FILES.values():
        if text.startswith("hub: 1"):
            assert lifted(text, STEPS, VERSION).text == text


def test_no_and_hours_stay_text_through_a_step() -> None:
    found = lifted('hub: 1\nclosed2: no\nat: 18:30\nquoted: "1"\namount: 99.90\n').text

    assert found == 'hub: 3\nclosed2: no\nat: 18:30\nquoted: "1"\namount: 99.90\nopen: 08:30\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "hub: 2\n",
            "1:6: hub: 2 is the language of a newer hub; this one reads version 1. Update the hub, or write the file "
            "in version 1. Example: hub: 1",
        ),
        (
            "hub: 0\n",
            '1:6: hub: there is no version "0" of the language; this hub reads version 1. Write the version. '
            "Example: hub: 1",
        ),
        (
            "job: sync\n",
            "1:1: This file does not say which version of the language it is written in. Write it. Example: hub: 1",
        ),
        (
            "hub: one\n",
            "1:1: This file does not say which version of the language it is written in. Write it. Example: hub: 1",
        ),
        ("", "1:1: This file is empty. Write its keys. Example: hub: 1"),
        (
            "hub: [\n",
            "2:1: A bracket is not closed, a comma is missing, or a text with a colon in it has no quotes. Put that "
            "right from here on. Example: {figure: mrr, title: 'MRR: the total'}",
        ),
    ],
)
def test_what_cannot_be_lifted_is_told_word_for_word(text: str, says: str) -> None:
    assert told(text) == says


def test_a_loader_that_meets_an_older_file_says_how_to_lift_it() -> None:
    root, _ = parse("hub: 1\n")
    assert root is not None
    fault = fault_of_version(root, STEPS_TO_3, 3)

    assert fault is not None
    assert (fault.message, fault.hint) == (
        "hub: 1 is an older version of the language; this hub reads version 3.",
        "Lift the file with `hub migrate`. Example: hub: 3",
    )


def test_the_command_lifts_what_is_older_and_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mappings = Path("mappings")
    write(mappings, key="a", jobs={"alerts.yaml": OLD, "notes.md": "hub: 1"})
    write(mappings, key="b", business="hub: 3\nbusiness: B\n", jobs={"broken.yaml": "hub: ["})
    (mappings / "a" / "alerts.yaml").chmod(0o640)
    said: list[str] = []

    assert migrate("a", said.append, STEPS_TO_3, 3) == 0
    assert said == [
        "mappings/a/alerts.yaml: lifted from version 1 to 3",
        "mappings/a/business.yaml: lifted from version 1 to 3",
        "Run `hub check`, and look at what changed before you keep it (git diff).",
    ]
    assert (mappings / "a" / "alerts.yaml").read_text() == lifted(OLD).text
    assert (mappings / "a" / "alerts.yaml").stat().st_mode & 0o777 == 0o640
    assert (mappings / "a" / "notes.md").read_text() == "hub: 1"
    said.clear()
    assert migrate(None, said.append, STEPS_TO_3, 3) == 1
    assert [line.split(" ")[0] for line in said] == ["mappings/b/broken.yaml:1:7:"]
    assert (mappings / "b" / "broken.yaml").read_text() == "hub: ["
    said.clear()
    assert migrate("a", said.append, STEPS_TO_3, 3) == 0
    assert said == ["Nothing to lift: every file is written in version 3."]


def test_today_there_is_nothing_to_lift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("mappings"), business=BUSINESS)
    said: list[str] = []

    assert migrate(None, said.append) == 0
    assert said == ["Nothing to lift: every file is written in version 1."]
