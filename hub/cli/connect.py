"""`hub connect`: a key is asked for, tried, and written to .env only when it works."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from hub import bootstrap
from hub.cli import asking
from hub.cli.added import add_connection, how_to_add
from hub.cli.opened import Say
from hub.core.errors import ConfigError, HubError, TransientError
from hub.core.protocol import Connector, ConnectorSpec
from hub.core.types import Sight, Thing
from hub.dotenv import write_variables
from hub.environment import connection_prefix, read_environment
from hub.mapping.loader import Configured
from hub.mapping.model import ConnectionConfig
from hub.mapping.shape import alternatives
from hub.nearest import nearest
from hub.settings import HubSettings, connection_settings, load_settings

DOTENV = Path(".env")
TRIES = 3
ENDS_SOON = timedelta(days=30)
SHOWN = 12
"""Of things of one kind, so many are named."""
NOT_ASKED = {"webhook_secrets", *ConnectionConfig.model_fields}
"""Fields that the hub fills itself or that stand in business.yaml."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The connection that is to be made. `extra`: what business.yaml says of it."""

    business: str
    connection: str
    spec: ConnectorSpec[Any]
    extra: Mapping[str, object]

    @property
    def prefix(self) -> str:
        return connection_prefix(self.business, self.connection)


def connect(connection: str, business: str | None, given: Sequence[str], say: Say) -> int:
    """`hub connect`: 0 when it works and is written down, 1 when not."""
    settings = load_settings()
    item = _business(settings, business)
    item = _with_connection(settings, item, connection, say)
    spec = bootstrap.specs(item)[connection]
    extra = bootstrap.from_mapping(item, connection)
    wanted = Wanted(item.business.key, connection, spec, extra)
    if connect_one(settings, wanted, _assigned(wanted, given), say) is None:
        return 1
    config = item.business.connections[connection]
    if spec.follows is not None and config.follow is None:
        say(
            f"Next: say in {item.folder / 'business.yaml'} which {spec.follows}s the hub reads and listens to, like\n"
            f"  {connection}: {{follow: [{spec.follows.capitalize()} A, {spec.follows.capitalize()} B]}}"
        )
    say("Then: `hub check`." if spec.follows is not None and config.follow is None else "Next: `hub check`.")
    return 0


def connect_one(settings: HubSettings, wanted: Wanted, given: Mapping[str, str], say: Say) -> Sight | None:
    """Ask, try and write down. None when it does not work: then nothing is written.

    `given`: fields that need not be asked. Without a terminal nothing else is, and there is one try.
    """
    terminal = asking.is_terminal()
    if terminal:
        page = wanted.spec.key_page or "See the README of the connector."
        say(f"{wanted.spec.title}: where the key is found\n  {page}")
    for attempt in range(TRIES):
        values = dict(given)
        if terminal:
            values |= _asked(wanted, values if not attempt else {}, say)
        sight = _tried(settings, wanted, values, say)
        if sight is not None:
            _show(sight, wanted.spec, say)
            _write(values, say)
            return sight
        if not terminal:
            break
        if attempt + 1 < TRIES and not asking.yes("Try again?"):
            break
    say("Nothing was written.")
    return None


def _business(settings: HubSettings, business: str | None) -> Configured:
    loaded = bootstrap.load_mappings(settings)
    found = {item.business.key: item for item in loaded.businesses}
    if business is None and len(found) == 1:
        return next(iter(found.values()))
    if business in found and business is not None:
        return found[business]
    if loaded.errors and not found:
        raise ConfigError("\n".join(str(problem) for problem in loaded.errors))
    if not found:
        raise ConfigError(f"There is no business in {settings.mappings} yet. `hub init` makes one and connects it.")
    raise ConfigError(
        f"Say which business with --business: {', '.join(found)}"
        if business is None
        else f"No business is called {business}. There are: {', '.join(found)}"
    )


def _with_connection(settings: HubSettings, item: Configured, connection: str, say: Say) -> Configured:
    """The business with that connection in it: added to business.yaml when the person wants it."""
    connectors = bootstrap.connectors()
    if connection in item.business.connections:
        connector = item.business.connections[connection].connector or connection
        if connector not in connectors:
            raise ConfigError(f"There is no connector {connector}. There are: {', '.join(connectors)}.")
        return item
    known = [*item.business.connections, *connectors]
    if connection not in connectors:
        near = nearest(connection, known)
        meant = f" Did you mean {near}?" if near else ""
        raise ConfigError(
            f"{item.business.key} has no connection {connection}, and no connector is called so.{meant} "
            f"Connectors: {', '.join(connectors)}."
        )
    file = item.folder / "business.yaml"
    if not asking.is_terminal() or not asking.yes(f"{connection} does not stand in {file} yet. Add it?"):
        raise ConfigError(f"{connection} is no connection of {item.business.key} yet. {how_to_add(file, connection)}")
    add_connection(file, connection)
    say(f"Added to {file}.")
    return _business(settings, item.business.key)


def _assigned(wanted: Wanted, given: Sequence[str]) -> dict[str, str]:
    """`--set field=value` as variables; `field=-` takes a line of standard input, as every secret must."""
    fields = wanted.spec.settings.model_fields
    values: dict[str, str] = {}
    for each in given:
        field, equals, value = each.partition("=")
        if not equals:
            raise ConfigError(
                f"--set {field}: write it as --set FIELD=VALUE, or --set FIELD=- to read a line of input."
            )
        if field not in fields:
            near = nearest(field, fields)
            meant = f"Did you mean {near}? " if near else ""
            raise ConfigError(f"{wanted.spec.title} has no setting {field}. {meant}It has: {', '.join(fields)}.")
        if value == "-":
            value = sys.stdin.readline().strip()
            if not value:
                raise ConfigError(f"--set {field}=-: no line came on standard input.")
        elif is_secret(fields[field]):
            raise ConfigError(
                f"{field} is a secret: on the command line others can read it, and the shell keeps it. "
                f"Use --set {field}=- and give it on standard input."
            )
        values[wanted.prefix + field.upper()] = value
    return values


def is_secret(field: FieldInfo) -> bool:
    """Whether what stands there must not be seen."""
    return any(
        kind is SecretStr or SecretStr in getattr(kind, "__args__", ()) for kind in alternatives(field.annotation)
    )


def _to_ask(field: FieldInfo) -> bool:
    """What has no default, and what may be left out; not what the connector fills in well itself."""
    return field.is_required() or (field.default is None and set(alternatives(field.annotation)) <= {str, SecretStr})


def _asked(wanted: Wanted, given: Mapping[str, str], say: Say) -> dict[str, str]:
    stands = read_environment(os.environ, DOTENV).variables
    values: dict[str, str] = {}
    for name, field in wanted.spec.settings.model_fields.items():
        variable = wanted.prefix + name.upper()
        if name in NOT_ASKED or variable in given or not _to_ask(field):
            continue
        say(f"\n{name}: {field.description or ''}")
        kept = stands[variable].place if variable in stands else None
        optional = "" if field.is_required() or kept else " (Enter leaves it out)"
        if is_secret(field):
            answer = asking.hidden(f"{name}{optional}, not shown", kept=kept)
        else:
            default = stands[variable].value if kept else None
            answer = asking.text(f"{name}{optional}", default, optional=not field.is_required())
            answer = "" if answer == default else answer
        if answer:
            values[variable] = answer
    return values


def _tried(settings: HubSettings, wanted: Wanted, values: Mapping[str, str], say: Say) -> Sight | None:
    try:
        built = connection_settings(
            wanted.spec.settings, wanted.business, wanted.connection, wanted.extra, typed=values, dotenv=DOTENV
        )
    except ConfigError as error:
        say(str(error))
        return None
    say(f"\nAsking {wanted.spec.title} …")
    try:
        with bootstrap.trial(settings, wanted.business, wanted.connection, wanted.spec, built) as live:
            return seen(live)
    except TransientError as error:
        say(f"It could not be tried: {error}")
    except HubError as error:
        say(f"It does not work: {error}")
    return None


def seen(live: Connector) -> Sight:
    """What the key sees. Raises what the provider raises."""
    if live.directory is not None:
        return live.directory.look()
    sides = (live.source, live.destination, live.messenger)
    lines = [line for side in sides if side is not None for line in side.check()]
    return Sight(account="; ".join(dict.fromkeys(lines)) or "it answers")


def _show(sight: Sight, spec: ConnectorSpec[Any], say: Say) -> None:
    say(f"It works: {sight.account}")
    for kind in dict.fromkeys(thing.kind for thing in sight.things):
        say(f"  {counted(kind, [thing for thing in sight.things if thing.kind == kind])}")
    if spec.follows is not None and not any(thing.kind == spec.follows for thing in sight.things):
        say(f"  No {spec.follows} is seen with it. Give the key access to what is to be followed.")
    for warning in sight.warnings:
        say(f"  warning: {warning}")
    if sight.ends_at is not None:
        left = sight.ends_at - bootstrap.utc_now()
        soon = f", in {max(left.days, 0)} days: make a new one before" if left < ENDS_SOON else ""
        say(f"  {'warning: ' if soon else ''}The key ends on {sight.ends_at:%Y-%m-%d}{soon}.")


def counted(kind: str, things: Sequence[Thing]) -> str:
    """3 projects: « A », « B », « C »."""
    names = ", ".join(f"« {thing.name} »" for thing in things[:SHOWN])
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    plural = kind if len(things) == 1 else f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{len(things)} {plural}: {names}{more}"


def _write(values: Mapping[str, str], say: Say) -> None:
    if not values:
        say("Nothing was written: what is set already works.")
        return
    for note in write_variables(DOTENV, values):
        say(f"note  {note}")
    say(f"Written to {DOTENV}: {', '.join(values)}")
    before = [name for name in values if os.environ.get(name, values[name]) != values[name]]
    for name in before:
        say(f"note  {name} is also set in the environment, to something else, and that comes first. Take it out there.")
