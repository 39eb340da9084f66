"""What the hub remembers of its figures: what was known when, what subscriptions were, and months that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from hub.core.errors import ConfigError
from hub.core.types import Record
from hub.engine import figures
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob, RevenueRules
from hub.planning.counted import Counted
from hub.planning.figure import Figure
from hub.planning.revenue import count
from hub.store import figure_memory
from hub.store.database import Store
from hub.store.figure_memory import KnownFigure
from tests.planning.make import business, eur, job, paid_invoice, subscription, transaction, utc, view

SALE = transaction("txn_1", "100", "2026-10-05")
LATE = transaction("txn_2", "40", "2026-10-06")
OCTOBER = "cash_in/2026-10/EUR"


class Hub:
    """One business in a store, whose process can be restarted. `records`: what the mirror holds."""

    def __init__(self, store: Store, of: RevenueJob, folder: Path | None = None) -> None:
        self.store, self.job, self.folder = store, of, folder
        self.now = utc("2026-11-02T10:00")
        self.business = business(language="en")
        self.restart()

    def restart(self) -> None:
        self.runtime = Runtime(
            self.store, self.business, (self.job,), {}, self._nothing, lambda: self.now, folder=self.folder
        )

    def _nothing(self, connection: str) -> Any:
        raise AssertionError(f"{connection} was opened")

    def count(self, *records: Record, at: str | None = None) -> Counted:
        """Count what there is and keep it, as a turn does."""
        self.now = self.now if at is None else utc(at)
        with self.store.read() as conn:
            known = figures.around(conn, self.runtime, self.job)
        counted = count(view(*records), self.job, self.business, self.now, known)
        with self.store.write() as conn:
            figures.keep(self.runtime, self.job, counted, conn)
        return counted

    def known(self, day: date) -> dict[str, KnownFigure]:
        """Key -> what was known on that day."""
        with self.store.read() as conn:
            rows = figure_memory.as_of(conn, self.business.key, day)
        return {f"{row.figure}/{row.period}/{row.currency}": row for row in rows}


@pytest.fixture
def hub(store: Store) -> Hub:
    return Hub(store, job(figures=["cash_in"], since="2026-10-01"))


def value(counted: Counted, key: str) -> Decimal:
    figure: Figure = counted.known[key]
    return figure.value.amount  # type: ignore[union-attr]


def test_what_was_known_on_a_day_is_told_for_ever(hub: Hub) -> None:
    hub.count(SALE)
    hub.count(SALE, LATE, at="2026-11-05T10:00")

    assert hub.known(date(2026, 11, 4))[OCTOBER].value == eur(100)
    assert hub.known(date(2026, 11, 5))[OCTOBER].value == eur(140)
    assert hub.known(date(2026, 11, 1)) == {}


def test_a_closed_month_that_something_late_changes_says_so_and_goes_on_saying_so(hub: Hub) -> None:
    first = hub.count(SALE)
    second = hub.count(SALE, LATE, at="2026-11-05T10:00")
    hub.restart()
    third = hub.count(SALE, LATE, at="2026-11-06T10:00")

    assert first.restated == {}
    assert value(second, OCTOBER) == 140
    assert second.restated == {OCTOBER: "restated: was €100.00; now also counts charge txn_2 (2026-10-06)"}
    assert third.restated == second.restated
    assert hub.known(date(2026, 11, 6))[OCTOBER].because == second.restated[OCTOBER]


def test_what_came_after_the_month_was_over_is_named_whatever_the_order_of_the_day(store: Store) -> None:
    def refund(n: int, on: int) -> tuple[Record, ...]:
        back = transaction(f"txn_r{n}", "-10", f"2026-11-{on:02}", "refund")
        fields: dict[str, Any] = {"amount": eur(10), "status": "succeeded", "charge": "ch_1", "payment_intent": None}
        return (
            replace(back, fields={**back.fields, "source": f"re_{n}"}),
            Record(stream="refund", key=f"re_{n}", fields=fields, at=back.at),
        )

    hub = Hub(store, job(figures=["refund_rate_cohort"], since="2026-10-01"))
    charge = Record(
        stream="charge",
        key="ch_1",
        at=SALE.at,
        fields={"amount": eur(100), "status": "paid", "balance_transaction": "txn_1"},
    )
    hub.count(SALE, charge)
    backs = [refund(n, n + 2) for n in range(1, 6)]
    hub.count(SALE, charge, *backs[4], at="2026-11-08T09:00")
    hub.restart()
    last = hub.count(SALE, charge, *(each for pair in backs for each in pair), at="2026-11-08T10:00")

    assert last.restated["refund_rate_cohort/2026-10/EUR"] == (
        "restated: was 0.0%; now also counts refund txn_r1 (2026-11-03), refund txn_r2 (2026-11-04), "
        "refund txn_r3 (2026-11-05) and 2 more"
    )


def test_what_a_day_changes_of_a_closed_month_is_told_by_name_whatever_the_order(store: Store) -> None:
    """Each order of the same facts ends in the same words, also when the process is started anew between them."""
    other = transaction("txn_3", "7", "2026-10-09")
    less = transaction("txn_1", "90", "2026-10-05")
    told = set()
    for number, order in enumerate(permutations(((SALE, LATE), (SALE, other, LATE), (SALE,)))):
        hub = Hub(store, job(figures=["cash_in"], since="2026-10-01").model_copy(update={"name": f"revenue-{number}"}))
        hub.count(SALE, other)
        for hour, records in enumerate(order):
            hub.count(*records, at=f"2026-11-05T{hour + 6:02}:00")
            hub.restart()
        last = hub.count(less, LATE, at="2026-11-05T10:00")
        told.add(last.restated[OCTOBER])
        hub.restart()
        assert hub.count(less, LATE, at="2026-11-06T10:00").restated == last.restated
    assert told == {
        "restated: was €107.00; now also counts charge txn_2 (2026-10-06); no longer counts charge txn_3 "
        "(2026-10-09); changed: charge txn_1 (2026-10-05)"
    }


def test_the_month_that_runs_may_change_without_a_word(hub: Hub) -> None:
    sale = transaction("txn_3", "10", "2026-11-01")
    hub.count(SALE)
    assert hub.count(SALE, sale, at="2026-11-03T10:00").restated == {}


def test_a_month_that_did_not_change_after_it_was_over_is_known_to_have_been_so(hub: Hub) -> None:
    hub.count(SALE, at="2026-10-20T10:00")
    hub.count(SALE, at="2026-11-02T10:00")
    hub.restart()
    assert set(hub.count(SALE, LATE, at="2026-11-05T10:00").restated) == {OCTOBER}


def test_what_changed_before_the_month_was_over_is_no_restatement(hub: Hub) -> None:
    hub.count(SALE, at="2026-10-20T10:00")
    hub.restart()
    assert hub.count(SALE, LATE, at="2026-11-02T10:00").restated == {}


@pytest.mark.parametrize("restarted", [True, False])
def test_other_rules_leave_a_closed_month_as_it_was_and_say_what_they_would_give(store: Store, restarted: bool) -> None:
    hub = Hub(store, job(figures=["cash_in_net"], since="2026-10-01"))
    hub.job = hub.job.model_copy(update={"rules": RevenueRules.model_validate({"vat": {"franchise": "services"}})})
    hub.restart()
    sales = (SALE, transaction("txn_4", "60", "2026-11-01"))
    before = hub.count(*sales)
    hub.job = hub.job.model_copy(update={"rules": RevenueRules.model_validate({"vat": {"rate": "25 %"}})})
    if restarted:
        hub.restart()
    after = hub.count(*sales, at="2026-11-05T10:00")

    assert value(before, "cash_in_net/2026-10/EUR") == 100
    assert value(after, "cash_in_net/2026-10/EUR") == 100
    assert [line.id for line in after.known["cash_in_net/2026-10/EUR"].lines] == ["txn_1"]
    assert value(after, "cash_in_net/2026-11/EUR") == 48
    assert after.restated == {"cash_in_net/2026-10/EUR": "counted by the rules of then; today's would give €80.00"}
    assert hub.count(*sales, at="2026-11-06T10:00").restated == after.restated


def test_mrr_of_a_closed_month_is_what_was_seen_on_its_last_day(store: Store) -> None:
    hub = Hub(store, job(figures=["mrr"], since="2026-10-01"))
    began = utc("2026-10-05")
    paid = paid_invoice("in_1", "sub_1", began)
    hub.count(subscription(created=began), paid, at="2026-10-31T20:00")
    paused = subscription(created=began, collection_paused=True)
    later = hub.count(paused, at="2026-11-05T10:00")

    october = later.known["mrr/2026-10/EUR"]
    assert (october.value, october.estimated) == (eur(100), False)
    assert value(later, "mrr/2026-11/EUR") == 0
    hub.restart()
    assert hub.count(paused, at="2026-11-06T10:00").known["mrr/2026-10/EUR"] == october


def test_a_past_that_nobody_saw_is_estimated(store: Store) -> None:
    hub = Hub(store, job(figures=["mrr"], since="2026-10-01"))
    counted = hub.count(subscription(created=utc("2026-10-05")), at="2026-11-05T10:00")
    assert counted.known["mrr/2026-10/EUR"].estimated


def test_a_quiet_day_costs_no_row(hub: Hub) -> None:
    hub.count(SALE)
    hub.restart()
    hub.count(SALE, at="2026-11-03T10:00")
    assert {row.day for row in hub.known(date(2026, 11, 3)).values()} == {date(2026, 11, 2)}


def test_rates_are_read_from_the_file_beside_the_mapping_and_again_when_it_changes(
    store: Store, tmp_path: Path
) -> None:
    of = job(figures=["cash_in"], since="2026-11-01").model_copy(update={"rates": "ecb.csv"})
    hub = Hub(store, of, tmp_path)
    dollars = transaction("txn_5", "10", "2026-11-01", currency="USD")
    (tmp_path / "ecb.csv").write_text("Date,USD\n2026-10-30,1.25\n", encoding="utf-8")
    (found,) = hub.count(dollars).totals
    assert (found.value, found.on) == (eur(8), date(2026, 10, 30))

    (tmp_path / "ecb.csv").write_text("Date,USD\n2026-10-30,1.6\n", encoding="utf-8")
    (found,) = hub.count(dollars).totals
    assert found.value == eur("6.25")

    (tmp_path / "ecb.csv").write_text("Date,GBP\n2026-10-30,1.25\n", encoding="utf-8")
    counted = hub.count(dollars)
    assert [total.value for total in counted.totals] == [None]
    assert counted.notes == ("No total of all currencies: there is no rate for USD",)

    (tmp_path / "ecb.csv").write_text("nothing", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"the rates in ecb\.csv cannot be read"):
        hub.count(dollars)


def test_without_a_file_of_rates_there_is_no_total_and_it_says_so(store: Store) -> None:
    hub = Hub(store, job(figures=["cash_in"], since="2026-11-01"))
    counted = hub.count(transaction("txn_5", "10", "2026-11-01", currency="USD"))
    assert [total.value for total in counted.totals] == [None]
    assert counted.notes == ("No total of all currencies (USD): no file of rates is given (rates)",)
