"""What the databases lack in which a `client_onboarding` job keeps a row for each client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hub.core.types import Collection, Property, PropertyKind, Ref
from hub.engine import names
from hub.engine.accounts import Accounts
from hub.engine.amiss import Amiss, Lacks, Step, absent, add, made
from hub.engine.planners.sync import KEY
from hub.mapping.checks.around import Path
from hub.mapping.onboarding_job import OnboardingJob, WriteRow
from hub.planning.words import Language, say

_TEXTS: tuple[PropertyKind, ...] = ("text", "title", "select", "status", "email", "phone", "url")
_DAY: tuple[PropertyKind, ...] = ("date", "text", "title")
_LINK: tuple[PropertyKind, ...] = ("url", *_TEXTS)
_HOLDS: Mapping[str, tuple[PropertyKind, ...]] = {
    "person.email": ("email", *_TEXTS),
    "payment.amount": ("number", "text", "title"),
    "payment.day": _DAY,
    "booking.day": _DAY,
    "booking.reschedule_url": _LINK,
    "booking.cancel_url": _LINK,
    "booking.link": _LINK,
    "signup.day": _DAY,
}
"""What a step writes -> the types that can hold it, the one first that is made; any other word is a text."""
_TITLE = "person.name"


@dataclass(slots=True)
class _Table:
    """A database that steps fill. `columns`: name -> the word that it holds, and where the file says so."""

    connection: str
    name: str
    path: Path
    columns: dict[str, tuple[str, Path]] = field(default_factory=dict)
    people_own: dict[str, None] = field(default_factory=dict)
    templates: dict[str, Path] = field(default_factory=dict)


class Rows:
    """The databases of one job: what is missing in them can be made, but no template."""

    def __init__(self, job: OnboardingJob, language: Language, accounts: Accounts, found: Lacks) -> None:
        self._file = f"{job.name}.yaml"
        self._job = job
        self._language = language
        self._accounts = accounts
        self._found = found

    def look(self) -> None:
        """Raises what a connection raises."""
        for table in self._tables():
            there = self._accounts.find(table.connection, table.name, self._file)
            self._found.faults += [self._amiss(says, table.path, grave=False) for says in there.notices]
            if there.ref is not None:
                self._templates(table, there.ref)
                self._complete(table, there.ref)
            elif there.new:
                self._make(table)
            else:
                self._found.faults += [self._amiss(says, table.path) for says in there.faults]

    def _tables(self) -> list[_Table]:
        """Several steps may fill one."""
        found: dict[tuple[str, str], _Table] = {}
        for index, step in enumerate(self._job.steps):
            if step.write is not None:
                path: Path = ("steps", index, "write")
                where = (step.write.connection, step.write.database)
                table = found.setdefault(where, _Table(*where, (*path, "database")))
                self._gather(table, step.write, path)
        return list(found.values())

    def _gather(self, table: _Table, write: WriteRow, path: Path) -> None:
        for name, word in write.hub_owns.items():
            table.columns[name] = (word, (*path, "hub_owns", name))
        table.people_own |= dict.fromkeys(write.people_own)
        if write.from_template is not None:
            table.templates[write.from_template] = (*path, "from_template")

    def _amiss(self, says: str, path: Path, *, grave: bool = True) -> Amiss:
        return Amiss(says, path, self._file, grave)

    def _templates(self, table: _Table, ref: Ref) -> None:
        for name, path in table.templates.items():
            known = self._accounts.templates(table.connection, ref)
            errors = names.resolve([name], "template", known, {}, file=self._file).errors
            self._found.faults += [self._amiss(says, path) for says in errors]

    def _complete(self, table: _Table, ref: Ref) -> None:
        columns = {one.name: one for one in self._accounts.columns(table.connection, table.name, ref)}
        title = next((one.name for one in columns.values() if one.kind == "title"), None)
        missing: list[Property] = []
        for name, (word, path) in table.columns.items():
            has, kinds = columns.get(name), _HOLDS.get(word, _TEXTS)
            if has is None and word == _TITLE and title is not None and title not in table.columns:
                says = (
                    f"The title of « {table.name} » is called « {title} » and the job calls it « {name} »: rename it "
                )
                self._found.faults.append(self._amiss(f"{says}there, or write {title}: {word} in {self._file}.", path))
            elif has is None:
                missing.append(Property(name=name, kind=kinds[0]))
            elif has.kind not in kinds:
                says = f"« {name} » of « {table.name} » has the type {has.kind}, and {word} needs {_kinds(kinds)}."
                says = f"{says} The hub changes no type: change it there, or name another property."
                self._found.faults.append(self._amiss(says, path))
        lacks = Lacks()
        bare = Collection(name=table.name, kind="table", properties=tuple(missing), key_property=KEY)
        add(self._accounts.destination(table.connection), bare, ref, lacks)
        self._found.steps += [replace(step, lacking=_for_setup(step.lacking)) for step in lacks.steps]

    def _make(self, table: _Table) -> None:
        destination = self._accounts.destination(table.connection)
        columns = [self._column(name, word, table) for name, (word, _) in table.columns.items()]
        columns += [Property(name=name, kind="text") for name in table.people_own]
        if not any(one.kind == "title" for one in columns):
            columns.insert(0, Property(name=say(self._language, "what"), kind="title"))
        collection = Collection(name=table.name, kind="table", properties=tuple(columns), key_property=KEY)
        for name, path in table.templates.items():
            says = f"« {table.name} » has no template « {name} »: make it there, which only a person can."
            self._found.faults.append(self._amiss(says, path))
        if destination.find(collection, None) is not None:
            # Made a moment ago: the provider's search does not know it yet, so nothing more can be said of it.
            return

        def make() -> None:
            destination.prepare(collection, None, None)

        lacking = f"{absent(collection)}; `hub setup` makes it, and then the job can run"
        self._found.steps.append(Step(made(collection), lacking, make))

    def _column(self, name: str, word: str, table: _Table) -> Property:
        title = next((each for each, (said, _) in table.columns.items() if said == _TITLE), None)
        return Property(name=name, kind="title" if name == title else _HOLDS.get(word, _TEXTS)[0])


def _for_setup(lacking: str) -> str:
    return lacking.replace("; the hub will add it", "; `hub setup` adds it, and then the job can run")


def _kinds(kinds: tuple[PropertyKind, ...]) -> str:
    """The types that one would choose."""
    return " or ".join(kinds[:2])
