"""Checkout sessions: opened, completed, expired. Completed is not paid: a bank debit pays later."""

from connectors.stripe.sandbox import billing, invoices, money, renewals, shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.invoice_shapes import line, parent_of_line
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.pricing import cost
from connectors.stripe.sandbox.state import Account, Moment

_DAY = 86_400
Items = list[tuple[Json, int]]


def session(account: Account, at: int, **fields: object) -> Json:
    """An open session on the hosted page."""
    session_id = account.new_id("cs_live_a1" if account.livemode else "cs_test_a1", 56)
    return {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": 0,
        "amount_total": 0,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": None,
        "client_reference_id": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": at,
        "currency": account.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "expires_at": at + _DAY,
        "invoice": None,
        "invoice_creation": None,
        "livemode": account.livemode,
        "locale": None,
        "metadata": {},
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": "https://example.com/thanks",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"https://checkout.stripe.com/c/pay/{session_id}",
        "wallet_options": None,
        **fields,
    }


def open_session(account: Account, moment: Moment, items: Items, **fields: object) -> Json:
    """Open a session over these prices and quantities."""
    row = session(account, moment.at, **fields)
    lines = [_line_item(account, price, quantity) for price, quantity in items]
    row["currency"] = items[0][0]["currency"] if items else row["currency"]
    row["amount_subtotal"] = row["amount_total"] = sum(line["amount_total"] for line in lines)
    account.hidden[row["id"]] = {"line_items": lines, "items": items}
    return account.add(row)


def _line_item(account: Account, price: Json, quantity: int) -> Json:
    amount = cost(price, account.hidden.get(price["id"], {}).get("tiers") or [], quantity)
    return {
        "id": account.new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": account.by_id[price["product"]]["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def complete(
    account: Account,
    moment: Moment,
    row: Json,
    *,
    email: str | None = None,
    name: str | None = None,
    method: str = "card",
    rate: float | None = None,
    fee: int | None = None,
    description: str | None = None,
    **subscription: object,
) -> Json:
    """The customer pays on the hosted page: {session, customer, charge, payment_intent, subscription, invoice}."""
    if row["status"] != "open":
        raise invalid(f"Session {row['id']} is {row['status']}: only an open one can be completed.")
    customer = account.by_id.get(row["customer"] or "")
    email = email or row["customer_email"] or (customer or {}).get("email")
    name = name or (customer or {}).get("name")
    if customer is None and (row["mode"] == "subscription" or row["customer_creation"] == "always"):
        customer = account.add(shapes.customer(account, moment.at, email=email, name=name))
        record(account, moment, "customer.created", customer)
    details: Json = {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    account.change(row, customer=customer["id"] if customer else None, customer_details=details)
    if row["mode"] == "subscription" and customer is not None:
        charge = _subscribed(account, moment, row, customer, method=method, fee=fee, **subscription)
    else:
        charge = _paid(account, moment, row, method=method, rate=rate, fee=fee, description=description)
    pending = charge is not None and charge["status"] == "pending"
    status = "no_payment_required" if row["amount_total"] == 0 else "unpaid" if pending else "paid"
    account.change(row, status="complete", payment_status=status, url=None)
    if charge is not None:
        account.hidden.setdefault(charge["payment_intent"], {})["session"] = row["id"]
    record(account, moment, "checkout.session.completed", row)
    return {
        "session": row["id"],
        "customer": row["customer"],
        "charge": charge["id"] if charge else None,
        "payment_intent": charge["payment_intent"] if charge else None,
        "balance_transaction": charge["balance_transaction"] if charge else None,
        "subscription": row["subscription"],
        "invoice": row["invoice"],
    }


def _paid(
    account: Account,
    moment: Moment,
    row: Json,
    *,
    method: str,
    rate: float | None,
    fee: int | None,
    description: str | None,
) -> Json | None:
    if row["amount_total"] == 0:
        return None
    details = row["customer_details"]
    intent = money.new_intent(
        account,
        moment,
        amount=row["amount_total"],
        currency=row["currency"],
        customer=row["customer"],
        description=description,
        metadata=dict(account.hidden[row["id"]].get("intent_metadata") or {}),
        payment_method_types=[method],
    )
    account.change(row, payment_intent=intent["id"])
    return money.take(
        account, moment, intent, method=method, rate=rate, fee=fee, email=details["email"], name=details["name"]
    )


def _subscribed(account: Account, moment: Moment, row: Json, customer: Json, **options: object) -> Json | None:
    about = account.hidden[row["id"]]
    subscription, invoice, charge = billing.create(
        account,
        moment,
        customer=customer,
        items=about["items"],
        **{**(about.get("subscription") or {}), **options},
    )
    account.change(row, subscription=subscription["id"], invoice=invoice["id"], amount_total=invoice["total"])
    return charge


def expire(account: Account, moment: Moment, row: Json) -> None:
    """An open session ends without a sale."""
    if row["status"] != "open":
        raise invalid(f"Session {row['id']} is {row['status']}: only an open one can expire.")
    account.change(row, status="expired", url=None, expires_at=moment.at)
    record(account, moment, "checkout.session.expired", row)


def settle(account: Account, moment: Moment, charge: Json) -> None:
    """A pending bank debit has been paid: its invoice and its checkout session are paid too."""
    renewals.settle(account, moment, charge)
    _tell_session(account, moment, charge, "checkout.session.async_payment_succeeded", "paid")


def fail_late(account: Account, moment: Moment, charge: Json, *, code: str, fee: int) -> Json:
    """A bank debit comes back; a session that still waits for it hears of it."""
    waiting = charge["status"] == "pending"
    balance = renewals.fail_late(account, moment, charge, code=code, fee=fee)
    if waiting:
        _tell_session(account, moment, charge, "checkout.session.async_payment_failed", "unpaid")
    return balance


def _tell_session(account: Account, moment: Moment, charge: Json, event: str, status: str) -> None:
    session_id = account.hidden.get(charge["payment_intent"], {}).get("session")
    if session_id is not None:
        account.change(account.by_id[session_id], payment_status=status)
        record(account, moment, event, account.by_id[session_id])


def one_off_invoice(
    account: Account,
    moment: Moment,
    *,
    customer: Json,
    amount: int,
    currency: str,
    description: str,
    days_until_due: int,
    metadata: dict[str, str],
) -> Json:
    """An invoice that is sent to the customer, finalised and open."""
    only = line(
        account,
        amount=amount,
        currency=currency,
        start=moment.at,
        end=moment.at,
        description=description,
        parent=parent_of_line(
            subscription=None, subscription_item=None, invoice_item=account.new_id("ii_"), proration=False
        ),
    )
    row = invoices.make(
        account,
        moment,
        customer=customer,
        currency=currency,
        lines=[only],
        collection_method="send_invoice",
        due_date=moment.at + days_until_due * _DAY,
        metadata=metadata,
    )
    invoices.finalize(account, moment, row)
    return row
