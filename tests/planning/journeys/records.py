"""Records as Stripe's and Calendly's connectors make them, for one client or for many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.core.kinds import Kind
from hub.core.money import Money
from hub.core.types import Record
from hub.planning.history import Mirror
from hub.planning.plan import View
from tests.planning.journeys.small import DAY, MONDAY

KINDS: Mapping[tuple[str, str], Kind] = {
    ("stripe", "customer"): "person",
    ("stripe", "subscription"): "subscription",
    ("stripe", "invoice"): "invoice",
    ("stripe", "checkout_session"): "signup",
    ("stripe", "charge"): "payment",
    ("calendly", "booking"): "booking",
    ("calendly", "signup"): "signup",
    ("notion", "row"): "page",
    ("email", "mail"): "message",
}
OFFER, KICKOFF = "Programme Élan", "Appel de démarrage"


def mirror(records: Iterable[tuple[str, Record]]) -> Mirror:
    """The mirror of these records, by connection."""
    held: dict[tuple[str, str], list[Record]] = {}
    for where, record in records:
        held.setdefault((where, record.stream), []).append(record)
    return Mirror(view=View(held), kinds=KINDS)


def euros(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")


def who(address: str, name: str = "", key: str = "") -> dict[str, str]:
    return {part: text for part, text in {"key": key, "name": name, "email": address}.items() if text}


def session(key: str, address: str, at: datetime = MONDAY, *, status: str = "paid", **more: Any) -> Record:
    fields: dict[str, Any] = {
        "who": who(address, more.pop("name", "Marie Dupont")),
        "at": at,
        "products": (OFFER,),
        "payment": f"pi_{key}" if status == "paid" else None,
        "payment_status": status,
        "mode": "payment",
        "total": euros(900),
        "payment_intent": f"pi_{key}",
        "invoice": None,
        "subscription": None,
    }
    return Record(stream="checkout_session", key=key, fields={**fields, **more}, at=at)


def charge(key: str, intent: str | None, at: datetime = MONDAY, *, status: str = "paid", **more: Any) -> Record:
    fields: dict[str, Any] = {
        "amount": euros(900), "refunded": euros(0), "status": status, "at": at, "payment_intent": intent,
        "who": who("", key="cus_1"), "description": None,
    }  # fmt: skip
    return Record(stream="charge", key=key, fields={**fields, **more}, at=at)


def booking(key: str, address: str, made: datetime = MONDAY, day: datetime = MONDAY + 14 * DAY, **more: Any) -> Record:
    fields: dict[str, Any] = {
        "title": KICKOFF, "event_type": {"key": "type_1"}, "starts_at": day, "ends_at": day, "status": "active",
        "who": who(address, "Marie Dupont"), "moved_from": None, "moved_to": None, "created_at": made,
        "edited_at": made, "no_show": False,
    }  # fmt: skip
    return Record(stream="booking", key=key, fields={**fields, **more}, at=day)
