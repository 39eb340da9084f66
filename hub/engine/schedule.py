"""When a failed piece of work is tried again. Policy is data; the code walks it (DESIGN section 6)."""

from __future__ import annotations

from datetime import datetime, timedelta

RETRY_SECONDS = (2, 10, 30, 60, 300, 900, 3600, 10800, 21600, 43200, 86400)
"""Added up about two days: longer than any outage that the providers' own redeliveries bridge without us."""

LEASE_SECONDS = 60.0
"""How long claimed work stays claimed without a sign of life of its owner."""

BEAT_SECONDS = 10.0
"""How often a living worker says so and renews its leases."""

CLAIM_LIMIT = 200
"""Changes read in one turn: enough to carry a burst, few enough that other work of the business gets its turn soon."""

PROBE_SECONDS = 300.0
"""How often a paused connection is tried again, in case its keys or rights were put right."""


def next_try(attempts: int, now: datetime, retry_after: float | None) -> datetime | None:
    """When to try again after `attempts` failures, or None when there were enough. Retry-After is never cut short."""
    if attempts >= len(RETRY_SECONDS):
        return None
    return now + timedelta(seconds=max(RETRY_SECONDS[attempts], retry_after or 0.0))
