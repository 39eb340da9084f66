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
    mailed,
    no_mails,
    one_thing,
    person,
    place,
    thing_word,
    two_owners,
)
from hub.mapping.deadline_job import ABOUT_A_TASK, DeadlineJob, Watch
from hub.mapping.problems import Fault, quote
from hub.mapping.tree import Node
from hub.mapping.words import key_place

_COLUMNS = ("title", "due", "assignee", "done")


def faults(job: DeadlineJob, root: Node, around: Around) -> Iterator[Fault]:
    """Everything that the file says and that cannot be so."""
    yield from no_mails(root, ("alerts",), around)
    for index, watch in enumerate(job.watch):
        yield from _watch(watch, root, index, around)
    names = [alert.name for alert in job.alerts]
    example = "alerts: [{name: today, when: on the day, tell: assignee}]"
    yield from given_twice(root, ("alerts",), "name", names, example)
    for index, alert in enumerate(job.alerts):
        for item, who in enumerate(alert.tell):
            yield from mailed(root, ("alerts", index, "tell", item), who, around, assignee=True)
        if alert.text is not None and alert.by == "digest":
            line, column = key_place(root, ("alerts", index, "text"))
            message = f"text: {quote(alert.text)} is the text of a mail, and the alert {quote(alert.name)} is no mail."
            yield Fault(line, column, message, "Write by: mail, or take the text out. Example: by: mail")
        if alert.then_every is not None and alert.when.side != "after":
            line, column = key_place(root, ("alerts", index, "then_every"))
            message = (
                f"then_every: the alert {quote(alert.name)} is not after the date, and only such a one is said again."
            )
            hint = "Take it out, or count from the date on. Example: when: 2 working days after"
            yield Fault(line, column, message, hint)
    fallback = ("sending", "nobody_assigned")
    yield from mailed(root, fallback, job.sending.nobody_assigned, around, default=True)
    yield from _digest(job, root)
    yield from _rules(job, root, around)
    if job.show_in is not None:
        yield from database(root, ("show_in",), job.show_in.connection, around)
        ours = {name: (("show_in", "source_owns", name), True) for name in job.show_in.source_owns}
        yield from two_owners(root, ours, "source_owns", (job.show_in.people_own, ("show_in", "people_own")))
    yield from _examples(job, root, around)


def _digest(job: DeadlineJob, root: Node) -> Iterator[Fault]:
    """A digest goes out inside the hours in which mails may."""
    start, end = job.sending.open_hours
    if start <= job.sending.digest_time <= end:
        return
    path = ("sending", "digest_at") if root.at(("sending", "digest_at")) is not None else ("sending", "hours")
    message = f"digest_at: {job.sending.digest_at} is outside of the hours in which mails go out, {job.sending.hours}."
    yield Fault(*place(root, path), message, f'Choose an hour between them. Example: digest_at: "{start:%H:%M}"')


def _rules(job: DeadlineJob, root: Node, around: Around) -> Iterator[Fault]:
    """Rules have names of their own, and tell people that they can know."""
    alerts = {alert.name: index for index, alert in enumerate(job.alerts)}
    names = [rule.name for rule in job.watch_for]
    yield from given_twice(root, ("watch_for",), "name", names, "watch_for: [{name: nobodys, rule: no owner}]")
    for index, rule in enumerate(job.watch_for):
        if rule.name in alerts:
            first = place(root, ("alerts", alerts[rule.name], "name"))[0]
            whose = f", on line {first}" if root.at(("alerts",)) is not None else " that the hub has by default"
            message = f"name: {quote(rule.name)} is the name of an alert{whose}."
            line, column = place(root, ("watch_for", index, "name"))
            yield Fault(line, column, message, "Choose another name. Example: name: stands_still")
        for item, who in enumerate(rule.tell):
            path = ("watch_for", index, "tell", item)
            if who == ASSIGNEE and rule.rule not in ABOUT_A_TASK:
                message = f'tell: the rule "{rule.rule}" is not about a task that somebody does.'
                yield Fault(*place(root, path), message, "Name a person. Example: tell: obm")
            else:
                yield from mailed(root, path, who, around, assignee=rule.rule in ABOUT_A_TASK)


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
