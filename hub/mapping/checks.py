"""What the models cannot see: names that must exist elsewhere, owners that must not meet, figures given twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from hub.mapping.model import ALL, RATES, Business, RevenueJob
from hub.mapping.problems import Fault, quote
from hub.mapping.tree import Node
from hub.mapping.words import key_place
from hub.nearest import nearest

KEY_PROPERTY = "Hub"
"""The Notion property that holds each row's key (`Collection.key_property`); nobody else may own it."""


def same_name(name: str) -> str:
    """Two spellings of one name are equal: composed or not, with or without outer spaces."""
    return unicodedata.normalize("NFC", name).strip()


def faults_of_job(job: RevenueJob, root: Node, connections: Iterable[str] | None) -> Iterator[Fault]:
    """`connections`: the names in business.yaml, or None when that file could not be read."""
    if connections is not None:
        yield from _connections(job, root, tuple(connections))
    yield from _given_twice(job, root)
    yield from _owners(job, root)
    yield from _warnings(job, root)


def _connections(job: RevenueJob, root: Node, known: tuple[str, ...]) -> Iterator[Fault]:
    for index, read in enumerate(job.read):
        if read.connection not in known:
            yield _no_connection(root, ("read", index, "from"), "from", read.connection, known)
    if job.show_in.connection not in known:
        yield _no_connection(root, ("show_in", "connection"), "connection", job.show_in.connection, known)


def _no_connection(root: Node, path: tuple[str | int, ...], key: str, name: str, known: tuple[str, ...]) -> Fault:
    node = root.at(path)
    line, column = (node.line, node.column) if node is not None else key_place(root, path[:-1])
    message = (
        f"{key}: {quote(name)} is no connection of this business; business.yaml has: {', '.join(known) or 'none'}."
    )
    near = nearest(name, known)
    if near:
        return Fault(line, column, message, f'Did you mean "{near}"? Example: {key}: {near}')
    return Fault(
        line,
        column,
        message,
        "Name one of them, or add it to business.yaml. Example: connections: {notion: {}, stripe: {}}",
    )


def faults_of_connectors(business: Business, root: Node, connectors: Collection[str]) -> dict[str, Fault]:
    """A fault for each connection whose connector is not installed, by the connection's name."""
    faults: dict[str, Fault] = {}
    for name, config in business.connections.items():
        wanted = config.connector or name
        if wanted in connectors:
            continue
        at_key = config.connector is None
        path = ("connections", name) if at_key else ("connections", name, "connector")
        line, column = key_place(root, path) if at_key else _place(root, path)
        message = f"No connector is called {quote(wanted)}; there are: {', '.join(sorted(connectors))}."
        near = nearest(wanted, connectors)
        hint = f'Did you mean "{near}"? ' if near else "Say which one it is. "
        example = f"{near}: {{}}" if near and at_key else f"connector: {near or min(connectors)}"
        faults[name] = Fault(line, column, message, f"{hint}Example: {example}")
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


def _given_twice(job: RevenueJob, root: Node) -> Iterator[Fault]:
    lists = (
        ("figures", "figure", [config.figure for config in job.figures], "{figure: cash_in, title: Encaissements}"),
        ("read", "from", [read.connection for read in job.read], "{from: stripe, since: 2025-01-01}"),
    )
    for holder, key, words, example in lists:
        first: dict[str, int] = {}
        for index, word in enumerate(words):
            line, column = _place(root, (holder, index, key))
            if word in first:
                message = f"{key}: {quote(word)} is given twice in {holder}; the first is on line {first[word]}."
                yield Fault(line, column, message, f"Keep one of them. Example: {holder}: [{example}]")
            first.setdefault(word, line)


def _owners(job: RevenueJob, root: Node) -> Iterator[Fault]:
    show = job.show_in
    ours = {same_name(name): name for name in show.hub_owns}
    for index, name in enumerate(show.people_own):
        line, column = _place(root, ("show_in", "people_own", index))
        if same_name(name) in ours:
            first = key_place(root, ("show_in", "hub_owns", ours[same_name(name)]))[0]
            message = f"{quote(name)} stands in people_own, and in hub_owns on line {first}: a property has one owner."
            yield Fault(line, column, message, "Take it out of one of the two. Example: people_own: [Note CEO]")
        elif same_name(name) == KEY_PROPERTY:
            yield _reserved(line, column, "people_own: [Note CEO]")
    for name in show.hub_owns:
        if same_name(name) == KEY_PROPERTY:
            yield _reserved(*key_place(root, ("show_in", "hub_owns", name)), "hub_owns: {Valeur: value}")


def _reserved(line: int, column: int, example: str) -> Fault:
    message = f'The property "{KEY_PROPERTY}" is where the hub keeps the key of each row; it cannot have another use.'
    return Fault(line, column, message, f"Choose another name. Example: {example}")


def _warnings(job: RevenueJob, root: Node) -> Iterator[Fault]:
    """A limit that can never be reached would be silent for ever."""
    for index, config in enumerate(job.figures):
        limit = config.warn_above
        if limit is None or isinstance(limit, str) == (config.figure in RATES):
            continue
        line, column = _place(root, ("figures", index, "warn_above"))
        if config.figure in RATES:
            message = f"warn_above: {limit} is an amount, and {config.figure} is a percentage."
            yield Fault(line, column, message, "Write a percentage. Example: warn_above: 5 %")
        else:
            message = f"warn_above: {limit} is a percentage, and {config.figure} is an amount."
            yield Fault(line, column, message, "Write an amount. Example: warn_above: 500")


def fault_of_shared_database(job: RevenueJob, root: Node, taken: Mapping[tuple[str, str], str]) -> Fault | None:
    """`taken`: which file of this business writes to each database."""
    owner = taken.get(database_of(job))
    if owner is None:
        return None
    line, column = _place(root, ("show_in", "database"))
    message = (
        f"database: {quote(job.show_in.database)} is already written by {owner}; two jobs cannot own the same rows."
    )
    return Fault(line, column, message, "Give this job a database of its own. Example: database: Chiffres 2")


def database_of(job: RevenueJob) -> tuple[str, str]:
    return job.show_in.connection, same_name(job.show_in.database).casefold()


def _place(root: Node, path: tuple[str | int, ...]) -> tuple[int, int]:
    node = root.at(path) or root
    return node.line, node.column
