"""Pure: Asana's JSON -> our records, and what of a row's values Asana must be told.

A day stays a day and an instant an instant (R8): Asana gives `due_on` and, where an hour was set, `due_at` as well.
Numbers of custom fields are Decimal. Shapes: https://developers.asana.com/reference/tasks.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Container
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.core.errors import RecordError
from hub.core.types import Record, Value

KEY_NAME = "Hub"
"""The custom text field, or the word before the last line of the notes, that holds the key of a row of ours."""

_CUSTOM = (
    "name", "resource_subtype", "text_value", "number_value", "enum_value.name", "multi_enum_values.name", "date_value",
    "people_value.name", "people_value.email", "reference_value.name", "display_value",
)  # fmt: skip
TASK_FIELDS = ",".join(
    (
        "name", "resource_subtype", "notes", "completed", "completed_at", "due_on", "due_at", "start_on", "start_at",
        "assignee.name", "assignee.email", "memberships.project.name", "memberships.section.name", "parent.name",
        "tags.name", "num_subtasks", "permalink_url", "created_at", "modified_at",
        *(f"custom_fields.{name}" for name in _CUSTOM),
    )
)  # fmt: skip
USER_FIELDS = "name,email"
PROJECT_FIELDS = (
    "name,notes,archived,due_on,start_on,owner.name,team.name,workspace.name,permalink_url,created_at,modified_at"
)


def task(found: Mapping[str, Any], followed: Container[str]) -> Record:
    """A task. Its section is that of the first followed project that it stands in."""
    with readable("task", found):
        places = [each for each in found["memberships"] if each.get("project")]
        section = next((each["section"] for each in places if each["project"]["gid"] in followed), None)
        notes, key = without_key(found["notes"] or "")
        properties = {each["name"]: custom_value(each) for each in found["custom_fields"]}
        held = properties.pop(KEY_NAME, None)
        key = held if isinstance(held, str) and held else key
        created = instant(found["created_at"])
        return Record(
            stream="task",
            key=found["gid"],
            fields={
                "title": found["name"],
                "notes": notes or None,
                "due": day_or_instant(found, "due"),
                "start": day_or_instant(found, "start"),
                "done": found["completed"],
                "done_at": instant(found["completed_at"]),
                "assignees": () if found["assignee"] is None else (who(found["assignee"]),),
                "section": None if section is None else section["name"],
                "places": tuple(_place(each["project"]) for each in places),
                "parent": None if found["parent"] is None else found["parent"]["gid"],
                "labels": tuple(each["name"] for each in found["tags"]),
                "url": found["permalink_url"],
                "created_at": created,
                "edited_at": instant(found["modified_at"]),
                "properties": properties,
                "subtype": found["resource_subtype"],
                **({"hub_key": key} if key else {}),
            },
            at=created,
        )


def user(found: Mapping[str, Any]) -> Record:
    """A person. The e-mail address is left out where Asana does not show it to the key."""
    with readable("user", found):
        email = {"email": found["email"]} if found.get("email") else {}
        return Record(stream="user", key=found["gid"], fields={"name": found["name"], **email})


def project(found: Mapping[str, Any]) -> Record:
    """A project: of no kind, because a kind of its own would fit nothing else."""
    with readable("project", found):
        created = instant(found["created_at"])
        return Record(
            stream="project",
            key=found["gid"],
            fields={
                "title": found["name"],
                "notes": found["notes"] or None,
                "archived": found["archived"],
                "start": day(found["start_on"]),
                "due": day(found["due_on"]),
                "owner": None if found["owner"] is None else who(found["owner"]),
                "team": None if found.get("team") is None else found["team"]["name"],
                "workspace": found["workspace"]["name"],
                "url": found["permalink_url"],
                "created_at": created,
                "edited_at": instant(found["modified_at"]),
            },
            at=created,
        )


@contextmanager
def readable(what: str, found: Mapping[str, Any]) -> Iterator[None]:
    """A shape that Asana does not describe costs this record, not the others."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        name = type(error).__name__
        raise RecordError(
            f"Asana's {what} {found.get('gid')} has a shape that is not known ({name}: {error})."
        ) from None


def who(found: Mapping[str, Any]) -> dict[str, Value]:
    """A person inside another record; what Asana does not show is left out."""
    said = {"key": found["gid"], "name": found.get("name"), "email": found.get("email")}
    return {part: value for part, value in said.items() if value}


def _place(found: Mapping[str, Any]) -> dict[str, Value]:
    return {"key": found["gid"], "name": found.get("name")}


def custom_value(found: Mapping[str, Any]) -> Value:  # noqa: PLR0911  one answer for each type
    """The value of a custom field by its type; of a type that is not known, the text that people see."""
    match found["resource_subtype"]:
        case "text":
            return found["text_value"] or None
        case "number":
            number = found["number_value"]
            return None if number is None else Decimal(number)
        case "enum":
            return None if found["enum_value"] is None else str(found["enum_value"]["name"])
        case "multi_enum":
            return tuple(each["name"] for each in found["multi_enum_values"] or ())
        case "date":
            value = found["date_value"]
            if not value:
                return None
            return instant(value.get("date_time")) or day(value.get("date"))
        case "people":
            return tuple(who(each) for each in found["people_value"] or ())
        case "reference":
            return tuple(each["name"] for each in found["reference_value"] or ())
        case _:
            return found.get("display_value") or None


def day_or_instant(found: Mapping[str, Any], what: str) -> date | None:
    """`due` or `start`: the instant where an hour was given, else the day."""
    return instant(found[f"{what}_at"]) or day(found[f"{what}_on"])


def day(text: str | None) -> date | None:
    """2026-11-21 -> a date."""
    return None if text is None else date.fromisoformat(text)


def instant(text: str | None) -> datetime | None:
    """2026-11-21T10:00:00.000Z -> aware UTC, to the millisecond."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} names no zone")
    return found.astimezone(UTC)


def without_key(notes: str, name: str = KEY_NAME) -> tuple[str, str | None]:
    """The notes without our last line, and the key that stood in it."""
    found = re.search(rf"(?:\A|\n){re.escape(name)}: (\S[^\n]*)\s*\Z", notes)
    if found is None:
        return notes, None
    return notes[: found.start()].rstrip(), found[1].rstrip()


def with_key(notes: str | None, key: str, name: str = KEY_NAME) -> str:
    """The notes with a last line that holds the key."""
    text = (notes or "").rstrip()
    line = f"{name}: {key}"
    return f"{text}\n\n{line}" if text else line


def json_number(value: Decimal | int, precision: int | None) -> int | float:
    """A number as JSON says it: RecordError where Asana would round it away."""
    exact = Decimal(value)
    if exact.is_finite():
        nearest = float(exact)
        places = -int(exact.normalize().as_tuple().exponent)
        if Decimal(repr(nearest)) == exact and (precision is None or places <= precision):
            return int(exact) if exact == exact.to_integral_value() else nearest
    kept = "" if precision is None else f", of which Asana keeps {precision} decimals"
    raise RecordError(f"The number {value} cannot be written exactly{kept}.")


def dates(values: Mapping[str, Value], due: Value = None) -> dict[str, Any]:
    """What sets a task's `due` and `start`: a day, or an instant to the millisecond; never both, which Asana refuses.

    `due`: what the task is due on, told anew with `start`, because Asana takes no `start` without it, and no hour of
    one without an hour of the other (UpdateTask in Asana's OpenAPI description, `start_on` and `start_at`).
    """
    if "start" not in values:
        return _date("due", values["due"]) if "due" in values else {}
    due, start = values.get("due", due), values["start"]
    if start is not None and due is None:
        raise RecordError("An Asana task has a start only where it has a due date: give it one.")
    if isinstance(start, datetime) and not isinstance(due, datetime):
        raise RecordError("An Asana task keeps the hour of its start only where its due date has an hour.")
    return {**_date("due", due), **_date("start", start)}


def _date(name: str, value: Value) -> dict[str, Any]:
    match value:
        case None:
            return {f"{name}_on": None}
        case datetime() as at if at.tzinfo is not None:
            return {f"{name}_at": timestamp(at)}
        case date() as on if not isinstance(on, datetime):
            return {f"{name}_on": on.isoformat()}
    raise RecordError(f"A task's {name} cannot be {value!r}: a date or an aware instant is needed.")


def timestamp(at: datetime) -> str:
    """An instant as Asana writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def names(found: Sequence[Mapping[str, Any]]) -> str:
    """The names of some things, for a message."""
    return ", ".join(str(each["name"]) for each in found) or "none"
