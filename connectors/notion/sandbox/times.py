"""Notion's three ways to write an instant: they differ by object."""

from __future__ import annotations

from datetime import UTC, datetime


def minute(at: datetime) -> str:
    """Pages, blocks, data sources: rounded down to the minute, "2026-07-04T09:09:00.000Z"."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}:00.000Z"


def offset(at: datetime) -> str:
    """Databases: with milliseconds and an offset, "2026-07-04T09:09:45.607+00:00"."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def precise(at: datetime) -> str:
    """Webhook events: with milliseconds, "2026-07-04T09:09:45.607Z"."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
