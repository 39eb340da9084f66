"""What the morning brief tells of each business, gathered from the store.

Each business is read by itself: what goes wrong with one is a line about that one, and changes nothing for the others
(R9).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection

from hub.core.errors import HubError
from hub.engine import welcomed
from hub.engine.receivers import Configured
from hub.engine.runtime import Runtime
from hub.engine.status import WAITING_TOO_LONG, status
from hub.engine.status_models import BusinessStatus, ConnectionStatus, JobStatus
from hub.mapping.deadline_job import DeadlineJob, Sending
from hub.mapping.jobs import BriefJob
from hub.mapping.model import OBM
from hub.planning import inverse
from hub.planning.alerts import readers
from hub.planning.alerts.tasks import tasks_of
from hub.planning.alerts.types import Reader, Task
from hub.planning.brief_facts import Blind, BusinessFacts, Dead, Held, Stop, Trouble, Unsure
from hub.planning.brief_tasks import late_of, notes_of
from hub.planning.history import Mirror
from hub.planning.plan import loads
from hub.store import connections, dead, ledger, mails, plans, windows
from hub.store.ledger import Entry
from hub.store.plans import SavedPlan

log = logging.getLogger("hub.brief")

KIND = "brief"
"""The kind of the brief among the mails."""

DECIDE = "https://hub.invalid/decide/"
"""Before business, job and plan: where the address that acts for the OBM will stand. It is made when the mail goes out,
so that no plan that is saved or shown lets anybody act for her."""

MOST_UNSURE = 5
"""Uncertain effects of one business that are told one by one."""


def reader_of(runtime: Runtime, now: datetime, short: str = OBM) -> Reader:
    """The OBM, as the home of her brief knows her: her mails go within the hours of its first deadlines file."""
    return readers.reader_of(short, runtime.business.people[short], runtime.business, _sending(runtime), now)


def gather(runtime: Runtime, job: BriefJob, reader: Reader, since: datetime) -> tuple[list[BusinessFacts], list[str]]:
    """The facts of each business that the job speaks of, and what is wrong with files of none.

    `since`: from when on mails and gaps are told. Raises nothing for a business that cannot be read.
    """
    whole, found = runtime.whole(), []
    for key, title in job.businesses:
        try:
            configured, other = whole.businesses[key]
            found.append(_facts(configured, other, reader, since, job if key == runtime.key else None))
        except HubError as error:
            found.append(BusinessFacts(key=key, title=title, unread=str(error)))
        except Exception as error:
            # Whatever it is, the other businesses' brief goes out.
            log.exception("%s: the brief could not read it", key)
            found.append(BusinessFacts(key=key, title=title, unread=type(error).__name__))
    return found, list(whole.faults)


def _facts(
    configured: Configured, runtime: Runtime, reader: Reader, since: datetime, own: BriefJob | None
) -> BusinessFacts:
    now = runtime.now()
    people = _people(runtime, now)
    (state,) = status(runtime.store, [configured], now).businesses
    with runtime.store.read() as conn:
        tasks, unread = _tasks(runtime, conn)
        unsure = ledger.listing(conn, runtime.key, "uncertain", MOST_UNSURE)
        held = plans.listing(conn, runtime.key, "held")
        letters = dead.listing(conn, runtime.key)
        offers = welcomed.offers(conn, runtime)
        gaps = windows.since(conn, runtime.key, since)
        sent = sum(mail.kind != KIND for mail in mails.since(conn, runtime.key, since))
        refused = mails.refusals(conn, runtime.key)
        paused = {one.connection: one.paused_at for one in connections.listing(conn, runtime.key)}
    jobs = [job for job in state.jobs if own is None or job.name != own.name]
    watched = any(isinstance(job, DeadlineJob) for job in runtime.jobs.values())
    return BusinessFacts(
        key=runtime.key,
        title=runtime.business.business,
        faults=(*configured.faults, *unread),
        held=tuple(_held(runtime, plan) for plan in held),
        unsure=tuple(_unsure(entry) for entry in unsure),
        unsure_count=state.ledger.get("uncertain", 0),
        stops=tuple(chain.from_iterable(_stops(runtime, one, paused.get(one.name), now) for one in state.connections)),
        troubles=tuple(trouble for job in jobs if (trouble := _trouble(job, now)) is not None),
        dead=_dead(state, letters),
        notes=notes_of(tasks, people, refused),
        late=late_of(tasks, people, reader, now),
        blind=tuple(_blind(runtime, gap) for gap in gaps),
        mails=sent,
        connections=len(state.connections),
        jobs=len(jobs),
        tasks=sum(not task.done for task in tasks) if watched else None,
        offers=offers,
    )


def _sending(runtime: Runtime) -> Sending:
    """As the first deadlines file of the business says, or as one says that says nothing."""
    return next((job.sending for job in runtime.jobs.values() if isinstance(job, DeadlineJob)), Sending())


def _people(runtime: Runtime, now: datetime) -> dict[str, Reader]:
    business, sending = runtime.business, _sending(runtime)
    return {key: readers.reader_of(key, one, business, sending, now) for key, one in business.people.items()}


def _tasks(runtime: Runtime, conn: Connection) -> tuple[list[Task], list[str]]:
    """Every task that a deadlines file watches, once, and what could not be read of them."""
    jobs = [job for job in runtime.jobs.values() if isinstance(job, DeadlineJob)]
    found: dict[str, Task] = {}
    notes: list[str] = []
    if jobs:
        mirror = _mirror(runtime, conn, jobs)
        for job in jobs:
            read = tasks_of(job, runtime.business, mirror)
            found |= {task.id: task for task in read.found}
            notes += read.notes
    return list(found.values()), list(dict.fromkeys(notes))


def _mirror(runtime: Runtime, conn: Connection, jobs: Iterable[DeadlineJob]) -> Mirror:
    """The mirror, with the ids of what the files name as far as they are known without asking a provider."""
    named = {(where, name) for job in jobs for where, name in job.follows if runtime.is_open(where)}
    return Mirror(
        view=runtime.view(conn),
        kinds={(name, stream): kind for name, spec in runtime.specs.items() for stream, kind in spec.kinds.items()},
        ids={(where, name): runtime.thing(where, name) for where, name in sorted(named)},
    )


def _held(runtime: Runtime, plan: SavedPlan) -> Held:
    """What takes back a run is decided on with a command only: no job asks for the answer."""
    asks = runtime.web is not None and plan.job in runtime.jobs and loads(plan.body).undoes is None
    link = f"{DECIDE}{runtime.key}/{plan.job}/{plan.id}" if asks else None
    return Held(job=plan.job, plan=plan.id, why=plan.reason or "", link=link)


def _unsure(entry: Entry) -> Unsure:
    """An effect in words: for a mail its subject and whose it is."""
    done = inverse.done(entry.key, entry.kind, entry.summary, entry.ref, entry.run)
    subject = next((str(change.new) for change in done.changes or () if change.name == "subject"), None)
    what = done.name if entry.kind != "send" or subject is None else f"mail « {subject} » › {done.title or done.row}"
    return Unsure(job=entry.job, what=what, since=entry.started_at)


def _stops(runtime: Runtime, one: ConnectionStatus, paused_at: datetime | None, now: datetime) -> Iterable[Stop]:
    title = runtime.specs[one.name].title if one.name in runtime.specs else one.name
    if one.state == "paused":
        yield Stop(connection=one.name, title=title, state="paused", why=one.paused_reason, since=paused_at)
        return
    # One that only sends mails is silent while there is none to be sent.
    if one.state in ("silent", "never") and not _only_sends(runtime, one.name):
        yield Stop(connection=one.name, title=title, state=one.state, since=one.last_proof_of_life)
    since = one.waiting_since
    if since is not None and now - since > WAITING_TOO_LONG:
        yield Stop(connection=one.name, title=title, state="behind", since=since, changes=one.waiting)


def _only_sends(runtime: Runtime, connection: str) -> bool:
    spec = runtime.specs.get(connection)
    return spec is not None and "mails" in spec.can and connection not in runtime.sources()


def _trouble(job: JobStatus, now: datetime) -> Trouble | None:
    if job.state == "paused":
        return Trouble(job=job.name, state="paused", why=job.paused_reason)
    if job.held_plan is not None:
        return None
    if job.last_error:
        return Trouble(job=job.name, state="failing", why=job.last_error)
    if job.waiting_since is not None and now - job.waiting_since > WAITING_TOO_LONG:
        return Trouble(job=job.name, state="waiting", since=job.waiting_since)
    return None


def _dead(state: BusinessStatus, letters: Iterable[dead.DeadLetter]) -> tuple[Dead, ...]:
    newest: Mapping[str, str] = {letter.connection: letter.reason for letter in reversed(list(letters))}
    return tuple(
        Dead(connection=one.name, count=one.dead, why=newest.get(one.name, "")) for one in state.connections if one.dead
    )


def _blind(runtime: Runtime, gap: windows.BlindWindow) -> Blind:
    return Blind(
        title=runtime.specs[gap.connection].title if gap.connection in runtime.specs else gap.connection,
        began=gap.began_at,
        ended=gap.ended_at,
        why=gap.why,
        healed=gap.reconciled_at,
        reread=gap.reread,
    )
