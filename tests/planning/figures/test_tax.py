"""Tax apart: by Stripe's own amounts, else by the business's rate and then estimated; and the limit that is watched."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hub.planning.figure import Figure, added
from hub.planning.figures.books import Books
from hub.planning.figures.cash import cash
from hub.planning.figures.rules import Rules
from hub.planning.figures.tax import SALES, SERVICES, Threshold, Watched, takings, watched
from hub.planning.prices import to_decimal
from tests.planning.figures.kit import checkout, kept, moved, only, paid, refunded, year
from tests.planning.make import eur, invoice, utc

TWENTY = Rules(tax_rate=Decimal(20))


def net(found: Books, rules: Rules = TWENTY, period: str = "2026-10") -> Figure:
    return only(cash(found, rules, year(found)), "cash_in_net", period)


def threshold(books: Books, settings: Threshold, year: int) -> Watched:
    return watched(takings(books, year), books.currency, settings, year)


def test_the_tax_that_stripe_worked_out_on_an_invoice_is_taken_off_and_is_no_estimate() -> None:
    bill = invoice("in_1", "120", tax=eur("6.26"), status="paid", paid_at=utc("2026-10-02"))
    found = net(kept(bill, *paid("1", "120", "2026-10-02", invoice="in_1")))
    assert (found.value, found.estimated) == (eur("113.74"), False)


def test_a_part_payment_and_a_refund_have_the_share_of_their_sale() -> None:
    bill = invoice("in_1", "120", tax=eur(20), status="paid", paid_at=utc("2026-10-02"))
    found = kept(bill, *paid("1", "60", "2026-10-02", invoice="in_1"), *refunded("2", "12", "2026-11-02", of="1"))
    assert net(found).value == eur(50)
    assert net(found, period="2026-11").value == eur(-10)


def test_the_tax_of_a_checkout_is_taken_where_there_is_no_invoice() -> None:
    found = net(kept(checkout("1", "55", "2026-10-02", tax="5"), *paid("1", "55", "2026-10-02")))
    assert (found.value, found.estimated) == (eur(50), False)


def test_a_tax_of_nothing_that_stripe_worked_out_is_nothing() -> None:
    found = net(kept(checkout("1", "55", "2026-10-02", tax="0"), *paid("1", "55", "2026-10-02")))
    assert (found.value, found.estimated) == (eur(55), False)


def test_what_stripe_did_not_work_out_is_estimated_at_the_rate_and_says_so() -> None:
    found = net(
        kept(*paid("1", "120", "2026-10-02"), checkout("2", "60", "2026-10-03"), *paid("2", "60", "2026-10-03"))
    )
    assert (found.value, found.estimated) == (eur(150), True)
    assert [line.note for line in found.lines] == ["20 %", "20 %"]


def test_sums_are_exact_although_a_sale_without_its_tax_is_no_whole_cent() -> None:
    records = [record for n in range(3) for record in paid(str(n), "997", "2026-10-02")]
    found = net(kept(*records))
    assert found.value == eur("2492.5")
    assert to_decimal(Fraction(added(found.lines))) == Decimal("2492.5")


def test_a_business_that_collects_no_tax_has_none_in_any_sale() -> None:
    bill = invoice("in_1", "120", tax=eur(20), status="paid", paid_at=utc("2026-10-02"))
    found = kept(bill, *paid("1", "120", "2026-10-02", invoice="in_1"), *paid("2", "37", "2026-10-02"))
    without = net(found, Rules(franchise=True, tax_rate=Decimal(20)))
    assert (without.value, without.estimated) == (eur(157), False)


def test_where_nobody_knows_the_tax_there_is_no_figure_without_it() -> None:
    found = kept(*paid("1", "120", "2026-10-02"))
    names = {each.figure for each in cash(found, Rules(), year(found)) if each.period == "2026-10"}
    assert "cash_in" in names
    assert "cash_in_net" not in names


def test_fees_and_payouts_are_not_in_it() -> None:
    found = kept(*paid("1", "120", "2026-10-02", fee="5"), moved("x", "-80", "2026-10-03", "payout"))
    assert net(found).value == eur(100)


def test_a_years_takings_are_watched_against_the_limit() -> None:
    outside = invoice("in_1", "1000", status="paid", paid_at=utc("2026-12-01"), off_stripe=eur(1000))
    found = kept(
        *paid("0", "9999", "2025-12-31T22:59:59"),
        *paid("1", "20000", "2025-12-31T23:00", fee="300"),
        *paid("2", "15000", "2026-06-02"),
        *refunded("3", "2000", "2026-07-02", of="2"),
        *paid("4", "500", "2026-06-02", currency="USD"),
        outside,
    )
    near = threshold(found, SERVICES, 2026)
    assert (near.taken, near.limit) == (eur(34000), eur(37500))
    assert added(near.lines) == 34000
    assert near.percent.quantize(Decimal("0.01")) == Decimal("90.67")
    assert (near.passed, near.above_upper, near.left_out) == (90, False, ("USD",))


def test_each_step_of_the_limit_is_reached_exactly() -> None:
    def passed(amount: str) -> tuple[int | None, bool]:
        found = threshold(kept(*paid("1", amount, "2026-06-02")), SALES, 2026)
        return found.passed, found.above_upper

    assert passed("67999.99") == (None, False)
    assert passed("68000") == (80, False)
    assert passed("76500") == (90, False)
    assert passed("93500") == (100, False)
    assert passed("93500.01") == (100, True)


def test_the_limit_is_a_setting() -> None:
    own = Threshold(limit=Decimal(1000), upper=Decimal(1100), warn_at=(50,))
    found = threshold(kept(*paid("1", "600", "2026-06-02")), own, 2026)
    assert (found.percent, found.passed) == (60, 50)
    assert threshold(kept(), own, 2026).passed is None
