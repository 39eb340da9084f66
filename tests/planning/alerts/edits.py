"""What people and machines do to a business, by hand or at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

CHANGES = (
    "done", "reopen", "move", "back", "day", "instant", "undated", "assign", "nobody", "both", "stranger", "delete",
    "rename", "snooze", "not mine",
)  # fmt: skip
WEIGHTS = (8, 2, 7, *[1] * (len(CHANGES) - 1), *[0.8] * 4)
OUTAGES = ("hub down", "mail refused", "source away", "schedule paused")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Something that happens `at` minutes after the start. `rings`: a webhook tells the hub at once."""

    at: int
    what: str
    task: int = 0
    who: int = 0
    days: int = 1
    rings: bool = True


FIRST_READ = Edit(at=0, what="poll")
"""The hub sees, for the first time, all that there is."""


def at_random(seed: int, days: int, rate: float = 4) -> Iterator[Edit]:
    """Edits and outages of so many days, `rate` a day."""
    dice = random.Random(seed)
    for _ in range(12):
        who, ahead = dice.randrange(99), dice.randint(-15, 20)
        yield Edit(at=0, what="create", task=dice.randrange(99), who=who, days=ahead, rings=False)
    yield FIRST_READ
    for _ in range(int(days * rate)):
        what = dice.choices(["create", "poll", *CHANGES, *OUTAGES], WEIGHTS)[0]
        at, task, rings = dice.randrange(days * 24 * 60), dice.randrange(99), dice.random() < 0.7
        shift = dice.choice([-9, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7, 9, 12])
        yield Edit(at=at, what=what, task=task, who=dice.randrange(99), days=shift, rings=rings)
        if what in ("snooze", "not mine", "move") and dice.random() < 0.6:  # the same task again, soon after
            what = dice.choice(["move", "back", "assign"])
            later = at + dice.randrange(3 * 24 * 60)
            yield Edit(at=later, what=what, task=task, who=dice.randrange(99), days=shift, rings=rings)
