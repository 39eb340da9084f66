"""Answers about tasks, carried out: a task ticked off or given to somebody else, at its provider, by an ordinary plan.

What has become pointless meanwhile (done already, another date, gone) is settled with a note instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection

from hub.core.errors import HubError
from hub.core.kinds import Kind
from hub.core.types import Collection, Property, Record, Ref, Row, Value
from hub.engine.made import Home
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob, Watch
from hub.planning.alerts.answer_values import NotWritableError, assigned, ticked
from hub.planning.alerts.answer_values import say as say_
from hub.planning.alerts.steps import due_text
from hub.planning.alerts.tasks import kind_of
from hub.planning.alerts.types import Task
from hub.planning.history import Mirror
from hub.planning.plan import Action, FieldChange
from hub.planning.sync_ends import value_of, with_values
from hub.store import answers, changes, ledger, mirror
from hub.store.answers import AnswerRow, State

ATTEMPTS = 3
"""How often a provider may refuse an answer before it is given up."""
UNSEEN = timedelta(days=7)
"""For so long an answer waits for a task that is there and cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """An answer that becomes an action: the row as the destination takes it, and the record as it is then."""

    answer: AnswerRow
    action: Action
    row: Row
    home: Home
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What answers come to: actions by ledger key, answers that are settled without one, and what went wrong."""

    todo: Mapping[str, Todo] = field(default_factory=dict)
    settled: Sequence[tuple[AnswerRow, State, str]] = ()
    notes: Sequence[str] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """For the plan, in the order in which the answers were given."""
        return tuple(each.action for each in self.todo.values())

    @property
    def tasks(self) -> frozenset[str]:
        """Tasks that are about to change: there is nothing to say of them until that is done."""
        return frozenset(each.answer.task for each in self.todo.values())

    @property
    def expected(self) -> dict[tuple[str, str], bool]:
        """(collection, row) of changes that a person asked for, which are never abnormal (`hub.planning.diff.hold`)."""
        return {(action.collection, action.row): True for action in self.actions}

    @property
    def homes(self) -> dict[str, Home]:
        """Collection -> where it is."""
        return {each.action.collection: each.home for each in self.todo.values()}


def actions_of(
    conn: Connection,
    runtime: Runtime,
    job: DeadlineJob,
    waiting: Sequence[AnswerRow],
    tasks: Mapping[str, Task],
    seen: Mirror,
) -> Worked:
    """What the answers that wait come to. `tasks`: those that the job watches, by id; `seen`: the mirror."""
    todo: dict[str, Todo] = {}
    settled: list[tuple[AnswerRow, State, str]] = []
    notes: list[str] = []
    last = {(one.task, one.what): one.id for one in waiting}
    for answer in waiting:
        if answer.what not in ("done", "reassign"):
            continue
        task = tasks.get(answer.task)
        why = _pointless(conn, runtime, answer, task)
        if why is not None:
            settled.append((answer, *why))
        elif last[answer.task, answer.what] != answer.id:
            if answer.what == "reassign":
                settled.append((answer, "refused", _say(runtime, "overtaken")))
        elif task is not None:
            try:
                one = _todo(conn, runtime, job, answer, task, seen)
            except NotWritableError as error:
                settled.append((answer, "refused", str(error)))
            except HubError as error:  # the other answers and the mails do not wait for this provider
                notes.append(_say(runtime, "waits", title=task.title, why=error))
            else:
                todo[one.action.key] = one
    return Worked(todo=todo, settled=settled, notes=notes)


def key_of(job: str, answer: AnswerRow) -> str:
    """The ledger key of what an answer does."""
    return f"{job}/answer/{answer.id}"


def remember(conn: Connection, runtime: Runtime, worked: Worked, action: Action) -> bool:
    """Note that an action was done, in the transaction that notes it in the ledger; False: it is none of ours.

    The mirror has it at once, so that nothing is said of it any more; the provider's own word comes by being read.
    """
    done = worked.todo.get(action.key)
    if done is None:
        return False
    now, home, record = runtime.now(), done.home.connection, done.record
    answers.give(conn, runtime.key, done.answer)
    answers.settle(conn, runtime.key, done.answer.id, "done", None, now)
    mirror.put(conn, runtime.key, home, [record], now)
    changes.ring(conn, runtime.key, home, [(record.stream, record.key)], now)
    return True


def settle(conn: Connection, runtime: Runtime, worked: Worked, given: Iterable[AnswerRow] = ()) -> None:
    """Keep the answers that came by replies, and settle what came to nothing. At the end of a plan."""
    for answer in given:
        answers.give(conn, runtime.key, answer)
    for answer, state, note in worked.settled:
        answers.settle(conn, runtime.key, answer.id, state, note, runtime.now())


def _pointless(conn: Connection, runtime: Runtime, answer: AnswerRow, task: Task | None) -> tuple[State, str] | None:
    """Why there is nothing to do, or nothing any more."""
    if task is None:
        where = (*answer.task.split("/", 2), "", "")[:3]
        record = mirror.get(conn, runtime.key, *where)
        there = record is not None and not record.deleted and runtime.now() - answer.given_at < UNSEEN
        return None if there else ("refused", _say(runtime, "gone"))
    if task.done:
        return ("done" if answer.what == "done" else "refused"), _say(runtime, "already_done")
    if due_text(task.due) != answer.due:
        return "refused", _say(runtime, "moved")
    entry = ledger.entry(conn, runtime.key, key_of(answer.job, answer))
    if entry is not None and entry.state == "failed" and entry.attempts >= ATTEMPTS:
        return "refused", entry.error or "—"
    return _hers(runtime, answer, task) if answer.what == "reassign" else None


def _hers(runtime: Runtime, answer: AnswerRow, task: Task) -> tuple[State, str] | None:
    person = runtime.business.people.get(answer.value)
    if person is None:
        return "refused", _say(runtime, "nobody", who=answer.value)
    if task.assignees == (answer.value,) and not task.strangers:
        return "done", _say(runtime, "already_hers", who=person.name)
    return None


def _todo(conn: Connection, runtime: Runtime, job: DeadlineJob, answer: AnswerRow, task: Task, seen: Mirror) -> Todo:
    record = mirror.get(conn, runtime.key, task.connection, task.stream, task.key)
    watch = None if record is None else _watch(job, task, record, seen)
    if record is None or watch is None:
        raise NotWritableError(_say(runtime, "gone"))
    kind = runtime.specs[task.connection].kinds.get(task.stream)
    place = task.place or task.stream
    table = Collection(name=place, kind="table")
    there: Sequence[Property] = ()
    if kind != "task" and task.place_id is not None:
        there = runtime.columns(task.connection, table, Ref(task.place_id))
    if answer.what == "done":
        values = _spelled(ticked(watch, kind, there, runtime.business), there, task, seen)
    else:
        values = assigned(watch, kind, there, runtime.business, task.connection, answer.value)
    home = f"{task.connection} › {place}"
    used = tuple(one for one in there if one.name in values)
    return Todo(
        answer=answer,
        action=Action(
            key=key_of(job.name, answer),
            kind="update",
            collection=home,
            row=task.key,
            ref=Ref(task.key),
            changes=tuple(FieldChange(name, value_of(record, name, kind)[1], new) for name, new in values.items()),
            why=_why(runtime, answer),
            title=task.title,
        ),
        row=Row(key="", values=values, ref=Ref(task.key)),
        home=Home(connection=task.connection, collection=replace(table, properties=used)),
        record=_after(record, values, used, kind),
    )


def _watch(job: DeadlineJob, task: Task, record: Record, seen: Mirror) -> Watch | None:
    """The line of the mapping by which the task is watched: the first, as it is when tasks are read."""
    for watch in job.watch:
        right = watch.connection == task.connection and seen.kinds.get((task.connection, task.stream)) == kind_of(watch)
        if right and seen.stands_in(record, watch.connection, watch.thing):
            return watch
    return None


def _spelled(values: dict[str, Value], there: Sequence[Property], task: Task, seen: Mirror) -> dict[str, Value]:
    """Options as people spell them in other rows: of a select, nobody says which there are, and a new one is made."""
    loose = {one.name for one in there if one.kind == "select" and one.options is None} & set(values)
    for record in seen.view.records(task.connection, task.stream) if loose else ():
        held = record.fields.get("properties")
        for name in loose:
            word = held.get(name) if isinstance(held, Mapping) else None
            if isinstance(word, str) and word.casefold() == str(values[name]).casefold():
                values = {**values, name: word}
    return values


def _after(record: Record, values: Mapping[str, Value], used: Sequence[Property], kind: Kind | None) -> Record:
    """The record once it is written. The group of a status, where the record says it, is that of its option."""
    after = with_values(record, values, kind)
    groups = record.fields.get("groups")
    if not isinstance(groups, Mapping):
        return after
    new = {one.name: one.groups.get(str(values[one.name])) for one in used if one.kind == "status"}
    return replace(after, fields={**after.fields, "groups": {**groups, **new}})


def _why(runtime: Runtime, answer: AnswerRow) -> str:
    person = runtime.business.people.get(answer.reader)
    return _say(runtime, f"why_{answer.what}_{answer.via}", who=answer.reader if person is None else person.name)


def _say(runtime: Runtime, name: str, **parts: object) -> str:
    return say_(runtime.business.language, name, **parts)
