"""The mirror's records as the planners read them: typed, amounts as exact fractions. The fields are in docs/records.md.

A field that docs/records.md promises and that is not there is a RecordError naming the record and the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Record
from hub.planning.calendar import shift

T = TypeVar("T")
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a tiered price; `up_to` None: no upper end."""

    up_to: int | None
    unit: Fraction
    flat: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price. `unit` is None when tiered; `interval` is None for a one-off price."""

    id: str
    product: str
    currency: str
    unit: Fraction | None
    interval: str | None
    interval_count: int
    metered: bool
    volume: bool
    tiers: tuple[Tier, ...]
    divide_by: int | None
    round_up: bool
    inclusive: bool
    metadata: Mapping[str, str]

    def later(self, instant: datetime, periods: int) -> datetime:
        """`instant` moved by so many billing periods (earlier when negative)."""
        if self.interval in {"month", "year"}:
            return shift(instant, periods * self.interval_count * (12 if self.interval == "year" else 1))
        return instant + periods * self.interval_count * timedelta(days=7 if self.interval == "week" else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A coupon on an item or a subscription. `once`: it is on one invoice only."""

    coupon: str
    percent: Fraction | None
    amount_off: Money | None
    once: bool
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a subscription."""

    id: str
    quantity: int
    price: Price
    period_start: datetime
    discounts: tuple[Discount, ...]
    tax_percent: Fraction | None

    @property
    def recurring(self) -> bool:
        """Counted in MRR: neither metered nor one-off (DOMAIN 1.3)."""
        return not self.price.metered and self.price.interval is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it is now."""

    key: str
    customer: str | None
    status: str
    currency: str
    created: datetime
    started_at: datetime
    trial_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    collection_paused: bool
    schedule: str | None
    metadata: Mapping[str, str]
    items: tuple[Item, ...]
    discounts: tuple[Discount, ...]
    cancellation_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a schedule. `items`: price and quantity; none where the mirror does not say them."""

    start: datetime
    end: datetime | None
    items: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A subscription schedule. `finite`: every phase has an end."""

    key: str
    subscription: str | None
    status: str
    end_behavior: str
    finite: bool
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What the planners need of an invoice."""

    key: str
    created: datetime
    status: str
    number: str | None
    due: Money
    remaining: Money
    due_at: datetime | None
    finalized_at: datetime | None
    closed_at: datetime | None  # when it stopped being owed: paid, voided or given up, whichever came first
    paid_at: datetime | None
    attempted: bool
    automatic: bool
    subscription: str | None
    given_up_at: datetime | None = None  # voided or marked uncollectible, whichever came first
    attempts: int = 0


def subscription(record: Record) -> Subscription:
    """A `subscription` record, typed. RecordError when a promised field is missing."""
    return _typed(record, lambda f: _subscription(record.key, f))


def customer_discount(record: Record) -> Discount | None:
    """The discount that a `customer` record carries for the customer's subscriptions."""
    found = record.fields.get("discount")
    return None if found is None else _typed(record, lambda fields: _discount(fields["discount"]))


def inheriting(subscription: Subscription, discounts: Mapping[str, Discount]) -> Subscription:
    """The subscription with its customer's discount (by customer) where it has none of its own, as Stripe bills it.

    An amount off in another currency lowers none of its invoices.
    """
    inherited = discounts.get(subscription.customer or "")
    if inherited is None or subscription.discounts:
        return subscription
    if inherited.amount_off is not None and inherited.amount_off.currency != subscription.currency:
        return subscription
    return replace(subscription, discounts=(inherited,))


def schedule(record: Record) -> Schedule:
    """A `subscription_schedule` record, typed. RecordError when a promised field is missing."""
    return _typed(
        record,
        lambda f: Schedule(
            key=record.key,
            subscription=f.get("subscription"),
            status=f["status"],
            end_behavior=f["end_behavior"],
            finite=bool(f["phases"]) and all(phase.get("end") is not None for phase in f["phases"]),
            phases=tuple(
                Phase(p["start"], p.get("end"), tuple((i["price"], i["quantity"]) for i in p.get("items") or ()))
                for p in f["phases"]
            ),
        ),
    )


def invoice(record: Record) -> Invoice:
    """An `invoice` record, typed. RecordError when a promised field is missing."""
    return _typed(record, lambda f: _invoice(record.key, f))


def price(fields: Fields) -> Price:
    """A price shape. KeyError when a promised field is missing."""
    unit: Money | None = fields.get("unit")
    return Price(
        id=fields["id"],
        product=fields["product"],
        currency=fields["currency"],
        unit=None if unit is None else Fraction(unit.amount),
        interval=fields.get("interval"),
        interval_count=fields.get("interval_count") or 1,
        metered=fields["usage"] == "metered",
        volume=fields.get("tiers_mode") == "volume",
        tiers=tuple(
            Tier(up_to=tier.get("up_to"), unit=_amount(tier.get("unit")), flat=_amount(tier.get("flat")))
            for tier in fields.get("tiers") or ()
        ),
        divide_by=fields.get("divide_by"),
        round_up=fields.get("round") == "up",
        inclusive=fields.get("tax_behavior") == "inclusive",
        metadata=fields.get("metadata") or {},
    )


def _typed(record: Record, read: Callable[[Fields], T]) -> T:
    try:
        return read(record.fields)
    except KeyError as error:
        raise RecordError(
            f"The {record.stream} {record.key} in the mirror has no field {error}: read it again from its source"
        ) from error


def _amount(money: Money | None) -> Fraction:
    return Fraction(0) if money is None else Fraction(money.amount)


def _discount(fields: Fields) -> Discount:
    percent = fields.get("percent")
    return Discount(
        coupon=fields["coupon"],
        percent=None if percent is None else Fraction(percent),
        amount_off=fields.get("amount_off"),
        once=fields["duration"] == "once",
        start=fields["start"],
        end=fields.get("end"),
    )


def _item(fields: Fields) -> Item:
    tax = fields.get("tax_percent")
    return Item(
        id=fields["id"],
        quantity=fields["quantity"],
        price=price(fields["price"]),
        period_start=fields["period_start"],
        discounts=tuple(_discount(each) for each in fields.get("discounts") or ()),
        tax_percent=None if tax is None else Fraction(tax),
    )


def _subscription(key: str, fields: Fields) -> Subscription:
    return Subscription(
        key=key,
        customer=(fields.get("who") or {}).get("key"),
        status=fields["status"],
        currency=fields["currency"],
        created=fields["created_at"],
        started_at=fields["started_at"],
        trial_end=fields.get("trial_end"),
        cancel_at=fields.get("cancel_at"),
        cancel_at_period_end=bool(fields.get("cancel_at_period_end")),
        canceled_at=fields.get("canceled_at"),
        ended_at=fields.get("ended_at"),
        collection_paused=bool(fields.get("collection_paused")),
        schedule=fields.get("schedule"),
        metadata=fields.get("metadata") or {},
        items=tuple(_item(each) for each in fields["items"]),
        discounts=tuple(_discount(each) for each in fields.get("discounts") or ()),
        cancellation_reason=fields.get("cancellation_reason"),
    )


def _invoice(key: str, fields: Fields) -> Invoice:
    ends = [end for name in ("voided_at", "uncollectible_at") if (end := fields.get(name)) is not None]
    paid_at = fields.get("paid_at")
    return Invoice(
        key=key,
        created=fields["created_at"],
        status=fields["status"],
        number=fields.get("number"),
        due=fields["due"],
        remaining=fields["remaining"],
        due_at=fields.get("due_at"),
        finalized_at=fields.get("finalized_at"),
        closed_at=min(ends if paid_at is None else (*ends, paid_at), default=None),
        paid_at=paid_at,
        attempted=bool(fields.get("attempted")),
        automatic=fields["collection"] == "charge_automatically",
        subscription=fields.get("subscription"),
        given_up_at=min(ends, default=None),
        attempts=fields.get("attempt_count") or 0,
    )
