"""A registration that is under way, and the secrets that come with it.

Asana and Notion hand us a webhook's secret in a request that anybody could send. So one is taken only while somebody of
ours is registering: for two minutes while a call that registers lives, for half an hour after `hub listen` where a
person registers by hand, and then only the first. Everything is in the store, since another process receives.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from hub.core.errors import TransientError
from hub.engine.receivers import NotAwaitedError
from hub.engine.runtime import Runtime
from hub.store import secrets
from hub.store.database import Store

By: TypeAlias = Literal["call", "hand"]

HANDED = "webhook"
"""Under this name stands the secret of a webhook that a person registered."""
OF = "webhook:"
"""Before the ref of a subscription: the name of its secret."""
ARRIVED = "arrived"
"""Under this name stand the secrets that came while a call registers, until the call says whose they are."""
PENDING = "pending"

CALL_FOR = timedelta(minutes=2)
RENEW_SECONDS = 30.0
HAND_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Pending:
    """A registration that began. Past `until` it was cut short, or nobody came."""

    by: By
    until: datetime


def signing(conn: Connection, business: str, connection: str, key: bytes) -> tuple[str, ...]:
    """Every secret that providers handed us for this connection, newest first."""
    return secrets.get_many(conn, business, connection, (HANDED, ARRIVED), OF, key)


def get(conn: Connection, business: str, connection: str, key: bytes) -> Pending | None:
    """The registration that is under way or was left behind."""
    found = secrets.get_all(conn, business, connection, PENDING, key)
    if not found:
        return None
    said = json.loads(found[0])
    return Pending(said["by"], datetime.fromisoformat(said["until"]))


def remember(store: Store, business: str, connection: str, key: bytes, now: datetime, secret: str) -> None:
    """Keep a secret that came in a handshake. NotAwaitedError when no registration is under way.

    One that we hold already may come again: providers repeat themselves.
    """
    with store.write() as conn:
        if secret in signing(conn, business, connection, key):
            return
        pending = get(conn, business, connection, key)
        if pending is None or now > pending.until:
            raise NotAwaitedError(
                "A signing secret came although no webhook is being registered. It was not taken: who sends such a "
                "secret could sign for the provider."
            )
        if pending.by == "call":
            secrets.put(conn, business, connection, ARRIVED, secret, key, now)
            return
        # By hand there is one webhook: its secret replaces an earlier one's, and a second request is a stranger's.
        secrets.drop(conn, business, connection, HANDED)
        secrets.put(conn, business, connection, HANDED, secret, key, now)
        secrets.drop(conn, business, connection, PENDING)


def await_hand(runtime: Runtime, connection: str, key: bytes) -> datetime:
    """A person registers the webhook now: take the first secret that comes, until the instant that is returned."""
    until = runtime.now() + HAND_FOR
    with runtime.store.write() as conn:
        _set(conn, runtime, connection, key, Pending("hand", until))
    return until


@contextmanager
def await_call(runtime: Runtime, connection: str, key: bytes) -> Iterator[bool]:
    """Around the call that registers. Yields whether an earlier one was cut short.

    TransientError while another process registers. Left by an error or a kill, the mark stays: what that call had made
    is then known to be ours. Whoever ends well takes the mark away with `clear`.
    """
    with runtime.store.write() as conn:
        before = get(conn, runtime.key, connection, key)
        if before is not None and before.by == "call" and runtime.now() < before.until:
            raise TransientError(
                f"{runtime.key}: another process is registering the webhooks of {connection}; try again in two minutes",
                retry_after=CALL_FOR.total_seconds(),
            )
        secrets.drop(conn, runtime.key, connection, ARRIVED)
        _set(conn, runtime, connection, key, Pending("call", runtime.now() + CALL_FOR))
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(runtime, connection, key, done), daemon=True)
    renewing.start()
    try:
        yield before is not None and before.by == "call"
    finally:
        done.set()
        renewing.join()
        with runtime.store.write() as conn:
            if get(conn, runtime.key, connection, key) is not None:
                _set(conn, runtime, connection, key, Pending("call", runtime.now() - timedelta(seconds=1)))


def clear(conn: Connection, business: str, connection: str) -> None:
    """The registration is complete: nothing is awaited any more."""
    secrets.drop(conn, business, connection, ARRIVED)
    secrets.drop(conn, business, connection, PENDING)


def _renew(runtime: Runtime, connection: str, key: bytes, done: threading.Event) -> None:
    while not done.wait(RENEW_SECONDS):
        with runtime.store.write() as conn:
            _set(conn, runtime, connection, key, Pending("call", runtime.now() + CALL_FOR))


def _set(conn: Connection, runtime: Runtime, connection: str, key: bytes, pending: Pending) -> None:
    secrets.drop(conn, runtime.key, connection, PENDING)
    said = json.dumps({"by": pending.by, "until": pending.until.isoformat()})
    secrets.put(conn, runtime.key, connection, PENDING, said, key, runtime.now())
