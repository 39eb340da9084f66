"""The notes of a plan of journeys, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "past": "{who} est un client d'avant et vient de revenir : `hub start` ouvre son parcours",
        "pinned": "{n} parcours en cours gardent la version du fichier avec laquelle ils ont commencé",
        "nameless": "{n} paiements ne disent pas ce qui a été acheté",
        "partial": "{n} paiements remboursés en partie : leur parcours continue",
        "unknown": "{n} enregistrements sans adresse e-mail : ils n'ouvrent aucun parcours",
        "flood_hour": "{n} parcours ouverts en une heure ; au-delà de {most}, le hub demande d'abord",
        "flood_day": "{n} parcours ouverts en un jour ; au-delà de {most}, le hub demande d'abord",
    },
    "en": {
        "past": "{who} was a client before the hub and has come back: `hub start` opens the journey",
        "pinned": "running journeys that keep the version of the file that they started with: {n}",
        "nameless": "payments that do not say what was bought: {n}",
        "partial": "payments given back in part, whose journeys go on: {n}",
        "unknown": "records without an e-mail address, which open no journey: {n}",
        "flood_hour": "{n} journeys opened within an hour; above {most} the hub asks first",
        "flood_day": "{n} journeys opened within a day; above {most} the hub asks first",
    },
}


def say(language: Language, word: str, **parts: object) -> str:
    """The phrase of that name, its parts filled in."""
    return _WORDS[language][word].format(**parts)
