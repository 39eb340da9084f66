"""What a table lacks, as something that can be made or that a person has to put right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hub.core.protocol import Destination
from hub.core.types import Collection, Property, Ref
from hub.mapping.checks.around import Path

_ALIKE: Mapping[str, str] = {"instant": "date"}


@dataclass(frozen=True, slots=True)
class Amiss:
    """Something that a file says and that is not so in the world. `path`: where it says it; (): the whole file.

    `grave`: a person has to put it right. `at`: line and column, where they are known instead of a path.
    """

    says: str
    path: Path = ()
    file: str = "business.yaml"
    grave: bool = True
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be made. `lacking` says that it is missing. `make` does it, and may be called again."""

    says: str
    lacking: str
    make: Callable[[], None]


@dataclass(slots=True)
class Lacks:
    """What a job's target lacks: what can be made, in order, and what a person has to put right."""

    steps: list[Step] = field(default_factory=list)
    faults: list[Amiss] = field(default_factory=list)


def absent(collection: Collection) -> str:
    return f"« {collection.name} » is not there yet"


def made(collection: Collection) -> str:
    if collection.kind == "page":
        return f"make the page « {collection.name} »"
    return f"make the database « {collection.name} » with {_listed(collection.properties, collection.key_property)}"


def _listed(properties: Sequence[Property], key: str) -> str:
    shown = [f"{one.name} ({one.kind})" for one in properties if one.name != key]
    return ", ".join((*shown, f"{key} (text, the hub's key)"))


def compare(
    destination: Destination, collection: Collection, ref: Ref, found: Lacks, amiss: Callable[[str], Amiss]
) -> None:
    """An existing table against what it must have: what is missing is a step, what is of another type a fault."""
    if collection.kind == "page":
        found.faults += map(amiss, destination.problems(collection, ref))
        return
    there = {one.name: one for one in destination.columns(collection, ref)}
    title = next((one.name for one in there.values() if one.kind == "title"), None)
    missing: list[Property] = []
    for one in collection.properties:
        has = there.get(one.name)
        if one.name == collection.key_property:
            continue
        if has is None and one.kind == "title" and title is not None:
            says = f"The title of « {collection.name} » is called « {title} » and must be called « {one.name} »"
            found.faults.append(amiss(f"{says}: rename it there."))
        elif has is None:
            missing.append(one)
        elif _ALIKE.get(has.kind, has.kind) != _ALIKE.get(one.kind, one.kind):
            found.faults.append(amiss(wrong(collection.name, one.name, has.kind, one.kind)))
    add(destination, replace(collection, properties=tuple(missing)), ref, found)


def wrong(table: str, name: str, has: str, needs: str) -> str:
    return (
        f"« {name} » of « {table} » has the type {has} and needs {needs}. The hub changes no type: change it there, or "
        "rename it, and `hub setup` adds its own."
    )


def add(destination: Destination, collection: Collection, ref: Ref, found: Lacks) -> None:
    """A step that adds these properties and the one for the keys, where they are missing."""
    key = bool(destination.problems(replace(collection, properties=()), ref))
    shown = [f"{one.name} ({one.kind})" for one in collection.properties]
    shown += [f"{collection.key_property} (text, the hub's key)"] if key else []
    if not shown:
        return

    def make() -> None:
        destination.prepare(collection, ref, None)

    lacking = f"« {collection.name} » lacks {', '.join(shown)}; the hub will add it"
    found.steps.append(Step(f"add to « {collection.name} »: {', '.join(shown)}", lacking, make))
