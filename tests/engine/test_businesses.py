"""What happens to one business changes nothing for another (R9)."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hub.bootstrap import open_hub
from hub.core.errors import TransientError
from hub.demo.example import small_business
from hub.engine.turn import claim
from hub.engine.worker import Worker
from hub.settings import HubSettings
from hub.store import runs, workers
from hub.store.database import Store
from tests.engine import world
from tests.engine.world import DAY, STATUS_KEY, Boxes, Post, Site


@pytest.fixture
def both(boxes: Boxes, store: Store) -> Iterator[tuple[Site, Site]]:
    """Two businesses of one hub, each with a sale that waits."""
    with world.site(boxes, store, name="lila") as lila, world.site(boxes, store, name="marc") as marc:
        for site in (lila, marc):
            site.shop.sell(amount=10_000, at=site.clock() - DAY)
            site.put(site.events())
        yield lila, marc


@contextmanager
def worker_of(*sites: Site) -> Iterator[Worker]:
    """One worker process's work for these businesses, in its own threads."""
    worker = Worker(sites[0].store, {site.key: site.runtime for site in sites}, now=sites[0].clock)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(60)
        assert not thread.is_alive()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def revoked(lila: Site) -> None:
    lila.boxes.stripe.revoke_key(lila.stripe_key)


def no_notion(lila: Site) -> None:
    del lila.boxes.notion.state.bots[lila.token]


def rate_limited(lila: Site) -> None:
    lila.boxes.stripe.rate_limit(0, account=lila.stripe_key)


def slow(lila: Site) -> None:
    lila.boxes.stripe.faults.add("GET", "/v1/*", "timeout_before", seconds=1.0, account=lila.stripe_key)


def defect(lila: Site) -> None:
    lila.runtime.view = lambda _: {}["a defect of ours"]  # type: ignore[method-assign]


@pytest.mark.parametrize("trouble", [revoked, no_notion, rate_limited, slow, defect])
def test_trouble_of_one_business_changes_nothing_for_another(
    trouble: Callable[[Site], None], both: tuple[Site, Site]
) -> None:
    lila, marc = both
    trouble(lila)

    with worker_of(lila, marc):
        until(lambda: marc.next_due() is None and bool(marc.raw_rows()))
        marc.at_rest()
        marc.shop.sell(amount=5_000, at=marc.clock() - DAY)
        marc.put(marc.events())
        until(lambda: marc.next_due() is None and marc.shown() == marc.independent())

    marc.at_rest()
    assert lila.shown() != lila.independent(), "the trouble was real"
    assert marc.state("stripe").paused_at is None
    assert marc.job_state().last_error is None


def test_each_business_sees_and_writes_only_its_own(both: tuple[Site, Site]) -> None:
    lila, marc = both
    marc.shop.sell(amount=77_700, at=marc.clock() - DAY)
    marc.put(marc.events())

    with worker_of(lila, marc):
        until(lambda: all(site.next_due() is None and bool(site.raw_rows()) for site in both))

    for site in both:
        site.at_rest()
    assert lila.shown()["cash_in/2026-11/EUR"] == 100.0
    assert marc.shown()["cash_in/2026-11/EUR"] == 877.0
    assert not set(lila.mirrored()) & set(marc.mirrored())


def test_a_delivery_for_one_business_signed_with_its_secret_rings_for_it_alone(both: tuple[Site, Site]) -> None:
    lila, marc = both
    lila.work()
    marc.work()
    lila.shop.sell(amount=5_000, at=lila.clock() - DAY)
    with world.api(lila.store, both, lila.clock) as url, httpx.Client(base_url=url) as client:
        post = Post(client, "/webhooks/lila/stripe", lila.clock)
        for event in lila.events():
            assert post(event).status_code == 200
        assert post(lila.events()[0], secret="whsec_of_nobody").status_code == 400
        status = client.get("/status", headers={"Authorization": f"Bearer {STATUS_KEY}"}).json()

    assert lila.waiting() > 0
    assert marc.waiting() == 0
    assert [one["business"] for one in status["businesses"]] == ["lila", "marc"]
    lila.work()
    lila.at_rest()


def test_a_broken_mapping_of_one_business_leaves_the_other_served(tmp_path: Path) -> None:
    for name in ("atelier-lila", "studio-marc"):
        small_business(tmp_path / "mappings", name)
    (tmp_path / "mappings" / "atelier-lila" / "business.yaml").write_text("hub: 1\nbusines: Atelier Lila\n\t- x")

    with open_hub(HubSettings(mappings=tmp_path / "mappings", data=tmp_path / "data")) as hub:
        assert list(hub.runtimes) == ["studio-marc"]
        assert set(hub.receivers) == {("studio-marc", "stripe"), ("studio-marc", "notion")}
        assert hub.loaded.problems


def test_a_broken_job_of_one_business_leaves_its_deliveries_received(tmp_path: Path) -> None:
    for name in ("atelier-lila", "studio-marc"):
        small_business(tmp_path / "mappings", name)
    (tmp_path / "mappings" / "atelier-lila" / "revenue.yaml").write_text("hub: 1\njob: revenue_kpi\n")

    with open_hub(HubSettings(mappings=tmp_path / "mappings", data=tmp_path / "data")) as hub:
        assert {business for business, _ in hub.receivers} == {"atelier-lila", "studio-marc"}
        assert [job for runtime in hub.runtimes.values() for job in runtime.jobs] == ["revenue"]


def test_a_turn_that_broke_off_keeps_nothing_for_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.put(site.events())
    broken = threading.Event()

    def break_once(*_: object) -> None:
        monkeypatch.undo()
        broken.set()
        raise TransientError("The database was held by another process for too long.")

    monkeypatch.setattr("hub.engine.turn.observe", break_once)
    with worker_of(site) as worker:
        until(broken.is_set)
        until(lambda: site.next_due() is None and bool(site.raw_rows()))

    site.at_rest()
    with site.store.read() as conn:
        ended = {run.state for run in runs.latest(conn, site.key) if run.owner == worker.owner}
    assert ended == {"crashed", "done"}


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["our own number", "a number that nobody has"])
def test_what_a_killed_worker_of_this_machine_had_claimed_is_taken_over_at_once(pid: int, site: Site) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.put(site.events())
    gone = f"{socket.gethostname()}/{pid}/1"
    with site.store.write() as conn:
        workers.beat(conn, gone, "worker", site.clock())
    assert claim(site.runtime, gone) is not None
    assert site.turn() == [], "it is somebody else's for a minute"

    with worker_of(site):
        until(lambda: site.next_due() is None and bool(site.raw_rows()), 30)

    site.at_rest()
