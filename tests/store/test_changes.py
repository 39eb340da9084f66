from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hub.store import changes, connections, dead, jobs
from hub.store.changes import Waiting
from hub.store.database import Store
from tests.store.conftest import NOW, Child, answers

SECOND = timedelta(seconds=1)


def ring(store: Store, *keys: str, at: int = 0, connection: str = "stripe", business: str = "b") -> None:
    with store.write() as conn:
        changes.ring(conn, business, connection, [("invoice", key) for key in keys], NOW + at * SECOND)


def claim(store: Store, at: int = 0, owner: str = "me", limit: int = 100, exclude: tuple[str, ...] = ()) -> list[str]:
    with store.write() as conn:
        return [c.key for c in changes.claim(conn, "b", owner, NOW + at * SECOND, 30, limit, exclude)]


def test_a_record_that_rings_twice_waits_once_and_keeps_its_place(store: Store) -> None:
    ring(store, "late", at=1)
    ring(store, "early", at=0)
    ring(store, "early", at=5)
    with store.write() as conn:
        first, second = changes.claim(conn, "b", "me", NOW + 9 * SECOND, 30, 10)
    assert (first.key, first.seq, first.first_at, first.due_at) == ("early", 2, NOW, NOW + 5 * SECOND)
    assert (second.key, second.seq) == ("late", 1)


def test_the_oldest_come_first_and_no_more_than_asked(store: Store) -> None:
    for number, key in enumerate(("c", "a", "b")):
        ring(store, key, at=number)
    assert claim(store, at=9, limit=2) == ["c", "a"]
    assert claim(store, at=9) == ["b"]


def test_what_one_owner_holds_no_other_gets_until_the_lease_ends(store: Store) -> None:
    ring(store, "k")
    assert claim(store, owner="one") == ["k"]
    assert claim(store, at=29, owner="two") == []
    assert claim(store, at=30, owner="two") == ["k"]


def test_an_owner_that_lives_keeps_what_it_holds(store: Store) -> None:
    ring(store, "k")
    claim(store, owner="one")
    with store.write() as conn:
        changes.extend(conn, "one", NOW + 90 * SECOND)
    assert claim(store, at=60, owner="two") == []


def test_releasing_an_owner_frees_what_it_holds_and_nothing_else(store: Store) -> None:
    ring(store, "a", at=0)
    ring(store, "b", at=1)
    claim(store, at=1, owner="one", limit=1)
    claim(store, at=1, owner="two", limit=1)
    with store.write() as conn:
        changes.release(conn, "one")
    assert claim(store, at=2) == ["a"]


def test_a_settled_change_is_gone(store: Store) -> None:
    ring(store, "a", "b")
    with store.write() as conn:
        changes.settle(conn, changes.claim(conn, "b", "me", NOW, 30, 10))
        assert changes.waiting(conn, "b") == {}


def test_settling_keeps_a_change_that_rang_again_meanwhile(store: Store) -> None:
    ring(store, "quiet", "busy")
    with store.write() as conn:
        claimed = changes.claim(conn, "b", "me", NOW, 30, 10)
    ring(store, "busy", at=7)
    with store.write() as conn:
        changes.settle(conn, claimed)
        assert changes.waiting(conn, "b") == {"stripe": Waiting(1, NOW + 7 * SECOND)}
    assert claim(store, at=7, owner="another") == ["busy"]


def test_a_postponed_change_waits_for_its_instant_and_counts_its_attempts(store: Store) -> None:
    ring(store, "k")
    with store.write() as conn:
        (change,) = changes.claim(conn, "b", "me", NOW, 30, 10)
        changes.postpone(conn, change, NOW + 60 * SECOND, "busy")
    assert claim(store, at=59) == []
    with store.write() as conn:
        (again,) = changes.claim(conn, "b", "me", NOW + 60 * SECOND, 30, 10)
    assert (again.attempts, again.first_at) == (1, NOW)


def test_a_change_given_back_waits_as_before(store: Store) -> None:
    ring(store, "k")
    with store.write() as conn:
        (change,) = changes.claim(conn, "b", "me", NOW, 30, 10)
        changes.give_back(conn, change)
        assert changes.claim(conn, "b", "you", NOW, 30, 10) == [change]


def test_excluded_connections_are_left_alone(store: Store) -> None:
    ring(store, "s")
    ring(store, "n", connection="notion")
    assert claim(store, exclude=("stripe", "asana")) == ["n"]


def test_a_business_is_due_while_a_change_can_be_claimed(store: Store) -> None:
    with store.read() as conn:
        assert changes.businesses_due(conn, NOW) == []
        assert changes.next_due(conn, NOW) is None
    ring(store, "k", at=5)
    ring(store, "k", at=5, business="other")
    with store.read() as conn:
        assert changes.businesses_due(conn, NOW + 4 * SECOND) == []
        assert changes.next_due(conn, NOW) == NOW + 5 * SECOND
        assert sorted(changes.businesses_due(conn, NOW + 5 * SECOND)) == ["b", "other"]
        assert changes.next_due(conn, NOW + 8 * SECOND) == NOW + 8 * SECOND
    claim(store, at=5)
    with store.read() as conn:
        assert changes.businesses_due(conn, NOW + 6 * SECOND) == ["other"]
        assert sorted(changes.businesses_due(conn, NOW + 35 * SECOND)) == ["b", "other"]


def test_what_is_leased_is_due_next_when_the_lease_ends(store: Store) -> None:
    ring(store, "k")
    claim(store)
    with store.read() as conn:
        assert changes.next_due(conn, NOW) == NOW + 30 * SECOND


def test_a_paused_connection_makes_no_business_due(store: Store) -> None:
    ring(store, "k")
    with store.write() as conn:
        connections.pause(conn, "b", "stripe", "key refused", NOW)
        assert changes.businesses_due(conn, NOW) == []
        assert changes.next_due(conn, NOW) is None
        connections.resume(conn, "b", "stripe")
        assert changes.businesses_due(conn, NOW) == ["b"]


def test_a_business_is_due_while_a_job_is_to_be_planned(store: Store) -> None:
    with store.write() as conn:
        jobs.ensure(conn, "b", ["revenue"], NOW)
        assert changes.businesses_due(conn, NOW) == ["b"]
        assert changes.next_due(conn, NOW - SECOND) == NOW
        (turn,) = jobs.claim(conn, "b", "me", NOW, 30)
        assert changes.businesses_due(conn, NOW) == []
        jobs.settle(conn, turn, NOW)
        assert changes.businesses_due(conn, NOW + 99 * SECOND) == []


def test_two_claimers_in_two_processes_never_get_the_same_change(
    url: str, store: Store, children: Callable[..., list[Child]]
) -> None:
    keys = {f"in_{number}" for number in range(400)}
    ring(store, *keys)
    one, two = answers(children(2, "claim_all", url))
    assert len(one) + len(two) == len(keys)
    assert {*one, *two} == keys


def test_a_buried_change_waits_no_more_and_comes_back_when_asked(store: Store) -> None:
    ring(store, "bad", "worse")
    with store.write() as conn:
        for change in changes.claim(conn, "b", "me", NOW, 30, 10):
            dead.bury(conn, change, "no such record", NOW + SECOND)
        assert changes.waiting(conn, "b") == {}
        assert dead.count(conn, "b") == {"stripe": 2}
        letters = {letter.key: letter for letter in dead.listing(conn, "b")}
        bad = letters["bad"]
        assert (bad.connection, bad.stream, bad.reason, bad.attempts) == ("stripe", "invoice", "no such record", 1)
        assert dead.replay(conn, "other", NOW, bad.id) == 0
        assert dead.replay(conn, "b", NOW, bad.id) == 1
        assert [change.key for change in changes.claim(conn, "b", "me", NOW, 30, 10)] == ["bad"]
        assert dead.replay(conn, "b", NOW) == 1
        assert dead.count(conn, "b") == {}


def test_burying_keeps_a_change_that_rang_again_meanwhile(store: Store) -> None:
    ring(store, "k")
    with store.write() as conn:
        (change,) = changes.claim(conn, "b", "me", NOW, 30, 10)
    ring(store, "k", at=3)
    with store.write() as conn:
        dead.bury(conn, change, "unreadable", NOW)
    assert claim(store, at=3) == ["k"]


def test_a_record_that_dies_twice_is_one_dead_letter(store: Store) -> None:
    for reason in ("first", "second"):
        ring(store, "k")
        with store.write() as conn:
            (change,) = changes.claim(conn, "b", "me", NOW, 30, 10)
            dead.bury(conn, change, reason, NOW)
    with store.read() as conn:
        assert [letter.reason for letter in dead.listing(conn, "b")] == ["second"]
