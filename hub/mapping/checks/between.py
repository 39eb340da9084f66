"""Faults that only two files together have: one thing with two owners, and jobs that go round in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hub.mapping.checks.around import Path, place, same_name
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import FileJob
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.problems import Fault, listed, looks_secret, quote
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import Place, SyncJob
from hub.mapping.tree import Node

Where: TypeAlias = tuple[str, str]
"""A connection, and the part of its account as names are compared."""
Placed: TypeAlias = Callable[[str, str | None], Where]
"""A connection and the name of a part of its account -> the place that is meant."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job owns the rows of a place, or (`field`) one field of the records in it. `path`: where it says so."""

    where: Where
    field: str | None
    path: Path
    shown: str


def by_name(connection: str, thing: str | None) -> Where:
    """A place by how it is called, as far as a file tells which one is meant."""
    return connection, same_name(thing or "").casefold()


def written(job: FileJob) -> frozenset[Where]:
    """The databases, projects and boards whose rows the job writes."""
    return frozenset(claim.where for claim in _claims(job, by_name) if claim.field is None)


def fault_between(
    job: FileJob, root: Node, earlier: Sequence[tuple[str, FileJob]], where: Placed = by_name
) -> Fault | None:
    """The first thing that cannot be so together with the jobs of `earlier` (file, job), which run.

    `where`: equal for what is the same place. Two names may lead to one, which only the provider can tell.
    """
    circle = _circle(job, root, earlier, where)
    return circle if circle is not None else _taken(job, root, earlier, where)


def _edges(job: FileJob, where: Placed) -> Iterator[tuple[Where, Where, Path, str]]:
    """From which place to which the job carries, where it says so, and both in words."""
    if isinstance(job, SyncJob):
        shown = f"{_shown(job.source)} → {_shown(job.target)}"
        source, target = (where(side.connection, side.thing or side.records) for side in (job.source, job.target))
        yield source, target, ("to",), shown
    elif isinstance(job, DeadlineJob) and job.show_in is not None:
        target = where(job.show_in.connection, job.show_in.database)
        for watch in job.watch:
            shown = f"{_words(watch.connection, watch.thing)} → {_words(job.show_in.connection, job.show_in.database)}"
            yield where(watch.connection, watch.thing), target, ("show_in",), shown


def _shown(side: Place) -> str:
    return _words(side.connection, side.thing or side.records)


def _words(connection: str, thing: str | None) -> str:
    """Like `asana › Lancement`."""
    return f"{connection} › {('an id' if looks_secret(thing) else listed([thing])) if thing else 'everything'}"


def _circle(job: FileJob, root: Node, earlier: Sequence[tuple[str, FileJob]], where: Placed) -> Fault | None:
    """What the job carries would come back to where it was read."""
    known = [(file, source, target) for file, other in earlier for source, target, _, _ in _edges(other, where)]
    for source, target, path, shown in _edges(job, where):
        files = _way(target, source, known)
        if files is None:
            continue
        line, column = place(root, path)
        if not files:
            message = f"{path[0]}: {shown} ends where it begins."
            return Fault(
                line, column, message, "Name another place. Example: to: {connection: notion, database: Tâches}"
            )
        others = " and ".join(files)
        message = f"{path[0]}: {shown} closes a circle with {others}: every record would come back as a new one."
        hint = "One sync goes both ways already: keep one file. Example: {source: due, target: Échéance, owner: latest}"
        return Fault(line, column, message, hint)
    return None


def _way(start: Where, end: Where, known: Sequence[tuple[str, Where, Where]]) -> tuple[str, ...] | None:
    """The files along the shortest way from one place to another; () when they are one place, None without a way."""
    reached: dict[Where, tuple[str, ...]] = {start: ()}
    waiting = [start]
    while waiting and end not in reached:
        here = waiting.pop(0)
        for file, source, target in known:
            if source == here and target not in reached:
                reached[target] = (*reached[here], file)
                waiting.append(target)
    found = reached.get(end)
    return None if found is None else tuple(dict.fromkeys(found))


def _claims(job: FileJob, where: Placed) -> Iterator[Claim]:
    if isinstance(job, RevenueJob):
        yield _rows(where(job.show_in.connection, job.show_in.database), job.show_in.database, ("show_in", "database"))
    elif isinstance(job, DeadlineJob):
        if job.show_in is not None:
            yield _rows(
                where(job.show_in.connection, job.show_in.database), job.show_in.database, ("show_in", "database")
            )
    elif isinstance(job, SyncJob):
        yield from _of_sync(job, where)
    elif isinstance(job, OnboardingJob):
        for index, step in enumerate(job.steps):
            if step.write is not None:
                at = where(step.write.connection, step.write.database)
                yield _rows(at, step.write.database, ("steps", index, "write", "database"))


def _rows(at: Where, thing: str, path: Path) -> Claim:
    return Claim(at, None, path, thing)


def _of_sync(job: SyncJob, where: Placed) -> Iterator[Claim]:
    target, source = job.target, job.source
    if target.thing is not None:
        word = "project" if target.project else "board" if target.board else "database"
        yield _rows(where(target.connection, target.thing), target.thing, ("to", word))
    for index, line in enumerate(job.fields):
        at = ("fields", index)
        yield Claim(where(target.connection, target.thing or target.records), same_name(line.target),
                    (*at, "target"), _shown(target))  # fmt: skip
        if line.owner != "source":
            yield Claim(where(source.connection, source.thing or source.records), same_name(line.source),
                        (*at, "source"), _shown(source))  # fmt: skip


def _taken(job: FileJob, root: Node, earlier: Sequence[tuple[str, FileJob]], where: Placed) -> Fault | None:
    taken = {(claim.where, claim.field): file for file, other in earlier for claim in _claims(other, where)}
    for claim in _claims(job, where):
        owner = taken.get((claim.where, claim.field))
        if owner is None:
            continue
        line, column = place(root, claim.path)
        if claim.field is None:
            key = claim.path[-1]
            message = f"{key}: {quote(claim.shown)} is already written by {owner}; two jobs cannot own the same rows."
            example = "Tâches 2" if key != "database" else "Chiffres 2"
            return Fault(line, column, message, f"Give this job a {key} of its own. Example: {key}: {example}")
        message = (
            f"{claim.path[-1]}: {quote(claim.field)} of {claim.shown} is already owned by {owner}; "
            "a field has one owner."
        )
        return Fault(line, column, message, "Let only one of the two write it. Example: owner: source")
    return None
