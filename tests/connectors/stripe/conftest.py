"""One stub server for all tests of this folder; each test starts with an empty one."""

from collections.abc import Iterator

import pytest

from tests.connectors.stripe.stub import Stub, Wired, wired
from tests.sandboxes.serve import serve


@pytest.fixture(scope="package")
def _served() -> Iterator[tuple[Stub, str]]:
    stub = Stub()
    with serve(stub) as url:
        yield stub, url


@pytest.fixture
def hub(_served: tuple[Stub, str]) -> Iterator[Wired]:
    """A client wired to the stub."""
    stub, url = _served
    stub.seen.clear()
    stub.answers.clear()
    with wired(stub, url) as made:
        yield made
