"""Sales of offers: once each, with all that was paid and given back of them; who registered; who is named how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.core.kinds import Kind
from hub.core.types import Record
from hub.mapping.revenue_job import Read
from hub.mapping.steering import Commission, Launch
from hub.planning.figure import ProofLine
from hub.planning.figures.books import books
from hub.planning.figures.commissioned import masked
from hub.planning.figures.launches import Sale
from hub.planning.figures.offers import Offers, initials
from hub.planning.figures.plans import plans
from hub.planning.figures.records import ByHand
from hub.planning.figures.sales import registrations, sales
from hub.planning.history import Mirror
from hub.planning.steer_words import names
from tests.planning.figures.kit import moved, paid
from tests.planning.make import (
    NOW,
    business,
    customer,
    eur,
    invoice,
    item,
    paid_invoice,
    payment,
    price,
    subscription,
    utc,
    view,
)

READS = (Read.model_validate({"from": "stripe"}),)
ELAN = Record(stream="product", key="prod_1", fields={"name": "Élan", "metadata": {}}, at=utc("2026-01-01"))


def offers_of(*records: Record) -> Offers:
    seen = view(ELAN, customer("cus_1", name="Marie Dupont", email="Marie@Example.com"), *records)
    return Offers(books(seen, READS, business(), NOW), seen, READS)


def sold(*records: Record, wanted: Iterable[str] = ("élan",)) -> tuple[Sale, ...]:
    offers = offers_of(*records)
    return sales(offers, plans(offers.books), wanted)


def said(records: Iterable[Record], description: str) -> Iterator[Record]:
    """The payment says what it is for."""
    for each in records:
        more = {"description": description} if each.stream == "charge" else {}
        yield replace(each, fields={**each.fields, **more})


def test_a_payment_is_one_sale_with_what_came_back_of_it() -> None:
    (sale,) = sold(
        *said(paid("a", "600", "2026-10-05"), "Élan"),
        moved("txn_r", "-100", "2026-10-09", "refund", source="ch_a"),
        moved("txn_d", "-50", "2026-11-09", "dispute", source="ch_a"),
    )
    assert (sale.offer, sale.way, sale.person) == ("Élan", "at once", "marie@example.com")
    assert (sale.signed, sale.received, sale.refunded) == (eur(600), eur(600), eur(150))


def test_a_subscription_is_sold_once_and_its_renewals_are_no_sales() -> None:
    first, second = (
        paid_invoice(f"in_{n}", "sub_1", utc(at), "50") for n, at in enumerate(("2026-09-05", "2026-10-05"))
    )
    first = replace(first, fields={**first.fields, "reason": "subscription_create"})
    pays = [replace(payment(f"ip_{n}", f"in_{n}", "50", utc(at)), fields={
        **payment(f"ip_{n}", f"in_{n}", "50", utc(at)).fields, "payment": f"pi_{name}"})
        for n, (at, name) in enumerate((("2026-09-05", "a"), ("2026-10-05", "b")))]  # fmt: skip
    (sale,) = sold(
        subscription("sub_1", [item(price("50"))], created=utc("2026-09-05")),
        first, second, *pays, *paid("a", "50", "2026-09-05"), *paid("b", "50", "2026-10-05"),
    )  # fmt: skip
    assert (sale.offer, sale.way, sale.signed, sale.key) == ("Élan", "recurring", eur(50), "txn_a")


def test_a_sale_in_parts_is_its_whole_contract_on_the_day_on_which_it_was_made() -> None:
    plan = subscription("sub_1", [item(price("200"))], created=utc("2026-10-05"), metadata={"instalments": "3"})
    first = paid_invoice("in_1", "sub_1", utc("2026-10-05"), "200")
    first = replace(first, fields={**first.fields, "reason": "subscription_create"})
    back = moved("txn_r", "-20", "2026-10-09", "refund", source="ch_1")
    (sale,) = sold(
        plan, first, payment("ip_1", "in_1", "200", utc("2026-10-05")), *paid("1", "200", "2026-10-05"), back
    )
    assert sale.refunded == eur(20)
    assert (sale.way, sale.signed, sale.received, sale.person) == ("in parts", eur(600), eur(200), "marie@example.com")
    assert sale.at == utc("2026-10-05")


def test_of_several_products_the_one_that_is_asked_for_counts_and_of_none_nothing_is_invented() -> None:
    session = Record(
        stream="checkout_session", key="cs_1", at=utc("2026-10-05"),
        fields={"who": {"email": "New@example.com"}, "products": ("Guide", "Élan"), "payment_intent": "pi_a",
                "mode": "payment", "total": eur(600), "tax": None, "subscription": None, "invoice": None},
    )  # fmt: skip
    both = [*paid("a", "600", "2026-10-05"), session]
    assert [each.offer for each in sold(*both)] == ["Élan"]
    assert [each.offer for each in sold(*both, wanted=("autre",))] == ["Guide"]
    assert [each.offer for each in sold(*paid("b", "10", "2026-10-05"))] == [""]


def test_who_registered_is_found_in_every_place_that_the_launch_names() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    who = {"email": "Nora@example.com"}
    times: dict[str, Any] = {"starts_at": utc("2026-03-09"), "ends_at": utc("2026-03-09"), "created_at": at}
    booking = Record(
        stream="booking", key="b", fields={"title": "Appel", "who": who, "status": "active", **times}, at=at
    )
    form = {"key": "f1", "name": "Inscriptions"}
    signup = Record(
        stream="answer", key="s", fields={"who": {"email": "zoe@example.com"}, "at": at, "form": form}, at=at
    )
    other = Record(stream="answer", key="o", fields={**signup.fields, "form": {"name": "Autre"}}, at=at)
    kinds: dict[tuple[str, str], Kind] = {("calendly", "booking"): "booking", ("forms", "answer"): "signup"}
    seen = view(booking, connection="calendly")
    records = {("calendly", "booking"): [booking], ("forms", "answer"): [signup, other]}
    mirror = Mirror(view=type(seen)(records), kinds=kinds)
    launch = Launch.model_validate(
        {"name": "P", "opens": "2026-03-09", "closes": "2026-03-16", "offers": ["Élan"], "registrations": [
            {"from": "calendly", "event_type": "Appel"}, {"from": "forms", "form": "inscriptions"}]}
    )  # fmt: skip
    assert registrations(launch, mirror) == {"nora@example.com": [at], "zoe@example.com": [at]}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Marie Dupont", "M. D."),
        ("Anne-Laure Petit", "A. L. P."),
        ("m.dupont@example.com", "M."),
        ("cus_12", "C."),
        ("", ""),
    ],
)
def test_a_name_is_shown_by_its_initials(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_a_statement_holds_the_lines_of_its_offers_without_a_name() -> None:
    offers = offers_of(*said(paid("a", "600", "2026-10-05"), "Élan"), *said(paid("b", "9", "2026-10-05"), "Guide"))
    lines = [ProofLine(f"txn_{name}", "charge", eur(1), utc("2026-10-05"), "Marie Dupont") for name in ("a", "b")]
    deal = {"who": "obm", "starts": "2026-01-01", "rate": "5 %"}
    every = masked(Commission.model_validate(deal), lines, offers)
    assert [(line.id, line.note) for line in every] == [("txn_a", "M. D."), ("txn_b", "M. D.")]
    own = masked(Commission.model_validate({**deal, "offers": ["élan"]}), lines, offers)
    assert [line.id for line in own] == ["txn_a"]


def test_both_languages_have_the_same_phrases() -> None:
    assert names()["fr"] == names()["en"]


def outside(key: str, amount: str, at: str, **more: Any) -> list[Record]:
    """An invoice for Élan that was paid elsewhere, of which Stripe has a note."""
    lines = ({"price": None, "product": "prod_1", "text": "Programme"},)
    noted = payment(f"pyr_{key}", key, amount, utc(at))
    fields = {"status": "paid", "off_stripe": eur(amount), "paid_at": utc(at), "lines": lines, "metadata": {}, **more}
    return [invoice(key, amount, **fields), replace(noted, fields={**noted.fields, "payment_type": "payment_record"})]


def test_an_invoice_that_was_paid_outside_stripe_is_a_sale_of_what_stands_on_it() -> None:
    (sale,) = sold(*outside("in_1", "600", "2026-10-05"))
    assert (sale.offer, sale.way, sale.person, sale.at) == ("Élan", "outside", "marie@example.com", utc("2026-10-05"))
    assert (sale.signed, sale.received, sale.refunded) == (eur(600), eur(600), eur(0))
    described = ({"price": None, "product": None, "text": "Atelier"},)
    (other,) = sold(*outside("in_1", "600", "2026-10-05", lines=described, who={"email": " New@example.com"}))
    assert (other.offer, other.person) == ("Atelier", "new@example.com")


def test_an_invoice_that_was_paid_in_both_ways_is_one_sale_with_both() -> None:
    first = payment("ip_1", "in_1", "400", utc("2026-10-05"))
    joined = replace(first, fields={**first.fields, "payment": "pi_a"})
    bill, noted = outside("in_1", "200", "2026-10-09", total=eur(600))
    (sale,) = sold(bill, noted, joined, *paid("a", "400", "2026-10-05"))
    assert (sale.way, sale.signed, sale.received) == ("at once", eur(600), eur(600))


def test_a_renewal_that_was_paid_outside_is_no_sale_and_a_first_invoice_is_one() -> None:
    sub = subscription("sub_1", [item(price("50"))], created=utc("2026-09-05"))
    first = outside("in_1", "50", "2026-09-05", subscription="sub_1", reason="subscription_create")
    renewal = outside("in_2", "50", "2026-10-05", subscription="sub_1", reason="subscription_cycle")
    (sale,) = sold(sub, *first, *renewal)
    assert (sale.key, sale.way, sale.offer) == ("in_1", "recurring", "Élan")


def test_a_sale_in_several_invoices_is_one_whoever_paid_them_where() -> None:
    about = {"metadata": {"instalments": "2"}, "created": utc("2026-10-01"), "who": {"key": "cus_1"}}
    first = outside("in_1", "300", "2026-10-05", due_at=utc("2026-10-05"), **about)
    second = invoice("in_2", "300", due_at=utc("2026-11-05"), lines=first[0].fields["lines"], **about)
    (sale,) = sold(*first, second)
    assert (sale.way, sale.offer, sale.signed, sale.received) == ("in parts", "Élan", eur(600), eur(300))


def test_a_payment_that_was_written_down_is_a_sale_of_the_offer_that_it_names() -> None:
    offers = offers_of()
    noted = ByHand("2026-10-05/1", utc("2026-10-05"), eur(600), "by_transfer", "Élan", "Zoe@Example.com", "", "r.yaml")
    kept = replace(
        offers, books=replace(offers.books, by_hand=(noted, replace(noted, key="2026-10-05/2", client="Zoé")))
    )
    one, two = sales(kept, (), ("élan",))
    assert (one.offer, one.way, one.person, one.signed) == ("Élan", "outside", "zoe@example.com", eur(600))
    assert two.person == ""
