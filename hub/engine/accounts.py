"""The connections of a business as `hub check` and `hub setup` look at them: opened without following anything.

What a job follows may be the very thing that is still to be made, or that cannot be found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from hub.core.errors import ConfigError
from hub.core.protocol import Connector, ConnectorSpec, Destination
from hub.core.types import Collection, Property, Record, Ref, Sight, Thing
from hub.engine import names
from hub.engine.planners.sync import KEY

Follow: TypeAlias = tuple[str, ...] | None
"""Ids of what an opened connection follows; () for nothing, None for everything."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to. `ref` None: nothing, for the reasons in `faults`; `new`: nothing was ever called so."""

    ref: Ref | None
    faults: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    new: bool = False


class Accounts:
    """The connections of a business, looked at once each.

    `live(connection, follow)` opens one, the same twice for the same; ConfigError when it cannot be opened. `locked`:
    connection -> kind -> name -> id.
    """

    def __init__(
        self,
        live: Callable[[str, Follow], Connector],
        specs: Mapping[str, ConnectorSpec[Any]],
        locked: Mapping[str, Mapping[str, Mapping[str, str]]],
    ) -> None:
        self._live = live
        self.specs = specs
        self._locked = locked
        self._asked: dict[tuple[str, str, str], Any] = {}

    def live(self, connection: str) -> Connector:
        """The connection, following nothing."""
        return self._live(connection, ())

    def sight(self, connection: str) -> Sight:
        """What its key can see and may do."""
        return self._once("sight", connection, "", lambda: self._sight(connection))

    def _sight(self, connection: str) -> Sight:
        directory = self.live(connection).directory
        return Sight(account="") if directory is None else directory.look()

    def destination(self, connection: str) -> Destination:
        """ConfigError when it cannot be opened or written to."""
        found = self.live(connection).destination
        if found is None:
            raise ConfigError(f"{connection} cannot be written to.")
        return found

    def columns(self, connection: str, name: str, ref: Ref) -> Sequence[Property]:
        """The columns of a table; () where nothing is written."""
        found = self.live(connection).destination
        if found is None:
            return ()
        table = Collection(name=name, kind="table", key_property=KEY)
        return self._once("columns", connection, ref, lambda: found.columns(table, ref))

    def find(self, connection: str, name: str, file: str) -> Found:
        """The project, board or database of that name. `file`: where it is named."""
        kind = self.specs[connection].follows
        if kind is None or names.plain_ids([name]):
            return Found(Ref(name))
        there, locked = self.sight(connection).things, self._locked.get(connection, {}).get(kind, {})
        found = names.resolve([name], kind, there, locked, file=file)
        if found.ids:
            return Found(Ref(found.ids[0]), notices=found.notices)
        known = name in locked or any(one.kind == kind and one.name == name for one in there)
        return Found(None, found.errors, new=not known and not names.ADDRESS.match(name))

    def templates(self, connection: str, inside: Ref | None) -> Sequence[Thing]:
        """The templates of a database, or all that the key sees."""
        if inside is None and any(thing.kind == "template" for thing in self.sight(connection).things):
            return [thing for thing in self.sight(connection).things if thing.kind == "template"]
        side = self._live(connection, None if inside is None else (inside,)).templates
        return () if side is None else self._once("templates", connection, inside or "", side.templates)

    def products(self, connection: str) -> Sequence[Thing]:
        """What is sold there. Every product is read: a directory may list only the newest."""
        if "product" not in self.specs[connection].streams:
            return ()
        return self._once("products", connection, "", lambda: self._products(connection))

    def _products(self, connection: str) -> Sequence[Thing]:
        found = [(one, one.fields.get("name")) for one in self._records(connection, "product", ())]
        living = [(one, name) for one, name in found if isinstance(name, str) and one.fields.get("active") is not False]
        return [Thing(kind="product", id=one.key, name=name) for one, name in living]

    def people(self, connection: str) -> Sequence[Record]:
        """Who can be given something to do there. () where nobody can."""
        spec = self.specs[connection]
        stream = next((stream for stream, kind in spec.kinds.items() if kind == "person"), None)
        if stream is None or spec.follows is None:
            return ()
        return self._once("people", connection, "", lambda: self._records(connection, stream, None))

    def lists(self, connection: str, ref: Ref) -> tuple[str, ...] | None:
        """The lists of a board; None where the provider does not say."""
        stream = self.specs[connection].follows
        if stream not in self.specs[connection].streams:
            return None
        records = self._once("lists", connection, ref, lambda: self._records(connection, stream, (ref,)))
        there = next((record.fields.get("lists") for record in records if record.key == ref), None)
        if not isinstance(there, tuple):
            return None
        return tuple(str(one["name"]) for one in there if isinstance(one, Mapping) and not one.get("archived"))

    def shown(self, connection: str, ref: Ref) -> tuple[str, ...]:
        """The properties that the first rows of a database have, also those that cannot be written (formulas)."""
        kinds = self.specs[connection].kinds
        stream = next((stream for stream, kind in kinds.items() if kind in ("task", "page")), None)
        source = self._live(connection, (ref,)).source
        page = next(iter(source.read(stream, None)), None) if source is not None and stream is not None else None
        held = [record.fields.get("properties") for record in page.records] if page is not None else []
        return tuple(dict.fromkeys(str(name) for one in held if isinstance(one, Mapping) for name in one))

    def _records(self, connection: str, stream: str, follow: Follow) -> Sequence[Record]:
        source = self._live(connection, follow).source
        return [] if source is None else [one for page in source.read(stream, None) for one in page.records]

    def _once(self, what: str, connection: str, about: str, ask: Callable[[], T]) -> T:
        key = (what, connection, about)
        if key not in self._asked:
            self._asked[key] = ask()
        found: T = self._asked[key]
        return found
