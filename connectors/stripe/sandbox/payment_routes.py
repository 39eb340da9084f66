"""Routes of payments and of money: intents, charges, refunds, disputes, balance, payouts."""

from connectors.stripe.sandbox import money, returns
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.method_routes import DISPUTED, TEST_CARDS, address_of
from connectors.stripe.sandbox.params import ApiError, Json, Params, invalid
from connectors.stripe.sandbox.price_routes import currency_of
from connectors.stripe.sandbox.routes import Answer, Call, Keep, Routes, page
from connectors.stripe.sandbox.state import Account


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    routes.read("payment_intent", "/v1/payment_intents", "payment_intents", filters={"customer": "customer"})
    names = "amount automatic_payment_methods capture_method confirm currency customer description metadata off_session"
    names += " payment_method payment_method_types receipt_email return_url setup_future_usage shipping"
    names += " statement_descriptor"
    routes.add("POST", "/v1/payment_intents", _create, "payment_intents", names)
    routes.add("POST", "/v1/payment_intents/{id}", _update, "payment_intents", "amount description metadata customer")
    routes.add(
        "POST", "/v1/payment_intents/{id}/confirm", _confirm, "payment_intents", "payment_method return_url off_session"
    )
    routes.add("POST", "/v1/payment_intents/{id}/cancel", _cancel, "payment_intents", "cancellation_reason")
    routes.read(
        "charge",
        "/v1/charges",
        "charges",
        filters={"customer": "customer", "payment_intent": "payment_intent"},
    )
    routes.add("POST", "/v1/charges/{id}", _update_charge, "charges", "description metadata receipt_email")
    routes.read("refund", "/v1/refunds", "charges", filters={"charge": "charge", "payment_intent": "payment_intent"})
    routes.add("POST", "/v1/refunds", _refund, "charges", "amount charge metadata payment_intent reason")
    routes.add("POST", "/v1/refunds/{id}", _update_refund, "charges", "metadata")
    routes.read("dispute", "/v1/disputes", "disputes", filters={"charge": "charge", "payment_intent": "payment_intent"})
    routes.add("POST", "/v1/disputes/{id}", _update_dispute, "disputes", "evidence metadata submit")
    routes.add("POST", "/v1/disputes/{id}/close", _close_dispute, "disputes")
    names = "limit starting_after ending_before created currency payout source type"
    routes.add("GET", "/v1/balance_transactions", _transactions, "balance", names)
    routes.add("GET", "/v1/balance_transactions/{id}", _transaction, "balance")
    routes.add("GET", "/v1/balance", _balance, "balance")
    routes.read(
        "payout",
        "/v1/payouts",
        "payouts",
        filters={"status": "status", "destination": "destination"},
        ranges=("created", "arrival_date"),
    )


def _create(call: Call) -> Answer:
    account, params = call.account, call.params
    amount, currency = params.need_whole("amount"), currency_of(params)
    if amount < 50:
        raise invalid("Amount must be at least 50 in the smallest unit.", "amount", "amount_too_small")
    if "customer" in params:
        account.get("customer", params.need("customer"), "customer")
    automatic = params.group("automatic_payment_methods").flag("enabled")
    row = money.new_intent(
        account,
        call.moment,
        amount=amount,
        currency=currency,
        customer=params.text("customer"),
        description=params.text("description"),
        metadata=params.merge_metadata(),
        receipt_email=params.text("receipt_email"),
        shipping=_shipping(params),
        payment_method_types=params.values("payment_method_types") or ["card"],
        automatic_payment_methods={"allow_redirects": "always", "enabled": True} if automatic else None,
    )
    given = params.text("payment_method")
    if given is not None:
        account.change(row, status="requires_confirmation")
        account.hidden.setdefault(row["id"], {})["given"] = given
    return _collect(call, row, given) if params.flag("confirm") else row


def _shipping(params: Params) -> Json | None:
    given = params.group("shipping")
    if not given.raw:
        return None
    texts = {name: given.text(name) for name in ("carrier", "name", "phone", "tracking_number")}
    return {**texts, "address": address_of(given.group("address"))}


def _collect(call: Call, row: Json, given: str | None) -> Json:
    if row["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise ApiError(
            400,
            f"This PaymentIntent's status is {row['status']}, so it cannot be confirmed.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": row},
        )
    given = given or call.account.hidden.get(row["id"], {}).get("given")
    if given is None:
        raise invalid("Confirming needs a payment_method.", "payment_method", "parameter_missing")
    if given not in TEST_CARDS:
        call.account.get("payment_method", given, "payment_method")
    charge = money.take(call.account, call.moment, row, decline=TEST_CARDS.get(given))
    if charge["status"] == "failed":
        raise money.card_error(row)
    if given in DISPUTED:
        returns.open_dispute(call.account, call.moment, charge, inquiry=DISPUTED[given])
    return row


def _update(call: Call) -> Answer:
    row, params = call.account.get("payment_intent", call.ids[0]), call.params
    fields: Json = {"metadata": params.merge_metadata(row["metadata"])}
    if "amount" in params:
        fields["amount"] = params.need_whole("amount")
    if "description" in params:
        fields["description"] = params.text("description")
    if "customer" in params:
        fields["customer"] = call.account.get("customer", params.need("customer"), "customer")["id"]
    call.account.change(row, **fields)
    return row


def _confirm(call: Call) -> Answer:
    row = call.account.get("payment_intent", call.ids[0])
    return _collect(call, row, call.params.text("payment_method"))


def _cancel(call: Call) -> Answer:
    row = call.account.get("payment_intent", call.ids[0])
    if row["status"] in ("succeeded", "canceled", "processing"):
        raise invalid(f"A {row['status']} PaymentIntent cannot be canceled.", None, "payment_intent_unexpected_state")
    reason = call.params.text("cancellation_reason")
    call.account.change(row, status="canceled", canceled_at=call.moment.at, cancellation_reason=reason)
    record(call.account, call.moment, "payment_intent.canceled", row)
    return row


def _update_charge(call: Call) -> Answer:
    row, params = call.account.get("charge", call.ids[0]), call.params
    fields: Json = {name: params.text(name) for name in ("description", "receipt_email") if name in params}
    fields["metadata"] = params.merge_metadata(row["metadata"])
    record(call.account, call.moment, "charge.updated", row, call.account.change(row, **fields))
    return row


def _refund(call: Call) -> Answer:
    account, params = call.account, call.params
    charge_id = params.text("charge")
    if charge_id is None:
        params.require("payment_intent")
        intent = account.get("payment_intent", params.need("payment_intent"), "payment_intent")
        charge_id = intent["latest_charge"]
        if charge_id is None:
            raise invalid(f"PaymentIntent {intent['id']} has no successful charge to refund.", "payment_intent")
    return returns.refund(
        account,
        call.moment,
        account.get("charge", charge_id, "charge"),
        amount=params.whole("amount"),
        reason=params.choice("reason", ("duplicate", "fraudulent", "requested_by_customer")),
        metadata=params.merge_metadata(),
    )


def _update_refund(call: Call) -> Answer:
    row = call.account.get("refund", call.ids[0])
    previous = call.account.change(row, metadata=call.params.merge_metadata(row["metadata"]))
    record(call.account, call.moment, "refund.updated", row, previous)
    return row


def _update_dispute(call: Call) -> Answer:
    row, params = call.account.get("dispute", call.ids[0]), call.params
    given = params.group("evidence")
    given.known(frozenset(row["evidence"]))
    fields: Json = {"metadata": params.merge_metadata(row["metadata"])}
    if given.raw:
        fields["evidence"] = {**row["evidence"], **{name: given.text(name) for name in given.raw}}
    submit = params.flag("submit", True)
    if given.raw and submit:
        details = row["evidence_details"]
        fields["status"] = "warning_under_review" if row["status"].startswith("warning") else "under_review"
        fields["evidence_details"] = {
            **details,
            "has_evidence": True,
            "submission_count": details["submission_count"] + 1,
            "submission_method": "manual",
        }
    record(call.account, call.moment, "charge.dispute.updated", row, call.account.change(row, **fields))
    return row


def _close_dispute(call: Call) -> Answer:
    return returns.close_dispute(call.account, call.moment, call.account.get("dispute", call.ids[0]), won=False)


def _transactions(call: Call) -> Answer:
    call.account.settle_due()
    params, hidden = call.params, call.account.hidden
    wanted = {name: params.text(name) for name in ("currency", "source", "type") if name in params}
    payout = params.text("payout")
    keep: Keep | None = None
    if wanted or payout:
        keep = lambda row: (  # noqa: E731
            all(row[name] == value for name, value in wanted.items())
            and (payout is None or hidden.get(row["id"], {}).get("payout") == payout)
        )
    return page(call, "balance_transaction", "/v1/balance_transactions", keep)


def _transaction(call: Call) -> Answer:
    call.account.settle_due()
    return call.account.get("balance_transaction", call.ids[0])


def _balance(call: Call) -> Answer:
    return balance(call.account)


def balance(account: Account) -> Json:
    """The balance: the sum of net over all balance transactions, by currency and by status."""
    account.settle_due()
    sums: dict[str, dict[str, int]] = {"available": {account.currency: 0}, "pending": {account.currency: 0}}
    for row in account.rows("balance_transaction").values():
        for status, by_currency in sums.items():
            by_currency.setdefault(row["currency"], 0)
            if row["status"] == status:
                by_currency[row["currency"]] += row["net"]
    return {
        "object": "balance",
        **{
            status: [
                {"amount": amount, "currency": currency, "source_types": {"card": amount}}
                for currency, amount in sorted(by_currency.items())
            ]
            for status, by_currency in sums.items()
        },
        "livemode": account.livemode,
    }
