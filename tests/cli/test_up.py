"""`hub up` as a process tree: it starts in order, keeps running, and stops whole, whoever stops it and how.

These run against an address where no Prefect server is: the hub must work there too, and Prefect's start takes long.
"""

from __future__ import annotations

import os
import signal
import sys

import httpx
import pytest

from tests.cli.site import Running, Site, alive, free_port, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; the kernel's help is Linux's")


def without_prefect() -> dict[str, str]:
    return {"HUB_PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api"}


def at_work(running: Running) -> dict[str, int]:
    """Wait until both processes do what they are for."""
    running.wait_for("Running. Ctrl-C stops it.")
    running.wait_for("revenue: ")
    return running.children()


def test_the_hub_works_where_no_prefect_is_and_says_so_once(site: Site) -> None:
    with site.running("up", **without_prefect()) as up:
        assert set(at_work(up)) == {"api", "worker"}
        assert up.text.count("Prefect is not there yet; the hub works without it until it is") == 1
        assert site.titles() == ["Chiffres du mois"]
        assert httpx.get(f"{site.api}/readyz").status_code == 200
        told = site.hub("status", **without_prefect())
        assert "note: Prefect does not answer" in told.out
        assert up.stop() == 0
    assert up.text.endswith("Stopping …\nStopped.\n")
    assert "Traceback" not in up.text
    assert "prefect." not in up.text


def test_ctrl_c_stops_everything_and_a_second_one_does_not_disturb_it(site: Site) -> None:
    with site.running("up", **without_prefect()) as up:
        children = at_work(up)
        os.killpg(up.popen.pid, signal.SIGINT)
        up.wait_for("Stopping …")
        os.killpg(up.popen.pid, signal.SIGINT)
        assert up.wait() == 0
        assert not any(alive(pid) for pid in children.values())
    assert "Traceback" not in up.text
    assert up.text.endswith("Stopped.\n")


def test_when_it_is_killed_its_children_end_too(site: Site) -> None:
    with site.running("up", **without_prefect()) as up:
        children = at_work(up)
        up.stop(signal.SIGKILL)
        until(lambda: not any(alive(pid) for pid in children.values()), f"the end of {children}")
    assert "Traceback" not in up.text


def test_a_process_that_ends_by_itself_is_started_again_and_takes_over_its_own_work(site: Site) -> None:
    with site.running("up", HUB_LOG_LEVEL="WARNING", **without_prefect()) as up:
        up.wait_for("Running. Ctrl-C stops it.")
        until(lambda: site.titles() == ["Chiffres du mois"], "the first writing")
        first = up.children()
        os.kill(first["worker"], signal.SIGKILL)
        up.wait_for("the worker ended (killed by signal 9); it starts again in 1 s.")
        until(lambda: set(up.children()) == {"api", "worker"}, "a second worker")
        assert up.children()["worker"] != first["worker"]
        assert up.children()["api"] == first["api"]
        until(lambda: len(site.status()["workers"]) >= 1, "a heartbeat")
        assert up.stop() == 0
    assert "revenue: " not in up.text  # HUB_LOG_LEVEL


def test_api_and_worker_run_alone_and_stop_by_themselves(site: Site) -> None:
    with site.running("api") as api, site.running("worker", **without_prefect()) as worker:
        worker.wait_for("revenue: ")
        assert httpx.get(f"{site.api}/readyz").status_code == 200
        assert worker.stop() == 0
        assert api.stop(signal.SIGINT) == 0
    assert "Traceback" not in worker.text + api.text


def test_prefect_that_does_not_start_is_told_with_its_last_words_and_does_not_end_the_hub(site: Site) -> None:
    (site.data / "prefect").mkdir(parents=True)
    (site.data / "prefect" / "prefect.db").write_bytes(b"this is not a database " * 100)
    site.hub("backfill")
    with site.running("up") as up:
        up.wait_for("Prefect ended as soon as it was started.")
        up.wait_for("The hub works without Prefect")
        assert "not a database" in up.text
        at_work(up)
        assert up.stop() == 0
