"""What moved: every category in its figure, every month by the local clock, and books that balance."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.money import Money
from hub.core.types import Record
from hub.planning.calendar import Month
from hub.planning.figure import Figure, value_of
from hub.planning.figures.books import Books
from hub.planning.figures.cash import MONEY, cash, unknown
from hub.planning.figures.names import FIGURES
from hub.planning.figures.orders import orders
from hub.planning.figures.origin import PARTS
from hub.planning.figures.rules import Rules
from tests.planning.businesses import CURRENCIES, ZONES, amounts, instants
from tests.planning.figures.kit import disputed, kept, moved, only, paid, refunded, values, year
from tests.planning.make import eur, invoice, item, payment, price, subscription, utc

RULES = Rules(tax_rate=Decimal(20))
SPREAD = tuple(PARTS.values())
CATEGORIES = (
    *("charge", "charge", "charge", "refund", "refund_failure", "partial_capture_reversal", "dispute"),
    *("dispute_reversal", "charge_failure", "payout", "payout_reversal", "fee", "tax", "topup", "transfer"),
    *("risk_reserved_funds", "other_adjustment", "climate_order_purchase", "made_up_tomorrow"),
)


def counted(found: Books, span: Sequence[Month] | None = None, rules: Rules = RULES) -> list[Figure]:
    return list(cash(found, rules, year(found) if span is None else span))


def test_each_category_is_in_its_figure() -> None:
    found = kept(
        moved("a", "1000", "2026-10-02", "charge", fee="15.25"),
        moved("b", "-100", "2026-10-03", "refund"),
        moved("c", "-40", "2026-10-04", "partial_capture_reversal"),
        moved("d", "30", "2026-10-05", "refund_failure"),
        moved("e", "-200", "2026-10-06", "dispute", fee="20"),
        moved("f", "200", "2026-10-07", "dispute_reversal", fee="-20"),
        moved("g", "-50", "2026-10-08", "charge_failure", fee="7.5"),
        moved("h", "-9", "2026-10-09", "fee"),
        moved("i", "-1.8", "2026-10-09", "tax"),
        moved("j", "-500", "2026-10-10", "payout"),
        moved("k", "20", "2026-10-11", "topup"),
        moved("l", "-3", "2026-10-12", "climate_order_purchase"),
        moved("m", "-60", "2026-10-13", "risk_reserved_funds"),
    )
    assert values(counted(found), "2026-10") == {
        "gross_volume": Decimal(1000),
        "refunds": Decimal(110),
        "disputes": Decimal(0),
        "late_failures": Decimal(50),
        "fees": Decimal("33.55"),
        "other_movements": Decimal(-3),
        "net_volume": Decimal("803.45"),
        "payouts": Decimal(500),
        "treasury": Decimal(-40),
        "cash_in": Decimal(840),
        "cash_recurring": Decimal(0),
        "cash_one_off": Decimal(840),
        "cash_instalments": Decimal(0),
        "cash_to_classify": Decimal(0),
        "paid_outside": Decimal(0),
        "cash_in_net": Decimal(700),
        "recurring_share": Decimal(0),
    }


def test_a_full_refund_does_not_give_the_fee_back() -> None:
    found = kept(*paid("1", "997", "2026-10-02", fee="15.21"), *refunded("2", "997", "2026-10-03", of="1"))
    october = values(counted(found), "2026-10")
    assert (october["gross_volume"], october["refunds"], october["net_volume"]) == (997, 997, Decimal("-15.21"))
    assert october["cash_in"] == 0


def test_the_fee_of_a_lost_dispute_is_read_and_never_assumed() -> None:
    found = kept(*paid("1", "65", "2026-10-02"), *disputed("2", "65", "2026-10-20", of="1", fee="15"))
    october = values(counted(found), "2026-10")
    assert (october["disputes"], october["fees"], october["net_volume"]) == (65, 15, -15)


def test_a_bank_debit_that_fails_later_is_taken_back_in_the_month_in_which_it_fails() -> None:
    found = kept(
        *paid("1", "300", "2026-09-28"), moved("x", "-300", "2026-10-05", "charge_failure", source="ch_1", fee="7.5")
    )
    assert values(counted(found), "2026-09")["cash_in"] == 300
    october = values(counted(found), "2026-10")
    assert (october["late_failures"], october["cash_in"], october["fees"]) == (300, -300, Decimal("7.5"))


def test_fees_say_what_they_are_made_of_and_what_is_not_said_is_a_line_of_its_own() -> None:
    fees = (("stripe_fee", "10"), ("application_fee", "4"), ("tax", "0"))
    found = kept(moved("a", "100", "2026-10-02", "charge", fee="15", fees=fees), moved("b", "-3", "2026-10-02", "fee"))
    lines = only(counted(found), "fees", "2026-10").lines
    assert [(line.what, line.amount) for line in lines] == [
        ("stripe_fee", eur(10)),
        ("application_fee", eur(4)),
        ("fee", eur(1)),
        ("fee", eur(3)),
    ]


def test_a_sale_just_after_local_midnight_is_of_the_new_month() -> None:
    before, after = moved("a", "10", "2026-09-30T21:59:59", "charge"), moved("b", "7", "2026-09-30T22:00", "charge")
    paris = counted(kept(before, after))
    assert [values(paris, period)["gross_volume"] for period in ("2026-09", "2026-10")] == [10, 7]
    utc_months = counted(kept(before, after, timezone="UTC"))
    assert [values(utc_months, period)["gross_volume"] for period in ("2026-09", "2026-10")] == [17, 0]


def test_two_currencies_are_never_added_and_one_that_came_stays() -> None:
    found = kept(
        moved("a", "20", "2026-09-02", "charge", currency="USD"),
        moved("b", "500", "2026-11-02", "charge", currency="JPY"),
    )
    keys = [each.key for each in counted(found) if each.figure == "cash_in"]
    assert keys == [
        *(f"cash_in/2026-{month:02}/EUR" for month in range(1, 9)),
        *("cash_in/2026-09/EUR", "cash_in/2026-09/USD", "cash_in/2026-10/EUR", "cash_in/2026-10/USD"),
        *("cash_in/2026-11/EUR", "cash_in/2026-11/JPY", "cash_in/2026-11/USD"),
    ]
    assert only(counted(found), "cash_in", "2026-10", "USD").value == eur(0, "USD")


def test_a_sale_settled_in_another_currency_is_the_money_that_was_received() -> None:
    found = kept(*paid("1", "92", "2026-10-02", fee="4.8", asked=eur(100, "USD"), exchange_rate=Decimal("0.92")))
    october = values(counted(found), "2026-10")
    assert (october["gross_volume"], october["net_volume"]) == (92, Decimal("87.2"))
    assert {each.currency for each in counted(found)} == {"EUR"}


def test_what_came_before_since_is_not_counted() -> None:
    found = kept(
        moved("a", "10", "2026-09-30T21:59:59", "charge", fee="1"),
        moved("b", "7", "2026-09-30T22:00", "charge"),
        since="2026-10-01",
    )
    assert values(counted(found), "2026-09")["gross_volume"] == 0


# Where it comes from


def renewal(name: str, at: str, amount: str, *, of: str, first: bool = False) -> list[Record]:
    reason = "subscription_create" if first else "subscription_cycle"
    made = invoice(
        f"in_{name}", amount, created=utc(at), status="paid", paid_at=utc(at), subscription=of, reason=reason
    )
    return [made, *paid(name, amount, at, invoice=f"in_{name}")]


def tagged(tag: str) -> list[dict[str, object]]:
    return [item(price(metadata={"instalments": tag}))]


SOLD = (
    subscription("sub_member"),
    subscription("sub_plan", tagged("3")),
    *renewal("m", "2026-10-05", "97", of="sub_member"),
    *renewal("p", "2026-10-06", "332.33", of="sub_plan"),
    *paid("o", "50", "2026-10-07"),
    invoice("in_alone", "30", status="paid", paid_at=utc("2026-10-08")),
    *paid("i", "30", "2026-10-08", invoice="in_alone"),
)


def test_a_payment_is_recurring_an_instalment_or_one_off() -> None:
    october = values(counted(kept(*SOLD)), "2026-10")
    assert [october[name] for name in SPREAD] == [97, 80, Decimal("332.33"), 0]
    assert october["recurring_share"].quantize(Decimal("0.01")) == Decimal("54.80")


def test_what_comes_back_follows_the_payment_that_it_comes_from() -> None:
    back = (
        *refunded("r", "20", "2026-11-08", of="m"),
        *disputed("d", "332.33", "2026-11-09", of="p"),
        moved("f", "-50", "2026-11-10", "charge_failure", source="ch_o"),
    )
    november = values(counted(kept(*SOLD, *back)), "2026-11")
    assert [november[name] for name in SPREAD] == [-20, -50, Decimal("-332.33"), 0]


def test_a_dispute_that_is_won_after_since_follows_a_payment_from_before() -> None:
    won = moved("w", "332.33", "2026-11-09", "dispute_reversal", source="dp_d")
    found = kept(*SOLD, *disputed("d", "332.33", "2026-10-09", of="p"), won, since="2026-11-01")
    assert values(counted(found), "2026-11")["cash_instalments"] == Decimal("332.33")


def test_what_cannot_be_told_is_neither_recurring_nor_one_off() -> None:
    doubt = subscription("sub_1", cancel_at=utc("2027-02-05"))
    mixed = subscription(
        "sub_2", [item(price(metadata={"instalments": "3"}), id="si_1"), item(price(id="price_2"), id="si_2")]
    )
    found = kept(
        doubt, mixed, *renewal("1", "2026-10-05", "97", of="sub_1"), *renewal("2", "2026-10-05", "100", of="sub_2")
    )
    october = values(counted(found), "2026-10")
    assert [october[name] for name in SPREAD] == [0, 0, 0, 197]
    assert october["recurring_share"] is None


def test_a_month_without_cash_has_no_recurring_share() -> None:
    assert only(counted(kept()), "recurring_share", "2026-10").value is None


# Outside Stripe


def test_what_was_paid_outside_stripe_is_on_its_own_line_by_the_day_that_was_noted() -> None:
    noted = invoice(
        "in_1", "500", created=utc("2026-09-01"), status="paid", paid_at=utc("2026-10-20"), off_stripe=eur(300)
    )
    record = payment("inpay_1", "in_1", "200", utc("2026-10-03"))
    note = Record(
        stream=record.stream, key=record.key, fields={**record.fields, "payment_type": "payment_record"}, at=record.at
    )
    found = kept(noted, note)
    line = only(counted(found), "paid_outside", "2026-10")
    assert [(each.id, each.amount) for each in line.lines] == [("inpay_1", eur(200)), ("in_1", eur(100))]
    october = values(counted(found), "2026-10")
    assert (october["paid_outside"], october["cash_in"], october["net_volume"]) == (300, 0, 0)


def test_an_invoice_paid_outside_in_a_currency_that_never_moved_is_shown_all_the_same() -> None:
    dollars = invoice("in_1", "40", currency="USD", status="paid", paid_at=utc("2026-10-20"), off_stripe=eur(40, "USD"))
    assert only(counted(kept(dollars)), "paid_outside", "2026-10", "USD").value == eur(40, "USD")


# The books balance


def test_books_that_do_not_balance_are_refused_with_the_category_and_the_amounts() -> None:
    wrong = moved("a", "100", "2026-10-02", "charge", fee="3", net=eur(90))
    with pytest.raises(ValueError, match="2026-10 EUR does not balance: net_volume") as caught:
        counted(kept(wrong, moved("b", "-9", "2026-10-03", "refund")))
    assert "charge: amount 100, fee 3, net 90." in str(caught.value)
    assert "refund" not in str(caught.value)


def test_a_category_that_nobody_knows_is_counted_and_named() -> None:
    found = kept(
        moved("a", "-8", "2026-10-02", "made_up_tomorrow"),
        moved("b", "-4", "2026-10-03", "made_up_tomorrow"),
        moved("c", "-4", "2026-10-03", "other_adjustment"),
        moved("d", "-4", "2026-10-03", "payout"),
    )
    assert values(counted(found), "2026-10")["other_movements"] == -16
    (strange,) = unknown(found, year(found))
    assert (strange.category, strange.count, strange.amount) == ("made_up_tomorrow", 2, eur(-12))
    assert unknown(found, year(found)[:9]) == ()


@st.composite
def tills(draw: st.DrawFn) -> list[Record]:
    made = []
    for n in range(draw(st.integers(0, 15))):
        currency = draw(st.sampled_from(CURRENCIES))
        amount, fee = draw(amounts(currency, -200_000)), draw(amounts(currency, -3000, 3000))
        category = draw(st.sampled_from(CATEGORIES))
        made.append(
            moved(f"txn_{n}", str(amount.amount), draw(instants()), category, fee=str(fee.amount), currency=currency)
        )
    return made


@settings(deadline=None)
@given(tills(), st.sampled_from(ZONES))
def test_whatever_moved_is_in_one_month_and_balances(records: list[Record], zone: str) -> None:
    found = kept(*records, timezone=zone)
    span = year(found)
    assert all(one.end == other.start for one, other in pairwise(span))
    figures = counted(found, span)
    sums: dict[tuple[str, str], Decimal] = {}
    for each in figures:
        if isinstance(each.value, Money) and each.figure in MONEY:
            key = each.figure, each.currency
            sums[key] = sums.get(key, Decimal(0)) + each.value.amount
    for currency in {currency for _, currency in sums}:
        of = {name: sums[name, currency] for name in MONEY}
        nets = sum((each.net.amount for each in found.transactions if each.net.currency == currency), Decimal(0))
        cash_in = of["gross_volume"] - of["refunds"] - of["disputes"] - of["late_failures"]
        assert of["net_volume"] == cash_in - of["fees"] + of["other_movements"]
        assert of["cash_in"] == cash_in == sum(of[name] for name in SPREAD)
        assert nets == of["net_volume"] - of["payouts"] + of["treasury"]


@settings(deadline=None)
@given(tills(), st.sampled_from(ZONES))
def test_every_figure_is_what_its_lines_prove_and_a_month_alone_is_what_it_is_among_others(
    records: list[Record], zone: str
) -> None:
    found = kept(*records, timezone=zone)
    span = year(found)
    whole = [*counted(found, span), *orders(found, (), span)]
    assert all(each.value == value_of(FIGURES[each.figure].unit, each.lines, each.currency) for each in whole)
    alone = [each for one in span for each in [*counted(found, [one]), *orders(found, (), [one])]]
    assert sorted(alone, key=lambda each: each.key) == sorted(whole, key=lambda each: each.key)
    assert len({each.key for each in whole}) == len(whole)


@settings(deadline=None)
@given(tills(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_changes_nothing(records: list[Record], random: object) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert counted(kept(*shuffled)) == counted(kept(*records))


def test_a_month_that_runs_is_not_closed() -> None:
    assert [each.closed for each in counted(kept()) if each.figure == "cash_in"] == [True] * 10 + [False]
