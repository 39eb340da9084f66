"""Small things that the tests of letters are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.types import Letter
from hub.mapping.loader import Configured, load
from hub.planning.alerts.letters import Written, letter_of
from hub.planning.alerts.types import Group, Line, Mail, Reader, Task
from hub.planning.workdays import WorkingDays
from tests.paths import ROOT

DAY = date(2026, 3, 19)  # a Thursday
WEEK = ("mon", "tue", "wed", "thu", "fri")
LIST_URL = "https://www.notion.so/echeances"


def atelier(folder: Path = ROOT / "mappings" / "atelier-lila") -> Configured:
    """The example business, with its texts."""
    (configured,) = load(folder).businesses
    return configured


ATELIER = atelier()


def reader(**changed: Any) -> Reader:
    given: dict[str, Any] = {
        "key": "lea",
        "name": "Léa Martin",
        "address": "lea@example.com",
        "zone": ZoneInfo("Europe/Paris"),
        "calendar": WorkingDays.of(WEEK, "FR"),
        "language": "fr",
        "formal": True,
        "digest_at": time(8, 30),
        "hours": (time(8, 30), time(18, 0)),
    }
    return Reader(**given | changed)


def task(title: str = "Page de vente", due: date | datetime | None = date(2026, 3, 17), **changed: Any) -> Task:
    given: dict[str, Any] = {
        "id": f"asana/task/{title}",
        "connection": "asana",
        "stream": "task",
        "key": "1",
        "title": title,
        "due": due,
        "assignees": ("lea",),
        "place": "Lancement",
        "url": "https://app.asana.com/0/1/2",
    }
    return Task(**given | changed)


def line(group: Group, about: Task | str, detail: str = "") -> Line:
    if isinstance(about, str):
        return Line(step="rule", group=group, keys=(about,), about=about, detail=detail)
    return Line(step="step", group=group, keys=(about.id,), task=about, detail=detail)


def mail(*lines: Line, **changed: Any) -> Mail:
    given: dict[str, Any] = {"key": "k", "kind": "digest", "to": reader(), "day": DAY, "lines": lines}
    return Mail(**given | changed)


def linked(one: Line, what: str) -> str | None:
    """As the hub signs them: one for each line and answer, none for what is no task."""
    return None if one.task is None else f"https://hub.example.com/a/{what}/{one.task.key}?s=a_b-c&copy=1"


def unlinked(one: Line, what: str) -> None:
    return None


def written(one: Mail, links: Any = unlinked, list_url: str | None = None) -> Written:
    """`links` unlinked: nor are replies read."""
    return letter_of(one, ATELIER.business, ATELIER.texts, links, list_url, replies=links is linked)


def plain(text: str) -> str:
    """With ordinary spaces, and without the backslashes before signs."""
    return text.replace("\u00a0", " ").replace("\\", "")


def posted(one: Mail, said: Written) -> Letter:
    return Letter(
        message_id="<digest@hub.example.com>",
        to=one.to.address or "",
        to_name=one.to.key,
        subject=said.subject,
        body=said.body,
        language=one.to.language,
        at=datetime(2026, 3, 19, 7, 30, tzinfo=UTC),
    )
