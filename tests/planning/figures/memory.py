"""What the hub wrote down of a random business at the ends of past months, which its records no longer say."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.types import Record
from tests.planning.figures.oracle.world import after, later, midnight

KEPT = ("customer", "product", "subscription", "subscription_schedule", "invoice")
ONSET = ("past_due", "unpaid", "paused")
"""States that began some day before now: nobody says when."""


def evenings(first: datetime, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Half an hour before each local month between the two is over."""
    local, found = first.astimezone(zone), []
    year, month = local.year, local.month
    while (at := midnight(*after(year, month), zone) - timedelta(minutes=30)) < now:
        found.append(at)
        year, month = after(year, month)
    return [at for at in found if at > first]


def as_of(records: Iterable[Record], at: datetime, now: datetime, seed: int) -> tuple[Record, ...]:
    """The records of then. Quantities may have been others; an end that was not asked for yet is not there."""
    found = []
    for record in records:
        if record.stream not in KEPT or record.at is None or record.at > at:
            continue
        if record.stream == "subscription":
            found.append(Record(stream=record.stream, key=record.key, fields=then(record, at, now, seed), at=record.at))
        else:
            found.append(record)
    return tuple(found)


def then(record: Record, at: datetime, now: datetime, seed: int) -> dict[str, Any]:
    fields: dict[str, Any] = dict(record.fields)
    if fields["ended_at"] is not None and fields["ended_at"] <= at:
        return fields
    of_it = random.Random(f"{seed} {record.key}")
    onset = fields["started_at"] + (now - fields["started_at"]) * of_it.random()
    if fields["ended_at"] is not None:
        fields |= {"ended_at": None, "status": "active", "cancellation_reason": None}
    if fields["canceled_at"] is not None and fields["canceled_at"] > at:
        fields |= {"canceled_at": None, "cancel_at": None, "cancel_at_period_end": False}
    if at < onset:
        fields["collection_paused"] = False
        fields["status"] = "active" if fields["status"] in ONSET else fields["status"]
    if fields["trial_end"] is not None and at < fields["trial_end"] and fields["status"] in ("active", *ONSET):
        fields["status"] = "trialing"
    that_day = random.Random(f"{seed} {record.key} {at}")
    fields["items"] = tuple(seen(item, at, that_day) for item in fields["items"])
    return fields


def seen(item: dict[str, Any], at: datetime, rng: random.Random) -> dict[str, Any]:
    price, start, end = item["price"], item["period_start"], item["period_end"]
    n = 0
    while start > at:
        n += 1
        end, start = start, later(item["period_start"], price["interval"], -n * price["interval_count"])
    quantity = item["quantity"]
    if quantity and rng.random() < 0.3:
        quantity = max(0, quantity + rng.choice((-2, -1, 1, 3)))
    return {**item, "period_start": start, "period_end": end, "quantity": quantity}
