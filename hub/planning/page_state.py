"""The top of the CEO's page, in one look: how things are, what burns, what comes, and what waits for her. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.figure import Figure
from hub.planning.page_blocks import block, listed
from hub.planning.page_facts import SOON, Beside
from hub.planning.page_tiles import Tile, stale
from hub.planning.page_words import call_at, display, plain, say
from hub.planning.plan import DesiredRow
from hub.planning.words import day, instant, percent

MOST = 5
_LAUNCH_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to see to. `text`: the whole sentence; `short`: for the answer to what burns."""

    text: str
    short: str


def alerts_of(shown: Sequence[Tile], beside: Beside, business: Business) -> tuple[Alert, ...]:
    """Everything that waits for somebody, the most severe first."""
    late = [*_late(beside, business)]
    return (
        *_stops(beside, business),
        *_figures(shown, "off_track", beside, business),
        *_held(beside, business),
        *_figures(shown, "at_risk", beside, business),
        *late,
        *_stuck(beside, business),
    )


def state(figures: Sequence[Figure], alerts: Sequence[Alert], beside: Beside, business: Business) -> DesiredRow:
    """How things are, and as of when. A connection that is silent takes the green away: nobody knows."""
    language, n = business.language, len(alerts)
    newest = max((at for figure in figures if (at := figure.counted_at) is not None), default=None)
    when = None if newest is None else instant(newest, business.zone, language)
    fresh = [] if beside.read_on is None else [say(language, "read_on", day=day(beside.read_on, language))]
    fresh.append(say(language, "counted_none") if when is None else say(language, "counted", when=when))
    silent = stale(beside, business)
    if silent is not None:
        rest = n - len(beside.stops)
        head = say(language, "stale_points", n=rest) if rest else say(language, "stale_state")
        text = " · ".join((f"**{head}**", silent, *fresh[-1:]))
        return block("state", "callout", text, "gray_background", "⏳")
    head = say(language, "points", n=n) if alerts else say(language, "all_well")
    color, icon = ("yellow_background", "👀") if alerts else ("green_background", "✅")
    return block("state", "callout", " · ".join((f"**{head}**", *fresh)), color, icon)


def answers(
    shown: Sequence[Tile],
    alerts: Sequence[Alert],
    beside: Beside,
    job: RevenueJob,
    business: Business,
    now: datetime,
) -> tuple[DesiredRow, ...]:
    """Where are we, what burns, what comes: a sentence each."""
    language = business.language
    burns = ("\u00a0; " if language == "fr" else "; ").join(alert.short for alert in alerts[:3])
    if len(alerts) > 3:
        burns += f", {say(language, 'more', n=len(alerts) - 3)}"
    texts = {
        "where": ", ".join(_where(shown, business)) or say(language, "no_figure"),
        "burns": burns or say(language, "nothing_burns"),
        "comes": ", ".join(_coming(beside, job, business, now)) or say(language, "nothing_comes"),
    }
    return tuple(
        block(f"answer/{name}", "bulleted_list_item", f"**{say(language, name)}** {_sentence(text)}")
        for name, text in texts.items()
    )


def alert_list(alerts: Sequence[Alert], business: Business) -> tuple[DesiredRow, ...]:
    """At most five of them, each with who sees to it."""
    language = business.language
    text = listed([alert.text for alert in alerts], MOST, say(language, "nothing_decide"), language)
    return (
        block("alerts", "heading_2", say(language, "alerts")),
        block("alerts/list", "paragraph", text),
    )


def _where(shown: Sequence[Tile], business: Business) -> Iterator[str]:
    for tile in shown[:2]:
        value = display(tile.figure, business.language)
        if tile.verdict.share is not None:
            share = percent(tile.verdict.share, business.language, places=0)
            value = say(business.language, "of_target", value=value, share=share)
        yield f"{plain(tile.config.title)} {value}"


def _coming(beside: Beside, job: RevenueJob, business: Business, now: datetime) -> Iterator[str]:
    language, today = business.language, now.astimezone(business.zone).date()
    for launch in sorted(job.launches, key=lambda each: each.opens):
        if today in launch:
            yield say(language, "launch_open", name=plain(launch.name), day=day(launch.closes, language))
        elif today < launch.opens <= today + _LAUNCH_AHEAD:
            yield say(language, "launch_next", name=plain(launch.name), day=day(launch.opens, language))
    soon = [call for call in beside.calls or () if _local(call.starts_at, business) <= today + timedelta(days=SOON)]
    if soon:
        when = call_at(soon[0].starts_at.astimezone(business.zone), language)
        yield f"{say(language, 'week_calls', n=len(soon))} ({say(language, 'first_call', when=when)})"
    if due := beside.task("due_7_days"):
        yield say(language, "week_tasks", n=len(due))


def _stops(beside: Beside, business: Business) -> Iterator[Alert]:
    language = business.language
    for stop in beside.stops:
        when = "" if stop.since is None else instant(stop.since, business.zone, language)
        word = "never" if stop.since is None else "paused" if stop.state == "paused" else "silent"
        short = say(language, "stale_since", title=stop.title, when=when) if when else ""
        short = short or say(language, "never_read", title=stop.title)
        yield Alert(say(language, word, title=stop.title, when=when, who=_boss(beside, business)), short)


def _figures(shown: Sequence[Tile], word: str, beside: Beside, business: Business) -> Iterator[Alert]:
    language = business.language
    for tile in shown:
        if tile.verdict.word == word:
            title, value = plain(tile.config.title), display(tile.figure, language)
            said = say(language, word).lower()
            who = _boss(beside, business)
            text = say(language, "alert_figure", title=f"**{title}**", value=value, said=said, who=who)
            yield Alert(text, f"{title} {value} ({said})")


def _held(beside: Beside, business: Business) -> Iterator[Alert]:
    if beside.held:
        text = say(business.language, "held", n=beside.held, who=_boss(beside, business))
        yield Alert(text, text.rstrip("."))


def _late(beside: Beside, business: Business) -> Iterator[Alert]:
    """Late tasks, the oldest first; in short they are told once."""
    language = business.language
    lines = sorted(beside.task("overdue_count"), key=lambda line: (-(line.number or 0), line.title, line.id))
    for place, line in enumerate(lines):
        due = line.due.astimezone(business.zone).date() if isinstance(line.due, datetime) else line.due
        who = ", ".join(line.who) or say(language, "nobody")
        text = "—" if due is None else day(due, language)
        short = say(language, "late_tasks", n=len(lines)) if not place else ""
        yield Alert(say(language, "late_task", title=plain(line.title), day=text, who=plain(who)), short)


def _stuck(beside: Beside, business: Business) -> Iterator[Alert]:
    n = sum(offer.many("journeys_stuck") for offer in beside.offers)
    if n:
        language = business.language
        yield Alert(say(language, "stuck_line", n=n, who=_boss(beside, business)), say(language, "stuck", n=n))


def _boss(beside: Beside, business: Business) -> str:
    return plain(beside.boss) or say(business.language, "obm")


def _local(at: datetime, business: Business) -> date:
    return at.astimezone(business.zone).date()


def _sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
