"""Asana, Trello and Notion in small, and a business that keeps places of theirs in step: real sockets, a real store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel

from connectors import registry
from connectors.asana.sandbox import TOKEN as ASANA_TOKEN
from connectors.notion.sandbox import create_app as notion_app
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
from hub.store import changes, jobs
from hub.store.database import Store, open_store
from tests.databases import migrated
from tests.sandboxes.serve import serve_all

log = logging.getLogger(__name__)

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
    """A clock that runs with the machine's, and can be put forward."""

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
    clock: Clock
    """Notion's; the others have their own."""

    def skip(self, seconds: float) -> None:
        """Time passes at all three."""
        self.clock.skip(seconds)
        self.asana.advance(seconds)
        self.trello.advance(seconds)

    def calls(self) -> int:
        """How many calls all three have had."""
        kit = sum(sum(box.calls.counts.values()) for box in (self.asana, self.trello))
        return int(kit) + int(self.notion.stats()["total"])


@contextmanager
def boxes() -> Iterator[Boxes]:
    clock = Clock()
    apps = {name: registry.load(name).sandbox() for name in ("asana", "trello")}  # type: ignore[misc]
    apps["notion"] = notion_app(clock)
    with serve_all(apps) as urls:
        made = {name: app.state.sandbox for name, app in apps.items()}
        made["asana"].limit(None)  # one key serves every business here, of which each counts its own calls
        yield Boxes(made["asana"], made["trello"], made["notion"], urls, clock)


@dataclass
class Site:
    """One business whose Asana project and Notion database are kept in step."""

    boxes: Boxes
    store: Store
    runtime: Runtime
    clock: Clock
    project: str
    table: str
    again: Callable[[], Runtime] | None = None
    """Another runtime, as after the start of a process."""

    def __post_init__(self) -> None:
        self.worker = self._worker()

    def look(self) -> list[Turn]:
        """What the hourly look does, and then the turns that it leads to."""
        self.catch_up()
        return self.worker.turns(self.runtime)

    def catch_up(self) -> None:
        """Ask both sides what changed; every job plans again, and looks."""
        for connection in self.runtime.sources():
            if not backfill.is_complete(self.runtime, connection):
                backfill.backfill(self.runtime, connection)
            backfill.catch_up(self.runtime, connection)
        with self.store.write() as conn:
            jobs.look_again(conn, self.runtime.key, self.runtime.jobs, self.clock())

    def reconcile(self) -> list[Turn]:
        """What the nightly reconcile does: both sides read whole, then the turns that it leads to."""
        for connection in self.runtime.sources():
            backfill.backfill(self.runtime, connection, again=True)
        with self.store.write() as conn:
            jobs.look_again(conn, self.runtime.key, self.runtime.jobs, self.clock())
        return self.worker.turns(self.runtime)

    def restart(self) -> None:
        """The process ended, whatever it was doing; another one takes over what that had claimed."""
        assert self.again is not None
        with self.store.write() as conn:
            changes.release(conn, self.worker.owner)
            jobs.release(conn, self.worker.owner)
        for pool in list(self.runtime._pools.values()):
            pool.shutdown(cancel_futures=True)  # what was in flight ends; a turn that ended well leaves nothing there
        self.runtime.close()
        self.runtime = self.again()
        self.worker = self._worker()

    def _worker(self) -> Worker:
        return Worker(self.store, {self.runtime.key: self.runtime}, now=self.clock)

    def settle(self, most: int = 6) -> int:
        """Look until nothing is written; how many looks wrote something."""
        for number in range(most):
            turns = self.look()
            if troubles := [line for turn in turns for line in turn.problems]:
                # A provider that a busy machine made late: what waits is due again after a while.
                log.warning("not at rest yet: %s", "; ".join(troubles))
                self.boxes.skip(120)
            elif not any(result.applied and result.applied.done for turn in turns for result in turn.jobs):
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
def house(
    boxes: Boxes,
    folder: Path,
    said: Mapping[str, Any],
    more: Mapping[str, Mapping[str, Any]],
    changes_above: str = "90 %",
) -> Iterator[tuple[Store, Callable[[], Runtime], Clock]]:
    """A business with one sync job, and what starts it; `more`: settings of further connections."""
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
            "safety": {"hold_if": {"changes_above": changes_above, "archives_above": 100}},
        }
    )
    specs: dict[str, ConnectorSpec[Any]] = {name: registry.load(name) for name in used}
    built: dict[str, BaseModel] = {name: specs[name].settings.model_validate(settings[name]) for name in used}
    folder.mkdir(exist_ok=True)
    item = Configured(business, (SyncJob.model_validate(said),), folder)
    clock = boxes.clock
    with open_store(migrated(folder)) as store:

        def start() -> Runtime:
            opening = Opening(store, item, specs, built.__getitem__, clock)
            return Runtime(
                store, business, item.jobs, specs, opening, clock, followed=opening.followed, thing=opening.thing
            )

        with store.write() as conn:
            jobs.ensure(conn, "lila", [job.name for job in item.jobs], clock())
        yield store, start, clock


@contextmanager
def running(
    boxes: Boxes, folder: Path, said: Mapping[str, Any], more: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Store, Runtime, Clock]]:
    """The same, started."""
    with house(boxes, folder, said, more) as (store, start, clock):
        runtime = start()
        try:
            yield store, runtime, clock
        finally:
            runtime.close()


@contextmanager
def site(
    boxes: Boxes, folder: Path, name: str = "Lancement", *, changes_above: str = "90 %", **job: Any
) -> Iterator[Site]:
    """The business; more changes than that share are held. `job` changes the sync job."""
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
    with house(boxes, folder, said, {}, changes_above) as (store, start, clock):
        made = Site(boxes, store, start(), clock, project, table, start)
        try:
            yield made
        finally:
            made.runtime.close()


def writes(boxes: Boxes) -> int:
    """How many calls that change something Asana and Notion have had."""
    asana = sum(count for (method, _), count in boxes.asana.calls.counts.items() if method != "GET")
    return int(asana) + int(boxes.notion.stats()["writes"])
