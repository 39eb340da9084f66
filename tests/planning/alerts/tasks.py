"""Tasks and a business for the tests of deadline figures and lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hub.core.pasts import Due
from hub.mapping.model import Business
from hub.planning.alerts.types import Task

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
"""A Friday."""


def at(text: str) -> datetime:
    """2026-11-05 or 2026-11-05T12:00, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(text: str | None) -> Due | None:
    """A day, or an instant in UTC where the text has an hour."""
    if text is None:
        return None
    return at(text) if "T" in text else date.fromisoformat(text)


def task(key: str, when: str | None = None, **more: Any) -> Task:
    """A task of Asana; `when`: its due value."""
    said = {"title": f"Tâche {key}", "due": due(when), **more}
    return Task(id=f"asana/task/{key}", connection="asana", stream="task", key=key, **said)


def business(language: str = "fr", **more: Any) -> Business:
    """Léa is in Paris like the business, Tom in Montréal, Ana on La Réunion."""
    people = {
        "lea": {"name": "Léa"},
        "tom": {"name": "Tom", "timezone": "America/Montreal"},
        "ana": {"name": "Ana", "timezone": "Indian/Reunion"},
    }
    said = {"hub": 1, "business": "Atelier Lila", "key": "lila", "language": language, "people": people, **more}
    return Business.model_validate(said)
