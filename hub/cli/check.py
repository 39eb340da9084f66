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
from hub.engine.planner import make_plan
from hub.engine.runtime import Runtime
from hub.engine.target import in_order
from hub.environment import connection_prefix, read_environment
from hub.mapping.model import Job
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
    targets = [job.show_in.connection for job in runtime.jobs.values()]
    wrong = 0
    for connection in dict.fromkeys((*runtime.sources(), *targets)):
        try:
            live = runtime.connector(connection)
            for side in (live.source, live.destination):
                for line in side.check() if side is not None else ():
                    say(f"{GOOD}  {runtime.key} · {connection}: {line}")
            for line in notes(hub, runtime, connection, live):
                say(f"{NOTE}  {runtime.key} · {connection}: {line}")
        except HubError as error:
            say(f"{BAD}  {runtime.key} · {connection}: {error}")
            wrong += 1
    if not wrong:
        wrong += sum(_target(runtime, job, say) for job in runtime.jobs.values())
    return wrong


def _target(runtime: Runtime, job: Job, say: Say) -> int:
    """Is what the job shows its figures in there, and of the right shape?"""
    destination = runtime.destination(job.show_in.connection)
    found: dict[str, Ref | None] = {}
    wrong = 0
    try:
        for want in in_order(make_plan(runtime, job).desired):
            collection = want.collection
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
