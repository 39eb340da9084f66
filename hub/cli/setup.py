"""`hub setup`: makes the databases and properties that the jobs need. Changes none that is there."""

from __future__ import annotations

from contextlib import ExitStack

import click

from hub.bootstrap import Hub
from hub.cli import asking
from hub.cli.opened import Say, accounts_of, chosen, opened
from hub.core.errors import HubError
from hub.engine.amiss import Step
from hub.engine.lacking import lacks
from hub.engine.runtime import Runtime
from hub.mapping.loader import Configured

GOOD, BAD, NOTE = click.style("ok", fg="green"), click.style("error", fg="red"), click.style("note", fg="yellow")
MAKE = click.style("to do", fg="yellow")


def setup(business: str | None, yes: bool, say: Say) -> int:
    """Says what is missing, asks, makes it. 0 when nothing is missing any more, 1 otherwise."""
    with opened() as hub:
        errors = len(hub.loaded.errors)
        for runtime in chosen(hub, business):
            item = next(item for item in hub.loaded.businesses if item.business.key == runtime.key)
            errors += _business(hub, runtime, item, yes, say)
    return 1 if errors else 0


def _business(hub: Hub, runtime: Runtime, item: Configured, yes: bool, say: Say) -> int:
    """How many things are still to be put right."""
    with ExitStack() as stack:
        accounts = accounts_of(hub, item, stack)
        steps: list[tuple[str, Step]] = []
        errors = 0
        for job in runtime.jobs.values():
            where = f"{runtime.key} · {job.name}"
            try:
                found = lacks(runtime, job, accounts)
            except HubError as error:
                say(f"{BAD}  {where}: {error}")
                errors += 1
                continue
            for fault in found.faults:
                say(f"{BAD if fault.grave else NOTE}  {where}: {fault.says}")
            for step in found.steps:
                say(f"{MAKE}  {where}: {step.says}")
            if not found.steps and not any(fault.grave for fault in found.faults):
                say(f"{GOOD}  {where}: everything is there")
            steps += [(where, step) for step in found.steps]
            errors += sum(fault.grave for fault in found.faults)
        for job in item.jobs:
            if job.name not in runtime.jobs:
                say(f"{GOOD}  {runtime.key} · {job.name}: this version of hub does not run it, so it needs nothing")
        if steps and not (yes or _agreed(len(steps))):
            say("Nothing was made. `hub setup --yes` makes it without asking.")
            return errors + len(steps)
        return errors + _make(steps, say)


def _agreed(count: int) -> bool:
    question = "Make this now?" if count == 1 else f"Make these {count} things now?"
    return asking.is_terminal() and asking.yes(question)


def _make(steps: list[tuple[str, Step]], say: Say) -> int:
    errors = 0
    for where, step in steps:
        try:
            step.make()
        except HubError as error:
            say(f"{BAD}  {where}: {error}")
            errors += 1
        else:
            say(f"{GOOD}  {where}: done: {step.says}")
    return errors
