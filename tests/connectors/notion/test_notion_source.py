"""Reading Notion, against the sandbox: rows, people, comments, and what changed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.notion.settings import NotionSettings
from connectors.notion.source import NotionSource
from connectors.notion.spec import SPEC
from connectors.notion.webhook import NotionWebhook
from hub.core import kinds
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.protocol import Context
from hub.core.types import Cursor, Event, Page, Record, WebhookRequest
from tests.connectors.notion.conftest import TOKEN, Reading
from tests.connectors.notion.helpers import Limits
from tests.sandboxes.notion_kit import Receiver, rich

NOWHERE = "00000000-0000-4000-8000-000000000000"
SMALL: dict[str, Any] = {"Nom": {"title": {}}, "Échéance": {"date": {}}, "Fait": {"checkbox": {}}}


def records(pages: Any) -> list[Record]:
    return [record for page in pages for record in page.records]


def keys(pages: Any) -> list[str]:
    return [record.key for record in records(pages)]


def only(source: NotionSource, stream: str, key: str) -> Record:
    (record,) = source.fetch(stream, key)
    return record


def changed(source: NotionSource, cursor: Cursor) -> tuple[list[Event], Cursor]:
    ((events, after),) = source.changes(cursor)
    return list(events), after


def test_a_row_is_read_with_all_that_people_wrote_in_it(reading: Reading) -> None:
    source = reading.table()
    key = reading.sandbox.add_row_as_person(
        source,
        {
            "Nom": "Livre",
            "Montant": 12.5,
            "Etat": "payé",
            "Tags": ["a", "b"],
            "Avancement": "Done",
            "Échéance": "2026-12-01",
            "Fait": True,
            "Mail": "x@example.com",
            "Qui": ["Nora Blanc"],
        },
        person="Lila",
    )

    (record,) = records(reading.source().read("row", None))

    lila = {"key": reading.sandbox.page(key)["created_by"]["id"], "name": "Lila", "email": "lila@example.com"}
    held: Any = record.fields["properties"]
    (nora,) = held["Qui"]
    assert record.key == key
    assert record.fields["title"] == "Livre"
    assert record.fields["place"] == {"key": source, "name": "Tâches"}
    assert record.fields["edited_by"] == lila
    assert record.fields["groups"] == {"Avancement": "complete"}
    assert (nora["name"], nora["email"]) == ("Nora Blanc", "nora.blanc@example.com")
    assert record.fields["properties"] == {
        "Nom": "Livre",
        "Note": None,
        "Montant": Decimal("12.5"),
        "Etat": "payé",
        "Tags": ("a", "b"),
        "Avancement": "Done",
        "Échéance": date(2026, 12, 1),
        "Fait": True,
        "Lien": None,
        "Mail": "x@example.com",
        "Tél": None,
        "Qui": (nora,),
        "Pièces": (),
        "Créé": datetime(2026, 11, 21, 8, 15, tzinfo=UTC),
        "Créé par": lila,
        "Modifié": datetime(2026, 11, 21, 8, 15, tzinfo=UTC),
        "Modifié par": lila,
        "N°": "F-1",
        "Hub": None,
    }
    assert kinds.problems("page", record.fields, whole=True) == []


def test_what_a_page_shows_only_the_beginning_of_is_read_to_its_end(reading: Reading) -> None:
    related = reading.table("Clients", SMALL)
    others = [reading.row(related, str(n)) for n in range(30)]
    schema = {**SMALL, "Clients": {"relation": {"data_source_id": related, "single_property": {}}}}
    source = reading.table("Projets", {**schema, "Qui": {"people": {}}, "Note": {"rich_text": {}}})
    team = [f"Membre {n:02d}" for n in range(27)]
    pieces = [f"morceau {n}, " for n in range(40)]
    key = reading.row(
        source,
        "long",
        Note={"rich_text": [part for piece in pieces for part in rich(piece)]},
        Clients={"relation": [{"id": other} for other in others]},
    )
    reading.sandbox.edit_as_person(key, {"Qui": team})

    (record,) = records(reading.source(source).read("row", None))

    held: Any = record.fields["properties"]
    assert held["Clients"] == tuple(others)
    assert held["Note"] == "".join(pieces)
    assert [one["name"] for one in held["Qui"]] == team
    assert only(reading.source(source), "row", key) == record


def test_fetch_gives_what_read_gives_for_every_row_of_every_data_source(reading: Reading) -> None:
    for title in ("Tâches", "Inscriptions"):
        source = reading.table(title)
        for n in range(3):
            reading.sandbox.add_row_as_person(source, {"Nom": f"{title} {n}", "Qui": ["Nora", "Marc"], "Note": "x"})
            reading.clock.pass_by(90)

    found = records(reading.source().read("row", None))

    assert len(found) == 6
    for record in found:
        assert only(reading.source(), "row", record.key) == record


def test_only_what_is_followed_is_read_by_data_source_or_by_database(reading: Reading) -> None:
    one, other = reading.table("Une", SMALL), reading.table("Autre", SMALL)
    mine, theirs = reading.row(one, "à nous"), reading.row(other, "aux autres")
    database = reading.client.data_source(one)["parent"]["database_id"]

    for follow in (one, one.replace("-", ""), database, database.replace("-", "").upper()):
        source = reading.source(follow)
        assert keys(source.read("row", None)) == [mine], follow
        assert only(source, "row", mine).key == mine
        assert not only(source, "row", mine).deleted
        assert only(source, "row", theirs) == Record(stream="row", key=theirs, deleted=True)
    assert sorted(keys(reading.source().read("row", None))) == sorted([mine, theirs])
    assert keys(reading.following(()).read("row", None)) == []
    assert only(reading.following(()), "row", mine).deleted


def test_a_database_with_several_data_sources_is_followed_whole(reading: Reading) -> None:
    first = reading.table("Une", SMALL)
    database = reading.client.data_source(first)["parent"]["database_id"]
    second = reading.sdk.data_sources.create(
        parent={"type": "database_id", "database_id": database}, title=rich("Deux"), properties=SMALL
    )["id"]
    made = [reading.row(first, "a"), reading.row(second, "b")]

    assert sorted(keys(reading.source(database).read("row", None))) == sorted(made)


def test_a_row_that_is_gone_comes_back_as_deleted(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    key = reading.row(source, "x")
    reading.sandbox.trash_as_person(key)
    deleted = Record(stream="row", key=key, deleted=True)

    assert only(reading.source(), "row", key) == deleted
    reading.sandbox.restore_as_person(key)
    assert not only(reading.source(), "row", key).deleted
    reading.sandbox.unshare_page(reading.page)
    assert only(reading.source(), "row", key) == deleted
    assert only(reading.source(), "row", NOWHERE).deleted
    reading.sandbox.share_again(reading.page)
    assert not only(reading.source(), "row", key).deleted
    reading.sandbox.trash_as_person(source)
    assert only(reading.source(), "row", key) == deleted
    assert keys(reading.source().read("row", None)) == []


def test_a_page_that_is_no_row_is_of_no_interest(reading: Reading) -> None:
    assert only(reading.source(), "row", reading.page).deleted


def test_a_read_from_any_cursor_skips_nothing_not_even_rows_of_one_minute(reading: Reading) -> None:
    made = []
    for title in ("Une", "Deux"):
        source = reading.table(title, SMALL)
        for n in range(130):
            made.append(reading.sandbox.add_row_as_person(source, {"Nom": str(n)}))
            reading.clock.pass_by(30 if n % 5 else 0)
    pages = list(reading.source().read("row", None))

    assert sorted(keys(pages)) == sorted(made)
    assert len(pages) == 4
    for n, page in enumerate(pages):
        assert page.cursor is not None
        before, after = set(keys(pages[: n + 1])), set(keys(reading.source().read("row", page.cursor)))
        assert before | after == set(made)
        assert len(after) <= len(made) - len(before) + 6  # the rows of one minute are met again, no more


def test_more_rows_than_one_query_gives_are_all_read_once(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    made = []
    for n in range(170):
        made.append(reading.sandbox.add_row_as_person(source, {"Nom": str(n)}))
        reading.clock.pass_by(40)
    reading.sandbox.settings(max_query_results=50)

    assert sorted(keys(reading.source().read("row", None))) == sorted(made)
    ((_, cursor),) = reading.source().changes(None)
    assert len(changed(reading.source(), Cursor("2026-11-21T08:00:00+00:00"))[0]) == 170
    assert datetime.fromisoformat(cursor) == reading.clock.at


@pytest.mark.parametrize("fault", ["internal", "reset", "truncated_json", "overload", "bad_gateway"])
def test_a_read_that_breaks_off_is_an_error_and_never_an_end(reading: Reading, fault: str) -> None:
    source = reading.table("Tâches", SMALL)
    for n in range(101):
        reading.sandbox.add_row_as_person(source, {"Nom": str(n)})
    pages = reading.source().read("row", None)
    assert len(next(pages).records) == 100
    reading.sandbox.fault(fault)

    with pytest.raises(TransientError):
        list(pages)


def test_a_database_that_vanishes_during_a_read_lets_nothing_be_concluded(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    for n in range(101):
        reading.sandbox.add_row_as_person(source, {"Nom": str(n)})
    pages = reading.source().read("row", None)
    next(pages)
    reading.sandbox.unshare_page(reading.page)

    with pytest.raises(TransientError, match="Tâches"):
        list(pages)


def test_a_property_that_vanishes_while_its_row_is_read_lets_nothing_be_concluded(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reading.table("Tâches", {**SMALL, "Note": {"rich_text": {}}})
    key = reading.row(source, "x", Note={"rich_text": [part for n in range(30) for part in rich(f"{n} ")]})
    reading.sandbox.fault("block_limit", path="/v1/pages/{page_id}/properties/{property_id}", times=1)
    with pytest.raises(ConfigError):
        reading.source().fetch("row", key)
    page = reading.client.page(key)
    reading.sandbox.change_schema_as_person(source, {"Note": None})
    hub = reading.source()
    monkeypatch.setattr(hub._client, "page", lambda _key: page)  # as it was a moment ago

    with pytest.raises(TransientError, match="stopped showing"):
        hub.fetch("row", key)


@pytest.mark.parametrize("how", ["unshared", "database in the trash", "data source in the trash", "no id"])
def test_a_followed_database_that_is_not_there_is_named_and_nothing_is_read(reading: Reading, how: str) -> None:
    source = reading.table("Tâches", SMALL)
    database = reading.client.data_source(source)["parent"]["database_id"]
    reading.row(source, "x")
    follow = {"no id": "Tâches", "data source in the trash": source}.get(how, database)
    if how == "unshared":
        reading.sandbox.unshare_page(reading.page)
    elif how != "no id":
        reading.sandbox.trash_as_person(source if how.startswith("data source") else database)

    for doing in (lambda s: s.check(), lambda s: list(s.read("row", None)), lambda s: list(s.changes(Cursor(NOW)))):
        with pytest.raises(ConfigError, match=follow):
            doing(reading.source(follow))


NOW = "2026-11-21T08:00:00+00:00"


def test_a_data_source_that_the_search_has_lost_for_a_while_is_still_read(reading: Reading) -> None:
    hub = reading.source()
    source = reading.table("Tâches", SMALL)
    key = reading.row(source, "x")
    assert keys(hub.read("row", None)) == [key]
    reading.sandbox.settings(search_lag=3600.0)

    assert keys(hub.read("row", None)) == [key]
    reading.sandbox.trash_as_person(reading.client.data_source(source)["parent"]["database_id"])
    assert keys(hub.read("row", None)) == []
    reading.sandbox.unshare_page(reading.page)
    assert keys(hub.read("row", None)) == []


def test_the_group_of_an_option_that_was_added_since_is_known(reading: Reading) -> None:
    source = reading.table("Tâches", {"Nom": {"title": {}}, "Statut": {"status": {}}})
    key = reading.row(source, "x", Statut={"status": {"name": "Done"}})
    hub = reading.source()
    assert only(hub, "row", key).fields["groups"] == {"Statut": "complete"}
    options = reading.client.data_source(source)["properties"]["Statut"]["status"]["options"]
    more = [{"id": one["id"]} for one in options] + [{"name": "Relue"}]
    reading.sandbox.change_schema_as_person(source, {"Statut": {"status": {"options": more}}})
    reading.sandbox.edit_as_person(key, {"Statut": "Relue"})

    with_group = only(hub, "row", key)

    assert with_group.fields["groups"] == {"Statut": "to do"}
    assert records(reading.source().read("row", None)) == [with_group]


def test_a_row_that_cannot_be_read_stops_no_other_and_is_named_at_the_end(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    good = [reading.row(source, str(n)) for n in range(3)]
    due = reading.sandbox.state.things[source].property("Échéance").id  # type: ignore[attr-defined]
    broken = {"start": "tomorrow", "end": None, "time_zone": None}
    reading.sandbox.state.things[good[1]].values[due] = broken  # type: ignore[attr-defined]
    pages: list[Page] = []

    with pytest.raises(RecordError, match=good[1]):
        pages.extend(reading.source().read("row", None))

    assert sorted(keys(pages)) == sorted([good[0], good[2]])
    assert [page.cursor for page in pages] == [None]
    with pytest.raises(RecordError, match=good[1]):
        reading.source().fetch("row", good[1])


# What changed


def test_the_first_cursor_is_now_and_later_edits_are_told_oldest_first(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    old, first, second = (reading.row(source, name) for name in ("vieux", "a", "b"))
    reading.clock.pass_by(600)
    ((events, cursor),) = reading.source().changes(None)
    assert events == ()
    reading.clock.pass_by(60)
    reading.sandbox.edit_as_person(second, {"Fait": True})
    reading.clock.pass_by(60)
    reading.sandbox.edit_as_person(first, {"Fait": True})
    reading.clock.pass_by(60)
    new = reading.row(source, "c")
    reading.clock.pass_by(600)

    events, after = changed(reading.source(), cursor)

    assert [(event.type, event.key) for event in events] == [
        ("page.properties_updated", second),
        ("page.properties_updated", first),
        ("page.created", new),
    ]
    assert {event.stream for event in events} == {"row"}
    assert old not in {event.key for event in events}
    assert changed(reading.source(), after)[0] == []


def test_a_second_edit_of_the_same_minute_is_told_although_the_first_was(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    key = reading.row(source, "x")
    reading.clock.pass_by(600)
    ((_, cursor),) = reading.source().changes(None)
    told: set[str] = set()
    for _ in range(3):  # 8:25:42, :47, :52: one minute for Notion
        reading.sandbox.edit_as_person(key, {"Fait": True})
        events, cursor = changed(reading.source(), cursor)
        fresh = {event.id for event in events} - told
        assert fresh, "the edit would be taken for one that is known"
        told |= fresh
        reading.clock.pass_by(5)
    reading.clock.pass_by(180)
    events, cursor = changed(reading.source(), cursor)
    assert [event.key for event in events] == [key]
    reading.clock.pass_by(180)
    assert changed(reading.source(), cursor)[0] == []


def test_an_edit_whose_time_notion_rounds_down_before_the_cursor_is_not_missed(reading: Reading) -> None:
    source = reading.table("Tâches", SMALL)
    key = reading.row(source, "x")
    reading.clock.pass_by(600)
    ((_, cursor),) = reading.source().changes(None)  # 8:25:42
    reading.clock.pass_by(1)
    reading.sandbox.edit_as_person(key, {"Fait": True})  # which Notion calls 8:25:00

    assert [event.key for event in changed(reading.source(), cursor)[0]] == [key]


def test_only_followed_data_sources_are_asked_what_changed(reading: Reading) -> None:
    ours, theirs = reading.table("Une", SMALL), reading.table("Autre", SMALL)
    ((_, cursor),) = reading.source(ours).changes(None)
    key = reading.row(ours, "x")
    reading.row(theirs, "y")

    assert {event.key for event in changed(reading.source(ours), cursor)[0]} == {key}
    assert changed(reading.following(()), cursor)[0] == []


# People and comments


def test_the_people_of_the_workspace_are_read_and_fetched_alike(reading: Reading) -> None:
    source = reading.table()
    for start in (0, 60):
        team = [f"Membre {n}" for n in range(start, start + 60)]
        reading.sandbox.add_row_as_person(source, {"Nom": "x", "Qui": team})

    found = records(reading.source().read("user", None))

    members = {record.fields["name"]: record for record in found}
    assert members["Membre 7"].fields == {"bot": False, "name": "Membre 7", "email": "membre.7@example.com"}
    assert members["Hub"].fields == {"bot": True, "name": "Hub"}
    assert len(found) > 120
    for record in found[:3] + found[-3:]:
        assert only(reading.source(), "user", record.key) == record
        assert kinds.problems("person", record.fields, whole=True) == []
    assert only(reading.source(), "user", NOWHERE).deleted


def test_e_mail_addresses_that_may_not_be_seen_are_absent(reading: Reading) -> None:
    reading.sandbox.add_row_as_person(reading.table(), {"Nom": "x"}, person="Lila")
    reading.sandbox.allow("names", True)

    lila = next(one for one in records(reading.source().read("user", None)) if one.fields["name"] == "Lila")
    (row,) = records(reading.source().read("row", None))

    assert lila.fields == {"bot": False, "name": "Lila"}
    assert row.fields["edited_by"] == {"key": lila.key, "name": "Lila"}


def test_without_the_right_to_see_people_the_right_is_named_and_rows_are_read_all_the_same(reading: Reading) -> None:
    source = reading.table()
    made = [reading.sandbox.add_row_as_person(source, {"Nom": "x", "Qui": ["Nora", "Marc"]}) for _ in range(5)]
    reading.sandbox.allow("none", True)
    hub = reading.source()

    for doing in (lambda: list(hub.read("user", None)), lambda: hub.fetch("user", NOWHERE)):
        with pytest.raises(ConfigError, match="Read user information including email addresses"):
            doing()
    reading.sandbox.reset_counters()
    found = records(hub.read("row", None))

    assert sorted(record.key for record in found) == sorted(made)
    assert set(found[0].fields["edited_by"]) == {"key"}  # type: ignore[arg-type]
    assert reading.calls()["GET /v1/users/{user_id}"] == 1


def test_a_person_in_many_rows_costs_one_call(reading: Reading) -> None:
    source = reading.table()
    for n in range(20):
        reading.sandbox.add_row_as_person(source, {"Nom": str(n), "Qui": ["Nora"]}, person="Lila")
    reading.sandbox.reset_counters()

    assert len(records(reading.source(source).read("row", None))) == 20

    assert reading.calls() == {
        "GET /v1/data_sources/{data_source_id}": 1,
        "POST /v1/data_sources/{data_source_id}/query": 1,
        "GET /v1/users/{user_id}": 2,
    }


def test_a_person_who_left_is_known_by_the_id(reading: Reading) -> None:
    key = reading.sandbox.add_row_as_person(reading.table(), {"Nom": "x"}, person="Partie")
    who = reading.sandbox.page(key)["last_edited_by"]["id"]
    for workspace in reading.sandbox.state.workspaces.values():
        workspace.people.pop(who, None)

    assert only(reading.source(), "row", key).fields["edited_by"] == {"key": who}


def test_a_comment_is_a_message_on_its_page(reading: Reading) -> None:
    row = reading.row(reading.table(), "x")
    block = reading.sandbox.add_block_as_person(row, "un bloc")
    inner = reading.sandbox.add_block_as_person(block, "dedans")
    on_page = reading.sandbox.comment_as_person(row, "Quand ?", person="Nora")
    on_block = reading.sandbox.comment_as_person(inner, "Ici", person="Nora")

    first, second = (only(reading.source(), "comment", key) for key in (on_page, on_block))

    assert first.fields["text"] == "Quand ?"
    assert first.fields["page"] == second.fields["page"] == row
    assert first.fields["at"] == first.at == datetime(2026, 11, 21, 8, 15, tzinfo=UTC)
    sender: Any = first.fields["from"]
    assert (sender["name"], sender["email"]) == ("Nora", "nora@example.com")
    assert kinds.problems("message", first.fields, whole=True) == []
    reading.sandbox.change_comment_as_person(on_page, "Demain ?")
    assert only(reading.source(), "comment", on_page).fields["text"] == "Demain ?"
    reading.sandbox.change_comment_as_person(on_page, None)
    assert only(reading.source(), "comment", on_page) == Record(stream="comment", key=on_page, deleted=True)
    assert list(reading.source().read("comment", None)) == []


def test_comments_on_what_is_not_followed_are_of_no_interest(reading: Reading) -> None:
    ours, theirs = reading.table("Une", SMALL), reading.table("Autre", SMALL)
    mine = reading.sandbox.comment_as_person(reading.row(ours, "x"), "a")
    other = reading.sandbox.comment_as_person(reading.row(theirs, "y"), "b")

    assert not only(reading.source(ours), "comment", mine).deleted
    assert only(reading.source(ours), "comment", other).deleted
    assert not only(reading.source(), "comment", other).deleted


def test_without_the_right_to_read_comments_the_right_is_named(reading: Reading) -> None:
    key = reading.sandbox.comment_as_person(reading.page, "a")
    reading.sandbox.allow("emails", False)

    with pytest.raises(ConfigError, match="“Read comments”"):
        reading.source().fetch("comment", key)


# The whole


def test_the_check_names_the_databases(reading: Reading) -> None:
    assert reading.source().check() == ("Databases: none",)
    reading.table("Tâches", SMALL)
    assert reading.source().check() == ("Databases: Tâches",)


@pytest.mark.parametrize("doing", [lambda s: list(s.read("zebra", None)), lambda s: s.fetch("zebra", "k")])
def test_a_stream_that_there_is_not_is_an_error(reading: Reading, doing: Any) -> None:
    with pytest.raises(RecordError, match="row, user, comment"):
        doing(reading.source())


def test_a_ring_of_notions_leads_to_the_record_as_it_is_now(reading: Reading) -> None:
    receiver = Receiver()
    source = reading.table("Tâches", SMALL)
    key = reading.row(source, "x")
    made = reading.sandbox.subscribe(receiver.url)
    webhook = NotionWebhook()

    def request(n: int, *secrets: str) -> WebhookRequest:
        _, body, signature = receiver.got[n]
        headers = {"x-notion-signature": signature}
        return WebhookRequest(url=receiver.url, headers=headers, body=body, secrets=secrets, now=reading.clock.at)

    handed = webhook.handshake(request(0))
    assert handed is not None
    assert handed.remember is not None
    assert reading.sandbox.confirm(made["id"], handed.remember)
    reading.sandbox.edit_as_person(key, {"Fait": True})
    comment = reading.sandbox.comment_as_person(key, "Fini")
    reading.sandbox.trash_as_person(key)
    reading.sandbox.deliver_webhooks()
    receiver.close()

    heard = set()
    for n in range(1, len(receiver.got)):
        webhook.verify(request(n, handed.remember))
        heard |= {(event.type, event.stream, event.key) for event in webhook.parse(receiver.got[n][1])[1]}
    assert heard == {
        ("page.properties_updated", "row", key),
        ("comment.created", "comment", comment),
        ("page.deleted", "row", key),
    }
    assert only(reading.source(), "row", key).deleted


def test_the_live_connector_reads_what_the_business_follows(reading: Reading) -> None:
    ours, theirs = reading.table("Une", SMALL), reading.table("Autre", SMALL)
    key = reading.row(ours, "x")
    reading.row(theirs, "y")
    settings = NotionSettings.model_validate({"api_key": TOKEN, "base_url": reading.url, "webhook_secrets": "a, b,"})
    context = Context(limiter=Limits(), now=reading.clock, follow=(ours,))

    with SPEC.connect(settings, context) as live:
        assert live.source is not None
        assert keys(live.source.read("row", None)) == [key]
        assert live.directory is not None
        assert live.templates is not None
        assert live.templates.templates() == []
    assert [one.get_secret_value() for one in settings.webhook_secrets] == ["a", "b"]
    assert set(SPEC.kinds) == set(SPEC.streams)


def test_every_answer_that_the_source_reads_is_as_notion_describes_it(reading: Reading) -> None:
    key = reading.row(reading.table(), "x")
    comment = reading.sandbox.comment_as_person(key, "a")
    reading.judged.clear()
    hub = reading.source()

    list(hub.read("row", None)), list(hub.read("user", None)), list(hub.changes(Cursor(NOW)))
    hub.fetch("row", key), hub.fetch("comment", comment)

    assert {"page_or_data_source list", "user list", "page", "comment", "user"} <= set(reading.judged)
