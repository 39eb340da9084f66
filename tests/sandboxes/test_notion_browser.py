"""What a person sees of the sandbox's Notion, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from connectors.notion.sandbox import create_app
from tests.sandboxes.serve import serve

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=390,900",
)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (Debian's package chromium)")
def test_a_browser_shows_the_page_and_asks_nobody_else_for_anything(tmp_path: Path) -> None:
    app = create_app()
    sandbox = app.state.sandbox
    page = sandbox.share_page("Atelier Lila")
    sandbox.add_block_as_person(page, "Encaissements de novembre")

    with serve(app) as url:
        done = subprocess.run(
            (str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path}", "--dump-dom", f"{url}/_sandbox/pages/{page}"),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    assert "Atelier Lila</h1>" in done.stdout
    assert "Encaissements de novembre" in done.stdout
    assert "http://" not in done.stdout.replace(url, "")
    assert "https://" not in done.stdout
