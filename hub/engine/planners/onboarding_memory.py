"""What the store knows of a job of client journeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from hub.core import codec
from hub.engine import journeys, post
from hub.engine.planners.onboarding_made import MADE
from hub.engine.replying import bounced
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.history import Mirror
from hub.planning.journeys.persons import normalised, person_of
from hub.planning.journeys.types import Journey, Memory
from hub.store import journeys as journey_store
from hub.store import links, mails, unsubscribed
from hub.store.links import Link
from hub.store.schema import ledger

BEGUN = "begun"
"""What counts as said once the job has run for the first time."""
GIVE_UP = 5
"""How often a step may fail for certain before it waits for a person."""
LOOK_BACK = timedelta(days=90)
"""How far back mails are looked at for those that came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """`memory` is what the plan is made from. `made`: what was set up, by the ledger key of its step.

    `said`: the questions that were asked, as `onboarding_mails.cover` names them.
    """

    memory: Memory
    made: Mapping[str, Link] = field(default_factory=dict)
    said: frozenset[str] = frozenset()


def version_of(job: OnboardingJob) -> str:
    """Which version of its mapping a job is."""
    return codec.digest((job.model_dump_json(exclude_unset=True, warnings=False),))[:16]


def recall(conn: Connection, runtime: Runtime, job: OnboardingJob, mirror: Mirror) -> Recalled:
    """Everything, in one look at the store."""
    business = runtime.key
    begun = mails.mail_of(conn, business, job.name, BEGUN)
    done, stuck = _ledger(conn, business, job.name)
    made = {link.row: link for link in links.load(conn, business, job.name) if link.collection == MADE}
    aliases = journey_store.aliases_of(conn, business)
    return Recalled(
        memory=Memory(
            version=version_of(job),
            begun=None if begun is None else begun[1],
            journeys=journeys.load(conn, business, job.name),
            done=done,
            stuck=stuck,
            marks=journeys.marks_of(conn, business, job.name),
            aliases=aliases,
            silenced=_silenced(conn, runtime, job, mirror),
            greeted=_greeted(conn, runtime, job, aliases),
            dated={row: _dated(link) for row, link in made.items()},
        ),
        made=made,
        said=mails.said_by(conn, business, job.name),
    )


def _dated(link: Link) -> datetime:
    """The appointment that it was set up for; long ago where there was none, so that it follows the first one."""
    at = link.values.get("appointment")
    return at if isinstance(at, datetime) else datetime(1970, 1, 1, tzinfo=UTC)


def _ledger(conn: Connection, business: str, job: str) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """What was done or may have been, and what was given up, by its key -> when.

    What was begun to be set up and cut short is in neither: it is planned again, and looked for first. A mail that was
    cut short may have gone out, and a link may have been made.
    """
    columns = (
        ledger.c.key,
        ledger.c.kind,
        ledger.c.state,
        ledger.c.attempts,
        ledger.c.started_at,
        ledger.c.finished_at,
    )
    done: dict[str, datetime] = {}
    stuck: dict[str, datetime] = {}
    for row in conn.execute(select(*columns).where(ledger.c.business == business, ledger.c.job == job)):
        if row.state in ("done", "uncertain") or (row.state == "started" and row.kind in post.UNSEEN):
            done[row.key] = row.finished_at or row.started_at
        elif row.state == "failed" and row.attempts >= GIVE_UP:
            stuck[row.key] = row.finished_at or row.started_at
    return done, stuck


def _silenced(conn: Connection, runtime: Runtime, job: OnboardingJob, mirror: Mirror) -> frozenset[str]:
    """Addresses that unsubscribed, that a server refused, or whose mails came back."""
    sent = mails.since(conn, runtime.key, runtime.now() - LOOK_BACK, job.name)
    found = {address for address, _ in unsubscribed.listing(conn, runtime.key)}
    found |= set(mails.refusals(conn, runtime.key)) | bounced(runtime.key, mirror, sent)
    return frozenset(normalised(address) for address in found)


def _greeted(
    conn: Connection, runtime: Runtime, job: OnboardingJob, aliases: Mapping[str, str]
) -> Mapping[str, frozenset[str]]:
    """Person -> the steps and texts that were sent to her in journeys of other offers."""
    found: dict[str, set[str]] = {}
    for other in runtime.jobs.values():
        if not isinstance(other, OnboardingJob) or other.name == job.name:
            continue
        done, _ = _ledger(conn, runtime.key, other.name)
        theirs = journeys.load(conn, runtime.key, other.name)
        for key in done:
            parts = key.removeprefix(f"{other.name}/").split("/")
            journey = theirs.get(parts[0])
            if journey is not None and len(parts) > 1:
                found.setdefault(person_of(journey.person, aliases), set()).update(_sent(journey, parts[1]))
    return {person: frozenset(names) for person, names in found.items()}


def _sent(journey: Journey, name: str) -> set[str]:
    """The step of that name and its text, where it sends one."""
    texts = {step.send for step in journey.job.steps if step.name == name and step.send is not None}
    return {name, *texts} if texts else set()
