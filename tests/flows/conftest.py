from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.email.sandbox import EmailSandbox
from connectors.email.sandbox import create_app as email_app
from hub.demo.town import mail_keys
from tests.cli import site as sites
from tests.cli.site import LILA, Site
from tests.flows.kit import House, Prefect
from tests.sandboxes.serve import serve


def _send_mails(site: Site, post: EmailSandbox) -> None:
    """Give the business a mail account, through which the OBM gets her brief, and the CEO no mail of hers."""
    file = site.folder / "mappings" / LILA / "business.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("connections:\n", "report: false\nconnections:\n  email: {}\n"), encoding="utf-8")
    site.environment |= {f"HUB_ATELIER_LILA_{name}": value for name, value in mail_keys(post).items()}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house that the tests of this folder share."""
    with housed(tmp_path_factory.mktemp("house")) as made:
        yield made


@contextmanager
def housed(folder: Path) -> Iterator[House]:
    """`hub up`, with webhooks registered, an empty data folder at its start, and everything read by now."""
    post = email_app()
    with sites.boxes() as boxes, sites.site(boxes, folder) as site, serve(post):
        _send_mails(site, post.state.sandbox)
        site.environment["HUB_PUBLIC_URL"] = site.api
        with site.running("up") as up:
            prefect = Prefect(f"http://127.0.0.1:{site.environment['HUB_PREFECT_PORT']}")
            try:
                up.wait_for("Prefect shows runs:")
                up.wait_for("Listening for Atelier Lila")
                up.wait_for("revenue: ")
                assert site.hub("listen").code == 0
                yield House(site, boxes, up, prefect, post.state.sandbox)
            finally:
                prefect.close()
