"""What was seen of a task over time. Providers tell only what it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

Due: TypeAlias = date | datetime
"""A day, which ends at 24:00 where the reader is, or an aware UTC instant."""


@dataclass(frozen=True, slots=True)
class Past:
    """What was seen of a task over time. `first_due`: the first due value; `postponed`: how often it went later.

    `due_when_done`: the due value at the instant at which it was completed. `due`: the last due value that it had.
    `done`: it was done when it was last seen. `done_at`: when it was, as exactly as is known; None when it was done
    already when it was first seen and its tool does not say since when.
    """

    first_due: Due | None
    postponed: int
    due_when_done: Due | None = None
    due: Due | None = None
    done: bool = False
    done_at: datetime | None = None
