"""The connector at rest, and alive."""

from __future__ import annotations

import subprocess
import sys

from connectors import registry
from connectors.trello.sandbox import API_KEY, TOKEN
from connectors.trello.source import STREAMS
from connectors.trello.spec import SPEC
from hub.core import kinds
from tests.connectors.trello.conftest import World
from tests.paths import ROOT


def test_it_is_in_the_registry_and_says_what_it_is() -> None:
    assert registry.load("trello") is SPEC
    assert SPEC.streams == STREAMS
    assert set(SPEC.event_types.values()) == set(STREAMS)
    assert set(SPEC.kinds.values()) <= set(kinds.KINDS)
    assert SPEC.follows == "board"


def test_nothing_heavy_is_imported_to_know_it() -> None:
    code = (
        "import sys; from connectors.trello.spec import SPEC; "
        "print(sorted({'httpx', 'fastapi', 'tenacity'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"


def test_a_live_one_has_every_capability_and_closes_its_sockets(world: World, board: str) -> None:
    connector = world.connect(board)
    parts = (
        connector.source,
        connector.destination,
        connector.subscriptions,
        connector.directory,
        connector.templates,
    )
    assert all(part is not None for part in parts)
    assert connector.source is not None
    assert connector.source.check() == ("Member: Hub (@hub)", "Boards: Suivi")

    world.stack.close()

    assert connector.source._client._api._http.is_closed  # type: ignore[attr-defined]
    assert API_KEY not in repr(SPEC)
    assert TOKEN not in repr(connector)
