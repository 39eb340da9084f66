"""What the morning brief says of tasks: who is late with how many, and whom business.yaml does not help to reach. Pure.

A date-only due ends at 24:00 where the person is; an instant is over from that instant on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from hub.planning.alerts.types import Reader, Task
from hub.planning.brief_facts import Late, Note


def late_of(tasks: Iterable[Task], readers: Mapping[str, Reader], home: Reader, now: datetime) -> tuple[Late, ...]:
    """The late tasks of each person, by name; of several people one task is late for each.

    `home`: whose clock counts for what nobody does, or somebody whom business.yaml does not know.
    """
    found: dict[str | None, list[tuple[date, str]]] = {}
    for task in tasks:
        if task.done or task.due is None:
            continue
        for who, reader in _doers(task, readers, home):
            if _is_late(task.due, reader, now):
                found.setdefault(who, []).append((_day(task.due, reader), task.title))
    return tuple(
        Late(who=who, tasks=len(mine), title=min(mine)[1], due=min(mine)[0])
        for who, mine in sorted(found.items(), key=lambda item: item[0] or "")
    )


def _doers(task: Task, readers: Mapping[str, Reader], home: Reader) -> list[tuple[str | None, Reader]]:
    known = [(readers[key].name, readers[key]) for key in task.assignees if key in readers]
    return [*known, *((name, home) for name in task.strangers)] or [(None, home)]


def _is_late(due: date | datetime, reader: Reader, now: datetime) -> bool:
    return due < now if isinstance(due, datetime) else due < now.astimezone(reader.zone).date()


def _day(due: date | datetime, reader: Reader) -> date:
    return due.astimezone(reader.zone).date() if isinstance(due, datetime) else due


def notes_of(tasks: Iterable[Task], readers: Mapping[str, Reader], refused: Mapping[str, str]) -> tuple[Note, ...]:
    """Whom mails about open tasks cannot reach, and why; refused addresses also where she has none.

    `refused`: address in lower case -> why.
    """
    ours: dict[str, int] = {}
    strangers: dict[str, int] = {}
    for task in tasks:
        if not task.done:
            for key in task.assignees:
                ours[key] = ours.get(key, 0) + 1
            for name in task.strangers:
                strangers[name] = strangers.get(name, 0) + 1
    notes = [note for key in sorted(readers) if (note := _note(readers[key], ours.get(key, 0), refused)) is not None]
    return (*notes, *(Note(kind="stranger", who=name, tasks=n) for name, n in sorted(strangers.items())))


def _note(reader: Reader, tasks: int, refused: Mapping[str, str]) -> Note | None:
    if reader.left:
        return Note(kind="left", who=reader.name, tasks=tasks) if tasks else None
    if reader.address is None:
        return Note(kind="no_address", who=reader.name, tasks=tasks) if tasks else None
    why = refused.get(reader.address.strip().casefold())
    return None if why is None else Note(kind="refused", who=reader.name, tasks=tasks, why=why)
