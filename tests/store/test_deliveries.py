from __future__ import annotations

from datetime import timedelta

from hub.core.types import Event
from hub.store import changes, connections, deliveries
from hub.store.database import Store
from hub.store.deliveries import Delivery
from tests.store.conftest import NOW


def delivery(event_id: str, *keys: str, connection: str = "stripe", business: str = "b", at: int = 0) -> Delivery:
    return Delivery(
        business=business,
        connection=connection,
        event_id=event_id,
        received_at=NOW + timedelta(seconds=at),
        url="https://hub.example.com/webhooks/b/stripe",
        headers={"content-type": "application/json", "x-name": "é"},
        body=b'{"id": "\xc3\xa9\x00"}',
        events=tuple(Event(id=event_id, type="invoice.paid", stream="invoice", key=key) for key in keys),
    )


def store_all(store: Store, *batch: Delivery) -> int:
    with store.write() as conn:
        return deliveries.store_deliveries(conn, batch)


def waiting(store: Store) -> dict[str, int]:
    """Key -> how often it rang."""
    with store.write() as conn:
        return {c.key: c.seq for c in changes.claim(conn, "b", "me", NOW + timedelta(hours=1), 0, 1000)}


def test_a_delivery_comes_back_as_it_came_byte_for_byte(store: Store) -> None:
    given = delivery("evt_1", "in_1")
    assert store_all(store, given) == 1
    with store.read() as conn:
        (stored,) = deliveries.recent(conn, "b")
        assert deliveries.get(conn, "b", stored.id) == stored
        assert deliveries.get(conn, "other", stored.id) is None
    assert {name: getattr(stored, name) for name in Delivery.__slots__} == {
        name: getattr(given, name) for name in Delivery.__slots__
    }


def test_new_deliveries_ring_the_records_they_speak_of(store: Store) -> None:
    assert store_all(store, delivery("evt_1", "in_1", "in_2"), delivery("evt_2", "in_2"), delivery("evt_3")) == 3
    assert waiting(store) == {"in_1": 1, "in_2": 1}


def test_an_event_type_that_we_do_not_follow_is_kept_and_rings_nothing(store: Store) -> None:
    unknown = Event(id="evt_1", type="mandate.updated")
    given = delivery("evt_1")
    store_all(store, Delivery(**{name: getattr(given, name) for name in Delivery.__slots__} | {"events": (unknown,)}))
    with store.read() as conn:
        assert deliveries.recent(conn, "b")[0].events == (unknown,)
    assert waiting(store) == {}


def test_a_repeat_is_counted_and_rings_nothing(store: Store) -> None:
    store_all(store, delivery("evt_1", "in_1"))
    with store.write() as conn:
        changes.settle(conn, changes.claim(conn, "b", "me", NOW, 30, 10))
    assert store_all(store, delivery("evt_1", "in_1", at=9), delivery("evt_2", "in_2", at=9)) == 1
    assert waiting(store) == {"in_2": 1}
    with store.read() as conn:
        assert {one.event_id: one.copies for one in deliveries.recent(conn, "b")} == {"evt_1": 2, "evt_2": 1}


def test_repeats_within_one_batch_are_one_delivery_with_copies(store: Store) -> None:
    assert store_all(store, delivery("evt_1", "in_1"), delivery("evt_1", "in_1"), delivery("evt_1", "in_1")) == 1
    with store.read() as conn:
        assert [one.copies for one in deliveries.recent(conn, "b")] == [3]
    assert waiting(store) == {"in_1": 1}


def test_equal_ids_of_two_connections_or_businesses_are_two_deliveries(store: Store) -> None:
    assert store_all(store, delivery("1"), delivery("1", connection="notion"), delivery("1", business="other")) == 3


def test_an_empty_batch_stores_nothing(store: Store) -> None:
    assert store_all(store) == 0


def test_a_large_batch_is_stored_whole(store: Store) -> None:
    assert store_all(store, *(delivery(f"evt_{n}", f"in_{n}") for n in range(2500))) == 2500
    assert len(waiting(store)) == 1000


def test_the_connection_remembers_its_last_delivery(store: Store) -> None:
    store_all(store, delivery("evt_1", at=5), delivery("evt_2", at=3), delivery("evt_1", at=8))
    with store.read() as conn:
        (state,) = connections.listing(conn, "b")
    assert state.last_delivery_at == NOW + timedelta(seconds=8)


def test_recent_deliveries_come_newest_first_and_can_be_of_one_connection(store: Store) -> None:
    store_all(store, delivery("old", at=1), delivery("new", at=3), delivery("n", at=2, connection="notion"))
    with store.read() as conn:
        assert [one.event_id for one in deliveries.recent(conn, "b")] == ["new", "n", "old"]
        assert [one.event_id for one in deliveries.recent(conn, "b", "stripe", limit=1)] == ["new"]
