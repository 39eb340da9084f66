"""The proof of a figure for a person: its lines, their total, and that the total is the figure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hub.core.money import Money
from hub.mapping.model import Business
from hub.planning.figure import Figure, ProofLine, added
from hub.planning.words import Language, count, day, decimals, known, money, percent, rounded, say


def render(figure: Figure, business: Business, title: str) -> str:
    """Every line that was counted, oldest first, and their sum. ValueError when that is not the figure."""
    language = business.language
    head = [f"{title} · {figure.period} · {figure.currency}{say(language, 'colon')}{_value(figure, language)}"]
    if figure.estimated:
        head.append(say(language, "estimated"))
    if not figure.lines:
        end = say(language, "no_lines")
        return "\n".join([*head, "", end]) + "\n"
    lines = sorted(figure.lines, key=lambda line: (line.at, line.id, line.what))
    body = _table(lines, business)
    return "\n".join([*head, "", *body, "", count(len(lines), language), *_total(figure, language)]) + "\n"


def _table(lines: Sequence[ProofLine], business: Business) -> list[str]:
    language = business.language
    rows = [[say(language, word) for word in ("date", "what", "id", "amount", "note")]]
    for line in lines:
        when = day(line.at.astimezone(business.zone).date(), language)
        note = known(language, line.note) if line.note == "past_due" else line.note
        rows.append([when, known(language, line.what), line.id, money(line.amount, language), note.replace("\n", " ")])
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]


def _total(figure: Figure, language: Language) -> list[str]:
    if figure.unit == "percent":
        return _rate(figure, language)
    whole = Money(added(figure.lines), figure.currency)
    if whole != figure.value:
        raise ValueError(f"{figure.key}: the lines add up to {whole}, the figure is {figure.value}")
    text = money(whole, language)
    found = [f"{say(language, 'total')}{say(language, 'colon')}{text}", say(language, "equal", value=text)]
    places = decimals(figure.currency)
    if sum((rounded(line.amount.amount, places) for line in figure.lines), Decimal(0)) != rounded(whole.amount, places):
        found.append(say(language, "rounded"))
    return found


def _rate(figure: Figure, language: Language) -> list[str]:
    gross = added(line for line in figure.lines if line.what == "charge")
    refunds = -added(line for line in figure.lines if line.what != "charge")
    names = {"refunds": Money(refunds, figure.currency), "gross": Money(gross, figure.currency)}
    found = [f"{say(language, name)}{say(language, 'colon')}{money(each, language)}" for name, each in names.items()]
    if figure.value is None:
        return [*found, say(language, "no_rate")]
    parts = {name: money(each, language) for name, each in names.items()}
    return [*found, say(language, "equal_rate", **parts, value=_value(figure, language))]


def _value(figure: Figure, language: Language) -> str:
    if isinstance(figure.value, Money):
        return money(figure.value, language)
    return "—" if figure.value is None else percent(figure.value, language)
