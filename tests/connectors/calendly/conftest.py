"""A sandbox for each test, all at one address."""

from collections.abc import Iterator

import pytest

from tests.connectors.calendly import kit
from tests.sandboxes.serve import serve


@pytest.fixture(scope="package")
def _served() -> Iterator[tuple[kit.Switch, str]]:
    switch = kit.Switch()
    with serve(switch) as url:
        yield switch, url


@pytest.fixture
def world(_served: tuple[kit.Switch, str]) -> Iterator[kit.World]:
    """A fresh organization."""
    with kit.world(*_served) as there:
        yield there
