"""Reading Stripe: lists for a backfill, one call for one changed object, events for what was missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from connectors.stripe import balance, records
from connectors.stripe.client import Client, Forbidden, Gone
from connectors.stripe.values import instant
from connectors.stripe.webhook import event_of
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event, Page, Record

MEMORY = timedelta(days=29)
"""Stripe keeps events for 30 days; a day less leaves room for clocks."""

EVENTS = "/v1/events"
_CHANGES = ("changes", EVENTS, "Events")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """How a stream is read. Stripe expands at most four levels, and `data` of a list is one of them."""

    path: str
    right: str
    """The resource's name on the page where a restricted key is made."""
    listing: Mapping[str, Any] = field(default_factory=dict)
    expand: tuple[str, ...] = ()


STREAMS: Mapping[str, _Stream] = {
    "product": _Stream(path="/v1/products", right="Products"),
    "price": _Stream(path="/v1/prices", right="Prices", listing={"expand": ["data.tiers"]}, expand=("tiers",)),
    "customer": _Stream(path="/v1/customers", right="Customers"),
    "subscription_schedule": _Stream(path="/v1/subscription_schedules", right="Subscriptions"),
    "subscription": _Stream(
        path="/v1/subscriptions",
        right="Subscriptions",
        listing={"status": "all", "expand": ["data.discounts.source.coupon", "data.items.data.discounts"]},
        expand=("discounts.source.coupon", "items.data.discounts", "items.data.price.tiers"),
    ),
    "invoice": _Stream(path="/v1/invoices", right="Invoices", expand=("payments",)),
    "invoice_payment": _Stream(path="/v1/invoice_payments", right="Invoices"),
    "checkout_session": _Stream(
        path="/v1/checkout/sessions",
        right="Checkout Sessions",
        listing={"status": "complete", "expand": ["data.line_items"]},
        expand=("line_items",),
    ),
    "charge": _Stream(
        path="/v1/charges",
        right="Charges and Refunds",
        expand=("balance_transaction", "failure_balance_transaction"),
    ),
    "refund": _Stream(
        path="/v1/refunds",
        right="Charges and Refunds",
        expand=("balance_transaction", "failure_balance_transaction"),
    ),
    "dispute": _Stream(path="/v1/disputes", right="Disputes"),
    "balance_transaction": _Stream(path="/v1/balance_transactions", right="Balance"),
    balance.STREAM: _Stream(path=balance.PATH, right="Balance"),
}


class StripeSource:
    """One Stripe account, read."""

    def __init__(self, client: Client, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        # What a coupon takes off and a price's tiers never change in Stripe: each is read once.
        self._coupon = lru_cache(maxsize=1000)(self._read_coupon)
        self._tiers = lru_cache(maxsize=1000)(self._read_tiers)

    def check(self) -> Sequence[str]:
        """Account, mode, kind of key, readable streams. ConfigError names every permission that is missing."""
        account = account_of(self._client)
        lacking = missing(self._client)
        if lacking:
            raise ConfigError(
                f"Stripe's key may not read all that the hub needs ({account}). Missing:\n  "
                + "\n  ".join(f"{name}: Read on {right}" for name, right in lacking.items())
                + "\nAdd these to the restricted key in Stripe > Developers > API keys."
            )
        return (
            account,
            "Key: restricted, as it should be"
            if self._client.restricted
            else "Key: secret, may do everything; a restricted key with Read is enough",
            f"May read: {', '.join(STREAMS)}, events",
        )

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every record of a stream, newest first, 100 a call.

        The cursor is the id of the last object of the page. Objects made while this runs are not in it: take the
        cursor of `changes` before a backfill, and read the changes from there after it.
        An object of unknown shape does not stop the read: the others are given, no later cursor is safe any more, and
        at the end a RecordError names what was left out.
        """
        how = _stream(stream)
        if stream == balance.STREAM:
            yield Page(records=(self._record(stream, balance.look(self._client)),), cursor=None)
            return
        unknown: list[str] = []
        for found in self._client.pages(how.path, after=cursor, **how.listing):
            read: list[Record] = []
            for each in found:
                try:
                    read.append(self._record(stream, each))
                except RecordError as error:
                    unknown.append(str(error))
            read = [each for each in read if not each.deleted]
            yield Page(records=read, cursor=None if unknown else Cursor(found[-1]["id"]))
        if unknown:
            raise RecordError(f"{len(unknown)} of Stripe's {stream} objects were left out. {' '.join(unknown[:5])}")

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """The record as it is now, and what came expanded in it: money movements, an invoice's payments.

        Stripe does not show a test key what is live, nor the other way round: such an object comes back as deleted.
        """
        how = _stream(stream)
        if stream == balance.STREAM:
            there = key == balance.KEY
            return (self._record(stream, balance.look(self._client) if there else {"id": key, "deleted": True}),)
        try:
            found = self._client.get(f"{how.path}/{quote(key, safe='')}", expand=list(how.expand))
        except Gone:
            return (Record(stream=stream, key=key, deleted=True),)
        return (self._record(stream, found), *records.inside(stream, found))

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """What Stripe's own event log says, oldest first, 100 a call; only types that we follow.

        The cursor is the newest event seen and the instant up to which nothing was missed. That instant, not the
        event's age, decides whether Stripe still remembers: an account that sells nothing for months does not expire.
        Balance transactions without an event (fees, payouts, adjustments) are seen only by reading their stream.
        """
        if cursor is None:
            asked = self._now()
            newest, _ = self._client.page(EVENTS, limit=1)
            yield (), _mark(newest[0]["id"] if newest else "", asked)
            return
        last, complete_until = _unmark(cursor)
        if self._now() - complete_until > MEMORY:
            raise CursorExpired(
                f"Stripe forgets events after 30 days; they were last read on {complete_until:%Y-%m-%d}."
            )
        if last:
            yield from self._newer_than(last)
        else:
            yield self._remembered(self._now())

    def _newer_than(self, last: str) -> Iterator[tuple[Sequence[Event], Cursor]]:
        more = True
        while more:
            asked = self._now()
            try:
                found, more = self._client.page(EVENTS, ending_before=last)
            except Gone:
                # The event itself is too old to be remembered, so all that is remembered is newer.
                yield self._remembered(asked)
                return
            if more and found[0]["id"] == last:
                raise TransientError(f"Stripe's list of events repeats itself at {last}.")
            last = found[0]["id"] if found else last
            # With more to come, nothing is known to be complete beyond this page.
            yield _followed(found), _mark(last, instant(found[0]["created"]) if more else asked)

    def _remembered(self, asked: datetime) -> tuple[Sequence[Event], Cursor]:
        found = [each for page in self._client.pages(EVENTS) for each in page]
        return _followed(found), _mark(found[0]["id"] if found else "", asked)

    def _record(self, stream: str, found: dict[str, Any]) -> Record:
        with records.readable(stream, found):
            if stream == "subscription":
                self._complete_subscription(found)
            elif stream == "customer":
                self._complete_discounts([found.get("discount")])
            elif stream == "checkout_session" and _has_more(found.get("line_items")):
                path = f"/v1/checkout/sessions/{quote(found['id'], safe='')}/line_items"
                found["line_items"]["data"] = self._all(path)
            elif stream == "invoice" and _has_more(found.get("payments")):
                found["payments"]["data"] = self._all("/v1/invoice_payments", invoice=found["id"])
        return records.record(stream, found)

    def _complete_subscription(self, found: dict[str, Any]) -> None:
        """Add what Stripe leaves out: items behind the tenth, and what is deeper than four levels."""
        if _has_more(found["items"]):
            expand = ["data.discounts.source.coupon", "data.price.tiers"]
            found["items"]["data"] = self._all("/v1/subscription_items", subscription=found["id"], expand=expand)
        items = found["items"]["data"]
        for price in (item["price"] for item in items):
            if price["billing_scheme"] == "tiered" and price.get("tiers") is None:
                price["tiers"] = self._tiers(price["id"])
        self._complete_discounts([each for owner in (found, *items) for each in owner.get("discounts") or ()])

    def _complete_discounts(self, discounts: Sequence[Any]) -> None:
        for discount in discounts:
            if isinstance(discount, dict) and isinstance(discount["source"]["coupon"], str):
                discount["source"]["coupon"] = self._coupon(discount["source"]["coupon"])

    def _all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return [each for page in self._client.pages(path, **params) for each in page]

    def _read_coupon(self, coupon: str) -> dict[str, Any]:
        try:
            return self._client.get(f"/v1/coupons/{quote(coupon, safe='')}")
        except Gone:
            return {"id": coupon}

    def _read_tiers(self, price: str) -> list[dict[str, Any]]:
        tiers: list[dict[str, Any]] = self._client.get(f"/v1/prices/{quote(price, safe='')}", expand=["tiers"])["tiers"]
        return tiers


def account_of(client: Client) -> str:
    """Whose key it is: the account's name and id, and the key's mode. ConfigError when it is no key."""
    mode = "live mode" if client.livemode else "test mode"
    try:
        found = client.get("/v1/account")
    except Forbidden:
        return f"Stripe account of this key (its name may not be read), {mode}"
    shown = (found.get("settings") or {}).get("dashboard") or {}
    name = shown.get("display_name") or (found.get("business_profile") or {}).get("name") or "without a name"
    return f"Stripe account {name} ({found.get('id')}), {mode}"


def missing(client: Client) -> Mapping[str, str]:
    """Each stream (and `changes`, the log of events) that the key may not read, and the right that it lacks."""
    found = {}
    lists = ((name, one) for name, one in STREAMS.items() if name != balance.STREAM)  # it takes a right of theirs
    for name, path, right in [*((name, one.path, one.right) for name, one in lists), _CHANGES]:
        try:
            client.get(path, limit=1)
        except Forbidden as error:
            found[name] = right + (f" ({error.permission})" if error.permission else "")
    return found


def _stream(name: str) -> _Stream:
    if name not in STREAMS:
        raise RecordError(f"Stripe has no stream {name!r}. It has: {', '.join(STREAMS)}.")
    return STREAMS[name]


def _has_more(sublist: Mapping[str, Any] | None) -> bool:
    return bool(sublist and sublist.get("has_more"))


def _followed(newest_first: Sequence[Mapping[str, Any]]) -> list[Event]:
    """The events we follow, oldest first; of several that say the same of one object, the first."""
    once: dict[tuple[str, str | None], Event] = {}
    for event in map(event_of, reversed(newest_first)):
        if event.stream is not None:
            once.setdefault((event.type, event.key), event)
    return list(once.values())


def _mark(last: str, complete_until: datetime) -> Cursor:
    return Cursor(f"{last} {int(complete_until.timestamp())}")


def _unmark(cursor: Cursor) -> tuple[str, datetime]:
    last, _, seconds = cursor.partition(" ")
    return last, instant(int(seconds))
