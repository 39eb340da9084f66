"""Planning makes very many small objects that live until it is over, and no rings of them: meanwhile the search for
rings, which walks over every record in memory each time, finds nothing and takes a third of the time."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_INSIDE: list[bool] = []
"""Of each planning under way, whether the search was on when it began."""


@contextmanager
def calm() -> Iterator[None]:
    """No search for rings inside the block, whichever business is planned at the same time."""
    with _LOCK:
        _INSIDE.append(gc.isenabled() or any(_INSIDE))
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            was_on = _INSIDE.pop()
            if not _INSIDE and was_on:
                gc.enable()
