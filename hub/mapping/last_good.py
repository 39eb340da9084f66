"""The last good copy of each file: what goes on while a person mends the file itself.

`DATA/last-good/BUSINESS/` holds each file as it was when it was last read without an error. A file that is broken is
read from there, so that its job goes on as it was; a file that was taken away takes its job and its copy along.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from hub.mapping import texts
from hub.mapping.files import BUSINESS_FILE, LARGEST
from hub.mapping.loader import Loaded
from hub.mapping.problems import Problem

log = logging.getLogger("hub.mappings")

Read: TypeAlias = Callable[[Path], Loaded]
"""Reads a folder of mappings."""

Files: TypeAlias = Mapping[str, bytes]
"""Name within the folder of a business, like texts/welcome.fr.md -> what stands there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What runs, and what is wrong with the files.

    `loaded.businesses` is what runs; `loaded.problems` are those of the files as they are. `kept`: the files in whose
    place the last good copy is read.
    """

    loaded: Loaded
    kept: frozenset[Path] = frozenset()

    @property
    def faults(self) -> dict[Path, str]:
        """A sentence for each broken file or folder: its first error, and what runs meanwhile."""
        by_file: dict[Path, list[Problem]] = {}
        for problem in self.loaded.errors:
            by_file.setdefault(problem.file, []).append(problem)
        return {file: self._sentence(file, problems) for file, problems in by_file.items()}

    def _sentence(self, file: Path, problems: list[Problem]) -> str:
        first, more = problems[0], len(problems) - 1
        if any(file in (kept, kept.with_suffix(".yml"), *kept.parents) for kept in self.kept):
            meanwhile = "Until it is put right, the last good version goes on."
        else:
            meanwhile = "Until it is put right, nothing of it runs."
        others = f" ({more} more: `hub check`)" if more else ""
        return f"{first.place}: {first.message} {first.hint}{others} {meanwhile}"


def stand(read: Read, folder: Path, copies: Path) -> Standing:
    """Read the folder, with the last good copy in place of each file that is broken; keep copies of what is right.

    A business whose files no longer fit each other that way goes on from all of its copies.
    """
    loaded = read(folder)
    shelves = {key: Shelf(place, copies / key) for key, place in _places(loaded, folder, copies).items()}
    broken = {key: shelf.broken(loaded) for key, shelf in shelves.items()}
    taken = {key: shelf.copies_of(broken[key]) for key, shelf in shelves.items()}
    effective = _read_over(read, shelves, taken) if any(taken.values()) else loaded
    torn = {key for key, shelf in shelves.items() if shelf.lacks(effective, key, broken[key])}
    if torn:
        whole = taken | {key: shelves[key].every_copy(broken[key]) for key in torn}
        found = _read_over(read, shelves, whole)
        if not any(shelves[key].lacks(found, key, broken[key]) for key in torn):
            taken, effective = whole, found
    running = {item.business.key for item in effective.businesses}
    _keep(copies, shelves, {key: broken[key] for key in shelves.keys() - torn if key in running or not broken[key]})
    kept = {shelves[key].folder / name for key in running & taken.keys() for name in taken[key]}
    businesses = tuple(replace(item, folder=shelves[item.business.key].folder) for item in effective.businesses)
    return Standing(Loaded(businesses, loaded.problems), frozenset(kept))


class Shelf:
    """One business: what stands in its folder now, and its copies."""

    def __init__(self, folder: Path, copies: Path) -> None:
        self.folder = folder
        self.now = _files(folder)
        self.good = _files(copies)

    def broken(self, loaded: Loaded) -> set[str]:
        """The names of the files that have an error, or that are not there although nobody took them away."""
        found: set[str] = set()
        for problem in loaded.errors:
            if self.folder in problem.file.parents:
                name = problem.file.relative_to(self.folder).as_posix()
                # revenue.yml is not read, and was revenue.yaml before somebody renamed it.
                found.add(f"{name.removesuffix('.yml')}.yaml" if name.endswith(".yml") else name)
            elif problem.file in (self.folder, self.folder.parent):
                # It cannot be read, or has no business.yaml.
                found |= self.good.keys() - self.now.keys()
        return found

    def copies_of(self, names: Collection[str]) -> Files:
        return {name: raw for name, raw in self.good.items() if name in names}

    def every_copy(self, broken: Collection[str]) -> Files:
        """All, but not of jobs that were taken away; of what differs from the folder or is broken."""
        there = {name for name in self.good if name in self.now or name in broken or name not in _jobs(self.good)}
        return {name: self.good[name] for name in there if self.now.get(name) != self.good[name] or name in broken}

    def lacks(self, loaded: Loaded, key: str, broken: Collection[str]) -> bool:
        """Whether something that ran, and that nobody took away, would not run."""
        wanted = {Path(name).stem for name in _jobs(self.good) if name in self.now or name in broken}
        jobs = next((item.jobs for item in loaded.businesses if item.business.key == key), None)
        if jobs is None:
            return bool(self.good) and bool(self.now or broken)
        return not wanted <= {job.name for job in jobs}


def _jobs(files: Collection[str]) -> list[str]:
    return [name for name in files if name.endswith(".yaml") and name != BUSINESS_FILE]


def _places(loaded: Loaded, folder: Path, copies: Path) -> dict[str, Path]:
    """Key of a business -> its folder; of every one that was good when the folder itself cannot be meant as it is."""
    own = os.path.basename(os.path.abspath(folder))
    if (folder / BUSINESS_FILE).is_file():
        return {own: folder}
    found = {entry.name: entry for entry in _folders(folder)}
    if not loaded.businesses and loaded.errors:
        for entry in _folders(copies):
            found.setdefault(entry.name, folder if entry.name == own else folder / entry.name)
    return found


def _folders(folder: Path) -> list[Path]:
    try:
        return [entry for entry in sorted(folder.iterdir()) if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return []


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a business that are read, as far as they can be."""
    found = {}
    for path in _paths(folder):
        try:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = file.read(LARGEST + 1)
        except OSError:
            continue
    return found


def _paths(folder: Path) -> Iterator[Path]:
    for inside, suffix in ((folder, ".yaml"), (folder / texts.FOLDER, ".md")):
        try:
            entries = sorted(inside.iterdir())
        except OSError:
            continue
        yield from (one for one in entries if one.suffix == suffix and one.name[0] not in ".#" and one.is_file())


def _read_over(read: Read, shelves: Mapping[str, Shelf], taken: Mapping[str, Files]) -> Loaded:
    """What the folders would be with these files in place of theirs."""
    with tempfile.TemporaryDirectory(prefix="hub-mappings-") as made:
        for key, shelf in shelves.items():
            for name, raw in {**shelf.now, **taken[key]}.items():
                path = Path(made, key, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(raw)
        return read(Path(made))


def _keep(copies: Path, shelves: Mapping[str, Shelf], broken: Mapping[str, Collection[str]]) -> None:
    """Bring the copies of these businesses up to date. A full disk is said, and costs only this."""
    try:
        for key, names in broken.items():
            shelf = shelves[key]
            for name, raw in shelf.now.items():
                if name not in names and shelf.good.get(name) != raw:
                    _write(copies / key / name, raw)
            for name in shelf.good.keys() - shelf.now.keys() - set(names):
                (copies / key / name).unlink(missing_ok=True)
        for entry in _folders(copies):
            if entry.name not in shelves:
                shutil.rmtree(entry, ignore_errors=True)
    except OSError as error:
        log.warning("the last good copies in %s cannot be kept: %s", copies, error.strerror)


def _write(path: Path, raw: bytes) -> None:
    """Whole or not at all: the API and the worker both keep copies."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
    os.replace(made, path)
