"""Deadline alerts between the mirror, what was said before, and the mails, rows and answers that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import cast

from sqlalchemy import Connection

from hub.core.errors import HubError
from hub.core.pasts import Past
from hub.core.types import Ref, Row
from hub.engine import answering, target
from hub.engine.made import Home, Made
from hub.engine.observe import read_again
from hub.engine.planners import alert_mails
from hub.engine.planners.alert_mails import BEGUN
from hub.engine.replying import Replies, bounced, take_replies
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import OBM, Business
from hub.planning.alerts import pasts as learning
from hub.planning.alerts.figures import task_figures
from hub.planning.alerts.plan import plan_alerts
from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.shown import desired_list
from hub.planning.alerts.task_figure import TaskFigure
from hub.planning.alerts.task_figure import to_values as task_lines
from hub.planning.alerts.tasks import tasks_of
from hub.planning.alerts.types import MailKind, Memory, Planned, Sent, Snooze, Task
from hub.planning.diff import diff, expectations, hold
from hub.planning.history import Mirror
from hub.planning.plan import MAIL, Action, Desired, KnownCollection, Plan, View
from hub.planning.words import instant, say
from hub.store import answers, figures, mails, pasts
from hub.store.figures import FigureRow

LOOK_BACK = timedelta(days=45)
"""How far back mails are looked at: for the week's budget, and for what was done since the last digest."""

ROUNDS = 4
"""How often what is to be said is read again at most: what was read may lead to something else to say."""


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What a plan is made from."""

    business: Business
    now: datetime
    tasks: tuple[Task, ...]
    memory: Memory
    planned: Planned
    known: Mapping[str, KnownCollection]
    unread: frozenset[str]
    worked: answering.Worked
    replies: Replies
    notes: tuple[str, ...]

    @cached_property
    def figures(self) -> tuple[TaskFigure, ...]:
        """Counted when they are first stored; a plan that is not carried out needs none."""
        return task_figures(self.business, self.tasks, self.memory.past, self.now)


def make(runtime: Runtime, job: DeadlineJob, notes: Sequence[str]) -> Made:
    """What would be said, shown and written back now."""
    return _make(runtime, job, notes, frozenset())


def look(runtime: Runtime, job: DeadlineJob, made: Made) -> Sequence[str]:
    """Read the list of tasks and bring our links up to date with it."""
    if job.show_in is None:
        return ()
    return target.look(runtime, job.name, runtime.destination(job.show_in.connection), made.desired).notes


def fresh(runtime: Runtime, job: DeadlineJob, made: Made) -> Made:
    """The plan again, after each task in its mails was read once more; a task whose source is silent waits."""
    asked: set[str] = set()
    silent: dict[str, str] = {}
    for _ in range(ROUNDS):
        wanted = [task for task in made.reread if task not in asked]
        if not wanted:
            break
        asked.update(wanted)
        silent |= _read_again(runtime, wanted)
        made = _make(runtime, job, made.looked, frozenset(silent))
    if silent:
        said = "; ".join(sorted(set(silent.values())))
        made = replace(made, behind=f"{len(silent)} tasks could not be read again and are not in the mails: {said}")
    return made


def _read_again(runtime: Runtime, tasks: Sequence[str]) -> Mapping[str, str]:
    """Read these tasks and put them into the mirror. Task -> why it could not be read."""
    waiting = {}
    for task in tasks:
        connection, stream, key = task.split("/", 2)
        waiting[task] = runtime.pool(connection).submit(read_again, runtime, connection, stream, key)
    silent: dict[str, str] = {}
    for task, future in waiting.items():
        try:
            future.result()
        except HubError as error:
            silent[task] = str(error)
    return silent


def _make(runtime: Runtime, job: DeadlineJob, notes: Sequence[str], without: frozenset[str]) -> Made:
    """The plan of now. `without`: tasks of which nothing is said this time."""
    now, business = runtime.now(), runtime.business
    seen = _see(runtime, job, without)
    desired = _desired(job, runtime, seen)
    rows = diff(runtime.key, job.name, desired, seen.known, business.language)
    sends = {mail.key: mail for mail in (*seen.planned.mails, *seen.replies.forwards)}
    actions = (*rows, *seen.worked.actions, *(alert_mails.action_of(runtime, mail) for mail in sends.values()))
    ordinary = {**expectations(desired), **seen.worked.expected}
    held = hold(actions, seen.known, business.safety, ordinary, business.language)
    if held is None and not seen.memory.begun and job.sending.first_run == "ask" and sends:
        held = say(business.language, "held_first")
    homes = {each.collection.name: Home(connection=_shown(job), collection=each.collection) for each in desired}
    return Made(
        plan=Plan(
            business=runtime.key,
            job=job.name,
            at=now,
            actions=actions,
            held=held,
            notes=(*seen.notes, *seen.planned.notes, *_waiting(runtime, seen.planned), *notes),
        ),
        # Where nothing is shown there is nothing to be looked for before the first mail.
        known=seen.known if desired else {MAIL: KnownCollection(ref=None, rows={})},
        homes={**homes, **seen.worked.homes},
        row=partial(_row, seen),
        remember=partial(_remember, runtime, job, seen),
        settle=partial(_settle, runtime, job, seen),
        # Also before the first call: what is known of the tasks does not wait for a target that is away.
        expect=partial(_settle, runtime, job, seen),
        desired=desired,
        looked=tuple(notes),
        post=None if runtime.mail is None else alert_mails.post_of(runtime, job.name, runtime.mail, sends),
        reread=seen.planned.reread,
        ahead=partial(_ahead, runtime, job, seen) if seen.planned.waiting and runtime.mail is not None else None,
    )


def _ahead(runtime: Runtime, job: DeadlineJob, seen: _Seen) -> Plan:
    """The mails that wait for their slots, as they would be if nothing changed until then."""
    language, zone = runtime.business.language, runtime.business.zone
    actions: list[Action] = []
    for at in sorted({at for _, at in seen.planned.waiting}):
        readers = {reader for reader, slot in seen.planned.waiting if slot == at}
        planned = plan_alerts(job, runtime.business, seen.tasks, replace(seen.memory, round=at), at)
        when = say(language, "goes_out", when=instant(at, zone, language))
        actions += [
            replace(alert_mails.action_of(runtime, mail), why=when) for mail in planned.mails if mail.to.key in readers
        ]
    return Plan(business=runtime.key, job=job.name, at=runtime.now(), actions=tuple(actions))


def _see(runtime: Runtime, job: DeadlineJob, without: frozenset[str]) -> _Seen:
    """Everything that the plan is made from, in one look at the store."""
    now, business = runtime.now(), runtime.business
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        known = target.known(conn, runtime.key, job.name)
        seen = _mirror(runtime, job, view)
        watched = tasks_of(job, business, seen)
        before = pasts.load(conn, runtime.key, job.name)
        learned = learning.learn(before, watched.found, now, business.zone)
        memory = _memory(conn, runtime, job, learned, seen)
        replies = _replies(conn, runtime, job, seen)
        waiting = (*answers.waiting(conn, runtime.key, job.name), *replies.answers)
        by_id = {task.id: task for task in watched.found}
        worked = answering.actions_of(conn, runtime, job, waiting, by_id, seen)
    # Tools that do not say when a task was done: as it was seen.
    tasks = tuple(
        replace(task, done_at=learned[task.id].done_at) if task.done and task.done_at is None else task
        for task in watched.found
    )
    told = [task for task in tasks if task.id not in without and task.id not in worked.tasks]
    planned = plan_alerts(job, business, told, memory, now)
    return _Seen(
        business=business,
        now=now,
        tasks=tasks,
        unread=watched.unread,
        memory=memory,
        planned=planned,
        known=known,
        worked=worked,
        replies=replies,
        notes=(*watched.notes, *worked.notes, *replies.notes),
    )


def _replies(conn: Connection, runtime: Runtime, job: DeadlineJob, seen: Mirror) -> Replies:
    """Replies to the job's mails that were not taken before; what is not understood goes to the OBM."""
    if runtime.ears is None:
        return Replies()
    to = readers_of(runtime.business, job, runtime.now()).get(OBM)
    return take_replies(conn, runtime.key, job.name, seen, runtime.ears.key(), to, runtime.now())


def _mirror(runtime: Runtime, job: DeadlineJob, view: View) -> Mirror:
    return Mirror(
        view=view,
        kinds={(name, stream): kind for name, spec in runtime.specs.items() for stream, kind in spec.kinds.items()},
        ids={(where, name): runtime.thing(where, name) for where, name in job.follows},
    )


def _memory(conn: Connection, runtime: Runtime, job: DeadlineJob, past: Mapping[str, Past], mirror: Mirror) -> Memory:
    said = mails.said_by(conn, runtime.key, job.name)
    snoozed = answers.snoozes(conn, runtime.key, job.name)
    sent = mails.since(conn, runtime.key, runtime.now() - LOOK_BACK, job.name)
    return Memory(
        said=said,
        sent=tuple(Sent(reader=one.reader, kind=cast("MailKind", one.kind), at=one.at) for one in sent),
        round=mails.round_of(conn, runtime.key),
        begun=BEGUN in said,
        snoozed={where: Snooze(*snooze) for where, snooze in snoozed.items()},
        not_mine=answers.not_mine(conn, runtime.key, job.name),
        past=past,
        refused=frozenset(mails.refusals(conn, runtime.key)) | bounced(runtime.key, mirror, sent),
    )


def _desired(job: DeadlineJob, runtime: Runtime, seen: _Seen) -> tuple[Desired, ...]:
    if job.show_in is None:
        return ()
    return (desired_list(job.show_in, runtime.business, seen.tasks, seen.known, seen.unread),)


def _waiting(runtime: Runtime, planned: Planned) -> list[str]:
    """The mails that wait for their slot, a line each."""
    language = runtime.business.language
    people = runtime.business.people
    return [
        say(language, "waits", who=people[reader].name, when=instant(at, runtime.business.zone, language))
        for reader, at in planned.waiting
    ]


def _row(seen: _Seen, action: Action) -> Row:
    """The row as the destination takes it: a task at its own place, or a row of the list."""
    todo = seen.worked.todo.get(action.key)
    return target.row(seen.known, action) if todo is None else todo.row


def _remember(runtime: Runtime, job: DeadlineJob, seen: _Seen, conn: Connection, action: Action, ref: Ref) -> None:
    """Note what a done action wrote: an answer is settled, a row of the list is linked."""
    if not answering.remember(conn, runtime, seen.worked, action):
        target.remember(runtime, job.name, conn, action, ref)


def _settle(runtime: Runtime, job: DeadlineJob, seen: _Seen, conn: Connection) -> None:
    """What was learned of the tasks, what counts as said without a mail, and the figures."""
    now = runtime.now()
    pasts.put(conn, runtime.key, job.name, seen.memory.past, now)
    listed = any(mail.kind == "list" for mail in seen.planned.mails)
    quiet = (*seen.planned.quiet, *((BEGUN,) if seen.planned.begins and not listed else ()))
    mails.quiet(conn, runtime.key, job.name, quiet, now)
    answering.settle(conn, runtime, seen.worked, seen.replies.answers)
    kept = runtime.kept_figures.get(job.name, frozenset())
    figures.put(conn, runtime.key, job.name, [_stored(one, now) for one in seen.figures if one not in kept], now)
    runtime.kept_figures[job.name] = frozenset(seen.figures)


def _stored(figure: TaskFigure, now: datetime) -> FigureRow:
    return FigureRow(
        figure=figure.figure,
        period=figure.period,
        currency="",
        value=figure.value,
        unit=figure.unit,
        proof=task_lines(figure.lines),
        estimated=figure.estimated,
        counted_at=now,
    )


def _shown(job: DeadlineJob) -> str:
    """The connection of the list; "" where there is none."""
    return "" if job.show_in is None else job.show_in.connection
