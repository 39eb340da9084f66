"""`hub check`: what a person can put right before anything runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import click

from hub import bootstrap
from hub.bootstrap import Hub, open_hub
from hub.cli.listen import notes
from hub.cli.opened import Say, accounts_of
from hub.core.errors import HubError
from hub.engine.accounts import Accounts
from hub.engine.amiss import Amiss, Lacks
from hub.engine.lacking import lacks
from hub.engine.missing import missing, of_business, sends, two_places, writes
from hub.engine.planners import runs
from hub.environment import connection_prefix, read_environment
from hub.mapping.checks.between import written
from hub.mapping.jobs import Job
from hub.mapping.loader import Configured
from hub.mapping.model import ALL
from hub.mapping.places import Places
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
        for item in () if offline else hub.loaded.businesses:
            with ExitStack() as stack:
                wrong += _Business(hub, item, accounts_of(hub, item, stack), say).look()
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


class _Business:
    """One business, held against its accounts."""

    def __init__(self, hub: Hub, item: Configured, accounts: Accounts, say: Say) -> None:
        self._hub = hub
        self._item = item
        self._accounts = accounts
        self._say = say
        self._runtime = hub.runtimes[item.business.key]
        self._jobs: list[Job] = [*item.jobs, *(job for job in self._runtime.jobs.values() if job not in item.jobs)]
        self._places = Places(item.folder)
        self._shut: dict[str, HubError] = {}
        """Connections that cannot be opened, and why."""

    def look(self) -> int:
        """Prints what there is; how many things are wrong."""
        connections = list(self._runtime.specs)
        for connection in connections:
            try:
                self._accounts.sight(connection)
            except HubError as error:
                self._shut[connection] = error
        wrong = sum(self._connection(connection) for connection in connections)
        wrong += sum(self._people_and_follow(connection) for connection in connections if connection not in self._shut)
        wrong += sum(self._job(job) for job in self._jobs)
        return wrong + self._between()

    def _line(self, mark: str, where: str, text: str) -> None:
        self._say(f"{mark}  {self._item.business.key} · {where}: {text}")

    def _amiss(self, found: Iterable[Amiss]) -> int:
        """Each once, where it stands; how many of them are wrong."""
        each = dict.fromkeys(found)
        for one in each:
            place = self._places.of(one.file, one.path, one.at)
            self._say(f"{place}: {'error' if one.grave else 'note'}: {one.says}")
        return sum(one.grave for one in each)

    def _connection(self, name: str) -> int:
        """What the key of a connection may do. Without a key it waits when nothing uses it."""
        users = [job.name for job in self._jobs if name in self._needed(job)]
        if name in self._shut:
            if not users and not self._has_key(name):
                self._line(NOTE, name, f"not connected yet, and nothing uses it. `hub connect {name}`")
                return 0
            self._line(BAD, name, str(self._shut[name]))
            return 1
        try:
            for line in self._said(name):
                self._line(GOOD, name, line)
            if name in self._runtime.sources() and not self._lost(name):
                for line in notes(self._hub, self._runtime, name, self._runtime.connector(name)):
                    self._line(NOTE, name, line)
        except HubError as error:
            self._line(BAD, name, str(error))
            self._shut[name] = error
            return 1
        return self._rights(name)

    def _rights(self, name: str) -> int:
        """What the key may not do, or more than it needs to; wrong is what a job cannot do with it."""
        sight, spec = self._accounts.sight(name), self._runtime.specs[name]
        for line in sight.warnings:
            self._line(NOTE, name, line)
        writers = [job.name for job in self._jobs if name in writes(job)]
        if writers and sight.read_only:
            self._line(BAD, name, f"{', '.join(writers)} cannot write with a key that may only read: see above")
            return 1
        senders = [job.name for job in self._jobs if sends(job)]
        if senders and "mails" in spec.can and self._accounts.live(name).messenger is None:
            self._line(BAD, name, f"{', '.join(senders)} cannot send through it as it is. `hub connect {name}`")
            return 1
        return 0

    def _said(self, name: str) -> list[str]:
        """What the sides of a connection say of themselves, each line once.

        What is read is left out while one of its names leads nowhere: it cannot be opened so.
        """
        lost = self._lost(name)
        live = self._accounts.live(name) if lost else self._runtime.connector(name)
        sides = (None if lost else live.source, live.destination, live.messenger)
        lines = dict.fromkeys(line for side in sides if side is not None for line in side.check())
        return [line for line in lines if not any(other.startswith(f"{line} ") for other in lines)]

    def _lost(self, name: str) -> bool:
        """Whether something that is followed there cannot be found: a line of its own says so."""
        follow = self._item.business.connections[name].follow or ()
        wanted = [each for each in follow if each != ALL]
        wanted += [thing for job in self._jobs for where, thing in job.follows if where == name]
        return any(self._accounts.find(name, each, "").ref is None for each in wanted)

    def _has_key(self, name: str) -> bool:
        try:
            bootstrap.connector_settings(self._item, name)
        except HubError:
            return False
        return True

    def _needed(self, job: Job) -> set[str]:
        mail = {name for name, spec in self._runtime.specs.items() if "mails" in spec.can} if sends(job) else set()
        return {*job.reads, *job.writes, *mail}

    def _people_and_follow(self, name: str) -> int:
        try:
            return self._amiss(of_business(self._item.business, self._accounts, name))
        except HubError as error:
            self._line(BAD, name, str(error))
            return 1

    def _job(self, job: Job) -> int:
        """Is everything there that the job names, and of the right shape?"""
        closed = [name for name in self._runtime.specs if name in self._shut and name in self._needed(job)]
        if closed:
            self._line(NOTE, job.name, f"not looked at, since it needs {', '.join(closed)}")
            return 0
        made = frozenset(place for each in self._item.jobs for place in written(each))
        found = Lacks()
        try:
            amiss = list(missing(job, self._accounts, made))
            if runs(job):
                found = lacks(self._runtime, job, self._accounts)
        except HubError as error:
            self._line(BAD, job.name, str(error))
            return 1
        for step in found.steps:
            self._line(NOTE, job.name, step.lacking)
        wrong = self._amiss((*amiss, *found.faults))
        if not wrong:
            self._line(
                GOOD, job.name, "what it names is there" if not found.steps else "all else that it names is there"
            )
        return wrong

    def _between(self) -> int:
        """Two names for one place, by which two jobs own one thing or feed each other."""
        jobs = [(job, root) for job in self._item.jobs if (root := self._places.root(f"{job.name}.yaml")) is not None]
        try:
            found = list(two_places(jobs, self._accounts, self._shut))
        except HubError:  # told of its connection already
            return 0
        return self._amiss(found)
