"""Commands about figures: what was known of them when, objectives, statements, launches, and other tools' numbers."""

from __future__ import annotations

from datetime import datetime

import click

from hub.cli.waiting import Listing, business_option

_business = click.option("--business", help="Which business, when there are several.")
_day = click.DateTime(["%Y-%m-%d"])


@click.command()
@business_option
@click.option("--as-of", "day", type=_day, metavar="DATE", help="As they were known at the end of that day.")
@click.option(
    "--months", type=click.IntRange(1, 36), default=4, show_default=True, help="So many months, to the last one."
)
def figures(business: str | None, day: datetime | None, months: int) -> None:
    """Every figure, month by month: as it is known now, or as it was known on a day, and what changed since."""
    from hub.cli.figures_known import known

    known(business, None if day is None else day.date(), months, click.echo)


@click.group(cls=Listing, invoke_without_command=True)
def okr() -> None:
    """Objectives and key results: how far each is and what that means today; or enter one by hand."""


@okr.command(name="list")
@business_option
def list_okr(business: str | None) -> None:
    """Each key result with its progress and what the day asks for."""
    from hub.cli.okr import listed

    listed(business, click.echo)


@okr.command(name="set", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("value")
@_business
def set_okr(name: str, value: str, business: str | None) -> None:
    """Enter today's VALUE of the key result NAME. A second word of the same day stands instead of the first."""
    from hub.cli.okr import enter

    enter(name, value, business, click.echo)


@click.command()
@click.argument("month", required=False)
@click.option("--freeze", is_flag=True, help="Number the statement and keep it as it is, for ever.")
@click.option("--agreement", help="Only this one, by its short name in the file.")
@_business
def commission(month: str | None, freeze: bool, agreement: str | None, business: str | None) -> None:
    """What is due for a MONTH (without one: the last that is over), with the lines that it is made of."""
    from hub.cli.commission import show

    show(month, freeze, agreement, business, click.echo)


@click.command()
@click.argument("figure")
@click.argument("period")
@click.option("--theirs", required=True, metavar="AMOUNT", help="What Stripe or another tool says, like 12345.67.")
@click.option("--currency", help="Which one, like EUR; without it: the business's own.")
@_business
def bridge(figure: str, period: str, theirs: str, currency: str | None, business: str | None) -> None:
    """Why another tool says another number for a FIGURE of a PERIOD: cause by cause, and what no cause explains."""
    from hub.cli.bridge import explain

    explain(figure, period, theirs, currency, business, click.echo)


@click.command()
@click.argument("name", required=False)
@_business
def launch(name: str | None, business: str | None) -> None:
    """The launch of that NAME (without one: all of them): sales by day, money, conversion, against the one before."""
    from hub.cli.launch import show

    show(name, business, click.echo)
