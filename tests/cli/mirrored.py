"""The example business with the jobs that a test wants, and records in its mirror as if they had been read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from hub.core.types import Record
from hub.store import mirror
from hub.store.database import Store, open_store
from tests.cli.site import LILA, Site


def only_jobs(site: Site, *names: str) -> None:
    """Leave out all other jobs of the example."""
    folder = site.folder / "mappings" / LILA
    for file in folder.glob("*.yaml"):
        if file.stem not in ("business", *names):
            file.unlink()


def with_people(site: Site) -> None:
    """Somebody to assign tasks to."""
    file = site.folder / "mappings" / LILA / "business.yaml"
    text = file.read_text()
    if not re.search(r"^  lea:", text, re.MULTILINE):
        file.write_text(text.replace("people:\n", "people:\n  lea: {name: Léa, email: lea@example.com}\n"))


def store_of(site: Site) -> Store:
    site.data.mkdir(exist_ok=True)
    return open_store(f"sqlite:///{site.data / 'hub.sqlite3'}")


def put(site: Site, connection: str, *records: Record) -> None:
    with store_of(site) as store, store.write() as conn:
        mirror.put(conn, LILA, connection, records, datetime.now(UTC))


def tasks(project: str, dues: Sequence[tuple[str, str]]) -> list[Record]:
    """Open tasks of Léa's in an Asana project: (title, day)."""
    return [
        Record(
            stream="task",
            key=f"12{number}",
            fields={
                "title": title,
                "due": datetime.fromisoformat(due).date(),
                "done": False,
                "assignees": ({"name": "Léa", "email": "lea@example.com"},),
                "places": ({"key": "1200", "name": project},),
                "section": "À faire",
                "created_at": datetime(2025, 1, 1, tzinfo=UTC),
            },
        )
        for number, (title, due) in enumerate(dues)
    ]
