"""What a Notion key can see, in names, and what is wrong with its rights."""

from typing import Any

import pytest

from connectors.notion import directory
from connectors.notion.directory import NotionDirectory
from hub.core.errors import ConfigError
from hub.core.types import Thing
from tests.connectors.notion.conftest import Reading
from tests.connectors.notion.helpers import client_of

SMALL: dict[str, Any] = {"Nom": {"title": {}}}


def named(reading: Reading) -> list[tuple[str, str, str | None]]:
    return [(thing.kind, thing.name, thing.inside) for thing in NotionDirectory(reading.client).look().things]


def test_databases_and_shared_pages_are_named_with_where_they_stand(reading: Reading) -> None:
    reading.sandbox.share_page("Archives")
    source = reading.table("Tâches", SMALL)
    reading.table("Clients", SMALL)
    reading.row(source, "une ligne")
    reading.sdk.pages.create(parent={"type": "page_id", "page_id": reading.page}, properties={"title": {"title": []}})

    sight = NotionDirectory(reading.client).look()

    assert sight.account == "Hub, workspace Sandbox"
    assert named(reading) == [
        ("database", "Clients", "Pilotage"),
        ("database", "Tâches", "Pilotage"),
        ("page", "Archives", None),
        ("page", "Pilotage", None),
    ]
    found = next(thing for thing in sight.things if thing.name == "Tâches")
    url = reading.client.data_source(source)["url"]
    assert found == Thing(kind="database", id=source, name="Tâches", url=url, inside="Pilotage")
    assert sight.warnings == []


def test_what_has_no_name_and_what_is_in_the_trash(reading: Reading) -> None:
    reading.sandbox.share_page("")
    source = reading.table("Tâches", SMALL)
    reading.sandbox.trash_as_person(source)

    assert named(reading) == [("page", "Pilotage", None), ("page", "Untitled", None)]


def test_nothing_shared_says_how_to_share(reading: Reading) -> None:
    reading.sandbox.unshare_page(reading.page)

    sight = NotionDirectory(reading.client).look()

    assert sight.things == []
    (warning,) = sight.warnings
    assert "Connections" in warning


@pytest.mark.parametrize(
    ("users", "comments", "words"),
    [
        ("emails", True, []),
        ("names", True, ["e-mail addresses"]),
        ("none", True, ["who people are"]),
        ("emails", False, ["“Read comments”"]),
        ("none", False, ["who people are", "“Read comments”"]),
    ],
)
def test_rights_that_are_missing_are_named_with_the_way_out(
    reading: Reading, users: str, comments: bool, words: list[str]
) -> None:
    reading.sandbox.state.person("Nora", reading.sandbox.state.workspace("Sandbox"))
    reading.sandbox.allow(users, comments)  # type: ignore[arg-type]

    warnings = NotionDirectory(reading.client).look().warnings

    assert len(warnings) == len(words)
    for warning, word in zip(warnings, words, strict=True):
        assert word in warning
        assert "profile/integrations" in warning


def test_a_workspace_of_very_many_pages_is_not_read_to_its_end(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PAGES", 150)
    source = reading.table("Tâches", SMALL)
    for n in range(250):
        reading.sandbox.add_row_as_person(source, {"Nom": str(n)})
    reading.sandbox.reset_counters()

    sight = NotionDirectory(reading.client).look()

    assert ("database", "Tâches") in [(thing.kind, thing.name) for thing in sight.things]
    assert len(sight.warnings) == 1
    assert "150" in sight.warnings[0]
    assert reading.calls()["POST /v1/search"] == 3


def test_a_wrong_key_says_where_to_get_the_right_one(reading: Reading) -> None:
    with client_of(reading.url) as client, pytest.raises(ConfigError, match="profile/integrations"):
        NotionDirectory(client).look()
