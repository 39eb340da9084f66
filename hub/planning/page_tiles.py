"""The five to seven figures of the CEO's page, in two columns: value, target, trend, word and colour. Pure.

On a phone the columns stand one under the other: the file's first figures are in the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub.core.money import Money
from hub.mapping.figure_names import GROUPS
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, RevenueJob, Target
from hub.planning import words
from hub.planning.counted import Counted
from hub.planning.figure import FEW, Figure
from hub.planning.figures.currencies import Total
from hub.planning.page_blocks import LOOKS, block
from hub.planning.page_facts import Beside
from hub.planning.page_launch import launch_tile
from hub.planning.page_trend import Before, before, trend
from hub.planning.page_words import days, display, few, plain, say, shown_as
from hub.planning.plan import DesiredRow
from hub.planning.verdict import Verdict, judge, limit_of, target_of
from hub.planning.words import Language, day, instant, money, number, percent

MOST = 7
LIST, LEFT, RIGHT = "tiles", "tiles/left", "tiles/right"


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of now in the business's currency. `others`: the same in other currencies, which are never added.

    `total`: all of them at stored rates, for display. `effect`: of recurring revenue, what the rates did to it.
    """

    config: FigureConfig
    figure: Figure
    before: Before | None
    verdict: Verdict
    others: tuple[Figure, ...] = ()
    total: Total | None = None
    effect: Total | None = None


def tiles_of(
    figures: Sequence[Figure],
    earlier: Mapping[str, Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    most: int = MOST,
    totals: Sequence[Total] = (),
) -> tuple[Tile, ...]:
    """The first figures of the file as they are now. What stands for several figures is left to the table."""
    current: dict[str, list[Figure]] = {}
    for figure in figures:
        if not figure.closed:
            current.setdefault(figure.figure, []).append(figure)
    since = max((read.since for read in job.read if read.since is not None), default=None)
    made = []
    for config in job.figures:
        found = current.get(config.figure, [])
        mine = next((each for each in found if each.currency in ("", business.currency)), None)
        mine = mine or next(iter(found), None)
        if mine is None:
            continue
        others = tuple(each for each in found if each is not mine)
        verdict = judge(config, mine, business.currency, now, business.zone)
        whole = {each.figure: each for each in totals if each.period == mine.period}
        then = before(mine, earlier.get(mine.key), now, business.zone, since)
        effect = whole.get("mrr_currency_effect") if config.figure == "mrr" else None
        made.append(Tile(config, mine, then, verdict, others, whole.get(mine.figure), effect))
    return tuple(made[:most])


def tiles(
    shown: Sequence[Tile], beside: Beside, job: RevenueJob, business: Business, now: datetime, counted: Counted | None
) -> tuple[DesiredRow, ...]:
    """The columns with their callouts. A single figure stands alone: Notion has no list of one column."""
    rows, tasks = [_of_money(tile, beside, business) for tile in shown], [*_of_tasks(beside, business)]
    open_now = () if counted is None else counted.launched
    launch = launch_tile(job, business, now, open_now, stale(beside, business))
    # The number of blocks follows from the files, not from the day.
    if launch is not None and sum(config.figure not in GROUPS for config in job.figures) < MOST - len(tasks):
        rows.append(launch)
    elif launch is not None and open_now and rows:
        rows[-1] = (rows[-1][0], *launch[1:])
    rows += tasks
    if len(rows) < 2:
        return tuple(block(f"single/{key}", "callout", *rest) for key, *rest in rows)
    half = (len(rows) + 1) // 2
    placed = [(LEFT, rows[:half]), (RIGHT, rows[half:])]
    made = [block(LIST, "column_list")]
    for column, held in placed:
        made.append(block(column, "column", inside=LIST))
        made += [block(f"tile/{key}", "callout", *rest, inside=column) for key, *rest in held]
    return tuple(made)


def stale(beside: Beside, business: Business) -> str | None:
    """Since when what the figures come from is silent; None when it is not."""
    if not beside.stops:
        return None
    stop = beside.stops[0]
    if stop.since is None:
        return say(business.language, "never_read", title=stop.title)
    when = instant(stop.since, business.zone, business.language)
    return say(business.language, "stale_since", title=stop.title, when=when)


def _of_money(tile: Tile, beside: Beside, business: Business) -> tuple[str, str, str, str]:
    silent = stale(beside, business)
    color, icon = LOOKS[None if silent else tile.verdict.word]
    lines = [*_lines(tile, business, silent is not None), [] if silent is None else [silent]]
    return tile.config.figure, lines_of(lines), color, icon


def lines_of(lines: Iterable[Sequence[str]]) -> str:
    """A line for each that says anything."""
    return "\n".join(" · ".join(line) for line in lines if line)


def _lines(tile: Tile, business: Business, silent: bool) -> Iterator[list[str]]:
    """**Encaissements** : **9 430,00 €** · En bonne voie
    objectif 12 000,00 € (79 %)
    ↗ +6 % (8 900,00 € le mois dernier à la même date)"""
    language, figure, config = business.language, tile.figure, tile.config
    head = [f"**{plain(config.title)}**{say(language, 'colon')}**{display(figure, language)}**"]
    small = few(figure, language)
    head += [] if small is None else [small]
    head += [say(language, "estimated")] if figure.estimated else []
    head += [say(language, tile.verdict.word)] if tile.verdict.word is not None and not silent else []
    yield head
    yield [*_against(tile, business)]
    yield [] if tile.before is None else [trend(figure, tile.before, language)]
    if tile.others:
        amounts = ", ".join(_other(each, language) for each in tile.others)
        yield [say(language, "and_also", amounts=amounts), *_in_all(tile.total, tile.effect, language)]
    risk = [line.number for line in figure.lines if line.note == "past_due"]
    if figure.figure == "mrr" and risk:
        amount = money(Money(sum(risk, Decimal(0)), figure.currency), language)
        yield [words.say(language, "risk", value=amount)]


def _other(figure: Figure, language: Language) -> str:
    """A figure in another currency; a rate of its amounts does not say it by itself."""
    shown = display(figure, language)
    return shown if isinstance(figure.value, Money) else f"{shown} ({figure.currency})"


def _in_all(total: Total | None, effect: Total | None, language: Language) -> Iterator[str]:
    """All currencies together at a day's rates, and what these did since the month began; or why not."""
    if total is not None and total.missing:
        yield say(language, "no_rate", currencies=", ".join(total.missing))
    elif total is not None and total.value is not None and total.on is not None:
        yield say(language, "in_all", value=money(total.value, language), day=day(total.on, language))
        if effect is not None and effect.value is not None and effect.value.amount:
            yield say(language, "rates_effect", value=money(effect.value, language, sign=True))


def _against(tile: Tile, business: Business) -> Iterator[str]:
    language, figure, config = business.language, tile.figure, tile.config
    target = target_of(config, figure, business.currency)
    if target is not None:
        text = in_unit(target, figure, language)
        if isinstance(config.target, Target) and config.target.by is not None:
            text = words.say(language, "by", what=text, day=day(config.target.by, language))
        if tile.verdict.share is None:
            yield words.say(language, "target_of", target=text)
        else:
            share = percent(tile.verdict.share, language, places=0)
            yield words.say(language, "target_share", target=text, share=share)
    limit = limit_of(config, figure, business.currency)
    if limit is not None:
        yield words.say(language, "warn_above", limit=in_unit(limit, figure, language))


def in_unit(value: Decimal, figure: Figure, language: Language) -> str:
    """A target or limit of a figure, as people read it."""
    counted = not figure.currency or figure.unit in ("percent", "count", "days")
    return shown_as(value, figure.unit, language) if counted else money(Money(value, figure.currency), language)


def _of_tasks(beside: Beside, business: Business) -> Iterator[tuple[str, str, str, str]]:
    """Deadlines kept this month, and what is late now; nothing where no tasks are watched."""
    if beside.tasks is None:
        return
    language = business.language
    rate = beside.tasks.get("on_time_rate")
    value = None if rate is None else rate.value
    head = f"**{say(language, 'on_time')}**{say(language, 'colon')}**{shown_as(value, 'percent', language)}**"
    lines = () if rate is None else rate.lines
    word = None if value is None else "on_track" if value >= 90 else "at_risk" if value >= 75 else "off_track"
    of = sum(line.counted for line in lines)
    parts = [head, *([say(language, "few_of", of=of, n=len(lines))] if 0 < len(lines) < FEW else [])]
    if word is not None:
        parts.append(say(language, word))
    yield "on_time_rate", " · ".join(parts), *LOOKS[word]
    late, week = beside.task("overdue_count"), beside.task("due_7_days")
    count = f"**{say(language, 'late')}**{say(language, 'colon')}**{number(Decimal(len(late)), 0, language)}**"
    said = [say(language, "due_week", n=len(week))]
    if late:
        oldest = max(int(line.number or 0) for line in late)
        said.insert(0, say(language, "oldest", days=days(max(oldest, 1), language)))
    word = "at_risk" if late else "on_track"
    yield "overdue_count", lines_of([[count, say(language, word)], said]), *LOOKS[word]
