"""Kill -9 in the middle of every kind of step, while each call that makes something loses its answer once: nothing is
made twice, each mail goes out at most once or is uncertain and named, and the journey ends as it should.

Real processes, real sockets, SIGKILL. TEST_ONBOARDING_SEEDS=200 runs more seeds than CI does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.engine.post import message_id
from hub.planning.inverse import begun
from hub.store import jobs, journeys, ledger
from hub.store.database import Store, open_store
from tests.alerts.world import read
from tests.lives import Lives, lives_of
from tests.onboarding.test_journey import CALL, MARIE
from tests.onboarding.town import CALL as KIND
from tests.onboarding.town import OFFER, Town
from tests.onboarding.world import CHANGES, STEPS, TEXTS, body

SEEDS = range(int(os.environ.get("TEST_ONBOARDING_SEEDS", "4")))
LATER = CALL + timedelta(days=5)
AT_FIRST = (
    "half of a mail is handed over",
    "a mail is handed over",
    "answered POST /v1/pages",
    "answered PATCH /v1/pages/*",
    "answered POST /api/1.0/project_templates/*/instantiateProject",
    "answered POST /1/boards/",
    "answered PUT /1/cards/*",
    "before the commit of quick in hub.engine.apply",
    "before the commit of quick in hub.engine.turn",
)
WHEN_MOVED = ("answered PUT /api/1.0/tasks/*", "a mail is handed over")
"""In the middle of each kind of step: its effect is there, or half of it, and nobody has noted it."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Lives]:
    with lives_of("tests.onboarding.lives") as lives:
        yield lives


@dataclass
class Rig:
    """A hub that does not survive, among providers that do."""

    town: Town
    nursery: Lives
    folder: Path
    lived: int = 0
    killed: int = field(default=0)

    @property
    def environment(self) -> dict[str, str]:
        keys = {
            f"HUB_LILA_{connection.upper()}_{name.upper()}": str(value)
            for connection, settings in self.town.settings.items()
            for name, value in settings.items()
        }
        own = {"HUB_MAPPINGS": str(self.folder / "mappings"), "HUB_DATA": str(self.folder / "data")}
        return keys | own | {"HUB_PUBLIC_URL": "https://hub.example.com"}

    def live(
        self, die: int | None = None, *, at: str = "", after: float | None = None, brief: bool = False
    ) -> list[str]:
        """One life; its steps. It dies at a step, at the first of that name, or after so many seconds."""
        trace = self.folder / f"trace-{self.lived}"
        line = {"environment": self.environment, "at": self.town.clock().isoformat(), "die": die, "die_at": at}
        began, pid = time.monotonic(), self.nursery.start(line | {"trace": str(trace), "brief": brief})
        alive = Path(f"/proc/{pid}")
        while alive.exists():
            if after is not None and time.monotonic() - began >= after:
                os.kill(pid, signal.SIGKILL)
                after = None
            with self.town.asana.lock:  # Asana goes on by itself, whoever looks
                for job in self.town.asana.world.jobs.values():
                    if job.script[-1] == "succeeded" and time.monotonic() - began > 0.6:
                        self.town.asana.looked(job)
            assert time.monotonic() - began < 60, "a life does not end"
            time.sleep(0.005)
        steps = trace.read_text().splitlines() if trace.exists() else []
        self.lived += 1
        self.killed += "end" not in steps
        return steps

    def rest(self) -> None:
        """Lives without a death, some minutes from each other, until time alone has nothing more to bring for now."""
        for _ in range(14):
            self.town.skip(minutes=6)
            well(self.town)
            steps = self.live()
            assert steps[-1:] == ["end"], steps[-3:]
            if self.quiet():
                return
        raise AssertionError(steps[-20:])

    def quiet(self) -> bool:
        with self.store() as store, store.read() as conn:
            (job,) = [each for each in jobs.listing(conn, "lila") if each.job == "onboarding"]
        soon = self.town.clock() + timedelta(minutes=15)
        return job.dirty_seq == job.planned_seq and (job.wake_at is None or job.wake_at > soon)

    def store(self) -> Store:
        return open_store(f"sqlite:///{self.folder / 'data' / 'hub.sqlite3'}")


def site_of(town: Town, nursery: Lives, folder: Path, *more: Mapping[str, Any]) -> Rig:
    """A hub that has run once, so that whoever comes now is new; each call that makes something loses its answer."""
    lila = folder / "mappings" / "lila"
    (lila / "texts").mkdir(parents=True)
    (folder / "data").mkdir(mode=0o700)
    names: dict[str, Any] = {name: {} for name in ("stripe", "calendly", "asana", "trello", "email")}
    business = {
        "hub": 1,
        "business": "Atelier Lila",
        "language": "fr",
        "timezone": "Europe/Paris",
        "holidays": "FR",
        "people": {
            "obm": {"name": "Claire", "email": "claire@example.com"},
            "ceo": {"name": "Lila", "email": "lila@example.com"},
        },
        "connections": {**names, "notion": {"follow": ["Clientes"]}},
    }
    job = {
        "hub": 1,
        "job": "client_onboarding",
        "says": "One journey for each client.",
        "offer": OFFER,
        "starts_on": [
            {"event": "payment", "from": "stripe", "product": OFFER},
            {"event": "booking", "from": "calendly", "event_type": KIND},
        ],
        "steps": [dict(step) for step in (*STEPS, *more)],
        "changes": dict(CHANGES),
    }
    (lila / "business.yaml").write_text(json.dumps(business), encoding="utf-8")
    (lila / "onboarding.yaml").write_text(json.dumps(job), encoding="utf-8")
    for name, text in TEXTS.items():
        (lila / "texts" / f"{name}.fr.md").write_text(text, encoding="utf-8")
    rig = Rig(town, nursery, folder)
    assert rig.live()[-1:] == ["end"]
    town.notion.settings(template_lag=0.2)
    return rig


def unwell(town: Town) -> None:
    """Every call that makes something is done, and its answer lost, once; Asana's job fails the first time."""
    town.asana.faults.add("POST", "/api/1.0/project_templates/*", "reset_after_commit", times=1)
    town.asana.faults.add("PUT", "/api/1.0/tasks/*", "timeout_after_commit", times=1, seconds=0.3)
    town.trello.faults.add("POST", "/1/boards*", "reset_after_commit", times=1)
    town.trello.faults.add("PUT", "/1/cards/*", "reset_after_commit", times=1)
    town.notion.fault("reset_after_commit", method="POST", path="/v1/pages", times=1)
    town.notion.fault("timeout_after_commit", method="PATCH", path="/v1/pages/*", times=1, seconds=0.3)
    town.asana.job_states = ("not_started", "in_progress", "failed")


def well(town: Town) -> None:
    town.asana.job_states = ("not_started", "in_progress", "succeeded")
    town.post.heal()


def judge(rig: Rig, expected: Mapping[str, int], start: datetime, state: tuple[str, str] = ("open", "")) -> list[str]:
    """Every promise that a kill could have broken; the subjects of what is uncertain."""
    town = rig.town
    (row,) = town.rows()
    assert (row["Nom"], row["E-mail"], row["Payé"], row["Statut"]) == ("Marie Dupont", MARIE, 1200, "nouvelle")
    assert town.notion.text(row["id"]).count("Livrables") == 1
    (project,) = [one for one in town.projects() if town.asana.tasks(one.gid)]
    first = start.date().isoformat()
    assert {task["name"]: task["due_on"] for task in town.asana.tasks(project.gid)}["Préparer"] == first
    (board,) = town.boards()
    assert town.cards(board["id"])["Premier appel"] == first
    with rig.store() as store, store.read() as conn:
        (journey,) = journeys.listing(conn, "lila")
        uncertain = {each.key: each for each in ledger.listing(conn, "lila", "uncertain")}
        assert ledger.listing(conn, "lila", "started") == []
        assert ledger.listing(conn, "lila", "failed") == []
        sent = {
            message_id("lila", each.key): each.key
            for how in ("done", "uncertain")
            for each in ledger.listing(conn, "lila", how)
            if each.kind == "send"
        }
    assert (journey.state, journey.reason) == state
    went: Counter[str] = Counter()
    for taken in town.post.mails():
        went[sent[str(read(taken)["Message-ID"]).strip("<>").partition("@")[0]]] += 1
    assert max(went.values()) == 1, went
    steps = Counter(key.split("/")[2] for key in sent.values() if key.startswith("onboarding/"))
    assert {name: steps[name] for name in expected} == expected
    assert set(sent.values()) - set(went) <= set(uncertain), "a mail counts as sent, and nobody can know whether it was"
    return [str(begun(each.summary)["subject"]) for each in uncertain.values() if each.kind == "send"]


def named(rig: Rig, unsure: list[str]) -> None:
    """The brief of the next morning tells the OBM of every mail of which nobody can know."""
    morning = datetime.combine(rig.town.clock().date() + timedelta(days=1), CALL.timetz()).replace(hour=8, minute=1)
    rig.town.to(morning)
    assert rig.live(brief=True)[-1] == "end"
    brief = [mail for mail in map(read, rig.town.post.mails()) if "claire" in str(mail["To"])][-1]
    text = body(brief).replace("\u00a0", " ")
    for subject in unsure:
        assert f"mail « {subject} »".replace("\u00a0", " ") in text, text


@pytest.mark.parametrize("kind", AT_FIRST)
def test_killed_in_the_middle_of_every_kind_of_step(town: Town, nursery: Lives, tmp_path: Path, kind: str) -> None:
    rig = site_of(town, nursery, tmp_path / "hub")
    town.sell()
    town.book(CALL)
    assert rig.live(at=kind)[-1] == kind
    rig.rest()
    unsure = judge(rig, {"welcome": 1, "contract": 1, "booking_moved": 0}, CALL)
    assert len(unsure) == ("mail" in kind)
    named(rig, unsure)


def test_killed_while_a_link_for_one_appointment_is_made(town: Town, nursery: Lives, tmp_path: Path) -> None:
    link = {"name": "link", "after": "payment", "link": {"from": "calendly", "event_type": KIND}}
    rig, made = site_of(town, nursery, tmp_path / "hub", link), "answered POST /scheduling_links"
    town.sell()
    town.book(CALL)
    assert rig.live(at=made)[-1] == made
    rig.rest()
    assert judge(rig, {"welcome": 1, "contract": 1}, CALL) == []
    traces = "".join(file.read_text() for file in rig.folder.glob("trace-*"))
    assert traces.count(made) == 1, "nobody can ask which links there are: a second one is made by a person's word only"
    with rig.store() as store, store.read() as conn:
        (unsure,) = ledger.listing(conn, "lila", "uncertain")
    assert (unsure.kind, unsure.key.split("/")[2]) == ("link", "link")


@pytest.mark.parametrize("kind", WHEN_MOVED)
def test_killed_while_everything_follows_a_moved_call(town: Town, nursery: Lives, tmp_path: Path, kind: str) -> None:
    rig = site_of(town, nursery, tmp_path / "hub")
    town.sell()
    booking = town.book(CALL)
    rig.rest()
    town.skip(minutes=2)
    town.calendly.move(booking, LATER.isoformat())
    assert rig.live(at=kind)[-1] == kind
    rig.rest()
    unsure = judge(rig, {"welcome": 1, "contract": 1, "booking_moved": 1}, LATER)
    assert len(unsure) == ("mail" in kind)


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_while_every_answer_is_lost_once(
    seed: int, town: Town, nursery: Lives, tmp_path: Path
) -> None:
    rig, dice = site_of(town, nursery, tmp_path / "hub"), random.Random(seed)
    unwell(town)
    booked, moved, end = dice.random() < 0.5, dice.random() < 0.6, dice.choice(("", "", "cancelled", "refunded"))
    sold: Any
    booking: str
    sold, booking = ("", town.book(CALL)) if booked else (town.sell(), "")
    trouble(rig, dice)
    sold, booking = (town.sell(), booking) if booked else (sold, town.book(CALL))
    trouble(rig, dice)
    if moved:
        town.skip(minutes=2)
        booking = town.calendly.move(booking, LATER.isoformat())
        trouble(rig, dice)
    if not rig.killed:
        rig.live(1)
    rig.rest()
    if end == "cancelled":
        town.calendly.cancel(booking)
        trouble(rig, dice)
    if end == "refunded":
        town.account.refund(sold["charge"])
        trouble(rig, dice)
    rig.rest()
    assert rig.killed > 0
    told = {"booking_moved": int(moved), "booking_cancelled": int(end == "cancelled")}
    state = {"": ("open", ""), "cancelled": ("paused", "cancelled"), "refunded": ("stopped", "refunded")}[end]
    named(rig, judge(rig, {"welcome": 1, "contract": 1, **told}, LATER if moved else CALL, state))


def trouble(rig: Rig, dice: random.Random) -> None:
    """Some lives that end as nobody would wish."""
    for _ in range(dice.randint(1, 2)):
        if dice.random() < 0.2:
            rig.live(after=dice.uniform(0.1, 0.8))
        else:
            rig.live(dice.randint(1, 90))
        rig.town.skip(minutes=dice.choice((1, 6, 16)))
