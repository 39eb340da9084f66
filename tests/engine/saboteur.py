"""Kills the hub at its n-th step, in process: every commit and every call to a destination is two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from connectors.notion.destination import NotionDestination
from hub.store.database import Store

CALLS = ("create", "update", "archive", "prepare")


class Killed(BaseException):
    """The process ended here. Nobody catches it."""


class Saboteur:
    """Counts steps; at step `at` the process dies: that step and every later one of any thread raises.

    `only`: `at` counts the steps that are called so ("create", "commit").
    """

    def __init__(
        self,
        at: int | None = None,
        destinations: tuple[type, ...] = (NotionDestination,),
        only: str = "",
    ) -> None:
        self.at = at
        self._only = only
        self._destinations = destinations
        self.steps: list[str] = []
        self.dead = False
        self._lock = threading.Lock()

    def step(self, name: str) -> None:
        with self._lock:
            self.steps.append(name)
            counted = sum(self._only in each for each in self.steps)
            self.dead = self.dead or (self._only in name and counted == self.at)
            if self.dead:
                raise Killed(name)

    @contextmanager
    def at_work(self) -> Iterator[Saboteur]:
        """As long as the block lasts."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("write", "quick"):
                patch.setattr(Store, name, self._commit(name, getattr(Store, name)))
            for destination in self._destinations:
                for name in CALLS:
                    patch.setattr(destination, name, self._call(name, getattr(destination, name)))
            yield self

    def _commit(self, name: str, open_: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def transaction(store: Store) -> Iterator[Connection]:
            with open_(store) as conn:
                yield conn
                self.step(f"before the commit of {name}")
            self.step(f"after the commit of {name}")

        return transaction

    def _call(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            self.step(f"before {name}")
            answer = call(*given, **named)
            self.step(f"after {name}")
            return answer

        return called


def steps_of(work: Callable[[], object]) -> list[str]:
    """The steps that this work takes when nobody kills it."""
    with Saboteur().at_work() as counting:
        work()
    return counting.steps


def killed_at(step: int, work: Callable[[], object]) -> str:
    """Begin this work and die at that step, if it comes to it; says where."""
    with Saboteur(step).at_work() as saboteur:
        try:
            work()
        except Killed as death:
            return f"killed at step {step}, {death}"
    assert not saboteur.dead, "somebody caught what nobody may catch"
    return f"not killed: {len(saboteur.steps)} steps were enough"
