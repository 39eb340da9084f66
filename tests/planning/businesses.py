"""Random businesses for hypothesis: balance transactions, subscriptions, invoices and their payments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hub.core.money import Money
from hub.core.types import Record
from tests.planning.make import (
    NOW,
    coupon,
    customer,
    invoice,
    item,
    payment,
    price,
    schedule,
    subscription,
    transaction,
)

CATEGORIES = (
    *("charge", "charge", "charge", "refund", "refund_failure", "partial_capture_reversal"),
    *("dispute", "dispute_reversal", "charge_failure", "payout", "fee", "other_adjustment"),
)
CURRENCIES = ("EUR", "EUR", "EUR", "USD", "JPY")
ZONES = ("Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC", "America/Santiago")
FIRST = datetime(2026, 5, 20, tzinfo=UTC)
EDGES = [
    datetime(2026, month, 1, tzinfo=UTC) + timedelta(hours=hour)
    for month in range(6, 12)
    for hour in (-14, -2, -1, 0, 5)
]


@st.composite
def instants(draw: Any, first: datetime = FIRST, last: datetime = NOW) -> datetime:
    """Any second between two instants; often close to the end of a month."""
    edges = [edge for edge in EDGES if first <= edge <= last]
    if edges and draw(st.booleans()):
        return draw(st.sampled_from(edges)) + timedelta(microseconds=draw(st.sampled_from([-1, 0, 1])))
    return first + timedelta(seconds=draw(st.integers(0, int((last - first).total_seconds()))))


def amounts(currency: str, low: int = 0, high: int = 200_000) -> st.SearchStrategy[Money]:
    scale = Decimal(1) if currency == "JPY" else Decimal(100)
    return st.integers(low, high).map(lambda minor: Money(Decimal(minor) / scale, currency))


@st.composite
def transactions(draw: Any) -> list[Record]:
    made = []
    for n in range(draw(st.integers(0, 12))):
        category, currency = draw(st.sampled_from(CATEGORIES)), draw(st.sampled_from(CURRENCIES))
        money = draw(amounts(currency))
        sign = 1 if category in {"charge", "refund_failure", "dispute_reversal"} else -1
        made.append(transaction(f"txn_{n}", str(money.amount * sign), draw(instants()), category, currency=currency))
    return made


@st.composite
def prices(draw: Any, currency: str) -> dict[str, Any]:
    interval = draw(st.sampled_from(["month", "month", "year", "week", "day", None]))
    more: dict[str, Any] = {"currency": currency, "tax_behavior": draw(st.sampled_from(["inclusive", "exclusive"]))}
    if draw(st.integers(0, 7)) == 0:
        more["usage"] = "metered"
    if draw(st.integers(0, 7)) == 0:
        more["metadata"] = {"instalments": draw(st.sampled_from(["3", "yes", "no", "0"]))}
    if draw(st.integers(0, 3)) == 0:
        more |= {"divide_by": draw(st.integers(1, 5)), "round": draw(st.sampled_from(["up", "down"]))}
    if draw(st.integers(0, 3)) == 0:
        tops = [*sorted(draw(st.sets(st.integers(1, 12), max_size=2))), None]
        more |= {
            "tiers_mode": draw(st.sampled_from(["graduated", "volume"])),
            "tiers": tuple(
                {"up_to": top, "unit": draw(amounts(currency)), "flat": draw(amounts(currency, high=5000))}
                for top in tops
            ),
        }
        return price(None, interval, draw(st.integers(1, 3)), **more)
    return price(str(draw(amounts(currency)).amount), interval, draw(st.integers(1, 3)), **more)


@st.composite
def coupons(draw: Any, currency: str) -> dict[str, Any]:
    start = draw(instants())
    more = {
        "duration": draw(st.sampled_from(["once", "repeating", "forever"])),
        "start": start,
        "end": draw(st.none() | instants(start, NOW + timedelta(days=60))),
    }
    if draw(st.booleans()):
        return coupon(str(draw(st.sampled_from([5, 10, 33, 50, 100]))), **more)
    return coupon(amount_off=draw(amounts(currency, high=20_000)), **more)


@st.composite
def subscriptions(draw: Any, key: str) -> list[Record]:
    """A subscription, its customer, sometimes its schedule, and its paid invoices."""
    currency = draw(st.sampled_from(CURRENCIES))
    created = draw(instants())
    items = [
        item(
            draw(prices(currency)),
            draw(st.integers(0, 15)),
            id=f"si_{key}_{n}",
            period_start=draw(instants(created, NOW)),
            discounts=tuple(draw(st.lists(coupons(currency), max_size=1))),
            tax_percent=draw(st.sampled_from([None, Decimal("20"), Decimal("5.5")])),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    status = draw(
        st.sampled_from(
            [
                "active",
                "active",
                "active",
                "past_due",
                "canceled",
                "canceled",
                "trialing",
                "unpaid",
                "paused",
                "incomplete_expired",
            ]
        )
    )
    fields: dict[str, Any] = {
        "who": {"key": f"cus_{key}"},
        "currency": currency,
        "created": created,
        "status": status,
        "collection_paused": draw(st.integers(0, 7)) == 0,
        "discounts": tuple(draw(st.lists(coupons(currency), max_size=2))),
        "trial_end": draw(st.none() | instants(created, NOW + timedelta(days=9))),
    }
    if status == "canceled":
        fields["ended_at"] = draw(instants(created, NOW))
        fields["canceled_at"] = draw(instants(created, fields["ended_at"]))
    if draw(st.integers(0, 5)) == 0:
        fields["cancel_at"] = created + timedelta(days=draw(st.sampled_from([20, 93, 400])))
        fields["canceled_at"] = draw(
            st.sampled_from([created + timedelta(hours=1), created + timedelta(hours=30), None])
        )
    theirs = draw(st.none() | st.none() | coupons(draw(st.sampled_from([currency, "USD"]))))
    records = [customer(f"cus_{key}", discount=theirs)]
    if draw(st.integers(0, 5)) == 0:
        fields["schedule"] = f"sched_{key}"
        if draw(st.booleans()):
            records.append(schedule(f"sched_{key}", key, draw(st.sampled_from(["cancel", "release"]))))
    for n in range(draw(st.integers(0, 2))):
        at = draw(instants(created, NOW))
        records.append(
            invoice(
                f"in_{key}_{n}",
                created=at,
                status="paid",
                paid_at=at,
                subscription=key,
                collection="charge_automatically",
            )
        )
    return [subscription(key, items, **fields), *records]


@st.composite
def invoices(draw: Any) -> list[Record]:
    made = []
    for n in range(draw(st.integers(0, 4))):
        created, due = draw(instants()), draw(st.integers(1, 90_000))
        paid_at, part_at = draw(st.none() | instants(created, NOW)), draw(st.none() | instants(created, NOW))
        part = Money(Decimal(draw(st.integers(1, due))) / 100, "EUR")
        total = Money(Decimal(due) / 100, "EUR")
        if part_at is not None and (paid_at is None or part_at < paid_at):
            made.append(payment(f"inpay_{n}", f"in_{n}", str(part.amount), part_at))
        else:
            part = Money.zero("EUR")
        made.append(
            invoice(
                f"in_{n}",
                str(total.amount),
                created=created,
                due_at=draw(instants(created, NOW + timedelta(days=9))),
                status="open" if paid_at is None else "paid",
                paid_at=paid_at,
                remaining=total - part if paid_at is None else Money.zero("EUR"),
            )
        )
    return made


@st.composite
def businesses(draw: Any) -> list[Record]:
    """Every record of one connection of a small business between May and November 2026."""
    records = draw(transactions())
    for n in range(draw(st.integers(0, 3))):
        records += draw(subscriptions(f"sub_{n}"))
    return records + draw(invoices())
