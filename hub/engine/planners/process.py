"""The process page between what the files say and what our links say of the page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from hub.engine import target
from hub.engine.made import Home, Made
from hub.engine.runtime import Runtime
from hub.mapping.jobs import ProcessJob
from hub.planning.diff import diff
from hub.planning.explain import explain
from hub.planning.explain.business import page_title
from hub.planning.plan import Plan
from hub.planning.process import desired


def make(runtime: Runtime, job: ProcessJob, notes: Sequence[str]) -> Made:
    """What would make the page say what the files say. Never held: it changes with them, and archives nothing."""
    business, now = runtime.business, runtime.now()
    with runtime.store.read() as conn:
        before = target.known(conn, runtime.key, job.name)
    title = job.title or page_title(business)
    sections = explain(business, job.explained, business.language)
    today = now.astimezone(business.zone).date()
    wanted = (desired(title, sections, before.get(title), today, business.language),)
    return Made(
        plan=Plan(
            business=runtime.key,
            job=job.name,
            at=now,
            actions=diff(runtime.key, job.name, wanted, before, business.language),
            notes=tuple(notes),
        ),
        known=before,
        homes={title: Home(connection=job.connection, collection=wanted[0].collection)},
        row=partial(target.row, before),
        remember=partial(target.remember, runtime, job.name),
        settle=_nothing,
        desired=wanted,
    )


def look(runtime: Runtime, job: ProcessJob, made: Made) -> Sequence[str]:
    """Read the page and bring our links up to date with it."""
    return target.look(runtime, job.name, runtime.destination(job.connection), made.desired).notes


def _nothing(conn: Connection) -> None:
    """The page is all there is to it."""
