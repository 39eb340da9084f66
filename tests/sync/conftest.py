from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.sync import world
from tests.sync.world import Boxes, Site

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def boxes() -> Iterator[Boxes]:
    """The providers, served once for all tests of this folder; each test has places of its own in them."""
    with world.boxes() as made:
        yield made


@pytest.fixture
def site(boxes: Boxes, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """One business with an empty project and an empty database."""
    with world.site(boxes, tmp_path, f"{request.node.name[-50:]} {next(_NUMBERS)}") as made:
        yield made
