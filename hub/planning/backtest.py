"""What a job would have done, day by day, on the mirrored history. Pure: nothing is written or sent.

It is played as if the job had always run as it is configured today, on the records as they are today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from hub.core.types import Record
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import Place, SyncJob
from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.steps import calendars, local_time, said_on
from hub.planning.alerts.tasks import Tasks, tasks_of
from hub.planning.alerts.types import Task
from hub.planning.history import Mirror, instants
from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.play import played
from hub.planning.journeys.types import Client, Doing, Found
from hub.planning.plan import View
from hub.planning.revenue import figures
from hub.planning.sync_ends import takes_part


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that would have been done on a day. `what`: mail, row, copy, request, …; `whom`: "" for nobody."""

    day: date
    what: str
    whom: str
    about: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A job played over some days. `deeds` in order of the days; `unknown`: what the mirror cannot tell."""

    first: date
    last: date
    deeds: tuple[Deed, ...]
    unknown: tuple[str, ...]

    @property
    def total(self) -> str:
        """ "42 mails to 5 people; 3 rows"; what was not done is not named."""
        parts = []
        for what in dict.fromkeys(deed.what for deed in self.deeds):
            mine = [deed for deed in self.deeds if deed.what == what]
            people = len({deed.whom for deed in mine if deed.whom})
            whom = f" to {_count(people, 'person', 'people')}" if people else ""
            parts.append(_count(sum(deed.count for deed in mine), what, _many(what)) + whom)
        return "; ".join(parts) or "nothing"


def play(job: Any, business: Business, mirror: Mirror, now: datetime, days: int) -> Played:
    """The last so many days, today included."""
    today = now.astimezone(business.zone).date()
    span = [today - timedelta(days=back) for back in reversed(range(days))]
    player = _PLAYERS[type(job)]
    deeds, unknown = player(job, business, mirror, span, now)
    return Played(first=span[0], last=today, deeds=tuple(sorted(deeds, key=lambda deed: deed.day)), unknown=unknown)


_Found = tuple[list[Deed], tuple[str, ...]]


def _deadlines(job: DeadlineJob, business: Business, mirror: Mirror, span: Sequence[date], now: datetime) -> _Found:
    """A digest is one mail to a person and day, whatever is in it."""
    watched, readers = tasks_of(job, business, mirror), readers_of(business, job, now)
    steps = calendars(job, readers)
    there = {name for name, reader in readers.items() if not reader.left}
    ways = {alert.name: alert.by for alert in job.alerts}
    deeds: list[Deed] = []
    digests: dict[tuple[date, str], list[str]] = {}
    for task in watched.found:
        for day, said in said_on(job, steps, there, task, span[-1]).items():
            for alert, person in said if span[0] <= day <= span[-1] else ():
                reader, about = readers[person], f"{alert}: {task.title}"
                if not _open_at(task, local_time(day, reader.digest_at, reader.zone)):
                    continue
                if ways[alert] == "mail":
                    deeds.append(Deed(day=day, what="mail", whom=person, about=about))
                else:
                    digests.setdefault((day, person), []).append(about)
    deeds += [Deed(day=day, what="mail", whom=p, about="; ".join(said)) for (day, p), said in sorted(digests.items())]
    return deeds, tuple(_deadlines_unknown(job, business, watched, deeds))


def _open_at(task: Task, instant: datetime) -> bool:
    """Whether it was there and not done at that instant, as far as can be told."""
    if task.created_at is not None and task.created_at > instant:
        return False
    return not task.done or (task.done_at is not None and task.done_at > instant)


def _deadlines_unknown(job: DeadlineJob, business: Business, watched: Tasks, deeds: Sequence[Deed]) -> Iterable[str]:
    if not watched.found:
        names = ", ".join(f"{watch.connection} › {watch.thing or 'everything'}" for watch in job.watch)
        yield f"the mirror holds no task of {names}: name it under `follow:` in business.yaml and run `hub backfill`"
    yield "dates and assignees are those of today: a task that was put off counts on its new day only"
    finished = sum(task.done and task.due is not None and task.done_at is None for task in watched.found)
    if finished:
        yield f"{_count(finished, 'task')} done, and not said since when: counted as done all along"
    yield from watched.notes
    reached = {key for key, person in business.people.items() if person.email}
    for person in sorted({deed.whom for deed in deeds} - reached):
        yield f"{person} has no address in business.yaml: these mails could not be sent"


def _onboarding(job: OnboardingJob, business: Business, mirror: Mirror, span: Sequence[date], now: datetime) -> _Found:
    """Every journey from its first event on; mails count on the day on which they may go out."""
    found = facts_of(job, mirror, now=now)
    deeds: list[Deed] = []
    for person, client in sorted(found.clients.items()):
        for doing in played(job, business, client.facts, now, hours=job.sending.open_hours):
            day = doing.due.astimezone(business.zone).date()
            if span[0] <= day <= span[-1]:
                deeds += _done(doing, person, day)
    return deeds, tuple(_onboarding_unknown(job, found))


def _done(doing: Doing, person: str, day: date) -> Iterator[Deed]:
    about = doing.name if doing.n == 1 else f"{doing.name} ({doing.n})"
    step = doing.step
    if doing.what == "tell":
        for whom in doing.who:
            yield Deed(day=day, what="mail", whom=whom, about=f"{about}: {person}")
    elif doing.what == "change":
        yield Deed(day=day, what="change of dates", whom="", about=f"{about}: {person}")
    elif doing.text is not None:
        yield Deed(day=day, what="mail", whom=person, about=f"{about}: {doing.text}")
    elif step is not None and step.write is not None:
        yield Deed(day=day, what="row", whom="", about=f"{about}: {person} in {step.write.database}")
    elif step is not None and step.copies is not None:
        yield Deed(day=day, what="copy", whom="", about=f"{about}: {step.copies.template} for {person}")
    elif step is not None and step.task is not None:
        yield Deed(day=day, what="task", whom="", about=f"{about}: {step.task.title}, {person}")
    elif step is not None and step.link is not None:
        yield Deed(day=day, what="link", whom="", about=f"{about}: {step.link.event_type} for {person}")
    elif step is not None and step.ask is not None:
        yield Deed(day=day, what="request", whom=step.ask.who, about=f"{about}: {step.ask.to}, {person}")


def _onboarding_unknown(job: OnboardingJob, found: Found) -> Iterable[str]:
    if not found.clients:
        names = ", ".join(f"{start.event}s from {start.connection}" for start in job.starts_on)
        yield f"the mirror holds no {names} of this offer"
    yield "it is played as if the journeys had always run: `first_run` and `hold_if` hold nothing here"
    if found.nameless:
        yield f"{_count(found.nameless, 'payment')} left out: nothing says what was bought"
    if found.unknown:
        yield f"{_count(len(found.unknown), 'record')} left out: nothing says whose address it is"
    undated = sum(map(_undated, found.clients.values()))
    if undated:
        yield f"{_count(undated, 'payment')} given back, and not said when: these journeys end as they begin"
    if found.partial:
        yield f"{_count(len(found.partial), 'payment')} given back in part: these journeys go on"


def _undated(client: Client) -> int:
    """How many of its payments were given back at an instant that nothing tells."""
    paid = {fact.of: fact.at for fact in client.facts if fact.what == "payment"}
    return sum(fact.what == "refunded" and paid.get(fact.of) == fact.at for fact in client.facts)


def _sync(job: SyncJob, business: Business, mirror: Mirror, span: Sequence[date], now: datetime) -> _Found:
    """What was made and edited on each day: each calls for at most one write on the other side."""
    del now
    deeds: list[Deed] = []
    here = _records(job.source, mirror)
    part = [record for record, kind in here if takes_part(record, job.only_if, kind)]
    there = [record for record, _ in _records(job.target, mirror)]
    back = any(line.owner != "source" for line in job.fields)
    for what, records, name in (
        ("row to make", part, "created_at"),
        ("row to change", part, "edited_at"),
        *((("edit of the target to carry back or undo", there, "edited_at"),) if back else ()),
    ):
        made = {at for record in records for at in instants([record], "created_at")} if name == "edited_at" else set()
        days = Counter(at.astimezone(business.zone).date() for at in instants(records, name) if at not in made)
        deeds += [Deed(day=day, what=what, whom="", about="", count=days[day]) for day in span if days[day]]
    unknown = [
        "the mirror keeps the last state: a record that was edited several times counts on its last day only",
        "what was deleted, and which fields an edit touched, cannot be told: an edit may have called for no write",
    ]
    if not here:
        unknown.insert(0, f"the mirror holds nothing of {job.source.connection} › {job.source.thing or 'everything'}")
    return deeds, tuple(unknown)


def _records(place: Place, mirror: Mirror) -> list[tuple[Record, Any]]:
    kinds = [kind for (where, stream), kind in mirror.kinds.items() if where == place.connection]
    wanted = [("task" if "task" in kinds else "page")] if place.records is None else kinds
    return [
        (record, kind)
        for (where, stream), kind in sorted(mirror.kinds.items())
        if where == place.connection and kind in wanted and place.records in (None, stream)
        for record in mirror.view.records(where, stream)
        if mirror.stands_in(record, where, place.thing)
    ]


def _revenue(job: RevenueJob, business: Business, mirror: Mirror, span: Sequence[date], now: datetime) -> _Found:
    """Which figures the records of each day changed: those known at its end against those known at its beginning."""
    deeds: list[Deed] = []
    before = _values(job, business, mirror.view, span[0] - timedelta(days=1), now)
    for day in span:
        after = _values(job, business, mirror.view, day, now)
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        if changed:
            about = ", ".join(f"{key} {_value(before.get(key))} → {_value(after.get(key))}" for key in changed)
            deeds.append(Deed(day=day, what="figure to write", whom="", about=about, count=len(changed)))
        before = after
    return deeds, (
        "a record counts from the day that it belongs to, in the state in which it is now: what a subscription or an "
        "invoice was before its last change cannot be told",
    )


def _values(job: RevenueJob, business: Business, view: View, day: date, now: datetime) -> Mapping[str, Any]:
    """The figures at the end of a day (or now, today), from what was there then."""
    end = min(now, datetime.combine(day + timedelta(days=1), time(), business.zone) - timedelta(microseconds=1))
    known = View(
        {
            where: [record for record in view.records(*where) if record.at is None or record.at <= end]
            for where in view.streams()
        }
    )
    return {figure.key: figure.value for figure in figures(known, job, business, end)}


def _value(value: Any) -> str:
    return "—" if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value)


_PLAYERS: Mapping[type, Any] = {
    DeadlineJob: _deadlines,
    OnboardingJob: _onboarding,
    SyncJob: _sync,
    RevenueJob: _revenue,
}


def _count(n: int, one: str, many: str | None = None) -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _many(what: str) -> str:
    """The plural of what a deed is called: the first word has it."""
    first, space, rest = what.partition(" ")
    return f"{first[:-1]}ies" + space + rest if first.endswith("y") else f"{first}s{space}{rest}"
