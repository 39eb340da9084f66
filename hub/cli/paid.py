"""The command about what was paid outside Stripe."""

from __future__ import annotations

from datetime import datetime

import click

from hub.cli.waiting import Listing, business_option

_business = click.option("--business", help="Which business, when there are several.")
_job = click.option("--job", help="Which file counts it, when several do: its name without .yaml.")
_day = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Listing, invoke_without_command=True)
def paid() -> None:
    """What was paid outside Stripe: list it (of a BUSINESS), add a payment, or remove one."""


@paid.command(name="list")
@business_option
def list_paid(business: str | None) -> None:
    """Each payment with its number, and the file and line in which it stands."""
    from hub.cli.paid_outside import listed

    listed(business, click.echo)


@paid.command(name="add")
@click.argument("amount")
@click.argument("currency", required=False)
@click.option("--day", type=_day, metavar="DATE", help="When it was paid; without it: today.")
@click.option("--how", type=click.Choice(["transfer", "cheque", "cash", "other"]), help="Without it: by transfer.")
@click.option("--offer", help="What was sold, by its name in Stripe or in a launch.")
@click.option("--client", help="Who paid: a name, or an address.")
@click.option("--note", help="What else there is to say.")
@_job
@_business
def add_paid(
    amount: str,
    currency: str | None,
    day: datetime | None,
    how: str | None,
    offer: str | None,
    client: str | None,
    note: str | None,
    job: str | None,
    business: str | None,
) -> None:
    """Write down that AMOUNT was paid, in CURRENCY (without it: the business's own), as a line of the job's file."""
    from hub.cli.paid_outside import add

    said = f"{amount} {currency or ''}".strip()
    more = {"how": how, "offer": offer, "client": client, "note": note}
    add(said, None if day is None else day.date(), more, job, business, click.echo)


@paid.command(name="remove")
@click.argument("number")
@_job
@_business
def remove_paid(number: str, job: str | None, business: str | None) -> None:
    """Take the payment with that NUMBER (from `hub paid`) out of the file, as if it had never been entered."""
    from hub.cli.paid_outside import remove

    remove(number, job, business, click.echo)
