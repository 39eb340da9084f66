"""Deadline alerts: who is to be told what about a task on a day. Pure.

An alert is due on one day, counted from the task's due date in working days; when that day is no working day, on the
next one that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hub.mapping.deadline_job import Alert, DeadlineJob
from hub.planning.workdays import WorkingDays

ASSIGNEE = "assignee"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """What alerts look at. `due` is a day in the business's zone; `assignees` are short names of people."""

    title: str
    due: date
    assignees: tuple[str, ...] = ()
    done: bool = False


def said_on(job: DeadlineJob, calendar: WorkingDays, task: OpenTask, today: date) -> dict[str, tuple[str, ...]]:
    """Alert -> the short names of who is told on that very day; {} on a day on which nothing is said."""
    if task.done or not calendar.works(today):
        return {}
    return {
        alert.name: told(job, alert, task)
        for alert in job.alerts
        if calendar.next_open(calendar.day_of(alert.when, task.due)) == today
    }


def told(job: DeadlineJob, alert: Alert, task: OpenTask) -> tuple[str, ...]:
    """The short names of who is told, each once, in the order of the mapping."""
    names: list[str] = []
    for who in alert.tell:
        names += (task.assignees or (job.sending.nobody_assigned,)) if who == ASSIGNEE else (who,)
    return tuple(dict.fromkeys(names))
