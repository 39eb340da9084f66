"""Asana, Trello and Notion in small, and a business that keeps places of theirs in step: real sockets, a real store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel

from connectors import registry
from connectors.asana.sandbox import TOKEN as ASANA_TOKEN
from connectors.notion.sandbox.control import TOKEN as NOTION_TOKEN
from connectors.notion.sandbox.control import WORKSPACE
from hub.core.protocol import ConnectorSpec
from hub.engine import backfill
from hub.engine.opening import Opening
from hub.engine.runtime import Runtime
from hub.engine.turn import Turn
from hub.engine.worker import Worker
from hub.mapping.loader import Configured
from hub.mapping.model import Business
from hub.mapping.sync_job import SyncJob
from hub.store import jobs
from hub.store.database import Store, open_store
from tests.sandboxes.serve import serve

COLUMNS: Mapping[str, Any] = {
    "Tâche": {"title": {}},
    "Échéance": {"date": {}},
    "Statut": {"status": {}},
    "Qui": {"rich_text": {}},
    "Étape": {"select": {}},
    "Notes": {"rich_text": {}},
    "Commentaire": {"rich_text": {}},
}
FIELDS = [
    {"source": "title", "target": "Tâche", "owner": "source"},
    {"source": "due", "target": "Échéance", "owner": "latest"},
    {"source": "done", "target": "Statut", "owner": "latest"},
    {"source": "assignee", "target": "Qui", "owner": "source"},
    {"source": "section", "target": "Étape", "owner": "source"},
    {"source": "notes", "target": "Notes", "owner": "target"},
]
PEOPLE = {"lea": {"name": "Léa", "email": "lea@example.com"}}


class Clock:
    """The hub's clock: it runs with the machine's, and can be put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def skip(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class Boxes:
    """The three providers, served."""

    asana: Any
    trello: Any
    notion: Any
    urls: Mapping[str, str]

    def calls(self) -> int:
        """How many calls all three have had."""
        kit = sum(sum(box.calls.counts.values()) for box in (self.asana, self.trello))
        return int(kit) + int(self.notion.stats()["total"])


@contextmanager
def boxes() -> Iterator[Boxes]:
    with ExitStack() as stack:
        apps = {name: registry.load(name).sandbox() for name in ("asana", "trello", "notion")}  # type: ignore[misc]
        urls = {name: stack.enter_context(serve(app)) for name, app in apps.items()}
        made = {name: app.state.sandbox for name, app in apps.items()}
        yield Boxes(made["asana"], made["trello"], made["notion"], urls)


@dataclass
class Site:
    """One business whose Asana project and Notion database are kept in step."""

    boxes: Boxes
    store: Store
    runtime: Runtime
    clock: Clock
    project: str
    table: str
    turns: list[Turn] = field(default_factory=list)

    def look(self) -> list[Turn]:
        """What the hourly look does, and then the turns that it leads to."""
        for connection in self.runtime.sources():
            if not backfill.is_complete(self.runtime, connection):
                backfill.backfill(self.runtime, connection)
            backfill.catch_up(self.runtime, connection)
        with self.store.write() as conn:
            jobs.look_again(conn, self.runtime.key, self.runtime.jobs, self.clock())
        return Worker(self.store, {self.runtime.key: self.runtime}, now=self.clock).turns(self.runtime)

    def settle(self, most: int = 6) -> int:
        """Look until nothing is written; how many looks wrote something."""
        for number in range(most):
            if not any(result.applied and result.applied.done for turn in self.look() for result in turn.jobs):
                return number
        raise AssertionError("it does not come to rest")

    def rows(self) -> dict[str, dict[str, Any]]:
        """The database's rows by title."""
        return {str(row["Tâche"]): row for row in self.boxes.notion.rows(self.table)}

    def tasks(self) -> dict[str, dict[str, Any]]:
        """The project's tasks by name."""
        return {task["name"]: task for task in self.boxes.asana.tasks(self.project)}


def database(boxes: Boxes, title: str) -> str:
    """A database that a person made on a page that she shared with the hub; the id of its table."""
    page = boxes.notion.share_page(f"Page of {title}", WORKSPACE)
    answer = httpx.post(
        f"{boxes.urls['notion']}/v1/databases",
        headers={"Authorization": f"Bearer {NOTION_TOKEN}", "Notion-Version": "2026-03-11"},
        json={
            "parent": {"type": "page_id", "page_id": page},
            "title": [{"text": {"content": title}}],
            "initial_data_source": {"properties": dict(COLUMNS)},
        },
    )
    return str(answer.raise_for_status().json()["data_sources"][0]["id"])


def keys(boxes: Boxes) -> dict[str, dict[str, Any]]:
    """The settings of each connection."""
    from connectors.trello.sandbox import API_KEY, API_SECRET, TOKEN

    return {
        "asana": {"api_key": ASANA_TOKEN, "base_url": f"{boxes.urls['asana']}/api/1.0", "plan": "paid"},
        "trello": {
            "api_key": API_KEY,
            "token": TOKEN,
            "api_secret": API_SECRET,
            "base_url": f"{boxes.urls['trello']}/1",
            "calls_per_10_seconds": 100,
        },
        "notion": {"api_key": NOTION_TOKEN, "base_url": boxes.urls["notion"], "calls_per_minute": 10_000},
    }


@contextmanager
def running(
    boxes: Boxes, folder: Path, said: Mapping[str, Any], more: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Store, Runtime, Clock]]:
    """A business with one sync job; `more`: settings of further connections."""
    settings = {**keys(boxes), **more}
    used = dict.fromkeys((said["from"]["connection"], said["to"]["connection"]))
    business = Business.model_validate(
        {
            "hub": 1,
            "business": "Atelier Lila",
            "key": "lila",
            "language": "fr",
            "people": PEOPLE,
            "connections": {name: {} for name in used},
            "safety": {"hold_if": {"changes_above": "90 %", "archives_above": 100}},
        }
    )
    specs: dict[str, ConnectorSpec[Any]] = {name: registry.load(name) for name in used}
    built: dict[str, BaseModel] = {name: specs[name].settings.model_validate(settings[name]) for name in used}
    folder.mkdir(exist_ok=True)
    item = Configured(business, (SyncJob.model_validate(said),), folder)
    clock = Clock()
    with open_store(f"sqlite:///{folder / 'hub.sqlite3'}") as store:
        opening = Opening(store, item, specs, built.__getitem__, clock)
        runtime = Runtime(
            store, business, item.jobs, specs, opening, clock, followed=opening.followed, thing=opening.thing
        )
        with store.write() as conn:
            jobs.ensure(conn, "lila", runtime.jobs, clock())
        try:
            yield store, runtime, clock
        finally:
            runtime.close()


@contextmanager
def site(boxes: Boxes, folder: Path, name: str = "Lancement", **job: Any) -> Iterator[Site]:
    """The business; `job` changes the sync job."""
    project = boxes.asana.add_project(name, ("À faire", "Fait"))
    table = database(boxes, f"Tâches {name}")
    said = {
        "hub": 1,
        "job": "sync",
        "name": "tasks",
        "says": "Every task is a row.",
        "from": {"connection": "asana", "project": name},
        "to": {"connection": "notion", "database": f"Tâches {name}"},
        "match_by": ["id", "title"],
        "fields": FIELDS,
        "people_own": ["Commentaire"],
        **job,
    }
    with running(boxes, folder, said, {}) as (store, runtime, clock):
        yield Site(boxes, store, runtime, clock, project, table)


def writes(boxes: Boxes) -> int:
    """How many calls that change something Asana and Notion have had."""
    asana = sum(count for (method, _), count in boxes.asana.calls.counts.items() if method != "GET")
    return int(asana) + int(boxes.notion.stats()["writes"])
