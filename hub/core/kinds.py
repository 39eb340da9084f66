"""The kinds of record that jobs speak of, so that they need not know providers.

A Trello card, an Asana task and a Notion row are the same `task`. A connector says which of its streams hold which kind
(`ConnectorSpec.kinds`); the records of such a stream carry the fields below beside whatever else the provider knows.

What a provider cannot say is absent: its field is left out. None says that the provider can say it and that it is
empty. The columns that people made themselves (Notion properties, Asana and Trello custom fields, the questions of a
form) are under `properties`, by the name that people gave them; `seen_as` reads a record as a kind by those names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias

from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Record, Value

Kind: TypeAlias = Literal[
    "task", "person", "payment", "subscription", "invoice", "booking", "signup", "message", "page"
]
Shape: TypeAlias = Literal[
    "text", "flag", "number", "money", "date", "instant", "date or instant", "texts", "who", "whos", "place", "places",
    "answers", "properties", "checklist", "files", "bounce", "tracking",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """`always`: a record of the kind has it. `empty`: it may be None. `says`: what it means, for docs/records.md."""

    shape: Shape
    says: str
    always: bool = False
    empty: bool = True


WHO = ("key", "name", "email", "username")
"""A person inside another record: a mapping of these texts, each left out where the provider does not say it."""

PLACE = ("key", "name")
"""A project, board, database or list inside another record: its id at the provider, and its name."""


def _always(shape: Shape, says: str) -> Field:
    return Field(shape, says, always=True, empty=False)


_COMMON: Mapping[str, Field] = {
    "url": Field("text", "where a person sees it"),
    "created_at": Field("instant", "when it was made"),
    "edited_at": Field("instant", "when it was last changed, as exactly as the provider says"),
    "edited_by": Field("who", "who changed it last"),
    "properties": Field("properties", "the columns that people made, by the name that they gave them"),
}

_FIELDS: Mapping[Kind, Mapping[str, Field]] = {
    "task": {
        "title": _always("text", "what is to be done"),
        "notes": Field("text", "the description"),
        "due": Field("date or instant", "when it must be done; a date where no hour was given (R8)"),
        "start": Field("date or instant", "when it begins"),
        "done": Field("flag", "whether it is done", empty=False),
        "done_at": Field("instant", "when it was done"),
        "assignees": Field("whos", "who does it", empty=False),
        "section": Field("text", "the list, column or section that it stands in"),
        "places": Field("places", "the projects or boards that it belongs to", empty=False),
        "parent": Field("text", "the key of the task that it is a part of"),
        "labels": Field("texts", "tags or labels", empty=False),
        "checklist": Field("checklist", "steps inside it: title, done, and due where there is one", empty=False),
        "archived": Field("flag", "put away, but not gone", empty=False),
    },
    "person": {
        "name": Field("text", "the whole name"),
        "email": Field("text", "the address"),
        "first_name": Field("text", "the first name"),
        "last_name": Field("text", "the last name"),
        "username": Field("text", "the name at the provider"),
        "phone": Field("text", "the telephone number"),
        "timezone": Field("text", "the IANA time zone"),
        "languages": Field("texts", "the languages to write in, the best one first: fr, en-GB", empty=False),
    },
    "payment": {
        "amount": _always("money", "what was asked for, tax included"),
        "refunded": Field("money", "what of it was given back", empty=False),
        "status": _always("text", "paid, pending or failed"),
        "at": _always("instant", "when it was made"),
        "who": Field("who", "who paid"),
        "description": Field("text", "what it says it is for"),
        "products": Field("texts", "the names of what was bought", empty=False),
        "invoice": Field("text", "the key of its invoice"),
    },
    "subscription": {
        "status": _always("text", "the provider's word"),
        "who": Field("who", "who pays"),
        "products": Field("texts", "the names of what is subscribed to", empty=False),
        "started_at": Field("instant", "when it began"),
        "trial_end": Field("instant", "when its trial ends"),
        "cancel_at": Field("instant", "when it will end, as is known now"),
        "ended_at": Field("instant", "when it ended"),
    },
    "invoice": {
        "status": _always("text", "the provider's word: draft, open, paid, void, uncollectible"),
        "number": Field("text", "the number that is printed on it"),
        "who": Field("who", "who is to pay"),
        "total": _always("money", "tax included"),
        "remaining": Field("money", "what is still to be paid", empty=False),
        "due_at": Field("instant", "when it is to be paid"),
        "paid_at": Field("instant", "when it was paid"),
        "subscription": Field("text", "the key of the subscription that made it"),
        "first": Field("flag", "the first invoice of its subscription", empty=False),
    },
    "booking": {
        "title": _always("text", "the name of the appointment"),
        "event_type": Field("place", "the kind of appointment"),
        "starts_at": _always("instant", "when it begins"),
        "ends_at": _always("instant", "when it ends"),
        "status": _always("text", "active, moved or cancelled"),
        "who": _always("who", "who booked"),
        "timezone": Field("text", "the IANA zone of who booked"),
        "hosts": Field("whos", "who receives", empty=False),
        "location": Field("text", "an address, a telephone number or a link"),
        "moved_from": Field("text", "the key of the booking that this one replaces"),
        "moved_to": Field("text", "the key of the booking that replaces this one"),
        "cancelled_by": Field("text", "host or invitee"),
        "reason": Field("text", "the reason that was given"),
        "no_show": Field("flag", "marked as not come", empty=False),
        "answers": Field("answers", "question -> answer", empty=False),
        "tracking": Field("tracking", "utm_source and its like, as given", empty=False),
        "payment": Field("text", "the payment's reference at who took it, to join with and never to count twice"),
        "cancel_url": Field("text", "where who booked may cancel"),
        "reschedule_url": Field("text", "where who booked may move it"),
    },
    "signup": {
        "who": _always("who", "who signed up"),
        "form": Field("place", "the form, database or checkout it came by"),
        "at": _always("instant", "when"),
        "answers": Field("answers", "question -> answer", empty=False),
        "tracking": Field("tracking", "utm_source and its like, as given", empty=False),
        "products": Field("texts", "the names of what was bought, where something was", empty=False),
        "payment": Field("text", "the payment's reference, where something was paid"),
        "language": Field("text", "the language in which the form was shown, where one was chosen: fr, en-GB"),
    },
    "message": {
        "message_id": Field("text", "its Message-ID, with its angle brackets; None where the sender gave none"),
        "from": Field("who", "what its From says, which is no proof"),
        "to": Field("whos", "whom it was sent to", empty=False),
        "cc": Field("whos", "who had a copy", empty=False),
        "subject": Field("text", "its subject"),
        "text": Field("text", "what it says, as plain text"),
        "at": _always("instant", "when it arrived"),
        "answers_to": Field("text", "the Message-ID or key of what it answers"),
        "references": Field("texts", "the Message-IDs that it names", empty=False),
        "automatic": Field("flag", "made by a machine: never answer it", empty=False),
        "bounce": Field("bounce", "what could not be delivered: recipient, status, permanent, message_id"),
        "files": Field("files", "attachments: name, type, size in bytes", empty=False),
        "page": Field("text", "the key of the page or task that it is a comment on"),
    },
    "page": {
        "title": _always("text", "its title"),
        "place": Field("place", "the database or page that it stands in"),
        "archived": Field("flag", "in the trash", empty=False),
    },
}

KINDS: Mapping[Kind, Mapping[str, Field]] = MappingProxyType(
    {kind: MappingProxyType({**fields, **_COMMON}) for kind, fields in _FIELDS.items()}
)
"""Kind -> its fields. The fields of a record of that kind are these, and any others of the provider's own."""

Names: TypeAlias = Mapping[str, str | Mapping[str, str]]
"""Field of a kind -> the property that holds it; or, for a flag, {property: the word that means yes}."""


def seen_as(record: Record, kind: Kind, names: Names) -> Record:
    """`record` as one of that kind: each field in `names` is taken from the property that people keep it in.

    A property that the record does not have leaves the field absent. RecordError when a value does not fit the field.
    """
    properties = record.fields.get("properties")
    held = properties if isinstance(properties, Mapping) else {}
    fields = dict(record.fields)
    for name, where in names.items():
        if name not in KINDS[kind]:
            raise RecordError(f"A {kind} has no field {name!r}. It has: {', '.join(KINDS[kind])}.")
        if isinstance(where, str):
            if where in held:
                fields[name] = _fitted(KINDS[kind][name].shape, held[where])
        else:
            fields[name] = all(_word(held.get(column)) == word.casefold() for column, word in where.items())
    wrong = problems(kind, {name: fields[name] for name in names if name in fields})
    if wrong:
        raise RecordError(f"{record.stream} {record.key} cannot be read as a {kind}: {'; '.join(wrong)}.")
    return replace(record, fields=fields)


def problems(kind: Kind, fields: Mapping[str, Value], *, whole: bool = False) -> Sequence[str]:
    """What in `fields` is not as the kind says, a line each. `whole`: fields that must always be there count too."""
    known = KINDS[kind]
    wrong = [f"{name} is missing" for name, field in known.items() if whole and field.always and name not in fields]
    for name, value in fields.items():
        field = known.get(name)
        if field is None:
            continue
        if value is None and not field.empty:
            wrong.append(f"{name} is empty")
        elif value is not None and not _fits(field.shape, value):
            wrong.append(f"{name} is {type(value).__name__}, not {field.shape}")
    return wrong


def _word(value: Value) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.casefold() if isinstance(value, str) else None


def _fitted(shape: Shape, value: Value) -> Value:
    """One where many are asked for, and the other way round: people keep "assignee" in columns of either kind."""
    if shape in ("whos", "texts"):
        if value is None:
            return ()
        values = value if isinstance(value, tuple) else (value,)
        return tuple(map(_who, values)) if shape == "whos" else values
    if shape in ("who", "text") and isinstance(value, tuple) and len(value) <= 1:
        return value[0] if value else None
    return _who(value) if shape == "who" else value


def _who(value: Value) -> Value:
    """A person who stands there by her name or address alone."""
    if isinstance(value, str):
        return {"email": value} if "@" in value else {"name": value}
    return value


def _fits(shape: Shape, value: Value) -> bool:
    if shape in ("who", "place"):
        return isinstance(value, Mapping) and bool(value) and set(value) <= set(_PARTS[shape]) and _all_texts(value)
    if shape in _ONE_OF:
        return isinstance(value, tuple) and all(_fits(_ONE_OF[shape], each) for each in value)
    if shape in ("answers", "tracking"):
        return isinstance(value, Mapping) and _all_texts(value)
    return _PLAIN[shape](value)


_PARTS: Mapping[str, tuple[str, ...]] = {"who": WHO, "place": PLACE}
_ONE_OF: Mapping[Shape, Shape] = {
    "whos": "who",
    "places": "place",
    "texts": "text",
    "checklist": "properties",
    "files": "properties",
}
_PLAIN: Mapping[Shape, Callable[[Value], bool]] = {
    "text": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool),
    "money": lambda value: isinstance(value, Money),
    "date": lambda value: isinstance(value, date) and not isinstance(value, datetime),
    "instant": lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    "date or instant": lambda value: (
        isinstance(value, date) and (not isinstance(value, datetime) or value.tzinfo is not None)
    ),
    "properties": lambda value: isinstance(value, Mapping),
    "bounce": lambda value: isinstance(value, Mapping),
}


def _all_texts(value: Mapping[str, Value]) -> bool:
    return all(isinstance(name, str) and (each is None or isinstance(each, str)) for name, each in value.items())
