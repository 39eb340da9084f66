"""Faults of a revenue job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from hub.mapping.checks.around import Around, Path, connection, database, given_twice, person, place, two_owners
from hub.mapping.figure_names import COUNTS, FIGURES, RATES
from hub.mapping.problems import Fault, quote
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Launch
from hub.mapping.tree import Node
from hub.nearest import nearest

NUMBERS = COUNTS | {"quick_ratio"}
"""Figures that are plain numbers: no amounts, and no percentages."""


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
    yield from _groups(job, root)
    yield from _warnings(job, root)
    yield from _classified(job, root)
    yield from _calls(job, root, around)
    yield from _launches(job, root, around)
    yield from _okr(job, root, around)
    for name, commission in job.commissions.items():
        yield from person(root, ("commissions", name, "who"), commission.who, around)


def rates_file(job: object, root: Node, folder: FilePath) -> Iterator[Fault]:
    """A fault when a revenue job's file of rates is not there, or lies elsewhere."""
    if not isinstance(job, RevenueJob) or job.rates is None:
        return
    line, column = place(root, ("rates",))
    hint = "It is the bank's own list of reference rates. Example: rates: eurofxref-hist.csv"
    if FilePath(job.rates).name != job.rates:
        yield Fault(line, column, f"rates: {quote(job.rates)} is no name of a file beside this one.", hint)
    elif not (folder / job.rates).is_file():
        yield Fault(line, column, f"rates: there is no file {quote(job.rates)} beside this one.", hint)


def _groups(job: RevenueJob, root: Node) -> Iterator[Fault]:
    """A word for several figures has one title for all, and no target that would be that of each."""
    asked: dict[str, str] = {}
    for index, config in enumerate(job.figures):
        for name in config.names:
            if name in asked and asked[name] != config.figure:
                line, column = place(root, ("figures", index, "figure"))
                message = f"figure: {quote(config.figure)} and {quote(asked[name])} both ask for {name}."
                yield Fault(line, column, message, "Keep one of them. Example: figure: mrr_movements")
            asked.setdefault(name, config.figure)
        if config.figure in FIGURES:
            continue
        for key in ("target", "warn_above", "warn_below"):
            if getattr(config, key) is not None:
                line, column = place(root, ("figures", index, key))
                message = f"{key}: {config.figure} stands for several figures, and this would be the {key} of each."
                yield Fault(line, column, message, f"Ask for the one that you mean. Example: figure: {config.names[0]}")


def _warnings(job: RevenueJob, root: Node) -> Iterator[Fault]:
    """A limit that can never be reached would be silent for ever."""
    for index, config in enumerate(job.figures):
        for key in ("warn_above", "warn_below"):
            limit = getattr(config, key)
            if limit is None or isinstance(limit, str) == (config.figure in RATES):
                continue
            line, column = place(root, ("figures", index, key))
            if config.figure in RATES:
                message = f"{key}: {limit} is an amount, and {config.figure} is a percentage."
                yield Fault(line, column, message, f"Write a percentage. Example: {key}: 5 %")
            else:
                what = "a number" if config.figure in NUMBERS else "an amount"
                message = f"{key}: {limit} is a percentage, and {config.figure} is {what}."
                yield Fault(line, column, message, f"Write {what}. Example: {key}: {5 if what == 'a number' else 500}")
        above, below = (_number(limit) for limit in (config.warn_above, config.warn_below))
        if above is not None and below is not None and above <= below:
            line, column = place(root, ("figures", index, "warn_below"))
            message = f"warn_below: {config.warn_below} is not below warn_above, {config.warn_above}."
            yield Fault(line, column, message, "Swap them. Example: warn_below: 500")


def _classified(job: RevenueJob, root: Node) -> Iterator[Fault]:
    """A subscription is never sold once."""
    for key, kind in job.rules.classify.items():
        if kind == "one_off" and key.startswith("sub_"):
            line, column = place(root, ("rules", "classify", key))
            message = f"classify: {quote(key)} is a subscription, which is recurring or paid in parts, never one_off."
            yield Fault(line, column, message, f"Say which. Example: classify: {{{key}: recurring}}")


def _number(limit: object) -> float | None:
    return None if limit is None else float(str(limit).rstrip(" %"))


def _calls(job: RevenueJob, root: Node, around: Around) -> Iterator[Fault]:
    if job.calls is not None:
        yield from connection(root, ("calls", "from"), job.calls.connection, around)
        return
    for index, config in enumerate(job.figures):
        if config.figure in (
            "calls_booked",
            "calls_held",
            "calls_cancelled",
            "calls_missed",
            "show_rate",
            "call_sales",
        ):
            line, column = place(root, ("figures", index, "figure"))
            message = f"figure: {config.figure} is counted from appointments, and nothing says where they are."
            yield Fault(line, column, message, "Add calls. Example: calls: {from: calendly, event_types: [Appel]}")


def _launches(job: RevenueJob, root: Node, around: Around) -> Iterator[Fault]:
    names = [launch.name for launch in job.launches]
    example = "launches: [{name: Printemps, opens: 2026-03-09, closes: 2026-03-16, offers: [Programme Élan]}]"
    yield from given_twice(root, ("launches",), "name", names, example)
    for index, launch in enumerate(job.launches):
        for number, registered in enumerate(launch.registrations):
            where: Path = ("launches", index, "registrations", number, "from")
            yield from connection(root, where, registered.connection, around)
        if launch.previous is not None:
            yield from _previous(launch, names, root, ("launches", index, "previous"), job)


def _previous(launch: Launch, names: list[str], root: Node, path: Path, job: RevenueJob) -> Iterator[Fault]:
    line, column = place(root, path)
    others = [name for name in names if name != launch.name]
    before = next((each for each in job.launches if each.name == launch.previous), None)
    if launch.previous == launch.name or before is None:
        message = f"previous: {quote(launch.previous or '')} is no other launch of this job."
        near = nearest(launch.previous or "", others)
        hint = f'Did you mean "{near}"? ' if near else "Name one, or take it out. "
        yield Fault(line, column, message, f"{hint}Example: previous: {near or next(iter(others), 'Automne')}")
    elif before.opens >= launch.opens:
        message = f"previous: {quote(before.name)} opens on {before.opens}, not before this one."
        yield Fault(line, column, message, "Name an earlier launch. Example: previous: Automne")


def _okr(job: RevenueJob, root: Node, around: Around) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, objective in enumerate(job.okr):
        for number, result in enumerate(objective.key_results):
            where: Path = ("okr", index, "key_results", number)
            line, column = place(root, (*where, "name"))
            if result.name in seen:
                message = f"name: {quote(result.name)} is given twice in okr; the first is on line {seen[result.name]}."
                yield Fault(line, column, message, "Give each key result a name of its own. Example: name: mrr_8000")
            seen.setdefault(result.name, line)
            if result.figure is not None and result.figure not in FIGURES:
                line, column = place(root, (*where, "figure"))
                near = nearest(result.figure, FIGURES)
                hint = f'Did you mean "{near}"? ' if near else "Name one, or take it out and enter it by hand. "
                message = f"figure: {quote(result.figure)} is no figure; docs/mappings.md lists them."
                yield Fault(line, column, message, f"{hint}Example: figure: {near or 'mrr'}")
            if result.owner is not None:
                yield from person(root, (*where, "owner"), result.owner, around)
