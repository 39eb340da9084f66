"""Deadline alerts of a large office, planned whole: a morning of 50,000 open tasks and 200 people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.planning.alerts.plan import plan_alerts
from hub.planning.alerts.types import Memory, Task
from tests.bench.rig import Rig

TASKS, PEOPLE = 50_000, 200
MORNING = datetime(2027, 3, 8, 7, 30, tzinfo=UTC)
"""A Monday, 08:30 in Paris."""


def alerts(_: Rig) -> Iterator[tuple[str, str]]:
    """How long the plan of a morning takes, and of the quiet minute after it."""
    business, job, tasks = _office()
    began = MORNING - timedelta(hours=1)
    started = time.perf_counter()
    planned = plan_alerts(job, business, tasks, Memory(round=MORNING), MORNING)
    seconds = time.perf_counter() - started
    yield f"{TASKS} open tasks and {PEOPLE} people: a morning's plan", f"{seconds:.1f} s, {len(planned.mails)} mails"
    said = frozenset(key for mail in planned.mails for key in mail.covers)
    memory = Memory(said=said, round=began, sent=())
    started = time.perf_counter()
    again = plan_alerts(job, business, tasks, memory, MORNING)
    seconds = time.perf_counter() - started
    yield "the same, once all is said (target: no mail)", f"{seconds:.1f} s, {len(again.mails)} mails"


def _office() -> tuple[Business, DeadlineJob, list[Task]]:
    people = {
        f"p{number}": {"name": f"Personne {number}", "email": f"p{number}@example.com"} for number in range(PEOPLE)
    }
    people["obm"] = {"name": "Claire", "email": "claire@example.com"}
    business = Business.model_validate(
        {"hub": 1, "business": "Atelier", "key": "atelier", "holidays": "FR", "language": "fr", "people": people}
    )
    job = DeadlineJob.model_validate(
        {
            "hub": 1,
            "job": "deadline_alerts",
            "name": "deadlines",
            "says": "x",
            "watch": [{"from": "asana", "project": "Tout"}],
            "alerts": [
                {"name": "soon", "when": "3 working days before", "tell": "assignee", "by": "digest"},
                {"name": "today", "when": "on the day", "tell": "assignee", "by": "digest"},
                {"name": "late", "when": "2 working days after", "tell": ["assignee", "obm"], "by": "digest"},
            ],
        }
    )
    tasks = [
        Task(
            id=f"asana/task/{number}",
            connection="asana",
            stream="task",
            key=str(number),
            title=f"Tâche {number}",
            due=date(2027, 3, 8) + timedelta(days=number // PEOPLE % 120 - 5),
            assignees=(f"p{number % PEOPLE}",),
        )
        for number in range(TASKS)
    ]
    return business, job, tasks
