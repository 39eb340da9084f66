"""`hub journey PERSON`: what happened, each step with its proof, what people said, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.cli.journey import Desk, desk, meant
from hub.cli.opened import Say
from hub.cli.shown import value
from hub.planning.journeys.look import Look
from hub.planning.journeys.steps import Item
from hub.planning.journeys.types import Fact
from hub.store import journeys, ledger
from hub.store.journeys import JourneyRow
from hub.store.ledger import Entry

_WORDS = {
    "done": "done",
    "asked": "asked, not ticked",
    "stuck": "given up: `hub journey resume` tries again",
    "due": "due",
    "ahead": "ahead",
    "waits": "waits",
    "off": "not needed",
    "over": "too late",
    "skipped": "left out by hand",
    "silenced": "left out: wants no mails, or cannot be reached",
    "greeted": "left out: welcomed before",
}


def story(words: str, business: str | None, job: str | None, say: Say) -> None:
    """Each journey of the person, one after the other."""
    with desk(business) as at:
        for row in meant(at, words, job):
            seen = at.look(row)
            for line in _told(at, row, seen):
                say(line)


def listed(business: str | None, say: Say) -> None:
    """How many journeys there are in each state, and those that wait for a person."""
    with desk(business) as at:
        with at.runtime.store.read() as conn:
            every = [row for row in journeys.listing(conn, at.runtime.key) if row.job in at.jobs]
        if not every:
            say(f"{at.runtime.key}: there is no journey yet. `hub start` opens one by hand.")
        for job in at.jobs:
            mine = [row for row in every if row.job == job]
            states = {
                state: sum(row.state == state for row in mine)
                for state in ("asked", "open", "paused", "stopped", "done")
            }
            if mine:
                say(f"{at.runtime.key} · {job}: " + ", ".join(f"{n} {state}" for state, n in states.items() if n))
            for row in mine:
                if row.state in ("asked", "paused"):
                    say(f"  {row.state}: {row.name or row.person} <{row.person}>, {row.reason}")


def _told(at: Desk, row: JourneyRow, seen: Look | None) -> Iterator[str]:
    zone = at.runtime.business.zone
    name = f"{row.name} <{row.person}>" if row.name else row.person
    yield f"{name} · {row.offer}  ({at.runtime.key} · {row.job}, journey {row.id})"
    if seen is None:
        yield "  joined with another journey of the same person, which goes on"
        return
    yield f"  {_state(seen)}, opened {_when(row.opened_at, zone)}, mapping {row.version}"
    with at.runtime.store.read() as conn:
        said = journeys.marks_of(conn, at.runtime.key, row.job).get(row.id, [])
        entries = {
            item.key: entry
            for item in seen.items
            if (entry := ledger.entry(conn, at.runtime.key, item.key)) is not None
        }
    happened = [(fact.at, _fact(fact, zone)) for fact in seen.client.facts]
    spoken = [(mark.at, _mark(mark.what, mark.value, mark.by)) for mark in said]
    for when, line in sorted((*happened, *spoken), key=lambda each: each[0]):
        yield f"  {_when(when, zone)}  {line}"
    for item in seen.items:
        yield from _step(item, entries, zone)
    yield f"  {_next(seen, zone)}"


def _state(seen: Look) -> str:
    return f"{seen.state} ({seen.reason})" if seen.reason else seen.state


def _when(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _fact(fact: Fact, zone: ZoneInfo) -> str:
    amount = "" if fact.amount is None else f" of {value(fact.amount)}"
    day = "" if fact.day is None else f" for {_when(fact.day, zone)}"
    proof = "by hand" if fact.record is None else "/".join(fact.record)
    return f"{fact.what}{amount}{day}  [{proof}]"


def _mark(what: str, about: str, by: str) -> str:
    return f"{what}{f' {about}' if about else ''}, said by {by or 'somebody'}"


def _step(item: Item, entries: Mapping[str, Entry], zone: ZoneInfo) -> Iterator[str]:
    entry = entries.get(item.key)
    times = f" ({item.n})" if item.n > 1 else ""
    at = item.due if item.status in ("ahead", "due") else item.at
    when = "" if at is None else f" {_when(at, zone)}"
    proof = ""
    if entry is not None:
        state = "" if entry.state == "done" else f", {entry.state}"
        proof = f"  [{entry.kind}{state}{f', {entry.ref}' if entry.ref else ''}]"
    yield f"  {item.name}{times}: {_WORDS[item.status]}{when}{proof}"
    if entry is not None and entry.error and entry.state != "done":
        yield f"      {entry.error}"


def _next(seen: Look, zone: ZoneInfo) -> str:
    if seen.due:
        return f"Next: {', '.join(doing.name for doing in seen.due)}, now"
    if seen.next_at is not None:
        first = next((item for item in seen.items if item.status == "ahead" and item.due == seen.next_at), None)
        what = "" if first is None else f": {first.name}"
        return f"Next: {_when(seen.next_at, zone)}{what}"
    return "Next: nothing by itself; it goes on when something happens" if seen.state == "open" else "Next: nothing"
