"""The shared page is found by title, address or id; what cannot be decided is asked, with the choices."""

import pytest

from connectors.notion.destination import NotionDestination
from connectors.notion.shared_page import id_in
from hub.core.errors import ConfigError
from hub.core.types import Collection
from tests.connectors.notion.conftest import World
from tests.connectors.notion.helpers import client_of

ID = "12345678-90ab-4cde-8f01-234567890abc"
BARE = ID.replace("-", "")


def title(world: World, page: str | None) -> str:
    return NotionDestination(world.client, page).check()[-1]


@pytest.mark.parametrize(
    "text",
    [
        ID,
        BARE,
        BARE.upper(),
        f"https://app.notion.com/p/Pilotage-{BARE}",
        f"https://app.notion.com/p/{BARE}?pvs=4",
        f"https://www.notion.so/atelier/Caf-deca-{BARE}#{'0' * 32}",
        f"www.notion.so/{BARE}/",
    ],
)
def test_an_id_is_found_in_every_form_in_which_notion_gives_it(text: str) -> None:
    assert id_in(text) == ID


@pytest.mark.parametrize("text", ["Pilotage", "Chiffres 2026", f"Pilotage {BARE}"])
def test_a_title_is_not_taken_for_an_id(text: str) -> None:
    assert id_in(text) is None


def test_an_address_without_an_id_is_a_question_for_a_person() -> None:
    with pytest.raises(ConfigError, match="Copy link"):
        id_in("https://www.notion.so/atelier/Pilotage")


def test_the_page_is_found_by_title_address_or_id_or_because_it_is_the_only_one(world: World) -> None:
    address = world.sandbox.page(world.page)["url"]

    for page in ("Pilotage", address, world.page, world.page.replace("-", ""), None):
        assert title(world, page) == "Page: Pilotage"


def test_the_check_says_who_where_and_what(world: World) -> None:
    assert world.hub.check() == ("Connection: Hub", "Workspace: Sandbox", "Page: Pilotage")


def test_pages_and_rows_below_the_shared_page_are_no_rivals_to_it(world: World) -> None:
    table = Collection(name="Chiffres", kind="table", properties=())
    inner = world.hub.prepare(Collection(name="Dedans", kind="page"), None, None)
    with pytest.raises(ConfigError):
        world.hub.prepare(table, None, inner)  # a database needs a title
    world.client.create_database({"type": "page_id", "page_id": inner}, [], {"Nom": {"title": {}}})
    world.sandbox.add_row_as_person(world.sandbox.tables()[0]["id"], {"Nom": "une ligne"})

    assert title(world, None) == "Page: Pilotage"


def test_several_shared_pages_are_listed_with_their_addresses(world: World) -> None:
    other = world.sandbox.share_page("Autre cliente")

    with pytest.raises(ConfigError) as caught:
        title(world, None)

    assert '"Autre cliente"' in str(caught.value)
    assert '"Pilotage"' in str(caught.value)
    assert other.replace("-", "") in str(caught.value)


def test_two_pages_of_one_title_are_listed_with_their_addresses(world: World) -> None:
    other = world.sandbox.share_page("Pilotage")

    with pytest.raises(ConfigError, match=other.replace("-", "")):
        title(world, "Pilotage")


@pytest.mark.parametrize("page", ["Pilotages", "Pilot", ID, f"https://app.notion.com/p/{BARE}"])
def test_an_unknown_page_is_answered_with_the_pages_there_are(world: World, page: str) -> None:
    with pytest.raises(ConfigError, match='Pages it sees: "Pilotage"') as caught:
        title(world, page)

    assert "Connections" in str(caught.value)


def test_a_page_that_was_unshared_says_how_to_share_it(world: World) -> None:
    world.hub.check()
    world.sandbox.unshare_page(world.page)

    for attempt in (
        lambda: world.hub.find(Collection(name="Chiffres", kind="table"), None),
        lambda: title(world, None),
        lambda: title(world, world.page),
    ):
        with pytest.raises(ConfigError, match="Connections"):
            attempt()


def test_a_wrong_key_says_where_to_get_the_right_one(world: World) -> None:
    with client_of(world.url, key="ntn_wrong") as client, pytest.raises(ConfigError, match="profile/integrations"):
        NotionDestination(client, None).check()
