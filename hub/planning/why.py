"""The proof of a figure for a person: its lines, their total, and that the total is the figure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hub.core.money import Money
from hub.mapping.model import Business
from hub.planning.figure import Figure, ProofLine, added, fraction, value_of
from hub.planning.figures.names import FIGURES
from hub.planning.page_words import shown_as
from hub.planning.prices import to_decimal
from hub.planning.why_links import NO_LINKS, Links
from hub.planning.why_words import amount, table, thing, word
from hub.planning.words import Language, count, day, decimals, known, money, rounded, say


def render(figure: Figure, business: Business, title: str, links: Links = NO_LINKS, because: str = "") -> str:
    """Every line that was counted, oldest first, and their sum. ValueError when that is not the figure.

    `because`: why it is not what it was when its month was over.
    """
    language = business.language
    head = [f"{heading(title, figure.period, figure.currency)}{say(language, 'colon')}{shown(figure, language)}"]
    if figure.figure in FIGURES:
        head.append(FIGURES[figure.figure].sentences[language])
    if figure.estimated:
        head.append(say(language, "estimated"))
    if because:
        head.append(f"{because[0].upper()}{because[1:]}.")
    if not figure.lines:
        end = say(language, "no_lines")
        return "\n".join([*head, "", end]) + "\n"
    proved(figure)
    lines = sorted(figure.lines, key=lambda line: (line.at, line.id, line.what, line.part))
    body = _table(lines, business, links)
    return "\n".join([*head, "", *body, "", count(len(lines), language), *_total(figure, language)]) + "\n"


def heading(title: str, period: str, currency: str) -> str:
    """What is spoken of: Encaissements · 2026-10 · EUR."""
    return " · ".join(part for part in (title, period, currency) if part)


def shown(figure: Figure, language: Language) -> str:
    """The figure as people read it."""
    return shown_as(figure.value, figure.unit, language)


def proved(figure: Figure) -> None:
    """ValueError when the figure is not what its lines make."""
    whole = value_of(figure.unit, figure.lines, figure.currency)
    if whole != figure.value:
        raise ValueError(f"{figure.key}: the lines add up to {whole}, the figure is {figure.value}")


def _table(lines: Sequence[ProofLine], business: Business, links: Links) -> list[str]:
    language = business.language
    names = [say(language, each) for each in ("date", "what", "id", "amount")]
    rows = [[*names, word(language, "part"), say(language, "note"), word(language, "link")]]
    for line in lines:
        when = day(line.at.astimezone(business.zone).date(), language)
        part = word(language, line.part) if line.part else ""
        what = thing(language, line.what)
        rows.append(
            [when, what, line.id, amount(line.amount, language), part, noted(line.note, language), links.of(line.id)]
        )
    return table(rows, right=(3,))


def noted(note: str, language: Language) -> str:
    """What the provider says of a line, on one line."""
    return known(language, note) if note == "past_due" else note.replace("\n", " ")


def _total(figure: Figure, language: Language) -> list[str]:
    if figure.unit not in {"money", "count"}:
        return _rate(figure, language)
    if figure.unit == "count":
        return [word(language, "counted_all", value=shown(figure, language))]
    whole = Money(added(figure.lines), figure.currency)
    text = money(whole, language)
    found = [f"{say(language, 'total')}{say(language, 'colon')}{text}", say(language, "equal", value=text)]
    places = decimals(figure.currency)
    if sum((rounded(line.number, places) for line in figure.lines), Decimal(0)) != rounded(whole.amount, places):
        found.append(say(language, "rounded"))
    return found


def _rate(figure: Figure, language: Language) -> list[str]:
    """Numerator, denominator, and the division."""
    of, per = fraction(figure.lines)
    sides = {"of": _side(figure, of, "of"), "per": _side(figure, per, "per")}
    names = ("numerator", "denominator")
    if figure.figure == "refund_rate":
        titles = [say(language, "refunds"), say(language, "gross")]
    else:
        titles = [word(language, name) for name in names]
    texts = {name: amount(each, language) for name, each in sides.items()}
    found = [f"{title}{say(language, 'colon')}{text}" for title, text in zip(titles, texts.values(), strict=True)]
    if figure.value is None:
        refunds = figure.figure == "refund_rate"
        return [*found, say(language, "no_rate") if refunds else word(language, "nothing_to_divide")]
    return [*found, word(language, "divided", **texts, value=shown(figure, language))]


def _side(figure: Figure, number: Fraction, part: str) -> Money | Decimal:
    """One side of a division, as money where its lines are."""
    mine = [line for line in figure.lines if line.part == part or not line.part]
    exact = to_decimal(number)
    return Money(exact, figure.currency) if any(line.currency for line in mine) else exact
