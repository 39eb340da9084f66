from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli import site as sites
from tests.flows.kit import House, Prefect


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """`hub up`, with webhooks registered, an empty data folder at its start, and everything read by now."""
    with sites.boxes() as boxes, sites.site(boxes, tmp_path_factory.mktemp("house")) as site:
        site.environment["HUB_PUBLIC_URL"] = site.api
        with site.running("up") as up:
            prefect = Prefect(f"http://127.0.0.1:{site.environment['HUB_PREFECT_PORT']}")
            try:
                up.wait_for("Prefect shows runs:")
                up.wait_for("Listening for Atelier Lila")
                up.wait_for("revenue: ")
                assert site.hub("listen").code == 0
                yield House(site, boxes, up, prefect)
            finally:
                prefect.close()
