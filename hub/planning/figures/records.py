"""The records of Stripe's money, typed for the figures. Subscriptions and invoices stand in `objects`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Record
from hub.planning import objects

T = TypeVar("T")
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A movement of the account's balance, in settlement currency. `fees`: the fee by type, where the mirror has it."""

    key: str
    at: datetime
    category: str
    amount: Money
    fee: Money
    net: Money
    source: str | None
    note: str
    fees: tuple[tuple[str, Money], ...]
    exchange_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment that was tried, in the currency that was asked for."""

    key: str
    at: datetime
    amount: Money
    status: str
    customer: str | None
    payment_intent: str | None
    transaction: str | None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back."""

    key: str
    at: datetime
    amount: Money
    status: str
    charge: str | None
    payment_intent: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payment that the customer's bank questions."""

    key: str
    at: datetime
    amount: Money
    status: str
    charge: str | None
    transactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid of an invoice. `type`: charge, payment_intent or payment_record (paid outside Stripe)."""

    key: str
    at: datetime
    invoice: str
    amount: Money | None
    status: str
    paid_at: datetime | None
    payment: str | None
    type: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """A payment outside Stripe that a person wrote down. `key`: its day and its place among those of that day.

    `how`: by_transfer, by_cheque, by_cash or by_other. `source`: the file in which it stands.
    """

    key: str
    at: datetime
    amount: Money
    how: str
    offer: str
    client: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Session:
    """A completed checkout. `tax`: what Stripe worked out; None where it worked out none."""

    key: str
    at: datetime
    mode: str
    total: Money | None
    tax: Money | None
    subscription: str | None
    invoice: str | None
    payment_intent: str | None


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice says of its money, beside what `objects.Invoice` holds.

    `tax`: inside the total; None where Stripe worked none out. `off_stripe`: what of it was paid
    outside Stripe. `first`: the first invoice of its subscription. `lines`: price, product and text of each.
    """

    key: str
    total: Money
    tax: Money | None
    off_stripe: Money
    first: bool
    customer: str | None = None
    email: str = ""
    lines: tuple[tuple[str | None, str | None, str], ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


def instant(record: Record) -> datetime:
    """The instant that a record belongs to. RecordError when it has none."""
    if record.at is None:
        raise RecordError(f"The {record.stream} {record.key} in the mirror has no instant: read it again")
    return record.at


def order(record: Record) -> tuple[datetime, str]:
    """By instant, then key, whatever order they came in."""
    return instant(record), record.key


def read(record: Record, read_as: Callable[[Record], T]) -> T:
    """The record, typed. RecordError when a promised field is missing."""
    try:
        return read_as(record)
    except KeyError as error:
        raise RecordError(
            f"The {record.stream} {record.key} in the mirror has no field {error}: read it again from its source"
        ) from error


def name(record: Record) -> str:
    """How a customer is called: by name, else by address, else by key."""
    fields: Fields = record.fields
    return fields.get("name") or fields.get("email") or record.key


def metadata(record: Record) -> Mapping[str, str]:
    """What people wrote on a product."""
    f: Fields = record.fields
    return f.get("metadata") or {}


def transaction(record: Record) -> Transaction:
    f: Fields = record.fields
    return Transaction(
        record.key,
        instant(record),
        f["category"],
        f["amount"],
        f["fee"],
        f["net"],
        f.get("source"),
        f.get("description") or "",
        tuple((each["type"], each["amount"]) for each in f.get("fees") or ()),
        f.get("exchange_rate"),
    )


def charge(record: Record) -> Charge:
    f: Fields = record.fields
    who, intent = f.get("who") or {}, f.get("payment_intent")
    return Charge(
        record.key, instant(record), f["amount"], f["status"], who.get("key"), intent, f.get("balance_transaction")
    )


def refund(record: Record) -> Refund:
    f: Fields = record.fields
    return Refund(record.key, instant(record), f["amount"], f["status"], f.get("charge"), f.get("payment_intent"))


def dispute(record: Record) -> Dispute:
    f: Fields = record.fields
    moved = tuple(f.get("balance_transactions") or ())
    return Dispute(record.key, instant(record), f["amount"], f["status"], f.get("charge"), moved)


def payment(record: Record) -> Payment:
    f: Fields = record.fields
    return Payment(
        record.key,
        instant(record),
        f["invoice"],
        f.get("amount"),
        f["status"],
        f.get("paid_at"),
        f.get("payment"),
        f.get("payment_type") or "",
    )


def session(record: Record) -> Session:
    f: Fields = record.fields
    return Session(
        record.key,
        instant(record),
        f.get("mode") or "",
        f.get("total"),
        f.get("tax"),
        f.get("subscription"),
        f.get("invoice"),
        f.get("payment_intent"),
    )


def price(record: Record) -> objects.Price:
    return objects.price(record.fields)


def bill(record: Record) -> Bill:
    f: Fields = record.fields
    total: Money = f["total"]
    who = f.get("who") or {}
    return Bill(
        record.key,
        total,
        f.get("tax"),
        f.get("off_stripe") or Money.zero(total.currency),
        f.get("reason") == "subscription_create",
        who.get("key"),
        who.get("email") or "",
        tuple((each["price"], each["product"], each["text"] or "") for each in f.get("lines") or ()),
        f.get("metadata") or {},
    )
