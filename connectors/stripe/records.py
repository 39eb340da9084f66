"""Stripe's JSON (API 2026-10-28.endive) as our records. Pure.

The fields of each stream are listed in docs/records.md. Objects must be expanded as `source.py` asks for them. Five
streams hold a kind (`spec.KINDS`): their records carry the kind's fields beside what else Stripe says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from connectors.stripe.charged import checkout_tax, fees, held, invoice_tax
from connectors.stripe.prices import discount, item, line, metadata, price_shape
from connectors.stripe.values import Json, ident, instant, maybe_instant, maybe_money, money, number, part
from hub.core.errors import RecordError
from hub.core.types import Record, Value


@contextmanager
def readable(stream: str, found: Json) -> Iterator[None]:
    """Turns what goes wrong inside over an object's shape into a RecordError that names the object and the field."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise RecordError(
            f"Stripe's {stream} {found.get('id', 'without id')} has a shape that the hub does not know: {reason}."
        ) from error


def record(stream: str, found: Json) -> Record:
    """The record of one of Stripe's objects. RecordError when a field that we need is missing or of another kind.

    A checkout session that is no sign-up (`is_signup`) comes back as deleted.
    """
    with readable(stream, found):
        if found.get("deleted") or (stream == "checkout_session" and not is_signup(found)):
            return Record(stream=stream, key=found["id"], deleted=True)
        return Record(stream=stream, key=found["id"], fields=_FIELDS[stream](found), at=instant(found["created"]))


def is_signup(session: Json) -> bool:
    """Whether a checkout session was completed, and says by whom. An open or expired one is nobody's sign-up."""
    return bool(session["status"] == "complete" and _buyer(session))


def inside(stream: str, found: Json) -> Iterator[Record]:
    """The records of other streams that came expanded inside this object."""
    if stream in ("charge", "refund"):
        within = [found.get("balance_transaction"), found.get("failure_balance_transaction")]
    elif stream == "dispute":
        within = list(found.get("balance_transactions") or ())
    elif stream == "invoice":
        yield from (record("invoice_payment", each) for each in part(found, "payments").get("data") or ())
        return
    else:
        return
    yield from (record("balance_transaction", each) for each in within if isinstance(each, Mapping))


def _who(key: str | None, **said: str | None) -> dict[str, Value] | None:
    """A person in another record: what the answer says of them; None when it says nothing."""
    return {name: text for name, text in {"key": key, **said}.items() if text} or None


def _buyer(session: Json) -> dict[str, Value] | None:
    person = part(session, "customer_details")
    email = person.get("email") or session.get("customer_email")
    return _who(ident(session.get("customer")), name=person.get("name"), email=email)


def _product(found: Json) -> dict[str, Value]:
    return {"name": found["name"], "active": found["active"], "metadata": metadata(found)}


def _price(found: Json) -> dict[str, Value]:
    return {"active": found["active"], **price_shape(found)}


def _subscription(found: Json) -> dict[str, Value]:
    default_rates = found.get("default_tax_rates") or []
    return {
        "who": _who(ident(found["customer"])),
        "status": found["status"],
        "currency": found["currency"].upper(),
        "created_at": instant(found["created"]),
        "started_at": instant(found["start_date"]),
        "trial_end": maybe_instant(found.get("trial_end")),
        "cancel_at": maybe_instant(found.get("cancel_at")),
        "cancel_at_period_end": found["cancel_at_period_end"],
        "canceled_at": maybe_instant(found.get("canceled_at")),
        "ended_at": maybe_instant(found.get("ended_at")),
        "collection_paused": found.get("pause_collection") is not None,
        "schedule": ident(found.get("schedule")),
        "metadata": metadata(found),
        "cancellation_reason": part(found, "cancellation_details").get("reason"),
        "items": tuple(item(each, default_rates) for each in found["items"]["data"]),
        "discounts": tuple(discount(each) for each in found.get("discounts") or ()),
    }


def _subscription_schedule(found: Json) -> dict[str, Value]:
    return {
        "subscription": ident(found.get("subscription")),
        "status": found["status"],
        "end_behavior": found["end_behavior"],
        "phases": tuple(
            {
                "start": instant(each["start_date"]),
                "end": instant(each["end_date"]),
                "items": tuple(
                    {"price": ident(one["price"]), "quantity": one.get("quantity") or 0} for one in each["items"]
                ),
            }
            for each in found["phases"]
        ),
    }


def _customer(found: Json) -> dict[str, Value]:
    theirs = found.get("discount")
    return {
        "name": found.get("name"),
        "email": found.get("email"),
        "phone": found.get("phone"),
        "created_at": instant(found["created"]),
        "languages": tuple(found.get("preferred_locales") or ()),
        "discount": None if theirs is None else discount(theirs),
    }


def _invoice(found: Json) -> dict[str, Value]:
    currency, moments = found["currency"], part(found, "status_transitions")
    return {
        "who": _who(ident(found.get("customer")), name=found.get("customer_name"), email=found.get("customer_email")),
        "status": found["status"],
        "number": found.get("number"),
        "currency": currency.upper(),
        "created_at": instant(found["created"]),
        "total": money(found["total"], currency),
        "tax": invoice_tax(found),
        "due": money(found["amount_due"], currency),
        "paid": money(found["amount_paid"], currency),
        "remaining": money(found["amount_remaining"], currency),
        "off_stripe": money(found.get("amount_paid_off_stripe") or 0, currency),
        "due_at": maybe_instant(found.get("due_date")),
        "finalized_at": maybe_instant(moments.get("finalized_at")),
        "paid_at": maybe_instant(moments.get("paid_at")),
        "voided_at": maybe_instant(moments.get("voided_at")),
        "uncollectible_at": maybe_instant(moments.get("marked_uncollectible_at")),
        "attempted": found["attempted"],
        "attempt_count": found["attempt_count"],
        "next_attempt_at": maybe_instant(found.get("next_payment_attempt")),
        "collection": found["collection_method"],
        "reason": found.get("billing_reason"),
        "first": found.get("billing_reason") == "subscription_create",
        "subscription": ident(part(part(found, "parent"), "subscription_details").get("subscription")),
        "lines": tuple(line(each) for each in part(found, "lines").get("data") or ()),
        "metadata": metadata(found),
    }


def _invoice_payment(found: Json) -> dict[str, Value]:
    payment = found["payment"]
    return {
        "invoice": ident(found["invoice"]),
        "amount": maybe_money(found.get("amount_paid"), found["currency"]),
        "status": found["status"],
        "paid_at": maybe_instant(part(found, "status_transitions").get("paid_at")),
        "payment": ident(payment.get(payment["type"])),
        "payment_type": payment["type"],
    }


def _charge(found: Json) -> dict[str, Value]:
    person = part(found, "billing_details")
    return {
        "amount": money(found["amount"], found["currency"]),
        "refunded": money(found["amount_refunded"], found["currency"]),
        "status": _payment_status(found),
        "at": instant(found["created"]),
        "captured": found["captured"],
        "who": _who(ident(found.get("customer")), name=person.get("name"), email=person.get("email")),
        "payment_intent": ident(found.get("payment_intent")),
        "balance_transaction": ident(found.get("balance_transaction")),
        "description": found.get("description"),
    }


def _payment_status(found: Json) -> str:
    """paid, pending or failed. A card that was only authorised has not paid, although Stripe says `succeeded`.

    An authorisation that ended without being used shows as refunded in full and never captured.
    """
    status: str = found["status"]
    if status not in ("succeeded", "pending", "failed"):
        raise ValueError(f"its status {status!r} is unknown")
    if status != "succeeded":
        return status
    if not found["captured"]:
        return "failed" if found["refunded"] else "pending"
    return "paid"


def _refund(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "status": found["status"],
        "charge": ident(found.get("charge")),
        "payment_intent": ident(found.get("payment_intent")),
        "reason": found.get("reason"),
        "balance_transaction": ident(found.get("balance_transaction")),
    }


def _dispute(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "status": found["status"],
        "reason": found["reason"],
        "charge": ident(found.get("charge")),
        "due_by": maybe_instant(part(found, "evidence_details").get("due_by")),
        "balance_transactions": tuple(ident(each) for each in found.get("balance_transactions") or ()),
    }


def _balance_transaction(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "fee": money(found["fee"], found["currency"]),
        "net": money(found["net"], found["currency"]),
        "category": found["reporting_category"],
        "type": found["type"],
        "source": ident(found.get("source")),
        "description": found.get("description"),
        "available_on": instant(found["available_on"]),
        "exchange_rate": number(found.get("exchange_rate")),
        "fees": fees(found),
    }


def _checkout_session(found: Json) -> dict[str, Value]:
    """A completed session (`is_signup`). Completed is not paid: a bank debit pays some days later, or never."""
    currency, link = found.get("currency"), ident(found.get("payment_link"))
    invoice, intent = ident(found.get("invoice")), ident(found.get("payment_intent"))
    lines = part(found, "line_items")["data"]
    return {
        "who": _buyer(found),
        "form": None if link is None else {"key": link},
        "at": instant(found["created"]),
        "answers": {_question(each): _answer(each) for each in found.get("custom_fields") or ()},
        "products": tuple(each["description"] for each in lines if each.get("description")),
        "payment": (intent or invoice) if found["payment_status"] == "paid" else None,
        "payment_status": found["payment_status"],
        "mode": found["mode"],
        "total": None if currency is None else maybe_money(found.get("amount_total"), currency),
        "tax": None if currency is None else checkout_tax(found, currency),
        "subscription": ident(found.get("subscription")),
        "invoice": invoice,
        "payment_intent": intent,
        "language": _language(found.get("locale")),
        "reference": found.get("client_reference_id"),
        "metadata": metadata(found),
    }


def _language(locale: str | None) -> str | None:
    """The locale that the page was opened with; Stripe does not say which one "auto" came to."""
    return None if locale == "auto" else locale


def _question(field: Json) -> str:
    """What the page asked, in the words that people gave it."""
    text: str = part(field, "label").get("custom") or field["key"]
    return text


def _answer(field: Json) -> str | None:
    """What was typed, or the words of what was chosen."""
    given = part(field, field["type"])
    value: str | None = given.get("value")
    words = {each["value"]: each["label"] for each in given.get("options") or ()}
    return value if value is None else words.get(value, value)


_FIELDS: Mapping[str, Callable[[Json], dict[str, Value]]] = {
    "product": _product,
    "price": _price,
    "customer": _customer,
    "subscription_schedule": _subscription_schedule,
    "subscription": _subscription,
    "invoice": _invoice,
    "invoice_payment": _invoice_payment,
    "checkout_session": _checkout_session,
    "charge": _charge,
    "refund": _refund,
    "dispute": _dispute,
    "balance_transaction": _balance_transaction,
    "balance": held,
}
