"""What both sides of a sync lack: the fields of its source, and the columns that its target needs for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hub.core.types import Collection, Property, PropertyKind, Ref
from hub.engine.accounts import Accounts
from hub.engine.amiss import Amiss, Lacks, Step, absent, add, made, wrong
from hub.engine.planners.sync import KEY
from hub.mapping.checks.around import THINGS, HasThing, Path
from hub.mapping.sync_job import Place, SyncJob
from hub.nearest import nearest
from hub.planning.carry import Column, Sort, can_carry
from hub.planning.sync_ends import column_of
from hub.planning.sync_words import say
from hub.planning.words import Language
from hub.planning.words import say as word

_KINDS: Mapping[Sort, PropertyKind] = {
    "title": "text",
    "text": "text",
    "number": "number",
    "money": "number",
    "checkbox": "checkbox",
    "date": "date",
    "instant": "date",
    "select": "select",
    "status": "select",  # its groups are for people to make
    "multi_select": "multi_select",
    "people": "multi_select",  # by name: not everybody who does something is in the target's workspace
    "relation": "text",
    "url": "url",
    "email": "email",
    "phone": "phone",
}
"""The column that is made for a field of that sort."""


class Pair:
    """Both sides of a sync: what the target needs for what the source has."""

    def __init__(self, job: SyncJob, language: Language, accounts: Accounts, found: Lacks) -> None:
        self._job = job
        self._language = language
        self._accounts = accounts
        self._found = found

    def look(self) -> None:
        """Needs the source to be there: a column is made for what it is to hold."""
        source = self._source()
        if source is None:
            return
        place = self._job.target
        kind = self._kind(place)
        there = self._accounts.find(place.connection, place.thing or "", self._file)
        if there.ref is not None:
            self._found.faults += [self._amiss(says, self._target, grave=False) for says in there.notices]
            self._complete(source, there.ref, kind)
        elif there.new and kind == "page":
            self._make(source)
        else:
            self._found.faults += [self._amiss(says, self._target) for says in there.faults]

    @property
    def _file(self) -> str:
        return f"{self._job.name}.yaml"

    @property
    def _target(self) -> Path:
        return ("to", word_of(self._job.target))

    def _amiss(self, says: str, path: Path, *, grave: bool = True) -> Amiss:
        return Amiss(says, path, self._file, grave)

    def _kind(self, place: Place) -> Any:
        kinds = self._accounts.specs[place.connection].kinds
        if place.records is not None:
            return kinds.get(place.records)
        return next((kind for kind in ("task", "page") if kind in kinds.values()), None)

    def _source(self) -> dict[str, Column] | None:
        """The fields of the source that the job names, by name; None when it is not there."""
        place = self._job.source
        there: dict[str, Column] = {}
        if place.thing is not None:
            at: Path = ("from", word_of(place))
            found = self._accounts.find(place.connection, place.thing, self._file)
            self._found.faults += [self._amiss(says, at) for says in found.faults]
            self._found.faults += [self._amiss(says, at, grave=False) for says in found.notices]
            if found.ref is None:
                return None
            ref = found.ref
            there = {one.name: self._column(one) for one in self._accounts.columns(place.connection, place.thing, ref)}
        fields: dict[str, Column] = {}
        for index, line in enumerate(self._job.fields):
            column = column_of(line.source, self._kind(place), place.connection, there)
            if column is None:
                near = nearest(line.source, there)
                known = f"Did you mean « {near} »?" if near else f"There are: {', '.join(there) or 'none of your own'}."
                says = f"« {line.source} » is no field of {place.connection} › {place.thing or place.records or 'all'}."
                says = f"{says} {known} Correct it in {self._file}, or make it there."
                self._found.faults.append(self._amiss(says, ("fields", index, "source")))
            else:
                fields[line.source] = column
        return fields

    def _column(self, one: Property) -> Column:
        sort: Sort = "date" if one.kind == "instant" else one.kind
        return Column(name=one.name, sort=sort, connection="", options=one.options, groups=one.groups)

    def _properties(self, source: Mapping[str, Column]) -> Iterator[Property]:
        """A column for each line, the title first."""
        lines = [line for line in self._job.fields if line.source in source]
        titled = next((line for line in lines if line.source == "title"), None)
        if titled is not None:
            yield Property(name=titled.target, kind="title")
        for line in lines:
            if line is not titled:
                yield Property(name=line.target, kind=_KINDS[source[line.source].sort])

    def _mark(self) -> tuple[Property, ...]:
        if self._job.when_gone != "mark" or self._kind(self._job.target) != "page":
            return ()
        return (Property(name=say(self._language, "mark"), kind="checkbox"),)

    def _make(self, source: Mapping[str, Column]) -> None:
        place = self._job.target
        name, destination = place.thing or "", self._accounts.destination(place.connection)
        columns = [*self._properties(source), *self._mark()]
        columns += [Property(name=one, kind="text") for one in self._job.people_own]
        if not any(one.kind == "title" for one in columns):
            columns.insert(0, Property(name=word(self._language, "what"), kind="title"))
        collection = Collection(name=name, kind="table", properties=tuple(columns), key_property=KEY)
        if destination.find(collection, None) is not None:
            # Made a moment ago: the provider's search does not know it yet, so nothing more can be said of it.
            return

        def make() -> None:
            destination.prepare(collection, None, None)

        lacking = f"{absent(collection)}; `hub setup` makes it, and then the job can run"
        self._found.steps.append(Step(made(collection), lacking, make))

    def _complete(self, source: Mapping[str, Column], ref: Ref, kind: Any) -> None:
        place = self._job.target
        name, destination = place.thing or place.records or "", self._accounts.destination(place.connection)
        table = Collection(name=name, kind="table", key_property=KEY)
        made = {one.name: self._column(one) for one in self._accounts.columns(place.connection, name, ref)}
        title = next((one.name for one in made.values() if one.sort == "title"), None)
        taken = {line.target for line in self._job.fields}
        wanted = {one.name: one for one in (*self._properties(source), *self._mark())}
        missing: list[Property] = []
        for one in wanted.values():
            has = column_of(one.name, kind, place.connection, made)
            index = next((index for index, line in enumerate(self._job.fields) if line.target == one.name), None)
            line = None if index is None else self._job.fields[index]
            at: Path = ("when_gone",) if index is None else ("fields", index, "target")
            if has is None and one.kind == "title" and title is not None and title not in taken:
                says = f"The title of « {name} » is called « {title} » and the job calls it « {one.name} »: rename it "
                says = f"{says}there, or write target: {title} in {self._file}."
                self._found.faults.append(self._amiss(says, at))
            elif has is None:
                missing.append(replace(one, kind="text") if one.kind == "title" else one)
            elif not _fits(None if line is None else source.get(line.source), has, one):
                self._found.faults.append(self._amiss(wrong(name, one.name, has.sort, one.kind), at))
        add(destination, replace(table, properties=tuple(missing)), ref, self._found)


def word_of(place: HasThing) -> str:
    """The key that names the part of the account: project, board or database."""
    return next((word for word in THINGS if getattr(place, word) is not None), "connection")


def _fits(source: Column | None, has: Column, wanted: Property) -> bool:
    """Whether what the source says can stand in a column that is there already."""
    return has.sort == wanted.kind if source is None else can_carry(source.sort, has.sort)
