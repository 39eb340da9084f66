"""What goes wrong is told in words that name the thing, the fact and the way out; never as a traceback."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.site import LILA, Boxes, Site, Told, free_port


def refused(told: Told, *words: str, code: int = 2) -> None:
    assert told.code == code, told.everything
    for word in words:
        assert word in told.everything, told.everything
    assert "Traceback" not in told.everything


def test_a_port_in_use_is_named_with_its_setting(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(site.hub("up", HUB_PORT=port), f"127.0.0.1:{port}", "HUB_PORT")
        refused(site.hub("up", HUB_PREFECT_PORT=port), f"127.0.0.1:{port}", "HUB_PREFECT_PORT")
        refused(site.hub("api", HUB_PORT=port), port, "HUB_PORT")


def test_a_missing_key_is_named_with_the_page_where_it_is_found(site: Site) -> None:
    for command, code in (("up", 2), ("sync", 1), ("backfill", 2)):
        told = site.hub(command, HUB_ATELIER_LILA_STRIPE_API_KEY="")
        refused(told, "HUB_ATELIER_LILA_STRIPE_API_KEY is missing", "API keys", code=code)
    refused(site.hub("check", HUB_ATELIER_LILA_STRIPE_API_KEY=""), "HUB_ATELIER_LILA_STRIPE_API_KEY is missing", code=1)


def test_a_missing_status_key_is_told_with_the_command_that_makes_one(site: Site) -> None:
    for command in ("up", "api"):
        refused(site.hub(command, HUB_STATUS_KEY=""), "HUB_STATUS_KEY is missing", "python -c", ".env")


def test_a_folder_without_a_business_is_told_with_what_to_put_there(site: Site) -> None:
    refused(site.hub("up", HUB_MAPPINGS="nowhere"), "nowhere", "HUB_MAPPINGS")
    (site.folder / "empty").mkdir()
    refused(site.hub("sync", HUB_MAPPINGS="empty"), "There is no business in empty", "business.yaml")
    refused(site.hub("check", HUB_MAPPINGS="empty"), "This folder has no business", "1 thing to put right", code=1)


def test_a_broken_job_is_told_loudly_and_the_rest_is_served(site: Site) -> None:
    shutil.copy(site.folder / "mappings" / LILA / "revenue.yaml", site.folder / "mappings" / LILA / "second.yaml")
    broken = site.folder / "mappings" / LILA / "second.yaml"
    broken.write_text(broken.read_text().replace("job: revenue_kpis", "job: revenue_kpi"))
    told = site.hub("backfill")
    assert told.code == 0, told.everything
    assert "second.yaml" in told.err
    assert "revenue_kpis" in told.err
    refused(site.hub("check", "--offline"), "second.yaml", "1 thing to put right", code=1)


def test_a_data_folder_that_cannot_be_used_is_named(site: Site) -> None:
    (site.folder / "file").write_text("not a folder")
    refused(site.hub("sync", HUB_DATA="file"), "data folder file", "HUB_DATA")
    refused(site.hub("up", HUB_DATA="file/below"), "data folder file/below", "HUB_DATA")


def test_a_database_of_a_newer_version_is_left_alone(site: Site) -> None:
    site.hub("status")
    with closing(sqlite3.connect(site.data / "hub.sqlite3", isolation_level=None)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("status", "up"):
        refused(site.hub(command), "revision 9999", "newer", "backup")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_as_such(site: Site, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 500_000)
    refused(site.hub("backfill", HUB_DATA=str(small_disk)), "disk is full")


def test_a_provider_that_is_down_is_named(site: Site) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    refused(site.hub("check", HUB_ATELIER_LILA_STRIPE_BASE_URL=away), "error  atelier-lila · stripe: Stripe", code=1)
    site.hub("backfill")
    refused(site.hub("sync", HUB_ATELIER_LILA_NOTION_BASE_URL=away), "revenue: Notion", code=1)


@pytest.mark.parametrize(("who", "key"), [("STRIPE", "sk_test_of_nobody"), ("NOTION", "ntn_of_nobody")])
def test_a_wrong_key_is_refused_without_being_repeated(site: Site, boxes: Boxes, who: str, key: str) -> None:
    told = site.hub("check", **{f"HUB_ATELIER_LILA_{who}_API_KEY": key})
    refused(told, f"error  atelier-lila · {who.lower()}: {who.title()}", "key", code=1)
    assert key not in told.everything


def test_settings_that_do_not_fit_are_all_told_at_once(site: Site) -> None:
    told = site.hub("status", HUB_PORT="many", HUB_LOG_LEVEL="loud", HUB_STATUSKEY="x")
    refused(told, "HUB_PORT", "HUB_LOG_LEVEL", "HUB_STATUSKEY", "HUB_STATUS_KEY")
