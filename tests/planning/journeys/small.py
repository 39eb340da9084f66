"""A small business and its onboarding file, and a hub in small that carries its plans out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.facts import in_order
from hub.planning.journeys.plan import plan_journeys
from hub.planning.journeys.types import Client, Doing, Fact, Found, Journey, Mark, Memory, Planned

FOLDER = Path(__file__).parents[3] / "mappings" / "atelier-lila"
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
"""10:00 in Paris."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MARIE = "marie@example.com"


def file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(FOLDER / name)
    return found


def business(**more: Any) -> Business:
    return Business.model_validate({**file("business.yaml"), "key": "atelier-lila", "process_page": False, **more})


def job(**more: Any) -> OnboardingJob:
    """The onboarding file of the example business, with other keys where a test says so."""
    return OnboardingJob.model_validate({**file("onboarding.yaml"), "name": "onboarding", **more})


def fact(what: Any, at: datetime = MONDAY, *, of: str = "", day: datetime | None = None, **more: Any) -> Fact:
    return Fact(what=what, at=at, of=of, day=day, **more)


def found(*facts: Fact, who: str = MARIE, name: str = "Marie Dupont") -> Found:
    return Found(clients={who: Client(address=who, name=name, facts=in_order(facts))})


def several(clients: Iterable[Client]) -> Found:
    return Found(clients={each.address: each for each in clients})


@dataclass
class World:
    """Carries plans out and keeps what a store would keep. `sent`: every doing that had its effect, in order.

    `breaks`: name of a step -> how often it still fails.
    """

    job: OnboardingJob = field(default_factory=job)
    business: Business = field(default_factory=business)
    memory: Memory = field(default_factory=lambda: Memory(version="1", begun=MONDAY - DAY))
    sent: list[Doing] = field(default_factory=list)
    breaks: Counter[str] = field(default_factory=Counter)

    def plan(self, facts: Found, now: datetime) -> Planned:
        return plan_journeys(self.job, self.business, facts, self.memory, now)

    def turn(self, facts: Found, now: datetime, *, crash: int | None = None) -> Planned:
        """Plan and carry out. `crash`: the hub is killed there: even numbers before an effect, odd ones after it."""
        plan = self.plan(facts, now)
        if plan.held:
            return plan
        self.keep(plan, now)
        for number, doing in enumerate(plan.doings):
            self.remember(done={doing.key: now})  # the ledger says that it was begun
            if doing.step is not None and doing.appointment is not None and doing.what in ("copy", "write", "change"):
                first = f"{self.job.name}/{doing.journey}/{doing.step.name}/1"
                self.memory = replace(self.memory, dated={**self.memory.dated, first: doing.appointment})
            if crash == 2 * number:
                return plan
            if self.breaks[doing.name]:
                self.breaks[doing.name] -= 1
                self.memory = replace(self.memory, done={k: v for k, v in self.memory.done.items() if k != doing.key})
                continue
            self.sent.append(doing)
            if crash == 2 * number + 1:
                return plan
        return plan

    def keep(self, plan: Planned, now: datetime) -> None:
        """What a plan makes of the journeys."""
        journeys: dict[str, Journey] = {**self.memory.journeys, **{each.id: each for each in plan.open}}
        for change in plan.changed:
            old = journeys[change.journey]
            said = {name: getattr(change, name) for name in ("state", "reason", "opened_at", "version")}
            given = {name: value for name, value in said.items() if value is not None}
            if "version" in given:
                given["job"] = self.job
            if "state" in given:
                given["changed_at"] = now
            journeys[change.journey] = replace(old, **given)
        begun = self.memory.begun or (now if plan.begins else None)
        self.memory = replace(self.memory, journeys=journeys, begun=begun)

    def remember(self, *, done: Mapping[str, datetime]) -> None:
        self.memory = replace(self.memory, done={**self.memory.done, **done})

    def mark(self, journey: str, what: Any, at: datetime, value: str = "") -> None:
        made = Mark(journey=journey, what=what, at=at, value=value, by="obm")
        marks = {**self.memory.marks, journey: (*self.memory.marks.get(journey, ()), made)}
        self.memory = replace(self.memory, marks=marks)

    def until(self, facts: Found, start: datetime, end: datetime) -> None:
        """Wake up at `start`, and then whenever the plan says."""
        at: datetime | None = start
        while at is not None and at <= end:
            plan = self.turn(facts, at)
            again = self.plan(facts, at)
            at = at if again.doings and len(again.doings) < len(plan.doings) else again.next_at

    @property
    def journey(self) -> Journey:
        (only,) = self.memory.journeys.values()
        return only

    @property
    def names(self) -> list[str]:
        return [doing.name for doing in self.sent]

    @property
    def state(self) -> str:
        return self.journey.state
