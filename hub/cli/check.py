"""`hub check`: what a person can put right before anything runs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hub import bootstrap
from hub.bootstrap import Hub, open_hub
from hub.cli.listen import notes
from hub.cli.opened import Say
from hub.core.errors import HubError
from hub.core.types import Ref
from hub.engine.planners import make_plan
from hub.engine.runtime import Runtime
from hub.engine.target import in_order
from hub.environment import connection_prefix, read_environment
from hub.mapping.jobs import Job
from hub.settings import env_warnings, load_settings, unknown_keys

GOOD, BAD, NOTE = click.style("ok", fg="green"), click.style("error", fg="red"), click.style("note", fg="yellow")


def check(offline: bool, say: Say) -> int:
    """Prints a line for each thing looked at. 0 when nothing is wrong, 1 otherwise."""
    settings = load_settings()
    for warning in env_warnings():
        say(f"{NOTE}  {warning}")
    with open_hub(settings) as hub:
        errors = [problem for problem in hub.loaded.problems if problem.severity == "error"]
        for problem in hub.loaded.problems:
            say(str(problem))
        for file in sorted(hub.kept):
            say(f"{NOTE}  {file}: a running hub goes on with the last good version of it")
        for item in hub.loaded.businesses:
            jobs = ", ".join(job.name for job in item.jobs) or "no job"
            say(f"{GOOD}  {item.business.key}: the mappings load ({jobs})")
        wrong = len(errors)
        if hub.runtimes:  # else every key would look like nobody's
            wrong += _unknown(hub, say)
        if not offline:
            wrong += sum(_business(hub, runtime, say) for runtime in hub.runtimes.values())
    say("Nothing is wrong." if not wrong else f"{wrong} thing{'s' if wrong > 1 else ''} to put right.")
    return 1 if wrong else 0


def _unknown(hub: Hub, say: Say) -> int:
    prefixes = {
        connection_prefix(item.business.key, name): spec.settings
        for item in hub.loaded.businesses
        for name, spec in bootstrap.specs(item).items()
    }
    unknown = unknown_keys(read_environment(os.environ, Path(".env")).variables, prefixes)
    for line in unknown:
        say(f"{BAD}  {line}")
    return len(unknown)


def _business(hub: Hub, runtime: Runtime, say: Say) -> int:
    targets = [name for job in runtime.jobs.values() for name in job.writes]
    wrong = 0
    used = dict.fromkeys((*runtime.sources(), *targets))
    for connection in used:
        try:
            for line in _lines(runtime, connection):
                say(f"{GOOD}  {runtime.key} · {connection}: {line}")
            live = runtime.connector(connection)
            for line in notes(hub, runtime, connection, live) if connection in runtime.sources() else ():
                say(f"{NOTE}  {runtime.key} · {connection}: {line}")
        except HubError as error:
            say(f"{BAD}  {runtime.key} · {connection}: {error}")
            wrong += 1
    for connection in runtime.specs.keys() - used.keys():
        wrong += _unused(hub, runtime, connection, say)
    if not wrong:
        wrong += sum(_target(runtime, job, say) for job in runtime.jobs.values())
    return wrong


def _unused(hub: Hub, runtime: Runtime, connection: str, say: Say) -> int:
    """A connection that no job needs yet: without a key it waits, with one the key must work."""
    item = next(item for item in hub.loaded.businesses if item.business.key == runtime.key)
    try:
        bootstrap.connector_settings(item, connection)
    except HubError:
        say(f"{NOTE}  {runtime.key} · {connection}: not connected yet, and nothing uses it. `hub connect {connection}`")
        return 0
    try:
        for line in _lines(runtime, connection):
            say(f"{GOOD}  {runtime.key} · {connection}: {line}")
    except HubError as error:
        say(f"{BAD}  {runtime.key} · {connection}: {error}")
        return 1
    return 0


def _lines(runtime: Runtime, connection: str) -> list[str]:
    """What the sides of a connection say of themselves, each line once."""
    live = runtime.connector(connection)
    sides = (live.source, live.destination, live.messenger)
    return list(dict.fromkeys(line for side in sides if side is not None for line in side.check()))


def _target(runtime: Runtime, job: Job, say: Say) -> int:
    """Is what the job writes in there, and of the right shape?"""
    found: dict[str, Ref | None] = {}
    wrong = 0
    try:
        made = make_plan(runtime, job)
        for action in made.plan.actions:
            if action.kind == "prepare" and action.ref is not None:
                say(f"{NOTE}  {runtime.key} · {job.name}: « {action.collection} »: {action.why}; the hub will add it")
        for want in in_order(made.desired):
            collection = want.collection
            destination = runtime.destination(made.homes[collection.name].connection)
            inside = found.get(collection.inside) if collection.inside else None
            ref = None if collection.inside and inside is None else destination.find(collection, inside)
            found[collection.name] = ref
            if ref is None:
                say(f"{NOTE}  {runtime.key} · {job.name}: « {collection.name} » is not there yet; the hub will make it")
                continue
            for line in destination.problems(collection, ref):
                say(f"{NOTE}  {runtime.key} · {job.name}: {line}")
    except HubError as error:
        say(f"{BAD}  {runtime.key} · {job.name}: {error}")
        wrong += 1
    return wrong
