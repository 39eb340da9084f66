"""The memory of one account: its objects by kind, their order, ids, and the JSON they are served as.

Lists are newest first, by `created` and then by the order of creation, whatever order a history is built in.
"""

import heapq
import json
import random
import string
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from connectors.stripe.sandbox.params import Json, missing

API_VERSION = "2026-10-28.endive"
_LETTERS = string.ascii_letters + string.digits
_BASIL = "2025-03-31"
_SUBLISTS = {"invoice": "lines", "subscription": "items"}

Key = tuple[int, int, str]
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def dumps(value: object) -> str:
    """Compact JSON text."""
    return _encode(value)


def shown(row: Json) -> Json:
    """The object as it is served: a list inside it holds its first ten members."""
    name = _SUBLISTS.get(row.get("object") or "")
    if name is None or row.get("deleted") or len(row[name]["data"]) <= 10:
        return row
    return {**row, name: {**row[name], "data": row[name]["data"][:10], "has_more": True}}


def is_old(version: str) -> bool:
    """Whether a version has the shapes of before basil (2025-03-31), by Stripe's changelog."""
    return version < _BASIL


@dataclass(frozen=True, slots=True)
class Moment:
    """When a change happens (Unix seconds), whether webhooks tell of it, and the request that made it."""

    at: int
    deliver: bool = False
    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass(slots=True)
class Table:
    """The objects of one kind, in the order of (created, order of creation)."""

    rows: dict[str, Json] = field(default_factory=dict)
    order: list[Key] = field(default_factory=list)
    keys: dict[str, Key] = field(default_factory=dict)

    def add(self, row: Json, created: int) -> None:
        """Add a row; it sorts by `created`, then after everything already there."""
        key = (created, len(self.keys), row["id"])
        self.rows[row["id"]] = row
        self.keys[row["id"]] = key
        if self.order and self.order[-1] > key:
            insort(self.order, key)
        else:
            self.order.append(key)

    def remove(self, row_id: str) -> None:
        """Take a row out of the lists. Its key stays, so that a page may still start after it."""
        if self.rows.pop(row_id, None) is not None:
            del self.order[bisect_left(self.order, self.keys[row_id])]

    def oldest_first(self) -> list[Json]:
        """All rows, oldest first."""
        return [self.rows[key[2]] for key in self.order]

    def page(
        self,
        *,
        limit: int,
        low: int = 0,
        high: int = 2**62,
        after: Key | None = None,
        before: Key | None = None,
        keep: Callable[[Json], bool] | None = None,
    ) -> tuple[list[Json], bool]:
        """Up to `limit` rows, newest first, and whether there are more in the direction of paging."""
        start = bisect_left(self.order, (low,))
        stop = bisect_left(self.order, (high + 1,))
        if after is not None:
            stop = min(stop, bisect_left(self.order, after))
        if before is not None:
            start = max(start, bisect_right(self.order, before))
        walk: Iterable[int] = range(start, stop) if before is not None else range(stop - 1, start - 1, -1)
        found: list[Json] = []
        for position in walk:
            row = self.rows[self.order[position][2]]
            if keep is None or keep(row):
                if len(found) == limit:
                    return (found[::-1] if before is not None else found), True
                found.append(row)
        return (found[::-1] if before is not None else found), False


class Account:
    """One Stripe account: its settings and all its objects. Every method expects the sandbox's lock to be held."""

    def __init__(self, key: str, name: str, now: Callable[[], int]) -> None:
        self.key = key
        self.name = name
        self.now = now
        self.livemode = "_live_" in key
        self.currency = "eur"
        self.country = "FR"
        self.api_version = API_VERSION
        self.fee_percent = "1.5"
        self.fee_fixed = 25
        self.settle_days = 7
        self.tax_percent: str | None = None
        self.rates: dict[str, float] = {}
        self.tables: dict[str, Table] = {}
        self.by_id: dict[str, Json] = {}
        self.hidden: dict[str, Json] = {}
        self.snapshots: dict[str, Json] = {}
        self.on_event: Callable[[Account, Json], None] | None = None
        self._cache: dict[str, bytes] = {}
        self._unsettled: list[tuple[int, str]] = []
        self._random = random.Random(f"stripe-sandbox:{key}")
        self.id = self.new_id("acct_", 16)
        self.created = now()

    def new_id(self, prefix: str, length: int = 24) -> str:
        """A fresh id. The same account key and the same history give the same ids."""
        return prefix + "".join(self._random.choices(_LETTERS, k=length))

    def table(self, kind: str) -> Table:
        """The table of one kind of object."""
        found = self.tables.get(kind)
        if found is None:
            found = self.tables[kind] = Table()
        return found

    def rows(self, kind: str) -> dict[str, Json]:
        """The objects of one kind by id."""
        return self.table(kind).rows

    def add(self, row: Json, created: int | None = None) -> Json:
        """Store a new object; `created` is given where the object itself has none in seconds."""
        self.table(row["object"]).add(row, row["created"] if created is None else created)
        self.by_id[row["id"]] = row
        if row["object"] == "balance_transaction":
            heapq.heappush(self._unsettled, (row["available_on"], row["id"]))
        return row

    def get(self, kind: str, object_id: str, param: str = "id") -> Json:
        """An object by id; ApiError 404 when there is none."""
        row = self.rows(kind).get(object_id)
        if row is None:
            raise missing(kind.rpartition(".")[2], object_id, param)
        return row

    def find(self, kind: str, object_id: str) -> Json:
        """An object by id, or what is left of a deleted one: {id, object, deleted: true}."""
        found = self.by_id.get(object_id)
        gone = found is not None and found.get("deleted") and found["object"] == kind
        return found if found is not None and gone else self.get(kind, object_id)

    def change(self, row: Json, **fields: object) -> Json:
        """Set fields of an object; return those that differ with their former values (an event's previous_attributes).

        A field that holds an object is replaced whole, never changed inside: former values must stay as they were.
        """
        previous = {name: row.get(name) for name, value in fields.items() if row.get(name) != value}
        row.update(fields)
        if row["object"] in ("price", "plan", "coupon", "subscription_item", "balance_transaction"):
            self._cache.clear()
        else:
            self._cache.pop(row["id"], None)
        return previous

    def drop(self, row: Json, stub: bool = False) -> Json:
        """Delete an object: it leaves the lists; with `stub`, its id still answers {id, object, deleted: true}."""
        self.table(row["object"]).remove(row["id"])
        self._cache.pop(row["id"], None)
        gone = {"id": row["id"], "object": row["object"], "deleted": True}
        if stub:
            self.by_id[row["id"]] = gone
        else:
            self.by_id.pop(row["id"], None)
        return gone

    def json(self, row: Json) -> bytes:
        """The object as JSON bytes, kept until it changes."""
        found = self._cache.get(row["id"])
        if found is None:
            found = _encode(shown(row)).encode()
            if self.by_id.get(row["id"]) is row:
                self._cache[row["id"]] = found
        return found

    def settle_due(self) -> None:
        """Make balance transactions available whose day has come."""
        now = self.now()
        while self._unsettled and self._unsettled[0][0] <= now:
            _, row_id = heapq.heappop(self._unsettled)
            self.change(self.by_id[row_id], status="available")
