from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hub.store import ledger
from hub.store.database import Store
from hub.store.ledger import Entry
from tests.store.conftest import NOW, Child, answers

SECOND = timedelta(seconds=1)


def begin(store: Store, key: str = "k", at: int = 0, run: int | None = None) -> Entry:
    with store.write() as conn:
        return ledger.begin(
            conn, "b", key, job="revenue", kind="create", summary="MRR March", run=run, now=NOW + at * SECOND
        )


def stored(store: Store, state: ledger.State) -> list[Entry]:
    with store.read() as conn:
        return ledger.listing(conn, "b", state)


def test_beginning_what_was_never_begun_says_so_and_marks_it_started(store: Store) -> None:
    before = begin(store, run=7)
    assert (before.state, before.attempts) == ("new", 0)
    assert stored(store, "started") == [
        Entry("k", "revenue", "create", "started", 1, None, None, NOW, None, 7, "MRR March")
    ]


def test_beginning_again_after_being_cut_short_shows_the_earlier_attempt(store: Store) -> None:
    begin(store)
    before = begin(store, at=60, run=8)
    assert (before.state, before.attempts, before.started_at) == ("started", 1, NOW)
    (entry,) = stored(store, "started")
    assert (entry.attempts, entry.started_at, entry.run) == (2, NOW + 60 * SECOND, 8)


def test_what_is_done_stays_done_however_often_it_is_begun(store: Store) -> None:
    begin(store)
    with store.write() as conn:
        ledger.done(conn, "b", "k", "page-1", NOW + SECOND)
    before = begin(store, at=60)
    assert (before.state, before.ref, before.attempts) == ("done", "page-1", 1)
    assert stored(store, "done") == [before]
    assert before.finished_at == NOW + SECOND


def test_what_is_uncertain_waits_for_a_person(store: Store) -> None:
    begin(store)
    with store.write() as conn:
        ledger.uncertain(conn, "b", "k", "no answer came", NOW + SECOND)
    before = begin(store, at=60)
    assert (before.state, before.error) == ("uncertain", "no answer came")
    assert stored(store, "uncertain") == [before]


def test_what_failed_is_begun_anew(store: Store) -> None:
    begin(store)
    with store.write() as conn:
        ledger.failed(conn, "b", "k", "refused", NOW + SECOND)
    assert begin(store, at=60).error == "refused"
    (entry,) = stored(store, "started")
    assert (entry.attempts, entry.error, entry.finished_at) == (2, None, None)


def test_a_person_says_that_it_happened(store: Store) -> None:
    begin(store)
    with store.write() as conn:
        ledger.uncertain(conn, "b", "k", "no answer came", NOW)
        assert ledger.settle(conn, "b", "k", True, NOW + SECOND)
    (entry,) = stored(store, "done")
    assert (entry.finished_at, entry.error) == (NOW + SECOND, None)


def test_a_person_says_that_it_did_not_happen_and_it_is_done_again(store: Store) -> None:
    begin(store)
    with store.write() as conn:
        ledger.uncertain(conn, "b", "k", "no answer came", NOW)
        assert ledger.settle(conn, "b", "k", False, NOW)
        assert ledger.counts(conn, "b") == {}
    assert begin(store, at=60).state == "new"


@pytest.mark.parametrize("happened", [True, False])
def test_only_what_is_uncertain_can_be_settled_by_a_person(store: Store, happened: bool) -> None:
    begin(store)
    with store.write() as conn:
        ledger.done(conn, "b", "k", "page-1", NOW)
        assert not ledger.settle(conn, "b", "k", happened, NOW)
        assert not ledger.settle(conn, "b", "none", happened, NOW)
        assert ledger.counts(conn, "b") == {"done": 1}


def test_nothing_is_finished_that_was_not_begun(store: Store) -> None:
    with store.write() as conn, pytest.raises(LookupError, match="no entry k"):
        ledger.done(conn, "b", "k", None, NOW)


def test_entries_are_listed_newest_first_and_counted_by_state(store: Store) -> None:
    for number in range(3):
        begin(store, f"k{number}", at=number)
    with store.write() as conn:
        ledger.done(conn, "b", "k0", None, NOW)
        assert [entry.key for entry in ledger.listing(conn, "b", "started", limit=1)] == ["k2"]
        assert ledger.counts(conn, "b") == {"started": 2, "done": 1}


def test_of_many_processes_that_begin_one_effect_only_one_finds_it_new(
    url: str, store: Store, children: Callable[..., list[Child]]
) -> None:
    new = [key for keys in answers(children(3, "begin_once", url, 40)) for key in keys]
    assert sorted(new) == sorted(f"k{number}" for number in range(40))
    assert {entry.attempts for entry in stored(store, "started")} == {3}
