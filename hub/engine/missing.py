"""What the files name and the world lacks: projects, products, event types, templates, lists, properties, people."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence

from hub.core.types import Property, Ref, Thing
from hub.engine import names
from hub.engine.accounts import Accounts
from hub.engine.amiss import Amiss
from hub.engine.lacking_pair import word_of
from hub.mapping.checks.around import Path
from hub.mapping.checks.between import Where, by_name, fault_between
from hub.mapping.deadline_job import DeadlineJob, Watch
from hub.mapping.jobs import BriefJob, FileJob, Job, ReportJob
from hub.mapping.model import ALL, Business
from hub.mapping.onboarding_job import OnboardingJob, StartsOn
from hub.mapping.sync_job import SyncJob
from hub.mapping.tree import Node
from hub.nearest import nearest

_TEXTS = ("text", "title", "select", "status", "email", "phone", "url")
_READ: Mapping[str, tuple[str, ...]] = {
    "title": _TEXTS,
    "due": ("date", "instant"),
    "assignee": ("people", *_TEXTS),
    "done": ("checkbox", "status", "select", "text"),
}
"""What of a task is read from a property -> the types from which it can be; the likeliest two come first."""


def missing(job: Job, accounts: Accounts, made: Collection[Where]) -> Iterator[Amiss]:
    """What the job's file names and what is not so. `made`: the databases that the hub makes; they may be missing.

    A sync's own places, and the databases that the steps of a journey fill, are looked at by `lacking.lacks`. Raises
    what a connection raises.
    """
    file = f"{job.name}.yaml"
    if isinstance(job, DeadlineJob):
        for index, watch in enumerate(job.watch):
            yield from _watched(watch, ("watch", index), file, accounts, made)
    elif isinstance(job, OnboardingJob):
        for index, start in enumerate(job.starts_on):
            yield from _starts(start, ("starts_on", index), file, accounts)
        for index, step in enumerate(job.steps):
            if step.copies is not None:
                path: Path = ("steps", index, "copy", "template")
                there = accounts.templates(step.copies.connection, None)
                yield from _one_of(step.copies.template, "template", there, path, file)
            if step.task is not None:
                there_is = accounts.find(step.task.connection, step.task.place, file)
                path = ("steps", index, "task", "in")
                yield from (Amiss(says, path, file) for says in there_is.faults)
                yield from (Amiss(says, path, file, grave=False) for says in there_is.notices)
            if step.link is not None:
                path = ("steps", index, "link", "event_type")
                things = accounts.sight(step.link.connection).things
                yield from _one_of(step.link.event_type, "event type", things, path, file)
    elif isinstance(job, SyncJob) and job.only_if.section and job.source.thing is not None:
        found = accounts.find(job.source.connection, job.source.thing, file)
        path = ("only_if", "section")
        if found.ref is not None:
            sections = job.only_if.section
            yield from _lists(sections, job.source.connection, job.source.thing, found.ref, path, file, accounts)


def of_business(business: Business, accounts: Accounts, connection: str) -> Iterator[Amiss]:
    """What business.yaml names at that connection and what is not so: what is followed, and people."""
    follow = business.connections[connection].follow or ()
    for index, name in enumerate(follow if follow != (ALL,) else ()):
        found = accounts.find(connection, name, "business.yaml")
        path = ("connections", connection, "follow", index)
        yield from (Amiss(says, path) for says in found.faults)
        yield from (Amiss(says, path, grave=False) for says in found.notices)
    for short, person in business.people.items():
        called = person.known_as.get(connection)
        if called is not None:
            yield from _person(called, ("people", short, connection), accounts, connection)


def two_places(jobs: Sequence[tuple[FileJob, Node]], accounts: Accounts, shut: Collection[str]) -> Iterator[Amiss]:
    """One field with two owners, and jobs in a circle, where two names turn out to be one place.

    `jobs`: each with the tree of its file. `shut`: connections that cannot be asked. What shows in the names alone is
    the loader's to say. Raises what a connection raises.
    """

    def where(connection: str, thing: str | None) -> Where:
        if thing is None or connection in shut:
            return by_name(connection, thing)
        ref = accounts.find(connection, thing, "").ref
        return by_name(connection, thing) if ref is None else ("", ref)

    earlier: list[tuple[str, FileJob]] = []
    for job, root in jobs:
        fault = fault_between(job, root, earlier, where)
        if fault is not None:
            yield Amiss(f"{fault.message} {fault.hint}", file=f"{job.name}.yaml", at=(fault.line, fault.column))
        else:
            earlier.append((f"{job.name}.yaml", job))


def writes(job: Job) -> frozenset[str]:
    """The connections that the job changes something in. A sync reads what it only copies from."""
    if isinstance(job, SyncJob):
        both = job.new_rows == "copied" or any(line.owner != "source" for line in job.fields)
        return frozenset((job.target.connection, *((job.source.connection,) if both else ())))
    return frozenset(job.writes)


def sends(job: Job) -> bool:
    """Whether the job sends mails."""
    if isinstance(job, OnboardingJob):
        changes = [getattr(job.changes, name) for name in type(job.changes).model_fields]
        told = any(change.send is not None or change.tell for change in changes)
        return told or any(step.send is not None or step.ask is not None for step in job.steps)
    return isinstance(job, DeadlineJob | BriefJob | ReportJob)


def _watched(watch: Watch, path: Path, file: str, accounts: Accounts, made: Collection[Where]) -> Iterator[Amiss]:
    name, connection = watch.thing, watch.connection
    if name is None:
        return
    found = accounts.find(connection, name, file)
    at = (*path, word_of(watch))
    if found.new and by_name(connection, name) in made:
        return
    yield from (Amiss(says, at, file) for says in found.faults)
    yield from (Amiss(says, at, file, grave=False) for says in found.notices)
    if found.ref is None:
        return
    yield from _lists(watch.skip_lists, connection, name, found.ref, (*path, "skip_lists"), file, accounts)
    for word, column in watch.names.items():
        key = "assignee" if word == "assignees" else word
        for one in (column,) if isinstance(column, str) else column:
            at = (*path, key) if isinstance(column, str) else (*path, key, one)
            what = column[one] if isinstance(column, Mapping) else None
            yield from _column(one, what, _READ[key], name, (connection, found.ref), at, file, accounts)


def _column(
    name: str, word: str | None, kinds: Sequence[str], table: str, at: tuple[str, Ref], path: Path, file: str,
    accounts: Accounts,
) -> Iterator[Amiss]:  # fmt: skip
    """A property that is read: is it there, can it be read as that, and is `word` one of its options?"""
    connection, ref = at
    columns = {one.name: one for one in accounts.columns(connection, table, ref)}
    has = columns.get(name)
    if has is None:
        shown = accounts.shown(connection, ref)
        if name not in shown:
            yield Amiss(_no_property(name, table, tuple(dict.fromkeys((*columns, *shown))), file), path, file)
    elif has.kind not in kinds:
        says = f"« {name} » of « {table} » has the type {has.kind}, and is read here as {_kinds(kinds)}."
        yield Amiss(f"{says} Change it there, or name another property in {file}.", path, file)
    elif word is not None and has.options is not None and word.casefold() not in map(str.casefold, has.options):
        yield Amiss(_no_option(word, has, table, file), path, file)


def _kinds(kinds: Sequence[str]) -> str:
    """The types that one would choose."""
    return " or ".join(kind for kind in kinds[:2] if kind != "instant")


def _no_property(name: str, table: str, there: Sequence[str], file: str) -> str:
    near = nearest(name, there)
    known = f"Did you mean « {near} »?" if near else f"It has: {', '.join(there) or 'none'}."
    return f"« {table} » has no property « {name} ». {known} Correct it in {file}, or make it there."


def _no_option(word: str, column: Property, table: str, file: str) -> str:
    near = nearest(word, column.options or ())
    known = f"Did you mean « {near} »?" if near else f"There are: {', '.join(column.options or ())}."
    return f"« {column.name} » of « {table} » has no option « {word} ». {known} Correct it in {file}."


def _lists(
    wanted: Sequence[str], connection: str, thing: str, ref: Ref, path: Path, file: str, accounts: Accounts
) -> Iterator[Amiss]:
    there = accounts.lists(connection, ref) if wanted else None
    if there is None:
        return
    for index, name in enumerate(wanted):
        if name not in there:
            near = nearest(name, there)
            known = f"Did you mean « {near} »?" if near else f"It has: {', '.join(there) or 'none'}."
            yield Amiss(f"« {thing} » has no list « {name} ». {known} Write its name in {file}.", (*path, index), file)


def _starts(start: StartsOn, path: Path, file: str, accounts: Accounts) -> Iterator[Amiss]:
    connection, spec = start.connection, accounts.specs[start.connection]
    if start.product is not None and "product" in spec.streams:
        yield from _some_of(start.product, "product", accounts.products(connection), (*path, "product"), file)
    things = accounts.sight(connection).things
    if start.event_type is not None:
        yield from _some_of(start.event_type, "event type", things, (*path, "event_type"), file)
    if start.form is not None and spec.follows is not None:
        found = accounts.find(connection, start.form, file)
        yield from (Amiss(says, (*path, "form"), file) for says in found.faults)
        yield from (Amiss(says, (*path, "form"), file, grave=False) for says in found.notices)
    elif start.form is not None:
        yield from _some_of(start.form, "routing form", things, (*path, "form"), file)


def _some_of(name: str, kind: str, things: Sequence[Thing], path: Path, file: str) -> Iterator[Amiss]:
    """Things of which several may have the name: all of them are meant."""
    known = [thing for thing in things if thing.kind == kind]
    if not any(_tidy(thing.name) == _tidy(name) for thing in known):
        yield from (Amiss(says, path, file) for says in names.resolve([name], kind, known, {}, file=file).errors)


def _one_of(name: str, kind: str, things: Sequence[Thing], path: Path, file: str) -> Iterator[Amiss]:
    yield from (Amiss(says, path, file) for says in names.resolve([name], kind, things, {}, file=file).errors)


def _person(called: str, path: Path, accounts: Accounts, connection: str) -> Iterator[Amiss]:
    people = [record.fields for record in accounts.people(connection)]
    known = [str(one[part]) for one in people for part in ("email", "name", "username") if one.get(part)]
    if not people or _tidy(called) in map(_tidy, known):
        return
    near = nearest(called, known)
    there = f"Did you mean « {near} »?" if near else f"There are: {', '.join(dict.fromkeys(known))}."
    title = accounts.specs[connection].title
    yield Amiss(f"Nobody in {title} is called « {called} ». {there} Write it in business.yaml.", path)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
