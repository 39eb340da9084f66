"""The inbox's promises, against a real database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from hub.core.errors import ConfigError, TransientError
from hub.core.types import Event
from hub.engine.inbox import Inbox
from hub.store import changes, dead, deliveries
from hub.store.database import Store
from hub.store.deliveries import Delivery
from tests.web.conftest import LILA, NOON

T = TypeVar("T")


def delivery(event_id: str) -> Delivery:
    event = Event(id=event_id, type="invoice.paid", stream="invoice", key=f"in_{event_id}")
    return Delivery(
        business=LILA,
        connection="stripe",
        event_id=event_id,
        received_at=NOON,
        url="https://hub.example.com/webhooks/atelier-lila/stripe",
        headers={"content-type": "application/json"},
        body=b"{}",
        events=(event,),
    )


class GatedStore:
    """A store whose writes wait at the gate before they commit."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.inside = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self.writes = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.store.write() as conn:
            yield conn
            self.writes += 1
            self.inside.release()
            self.gate.acquire()


class FailingStore:
    """A store whose first writes fail."""

    def __init__(self, store: Store, *errors: Exception) -> None:
        self.store = store
        self.errors = list(errors)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self.errors:
            raise self.errors.pop(0)
        with self.store.write() as conn:
            yield conn


def run(scenario: Coroutine[Any, Any, T]) -> T:
    """A promise that is broken by never keeping it fails, instead of hanging."""
    return asyncio.run(asyncio.wait_for(scenario, 60))


def stored(store: Store) -> set[str]:
    with store.read() as conn:
        return {one.event_id for one in deliveries.recent(conn, LILA, limit=1_000)}


def test_a_put_returns_only_after_the_commit(store: Store) -> None:
    gated = GatedStore(store)

    async def scenario() -> None:
        inbox = Inbox(gated)  # type: ignore[arg-type]
        put = asyncio.create_task(inbox.put(delivery("evt_1")))
        await asyncio.to_thread(gated.inside.acquire)

        assert not put.done()
        assert stored(store) == set()

        gated.gate.release()
        await put

        assert stored(store) == {"evt_1"}
        await inbox.close()

    run(scenario())


def test_what_arrives_during_a_commit_shares_the_next_one(store: Store) -> None:
    gated = GatedStore(store)

    async def scenario() -> None:
        inbox = Inbox(gated, max_batch=40)  # type: ignore[arg-type]
        first = asyncio.create_task(inbox.put(delivery("evt_first")))
        await asyncio.to_thread(gated.inside.acquire)
        rest = asyncio.gather(*(inbox.put(delivery(f"evt_{n}")) for n in range(60)))
        gated.gate.release(3)
        await first
        await rest
        await inbox.close()

    run(scenario())

    assert gated.writes == 3  # 1, 40, 20
    assert len(stored(store)) == 61


@pytest.mark.parametrize("error", [TransientError("The disk is full.", retry_after=7), ConfigError("Read-only.")])
def test_a_failed_batch_is_told_to_each_waiter_and_the_next_batch_works(
    store: Store, error: TransientError | ConfigError
) -> None:
    async def scenario() -> list[BaseException | None]:
        inbox = Inbox(FailingStore(store, error))  # type: ignore[arg-type]
        outcomes = await asyncio.gather(*(inbox.put(delivery(f"evt_{n}")) for n in range(3)), return_exceptions=True)
        await inbox.put(delivery("evt_after"))
        await inbox.close()
        return outcomes

    outcomes = run(scenario())

    assert [type(one) for one in outcomes] == [type(error)] * 3
    assert {str(one) for one in outcomes} == {str(error)}
    assert stored(store) == {"evt_after"}


def test_one_delivery_that_cannot_be_stored_does_not_take_the_others_with_it(store: Store) -> None:
    async def scenario() -> list[BaseException | None]:
        inbox = Inbox(store)
        names = ["evt_1", "evt_2", "evt_\ud800", "evt_3"]  # no database keeps half a surrogate pair
        outcomes = await asyncio.gather(*(inbox.put(delivery(name)) for name in names), return_exceptions=True)
        await inbox.close()
        return outcomes

    outcomes = run(scenario())

    assert [outcomes[0], outcomes[1], outcomes[3]] == [None, None, None]
    assert isinstance(outcomes[2], TransientError)
    assert stored(store) == {"evt_1", "evt_2", "evt_3"}


def test_closing_commits_what_has_gathered_and_takes_nothing_more(store: Store) -> None:
    async def scenario() -> None:
        inbox = Inbox(store, max_batch=2)
        await inbox.put(delivery("evt_before"))
        puts = [asyncio.create_task(inbox.put(delivery(f"evt_{n}"))) for n in range(7)]
        await asyncio.sleep(0)
        await inbox.close()
        await asyncio.gather(*puts)
        with pytest.raises(TransientError, match="stopping"):
            await inbox.put(delivery("evt_late"))

    run(scenario())

    assert stored(store) == {"evt_before", *(f"evt_{n}" for n in range(7))}


def test_a_caller_who_hangs_up_does_not_disturb_the_others_of_its_batch(store: Store) -> None:
    gated = GatedStore(store)

    async def scenario() -> None:
        inbox = Inbox(gated)  # type: ignore[arg-type]
        gone = asyncio.create_task(inbox.put(delivery("evt_gone")))
        stays = asyncio.create_task(inbox.put(delivery("evt_stays")))
        await asyncio.to_thread(gated.inside.acquire)
        gone.cancel()
        gated.gate.release()
        await stays
        await inbox.close()

    run(scenario())

    assert stored(store) == {"evt_gone", "evt_stays"}


def test_a_repeat_is_counted_and_rings_once(store: Store) -> None:
    async def scenario() -> None:
        inbox = Inbox(store)
        await asyncio.gather(*(inbox.put(delivery("evt_1")) for _ in range(5)))
        await inbox.put(delivery("evt_1"))
        await inbox.close()

    run(scenario())

    with store.read() as conn:
        (only,) = deliveries.recent(conn, LILA)
        waiting = changes.waiting(conn, LILA)
    assert only.copies == 6
    assert waiting["stripe"].count == 1


def test_an_unreadable_delivery_is_kept_and_shown_once_among_the_dead_letters(store: Store) -> None:
    async def scenario() -> None:
        inbox = Inbox(store)
        unreadable = Delivery(
            business=LILA, connection="stripe", event_id="unreadable-1", received_at=NOON, url="", headers={},
            body=b"\xff", events=(),
        )  # fmt: skip
        await inbox.put(unreadable, "This is no event.")
        await inbox.put(unreadable, "This is no event.")
        await inbox.close()

    run(scenario())

    with store.read() as conn:
        (letter,) = dead.listing(conn, LILA)
        (kept,) = deliveries.recent(conn, LILA)
    assert (letter.stream, letter.key, letter.reason) == ("delivery", "unreadable-1", "This is no event.")
    assert kept.body == b"\xff"
