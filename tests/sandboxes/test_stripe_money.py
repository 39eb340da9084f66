"""Money in the Stripe sandbox: every movement is a balance transaction, and their sum is the balance."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.stripe.sandbox import Sandbox
from connectors.stripe.sandbox.control import Control
from connectors.stripe.sandbox.params import ApiError
from tests.sandboxes.stripe_kit import World, served

DAY = 86_400
START = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with served() as found:
        yield found


@pytest.fixture
def world(server: World) -> World:
    return server.fresh()


def _transactions(world: World, **filters: str) -> list[stripe.BalanceTransaction]:
    params: Any = {"limit": 100, **filters}
    return list(world.client.v1.balance_transactions.list(params).auto_paging_iter())


def test_a_sale_costs_one_and_a_half_percent_and_a_quarter(world: World) -> None:
    sale = world.shop.sell(amount=99_700, email="a@example.fr", client_reference_id="lead-42", at=START)
    v1 = world.client.v1

    [entry] = _transactions(world)
    assert (entry.amount, entry.fee, entry.net) == (99_700, 1_521, 98_179)
    assert (entry.type, entry.reporting_category, entry.source, entry.created) == (
        "charge",
        "charge",
        sale["charge"],
        START,
    )
    assert sum(part.amount for part in entry.fee_details) == entry.fee
    session = v1.checkout.sessions.retrieve(sale["session"])
    assert (session.status, session.payment_status, session.amount_total) == ("complete", "paid", 99_700)
    assert (session.client_reference_id, session.customer) == ("lead-42", sale["customer"])
    assert session.customer_details is not None
    assert session.customer_details.email == "a@example.fr"
    assert [line.amount_total for line in v1.checkout.sessions.line_items.list(session.id).data] == [99_700]
    charge = v1.charges.retrieve(sale["charge"])
    assert (charge.paid, charge.balance_transaction) == (True, entry.id)
    assert v1.payment_intents.retrieve(sale["payment_intent"]).latest_charge == charge.id


def test_a_checkout_opened_by_the_api_is_paid_on_the_hosted_page(world: World) -> None:
    v1 = world.client.v1
    session = v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://example.com/merci",
            "customer_creation": "always",
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {"currency": "eur", "unit_amount": 700, "product_data": {"name": "Atelier"}},
                }
            ],
            "metadata": {"offre": "atelier"},
        }
    )
    assert (session.status, session.payment_status, session.url is not None) == ("open", "unpaid", True)
    paid = world.shop.complete_checkout(session.id, email="a@example.fr", name="A")

    assert v1.charges.retrieve(paid["charge"]).amount == 1_400
    found = v1.checkout.sessions.list({"customer_details": {"email": "a@example.fr"}}).data
    assert [(row.id, row.metadata and row.metadata["offre"]) for row in found] == [(session.id, "atelier")]
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        v1.checkout.sessions.expire(session.id)


def test_refunds_are_partial_then_full_and_never_more_than_the_charge(world: World) -> None:
    sale = world.shop.sell(amount=10_000, at=START)
    v1 = world.client.v1

    first = v1.refunds.create({"charge": sale["charge"], "amount": 3_000, "reason": "requested_by_customer"})
    assert (first.status, first.amount) == ("succeeded", 3_000)
    charge = v1.charges.retrieve(sale["charge"])
    assert (charge.amount_refunded, charge.refunded) == (3_000, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        v1.refunds.create({"charge": sale["charge"], "amount": 7_001})
    v1.refunds.create({"payment_intent": sale["payment_intent"]})
    assert v1.charges.retrieve(sale["charge"]).refunded is True
    with pytest.raises(stripe.InvalidRequestError) as again:
        v1.refunds.create({"charge": sale["charge"]})
    assert again.value.code == "charge_already_refunded"
    rows = _transactions(world, type="refund")
    assert [(row.amount, row.fee, row.reporting_category) for row in rows] == [
        (-7_000, 0, "refund"),
        (-3_000, 0, "refund"),
    ]
    assert sum(row.net for row in _transactions(world)) == -175  # the fee is not given back

    back = world.shop.refund_fails(first.id)
    entry = v1.balance_transactions.retrieve(back)
    assert (entry.amount, entry.reporting_category, entry.source) == (3_000, "refund_failure", first.id)
    assert v1.refunds.retrieve(first.id).failure_balance_transaction == back


def test_a_dispute_takes_amount_and_fee_in_one_movement_and_a_win_brings_them_back(world: World) -> None:
    sale = world.shop.sell(amount=20_000, at=START)
    dispute = world.shop.dispute_open(sale["charge"], at=START + DAY)
    v1 = world.client.v1

    [taken] = _transactions(world, source=dispute["id"])
    assert (taken.amount, taken.fee, taken.net, taken.reporting_category) == (-20_000, 1_500, -21_500, "dispute")
    assert (taken.type, v1.charges.retrieve(sale["charge"]).disputed) == ("adjustment", True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create({"charge": sale["charge"]})
    assert refused.value.code == "charge_disputed"
    answered = v1.disputes.update(dispute["id"], {"evidence": {"product_description": "cours"}, "submit": True})
    assert answered.status == "under_review"

    world.shop.dispute_won(dispute["id"], at=START + 30 * DAY)
    won = v1.disputes.retrieve(dispute["id"])
    assert won.status == "won"
    assert [(row.amount, row.fee, row.reporting_category) for row in won.balance_transactions] == [
        (-20_000, 1_500, "dispute"),
        (20_000, -1_500, "dispute_reversal"),
    ]


def test_a_bank_debit_is_pending_first_and_may_come_back_late(world: World) -> None:
    shop, v1 = world.shop, world.client.v1
    sale = shop.sell(amount=8_000, method="sepa_debit", at=START)
    assert v1.charges.retrieve(sale["charge"]).status == "pending"
    session = v1.checkout.sessions.retrieve(sale["session"])
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    shop.settle_payment(sale["charge"], at=START + 5 * DAY)
    assert v1.checkout.sessions.retrieve(sale["session"]).payment_status == "paid"

    entry = v1.balance_transactions.retrieve(shop.fail_payment_late(sale["charge"], at=START + 9 * DAY))
    assert (entry.amount, entry.type, entry.reporting_category) == (-8_000, "payment_failure_refund", "charge_failure")
    charge = v1.charges.retrieve(sale["charge"])
    assert (charge.status, charge.failure_code, charge.failure_balance_transaction) == (
        "failed",
        "insufficient_funds",
        entry.id,
    )
    assert [row.reporting_category for row in _transactions(world)] == ["charge_failure", "charge"]


def test_a_foreign_sale_settles_in_the_currency_of_the_account_at_its_rate(world: World) -> None:
    shop, v1 = world.shop, world.client.v1
    shop.settings(rates={"usd": 0.9})
    sale = shop.sell(amount=10_000, currency="usd", exchange_rate=0.9234, at=START)
    shop.refund(sale["charge"], amount=5_000, at=START + DAY)
    alone = shop.sell(amount=10_000, currency="chf", at=START)

    charge = v1.charges.retrieve(sale["charge"], {"expand": ["balance_transaction"]})
    entry = charge.balance_transaction
    assert isinstance(entry, stripe.BalanceTransaction)
    assert (charge.currency, charge.amount) == ("usd", 10_000)
    assert (entry.currency, entry.amount, entry.fee, entry.exchange_rate) == ("eur", 9_234, 164, 0.9234)
    [refund] = _transactions(world, type="refund")
    assert (refund.currency, refund.amount, refund.exchange_rate) == ("eur", -4_500, 0.9)
    assert v1.balance_transactions.retrieve(alone["balance_transaction"]).currency == "chf"


def test_a_payout_takes_what_is_available_and_names_what_it_holds(world: World) -> None:
    shop, v1 = world.shop, world.client.v1
    now = world.sandbox.now()
    early = shop.sell(amount=10_000, at=now - 20 * DAY)
    late = shop.sell(amount=5_000, at=now - DAY)
    payout = shop.payout(at=now - 2 * DAY, arrival_days=1)

    assert (payout["amount"], payout["arrival_date"]) == (9_825, now - DAY)
    inside = _transactions(world, payout=payout["id"])
    assert {row.source for row in inside} == {payout["id"], early["charge"]}
    assert sum(row.net for row in inside) == 0
    balance = v1.balance.retrieve()
    assert [(row.amount, row.currency) for row in balance.available] == [(0, "eur")]
    assert [row.amount for row in balance.pending] == [4_900]
    assert v1.balance_transactions.retrieve(late["balance_transaction"]).status == "pending"
    with pytest.raises(ApiError, match="Nothing to pay out"):
        shop.payout(at=now - 2 * DAY)
    back = shop.payout_fails(payout["id"], at=now)
    assert v1.balance_transactions.retrieve(back).reporting_category == "payout_reversal"
    assert v1.payouts.list({"status": "failed"}).data[0].id == payout["id"]
    assert v1.payouts.list({"arrival_date": {"gte": now}}).data == []


def _sell(shop: Control, at: int, size: int) -> None:
    currency = ("eur", "usd", "chf")[size % 3]
    shop.sell(amount=1_000 + size, currency=currency, method="sepa_debit" if size % 5 == 0 else "card", at=at)


def _with_charge(act: Callable[[Control, str, int, int], object]) -> Callable[[Control, int, int], None]:
    def run(shop: Control, at: int, size: int) -> None:
        charges = shop.ids("charge")
        if charges:
            act(shop, charges[size % len(charges)], at, size)

    return run


def _with_dispute(shop: Control, at: int, size: int) -> None:
    disputes = shop.ids("dispute")
    if disputes:
        act = shop.dispute_won if size % 2 else shop.dispute_lost
        act(disputes[size % len(disputes)], at=at)


ACTIONS: dict[str, Callable[[Control, int, int], object]] = {
    "sell": _sell,
    "settle": _with_charge(lambda shop, charge, at, _: shop.settle_payment(charge, at=at)),
    "fail": _with_charge(lambda shop, charge, at, _: shop.fail_payment_late(charge, at=at)),
    "refund": _with_charge(lambda shop, charge, at, size: shop.refund(charge, amount=1 + size % 900, at=at)),
    "dispute": _with_charge(lambda shop, charge, at, _: shop.dispute_open(charge, at=at)),
    "close": _with_dispute,
    "payout": lambda shop, at, _: shop.payout(at=at),
    "fee": lambda shop, at, size: shop.stripe_fee(size, at=at),
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 10_000), st.integers(0, 40)), min_size=1, max_size=60
    )
)
def test_whatever_happens_the_balance_is_the_sum_of_all_movements(steps: list[tuple[str, int, int]]) -> None:
    sandbox = Sandbox(lambda: datetime.fromtimestamp(START + 60 * DAY, UTC))
    shop = sandbox.account(rates={"usd": 0.9234})
    for _ in range(3):
        _sell(shop, START, 0)
    for name, size, day in steps:
        try:
            ACTIONS[name](shop, START + day * DAY, size)
        except ApiError as refused:
            # Stripe refuses what makes no sense; then nothing may have moved.
            assert refused.status == 400  # noqa: PT017

    rows = [shop.get(one) for one in shop.ids("balance_transaction")]
    sums: Counter[str] = Counter()
    for row in rows:
        assert row["net"] == row["amount"] - row["fee"]
        assert sum(part["amount"] for part in row["fee_details"]) == row["fee"]
        sums[row["currency"]] += row["net"]
    shown: Counter[str] = Counter()
    balance = shop.balance()
    for part in (*balance["available"], *balance["pending"]):
        shown[part["currency"]] += part["amount"]
    assert {currency: amount for currency, amount in shown.items() if amount} == {
        currency: amount for currency, amount in sums.items() if amount
    }
    for charge in (shop.get(one) for one in shop.ids("charge")):
        assert 0 <= charge["amount_refunded"] <= charge["amount"]
