"""The list of tasks that people read in Notion (`show_in` of a deadlines job): what it should hold. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from hub.core.pasts import Due
from hub.core.types import Collection, Property, PropertyKind, Value
from hub.mapping.deadline_job import ShownTasks
from hub.mapping.model import Business
from hub.planning import sync_words
from hub.planning.alerts.types import Task
from hub.planning.plan import Desired, DesiredRow, KnownCollection
from hub.planning.words import Language, day, instant

KEY_PROPERTY = "Hub"
_KINDS: Mapping[str, PropertyKind] = {
    "title": "title",
    "due": "date",
    "done": "checkbox",
    "assignee": "text",
    "url": "url",
    "section": "text",
    "place": "text",
}
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "title": "Tâche",
        "due": "Échéance",
        "done": "Terminée",
        "assignee": "Responsable",
        "url": "Lien",
        "place": "Projet",
        "due_on": "à rendre : {due}",
        "undated": "sans échéance",
        "finished": "terminée",
        "gone": "n'est plus dans ce qui est suivi",
    },
    "en": {
        "title": "Task",
        "due": "Due",
        "done": "Done",
        "assignee": "Assignee",
        "url": "Link",
        "place": "Project",
        "due_on": "due: {due}",
        "undated": "no due date",
        "finished": "done",
        "gone": "no longer in what is watched",
    },
}
_USUAL = ("title", "due", "done", "assignee", "place", "url")


def desired_list(
    show: ShownTasks,
    business: Business,
    tasks: Sequence[Task],
    known: Mapping[str, KnownCollection],
    unread: Container[str] = (),
) -> Desired:
    """The rows of the list: each open task with a due date, and each that was listed before.

    A task stays once it is listed: done, or without a date. When it is gone, `when_gone` says what becomes of its row;
    such a change is no ordinary one (R12), since a project that was renamed takes all its tasks along. What is done
    before it was ever listed, or was taken off the list by people after it was done, is not put there (again).
    `tasks`: all that are watched. `unread`: ids of tasks that are there and could not be read as tasks, for instance
    since a property was renamed: their rows stay as they are, for nobody knows what became of them (R5).
    """
    there = known.get(show.database) or KnownCollection(ref=None, rows={})
    listed = set() if there.ref is None else {key for key, row in there.rows.items() if row.ref}
    by_id = {task.id: task for task in tasks}
    shown = (task for task in by_id.values() if task.id in listed or (task.due is not None and not task.done))
    rows = [_row(task, show, business) for task in sorted(shown, key=_order)]
    for key in sorted(listed - by_id.keys()):
        rows += _as_they_are(key) if key in unread else _gone(key, show, business.language)
    return Desired(collection=_collection(show, business.language), rows=rows)


def owned(show: ShownTasks, language: Language) -> Mapping[str, str]:
    """Property -> what of a task it holds, as the file says; the usual ones under their usual names when it does not.

    A Notion database always has a title: where the file names none, the title of the task stands there.
    """
    words = _WORDS[language]
    said: dict[str, str] = {**show.source_owns} or {words[role]: role for role in _USUAL}
    if "title" not in said.values():
        said = {words["title"]: "title", **said}
    return said


def _collection(show: ShownTasks, language: Language) -> Collection:
    properties: list[Property] = []
    for name, role in owned(show, language).items():
        # A database has one title; the same text shown twice is a text the second time.
        second = role == "title" and any(one.kind == "title" for one in properties)
        properties.append(Property(name=name, kind="text" if second else _KINDS[role]))
    properties.append(Property(name=KEY_PROPERTY, kind="text"))
    if show.when_gone == "mark":
        properties.append(Property(name=sync_words.say(language, "mark"), kind="checkbox"))
    return Collection(name=show.database, kind="table", key_property=KEY_PROPERTY, properties=tuple(properties))


def _row(task: Task, show: ShownTasks, business: Business) -> DesiredRow:
    names = [business.people[who].name if who in business.people else who for who in task.assignees]
    by_role: dict[str, Value] = {
        "title": task.title,
        "due": _minute(task.due),
        "done": task.done,
        "assignee": ", ".join((*names, *task.strangers)),
        "url": task.url,
        "section": task.section,
        "place": task.place,
    }
    language = business.language
    values: dict[str, Value] = {name: by_role[role] for name, role in owned(show, language).items()}
    values[KEY_PROPERTY] = task.id
    if show.when_gone == "mark":
        values[sync_words.say(language, "mark")] = False
    return DesiredRow(key=task.id, values=values, why=_why(task, business), title=task.title)


def _gone(key: str, show: ShownTasks, language: Language) -> Sequence[DesiredRow]:
    """The row of a task that is gone: marked, or kept as it is. One that is archived is not desired."""
    if show.when_gone == "archive":
        return ()
    if show.when_gone == "keep":
        return _as_they_are(key)
    mark = {sync_words.say(language, "mark"): True}
    return (DesiredRow(key=key, values=mark, why=_WORDS[language]["gone"], expected=False),)


def _as_they_are(key: str) -> Sequence[DesiredRow]:
    return (DesiredRow(key=key, values={}, why=""),)


def _minute(due: Due | None) -> Due | None:
    """Destinations keep whole minutes: seconds would look like somebody's edit."""
    return due.replace(second=0, microsecond=0) if isinstance(due, datetime) else due


def _why(task: Task, business: Business) -> str:
    words, language = _WORDS[business.language], business.language
    if task.done:
        text = words["finished"]
    elif task.due is None:
        text = words["undated"]
    else:
        due = task.due
        said = instant(due, business.zone, language) if isinstance(due, datetime) else day(due, language)
        text = words["due_on"].format(due=said)
    return f"{task.place} · {text}" if task.place else text


def _order(task: Task) -> tuple[str, str]:
    """The soonest first: rows are made in this order."""
    return ("9999" if task.due is None else task.due.isoformat(), task.id)
