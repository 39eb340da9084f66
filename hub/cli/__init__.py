"""The command line. Each command imports what it needs when it is called, so that `hub --help` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from hub import __version__
from hub.cli.clients import forget, journey, person, start
from hub.cli.figures import bridge, commission, figures, launch, okr
from hub.cli.log import show_log
from hub.cli.paid import paid
from hub.cli.waiting import business_option, held, uncertain
from hub.core.errors import HubError


class Commands(click.Group):
    """Shows an error that a person can act on as a sentence, anything else as the defect that it is."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HubError as error:
            click.secho(str(error), fg="red", err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hub")
@click.option("--verbose", "-v", is_flag=True, help="Show what happens inside.")
def main(verbose: bool) -> None:
    """The automation hub for a business's tools: what the mappings promise, it keeps.

    Start with `hub demo`, which needs no key. The real thing: write mappings/, put the keys in .env, then
    `hub check`, `hub plan`, `hub up`.
    """
    show_log("INFO" if verbose else "WARNING")


for command in (held, uncertain, journey, start, person, forget, figures, okr, paid, commission, bridge, launch):
    main.add_command(command)


@main.command()
@click.option("--once", is_flag=True, help="End when the story has been told: 0 if every figure is what it says.")
def demo(once: bool) -> None:
    """Play the whole product against sandboxes of the providers. Needs no key and leaves nothing behind."""
    from hub.demo.play import play

    sys.exit(play(once=once, say=click.echo))


@main.command()
def up() -> None:
    """Run everything on this machine: the API, the worker, Prefect with its UI. Stops with Ctrl-C."""
    from hub.cli.run import up

    up(click.echo)


@main.command()
def api() -> None:
    """Run the API alone: webhooks, health, status."""
    from hub.cli.run import api

    api()


@main.command()
def worker() -> None:
    """Run a worker alone: it reads, plans and writes, and shows its runs in Prefect (HUB_PREFECT_API_URL)."""
    from hub.cli.run import worker

    worker()


@main.command()
@click.option("--offline", is_flag=True, help="Read the files only; do not try the keys.")
def check(offline: bool) -> None:
    """Does the configuration load, are the names known, do the keys work?"""
    from hub.cli.check import check

    sys.exit(check(offline, click.echo))


@main.command()
@business_option
@click.option("--language", type=click.Choice(["fr", "en"]), help="Not the language of the business, but this one.")
@click.option("--markdown", is_flag=True, help="As Markdown, to paste elsewhere.")
def explain(business: str | None, language: Literal["fr", "en"] | None, markdown: bool) -> None:
    """Read the configuration aloud: what each job promises, with the defaults in force. Needs no key."""
    from hub.cli.explain import explain_files

    sys.exit(explain_files(business, language, markdown, click.echo))


@main.command()
@business_option
def test(business: str | None) -> None:
    """Run the examples that stand in the mappings. Needs no key, calls nobody."""
    from hub.cli.trial import try_files

    sys.exit(try_files(business, click.echo))


@main.command()
@business_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def setup(business: str | None, yes: bool) -> None:
    """Make the databases and properties that the jobs need and that are not there. Changes none that is."""
    from hub.cli.setup import setup

    sys.exit(setup(business, yes, click.echo))


@main.command()
@click.argument("folder", required=False)
@click.option(
    "--answers", type=click.Path(dir_okay=False), help="A YAML file with the answers; see docs/connecting.md."
)
@click.option("--name", help="The business' name.")
@click.option("--language", help="What people read: fr or en.")
@click.option("--timezone", help="Area and city, like Europe/Paris.")
@click.option("--currency", help="Three letters, like EUR.")
@click.option("--connection", "connections", multiple=True, help="A connector by name; may be given several times.")
@click.option("--job", help="The first job, like revenue_kpis; none: no job yet.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take the usual answer where none is given.")
def init(
    folder: str | None,
    answers: str | None,
    name: str | None,
    language: str | None,
    timezone: str | None,
    currency: str | None,
    connections: tuple[str, ...],
    job: str | None,
    yes: bool,
) -> None:
    """Make the folder of a business by asking, and connect what it works with. Overwrites nothing."""
    from hub.cli.init import init

    flags = {
        "business": name,
        "language": language,
        "timezone": timezone,
        "currency": currency,
        "connections": list(connections),
        "job": job,
    }
    sys.exit(init(folder, answers, flags, yes, click.echo))


@main.command()
@click.argument("connection")
@click.option("--business", help="Which business, when there are several.")
@click.option(
    "--set", "given", multiple=True, metavar="FIELD=VALUE", help="Not asked for; FIELD=- reads it from input."
)
def connect(connection: str, business: str | None, given: tuple[str, ...]) -> None:
    """Ask for a connection's key, try it, say what it sees, and write it to .env when it works."""
    from hub.cli.connect import connect

    sys.exit(connect(connection, business, given, click.echo))


@main.command()
@business_option
@click.option("--no-wait", is_flag=True, help="Do not wait for what a person does at the provider.")
@click.option("--again", is_flag=True, help="Make a webhook anew that a person makes by hand.")
def listen(business: str | None, no_wait: bool, again: bool) -> None:
    """Have the providers call this hub (HUB_PUBLIC_URL): registers the webhooks that are not there yet."""
    from hub.cli.listen import listen

    sys.exit(listen(business, not no_wait, again, click.echo))


@main.command()
@business_option
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text")
@click.option("--full", is_flag=True, help="Every row and field, however many.")
def plan(business: str | None, form: Literal["text", "markdown", "json"], full: bool) -> None:
    """What would change, field by field, and why. Saved with an id for `hub apply`."""
    from hub.cli.work import plan

    plan(business, form, full, click.echo)


@main.command()
@click.argument("plan_id")
def apply(plan_id: str) -> None:
    """Do exactly what a saved or held plan says, or refuse because the world moved, and name what did."""
    from hub.cli.work import apply

    sys.exit(apply(plan_id, click.echo))


@main.command()
@business_option
def sync(business: str | None) -> None:
    """Observe, plan and apply now."""
    from hub.cli.work import sync

    sys.exit(sync(business, click.echo))


@main.command()
@business_option
@click.option("--again", is_flag=True, help="Read everything from the start and drop what is gone.")
def backfill(business: str | None, again: bool) -> None:
    """Read the history of every source into the mirror. Goes on where an interrupted one stopped."""
    from hub.cli.work import backfill

    backfill(business, again, click.echo)


@main.command()
@business_option
@click.option("--json", "as_json", is_flag=True, help="The same as the status API answers.")
def status(business: str | None, as_json: bool) -> None:
    """How each connection and job is: last proof of life, what waits, what is dead, held or paused, and why."""
    from hub.cli.look import status

    sys.exit(status(business, as_json, click.echo))


@main.command()
@click.argument("run", required=False, type=int)
@click.option("--business", help="Which business, when there are several.")
@click.option("--full", is_flag=True, help="Every row and field, however many.")
def undo(run: int | None, business: str | None, full: bool) -> None:
    """Plan how to take back what a RUN wrote, and save it for `hub apply`. Without RUN: the last runs that wrote."""
    from hub.cli.undo import plan_undo, written

    if run is None:
        written(business, click.echo)
    else:
        sys.exit(plan_undo(run, business, full, click.echo))


@main.command()
@click.argument("job")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="So many days, to today.")
@click.option("--business", help="Which business, when there are several.")
def backtest(job: str, days: int, business: str | None) -> None:
    """What a JOB would have done, day by day, on the mirrored history. Writes and sends nothing."""
    from hub.cli.backtest import backtest

    backtest(job, days, business, click.echo)


@main.command()
@click.argument("what")
@click.argument("period", required=False)
@click.option("--business", help="Which business, when there are several.")
@click.option("--currency", help="Of a figure: only this currency, like EUR.")
@click.option("--against", metavar="PERIOD", help="Of a figure: why it changed since that month, line by line.")
def why(what: str, period: str | None, business: str | None, currency: str | None, against: str | None) -> None:
    """FIGURE PERIOD: the amounts, tasks or clients that it was counted from. RECORD: which rules were true or false.

    PERIOD is a month like 2026-10; a figure of clients has none. RECORD is connection/stream/key, or a part of a title
    that only one record has.
    """
    from hub.planning.journeys.figures import NOW, UNITS

    if what in UNITS and period in (None, NOW):
        from hub.cli.look import why_clients

        why_clients(what, business, click.echo)
        return
    if period is None:
        if against is not None:
            raise click.UsageError("--against needs FIGURE and PERIOD, like `hub why mrr 2026-11 --against 2026-10`.")
        from hub.cli.why_record import why_record

        sys.exit(why_record(what, business, click.echo))
    from hub.cli.look import why

    sys.exit(why(what, period, against, business, currency, click.echo))


@main.command()
@business_option
def dead(business: str | None) -> None:
    """The dead letters: records that could not be read, with the reason."""
    from hub.cli.look import dead

    dead(business, click.echo)


@main.command()
@click.argument("letter", required=False, type=int)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@click.option("--business", help="Which business, when there are several.")
def replay(letter: int | None, everything: bool, business: str | None) -> None:
    """Try a dead letter again (its number from `hub dead`), or all of them."""
    from hub.cli.look import replay

    replay(letter, everything, business, click.echo)


@main.command()
@click.argument("kind", required=False)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write a file for each into this folder.")
def schema(kind: str | None, out: Path | None) -> None:
    """The JSON Schema of business.yaml or of a kind of job, with which editors complete and check mappings."""
    from hub.cli.schema import schema

    schema(kind, out, click.echo)


@main.command()
@business_option
def migrate(business: str | None) -> None:
    """Lift the mappings that are written in an older version of the language. Keeps their comments."""
    from hub.cli.migrate import migrate

    sys.exit(migrate(business, click.echo))


@main.group()
def new() -> None:
    """Begin something that others can go on with."""


@new.command()
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=".", help="Where its folder goes.")
def connector(name: str, into: Path) -> None:
    """A connector for another provider: a complete package called NAME that keeps every promise as it is."""
    from hub.cli.new import new_connector

    new_connector(name, into, click.echo)
