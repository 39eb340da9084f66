"""What time alone brings about: a trial that will end, an invoice that is overdue.

Stripe tells of a trial's end three days before it, or when it begins if it is shorter, and of an invoice that waits for
the customer when its due date passes (https://docs.stripe.com/api/events/types).
"""

from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json
from connectors.stripe.sandbox.state import Account, Moment

NOTICE = 3 * 86_400
"""Seconds before a trial's end."""


def pass_by(account: Account, until: int, *, deliver: bool) -> None:
    """Tell of every deadline up to this instant that was not told of, in the order of time."""
    rows = [row for row in account.rows("subscription").values() if row["status"] == "trialing"]
    rows += [row for row in account.rows("invoice").values() if row["status"] == "open" and row["due_date"] is not None]
    for at, row in sorted(((_told_at(row), row) for row in rows), key=lambda one: one[0]):
        if at <= until:
            _tell(account, Moment(at, deliver), row)


def begin_trial(account: Account, moment: Moment, row: Json) -> None:
    """A trial begins, or ends at another time than before: when that is soon, it is told at once."""
    if row["status"] == "trialing" and _told_at(row) <= moment.at:
        _tell(account, moment, row)


def _told_at(row: Json) -> int:
    at: int = row["due_date"] if row["object"] == "invoice" else max(row["trial_start"], row["trial_end"] - NOTICE)
    return at


def _tell(account: Account, moment: Moment, row: Json) -> None:
    """Once for each date: a date that was moved is told of again."""
    about, invoice = account.hidden.setdefault(row["id"], {}), row["object"] == "invoice"
    date = row["due_date"] if invoice else row["trial_end"]
    if about.get("told_of") != date:
        about["told_of"] = date
        record(account, moment, "invoice.overdue" if invoice else "customer.subscription.trial_will_end", row)
