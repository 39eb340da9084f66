"""Nobody who looks at Prefect reads the full name or the address of a client there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hub.engine.discreet import Discreet
from hub.engine.turn import Turn

_NOBODY = Discreet()
_NOW: ContextVar[Discreet | None] = ContextVar("discreet", default=None)


@contextmanager
def discreetly(turn: Turn) -> Iterator[None]:
    """What is shown inside the block speaks of the clients of this turn by their initials."""
    names = {name: short for result in turn.jobs if result.discreet for name, short in result.discreet.names.items()}
    before = _NOW.set(Discreet(names=names))
    try:
        yield
    finally:
        _NOW.reset(before)


def veiled(text: str) -> str:
    """The text as it may be shown."""
    return (_NOW.get() or _NOBODY).veiled(text)


class Veiling(logging.Formatter):
    """Log lines as they may be shown."""

    def format(self, record: logging.LogRecord) -> str:
        return veiled(super().format(record))
