"""A business with thousands of journeys in flight, in a real store and without providers: what plans is at work."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from sqlalchemy import delete, insert

from connectors import registry
from hub.core.protocol import Connector
from hub.core.types import Record
from hub.engine.made import Made
from hub.engine.planners import make_plan
from hub.engine.planners.onboarding_memory import BEGUN
from hub.engine.runtime import Runtime
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.store import jobs, journeys, mails, mirror
from hub.store.database import Store, open_store
from hub.store.schema import journeys as table
from hub.store.schema import ledger
from tests.databases import migrated
from tests.onboarding.world import CHANGES, STEPS, TEXTS
from tests.onboarding.world import _texts as texts
from tests.planning.journeys.records import booking, charge, session

COUNT = 5_000
DAY = timedelta(days=1)
MONDAY = datetime(2027, 3, 8, 9, tzinfo=UTC)
NOW = MONDAY + 58 * DAY
"""A Wednesday at 11:00 in Paris."""
BUSINESS = Business.model_validate(
    {
        "hub": 1,
        "business": "Atelier Lila",
        "key": "lila",
        "language": "fr",
        "timezone": "Europe/Paris",
        "holidays": "FR",
        "people": {
            "obm": {"name": "Claire", "email": "claire@example.com"},
            "ceo": {"name": "Lila", "email": "lila@example.com"},
        },
        "connections": {name: {} for name in ("stripe", "calendly", "notion", "asana", "trello", "email")},
        "safety": {"hold_if": {"mails_above": 100_000, "changes_above": "100 %"}},
    }
)


def job(**more: object) -> OnboardingJob:
    """Its file."""
    return OnboardingJob.model_validate(
        {
            "hub": 1,
            "job": "client_onboarding",
            "name": "onboarding",
            "says": "One journey for each client.",
            "offer": "Programme Élan",
            "starts_on": [
                {"event": "payment", "from": "stripe", "product": "Programme Élan"},
                {"event": "booking", "from": "calendly", "event_type": "Appel de démarrage"},
            ],
            "steps": [dict(step) for step in STEPS],
            "changes": dict(CHANGES),
            "hold_if": {"journeys_above": 1_000_000, "per": "hour"},
            **more,
        }
    )


def records(count: int) -> tuple[list[Record], list[Record]]:
    """Stripe's and Calendly's: two of three clients have booked, some ahead and some long ago."""
    order = random.Random(1)
    sold, booked = [], []
    for number in range(count):
        address, at = f"client{number}@example.com", MONDAY + timedelta(minutes=order.randrange(57 * 24 * 60))
        sold.append(session(f"cs_{number}", address, at, name=f"Client{number} N{number}"))
        sold.append(charge(f"ch_{number}", f"pi_cs_{number}", at))
        if number % 3:
            booked.append(booking(f"b_{number}", address, at + DAY, at + 15 * DAY))
    return sold, booked


@dataclass
class Many:
    """`calls`: how often a connector was asked for; a plan asks none for anything but its names."""

    runtime: Runtime
    job: OnboardingJob
    now: datetime = NOW
    undone: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.runtime.store

    def make(self) -> Made:
        return make_plan(self.runtime, self.job)

    def settle(self, made: Made) -> None:
        with self.store.write() as conn:
            if made.expect is not None:
                made.expect(conn)
            made.settle(conn)

    def do(self, made: Made, at: datetime | None = None) -> None:
        """All of it was done."""
        if not made.plan.actions:
            return
        with self.store.write() as conn:
            row = {"business": "lila", "job": self.job.name, "summary": "", "state": "done", "attempts": 1, "ref": "x"}
            rows = [
                row | {"key": each.key, "kind": each.kind, "started_at": at or self.now, "finished_at": at or self.now}
                for each in made.plan.actions
            ]
            conn.execute(insert(ledger), rows)
            for each in made.plan.actions:
                if each.kind == "copy":
                    made.remember(conn, each, "x")  # type: ignore[arg-type]

    def undo(self, count: int) -> None:
        """That many steps, each of another journey, are due again."""
        with self.store.write() as conn:
            ids = [row.id for row in journeys.listing(conn, "lila", job=self.job.name, states=["open"])][:count]
            self.undone = [f"{self.job.name}/{each}/welcome/1" for each in ids]
            conn.execute(delete(ledger).where(ledger.c.key.in_(self.undone)))

    def touched(self, made: Made) -> int:
        """How many journeys its actions are about."""
        return len({each.key.split("/")[1] for each in made.plan.actions})


@contextmanager
def crowd(folder: Path, count: int = COUNT, now: datetime = NOW) -> Iterator[Many]:
    """All of them in flight, with everything done that was due."""
    folder.mkdir(parents=True, exist_ok=True)
    one = job()
    specs = {name: registry.load(name) for name in BUSINESS.connections}
    with open_store(migrated(folder)) as store:
        sold, booked = records(count)
        with store.write() as conn:
            jobs.ensure(conn, "lila", [one.name], now)
            mirror.put(conn, "lila", "stripe", sold, now)
            mirror.put(conn, "lila", "calendly", booked, now)
            mails.quiet(conn, "lila", one.name, (BEGUN,), MONDAY - DAY)
        runtime = Runtime(store, BUSINESS, (one,), specs, lambda _: nullcontext(cast("Connector", SimpleNamespace())),
                          lambda: many.now, texts=texts(TEXTS))  # fmt: skip
        many = Many(runtime, one, now)
        try:
            many.settle(many.make())
            with store.write() as conn:
                conn.execute(table.update().values(opened_at=MONDAY))
            while (made := many.make()).plan.actions:
                many.do(made)
                many.settle(made)
            yield many
        finally:
            runtime.close()
