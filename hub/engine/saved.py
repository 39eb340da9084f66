"""Saving a plan for a person to decide on, and seeing what moved since."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.engine.runtime import Runtime
from hub.planning.plan import Action, FieldChange, Plan, digest, dumps, loads
from hub.store import plans


def save(runtime: Runtime, plan: Plan) -> str:
    """Keep a plan for a person to decide on; returns its id."""
    with runtime.store.write() as conn:
        return plans.save(
            conn,
            runtime.key,
            plan.job,
            digest(plan),
            dumps(plan),
            "held" if plan.held else "saved",
            plan.held,
            runtime.now(),
        )


def dropped(runtime: Runtime, plan: Plan) -> str | None:
    """The id under which a person dropped this very plan; None when nobody did, or it was asked for again since."""
    with runtime.store.read() as conn:
        last = plans.newest(conn, runtime.key, plan.job, digest(plan))
    return last.id if last is not None and last.state == "dropped" else None


def supersede(conn: Connection, runtime: Runtime, job: str, kept: str | None, why: str) -> None:
    """The held plans of a job, besides `kept`, fit the world no more. One that takes back a run waits on."""
    for plan in plans.listing(conn, runtime.key, "held"):
        if plan.job == job and plan.id != kept and loads(plan.body).undoes is None:
            plans.set_state(conn, plan.id, "stale", why, runtime.now())


def moved(old: Plan, new: Plan) -> tuple[str, ...]:
    """What differs between a saved plan and the one that would be made now, a line for each thing that moved."""
    before = {_where(action): action for action in old.actions}
    after = {_where(action): action for action in new.actions}
    lines = []
    for where in sorted(before.keys() | after.keys()):
        was, now = before.get(where), after.get(where)
        name = " / ".join(part for part in where if part)
        if was == now:
            continue
        if was is None:
            lines.append(f"{name}: would now change too")
        elif now is None:
            lines.append(f"{name}: needs no change any more")
        else:
            lines.extend(_moved_fields(name, was, now))
    return tuple(lines)


def _where(action: Action) -> tuple[str, ...]:
    """What an action is about: a row of a collection, or one of the mails that somebody gets."""
    return (action.collection, action.row, action.key) if action.kind == "send" else (action.collection, action.row)


def _moved_fields(name: str, was: Action, now: Action) -> list[str]:
    before = {change.name: change for change in was.changes}
    after = {change.name: change for change in now.changes}
    lines = [
        f"{name} · {field}: the plan said {_show(before.get(field))}, now it would be {_show(after.get(field))}"
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    ]
    return lines or [f"{name}: written in between"]


def _show(change: FieldChange | None) -> str:
    return "no change" if change is None else f"{change.old} → {change.new}"
