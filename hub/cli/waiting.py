"""Commands about what waits for a person: held plans and uncertain effects."""

from __future__ import annotations

import sys

import click

business_option = click.argument("business", required=False)


class Listing(click.Group):
    """Lists by itself; what follows is a business, unless it is a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Listing, invoke_without_command=True)
def held() -> None:
    """The plans that wait for a person: list them (of a BUSINESS or of all), apply one, or drop it."""


@held.command(name="list")
@business_option
def list_held(business: str | None) -> None:
    """Each held plan with its id, its age and why it waits."""
    from hub.cli.held import held

    held(business, click.echo)


@held.command(name="apply")
@click.argument("plan_id")
def apply_held(plan_id: str) -> None:
    """The same as `hub apply`."""
    from hub.cli.work import apply

    sys.exit(apply(plan_id, click.echo))


@held.command(name="drop")
@click.argument("plan_id")
@click.option("--reason", help="Why, for whoever reads it later.")
def drop_held(plan_id: str, reason: str | None) -> None:
    """Decide against it. The same plan is not held again; one that differs is."""
    from hub.cli.held import drop

    drop(plan_id, reason, click.echo)


@click.group(cls=Listing, invoke_without_command=True)
def uncertain() -> None:
    """What may have happened or not: list it (of a BUSINESS or of all), and say what you found."""


@uncertain.command(name="list")
@business_option
def list_uncertain(business: str | None) -> None:
    """Each uncertain effect with its id and why nobody knows."""
    from hub.cli.uncertain import uncertain

    uncertain(business, click.echo)


@uncertain.command(name="happened")
@click.argument("effect_id")
def it_happened(effect_id: str) -> None:
    """It happened: it counts as done."""
    from hub.cli.uncertain import settle

    settle(effect_id, True, click.echo)


@uncertain.command(name="again")
@click.argument("effect_id")
def do_again(effect_id: str) -> None:
    """It did not happen: it is done once more, if it is still wanted."""
    from hub.cli.uncertain import settle

    settle(effect_id, False, click.echo)
