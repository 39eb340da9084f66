"""Commands about clients: their journeys, and what is stored about a person."""

from __future__ import annotations

import sys

import click

from hub.cli.waiting import Listing

_business = click.option("--business", help="Which business, when there are several.")
_job = click.option("--job", help="Which job, when she has several journeys.")
_person = click.argument("person")


class Story(Listing):
    """What is no command is a person, whose journey is shown; nothing at all lists them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names and args[0][:1] != "-":
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Story, invoke_without_command=True)
def journey() -> None:
    """The journey of a PERSON (an address, a name or an id) with times and proofs; or what you say of it."""


@journey.command(name="list")
@_business
def list_journeys(business: str | None) -> None:
    """How many there are, and those that wait for you."""
    from hub.cli.journey_story import listed

    listed(business, click.echo)


@journey.command(name="show")
@_person
@_job
@_business
def show_journey(person: str, job: str | None, business: str | None) -> None:
    """What happened, each step with its proof, and what comes next."""
    from hub.cli.journey_story import story

    story(person, business, job, click.echo)


@journey.command()
@_person
@_job
@_business
def pause(person: str, job: str | None, business: str | None) -> None:
    """Nothing more is done until `resume`."""
    from hub.cli.journey import order

    order("pause", person, business, job, click.echo)


@journey.command()
@_person
@_job
@_business
def resume(person: str, job: str | None, business: str | None) -> None:
    """Go on with one that was paused or stopped, or with a step that was given up."""
    from hub.cli.journey import order

    order("resume", person, business, job, click.echo)


@journey.command()
@_person
@_job
@_business
def stop(person: str, job: str | None, business: str | None) -> None:
    """End it. What was made for her stays where it is."""
    from hub.cli.journey import order

    order("stop", person, business, job, click.echo)


@journey.command()
@_person
@_job
@_business
def move(person: str, job: str | None, business: str | None) -> None:
    """Go on by the mapping as it is now, instead of the one that it began with."""
    from hub.cli.journey import order

    order("move_version", person, business, job, click.echo)


@journey.command()
@click.argument("person", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every client of before the hub.")
@_job
@_business
def allow(person: str | None, everybody: bool, job: str | None, business: str | None) -> None:
    """Begin one that was asked about, or --all of them."""
    from hub.cli.journey import allow_all, order

    if everybody == (person is not None):
        raise click.UsageError("Say a person, or --all.")
    if person is None:
        allow_all(business, job, click.echo)
    else:
        order("allow", person, business, job, click.echo)


@journey.command()
@_person
@click.argument("step")
@_job
@_business
def skip(person: str, step: str, job: str | None, business: str | None) -> None:
    """Leave out one STEP."""
    from hub.cli.journey import of_step

    of_step("skip", person, step, business, job, click.echo)


@journey.command()
@_person
@click.argument("step")
@_job
@_business
def tick(person: str, step: str, job: str | None, business: str | None) -> None:
    """Say that what a STEP asks for is done."""
    from hub.cli.journey import of_step

    of_step("tick", person, step, business, job, click.echo)


@journey.command()
@click.argument("address")
@_person
@_business
def alias(address: str, person: str, business: str | None) -> None:
    """Say that ADDRESS is PERSON's too."""
    from hub.cli.journey import alias

    alias(address, person, business, click.echo)


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[JOB] ADDRESS")
@click.option("--name", help="What she is called.")
@click.option("--again", is_flag=True, help="She was forgotten, and is a client again.")
@_business
def start(words: tuple[str, ...], name: str | None, again: bool, business: str | None) -> None:
    """Open a journey by hand, or say yes to one that was asked about."""
    from hub.cli.journey import start

    start(words, name, again, business, click.echo)


@click.command()
@click.argument("address")
@_business
def person(address: str, business: str | None) -> None:
    """What is stored about a person: how much, and where."""
    from hub.cli.person import person

    sys.exit(person(address, business, click.echo))


@click.command()
@click.argument("address")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@_business
def forget(address: str, yes: bool, business: str | None) -> None:
    """Take a person out of the store. Totals stay; a receipt says what is left to do elsewhere."""
    from hub.cli.person import forget_person

    forget_person(address, business, yes, click.echo)
