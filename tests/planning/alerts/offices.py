"""Businesses whose people really differ: five calendars, three zones; and the same as the planner reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.planning.alerts.types import Task
from tests.planning.alerts.oracle import Chore, Office, Rule
from tests.planning.alerts.wall_calendar import Human

HUMANS = (
    Human(key="obm", zone="Europe/Paris", region="FR"),
    Human(key="ceo", zone="America/Montreal", region="CA-QC", week=("mon", "tue", "wed", "thu")),
    Human(key="lea", zone="Indian/Reunion", region="FR-974"),
    Human(key="marc", zone="Europe/Brussels", region="BE", week=("tue", "wed", "thu", "fri", "sat")),
    Human(
        key="ines",
        zone="Europe/Zurich",
        region="CH-VD",
        away=((date(2026, 7, 13), date(2026, 7, 24)), (date(2026, 3, 25), date(2026, 4, 1))),
    ),
    Human(key="paul", zone="Europe/Paris", region="FR", address=False),
    Human(key="zoe", zone="Europe/Paris", region="FR", left=date(2026, 4, 1)),
)
RULES = (
    Rule(name="soon", when="3 working days before", tell=("assignee",)),
    Rule(name="eve", when="1 working day before", tell=("assignee",)),
    Rule(name="today", when="on the day", tell=("assignee",)),
    Rule(name="late", when="2 working days after", tell=("assignee", "obm"), by="mail"),
    Rule(name="week", when="1 week after", tell=("assignee", "marc"), again="1 week"),
    Rule(name="stuck", when="5 working days after", tell=("ceo",)),
)
OTHER_RULES = (
    Rule(name="ahead", when="10 days before", tell=("assignee", "ceo")),
    Rule(name="now", when="on the day", tell=("assignee",), by="mail"),
    Rule(name="after", when="1 day after", tell=("obm", "assignee")),
    Rule(name="worse", when="1 working day after", tell=("lea", "assignee"), by="mail", again="3 working days"),
)
OFFICE = Office(humans=HUMANS, rules=RULES, digest_at=time(8, 30), opens=time(8, 30), closes=time(18))
SHORT = replace(OFFICE, most_per_week=3)
NOBODY_LEFT = replace(
    OFFICE, humans=tuple(replace(human, left=date(2026, 5, 1)) if human.key == "obm" else human for human in HUMANS)
)
LATE_DIGEST = Office(humans=HUMANS, rules=OTHER_RULES, digest_at=time(10, 15), opens=time(8), closes=time(16, 45))


def business_of(office: Office) -> Business:
    people: dict[str, dict[str, Any]] = {}
    for human in office.humans:
        said: dict[str, Any] = {"name": human.key.title(), "timezone": human.zone, "working_days": list(human.week)}
        said["holidays"] = human.region
        said["away"] = [{"from": first, "to": last} for first, last in human.away]
        if human.address:
            said["email"] = f"{human.key}@example.com"
        if human.left is not None:
            said["left"] = human.left
        people[human.key] = said
    return Business.model_validate(
        {"hub": 1, "business": "Atelier Lila", "key": "atelier", "timezone": "Europe/Paris", "people": people}
    )


def job_of(office: Office) -> DeadlineJob:
    return DeadlineJob.model_validate(
        {
            "hub": 1,
            "job": "deadline_alerts",
            "name": "deadlines",
            "says": "Warn.",
            "watch": [{"from": "asana", "project": "Lancement"}],
            "alerts": [
                {"name": r.name, "when": r.when, "tell": list(r.tell), "by": r.by, "then_every": r.again or None}
                for r in office.rules
            ],
            "sending": {
                "digest_at": f"{office.digest_at:%H:%M}",
                "hours": f"{office.opens:%H:%M}-{office.closes:%H:%M}",
                "nobody_assigned": office.fallback,
                "most_per_week": office.most_per_week,
            },
        }
    )


def task_of(chore: Chore, office: Office) -> Task:
    connection, stream, key = chore.id.split("/")
    known = {human.key for human in office.humans}
    return Task(
        id=chore.id,
        connection=connection,
        stream=stream,
        key=key,
        title=chore.title,
        due=chore.due,
        done=chore.done_at is not None,
        done_at=chore.done_at,
        assignees=tuple(name for name in chore.who if name in known),
        strangers=tuple(name for name in chore.who if name not in known),
    )
