"""What holds for every business: two programs agree, proofs add up, currencies stay apart, planning is pure."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core import codec
from hub.core.money import Money
from hub.core.types import Record, Ref
from hub.planning.calendar import index_of, month_of, months
from hub.planning.figure import CASH, REFUNDS, added, from_values, to_values
from hub.planning.plan import Action, Known, KnownCollection, dumps, loads
from hub.planning.planner import plan_revenue
from hub.planning.prices import PLACES, to_decimal
from hub.planning.revenue import figures
from hub.planning.why import render
from tests.planning import naive
from tests.planning.businesses import ZONES, businesses
from tests.planning.make import NOW, business, job, view

MANY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SOME = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@MANY
@given(records=businesses(), zone=st.sampled_from(ZONES))
def test_cash_and_mrr_agree_with_a_second_program_written_from_the_definitions(
    records: list[Record], zone: str
) -> None:
    home = business(timezone=zone)
    found = figures(view(*records), job(since="2026-05-01", figures=["cash_in", "mrr"]), home, NOW)
    assert {figure.period for figure in found} == {f"2026-{n:02d}" for n in range(5, 12)}
    for figure in found:
        assert isinstance(figure.value, Money)
        if figure.figure == "cash_in":
            assert figure.value.amount == naive.cash(records, figure.period, figure.currency, home.zone)
        else:
            exact = naive.mrr(records, figure.period, figure.currency, home.zone, NOW)
            assert figure.value.amount == to_decimal(exact)
    shown = {(figure.figure, figure.period, figure.currency) for figure in found}
    for record in records:
        if record.stream == "balance_transaction" and record.fields["category"] in CASH:
            money, at = record.fields["amount"], record.at
            assert isinstance(money, Money)
            assert at is not None
            assert ("cash_in", naive.label(at, home.zone), money.currency) in shown


@SOME
@given(records=businesses(), zone=st.sampled_from(ZONES))
def test_the_lines_of_every_figure_add_up_to_it_in_one_currency_rounded_once(records: list[Record], zone: str) -> None:
    home = business(timezone=zone)
    for figure in figures(view(*records), job(since="2026-05-01"), home, NOW):
        assert {line.amount.currency for line in figure.lines} <= {figure.currency}
        assert from_values(to_values(figure.lines)) == figure.lines
        if figure.unit == "money":
            assert figure.value == Money(to_decimal(Fraction(added(figure.lines))), figure.currency)
        else:
            gross = added(line for line in figure.lines if line.what == "charge")
            refunds = added(line for line in figure.lines if line.what in REFUNDS)
            assert (figure.value is None) == (gross == 0)
            if isinstance(figure.value, Decimal):
                assert (
                    abs(Fraction(figure.value) * Fraction(gross) - 100 * Fraction(refunds))
                    <= Fraction(gross) / 10**PLACES
                )
        assert figure.period in render(figure, home, "title")


@SOME
@given(records=businesses())
def test_each_transaction_is_counted_in_exactly_one_month(records: list[Record]) -> None:
    found = figures(view(*records), job(since=None, figures=["cash_in"]), business(), NOW)
    counted = Counter(line.id for figure in found for line in figure.lines)
    expected = {
        each.key for each in records if each.stream == "balance_transaction" and each.fields["category"] in CASH
    }
    assert counted == Counter(expected)


@SOME
@given(records=businesses(), seed=st.integers(0, 2**32))
def test_planning_twice_or_from_shuffled_records_gives_the_same_bytes(records: list[Record], seed: int) -> None:
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    first = plan_revenue(view(*records), job(), business(), {}, NOW)
    again = plan_revenue(view(*records), job(), business(), {}, NOW)
    other = plan_revenue(view(*shuffled), job(), business(), {}, NOW)
    assert dumps(first.plan) == dumps(again.plan) == dumps(other.plan)
    assert codec.dumps(tuple(to_values(each.lines) for each in first.figures)) == codec.dumps(
        tuple(to_values(each.lines) for each in other.figures)
    )
    assert loads(dumps(first.plan)) == first.plan


@SOME
@given(before=businesses(), after=businesses())
def test_a_plan_that_was_applied_leaves_nothing_to_do(before: list[Record], after: list[Record]) -> None:
    target: dict[str, KnownCollection] = {}
    keys: list[str] = []
    for records in (before, after, before, after):
        actions = plan_revenue(view(*records), job(), business(), target, NOW).plan.actions
        keys += [action.key for action in actions if action.kind != "prepare"]
        target = applied(target, actions)
        assert plan_revenue(view(*records), job(), business(), target, NOW).plan.actions == ()
    assert len(keys) == len(set(keys)), "two effects had one ledger key"


def applied(target: dict[str, KnownCollection], actions: tuple[Action, ...]) -> dict[str, KnownCollection]:
    """A model of a destination and its links: what it holds after these actions."""
    rows = {name: dict(each.rows) for name, each in target.items()}
    refs = {name: each.ref for name, each in target.items()}
    for action in actions:
        there = rows.setdefault(action.collection, {})
        old = there.get(action.row)
        version = 0 if old is None else old.version
        match action.kind:
            case "prepare":
                refs[action.collection] = Ref(action.collection)
            case "create":
                assert old is None or old.ref == ""
                there[action.row] = Known(ref=Ref(action.row), values=action.values, version=version + 1)
            case "update":
                assert old is not None
                assert all(change.old == old.values.get(change.name) for change in action.changes)
                values = {**old.values, **action.values}
                there[action.row] = Known(ref=old.ref, values=values, version=version + 1)
            case "archive":
                there[action.row] = Known(ref=Ref(""), values={}, version=version + 1)
    return {name: KnownCollection(ref=refs[name], rows=rows.get(name, {})) for name in refs}


@settings(max_examples=200, deadline=None)
@given(
    zone=st.sampled_from(sorted(available_timezones())),
    instant=st.datetimes(datetime(2015, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 -- made aware below
)
def test_months_cover_all_time_without_gap_or_overlap_in_every_zone(zone: str, instant: datetime) -> None:
    at, rules = instant.replace(tzinfo=UTC), ZoneInfo(zone)
    found = month_of(at, rules)
    assert found.start <= at < found.end
    assert found.label == at.astimezone(rules).strftime("%Y-%m")
    for edge, label in ((found.start, found.label), (found.last, found.label)):
        assert edge.astimezone(rules).strftime("%Y-%m") == label
        assert edge.tzinfo is UTC
    year = months((at - timedelta(days=40)).date(), at + timedelta(days=400), rules)
    assert all(one.end == other.start for one, other in pairwise(year))
    assert year[index_of(at, [one.start for one in year])] == found


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.fractions(min_value=0, max_value=10**6, max_denominator=10**6), max_size=30))
def test_decimals_made_of_fractions_are_right_to_the_last_place(parts: list[Fraction]) -> None:
    for part in parts:
        assert abs(Fraction(to_decimal(part)) - part) <= Fraction(1, 2 * 10**PLACES)
        assert to_decimal(-part) == -to_decimal(part)


def test_a_fraction_that_a_decimal_holds_is_kept_exactly() -> None:
    assert to_decimal(Fraction(1, 8)) == Decimal("0.125")
    with pytest.raises(TypeError):
        Money(0.125, "EUR")  # type: ignore[arg-type]
