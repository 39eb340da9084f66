"""Money that moved, as the mirror holds it: a payment with its transaction, what comes back of it, and its invoice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hub.core.money import Money
from hub.core.types import Record
from hub.mapping.revenue_job import Read
from hub.planning.calendar import Month, month
from hub.planning.figure import Figure
from hub.planning.figures.books import Books, books
from tests.planning.make import NOW, business, utc, view


def kept(*records: Record, now: datetime = NOW, since: str | None = None, **about: Any) -> Books:
    """The books of a business with these records; `about` it, as business.yaml says."""
    read = Read.model_validate({"from": "stripe", "since": None if since is None else date.fromisoformat(since)})
    return books(view(*records), (read,), business(**about), now)


def year(found: Books, number: int = 2026) -> list[Month]:
    """Its months until now."""
    months = [month(number, each, found.zone) for each in range(1, 13)]
    return [each for each in months if each.start <= found.now]


def values(figures: Iterable[Figure], period: str, currency: str = "EUR") -> dict[str, Any]:
    """The values of one month, by name; amounts of money as their Decimal."""
    return {
        each.figure: each.value.amount if isinstance(each.value, Money) else each.value
        for each in figures
        if (each.period, each.currency) == (period, currency)
    }


def only(figures: Iterable[Figure], name: str, period: str, currency: str = "EUR") -> Figure:
    (found,) = [each for each in figures if each.key == f"{name}/{period}/{currency}"]
    return found


def moved(
    key: str, amount: str, at: str | datetime, category: str, *, fee: str = "0", source: str | None = None, **more: Any
) -> Record:
    """A balance transaction. `fees`: pairs of a type and an amount."""
    currency = more.pop("currency", "EUR")
    when = utc(at) if isinstance(at, str) else at
    whole, cost = Money(Decimal(amount), currency), Money(Decimal(fee), currency)
    fields = {
        "amount": whole,
        "fee": cost,
        "net": whole - cost,
        "category": category,
        "type": category,
        "source": source,
        "description": None,
        "available_on": when,
        "exchange_rate": None,
        "fees": tuple({"type": kind, "amount": Money(Decimal(part), currency)} for kind, part in more.pop("fees", ())),
        **more,
    }
    return Record(stream="balance_transaction", key=key, fields=fields, at=when)


def paid(
    name: str, amount: str, at: str | datetime, *, invoice: str | None = None, asked: Money | None = None, **more: Any
) -> Iterator[Record]:
    """A payment that succeeded: charge ch_NAME, transaction txn_NAME, intent pi_NAME; of that invoice, if any."""
    when = utc(at) if isinstance(at, str) else at
    own = Money(Decimal(amount), more.get("currency", "EUR")) if asked is None else asked
    yield moved(f"txn_{name}", amount, when, "charge", source=f"ch_{name}", **more)
    fields = {
        "amount": own,
        "refunded": Money.zero(own.currency),
        "status": "paid",
        "at": when,
        "captured": True,
        "who": {"key": "cus_1"},
        "payment_intent": f"pi_{name}",
        "balance_transaction": f"txn_{name}",
        "description": None,
    }
    yield Record(stream="charge", key=f"ch_{name}", fields=fields, at=when)
    if invoice is not None:
        link = {
            "invoice": invoice,
            "amount": own,
            "status": "paid",
            "paid_at": when,
            "payment": f"pi_{name}",
            "payment_type": "payment_intent",
        }
        yield Record(stream="invoice_payment", key=f"inpay_{name}", fields=link, at=when)


def refunded(name: str, amount: str, at: str, *, of: str, **more: Any) -> Iterator[Record]:
    """Money given back of the payment OF."""
    yield moved(f"txn_{name}", f"-{amount}", at, "refund", source=f"re_{name}", **more)
    money = Money(Decimal(amount), more.get("currency", "EUR"))
    fields = {
        "amount": money,
        "status": "succeeded",
        "charge": f"ch_{of}",
        "payment_intent": f"pi_{of}",
        "reason": None,
        "balance_transaction": f"txn_{name}",
    }
    yield Record(stream="refund", key=f"re_{name}", fields=fields, at=utc(at))


def disputed(
    name: str, amount: str, at: str, *, of: str, fee: str = "20", status: str = "needs_response", **more: Any
) -> Iterator[Record]:
    """The payment OF is disputed: what it was, and the bank's fee, are taken back at once; not by an inquiry."""
    moves = () if status.startswith("warning") else (f"txn_{name}",)
    if moves:
        yield moved(f"txn_{name}", f"-{amount}", at, "dispute", fee=fee, source=f"dp_{name}", **more)
    fields = {
        "amount": Money(Decimal(amount), more.get("currency", "EUR")),
        "status": status,
        "reason": "fraudulent",
        "charge": f"ch_{of}",
        "due_by": None,
        "balance_transactions": moves,
    }
    yield Record(stream="dispute", key=f"dp_{name}", fields=fields, at=utc(at))


def checkout(name: str, total: str, at: str, *, tax: str | None = None, **more: Any) -> Record:
    """A completed checkout, paid by the payment intent pi_NAME."""
    fields = {
        "who": {"key": "cus_1"},
        "payment": f"pi_{name}",
        "payment_status": "paid",
        "mode": "payment",
        "total": Money(Decimal(total), "EUR"),
        "tax": None if tax is None else Money(Decimal(tax), "EUR"),
        "subscription": None,
        "invoice": None,
        "payment_intent": f"pi_{name}",
        **more,
    }
    return Record(stream="checkout_session", key=f"cs_{name}", fields=fields, at=utc(at))
