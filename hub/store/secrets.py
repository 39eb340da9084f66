"""Secrets that a provider handed us (webhook secrets), encrypted at rest (R11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select

from hub.core.errors import ConfigError
from hub.store.schema import secrets


def put(conn: Connection, business: str, connection: str, name: str, secret: str, key: bytes, now: datetime) -> None:
    """Keep a secret beside the earlier ones of that name; one that is kept already is not kept twice.

    `key`: the installation's own, 32 bytes in URL-safe base64. ConfigError when it is not, or is not the one that the
    earlier secrets were written with.
    """
    if secret in get_all(conn, business, connection, name, key):
        return
    row = {"business": business, "connection": connection, "name": name, "made_at": now}
    conn.execute(insert(secrets), [row | {"secret": _fernet(key).encrypt(secret.encode()).decode()}])


def get_all(conn: Connection, business: str, connection: str, name: str, key: bytes) -> tuple[str, ...]:
    """Every secret of that name, newest first. ConfigError when `key` does not open them."""
    return tuple(secret for secret, _ in _read(conn, business, connection, secrets.c.name == name, key))


def get_dated(
    conn: Connection, business: str, connection: str, name: str, key: bytes
) -> tuple[tuple[str, datetime], ...]:
    """As `get_all`, each with the instant at which it was kept."""
    return tuple(_read(conn, business, connection, secrets.c.name == name, key))


def get_many(
    conn: Connection, business: str, connection: str, names: Iterable[str], prefix: str, key: bytes
) -> tuple[str, ...]:
    """Every secret under one of these names or under a name that begins with `prefix`, newest first."""
    wanted = or_(secrets.c.name.in_(sorted(names)), secrets.c.name.startswith(prefix, autoescape=True))
    return tuple(secret for secret, _ in _read(conn, business, connection, wanted, key))


def names(conn: Connection, business: str, connection: str) -> frozenset[str]:
    """The names under which something is kept."""
    query = select(secrets.c.name).where(secrets.c.business == business, secrets.c.connection == connection)
    return frozenset(conn.execute(query.distinct()).scalars())


def drop(conn: Connection, business: str, connection: str, name: str) -> None:
    """Forget every secret of that name."""
    same = (secrets.c.business == business, secrets.c.connection == connection, secrets.c.name == name)
    conn.execute(delete(secrets).where(*same))


def _read(
    conn: Connection, business: str, connection: str, which: ColumnElement[bool], key: bytes
) -> list[tuple[str, datetime]]:
    fernet = _fernet(key)
    query = (
        select(secrets.c.name, secrets.c.secret, secrets.c.made_at)
        .where(secrets.c.business == business, secrets.c.connection == connection, which)
        .order_by(secrets.c.id.desc())
    )
    rows: Sequence[Row[Any]] = conn.execute(query).all()
    found = []
    for row in rows:
        try:
            found.append((fernet.decrypt(row.secret.encode()).decode(), row.made_at))
        except InvalidToken:
            raise ConfigError(
                f"The stored secret {row.name!r} of {business}/{connection} does not open with this installation's "
                "key. Put the key back that it was stored with, or register the webhook anew."
            ) from None
    return found


def _fernet(key: bytes) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise ConfigError("The installation's key is not 32 bytes in URL-safe base64. Make one anew.") from None
