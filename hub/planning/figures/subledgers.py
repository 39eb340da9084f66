"""The records of a business, dealt into subledgers that know nothing of each other.

Records that speak of one another (a customer, what she bought, paid and was given back) are in one subledger, so that
a figure of the business is the sum of those of its subledgers, and what changes in one leaves the others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from hub.core.types import Record
from hub.planning.figures.records import instant
from hub.planning.figures.states import Snapshot, State
from hub.planning.plan import View

SHARED = frozenset({"product", "price"})
"""What the records of many customers speak of: every subledger has them."""
STREAMS = SHARED | {
    *("customer", "subscription", "subscription_schedule", "invoice", "invoice_payment", "checkout_session"),
    *("charge", "refund", "dispute", "balance_transaction"),
}
EACH = 1500
"""How many records a subledger is to have: fewer cost more in all, more cost more after one change."""
_FIRST = ("balance_transaction", "subscription", "invoice")
_NAMES = (
    *("source", "charge", "payment_intent", "balance_transaction", "invoice", "payment", "subscription", "schedule"),
)
Place = tuple[str, str]
"""Connection and stream."""


def number_for(records: int) -> int:
    """Into how many subledgers so many records are dealt: a power of two."""
    return 1 << (records // EACH).bit_length()


class Subledgers:
    """So many subledgers, kept up record by record.

    `touched`: those that are not as they were when the set was last emptied. What was tied together once stays so,
    also when the record that tied it has gone: that may cost time, never a figure.
    """

    def __init__(self, number: int) -> None:
        self.touched = set(range(number))
        self._ledgers: list[dict[Place, dict[str, Record]]] = [{} for _ in range(number)]
        self._above: dict[str, str] = {}
        self._held: dict[str, list[tuple[Place, str]]] = {}
        self._snapshots: tuple[Snapshot, ...] = ()
        self._dealt: tuple[tuple[Snapshot, ...], ...] = ((),) * number
        self._oldest: dict[tuple[int, str, str], datetime | None] = {}
        self._moved = False

    def __len__(self) -> int:
        return len(self._ledgers)

    def put(self, news: Sequence[tuple[str, Record]]) -> None:
        """Take records, by connection, as they are now; those that are deleted are taken out."""
        for _, record in news:  # first, so that none is put where it would not stay
            if record.stream not in SHARED:
                self._tie(_nodes(record))
        for connection, record in news:
            place = (connection, record.stream)
            numbers: Sequence[int] = range(len(self))
            if record.stream not in SHARED:
                top = self._top(_node(record))
                numbers = (self._number(top),)
                if not record.deleted and record.key not in self._ledgers[numbers[0]].get(place, {}):
                    self._held.setdefault(top, []).append((place, record.key))
            for number in numbers:
                held = self._ledgers[number].setdefault(place, {})
                if record.deleted:
                    held.pop(record.key, None)
                else:
                    held[record.key] = record
                self.touched.add(number)

    def view(self, number: int) -> View:
        """What one subledger holds."""
        return View({place: tuple(held.values()) for place, held in self._ledgers[number].items()})

    def oldest(self, connection: str) -> datetime | None:
        """The instant of the first record with which figures begin. RecordError when one has none."""
        for number in self.touched:
            held = self._ledgers[number]
            for stream in _FIRST:
                records = held.get((connection, stream), {}).values()
                self._oldest[number, connection, stream] = min(map(instant, records), default=None)
        return min((at for (_, name, _), at in self._oldest.items() if name == connection and at), default=None)

    def deal(self, snapshots: tuple[Snapshot, ...]) -> Sequence[tuple[Snapshot, ...]]:
        """What is remembered of subscriptions, by subledger: each has every day, with its own."""
        same = len(snapshots) == len(self._snapshots) and all(map(lambda a, b: a is b, snapshots, self._snapshots))
        if same and not self._moved:
            return self._dealt
        for state in (state for each in snapshots for state in each.states):
            self._tie(_nodes_of(state))
        found: list[list[Snapshot]] = [[] for _ in self._ledgers]
        for each in snapshots:
            states: list[list[State]] = [[] for _ in self._ledgers]
            for state in each.states:
                states[self._number(self._top(state.subscription))].append(state)
            for number, mine in enumerate(states):
                found[number].append(Snapshot(each.day, tuple(mine)))
        dealt = tuple(tuple(mine) for mine in found)
        self.touched |= {number for number, mine in enumerate(dealt) if mine != self._dealt[number]}
        self._snapshots, self._dealt, self._moved = snapshots, dealt, False
        return dealt

    def _tie(self, nodes: Iterable[str]) -> str:
        """Make these stand together; the one that stands for them all."""
        tops = {self._top(node) for node in nodes}
        first = min(tops)
        for other in tops - {first}:
            self._above[other] = first
            mine = self._held.pop(other, None)
            if mine is not None:
                self._held.setdefault(first, []).extend(mine)
                self._move(mine, self._number(other), self._number(first))
        return first

    def _top(self, node: str) -> str:
        above = self._above
        top = node
        while (higher := above.get(top)) is not None:
            top = higher
        while node != top:
            above[node], node = top, above[node]
        return top

    def _number(self, top: str) -> int:
        return zlib.crc32(top.encode()) % len(self)

    def _move(self, held: Iterable[tuple[Place, str]], source: int, target: int) -> None:
        if source == target:
            return
        self._moved = True
        self.touched |= {source, target}
        for place, key in held:
            record = self._ledgers[source].get(place, {}).pop(key, None)
            if record is not None:
                self._ledgers[target].setdefault(place, {})[key] = record


def _node(record: Record) -> str:
    """Its name among the others. Customers sort before everything else: they stand for what is theirs."""
    return f" {record.key}" if record.stream == "customer" else record.key


def _nodes(record: Record) -> Iterator[str]:
    """The names of all that a record speaks of, itself the first."""
    yield _node(record)
    who = record.fields.get("who")
    if isinstance(who, Mapping) and isinstance(key := who.get("key"), str):
        yield f" {key}"
    for name in _NAMES:
        if isinstance(key := record.fields.get(name), str):
            yield key
    moved = record.fields.get("balance_transactions")
    if isinstance(moved, tuple):
        yield from (key for key in moved if isinstance(key, str))


def _nodes_of(state: State) -> tuple[str, ...]:
    return (state.subscription,) if state.customer == state.subscription else (state.subscription, f" {state.customer}")
