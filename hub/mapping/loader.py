"""A folder of mappings becomes typed businesses and jobs, and a list of every problem of every file.

Nothing here raises for what a person wrote. A broken job leaves that job out, a broken business.yaml that business,
and all others run on (R9).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hub.environment import connection_prefix
from hub.mapping import checks
from hub.mapping.model import Business, RevenueJob
from hub.mapping.problems import Fault, Problem, looks_secret, quote
from hub.mapping.tree import Node, parse
from hub.mapping.words import faults_of, key_place
from hub.nearest import folded, nearest

BUSINESS_FILE = "business.yaml"
JOB_KINDS: Mapping[str, type[RevenueJob]] = {"revenue_kpis": RevenueJob}
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LARGEST = 100_000
"""Bytes of one file. The largest example has 2,500."""

Follows = Callable[[str], str | None]
"""Connector -> what of it `follow:` names ("project", "board", "database"); None: the whole account."""

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Configured:
    """One business that can run, with those of its jobs that can."""

    business: Business
    jobs: tuple[RevenueJob, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class Loaded:
    """What can run, and every problem, by file, line and column."""

    businesses: tuple[Configured, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load(folder: Path, connectors: Collection[str] = (), follows: Follows | None = None) -> Loaded:
    """Read a folder of businesses, or the folder of one business. Never raises for what stands in it.

    `connectors`: those that are installed; a connection of any other is a problem. `follows` is asked only where
    `follow:` stands. Empty, None: that is not looked at.
    """
    problems: list[Problem] = []
    businesses: list[Configured] = []
    for inside in _business_folders(folder, problems):
        configured = _business(inside, connectors, follows, problems)
        if configured is not None:
            businesses.append(configured)
    businesses = _apart(businesses, problems)
    order = sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.column))
    return Loaded(tuple(businesses), tuple(order))


def _business_folders(folder: Path, problems: list[Problem]) -> list[Path]:
    entries = _entries(folder, problems)
    if entries is None:
        return []
    if any(entry.name in (BUSINESS_FILE, "business.yml") for entry in entries):
        return [folder]
    found: list[Path] = []
    for entry in entries:
        if os.path.isdir(entry):  # unlike Path.is_dir, False where it may not be looked at
            found.append(entry)
        elif entry.suffix in (".yaml", ".yml"):
            hint = f"Move it into the folder of its business. Example: {folder / 'atelier-lila' / entry.name}"
            problems.append(_whole(entry, "This file belongs to no business: it stands beside their folders.", hint))
    if not found and not problems:
        hint = f"Make a folder with a {BUSINESS_FILE}. Example: {folder / 'atelier-lila' / BUSINESS_FILE}"
        problems.append(_whole(folder, "This folder has no business.", hint))
    return found


def _entries(folder: Path, problems: list[Problem]) -> list[Path] | None:
    """What stands in a folder, by name, without hidden files and editors' copies; None when it cannot be read."""
    try:
        entries = sorted(folder.iterdir())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        hint = "Name the folder that holds one folder per business. Example: HUB_MAPPINGS=mappings"
        problems.append(_whole(folder, f"This folder cannot be read: {reason}.", hint))
        return None
    return [entry for entry in entries if not entry.name.startswith((".", "#", "__")) and not entry.name.endswith("~")]


def _key_of(folder: Path) -> str:
    """The folder's own name, also for "." and for a link."""
    return os.path.basename(os.path.abspath(folder))


def _business(
    folder: Path, connectors: Collection[str], follows: Follows | None, problems: list[Problem]
) -> Configured | None:
    """One business, or None. The jobs' problems are told even when the business itself is broken."""
    entries = _entries(folder, problems)
    if entries is None:
        return None
    for entry in entries:
        if entry.suffix == ".yml":
            hint = f"Rename it. Example: {entry.with_suffix('.yaml').name}"
            problems.append(_whole(entry, "Files that end in .yml are not read.", hint))
    files = [entry for entry in entries if entry.suffix == ".yaml"]
    key = _key_of(folder)
    business, connections = _read_business(folder, files, connectors, follows, problems)
    jobs: list[RevenueJob] = []
    taken: dict[tuple[str, str], str] = {}
    for file in files:
        if file.name == BUSINESS_FILE:
            continue
        job = _read_job(file, key, connections, taken, problems)
        if job is not None:
            jobs.append(job)
            taken[checks.database_of(job)] = file.name
    if business is None:
        return None
    if len(files) == 1:
        hint = "Add a file for each promise to this client. Example: revenue.yaml"
        problems.append(_whole(folder, "This business has no job, so nothing runs for it.", hint, warning=True))
    return Configured(business, tuple(jobs), folder)


def _read_business(
    folder: Path, files: list[Path], connectors: Collection[str], follows: Follows | None, problems: list[Problem]
) -> tuple[Business | None, tuple[str, ...] | None]:
    """The business, and the names of its connections as far as they can be read."""
    file, key = folder / BUSINESS_FILE, _key_of(folder)
    if file not in files:
        hint = f"Add {BUSINESS_FILE} with a line for each of hub and business. Example: business: Atelier Lila"
        message = f"This folder has no {BUSINESS_FILE}, so it is no business."
        problems.append(_whole(folder, message, hint, warning=not files))
        return None, None
    legal = KEY.fullmatch(key) is not None
    if not legal:
        better = re.sub(r"[^a-z0-9]+", "-", folded(key)).strip("-") or "atelier-lila"
        message = (
            f"The folder's name {quote(key)} cannot be the key of a business: lower-case letters, digits and dashes."
        )
        problems.append(_whole(folder, message, f"Rename the folder. Example: {better}"))
    root = _read(file, "business: Atelier Lila", problems)
    if root is None:
        return None, None
    connections = root.at(("connections",))
    # Only proper names: what else stands there has its own message, and may be a key pasted in the wrong place (R11).
    given = connections.keys if connections is not None else {}
    names = tuple(name for name in given if KEY.fullmatch(name) and not looks_secret(name))
    business = _validate(Business, root, {"key": key}, file=file, key=key, problems=problems)
    if business is not None and connectors:
        faults = checks.faults_of_connectors(business, root, connectors)
        problems.extend(fault.within(file) for fault in faults.values())
        names = tuple(name for name in names if name not in faults)
    if business is not None and follows is not None:
        problems.extend(fault.within(file) for fault in checks.faults_of_follow(business, root, follows, names))
    return (business if legal else None), names


def _read_job(
    file: Path,
    business_key: str,
    connections: tuple[str, ...] | None,
    taken: Mapping[tuple[str, str], str],
    problems: list[Problem],
) -> RevenueJob | None:
    legal = KEY.fullmatch(file.stem.replace("_", "-")) is not None
    if not legal:
        better = re.sub(r"[^a-z0-9]+", "-", folded(file.stem)).strip("-") or "revenue"
        message = (
            f"The file's name {quote(file.stem)} cannot be the name of a job: lower-case letters, digits and dashes."
        )
        problems.append(_whole(file, message, f"Rename the file. Example: {better}.yaml"))
    root = _read(file, "job: revenue_kpis", problems)
    if root is None:
        return None
    kind = root.at(("job",))
    if kind is None or kind.kind != "text" or kind.text not in JOB_KINDS:
        problems.append(_unknown_job(root, kind).within(file))
        return None
    job = _validate(JOB_KINDS[kind.text], root, {"name": file.stem}, file=file, key=business_key, problems=problems)
    if job is None:
        return None
    faults = list(checks.faults_of_job(job, root, connections))
    shared = checks.fault_of_shared_database(job, root, taken)
    faults += [shared] if shared is not None else []
    problems.extend(fault.within(file) for fault in faults)
    return None if faults or not legal else job


def _unknown_job(root: Node, kind: Node | None) -> Fault:
    known = ", ".join(JOB_KINDS)
    if kind is None:
        return Fault(
            root.line, root.column, 'This file has no "job".', f"Say which: {known}. Example: job: revenue_kpis"
        )
    shown = quote(kind.text) if kind.kind == "text" else (kind.text[:40] or "nothing")
    message = f"job: {shown} is not known to this version of hub; known: {known}."
    near = nearest(kind.text, JOB_KINDS)
    return Fault(
        kind.line, kind.column, message, (f'Did you mean "{near}"? ' if near else "") + "Example: job: revenue_kpis"
    )


def _read(file: Path, example: str, problems: list[Problem]) -> Node | None:
    """The file's tree when it is keys with values and nothing is wrong with its YAML."""
    text = _text(file, problems)
    if text is None:
        return None
    root, faults = parse(text)
    problems.extend(fault.within(file) for fault in faults)
    if root is None and not faults:
        problems.append(_whole(file, "This file is empty.", f"Write its keys, or delete it. Example: {example}"))
    elif root is not None and root.kind != "map":
        message = f"This file is {'a list' if root.kind == 'list' else 'one value'}; expected keys with values."
        problems.append(
            Fault(root.line, root.column, message, f"Begin each line with a key. Example: {example}").within(file)
        )
    return root if root is not None and root.kind == "map" and not faults else None


def _text(file: Path, problems: list[Problem]) -> str | None:
    if not os.path.isfile(file):  # a folder, or a pipe that would never end
        problems.append(_whole(file, "This is no ordinary file.", "Replace it by a text file. Example: revenue.yaml"))
        return None
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        hint = f"Give the user that runs hub the right to read it. Example: chmod u+r {file.name}"
        problems.append(_whole(file, f"This file cannot be read: {error.strerror}.", hint))
        return None
    if len(raw) > LARGEST:
        hint = "A mapping has some 50 lines: is this another file? Example: revenue.yaml"
        problems.append(_whole(file, f"This file has more than {LARGEST // 1000} KB.", hint))
        return None
    try:
        return raw.decode("utf-8-sig")  # the mark that Windows' editors put first means nothing
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        hint = "Save the file as UTF-8. Example: in Notepad, Save as, Encoding: UTF-8"
        problems.append(Fault(line, column, "This file is not UTF-8 text.", hint).within(file))
        return None


def _validate(
    model: type[ModelT], root: Node, given: Mapping[str, str], *, file: Path, key: str, problems: list[Problem]
) -> ModelT | None:
    """The model, with what the loader knows from names (`given`); None and its problems when it does not fit."""
    data = root.plain()
    stray = [name for name in given if name in data]
    for name in stray:
        line, column = key_place(root, (name,))
        hint = "It comes from the name of the file or folder: take it out. Example: hub: 1"
        problems.append(Fault(line, column, f"Unknown key {quote(name)} in this file.", hint).within(file))
    try:
        value = model.model_validate({**data, **given})
    except ValidationError as error:
        problems.extend(fault.within(file) for fault in faults_of(error, model, root, key))
        return None
    return None if stray else value


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
                _whole(configured.folder / BUSINESS_FILE, message, f"Rename the connection. Example: {name}-2: {{}}")
            )
        if not clashes:
            owners.update(dict.fromkeys(prefixes, configured.folder))
            kept.append(configured)
    return kept


def _whole(file: Path, message: str, hint: str, *, warning: bool = False) -> Problem:
    return Problem(file=file, line=0, column=0, message=message, hint=hint, severity="warning" if warning else "error")
