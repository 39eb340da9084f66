"""What a database says when it cannot go on, said again in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.core.errors import ConfigError, HubError, TransientError

_SQLITE = (
    (
        "locked",
        TransientError,
        "was held by another process for too long. Is a backup or another tool holding it open?",
    ),
    ("disk is full", ConfigError, "cannot grow: the disk is full. Free some space; what was stored before is safe."),
    ("readonly", ConfigError, "cannot be written. Give the hub's user the right to write the file and its folder."),
    (
        "unable to open",
        ConfigError,
        "cannot be opened. Make its folder, and give the hub's user the right to write in it.",
    ),
    ("not a database", ConfigError, "is not a database, or is damaged. Move the file away and restore a backup."),
    ("malformed", ConfigError, "is damaged. Move the file away and restore a backup."),
    (
        "disk i/o error",
        ConfigError,
        "cannot be read or written: the disk reports an error. Check the disk and its space.",
    ),
)
"""A word of SQLite's message, what it is to us, and what to tell."""

_POSTGRES = (
    (
        ("28", "3D"),
        ConfigError,
        "refuses us. Check the user, the password and the name of the database in its address.",
    ),
    (("42501", "25006"), ConfigError, "does not let us write. Give the hub's user the right to write there."),
    (
        ("53100",),
        ConfigError,
        "cannot grow: the server's disk is full. Free some space; what was stored before is safe.",
    ),
    (("40", "55P03"), TransientError, "had two writers in each other's way. Nothing was written; try again."),
    (("53", "57", "08"), TransientError, "is down, stopping or overloaded. Try again when it is back."),
)
"""The start of an SQLSTATE (PostgreSQL manual, appendix A), what it is to us, and what to tell."""


def in_words(error: DBAPIError, where: str) -> HubError | None:
    """The error for people, or None when it is a mistake of our own code (a wrong statement, a broken constraint)."""
    original = error.orig
    said = str(original).strip().splitlines()[0] if str(original).strip() else type(original).__name__
    state = getattr(original, "sqlstate", None)
    if state is not None:
        for starts, kind, words in _POSTGRES:
            if state.startswith(starts):
                return kind(f"The database {where} {words} ({said})")
        return None
    for word, kind, words in _SQLITE:
        if word in said.lower():
            return kind(f"The database {where} {words} ({said})")
    if type(original).__module__.startswith("psycopg") and type(original).__name__ == "OperationalError":
        kind = ConfigError if "authentication" in said or "does not exist" in said else TransientError
        return kind(f"The database {where} does not answer. Is it running, and is its address right? ({said})")
    return None


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Raises TransientError or ConfigError in place of what a database raises about itself; the rest passes."""
    try:
        yield
    except PoolTimeout as error:
        raise TransientError(f"The database {where} has no free connection: too much at once. Try again.") from error
    except DBAPIError as error:
        told = in_words(error, where)
        if told is None:
            raise
        raise told from error
