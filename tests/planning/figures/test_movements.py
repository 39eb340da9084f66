"""What moved MRR, customer by customer: every kind of movement, the identity, currencies, who came and went."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.types import Record
from hub.planning.figure import value_of
from hub.planning.figures import movements
from hub.planning.figures.movements import SIGNS, Bridge
from hub.planning.figures.states import Snapshot
from tests.planning.businesses import ZONES, businesses
from tests.planning.figures.reckoning import Reckoning, gone, of, reckon
from tests.planning.make import item, paid_invoice, price, utc
from tests.planning.test_properties import SOME


def moved(found: Reckoning, period: str, currency: str = "EUR") -> dict[str, Any]:
    """The movements of a month that are not zero."""
    amounts = {kind: found.value(f"mrr_{kind}", f"2026-{period}", currency) for kind in SIGNS}
    return {kind: amount for kind, amount in amounts.items() if amount}


def test_a_first_subscription_is_new_and_a_second_one_is_expansion() -> None:
    found = reckon(of("a"), of("a", "40", key="sub_2", created=utc("2026-05-05")))
    assert moved(found, "02") == {"new": 100}
    assert moved(found, "05") == {"expansion": 40}
    assert [(line.id, line.what) for line in found.figure("mrr_new", "2026-02").lines] == [("a", "customer")]


def test_losing_one_of_two_subscriptions_is_contraction_and_losing_the_other_is_churn_of_what_was_left() -> None:
    found = reckon(of("a", **gone(utc("2026-06-10"))), of("a", "40", key="sub_2", **gone(utc("2026-08-10"))))
    assert moved(found, "06") == {"contraction": 100}
    assert moved(found, "08") == {"churn_voluntary": 40}


def test_losing_both_in_one_month_is_churn_of_the_whole() -> None:
    found = reckon(of("a", **gone(utc("2026-06-10"))), of("a", "40", key="sub_2", **gone(utc("2026-06-20"))))
    assert moved(found, "06") == {"churn_voluntary": 140}


def test_who_comes_back_after_any_gap_is_a_reactivation() -> None:
    left = of("a", created=utc("2024-01-05"), **gone(utc("2024-03-05")))
    found = reckon(left, of("a", "60", key="sub_2", created=utc("2026-06-05")))
    assert moved(found, "06") == {"reactivation": 60}


def test_who_came_and_went_within_one_month_long_ago_never_paid_at_a_month_end_and_is_new() -> None:
    passed = of("a", created=utc("2026-02-05"), **gone(utc("2026-02-20")))
    found = reckon(passed, of("a", "60", key="sub_2", created=utc("2026-06-05")))
    assert moved(found, "06") == {"new": 60}


def test_a_payment_that_failed_makes_churn_involuntary_and_a_wish_makes_it_voluntary() -> None:
    end = utc("2026-06-10")
    found = reckon(
        of("a", **gone(end, cancellation_reason="payment_failed")),
        of("b", "40", **gone(end, cancellation_reason="cancellation_requested")),
        of("c", "7", status="unpaid"),
        paid_invoice("in_1", "sub_c", utc("2026-05-05")),
    )
    assert moved(found, "06") == {"churn_voluntary": 40, "churn_involuntary": 107}


def test_a_customer_lost_half_by_wish_and_half_by_failure_is_split() -> None:
    end = utc("2026-06-10")
    failed = of("a", "30", key="sub_2", **gone(end, cancellation_reason="payment_failed"))
    found = reckon(of("a", **gone(end)), failed)
    assert moved(found, "06") == {"churn_voluntary": 100, "churn_involuntary": 30}
    assert found.value("churn_rate", "2026-06") == 100  # one customer, not two


def test_more_or_fewer_of_the_same_show_once_the_month_before_is_remembered() -> None:
    def seats(n: int) -> Record:
        return of("a", items=[item(price("47"), n)])

    then = reckon(seats(3), now=utc("2026-10-31T23:50"))
    memory = tuple(Snapshot(each.month.last.date(), each.states) for each in then.standing)
    assert moved(reckon(seats(5), memory=memory), "11") == {"expansion": 94}
    assert moved(reckon(seats(2), memory=memory), "11") == {"contraction": 47}
    assert moved(reckon(seats(3), memory=memory), "11") == {}


def test_the_end_of_an_instalment_plan_is_no_churn() -> None:
    plan: dict[str, Any] = {
        "cancel_at": utc("2026-05-05"),
        "canceled_at": utc("2026-02-05"),
        "ended_at": utc("2026-05-05"),
    }
    found = reckon(of("a", status="canceled", **plan))
    assert [moved(found, month) for month in ("02", "05")] == [{}, {}]
    assert found.value("receivable", "2026-02") == 300


def test_changing_the_currency_one_pays_in_is_neither_churn_nor_new() -> None:
    dollars = of("a", "120", key="sub_2", currency="USD", created=utc("2026-06-05"))
    found = reckon(of("a", **gone(utc("2026-06-05"))), dollars, of("b"))
    assert moved(found, "06") == {"currency_effect": -100}
    assert moved(found, "06", "USD") == {"currency_effect": 120}
    assert found.value("churn_rate", "2026-06") == 0


def test_a_second_subscription_in_another_currency_is_expansion_and_losing_it_is_contraction() -> None:
    dollars = of("a", "120", key="sub_2", currency="USD", created=utc("2026-06-05"), **gone(utc("2026-08-05")))
    found = reckon(of("a"), dollars)
    assert (moved(found, "06", "USD"), moved(found, "08", "USD")) == ({"expansion": 120}, {"contraction": 120})
    assert moved(found, "06") == {}


def test_a_bridge_that_does_not_add_up_is_refused_with_its_amounts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = reckon(of("a"))
    monkeypatch.setattr(movements._Moved, "_moves", lambda *_: iter([("new", Fraction(99))]))
    with pytest.raises(
        ValueError, match=r"MRR of 2026-02 in EUR does not add up: it began at 0 and ended at 100,.* new 99,"
    ):
        _ = found.bridges


def test_who_arrived_and_left_inside_a_month_is_listed_apart() -> None:
    span: dict[str, Any] = {"created": utc("2026-06-03")}
    found = reckon(
        of("a", **span, **gone(utc("2026-06-20"))),
        of("b", **span, **gone(utc("2026-07-02"))),
        of("c", **span, **gone(utc("2026-06-20"))),
        of("c", "5", key="sub_2"),  # stayed otherwise
        of("d", **span, trial_end=utc("2026-06-17"), **gone(utc("2026-06-17"))),  # left with its trial
    )
    passed = movements.passing(found.books, found.standing)
    assert [(each.customer, each.month.label, str(each.amount.rounded(0)), each.end) for each in passed] == [
        ("a", "2026-06", "100 EUR", utc("2026-06-20"))
    ]
    assert moved(found, "06") == {"new": 100}  # b, who was there at the end of June


def test_a_movement_between_an_estimated_and_a_remembered_month_is_estimated() -> None:
    then = reckon(of("a"), now=utc("2026-09-30T23:50"))
    memory = tuple(
        replace(Snapshot(each.month.last.date(), each.states))
        for each in then.standing
        if each.month.label >= "2026-08"
    )
    found = reckon(of("a"), memory=memory)
    months = ("08", "09", "10")
    assert [found.figure("mrr_new", f"2026-{month}").estimated for month in months] == [True, False, True]


@SOME
@given(records=businesses(), zone=st.sampled_from(ZONES), shared=st.integers(1, 3))
def test_in_every_currency_the_movements_lead_from_the_start_to_the_end(
    records: list[Record], zone: str, shared: int
) -> None:
    found = reckon(*together(records, shared), since="2026-05-01", zone=zone)
    ends: dict[str, Fraction] = {}
    for bridge in found.bridges:
        assert bridge.start == ends.get(bridge.currency, 0)
        assert identity(bridge) == bridge.end
        assert all(each.amount > 0 or each.kind == "currency_effect" for each in bridge.movements)
        pairs = [(each.customer, each.kind) for each in bridge.movements]
        assert len(pairs) == len(set(pairs))
        ends[bridge.currency] = bridge.end
    for figure in found.figures.values():
        assert figure.value == value_of(figure.unit, figure.lines, figure.currency)
    for currency, end in ends.items():
        assert abs(Fraction(found.value("mrr", "2026-11", currency)) - end) <= Fraction(1, 10**12)


@SOME
@given(records=businesses(), shared=st.integers(1, 2))
def test_a_customer_is_new_once_in_a_life(records: list[Record], shared: int) -> None:
    found = reckon(*together(records, shared), since="2026-05-01")
    new = [each.customer for bridge in found.bridges for each in bridge.movements if each.kind == "new"]
    months = {
        (each.customer, bridge.month) for bridge in found.bridges for each in bridge.movements if each.kind == "new"
    }
    assert len(months) == len(set(new))


def identity(bridge: Bridge) -> Fraction:
    return bridge.start + sum((SIGNS[kind] * bridge.total(kind) for kind in SIGNS), Fraction(0))


def together(records: list[Record], customers: int) -> list[Record]:
    """The same subscriptions, held by so many customers."""
    made: list[Record] = []
    for number, each in enumerate(records):
        theirs = {**each.fields, "who": {"key": f"cus_{number % customers}"}}
        made.append(replace(each, fields=theirs) if each.stream == "subscription" else each)
    return made
