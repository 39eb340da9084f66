"""Answers in the store: each taken once, what they leave to do, what the planner remembers of them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

from hub.store import answers
from hub.store.answers import AnswerRow
from hub.store.database import Store
from tests.store.conftest import NOW

MINUTE = timedelta(minutes=1)
DONE = AnswerRow(
    id="a1",
    job="deadlines",
    reader="lea",
    task="asana/task/1",
    due="2026-03-20",
    what="done",
    value="",
    via="link",
    given_at=NOW,
)


def snooze(id_: str, until: str, at: int = 0, task: str = DONE.task, reader: str = "lea") -> AnswerRow:
    return replace(DONE, id=id_, what="snooze", value=until, given_at=NOW + at * MINUTE, task=task, reader=reader)


def test_an_answer_is_taken_once_and_stays_as_it_was_given(store: Store) -> None:
    with store.write() as conn:
        assert answers.give(conn, "b", DONE)
        assert not answers.give(conn, "b", replace(DONE, what="drop", reader="claire"))
        assert answers.get(conn, "b", "a1") == DONE
        assert answers.give(conn, "other", DONE)
        assert answers.get(conn, "b", "a2") is None


def test_of_two_at_the_same_instant_one_is_taken(store: Store) -> None:
    taken, start = [], threading.Barrier(8)

    def give(number: int) -> None:
        start.wait()
        with store.write() as conn:
            taken.append(answers.give(conn, "b", replace(DONE, reader=f"reader {number}")))

    threads = [threading.Thread(target=give, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True]


def test_what_changes_something_waits_until_it_is_settled(store: Store) -> None:
    later = replace(DONE, id="a0", what="reassign", value="marc", given_at=NOW + MINUTE)
    with store.write() as conn:
        for each in (later, DONE, snooze("a3", "2026-04-01"), replace(DONE, id="a4", job="other")):
            assert answers.give(conn, "b", each)
        assert answers.waiting(conn, "b", "deadlines") == [DONE, later]
        answers.settle(conn, "b", "a1", "done", None, NOW + MINUTE)
        answers.settle(conn, "b", "a0", "refused", "she left", NOW + MINUTE)
        answers.settle(conn, "b", "a0", "done", None, NOW + 2 * MINUTE)
        assert answers.waiting(conn, "b", "deadlines") == []
        settled = answers.get(conn, "b", "a0")
        assert settled == replace(later, state="refused", note="she left", settled_at=NOW + MINUTE)
        assert answers.waiting(conn, "other", "deadlines") == []


def test_what_only_the_hub_remembers_is_settled_at_once(store: Store) -> None:
    with store.write() as conn:
        answers.give(conn, "b", snooze("a1", "2026-04-01"))
        answers.give(conn, "b", replace(DONE, id="a2", what="not_mine"))
        assert answers.waiting(conn, "b", "deadlines") == []
        kept = [answers.get(conn, "b", id_) for id_ in ("a1", "a2")]
        assert [(each.state, each.settled_at) for each in kept if each] == [("done", NOW)] * 2


def test_the_last_snooze_of_each_reader_counts(store: Store) -> None:
    with store.write() as conn:
        answers.give(conn, "b", snooze("a1", "2026-04-20", at=1))
        answers.give(conn, "b", snooze("a2", "2026-04-01", at=2))
        answers.give(conn, "b", snooze("a3", "2026-05-01", at=0))
        answers.give(conn, "b", snooze("a4", "2026-03-25", reader="obm"))
        answers.give(conn, "other", snooze("a5", "2026-07-01", at=9))
        assert answers.snoozes(conn, "b", "deadlines") == {
            (DONE.task, "lea"): (date(2026, 4, 1), "2026-03-20"),
            (DONE.task, "obm"): (date(2026, 3, 25), "2026-03-20"),
        }
        assert answers.snoozes(conn, "b", "another") == {}


def test_not_mine_names_the_task_the_reader_and_the_due_value(store: Store) -> None:
    with store.write() as conn:
        answers.give(conn, "b", replace(DONE, what="not_mine"))
        assert answers.not_mine(conn, "b", "deadlines") == {("asana/task/1", "lea", "2026-03-20")}
        assert answers.not_mine(conn, "other", "deadlines") == frozenset()


def test_answers_are_listed_for_people(store: Store) -> None:
    reply = replace(DONE, id="m1/2", via="reply", given_at=NOW + MINUTE)
    other = replace(DONE, id="a9", task="trello/card/7", given_at=NOW + 2 * MINUTE, job="other")
    with store.write() as conn:
        for each in (DONE, reply, other):
            answers.give(conn, "b", each)
        assert answers.listing(conn, "b") == [other, reply, DONE]
        assert answers.listing(conn, "b", job="deadlines", limit=1) == [reply]
        assert answers.about(conn, "b", DONE.task) == [DONE, reply]
        assert answers.given(conn, "b", "deadlines") == {"m1/2"}
