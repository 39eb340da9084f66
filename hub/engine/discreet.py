"""How what is done for clients is called where others look on: by their initials and the step, never a name in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.planning.journeys.persons import initials
from hub.planning.journeys.types import Doing

ADDRESS = re.compile(r"[^\s<>\"'«»(),;:/]+@[^\s<>\"'«»(),;:/]+\.[^\s<>\"'«»(),;:/]*[\w]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discreet:
    """`steps`: ledger key -> "M. D. welcome", in the order of the plan. `names`: name or address -> "M. D."."""

    steps: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def headline(self) -> str:
        """ "M. D. welcome + 2": what a run does; "" of one that does nothing for a client."""
        said = list(dict.fromkeys(self.steps.values()))
        return "" if not said else said[0] if len(said) == 1 else f"{said[0]} + {len(said) - 1}"

    def veiled(self, text: str) -> str:
        """The text without names in full and without addresses."""
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, self.names[name])
        return ADDRESS.sub("…@…", text)


def discreet(doings: Iterable[Doing], keys: Iterable[str]) -> Discreet:
    """Of a plan. `keys`: of its actions; one that belongs to no doing (a question about several) has its own name."""
    steps: dict[str, str] = {}
    names: dict[str, str] = {}
    every = list(doings)
    known = {each.key: f"{initials(each.client.name, each.client.address)} {each.name}" for each in every}
    for each in every:
        short = initials(each.client.name, each.client.address)
        names |= dict.fromkeys(filter(None, (each.client.address, each.client.name, *each.client.addresses)), short)
    for key in keys:
        # A mail to several people has a key for each of them, below that of the doing.
        steps[key] = known.get(key) or known.get(key.rpartition("/")[0]) or key.split("/")[1]
    return Discreet(steps=steps, names=names)
