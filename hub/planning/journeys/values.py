"""What the words of a journey's texts and rows stand for. Pure.

A word that has no value yet (the day of an appointment that nobody booked) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.core.money import Money
from hub.core.types import Record, Value
from hub.mapping.model import Business
from hub.planning.journeys.types import Client, Fact
from hub.planning.words import Language, day, money

Lookup = Callable[[tuple[str, str, str]], Record | None]
"""(connection, stream, key) -> the record, as the mirror has it."""

_DAYS: Mapping[Language, Sequence[str]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Mapping[Language, Sequence[str]] = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def values_of(
    client: Client,
    offer: str,
    business: Business,
    record: Lookup,
    appointment: datetime | None = None,
    *,
    language: Language | None = None,
    link: str | None = None,
) -> dict[str, Value]:
    """Word -> value: text, a day, or money. `appointment`: when the one begins that is spoken of.

    `language`: in which an hour is written, the business's where None. `link`: the one that was made for her.
    """
    name = client.name or client.address.partition("@")[0]
    found: dict[str, Value] = {
        "person.name": name,
        "person.first_name": name.split()[0] if name.split() else name,
        "person.email": client.address,
        "offer": offer,
        "business.name": business.business,
    }
    paid = next((fact for fact in client.facts if fact.what == "payment"), None)
    if paid is not None:
        found["payment.day"] = paid.at.astimezone(business.zone).date()
        if paid.amount is not None:
            found["payment.amount"] = paid.amount
    signed = next((fact for fact in client.facts if fact.what == "signup"), None)
    if signed is not None:
        found["signup.day"] = signed.at.astimezone(business.zone).date()
        found["signup.form"] = _form(_record(signed, record))
    booked = _booked(client, appointment)
    if booked is not None and booked.day is not None:
        found |= _booking(booked.day, _record(booked, record), business.zone, language or business.language)
    if link is not None:
        found["booking.link"] = link
    return found


def shown(values: Mapping[str, Value], language: Language) -> dict[str, str]:
    """The same as people read them."""
    return {name: _text(value, language) for name, value in values.items() if value is not None}


def _text(value: Value, language: Language) -> str:
    if isinstance(value, Money):
        return money(value, language)
    if isinstance(value, date):
        return long_day(value, language)
    return str(value)


def long_day(value: date, language: Language) -> str:
    """lundi 8 mars 2027, Monday 8 March 2027."""
    number = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{_DAYS[language][value.weekday()]} {number} {_MONTHS[language][value.month - 1]} {value.year}"


def plain(value: Value, language: Language) -> str:
    """As it stands in a column of text: 21/11/2026."""
    return day(value, language) if isinstance(value, date) else _text(value, language)


def _record(fact: Fact, record: Lookup) -> Record | None:
    return None if fact.record is None else record(fact.record)


def _booked(client: Client, appointment: datetime | None) -> Fact | None:
    """The booking or move that led to that appointment; else the one that was made last."""
    known = [fact for fact in client.facts if fact.what in ("booking", "moved") and fact.day is not None]
    right = [fact for fact in known if fact.day == appointment]
    return (right or known)[-1] if known else None


def _booking(at: datetime, found: Record | None, here: ZoneInfo, language: Language) -> dict[str, Value]:
    """The appointment in the zone of who booked; where that is another one, the hour says so."""
    fields: Mapping[str, Value] = {} if found is None else found.fields
    zone = _zone(fields.get("timezone"), here)
    local = at.astimezone(zone)
    hour = local.strftime("%H h %M" if language == "fr" else "%H:%M")
    abroad = local.utcoffset() != at.astimezone(here).utcoffset()
    values: dict[str, Value] = {
        "booking.day": local.date(),
        "booking.time": f"{hour} ({zone.key})" if abroad else hour,
    }
    for name in ("title", "location", "reschedule_url", "cancel_url"):
        values[f"booking.{name}"] = str(fields.get(name) or "")
    return values


def _zone(name: Value, otherwise: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def _form(found: Record | None) -> str:
    form = None if found is None else found.fields.get("form") or found.fields.get("place")
    return str(form.get("name") or "") if isinstance(form, Mapping) else ""
