"""What the targets of the jobs lack: databases and properties that `hub setup` can make, and what it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.core.protocol import Destination
from hub.core.types import Collection, Property, PropertyKind, Ref
from hub.engine.accounts import Accounts
from hub.engine.planners import make_plan
from hub.engine.planners.sync import KEY
from hub.engine.runtime import Runtime
from hub.engine.target import in_order
from hub.mapping.jobs import Job
from hub.mapping.sync_job import Place, SyncJob
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

_ALIKE: Mapping[str, str] = {"instant": "date"}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be made. `make` does it, and may be called again."""

    says: str
    make: Callable[[], None]


@dataclass(slots=True)
class Lacks:
    """What a job's target lacks: what can be made, in order, and what a person has to put right, a line each."""

    steps: list[Step] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def lacks(runtime: Runtime, job: Job, accounts: Accounts) -> Lacks:
    """What the job's target lacks now. Raises what a connection raises."""
    found = Lacks()
    if isinstance(job, SyncJob):
        _Pair(job, runtime.business.language, accounts, found).look()
    else:
        _wanted(runtime, job, accounts, found)
    return found


def _wanted(runtime: Runtime, job: Job, accounts: Accounts, found: Lacks) -> None:
    """The collections that a plan of the job names."""
    made = make_plan(runtime, job)
    refs: dict[str, Ref] = {}
    for want in in_order(made.desired):
        collection = want.collection
        destination = accounts.destination(made.homes[collection.name].connection)
        inside = refs.get(collection.inside) if collection.inside else None
        ref = None if collection.inside and inside is None else destination.find(collection, inside)
        if ref is not None:
            refs[collection.name] = ref
            _compare(destination, collection, ref, found)
            continue

        def make(destination: Destination = destination, collection: Collection = collection) -> None:
            parent = refs.get(collection.inside) if collection.inside else None
            refs[collection.name] = destination.prepare(collection, None, parent)

        found.steps.append(Step(_made(collection), make))


def _made(collection: Collection) -> str:
    if collection.kind == "page":
        return f"make the page « {collection.name} »"
    return f"make the database « {collection.name} » with {_listed(collection.properties, collection.key_property)}"


def _listed(properties: Sequence[Property], key: str) -> str:
    shown = [f"{one.name} ({one.kind})" for one in properties if one.name != key]
    return ", ".join((*shown, f"{key} (text, the hub's key)"))


def _compare(destination: Destination, collection: Collection, ref: Ref, found: Lacks) -> None:
    """An existing table against what it must have: what is missing is a step, what is of another type a fault."""
    if collection.kind == "page":
        found.faults += destination.problems(collection, ref)
        return
    there = {one.name: one for one in destination.columns(collection, ref)}
    title = next((one.name for one in there.values() if one.kind == "title"), None)
    missing: list[Property] = []
    for one in collection.properties:
        has = there.get(one.name)
        if one.name == collection.key_property:
            continue
        if has is None and one.kind == "title" and title is not None:
            found.faults.append(
                f"The title of « {collection.name} » is called « {title} » and must be called « {one.name} »: rename "
                "it there."
            )
        elif has is None:
            missing.append(one)
        elif _ALIKE.get(has.kind, has.kind) != _ALIKE.get(one.kind, one.kind):
            found.faults.append(_wrong(collection.name, one.name, has.kind, one.kind))
    _add(destination, replace(collection, properties=tuple(missing)), ref, found)


def _wrong(table: str, name: str, has: str, needs: str) -> str:
    return (
        f"« {name} » of « {table} » has the type {has} and needs {needs}. The hub changes no type: change it there, or "
        "rename it, and `hub setup` adds its own."
    )


def _add(destination: Destination, collection: Collection, ref: Ref, found: Lacks) -> None:
    """A step that adds these properties and the one for the keys, where they are missing."""
    key = bool(destination.problems(replace(collection, properties=()), ref))
    shown = [f"{one.name} ({one.kind})" for one in collection.properties]
    shown += [f"{collection.key_property} (text, the hub's key)"] if key else []
    if not shown:
        return

    def make() -> None:
        destination.prepare(collection, ref, None)

    found.steps.append(Step(f"add to « {collection.name} »: {', '.join(shown)}", make))


class _Pair:
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
        ref, why = self._accounts.find(place.connection, place.thing or "")
        if why or (ref is None and kind != "page"):
            faults = why or (f"There is no « {place.thing} » in {place.connection}: make it there, or share it.",)
            self._found.faults += faults
        elif ref is None:
            self._make(source)
        else:
            self._complete(source, ref, kind)

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
            ref, why = self._accounts.find(place.connection, place.thing)
            if ref is None:
                lines = why or (f"There is no « {place.thing} » in {place.connection}: make it there, or share it.",)
                self._found.faults += lines
                return None
            there = {one.name: self._column(one) for one in self._accounts.columns(place.connection, place.thing, ref)}
        fields: dict[str, Column] = {}
        for line in self._job.fields:
            column = column_of(line.source, self._kind(place), place.connection, there)
            if column is None:
                known = ", ".join(there) or "none of your own"
                self._found.faults.append(
                    f"« {line.source} » is no field of {place.connection} › {place.thing or place.records or 'all'}. "
                    f"There are: {known}. Correct it in {self._job.name}.yaml, or make it there."
                )
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

        self._found.steps.append(Step(_made(collection), make))

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
            line = next((line for line in self._job.fields if line.target == one.name), None)
            if has is None and one.kind == "title" and title is not None and title not in taken:
                self._found.faults.append(
                    f"The title of « {name} » is called « {title} » and the job calls it « {one.name} »: rename it "
                    f"there, or write target: {title} in {self._job.name}.yaml."
                )
            elif has is None:
                missing.append(replace(one, kind="text") if one.kind == "title" else one)
            elif not _fits(None if line is None else source.get(line.source), has, one):
                self._found.faults.append(_wrong(name, one.name, has.sort, one.kind))
        _add(destination, replace(table, properties=tuple(missing)), ref, self._found)


def _fits(source: Column | None, has: Column, wanted: Property) -> bool:
    """Whether what the source says can stand in a column that is there already."""
    return has.sort == wanted.kind if source is None else can_carry(source.sort, has.sort)
