"""What the mirror says has happened: once, whichever record came first, and never more than it says."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from hub.core.types import Record
from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.types import Found
from tests.planning.journeys.records import OFFER, booking, charge, euros, mirror, session, who
from tests.planning.journeys.small import DAY, MARIE, MONDAY, job

JOB = job()


def read(*records: Record, where: str = "stripe", **starts: Any) -> Found:
    return facts_of(job(**starts) if starts else JOB, mirror((where, record) for record in records))


def whats(found: Found, person: str = MARIE) -> list[str]:
    return [fact.what for fact in found.clients[person].facts] if person in found.clients else []


def sub(key: str, **more: Any) -> Record:
    items = ({"price": {"product": "prod_1"}},)
    fields: dict[str, Any] = {"who": {"key": "cus_1"}, "status": "active", "items": items, "trial_end": None, **more}
    return Record(stream="subscription", key=key, fields=fields, at=MONDAY)


def bill(key: str, *, first: bool, status: str = "paid", **more: Any) -> Record:
    fields: dict[str, Any] = {
        "who": who(MARIE, "Marie Dupont", "cus_1"), "status": status, "subscription": "sub_1", "first": first,
        "total": euros(90), "paid_at": MONDAY if status == "paid" else None, "created_at": MONDAY,
        "finalized_at": MONDAY, "attempt_count": 1, "collection": "charge_automatically",
    }  # fmt: skip
    return Record(stream="invoice", key=key, fields={**fields, **more}, at=MONDAY)


PRODUCT = Record(stream="product", key="prod_1", fields={"name": OFFER})


def settled(invoice: str, payment: str) -> Record:
    return Record(stream="invoice_payment", key=f"inpay_{payment}", fields={"invoice": invoice, "payment": payment})


def test_a_paid_checkout_is_a_payment_and_one_that_is_only_completed_is_none() -> None:
    assert whats(read(session("cs", MARIE))) == ["payment"]
    assert whats(read(session("cs", MARIE, status="unpaid"))) == []
    assert whats(read(session("cs", MARIE, status="no_payment_required"))) == ["payment"]


def test_a_bank_debit_counts_from_when_it_succeeded_and_one_that_failed_is_told() -> None:
    waiting = session("cs", MARIE, status="unpaid")
    assert whats(read(waiting, charge("ch", "pi_cs", status="pending"))) == []
    assert whats(read(waiting, charge("ch", "pi_cs", status="failed"))) == ["payment_failed"]
    assert whats(read(session("cs", MARIE), charge("ch", "pi_cs"))) == ["payment"]


def test_a_trial_starts_nothing() -> None:
    free = session("cs", MARIE, status="no_payment_required", mode="subscription", subscription="sub_1")
    assert whats(read(free)) == []
    assert whats(read(free, sub("sub_1", trial_end=MONDAY + 14 * DAY))) == []
    assert whats(read(free, sub("sub_1"))) == ["payment"]


def test_the_first_invoice_of_a_subscription_is_a_payment_and_a_renewal_never_is() -> None:
    assert whats(read(PRODUCT, sub("sub_1"), bill("in_1", first=True))) == ["payment"]
    assert whats(read(PRODUCT, sub("sub_1"), bill("in_2", first=False))) == []
    renewal = charge("ch_2", "pi_2", who=who(MARIE, key="cus_1"))
    every = [{"event": "payment", "from": "stripe"}, {"event": "booking", "from": "calendly"}]
    for records in itertools.permutations((sub("sub_1"), bill("in_2", first=False), settled("in_2", "pi_2"), renewal)):
        for number in range(1, 5):
            if records[0].stream == "subscription" or number == 4:
                assert whats(read(*records[:number], starts_on=every)) == []


def test_everything_that_speaks_of_one_purchase_is_one_payment_in_any_order() -> None:
    records = (
        session("cs", MARIE, payment="in_1", payment_intent=None, invoice="in_1", subscription="sub_1"), PRODUCT,
        sub("sub_1"), bill("in_1", first=True), settled("in_1", "pi_1"), charge("ch_1", "pi_1"),
    )  # fmt: skip
    for order in itertools.permutations(records):
        assert whats(read(*order)) == ["payment"]


def test_a_payment_for_something_else_starts_nothing_and_one_that_says_nothing_is_counted() -> None:
    assert whats(read(session("cs", MARIE, products=("Autre chose",)))) == []
    alone = charge("ch", None, who=who(MARIE))
    assert (whats(read(alone)), read(alone).nameless) == ([], 1)
    assert whats(read(charge("ch", None, who=who(MARIE), description=f"{OFFER}, 3 mois"))) == ["payment"]


def test_a_refund_counts_when_all_is_given_back_and_a_part_is_told() -> None:
    refund = Record(stream="refund", key="re", fields={"charge": "ch", "amount": euros(900)}, at=MONDAY + DAY)
    found = read(session("cs", MARIE), charge("ch", "pi_cs", refunded=euros(900)), refund)
    assert [(each.what, each.at) for each in found.clients[MARIE].facts] == [
        ("payment", MONDAY),
        ("refunded", MONDAY + DAY),
    ]
    part = read(session("cs", MARIE), charge("ch", "pi_cs", refunded=euros(100)))
    assert (whats(part), len(part.partial)) == (["payment"], 1)


@pytest.mark.parametrize(
    ("status", "counts"),
    [("needs_response", True), ("lost", True), ("won", False), ("warning_needs_response", False)],
)
def test_a_dispute_counts_unless_it_was_won_or_is_only_a_warning(status: str, counts: bool) -> None:
    dispute = Record(stream="dispute", key="dp", fields={"charge": "ch", "status": status}, at=MONDAY + DAY)
    found = whats(read(session("cs", MARIE), charge("ch", "pi_cs"), dispute))
    assert found == ["payment", "disputed"] if counts else ["payment"]


def test_a_dispute_about_a_later_instalment_is_one_of_this_journey() -> None:
    records = (
        PRODUCT, sub("sub_1"), bill("in_1", first=True), bill("in_2", first=False), settled("in_2", "pi_2"),
        charge("ch_2", "pi_2"), Record(stream="dispute", key="dp", fields={"charge": "ch_2", "status": "lost"}),
    )  # fmt: skip
    assert sorted(whats(read(*records))) == ["disputed", "payment"]


def test_an_instalment_that_fails_is_told_until_it_is_paid() -> None:
    first, later = bill("in_1", first=True), bill("in_2", first=False, status="open")
    assert whats(read(PRODUCT, sub("sub_1"), first, later)) == ["payment", "payment_failed"]
    paid = bill("in_2", first=False)
    assert whats(read(PRODUCT, sub("sub_1"), first, paid)) == ["payment"]
    by_hand = bill("in_2", first=False, status="open", collection="send_invoice")
    assert whats(read(PRODUCT, sub("sub_1"), first, by_hand)) == ["payment"]


def test_a_moved_booking_is_one_appointment_whichever_half_came_first() -> None:
    old = booking("b1", MARIE, MONDAY, MONDAY + 10 * DAY, status="moved", moved_to="b2", edited_at=MONDAY + DAY)
    new = booking("b2", MARIE, MONDAY + DAY, MONDAY + 12 * DAY, moved_from="b1")
    both = read(old, new, where="calendly")
    assert read(new, old, where="calendly") == both
    assert [(each.what, each.of, each.day) for each in both.clients[MARIE].facts] == [
        ("booking", "b1", MONDAY + 10 * DAY),
        ("moved", "b1", MONDAY + 12 * DAY),
    ]
    for one, other in ((_without(old, "moved_to"), new), (old, _without(new, "moved_from"))):
        assert whats(read(one, other, where="calendly")) == ["booking", "moved"]
    only_new = read(new, where="calendly").clients[MARIE].facts
    assert [(each.what, each.of) for each in only_new] == [("booking", "b1"), ("moved", "b1")]
    only_old = read(old, where="calendly").clients[MARIE].facts
    assert [(each.what, each.day) for each in only_old] == [("booking", MONDAY + 10 * DAY), ("moved", None)]


def _without(record: Record, name: str) -> Record:
    return replace(record, fields={**record.fields, name: None})


def test_bookings_that_name_each_other_in_a_ring_are_still_read() -> None:
    one = booking("b1", MARIE, moved_from="b2", moved_to="b2")
    other = booking("b2", MARIE, MONDAY + DAY, moved_from="b1", moved_to="b1")
    assert "booking" in whats(read(one, other, where="calendly"))


def test_another_kind_of_appointment_starts_nothing_and_counts_as_a_call_once_held() -> None:
    call = booking("b1", MARIE, title="Appel découverte")
    assert whats(read(call, where="calendly")) == []
    records = [("calendly", call)]
    assert facts_of(JOB, mirror(records), {}, MONDAY).calls == {}
    assert facts_of(JOB, mirror(records), {}, MONDAY + 20 * DAY).calls == {MARIE: MONDAY + 14 * DAY}


FORM = {"event": "signup", "from": "notion", "form": "Inscriptions"}


def test_a_row_of_a_database_starts_a_journey_once_it_holds_an_address() -> None:
    place = {"key": "db", "name": "Inscriptions"}
    fields: dict[str, Any] = {
        "title": "Marie Dupont",
        "place": place,
        "created_at": MONDAY,
        "properties": {"E-mail": f" {MARIE.upper()} "},
    }
    assert whats(read(Record(stream="row", key="r", fields=fields), where="notion", starts_on=[FORM])) == ["signup"]
    empty: dict[str, Any] = {**fields, "properties": {"E-mail": None}}
    assert read(Record(stream="row", key="r", fields=empty), where="notion", starts_on=[FORM]).clients == {}
    other: dict[str, Any] = {**fields, "place": {"key": "x", "name": "Autre"}}
    assert read(Record(stream="row", key="r", fields=other), where="notion", starts_on=[FORM]).clients == {}


def test_a_mail_to_an_address_starts_a_journey_unless_a_machine_wrote_it() -> None:
    start = {"event": "signup", "from": "email", "form": "bienvenue@lila.example"}
    fields: dict[str, Any] = {
        "from": who(MARIE),
        "to": (who("Bienvenue@Lila.example"),),
        "at": MONDAY,
        "automatic": False,
    }
    assert whats(read(Record(stream="mail", key="m", fields=fields), where="email", starts_on=[start])) == ["signup"]
    automatic: dict[str, Any] = {**fields, "automatic": True}
    assert read(Record(stream="mail", key="m", fields=automatic), where="email", starts_on=[start]).clients == {}
    elsewhere: dict[str, Any] = {**fields, "to": (who("autre@lila.example"),)}
    assert read(Record(stream="mail", key="m", fields=elsewhere), where="email", starts_on=[start]).clients == {}


def test_a_confirmed_alias_makes_two_addresses_one_client() -> None:
    records = [("stripe", session("cs", "Marie.D@Example.com", name="")), ("calendly", booking("b", MARIE))]
    found = facts_of(JOB, mirror(records), {"marie.d@example.com": MARIE})
    assert sorted(whats(found)) == ["booking", "payment"]
    assert found.clients[MARIE].addresses == ("marie.d@example.com",)
    assert len(facts_of(JOB, mirror(records)).clients) == 2


def test_a_record_that_names_nobody_is_told() -> None:
    assert [each.key for each in read(session("cs", "")).unknown] == ["cs"]
