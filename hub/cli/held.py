"""`hub held`: the plans that wait for a person, and her decision on one."""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.cli.opened import Say, chosen, opened
from hub.core.errors import ConfigError
from hub.planning.plan import loads
from hub.store import jobs, plans


def held(business: str | None, say: Say) -> None:
    """Prints each held plan: its id, age, what it is of, how much it would change, and why it waits."""
    with opened() as hub:
        for runtime in chosen(hub, business):
            with hub.store.read() as conn:
                waiting = plans.listing(conn, runtime.key, "held")
            if not waiting:
                say(f"{runtime.key}: no plan is held.")
            for each in waiting:
                plan = loads(each.body)
                what = each.job if plan.undoes is None else f"{each.job}, undo of run {plan.undoes}"
                count = "1 thing" if len(plan.actions) == 1 else f"{len(plan.actions)} things"
                say(f"{each.id}  {runtime.key} · {what}: {count}, held {_age(each.made_at, runtime.now())}")
                say(f"    {each.reason}")
            if waiting:
                say("`hub plan` shows each field. `hub held apply ID` does it, `hub held drop ID` decides against it.")


def drop(plan_id: str, reason: str | None, say: Say) -> None:
    """Decides against a plan. The very same one is not held again; one that differs is."""
    with opened() as hub:
        with hub.store.read() as conn:
            saved = plans.get(conn, None, plan_id)
        if saved is None or saved.business not in hub.runtimes:
            raise ConfigError(f"There is no plan {plan_id}. `hub held` lists those that wait.")
        if saved.state not in ("saved", "held"):
            raise ConfigError(f"The plan {plan_id} is {saved.state} already; `hub held` lists those that wait.")
        runtime = hub.runtimes[saved.business]
        with hub.store.write() as conn:
            plans.set_state(conn, plan_id, "dropped", reason or "no reason was given", runtime.now())
            state = next((each for each in jobs.listing(conn, runtime.key) if each.job == saved.job), None)
            if state is not None and state.hold == plan_id:
                jobs.hold(conn, runtime.key, saved.job, None)
    say(f"Dropped. {saved.job} writes nothing of it; a plan that differs is held again.")


def _age(since: datetime, now: datetime) -> str:
    span = now - since
    if span < timedelta(minutes=1):
        return "just now"
    for unit, word in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if span >= unit:
            count = span // unit
            return f"for {count} {word}{'s' if count > 1 else ''}"
    return "just now"
