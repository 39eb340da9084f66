"""The tasks of the demo: a launch in Asana, in which nothing is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from connectors.asana.sandbox import AsanaSandbox
from hub.demo.example import PROJECT

LEA = "lea@example.com"
TITLE = "Page de vente"
"""The task that the story is about. It is Léa's."""
_SECTIONS = ("Contenus", "Vente")
_OTHERS = (
    ("Séquence de bienvenue en 5 mails", "Contenus", 12, "lea"),
    ("Tournage du module 1", "Contenus", 21, "lila"),
    ("Visuels du lancement", "Vente", 15, "claire"),
    ("Idées de bonus", "Vente", None, None),
)
"""Title, section, days from now, whose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The project and the task of the story, by id; how many tasks there are."""

    project: str
    task: str
    tasks: int


def furnish(asana: AsanaSandbox, today: date) -> Office:
    """Make the project, its people and its tasks; no webhook tells of it."""
    people = {
        "claire": asana.owner,
        "lea": asana.add_user("Léa Martin", LEA),
        "lila": asana.add_user("Lila Moreau", "lila@example.com"),
    }
    project = asana.add_project(PROJECT, _SECTIONS)
    task = asana.add_task(
        project, TITLE, "Vente", due_on=(today + timedelta(days=9)).isoformat(), assignee=people["lea"]
    )
    for title, section, days, who in _OTHERS:
        due = None if days is None else (today + timedelta(days=days)).isoformat()
        asana.add_task(project, title, section, due_on=due, assignee=people.get(who or ""))
    asana.add_task(project, "Choisir la date", "Vente", assignee=people["lila"], completed=True)
    return Office(project=project, task=task, tasks=len(asana.tasks(project)))
