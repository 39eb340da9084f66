"""A small team, the usual alerts, and a hub that remembers: what goes out on which day, told in short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.planning.alerts.plan import plan_alerts
from hub.planning.alerts.types import Mail, Memory, Planned, Sent, Task
from tests.planning.alerts.tasks import due

PEOPLE: dict[str, dict[str, Any]] = {
    "obm": {"name": "Claire", "email": "claire@example.com"},
    "lea": {"name": "Léa", "email": "lea@example.com"},
    "max": {"name": "Max", "email": "max@example.com"},
    "ceo": {"name": "Lila", "email": "lila@example.com"},
}
ALERTS: list[dict[str, Any]] = [
    {"name": "soon", "when": "3 working days before", "tell": "assignee"},
    {"name": "today", "when": "on the day", "tell": "assignee"},
    {"name": "late", "when": "2 working days after", "tell": ["assignee", "obm"], "by": "mail", "text": "late_task"},
    {"name": "stuck", "when": "5 working days after", "tell": "ceo"},
]
PARIS = ZoneInfo("Europe/Paris")


def business(**people: Any) -> Business:
    """The team; `people`: keys of a person that are otherwise, or None for somebody who is not there."""
    said = {key: {**PEOPLE.get(key, {}), **(people.get(key) or {})} for key in {**PEOPLE, **people}}
    there = {key: one for key, one in said.items() if people.get(key, one) is not None}
    more = {"language": "fr", "holidays": "FR", "timezone": "Europe/Paris"}
    return Business.model_validate({"hub": 1, "business": "Atelier Lila", "key": "lila", "people": there, **more})


def job(*alerts: dict[str, Any], rules: Sequence[dict[str, Any]] = (), **sending: Any) -> DeadlineJob:
    """The usual alerts, or others."""
    return DeadlineJob.model_validate(
        {
            "hub": 1,
            "job": "deadline_alerts",
            "name": "deadlines",
            "says": "Warn.",
            "watch": [{"from": "asana", "project": "Lancement"}],
            "alerts": list(alerts) or ALERTS,
            "watch_for": list(rules),
            "sending": sending,
        }
    )


def task(key: str, when: str | None, *who: str, **more: Any) -> Task:
    """A task of these people. `when`: a day, or an instant in UTC."""
    said = {"title": key, "due": due(when), "assignees": tuple(sorted(who)), "connection": "asana", **more}
    return Task(id=f"{said['connection']}/task/{key}", stream="task", key=key, **said)


def there(text: str, zone: str = "Europe/Paris") -> datetime:
    """That local time, in UTC; a day alone is 09:00."""
    local = datetime.fromisoformat(text if "T" in text else f"{text}T09:00")
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def told(mails: Iterable[Mail]) -> list[str]:
    """Like "lea digest: today Page, soon Blog +2"; what was done stands before a |."""
    found = []
    for mail in mails:
        lines = ", ".join(f"{line.step} {line.task.key if line.task else line.about}" for line in mail.lines)
        done = f"{', '.join(task.key for task in mail.done)} | " if mail.done else ""
        found.append(f"{mail.to.key} {mail.kind}: {done}{lines}" + (f" +{mail.more}" if mail.more else ""))
    return found


@dataclass
class Hub:
    """A hub whose schedule opens each slot as its hour comes, unless `paused`, and whose mails all arrive."""

    tasks: list[Task]
    business: Business = field(default_factory=business)
    job: DeadlineJob = field(default_factory=job)
    memory: Memory = field(default_factory=Memory)
    paused: bool = False

    def plan(self, at: str | datetime, zone: str = "Europe/Paris") -> Planned:
        now = there(at, zone) if isinstance(at, str) else at
        memory = self.memory if self.paused else replace(self.memory, round=now)
        return plan_alerts(self.job, self.business, self.tasks, memory, now)

    def send(self, at: str | datetime, zone: str = "Europe/Paris") -> list[str]:
        """What goes out then, remembered as said."""
        now = there(at, zone) if isinstance(at, str) else at
        planned = self.plan(now)
        sent = [Sent(reader=mail.to.key, kind=mail.kind, at=now) for mail in planned.mails]
        said = {key for mail in planned.mails for key in mail.covers}
        self.memory = replace(
            self.memory,
            said=self.memory.said | said,
            sent=(*self.memory.sent, *sent),
            begun=self.memory.begun or planned.begins,
        )
        return told(planned.mails)

    def days(self, first: str, count: int, at: time = time(9)) -> dict[str, list[str]]:
        """Day -> what goes out, looked at once a day in Paris; days on which nothing does are left out."""
        found = {}
        for number in range(count):
            day = date.fromisoformat(first) + timedelta(days=number)
            sent = self.send(datetime.combine(day, at, PARIS).astimezone(UTC))
            if sent:
                found[day.isoformat()] = sent
        return found

    def change(self, key: str, **fields: Any) -> None:
        """Somebody edits a task."""
        self.tasks = [replace(each, **fields) if each.key == key else each for each in self.tasks]
