"""Invoices: made, finalised, paid, failed, voided, written off. Statuses: docs.stripe.com/invoicing/overview."""

from decimal import Decimal

from connectors.stripe.sandbox import invoice_shapes as shapes
from connectors.stripe.sandbox import money
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.old_shapes import invoice_payment_of
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.pricing import rounded, take_off
from connectors.stripe.sandbox.state import Account, Moment

_DAY = 86_400
_RETRY_DAYS = 3


def make(
    account: Account,
    moment: Moment,
    *,
    customer: Json,
    currency: str,
    lines: list[Json],
    reason: str = "manual",
    subscription: Json | None = None,
    discounts: list[Json] | None = None,
    **fields: object,
) -> Json:
    """A draft invoice with its lines, the customer's waiting invoice items, discounts and totals."""
    row = shapes.invoice(
        account,
        moment.at,
        billing_reason=reason,
        currency=currency,
        customer=customer["id"],
        customer_address=customer["address"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_phone=customer["phone"],
        customer_tax_exempt=customer["tax_exempt"],
        **fields,
    )
    if subscription is not None:
        row["parent"] = shapes.parent_of_invoice(subscription)
    lines = [*lines, *_waiting_items(account, row, subscription)]
    for line in lines:
        line["invoice"] = row["id"]
    taken = []
    for discount in discounts or []:
        coupon = account.by_id[discount["source"]["coupon"]]
        products = account.hidden.get(coupon["id"], {}).get("applies_to", {}).get("products")
        taken.append({"amount": take_off(lines, discount, coupon, products), "discount": discount["id"]})
    row["lines"] = {
        "object": "list",
        "data": lines,
        "has_more": False,
        "total_count": len(lines),
        "url": f"/v1/invoices/{row['id']}/lines",
    }
    row["discounts"] = [discount["id"] for discount in discounts or []]
    row["total_discount_amounts"] = taken
    row["subtotal"] = row["subtotal_excluding_tax"] = sum(line["amount"] for line in lines)
    row["total"] = row["subtotal"] - sum(part["amount"] for part in taken)
    _tax(account, row)
    row["amount_due"] = row["amount_remaining"] = max(0, row["total"])
    account.add(row)
    record(account, moment, "invoice.created", row)
    return row


def _waiting_items(account: Account, invoice: Json, subscription: Json | None) -> list[Json]:
    wanted = subscription["id"] if subscription else None
    found = []
    for item in account.rows("invoiceitem").values():
        of = item["parent"]["subscription_details"]["subscription"] if item["parent"] else None
        same = item["customer"] == invoice["customer"] and item["currency"] == invoice["currency"]
        if item["invoice"] is not None or not same or of not in (None, wanted):
            continue
        parent = shapes.parent_of_line(
            subscription=of,
            subscription_item=item["parent"]["subscription_details"]["subscription_item"] if item["parent"] else None,
            invoice_item=item["id"],
            proration=item["proration"],
        )
        line = shapes.line(
            account,
            amount=item["amount"],
            currency=item["currency"],
            start=item["period"]["start"],
            end=item["period"]["end"],
            description=item["description"],
            discountable=item["discountable"],
            parent=parent,
            pricing=item["pricing"],
            quantity=item["quantity"],
            quantity_decimal=item["quantity_decimal"],
        )
        account.change(item, invoice=invoice["id"])
        found.append(line)
    return found


def _tax(account: Account, row: Json) -> None:
    """Tax that is included in the amounts, when the account is told to charge one; off by default."""
    row["total_excluding_tax"] = row["total"]
    if account.tax_percent is None:
        return
    share = Decimal(account.tax_percent) / (100 + Decimal(account.tax_percent))
    total = 0
    for line in row["lines"]["data"]:
        paid = line["amount"] - sum(part["amount"] for part in line["discount_amounts"])
        tax = rounded(Decimal(paid) * share)
        total += tax
        line["taxes"] = [_tax_row(tax, paid - tax)]
    row["total_taxes"] = [_tax_row(total, row["total"] - total)]
    row["total_excluding_tax"] = row["subtotal_excluding_tax"] = row["total"] - total


def _tax_row(amount: int, taxable: int) -> Json:
    return {
        "amount": amount,
        "tax_behavior": "inclusive",
        "tax_rate_details": {"tax_rate": "txr_sandbox"},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def subscription_of(account: Account, invoice: Json) -> Json | None:
    """The subscription that an invoice belongs to."""
    details = invoice["parent"]["subscription_details"] if invoice["parent"] else None
    return account.by_id.get(details["subscription"]) if details else None


def finalize(account: Account, moment: Moment, row: Json) -> None:
    """Draft to open; the customer's credit is used; an invoice of nothing is paid at once."""
    if row["status"] != "draft":
        raise invalid(f"Invoice {row['id']} is {row['status']}, so it cannot be finalized: only a draft can.")
    customer = account.get("customer", row["customer"])
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    credit = customer["balance"]
    rest = row["total"] + credit
    account.change(customer, next_invoice_sequence=customer["next_invoice_sequence"] + 1, balance=min(rest, 0))
    account.change(
        row,
        amount_due=max(rest, 0),
        amount_remaining=max(rest, 0),
        due_date=row["due_date"] or (moment.at + 30 * _DAY if row["collection_method"] == "send_invoice" else None),
        effective_at=moment.at,
        ending_balance=min(rest, 0),
        hosted_invoice_url=f"https://invoice.stripe.com/i/{account.id}/{row['id']}",
        invoice_pdf=f"https://pay.stripe.com/invoice/{account.id}/{row['id']}/pdf",
        number=number,
        starting_balance=credit,
        status="open",
        status_transitions={**row["status_transitions"], "finalized_at": moment.at},
    )
    record(account, moment, "invoice.finalized", row)
    if row["amount_due"] == 0:
        mark_paid(account, moment, row)
        return
    intent = money.new_intent(
        account,
        moment,
        amount=row["amount_due"],
        currency=row["currency"],
        customer=row["customer"],
        description=f"Payment for Invoice {number}" if row["parent"] is None else "Subscription update",
        metadata={},
    )
    account.hidden[intent["id"]] = {"invoice": row["id"]}
    _link(account, moment, row, {"payment_intent": intent["id"], "type": "payment_intent"})


def _link(account: Account, moment: Moment, row: Json, payment: Json) -> Json:
    link = account.add(
        shapes.invoice_payment(
            account,
            moment.at,
            invoice_id=row["id"],
            amount=row["amount_due"],
            currency=row["currency"],
            payment=payment,
        )
    )
    about = account.hidden.setdefault(row["id"], {})
    about["payment"] = link["id"]
    about.setdefault("payments", []).append(link["id"])
    return link


def pay(
    account: Account,
    moment: Moment,
    row: Json,
    *,
    method: str = "card",
    decline: str | None = None,
    fee: int | None = None,
    rate: float | None = None,
    more_attempts: bool = True,
) -> Json | None:
    """Try to collect an invoice; the charge (succeeded, pending or failed), or None when nothing was due."""
    if row["status"] == "draft":
        finalize(account, moment, row)
    if row["status"] == "paid" and row["amount_due"] == 0:
        return None
    if row["status"] not in ("open", "uncollectible"):
        raise invalid(f"Invoice is already {row['status']}", None, "invoice_not_open")
    link = invoice_payment_of(account, row["id"])
    if link is None:
        raise invalid(f"Invoice {row['id']} has no payment to collect.")
    intent = account.by_id[link["payment"]["payment_intent"]]
    charge = money.take(account, moment, intent, method=method, decline=decline, rate=rate, fee=fee)
    if charge["status"] == "succeeded":
        mark_paid(account, moment, row)
    elif charge["status"] == "pending":
        account.change(row, attempted=True, attempt_count=row["attempt_count"] + 1, next_payment_attempt=None)
    else:
        payment_failed(account, moment, row, more_attempts=more_attempts)
    return charge


def payment_failed(
    account: Account, moment: Moment, row: Json, *, more_attempts: bool = True, counted: bool = False
) -> None:
    """An attempt failed: the invoice stays open; `counted` says that the attempt is in attempt_count already."""
    automatic = row["collection_method"] == "charge_automatically"
    previous = account.change(
        row,
        attempted=True,
        attempt_count=row["attempt_count"] + (0 if counted else 1),
        next_payment_attempt=moment.at + _RETRY_DAYS * _DAY if automatic and more_attempts else None,
    )
    record(account, moment, "invoice.updated", row, previous)
    record(account, moment, "invoice.payment_failed", row)


def mark_paid(account: Account, moment: Moment, row: Json, *, outside: bool = False) -> None:
    """Open to paid. `outside`: not through Stripe, so there is no charge and no balance transaction."""
    previous = account.change(
        row,
        amount_paid=row["amount_due"],
        amount_paid_off_stripe=row["amount_due"] if outside else 0,
        amount_remaining=0,
        attempted=True,
        attempt_count=row["attempt_count"] + (0 if outside or row["amount_due"] == 0 else 1),
        auto_advance=False,
        next_payment_attempt=None,
        status="paid",
        status_transitions={**row["status_transitions"], "paid_at": moment.at},
    )
    link = invoice_payment_of(account, row["id"])
    if outside and link is not None:
        account.change(link, status="canceled", status_transitions={"canceled_at": moment.at, "paid_at": None})
        account.change(account.by_id[link["payment"]["payment_intent"]], status="canceled", canceled_at=moment.at)
        link = _link(account, moment, row, {"payment_record": account.new_id("pr_"), "type": "payment_record"})
    record(account, moment, "invoice.updated", row, previous)
    record(account, moment, "invoice.paid", row)
    if not outside:
        record(account, moment, "invoice.payment_succeeded", row)
    if link is not None:
        account.change(
            link,
            amount_paid=row["amount_due"],
            status="paid",
            status_transitions={"canceled_at": None, "paid_at": moment.at},
        )
        record(account, moment, "invoice_payment.paid", link)


def close(account: Account, moment: Moment, row: Json, status: str) -> None:
    """Open to void, or open to uncollectible."""
    if row["status"] not in ("open", "uncollectible") or row["status"] == status:
        raise invalid(f"Invoice {row['id']} is {row['status']}, so it cannot become {status}.")
    name = {"void": "voided_at", "uncollectible": "marked_uncollectible_at"}[status]
    fields: Json = {
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": status,
        "status_transitions": {**row["status_transitions"], name: moment.at},
    }
    if status == "uncollectible":
        fields["status_details"] = {"uncollectible": {"reason": "user_forgiven"}}
    link = invoice_payment_of(account, row["id"])
    if status == "void" and link is not None:
        account.change(link, status="canceled", status_transitions={"canceled_at": moment.at, "paid_at": None})
        account.change(
            account.by_id[link["payment"]["payment_intent"]],
            status="canceled",
            canceled_at=moment.at,
            cancellation_reason="void_invoice",
        )
    previous = account.change(row, **fields)
    record(account, moment, {"void": "invoice.voided"}.get(status, "invoice.marked_uncollectible"), row, previous)
