"""The proof of a figure of client journeys for a person: the clients who were counted, and how they make the figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.mapping.model import Business
from hub.mapping.texts import on_one_line
from hub.planning.journeys.figure_words import called, says, shown, span, title_of, word
from hub.planning.journeys.figures import JourneyFigure, Line, value_of
from hub.planning.journeys.offers import Offer
from hub.planning.words import instant, say


def render(figure: JourneyFigure, offer: Offer, business: Business) -> str:
    """Every client who was counted, with her address; who has waited longest on top.

    ValueError when they do not make the figure.
    """
    made = value_of(figure.unit, figure.lines)
    if made != figure.value:
        raise ValueError(f"{figure.figure} of {offer.job.name}: its clients make {made}, the figure is {figure.value}")
    language = business.language
    title, value = title_of(figure.figure, language), shown(figure, language)
    head = [f"{title} · {offer.job.offer}{say(language, 'colon')}{value}", says(figure.figure, language), ""]
    if not figure.lines:
        return "\n".join([*head, word(language, "nothing" if figure.value is None else "none")]) + "\n"
    return "\n".join([*head, *_table(figure, offer, business), "", _sum(figure, business)]) + "\n"


def _table(figure: JourneyFigure, offer: Offer, business: Business) -> list[str]:
    """A row for each client, with the columns that some client has."""
    language = business.language
    days = figure.unit == "days"
    cells: Mapping[str, Callable[[Line], str]] = {
        "counted": lambda line: word(language, "yes" if line.counted else "no") if figure.unit == "percent" else "",
        "client": lambda line: called(line.name, language),
        "address": lambda line: on_one_line(line.person),
        "at": lambda line: "" if line.at is None else instant(line.at, business.zone, language),
        "number": lambda line: "" if line.number is None else span(line.number, days, language),
        "about": lambda line: on_one_line(offer.about(line.about)),
    }
    lines = sorted(figure.lines, key=lambda line: (line.at is None, line.at, line.name, line.journey))
    columns = [[word(language, name), *map(cell, lines)] for name, cell in cells.items()]
    columns = [column for column in columns if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(f"{column[row]:<{width}}" for column, width in zip(columns, widths, strict=True)).rstrip()
        for row in range(len(lines) + 1)
    ]


def _sum(figure: JourneyFigure, business: Business) -> str:
    """How the clients make the figure."""
    language, n = business.language, len(figure.lines)
    if figure.unit == "count":
        return word(language, "total", n=n)
    if figure.unit == "percent":
        part = sum(line.counted for line in figure.lines)
        return word(language, "divided", part=part, all=n, value=shown(figure, language).partition(" (")[0])
    return word(language, "middle", n=n, value=shown(figure, language))
