"""Instalments as figures: signed, received, receivable, due, overdue, abandoned, collected. Pure.

In each currency, receivable = receivable before + signed - received - abandoned: a ValueError that names the amounts
when it is not so. What was given back to a customer is in the cash figures, not here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import Figure, Part, ProofLine
from hub.planning.figures.books import Books
from hub.planning.figures.lines import ONE, Exact, Lines, figure, plain, total
from hub.planning.figures.parts import Instalment, Plan
from hub.planning.prices import to_decimal

Flow: TypeAlias = Literal["instalments_signed", "instalments_received", "instalments_due", "instalments_abandoned"]
_FLOWS: tuple[Flow, ...] = ("instalments_signed", "instalments_received", "instalments_due", "instalments_abandoned")


@dataclass(frozen=True, slots=True)
class Late:
    """An instalment whose date has passed and that is still to be paid."""

    id: str
    plan: str
    customer: str
    amount: Money
    since: datetime
    days: int


@dataclass(slots=True)
class _Month:
    """What is known of one month in one currency."""

    flows: dict[str, list[Exact]] = field(default_factory=lambda: {name: [] for name in _FLOWS})
    open: list[Exact] = field(default_factory=list)
    overdue: list[Exact] = field(default_factory=list)
    collected: list[ProofLine] = field(default_factory=list)
    estimated: bool = False


def overdue(plans: Sequence[Plan], t: datetime) -> tuple[Late, ...]:
    """The overdue instalments at an instant, oldest first; `days` have passed since each was to be paid."""
    found = []
    for plan in plans:
        for part in plan.parts:
            owed = part.overdue(t)
            if owed and part.late_from is not None:
                money = Money(to_decimal(owed), plan.currency)
                days = (t - part.late_from).days
                found.append(Late(part.id, plan.key, plan.customer, money, part.late_from, days))
    return tuple(sorted(found, key=lambda each: (each.since, each.id)))


def figures(books: Books, plans: Sequence[Plan], span: Sequence[Month]) -> Iterator[Figure]:
    """Every figure of instalments by month of `span` and currency, the business's own first.

    What falls due in the current month is the whole month's, the days to come included: its date is agreed.
    """
    lines = Lines()
    for currency in sorted(
        {books.currency, *(plan.currency for plan in plans)}, key=lambda code: (code != books.currency, code)
    ):
        ours = [plan for plan in plans if plan.currency == currency]
        found = _counted(ours, span, books.now)
        _check(found, ours, span, currency)
        signed = min((part.signed_at for plan in ours for part in plan.parts), default=span[0].start)
        for month, each in zip(span, found, strict=True):
            if currency == books.currency or signed < month.end:
                yield from _figures(month, each, currency, lines, closed=books.closed(month))


def _figures(month: Month, each: _Month, currency: str, lines: Lines, *, closed: bool) -> Iterator[Figure]:
    amounts: dict[str, list[Exact]] = {**each.flows, "receivable": each.open, "instalments_overdue": each.overdue}
    made = {name: lines.money(parts, currency) for name, parts in amounts.items()}
    for name, proof in (*made.items(), ("instalments_rate", tuple(each.collected))):
        yield figure(name, month, currency, proof, estimated=each.estimated, closed=closed)


def _counted(plans: Sequence[Plan], span: Sequence[Month], now: datetime) -> list[_Month]:
    starts = [month.start for month in span]
    found = [_Month() for _ in span]
    for plan in plans:
        for name, at, line in _flows(plan):
            index = bisect_right(starts, at) - 1
            if index >= 0 and at < span[-1].end and (at <= now or name == "instalments_due"):
                found[index].flows[name].append(line)
                found[index].estimated |= plan.estimated
        kept: dict[tuple[str, Part], ProofLine] = {}
        for month, each in zip(span, found, strict=True):
            _stand(plan, min(month.last, now), each, kept)
    return found


def _flows(plan: Plan) -> Iterator[tuple[Flow, datetime, Exact]]:
    """What happened to a plan, and when."""
    sold: dict[datetime, list[Instalment]] = {}
    for part in plan.parts:
        sold.setdefault(part.signed_at, []).append(part)
        for at, amount in part.payments:
            yield "instalments_received", at, _line(plan, part, amount, at)
        if part.gone_at is None or part.due_at < part.gone_at:
            yield "instalments_due", part.due_at, _line(plan, part, part.amount, part.due_at)
        if part.gone_at is not None:
            left = part.abandoned(part.gone_at)
            yield "instalments_abandoned", part.gone_at, _line(plan, part, left, part.gone_at)
            for at, amount in part.payments:  # paid after all
                if at > part.gone_at:
                    yield "instalments_abandoned", at, _line(plan, part, -amount, at)
    for at, parts in sold.items():
        whole = total(part.amount for part in parts)
        yield "instalments_signed", at, Exact(plan.key, plan.what, whole, at, str(len(parts)))


def _stand(plan: Plan, t: datetime, month: _Month, kept: dict[tuple[str, Part], ProofLine]) -> None:
    """What a plan is at an instant."""
    for part in plan.parts:
        if part.signed_at > t:
            continue
        month.estimated |= plan.estimated
        if left := part.open(t):
            month.open.append(_line(plan, part, left, part.due_at))
            if part.late_from is not None and part.late_from <= t:
                month.overdue.append(_line(plan, part, left, part.late_from))
        if part.fell_due(t):
            shares: tuple[Part, ...] = ("of", "per") if part.paid(t) >= part.amount else ("per",)
            for share in shares:
                month.collected.append(kept.setdefault((_note(plan, part), share), _one(plan, part, share)))


def _check(found: Sequence[_Month], plans: Sequence[Plan], span: Sequence[Month], currency: str) -> None:
    before = span[0].start - timedelta(microseconds=1)
    running = total(part.open(before) for plan in plans for part in plan.parts)
    for month, each in zip(span, found, strict=True):
        signed, received, _, abandoned = (_sum(each.flows[name]) for name in _FLOWS)
        start, end = running, _sum(each.open)
        running += signed - received - abandoned
        if running != end:
            raise ValueError(
                f"The instalments of {month.label} in {currency} do not add up: {plain(start)} were receivable,"
                f" then {plain(signed)} signed, {plain(received)} received and {plain(abandoned)}"
                f" abandoned, but {plain(end)} are receivable"
            )


def _sum(lines: Sequence[Exact]) -> Fraction:
    return total(line.amount for line in lines)


def _line(plan: Plan, part: Instalment, amount: Fraction, at: datetime) -> Exact:
    return Exact(part.id, "invoice" if part.issued else plan.what, amount, at, _note(plan, part))


def _one(plan: Plan, part: Instalment, share: Part) -> ProofLine:
    return ProofLine(part.id, "invoice" if part.issued else plan.what, ONE, part.due_at, _note(plan, part), share)


def _note(plan: Plan, part: Instalment) -> str:
    """2/3; without the whole number where nobody knows it."""
    return f"{part.position}/{len(plan.parts)}" if plan.known else str(part.position)
