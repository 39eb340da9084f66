"""The CEO's week, and the close of her month, in sentences made from the figures: no model writes them. Pure.

What changed, what was automated, what waits for a decision. A flow (cash collected) is told by what moved in those
days, from the lines that prove it; a state (MRR) by what it is, against what was known before them. What moved MRR is
told of months only: its lines say who, not on which day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from hub.core.money import Money
from hub.core.types import Value
from hub.mapping.figure_names import MOVEMENTS, STATES
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, RevenueJob
from hub.mapping.texts import escaped, on_one_line
from hub.planning.alerts.letters import address, link
from hub.planning.figure import Figure, added
from hub.planning.page_blocks import block
from hub.planning.page_words import display, few, plain, shown_as
from hub.planning.plan import DesiredRow
from hub.planning.verdict import target_of
from hub.planning.weekly_words import say
from hub.planning.words import Language, day, percent

WEEK = timedelta(days=7)
Kind: TypeAlias = Literal["week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Automated:
    """What the hub did by itself in those days. `written`: rows, blocks, tasks; `copied`: whole things set up.

    `unsure`: effects of which nobody knows whether they happened.
    """

    runs: int = 0
    written: int = 0
    mails: int = 0
    copied: int = 0
    unsure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A week or month that is over. `first`: its first local day.

    `before`: of a week, figure/currency -> the state that was known on the eve of its Monday.
    """

    kind: Kind
    first: date
    before: Mapping[str, Value] = field(default_factory=dict)
    done: Automated = Automated()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One week or month. `key`: names it for ever (week/2026-W47, month/2026-10)."""

    key: str
    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]


def week_of(today: date) -> tuple[date, date]:
    """The last whole week before a day: its Monday, and the Monday after it."""
    monday = today - timedelta(days=today.weekday())
    return monday - WEEK, monday


def last_closed(today: date) -> tuple[tuple[Kind, date, date], ...]:
    """The last whole week and the last whole month before a day: kind, first day, the day after the last."""
    after = today.replace(day=1)
    return ("week", *week_of(today)), ("month", (after - timedelta(days=1)).replace(day=1), after)


def key_of(kind: Kind, first: date) -> str:
    """What names the week or month that begins on a day for ever."""
    if kind == "month":
        return f"month/{first:%Y-%m}"
    year, week, _ = first.isocalendar()
    return f"week/{year}-W{week:02d}"


def title_of(kind: Kind, first: date, language: Language) -> str:
    """What the page of the week or month that begins on a day is called."""
    if kind == "month":
        name = say(language, "months").split()[first.month - 1]
        return say(language, "month", month=name, year=first.year)
    last = first + WEEK - timedelta(days=1)
    return say(language, "week", first=day(first, language), last=day(last, language))


def report_of(
    closing: Closing, figures: Sequence[Figure], job: RevenueJob, business: Business, waits: Sequence[str]
) -> Report:
    """The week, or the close of the month. `waits`: what waits for somebody, a sentence each."""
    language, first = business.language, closing.first
    if closing.kind == "month":
        changed = tuple(_month_lines(figures, job, business, f"{first:%Y-%m}"))
    else:
        changed = tuple(_week_lines(figures, closing.before, job, business, first))
    sections = (
        (say(language, "changed"), changed or (say(language, "no_figure"),)),
        (say(language, "automated"), tuple(_automated(closing.done, language))),
        (say(language, "waits"), tuple(waits) or (say(language, "nothing_waits"),)),
    )
    return Report(key=key_of(closing.kind, first), title=title_of(closing.kind, first, language), sections=sections)


def rows(report: Report) -> tuple[DesiredRow, ...]:
    """The report as a page: a heading and a line for each sentence."""
    made = []
    for place, (heading, sentences) in enumerate(report.sections):
        made.append(block(f"{report.key}/{place}", "heading_2", heading))
        made += [
            block(f"{report.key}/{place}/{n}", "bulleted_list_item", sentence) for n, sentence in enumerate(sentences)
        ]
    return tuple(made)


def letter(report: Report, business: Business, name: str) -> tuple[str, str]:
    """Subject and body (Markdown) of the mail that brings it. What people wrote in their tools is no markup in it."""
    parts = [say(business.language, "hello", name=escaped(name))]
    for heading, sentences in report.sections:
        parts.append(f"## {heading}\n\n" + "\n".join(f"- {_marked(sentence)}" for sentence in sentences))
    return on_one_line(f"{report.title} — {business.business}"), "\n\n".join(parts) + "\n"


def with_page(body: str, title: str, url: str | None, language: Language) -> str:
    """The mail, and where its page is read; as it is where nobody knows that."""
    there = address(url)
    return body if there is None else f"{body}\n{say(language, 'page', link=link(escaped(title), there))}\n"


def _marked(sentence: str) -> str:
    """A sentence of the page as Markdown: what is bold there is bold here, and nothing else means anything."""
    return escaped(sentence).replace("\\*\\*", "**")


def _week_lines(
    figures: Sequence[Figure],
    before: Mapping[str, Value],
    job: RevenueJob,
    business: Business,
    first: date,
) -> Iterator[str]:
    language = business.language
    for config, known in _by_config(figures, job):
        for currency in dict.fromkeys(each.currency for each in known):
            series = [each for each in known if each.currency == currency]
            title = plain(config.title)
            if config.figure in STATES:
                yield _state(title, series[-1], before.get(f"{config.figure}/{currency}"), language)
            elif series[-1].unit in ("money", "count") and config.figure not in MOVEMENTS:
                now, then = (_moved(series, start, business) for start in (first, first - WEEK))
                values = {"now": _as(now, series[-1], language), "then": _as(then, series[-1], language)}
                yield say(language, "flow" if then else "flow_alone", title=title, **values)


def _state(title: str, figure: Figure, before: Value, language: Language) -> str:
    now = display(figure, language)
    if isinstance(figure.value, Money) and isinstance(before, Money) and before.currency == figure.value.currency:
        step = figure.value.amount - before.amount
    elif isinstance(figure.value, Decimal) and isinstance(before, Decimal):
        step = figure.value - before
    else:
        return say(language, "state_alone", title=title, now=now)
    if not step:
        return say(language, "state_same", title=title, now=now)
    sign = "+" if step > 0 else "−"
    return say(language, "state", title=title, now=now, step=f"{sign}{_as(abs(step), figure, language)}")


def _moved(series: Sequence[Figure], first: date, business: Business) -> Decimal:
    """What the lines of those seven local days add up to, whichever months they lie in."""
    start, end = (_midnight(one, business) for one in (first, first + WEEK))
    return added(line for figure in series for line in figure.lines if start <= line.at < end)


def _month_lines(figures: Sequence[Figure], job: RevenueJob, business: Business, period: str) -> Iterator[str]:
    language = business.language
    for config, known in _by_config(figures, job):
        for figure in (each for each in known if each.period == period):
            earlier = [each for each in known if each.period < period and each.currency == figure.currency]
            parts = [say(language, "closed", title=plain(config.title), value=display(figure, language))]
            parts += _goal(config, figure, business)
            small = few(figure, language)
            if small is not None:
                parts.append(small)
            elif earlier and earlier[-1].value is not None:
                parts.append(say(language, "month_before", value=display(earlier[-1], language)))
            yield f"{', '.join(parts)}."


def _goal(config: FigureConfig, figure: Figure, business: Business) -> list[str]:
    target = target_of(config, figure, business.currency)
    value = figure.value.amount if isinstance(figure.value, Money) else figure.value
    if not target or value is None:
        return []
    shown, share = _as(target, figure, business.language), percent(100 * value / target, business.language, places=0)
    return [say(business.language, "of_target", share=share, target=shown)]


def _automated(done: Automated, language: Language) -> Iterator[str]:
    yield say(language, "runs", n=done.runs)
    for word in ("written", "mails", "copied", "unsure"):
        if n := getattr(done, word):
            yield say(language, word, n=n)


def _by_config(figures: Sequence[Figure], job: RevenueJob) -> Iterator[tuple[FigureConfig, list[Figure]]]:
    """The figures that stand for themselves, each with its months, oldest first."""
    for config in job.figures:
        known = sorted((each for each in figures if each.figure == config.figure), key=lambda each: each.period)
        if known:
            yield config, known


def _as(value: Decimal, figure: Figure, language: Language) -> str:
    """A number in the unit of a figure."""
    return shown_as(Money(value, figure.currency) if isinstance(figure.value, Money) else value, figure.unit, language)


def _midnight(local: date, business: Business) -> datetime:
    return datetime.combine(local, time(), business.zone).astimezone(UTC)
