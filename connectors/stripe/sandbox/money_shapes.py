"""Payments, refunds, disputes, payouts and balance transactions as API 2026-10-28.endive shows them."""

from connectors.stripe.sandbox.params import Json
from connectors.stripe.sandbox.state import Account

_NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
_DAY = 86_400


def method_details(method: str, country: str) -> Json:
    """What a charge shows of the card or the bank account it was paid with."""
    if method == "sepa_debit":
        bank = {
            "bank_code": "30004",
            "branch_code": "",
            "country": country,
            "expected_debit_date": None,
            "fingerprint": "sAndBoxSepa01",
            "last4": "3201",
            "mandate": "mandate_sandbox",
        }
        return {"sepa_debit": bank, "type": "sepa_debit"}
    card = {
        "authorization_code": None,
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": country,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": "sAndBoxCard01",
        "funding": "credit",
        "installments": None,
        "last4": "4242",
        "mandate": None,
        "network": "visa",
        "network_token": {"used": False},
        "network_transaction_id": None,
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
    return {"card": card, "type": "card"}


def charge(account: Account, at: int, **fields: object) -> Json:
    """A charge."""
    charge_id = account.new_id("py_" if fields.get("method") == "sepa_debit" else "ch_")
    method = str(fields.pop("method", "card"))
    return {
        "id": charge_id,
        "object": "charge",
        "amount": 0,
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {"address": dict(_NO_ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": account.name.upper()[:22],
        "captured": True,
        "created": at,
        "currency": account.currency,
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": account.livemode,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": method_details(method, account.country),
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{charge_id}",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        **fields,
    }


def payment_intent(account: Account, at: int, **fields: object) -> Json:
    """A payment intent."""
    intent_id = account.new_id("pi_")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{account.new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": at,
        "currency": account.currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": account.livemode,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        **fields,
    }


def refund(account: Account, at: int, **fields: object) -> Json:
    """A refund that has succeeded."""
    return {
        "id": account.new_id("re_"),
        "object": "refund",
        "amount": 0,
        "balance_transaction": None,
        "charge": None,
        "created": at,
        "currency": account.currency,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **fields,
    }


def dispute(account: Account, at: int, **fields: object) -> Json:
    """A dispute that waits for evidence, due in 7 days."""
    texts = (
        "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
        "cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip "
        "customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id "
        "product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date "
        "service_documentation shipping_address shipping_carrier shipping_date shipping_documentation "
        "shipping_tracking_number uncategorized_file uncategorized_text"
    )
    return {
        "id": account.new_id("du_"),
        "object": "dispute",
        "amount": 0,
        "balance_transactions": [],
        "charge": "",
        "created": at,
        "currency": account.currency,
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(texts.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": at + 7 * _DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": account.livemode,
        "metadata": {},
        "payment_intent": None,
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": "fraudulent",
        "status": "needs_response",
        **fields,
    }


def balance_transaction(account: Account, at: int, **fields: object) -> Json:
    """A balance transaction."""
    return {
        "id": account.new_id("txn_"),
        "object": "balance_transaction",
        "amount": 0,
        "available_on": at,
        "balance_type": "payments",
        "created": at,
        "currency": account.currency,
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": 0,
        "reporting_category": "charge",
        "source": None,
        "status": "pending",
        "type": "charge",
        **fields,
    }


def payout(account: Account, at: int, **fields: object) -> Json:
    """A payout to the bank."""
    return {
        "id": account.new_id("po_"),
        "object": "payout",
        "amount": 0,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": at,
        "automatic": True,
        "balance_transaction": None,
        "created": at,
        "currency": account.currency,
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": account.livemode,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid",
        "trace_id": None,
        "type": "bank_account",
        **fields,
    }


def payment_method(account: Account, at: int, method: str, customer: str | None) -> Json:
    """A saved card or bank account."""
    details = method_details(method, account.country)[method]
    kept = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "bank_code", "branch_code")
    return {
        "id": account.new_id("pm_"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": dict(_NO_ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None},
        "created": at,
        "customer": customer,
        "livemode": account.livemode,
        "metadata": {},
        "type": method,
        method: {name: value for name, value in details.items() if name in kept},
    }
