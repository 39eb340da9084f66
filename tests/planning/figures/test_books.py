"""The records of a business, typed and joined."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.core.errors import RecordError
from hub.core.types import Record
from tests.planning.figures.kit import checkout, disputed, kept, moved, paid, refunded
from tests.planning.make import customer, eur, invoice, utc


def without(record: Record, field: str) -> Record:
    fields: dict[str, Any] = {name: value for name, value in record.fields.items() if name != field}
    return replace(record, fields=fields)


def test_what_moved_is_joined_to_its_payment_invoice_and_checkout() -> None:
    found = kept(
        invoice("in_1", "100"),
        checkout("1", "100", "2026-10-01", invoice="in_1", payment_intent=None),
        *paid("1", "100", "2026-10-02", invoice="in_1"),
        *refunded("r", "10", "2026-10-03", of="1"),
        *disputed("d", "90", "2026-10-04", of="1"),
        moved("txn_f", "-5", "2026-10-05", "charge_failure", source="ch_1"),
        moved("txn_x", "-5", "2026-10-06", "payout", source="po_1"),
    )
    *of_payment, payout = found.transactions
    assert {charge.key for each in of_payment if (charge := found.charge_of(each))} == {"ch_1"}
    assert len(of_payment) == 4
    assert found.charge_of(payout) is None
    joined = found.invoice_of(found.charge["ch_1"])
    assert joined is not None
    assert joined.key == "in_1"
    session = found.session_of(found.charge["ch_1"], joined)
    assert session is not None
    assert session.key == "cs_1"


def test_a_refund_that_names_no_charge_is_joined_by_its_payment_intent() -> None:
    charge, transaction = paid("1", "100", "2026-10-02")
    move, refund = refunded("r", "10", "2026-10-03", of="1")
    nameless = replace(refund, fields={**refund.fields, "charge": None})
    found = kept(charge, transaction, move, nameless)
    assert found.charge_of(found.transactions[-1]) == found.charge["ch_1"]


def test_a_payment_whose_record_does_not_name_its_transaction_yet_is_joined_all_the_same() -> None:
    move, charge = paid("1", "100", "2026-10-02")
    found = kept(move, without(charge, "balance_transaction"))
    assert found.charge_of(found.transactions[0]) == found.charge["ch_1"]
    assert found.begins(found.charge["ch_1"])


def test_records_from_before_a_field_was_read_can_still_be_counted() -> None:
    old = [without(each, "fees") for each in paid("1", "100", "2026-10-02", fee="3")]
    found = kept(*old, without(checkout("1", "100", "2026-10-02"), "tax"), without(invoice("in_1"), "off_stripe"))
    assert found.transactions[0].fees == ()
    assert found.sessions[0].tax is None
    assert found.bills["in_1"].off_stripe == eur(0)


def test_a_record_without_what_was_promised_is_named() -> None:
    with pytest.raises(RecordError, match="balance_transaction txn_1 in the mirror has no field 'fee'"):
        kept(without(moved("txn_1", "5", "2026-10-02", "charge"), "fee"))
    with pytest.raises(RecordError, match="balance_transaction txn_1 in the mirror has no instant"):
        kept(replace(moved("txn_1", "5", "2026-10-02", "charge"), at=None))


def test_a_customer_is_called_by_name_else_by_address_else_by_key() -> None:
    people = [customer("a"), customer("b", name=None), customer("c", name=None, email=None)]
    assert kept(*people).customers == {"a": "Nora", "b": "nora@example.com", "c": "c"}


def test_what_moved_is_sorted_by_instant_and_then_by_key() -> None:
    at = utc("2026-10-02")
    moves = [moved(key, "1", at, "charge") for key in ("b", "a")] + [moved("c", "1", "2026-10-01", "charge")]
    assert [each.key for each in kept(*moves).transactions] == ["c", "a", "b"]
