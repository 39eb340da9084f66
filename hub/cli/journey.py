"""`hub journey` and `hub start`: the journey of one client, and what a person may say of it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hub.bootstrap import Hub
from hub.cli.mirrored import configured, mirror_of
from hub.cli.opened import Say, only, opened
from hub.core.errors import ConfigError
from hub.engine import journeys as kept
from hub.engine.journeys import journey_of
from hub.engine.persons import address_of
from hub.engine.planners.onboarding_memory import recall, version_of
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.history import Mirror
from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.look import Look
from hub.planning.journeys.persons import journey_id, normalised, person_of
from hub.planning.journeys.plan import looks
from hub.planning.journeys.types import Journey, Order
from hub.store import forgotten, jobs, journeys
from hub.store.journeys import JourneyRow, MarkRow

THEN = "`hub up` acts on it within moments; without it, `hub sync` does."


@dataclass(frozen=True, slots=True)
class Desk:
    """One business, with the jobs of its files that are about clients."""

    hub: Hub
    runtime: Runtime
    jobs: dict[str, OnboardingJob]

    def look(self, row: JourneyRow) -> Look | None:
        """The journey as it is now; None for one that was joined with another one of the same person."""
        return looked(self.runtime, self.jobs[row.job], self.mirror()).get(row.id)

    def mirror(self) -> Mirror:
        return mirror_of(self.runtime, configured(self.hub, self.runtime))


def looked(runtime: Runtime, job: OnboardingJob, mirror: Mirror) -> dict[str, Look]:
    """Every journey of a job as it is now, by its id."""
    with runtime.store.read() as conn:
        memory = recall(conn, runtime, job, mirror).memory
    found = facts_of(job, mirror, memory.aliases, runtime.now())
    return dict(looks(job, runtime.business, found, memory, runtime.now()))


@contextmanager
def desk(business: str | None) -> Iterator[Desk]:
    """ConfigError where the business has no job about clients."""
    with opened() as hub:
        runtime = only(hub, business)
        found = {job.name: job for job in configured(hub, runtime).jobs if isinstance(job, OnboardingJob)}
        if not found:
            raise ConfigError(f"{runtime.key} has no file with `job: client_onboarding`; docs/mappings.md shows one.")
        yield Desk(hub, runtime, found)


def meant(at: Desk, words: str, job: str | None = None) -> list[JourneyRow]:
    """The journeys of the one person whom `words` name: an address, an id, or a part of a name that only she has."""
    with at.runtime.store.read() as conn:
        known = journeys.aliases_of(conn, at.runtime.key)
        every = [row for row in journeys.listing(conn, at.runtime.key) if row.job in at.jobs]
    if job is not None and job not in at.jobs:
        raise ConfigError(f"{at.runtime.key}: no job about clients is called {job}. There are: {', '.join(at.jobs)}")
    address, part = person_of(normalised(words), known), words.strip().casefold()
    found = [
        row
        for row in every
        if (person_of(row.person, known) == address if address else row.id == part or part in row.name.casefold())
    ]
    people = sorted({person_of(row.person, known) for row in found})
    if len(people) > 1:
        raise ConfigError(f"{len(people)} people are called so; say the address:\n  " + "\n  ".join(people[:10]))
    found = [row for row in found if job in (None, row.job)]
    if not found:
        raise ConfigError(
            f"{at.runtime.key}: there is no journey of {words}. `hub start {words if address else 'ADDRESS'}` opens "
            "one; `hub person ADDRESS` shows what is known of somebody."
        )
    return found


def one(at: Desk, words: str, job: str | None) -> JourneyRow:
    """The one journey that is meant. Those that were joined with another one are left out."""
    found = meant(at, words, job)
    found = [row for row in found if row.reason != "same person"] or found
    if len(found) > 1:
        listed = "\n  ".join(f"--job {row.job}: {row.offer}, {row.state}" for row in found)
        raise ConfigError(f"{found[0].person} has {len(found)} journeys; say which:\n  {listed}")
    return found[0]


def order(what: Order, words: str, business: str | None, job: str | None, say: Say) -> None:
    """`hub journey pause|resume|stop|allow|move`: kept as her word, and the job is planned again."""
    with desk(business) as at:
        row = one(at, words, job)
        seen = at.look(row)
        said = list(_marks(at, row, what, seen))
        _keep(at, row, said)
        say(f"{_called(row)}: {_AFTER[what]} {THEN}")


_AFTER = {
    "pause": "paused; nothing more is done until `hub journey resume`.",
    "resume": "goes on.",
    "stop": "stopped; what was made stays where it is.",
    "allow": "begins.",
    "move_version": "goes on by the mapping as it is now. Steps that were done stay done.",
}


def _marks(at: Desk, row: JourneyRow, what: Order, seen: Look | None) -> Iterator[tuple[Order, str]]:
    """What is to be kept. ConfigError where it would change nothing, saying why."""
    if seen is None:
        raise ConfigError(f"{_called(row)}: was joined with another journey of the same person; say that one.")
    state, stuck = seen.state, [item.name for item in seen.items if item.status == "stuck"]
    if what == "resume":
        if state not in ("paused", "stopped") and not stuck:
            raise ConfigError(f"{_called(row)}: is {state} and nothing in it waits to be resumed.")
        if state in ("paused", "stopped"):
            yield "resume", ""
        if stuck:
            yield "resume_here", ""
        return
    if what == "move_version":
        version = version_of(at.jobs[row.job])
        if row.version == version:
            raise ConfigError(f"{_called(row)}: already follows the mapping as it is now.")
        yield what, version
        return
    refused = {
        "pause": state in ("paused", "stopped", "done"),
        "stop": state in ("stopped", "done"),
        "allow": state != "asked",
    }
    if refused[what]:
        raise ConfigError(f"{_called(row)}: is {state}, so that there is nothing to {what}. `hub journey` shows it.")
    yield what, ""


def of_step(what: Order, words: str, step: str, business: str | None, job: str | None, say: Say) -> None:
    """`hub journey skip|tick`: of one step."""
    with desk(business) as at:
        row = one(at, words, job)
        pinned = journey_of(row).job
        names = [each.name for each in pinned.steps if what == "skip" or each.ask is not None]
        if step not in names:
            those = "steps" if what == "skip" else "steps that ask"
            raise ConfigError(f"{_called(row)}: no such step {step}. Its {those}: {', '.join(names) or 'none'}")
        _keep(at, row, [(what, step)])
        say(f"{_called(row)}: {step} {'is left out' if what == 'skip' else 'is ticked'}. {THEN}")


def allow_all(business: str | None, job: str | None, say: Say) -> None:
    """`hub journey allow --all`: every client of before the hub begins. Who looks like another is still asked about."""
    with desk(business) as at:
        with at.runtime.store.read() as conn:
            asked = journeys.listing(conn, at.runtime.key, job=job, states=["asked"])
        before = [row for row in asked if row.job in at.jobs and row.reason == "before"]
        for row in before:
            _keep(at, row, [("allow", "")])
        left = len(asked) - len(before)
        say(f"{at.runtime.key}: {len(before)} journeys begin. {THEN if before else ''}".rstrip())
        if left:
            say(f"{left} wait on: they look like somebody who is known. `hub journey allow PERSON` for each of them.")


def start(words: Sequence[str], name: str | None, again: bool, business: str | None, say: Say) -> None:
    """`hub start [JOB] ADDRESS`: a journey by hand, or the word for one that was asked about."""
    *named, who = words
    with desk(business) as at:
        job = _job(at, named)
        runtime, now, address = at.runtime, at.runtime.now(), address_of(who)
        with runtime.store.write() as conn:
            gone = forgotten.since(conn, runtime.key, address, forgotten.ASKED)
            if gone is not None and not again:
                raise ConfigError(
                    f"{address} was forgotten on {gone:%Y-%m-%d}, as she asked. If she is a client again, say "
                    "`hub start --again`: later reads then keep who she is."
                )
            if gone is not None:
                forgotten.remember(conn, runtime.key, address)
            person = person_of(address, journeys.aliases_of(conn, runtime.key))
            id_ = journey_id(person, job.offer)
            row = journeys.get(conn, runtime.key, job.name, id_)
            if row is not None and row.state != "asked":
                raise ConfigError(
                    f"{_called(row)}: has a journey, which is {row.state}. `hub journey {person}` shows it; "
                    "`hub journey resume` lets one go on that was paused or stopped."
                )
            if row is None:
                new = Journey(id=id_, person=person, offer=job.offer, opened_at=now, version=version_of(job), job=job,
                              name=name or "")  # fmt: skip
                kept.open_(conn, runtime.key, job, [new], now)
            what: Order = "start" if row is None else "allow"
            journeys.mark(conn, runtime.key, MarkRow(job=job.name, journey=id_, what=what, at=now, by=_me()))
            jobs.dirty(conn, runtime.key, [job.name], now)
        say(f"{name or person} · {job.offer}: begins. {THEN}")


def _job(at: Desk, named: Sequence[str]) -> OnboardingJob:
    known = ", ".join(at.jobs)
    if len(named) > 1:
        raise ConfigError(f"Say a job and one address: `hub start JOB ADDRESS`. There are: {known}")
    if named and named[0] not in at.jobs:
        raise ConfigError(f"{at.runtime.key}: no job about clients is called {named[0]}. There are: {known}")
    if not named and len(at.jobs) > 1:
        raise ConfigError(f"Say which job begins: `hub start JOB ADDRESS`. There are: {known}")
    return at.jobs[named[0]] if named else next(iter(at.jobs.values()))


def alias(address: str, person: str, business: str | None, say: Say) -> None:
    """`hub journey alias ADDRESS PERSON`: both are one person."""
    with desk(business) as at:
        one_, other, now = address_of(address), address_of(person), at.runtime.now()
        with at.runtime.store.write() as conn:
            known = journeys.aliases_of(conn, at.runtime.key)
            if person_of(other, known) == one_ or one_ == other:
                raise ConfigError(f"{other} already stands for {one_}: nothing was changed.")
            journeys.confirm(conn, at.runtime.key, one_, person_of(other, known), now)
            jobs.dirty(conn, at.runtime.key, at.jobs, now)
        say(f"{one_} is {other}. Their journeys of one offer become one. {THEN}")


def _keep(at: Desk, row: JourneyRow, said: Sequence[tuple[Order, str]]) -> None:
    now, key = at.runtime.now(), at.runtime.key
    with at.runtime.store.write() as conn:
        for what, value in said:
            mark = MarkRow(job=row.job, journey=row.id, what=what, value=value, at=now, by=_me())
            journeys.mark(conn, key, mark)
        jobs.dirty(conn, key, [row.job], now)


def _called(row: JourneyRow) -> str:
    return f"{row.name or row.person} · {row.offer}"


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return ""
