"""MRR and its parts at the last instant of a month and now: what counts, what stands beside it, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import codec
from hub.core.money import Money
from hub.core.types import Record
from hub.planning.figure import from_values, to_values, value_of
from hub.planning.figures import states
from hub.planning.figures.states import Snapshot
from hub.planning.prices import to_decimal
from tests.planning import naive
from tests.planning.businesses import ZONES, businesses
from tests.planning.figures.reckoning import gone, of, reckon
from tests.planning.make import NOW, coupon, eur, invoice, item, paid_invoice, price, schedule, utc
from tests.planning.test_properties import SOME

STATES = ("mrr", "mrr_before_discounts", "mrr_confirmed", "mrr_at_risk", "mrr_paused", "trials", "customers")


def test_what_a_coupon_takes_off_is_seen_before_and_after() -> None:
    found = reckon(of("a", discounts=(coupon("20"),)), of("b", discounts=(coupon("50", duration="once"),)))
    assert (found.value("mrr"), found.value("mrr_before_discounts")) == (180, 200)


def test_who_pays_nothing_is_no_paying_customer() -> None:
    found = reckon(of("a"), of("a", key="sub_2"), of("free", discounts=(coupon("100"),)))
    assert (found.value("customers"), found.value("mrr"), found.value("mrr_before_discounts")) == (1, 200, 300)


def test_a_scheduled_cancellation_counts_but_is_not_confirmed_from_the_day_it_was_asked_for() -> None:
    asked: dict[str, Any] = {
        "cancel_at_period_end": True,
        "cancel_at": utc("2026-12-05"),
        "canceled_at": utc("2026-10-20"),
    }
    found = reckon(of("a", **asked), of("b"))
    assert found.values("mrr", ["09", "10", "11"]) == [200, 200, 200]
    assert found.values("mrr_confirmed", ["09", "10", "11"]) == [200, 100, 100]


def test_an_end_that_was_asked_for_and_has_come_was_not_confirmed_in_between() -> None:
    found = reckon(of("a", status="canceled", canceled_at=utc("2026-07-20"), ended_at=utc("2026-09-05")))
    assert found.values("mrr", ["06", "07", "08", "09"]) == [100, 100, 100, 0]
    assert found.values("mrr_confirmed", ["06", "07", "08", "09"]) == [100, 0, 0, 0]


def test_a_late_payment_is_counted_and_at_risk_now_and_in_the_months_its_invoice_was_late() -> None:
    charged: dict[str, Any] = {
        "collection": "charge_automatically",
        "due_at": None,
        "attempted": True,
        "subscription": "sub_a",
    }
    late = invoice(created=utc("2026-08-05"), status="paid", paid_at=utc("2026-09-20"), remaining=eur(0), **charged)
    found = reckon(of("a", status="past_due"), of("b"), late)
    assert found.values("mrr_at_risk", ["07", "08", "09", "10", "11"]) == [0, 100, 0, 0, 100]
    assert found.value("mrr") == 200
    assert [line.note for line in found.figure("mrr_at_risk").lines] == ["past_due"]


@pytest.mark.parametrize("how", [{"collection_paused": True}, {"status": "paused", "trial_end": utc("2026-02-19")}])
def test_what_is_paused_is_no_mrr_and_shown_as_paused_since_what_was_paid_last_ran_out(how: dict[str, Any]) -> None:
    found = reckon(of("a", **how), paid_invoice("in_1", "sub_a", utc("2026-08-05")))
    assert (found.value("mrr"), found.value("customers"), found.value("mrr_paused")) == (0, 0, 100)
    assert found.values("mrr", ["08", "09"]) == [100, 0]
    assert found.values("mrr_paused", ["08", "09"]) == [0, 100]


def test_a_trial_that_ended_without_a_card_is_paused_but_was_never_mrr() -> None:
    assert reckon(of("a", status="paused", trial_end=utc("2026-02-19"))).value("mrr_paused") == 0
    assert reckon(of("a", collection_paused=True)).value("mrr_paused", "2026-10") == 100  # on hold all along


def test_a_trial_is_no_mrr_and_counted_by_number_until_it_ends() -> None:
    found = reckon(
        of("a", status="trialing", created=utc("2026-11-10"), trial_end=utc("2026-11-24")),
        of("b", created=utc("2026-08-25"), trial_end=utc("2026-09-08")),
    )
    assert found.values("trials", ["07", "08", "09", "11"]) == [0, 1, 0, 1]
    assert found.values("mrr", ["07", "08", "09", "11"]) == [0, 0, 100, 100]
    metered = of("c", status="trialing", items=[item(price(usage="metered"), 0)])
    plan = of("d", status="trialing", metadata={"instalments": "3"})
    assert reckon(metered, plan).value("trials") == 1


@pytest.mark.parametrize("status", ["unpaid", "incomplete", "incomplete_expired"])
def test_what_was_never_paid_is_nothing_at_all(status: str) -> None:
    found = reckon(of("a", status=status))
    assert [found.value(name) for name in STATES] == [0] * len(STATES)


def test_metered_and_one_off_items_are_left_out_and_an_instalment_plan_too() -> None:
    mixed = [
        item(price("10", "week")),
        item(price(usage="metered", id="price_2"), 0, id="si_2"),
        item(price("500", None, id="price_3"), id="si_3"),
    ]
    plan = of("b", key="sub_2", schedule="sched_1")
    found = reckon(of("a", items=mixed), plan, schedule("sched_1", "sub_2"))
    assert found.value("mrr") == Decimal("43.333333333333")


def test_every_price_shape_has_its_amount() -> None:
    tiers = tuple(
        {"up_to": top, "unit": eur(unit), "flat": eur(flat)} for top, unit, flat in [(5, 10, 0), (None, 8, 20)]
    )
    shapes = {
        "volume": item(price(None, tiers=tiers, tiers_mode="volume"), 7),  # 7 × 8 + 20
        "graduated": item(price(None, tiers=tiers, tiers_mode="graduated"), 7),  # 5 × 10 + 2 × 8 + 20
        "packages": item(price("12", divide_by=5, round="up"), 11),
        "sub_cent": item(price("0.0045"), 1000),
        "yearly": item(price("1200", "year"), 2),
        "two_years": item(price("240", "year", 2)),
        "weekly": item(price("3", "week")),
        "daily": item(price("12", "day")),
        "inclusive": item(price("120", tax_behavior="inclusive"), tax_percent=Decimal(20)),
    }
    found = reckon(*(of(name, items=[each]) for name, each in shapes.items()))
    amounts = {line.id.removeprefix("sub_"): line.number.normalize() for line in found.figure("mrr").lines}
    assert amounts == {
        "volume": 76,
        "graduated": 86,
        "packages": 36,
        "sub_cent": Decimal("4.5"),
        "yearly": 200,
        "two_years": 10,
        "weekly": 13,
        "daily": 365,
        "inclusive": 100,
    }


def test_thirds_of_a_cent_add_up_to_the_whole_rounded_once() -> None:
    found = reckon(*(of(name, items=[item(price("10", "week"))]) for name in "abc"))
    assert found.figure("mrr").value == eur("130.000000000000")
    assert [str(line.number) for line in found.figure("mrr").lines] == ["43.333333333333333333"] * 3


def test_two_currencies_have_a_figure_each_and_one_that_was_seen_stays() -> None:
    found = reckon(of("a"), of("b", currency="USD", created=utc("2026-03-05"), **gone(utc("2026-05-10"))))
    assert "mrr/2026-02/USD" not in found.figures
    assert found.values("mrr", ["03", "04", "05", "06"], "USD") == [100, 100, 0, 0]
    assert found.value("mrr") == 100


def test_a_month_that_is_remembered_is_taken_from_memory_and_no_longer_estimated() -> None:
    then = reckon(of("a", "60"), of("b", "40"), now=utc("2026-09-30T23:30"))
    remembered = states.remember(then.books)
    found = reckon(of("a", "90"), memory=(remembered,))  # b was deleted since, a pays more
    assert remembered.day == date(2026, 9, 30)
    assert found.values("mrr", ["08", "09", "10"]) == [90, 100, 90]
    assert [found.figure("mrr", f"2026-{n}").estimated for n in ("08", "09", "10", "11")] == [True, False, True, False]
    assert found.value("customers", "2026-09") == 2


def test_a_day_on_which_there_was_nothing_is_remembered_as_empty() -> None:
    found = reckon(of("a"), memory=(Snapshot(date(2026, 9, 30), ()),))
    assert found.values("mrr", ["08", "09", "10"]) == [100, 0, 100]


def test_only_the_last_local_day_of_a_month_speaks_for_it() -> None:
    evening = utc("2026-09-30T22:30")  # already October in Paris
    here, there = reckon(of("a"), now=evening), reckon(of("a"), now=evening, zone="Europe/Paris")
    assert states.remember(here.books).day == date(2026, 9, 30)
    assert states.remember(there.books).day == date(2026, 10, 1)
    early = replace(states.remember(here.books), day=date(2026, 9, 29), states=())
    assert reckon(of("a"), memory=(early,)).value("mrr", "2026-09") == 100


@SOME
@given(records=businesses(), zone=st.sampled_from(ZONES))
def test_mrr_agrees_with_a_second_program_and_its_parts_are_parts_of_it(records: list[Record], zone: str) -> None:
    found = reckon(*records, since="2026-05-01", zone=zone)
    for each in (figure for figure in found.figures.values() if figure.figure in STATES):
        assert each.value == value_of(each.unit, each.lines, each.currency)
        assert from_values(to_values(each.lines)) == each.lines
    for period in (month.label for month in found.span):
        for currency in {figure.currency for figure in found.figures.values() if figure.period == period}:
            if f"mrr/{period}/{currency}" not in found.figures:
                continue
            mrr = found.value("mrr", period, currency) or Decimal(0)
            exact = naive.mrr(records, period, currency, found.books.zone, NOW)
            assert mrr == to_decimal(exact)
            assert found.value("mrr_before_discounts", period, currency) >= mrr
            for part in ("mrr_confirmed", "mrr_at_risk"):
                assert 0 <= (found.value(part, period, currency) or 0) <= mrr


@SOME
@given(records=businesses(), days=st.integers(0, 60))
def test_what_is_remembered_of_a_day_reads_back_as_it_was(records: list[Record], days: int) -> None:
    at: datetime = NOW - timedelta(days=days)
    taken = states.remember(reckon(*records, since="2026-05-01", now=at).books)
    kept = codec.loads(codec.dumps(states.to_values(taken)))
    assert states.from_values(taken.day, kept) == taken  # type: ignore[arg-type]


@SOME
@given(records=businesses())
def test_a_business_whose_every_month_end_is_remembered_is_never_estimated(records: list[Record]) -> None:
    found = reckon(*records, since="2026-05-01")
    memory = tuple(Snapshot(each.month.last.date(), each.states) for each in found.standing if each.closed)
    again = reckon(*records, since="2026-05-01", memory=memory)
    assert not any(figure.estimated for figure in again.figures.values() if figure.figure in STATES)
    for name, figure in found.figures.items():
        if figure.figure in STATES:
            assert again.figures[name].value == figure.value
            assert isinstance(figure.value, Money | Decimal)
