from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from hub.core.errors import ConfigError
from hub.store import migrations
from hub.store.database import Store, open_store
from hub.store.migrations import migrate
from hub.store.schema import metadata
from tests.store.conftest import Child, answers


def test_migrating_an_empty_database_gives_exactly_our_tables(empty_url: str) -> None:
    with open_store(empty_url) as store, store.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_opening_a_current_database_changes_nothing(store: Store) -> None:
    with store.write() as conn:
        before = inspect(conn).get_table_names()
        migrate.upgrade(conn)
        assert inspect(conn).get_table_names() == before


def test_the_code_works_with_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_a_database_of_a_newer_hub_is_left_alone(url: str) -> None:
    with open_store(url) as store, store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match=r"9999.*newer hub"):
        open_store(url)


def test_several_processes_may_open_one_empty_database_at_once(
    empty_url: str, children: Callable[..., list[Child]]
) -> None:
    answers(children(4, "open_it", empty_url))
    with open_store(empty_url) as store, store.read() as conn:
        assert migrate.is_current(conn)


def test_every_row_names_its_business(store: Store) -> None:
    with store.read() as conn:
        inspector = inspect(conn)
        tables = set(inspector.get_table_names()) - {"alembic_version", "workers"}
        assert tables == set(metadata.tables) - {"workers"}
        for table in sorted(tables):
            columns = {column["name"]: column for column in inspector.get_columns(table)}
            assert not columns["business"]["nullable"], table


def test_a_hub_of_the_first_revision_reads_its_records_again_and_keeps_what_it_wrote(empty_url: str) -> None:
    """Records have other fields since then; what was written outside, and its ledger, must stay known."""
    engine = create_engine(empty_url.replace("postgresql://", "postgresql+psycopg://"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        at = 1_760_000_000_000_000 if conn.dialect.name == "sqlite" else "2026-11-21T10:00:00Z"
        names = "business, connection, stream, key, body, digest, deleted, read_at, seq"
        conn.execute(
            text(f"INSERT INTO mirror ({names}) VALUES ('b', 'stripe', 'charge', 'ch', '{{}}', 'd', false, :at, 1)"),
            {"at": at},
        )
        names = "business, connection, stream, started_at, complete_at"
        conn.execute(text(f"INSERT INTO cursors ({names}) VALUES ('b', 'stripe', 'charge', :at, :at)"), {"at": at})
        names = "business, job, collection, row, ref, content, version, updated_at"
        conn.execute(
            text(f"INSERT INTO links ({names}) VALUES ('b', 'j', 'c', 'r', 'page', '{{}}', 1, :at)"), {"at": at}
        )
    engine.dispose()

    with open_store(empty_url) as store, store.read() as conn:
        counts = {
            name: conn.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in ("mirror", "cursors", "links")
        }

    assert counts == {"mirror": 0, "cursors": 0, "links": 1}
