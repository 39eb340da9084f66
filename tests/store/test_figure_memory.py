"""What was known on which day stays known, whatever is learned later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.store import entries, figure_memory
from hub.store.database import Store
from hub.store.entries import EntryRow, StatementRow
from hub.store.figures import FigureRow

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
DAY = date(2026, 11, 1)


def row(value: str, period: str = "2026-10") -> FigureRow:
    return FigureRow("mrr", period, "EUR", Money(Decimal(value), "EUR"), "money", (), False, NOW)


def test_a_figure_is_what_was_known_on_that_day(store: Store) -> None:
    with store.write() as conn:
        figure_memory.keep(conn, "a", "j", [row("10"), row("7", "2026-09")], DAY, "r1", NOW)
        figure_memory.keep(
            conn, "a", "j", [row("12")], DAY + timedelta(days=2), "r1", NOW, {("mrr", "2026-10", "EUR"): "late"}
        )
        assert figure_memory.as_of(conn, "a", DAY - timedelta(days=1)) == []
        before = {each.period: str(each.value) for each in figure_memory.as_of(conn, "a", DAY + timedelta(days=1))}
        now = {
            each.period: (str(each.value), each.because)
            for each in figure_memory.as_of(conn, "a", DAY + timedelta(days=9))
        }
        assert before == {"2026-09": "7 EUR", "2026-10": "10 EUR"}
        assert now == {"2026-09": ("7 EUR", ""), "2026-10": ("12 EUR", "late")}
        assert [each.day for each in figure_memory.history(conn, "a", "mrr", "2026-10")] == [
            DAY,
            DAY + timedelta(days=2),
        ]


def test_the_last_word_of_a_day_is_the_one_that_stays(store: Store) -> None:
    with store.write() as conn:
        for value in ("10", "11"):
            figure_memory.keep(conn, "a", "j", [row(value)], DAY, "r1", NOW)
        (known,) = figure_memory.as_of(conn, "a", DAY)
        assert str(known.value) == "11 EUR"


def test_a_day_on_which_nothing_changed_costs_nothing(store: Store) -> None:
    things = {"s1": Decimal(5), "s2": Decimal(6)}
    with store.write() as conn:
        assert figure_memory.keep_states(conn, "a", "j", DAY, things) == 2
        assert figure_memory.keep_states(conn, "a", "j", DAY + timedelta(days=1), things) == 0
        assert figure_memory.keep_states(conn, "a", "j", DAY + timedelta(days=2), {"s1": Decimal(5)}) == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3), min_size=1, max_size=8))
def test_every_day_is_remembered_as_it_was(store: Store, days: list[Mapping[str, int]]) -> None:
    with store.write() as conn:
        job = f"j{id(days)}{len(days)}{sorted(map(str, days))}"
        for number, things in enumerate(days):
            figure_memory.keep_states(conn, "a", job, DAY + timedelta(days=2 * number), things)
        asked = [DAY + timedelta(days=number) for number in range(-1, 2 * len(days))]
        found = figure_memory.states_on(conn, "a", job, asked)
        expected = {day: dict(days[(day - DAY).days // 2]) for day in asked if day >= DAY}
        if figure_memory.remembered_since(conn, "a", job) is None:
            assert found == {}
        else:
            first = figure_memory.remembered_since(conn, "a", job)
            assert first is not None
            assert found == {day: things for day, things in expected.items() if day >= first}


def test_entries_of_one_day_replace_each_other_and_others_stay(store: Store) -> None:
    with store.write() as conn:
        for day, value in ((DAY, 1), (DAY, 2), (DAY + timedelta(days=7), 3)):
            entries.enter(conn, "a", "j", EntryRow("k", day, Decimal(value), "Claire"), NOW)
        assert [each.value for each in entries.entered(conn, "a", "j")["k"]] == [Decimal(2), Decimal(3)]


def test_a_statement_is_never_written_again(store: Store) -> None:
    with store.write() as conn:
        entries.freeze(conn, "a", "j", StatementRow("obm-2026-001", "2026-10", {"due": Decimal(5)}, NOW))
        with pytest.raises(ConfigError, match="obm-2026-001 is made already"):
            entries.freeze(conn, "a", "j", StatementRow("obm-2026-001", "2026-10", {"due": Decimal(6)}, NOW))
        (kept,) = entries.frozen(conn, "a", "j")
        assert kept.body == {"due": Decimal(5)}
