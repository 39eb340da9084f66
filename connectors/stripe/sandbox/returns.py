"""Money going back or out: refunds, disputes, payouts and Stripe's own fees."""

from connectors.stripe.sandbox import money_shapes as shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.money import convert, post
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.state import Account, Moment

_DAY = 86_400


def refund(
    account: Account,
    moment: Moment,
    charge: Json,
    *,
    amount: int | None = None,
    reason: str | None = None,
    metadata: dict[str, str] | None = None,
    rate: float | None = None,
) -> Json:
    """Give back all that is left of a charge, or `amount` of it. Stripe keeps its fee."""
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} has not succeeded, so there is nothing to refund.", "charge")
    if charge["disputed"] and not charge["refunded"] and account.hidden[charge["id"]].get("dispute_open"):
        raise invalid(f"Charge {charge['id']} has been charged back; it cannot be refunded.", None, "charge_disputed")
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", None, "charge_already_refunded")
    if amount is not None and not 0 < amount <= left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount")
    given = left if amount is None else amount
    row = shapes.refund(
        account,
        moment.at,
        amount=given,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=metadata or {},
        payment_intent=charge["payment_intent"],
        reason=reason,
    )
    taken, currency, used = convert(account, given, charge["currency"], rate)
    sepa = "sepa_debit" in charge["payment_method_details"]
    balance = post(
        account,
        moment.at,
        amount=-taken,
        currency=currency,
        kind="payment_refund" if sepa else "refund",
        category="refund",
        source=row["id"],
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
        rate=used,
    )
    row["balance_transaction"] = balance["id"]
    account.add(row)
    account.hidden.setdefault(charge["id"], {}).setdefault("refunds", []).append(row["id"])
    total = charge["amount_refunded"] + given
    previous = account.change(charge, amount_refunded=total, refunded=total == charge["amount"])
    record(account, moment, "refund.created", row)
    record(account, moment, "charge.refunded", charge, previous)
    return row


def fail_refund(account: Account, moment: Moment, row: Json, reason: str = "expired_or_canceled_card") -> Json:
    """A refund that the customer's bank sends back: the money returns to the balance."""
    if row["status"] != "succeeded":
        raise invalid(f"Refund {row['id']} is {row['status']}: only a succeeded one can fail.")
    before = account.by_id[row["balance_transaction"]]
    balance = post(
        account,
        moment.at,
        amount=-before["amount"],
        currency=before["currency"],
        kind="refund_failure",
        category="refund_failure",
        source=row["id"],
        description="REFUND FAILURE",
        rate=before["exchange_rate"],
    )
    previous = account.change(row, status="failed", failure_reason=reason, failure_balance_transaction=balance["id"])
    charge = account.by_id[row["charge"]]
    account.change(charge, amount_refunded=charge["amount_refunded"] - row["amount"], refunded=False)
    record(account, moment, "refund.updated", row, previous)
    record(account, moment, "refund.failed", row)
    return balance


def open_dispute(
    account: Account,
    moment: Moment,
    charge: Json,
    *,
    amount: int | None = None,
    reason: str = "fraudulent",
    fee: int = 1500,
    inquiry: bool = False,
    days: int = 7,
) -> Json:
    """A customer disputes a charge. Amount and fee leave in one balance transaction; an inquiry moves no money."""
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise invalid(f"Charge {charge['id']} cannot be disputed: it has not succeeded, or is disputed already.")
    row = shapes.dispute(
        account,
        moment.at,
        amount=charge["amount"] if amount is None else amount,
        charge=charge["id"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        reason=reason,
    )
    row["evidence_details"]["due_by"] = moment.at + days * _DAY
    if inquiry:
        row.update(status="warning_needs_response", is_charge_refundable=True)
        row["payment_method_details"]["card"]["case_type"] = "inquiry"
    else:
        taken, currency, used = convert(account, row["amount"], row["currency"])
        lost = post(
            account,
            moment.at,
            amount=-taken,
            currency=currency,
            kind="adjustment",
            category="dispute",
            source=row["id"],
            fee=fee,
            description=f"Chargeback withdrawal for {charge['id']}",
            rate=used,
        )
        row["balance_transactions"] = [lost]
    account.add(row)
    account.hidden.setdefault(charge["id"], {})["dispute_open"] = not inquiry
    previous = account.change(charge, disputed=True)
    record(account, moment, "charge.dispute.created", row)
    record(account, moment, "charge.updated", charge, previous)
    if not inquiry:
        record(account, moment, "charge.dispute.funds_withdrawn", row)
    return row


def close_dispute(account: Account, moment: Moment, row: Json, *, won: bool, fee_returned: bool = True) -> Json:
    """A dispute ends. When it is won, the amount comes back, and the fee with it unless told otherwise."""
    if row["status"] in ("won", "lost", "warning_closed"):
        raise invalid(f"Dispute {row['id']} is closed already ({row['status']}).")
    if row["status"].startswith("warning"):
        previous = account.change(row, status="warning_closed")
    elif won:
        lost = row["balance_transactions"][0]
        back = post(
            account,
            moment.at,
            amount=-lost["amount"],
            currency=lost["currency"],
            kind="adjustment",
            category="dispute_reversal",
            source=row["id"],
            fee=-lost["fee"] if fee_returned else 0,
            description=f"Chargeback reversal for {row['charge']}",
            rate=lost["exchange_rate"],
        )
        previous = account.change(row, status="won", balance_transactions=[lost, back])
        account.hidden[row["charge"]]["dispute_open"] = False
        record(account, moment, "charge.dispute.funds_reinstated", row)
    else:
        previous = account.change(row, status="lost")
    record(account, moment, "charge.dispute.closed", row, previous)
    return row


def pay_out(
    account: Account, moment: Moment, *, amount: int | None, currency: str, arrival_days: int, status: str
) -> Json:
    """Send money to the bank: by default everything of a currency that is available at that moment."""
    included: list[Json] = []
    if amount is None:
        included = [
            row
            for row in account.rows("balance_transaction").values()
            if row["currency"] == currency
            and row["available_on"] <= moment.at
            and row["created"] <= moment.at
            and not row["type"].startswith("payout")
            and "payout" not in account.hidden.get(row["id"], {})
        ]
        amount = sum(row["net"] for row in included)
    if amount <= 0:
        raise invalid(
            f"Nothing to pay out: {amount} {currency} available at that moment.", "amount", "balance_insufficient"
        )
    row = shapes.payout(
        account,
        moment.at,
        amount=amount,
        currency=currency,
        arrival_date=moment.at + arrival_days * _DAY,
        automatic=bool(included),
        status=status,
        reconciliation_status="completed" if included else "not_applicable",
    )
    balance = post(
        account,
        moment.at,
        amount=-amount,
        currency=currency,
        kind="payout",
        category="payout",
        source=row["id"],
        description="STRIPE PAYOUT",
    )
    row["balance_transaction"] = balance["id"]
    account.add(row)
    for part in [*included, balance]:
        account.hidden.setdefault(part["id"], {})["payout"] = row["id"]
    record(account, moment, "payout.created", row)
    if status == "paid":
        record(account, moment, "payout.paid", row)
    return row


def fail_payout(account: Account, moment: Moment, row: Json, code: str = "account_closed") -> Json:
    """The bank sends a payout back: the money returns to the balance."""
    if row["status"] in ("failed", "canceled"):
        raise invalid(f"Payout {row['id']} is {row['status']} already.")
    balance = post(
        account,
        moment.at,
        amount=row["amount"],
        currency=row["currency"],
        kind="payout_failure",
        category="payout_reversal",
        source=row["id"],
        description="PAYOUT FAILURE",
    )
    previous = account.change(
        row,
        status="failed",
        failure_code=code,
        failure_message="The bank account has been closed.",
        failure_balance_transaction=balance["id"],
    )
    record(account, moment, "payout.failed", row, previous)
    return balance
