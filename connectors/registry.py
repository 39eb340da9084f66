"""Which connectors there are: ours, one line each, and those that installed packages publish.

A package publishes one with an entry point of group `hub.connectors` whose value is its `ConnectorSpec`. Nothing of a
connector is imported before it is asked for.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from hub.core.errors import ConfigError
from hub.core.protocol import ConnectorSpec

GROUP = "hub.connectors"

OURS = {
    "asana": "connectors.asana.spec:SPEC",
    "calendly": "connectors.calendly.spec:SPEC",
    "email": "connectors.email.spec:SPEC",
    "notion": "connectors.notion.spec:SPEC",
    "stripe": "connectors.stripe.spec:SPEC",
    "trello": "connectors.trello.spec:SPEC",
}


def names() -> tuple[str, ...]:
    """The name of every connector that can be loaded, sorted."""
    return tuple(sorted({*OURS, *(point.name for point in entry_points(group=GROUP))}))


def load(name: str) -> ConnectorSpec[Any]:
    """The connector of that name. Ours win over a published one of the same name.

    Raises ConfigError when there is none, or when what is published under that name is not a connector.
    """
    if name in OURS:
        point = EntryPoint(name, OURS[name], GROUP)
    else:
        found = tuple(entry_points(group=GROUP, name=name))
        if not found:
            raise ConfigError(f"There is no connector {name!r}. There are: {', '.join(names())}.")
        point = found[0]
    spec = point.load()
    if not isinstance(spec, ConnectorSpec):
        raise ConfigError(f"{point.value} is published as the connector {name!r}, but it is not a ConnectorSpec.")
    return spec
