"""`hub person` and `hub forget`: what is stored about somebody, and taking it out."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import click

from hub.cli.opened import Say, chosen, only, opened
from hub.cli.shown import COLUMNS
from hub.core.errors import ConfigError
from hub.engine.forgetting import Receipt, forget
from hub.engine.persons import Person, address_of, find
from hub.engine.runtime import Runtime

TABLES: Mapping[str, str] = {
    "deliveries": "webhook deliveries that hold her address, as they came",
    "journeys": "journeys",
    "marks": "what people said of her journeys",
    "aliases": "addresses that are one person's",
    "ledger": "effects: mails, rows and copies made for her",
    "links": "what the hub remembers of what it wrote for her",
    "mails": "mails: to whom, about what, when",
    "said": "what was said in mails",
    "answers": "answers to mails",
    "edits": "changes of people that were put back",
    "plans": "plans that name her",
    "runs": "runs whose names or errors name her",
    "jobs": "jobs whose last error names her",
    "dead_letters": "records that could not be read",
    "figures": "figures whose proof names her",
    "refused": "a mail server refused her address",
    "unsubscribed": "she wants no more mails",
}
"""Table -> what its rows are, for people."""


def person(words: str, business: str | None, say: Say) -> int:
    """Prints counts and places. 0 when something is stored about her, 1 when nothing is."""
    address, found = address_of(words), False
    with opened() as hub:
        for runtime in chosen(hub, business):
            with runtime.store.read() as conn:
                known = find(conn, runtime, address)
            found = found or known.known
            _shown(runtime, address, known, say)
    return 0 if found else 1


def _shown(runtime: Runtime, address: str, known: Person, say: Say) -> None:
    if known.forgotten_at is not None:
        say(f"{runtime.key}: {address} was forgotten on {known.forgotten_at:%Y-%m-%d}; only a hash of it is kept.")
    if not known.known:
        say(f"{runtime.key}: nothing names {address}.")
        return
    say(f"{runtime.key}: {address}{f' ({names})' if (names := ', '.join(sorted(known.names))) else ''}")
    others = sorted(known.addresses - {address})
    if others:
        say(f"  the same person: {', '.join(others)}")
    for (connection, stream), count in sorted(known.streams.items()):
        say(f"  {count:>5}  {connection}/{stream}: read from {_title(runtime, connection)}")
    for table, count in known.tables.items():
        say(f"  {count:>5}  {table}: {TABLES.get(table, 'rows that name her')}")
    for journey in known.journeys:
        say(f"         journey {journey.offer}, {journey.state}, since {journey.opened_at:%Y-%m-%d}")
    if known.naming:
        say(f"  {len(known.naming):>5}  records of others that name her, like tasks and pages:")
        for connection, record in known.naming[:10]:
            say(f"         {connection}/{record.stream}/{record.key}")
        if len(known.naming) > 10:
            say(f"         … and {len(known.naming) - 10} more")
    say(f"`hub forget {address}` takes it out.")


def _title(runtime: Runtime, connection: str) -> str:
    return runtime.title(connection) if connection in runtime.specs else connection


def forget_person(words: str, business: str | None, yes: bool, say: Say) -> None:
    """Asks, unless `yes`; takes her out and prints the receipt."""
    address = address_of(words)
    with opened() as hub:
        runtime = only(hub, business)
        with runtime.store.read() as conn:
            known = find(conn, runtime, address)
        if not known.known:
            raise ConfigError(f"{runtime.key}: nothing is stored about {address}; nothing was changed.")
        if not yes:
            _shown(runtime, address, known, say)
            say("Amounts and dates stay, so that totals do. Who she is cannot be brought back from what stays.")
            if not click.confirm("Forget her?"):
                raise ConfigError("Nothing was changed.")
        _receipt(runtime, forget(runtime, address), say)


def _receipt(runtime: Runtime, receipt: Receipt, say: Say) -> None:
    say(f"{runtime.key}: forgotten on {receipt.at:%Y-%m-%d %H:%M} UTC. She is {receipt.mark} from now on.")
    for (connection, stream), count in sorted(receipt.records.items()):
        say(f"  {count:>5}  {connection}/{stream}: amounts, dates and states kept, identity gone")
    for table, count in receipt.tables.items():
        done = "removed" if table in ("deliveries", "aliases") else "her name and address replaced"
        say(f"  {count:>5}  {table}: {done}")
    if receipt.stopped:
        say(f"  {receipt.stopped:>5}  journeys stopped, which begin no more by themselves")
    say("A later read of the tools brings nothing of it back. What is left for you:")
    for line in receipt.outside:
        wrapped = textwrap.wrap(
            line, COLUMNS, initial_indent="  [ ] ", subsequent_indent="      ", break_long_words=False
        )
        for each in wrapped:
            say(each)
