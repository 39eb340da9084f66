"""What the kill tests share: the hub's environment, its processes, and a provider that posts until it is heard."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connectors.notion.sandbox import create_app as notion_app
from connectors.stripe.sandbox import create_app as stripe_app
from hub.core.types import Event
from hub.demo.example import small_business
from hub.store import connections, dead, jobs, ledger, mirror, schema
from hub.store.database import Store, open_store
from tests.engine.world import DAY, Board, mapping, signed
from tests.lives import lasting
from tests.paths import ROOT
from tests.sandboxes.serve import serve_all

BUSINESS = "atelier-lila"
SECRET = "whsec_of_the_kill_tests"
KEY = "sk_test_sandbox"


def utc_now() -> datetime:
    return datetime.now(UTC)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], bool], what: str, seconds: float = 90.0, step: float = 0.02) -> None:
    """Wait for it; an AssertionError when it takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(step)


@dataclass
class Rig:
    """Two sandboxes that survive, and the folder and environment of a hub that does not."""

    folder: Path
    stripe: Any
    notion: Any
    environment: Mapping[str, str]
    port: int
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        self.board = Board(self.notion, "Sandbox")

    @property
    def shop(self) -> Any:
        return self.stripe.account()

    @contextmanager
    def store(self) -> Iterator[Store]:
        with open_store(f"sqlite:///{self.folder / 'data' / 'hub.sqlite3'}") as store:
            yield store


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    stripe, notion = stripe_app(), notion_app()
    with serve_all({"stripe": stripe, "notion": notion}) as urls:
        notion.state.sandbox.share_page("Atelier Lila")
        port = free_port()
        (folder / "data").mkdir(mode=0o700)
        small_business(folder / "mappings")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PREFECT_"))},
            "PYTHONPATH": str(ROOT),
            "HUB_MAPPINGS": str(folder / "mappings"),
            "HUB_DATA": str(folder / "data"),
            "HUB_PORT": str(port),
            "HUB_STATUS_KEY": "status-key-of-the-kill-tests",
            "HUB_ATELIER_LILA_STRIPE_API_KEY": KEY,
            "HUB_ATELIER_LILA_STRIPE_BASE_URL": urls["stripe"],
            "HUB_ATELIER_LILA_STRIPE_WEBHOOK_SECRETS": SECRET,
            "HUB_ATELIER_LILA_STRIPE_CALLS_PER_SECOND": "100",
            "HUB_ATELIER_LILA_NOTION_API_KEY": "ntn_sandbox",
            "HUB_ATELIER_LILA_NOTION_BASE_URL": urls["notion"],
            "HUB_ATELIER_LILA_NOTION_CALLS_PER_MINUTE": "100000",
        }
        yield Rig(folder, stripe.state.sandbox, notion.state.sandbox, environment, port)


class Nursery:
    """The hub's processes, by name; each can be killed and started again."""

    def __init__(self, rig: Rig) -> None:
        self._said = {
            "environment": dict(rig.environment),
            "folder": str(rig.folder),
            "log": str(rig.folder / "log"),
        }
        self.pids: dict[str, int] = {}

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.pids):
            self.kill(name)

    def start(self, name: str) -> None:
        self.pids[name] = lasting("tests.kill.nursery").start({"kind": name, **self._said})

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until the process is gone."""
        pid = self.pids.pop(name)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{pid}").exists(), f"the end of {name}", 30, 0.001)

    def stop(self, name: str) -> None:
        """SIGTERM, and wait until the process has ended in its own way."""
        pid = self.pids.pop(name)
        os.kill(pid, signal.SIGTERM)
        until(lambda: not Path(f"/proc/{pid}").exists(), f"the end of {name}", 60)


class Provider:
    """Posts signed deliveries from several threads, each again and again until it is acknowledged with 200."""

    def __init__(self, port: int, deliveries: Sequence[dict[str, Any]], threads: int = 6) -> None:
        self._port = port
        self._waiting = list(reversed(deliveries))
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._released = threading.Semaphore(0)
        self.acknowledged: list[str] = []
        self.attempts = 0
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def release(self, count: int) -> None:
        """So many more may be posted."""
        self._released.release(count)

    def finish(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "not every delivery was acknowledged"

    def stop(self) -> None:
        self._stop.set()
        self._released.release(len(self._threads))

    def _work(self) -> None:
        line: list[http.client.HTTPConnection] = []
        while not self._stop.is_set():
            with self._lock:
                if not self._waiting:
                    break
                delivery = self._waiting.pop()
            self._released.acquire()
            body = json.dumps(delivery).encode()
            while not self._stop.is_set() and self._post(line, body) != 200:
                self._stop.wait(0.02)
            with self._lock:
                self.acknowledged.append(delivery["id"])
        for one in line:
            one.close()

    def _post(self, line: list[http.client.HTTPConnection], body: bytes) -> int | None:
        """One attempt; None when nobody answered."""
        with self._lock:
            self.attempts += 1
        try:
            if not line:
                line.append(http.client.HTTPConnection("127.0.0.1", self._port, timeout=10))
            line[0].request("POST", f"/webhooks/{BUSINESS}/stripe", body, signed(body, utc_now(), SECRET))
            answer = line[0].getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            for one in line:
                one.close()
            line.clear()
            return None
        return answer.status


def sales(shop: Any, rng: random.Random, events: int) -> None:
    """A history, all of it within the time that the provider remembers, that makes at least so many events."""
    now = utc_now()
    day = (now - 27 * DAY, now - DAY / 24)
    customers = [shop.customer(email=f"c{n}@example.com", at=day[0])["id"] for n in range(8)]
    plan = shop.price(amount=3900, product="Cercle", interval="month", at=day[0])["id"]
    for customer in customers[:4]:
        shop.subscribe(customer=customer, price=plan, at=day[0] + (day[1] - day[0]) * rng.random())
    for customer in customers[4:6]:
        shop.invoice(customer=customer, amount=12_345, days_until_due=1, at=day[0] + DAY)
    while len(shop.ids("event")) < events:
        at = day[0] + (day[1] - day[0]) * rng.random()
        sold = shop.sell(amount=rng.choice((900, 4_900, 29_700, 99_700)), customer=rng.choice(customers), at=at)
        if rng.random() < 0.15:
            shop.refund(sold["charge"], amount=rng.randrange(100, 500), at=at + (now - at) / 2)
        elif rng.random() < 0.05:
            shop.dispute_open(sold["charge"], at=at + (now - at) / 2)


def told(rig: Rig) -> list[dict[str, Any]]:
    """Every event of the account, as its API gives it."""
    import httpx

    found: list[dict[str, Any]] = []
    base = rig.environment["HUB_ATELIER_LILA_STRIPE_BASE_URL"]
    with httpx.Client(base_url=base, auth=(KEY, "")) as client:
        after: dict[str, Any] = {}
        while True:
            answer = client.get("/v1/events", params={"limit": 100, **after}).raise_for_status().json()
            found += answer["data"]
            if not answer["has_more"]:
                return found[::-1]
            after = {"starting_after": found[-1]["id"]}


def is_quiet(store: Store) -> bool:
    """Nothing waits and nobody works."""
    with store.read() as conn:
        waiting = conn.execute(select(schema.changes.c.key).limit(1)).first()
        state = jobs.listing(conn, BUSINESS)
        begun = ledger.counts(conn, BUSINESS).get("started", 0)
    return waiting is None and not begun and all(one.dirty_seq == one.planned_seq for one in state)


def judge(rig: Rig, store: Store, acknowledged: Sequence[str], followed: Sequence[Event]) -> None:
    """Every promise that a kill could have broken."""
    from tests.engine.naive import figures

    with store.read() as conn:
        stored = set(conn.execute(select(schema.deliveries.c.event_id)).scalars())
        assert set(acknowledged) <= stored, "acknowledged and lost"
        missing = [
            event
            for event in followed
            if event.stream and event.key and mirror.get(conn, BUSINESS, "stripe", event.stream, event.key) is None
        ]
        assert not missing, "acknowledged and not reflected"
        assert dead.listing(conn, BUSINESS) == []
        assert set(ledger.counts(conn, BUSINESS)) <= {"done", "failed"}
        assert all(one.paused_at is None for one in connections.listing(conn, BUSINESS))
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    business, _ = mapping()
    assert rig.board.shown() == figures(rig.shop, utc_now(), business.zone)
    blocks = [one for one in rig.board.blocks() if one[1]]  # columns have no text
    assert len(blocks) == len(set(blocks)), "a doubled block"
    assert blocks
