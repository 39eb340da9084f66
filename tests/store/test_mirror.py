from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal

from hub.core.money import Money
from hub.core.types import Record, Value
from hub.store import mirror
from hub.store.database import Store
from tests.store.conftest import NOW

SECOND = timedelta(seconds=1)


def record(key: str, **fields: Value) -> Record:
    return Record(stream="invoice", key=key, fields=fields, at=NOW)


def gone(key: str) -> Record:
    return Record(stream="invoice", key=key, deleted=True)


def put(store: Store, *records: Record, at: int = 0, connection: str = "stripe", business: str = "b") -> list[str]:
    with store.write() as conn:
        return [r.key for r in mirror.put(conn, business, connection, records, NOW + at * SECOND)]


def get(store: Store, key: str) -> Record | None:
    with store.read() as conn:
        return mirror.get(conn, "b", "stripe", "invoice", key)


def test_a_record_comes_back_as_it_was_put(store: Store) -> None:
    rich = record(
        "in_1",
        total=Money(Decimal("12.50"), "EUR"),
        paid_at=NOW,
        due=date(2026, 3, 31),
        items=("é", Decimal("0.5"), None, True, 7),
        metadata={"a": {"b": "c"}},
    )
    put(store, rich)
    assert get(store, "in_1") == rich
    with store.read() as conn:
        assert mirror.load(conn, "b")[0] == [("stripe", rich)]


def test_only_records_whose_content_changed_are_returned(store: Store) -> None:
    assert put(store, record("a", n=1), record("b", n=1)) == ["a", "b"]
    assert put(store, record("a", n=1), record("b", n=2), at=1) == ["b"]
    assert put(store, Record(stream="invoice", key="a", fields={"n": 1}, at=NOW + SECOND), at=2) == ["a"]


def test_an_older_read_never_overwrites_a_newer_one(store: Store) -> None:
    put(store, record("a", n="new"), at=5)
    assert put(store, record("a", n="old"), gone("a"), at=4) == []
    assert get(store, "a") == record("a", n="new")


def test_an_older_read_never_brings_back_what_is_gone(store: Store) -> None:
    put(store, record("a", n=1), at=1)
    put(store, gone("a"), at=5)
    assert put(store, record("a", n=1), at=4) == []
    assert get(store, "a") == gone("a")


def test_an_unchanged_read_still_makes_the_record_newer(store: Store) -> None:
    put(store, record("a", n=1), at=1)
    put(store, record("a", n=1), at=5)
    assert put(store, record("a", n=2), at=4) == []


def test_the_order_of_reads_makes_no_difference_to_what_remains(store: Store) -> None:
    reads = [(1, record("a", n=1)), (2, record("a", n=2)), (3, gone("a")), (4, record("a", n=4))]
    for key, order in enumerate(([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2])):
        for position in order:
            at, what = reads[position]
            put(
                store,
                Record(stream="invoice", key=str(key), fields=what.fields, at=what.at, deleted=what.deleted),
                at=at,
            )
        assert get(store, str(key)) == record(str(key), n=4)


def test_a_record_that_was_never_here_and_is_gone_changes_nothing(store: Store) -> None:
    assert put(store, gone("a"), at=5) == []
    assert put(store, record("a", n=1), at=4) == []
    assert put(store, record("a", n=1), at=6) == ["a"]


def test_a_record_that_goes_and_comes_back_changed_twice(store: Store) -> None:
    put(store, record("a", n=1))
    assert put(store, gone("a"), at=1) == ["a"]
    assert put(store, gone("a"), at=2) == []
    assert put(store, record("a", n=1), at=3) == ["a"]


def test_a_record_that_comes_twice_in_one_read_counts_as_it_came_last(store: Store) -> None:
    assert put(store, record("a", n=1), record("a", n=2)) == ["a"]
    assert get(store, "a") == record("a", n=2)


def test_a_thousand_and_more_records_are_put_at_once(store: Store) -> None:
    many = [record(f"in_{n:05}", n=n) for n in range(2300)]
    assert len(put(store, *many)) == 2300
    assert put(store, *many, at=1) == []
    with store.read() as conn:
        assert mirror.counts(conn, "b") == {("stripe", "invoice"): 2300}


def test_since_tells_what_changed_and_where_to_go_on(store: Store) -> None:
    put(store, record("a", n=1), record("b", n=1))
    with store.read() as conn:
        records, seq = mirror.load(conn, "b")
        assert [r.key for _, r in records] == ["a", "b"]
        assert mirror.since(conn, "b", seq) == ([], seq)
    put(store, record("a", n=1), at=1)
    put(store, gone("b"), record("c", n=1), at=2)
    with store.read() as conn:
        changed, later = mirror.since(conn, "b", seq)
        assert sorted(changed, key=lambda pair: pair[1].key) == [("stripe", gone("b")), ("stripe", record("c", n=1))]
        assert mirror.since(conn, "b", later) == ([], later)
        assert [r.key for _, r in mirror.load(conn, "b")[0]] == ["a", "c"]


def test_since_misses_nothing_while_many_write(store: Store) -> None:
    writers, puts = 4, 25
    left = threading.Barrier(writers + 1)
    done = threading.Event()

    def write(name: int) -> None:
        left.wait()
        for number in range(puts):
            put(
                store,
                record(f"{name}-{number}", n=number),
                record(f"shared-{number % 3}", by=name, n=number),
                at=number,
            )

    group = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    seen: dict[str, Record] = {}

    def follow() -> None:
        seq = 0
        while True:
            last = done.is_set()
            with store.read() as conn:
                changed, seq = mirror.since(conn, "b", seq)
            seen.update((r.key, r) for _, r in changed)
            if last:
                return

    follower = threading.Thread(target=follow)
    for thread in (*group, follower):
        thread.start()
    left.wait()
    for thread in group:
        thread.join()
    done.set()
    follower.join()
    with store.read() as conn:
        records = {r.key: r for _, r in mirror.load(conn, "b")[0]}
    assert len(records) == writers * puts + 3
    assert seen == records


def test_a_complete_read_marks_only_what_it_did_not_meet(store: Store) -> None:
    put(store, record("met", n=1), record("unmet", n=1), record("late", n=1), at=0)
    put(store, record("unmet", n=1), at=0, connection="stripe-us")
    put(store, Record(stream="customer", key="unmet"), at=0)
    put(store, record("met", n=1), at=11)
    put(store, record("late", n=2), at=12)
    with store.write() as conn:
        seq = mirror.newest(conn, "b")
        assert mirror.tombstone_unread(conn, "b", "stripe", "invoice", NOW + 10 * SECOND) == ["unmet"]
        assert mirror.since(conn, "b", seq)[0] == [("stripe", gone("unmet"))]
        assert mirror.tombstone_unread(conn, "b", "stripe", "invoice", NOW + 10 * SECOND) == []
        assert mirror.counts(conn, "b") == {
            ("stripe", "invoice"): 2,
            ("stripe", "customer"): 1,
            ("stripe-us", "invoice"): 1,
        }


def test_a_read_from_before_a_complete_one_does_not_bring_back_what_that_one_missed(store: Store) -> None:
    put(store, record("a", n=1), at=0)
    with store.write() as conn:
        mirror.tombstone_unread(conn, "b", "stripe", "invoice", NOW + 10 * SECOND)
    assert put(store, record("a", n=1), at=9) == []
    assert put(store, record("a", n=1), at=11) == ["a"]
