"""Sales paid in parts: what was signed, received, is still to come, is late, was given up; and who is to be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.types import Record
from hub.planning.figure import value_of
from hub.planning.figures import plans, receivable
from hub.planning.figures.parts import Instalment
from hub.planning.prices import to_decimal
from tests.planning.businesses import ZONES, businesses
from tests.planning.figures.reckoning import Reckoning, gone, of, reckon
from tests.planning.make import NOW, coupon, eur, invoice, item, paid_invoice, payment, price, schedule, utc
from tests.planning.test_properties import SOME

FIGURES = (
    *("instalments_signed", "instalments_received", "receivable", "instalments_due", "instalments_overdue"),
    *("instalments_abandoned", "instalments_rate"),
)
START = utc("2026-07-05")


def three(amount: str = "332.33", customer: str = "a", **more: Any) -> Record:
    """Three monthly payments from 5 July 2026, as a tool sells them: the end is set at the start."""
    dates = {"created": START, "cancel_at": utc("2026-10-05"), "canceled_at": START}
    return of(customer, amount, **{**dates, **more})


def on(month: int, key: str = "", amount: str = "332.33") -> Record:
    return paid_invoice(key or f"in_{month}", "sub_a", datetime(2026, month, 5, tzinfo=START.tzinfo), amount)


def unpaid(month: int, amount: str = "332.33", **more: Any) -> Record:
    """Tried on the 5th, refused, and still open."""
    at = datetime(2026, month, 5, tzinfo=START.tzinfo)
    fields: dict[str, Any] = {"attempted": True, "attempt_count": 3, "collection": "charge_automatically", **more}
    return invoice(f"in_{month}", amount, created=at, due_at=None, subscription="sub_a", **fields)


def row(found: Reckoning, period: str) -> list[Any]:
    """Signed, received, receivable, due, overdue, abandoned, rate of a month."""
    return [found.value(name, f"2026-{period}") for name in FIGURES]


def test_three_payments_are_signed_at_once_received_one_by_one_and_never_mrr() -> None:
    found = reckon(three(**gone(utc("2026-10-05"), canceled_at=START)), on(7), on(8), on(9))
    part, whole = Decimal("332.33"), Decimal("996.99")
    assert row(found, "07") == [whole, part, 2 * part, part, 0, 0, 100]
    assert row(found, "08") == [0, part, part, part, 0, 0, 100]
    assert row(found, "09") == [0, part, 0, part, 0, 0, 100]
    assert row(found, "10") == [0, 0, 0, 0, 0, 0, 100]
    assert {found.value("mrr", month.label) for month in found.span} == {0}
    assert found.value("mrr_churn_voluntary", "2026-10") == 0
    (plan,) = found.plans
    assert (plan.known, plan.estimated, plan.ends_at) == (True, False, utc("2026-09-05"))


def test_a_late_instalment_is_overdue_with_its_age_until_it_is_paid() -> None:
    found = reckon(three(status="past_due"), on(7), unpaid(8))
    assert found.values("instalments_overdue", ["07", "08", "09"]) == [0, Decimal("332.33"), Decimal("664.66")]
    august = receivable.overdue(found.plans, utc("2026-08-25T12:00"))
    assert [(each.id, each.customer, each.days) for each in august] == [("in_8", "a", 20)]
    assert found.value("instalments_rate", "2026-08") == 50
    again = replace(unpaid(8), fields={**unpaid(8).fields, "status": "paid", "paid_at": utc("2026-09-02")})
    recovered = reckon(three(), on(7), again, on(9))
    assert recovered.values("instalments_overdue", ["08", "09"]) == [Decimal("332.33"), 0]
    assert recovered.value("instalments_received", "2026-09") == Decimal("664.66")
    assert receivable.overdue(recovered.plans, NOW) == ()


def test_the_remainder_of_a_cancelled_plan_is_abandoned_and_not_churn() -> None:
    found = reckon(three(**gone(utc("2026-08-20"), canceled_at=START)), on(7), unpaid(8))
    assert found.values("receivable", ["07", "08", "09"]) == [Decimal("664.66"), 0, 0]
    assert found.values("instalments_abandoned", ["07", "08", "09"]) == [0, Decimal("664.66"), 0]
    assert found.values("instalments_due", ["07", "08", "09"]) == [Decimal("332.33"), Decimal("332.33"), 0]
    assert found.value("instalments_overdue", "2026-08") == 0
    assert found.value("instalments_rate", "2026-09") == 50  # what is due after the end never falls due
    assert found.value("churn_rate", "2026-08") is None
    (line,) = found.figure("instalments_signed", "2026-07").lines
    assert (line.id, line.note) == ("sub_a", "3")


def test_a_plan_that_ran_its_course_is_still_owed_what_was_invoiced_and_nothing_else() -> None:
    over = three(**gone(utc("2026-10-05"), canceled_at=START))
    unpaid_last = reckon(over, on(7), on(8), unpaid(9))
    assert unpaid_last.values("instalments_overdue", ["09", "10", "11"]) == [Decimal("332.33")] * 3
    assert unpaid_last.value("instalments_abandoned", "2026-10") == 0
    never_made = reckon(over, on(7), on(8))
    assert never_made.values("receivable", ["09", "10"]) == [Decimal("332.33"), 0]
    assert never_made.value("instalments_abandoned", "2026-10") == Decimal("332.33")


def test_what_is_paid_after_it_was_given_up_is_received_and_no_longer_abandoned() -> None:
    late = replace(unpaid(8), fields={**unpaid(8).fields, "status": "paid", "paid_at": utc("2026-10-02")})
    found = reckon(three(**gone(utc("2026-08-20"), canceled_at=START)), on(7), late)
    months = ["08", "09", "10"]
    assert found.values("instalments_abandoned", months) == [Decimal("664.66"), 0, Decimal("-332.33")]
    assert found.values("instalments_received", months) == [0, 0, Decimal("332.33")]


def test_a_plan_that_stays_unpaid_is_abandoned_from_its_first_late_instalment_on_and_says_that_it_is_estimated() -> (
    None
):
    found = reckon(three(status="unpaid"), on(7), unpaid(8))
    assert found.values("instalments_abandoned", ["07", "08", "09"]) == [0, Decimal("664.66"), 0]
    assert found.figure("receivable", "2026-08").estimated


@pytest.mark.parametrize("how", ["voided_at", "uncollectible_at"])
def test_an_instalment_that_was_voided_or_written_off_is_abandoned_then(how: str) -> None:
    fate: dict[str, Any] = {"status": "void" if how == "voided_at" else "uncollectible", how: utc("2026-09-20")}
    found = reckon(three(), on(7), unpaid(8, **fate), on(9))
    assert found.values("instalments_abandoned", ["08", "09"]) == [0, Decimal("332.33")]
    assert found.values("receivable", ["08", "09"]) == [Decimal("664.66"), 0]


def test_a_part_payment_is_received_when_it_came() -> None:
    part = payment("inpay_1", "in_8", "100", utc("2026-08-09"))
    found = reckon(three(status="past_due"), on(7), unpaid(8, remaining=eur("232.33")), part)
    assert found.value("instalments_received", "2026-08") == 100
    assert found.value("instalments_overdue", "2026-08") == Decimal("232.33")
    assert found.value("instalments_rate", "2026-08") == 50  # an instalment is collected when it is whole


def phased(*phases: tuple[str, str, str]) -> Record:
    """A schedule: (start, end, price) of each phase."""
    made = tuple(
        {"start": utc(start), "end": utc(end), "items": ({"price": one, "quantity": 1},)} for start, end, one in phases
    )
    return schedule("sched_1", "sub_a", phases=made)


def catalogue(key: str, amount: str, interval: str = "month") -> Record:
    return Record(stream="price", key=key, fields={"active": True, **price(amount, interval, id=key)}, at=START)


def test_a_schedule_says_how_many_and_each_phase_its_own_price() -> None:
    first = catalogue("price_first", "500")
    rest = catalogue("price_rest", "100")
    sold = of("a", "500", created=START, schedule="sched_1")
    phases = phased(("2026-07-05", "2026-08-05", "price_first"), ("2026-08-05", "2026-12-05", "price_rest"))
    found = reckon(sold, phases, first, rest, on(7, amount="500"), on(8, amount="100"))
    assert found.value("instalments_signed", "2026-07") == 900
    assert found.value("receivable", "2026-08") == 300
    assert found.plans[0].ends_at == utc("2026-11-05")


def test_a_phase_whose_price_is_not_known_costs_what_the_subscription_costs_today() -> None:
    sold = of("a", "100", created=START, schedule="sched_1")
    found = reckon(sold, phased(("2026-07-05", "2026-10-05", "price_gone")))
    assert found.value("instalments_signed", "2026-07") == 300


def test_a_plan_from_the_last_day_of_a_month_keeps_its_number_of_payments() -> None:
    start = utc("2026-01-31")
    found = reckon(of("a", created=start, cancel_at=utc("2026-04-30"), canceled_at=start), since="2026-01-01")
    assert [part.due_at.date().isoformat() for part in found.plans[0].parts] == [
        *("2026-01-31", "2026-02-28", "2026-03-31")
    ]


def test_an_end_some_seconds_after_the_last_period_makes_no_further_payment() -> None:
    found = reckon(three(cancel_at=utc("2026-10-05") + timedelta(seconds=40)))
    assert found.plans[0].signed == Decimal("996.99")


def test_a_number_that_people_wrote_says_how_many_payments_and_the_rest_is_still_to_come() -> None:
    found = reckon(of("a", "50", created=START, metadata={"instalments": "10"}), on(7, amount="50"))
    assert (found.value("instalments_signed", "2026-07"), found.value("receivable", "2026-07")) == (500, 450)
    assert found.value("instalments_due", "2026-11") == 50
    assert plans.to_classify(found.books) == ()


def test_a_price_says_that_it_is_paid_in_parts_and_its_subscription_in_how_many() -> None:
    items = [item(price("50", metadata={"instalments": "yes"}))]
    found = reckon(of("a", items=items, created=START, metadata={"instalments": "4"}))
    assert found.value("instalments_signed", "2026-07") == 200


def test_a_plan_of_unknown_length_has_signed_what_was_invoiced_and_is_listed() -> None:
    found = reckon(
        of("a", "50", created=START, metadata={"instalments": "yes"}), on(7, amount="50"), on(8, amount="50")
    )
    assert found.values("instalments_signed", ["07", "08"]) == [50, 50]
    assert found.value("receivable") == 0
    assert found.figure("instalments_signed", "2026-07").estimated
    (unsure,) = plans.to_classify(found.books)
    assert (unsure.key, unsure.doubt, unsure.keys) == (
        "sub_a",
        ("no_number", ""),
        ("price_sub_a", "prod_1", "sub_a"),
    )


def test_what_cannot_be_told_is_neither_and_listed_until_it_is_decided_once() -> None:
    sold = three(canceled_at=None)
    asked = reckon(sold, on(7))
    assert (asked.value("mrr", "2026-07"), asked.value("receivable", "2026-07")) == (0, 0)
    (unsure,) = plans.to_classify(asked.books)
    assert unsure.doubt == ("end_unknown", "")
    for key in unsure.keys:
        parts = reckon(sold, on(7), decided={key: "3"})
        assert (parts.value("mrr", "2026-07"), parts.value("receivable", "2026-07")) == (0, Decimal("664.66"))
        recurs = reckon(sold, on(7), decided={key: "no"})
        assert (recurs.value("mrr", "2026-07"), recurs.value("receivable", "2026-07")) == (Decimal("332.33"), 0)
        assert plans.to_classify(parts.books) == plans.to_classify(recurs.books) == ()


def test_what_the_obm_decided_beats_what_the_price_says() -> None:
    tagged = of("a", items=[item(price(metadata={"instalments": "3"}, id="price_9"))])
    assert reckon(tagged, decided={"price_9": "no"}).value("mrr") == 100
    assert reckon(tagged).value("mrr") == 0


def test_instalments_to_come_are_at_what_will_be_asked_tax_and_discounts_included() -> None:
    half = coupon("50", duration="repeating", start=START, end=utc("2026-08-20"))
    exclusive = item(price("100", tax_behavior="exclusive"), tax_percent=Decimal(20), period_start=START)
    inclusive = item(price("100", tax_behavior="inclusive"), tax_percent=Decimal(20), period_start=START)
    assert reckon(three(items=[exclusive])).plans[0].signed == 360
    assert reckon(three(items=[inclusive])).plans[0].signed == 300
    assert reckon(three(items=[inclusive], discounts=(half,))).plans[0].signed == 200  # 50 + 50 + 100


def test_a_plan_beside_something_recurring_has_its_share_of_each_invoice() -> None:
    items = [
        item(price("30", id="price_1"), id="si_1"),
        item(price("90", id="price_2", metadata={"instalments": "3"}), id="si_2"),
    ]
    found = reckon(of("a", items=items, created=START), on(7, amount="120"))
    assert (found.value("mrr", "2026-07"), found.value("instalments_signed", "2026-07")) == (30, 270)
    assert (found.value("instalments_received", "2026-07"), found.value("receivable", "2026-07")) == (90, 180)
    assert found.figure("receivable", "2026-07").estimated


def test_a_plan_begins_after_its_trial_and_the_empty_invoice_of_the_trial_is_no_instalment() -> None:
    empty = invoice("in_0", "0", created=START, status="paid", paid_at=START, subscription="sub_a")
    sold = of("a", "50", created=START, trial_end=utc("2026-07-19"), metadata={"instalments": "2"})
    found = reckon(sold, empty)
    assert [part.due_at for part in found.plans[0].parts] == [utc("2026-07-19"), utc("2026-08-19")]
    assert found.value("instalments_signed", "2026-07") == 100


def test_an_invoice_that_nobody_expected_adds_to_the_contract_when_it_is_made() -> None:
    found = reckon(three(), *(on(month) for month in (7, 8, 9, 10)))
    assert found.values("instalments_signed", ["07", "10"]) == [Decimal("996.99"), Decimal("332.33")]
    assert found.value("receivable") == 0


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired"])
def test_a_plan_whose_first_payment_never_came_was_not_signed(status: str) -> None:
    assert reckon(three(status=status)).plans == ()


def test_instalments_that_do_not_add_up_are_refused_with_their_amounts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = reckon(three(), on(7))
    monkeypatch.setattr(Instalment, "open", lambda *args: args[0].amount)
    with pytest.raises(ValueError, match=r"instalments of 2026-01 in EUR do not add up: 996\.99 were receivable"):
        _ = found.figures


@st.composite
def sold(draw: Any) -> list[Record]:
    """A plan in any state whose invoices went any way, in no order that a provider would promise."""
    days = st.integers(0, 200)
    start = utc("2026-04-20") + timedelta(days=draw(days))
    sub: dict[str, Any] = {
        "created": start,
        "metadata": {"instalments": draw(st.sampled_from(["yes", "2", "4", "10"]))},
    }
    sub["status"] = draw(st.sampled_from(["active", "past_due", "unpaid", "canceled", "trialing", "paused"]))
    if sub["status"] == "canceled":
        sub["ended_at"] = min(NOW, start + timedelta(days=draw(days)))
    made = [of("a", str(draw(st.integers(1, 300))), **sub)]
    for n in range(draw(st.integers(0, 5))):
        created, amount = min(NOW, start + timedelta(days=draw(days))), draw(st.integers(0, 300))
        end = min(NOW, created + timedelta(days=draw(days)))
        status = draw(st.sampled_from(["paid", "paid", "open", "void", "uncollectible", "draft"]))
        fields: dict[str, Any] = {"status": status, "subscription": "sub_a", "attempted": True, "due_at": None}
        fields["collection"] = draw(st.sampled_from(["charge_automatically", "send_invoice"]))
        for name, of_status in (("paid_at", "paid"), ("voided_at", "void"), ("uncollectible_at", "uncollectible")):
            if status == of_status or (name == "uncollectible_at" and status == "paid" and draw(st.booleans())):
                fields[name] = end
        made.append(invoice(f"in_{n}", str(amount), created=created, **fields))
        for part in range(draw(st.integers(0, 2))):
            at = min(NOW, created + timedelta(days=draw(days)))
            made.append(payment(f"inpay_{n}_{part}", f"in_{n}", str(draw(st.integers(1, 200))), at))
    return made


@settings(SOME, max_examples=300)
@given(records=sold(), since=st.sampled_from(["2026-04-01", "2026-08-01"]))
def test_whatever_becomes_of_its_invoices_a_plan_adds_up(records: list[Record], since: str) -> None:
    adds_up(reckon(*records, since=since))


@SOME
@given(records=businesses(), zone=st.sampled_from(ZONES), since=st.sampled_from(["2026-05-01", "2026-08-01"]))
def test_receivable_is_what_was_signed_less_what_was_received_and_given_up(
    records: list[Record], zone: str, since: str
) -> None:
    adds_up(reckon(*records, since=since, zone=zone))


def adds_up(found: Reckoning) -> None:
    """Of each currency, of each part, and of each figure and its lines."""
    signed: dict[str, Any] = {}
    for plan in found.plans:
        assert all(0 <= part.paid(NOW) <= part.amount for part in plan.parts)
        left = sum(
            part.open(NOW) + part.abandoned(NOW) + part.paid(NOW) for part in plan.parts if part.signed_at <= NOW
        )
        assert left == sum(part.amount for part in plan.parts if part.signed_at <= NOW)
        signed[plan.currency] = signed.get(plan.currency, 0) + sum(part.open(NOW) for part in plan.parts)
    for currency, amount in signed.items():
        assert found.value("receivable", "2026-11", currency) == to_decimal(amount)
        late = sum(
            each.amount.amount for each in receivable.overdue(found.plans, NOW) if each.amount.currency == currency
        )
        shown = found.value("instalments_overdue", "2026-11", currency)
        assert abs(shown - late) <= Decimal("0.000000001")
        assert shown <= found.value("receivable", "2026-11", currency)
    for figure in found.figures.values():
        if figure.figure in FIGURES:
            assert figure.value == value_of(figure.unit, figure.lines, figure.currency)
