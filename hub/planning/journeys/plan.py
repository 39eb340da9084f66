"""What is to be done now for every client of one offer. Pure (R3).

The same facts, memory and instant give the same plan, whatever order the facts came in. A journey keeps the version of
the mapping that it was opened with; nothing that has a ledger key of its own is done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub.core.forgotten import is_pseudonym
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.look import Look, look
from hub.planning.journeys.persons import journey_id, look_alikes, person_of
from hub.planning.journeys.sheet import Sheet
from hub.planning.journeys.story import STARTS
from hub.planning.journeys.types import Changed, Client, Found, Journey, Mark, Memory, Planned, Question
from hub.planning.journeys.words import say

_PER = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def plan_journeys(job: OnboardingJob, business: Business, facts: Found, memory: Memory, now: datetime) -> Planned:
    """What is due now, which journeys open, change, or wait for the OBM. `facts`: with the aliases of `memory`."""
    desk = _Desk(job=job, business=business, facts=facts, memory=memory, now=now, clock=Clock.of(business, job))
    desk.old()
    desk.new()
    return desk.planned()


def looks(job: OnboardingJob, business: Business, facts: Found, memory: Memory, now: datetime) -> Mapping[str, Look]:
    """Every journey that the store has, by its id: what `hub journey` and the figures show."""
    desk = _Desk(
        job=job, business=business, facts=facts, memory=memory, now=now, clock=Clock.of(business, job), whole=True
    )
    desk.old()
    return desk.seen


@dataclass(slots=True)
class _Desk:
    """One planning. `seen`: the journeys of the store; those that were joined with another one are not among them."""

    job: OnboardingJob
    business: Business
    facts: Found
    memory: Memory
    now: datetime
    clock: Clock
    whole: bool = False
    seen: dict[str, Look] = field(default_factory=dict)
    opened: list[Look] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _people: dict[str, str] = field(default_factory=dict)
    _sheets: dict[int, Sheet] = field(default_factory=dict)

    def old(self) -> None:
        """The journeys that the store has."""
        for person, group in self._groups().items():
            first, *others = sorted(group, key=lambda each: (each.state == "asked", each.opened_at, each.id))
            self._people[person] = first.name
            for other in others:
                if (other.state, other.reason) != ("stopped", "same person"):
                    self.changed.append(Changed(journey=other.id, state="stopped", reason="same person"))
            marks = [mark for each in group for mark in self.memory.marks.get(each.id, ())]
            client = self.facts.clients.get(person) or Client(address=person, name=first.name)
            moved, changes = self._allowed(first, marks)
            seen = self._look(moved, client, marks, [each.id for each in others])
            self.seen[first.id] = seen
            if (seen.state, seen.reason) != (first.state, first.reason):
                changes = replace(changes, state=seen.state, reason=seen.reason)
            if changes != Changed(journey=first.id):
                self.changed.append(changes)
            self._ask(seen)

    def _groups(self) -> Mapping[str, list[Journey]]:
        """Journeys by the person whose they are, as far as the OBM said who is who."""
        groups: dict[str, list[Journey]] = {}
        for key in sorted(self.memory.journeys):
            journey = self.memory.journeys[key]
            groups.setdefault(person_of(journey.person, self.memory.aliases), []).append(journey)
        return groups

    def _allowed(self, journey: Journey, marks: Sequence[Mark]) -> tuple[Journey, Changed]:
        """The journey as people want it by now: allowed to start, or moved to the mapping as it is."""
        changed = Changed(journey=journey.id)
        allowed = [mark.at for mark in marks if mark.what in ("allow", "start")]
        if journey.state == "asked" and allowed:
            changed = replace(changed, opened_at=max(allowed))
            journey = replace(journey, opened_at=max(allowed))
        version = self.memory.version
        if journey.version != version and any(each.what == "move_version" and each.value == version for each in marks):
            changed = replace(changed, version=version)
            journey = replace(journey, version=version, job=self.job)
        return journey, changed

    def _look(self, journey: Journey, client: Client, marks: Sequence[Mark] = (), joined: Sequence[str] = ()) -> Look:
        sheet = self._sheets.get(id(journey.job))
        if sheet is None:
            sheet = self._sheets[id(journey.job)] = Sheet.of(journey.job)
        return look(
            journey,
            client,
            self.memory,
            self.clock,
            self.now,
            name=self.job.name,
            sheet=sheet,
            marks=marks,
            joined=joined,
            whole=self.whole,
        )

    def _ask(self, seen: Look) -> None:
        if seen.state != "asked":
            return
        what, _, other = seen.reason.partition(":")
        journey = seen.journey
        self.questions.append(
            Question(
                what="alike" if what == "alike" else "before",
                journey=journey.id,
                person=journey.person,
                name=journey.name,
                other=other.strip(),
            )
        )

    def new(self) -> None:
        """People who have no journey yet and to whom something happened that starts one.

        Of somebody who asked to be forgotten nothing is known that could be written to: no journey opens for her.
        """
        begun = self.memory.begun
        fresh: dict[str, tuple[datetime, Client]] = {}
        for person, client in self.facts.clients.items():
            started = [fact.at for fact in client.facts if fact.what in STARTS and fact.at <= self.now]
            if person in self._people or not started or is_pseudonym(person):
                continue
            if begun is None or started[0] < begun:
                self._before(person, client, late=begun is not None and started[-1] >= begun)
            else:
                fresh[person] = (started[0], client)
        come = dict(sorted(fresh.items(), key=lambda each: (each[1][0], each[0])))
        alike = {
            each.address: each for each in look_alikes({who: c.name for who, (_, c) in come.items()}, self._known())
        }
        for person, (_, client) in come.items():
            journey = self._journey(person, client)
            if person in alike:
                reason = f"alike: {alike[person].other}"
                journey = replace(journey, state="asked", reason=reason)
            seen = self._look(journey, client)
            self.opened.append(replace(seen, journey=replace(journey, state=seen.state, reason=seen.reason)))
            self._ask(seen)

    def _known(self) -> Mapping[str, str]:
        """Everybody who has a journey already. Whoever is asked about because of the time before is one of them."""
        return {**self._people, **{each.journey.person: each.journey.name for each in self.opened}}

    def _before(self, person: str, client: Client, *, late: bool) -> None:
        """Somebody who was a client before the hub came."""
        if self.job.first_run == "ask":
            journey = replace(self._journey(person, client), state="asked", reason="before")
            seen = self._look(journey, client)
            self.opened.append(seen)
            self._ask(seen)
        elif late:
            self.notes.append(say(self.business.language, "past", who=client.name or person))

    def _journey(self, person: str, client: Client) -> Journey:
        return Journey(
            id=journey_id(person, self.job.offer),
            person=person,
            offer=self.job.offer,
            opened_at=self.now,
            version=self.memory.version,
            job=self.job,
            name=client.name,
        )

    def planned(self) -> Planned:
        """All of it."""
        every = [*self.seen.values(), *self.opened]
        doings = sorted((each for seen in every for each in seen.due), key=lambda each: (each.due, each.key))
        return Planned(
            open=tuple(seen.journey for seen in self.opened),
            doings=tuple(doings),
            changed=tuple(self.changed),
            questions=tuple(self.questions),
            left_out=tuple(each for seen in every for each in seen.left_out),
            notes=(*self.notes, *self._notes()),
            held=self._held(),
            next_at=min((*(seen.next_at for seen in every if seen.next_at is not None), *self._coming()), default=None),
            begins=self.memory.begun is None,
        )

    def _coming(self) -> Iterator[datetime]:
        """When what will have happened then counts: a provider's clock may be ahead of ours."""
        for client in self.facts.clients.values():
            for fact in reversed(client.facts):
                if fact.at <= self.now:
                    break
                yield fact.at

    def _notes(self) -> Iterator[str]:
        language, found = self.business.language, self.facts
        pinned = sum(seen.journey.version != self.memory.version for seen in self.seen.values() if _runs(seen))
        for word, count in (
            ("pinned", pinned),
            ("nameless", found.nameless),
            ("partial", len(found.partial)),
            ("unknown", len(found.unknown)),
        ):
            if count:
                yield say(language, word, n=count)

    def _held(self) -> str | None:
        """Why the plan waits for a person: more journeys open than a person expects (R12)."""
        limit = self.job.hold_if
        new = [seen for seen in self.opened if seen.state != "asked"]
        since = self.now - _PER[limit.per]
        recent = [
            journey
            for journey in self.memory.journeys.values()
            if journey.state != "asked" and journey.opened_at > since and not self._said(journey)
        ]
        if not new or len(new) + len(recent) <= limit.journeys_above:
            return None
        count = {"n": len(new) + len(recent), "most": limit.journeys_above}
        return say(self.business.language, f"flood_{limit.per}", **count)

    def _said(self, journey: Journey) -> bool:
        """Whether a person started it: that is no flood."""
        return any(mark.what in ("allow", "start") for mark in self.memory.marks.get(journey.id, ()))


def _runs(seen: Look) -> bool:
    return seen.state in ("open", "paused")
