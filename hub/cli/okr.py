"""`hub okr`: how far the key results are, and what a person enters by hand."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from hub.cli.opened import Say
from hub.cli.steer import Helm, helm, numbers
from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import KeyResult, Objective
from hub.nearest import nearest
from hub.planning.figures import okr
from hub.planning.figures.names import FIGURES
from hub.planning.figures.okr import Entry, Progress
from hub.planning.page_words import shown_as
from hub.planning.prices import to_decimal
from hub.planning.steer_words import word
from hub.planning.why_words import table
from hub.planning.words import day as day_of
from hub.planning.words import number, percent
from hub.planning.words import say as phrase
from hub.store import entries, figures, jobs


def listed(business: str | None, say: Say) -> None:
    """Prints every objective. ConfigError where the files have none."""
    with helm(business) as at:
        found = [(job, objective) for job in at.jobs.values() for objective in job.okr]
        if not found:
            raise ConfigError(f"{at.runtime.key}: no file has objectives (okr:); docs/figures.md shows how.")
        for job, objective in found:
            for line in _objective(at, objective, _progress(at, job, objective)):
                say(line)
            say("")


def enter(name: str, value: str, business: str | None, say: Say) -> None:
    """Keeps a value by hand, as said today by who runs the command. ConfigError for a name that takes none."""
    with helm(business) as at:
        job, objective, result = _meant(at, name)
        first, after = okr.quarter_of(objective.quarter)
        if not first <= at.today < after:
            raise ConfigError(f"{name} is of {objective.quarter}, which is not now: nothing can be entered.")
        said = _decimal(value)
        runtime, now = at.runtime, at.runtime.now()
        with runtime.store.write() as conn:
            row = entries.EntryRow(name, at.today, said, getpass.getuser())
            entries.enter(conn, runtime.key, job.name, row, now)
            jobs.dirty(conn, runtime.key, [job.name], now)
        language = runtime.business.language
        shown = _shown(at, result, said)
        say(word(language, "entered", title=result.title, value=shown, day=day_of(at.today, language)))
        for line in _objective(at, objective, _progress(at, job, objective)):
            say(line)


def _meant(at: Helm, name: str) -> tuple[RevenueJob, Objective, KeyResult]:
    every = [(job, one, result) for job in at.jobs.values() for one in job.okr for result in one.key_results]
    by_hand = [result.name for _, _, result in every if result.figure is None]
    for job, objective, result in every:
        if result.name == name:
            if result.figure is not None:
                raise ConfigError(
                    f"{name} is counted from {result.figure}, nothing is entered. "
                    f"By hand: {', '.join(by_hand) or 'none'}."
                )
            return job, objective, result
    near = nearest(name, by_hand)
    hint = f'Did you mean "{near}"?' if near else f"There are: {', '.join(by_hand) or 'none'}."
    raise ConfigError(f"No key result that is entered by hand is called {name}. {hint}")


def _decimal(text: str) -> Decimal:
    """12.5, 12,5 and 1 200 are numbers."""
    plain = "".join(text.split()).replace("\u202f", "").replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise ConfigError(f"{text} is no number. Write digits, like 12 or 12.5.")
    return found


def _progress(at: Helm, job: RevenueJob, objective: Objective) -> tuple[Progress, ...]:
    """From what this job counted, and what was entered for it."""
    runtime, periods = at.runtime, _months(objective)
    with runtime.store.read() as conn:
        rows = [row for period in periods for row in figures.of_jobs(conn, runtime.key, period).get(job.name, ())]
        said = entries.entered(conn, runtime.key, job.name)
    values = okr.values_of(numbers(rows, runtime.business.currency), objective.quarter, at.today)
    known: Mapping[str, Sequence[Entry]] = {
        name: [Entry(row.day, row.value, row.by) for row in mine] for name, mine in said.items()
    }
    return okr.progress(objective, values, known, at.today)


def _months(objective: Objective) -> list[str]:
    first, _ = okr.quarter_of(objective.quarter)
    return [f"{date(first.year, first.month + more, 1):%Y-%m}" for more in range(3)]


def _objective(at: Helm, objective: Objective, found: Sequence[Progress]) -> Iterator[str]:
    language = at.runtime.business.language
    quarter = objective.quarter.replace("Q", "T") if language == "fr" else objective.quarter
    yield word(language, "quarter", objective=objective.objective, quarter=quarter)
    heads = ("result", "start", "now", "goal", "done", "expected", "state")
    rows = [[word(language, name) for name in heads] + [phrase(language, "note")]]
    for each in found:
        result = each.result
        share = "—" if each.share is None else percent(100 * to_decimal(each.share), language, places=0)
        rows.append(
            [
                result.title,
                _shown(at, result, result.start),
                _shown(at, result, each.value),
                _shown(at, result, result.to),
                share,
                percent(100 * to_decimal(each.expected), language, places=0),
                word(language, each.standing),
                " · ".join(_notes(at, objective, each)),
            ]
        )
    yield from table(rows, right=(1, 2, 3, 4, 5), indent="  ")


def _notes(at: Helm, objective: Objective, each: Progress) -> Iterator[str]:
    """When it was entered, whether that is too long ago, and when it will be worse."""
    language = at.runtime.business.language
    if each.silent is not None:
        yield word(language, "silent", n=each.silent, name=each.result.name)
    elif each.said_on is not None:
        yield word(language, "said_on", day=day_of(each.said_on, language))
    flips = None if each.share is None else okr.flips_on(each.share, objective.quarter, at.today)
    if flips is not None and each.share is not None:
        then = word(language, okr.standing(each.share, objective.quarter, flips)).lower()
        yield word(language, "flips", word=then, day=day_of(flips, language))


def _shown(at: Helm, result: KeyResult, value: Decimal | None) -> str:
    """A value in the unit of the figure that feeds it; one that is entered by hand is a plain number."""
    language = at.runtime.business.language
    if value is None or result.figure is None or result.figure not in FIGURES:
        places = 0 if value is None or value == value.to_integral_value() else 2
        return "—" if value is None else number(value, places, language)
    unit = FIGURES[result.figure].unit
    money = unit == "money" or result.figure in {"arpa", "ltv", "average_order"}
    return shown_as(Money(value, at.runtime.business.currency) if money else value, unit, language)
