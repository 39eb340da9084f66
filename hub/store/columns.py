"""The kinds of columns that our tables are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Column, Dialect, Integer, String, Text, TypeDecorator, text
from sqlalchemy.types import TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant to the microsecond, in and out.

    PostgreSQL has a type for it. SQLite keeps ISO 8601 text of one length, so that the order of texts is the order of
    instants and a person can read the file. A naive datetime is a TypeError.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"An instant needs a time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return value.astimezone(UTC)  # type: ignore[no-any-return]
        return datetime.fromisoformat(value)


BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows itself only in a column that is exactly INTEGER."""


def key(name: str) -> Column[str]:
    """Part of the primary key."""
    return Column(name, Text, primary_key=True)


def text_(name: str, *, null: bool = False) -> Column[str]:
    """Any text."""
    return Column(name, Text, nullable=null)


def count(name: str) -> Column[int]:
    """A number that starts at 0."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def instant(name: str, *, null: bool = False) -> Column[datetime]:
    """An aware UTC instant."""
    return Column(name, Instant, nullable=null)


def lease() -> tuple[Column[str], Column[datetime]]:
    """Who works on the row, and until when nobody else may."""
    return text_("lease_owner", null=True), instant("lease_until", null=True)
