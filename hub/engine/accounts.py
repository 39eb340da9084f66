"""The connections of a business as `hub setup` looks at them: opened without following anything.

What a job follows may be the very thing that is still to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.core.errors import ConfigError
from hub.core.protocol import Connector, ConnectorSpec, Destination
from hub.core.types import Collection, Property, Ref, Thing
from hub.engine import names
from hub.engine.planners.sync import KEY


class Accounts:
    """The connections of a business, looked at once each. `locked`: connection -> kind -> name -> id."""

    def __init__(
        self,
        live: Callable[[str], Connector],
        specs: Mapping[str, ConnectorSpec[Any]],
        locked: Mapping[str, Mapping[str, Mapping[str, str]]],
    ) -> None:
        self._live = live
        self.specs = specs
        self._locked = locked
        self._things: dict[str, Sequence[Thing]] = {}

    def destination(self, connection: str) -> Destination:
        """ConfigError when it cannot be opened or written to."""
        found = self._live(connection).destination
        if found is None:
            raise ConfigError(f"{connection} cannot be written to.")
        return found

    def columns(self, connection: str, name: str, ref: Ref) -> Sequence[Property]:
        """The columns of a table; () where nothing is written."""
        found = self._live(connection).destination
        return () if found is None else found.columns(Collection(name=name, kind="table", key_property=KEY), ref)

    def find(self, connection: str, name: str) -> tuple[Ref | None, tuple[str, ...]]:
        """The project, board or database of that name; None and why it is not known which one. No reason: none is."""
        kind = self.specs[connection].follows
        if kind is None or names.plain_ids([name]):
            return Ref(name), ()
        if connection not in self._things:
            directory = self._live(connection).directory
            self._things[connection] = directory.look().things if directory is not None else ()
        there, locked = self._things[connection], self._locked.get(connection, {}).get(kind, {})
        found = names.resolve([name], kind, there, locked)
        if found.ids:
            return Ref(found.ids[0]), ()
        new = name not in locked and not any(one.kind == kind and one.name == name for one in there)
        return None, () if new and not names.ADDRESS.match(name) else found.errors
