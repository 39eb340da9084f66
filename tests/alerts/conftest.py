from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.alerts.world import Town
from tests.alerts.world import town as served


@pytest.fixture
def town() -> Iterator[Town]:
    """The providers and the mail server, new for each test."""
    with served() as made:
        yield made
