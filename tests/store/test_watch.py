"""A waiting worker notices what others write without asking the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hub.store import workers
from hub.store.database import Store
from hub.store.watch import Watch

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def falls_silent(watch: Watch) -> bool:
    """Whether a look soon says no. The store's own housekeeping may count as a commit once."""
    return any(not watch.moved() for _ in range(1000))


def test_what_another_connection_commits_is_noticed(store: Store) -> None:
    with Watch(store) as watch:
        assert watch.moved()  # nothing was looked at before: whoever starts must ask once
        for second, transaction in enumerate((store.write, store.quick)):
            falls_silent(watch)
            with transaction() as conn:
                workers.beat(conn, "somebody", "worker", NOW + timedelta(seconds=second))

            assert watch.moved()


def test_silence_is_told_where_the_database_can_tell_it(store: Store) -> None:
    with Watch(store) as watch:
        # PostgreSQL counts no commits for us: every look says yes there, and looks are rarer.
        assert falls_silent(watch) is (store.engine.dialect.name == "sqlite")
