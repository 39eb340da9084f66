"""Which subscriptions of ours told us nothing, and since when: what was known against what the provider lists (R10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.core.types import Subscription
from hub.engine import pending
from hub.engine.runtime import Runtime
from hub.store import connections, secrets, subscriptions
from hub.store.subscriptions import SubscriptionRow


@dataclass(frozen=True, slots=True)
class Loss:
    """A subscription of ours that told us nothing from `began` on."""

    row: SubscriptionRow
    began: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Past:
    """What we knew before, and what the provider listed."""

    rows: Mapping[str, SubscriptionRow]
    listed: Mapping[str, Subscription]
    known: frozenset[str]
    last_delivery: datetime | None
    cut_short: bool

    def verifiable(self, ref: str, given: Sequence[str]) -> bool:
        return bool(given) or pending.OF + ref in self.known or pending.HANDED in self.known


def past_of(runtime: Runtime, connection: str, listed: Mapping[str, Subscription], cut_short: bool) -> Past:
    """What we know of a connection before anything is made or removed. `cut_short`: an earlier registration was."""
    with runtime.store.read() as conn:
        rows = {row.ref: row for row in subscriptions.listing(conn, runtime.key, connection)}
        known = secrets.names(conn, runtime.key, connection)
        states = {state.connection: state for state in connections.listing(conn, runtime.key)}
    last = states[connection].last_delivery_at if connection in states else None
    return Past(rows, listed, known, last, cut_short)


def losses_of(runtime: Runtime, past: Past, title: str, url: str, given: Sequence[str]) -> list[Loss]:
    """Which of ours did not tell us what changed, and since when."""
    now, found = runtime.now(), []
    for ref, row in past.rows.items():
        seen = past.listed.get(ref)
        # A delivery proves only that one of several subscriptions works.
        signs = [row.seen_at, *([past.last_delivery] if past.last_delivery and len(past.rows) == 1 else ())]
        if seen is None:
            found.append(Loss(row, min(now, max(signs)), f"{title} had deleted the subscription"))
        elif not seen.alive:
            began = seen.failing_since or max(signs)
            found.append(Loss(row, min(now, began), f"{title} had disabled the subscription"))
        elif seen.url == url and not past.verifiable(ref, given):
            began = max(row.made_at, past.last_delivery or row.made_at)
            why = "the signing secret was lost, so every delivery was refused"
            found.append(Loss(row, min(now, began), why))
    return found


def unverifiable_of_ours(past: Past, url: str, given: Sequence[str]) -> list[Subscription]:
    """Ours whose deliveries we would refuse. Also those that a registration made which was cut short."""
    return [
        each
        for ref, each in past.listed.items()
        if each.alive and each.url == url and (ref in past.rows or past.cut_short) and not past.verifiable(ref, given)
    ]
