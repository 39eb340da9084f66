"""The launches that are open: what has been sold in them so far, and in the one before by then. Pure.

Who registered is no part of it: `hub launch` tells that too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Launch
from hub.planning.figures.books import Books
from hub.planning.figures.launches import Against, Report, Sale, against, report
from hub.planning.figures.offers import Offers
from hub.planning.figures.plans import plans
from hub.planning.figures.sales import sales
from hub.planning.plan import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """One that is open. `against`: the one before after as many days; None where the file names none."""

    report: Report
    against: Against | None


def open_in(job: RevenueJob, now: datetime, zone: ZoneInfo) -> tuple[Launch, ...]:
    """The launches of the file whose window is open on the local day of `now`."""
    today = now.astimezone(zone).date()
    return tuple(launch for launch in job.launches if today in launch)


def with_previous(launches: Sequence[Launch], job: RevenueJob) -> tuple[Launch, ...]:
    """These, and those that they are compared with."""
    before = (_previous(launch, job) for launch in launches)
    return (*launches, *(launch for launch in before if launch is not None and launch not in launches))


def sold_in(launches: Sequence[Launch], kept: Books, view: View, job: RevenueJob) -> tuple[Sale, ...]:
    """The sales of their days, whatever was sold. `view`: what the books were read from."""
    if not launches:
        return ()
    wanted = [offer for launch in launches for offer in launch.offers]
    found = sales(Offers(kept, view, job.read), plans(kept), wanted)
    return tuple(sale for sale in found if any(sale.at.astimezone(kept.zone).date() in each for each in launches))


def launched(job: RevenueJob, sold: Sequence[Sale], zone: ZoneInfo, now: datetime) -> tuple[Launched, ...]:
    """Each that is open as it stands, in the order of the file. `sold`: in them and in those before."""
    made = []
    for launch in open_in(job, now, zone):
        mine, before = report(launch, sold, {}, zone, now), _previous(launch, job)
        then = None if before is None else against(mine, report(before, sold, {}, zone, now))
        made.append(Launched(report=mine, against=then))
    return tuple(made)


def _previous(launch: Launch, job: RevenueJob) -> Launch | None:
    name = (launch.previous or "").strip().casefold()
    return next((each for each in job.launches if name and each.name.strip().casefold() == name), None)
