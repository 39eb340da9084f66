from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store.database import Store, open_store
from tests.engine import world
from tests.engine.world import Boxes, Site


@pytest.fixture(scope="session")
def served() -> Iterator[Boxes]:
    """Both sandboxes, served once for all tests of this folder; each test has accounts of its own in them."""
    with world.boxes() as made:
        yield made


@pytest.fixture
def boxes(served: Boxes) -> Iterator[Boxes]:
    """The sandboxes as a test finds them: well, and at the same instant each time."""
    served.clock.begin()
    served.well()
    yield served
    served.well()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(world.database(tmp_path)) as opened:
        yield opened


@pytest.fixture
def site(boxes: Boxes, store: Store) -> Iterator[Site]:
    """One business with an empty provider's account and an empty page."""
    with world.site(boxes, store) as made:
        yield made
