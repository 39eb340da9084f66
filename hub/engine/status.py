"""How the hub is, told from our own tables and not from what ought to run (R10). Silence is a fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection

from hub.engine.receivers import Configured
from hub.engine.status_clients import client_figures, client_reasons
from hub.engine.status_models import (
    BlindStatus,
    BusinessStatus,
    ConnectionStatus,
    HeldPlan,
    HubStatus,
    JobStatus,
    Reason,
    RunStatus,
    Word,
    WorkerStatus,
)
from hub.store import changes, connections, dead, jobs, ledger, plans, runs, subscriptions, windows, workers
from hub.store.changes import Waiting
from hub.store.connections import ConnectionState
from hub.store.database import Store
from hub.store.jobs import JobState
from hub.store.plans import SavedPlan
from hub.store.runs import Run
from hub.store.subscriptions import SubscriptionRow
from hub.store.windows import BlindWindow

SILENT_AFTER = timedelta(hours=26)
"""Every connection is read at least once a day; two hours are for a slow night."""
WAITING_TOO_LONG = timedelta(minutes=5)
WORKER_GONE_AFTER = timedelta(seconds=60)
WEB = "web"
"""The kind under which web processes give their sign of life: they receive, but do no work."""


def status(store: Store, configured: Sequence[Configured], now: datetime, faults: Sequence[str] = ()) -> HubStatus:
    """The state of the configured businesses at `now` (aware UTC), from one snapshot.

    `faults`: what is wrong with files of no business that runs.

    TransientError when the database cannot be read.
    """
    with store.read() as conn:
        alive = tuple(
            WorkerStatus(owner=owner, kind=kind, last_heartbeat=at, started_at=started_at)
            for owner, kind, at, started_at in workers.beats(conn)
        )
        common = worker_reasons(alive, now)
        beat = _newest_beat(alive)
        businesses = tuple(_business(conn, one, common, beat, now) for one in configured)
    own = tuple(
        Reason(level=reason.level, text=f"{business.title}: {reason.text}")
        for business in businesses
        for reason in business.reasons
        if reason not in common
    )
    everywhere = (*common, *(_fault(text) for text in faults))
    return HubStatus(
        at=now, word=_word(everywhere + own), reasons=everywhere + own, workers=alive, businesses=businesses
    )


def worker_reasons(alive: Sequence[WorkerStatus], now: datetime) -> tuple[Reason, ...]:
    """One reason when no worker gave a sign of life within the last minute: then nothing is read or written."""
    beat = _newest_beat(alive)
    if beat is None:
        return (_fault("No worker has ever run: deliveries are kept, but nothing is read or written. Start `hub up`."),)
    if now - beat > WORKER_GONE_AFTER:
        return (
            _fault(
                f"No worker has given a sign of life for {_span(now - beat)}: deliveries are kept, "
                "but nothing is read or written. Start `hub up`, or look into the worker's log."
            ),
        )
    return ()


def _newest_beat(alive: Sequence[WorkerStatus]) -> datetime | None:
    return max((worker.last_heartbeat for worker in alive if worker.kind != WEB), default=None)


def _business(
    conn: Connection, one: Configured, common: tuple[Reason, ...], beat: datetime | None, now: datetime
) -> BusinessStatus:
    states = {state.connection: state for state in connections.listing(conn, one.business)}
    waiting = changes.waiting(conn, one.business)
    letters = dead.count(conn, one.business)
    ours = subscriptions.by_connection(conn, one.business)
    blind = windows.last(conn, one.business)
    shown = tuple(
        _connection(
            name,
            connector,
            state=states.get(name),
            waiting=waiting.get(name),
            letters=letters.get(name, 0),
            ours=ours.get(name, ()),
            blind=blind.get(name),
            now=now,
        )
        for name, connector in one.connections.items()
    )
    turns = {state.job: state for state in jobs.listing(conn, one.business)}
    held = {plan.job: plan for plan in plans.listing(conn, one.business, "held")}
    last = _last_runs(runs.last_by_subject(conn, one.business))
    clients = client_figures(conn, one.business)
    work = tuple(_job(name, turns.get(name), held.get(name), last.get(name), clients.get(name)) for name in one.jobs)
    effects = ledger.counts(conn, one.business)
    reasons = (
        *common,
        *(_fault(text) for text in one.faults),
        *(reason for connection in shown for reason in _connection_reasons(connection, now)),
        *(reason for job in work for reason in _job_reasons(job, now)),
        *_ledger_reasons(effects.get("uncertain", 0)),
    )
    return BusinessStatus(
        business=one.business,
        title=one.title,
        word=_word(reasons),
        reasons=reasons,
        last_worker_heartbeat=beat,
        connections=shown,
        jobs=work,
        ledger=effects,
    )


def _last_runs(by_subject: Mapping[str, Run]) -> dict[str, Run]:
    """By job. One run may work for several jobs; its subject then names them all, with commas between."""
    oldest_first = sorted(by_subject.items(), key=lambda item: item[1].id)
    return {job: run for subject, run in oldest_first for job in subject.split(",")}


def _connection(
    name: str,
    connector: str,
    *,
    state: ConnectionState | None,
    waiting: Waiting | None,
    letters: int,
    ours: Sequence[SubscriptionRow],
    blind: BlindWindow | None,
    now: datetime,
) -> ConnectionStatus:
    signs = [at for at in (state.last_ok_at, state.last_delivery_at) if at is not None] if state else []
    proof = max(signs, default=None)
    word: Literal["ok", "silent", "paused", "never"]
    if state is not None and state.paused_at is not None:
        word = "paused"
    elif proof is None:
        word = "never"
    else:
        word = "silent" if now - proof > SILENT_AFTER else "ok"
    return ConnectionStatus(
        name=name,
        connector=connector,
        state=word,
        last_proof_of_life=proof,
        last_delivery=state.last_delivery_at if state else None,
        refused=state.refused if state else 0,
        refused_at=state.last_refused_at if state else None,
        refused_why=state.last_refused_why if state else None,
        paused_reason=state.paused_reason if state else None,
        waiting=waiting.count if waiting else 0,
        waiting_since=waiting.oldest if waiting else None,
        dead=letters,
        subscriptions=len(ours),
        subscriptions_seen_at=max((row.seen_at for row in ours), default=None),
        last_blind=_blind(blind) if blind is not None else None,
    )


def _blind(window: BlindWindow) -> BlindStatus:
    return BlindStatus(
        began_at=window.began_at, ended_at=window.ended_at, why=window.why, reconciled_at=window.reconciled_at
    )


def _job(
    name: str,
    state: JobState | None,
    held: SavedPlan | None,
    last: Run | None,
    clients: Mapping[str, Decimal | None] | None,
) -> JobStatus:
    dirty = state is not None and state.dirty_seq > state.planned_seq
    word: Literal["ok", "waiting", "held", "failing", "paused", "never"]
    if state is not None and state.paused_at is not None:
        word = "paused"
    elif held is not None:
        word = "held"
    elif state is not None and state.last_error:
        word = "failing"
    elif dirty:
        word = "waiting"
    else:
        word = "ok" if state is not None and state.last_ok_at is not None else "never"
    return JobStatus(
        name=name,
        state=word,
        last_ok=state.last_ok_at if state else None,
        last_run=_run(last) if last else None,
        waiting_since=state.dirty_at if state is not None and dirty else None,
        held_plan=HeldPlan(id=held.id, reason=held.reason) if held else None,
        last_error=state.last_error if state else None,
        paused_reason=state.paused_reason if state else None,
        clients=clients,
    )


def _run(run: Run) -> RunStatus:
    return RunStatus(
        id=run.id,
        name=run.name,
        state=run.state,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=run.counts,
        error=run.error,
    )


def _connection_reasons(connection: ConnectionStatus, now: datetime) -> list[Reason]:
    name, reasons = connection.name, []
    if connection.state == "paused":
        reasons.append(_attention(f"{name} is paused: {connection.paused_reason or 'no reason was given'}"))
    elif connection.state == "never":
        reasons.append(_attention(f"{name} has never answered and never called. Run `hub check`."))
    elif connection.state == "silent" and connection.last_proof_of_life is not None:
        silence = _span(now - connection.last_proof_of_life)
        reasons.append(_fault(f"{name} has given no sign of life for {silence}. Run `hub check`."))
    since = connection.waiting_since
    # What waits at a paused connection waits for a person, and the pause says so already.
    if since is not None and connection.state != "paused" and now - since > WAITING_TOO_LONG:
        what = "1 change waits" if connection.waiting == 1 else f"{connection.waiting} changes wait"
        reasons.append(_fault(f"{what} at {name}, the oldest for {_span(now - since)}."))
    blind = connection.last_blind
    if blind is not None and blind.reconciled_at is None:
        times = f"from {blind.began_at:%Y-%m-%d %H:%M} to {blind.ended_at:%Y-%m-%d %H:%M} UTC"
        text = f"{name} was not heard {times} ({blind.why}), and what was missed is not read yet. Run `hub listen`."
        reasons.append(_attention(text))
    if connection.dead:
        what = "1 dead letter" if connection.dead == 1 else f"{connection.dead} dead letters"
        reasons.append(_attention(f"{what} at {name}: could not be read or written, kept with the reason."))
    return reasons


def _job_reasons(job: JobStatus, now: datetime) -> list[Reason]:
    if job.state == "paused":
        return [_attention(f"{job.name} is paused: {job.paused_reason or 'no reason was given'}")]
    if job.held_plan is not None:
        why = job.held_plan.reason or "no reason was given"
        return [_attention(f"{job.name}: plan {job.held_plan.id} is held and waits for your decision: {why}")]
    reasons = [_attention(f"{job.name}: {text}") for text in client_reasons(job.clients or {})]
    if job.last_error:
        reasons.append(_attention(f"{job.name} failed last time: {job.last_error}"))
    if job.waiting_since is not None and now - job.waiting_since > WAITING_TOO_LONG:
        reasons.append(_fault(f"{job.name} has been waiting for its turn for {_span(now - job.waiting_since)}."))
    return reasons


def _ledger_reasons(uncertain: int) -> list[Reason]:
    if not uncertain:
        return []
    what = "1 effect is" if uncertain == 1 else f"{uncertain} effects are"
    return [_attention(f"{what} uncertain: the hub cannot know whether it happened. Answer `hub uncertain`.")]


def _word(reasons: Sequence[Reason]) -> Word:
    if any(reason.level == "fault" for reason in reasons):
        return "fault"
    return "attention" if reasons else "ok"


def _fault(text: str) -> Reason:
    return Reason(level="fault", text=text)


def _attention(text: str) -> Reason:
    return Reason(level="attention", text=text)


def _span(span: timedelta) -> str:
    """2 days, 3 hours, 7 minutes, 40 seconds: the largest unit of which there are at least two."""
    seconds = int(span.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
