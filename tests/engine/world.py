"""A business at work: real sandboxes on real sockets, the real connectors, a real store, the engine without Prefect."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from connectors import registry
from connectors.notion.charts import NotionCharts
from connectors.notion.client import NotionClient
from connectors.notion.destination import NotionDestination
from connectors.notion.sandbox import create_app as notion_app
from connectors.notion.sandbox.state import Block, Page
from connectors.notion.settings import NotionSettings
from connectors.stripe.client import Client
from connectors.stripe.sandbox import create_app as stripe_app
from connectors.stripe.settings import StripeSettings
from connectors.stripe.source import StripeSource
from hub.core.protocol import Connector, Context
from hub.demo.example import small_business
from hub.engine import backfill
from hub.engine.inbox import Inbox
from hub.engine.receivers import Configured, HubView, Receiver
from hub.engine.runtime import Runtime
from hub.engine.turn import Turn
from hub.engine.worker import Worker
from hub.mapping.loader import load
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.store import changes, connections, jobs, ledger, mirror, schema
from hub.store.database import Store
from hub.store.deliveries import Delivery
from hub.web.app import create_app as hub_app
from tests.databases import migrated
from tests.engine.naive import figures as naive_figures
from tests.sandboxes.serve import serve

TABLE = "Chiffres du mois"
PAGE = "Tableau de bord — Atelier Lila"
JOB = "revenue"
SECRET = "whsec_of_the_engine_tests"
STATUS_KEY = "status-key-of-the-engine-tests"
DAY = timedelta(days=1)
START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

_numbers = count(1)


class Clock:
    """The one clock of hub and sandboxes: it runs, never stands still or goes back, and can be put forward."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """It is `START` again."""
        with self._lock:
            self._skipped = timedelta(0)
            self._begun = time.monotonic()
            self._last = START

    def __call__(self) -> datetime:
        with self._lock:
            now = START + self._skipped + timedelta(seconds=time.monotonic() - self._begun)
            self._last = max(now, self._last + timedelta(microseconds=1))
            return self._last

    def skip(self, seconds: float) -> None:
        """Put it forward."""
        with self._lock:
            self._skipped += timedelta(seconds=max(0.0, seconds))


@dataclass
class Boxes:
    """Both sandboxes, served."""

    stripe: Any
    stripe_url: str
    notion: Any
    notion_url: str
    clock: Clock

    def well(self) -> None:
        """Nothing fails any more."""
        self.notion.clear_faults()
        self.stripe.faults.clear()


@contextmanager
def boxes() -> Iterator[Boxes]:
    clock = Clock()
    stripe, notion = stripe_app(clock), notion_app(clock)
    with serve(stripe) as stripe_url, serve(notion) as notion_url:
        yield Boxes(stripe.state.sandbox, stripe_url, notion.state.sandbox, notion_url, clock)


def events(boxes: Boxes, key: str) -> list[dict[str, Any]]:
    """Every event that the provider remembers of an account, oldest first."""
    found: list[dict[str, Any]] = []
    with httpx.Client(base_url=boxes.stripe_url, auth=(key, "")) as client:
        after: dict[str, Any] = {}
        while True:
            answer = client.get("/v1/events", params={"limit": 100, **after}).raise_for_status().json()
            found += answer["data"]
            if not answer["has_more"]:
                return found[::-1]
            after = {"starting_after": found[-1]["id"]}


@dataclass
class Limits:
    """A limiter that writes down what it was asked and never waits."""

    held: list[float] = field(default_factory=list)

    def __call__(self, *_: object) -> Limits:
        return self

    def acquire(self) -> None:
        pass

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


@cache
def mapping() -> tuple[Business, RevenueJob]:
    """The example business of the repository, as the demo plays it."""
    with TemporaryDirectory() as folder:
        small_business(Path(folder))
        item = load(Path(folder), registry.names()).businesses[0]
    (job,) = item.jobs
    assert isinstance(job, RevenueJob)
    return item.business, job


class Board:
    """What a business shows in the Notion sandbox."""

    def __init__(self, notion: Any, workspace: str) -> None:
        self.notion, self.workspace = notion, workspace

    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of the table by their key. A key that stands there twice is an AssertionError."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.raw_rows():
            assert row["Hub"] not in found, f"doubled: {row['Hub']}"
            found[row["Hub"]] = {name: value for name, value in row.items() if name != "id"}
        return found

    def raw_rows(self) -> list[dict[str, Any]]:
        known = [one for one in self.notion.tables(self.workspace) if one["title"] == TABLE]
        assert len(known) < 2, f"doubled: the database {TABLE}"
        return list(self.notion.rows(known[0]["id"], self.workspace)) if known else []

    def source_id(self) -> str:
        (table,) = [one for one in self.notion.tables(self.workspace) if one["title"] == TABLE]
        return str(table["id"])

    def pages(self) -> list[str]:
        """The ids of the living pages that are called like the CEO's."""
        state = self.notion.state
        with state.lock:
            return [
                one.id
                for one in state.things.values()
                if isinstance(one, Page)
                and state.workspaces[one.workspace].name == self.workspace
                and not one.trashed
                and one.source is None
                and _text(one.values.get("title", [])) == PAGE
            ]

    def block_ids(self) -> list[str]:
        with self.notion.state.lock:
            return [block for page in self.pages() for block in self._within(page)]

    def _within(self, parent: str) -> Iterator[str]:
        """The living blocks of a page or block in the order in which they are read, those in columns too."""
        things = self.notion.state.things
        for child in things[parent].children:
            if isinstance(things[child], Block) and not things[child].trashed:
                yield child
                yield from self._within(child)

    def blocks(self) -> list[tuple[str, str]]:
        """(type, text) of each block of the CEO's page, in order. Two such pages are an AssertionError."""
        assert len(self.pages()) < 2, f"doubled: the page {PAGE}"
        state = self.notion.state
        with state.lock:
            found = [state.get(one, Block) for one in self.block_ids()]
            return [(one.type, _text(one.content.get("rich_text", []))) for one in found]

    def shown(self) -> dict[str, float | None]:
        """figure/period/currency -> the number that Notion shows."""
        return {key: row["Montant"] for key, row in self.rows().items()}

    def writes(self) -> list[Any]:
        """Every call that could write in this workspace, oldest first."""
        reads = ("/v1/search", "/v1/data_sources/{data_source_id}/query")
        return [
            one
            for one in self.notion.requests
            if one.workspace == self.workspace and one.method != "GET" and one.route not in reads
        ]


class Site(Board):
    """One business: its accounts at the two sandboxes, its part of the store, a runtime and a worker."""

    def __init__(self, boxes: Boxes, store: Store, *, name: str = "", stripe_key: str | None = None) -> None:
        number = next(_numbers)
        self.boxes, self.store, self.clock = boxes, store, boxes.clock
        self.key = name or f"site-{number}"
        self.stripe_key = stripe_key or f"sk_test_{self.key}_{number}"
        self.token = f"ntn_{self.key}_{number}"
        super().__init__(boxes.notion, f"{self.key} {number}")
        self.limits = Limits()
        self.shop = boxes.stripe.account(self.stripe_key)
        boxes.notion.add_token(self.token, self.workspace)
        self.page = boxes.notion.share_page("Atelier Lila", self.workspace)
        business, job = mapping()
        self.business = business.model_copy(update={"key": self.key})
        self.job = job
        with store.write() as conn:
            connections.ensure(conn, self.key, ["stripe", "notion"])
            jobs.ensure(conn, self.key, [job.name], self.clock())
        self.start()

    # The hub's side

    def start(self) -> None:
        """A worker as after the start of a process: nothing in memory."""
        specs = {name: registry.load(name) for name in ("stripe", "notion")}
        self.runtime = Runtime(self.store, self.business, (self.job,), specs, self._open, self.clock)
        self.worker = Worker(self.store, {self.key: self.runtime}, now=self.clock)

    def restart(self) -> None:
        """The process was killed: another one takes over what it had claimed."""
        with self.store.write() as conn:
            changes.release(conn, self.worker.owner)
            jobs.release(conn, self.worker.owner)
        self.runtime.close()
        self.start()

    def close(self) -> None:
        """The end of it. No body of any of its writes named a column that people own (R6)."""
        self.runtime.close()
        for call in self.writes():
            named = set(self.job.show_in.people_own) & set(written(call.body))
            assert not named, f"{call.method} {call.path} writes what people own: {named}"

    @contextmanager
    def _open(self, connection: str) -> Iterator[Connector]:
        """The connectors as their specs make them, with a limiter and pauses that do not wait."""
        if connection == "stripe":
            found = StripeSettings(api_key=SecretStr(self.stripe_key), base_url=self.boxes.stripe_url)
            client = Client(found, self.limits, connections=8, sleep=self.clock.skip)
            try:
                yield Connector(name="stripe", source=StripeSource(client, now=self.clock))
            finally:
                client.close()
            return
        wanted = NotionSettings(api_key=SecretStr(self.token), base_url=self.boxes.notion_url)
        context = Context(limiter=self.limits, now=self.clock)
        with NotionClient(wanted, context, timeout=20, sleep=self.clock.skip) as notion:
            yield Connector(
                name="notion", destination=NotionDestination(notion, self.page), charts=NotionCharts(notion)
            )

    def backfill(self, *, again: bool = False) -> int:
        return backfill.backfill(self.runtime, "stripe", again=again)

    def catch_up(self) -> int:
        return backfill.catch_up(self.runtime, "stripe")

    def look(self) -> None:
        """The next turn looks at the target itself."""
        with self.store.write() as conn:
            jobs.look_again(conn, self.key, [self.job.name], self.clock())

    def dirty(self) -> None:
        with self.store.write() as conn:
            jobs.dirty(conn, self.key, [self.job.name], self.clock())

    def turn(self) -> list[Turn]:
        """What is due now, and nothing that waits."""
        return self.worker.turns(self.runtime)

    def work(self, rounds: int = 60) -> list[Turn]:
        """Turns until nothing waits for any instant; the clock is put forward to the next one that something does."""
        taken = self.turn()
        for _ in range(rounds):
            due = self.next_due()
            if due is None:
                return taken
            self.clock.skip((due - self.clock()).total_seconds() + 0.001)
            taken += self.turn()
        raise AssertionError(f"{self.key} does not come to rest: {[turn.sentence for turn in taken[-3:]]}")

    def next_due(self) -> datetime | None:
        """When this business has something to do next; None when nothing waits."""
        with self.store.read() as conn:
            state = jobs.listing(conn, self.key)
            waits = [max(one.due_at, one.lease_until or one.due_at) for one in state if one.dirty_seq > one.planned_seq]
            paused = {one.connection for one in connections.listing(conn, self.key) if one.paused_at is not None}
            table = schema.changes.c
            rows = conn.execute(
                select(table.connection, table.due_at, table.lease_until).where(table.business == self.key)
            ).all()
        waits += [max(due, lease or due) for connection, due, lease in rows if connection not in paused]
        return min(waits, default=None)

    # The providers' side

    def events(self) -> list[dict[str, Any]]:
        """Every event that the provider remembers, oldest first."""
        return events(self.boxes, self.stripe_key)

    def put(self, events: Iterable[dict[str, Any]]) -> None:
        """These deliveries came, in this order, as one request each."""
        webhook = registry.load("stripe").webhook
        assert webhook is not None
        arrived = []
        for event in events:
            body = json.dumps(event).encode()
            event_id, spoken = webhook.parse(body)
            arrived.append(Delivery(self.key, "stripe", event_id, self.clock(), "", {}, body=body, events=spoken))

        async def all_of_them() -> None:
            inbox = Inbox(self.store)
            await asyncio.gather(*(inbox.put(one) for one in arrived))
            await inbox.close()

        asyncio.run(all_of_them())

    @contextmanager
    def api(self) -> Iterator[Post]:
        """The real API on a socket; yields what posts a signed delivery to it."""
        with api(self.store, [self], self.clock) as url, httpx.Client(base_url=url) as client:
            yield Post(client, f"/webhooks/{self.key}/stripe", self.clock)

    # What stands there

    def independent(self) -> dict[str, float | None]:
        """The same from the provider's raw objects, by the definitions alone."""
        return naive_figures(self.shop, self.clock(), self.business.zone)

    def mirrored(self) -> dict[tuple[str, str], str]:
        """(stream, key) -> body and deleted, of every record that the mirror holds."""
        with self.store.read() as conn:
            table = schema.mirror.c
            query = select(table.stream, table.key, table.body, table.deleted).where(table.business == self.key)
            rows = conn.execute(query).all()
        return {(stream, key): f"{body} {bool(deleted)}" for stream, key, body, deleted in rows}

    def entries(self, state: Any = "done") -> list[ledger.Entry]:
        with self.store.read() as conn:
            return ledger.listing(conn, self.key, state, limit=10_000)

    def counts(self) -> dict[str, int]:
        with self.store.read() as conn:
            return ledger.counts(conn, self.key)

    def state(self, connection: str) -> connections.ConnectionState:
        with self.store.read() as conn:
            return next(one for one in connections.listing(conn, self.key) if one.connection == connection)

    def job_state(self) -> jobs.JobState:
        with self.store.read() as conn:
            return jobs.listing(conn, self.key)[0]

    def waiting(self) -> int:
        with self.store.read() as conn:
            return sum(one.count for one in changes.waiting(conn, self.key).values())

    def record(self, stream: str, key: str) -> Any:
        with self.store.read() as conn:
            return mirror.get(conn, self.key, "stripe", stream, key)

    def at_rest(self) -> None:
        """Nothing waits, nothing is half done, and Notion shows what the definitions say, each thing once."""
        assert self.next_due() is None
        assert self.waiting() == 0
        assert set(self.counts()) <= {"done", "failed"}
        assert self.shown() == self.independent()
        blocks = [one for one in self.blocks() if one[1]]  # columns have no text
        assert len(blocks) == len(set(blocks)), f"doubled blocks: {blocks}"


@dataclass
class Post:
    """Posts deliveries as the provider does."""

    client: httpx.Client
    path: str
    clock: Clock

    def __call__(self, event: dict[str, Any], secret: str = SECRET) -> httpx.Response:
        body = json.dumps(event).encode()
        return self.client.post(self.path, content=body, headers=signed(body, self.clock(), secret))


def signed(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery of Stripe's."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json"}


@contextmanager
def api(store: Store, sites: Sequence[Site], clock: Clock) -> Iterator[str]:
    """The hub's web part on a socket."""
    webhook = registry.load("stripe").webhook
    assert webhook is not None
    receivers = {
        (site.key, "stripe"): Receiver(
            business=site.key, connection="stripe", webhook=webhook, secrets=lambda: (SECRET,), url=""
        )
        for site in sites
    }
    businesses = tuple(
        Configured(
            business=site.key,
            title=site.business.business,
            connections={"stripe": "stripe", "notion": "notion"},
            jobs=(site.job.name,),
        )
        for site in sites
    )
    view = HubView(businesses=businesses, receivers=receivers)
    with serve(hub_app(store, view, status_key=SecretStr(STATUS_KEY), now=clock)) as url:
        yield url


class Story:
    """A business of some months. What is older than the provider's events is made at once; then, step by step, all that
    can happen to money, each step some days after the last."""

    def __init__(self, shop: Any, now: datetime) -> None:
        self.shop, self.now = shop, now
        self.plan = shop.price(amount=3900, product="Cercle", interval="month", at=now - 60 * DAY)["id"]
        self.more = shop.price(amount=7900, product="Cercle plus", interval="month", at=now - 60 * DAY)["id"]
        self.old = [self._subscriber(f"old{n}", now - (50 - n) * DAY) for n in (0, 1)]
        shop.advance(now - 28 * DAY)
        self.fails = self._subscriber("fails", now - 45 * DAY)
        self.sold = ""
        self.disputed = ""
        self.new = ""
        self.customer = ""
        self.pending = ""

    def _subscriber(self, name: str, at: datetime) -> str:
        customer = self.shop.customer(email=f"{name}@example.com", at=at)["id"]
        return str(self.shop.subscribe(customer=customer, price=self.plan, at=at)["subscription"])

    def at(self, days: int) -> datetime:
        return self.now - days * DAY

    @property
    def steps(self) -> list[Callable[[], object]]:
        return [
            self.sale,
            self.refund,
            self.another_sale,
            self.dispute,
            self.subscribe,
            self.upgrade,
            self.cancel,
            self.failed_payment,
            self.dollars,
            self.invoice,
            self.debit,
            self.second_refund,
            self.won_back,
            self.recovery,
            self.debit_comes_back,
        ]

    def sale(self) -> None:
        self.sold = self.shop.sell(amount=29_700, product="Formation", at=self.at(26))["charge"]

    def refund(self) -> None:
        self.shop.refund(self.sold, amount=9_900, at=self.at(24))

    def another_sale(self) -> None:
        self.disputed = self.shop.sell(amount=12_000, product="Atelier", at=self.at(23))["charge"]

    def dispute(self) -> None:
        self.disputed = self.shop.dispute_open(self.disputed, at=self.at(20))["id"]

    def subscribe(self) -> None:
        self.customer = self.shop.customer(email="new@example.com", at=self.at(19))["id"]
        self.new = self.shop.subscribe(customer=self.customer, price=self.plan, at=self.at(19))["subscription"]

    def upgrade(self) -> None:
        self.shop.change(self.new, price=self.more, proration="none", at=self.at(15))

    def cancel(self) -> None:
        self.shop.cancel(self.old[0], at=self.at(12))

    def failed_payment(self) -> None:
        self.shop.renew(self.fails, outcome="failed", at=self.at(10))

    def dollars(self) -> None:
        self.shop.sell(amount=4_500, currency="usd", product="Guide", exchange_rate=0.92, at=self.at(9))

    def invoice(self) -> None:
        self.shop.invoice(customer=self.customer, amount=15_000, days_until_due=2, at=self.at(8))

    def debit(self) -> None:
        self.pending = self.shop.sell(amount=6_000, product="Guide", method="sepa_debit", at=self.at(7))["charge"]

    def second_refund(self) -> None:
        self.shop.refund(self.sold, amount=5_000, at=self.at(5))

    def won_back(self) -> None:
        self.shop.dispute_won(self.disputed, at=self.at(4))

    def recovery(self) -> None:
        self.shop.recover(self.fails, at=self.at(2))

    def debit_comes_back(self) -> None:
        self.shop.fail_payment_late(self.pending, at=self.at(1))

    def tell(self) -> None:
        """All steps at once."""
        for step in self.steps:
            step()


@contextmanager
def site(boxes: Boxes, store: Store, **options: Any) -> Iterator[Site]:
    made = Site(boxes, store, **options)
    try:
        yield made
    finally:
        made.close()


def written(body: Any) -> set[str]:
    """The names of the properties in the body of a write."""
    inside = (body or {}).get("initial_data_source") or {}
    return {*((body or {}).get("properties") or ()), *(inside.get("properties") or ())}


def _text(rich: Sequence[Any]) -> str:
    return "".join(one.get("plain_text") or one.get("text", {}).get("content", "") for one in rich)


def database(folder: Path) -> str:
    return migrated(folder)
