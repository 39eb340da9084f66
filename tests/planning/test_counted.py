"""What a file asks for and what comes of it: which figures, by which rules, and what is said beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import pytest

from hub.core.money import Money
from hub.core.types import Record
from hub.mapping.figure_names import COUNTS, FIGURES, RATES, STATES, FigureName
from hub.mapping.revenue_job import RevenueJob
from hub.planning.counted import Around, Counted
from hub.planning.figures.names import FIGURES as DEFINED
from hub.planning.revenue import count
from hub.planning.rules_of import version_of
from tests.planning.make import (
    NOW,
    business,
    coupon,
    customer,
    eur,
    item,
    price,
    subscription,
    transaction,
    utc,
    view,
)

SAID = {
    "hub": 1,
    "job": "revenue_kpis",
    "name": "revenue",
    "says": "Promise.",
    "read": [{"from": "stripe", "since": "2026-10-01"}],
    "show_in": {"database": "Chiffres"},
}


def asking(*names: str, **more: Any) -> RevenueJob:
    figures = [{"figure": name, "title": name} for name in names]
    return RevenueJob.model_validate({**SAID, "figures": figures, **more})


def counted(of: RevenueJob, *records: Record, around: Around | None = None) -> Counted:
    return count(view(*records), of, business(language="en"), NOW, around or Around())


def now(found: Counted, name: str, currency: str = "EUR") -> Money | Decimal | None:
    figure = found.of(name, "2026-11", currency)
    assert figure is not None
    return figure.value


def test_the_names_of_the_language_are_those_of_the_planner() -> None:
    assert set(FIGURES) == set(DEFINED) == set(get_args(FigureName))
    assert {name for name, each in DEFINED.items() if each.unit == "percent"} == RATES
    assert {name for name, each in DEFINED.items() if each.unit == "count"} == COUNTS
    assert {name for name, each in DEFINED.items() if each.kind == "state"} == STATES


def test_every_figure_can_be_asked_for_and_has_a_value_or_none() -> None:
    of = asking(*FIGURES, calls={"from": "calendly"}, rules={"vat": {"franchise": "services"}})
    found = counted(of, transaction("txn_1", "100", "2026-10-05"), subscription(created=utc("2026-10-05")))

    assert {figure.figure for figure in found.figures} == set(FIGURES)
    assert len({figure.key for figure in found.figures}) == len(found.figures)


def test_a_word_for_several_figures_stands_for_each() -> None:
    found = counted(asking("mrr_movements"), subscription(created=utc("2026-11-05")))
    assert now(found, "mrr_new") == eur(100)
    assert [figure.figure for figure in found.figures if figure.period == "2026-11"] == [
        "mrr_new", "mrr_reactivation", "mrr_expansion", "mrr_contraction", "mrr_churn_voluntary",
        "mrr_churn_involuntary", "mrr_currency_effect",
    ]  # fmt: skip


def test_per_day_is_only_what_there_is_now() -> None:
    of = asking("overdue").model_copy(
        update={"figures": (asking("overdue").figures[0].model_copy(update={"per": "day"}),)}
    )
    assert [figure.period for figure in counted(of).figures] == ["2026-11"]


def test_objectives_and_commissions_have_the_figures_that_they_need_although_nobody_shows_them() -> None:
    okr = [
        {"objective": "O", "quarter": "2026-Q4", "key_results": [{"name": "a", "title": "A", "figure": "arr", "to": 3}]}
    ]
    pay = {"claire": {"who": "obm", "base": "cash_in", "rate": "5 %", "starts": "2026-01-01"}}
    found = counted(asking("overdue", okr=okr, commissions=pay), transaction("txn_1", "100", "2026-11-05"))

    assert {figure.figure for figure in found.figures} == {"overdue"}
    assert now(found, "cash_in") == eur(100)
    assert now(found, "arr") == eur(0)


@pytest.mark.parametrize(("said", "amount"), [("ignored", 100), ("subtracted", 80)])
def test_a_discount_of_one_invoice_counts_as_the_file_says(said: str, amount: int) -> None:
    once = coupon("20", duration="once", start=utc("2026-11-05"))
    sub = subscription(created=utc("2026-11-05"), discounts=(once,))
    found = counted(asking("mrr", rules={"recurring": {"discount_once": said}}), sub)
    assert now(found, "mrr") == eur(amount)


def test_a_discount_of_one_invoice_is_over_with_its_period() -> None:
    once = coupon("20", duration="once", start=utc("2026-10-05"))
    sub = subscription(created=utc("2026-10-05"), discounts=(once,))
    found = counted(asking("mrr", rules={"recurring": {"discount_once": "subtracted"}}), sub)
    assert found.known["mrr/2026-10/EUR"].value == eur(80)
    assert now(found, "mrr") == eur(100)


def test_what_the_obm_decided_once_is_counted_and_no_longer_asked() -> None:
    unsure = subscription(
        created=utc("2026-10-05"), schedule="sched_1", cancel_at=utc("2027-01-05"), items=(item(price("50")),)
    )
    before = counted(asking("mrr", "receivable"), unsure)
    decided = counted(asking("mrr", "receivable", rules={"classify": {"sub_1": "instalments"}}), unsure)

    assert [each.key for each in before.to_classify] == ["sub_1"]
    assert before.notes
    assert decided.to_classify == ()
    assert decided.notes == ()
    assert now(decided, "mrr") == eur(0)
    assert now(decided, "receivable") == eur(150)


def test_without_a_rate_nobody_knows_the_amount_without_tax_and_a_franchise_has_none() -> None:
    sale = transaction("txn_1", "120", "2026-11-05")
    assert counted(asking("cash_in_net"), sale).of("cash_in_net", "2026-11", "EUR") is None
    assert now(counted(asking("cash_in_net", rules={"vat": {"rate": "20 %"}}), sale), "cash_in_net") == eur(100)
    none = counted(asking("cash_in_net", rules={"vat": {"franchise": "services", "limit": 130}}), sale)
    assert now(none, "cash_in_net") == eur(120)
    assert none.notes == ("Tax-free limit: 92% of €130.00 for 2026",)


def test_a_call_that_was_held_and_paid_afterwards_is_a_sale_of_it() -> None:
    booking = Record(
        stream="appointment",
        key="call_1",
        fields={
            "title": "Appel",
            "starts_at": utc("2026-11-03T10:00"),
            "status": "active",
            "who": {"email": "Nora@example.com "},
            "created_at": utc("2026-11-01"),
        },
        at=utc("2026-11-01"),
    )
    charge = Record(
        stream="charge",
        key="ch_1",
        fields={"amount": eur(90), "status": "paid", "who": {"key": "cus_1"}, "balance_transaction": "txn_1"},
        at=utc("2026-11-10"),
    )
    records = view(charge, customer(), transaction("txn_1", "90", "2026-11-10"))
    both = type(records)(
        {**{where: records.records(*where) for where in records.streams()}, ("cal", "appointment"): [booking]}
    )
    around = Around(kinds={("cal", "appointment"): "booking"})
    found = count(both, asking("call_sales", "calls_held", calls={"from": "cal"}), business(), NOW, around)

    assert now(found, "calls_held", "") == 1
    assert now(found, "call_sales", "") == 100
    assert [call.key for call in found.calls] == ["call_1"]


@pytest.mark.parametrize(
    "more",
    [
        {"rules": {"vat": {"rate": "20 %"}}},
        {"rules": {"recurring": {"discount_once": "subtracted"}}},
        {"rules": {"classify": {"sub_1": "recurring"}}},
        {"read": [{"from": "stripe"}]},
    ],
)
def test_other_rules_are_another_version_and_other_titles_are_not(more: dict[str, Any]) -> None:
    home = business()
    first = version_of(asking("mrr"), home)
    assert version_of(asking("mrr", **more), home) != first
    assert version_of(asking("mrr", "overdue"), home) == first
    assert version_of(asking("mrr"), business(timezone="Asia/Tokyo")) != first
