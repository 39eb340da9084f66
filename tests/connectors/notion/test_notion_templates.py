"""Rows from templates: filled late, made once, found again."""

from datetime import date

import pytest

from connectors.notion.templates import PAUSES
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.types import Copied
from tests.connectors.notion.conftest import Reading

SCHEMA = {
    "Nom": {"title": {}},
    "Hub": {"rich_text": {}},
    "Etat": {"select": {"options": [{"name": "à lancer"}]}},
}
LINES = ["Bienvenue", "Appeler le client", "Facturer"]


def prepared(reading: Reading, schema: dict[str, object] | None = None) -> tuple[str, str]:
    """A database with a template of three blocks, the first with two inside: (data source, template)."""
    source = reading.table("Projets", schema or SCHEMA)
    template = reading.sandbox.add_template(source, "Nouveau client")
    blocks = [reading.sandbox.add_block_as_person(template, line, "to_do") for line in LINES]
    for line in ("dedans 1", "dedans 2"):
        reading.sandbox.add_block_as_person(blocks[0], line)
    if schema is None:
        reading.sandbox.edit_as_person(template, {"Etat": "à lancer"})
    return source, template


def copy(reading: Reading, template: str, *follow: str, name: str = "Nora", **more: object) -> Copied:
    given: dict[str, object] = {"inside": None, "dates": {}, "marker": "onboarding:nora", "look_first": False, **more}
    return reading.templates(*follow).copy(template, name, **given)  # type: ignore[arg-type]


def written(reading: Reading, page: str) -> list[str]:
    return [block["to_do"]["rich_text"][0]["plain_text"] for block in reading.client.children(page)]


def test_every_template_of_what_is_followed_is_named_with_its_database(reading: Reading) -> None:
    source, template = prepared(reading)
    other = reading.table("Autre", SCHEMA)
    second = reading.sandbox.add_template(other, "Vide", is_default=True)

    found = {(one.kind, one.id, one.name, one.inside) for one in reading.templates().templates()}

    assert found == {("template", template, "Nouveau client", "Projets"), ("template", second, "Vide", "Autre")}
    assert [one.id for one in reading.templates(source).templates()] == [template]
    reading.sandbox.trash_as_person(template)
    assert reading.templates(source).templates() == []


def test_a_copy_is_whole_when_it_is_returned_although_notion_fills_it_late(reading: Reading) -> None:
    source, template = prepared(reading)
    reading.sandbox.settings(template_lag=4.0)

    made = copy(reading, template)

    assert written(reading, made.ref) == LINES
    first = next(reading.client.children(made.ref))
    assert len(list(reading.client.children(first["id"]))) == 2
    assert (made.name, made.url) == ("Nora", reading.client.page(made.ref)["url"])
    (row,) = reading.sandbox.rows(source)
    assert (row["id"], row["Nom"], row["Hub"], row["Etat"]) == (made.ref, "Nora", "onboarding:nora", "à lancer")


def test_blocks_inside_blocks_are_waited_for_too(reading: Reading) -> None:
    source = reading.table("Projets", SCHEMA)
    template = reading.sandbox.add_template(source, "Un seul bloc")
    reading.sandbox.add_block_as_person(reading.sandbox.add_block_as_person(template, "un", "to_do"), "dedans")

    made = copy(reading, template)

    (only,) = reading.client.children(made.ref)
    assert only["has_children"]


def test_an_empty_template_is_not_waited_for(reading: Reading) -> None:
    source = reading.table("Projets", SCHEMA)
    template = reading.sandbox.add_template(source, "Vide")
    before = reading.clock.at

    made = copy(reading, template)

    assert reading.clock.at == before
    assert written(reading, made.ref) == []


def test_what_notion_does_not_fill_in_a_minute_is_uncertain_and_found_again(reading: Reading) -> None:
    source, template = prepared(reading)
    reading.sandbox.settings(template_lag=50.0)
    before = reading.clock.at

    with pytest.raises(TransientError) as caught:
        copy(reading, template)

    (row,) = reading.sandbox.rows(source)
    assert caught.value.uncertain
    assert caught.value.committed == (row["id"],)
    assert (reading.clock.at - before).total_seconds() == sum(PAUSES)
    made = copy(reading, template, look_first=True)
    assert made.ref == row["id"]
    assert written(reading, made.ref) == LINES
    assert len(reading.sandbox.rows(source)) == 1


@pytest.mark.parametrize("fault", ["committed_503", "reset_after_commit", "truncated_json"])
def test_a_copy_whose_answer_was_lost_is_not_made_twice(reading: Reading, fault: str) -> None:
    source, template = prepared(reading)
    reading.sandbox.fault(fault, method="POST", path="/v1/pages", times=1)

    with pytest.raises(TransientError) as caught:
        copy(reading, template)

    assert caught.value.uncertain
    made = copy(reading, template, look_first=True)
    assert [row["id"] for row in reading.sandbox.rows(source)] == [made.ref]
    assert written(reading, made.ref) == LINES


def test_the_earlier_copy_is_found_by_its_marker_to_the_letter(reading: Reading) -> None:
    source, template = prepared(reading)
    reading.row(source, "Nora", Hub={"rich_text": [{"text": {"content": "Onboarding:Nora"}}]})
    first = copy(reading, template)

    assert copy(reading, template, look_first=True, name="autre nom") == first
    assert copy(reading, template, look_first=True, marker="onboarding:marc").ref != first.ref
    assert len(reading.sandbox.rows(source)) == 3


def test_a_row_that_notions_filter_finds_by_another_case_is_no_earlier_copy(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, template = prepared(reading)
    other = reading.client.page(reading.row(source, "Nora", Hub={"rich_text": [{"text": {"content": "M1"}}]}))
    templates = reading.templates()
    monkeypatch.setattr(reading.client, "oldest_rows", lambda *_: [other])

    made = templates.copy(template, "Nora", inside=None, dates={}, marker="m1", look_first=True)

    assert made.ref != other["id"]


@pytest.mark.parametrize("taken", [{"Hub": None}, {"Nom": ""}, {"Nom": "du modèle"}])
def test_what_the_template_overwrote_is_put_back(reading: Reading, taken: dict[str, str | None]) -> None:
    source, template = prepared(reading)
    templates = reading.templates()
    sleep = templates._sleep

    def meddle(seconds: float) -> None:
        sleep(seconds)
        for row in reading.sandbox.rows(source):
            reading.sandbox.edit_as_person(row["id"], taken)

    templates._sleep = meddle

    made = templates.copy(template, "Nora", inside=None, dates={}, marker="m1", look_first=False)

    (row,) = reading.sandbox.rows(source)
    assert (row["id"], row["Nom"], row["Hub"]) == (made.ref, "Nora", "m1")


def test_without_a_place_for_the_marker_nothing_is_made_and_the_remedy_is_named(reading: Reading) -> None:
    source, template = prepared(reading, {"Nom": {"title": {}}, "Hub": {"number": {}}})

    with pytest.raises(RecordError, match=r'"Projets" has no text property "Hub".*Add it'):
        copy(reading, template)

    assert reading.sandbox.rows(source) == []


def test_dates_are_refused_since_notion_moves_none(reading: Reading) -> None:
    source, template = prepared(reading)

    with pytest.raises(RecordError, match="start"):
        copy(reading, template, dates={"start": date(2026, 12, 1)})

    assert reading.sandbox.rows(source) == []


@pytest.mark.parametrize("inside", [True, False])
def test_a_template_that_is_gone_or_of_another_database_is_refused(reading: Reading, inside: bool) -> None:
    source, template = prepared(reading)
    other = reading.table("Autre", SCHEMA)
    foreign = reading.sandbox.add_template(other, "Ailleurs")
    reading.sandbox.trash_as_person(template)

    for one in (template, foreign):
        with pytest.raises(RecordError, match=one):
            copy(reading, one, source, inside=source if inside else None)

    assert reading.sandbox.rows(source) == reading.sandbox.rows(other) == []


def test_a_database_that_is_gone_is_no_riddle(reading: Reading) -> None:
    source, template = prepared(reading)
    reading.sandbox.unshare_page(reading.page)

    with pytest.raises(HubError) as caught:
        copy(reading, template, source)

    assert isinstance(caught.value, ConfigError)
