"""Records as docs/records.md describes them, and businesses at random, for the tests of the planners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.core.money import Money
from hub.core.types import Record
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, Read, RevenueJob, ShowIn, Target
from hub.planning.plan import View

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ALL_FIGURES = ("cash_in", "mrr", "overdue", "refund_rate")
OWNED = {"Valeur": "value", "Objectif": "target", "Évolution": "change", "Compté le": "counted_at", "Preuve": "proof"}


def utc(text: str) -> datetime:
    """2026-10-05 or 2026-10-05T12:00, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def eur(text: str | int, currency: str = "EUR") -> Money:
    return Money(Decimal(text), currency)


def business(**more: Any) -> Business:
    return Business(**{"hub": 1, "business": "Atelier Lila", "key": "atelier-lila", "language": "fr", **more})


def job(*, since: str | None = "2026-01-01", figures: Iterable[Any] = (), **show: Any) -> RevenueJob:
    """A revenue job that reads the connection stripe; every figure unless some are named."""
    wanted = [each if isinstance(each, FigureConfig) else config(each) for each in figures or ALL_FIGURES]
    read = Read.model_validate({"from": "stripe", "since": None if since is None else date.fromisoformat(since)})
    show_in = ShowIn.model_validate({"database": "Chiffres", "hub_owns": OWNED, "people_own": ("Note CEO",), **show})
    return RevenueJob(
        hub=1,
        job="revenue_kpis",
        name="revenue",
        says="Payments become figures.",
        read=(read,),
        figures=tuple(wanted),
        show_in=show_in,
    )


def config(figure: str, target: str | Target | None = None, warn_above: Any = None) -> FigureConfig:
    titles = {
        "cash_in": "Encaissements",
        "mrr": "Revenu récurrent",
        "overdue": "Impayés",
        "refund_rate": "Remboursements",
    }
    wanted = Decimal(target) if isinstance(target, str) else target
    return FigureConfig.model_validate(
        {"figure": figure, "title": titles.get(figure, figure), "target": wanted, "warn_above": warn_above}
    )


def view(*records: Record, connection: str = "stripe") -> View:
    found: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        found.setdefault((connection, record.stream), []).append(record)
    return View(found)


def transaction(
    key: str, amount: str, at: str | datetime, category: str = "charge", *, currency: str = "EUR", description: str = ""
) -> Record:
    when = utc(at) if isinstance(at, str) else at
    fields = {
        "amount": Money(Decimal(amount), currency),
        "fee": Money.zero(currency),
        "net": Money(Decimal(amount), currency),
        "category": category,
        "type": category,
        "description": description,
        "available_on": when,
    }
    return Record(stream="balance_transaction", key=key, fields=fields, at=when)


def price(amount: str | None = "100", interval: str | None = "month", count: int = 1, **more: Any) -> dict[str, Any]:
    currency = more.pop("currency", "EUR")
    return {
        "id": "price_1",
        "product": "prod_1",
        "unit": None if amount is None else Money(Decimal(amount), currency),
        "currency": currency,
        "interval": interval,
        "interval_count": count,
        "usage": "licensed",
        "scheme": "per_unit",
        "tiers_mode": None,
        "tiers": (),
        "divide_by": None,
        "round": None,
        "tax_behavior": "unspecified",
        "metadata": {},
        **more,
    }


def item(of: Mapping[str, Any] | None = None, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": "si_1",
        "quantity": quantity,
        "price": price() if of is None else of,
        "period_start": utc("2026-11-05"),
        "period_end": utc("2026-12-05"),
        "discounts": (),
        "tax_percent": None,
        **more,
    }


def coupon(
    percent: str | None = None, amount_off: Money | None = None, duration: str = "forever", **more: Any
) -> dict[str, Any]:
    return {
        "coupon": "coupon_1",
        "percent": None if percent is None else Decimal(percent),
        "amount_off": amount_off,
        "duration": duration,
        "start": utc("2020-01-01"),
        "end": None,
        **more,
    }


def subscription(key: str = "sub_1", items: Iterable[Mapping[str, Any]] | None = None, **more: Any) -> Record:
    created = more.pop("created", utc("2026-02-05"))
    fields = {
        "who": {"key": "cus_1"},
        "status": "active",
        "currency": "EUR",
        "created_at": created,
        "started_at": created,
        "trial_end": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "ended_at": None,
        "collection_paused": False,
        "schedule": None,
        "metadata": {},
        "cancellation_reason": None,
        "items": tuple(items) if items is not None else (item(),),
        "discounts": (),
        **more,
    }
    return Record(stream="subscription", key=key, fields=fields, at=created)


def customer(key: str = "cus_1", **more: Any) -> Record:
    created = utc("2026-02-05")
    fields = {"name": "Nora", "email": "nora@example.com", "phone": None, "created_at": created, "discount": None}
    return Record(stream="customer", key=key, fields={**fields, **more}, at=created)


def schedule(key: str, subscription: str, end_behavior: str = "cancel", **more: Any) -> Record:
    phases = ({"start": utc("2026-02-05"), "end": utc("2026-05-05")},)
    fields = {
        "subscription": subscription,
        "status": "active",
        "end_behavior": end_behavior,
        "phases": phases,
        **more,
    }
    return Record(stream="subscription_schedule", key=key, fields=fields, at=utc("2026-02-05"))


def invoice(key: str = "in_1", due: str = "100", **more: Any) -> Record:
    """A finalized, open invoice that was sent to the customer and is due on 1 October 2026, unless told otherwise."""
    currency = more.pop("currency", "EUR")
    created = more.pop("created", utc("2026-09-01"))
    money = Money(Decimal(due), currency)
    fields = {
        "who": {"key": "cus_1"},
        "status": "open",
        "number": f"N-{key}",
        "currency": currency,
        "created_at": created,
        "total": money,
        "due": money,
        "paid": Money.zero(currency),
        "remaining": money,
        "off_stripe": Money.zero(currency),
        "due_at": utc("2026-10-01"),
        "finalized_at": created,
        "paid_at": None,
        "voided_at": None,
        "uncollectible_at": None,
        "attempted": False,
        "attempt_count": 0,
        "next_attempt_at": None,
        "collection": "send_invoice",
        "reason": "manual",
        "subscription": None,
        **more,
    }
    return Record(stream="invoice", key=key, fields=fields, at=created)


def paid_invoice(key: str, subscription: str, created: datetime, due: str = "100") -> Record:
    """An invoice of a subscription, paid a minute after it was charged."""
    return invoice(
        key,
        due,
        created=created,
        status="paid",
        paid=eur(due),
        remaining=eur(0),
        due_at=None,
        paid_at=created + timedelta(minutes=1),
        attempted=True,
        attempt_count=1,
        collection="charge_automatically",
        subscription=subscription,
    )


def payment(key: str, of: str, amount: str, paid_at: datetime, currency: str = "EUR") -> Record:
    fields = {
        "invoice": of,
        "amount": Money(Decimal(amount), currency),
        "status": "paid",
        "paid_at": paid_at,
        "payment": "pi_1",
        "payment_type": "payment_intent",
    }
    return Record(stream="invoice_payment", key=key, fields=fields, at=paid_at)
