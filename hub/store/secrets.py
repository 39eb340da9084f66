"""Secrets that a provider handed us (webhook secrets), encrypted at rest (R11)."""

from __future__ import annotations

from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, insert, select

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
    fernet = _fernet(key)
    query = (
        select(secrets.c.secret)
        .where(secrets.c.business == business, secrets.c.connection == connection, secrets.c.name == name)
        .order_by(secrets.c.id.desc())
    )
    try:
        return tuple(fernet.decrypt(token.encode()).decode() for token in conn.execute(query).scalars())
    except InvalidToken:
        raise ConfigError(
            f"The stored secret {name!r} of {business}/{connection} does not open with this installation's key. "
            "Put the key back that it was stored with, or register the webhook anew."
        ) from None


def _fernet(key: bytes) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise ConfigError("The installation's key is not 32 bytes in URL-safe base64. Make one anew.") from None
