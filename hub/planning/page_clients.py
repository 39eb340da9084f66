"""The part of the CEO's page about clients who are being welcomed: how many, how fast, and who waits for what. Pure.

Names, never addresses. The blocks depend on the files alone and not on who is in them, so that they are changed where
they stand: a list that nobody is on says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hub.core.types import Value
from hub.mapping.model import Business
from hub.planning.journeys.figure_words import called, shown, title_of
from hub.planning.journeys.figures import DAYS, FigureName, Line
from hub.planning.journeys.offers import Offer
from hub.planning.plan import DesiredRow
from hub.planning.words import Language, day

NAMING = "clients/"
"""How the keys of blocks begin that may name clients: what stands in them is for the page alone."""
MOST = 8
"""Names of one list; the others are counted."""
_GOOD, _LOOK, _PLAIN = ("green_background", "✅"), ("yellow_background", "👀"), "gray_background"
_OF_BOOKINGS: tuple[FigureName, ...] = ("paid_not_booked", "booked_not_paid")

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "clients": "Clients en accueil",
        "colon": "\u00a0: ",
        "open": "{n} en cours",
        "paused": "{n} en pause",
        "stuck": "{n} bloqué",
        "stuck_many": "{n} bloqués",
        "done": "{n} terminé",
        "done_many": "{n} terminés",
        "asked": "{n} à confirmer",
        "welcome": "**Bienvenue**\u00a0: {welcome} après le paiement · **premier rendez-vous**\u00a0: {kickoff} après "
        "(médianes de {days} jours)",
        "calls": "**Rendez-vous manqués**\u00a0: {missed} · **appels découverte devenus des ventes**\u00a0: "
        "{converted} (sur {days} jours)",
        "nobody": "personne",
        "since": "{name} (depuis le {day})",
        "about": "{name} ({about})",
        "about_since": "{name} ({about}, depuis le {day})",
        "more": "et {n} autre",
        "more_many": "et {n} autres",
    },
    "en": {
        "clients": "Clients being welcomed",
        "colon": ": ",
        "open": "{n} under way",
        "paused": "{n} paused",
        "stuck": "{n} stuck",
        "stuck_many": "{n} stuck",
        "done": "{n} done",
        "done_many": "{n} done",
        "asked": "{n} to be confirmed",
        "welcome": "**Welcome**: {welcome} after the payment · **first appointment**: {kickoff} after "
        "(medians of {days} days)",
        "calls": "**Appointments missed**: {missed} · **discovery calls that became sales**: {converted} "
        "(over {days} days)",
        "nobody": "nobody",
        "since": "{name} (since {day})",
        "about": "{name} ({about})",
        "about_since": "{name} ({about}, since {day})",
        "more": "and {n} more",
        "more_many": "and {n} more",
    },
}


def blocks(offers: Sequence[Offer], business: Business) -> tuple[DesiredRow, ...]:
    """The section of the page; nothing where no job welcomes clients."""
    if not offers:
        return ()
    heading = _block("clients", "heading_2", _say(business.language, "clients"))
    return (heading, *(row for offer in offers for row in _offer(offer, business)))


def _offer(offer: Offer, business: Business) -> Iterator[DesiredRow]:
    language, lead = business.language, f"{NAMING}{offer.job.name}"
    yield _state(offer, f"{lead}/state", language)
    welcome, kickoff = (shown(offer.figures.get(name), language) for name in ("hours_to_welcome", "days_to_kickoff"))
    text = _say(language, "welcome", welcome=welcome, kickoff=kickoff, days=DAYS)
    yield _block(f"{lead}/speed", "callout", text, _PLAIN, "⏰")
    missed, converted = (shown(offer.figures.get(name), language) for name in ("no_show_rate", "calls_converted"))
    text = _say(language, "calls", missed=missed, converted=converted, days=DAYS)
    yield _block(f"{lead}/calls", "callout", text, _PLAIN, "📅")
    lists: list[FigureName] = [*(_OF_BOOKINGS if offer.books else ())]
    lists += ["asked_not_ticked", "journeys_stuck"] if offer.asks else ["journeys_stuck"]
    for name in lists:
        yield _list(offer, name, f"{lead}/{name}", business)


def _state(offer: Offer, key: str, language: Language) -> DesiredRow:
    """**Programme Élan** : 3 en cours · 1 en pause · 0 bloqué · 12 terminés"""
    parts = []
    for name in ("open", "paused", "stuck", "done", "asked"):
        figure = offer.figures.get(f"journeys_{name}")
        n = 0 if figure is None else len(figure.lines)
        # In French none is singular.
        word = f"{name}_many" if n > 1 and name in ("stuck", "done") else name
        if name != "asked" or n:
            parts.append(_say(language, word, n=shown(figure, language)))
    title = called(offer.job.offer, language)
    text = f"**{title}**{_say(language, 'colon')}{' · '.join(parts)}"
    color, icon = _LOOK if offer.many("journeys_stuck") else ("blue_background", "👋")
    return _block(key, "callout", text, color, icon)


def _list(offer: Offer, name: FigureName, key: str, business: Business) -> DesiredRow:
    """**Payé, pas réservé** : 2 · Marie Dupont (depuis le 03/11/2026), Inès Martin (depuis le 05/11/2026)"""
    language = business.language
    head = f"**{title_of(name, language)}**{_say(language, 'colon')}"
    lines = offer.lines(name)
    if not lines:
        nobody = _say(language, "nobody") if name in offer.figures else "—"
        return _block(key, "callout", f"{head}{nobody}", *(_GOOD if name in offer.figures else (_PLAIN, "⚪")))
    # Who has waited longest comes first.
    known = sorted(lines, key=lambda line: (line.at is None, line.at, line.name, line.journey))
    told = [_client(line, offer, business) for line in known[:MOST]]
    rest = len(known) - len(told)
    if rest:
        told.append(_say(language, "more_many" if rest > 1 else "more", n=rest))
    count = f"{head}**{len(lines)}**"
    return _block(key, "callout", f"{count} · {', '.join(told)}", *_LOOK, why=count)


def _client(line: Line, offer: Offer, business: Business) -> str:
    language = business.language
    parts = {"name": called(line.name, language), "about": called(offer.about(line.about), language)}
    word = "about" if line.about else ""
    if line.at is not None:
        parts["day"] = day(line.at.astimezone(business.zone).date(), language)
        word = f"{word}_since".strip("_")
    return _say(language, word, **parts) if word else parts["name"]


def names() -> Mapping[Language, frozenset[str]]:
    """The names of the phrases of each language."""
    return {language: frozenset(words) for language, words in _WORDS.items()}


def _say(language: Language, word: str, **parts: object) -> str:
    return _WORDS[language][word].format(**parts)


def _block(
    key: str, block: str, text: str, color: str | None = None, icon: str | None = None, why: str = ""
) -> DesiredRow:
    values: dict[str, Value] = {"block": block, "text": text, "color": color, "icon": icon}
    return DesiredRow(key=key, values=values, why=(why or text).replace("*", ""))
