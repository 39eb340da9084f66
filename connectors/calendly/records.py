"""Calendly's JSON as our records. Pure.

A booking is one invitee of one scheduled event, joined with the event. Its `at` is when the appointment begins, for
that is the day that it belongs to; `created_at` says when it was booked. A reschedule makes a new event with a new
invitee: the old booking is `moved` and names the new one, the new one names the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from connectors.calendly.keys import booking as booking_key
from connectors.calendly.keys import maybe_booking, maybe_uuid, uuid
from hub.core.errors import RecordError
from hub.core.kinds import Kind
from hub.core.money import Money
from hub.core.types import Record, Value

Json: TypeAlias = Mapping[str, Any]

STREAMS = ("event_type", "user", "booking", "signup")
"""Every stream, in the order in which a backfill reads them."""

KINDS: Mapping[str, Kind] = {"booking": "booking", "signup": "signup", "user": "person"}
"""Stream -> the kind whose fields its records carry."""


@contextmanager
def readable(stream: str, found: Json) -> Iterator[None]:
    """Turns what goes wrong inside over an object's shape into a RecordError that names the object and the field."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise RecordError(
            f"Calendly's {stream} {found.get('uri', 'without uri')} has a shape that the hub does not know: {reason}."
        ) from error


def instant(text: str) -> datetime:
    """Calendly's ISO text, to the microsecond, as aware UTC. ValueError for one without a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"the time {text!r} has no zone")
    return found.astimezone(UTC)


def maybe_instant(text: str | None) -> datetime | None:
    """An instant, or None where Calendly says null."""
    return None if text is None else instant(text)


def money(amount: Any, currency: str) -> Money:
    """An amount in whole units of the currency, exact. TypeError for a float: JSON must be read with Decimal."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise TypeError(f"an amount must be read as Decimal, not {type(amount).__name__}")
    return Money(Decimal(amount), currency.upper())


def booking(event: Json, invitee: Json) -> Record:
    """The record of one invitee of a scheduled event. RecordError when a field that we need is missing."""
    with readable("booking", invitee):
        starts_at = instant(event["start_time"])
        status = _status(event, invitee)
        fields: dict[str, Value] = {
            "title": event["name"] or "",
            "event_type": _place(maybe_uuid(event.get("event_type"))),
            "starts_at": starts_at,
            "ends_at": instant(event["end_time"]),
            "status": status,
            "who": _who(name=invitee["name"], email=invitee["email"]) or {"key": uuid(invitee["uri"])},
            "timezone": invitee.get("timezone"),
            "hosts": tuple(_host(each) for each in event.get("event_memberships") or ()),
            "location": _location(event.get("location")),
            "moved_from": maybe_booking(invitee.get("old_invitee")),
            "moved_to": maybe_booking(invitee.get("new_invitee")),
            **_cancellation(event, invitee, status),
            "answers": _answers(invitee.get("questions_and_answers")),
            "tracking": _tracking(invitee.get("tracking")),
            **_payment(invitee),
            "cancel_url": invitee.get("cancel_url"),
            "reschedule_url": invitee.get("reschedule_url"),
            "created_at": instant(invitee["created_at"]),
            "edited_at": max(instant(invitee["updated_at"]), instant(event["updated_at"])),
            "guests": tuple(str(each["email"]) for each in event.get("event_guests") or ()),
            "routing_form_submission": maybe_uuid(invitee.get("routing_form_submission")),
            "phone": invitee.get("text_reminder_number"),
        }
        if "no_show" in invitee:
            fields["no_show"] = invitee["no_show"] is not None
        return Record(stream="booking", key=booking_key(invitee["uri"]), fields=fields, at=starts_at)


def signup(found: Json, form: Json, invitee: Json | None) -> Record:
    """The record of a routing form's submission. `form`: as Calendly shows it, empty when it is gone.

    Who it was is what they answered to the form's questions for a name and an address, else the invitee they became.
    A submission of nobody that anyone could tell is no sign-up: it comes back as deleted.
    """
    with readable("signup", found):
        key = uuid(found["uri"])
        kinds = {each["uuid"]: each["type"] for each in form.get("questions") or ()}
        given = found.get("questions_and_answers") or ()
        told = {kinds.get(each.get("question_uuid")): each.get("answer") for each in given}
        who = _who(name=told.get("name"), email=told.get("email"))
        if invitee is not None:
            who = {**(_who(name=invitee.get("name"), email=invitee.get("email")) or {}), **(who or {})}
        if not who:
            return Record(stream="signup", key=key, deleted=True)
        at = instant(found["created_at"])
        fields: dict[str, Value] = {
            "who": who,
            "form": _place(uuid(found["routing_form"]), form.get("name")),
            "at": at,
            "answers": _answers(given),
            "tracking": _tracking(found.get("tracking")),
            "created_at": at,
            "edited_at": instant(found["updated_at"]),
            "booking": maybe_booking(found.get("submitter")),
            **_result(found.get("result")),
        }
        return Record(stream="signup", key=key, fields=fields, at=at)


def names_somebody(found: Json, form: Json) -> bool:
    """Whether a submission's own answers say both name and address, so that its invitee need not be read."""
    with readable("signup", found):
        kinds = {each["uuid"]: each["type"] for each in form.get("questions") or ()}
        answered = {
            kinds.get(each.get("question_uuid"))
            for each in found.get("questions_and_answers") or ()
            if each.get("answer")
        }
        return {"name", "email"} <= answered


def event_type(found: Json) -> Record:
    """The record of an event type; deleted when Calendly says that it was."""
    with readable("event type", found):
        key = uuid(found["uri"])
        if found.get("deleted_at") is not None:
            return Record(stream="event_type", key=key, deleted=True)
        profile: Json = found.get("profile") or {}
        fields: dict[str, Value] = {
            "title": found["name"] or found.get("slug") or "",
            "active": found["active"],
            "minutes": _whole(found["duration"]),
            "kind": found.get("kind_description") or found.get("kind"),
            "url": found["scheduling_url"],
            "description": found.get("description_plain"),
            "note": found.get("internal_note"),
            "hidden": found.get("secret"),
            "owner": _who(key=maybe_uuid(profile.get("owner")), name=profile.get("name")),
            "questions": tuple(str(each["name"]) for each in found.get("custom_questions") or ()),
            "created_at": instant(found["created_at"]),
            "edited_at": instant(found["updated_at"]),
        }
        return Record(stream="event_type", key=key, fields=fields)


def user(found: Json) -> Record:
    """The record of a member, from their membership of the organization."""
    with readable("membership", found):
        person: Json = found["user"]
        fields: dict[str, Value] = {
            "name": person["name"],
            "email": person["email"],
            "username": person.get("slug"),
            "timezone": person.get("timezone"),
            "url": person.get("scheduling_url"),
            "role": found["role"],
            "created_at": instant(person["created_at"]),
            "edited_at": max(instant(person["updated_at"]), instant(found["updated_at"])),
        }
        return Record(stream="user", key=uuid(person["uri"]), fields=fields)


def _status(event: Json, invitee: Json) -> str:
    if invitee["status"] == "active" and event["status"] == "active":
        return "active"
    return "moved" if invitee.get("rescheduled") or invitee.get("new_invitee") else "cancelled"


def _cancellation(event: Json, invitee: Json, status: str) -> dict[str, Value]:
    """Who cancelled and why. A group's event may say it for all its invitees."""
    found: Json = (invitee.get("cancellation") or event.get("cancellation") or {}) if status != "active" else {}
    fields: dict[str, Value] = {
        "cancelled_by": found.get("canceler_type"),
        "reason": found.get("reason") or None,
        "cancelled_by_name": found.get("canceled_by"),
    }
    if found.get("created_at"):
        fields["cancelled_at"] = instant(found["created_at"])
    return fields


def _payment(invitee: Json) -> dict[str, Value]:
    """The payment's reference at Stripe or PayPal; what was paid stands under names of its own, never to be summed."""
    if "payment" not in invitee:
        return {}
    found: Json | None = invitee["payment"]
    if found is None:
        return {"payment": None}
    return {
        "payment": found["external_id"],
        "payment_amount": money(found["amount"], found["currency"]),
        "payment_provider": found["provider"],
        "payment_successful": found["successful"],
    }


def _location(found: Json | None) -> str | None:
    """An address, a number or a link; None while a conference has no link yet."""
    if not found:
        return None
    text = found.get("join_url") or found.get("location")
    return text if isinstance(text, str) and text else None


def _host(found: Json) -> dict[str, Value]:
    return _who(key=uuid(found["user"]), name=found.get("user_name"), email=found.get("user_email")) or {}


def _who(**said: str | None) -> dict[str, Value] | None:
    """A person inside another record: what the answer says of them; None when it says nothing."""
    return {name: text for name, text in said.items() if text} or None


def _place(key: str | None, name: str | None = None) -> dict[str, Value] | None:
    return _who(key=key, name=name)


def _answers(given: Any) -> dict[str, Value]:
    """Question -> answer, in the form's order; the second of two equal questions is called "… (2)"."""
    answers: dict[str, Value] = {}
    for each in sorted(given or (), key=lambda each: each.get("position") or 0):
        name, number = str(each["question"]), 1
        while name in answers:
            number += 1
            name = f"{each['question']} ({number})"
        answers[name] = each.get("answer")
    return answers


def _tracking(found: Json | None) -> dict[str, Value]:
    return {name: text for name, text in (found or {}).items() if text is None or isinstance(text, str)}


_RESULTS: Mapping[str, Callable[[Any], str | None]] = {
    "event_type": maybe_uuid,
    "external_url": lambda value: value,
    "custom_message": lambda value: value.get("headline"),
}


def _result(found: Json | None) -> dict[str, Value]:
    """Where the form led: an event type (its key), an address, or the headline of a message."""
    kind = (found or {}).get("type")
    read = _RESULTS.get(str(kind))
    return {"result_type": kind, "result": read(found["value"]) if found and read else None}


def _whole(number: Any) -> int:
    if isinstance(number, bool | float) or number != int(number):
        raise TypeError(f"{number!r} is no whole number of minutes")
    return int(number)
