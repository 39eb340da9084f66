"""What one more sale costs: of each figure that it changes, one share of the proof, and nothing of the others."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from hub.core.types import Record
from hub.engine import figures
from hub.engine.runtime import Runtime
from hub.planning import ledger as kept_up
from hub.planning.counted import Counted
from hub.planning.figure import from_values, value_of
from hub.planning.revenue import count
from hub.store import figure_memory, figure_shares, jobs, mirror
from hub.store import figures as figure_store
from hub.store.database import Store
from tests.planning.figures.test_subledgers import sale
from tests.planning.make import business, job, subscription, transaction, utc

NOW = utc("2026-11-21T12:00")
ASKED = job(figures=["cash_in", "mrr", "refund_rate"], since="2026-10-01")
SALES = [record for n in range(60) for record in sale(n, utc("2026-11-02") + timedelta(hours=n))]


class Undone(Exception):
    """What was written is taken back."""


class Hub:
    """One business whose mirror changes, and the process that counts it."""

    def __init__(self, store: Store) -> None:
        self.store, self.business, self.at = store, business(), NOW
        with store.write() as conn:
            jobs.ensure(conn, self.business.key, [ASKED.name], NOW)
        self.restart()

    def restart(self) -> None:
        self.runtime = Runtime(self.store, self.business, (ASKED,), {}, self._nothing, lambda: self.at)

    def _nothing(self, connection: str) -> Any:
        raise AssertionError(f"{connection} was opened")

    def reads(self, records: Sequence[Record]) -> None:
        self.at += timedelta(minutes=1)
        with self.store.write() as conn:
            mirror.put(conn, self.business.key, "stripe", records, self.at)

    def counts(self, *, undone: bool = False) -> Counted:
        """As a turn does. `undone`: something goes wrong before what it stored is there for good."""
        with self.store.read() as conn:
            view = self.runtime.view(conn)
            known = figures.around(conn, self.runtime, ASKED)
        ledger = self.runtime.counting[ASKED.name].ledger
        counted = count(view, ASKED, self.business, self.at, known, ledger)
        with suppress(Undone), self.store.write() as conn:
            figures.keep(self.runtime, ASKED, counted, conn)
            if undone:
                raise Undone
        return counted

    @contextmanager
    def written(self) -> Iterator[dict[str, int]]:
        """Table -> how many rows were written to it."""
        found: dict[str, int] = {}

        def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            if statement.startswith(("INSERT INTO ", "DELETE FROM ")):
                table = statement.split()[2]
                found[table] = found.get(table, 0) + (len(parameters) if many else 1)

        event.listen(self.store.engine, "before_cursor_execute", note)
        yield found
        event.remove(self.store.engine, "before_cursor_execute", note)

    def stored(self) -> dict[str, Any]:
        """Key of each figure -> its value, which its stored lines add up to."""
        with self.store.read() as conn:
            rows = figure_store.listing(conn, self.business.key)
        for row in rows:
            lines = from_values(row.proof)
            assert value_of(row.unit, lines, row.currency) == row.value  # type: ignore[arg-type]
        return {f"{row.figure}/{row.period}/{row.currency}": row.value for row in rows}


@pytest.fixture
def hub(store: Store, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(kept_up, "number_for", lambda _: 16)
    hub = Hub(store)
    hub.reads(SALES)
    hub.counts()
    return hub


def test_one_more_sale_writes_one_share_of_each_figure_that_it_changes(hub: Hub) -> None:
    hub.reads(sale(60, hub.at))
    with hub.written() as rows:
        counted = hub.counts()
    assert hub.runtime.counting[ASKED.name].ledger.recounted == 1
    assert rows["figure_shares"] == 2  # of cash_in and refund_rate
    assert rows["figures"] == 2
    assert {key: each.value for key, each in counted.known.items()} == hub.stored()


def test_what_was_undone_is_stored_by_the_next_turn(hub: Hub) -> None:
    hub.reads([subscription("sub_1", created=NOW), *sale(60, hub.at)])
    hub.counts(undone=True)
    counted = hub.counts()
    assert {key: each.value for key, each in counted.known.items()} == hub.stored()
    with hub.store.read() as conn:
        assert list(figure_memory.states_on(conn, hub.business.key, ASKED.name, [NOW.date()])[NOW.date()]) == ["sub_1"]


def test_two_processes_that_take_turns_never_leave_what_only_the_other_knew(hub: Hub) -> None:
    other = Hub(hub.store)
    other.at = hub.at
    before = hub.stored()
    new = sale(60, hub.at)
    hub.reads(new)
    other.at = hub.at
    other.counts()
    assert hub.stored() != before
    hub.reads([replace(each, fields={}, at=None, deleted=True) for each in new])
    hub.counts()  # for this process nothing has changed
    assert hub.stored() == before


def test_a_turn_without_news_writes_nothing(hub: Hub) -> None:
    with hub.written() as rows:
        hub.counts()
    assert rows == {}


def test_a_process_that_starts_again_writes_only_what_is_not_there(hub: Hub) -> None:
    hub.restart()
    with hub.written() as rows:
        hub.counts()
    assert "figure_shares" not in rows
    assert "figures" not in rows


@pytest.mark.parametrize("seed", range(5))
def test_whatever_comes_and_goes_the_stored_lines_add_up_to_the_stored_figures(hub: Hub, seed: int) -> None:
    rng = random.Random(seed)
    for step in range(6):
        new = [record for n in rng.sample(range(60, 80), 3) for record in sale(n, hub.at)]
        new += [transaction(f"txn_r{rng.randrange(9)}", "-5", hub.at, "refund")]
        old = [replace(each, fields={}, at=None, deleted=True) for each in rng.sample(SALES, 3)]
        hub.reads(new if step % 2 else old)
        if rng.random() < 0.3:
            hub.restart()
        counted = hub.counts()
        assert {key: each.value for key, each in counted.known.items()} == hub.stored()


def test_a_proof_that_needs_no_shares_any_more_is_in_one_piece_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_up, "number_for", lambda _: 1)
    before = hub.stored()
    hub.restart()
    hub.counts()
    assert hub.stored() == before
    with hub.store.read() as conn:
        held = figure_shares.digests(conn, hub.business.key, ASKED.name)
    assert not any(held.values())
