"""The JSON Schemas in the repository are those of the models, and the examples fit them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from hub.cli import main
from hub.cli.schema import schema_text
from hub.mapping.schema import HEADER, KINDS, schema_of
from hub.mapping.tree import parse
from tests.mapping import kinds
from tests.mapping.test_messages import KINDS as MISTAKES
from tests.mapping.test_messages import Case
from tests.mapping.write import REVENUE, changed
from tests.paths import ROOT

PUBLISHED = ROOT / "docs" / "schema"
EXAMPLE = sorted((ROOT / "mappings" / "atelier-lila").glob("*.yaml"))
SHAPE = ("Unknown key", 'has no "', "is not known to this version", "is a list", "is empty", "no name; expected")
"""Words of messages about mistakes that a schema sees too: keys, words and lists."""


def plain(text: str) -> Any:
    """As an editor sees a file: numbers are JSON's."""
    root, faults = parse(text)
    assert root is not None
    assert faults == ()
    return json.loads(json.dumps(root.plain(), default=lambda value: float(value) if isinstance(value, Decimal) else 0))


def valid(kind: str, text: str) -> bool:
    return bool(jsonschema_rs.validator_for(schema_of(kind)).is_valid(plain(text)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_is_the_one_of_the_models(kind: str) -> None:
    assert (PUBLISHED / f"{kind}.json").read_text(encoding="utf-8") == schema_text(kind)


def test_nothing_else_is_published() -> None:
    assert {path.stem for path in PUBLISHED.iterdir()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_a_schema_and_shows_no_key_that_the_loader_sets(kind: str) -> None:
    schema = schema_of(kind)

    jsonschema_rs.meta.validate(schema)
    assert not {"key", "name"} & set(schema["properties"])
    assert "set_by" not in json.dumps(schema)


@pytest.mark.parametrize("file", EXAMPLE, ids=lambda file: file.stem)
def test_each_example_names_its_schema_in_its_first_line_and_fits_it(file: Path) -> None:
    first, _, text = file.read_text(encoding="utf-8").partition("\n")
    kind = "business" if file.stem == "business" else plain(text)["job"]

    assert first.startswith(HEADER)
    assert (file.parent / first.removeprefix(HEADER)).resolve() == PUBLISHED / f"{kind}.json"
    assert valid(kind, text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_in_a_schema_fits_its_own_key(kind: str) -> None:
    schema = schema_of(kind)
    checked = 0
    for holder in (schema, *schema.get("$defs", {}).values()):
        for key, rule in holder.get("properties", {}).items():
            validator = jsonschema_rs.validator_for({**rule, "$defs": schema.get("$defs", {})})
            for example in rule.get("examples", ()):
                assert validator.is_valid(example), (kind, key, example)
                checked += 1
    assert checked > 10


def kind_of(file: str) -> str:
    return {"tasks.yaml": "sync", "deadlines.yaml": "deadline_alerts", "onboarding.yaml": "client_onboarding"}.get(
        file, "business"
    )


SHAPELY = [
    case for case in MISTAKES if case.file.endswith(".yaml") and any(word in case.says[0] for word in SHAPE)
    and "in people, " not in case.says[0] and not case.says[0].startswith("sud/")
]  # fmt: skip


@pytest.mark.parametrize("case", SHAPELY, ids=[case.name for case in SHAPELY])
def test_an_editor_sees_the_mistakes_that_are_mistakes_of_shape(case: Case) -> None:
    right = kinds.FILES[case.file]

    assert valid(kind_of(case.file), right)
    assert not valid(kind_of(case.file), changed(right, case.old, case.new))


@pytest.mark.parametrize(
    ("kind", "right", "old", "new"),
    [
        ("deadline_alerts", kinds.DEADLINES, "2 days after", "2 days"),
        ("deadline_alerts", kinds.DEADLINES, 'digest_at: "08:30"', "digest_at: 8h30"),
        ("deadline_alerts", kinds.DEADLINES, '"08:30-18:00"', "8-18"),
        ("client_onboarding", kinds.ONBOARDING, "wait: 3 days", "wait: 3 jours"),
        ("client_onboarding", kinds.ONBOARDING, "[payment, 3 days]", "[payment, boking]"),
        ("revenue_kpis", REVENUE, "target: 12000", "target: a lot"),
        ("revenue_kpis", REVENUE, "5 %", "5 percent"),
    ],
)
def test_an_editor_sees_spans_hours_and_amounts_that_are_none(kind: str, right: str, old: str, new: str) -> None:
    assert valid(kind, right)
    assert not valid(kind, changed(right, old, new))


@pytest.mark.parametrize(
    ("kind", "right", "old", "new"),
    [
        ("deadline_alerts", kinds.DEADLINES, "[Idées]", "Idées"),
        ("client_onboarding", kinds.ONBOARDING, "after: [payment, booking]", "after: booking"),
        ("sync", kinds.TASKS, "[id, title]", "id"),
        ("revenue_kpis", REVENUE, "target: 12000", "target: 99.90"),
        ("business", kinds.BUSINESS, "stripe: {}", "stripe:"),
        ("business", kinds.BUSINESS, "asana: {}", "asana: {follow: 1208}"),
        ("business", kinds.BUSINESS, "asana: {}", "asana: {follow: [all]}"),
    ],
)
def test_an_editor_lets_stand_what_the_loader_takes(kind: str, right: str, old: str, new: str) -> None:
    root, _ = parse(changed(right, old, new))
    assert root is not None
    KINDS[kind].model_validate(root.plain())
    assert valid(kind, changed(right, old, new))


def test_the_command_prints_one_writes_all_and_says_which_there_are(tmp_path: Path) -> None:
    run = CliRunner().invoke

    assert json.loads(run(main, ["schema", "sync"]).output) == schema_of("sync")
    assert "business, revenue_kpis, sync, deadline_alerts, client_onboarding" in run(main, ["schema"]).output
    told = run(main, ["schema", "--out", str(tmp_path / "new")])
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{kind}.json" for kind in KINDS}
    assert told.output.count("Written: ") == len(KINDS)
    run(main, ["schema", "business", "--out", str(tmp_path / "one")])
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["business.json"]
    wrong = run(main, ["schema", "snyc"])
    assert wrong.exit_code == 2
    assert "There is no schema of snyc. Did you mean sync?" in wrong.output
