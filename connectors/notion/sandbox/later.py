"""What Notion does some time after it has answered, by the sandbox's own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Later:
    """Work that is due at an instant, and done before anybody looks after it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._due: list[tuple[datetime, Callable[[], None]]] = []

    def add(self, wait: timedelta, work: Callable[[], None]) -> None:
        """Do something once the clock has gone on so far."""
        self._due.append((self._now() + wait, work))

    def settle(self) -> None:
        """Do what is due by now, in the order in which it was asked for."""
        now = self._now()
        due = [work for at, work in self._due if at <= now]
        self._due = [(at, work) for at, work in self._due if at > now]
        for work in due:
            work()

    def clear(self) -> None:
        """Nothing is due any more."""
        self._due.clear()
