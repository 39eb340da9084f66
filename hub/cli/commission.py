"""`hub commission`: what somebody is due for a month, as a draft, or frozen and numbered for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hub.cli.opened import Say
from hub.cli.steer import Helm, figure_of, helm
from hub.core.errors import ConfigError
from hub.core.money import Money, total
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Commission
from hub.planning.figure import ProofLine
from hub.planning.figures.books import books
from hub.planning.figures.commission import Statement, from_values, statement, to_values
from hub.planning.figures.commissioned import masked
from hub.planning.figures.offers import Offers
from hub.planning.steer_words import word
from hub.planning.why_words import table, thing
from hub.planning.words import count, money
from hub.planning.words import day as day_of
from hub.planning.words import say as phrase
from hub.store import entries, figures
from hub.store.entries import StatementRow
from hub.store.figures import FigureRow


@dataclass(frozen=True, slots=True)
class _Deal:
    """One agreement, with what its base was in every month of it, as is known now, and what was stated before.

    `estimated`: the months whose base rests on an assumed tax rate. `others`: month -> currencies left out.
    """

    at: Helm
    job: RevenueJob
    name: str
    agreement: Commission
    lines: Mapping[str, Sequence[ProofLine]]
    stated: tuple[tuple[StatementRow, Statement], ...]
    estimated: frozenset[str]
    others: Mapping[str, Sequence[str]]

    def draft(self, month: str) -> Statement:
        """Its number begins with the agreement's own name, so that two of one person have numbers of their own."""
        own = self.agreement.model_copy(update={"who": self.name})
        earlier = [made for _, made in self.stated]
        return statement(own, month, self.lines, earlier, self.at.runtime.business.currency)


def show(month: str | None, freeze: bool, agreement: str | None, business: str | None, say: Say) -> None:
    """Prints the statements of a month. ConfigError where there is no such agreement, or the month cannot be stated."""
    with helm(business) as at:
        wanted = _month(at, month)
        found = [
            (job, name, each)
            for job in at.jobs.values()
            for name, each in job.commissions.items()
            if agreement in (None, name)
        ]
        if not found:
            known = ", ".join(name for job in at.jobs.values() for name in job.commissions) or "none"
            raise ConfigError(
                f"{at.runtime.key}: no agreement {f'is called {agreement}' if agreement else 'stands in the files'}. "
                f"There are: {known}; docs/figures.md shows how to write one (commissions:)."
            )
        running = [(job, name, each) for job, name, each in found if _runs(each, wanted)]
        if not running:
            spans = "; ".join(f"{name} from {each.starts} to {each.ends or 'now'}" for _, name, each in found)
            raise ConfigError(f"No agreement runs in {wanted}: {spans}.")
        for job, name, each in running:
            deal = _deal(at, job, name, each, wanted)
            if freeze:
                deal = _freeze(deal, wanted)
            for line in _told(deal, wanted):
                say(line)
            say("")


def _month(at: Helm, said: str | None) -> str:
    """The month that is asked for, or the last one that is over."""
    if said is None:
        year, number = at.today.year, at.today.month
        return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", said):
        raise ConfigError(f"{said} is no month. Write it like 2026-10.")
    return said


def _runs(agreement: Commission, month: str) -> bool:
    begins = date.fromisoformat(f"{month}-01")
    return agreement.starts <= begins and (agreement.ends is None or begins <= agreement.ends)


def _deal(at: Helm, job: RevenueJob, name: str, agreement: Commission, month: str) -> _Deal:
    runtime, home = at.runtime, at.runtime.business.currency
    with runtime.store.read() as conn:
        stated = _stated(name, entries.frozen(conn, runtime.key, job.name))
        months = sorted({month, *(made.month for _, made in stated)})
        rows = {each: figures.of_jobs(conn, runtime.key, each).get(job.name, []) for each in months}
        view = runtime.view(conn)
    rows = {each: [row for row in mine if row.figure == agreement.base] for each, mine in rows.items()}
    _known(at, agreement, rows, home)
    kept = books(view, job.read, runtime.business, runtime.now())
    offers = Offers(kept, view, job.read)
    own = {each: next(row for row in mine if row.currency == home) for each, mine in rows.items()}
    return _Deal(
        at=at,
        job=job,
        name=name,
        agreement=agreement,
        lines={each: masked(agreement, figure_of(row).lines, offers) for each, row in own.items()},
        stated=stated,
        estimated=frozenset(each for each, row in own.items() if row.estimated),
        others={each: [row.currency for row in mine if row.currency != home] for each, mine in rows.items()},
    )


def _known(at: Helm, agreement: Commission, rows: Mapping[str, Sequence[FigureRow]], home: str) -> None:
    """ConfigError where the base of a month is not known: nothing is stated, and nothing taken back, for that."""
    for month, mine in rows.items():
        if not any(row.currency == home for row in mine):
            tax = " Say the tax (rules: vat:), which Stripe does not." if agreement.base == "cash_in_net" else ""
            raise ConfigError(
                f"{at.runtime.key}: {agreement.base} of {month} is not known, from which the commission is counted. "
                f"`hub sync` counts it.{tax}"
            )


def _stated(name: str, rows: Sequence[StatementRow]) -> tuple[tuple[StatementRow, Statement], ...]:
    """What was stated of this agreement before. ConfigError where one is not as it was made."""
    try:
        made = [(row, from_values(row.body)) for row in rows]
    except ValueError as error:
        raise ConfigError(f"{error}. Restore the hub's database from a backup.") from error
    return tuple((row, each) for row, each in made if each.who == name)


def _freeze(deal: _Deal, month: str) -> _Deal:
    runtime = deal.at.runtime
    if month >= deal.at.month:
        raise ConfigError(f"{month} is not over: its statement is frozen from the first day of the next month on.")
    last = max((made.month for _, made in deal.stated), default="")
    if month <= last:
        number = next(made.number for _, made in deal.stated if made.month == last)
        what = "is made already" if month == last else f"would come after that of {last}"
        raise ConfigError(f"The statement of {month} {what} ({number}), which never changes.")
    now = runtime.now()
    made = deal.draft(month)
    row = StatementRow(made.number, month, to_values(made), now)
    with runtime.store.write() as conn:
        entries.freeze(conn, runtime.key, deal.job.name, row)
    return _deal(deal.at, deal.job, deal.name, deal.agreement, month)


def _told(deal: _Deal, month: str) -> Iterator[str]:
    """The statement of a month as it stands, or the draft of it."""
    business, language = deal.at.runtime.business, deal.at.runtime.business.language
    frozen = next((each for each in deal.stated if each[1].month == month), None)
    made = deal.draft(month) if frozen is None else frozen[1]
    title = word(language, "draft" if frozen is None else "statement", number=made.number)
    person = business.people.get(deal.agreement.who)
    yield word(language, "of_month", title=title, who=person.name if person else deal.agreement.who, month=month)
    if frozen is not None:
        yield word(language, "frozen_at", day=day_of(frozen[0].at.astimezone(business.zone).date(), language))
    yield ""
    yield from _lines(deal, made)
    yield from _sums(deal, made)
    if month in deal.estimated:
        yield word(language, "estimated_base")
    if deal.others.get(month):
        yield word(language, "left_out", currencies=", ".join(deal.others[month]))
    if frozen is None:
        if month < deal.at.month:
            yield word(language, "freeze_hint", month=month)
        return
    now = total(business.currency, (line.amount for line in deal.lines[month] if isinstance(line.amount, Money)))
    stated = [each.base for _, other in deal.stated for each in other.adjustments if each.month == month]
    if now != made.amount + total(business.currency, stated):
        yield word(language, "differs", base=money(now, language))


def _lines(deal: _Deal, made: Statement) -> Iterator[str]:
    business, language = deal.at.runtime.business, deal.at.runtime.business.language
    if not made.lines:
        yield phrase(language, "no_lines")
        return
    rows = [[phrase(language, name) for name in ("date", "what", "id", "amount")] + [word(language, "client")]]
    for line in made.lines:
        when = day_of(line.at.astimezone(business.zone).date(), language)
        amount = money(line.amount, language) if isinstance(line.amount, Money) else str(line.amount)
        rows.append([when, thing(language, line.what), line.id, amount, line.note])
    yield from table(rows, right=(3,))
    yield ""
    yield count(len(made.lines), language)


def _sums(deal: _Deal, made: Statement) -> Iterator[str]:
    language = deal.at.runtime.business.language
    base = f"{word(language, 'base')} ({deal.at.title(made.base)})"
    rows = [(base, made.amount), (word(language, "fixed"), made.fixed), (word(language, "commission"), made.commission)]
    for each in made.adjustments:
        text = word(language, "adjustment", month=each.month, base=money(each.base, language))
        rows.append((text, each.commission))
    rows.append((word(language, "due"), made.due))
    for name, amount in rows:
        yield f"{name}{phrase(language, 'colon')}{money(amount, language)}"
    yield f"{word(language, 'digest')}{phrase(language, 'colon')}{made.digest}"
