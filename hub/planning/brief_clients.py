"""What the morning brief says of clients who are being welcomed: who wants something done, and how it goes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hub.mapping.texts import escaped
from hub.planning.alerts import words
from hub.planning.alerts.types import Reader
from hub.planning.brief_words import say
from hub.planning.journeys.figure_words import called, shown
from hub.planning.journeys.figures import FigureName, Line
from hub.planning.journeys.offers import Offer

MOST = 5
"""Names of one list; the others are counted."""

TO_DO: tuple[FigureName, ...] = (
    "journeys_asked", "journeys_stuck", "journeys_paused", "paid_not_booked", "booked_not_paid", "asked_not_ticked",
)  # fmt: skip
"""The lists that want something done, the most pressing first."""
_COUNTS: tuple[FigureName, ...] = ("journeys_open", "journeys_paused", "journeys_stuck", "journeys_done")
_RATES: tuple[FigureName, ...] = ("hours_to_welcome", "days_to_kickoff", "no_show_rate", "calls_converted")

_REASONS = ("before", "alike", "cancelled", "payment_failed", "by_hand")


def lists(offer: Offer) -> Iterator[tuple[FigureName, tuple[Line, ...]]]:
    """Each list that somebody is on."""
    for name in TO_DO:
        if lines := offer.lines(name):
            yield name, lines


def lines_of(offer: Offer, reader: Reader, today: date) -> Iterator[str]:
    """A line for each list, as Markdown: who is on it, and what to do."""
    for name, lines in lists(offer):
        # Who has waited longest comes first.
        known = sorted(lines, key=lambda line: (line.at is None, line.at, line.name, line.journey))
        told = [_client(line, offer, reader, today) for line in known[:MOST]]
        if len(known) > MOST:
            told.append(_say(reader, "clients_more", n=len(known) - MOST))
        yield _say(reader, name, n=len(known), offer=escaped(called(offer.job.offer, reader.language)),
                   who=", ".join(told))  # fmt: skip


def in_short(offer: Offer, reader: Reader) -> str:
    """ "Programme Élan : 3 en cours · 1 en pause · … · bienvenue après 12 min · …": the figures of an offer."""
    language = reader.language
    parts = []
    for name in (*_COUNTS, *_RATES):
        figure = offer.figures.get(name)
        n = 0 if figure is None else len(figure.lines)
        parts.append(_say(reader, f"short_{name}", n=n, value=shown(figure, language)))
    colon = _say(reader, "colon")
    return f"{escaped(called(offer.job.offer, language))}{colon}{' · '.join(parts)}."


def _client(line: Line, offer: Offer, reader: Reader, today: date) -> str:
    """Her name, what it is about and since when; her address where nobody knows her name."""
    language = reader.language
    name = called(line.name, language)
    who = escaped(line.person if name == called("", language) else name)
    more = [_reason(line.about, reader) or escaped(called(offer.about(line.about), language))] if line.about else []
    if line.at is not None:
        day = words.day_words(reader, line.at.astimezone(reader.zone).date(), today)
        more.append(_say(reader, "clients_since", day=day))
    return f"{who} ({', '.join(more)})" if more else who


def _reason(about: str, reader: Reader) -> str:
    """Why a journey is paused, or asked about, in words; "" for what is no such reason."""
    what, _, other = about.partition(":")
    key = what.replace(" ", "_")
    return _say(reader, f"because_{key}", other=escaped(other.strip())) if key in _REASONS else ""


def _say(reader: Reader, key: str, *, n: int | None = None, **values: object) -> str:
    return say(reader.language, key, formal=reader.formal, n=n, **values)
