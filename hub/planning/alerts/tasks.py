"""The tasks that a deadlines job watches, read from the mirror. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hub.core.errors import RecordError
from hub.core.kinds import Kind, seen_as
from hub.core.types import Record, Value
from hub.mapping.deadline_job import DeadlineJob, Watch
from hub.mapping.model import Business
from hub.planning.alerts.notes import say
from hub.planning.alerts.types import Task
from hub.planning.carry import Carrier, Column
from hub.planning.examples import people_of
from hub.planning.history import Mirror

SECTION, MILESTONE = "section", "milestone"
"""Asana's words (`resource_subtype` of its tasks): a heading that is kept as a task, and a date that the project aims
at."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """What is watched, by id: also what is done or has no date. `notes`: what could not be read, in words.

    `unread`: the ids of what could not be read, which is there nevertheless.
    """

    found: tuple[Task, ...]
    notes: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class People:
    """Whose name it is, for a connection's words for a person; each is looked up once."""

    business: Business
    carrier: Carrier
    known: dict[tuple[str, tuple[tuple[str, Value], ...]], tuple[str, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, business: Business) -> People:
        return cls(business, Carrier(people=people_of(business), zone=business.zone))

    def named(self, connection: str, whos: Iterable[Mapping[str, Value]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(short names, names of those whom business.yaml does not know), each once and in order."""
        found = [self._one(connection, who) for who in whos]
        ours, strangers = ({name for name, known in found if known is wanted} for wanted in (True, False))
        return tuple(sorted(ours)), tuple(sorted(strangers))

    def _one(self, connection: str, who: Mapping[str, Value]) -> tuple[str, bool]:
        at = (connection, tuple(sorted(who.items())))
        if at not in self.known:
            column = Column(name="assignees", sort="people", connection=connection)
            carried = self.carrier.plain((who,), column)
            key = str(carried[0]) if isinstance(carried, tuple) else ""
            name = next((str(who[part]) for part in ("name", "email", "username", "key") if who.get(part)), key)
            self.known[at] = (key, True) if key in self.business.people else (name, False)
        return self.known[at]


def tasks_of(job: DeadlineJob, business: Business, mirror: Mirror) -> Tasks:
    """Every task of the places that the job watches, each once: where it stands in two, as the first of them has it."""
    people = People.of(business)
    found: dict[str, Task] = {}
    notes: list[str] = []
    lost: set[str] = set()
    for watch in job.watch:
        unread: list[str] = []
        for record in watched(watch, mirror):
            if _id(watch.connection, record) in found:
                continue
            try:
                task = read_task(watch, people, mirror, record)
            except RecordError as error:
                unread.append(str(error))
                lost.add(_id(watch.connection, record))
                continue
            if task is not None:
                found[task.id] = task
        if unread:
            where = f"{watch.connection} › {watch.thing or '…'}"
            notes.append(say(business.language, "unread", n=len(unread), where=where, why=unread[0]))
    return Tasks(tuple(found[key] for key in sorted(found)), tuple(notes), frozenset(lost))


def watched(watch: Watch, mirror: Mirror) -> Iterator[Record]:
    """The records in the place of a line of `watch`."""
    for record in mirror.of(watch.connection, kind_of(watch)):
        if mirror.stands_in(record, watch.connection, watch.thing):
            yield record


def kind_of(watch: Watch) -> Kind:
    """The kind of the records that stand there."""
    return "task" if watch.database is None else "page"


def read_task(watch: Watch, people: People, mirror: Mirror, record: Record) -> Task | None:
    """The record as a task; None for what is put away, in a skipped list, or a heading.

    RecordError when it cannot be read as one: also where a property that the mapping names is not there, for then
    nobody can tell whether it is done.
    """
    fields = seen_as(_plain_dates(watch, record), "task", _held(watch, record)).fields
    section = _text(fields.get("section"))
    if fields.get("archived") or fields.get("subtype") == SECTION or section in watch.skip_lists:
        return None
    due, whos = fields.get("due"), fields.get("assignees")
    ours, strangers = people.named(watch.connection, whos if isinstance(whos, tuple) else ())  # type: ignore[arg-type]
    place = mirror.place_in(record, watch.connection, watch.thing) or {}
    return Task(
        id=_id(watch.connection, record),
        connection=watch.connection,
        stream=record.stream,
        key=record.key,
        title=_text(fields.get("title")) or record.key,
        due=due if isinstance(due, date) else None,
        done=_done(watch, fields),
        assignees=ours,
        strangers=strangers,
        created_at=_instant(fields.get("created_at")),
        done_at=_instant(fields.get("done_at")),
        touched_at=_instant(fields.get("edited_at")),
        place=_text(place.get("name")) or watch.thing,
        place_id=_text(place.get("key")),
        section=section,
        url=_text(fields.get("url")),
        milestone=fields.get("subtype") == MILESTONE,
        subtask=fields.get("parent") is not None,
    )


def _id(connection: str, record: Record) -> str:
    return f"{connection}/{record.stream}/{record.key}"


def _held(watch: Watch, record: Record) -> Mapping[str, str | Mapping[str, str]]:
    """Where people keep each field. RecordError when the row has no such property."""
    if watch.database is None:
        return {}
    properties = record.fields.get("properties")
    there = properties if isinstance(properties, Mapping) else {}
    for where in watch.names.values():
        for name in (where,) if isinstance(where, str) else where:
            if name not in there:
                raise RecordError(f"{record.stream} {record.key} has no property « {name} »")
    return watch.names


def _plain_dates(watch: Watch, record: Record) -> Record:
    """With the end of a span of days as its date: that is when it must be done."""
    properties = record.fields.get("properties")
    if watch.due is None or not isinstance(properties, Mapping):
        return record
    span = properties.get(watch.due)
    if not isinstance(span, Mapping):
        return record
    ended = {**properties, watch.due: span.get("end") or span.get("start")}
    return replace(record, fields={**record.fields, "properties": ended})


def _done(watch: Watch, fields: Mapping[str, Value]) -> bool:
    """As the task says; of a row for which the mapping does not say it, as the group of its status says."""
    groups = fields.get("groups")
    if watch.database is not None and watch.done is None and isinstance(groups, Mapping):
        return "complete" in groups.values()
    return bool(fields.get("done"))


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None


def _instant(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None
