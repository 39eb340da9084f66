"""Whatever people do, whatever is told of it, wherever the hub dies: one reconcile later both sides are right.

Real sockets on every side. TEST_SYNC_SEEDS=200 runs more seeds than CI does.
"""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pytest

from connectors.asana.destination import AsanaDestination
from connectors.notion.destination import NotionDestination
from tests.engine.saboteur import Killed, Saboteur
from tests.sync.cost import Meter, effects
from tests.sync.life import People
from tests.sync.webhooks import Post, calling
from tests.sync.world import Boxes, Site, site

SEEDS = range(int(os.environ.get("TEST_SYNC_SEEDS", "6")))
ROUNDS = 8


def work(made: Site, how: str) -> None:
    if how == "told":
        made.worker.turns(made.runtime)
    elif how == "hour":
        made.look()
    else:
        made.reconcile()


def round_of(made: Site, people: People, post: Post, kill: tuple[int, str] | None = None) -> int:
    """Some things happen, some of it is told, the hub works; how often it died meanwhile."""
    dice = people.dice
    for _ in range(dice.randint(1, 5)):
        people.act()
    made.boxes.skip(dice.choice((0, 5, 70, 400)))
    post.come()
    how = "night" if kill else dice.choice(("told", "told", "hour", "night"))
    deaths = 0
    while died(made, people, how, kill):
        kill = None
        # What is started again goes on with what was claimed, before anything new is told.
        deaths, how = deaths + 1, dice.choice(("told", "told", "hour", "night"))
        made.restart()
    if dice.random() < 0.2:
        made.restart()
    return deaths


class Meanwhile(Saboteur):
    """Saboteur of a hub that works while people do: between any two steps of it somebody may do something.

    `busy`: at how many of a hundred steps.
    """

    def __init__(self, people: People, busy: int, at: int | None, only: str) -> None:
        super().__init__(at, (NotionDestination, AsanaDestination), only)
        self._people = people
        self._dice = random.Random(people.dice.random())
        self._busy = busy
        self._turns = threading.Lock()

    def step(self, name: str) -> None:
        with self._turns:
            if not self.dead and self._dice.randrange(100) < self._busy:
                self._people.act()
        super().step(name)


def died(made: Site, people: People, how: str, kill: tuple[int, str] | None) -> bool:
    """The hub works; in about half of all cases it dies at some step. `kill`: at which."""
    dice = people.dice
    most, only = kill or dice.choice(((0, ""), (0, ""), (30, ""), (4, "create"), (4, "update")))
    at = dice.randint(1, most) if most else None
    saboteur = Meanwhile(people, dice.choice((0, 0, 10, 30)), at, only)
    with saboteur.at_work():
        try:
            work(made, how)
        except Killed:
            assert saboteur.dead
    return saboteur.dead


@pytest.mark.parametrize("seed", SEEDS)
def test_after_one_reconcile_both_sides_are_right_and_rest(seed: int, boxes: Boxes, tmp_path: Path) -> None:
    new_rows = ("left", "copied")[seed % 2]
    name = f"Épreuve {os.getpid()} {seed}"
    # So few records that people soon have changed most of them: what is held for that has tests of its own.
    with (
        site(boxes, tmp_path, name, changes_above="100 %", new_rows=new_rows) as made,
        calling(made, seed) as post,
    ):
        people = People(made, seed)
        for _ in range(6):
            people.act("add")
        people.act("write")
        deaths = round_of(made, people, post, kill=(4, "create"))
        deaths += sum(round_of(made, people, post) for _ in range(ROUNDS))
        made.boxes.skip(120)

        effects(made.reconcile())

        people.judge()
        meter = Meter(boxes)
        assert effects(made.reconcile()) == 0
        assert meter.spent().writes == 0
        people.judge()
        assert deaths > 0
