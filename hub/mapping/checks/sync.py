"""Faults of a sync job."""

from __future__ import annotations

from collections.abc import Iterator

from hub.mapping.checks.around import (
    KEY_PROPERTY,
    MARKS,
    Around,
    can,
    connection,
    given_twice,
    known_word,
    one_thing,
    place,
    same_name,
    thing_word,
    two_owners,
)
from hub.mapping.problems import Fault, listed, quote
from hub.mapping.sync_job import SyncJob
from hub.mapping.tree import Node
from hub.nearest import nearest

_LINE = "fields: [{source: title, target: Tâche, owner: source}]"


def faults(job: SyncJob, root: Node, around: Around) -> Iterator[Fault]:
    """Everything that the file says and that cannot be so."""
    for key, side in (("from", job.source), ("to", job.target)):
        yield from connection(root, (key, "connection"), side.connection, around)
    yield from one_thing(root, ("from",), job.source, job.source.connection, around)
    yield from _target(job, root, around)
    yield from _only_read(job, root, around)
    targets = [line.target for line in job.fields]
    yield from given_twice(root, ("fields",), "target", targets, _LINE)
    yield from _sources(job, root)
    ours = {line.target: (("fields", index, "target"), False) for index, line in enumerate(job.fields)}
    yield from two_owners(root, ours, "fields", (job.people_own, ("people_own",)), _reserved(job, around))
    yield from _identity(job, root)
    for number, example in enumerate(job.examples):
        for name in example.expect:
            path = ("examples", number, "expect", name)
            yield from known_word(root, path, name, targets, "target", key=True)


def _target(job: SyncJob, root: Node, around: Around) -> Iterator[Fault]:
    name = job.target.connection
    known = around.follows is not None and around.connections is not None and name in around.connections
    if known and thing_word(name, around) is None:
        message = f"to: {quote(name)} has no project, board or database that rows could go to."
        hint = "Name one of another connection. Example: to: {connection: notion, database: Tâches}"
        yield Fault(*place(root, ("to",)), message, hint)
        return
    yield from one_thing(root, ("to",), job.target, name, around)


def _only_read(job: SyncJob, root: Node, around: Around) -> Iterator[Fault]:
    """What would be written to a source that cannot be written."""
    name = job.source.connection
    if can("rows", name, around):
        return
    for index, line in enumerate(job.fields):
        if line.owner == "source":
            continue
        message = (
            f"owner: {line.owner} would write {quote(line.source)} to {quote(name)}, whose records cannot be written."
        )
        hint = "Let the source own it. Example: owner: source"
        yield Fault(*place(root, ("fields", index, "owner")), message, hint)
    if job.new_rows == "copied":
        message = f"new_rows: copied would add records to {quote(name)}, whose records cannot be written."
        yield Fault(*place(root, ("new_rows",)), message, "Leave them where they are. Example: new_rows: left")


def _sources(job: SyncJob, root: Node) -> Iterator[Fault]:
    """A field of the source may fill several of the target, but only one of them may fill it."""
    lines: dict[str, list[int]] = {}
    for index, line in enumerate(job.fields):
        lines.setdefault(same_name(line.source), []).append(index)
    for name, indexes in lines.items():
        if len(indexes) < 2 or all(job.fields[index].owner == "source" for index in indexes):
            continue
        at = place(root, ("fields", indexes[-1], "source"))
        first = place(root, ("fields", indexes[0], "source"))[0]
        message = f"source: {quote(name)} stands on line {first} too, and two targets cannot both write to it."
        yield Fault(*at, message, "Give both the owner source, or keep one. Example: owner: source")


def _reserved(job: SyncJob, around: Around) -> tuple[str, ...]:
    mark = MARKS.get(around.language or "")
    return (KEY_PROPERTY, mark) if mark is not None and job.when_gone == "mark" else (KEY_PROPERTY,)


def _identity(job: SyncJob, root: Node) -> Iterator[Fault]:
    """`match_by`: the id, or fields of the source that are mapped."""
    legal = ("id", *dict.fromkeys(line.source for line in job.fields))
    for index, word in enumerate(job.match_by):
        if word in legal:
            continue
        line, column = place(root, ("match_by", index))
        message = f"match_by: {quote(word)} is neither id nor a source in fields; there are: {listed(legal)}."
        target = next((each.source for each in job.fields if same_name(each.target) == same_name(word)), None)
        near = target or nearest(word, legal)
        hint = f'Did you mean "{near}"? ' if near else "Write id, which is always there. "
        yield Fault(line, column, message, f"{hint}Example: match_by: {near or 'id'}")
