"""Faults of an onboarding job."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hub.mapping.checks.around import (
    Around,
    Path,
    can,
    connection,
    database,
    given_twice,
    known_word,
    mailed,
    no_mails,
    person,
    place,
    same_name,
    thing_word,
    two_owners,
)
from hub.mapping.onboarding_job import AddTask, CopyTemplate, OnboardingJob, SingleUseLink, Step, WriteRow
from hub.mapping.problems import Fault, quote
from hub.mapping.tree import Node
from hub.mapping.vocabulary import JOURNEY
from hub.mapping.words import key_place
from hub.nearest import nearest

_BELONGS = {"product": ("payment", "signup"), "event_type": ("booking",), "form": ("signup",)}
"""What narrows an event down -> the events that have it."""
_NEEDS = {
    "booking_moved": "booking",
    "booking_cancelled": "booking",
    "no_show": "booking",
    "payment_failed": "payment",
    "refunded": "payment",
}
"""What may change -> the event that must have been there before."""


def faults(job: OnboardingJob, root: Node, around: Around) -> Iterator[Fault]:
    """Everything that the file says and that cannot be so."""
    yield from _starts(job, root, around)
    if {*job.one_journey_per} != {"person", "offer"}:
        message = "one_journey_per: a journey is that of one person with one offer, and of nothing else."
        hint = "Name both, or leave the key out. Example: one_journey_per: [person, offer]"
        yield Fault(*place(root, ("one_journey_per",)), message, hint)
    names = [step.name for step in job.steps]
    yield from given_twice(root, ("steps",), "name", names, "steps: [{name: welcome, after: payment, send: welcome}]")
    for index, step in enumerate(job.steps):
        yield from _step(job, step, root, index, around)
    yield from _rows(job, root)
    first = next(_mails(job, root), None)
    if first is not None:
        yield from no_mails(root, first, around)
    events = {start.event for start in job.starts_on}
    for change, event in _NEEDS.items():
        if root.at(("changes", change)) is None:
            continue
        for item, who in enumerate(getattr(job.changes, change).tell):
            yield from mailed(root, ("changes", change, "tell", item), who, around)
        if event not in events:
            yield _never(*key_place(root, ("changes", change)), change, event)
    yield from _examples(job, root)


def _mails(job: OnboardingJob, root: Node) -> Iterator[Path]:
    """Where the file speaks of a mail."""
    for index, step in enumerate(job.steps):
        if step.send is not None or step.ask is not None:
            yield ("steps", index, "send" if step.send is not None else "ask")
    for change in _NEEDS:
        said = getattr(job.changes, change)
        if root.at(("changes", change)) is not None and (said.send is not None or said.tell):
            yield ("changes", change, "send" if said.send is not None else "tell")


def _starts(job: OnboardingJob, root: Node, around: Around) -> Iterator[Fault]:
    for index, start in enumerate(job.starts_on):
        yield from connection(root, ("starts_on", index, "from"), start.connection, around)
        for key, events in _BELONGS.items():
            if getattr(start, key) is not None and start.event not in events:
                line, column = key_place(root, ("starts_on", index, key))
                right = next(name for name, known in _BELONGS.items() if start.event in known)
                message = f"{key}: a {start.event} has none; {key} narrows down {' or '.join(events)}."
                example = {"product": "Coaching Signature", "event_type": "Appel de lancement", "form": "Inscription"}
                yield Fault(line, column, message, f'Did you mean "{right}"? Example: {right}: {example[right]}')


def _step(job: OnboardingJob, step: Step, root: Node, index: int, around: Around) -> Iterator[Fault]:
    path = ("steps", index)
    events = {start.event for start in job.starts_on}
    said = [*((("after", item), event) for item, event in enumerate(step.after)), (("before",), step.before),
            (("if_no",), step.if_no)]  # fmt: skip
    for tail, event in said:
        if event is not None and event not in events:
            yield _never(*place(root, (*path, *tail)), str(tail[0]), event)
    for key, holds, wanted, example in (
        ("by", step.before is not None, "before", "before: booking"),
        ("wait", bool(step.after), "after", "after: payment"),
        ("if_no", bool(step.after), "after", "after: payment"),
        ("late_after", step.ask is not None, "ask", "ask: {who: obm, to: Contrat envoyé}"),
        ("repeat", step.send is not None or step.ask is not None, "send or ask", "send: please_book"),
    ):
        if getattr(step, key) is not None and not holds:
            message = f"{key}: means something only beside {wanted}."
            yield Fault(*key_place(root, (*path, key)), message, f"Take it out, or add that. Example: {example}")
    if step.ask is not None:
        yield from mailed(root, (*path, "ask", "who"), step.ask.who, around)
    if step.repeat is not None and step.repeat.then_tell is not None:
        yield from mailed(root, (*path, "repeat", "then_tell"), step.repeat.then_tell, around)
    if step.link is not None:
        yield from _link(step.link, root, (*path, "link"), around)
    if step.task is not None:
        yield from _task(step.task, root, (*path, "task"), around)
    if step.copies is not None:
        yield from _copy(step.copies, step.after, root, (*path, "copy"), around)
    if step.write is not None:
        yield from _write(step.write, root, (*path, "write"), around)


def _link(link: SingleUseLink, root: Node, path: Path, around: Around) -> Iterator[Fault]:
    yield from connection(root, (*path, "from"), link.connection, around)
    if not can("links", link.connection, around):
        message = f"from: {quote(link.connection)} makes no links for one appointment."
        hint = "Name another connection. Example: link: {from: calendly, event_type: Appel de lancement}"
        yield Fault(*place(root, (*path, "from")), message, hint)


def _task(task: AddTask, root: Node, path: Path, around: Around) -> Iterator[Fault]:
    yield from connection(root, (*path, "to"), task.connection, around)
    known = around.follows is not None and around.connections is not None and task.connection in around.connections
    if known and thing_word(task.connection, around) not in ("project", "board"):
        message = f"to: {quote(task.connection)} has no projects or boards that a task could be put in."
        hint = "Name another connection, or write a row. Example: task: {to: asana, in: Accueil, title: Préparer}"
        yield Fault(*place(root, (*path, "to")), message, hint)
    if task.who is not None:
        yield from person(root, (*path, "who"), task.who, around)


def _copy(copies: CopyTemplate, after: Collection[str], root: Node, path: Path, around: Around) -> Iterator[Fault]:
    yield from connection(root, (*path, "to"), copies.connection, around)
    if not can("copies", copies.connection, around):
        message = f"to: {quote(copies.connection)} has no templates that could be copied."
        hint = "Name another connection. Example: copy: {to: asana, template: Client 90 jours}"
        yield Fault(*place(root, (*path, "to")), message, hint)
    start = (copies.start_on or "").removesuffix(".day")
    if start and start not in after:
        message = f"start_on: nothing is known of the {start} yet when this step is done."
        hint = "Do the step after it. Example: after: [payment, booking]"
        yield Fault(*place(root, (*path, "start_on")), message, hint)


def _never(line: int, column: int, key: str, event: str) -> Fault:
    message = f"{key}: no line of starts_on has the event {event}, so this would never happen."
    return Fault(line, column, message, f"Add one. Example: starts_on: [{{event: {event}, from: {_FROM[event]}}}]")


_FROM = {"payment": "stripe", "booking": "calendly", "signup": "notion"}


def _write(write: WriteRow, root: Node, path: tuple[str | int, ...], around: Around) -> Iterator[Fault]:
    yield from database(root, path, write.connection, around)
    ours = {name: ((*path, "hub_owns", name), True) for name in write.hub_owns}
    yield from two_owners(root, ours, "hub_owns", (write.people_own, (*path, "people_own")))
    if write.text is not None and write.from_template is not None:
        message = "text: the page gets its content from the template already."
        yield Fault(*key_place(root, (*path, "text")), message, "Keep one of the two. Example: text: client_page")
    for name, word in write.hub_owns.items():
        if word in JOURNEY:
            continue
        near = nearest(word.strip("{}"), JOURNEY)
        message = f"{quote(name)}: nothing is called {quote(word)}; there are: {', '.join(JOURNEY)}."
        hint = f'Did you mean "{near}"? ' if near else ""
        line, column = place(root, (*path, "hub_owns", name))
        yield Fault(line, column, message, f"{hint}Example: hub_owns: {{Nom: {near or 'person.name'}}}")


def _rows(job: OnboardingJob, root: Node) -> Iterator[Fault]:
    """Two steps may write the same row, but not the same property of it."""
    first: dict[tuple[str, str, str], int] = {}
    for index, step in enumerate(job.steps):
        for name in step.write.hub_owns if step.write is not None else ():
            assert step.write is not None  # noqa: S101  for mypy: the loop is empty without one
            key = (step.write.connection, same_name(step.write.database).casefold(), same_name(name))
            line, column = key_place(root, ("steps", index, "write", "hub_owns", name))
            if key in first:
                message = f"{quote(name)} of {quote(step.write.database)} is written on line {first[key]} already."
                yield Fault(line, column, message, "Leave it to one step. Example: hub_owns: {Nom: person.name}")
            first.setdefault(key, line)


def _examples(job: OnboardingJob, root: Node) -> Iterator[Fault]:
    changes = [getattr(job.changes, name) for name in _NEEDS]
    texts = [each.send for each in (*job.steps, *changes) if each.send is not None]
    known = [*(step.name for step in job.steps), *texts, *_NEEDS]
    for number, example in enumerate(job.examples):
        for name in example.expect:
            yield from known_word(root, ("examples", number, "expect", name), name, known, "step or text", key=True)
