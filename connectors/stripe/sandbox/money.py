"""Money moving: charges, refunds, disputes, payouts and the balance transactions they leave.

Every amount is in the smallest unit of its currency. A charge in a foreign currency with a known exchange rate settles
in the account's currency; without one it settles in its own.
"""

from decimal import Decimal

from connectors.stripe.sandbox import money_shapes as shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import ApiError, Json, invalid
from connectors.stripe.sandbox.pricing import rounded
from connectors.stripe.sandbox.state import Account, Moment

_DAY = 86_400
_DECLINES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
}


def convert(account: Account, amount: int, currency: str, rate: float | None = None) -> tuple[int, str, float | None]:
    """The amount as it lands on the balance: (amount, currency, exchange rate or None)."""
    rate = rate if rate is not None else account.rates.get(currency)
    if currency == account.currency or rate is None:
        return amount, currency, None
    return rounded(Decimal(amount) * Decimal(str(rate))), account.currency, rate


def post(
    account: Account,
    at: int,
    *,
    amount: int,
    currency: str,
    kind: str,
    category: str,
    source: str | None,
    fee: int = 0,
    description: str | None = None,
    rate: float | None = None,
    available_on: int | None = None,
) -> Json:
    """Write a balance transaction: `amount` and `fee` in the settlement currency."""
    details = []
    if fee:
        details = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Dispute fee" if category.startswith("dispute") else "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    row = shapes.balance_transaction(
        account,
        at,
        amount=amount,
        currency=currency,
        type=kind,
        reporting_category=category,
        source=source,
        fee=fee,
        fee_details=details,
        net=amount - fee,
        description=description,
        exchange_rate=rate,
        available_on=at if available_on is None else available_on,
    )
    return account.add(row)


def method_of(account: Account, moment: Moment, customer: str | None, method: str) -> str:
    """The id of the customer's saved payment method of this type, saved now when there is none yet."""
    saved: Json = account.hidden.setdefault(customer or "", {}).setdefault("methods", {})
    if customer is None or method not in saved:
        row = account.add(shapes.payment_method(account, moment.at, method, customer))
        if customer is None:
            return str(row["id"])
        saved[method] = row["id"]
    return str(saved[method])


def new_intent(account: Account, moment: Moment, **fields: object) -> Json:
    """A payment intent that waits for its payment."""
    row = account.add(shapes.payment_intent(account, moment.at, **fields))
    record(account, moment, "payment_intent.created", row)
    return row


def take(
    account: Account,
    moment: Moment,
    intent: Json,
    *,
    method: str = "card",
    decline: str | None = None,
    rate: float | None = None,
    fee: int | None = None,
    email: str | None = None,
    name: str | None = None,
) -> Json:
    """Try to collect a payment intent and return the charge: succeeded, pending (SEPA) or failed (`decline`)."""
    customer = account.by_id.get(intent["customer"] or "") or {}
    billing = {
        "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
        "email": email or customer.get("email"),
        "name": name or customer.get("name"),
        "phone": None,
        "tax_id": None,
    }
    row = shapes.charge(
        account,
        moment.at,
        method=method,
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=intent["payment_method"] or method_of(account, moment, intent["customer"], method),
        billing_details=billing,
        receipt_email=intent["receipt_email"],
        shipping=intent["shipping"],
    )
    if decline is not None:
        return _declined(account, moment, intent, row, decline)
    sepa = method == "sepa_debit"
    row["outcome"] = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "not_assessed" if sepa else "normal",
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    row.update(amount_captured=row["amount"], status="pending" if sepa else "succeeded", paid=not sepa)
    account.add(row)
    amount, currency, used = convert(account, row["amount"], row["currency"], rate)
    if fee is None:
        fee = rounded(Decimal(amount) * Decimal(account.fee_percent) / 100) + account.fee_fixed
    balance = post(
        account,
        moment.at,
        amount=amount,
        currency=currency,
        kind="payment" if sepa else "charge",
        category="charge",
        source=row["id"],
        fee=fee,
        description=row["description"],
        rate=used,
        available_on=moment.at + account.settle_days * _DAY,
    )
    if sepa:
        account.change(row, balance_transaction=balance["id"])
        account.change(intent, status="processing", latest_charge=row["id"], payment_method=row["payment_method"])
        record(account, moment, "charge.pending", row)
        record(account, moment, "payment_intent.processing", intent)
        return row
    # Since automatic_async capture the transaction is not there yet when charge.succeeded is written.
    record(account, moment, "charge.succeeded", row)
    previous = account.change(row, balance_transaction=balance["id"])
    record(account, moment, "charge.updated", row, previous)
    _succeed(account, moment, intent, row)
    return row


def _succeed(account: Account, moment: Moment, intent: Json, charge: Json) -> None:
    account.change(
        intent,
        status="succeeded",
        amount_received=charge["amount"],
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        last_payment_error=None,
    )
    record(account, moment, "payment_intent.succeeded", intent)


def _declined(account: Account, moment: Moment, intent: Json, row: Json, code: str) -> Json:
    message = _DECLINES.get(code, "The payment failed.")
    top = code if code in ("card_declined", "expired_card") or "sepa_debit" in row["payment_method_details"] else ""
    top = top or "card_declined"
    decline_code = "generic_decline" if code == "card_declined" else code
    row.update(
        captured=False,
        failure_code=top,
        failure_message=message,
        outcome={
            "advice_code": "try_again_later",
            "network_advice_code": None,
            "network_decline_code": "05",
            "network_status": "declined_by_network",
            "reason": decline_code,
            "risk_level": "normal",
            "seller_message": "The bank returned the decline code.",
            "type": "issuer_declined",
        },
        paid=False,
        status="failed",
    )
    account.add(row)
    _fail_intent(account, moment, intent, row, code=top, decline_code=decline_code)
    return row


def _fail_intent(account: Account, moment: Moment, intent: Json, charge: Json, *, code: str, decline_code: str) -> None:
    message = charge["failure_message"]
    error = {
        "charge": charge["id"],
        "code": code,
        "decline_code": decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "type": "card_error",
    }
    account.change(
        intent,
        status="requires_payment_method",
        last_payment_error=error,
        latest_charge=charge["id"],
        payment_method=None,
        amount_received=0,
    )
    record(account, moment, "charge.failed", charge)
    record(account, moment, "payment_intent.payment_failed", intent)


def card_error(intent: Json) -> ApiError:
    """The 402 of a payment that was refused."""
    error = intent["last_payment_error"]
    extra = {"charge": error["charge"], "decline_code": error["decline_code"], "payment_intent": intent}
    return ApiError(402, error["message"], kind="card_error", code=error["code"], extra=extra)


def settle(account: Account, moment: Moment, charge: Json) -> None:
    """A pending bank debit has been paid."""
    if charge["status"] != "pending":
        raise invalid(f"Charge {charge['id']} is {charge['status']}, not pending: only a pending one can be settled.")
    account.change(charge, status="succeeded", paid=True)
    record(account, moment, "charge.succeeded", charge)
    _succeed(account, moment, account.by_id[charge["payment_intent"]], charge)


def fail_late(account: Account, moment: Moment, charge: Json, code: str = "insufficient_funds", fee: int = 0) -> Json:
    """A bank debit comes back: the money leaves the balance again (reporting_category charge_failure)."""
    if charge["status"] == "failed" or "sepa_debit" not in charge["payment_method_details"]:
        raise invalid(f"Charge {charge['id']} cannot fail late: it is no bank debit, or has failed already.")
    before = account.by_id[charge["balance_transaction"]]
    balance = post(
        account,
        moment.at,
        amount=-before["amount"],
        currency=before["currency"],
        kind="payment_failure_refund",
        category="charge_failure",
        source=charge["id"],
        fee=fee,
        description="Payment failure refund",
        rate=before["exchange_rate"],
        available_on=max(moment.at, before["available_on"]),
    )
    account.change(
        charge,
        status="failed",
        paid=False,
        failure_code=code,
        failure_message="The customer's bank returned the debit.",
        failure_balance_transaction=balance["id"],
    )
    _fail_intent(account, moment, account.by_id[charge["payment_intent"]], charge, code=code, decline_code=code)
    return balance
