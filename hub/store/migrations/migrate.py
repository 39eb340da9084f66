"""Running the steps. Alembic is imported only when there is one to run: opening a current database stays quick."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hub.core.errors import ConfigError

HEAD = "0007"
"""The revision that this code works with; a test compares it with the newest file in `versions`."""

_LOCK = 6_834_530_021
"""Any number that no other program takes as its PostgreSQL advisory lock."""


def is_current(conn: Connection) -> bool:
    """Whether the tables are already as this code wants them."""
    return _revision(conn) == HEAD


def upgrade(conn: Connection) -> None:
    """Bring the tables up to date in the transaction of `conn`: all of it or nothing.

    The first of several processes does the work. SQLite: `conn` must have begun IMMEDIATE, which makes the others wait;
    PostgreSQL: a lock that ends with the transaction does. ConfigError when a newer hub has been here.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    if is_current(conn):
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigError(
            f"The database is at revision {_revision(conn)}, which this hub does not know. It was used by "
            "a newer hub: install that one, or restore a backup from before."
        ) from error


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
