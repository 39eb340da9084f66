"""Answers about tasks, carried out at Asana, Trello and Notion in small; and replies by mail, taken once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors import registry
from connectors.notion.sandbox.control import TOKEN, WORKSPACE
from hub.answer_token import reply_token
from hub.core.errors import TransientError
from hub.core.kinds import problems
from hub.core.types import Record, Value
from hub.engine import answering, backfill
from hub.engine.answering import Worked, actions_of, key_of
from hub.engine.apply import Applied, Applier
from hub.engine.made import Made
from hub.engine.opening import Opening
from hub.engine.post import message_id
from hub.engine.replying import Replies, forward_key, take_replies
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob, Sending
from hub.mapping.loader import Configured
from hub.mapping.model import Business
from hub.planning.alerts.readers import reader_of
from hub.planning.alerts.steps import due_text
from hub.planning.alerts.tasks import tasks_of
from hub.planning.alerts.types import Task
from hub.planning.history import Mirror
from hub.planning.plan import Plan, View
from hub.store import answers, changes, ledger, mails
from hub.store.answers import AnswerRow
from hub.store.database import Store, open_store
from hub.store.mails import MailRow
from tests.databases import migrated
from tests.sync.world import Boxes, boxes, keys

LILA, JOB = "lila", "deadlines"
KEY = base64.urlsafe_b64encode(bytes(range(32)))
PEOPLE = {
    "obm": {"name": "Claire", "email": "claire@example.com"},
    "lea": {"name": "Léa", "email": "lea@example.com", "asana": "Léa Martin", "trello": "leamartin"},
    "marc": {"name": "Marc", "email": "marc@example.com"},
    "zoe": {"name": "Zoé", "email": "zoe@example.com"},
}
COLUMNS: dict[str, Any] = {
    "Sujet": {"title": {}},
    "Pour le": {"date": {}},
    "Qui": {"people": {}},
    "Nom": {"rich_text": {}},
    "Statut": {"status": {}},
    "Étape": {"select": {"options": [{"name": "Fait"}, {"name": "En cours"}]}},
    "Fini": {"checkbox": {}},
}


@pytest.fixture(scope="module")
def served() -> Iterator[Boxes]:
    with boxes() as made:
        for name, email in (("Léa Martin", "lea@example.com"), ("Marc", "marc@example.com")):
            made.asana.add_user(name, email)
        for name, email in (("Léa", "lea@example.com"), ("Marc", "marc@example.com")):
            made.notion.add_person(name, email)
            made.trello.add_member(name, {"Léa": "leamartin", "Marc": "marc"}[name])
        yield made


@dataclass
class House:
    """A business whose tasks stand at all three, and the three as people see them."""

    boxes: Boxes
    store: Store
    runtime: Runtime
    job: DeadlineJob
    project: str
    board: str
    table: str

    def read(self, *only: str) -> None:
        """Read all three, or only some, whole."""
        for connection in only or self.runtime.sources():
            backfill.backfill(self.runtime, connection, again=True)

    def seen(self, conn: Any) -> Mirror:
        kinds = {(name, s): kind for name, spec in self.runtime.specs.items() for s, kind in spec.kinds.items()}
        ids = {(where, name): self.runtime.thing(where, name) for where, name in self.job.follows}
        return Mirror(view=self.runtime.view(conn), kinds=kinds, ids=ids)

    def tasks(self) -> dict[str, Task]:
        with self.store.read() as conn:
            return {task.id: task for task in tasks_of(self.job, self.runtime.business, self.seen(conn)).found}

    def task(self, title: str) -> Task:
        return next(task for task in self.tasks().values() if task.title == title)

    def answer(self, task: Task, what: str = "done", value: str = "", **more: Any) -> AnswerRow:
        """An answer by a link, kept."""
        with self.store.write() as conn:
            number = len(answers.listing(conn, LILA))
            row = AnswerRow(
                id=f"a{number}",
                job=JOB,
                reader="lea",
                task=task.id,
                due=due_text(task.due),
                what=what,  # type: ignore[arg-type]
                value=value,
                via="link",
                given_at=self.runtime.now(),
            )
            row = replace(row, **more)
            assert answers.give(conn, LILA, row)
        return row

    def worked(self) -> Worked:
        with self.store.read() as conn:
            waiting = answers.waiting(conn, LILA, JOB)
            return actions_of(conn, self.runtime, self.job, waiting, self.tasks(), self.seen(conn))

    def carried_out(self) -> Applied:
        worked, runtime = self.worked(), self.runtime
        made = Made(
            plan=Plan(business=LILA, job=JOB, at=runtime.now(), actions=worked.actions),
            known={},
            homes=worked.homes,
            row=lambda action: worked.todo[action.key].row,
            remember=lambda conn, action, _ref: self._remember(conn, worked, action),
            settle=lambda conn: answering.settle(conn, runtime, worked),
        )
        applied = Applier(runtime, made, None).apply()
        with self.store.write() as conn:
            made.settle(conn)
        return applied

    def _remember(self, conn: Any, worked: Worked, action: Any) -> None:
        assert answering.remember(conn, self.runtime, worked, action)

    def became(self, row: AnswerRow) -> tuple[str, str | None]:
        with self.store.read() as conn:
            found = answers.get(conn, LILA, row.id)
        assert found is not None
        return found.state, found.note

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["Sujet"]: row for row in self.boxes.notion.rows(self.table)}


def a_table(served: Boxes, title: str) -> str:
    page = served.notion.share_page(f"Page of {title}", WORKSPACE)
    answer = httpx.post(
        f"{served.urls['notion']}/v1/databases",
        headers={"Authorization": f"Bearer {TOKEN}", "Notion-Version": "2026-03-11"},
        json={
            "parent": {"type": "page_id", "page_id": page},
            "title": [{"text": {"content": title}}],
            "initial_data_source": {"properties": COLUMNS},
        },
    )
    return str(answer.raise_for_status().json()["data_sources"][0]["id"])


@pytest.fixture
def house(served: Boxes, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """`request.param`: what the line of the Notion database says of its properties."""
    served.skip(60)  # the providers' limits are of each test
    mark = tmp_path.name
    project = served.asana.add_project(f"Lancement {mark}")
    board = served.trello.add_board(f"Calendrier {mark}")
    table = a_table(served, f"À faire {mark}")
    notion = {"assignee": "Qui", "done": {"Statut": "Done"}} | getattr(request, "param", {})
    notion = {name: value for name, value in notion.items() if value is not None}
    said = {
        "hub": 1,
        "job": "deadline_alerts",
        "name": JOB,
        "says": "Warn the right person.",
        "watch": [
            {"from": "asana", "project": f"Lancement {mark}"},
            {"from": "trello", "board": f"Calendrier {mark}"},
            {"from": "notion", "database": f"À faire {mark}", "title": "Sujet", "due": "Pour le", **notion},
        ],
        "alerts": [{"name": "today", "when": "on the day", "tell": "assignee"}],
    }
    names = ("asana", "trello", "notion")
    business = Business.model_validate(
        {
            "hub": 1,
            "business": "Atelier Lila",
            "key": LILA,
            "language": "fr",
            "people": PEOPLE,
            "connections": {name: {} for name in names},
        }
    )
    job = DeadlineJob.model_validate(said)
    specs = {name: registry.load(name) for name in names}
    built = {name: specs[name].settings.model_validate(keys(served)[name]) for name in names}
    item = Configured(business, (job,), tmp_path)
    with open_store(migrated(tmp_path)) as store:
        opening = Opening(store, item, specs, built.__getitem__, served.clock)
        runtime = Runtime(
            store,
            business,
            item.jobs,
            specs,
            opening,
            served.clock,
            followed=opening.followed,
            thing=opening.thing,
        )
        try:
            yield House(served, store, runtime, job, project, board, table)
        finally:
            runtime.close()


def filled(house: House, *only: str) -> None:
    """Léa has one task at each of the three (or only at some), all due on the same day."""
    used = only or ("asana", "trello", "notion")
    if "asana" in used:
        lea = _user(house, "Léa Martin")
        house.boxes.asana.add_task(house.project, "Page de vente", due_on="2026-03-20", assignee=lea)
    if "trello" in used:
        for key, member in house.boxes.trello.members.items():
            if member["username"] in ("leamartin", "marc"):
                house.boxes.trello.invite(house.board, key)
        house.boxes.trello.add_card(house.board, "Billet", due="2026-03-20T16:00:00.000Z")
    if "notion" in used:
        house.boxes.notion.add_row_as_person(house.table, {"Sujet": "Facture", "Pour le": "2026-03-20"})
    house.read(*only)


def _user(house: House, name: str) -> str:
    return next(each.gid for each in house.boxes.asana.world.users.values() if each.name == name)


TITLES = ("Page de vente", "Billet", "Facture")


# Done, and given to somebody else


def test_done_ticks_the_task_off_at_its_provider_once(house: House) -> None:
    filled(house)
    given = [house.answer(house.task(title)) for title in TITLES]

    applied = house.carried_out()

    assert (applied.done, applied.problems) == (3, [])
    (task,) = house.boxes.asana.tasks(house.project)
    assert task["completed"] is True
    (card,) = (each for each in house.boxes.trello.cards.values() if each["name"] == "Billet" and _on(house, each))
    assert card["dueComplete"] is True
    assert house.rows()["Facture"]["Statut"] == "Done"
    assert [house.became(each) for each in given] == [("done", None)] * 3
    assert all(house.task(title).done for title in TITLES), "the mirror has it at once"
    with house.store.read() as conn:
        assert [ledger.entry(conn, LILA, key_of(JOB, each)).state for each in given] == ["done"] * 3  # type: ignore[union-attr]
        assert sum(each.count for each in changes.waiting(conn, LILA).values()) == 3, (
            "each is read again, for what only its provider knows"
        )
    assert house.worked().actions == ()
    house.read()
    assert all(house.task(title).done for title in TITLES), "and so has the provider"


def _on(house: House, card: dict[str, Any]) -> bool:
    return house.boxes.trello.lists[card["idList"]]["idBoard"] == house.board


def test_a_task_is_given_to_somebody_else_at_its_provider(house: House) -> None:
    filled(house)
    given = [house.answer(house.task(title), "reassign", "marc") for title in TITLES]

    assert house.carried_out().problems == []
    assert [house.became(each) for each in given] == [("done", None)] * 3
    house.read()
    assert [house.task(title).assignees for title in TITLES] == [("marc",)] * 3
    assert [house.task(title).strangers for title in TITLES] == [()] * 3
    assert not any(house.task(title).done for title in TITLES)


@pytest.mark.parametrize(
    ("house", "column", "value"),
    [
        ({"done": {"Fini": "yes"}}, "Fini", True),
        ({"done": {"Étape": "fait"}}, "Étape", "Fait"),
        ({"done": {"Statut": "Done", "Fini": "yes"}}, "Fini", True),
        ({"done": None}, "Statut", "Done"),
    ],
    indirect=["house"],
    ids=["a checkbox", "an option, whatever its capitals", "two properties", "the only status"],
)
def test_a_database_is_ticked_off_as_its_line_in_the_mapping_says(house: House, column: str, value: Value) -> None:
    filled(house, "notion")
    house.boxes.notion.edit_as_person(house.rows()["Facture"]["id"], {"Statut": "Not started", "Étape": "En cours"})
    house.boxes.notion.add_row_as_person(house.table, {"Sujet": "Devis", "Étape": "Fait"})
    house.read("notion")
    row = house.answer(house.task("Facture"))
    assert house.carried_out().problems == []
    assert house.rows()["Facture"][column] == value
    assert house.became(row) == ("done", None)
    assert house.task("Facture").done
    house.read("notion")
    assert house.task("Facture").done


@pytest.mark.parametrize("house", [{"assignee": "Nom"}], indirect=True)
def test_a_person_who_is_kept_as_text_is_written_by_her_name(house: House) -> None:
    filled(house, "notion")
    house.answer(house.task("Facture"), "reassign", "lea")
    assert house.carried_out().problems == []
    assert house.rows()["Facture"]["Nom"] == "Léa"
    assert house.task("Facture").assignees == ("lea",)


@pytest.mark.parametrize(
    ("house", "what", "why"),
    [
        ({"assignee": None}, "reassign", "assignee:"),
        ({"done": {"Statut": "Fin"}}, "done", "n'a pas l'option"),
        ({"done": {"Qui": "Léa"}}, "done", "ne peut pas contenir"),
        ({"done": {"Fini": "oui"}}, "done", "ne peut pas contenir"),
    ],
    indirect=["house"],
)
def test_what_cannot_be_written_is_refused_with_the_reason(house: House, what: str, why: str) -> None:
    filled(house, "notion")
    row = house.answer(house.task("Facture"), what, "marc")
    assert house.carried_out().done == 0
    state, note = house.became(row)
    assert state == "refused"
    assert why in str(note)


# What has become pointless


def test_an_answer_that_the_world_overtook_is_settled_with_a_note(house: House) -> None:
    filled(house, "asana", "trello")
    task, card = house.task("Page de vente"), house.task("Billet")
    moved = house.answer(replace(task, due=date(2026, 3, 19)))
    dateless = house.answer(replace(task, due=None))
    hers = house.answer(task, "reassign", "lea")
    nobody = house.answer(task, "reassign", "ancienne")
    gone = house.answer(replace(task, id="asana/task/1"))
    house.boxes.trello.edit_card(card.key, dueComplete=True)
    house.read("asana", "trello")
    done, late = house.answer(card), house.answer(card, "reassign", "marc")

    assert house.worked().actions == ()
    house.carried_out()
    assert house.became(moved) == ("refused", "la date de la tâche a changé entre-temps")
    assert house.became(dateless)[0] == "refused"
    assert house.became(hers) == ("done", "la tâche était déjà confiée à Léa")
    assert house.became(nobody) == ("refused", "ancienne n'est plus dans business.yaml")
    assert house.became(gone) == ("refused", "la tâche n'est plus là")
    assert house.became(done) == ("done", "la tâche était déjà terminée")
    assert house.became(late) == ("refused", "la tâche était déjà terminée")


def test_of_two_answers_about_a_task_one_is_carried_out(house: House) -> None:
    filled(house, "asana", "trello")
    task = house.task("Page de vente")
    first, second = house.answer(task, "reassign", "obm"), house.answer(task, "reassign", "marc")
    one, two = house.answer(house.task("Billet")), house.answer(house.task("Billet"), reader="obm")
    assert house.carried_out().done == 2
    assert house.became(first) == ("refused", "une réponse plus récente dit autre chose")
    assert house.became(second) == ("done", None)
    house.carried_out()
    assert {house.became(each) for each in (one, two)} == {("done", None), ("done", "la tâche était déjà terminée")}


def test_an_answer_waits_while_its_provider_is_away_and_holds_nobody_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(house, "asana", "notion")
    invoice, page = house.answer(house.task("Facture")), house.answer(house.task("Page de vente"))

    def away(*_: object) -> Any:
        raise TransientError("Notion does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(house.runtime, "columns", away)
        worked = house.worked()
    assert [each.answer for each in worked.todo.values()] == [page]
    assert worked.notes == ["« Facture » : la réponse attend, Notion does not answer"]
    assert worked.settled == []
    assert house.became(invoice) == ("waiting", None)
    assert house.carried_out().done == 2


def test_what_a_provider_refuses_again_and_again_is_given_up_with_its_reason(house: House) -> None:
    filled(house, "trello")
    row = house.answer(house.task("Billet"), "reassign", "zoe")  # who is not on the board
    for _ in range(answering.ATTEMPTS):
        assert house.became(row) == ("waiting", None)
        assert house.carried_out().done == 0
    house.carried_out()
    state, note = house.became(row)
    assert state == "refused"
    assert "not a member of the Trello board" in str(note)


def test_what_people_asked_for_is_never_abnormal(house: House) -> None:
    filled(house, "trello")
    house.answer(house.task("Billet"))
    worked = house.worked()
    assert list(worked.expected.values()) == [True]
    assert worked.tasks == {house.task("Billet").id}
    assert worked.actions[0].why == "Léa a dit que c'est fait"
    assert worked.actions[0].title == "Billet"


# Replies

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
MAIL = f"{JOB}/digest/lea/2026-03-20/1a2b"
LINES = (
    {"task": "asana/task/1", "due": "2026-03-20", "step": "today", "title": "Page"},
    {"task": "", "due": "-", "step": "overloaded", "title": "Léa"},
    {"task": "trello/card/2", "due": "2026-03-20T16:00:00+00:00", "step": "today", "title": "Billet"},
)


@dataclass
class Post:
    """Mails that went out, and what came back."""

    store: Store

    def sent(self, key: str = MAIL, *, lines: tuple[Any, ...] = LINES, state: str = "done", **more: Any) -> None:
        row = MailRow(
            key=key,
            job=JOB,
            reader="lea",
            kind="digest",
            day="2026-03-20",
            address="lea@example.com",
            subject="2 tâches pour aujourd'hui",
            lines=lines,
            at=NOW - timedelta(hours=1),
            state="started",
        )
        with self.store.write() as conn:
            ledger.begin(conn, LILA, key, job=JOB, kind="send", summary="", run=None, now=NOW)
            mails.begin(conn, LILA, replace(row, **more), ())
            ending: dict[str, Callable[[], None]] = {
                "done": lambda: ledger.done(conn, LILA, key, None, NOW),
                "failed": lambda: ledger.failed(conn, LILA, key, "refused", NOW),
            }
            ending[state]()

    def take(self, *records: Record, to: Any = "obm", now: datetime = NOW) -> Replies:
        mirror = Mirror(view=View({("email", "message"): records}), kinds={("email", "message"): "message"})
        business = Business.model_validate({"hub": 1, "business": "Atelier Lila", "people": PEOPLE})
        reader = None if to is None else reader_of(to, business.people[to], business, Sending(), now)
        with self.store.read() as conn:
            return take_replies(conn, LILA, JOB, mirror, KEY, reader, now)


@pytest.fixture
def post(store: Store) -> Post:
    return Post(store)


def message(text: str, *, key: str = "<m1@x>#0a", to: str = MAIL, by: str = "lea@example.com", **more: Any) -> Record:
    fields: dict[str, Value] = {
        "from": {"name": "Léa", "email": by},
        "subject": "Re: 2 tâches",
        "text": text,
        "at": NOW,
        "answers_to": reply_token(KEY, LILA, to),
        **more,
    }
    assert problems("message", fields) == []
    return Record(stream="message", key=key, fields=fields, at=NOW)


def test_a_reply_that_says_done_is_an_answer_to_each_line_that_it_names(post: Post) -> None:
    post.sent()
    taken = post.take(message("fait 1 et 3"))
    assert taken.forwards == ()
    assert [(each.id, each.task, each.due, each.what, each.via, each.reader) for each in taken.answers] == [
        ("<m1@x>#0a#1", "asana/task/1", "2026-03-20", "done", "reply", "lea"),
        ("<m1@x>#0a#3", "trello/card/2", "2026-03-20T16:00:00+00:00", "done", "reply", "lea"),
    ]


@pytest.mark.parametrize(
    "named",
    [
        reply_token(KEY, LILA, MAIL).upper(),
        f"<{message_id(LILA, MAIL)}@example.com>",
        f"<{message_id(LILA, MAIL).upper()}@Example.com>",
    ],
)
def test_a_mail_is_found_by_its_word_in_capitals_or_by_its_message_id(post: Post, named: str) -> None:
    post.sent()
    post.sent("another")
    assert len(post.take(message("tout est fait", answers_to=named)).answers) == 2


def test_anything_else_is_forwarded_to_the_obm(post: Post) -> None:
    post.sent()
    (mail,) = post.take(message("Je suis malade\n\nLe 20 mars 2026, X a écrit :\n> 1. Page")).forwards
    assert (mail.kind, mail.to.key, mail.about) == ("forward", "obm", "2 tâches pour aujourd'hui")
    assert (mail.quoted, mail.sender, mail.key) == ("Je suis malade", "Léa", f"{JOB}/forward/<m1@x>#0a")
    (mail,) = post.take(message("fait 1", by="marc@example.com")).forwards
    assert mail.sender == "Léa (marc@example.com)"
    assert post.take(message("fait 2")).forwards != (), "that line is about no task"


def test_what_was_taken_is_not_taken_again(post: Post) -> None:
    post.sent()
    replies = (message("fait 1 et 3"), message("Je suis malade", key="<m2@x>#0b"))
    taken = post.take(*replies, replies[0])
    assert (len(taken.answers), len(taken.forwards)) == (2, 1)
    with post.store.write() as conn:
        for each in taken.answers:
            assert answers.give(conn, LILA, each)
    post.sent(forward_key(JOB, "<m2@x>#0b"), lines=(), kind="forward", reader="obm")
    assert post.take(*replies) == Replies()


def test_a_forward_that_did_not_go_out_is_tried_again(post: Post) -> None:
    post.sent()
    post.sent(forward_key(JOB, "<m1@x>#0a"), state="failed", lines=(), kind="forward", reader="obm")
    assert len(post.take(message("Je suis malade")).forwards) == 1


def test_other_mails_are_left_alone(post: Post) -> None:
    post.sent()
    post.sent("refused", state="failed")
    post.sent("of another job", job="other")
    post.sent("passed on", kind="forward")
    post.sent("a plan", kind="held")
    post.sent("old", at=NOW - timedelta(days=61))
    for to in ("refused", "of another job", "passed on", "a plan", "old", "never sent"):
        assert post.take(message("tout est fait", to=to)) == Replies()
    for named in (None, "", "<x@y>", "éé", "@", "<>"):
        assert post.take(message("tout est fait", answers_to=named)) == Replies()
    assert post.take(message("tout est fait"), now=NOW + timedelta(days=61)) == Replies()


def test_a_machine_s_reply_is_neither_taken_nor_forwarded(post: Post) -> None:
    post.sent()
    assert post.take(message("Je suis absente", automatic=True)) == Replies()
    assert post.take(message("fait 1", bounce={"recipient": "lea@example.com", "permanent": True})) == Replies()


def test_without_anybody_to_forward_to_it_is_said(post: Post) -> None:
    post.sent()
    assert "1 replies are not understood" in post.take(message("Je suis malade"), to=None).notes[0]
