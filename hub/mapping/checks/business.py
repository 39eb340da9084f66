"""Faults of business.yaml: connectors, what is followed, people, the process page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from hub.mapping.checks.around import ASSIGNEE, Around, database, mailed, no_mails, place, same_name
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import FileJob
from hub.mapping.model import ALL, CEO, OBM, Business, ProcessPage
from hub.mapping.person import Person
from hub.mapping.problems import Fault, quote
from hub.mapping.shape import example, known_keys
from hub.mapping.tree import Node
from hub.mapping.words import key_place, where
from hub.nearest import nearest


def faults_of_connectors(business: Business, root: Node, connectors: Collection[str]) -> dict[str, Fault]:
    """A fault for each connection whose connector is not installed, by the connection's name."""
    faults: dict[str, Fault] = {}
    for name, config in business.connections.items():
        wanted = config.connector or name
        if wanted in connectors:
            continue
        at_key = config.connector is None
        path = ("connections", name) if at_key else ("connections", name, "connector")
        line, column = key_place(root, path) if at_key else place(root, path)
        message = f"No connector is called {quote(wanted)}; there are: {', '.join(sorted(connectors))}."
        near = nearest(wanted, connectors)
        hint = f'Did you mean "{near}"? ' if near else "Say which one it is. "
        shown = f"{near}: {{}}" if near and at_key else f"connector: {near or min(connectors)}"
        faults[name] = Fault(line, column, message, f"{hint}Example: {shown}")
    return faults


def faults_of_follow(
    business: Business, root: Node, follows: Callable[[str], str | None], known: Collection[str]
) -> Iterator[Fault]:
    """`follows`: connector -> what of it is named in `follow`, or None where it is the whole account.

    `known`: the connections whose connector is there.
    """
    for name, config in business.connections.items():
        wanted = config.follow
        if wanted is None or name not in known:
            continue
        path = ("connections", name, "follow")
        thing = follows(config.connector or name)
        seen: dict[str, int] = {}
        for index, each in enumerate(wanted):
            item = root.at((*path, index)) or root.at(path) or root
            if each == ALL and len(wanted) > 1:
                message = f'follow: "{ALL}" stands for everything, so nothing may stand beside it.'
                yield Fault(item.line, item.column, message, f"Keep it alone, or the names. Example: follow: {ALL}")
            elif thing is None and each != ALL:
                message = f"follow: {quote(each)} names a part of {quote(name)}, which is read as a whole account."
                yield Fault(item.line, item.column, message, f"Write the word {ALL}. Example: follow: {ALL}")
            elif same_name(each) in seen:
                message = f"follow: {quote(each)} is given twice; the first is on line {seen[same_name(each)]}."
                yield Fault(item.line, item.column, message, "Keep one of them. Example: follow: [Lancement printemps]")
            seen.setdefault(same_name(each), item.line)


def faults_of_people(root: Node, connections: Sequence[str]) -> Iterator[Fault]:
    """Keys of a person that are neither hers nor the name of a connection. Looks at the text alone."""
    people = root.at(("people",))
    if people is None or people.kind != "map":
        return
    keys = known_keys(Person)
    for short, person in people.value.items():
        if short == ASSIGNEE:
            message = f'The word "{ASSIGNEE}" means whoever does a task; no person can have it as a short name.'
            line, column = key_place(root, ("people", short))
            yield Fault(line, column, message, "Choose another. Example: people: {lea: {name: Léa}}")
        for key in person.keys:
            if key in keys or key in connections:
                continue
            known = (*keys, *connections)
            near = nearest(key, known)
            hint = f'Did you mean "{near}"? ' if near else f"Known here: {', '.join(known)}. "
            shown = example(keys[near], near) if near in keys else f"{near}: leamartin" if near else "name: Claire"
            message = f"Unknown key {quote(key)} in {where(('people', short))}."
            line, column = person.keys[key]
            yield Fault(line, column, message, f"{hint}Example: {shown}")


def faults_of_process_page(business: Business, root: Node, around: Around) -> Iterator[Fault]:
    """The process page stands in a connection that is there. Without one written, `notion` is meant."""
    page = business.process_page
    if isinstance(page, ProcessPage):
        yield from database(root, ("process_page",), page.connection, around)
    elif page and "notion" not in (around.connections or ("notion",)):
        message = 'process_page: the page is kept in the connection "notion", and there is none of that name.'
        hint = "Say which one. Example: process_page: {connection: notion-lila}"
        yield Fault(*place(root, ("process_page",)), message, hint)


def faults_of_brief(business: Business, root: Node, around: Around) -> Iterator[Fault]:
    """A brief that is asked for can be sent, and to somebody."""
    if business.brief:
        yield from _sent_to("brief", OBM, "name: Claire, email: claire@example.com", business, root, around)


def faults_of_report(business: Business, root: Node, around: Around) -> Iterator[Fault]:
    """So can the CEO's mail of weeks and months."""
    if business.report:
        yield from _sent_to("report", CEO, "name: Lila, email: lila@example.com", business, root, around)


def _sent_to(key: str, short: str, example: str, business: Business, root: Node, around: Around) -> Iterator[Fault]:
    """Faults where that key asks for a mail that cannot be sent, or to nobody."""
    if root.at((key,)) is None:
        return
    yield from no_mails(root, (key,), around)
    if short in business.people:
        yield from mailed(root, (key,), short, around)
        return
    message = f'{key}: it goes to the person whose short name is "{short}", and there is none.'
    hint = f"Add her, or write {key}: false. Example: people: {{{short}: {{{example}}}}}"
    yield Fault(*key_place(root, (key,)), message, hint)


def warnings_of_people(business: Business, root: Node, jobs: Sequence[tuple[str, FileJob]]) -> Iterator[Fault]:
    """Whoever may do a task should have an address, where a job (file, job) mails whoever does one."""
    deadlines = ((file, job) for file, job in jobs if isinstance(job, DeadlineJob))
    told = (
        (file, [*(one.tell for one in job.alerts), *(one.tell for one in job.watch_for)]) for file, job in deadlines
    )
    files = [file for file, each in told if any(ASSIGNEE in tell for tell in each)]
    for short, person in business.people.items() if files else ():
        if person.email or person.left is not None:
            continue
        line, column = key_place(root, ("people", short))
        message = (
            f"{quote(short)} has no e-mail address, and {files[0]} mails whoever does a task: she would not be told."
        )
        shown = f"{short}: {{name: {person.name}, email: {short}@example.com}}"
        yield Fault(line, column, message, f"Add it. Example: {shown}")
