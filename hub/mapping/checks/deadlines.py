"""Faults of a deadlines job."""

from __future__ import annotations

from collections.abc import Iterator

from hub.mapping.checks.around import (
    ASSIGNEE,
    Around,
    connection,
    database,
    given_twice,
    known_word,
    one_thing,
    person,
    place,
    thing_word,
    two_owners,
)
from hub.mapping.deadline_job import DeadlineJob, Watch
from hub.mapping.problems import Fault, quote
from hub.mapping.tree import Node
from hub.mapping.words import key_place

_COLUMNS = ("title", "due", "assignee", "done")


def faults(job: DeadlineJob, root: Node, around: Around) -> Iterator[Fault]:
    """Everything that the file says and that cannot be so."""
    for index, watch in enumerate(job.watch):
        yield from _watch(watch, root, index, around)
    names = [alert.name for alert in job.alerts]
    example = "alerts: [{name: today, when: on the day, tell: assignee}]"
    yield from given_twice(root, ("alerts",), "name", names, example)
    for index, alert in enumerate(job.alerts):
        for item, who in enumerate(alert.tell):
            yield from person(root, ("alerts", index, "tell", item), who, around, assignee=True)
        if alert.text is not None and alert.by == "digest":
            line, column = key_place(root, ("alerts", index, "text"))
            message = f"text: {quote(alert.text)} is the text of a mail, and the alert {quote(alert.name)} is no mail."
            yield Fault(line, column, message, "Write by: mail, or take the text out. Example: by: mail")
    fallback = ("sending", "nobody_assigned")
    yield from person(root, fallback, job.sending.nobody_assigned, around, default=True)
    if job.show_in is not None:
        yield from database(root, ("show_in",), job.show_in.connection, around)
        ours = {name: (("show_in", "source_owns", name), True) for name in job.show_in.source_owns}
        yield from two_owners(root, ours, "source_owns", (job.show_in.people_own, ("show_in", "people_own")))
    yield from _examples(job, root, around)


def _watch(watch: Watch, root: Node, index: int, around: Around) -> Iterator[Fault]:
    path = ("watch", index)
    yield from connection(root, (*path, "from"), watch.connection, around)
    known = around.follows is not None and around.connections is not None and watch.connection in around.connections
    word = thing_word(watch.connection, around)
    if known and word is None:
        message = f"from: {quote(watch.connection)} has no project, board or database whose tasks could be watched."
        hint = "Name another connection. Example: {from: asana, project: Lancement printemps}"
        yield Fault(*place(root, (*path, "from")), message, hint)
        return
    yield from one_thing(root, path, watch, watch.connection, around)
    if watch.database is not None and watch.due is None:
        message = f"watch, item {index + 1} does not say which property of {quote(watch.database)} is the date."
        yield Fault(*place(root, path), message, "Name it. Example: due: Échéance")
    for name in _COLUMNS if watch.project is not None or watch.board is not None else ():
        if getattr(watch, name) is not None:
            line, column = key_place(root, (*path, name))
            message = f"{name}: only a database needs that said; tasks of {quote(watch.connection)} have it."
            yield Fault(line, column, message, "Take it out. Example: {from: asana, project: Lancement printemps}")
    if watch.skip_lists and watch.database is not None:
        line, column = key_place(root, (*path, "skip_lists"))
        message = "skip_lists: a database has no lists or sections."
        yield Fault(line, column, message, "Take it out. Example: {from: notion, database: Tâches, due: Échéance}")


def _examples(job: DeadlineJob, root: Node, around: Around) -> Iterator[Fault]:
    names = [alert.name for alert in job.alerts]
    for number, example in enumerate(job.examples):
        who = example.given.assignee
        if who is not None:
            yield from person(root, ("examples", number, "given", ASSIGNEE), who, around)
        for name, told in example.expect.items():
            path = ("examples", number, "expect", name)
            yield from known_word(root, path, name, names, "alert", key=True)
            for item, one in enumerate(told):
                yield from person(root, (*path, item), one, around)
