from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import site as sites
from tests.cli.site import Boxes, Site


@pytest.fixture(scope="session")
def boxes() -> Iterator[Boxes]:
    """Both sandboxes, served once for all tests of this folder; each site has accounts of its own in them."""
    with sites.boxes() as made:
        yield made


@pytest.fixture
def site(boxes: Boxes, tmp_path: Path) -> Iterator[Site]:
    """A folder with the example business, three sales, and keys of its own."""
    with sites.site(boxes, tmp_path) as made:
        yield made
