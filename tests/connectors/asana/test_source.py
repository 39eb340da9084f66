"""Reading Asana: everything, once, complete; one record like all; what changed, without losing anything."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from connectors.asana.client import AsanaClient
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.kinds import problems
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event
from tests.connectors.asana.conftest import World, at


def full_task(world: World) -> str:
    """A task that uses all that a task can have."""
    box, project = world.sandbox, world.project
    box.add_field(project, "Budget", "number", precision=2)
    box.add_field(project, "Phase", "enum", ["Devis", "Signé"])
    box.add_field(project, "Canaux", "multi_enum", ["Mail", "Zoom"])
    box.add_field(project, "Signature", "date")
    box.add_field(project, "Équipe", "people")
    box.add_field(project, "Code", "text")
    box.add_field(project, "Hub", "text")
    fields = {
        "Budget": 12.5,
        "Phase": "Signé",
        "Canaux": ["Mail", "Zoom"],
        "Signature": {"date": "2026-12-01"},
        "Équipe": ["Claire Dupont"],
        "Hub": "client-7",
    }
    return box.add_task(
        project,
        "Envoyer le contrat",
        section="Fait",
        notes="Deux pages",
        due_at="2026-11-25T16:30:00Z",
        start_on="2026-11-20",
        assignee=box.owner,
        tags=[box.add_tag("urgent")],
        fields=fields,
    )


def test_a_task_carries_everything_that_asana_says_of_it(world: World) -> None:
    gid = full_task(world)

    record = world.read("task")[gid]

    assert problems("task", record.fields, whole=True) == []
    assert dict(record.fields) == {
        "title": "Envoyer le contrat",
        "notes": "Deux pages",
        "due": at("2026-11-25T16:30:00"),
        "start": date(2026, 11, 20),
        "done": False,
        "done_at": None,
        "assignees": ({"key": world.sandbox.owner, "name": "Claire Dupont", "email": "claire@example.com"},),
        "section": "Fait",
        "places": ({"key": world.project, "name": "Clients"},),
        "parent": None,
        "labels": ("urgent",),
        "url": f"https://app.asana.com/1/{world.sandbox.home}/project/{world.project}/task/{gid}",
        "created_at": record.at,
        "edited_at": record.at,
        "properties": {
            "Budget": Decimal("12.5"),
            "Phase": "Signé",
            "Canaux": ("Mail", "Zoom"),
            "Signature": date(2026, 12, 1),
            "Équipe": ({"key": world.sandbox.owner, "name": "Claire Dupont", "email": "claire@example.com"},),
            "Code": None,
        },
        "subtype": "default_task",
        "hub_key": "client-7",
    }


def test_a_day_stays_a_day_and_an_hour_an_hour(world: World) -> None:
    day = world.sandbox.add_task(world.project, "jour", due_on="2026-11-25")
    hour = world.sandbox.add_task(world.project, "heure", due_at="2026-11-25T23:30:00+02:00")

    found = world.read("task")

    assert found[day].fields["due"] == date(2026, 11, 25)
    assert found[hour].fields["due"] == at("2026-11-25T21:30:00")


def test_every_page_and_every_level_of_subtasks_is_read(world: World) -> None:
    made = [world.sandbox.add_task(world.project, f"tâche {number}") for number in range(230)]
    child = world.sandbox.add_task(None, "partie", parent=made[5])
    grandchild = world.sandbox.add_task(None, "partie de partie", parent=child)

    found = world.read("task")

    assert set(found) == {*made, child, grandchild}
    assert found[grandchild].fields["parent"] == child
    assert world.sandbox.calls.counts["GET", "/api/1.0/tasks"] == 3


def test_a_task_of_two_followed_projects_comes_once_with_the_section_of_the_first(world: World) -> None:
    other = world.sandbox.add_project("Équipe", sections=("Semaine",))
    gid = world.sandbox.add_task(world.project, "partagée", section="Fait")
    world.sandbox.move_task(gid, other)

    both = world.read("task", world.project, other)
    one = world.read("task", other)

    assert both[gid].fields["section"] == "Fait"
    assert one[gid].fields["section"] == "Semaine"
    assert [place["name"] for place in both[gid].fields["places"]] == ["Clients", "Équipe"]  # type: ignore


@pytest.mark.parametrize("everything", [True, False])
def test_fetch_gives_what_read_gives(world: World, everything: bool) -> None:
    gid = full_task(world)
    world.sandbox.add_task(None, "partie", parent=gid)
    world.sandbox.add_user("Nora", "nora@example.com")
    source = world.source(everything=everything)

    for stream in ("task", "user", "project"):
        found = world.read(stream, everything=everything)
        assert found
        for key, record in found.items():
            assert source.fetch(stream, key) == (record,)


def test_what_is_gone_or_followed_no_longer_counts_as_deleted(world: World) -> None:
    gone = world.sandbox.add_task(world.project, "jetée")
    out = world.sandbox.add_task(world.project, "sortie")
    part = world.sandbox.add_task(None, "partie", parent=out)
    other = world.sandbox.add_project("Privé")
    source = world.source()
    assert not source.fetch("task", part)[0].deleted

    world.sandbox.delete_task(gone)
    world.sandbox.move_task(out, other)
    world.sandbox.take_task_out(out, world.project)

    for key in (gone, out, part, "../users/me", ""):
        (record,) = source.fetch("task", key)
        assert (record.key, record.deleted, dict(record.fields)) == (key, True, {})
    assert source.fetch("project", other)[0].deleted
    assert source.fetch("user", "42")[0].deleted


def test_a_read_that_goes_on_from_a_cursor_skips_nothing(world: World) -> None:
    other = world.sandbox.add_project("Équipe")
    first = [world.sandbox.add_task(world.project, f"a{number}") for number in range(150)]
    second = [world.sandbox.add_task(other, f"b{number}") for number in range(150)]
    source = world.source(world.project, other)

    pages = list(source.read("task", None))
    assert all(page.cursor is not None for page in pages)

    for stopped in range(len(pages)):
        stored = {record.key for page in pages[: stopped + 1] for record in page.records}
        rest = {record.key for page in source.read("task", pages[stopped].cursor) for record in page.records}
        assert stored | rest == {*first, *second}
    assert list(source.read("task", pages[-1].cursor)) == []


def test_a_read_that_breaks_off_is_an_error(world: World) -> None:
    for number in range(150):
        world.sandbox.add_task(world.project, f"tâche {number}")
    pages = world.source().read("task", None)
    next(pages)
    world.sandbox.faults.add("GET", "/api/1.0/tasks", "truncated")

    with pytest.raises(TransientError):
        list(pages)


def test_a_task_of_unknown_shape_is_named_and_the_others_are_given(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = world.sandbox.add_task(world.project, "étrange")
    good = world.sandbox.add_task(world.project, "bonne")
    real = AsanaClient.pages

    def pages(self: AsanaClient, path: str, **params: object) -> object:
        for rows in real(self, path, **params):
            yield [{**row, "tags": None} if row["gid"] == odd else row for row in rows]

    monkeypatch.setattr(AsanaClient, "pages", pages)
    given = world.source().read("task", None)
    first, second = next(given), next(given)

    assert [record.key for record in first.records] == [good]
    assert (first.cursor, second.cursor) == (None, None)
    with pytest.raises(RecordError, match=odd):
        next(given)


def test_people_and_projects_are_read(world: World) -> None:
    nora = world.sandbox.add_user("Nora", "nora@example.com")
    world.sandbox.change_project(world.project, notes="Tout sur les clients", due_on="2026-12-31")

    person = world.read("user")[nora]
    project = world.read("project")[world.project]

    assert (dict(person.fields), problems("person", person.fields, whole=True)) == (
        {"name": "Nora", "email": "nora@example.com"},
        [],
    )
    assert project.fields["due"] == date(2026, 12, 31)
    assert project.fields["notes"] == "Tout sur les clients"
    assert project.fields["workspace"] == "Sandbox"


def test_without_names_all_projects_that_are_not_archived_are_followed(world: World) -> None:
    kept = world.sandbox.add_task(world.project, "vue")
    old = world.sandbox.add_project("2019", archived=True)
    hidden = world.sandbox.add_task(old, "vieille")

    assert set(world.read("task", everything=True)) == {kept}
    assert world.source(everything=True).fetch("task", hidden)[0].deleted


def test_a_followed_project_that_is_gone_is_named(world: World) -> None:
    world.sandbox.change_project(world.project, deleted=True)

    for work in (lambda: world.read("task"), lambda: world.read("project"), lambda: world.source().check()):
        with pytest.raises(ConfigError, match=world.project):
            work()


def test_check_says_whose_key_it_is_and_what_is_followed(world: World) -> None:
    assert world.source().check() == (
        "Key of Claire Dupont (claire@example.com)",
        "Workspace: Sandbox",
        "Project: Clients",
    )


def test_an_unknown_stream_is_refused(world: World) -> None:
    with pytest.raises(RecordError, match="goal"):
        list(world.source().read("goal", None))
    with pytest.raises(RecordError, match="goal"):
        world.source().fetch("goal", "1")


def catch_up(world: World, cursor: Cursor, *follow: str) -> tuple[list[Event], Cursor]:
    events: list[Event] = []
    for found, after in world.source(*follow).changes(cursor):
        events += found
        cursor = after
    return events, cursor


def start(world: World, *follow: str) -> Cursor:
    ((events, cursor),) = list(world.source(*follow).changes(None))
    assert list(events) == []
    return cursor


def test_changes_are_told_once_for_each_record_and_then_no_more(world: World) -> None:
    task = world.sandbox.add_task(world.project, "une")
    gone = world.sandbox.add_task(world.project, "deux")
    said = world.sandbox.add_task(world.project, "trois")
    cursor = start(world)
    world.sandbox.double = True
    world.sandbox.edit_task(task, name="autre", due_on="2026-12-01")
    world.sandbox.delete_task(gone)
    world.sandbox.add_comment(said, "bonjour")
    world.sandbox.change_project(world.project, name="Clientes")

    events, cursor = catch_up(world, cursor)

    assert [(event.stream, event.key) for event in events] == [
        ("task", task),
        ("task", gone),
        ("task", said),
        ("project", world.project),
    ]
    assert catch_up(world, cursor)[0] == []


def test_more_than_a_hundred_events_are_told_to_the_end_and_each_cursor_is_safe(world: World) -> None:
    cursor = start(world)
    made = [world.sandbox.add_task(world.project, f"tâche {number}") for number in range(130)]

    batches = list(world.source().changes(cursor))

    assert len(batches) > 2
    for done in range(len(batches)):
        told = {event.key for events, _ in batches[:done] for event in events}
        where = batches[done - 1][1] if done else cursor
        told |= {event.key for event in catch_up(world, where)[0]}
        assert told >= set(made)


def test_the_cursor_moves_only_past_events_that_were_handed_out(world: World) -> None:
    other = world.sandbox.add_project("Équipe")
    cursor = start(world, world.project, other)
    first = world.sandbox.add_task(world.project, "une")
    second = world.sandbox.add_task(other, "deux")

    changes = world.source(world.project, other).changes(cursor)
    events, half = next(changes)
    changes.close()  # type: ignore[attr-defined]

    assert [event.key for event in events] == [first]
    assert json.loads(half)[other] == json.loads(cursor)[other]
    assert [event.key for event in catch_up(world, half, world.project, other)[0]] == [second]


@pytest.mark.parametrize("how", ["forgotten", "old"])
def test_a_token_that_asana_no_longer_knows_is_an_expired_cursor(world: World, how: str) -> None:
    cursor = start(world)
    if how == "forgotten":
        world.sandbox.expire_syncs()
    else:
        world.sandbox.advance(25 * 3600)

    with pytest.raises(CursorExpired):
        list(world.source().changes(cursor))


def test_a_project_that_is_followed_anew_is_read_whole(world: World) -> None:
    other = world.sandbox.add_project("Équipe")
    cursor = start(world)

    with pytest.raises(CursorExpired, match=other):
        list(world.source(world.project, other).changes(cursor))
    assert catch_up(world, start(world, world.project, other))[0] == []


def test_events_of_subtasks_reach_the_project(world: World) -> None:
    task = world.sandbox.add_task(world.project, "une")
    part = world.sandbox.add_task(None, "partie", parent=task)
    cursor = start(world)

    world.sandbox.edit_task(part, completed=True)

    assert {event.key for event in catch_up(world, cursor)[0]} == {part}
