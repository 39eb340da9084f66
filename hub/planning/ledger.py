"""Everything that was counted of one job, kept from one count to the next: only what changed is counted again.

Nothing depends on what is kept but the time that it takes: an empty ledger gives the same figures.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import TypeVar

from hub.core.money import Money
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.calendar import Month, months
from hub.planning.figure import Figure, ProofLine, together, worth
from hub.planning.figures import ratios
from hub.planning.figures.launches import Sale
from hub.planning.figures.lines import total
from hub.planning.figures.movements import Bridge
from hub.planning.figures.plans import Unsure
from hub.planning.figures.states import Snapshot, State
from hub.planning.figures.subledgers import STREAMS, Subledgers, number_for
from hub.planning.launched import open_in, with_previous
from hub.planning.plan import View
from hub.planning.portion import STATES, Asked, Portion, portion

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What all subledgers come to. `figures`: those that the file needs, ratios included, in no order."""

    span: tuple[Month, ...]
    figures: tuple[Figure, ...]
    states: tuple[State, ...]
    unsure: tuple[Unsure, ...]
    others: Mapping[tuple[str, str], Sequence[Money]]
    takings: tuple[ProofLine, ...]
    paid: Mapping[str, Sequence[datetime]]
    sold: tuple[Sale, ...]
    """In the launches that are open, and those that they are compared with."""


@dataclass(slots=True)
class Ledger:
    """`recounted`: how many subledgers the last count had to count, of `subledgers`."""

    recounted: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asked: Asked | None = None
    _mark: int = 0
    _taken: int = 0
    _dealt: int = 0
    _subledgers: Subledgers = field(default_factory=lambda: Subledgers(1))
    _portions: list[Portion | None] = field(default_factory=list)
    _figures: dict[str, Figure] = field(default_factory=dict)
    _bridges: dict[tuple[str, str], Bridge] = field(default_factory=dict)

    @property
    def subledgers(self) -> int:
        return len(self._subledgers)

    def count(
        self,
        view: View,
        job: RevenueJob,
        business: Business,
        now: datetime,
        wanted: frozenset[str],
        snapshots: tuple[Snapshot, ...],
    ) -> Sum:
        """Count what is not as it was. ValueError when an identity between figures does not hold."""
        with self._lock:
            self._take(view, job)
            span = months(self._first_day(job, business, now), now, business.zone)
            year = now.astimezone(business.zone).year
            launches = with_previous(open_in(job, now, business.zone), job)
            asked = Asked(job=job, business=business, span=span, wanted=wanted, year=year, launches=launches)
            dealt = self._subledgers.deal(snapshots)
            if asked != self._asked:
                self._subledgers.touched.update(range(self.subledgers))
            self._recount(asked, dealt, now)
            self._asked = asked
            return self._sum(asked)

    def _take(self, view: View, job: RevenueJob) -> None:
        """Bring the subledgers up to date: by what is new where that is known, else from the beginning."""
        connections = {read.connection for read in job.read}
        news = view.since(self._mark) if self._asked is not None and self._asked.job.read == job.read else None
        if news is None or self._taken + len(news) > 4 * max(self._dealt, 1000):
            places = [(name, stream) for name, stream in view.streams() if name in connections and stream in STREAMS]
            news = [(name, record) for name, stream in places for record in view.records(name, stream)]
            self._dealt, self._taken = len(news), 0
            self._subledgers = Subledgers(number_for(self._dealt))
            self._portions = [None] * self.subledgers
            self._figures, self._bridges, self._asked = {}, {}, None
        mine = [each for each in news if each[0] in connections and each[1].stream in STREAMS]
        self._subledgers.put(mine)
        self._taken += len(news)
        self._mark = view.mark

    def _first_day(self, job: RevenueJob, business: Business, now: datetime) -> date:
        """The local day with which the figures begin."""
        days = [read.since for read in job.read if read.since is not None]
        for read in job.read:
            if read.since is None:
                oldest = self._subledgers.oldest(read.connection)
                days.append(min(oldest or now, now).astimezone(business.zone).date())
        return min(days, default=now.astimezone(business.zone).date())

    def _recount(self, asked: Asked, memory: Sequence[Sequence[Snapshot]], now: datetime) -> None:
        held = enumerate(self._portions)
        stale = {number for number, old in held if old is None or not old.holds(now)} | self._subledgers.touched
        fresh = {
            number: portion(self._subledgers.view(number), asked, memory[number], now, first=number == 0)
            for number in sorted(stale)
        }
        figures: dict[str, None] = {}
        bridges: dict[tuple[str, str], None] = {}
        for number, new in fresh.items():
            old = self._portions[number]
            figures |= dict.fromkeys(_changed(new.figures, {} if old is None else old.figures))
            bridges |= dict.fromkeys(_changed(new.bridges, {} if old is None else old.bridges))
            self._portions[number] = new
        self._subledgers.touched.clear()
        self.recounted = len(fresh)
        portions = [each for each in self._portions if each is not None]
        for key in figures:
            _keep(self._figures, key, _figure(key, portions))
        for name in bridges:
            _keep(self._bridges, name, _bridge([each.bridges[name] for each in portions if name in each.bridges]))

    def _sum(self, asked: Asked) -> Sum:
        portions = [each for each in self._portions if each is not None]
        found = list(self._figures.values())
        if asked.wanted & STATES:
            home = asked.business.currency
            order = sorted(self._bridges.values(), key=lambda each: (each.month.start, each.currency != home))
            found += ratios.figures(order, found, asked.span)
        paid: dict[str, list[datetime]] = {}
        other: dict[tuple[str, str], list[Money]] = {}
        for each in portions:
            for address, times in each.paid.items():
                paid.setdefault(address, []).extend(times)
            for name, amounts in each.others.items():
                other.setdefault(name, []).extend(amounts)
        states = [state for each in portions for state in each.states]
        return Sum(
            span=asked.span,
            figures=tuple(each for each in found if each.figure in asked.wanted),
            states=tuple(sorted(states, key=lambda each: (each.created, each.subscription))),
            unsure=tuple(unsure for each in portions for unsure in each.unsure),
            others=other,
            takings=tuple(line for each in portions for line in each.takings),
            paid=paid,
            sold=tuple(sale for each in portions for sale in each.sold),
        )


def _changed(new: dict[K, V], old: Mapping[K, V]) -> list[K]:
    """The keys of what is not equal in both; what is equal becomes the same object, so that it costs nothing later."""
    found = [key for key in old if key not in new]
    for key, value in new.items():
        if key in old and old[key] == value:
            new[key] = old[key]
        else:
            found.append(key)
    return found


def _keep(held: dict[K, V], key: K, value: V | None) -> None:
    if value is None:
        held.pop(key, None)
    else:
        held[key] = value


def _figure(key: str, portions: Sequence[Portion]) -> Figure | None:
    """The figure of the business. None where no subledger has it, or where one that should have it cannot tell."""
    figures = [(number, each.figures[key]) for number, each in enumerate(portions) if key in each.figures]
    if not figures or any(key in each.lacking for each in portions):
        return None
    one = figures[0][1]
    if len(portions) == 1:
        return one
    tallied = together(each.tallied for _, each in figures if each.tallied is not None)
    return replace(
        one,
        value=worth(one.unit, tallied, one.currency),
        lines=tuple(chain.from_iterable(each.lines for _, each in figures)),
        estimated=any(each.estimated for _, each in figures),
        shares={number: each.lines for number, each in figures if each.lines},
        tallied=tallied,
    )


def _bridge(bridges: Sequence[Bridge]) -> Bridge | None:
    if not bridges:
        return None
    moved = [movement for each in bridges for movement in each.movements]
    return replace(
        bridges[0],
        start=total(each.start for each in bridges),
        end=total(each.end for each in bridges),
        began=sum(each.began for each in bridges),
        movements=tuple(sorted(moved, key=lambda each: each.customer)),
        estimated=any(each.estimated for each in bridges),
    )
