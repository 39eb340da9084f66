"""A folder of mappings becomes typed businesses and jobs, and a list of every problem of every file.

Nothing here raises for what a person wrote. A broken job leaves that job out, a broken business.yaml that business,
and all others run on (R9).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hub.environment import connection_prefix
from hub.mapping.checks import faults_of_job, unknown_job
from hub.mapping.checks.around import Around
from hub.mapping.checks.between import fault_between
from hub.mapping.checks.business import (
    faults_of_brief,
    faults_of_connectors,
    faults_of_follow,
    faults_of_people,
    faults_of_process_page,
    faults_of_report,
    warnings_of_people,
)
from hub.mapping.checks.paid import faults as faults_of_paid
from hub.mapping.checks.revenue import rates_file
from hub.mapping.checks.texts import texts_of_job
from hub.mapping.files import BUSINESS_FILE, business_folders, entries, text_of, whole
from hub.mapping.jobs import JOB_KINDS, FileJob
from hub.mapping.model import Business
from hub.mapping.problems import Fault, Problem, looks_secret, quote
from hub.mapping.texts import TextFile
from hub.mapping.tree import Node, parse
from hub.mapping.versions import fault_of_version
from hub.mapping.words import faults_of, key_place
from hub.nearest import folded

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Follows = Callable[[str], str | None]
"""Connector -> what of it `follow:` names ("project", "board", "database"); None: the whole account."""
Can = Callable[[str], Collection[str]]
"""Connector -> what it can beside being read: "rows", "mails", "copies", "links" (hub.core.protocol.Ability)."""

ModelT = TypeVar("ModelT", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Configured:
    """One business that can run, with those of its jobs that can, and the texts that they name."""

    business: Business
    jobs: tuple[FileJob, ...]
    folder: Path
    texts: Mapping[str, TextFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What can run, and every problem, by file, line and column."""

    businesses: tuple[Configured, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load(
    folder: Path, connectors: Collection[str] = (), follows: Follows | None = None, can: Can | None = None
) -> Loaded:
    """Read a folder of businesses, or the folder of one business. Never raises for what stands in it.

    `connectors`: those that are installed; a connection of any other is a problem. `follows`: which word is right for
    the parts of an account. `can`: what may be done with it. Empty, None: that is not looked at.
    """
    problems: list[Problem] = []
    businesses: list[Configured] = []
    for inside in business_folders(folder, problems):
        configured = _business(inside, connectors, follows, can, problems)
        if configured is not None:
            businesses.append(configured)
    businesses = _apart(businesses, problems)
    order = sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.column))
    return Loaded(tuple(businesses), tuple(order))


def _key_of(folder: Path) -> str:
    """The folder's own name, also for "." and for a link."""
    return os.path.basename(os.path.abspath(folder))


def _business(
    folder: Path, connectors: Collection[str], follows: Follows | None, can: Can | None, problems: list[Problem]
) -> Configured | None:
    """One business, or None. The jobs' problems are told even when the business itself is broken."""
    inside = entries(folder)
    if isinstance(inside, Problem):
        problems.append(inside)
        return None
    for entry in inside:
        if entry.suffix == ".yml":
            hint = f"Rename it. Example: {entry.with_suffix('.yaml').name}"
            problems.append(whole(entry, "Files that end in .yml are not read.", hint))
    files = [entry for entry in inside if entry.suffix == ".yaml"]
    business, around, root = _read_business(folder, files, connectors, follows, can, problems)
    jobs: list[tuple[str, FileJob]] = []
    texts: dict[str, TextFile] = {}
    for file in files:
        if file.name == BUSINESS_FILE:
            continue
        job = _read_job(file, _key_of(folder), around, jobs, texts, problems)
        if job is not None:
            jobs.append((file.name, job))
    if business is None or root is None:
        return None
    unreached = warnings_of_people(business, root, jobs)
    problems.extend(replace(fault.within(folder / BUSINESS_FILE), severity="warning") for fault in unreached)
    if len(files) == 1:
        hint = "Add a file for each promise to this client. Example: revenue.yaml"
        problems.append(whole(folder, "This business has no job, so nothing runs for it.", hint, warning=True))
    return Configured(business, tuple(job for _, job in jobs), folder, texts)


def _read_business(
    folder: Path,
    files: list[Path],
    connectors: Collection[str],
    follows: Follows | None,
    can: Can | None,
    problems: list[Problem],
) -> tuple[Business | None, Around, Node | None]:
    """The business, and what is known of it as far as it can be read; the file's tree."""
    file, key = folder / BUSINESS_FILE, _key_of(folder)
    if file not in files:
        hint = f"Add {BUSINESS_FILE} with a line for each of hub and business. Example: business: Atelier Lila"
        message = f"This folder has no {BUSINESS_FILE}, so it is no business."
        problems.append(whole(folder, message, hint, warning=not files))
        return None, Around(), None
    legal = KEY.fullmatch(key) is not None
    if not legal:
        better = re.sub(r"[^a-z0-9]+", "-", folded(key)).strip("-") or "atelier-lila"
        message = (
            f"The folder's name {quote(key)} cannot be the key of a business: lower-case letters, digits and dashes."
        )
        problems.append(whole(folder, message, f"Rename the folder. Example: {better}"))
    root = _read(file, "business: Atelier Lila", problems)
    if root is None:
        return None, Around(), None
    connections = root.at(("connections",))
    # Only proper names: what else stands there has its own message, and may be a key pasted in the wrong place (R11).
    given = connections.keys if connections is not None else {}
    names = tuple(name for name in given if KEY.fullmatch(name) and not looks_secret(name))
    strangers = tuple(faults_of_people(root, names))
    business = _validate(Business, root, {"key": key}, file=file, key=key, problems=problems, more=strangers)
    if business is None:
        return None, Around(connections=names), None
    if connectors:
        faults = faults_of_connectors(business, root, connectors)
        problems.extend(fault.within(file) for fault in faults.values())
        names = tuple(name for name in names if name not in faults)
    around = Around(
        connections=names,
        people={short: person.name for short, person in business.people.items()},
        reached=frozenset(short for short, person in business.people.items() if person.email),
        left={short: person.left for short, person in business.people.items() if person.left is not None},
        follows=None if follows is None else partial(_of, business, follows),
        can=None if can is None else partial(_of, business, can),
        language=business.language,
    )
    if follows is not None:
        problems.extend(fault.within(file) for fault in faults_of_follow(business, root, follows, names))
    problems.extend(fault.within(file) for fault in faults_of_process_page(business, root, around))
    problems.extend(fault.within(file) for fault in faults_of_brief(business, root, around))
    problems.extend(fault.within(file) for fault in faults_of_report(business, root, around))
    return (business if legal else None), around, root


def _of(business: Business, fact: Callable[[str], T], connection: str) -> T:
    """What is known of the connector of a connection."""
    return fact(business.connections[connection].connector or connection)


def _read_job(
    file: Path,
    business_key: str,
    around: Around,
    earlier: Sequence[tuple[str, FileJob]],
    texts: dict[str, TextFile],
    problems: list[Problem],
) -> FileJob | None:
    """The job of a file, or None when anything in it or in its texts is wrong. `texts` gets those that it names."""
    legal = KEY.fullmatch(file.stem.replace("_", "-")) is not None
    if not legal:
        better = re.sub(r"[^a-z0-9]+", "-", folded(file.stem)).strip("-") or "revenue"
        message = (
            f"The file's name {quote(file.stem)} cannot be the name of a job: lower-case letters, digits and dashes."
        )
        problems.append(whole(file, message, f"Rename the file. Example: {better}.yaml"))
    root = _read(file, "job: revenue_kpis", problems)
    if root is None:
        return None
    kind = root.at(("job",))
    if kind is None or kind.kind != "text" or kind.text not in JOB_KINDS:
        problems.append(unknown_job(root, kind).within(file))
        return None
    job = _validate(JOB_KINDS[kind.text], root, {"name": file.stem}, file=file, key=business_key, problems=problems)
    if job is None:
        return None
    found = [fault.within(file) for fault in faults_of_job(job, root, around)]
    found += [fault.within(file) for fault in (*rates_file(job, root, file.parent), *faults_of_paid(job, root))]
    between = fault_between(job, root, earlier)
    found += [between.within(file)] if between is not None else []
    named: Mapping[str, TextFile] = {}
    if around.language is not None:
        named, amiss = texts_of_job(job, root, file, around.language)
        found += amiss
    problems.extend(problem for problem in found if problem not in problems)  # two jobs may name one broken text
    if found or not legal:
        return None
    texts.update(named)
    return job


def _read(file: Path, example: str, problems: list[Problem]) -> Node | None:
    """The file's tree when it is keys with values and nothing is wrong with its YAML."""
    text = text_of(file)
    if isinstance(text, Problem):
        problems.append(text)
        return None
    root, faults = parse(text)
    problems.extend(fault.within(file) for fault in faults)
    if root is None and not faults:
        problems.append(whole(file, "This file is empty.", f"Write its keys, or delete it. Example: {example}"))
    elif root is not None and root.kind != "map":
        message = f"This file is {'a list' if root.kind == 'list' else 'one value'}; expected keys with values."
        problems.append(
            Fault(root.line, root.column, message, f"Begin each line with a key. Example: {example}").within(file)
        )
    if root is None or root.kind != "map" or faults:
        return None
    version = fault_of_version(root)
    if version is not None:
        problems.append(version.within(file))
        return None
    return root


def _validate(
    model: type[ModelT],
    root: Node,
    given: Mapping[str, str],
    *,
    file: Path,
    key: str,
    problems: list[Problem],
    more: Sequence[Fault] = (),
) -> ModelT | None:
    """The model, with what the loader knows from names (`given`); None and its problems when it does not fit.

    `more`: what is known to be wrong already.
    """
    data = root.plain()
    stray = [name for name in given if name in data]
    for name in stray:
        line, column = key_place(root, (name,))
        hint = "It comes from the name of the file or folder: take it out. Example: hub: 1"
        problems.append(Fault(line, column, f"Unknown key {quote(name)} in this file.", hint).within(file))
    problems.extend(fault.within(file) for fault in more)
    try:
        value = model.model_validate({**data, **given})
    except ValidationError as error:
        problems.extend(fault.within(file) for fault in faults_of(error, model, root, key, more))
        return None
    return None if stray or more else value


def _apart(businesses: Iterable[Configured], problems: list[Problem]) -> list[Configured]:
    """Leave out a business whose connection would read the keys of another's (`a-b` + `c`, `a` + `b-c`) (R9)."""
    owners: dict[str, Path] = {}
    kept: list[Configured] = []
    for configured in businesses:
        prefixes = {connection_prefix(configured.business.key, name): name for name in configured.business.connections}
        clashes = [(prefix, name) for prefix, name in prefixes.items() if prefix in owners]
        for prefix, name in clashes:
            message = f"The keys of connection {quote(name)} would be named {prefix}…, as those of {owners[prefix]}."
            problems.append(
                whole(configured.folder / BUSINESS_FILE, message, f"Rename the connection. Example: {name}-2: {{}}")
            )
        if not clashes:
            owners.update(dict.fromkeys(prefixes, configured.folder))
            kept.append(configured)
    return kept
