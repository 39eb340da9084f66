"""What is made once for all tests, and which of them stay together when several workers share out a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.trust import read_once

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

read_once()

TOGETHER = {
    "tests/flows/": "prefect",  # one house, and one Prefect at a time
    "tests/kill/test_product.py": "prefect",
    "tests/kit/test_example.py": "kit",  # all defects are tried in one go
}
"""How the name of a test begins, and whom it keeps company; each of the others goes to whichever worker is free."""


def company(test: str) -> str:
    """Tests of one company run in one worker, in the order of their files."""
    return next((name for begin, name in TOGETHER.items() if test.startswith(begin)), test)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Instead of `--dist=loadgroup`, which pytest 9.2 does without a word as if nothing were marked."""
    from xdist.scheduler import LoadScopeScheduling

    class Companies(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return company(nodeid)

    return Companies(config, log)
