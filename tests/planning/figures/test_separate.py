"""Sales in several invoices without a subscription: what belongs together, what is asked, what it comes to."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.types import Record
from hub.planning.figures import plans
from hub.planning.figures.cash import cash
from hub.planning.figures.rules import Rules
from tests.planning.figures.kit import kept, paid, values, year
from tests.planning.figures.reckoning import Reckoning, reckon
from tests.planning.figures.test_plans import adds_up
from tests.planning.make import NOW, invoice, payment, price, utc
from tests.planning.test_properties import SOME

SOLD = utc("2026-07-05")


def part(n: int, due: str, amount: str = "332.33", **more: Any) -> Record:
    """An invoice of cus_1 made on 5 July and due in that month."""
    fields: dict[str, Any] = {"created": SOLD, "due_at": utc(f"2026-{due}"), "lines": (), "metadata": {}}
    return invoice(f"in_{n}", amount, **{**fields, **more})


def settled(n: int, due: str, on: str, **more: Any) -> Record:
    return part(n, due, **{"status": "paid", "paid_at": utc(f"2026-{on}"), **more})


def three(**more: Any) -> list[Record]:
    return [part(1, "07-10", **more), part(2, "08-10", **more), part(3, "09-10", **more)]


def line(product: str = "prod_9", price: str | None = None) -> dict[str, Any]:
    return {"lines": ({"price": price, "product": product, "text": "Programme"},)}


def product(key: str, **metadata: str) -> Record:
    return Record(stream="product", key=key, fields={"name": key, "metadata": metadata}, at=SOLD)


TAGGED: dict[str, Any] = {"metadata": {"instalments": "3"}}


def of(found: Reckoning) -> list[tuple[str, int]]:
    return [(plan.key, len(plan.parts)) for plan in found.plans]


def test_three_tagged_invoices_are_one_sale_signed_at_once_and_received_one_by_one() -> None:
    first = settled(1, "07-10", "07-12", **TAGGED)
    found = reckon(first, part(2, "08-10", **TAGGED), part(3, "09-10", **TAGGED), since="2026-06-01")
    assert of(found) == [("in_1", 3)]
    assert found.values("instalments_signed", ["06", "07", "08"]) == [0, Decimal("996.99"), 0]
    assert found.values("receivable", ["07", "08", "11"]) == [Decimal("664.66")] * 3
    assert found.values("instalments_due", ["07", "08", "09", "10"]) == [*[Decimal("332.33")] * 3, 0]
    assert found.values("instalments_overdue", ["07", "08", "09"]) == [0, Decimal("332.33"), Decimal("664.66")]
    assert found.value("instalments_rate", "2026-08") == 50
    assert [(line.what, line.note) for line in found.figure("receivable").lines] == [
        ("invoice", "2/3"),
        ("invoice", "3/3"),
    ]
    assert plans.to_classify(found.books) == ()


def test_invoices_made_together_and_due_on_different_days_are_asked_about_and_counted_as_neither() -> None:
    found = reckon(*three(**line()))
    assert of(found) == []
    assert found.value("receivable", "2026-07") == 0
    (unsure,) = plans.to_classify(found.books)
    assert (unsure.key, unsure.customer, unsure.doubt) == ("in_1", "cus_1", ("separate", "3"))
    assert unsure.keys == ("prod_9", "in_1")
    for key in unsure.keys:
        assert of(reckon(*three(**line()), decided={key: "yes"})) == [("in_1", 3)]
        no = reckon(*three(**line()), decided={key: "no"})
        assert (of(no), plans.to_classify(no.books)) == ([], ())


@pytest.mark.parametrize(
    ("word", "origin"), [("yes", "cash_instalments"), ("no", "cash_one_off"), (None, "cash_to_classify")]
)
def test_what_was_paid_of_them_is_cash_of_that_kind(word: str | None, origin: str) -> None:
    about: dict[str, Any] = {"metadata": {} if word is None else {"instalments": word}}
    books = kept(
        part(1, "07-10", **about), part(2, "08-10", **about), *paid("a", "332.33", "2026-07-12", invoice="in_1")
    )
    shown = values(cash(books, rules(), year(books)), "2026-07")
    assert {name for name, value in shown.items() if value and name.startswith("cash_") and name != "cash_in"} == {
        origin
    }


def rules() -> Rules:
    return Rules()


@pytest.mark.parametrize(
    "other",
    [
        part(2, "07-10"),  # due on the same day: two purchases
        part(2, "08-10", created=SOLD + timedelta(hours=25)),  # made when it is due
        part(2, "08-10", who={"key": "cus_2"}),
        part(2, "08-10", currency="USD"),
        part(2, "08-10", collection="charge_automatically", due_at=None),
        part(2, "08-10", **line("prod_8")),
        part(2, "08-10", status="void", voided_at=SOLD + timedelta(hours=3)),  # taken back: a slip
        part(2, "08-10", subscription="sub_1"),
    ],
)
def test_other_invoices_are_ordinary(other: Record) -> None:
    found = reckon(part(1, "07-10", **line()), other)
    assert (of(found), plans.to_classify(found.books)) == ([], ())


def test_a_tag_on_a_price_or_a_product_speaks_of_the_invoices_that_have_it() -> None:
    tagged = product("prod_9", instalments="2")
    pair = [part(1, "07-10", **line()), part(2, "08-10", **line())]
    assert of(reckon(tagged, *pair)) == [("in_1", 2)]
    fields = {**price("100", None), "id": "price_9", "product": "prod_9", "metadata": {"instalments": "no"}}
    catalogue = Record(stream="price", key="price_9", fields=fields, at=SOLD)
    named = [part(1, "07-10", **line(price="price_9")), part(2, "08-10", **line(price="price_9"))]
    assert of(reckon(tagged, catalogue, *named)) == []
    assert of(reckon(tagged, catalogue, *named, decided={"prod_9": "2"})) == [("in_1", 2)]


def test_a_number_makes_one_sale_after_the_other_and_what_is_not_made_yet_is_not_known() -> None:
    made = [part(n, f"{6 + n:02}-10", created=utc(f"2026-{6 + n:02}-01"), **TAGGED) for n in range(1, 5)]
    found = reckon(*made)
    assert of(found) == [("in_1", 3), ("in_4", 1)]
    assert [(plan.known, plan.estimated) for plan in found.plans] == [(True, False), (False, True)]
    assert found.values("instalments_signed", ["07", "08", "10"]) == [Decimal("996.99"), 0, Decimal("332.33")]
    assert plans.to_classify(found.books) == ()  # people said how many


def test_parts_that_are_made_one_by_one_without_a_number_are_listed() -> None:
    made = [
        part(n, f"{6 + n:02}-10", created=utc(f"2026-{6 + n:02}-01"), metadata={"instalments": "yes"}) for n in (1, 2)
    ]
    found = reckon(*made)
    assert of(found) == [("in_1", 2)]
    assert found.values("instalments_signed", ["07", "08"]) == [Decimal("332.33")] * 2
    assert [each.doubt for each in plans.to_classify(found.books)] == [("no_number", "")]


def test_a_part_that_is_void_later_is_abandoned_and_a_draft_is_still_to_come() -> None:
    gone = part(2, "08-10", status="void", voided_at=utc("2026-08-20"), **TAGGED)
    draft = part(3, "09-10", status="draft", finalized_at=None, **TAGGED)
    found = reckon(settled(1, "07-10", "07-12", **TAGGED), gone, draft)
    assert found.value("instalments_abandoned", "2026-08") == Decimal("332.33")
    assert found.values("receivable", ["07", "08", "10"]) == [Decimal("664.66"), Decimal("332.33"), Decimal("332.33")]
    assert found.value("instalments_overdue", "2026-10") == 0  # nobody was asked for it


def test_what_was_paid_outside_stripe_is_received_too() -> None:
    outside = payment("pyr_1", "in_1", "332.33", utc("2026-07-20"))
    found = reckon(settled(1, "07-10", "07-20", **TAGGED), *three(**TAGGED)[1:], outside)
    assert found.value("instalments_received", "2026-07") == Decimal("332.33")


@st.composite
def invoices(draw: Any) -> list[Record]:
    made = []
    for n in range(draw(st.integers(1, 8))):
        created = utc("2026-05-01") + timedelta(hours=draw(st.sampled_from([0, 1, 23, 24, 25, 48, 900])))
        fields: dict[str, Any] = {
            "created": created,
            "due_at": draw(st.sampled_from([None, created, *(created + timedelta(days=d) for d in (10, 40, 100))])),
            "who": {"key": draw(st.sampled_from(["cus_1", "cus_1", "cus_2"]))},
            "metadata": draw(
                st.sampled_from([{}, {}, {"instalments": "yes"}, {"instalments": "2"}, {"instalments": "no"}])
            ),
            **draw(st.sampled_from([{"lines": ()}, line(), line("prod_8")])),
            "status": draw(st.sampled_from(["open", "draft", "paid", "void"])),
        }
        end = min(NOW, created + timedelta(hours=draw(st.sampled_from([1, 24, 500]))))
        fields |= {"paid": {"paid_at": end}, "void": {"voided_at": end}}.get(fields["status"], {})
        made.append(invoice(f"in_{n}", str(draw(st.integers(1, 300))), **fields))
    return made


@SOME
@given(made=invoices(), seed=st.integers(0, 9))
def test_every_invoice_is_of_one_sale_at_most_whatever_their_order_and_all_adds_up(
    made: list[Record], seed: int
) -> None:
    found = reckon(*made, since="2026-05-01")
    keys = [each.key for series in found.books.series for each in series.invoices]
    assert len(keys) == len(set(keys))
    adds_up(found)
    shuffled = list(made)
    random.Random(seed).shuffle(shuffled)
    assert reckon(*shuffled, since="2026-05-01").books.series == found.books.series
