from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.onboarding.town import Town
from tests.onboarding.town import town as served
from tests.onboarding.world import hurried


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Every provider and the mail server, new for each test."""
    with served() as made:
        hurried(monkeypatch)
        yield made
