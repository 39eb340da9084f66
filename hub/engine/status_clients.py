"""What the status says of clients who are being welcomed: numbers only, no names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import cast

from sqlalchemy import Connection

from hub.planning.journeys.figures import NOW, UNITS
from hub.store import figures


def client_figures(conn: Connection, business: str) -> dict[str, Mapping[str, Decimal | None]]:
    """Job -> its figures of clients, as they were counted last."""
    found = figures.of_jobs(conn, business, NOW)
    return {
        job: {row.figure: cast("Decimal | None", row.value) for row in rows if row.figure in UNITS}
        for job, rows in found.items()
    }


def client_reasons(values: Mapping[str, Decimal | None]) -> Iterator[str]:
    """What of it waits for a person, a sentence each."""
    if asked := values.get("journeys_asked"):
        who = "1 client waits" if asked == 1 else f"{asked} clients wait"
        yield f"{who} for your word before anything begins. See `hub journey`."
    if stuck := values.get("journeys_stuck"):
        what = "1 journey is stuck" if stuck == 1 else f"{stuck} journeys are stuck"
        yield f"{what}: a step has failed too often. See `hub why journeys_stuck`."
