"""Faults of a revenue job."""

from __future__ import annotations

from collections.abc import Iterator

from hub.mapping.checks.around import Around, connection, database, given_twice, place, two_owners
from hub.mapping.model import RATES, RevenueJob
from hub.mapping.problems import Fault
from hub.mapping.tree import Node


def faults(job: RevenueJob, root: Node, around: Around) -> Iterator[Fault]:
    """Everything that the file says and that cannot be so."""
    for index, read in enumerate(job.read):
        yield from connection(root, ("read", index, "from"), read.connection, around)
    yield from database(root, ("show_in",), job.show_in.connection, around)
    figures = [config.figure for config in job.figures]
    yield from given_twice(root, ("figures",), "figure", figures, "figures: [{figure: cash_in, title: Encaissements}]")
    reads = [read.connection for read in job.read]
    yield from given_twice(root, ("read",), "from", reads, "read: [{from: stripe, since: 2025-01-01}]")
    ours = {name: (("show_in", "hub_owns", name), True) for name in job.show_in.hub_owns}
    yield from two_owners(root, ours, "hub_owns", (job.show_in.people_own, ("show_in", "people_own")))
    yield from _warnings(job, root)


def _warnings(job: RevenueJob, root: Node) -> Iterator[Fault]:
    """A limit that can never be reached would be silent for ever."""
    for index, config in enumerate(job.figures):
        limit = config.warn_above
        if limit is None or isinstance(limit, str) == (config.figure in RATES):
            continue
        line, column = place(root, ("figures", index, "warn_above"))
        if config.figure in RATES:
            message = f"warn_above: {limit} is an amount, and {config.figure} is a percentage."
            yield Fault(line, column, message, "Write a percentage. Example: warn_above: 5 %")
        else:
            message = f"warn_above: {limit} is a percentage, and {config.figure} is an amount."
            yield Fault(line, column, message, "Write an amount. Example: warn_above: 500")
