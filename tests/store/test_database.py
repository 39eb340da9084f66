from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError

from hub.core.errors import ConfigError, TransientError
from hub.store import changes, ledger, runs, workers
from hub.store.database import Store, open_store
from hub.store.schema import workers as workers_table
from tests.store.conftest import NOW, Child, Postgres, answers


def begin(conn: Connection, key: str) -> None:
    ledger.begin(conn, "b", key, job="j", kind="create", summary="x" * 3000, run=None, now=NOW)


def keys(store: Store) -> list[str]:
    with store.read() as conn:
        return [entry.key for entry in ledger.listing(conn, "b", "started", limit=10**6)]


def test_a_process_killed_right_after_a_write_has_lost_nothing(
    url: str, store: Store, children: Callable[..., list[Child]]
) -> None:
    (child,) = children(1, "write_on", url)
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(25)]
    child.kill()
    said += child.stdout.read().split()
    assert {f"k{number}" for number in said} <= set(keys(store))
    assert len(said) >= 25


def test_a_write_waits_for_the_disk_and_a_quick_one_does_not(store: Store) -> None:
    setting = {
        "sqlite": ("PRAGMA synchronous", 2, 1),
        "postgresql": ("SHOW synchronous_commit", "on", "off"),
    }
    question, durable, quick = setting[store.engine.dialect.name]
    with store.write() as conn:
        assert conn.execute(text(question)).scalar() == durable
    with store.quick() as conn:
        assert conn.execute(text(question)).scalar() == quick


def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    def write_and_fail() -> None:
        with store.write() as conn:
            begin(conn, "k")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert keys(store) == []


def test_a_read_sees_one_state_while_others_write(store: Store) -> None:
    with store.read() as conn:
        assert ledger.counts(conn, "b") == {}
        with store.write() as writer:
            begin(writer, "k")
        assert ledger.counts(conn, "b") == {}
    assert keys(store) == ["k"]


def test_nothing_can_be_written_while_reading_postgres(postgres: Postgres) -> None:
    with (
        postgres.database(empty=False) as url,
        open_store(url) as store,
        pytest.raises(ConfigError, match="does not let us write"),
        store.read() as conn,
    ):
        begin(conn, "k")


def test_many_threads_of_many_processes_write_at_once_and_none_is_turned_away(
    url: str, store: Store, children: Callable[..., list[Child]]
) -> None:
    answers(children(3, "ring_often", url, 4, 20))
    with store.write() as conn:
        (change,) = changes.claim(conn, "b", "me", NOW, 30, 10)
        assert change.seq == 3 * 4 * 20
        assert workers.beats(conn) == [("me", "worker", NOW + timedelta(seconds=1), NOW + timedelta(seconds=1))]


def test_a_write_inside_a_write_is_refused_before_it_waits_for_itself(tmp_path: Path) -> None:
    with (
        open_store(f"sqlite:///{tmp_path}/hub.db") as store,
        store.write(),
        pytest.raises(RuntimeError, match="inside a write"),
        store.quick(),
    ):
        pass


def test_instants_come_back_in_utc_and_in_order(store: Store) -> None:
    paris = timezone(timedelta(hours=2))
    instants = [
        datetime(2026, 6, 1, 0, 30, tzinfo=paris),
        datetime(2026, 5, 31, 22, 30, 0, 1, tzinfo=UTC),
        datetime(2026, 5, 31, 22, 31, tzinfo=UTC),
    ]
    with store.write() as conn:
        for number, at in enumerate(instants):
            workers.beat(conn, f"w{number}", "worker", at)
        rows = conn.execute(workers_table.select().order_by(workers_table.c.at)).all()
    assert [row.at for row in rows] == instants
    assert {row.at.tzinfo for row in rows} == {UTC}


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="needs a time zone"), store.write() as conn:
        workers.beat(conn, "w", "worker", datetime(2026, 5, 31))  # noqa: DTZ001


def test_a_mistake_of_ours_is_not_dressed_up_and_shows_no_values(tmp_path: Path) -> None:
    with (
        open_store(f"sqlite:///{tmp_path}/hub.db") as store,
        pytest.raises(IntegrityError) as caught,
        store.write() as conn,
    ):
        conn.execute(workers_table.insert(), [{"owner": "whsec_hush", "kind": None, "at": NOW, "started_at": NOW}])
    assert "whsec_hush" not in str(caught.value)


def test_a_full_disk_is_told_in_words_and_costs_nothing_that_was_stored(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/hub.db") as store:
        with store.write() as conn:
            begin(conn, "before")
        store.engine.dispose()

        @event.listens_for(store.engine, "connect")
        def _(connection: object, _record: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # no page more than there are

        def fill() -> None:
            with store.write() as conn:
                for number in range(100):
                    begin(conn, f"k{number}")

        with pytest.raises(ConfigError, match=r"hub\.db cannot grow: the disk is full"):
            fill()
        assert keys(store) == ["before"]


def test_a_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(ConfigError, match=r"hub\.db is not a database"):
        open_store(f"sqlite:///{tmp_path}/hub.db")


def test_a_damaged_database_is_told_in_words(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/hub.db") as store, store.write() as conn:
        begin(conn, "k")
    file = tmp_path / "hub.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(ConfigError, match="damaged"):
        open_store(f"sqlite:///{tmp_path}/hub.db")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{tmp_path}/nowhere"):
        open_store(f"sqlite:///{tmp_path}/nowhere/hub.db")


@pytest.fixture
def powerless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that we may enter and read but not write, even where the tests run as root."""
    folder = tmp_path_factory.mktemp("readonly")
    with open_store(f"sqlite:///{folder}/there.db") as store, store.write() as conn:
        begin(conn, "k")
    parents = [parent for parent in folder.parents if parent.stat().st_uid == os.geteuid() and parent != Path("/")]
    modes = {parent: parent.stat().st_mode for parent in parents if not parent.stat().st_mode & 0o001}
    for parent, mode in modes.items():
        parent.chmod(mode | 0o011)
    folder.chmod(0o555)
    (folder / "there.db").chmod(0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.chmod(0o755)
    for parent, mode in modes.items():
        parent.chmod(mode)


def test_a_folder_that_cannot_be_written_is_told_in_words(powerless: Path) -> None:
    with pytest.raises(ConfigError, match=r"new\.db cannot be opened.*the right to write"):
        open_store(f"sqlite:///{powerless}/new.db")


def test_a_file_that_cannot_be_written_is_told_in_words(powerless: Path) -> None:
    with pytest.raises(ConfigError, match=r"there\.db cannot be (opened|written).*the right to write"):
        open_store(f"sqlite:///{powerless}/there.db")


@pytest.mark.parametrize("address", ["hub.db", "mysql://me:hush@host/hub", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_we_cannot_use_is_told_without_its_password(address: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///data/hub\.db") as caught:
        open_store(address)
    assert "hush" not in str(caught.value)


def test_a_server_that_is_down_is_worth_another_try_and_its_password_stays_ours() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(TransientError, match="does not answer") as caught:
            open_store(f"postgresql://me:hush@127.0.0.1:{port}/hub")
    assert "hush" not in str(caught.value)


def test_a_database_that_the_server_does_not_have_is_for_a_person_to_put_right(postgres: Postgres) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        open_store(postgres.url("nowhere"))


def test_a_server_that_drops_us_is_worth_another_try(postgres: Postgres) -> None:
    with postgres.database(empty=False) as url, open_store(url) as store:

        def be_dropped() -> None:
            with store.write() as conn:
                pid = conn.execute(text("SELECT pg_backend_pid()")).scalar()
                postgres.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
                begin(conn, "k")

        with pytest.raises(TransientError, match="is down"):
            be_dropped()
        with store.write() as conn:
            begin(conn, "k")
        assert keys(store) == ["k"]


def test_closing_ends_the_thread_that_tends_the_log(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    store = open_store(f"sqlite:///{tmp_path}/hub.db")
    with store.write() as conn:
        runs.start(conn, "b", "sync", "stripe", "atelier-lila · sync", NOW, "me")
    assert set(threading.enumerate()) > before
    store.close()
    assert set(threading.enumerate()) == before


def test_the_log_is_moved_into_the_file_beside_the_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.store.checkpoint.PAUSE_SECONDS", 0.001)
    with open_store(f"sqlite:///{tmp_path}/hub.db") as store:
        with store.write() as conn:
            for number in range(100):
                begin(conn, f"k{number}")
        while (tmp_path / "hub.db").stat().st_size < 100 * 3000:
            threading.Event().wait(0.01)
