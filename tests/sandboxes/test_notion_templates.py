"""Notion's sandbox: templates that fill in late, comments, and capabilities that a connection was not given."""

from collections.abc import Iterator

import notion_client
import pytest

from tests.sandboxes.notion_kit import Clock, Receiver, World, refusal, rich, table, world

SCHEMA = {"Nom": {"title": {}}, "Etat": {"select": {"options": [{"name": "à lancer"}]}}, "Fait": {"checkbox": {}}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notion(clock: Clock) -> Iterator[World]:
    with world(clock) as served:
        yield served


def prepared(notion: World) -> tuple[str, str]:
    """A table with a template of two blocks, the first with one inside: (data source, template)."""
    _, source = table(notion.client(), notion.sandbox.share_page("Pilotage"), "Projets", SCHEMA)
    template = notion.sandbox.add_template(source, "Client", is_default=True)
    first = notion.sandbox.add_block_as_person(template, "un")
    notion.sandbox.add_block_as_person(first, "dedans")
    notion.sandbox.add_block_as_person(template, "deux")
    notion.sandbox.edit_as_person(template, {"Etat": "à lancer", "Fait": True})
    return source, template


@pytest.mark.parametrize("by_id", [True, False])
def test_a_row_from_a_template_is_empty_first_and_filled_in_two_steps(notion: World, clock: Clock, by_id: bool) -> None:
    client = notion.client()
    source, template = prepared(notion)
    notion.sandbox.settings(template_lag=5.0)
    wanted = {"type": "template_id", "template_id": template} if by_id else {"type": "default"}
    made = client.pages.create(
        parent={"type": "data_source_id", "data_source_id": source},
        properties={"Nom": {"title": rich("Nora")}, "Fait": {"checkbox": False}},
        template=wanted,
    )

    def blocks() -> list[tuple[str, bool]]:
        found = client.blocks.children.list(made["id"])["results"]
        return [(one["paragraph"]["rich_text"][0]["plain_text"], one["has_children"]) for one in found]

    assert made["properties"]["Etat"]["select"] is None
    assert blocks() == []
    clock.pass_by(5)
    assert blocks() == [("un", False)]
    clock.pass_by(5)
    assert blocks() == [("un", True), ("deux", False)]
    after = client.pages.retrieve(made["id"])["properties"]
    assert after["Nom"]["title"][0]["plain_text"] == "Nora"
    assert (after["Etat"]["select"]["name"], after["Fait"]["checkbox"]) == ("à lancer", True)


def test_a_template_is_a_page_of_its_own_and_no_row(notion: World) -> None:
    client = notion.client()
    source, template = prepared(notion)

    assert client.data_sources.list_templates(source)["templates"] == [
        {"id": template, "name": "Client", "is_default": True}
    ]
    assert client.data_sources.list_templates(source, name="zebra")["templates"] == []
    assert client.pages.retrieve(template)["parent"]["data_source_id"] == source
    assert client.data_sources.query(source)["results"] == []
    assert template not in [one["id"] for one in client.search()["results"]]


def test_webhooks_tell_of_the_content_once_it_is_there(notion: World, clock: Clock) -> None:
    receiver = Receiver()
    source, template = prepared(notion)
    made = notion.sandbox.subscribe(receiver.url, types=["page.created", "page.content_updated"])
    notion.sandbox.confirm(made["id"], made["token"])
    notion.client().pages.create(
        parent={"type": "data_source_id", "data_source_id": source},
        properties={},
        template={"type": "template_id", "template_id": template},
    )
    notion.sandbox.deliver_webhooks()
    assert receiver.types == ["page.created"]
    clock.pass_by(2)
    notion.sandbox.deliver_webhooks()
    receiver.close()
    assert receiver.types == ["page.created", "page.content_updated"]


@pytest.mark.parametrize(
    "more",
    [
        {"template": {"type": "template_id", "template_id": "00000000-0000-4000-8000-000000000000"}},
        {"template": {"type": "everything"}},
        {"template": {"type": "default"}, "children": [{"divider": {}}]},
    ],
)
def test_a_template_that_cannot_be_applied_is_refused(notion: World, more: dict[str, object]) -> None:
    source, _ = prepared(notion)
    with pytest.raises(notion_client.APIResponseError) as error:
        notion.client().pages.create(parent={"type": "data_source_id", "data_source_id": source}, properties={}, **more)
    assert refusal(error)[:2] == (400, "validation_error")
    assert notion.client().data_sources.query(source)["results"] == []


def test_people_write_change_and_delete_comments_and_webhooks_tell(notion: World) -> None:
    client, sandbox, receiver = notion.client(), notion.sandbox, Receiver()
    page = sandbox.share_page("Pilotage")
    block = sandbox.add_block_as_person(page, "un bloc")
    made = sandbox.subscribe(receiver.url, types=["comment.created", "comment.updated", "comment.deleted"])
    sandbox.confirm(made["id"], made["token"])
    key = sandbox.comment_as_person(block, "Ici ?", person="Nora")
    sandbox.change_comment_as_person(key, "Là ?", person="Nora")

    found = client.comments.retrieve(key)

    assert found["rich_text"][0]["plain_text"] == "Là ?"
    assert found["parent"] == {"type": "block_id", "block_id": block}
    assert found["display_name"] == {"type": "user", "resolved_name": "Nora"}
    assert [one["id"] for one in client.comments.list(block_id=block)["results"]] == [key]
    sandbox.change_comment_as_person(key, None)
    with pytest.raises(notion_client.APIResponseError) as error:
        client.comments.retrieve(key)
    assert refusal(error)[:2] == (404, "object_not_found")
    sandbox.deliver_webhooks()
    receiver.close()
    assert receiver.types == ["comment.created", "comment.updated", "comment.deleted"]
    assert {event["data"]["page_id"] for event in receiver.events} == {page}


def test_a_connection_sees_what_its_capabilities_allow(notion: World) -> None:
    client, sandbox = notion.client(), notion.sandbox
    page = sandbox.share_page("Pilotage")
    key = sandbox.comment_as_person(page, "?", person="Nora")
    (nora,) = [one for one in client.users.list()["results"] if one["name"] == "Nora"]
    assert nora["person"] == {"email": "nora@example.com"}

    sandbox.allow("names", True)
    assert client.users.retrieve(nora["id"])["person"] == {}
    sandbox.allow("none", False)
    for call in (
        client.users.list,
        lambda: client.users.retrieve(nora["id"]),
        lambda: client.comments.retrieve(key),
        lambda: client.comments.list(block_id=page),
        lambda: client.comments.create(parent={"page_id": page}, rich_text=rich("!")),
    ):
        with pytest.raises(notion_client.APIResponseError) as error:
            call()
        assert refusal(error)[:2] == (403, "restricted_resource")
    assert client.users.me()["name"] == "Hub"
    with pytest.raises(ValueError, match="emails, names, none"):
        sandbox.allow("all", True)  # type: ignore[arg-type]
