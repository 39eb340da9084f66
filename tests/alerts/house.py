"""One business in a folder of its own, run by what the hub's commands run: the real mappings, web part and turns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.notion.sandbox.control import TOKEN as NOTION_TOKEN
from hub.bootstrap import Hub, open_hub
from hub.cli import opened
from hub.engine import backfill, listening, rounds
from hub.engine.runtime import Runtime
from hub.engine.turn import Turn
from hub.engine.worker import Worker
from hub.settings import HubSettings, fernet_key
from hub.store import changes, jobs
from hub.store.database import Store
from hub.web.app import create_app
from tests.alerts.world import ALERTS, PEOPLE, Hands, Town, read, text
from tests.kill.rig import free_port
from tests.sandboxes.serve import serve

JOB = "deadlines"
WORDS = {"Fait": "done", "Plus tard": "snooze", "Pas moi": "not_mine", "Réassigner": "reassign"}
COLUMNS: Mapping[str, Any] = {
    "Sujet": {"title": {}},
    "Pour le": {"date": {}},
    "Qui": {"people": {}},
    "Statut": {"status": {"options": [{"name": "À faire"}, {"name": "En cours"}, {"name": "Terminé"}]}},
    "Avis": {"rich_text": {}},
}
_NUMBERS = count(1)


@dataclass
class Places:
    """A project, a board and a database of one test's own. Léa and Tom are everywhere."""

    town: Town
    number: int
    project: str
    board: str
    table: str

    @property
    def watch(self) -> list[dict[str, Any]]:
        """All three, as a mapping says it."""
        mine = f"{self.number}"
        return [
            {"from": "asana", "project": f"Lancement {mine}"},
            {"from": "trello", "board": f"Calendrier {mine}", "skip_lists": ["Idées"]},
            {
                "from": "notion",
                "database": f"Interne {mine}",
                "title": "Sujet",
                "due": "Pour le",
                "assignee": "Qui",
                "done": {"Statut": "Terminé"},
            },
        ]

    def task(self, name: str, due: date | None, who: str | None = "lea@example.com", **more: Any) -> str:
        """A task at Asana."""
        asana = self.town.boxes.asana
        user = next((gid for gid, each in asana.world.users.items() if each.email == who), None)
        on = None if due is None else due.isoformat()
        return str(asana.add_task(self.project, name, due_on=on, assignee=user, **more))

    def card(self, name: str, due: date, who: str | None = "leamartin", section: str = "À faire") -> str:
        """A card at Trello, due at 16:00 in Paris."""
        trello = self.town.boxes.trello
        members = [key for key, each in trello.members.items() if each["username"] == who]
        return str(trello.add_card(self.board, name, section=section, due=f"{due}T15:00:00.000Z", idMembers=members))

    def row(self, name: str, due: date, who: str | None = "Léa") -> str:
        """A row at Notion."""
        values: dict[str, Any] = {"Sujet": name, "Pour le": str(due), "Statut": "À faire"}
        if who is not None:
            values["Qui"] = [who]
        return str(self.town.boxes.notion.add_row_as_person(self.table, values))

    def rows(self) -> dict[str, dict[str, Any]]:
        return {str(row["Sujet"]): row for row in self.town.boxes.notion.rows(self.table)}

    def writes(self) -> dict[str, int]:
        """How many calls that change something each provider had."""
        boxes = self.town.boxes
        kit = {
            name: sum(n for (method, _), n in box.calls.counts.items() if method != "GET")
            for name, box in (("asana", boxes.asana), ("trello", boxes.trello))
        }
        return {**kit, "notion": int(boxes.notion.stats()["writes"])}


def people(town: Town) -> None:
    """Léa and Tom at all three, once for a town whose providers are in no hurry."""
    boxes = town.boxes
    boxes.asana.limit()
    boxes.trello.set_limits(token=None, key=None, member=None, members=None)
    for name, address, username in (("Léa", "lea@example.com", "leamartin"), ("Tom", "tom@example.com", "tomtom")):
        boxes.asana.add_user(name, address)
        boxes.trello.add_member(name, username)
        boxes.notion.add_person(name, address)


def places(town: Town) -> Places:
    """New ones."""
    number, boxes = next(_NUMBERS), town.boxes
    board = boxes.trello.add_board(f"Calendrier {number}", lists=("Idées", "À faire", "Fait"))
    for key, member in boxes.trello.members.items():
        if member["username"] in ("leamartin", "tomtom"):
            boxes.trello.invite(board, key)
    page = boxes.notion.share_page(f"Page of {number}")
    answer = httpx.post(
        f"{boxes.urls['notion']}/v1/databases",
        headers={"Authorization": f"Bearer {NOTION_TOKEN}", "Notion-Version": "2026-03-11"},
        json={
            "parent": {"type": "page_id", "page_id": page},
            "title": [{"text": {"content": f"Interne {number}"}}],
            "initial_data_source": {"properties": dict(COLUMNS)},
        },
    )
    table = str(answer.raise_for_status().json()["data_sources"][0]["id"])
    return Places(town, number, boxes.asana.add_project(f"Lancement {number}", ("À faire",)), board, table)


@dataclass
class House:
    """The business, opened as a command opens it."""

    places: Places
    settings: HubSettings
    clock: Hands
    hub: Hub = field(init=False)
    worker: Worker = field(init=False)
    _seen: int = 0
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.hub = self._open.enter_context(open_hub(self.settings, self.clock))
        self.worker = Worker(self.hub.store, self.hub.runtimes, now=self.clock)
        self._seen = len(self.town.post.mails())

    @property
    def town(self) -> Town:
        return self.places.town

    @property
    def runtime(self) -> Runtime:
        return self.hub.runtimes["lila"]

    @property
    def store(self) -> Store:
        return self.hub.store

    @property
    def key(self) -> bytes:
        return fernet_key(self.settings)

    def read(self) -> None:
        """Read every source whole, as at night. Time passes: what was read at one instant is equally fresh."""
        self.clock.at += timedelta(seconds=1)
        for connection in self.runtime.sources():
            backfill.backfill(self.runtime, connection, again=True)

    def turn(self, *, look: bool = False) -> list[Turn]:
        """Plan and apply what is due; `look`: and look at the places that are written to."""
        with self.store.write() as conn:
            if look:
                jobs.look_again(conn, "lila", self.runtime.jobs, self.clock())
            else:
                jobs.dirty(conn, "lila", self.runtime.jobs, self.clock())
        return self.work()

    def work(self) -> list[Turn]:
        """What the worker does by itself: turns until nothing is due."""
        return self.worker.turns(self.runtime)

    def round(self) -> list[Turn]:
        """What the schedule does at the hour of the mails, and the turns that it leads to."""
        rounds.open_round(self.runtime)
        return self.work()

    def catch_up(self, connection: str) -> list[Turn]:
        """What a bell does, or the hourly look, at one connection."""
        self.clock.at += timedelta(seconds=1)
        backfill.catch_up(self.runtime, connection)
        return self.work()

    def listen(self) -> None:
        """Have every provider that can be told so call this hub."""
        for connection in self.runtime.sources():
            if self.runtime.connector(connection).subscriptions is not None:
                listening.listen(self.runtime, connection)

    def begin(self, at: datetime) -> None:
        """The first run is over: everything is read, and it is that morning, before what the tests tell of."""
        self.clock.at = at - timedelta(hours=1)
        self.read()
        self.clock.at = at
        self.round()
        self.news()

    def restart(self) -> None:
        """The process ended; another takes over what it had claimed."""
        with self.store.write() as conn:
            changes.release(conn, self.worker.owner)
            jobs.release(conn, self.worker.owner)
        seen = self._seen
        self._open.close()
        self.__post_init__()
        self._seen = seen

    def close(self) -> None:
        self._open.close()

    @contextmanager
    def pages(self) -> Iterator[httpx.Client]:
        """The hub's web part on the socket that its mails name."""
        app = create_app(
            self.store,
            self.hub.view,
            status_key=SecretStr("status-key-of-the-tests"),
            own_key=self.key,
            now=self.clock,
        )
        with serve(app, self.settings.port), httpx.Client(timeout=30, trust_env=False) as client:
            yield client

    def command(self, run: Callable[[Callable[[str], None]], object]) -> str:
        """What a command prints that is run at this instant, in a process of its own."""
        said: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opened, "open_hub", partial(open_hub, now=self.clock))
            run(said.append)
        return "\n".join(said)

    def news(self) -> list[EmailMessage]:
        """The mails that the server took since it was last asked so."""
        found = [read(mail) for mail in self.town.post.mails()[self._seen :]]
        self._seen += len(found)
        return found

    def told(self) -> list[tuple[str, str]]:
        """(address, subject) of the same."""
        return [(address(mail), str(mail["Subject"])) for mail in self.news()]


def address(mail: EmailMessage) -> str:
    """Whom it went to."""
    return re.sub(r".*<|>.*", "", str(mail["To"]))


def links(mail: EmailMessage, title: str) -> Mapping[str, str]:
    """What a line of a mail offers -> the address, out of its plain text."""
    blocks = re.split(r"\n(?=\d+\. )", text(mail))
    (block,) = [block for block in blocks if re.match(rf"\d+\. {re.escape(title)} \(", block)]
    return {WORDS[word]: url for word, url in re.findall(r"^\s+(\S[^(\n]*) \((http\S+/answer/\S+)\)", block, re.M)}


@contextmanager
def house(
    town: Town,
    folder: Path,
    *,
    watch: Any = None,
    alerts: Sequence[Any] = ALERTS,
    people: Mapping[str, Any] | None = None,
    hold_if: Mapping[str, Any] | None = None,
    business: Mapping[str, Any] | None = None,
    **job: Any,
) -> Iterator[House]:
    """A business that watches new places of its own: the Asana project, or what `watch(places)` says."""
    made, port = places(town), free_port()
    who = {key: {**each, **({"trello": "leamartin"} if key == "lea" else {})} for key, each in PEOPLE.items()}
    who["tom"]["trello"] = "tomtom"
    said = {
        "hub": 1,
        "business": "Atelier Lila",
        "language": "fr",
        "timezone": "Europe/Paris",
        "holidays": "FR",
        "people": people or who,
        "connections": {name: {} for name in ("asana", "trello", "notion", "email")},
        "brief": False,
        "safety": {"hold_if": {"changes_above": "90 %", "archives_above": 100, **(hold_if or {})}},
        **(business or {}),
    }
    watched = made.watch[:1] if watch is None else watch(made)
    promise = {
        "hub": 1,
        "job": "deadline_alerts",
        "says": "The right person, once.",
        "watch": watched,
        "alerts": list(alerts),
        **job,
    }
    lila = folder / "mappings" / "lila"
    lila.mkdir(parents=True)
    (lila / "business.yaml").write_text(json.dumps(said), encoding="utf-8")
    (lila / f"{JOB}.yaml").write_text(json.dumps(promise), encoding="utf-8")
    town.post.heal()
    with pytest.MonkeyPatch.context() as patch:
        for connection, values in town.settings.items():
            for name, value in values.items():
                patch.setenv(f"HUB_LILA_{connection.upper()}_{name.upper()}", str(value))
        patch.setenv("HUB_MAPPINGS", str(folder / "mappings"))
        patch.setenv("HUB_DATA", str(folder / "data"))
        patch.setenv("HUB_PUBLIC_URL", f"http://127.0.0.1:{port}")
        settings = HubSettings(
            mappings=folder / "mappings",
            data=folder / "data",
            port=port,
            public_url=f"http://127.0.0.1:{port}",
            status_key=SecretStr("status-key-of-the-tests"),
        )
        lives_here = House(made, settings, Hands())
        try:
            assert lives_here.hub.loaded.problems == ()
            yield lives_here
        finally:
            lives_here.close()
