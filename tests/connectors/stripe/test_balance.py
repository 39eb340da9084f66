"""What the account holds, and of which movements it is the sum: said only where no money moved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.stripe.source import StripeSource
from hub.core.money import Money
from hub.core.types import Record
from tests.connectors.stripe.stub import NOW, Wired, listed

MOVED, HELD = "GET /v1/balance_transactions", "GET /v1/balance"


def moved(*keys: str) -> list[Mapping[str, Any]]:
    return [{"id": key, "object": "balance_transaction", "created": 1_790_000_000} for key in keys]


def held(amount: int) -> Mapping[str, Any]:
    return {"object": "balance", "available": [{"amount": amount, "currency": "eur"}], "pending": [], "livemode": False}


@pytest.fixture
def source(hub: Wired) -> StripeSource:
    return StripeSource(hub.client, now=lambda: NOW)


def only(source: StripeSource) -> Record:
    (page,) = source.read("balance", None)
    (record,) = page.records
    return record


def test_the_newest_movements_are_asked_for_before_and_after(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer(MOVED, listed(*moved("txn_2", "txn_1"), more=True))
    hub.stub.answer(HELD, held(500))
    record = only(source)
    assert hub.stub.calls() == [MOVED, HELD, MOVED]
    assert record.fields == {
        "amounts": (Money(Decimal("5.00"), "EUR"),),
        "elsewhere": (),
        "recent": ("txn_2", "txn_1"),
        "older": True,
    }


def test_what_moved_in_between_has_it_asked_for_again(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer(MOVED, listed(*moved("txn_1")))
    hub.stub.answer(MOVED, listed(*moved("txn_2", "txn_1")))
    for amount in (500, 700):
        hub.stub.answer(HELD, held(amount))
    fields: Any = only(source).fields
    assert fields["amounts"] == (Money(Decimal("7.00"), "EUR"),)
    assert (fields["recent"], fields["older"]) == (("txn_2", "txn_1"), False)


def test_of_an_account_in_which_money_does_not_stop_moving_no_amounts_are_said(
    hub: Wired, source: StripeSource
) -> None:
    for number in range(5):
        hub.stub.answer(MOVED, listed(*moved(f"txn_{number}")))
    hub.stub.answer(HELD, held(500))
    assert only(source).fields["amounts"] == ()
    assert hub.stub.calls().count(HELD) == 3


def test_it_is_one_record_and_there_is_no_other(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer(MOVED, listed())
    hub.stub.answer(HELD, held(0))
    assert source.fetch("balance", "balance")[0] == only(source)
    assert source.fetch("balance", "other")[0].deleted
