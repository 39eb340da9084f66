"""Time passing for subscriptions: renewals, failed payments, recoveries, ends."""

from connectors.stripe.sandbox import billing, deadlines, invoices, money, schedules
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.old_shapes import invoice_of_intent
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.pricing import period
from connectors.stripe.sandbox.state import Account, Moment

RUNNING = ("active", "trialing", "past_due")


def renew(
    account: Account,
    moment: Moment,
    row: Json,
    *,
    outcome: str = "paid",
    method: str | None = None,
    decline: str = "card_declined",
    usage: dict[str, int] | None = None,
    fee: int | None = None,
) -> tuple[Json | None, Json | None]:
    """Go on to the next period, or end where an end was planned: (invoice or None, charge or None)."""
    if row["status"] not in RUNNING:
        raise invalid(f"Subscription {row['id']} is {row['status']}, so it does not renew.")
    about, over = account.hidden[row["id"]], billing.period_of(row)[1]
    if not schedules.advance(account, moment, row, over):
        billing.cancel(account, moment, row)
        return None, None
    if row["cancel_at_period_end"] or (row["cancel_at"] is not None and row["cancel_at"] <= over):
        billing.cancel(account, moment, row)
        return None, None
    before = {"items": billing.copy_of_items(row), "latest_invoice": row["latest_invoice"], "status": row["status"]}
    start, end = period(row["billing_cycle_anchor"], billing.rhythm(row), about["cycle"] + 1)
    invoice = billing.bill(account, moment, row, reason="subscription_cycle", start=start, end=end, usage=usage)
    about["cycle"] += 1
    billing.set_period(account, row, start, end)
    account.change(row, status="active" if row["status"] == "trialing" else row["status"])
    charge = None
    if row["pause_collection"] is None:
        used = method or about["method"]
        charge = billing.collect(account, moment, row, invoice, outcome=outcome, method=used, decline=decline, fee=fee)
    else:
        _held(account, moment, row, invoice)
    if charge is not None and charge["status"] == "failed":
        account.change(row, status="past_due")
    _tell(account, moment, row, before)
    return invoice, charge


def _held(account: Account, moment: Moment, row: Json, invoice: Json) -> None:
    """What pause_collection does to an invoice."""
    behavior = row["pause_collection"]["behavior"]
    if behavior == "keep_as_draft":
        account.change(invoice, auto_advance=False)
        return
    invoices.finalize(account, moment, invoice)
    if invoice["status"] == "open":
        invoices.close(account, moment, invoice, {"void": "void"}.get(behavior, "uncollectible"))


def _tell(account: Account, moment: Moment, row: Json, before: Json) -> None:
    previous = {name: value for name, value in before.items() if row[name] != value}
    record(account, moment, "customer.subscription.updated", row, previous)


def advance(
    account: Account,
    until: int,
    *,
    deliver: bool = False,
    failing: tuple[str, ...] = (),
    usage: dict[str, int] | None = None,
) -> int:
    """Renew every running subscription whose period ends by `until`, in the order of time; how many renewals.

    Deadlines that pass meanwhile are told of.
    """
    done = 0
    while True:
        deadlines.pass_by(account, until, deliver=deliver)
        due = [
            (billing.period_of(row)[1], position, row)
            for position, row in enumerate(account.rows("subscription").values())
            if row["status"] in RUNNING and billing.period_of(row)[1] <= until
        ]
        if not due:
            return done
        for end, _, row in sorted(due, key=lambda one: one[:2]):
            outcome = "failed" if row["id"] in failing or row["customer"] in failing else "paid"
            renew(account, Moment(end, deliver), row, outcome=outcome, usage=usage)
            done += 1


def open_invoice(account: Account, row: Json) -> Json:
    """The newest open invoice of a subscription."""
    for invoice in reversed(account.table("invoice").oldest_first()):
        if invoice["status"] == "open" and invoices.subscription_of(account, invoice) is row:
            return invoice
    raise invalid(f"Subscription {row['id']} has no open invoice.")


def fail_again(
    account: Account, moment: Moment, invoice: Json, *, decline: str = "card_declined", final: str | None = None
) -> Json | None:
    """One more failed attempt; after the last one the subscription becomes canceled, unpaid or past_due (`final`)."""
    method = "card"
    row = invoices.subscription_of(account, invoice)
    if row is not None:
        method = account.hidden[row["id"]]["method"]
    charge = invoices.pay(account, moment, invoice, method=method, decline=decline, more_attempts=final is None)
    if row is None or row["status"] in billing.ENDED:
        return charge
    if final == "canceled":
        billing.cancel(account, moment, row, "payment_failed")
    elif row["status"] != "incomplete":
        _become(account, moment, row, final or "past_due")
    return charge


def recover(
    account: Account, moment: Moment, invoice: Json, *, method: str | None = None, outside: bool = False
) -> Json | None:
    """An open invoice is paid after all, through Stripe or outside; its subscription is active again."""
    row = invoices.subscription_of(account, invoice)
    used = method or (account.hidden[row["id"]]["method"] if row is not None else "card")
    charge = None
    if outside:
        if invoice["status"] == "draft":
            invoices.finalize(account, moment, invoice)
        if invoice["status"] not in ("open", "uncollectible"):
            raise invalid(f"Invoice is already {invoice['status']}", None, "invoice_not_open")
        invoices.mark_paid(account, moment, invoice, outside=True)
    else:
        declined = account.hidden.get(invoice["customer"], {}).get("decline")
        charge = invoices.pay(account, moment, invoice, method=used, decline=declined)
    if invoice["status"] == "paid":
        reactivate(account, moment, row)
    return charge


def reactivate(account: Account, moment: Moment, row: Json | None) -> None:
    """A paid invoice makes a subscription that was behind active again."""
    if row is not None and row["status"] in ("past_due", "incomplete", "unpaid"):
        _become(account, moment, row, "active")


def _become(account: Account, moment: Moment, row: Json, status: str) -> None:
    previous = account.change(row, status=status)
    if previous:
        record(account, moment, "customer.subscription.updated", row, previous)


def settle(account: Account, moment: Moment, charge: Json) -> None:
    """A pending bank debit has been paid: its invoice is paid, its subscription is in order."""
    money.settle(account, moment, charge)
    invoice = account.by_id.get(invoice_of_intent(account, charge["payment_intent"]) or "")
    if invoice is not None and invoice["status"] == "open":
        account.change(invoice, attempt_count=invoice["attempt_count"] - 1)
        invoices.mark_paid(account, moment, invoice)
        reactivate(account, moment, invoices.subscription_of(account, invoice))


def fail_late(
    account: Account, moment: Moment, charge: Json, *, code: str = "insufficient_funds", fee: int = 0
) -> Json:
    """A bank debit comes back; the balance transaction of the failure. An invoice not yet paid stays open."""
    balance = money.fail_late(account, moment, charge, code, fee)
    invoice = account.by_id.get(invoice_of_intent(account, charge["payment_intent"]) or "")
    if invoice is not None and invoice["status"] == "open":
        invoices.payment_failed(account, moment, invoice, counted=True)
        row = invoices.subscription_of(account, invoice)
        if row is not None and row["status"] in RUNNING:
            _become(account, moment, row, "past_due")
    return balance
