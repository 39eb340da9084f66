"""Opening the database, and the three ways to use it: read, write durably, write quickly.

SQLite: write-ahead log; every durable write is one BEGIN IMMEDIATE transaction that ends with the disk's word
(synchronous=FULL), and writers take turns (`hub.store.turns`), so that nobody meets "database is locked".
PostgreSQL: ordinary transactions; a read is one snapshot (REPEATABLE READ).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from hub.core.errors import ConfigError
from hub.store.checkpoint import BACKSTOP_PAGES, Checkpointer
from hub.store.faults import explained
from hub.store.migrations import migrate
from hub.store.turns import Turns

BUSY_SECONDS = 30.0
"""How long a writer waits for the others before it gives up."""


class Store:
    """An open database. Threads share it freely; processes open their own."""

    def __init__(self, engine: Engine, quick: Engine, where: str, turns: Turns | None = None) -> None:
        """`turns`: who writes next, where the database (SQLite) takes one writer at a time."""
        self.engine = engine
        self.where = where
        self._quick = quick
        self._turns = turns
        self._checkpointer = None if turns is None else Checkpointer(quick, where, turns)
        if turns is not None:
            self._reader = engine.execution_options(**{_BEGIN: "BEGIN"})
        else:
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose every statement sees one and the same state. Not for writing."""
        with explained(self.where), self._reader.begin() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: on disk when the block has ended, undone when it raised.

        Raises TransientError when others held the database for too long or it is down, ConfigError when it cannot be
        written. A write inside another write of the same thread is a RuntimeError: it would wait for itself.
        """
        with explained(self.where), self._turn(), self.engine.begin() as conn:
            yield conn

    @contextmanager
    def quick(self) -> Iterator[Connection]:
        """As `write`, but without waiting for the disk: a power cut may lose the last moments, never the file.

        For what is worthless after a power cut: rate limits and heartbeats.
        """
        with explained(self.where), self._turn(), self._quick.begin() as conn:
            yield conn

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        with self._turns.take():
            yield
        if self._checkpointer is not None:
            self._checkpointer.written()

    def close(self) -> None:
        """Close every connection."""
        if self._checkpointer is not None:
            self._checkpointer.stop()
        self._quick.dispose()
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


_BEGIN = "hub_begin"


def open_store(url: str) -> Store:
    """Open the database at `url` and bring its tables up to date; an empty or missing one is filled.

    `url`: `sqlite:///folder/file.db` or `postgresql://user:password@host/name`. Several processes may open the same
    empty database at once. Raises ConfigError when the address is wrong or the place cannot be written (SQLite's folder
    must exist), TransientError when PostgreSQL is down.
    """
    address = _address(url)
    store = _open_sqlite(address) if address.get_backend_name() == "sqlite" else _open_postgres(address)
    try:
        with store.read() as conn:
            ready = migrate.is_current(conn)
        if not ready:
            with store.write() as conn:
                migrate.upgrade(conn)
    except BaseException:
        store.close()
        raise
    return store


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise ConfigError("The database's address is unreadable: write it like sqlite:///data/hub.db") from None
    backend = address.get_backend_name()
    if backend == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    raise ConfigError(
        f"The hub keeps its data in a file (sqlite:///data/hub.db) or in PostgreSQL (postgresql://user@host/name), "
        f"not in {address.render_as_string(hide_password=True)}"
    )


def _open_sqlite(address: URL) -> Store:
    path = Path(address.database or "")
    if not os.path.isdir(path.parent):  # `Path.is_dir` raises where we may not even look
        raise ConfigError(
            f"The folder {path.parent.absolute()} for the database {path.name} is not there, or the hub's user may not "
            "enter it: make it, or give that user the right to write in it."
        )
    if sqlite3.sqlite_version_info < (3, 35):
        raise ConfigError(f"SQLite {sqlite3.sqlite_version} is too old: the hub needs 3.35 or later.")
    engine = _sqlite_engine(address, "FULL")
    try:
        with explained(str(path)):
            _use_write_ahead_log(engine)
        turns = Turns(path, BUSY_SECONDS)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, _sqlite_engine(address, "NORMAL"), str(path), turns)


def _sqlite_engine(address: URL, synchronous: str) -> Engine:
    engine = create_engine(
        address,
        # Our own BEGIN, not the driver's; threads hand connections to one another through the pool.
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=-1,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {BACKSTOP_PAGES}")

    @event.listens_for(engine, "begin")
    def _(conn: Connection) -> None:
        # A writer takes its turn at once: a reader that turns writer halfway could only fail.
        conn.exec_driver_sql(conn.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))

    return engine


def _use_write_ahead_log(engine: Engine) -> None:
    """The file remembers its mode. SQLite does not wait when two switch it at once, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    with engine.connect() as conn:
        driver = conn.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # what type checkers cannot know
        while True:
            try:
                driver.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise OperationalError("PRAGMA journal_mode", None, error) from error
                time.sleep(0.01)
            else:
                return


def _open_postgres(address: URL) -> Store:
    try:
        engine = _postgres_engine(address, pool_size=5, pool_pre_ping=True)
        quick = _postgres_engine(address, pool_size=2)
    except ModuleNotFoundError:
        raise ConfigError("PostgreSQL needs its driver: pip install 'hub[postgres]'") from None

    @event.listens_for(quick, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.execute("SET synchronous_commit = off")
        connection.commit()

    return Store(engine, quick, address.render_as_string(hide_password=True))


def _postgres_engine(address: URL, **options: Any) -> Engine:
    return create_engine(
        address, connect_args={"connect_timeout": 10}, max_overflow=15, hide_parameters=True, **options
    )
