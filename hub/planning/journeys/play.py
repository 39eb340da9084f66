"""A journey played from its first event on, as if the hub had always run: for examples and for history. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.facts import in_order
from hub.planning.journeys.look import Look, look
from hub.planning.journeys.story import STARTS
from hub.planning.journeys.types import Client, Doing, Fact, Journey, Memory

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def played(
    job: OnboardingJob,
    business: Business,
    facts: Sequence[Fact],
    until: datetime,
    *,
    hours: tuple[time, time] | None = None,
) -> tuple[Doing, ...]:
    """All that would have been done until then, in order. `hours`: those of mails; None: examples speak of days."""
    return _Played(job, business, facts, hours).until(until)


def journey_at(
    job: OnboardingJob,
    business: Business,
    facts: Sequence[Fact],
    until: datetime,
    *,
    hours: tuple[time, time] | None = None,
) -> Journey | None:
    """The journey as it is then; None when nothing has opened it by then. `hours`: as `played` has them."""
    play = _Played(job, business, facts, hours)
    play.until(until)
    return play.journey if play.starts and play.starts[0] <= until else None


class _Played:
    def __init__(
        self, job: OnboardingJob, business: Business, facts: Sequence[Fact], hours: tuple[time, time] | None
    ) -> None:
        self._client = Client(address="client", facts=in_order(tuple(facts)))
        self._clock = replace(Clock.of(business, job), hours=hours)
        self.starts = [fact.at for fact in self._client.facts if fact.what in STARTS]
        at = self.starts[0] if self.starts else _LONG_AGO
        self.journey = Journey(id="journey", person="client", offer=job.offer, opened_at=at, version="", job=job)
        self._done: dict[str, datetime] = {}
        self._dated: dict[str, datetime] = {}

    def until(self, until: datetime) -> tuple[Doing, ...]:
        if not self.starts or self.starts[0] > until:
            return ()
        found: list[Doing] = []
        at: datetime | None = self.starts[0]
        while at is not None and at <= until:
            seen = self._look(at)
            while seen.due:
                for doing in seen.due:
                    found.append(replace(doing, due=at))
                    self._keep(doing, at)
                seen = self._look(at)
            events = (fact.at for fact in self._client.facts if fact.at > at)
            at = min((each for each in (*events, seen.next_at) if each is not None), default=None)
        return tuple(found)

    def _look(self, at: datetime) -> Look:
        memory = Memory(done=self._done, dated=self._dated)
        seen = look(self.journey, self._client, memory, self._clock, at, name="")
        if (seen.state, seen.reason) != (self.journey.state, self.journey.reason):
            self.journey = replace(self.journey, state=seen.state, reason=seen.reason, changed_at=at)
        return seen

    def _keep(self, doing: Doing, at: datetime) -> None:
        self._done[doing.key] = at
        if doing.step is not None and doing.appointment is not None and doing.what in ("copy", "write", "change"):
            self._dated[f"/journey/{doing.step.name}/1"] = doing.appointment
