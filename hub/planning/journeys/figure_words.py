"""What the figures of client journeys are called, what is counted in them and how each is shown, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import get_args

from hub.mapping.texts import on_one_line
from hub.planning.journeys.figures import DAYS, FigureName, JourneyFigure
from hub.planning.words import Language, number, percent

NAMES: tuple[FigureName, ...] = get_args(FigureName)
LONGEST = 60
"""Letters of a name that are shown."""

_FIGURES: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "fr": {
        "hours_to_welcome": (
            "Du paiement au mail de bienvenue",
            f"Du premier paiement au premier mail qui l'a suivi, sur {DAYS} jours : la médiane.",
        ),
        "days_to_kickoff": (
            "Du paiement au premier rendez-vous",
            f"Du premier paiement au rendez-vous, une fois qu'il a eu lieu, sur {DAYS} jours : la médiane.",
        ),
        "journeys_open": ("Accueils en cours", "Parcours ouverts, ni en pause ni finis."),
        "journeys_paused": ("Accueils en pause", "Parcours qui attendent que l'on dise de continuer."),
        "journeys_stuck": ("Accueils bloqués", "Parcours dont une étape a échoué trop souvent."),
        "journeys_done": ("Accueils terminés", "Parcours dont toutes les étapes sont faites."),
        "journeys_asked": ("Accueils à confirmer", "Parcours qui ne commencent que sur un mot."),
        "no_show_rate": (
            "Rendez-vous manqués",
            f"Rendez-vous manqués ÷ tous ceux dont l'heure est passée, sur {DAYS} jours.",
        ),
        "calls_converted": (
            "Appels découverte devenus des ventes",
            f"Qui a payé après un appel découverte ÷ qui est venu à un tel appel, sur {DAYS} jours.",
        ),
        "paid_not_booked": ("Payé, pas réservé", "Parcours payés et sans rendez-vous."),
        "booked_not_paid": ("Réservé, pas payé", "Parcours avec un rendez-vous et sans paiement."),
        "asked_not_ticked": ("Demandé, pas encore fait", "Ce qui a été demandé à quelqu'un et n'est pas coché."),
    },
    "en": {
        "hours_to_welcome": (
            "From payment to the welcome mail",
            f"From the first payment to the first mail that followed it, over {DAYS} days: the median.",
        ),
        "days_to_kickoff": (
            "From payment to the first appointment",
            f"From the first payment to the appointment, once it was held, over {DAYS} days: the median.",
        ),
        "journeys_open": ("Welcomes under way", "Journeys that are open, neither paused nor done."),
        "journeys_paused": ("Welcomes paused", "Journeys that wait until somebody says to go on."),
        "journeys_stuck": ("Welcomes stuck", "Journeys of which a step has failed too often."),
        "journeys_done": ("Welcomes done", "Journeys of which every step is done."),
        "journeys_asked": ("Welcomes to be confirmed", "Journeys that begin only when somebody says so."),
        "no_show_rate": (
            "Appointments missed",
            f"Appointments missed ÷ all whose time has passed, over {DAYS} days.",
        ),
        "calls_converted": (
            "Discovery calls that became sales",
            f"Who paid after a discovery call ÷ who came to such a call, over {DAYS} days.",
        ),
        "paid_not_booked": ("Paid, not booked", "Journeys that are paid for and have no appointment."),
        "booked_not_paid": ("Booked, not paid", "Journeys with an appointment and without a payment."),
        "asked_not_ticked": ("Asked for, not done yet", "What somebody was asked to do and has not ticked."),
    },
}

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "minutes": "{n}\u00a0min",
        "hours": "{n}\u00a0h",
        "days": "{n}\u00a0jours",
        "share": "{value} ({part} sur {all})",
        "nameless": "sans nom",
        "client": "Cliente",
        "address": "Adresse",
        "at": "Quand",
        "number": "Mesuré",
        "about": "Étape, raison",
        "counted": "Compté",
        "yes": "oui",
        "no": "non",
        "none": "Personne : rien n'a été compté.",
        "nothing": "Personne : ce chiffre n'existe pas (—).",
        "middle": "La médiane de {n} : {value}.",
        "divided": "{part} ÷ {all} = {value}",
        "total": "Total : {n}",
    },
    "en": {
        "minutes": "{n} min",
        "hours": "{n} h",
        "days": "{n} days",
        "share": "{value} ({part} of {all})",
        "nameless": "no name",
        "client": "Client",
        "address": "Address",
        "at": "When",
        "number": "Measured",
        "about": "Step, reason",
        "counted": "Counted",
        "yes": "yes",
        "no": "no",
        "none": "Nobody: nothing was counted.",
        "nothing": "Nobody: there is no such figure (—).",
        "middle": "The median of {n}: {value}.",
        "divided": "{part} ÷ {all} = {value}",
        "total": "Total: {n}",
    },
}


def title_of(figure: str, language: Language) -> str:
    """What the figure is called."""
    return _FIGURES[language][figure][0]


def says(figure: str, language: Language) -> str:
    """What is counted in it, a sentence."""
    return _FIGURES[language][figure][1]


def word(language: Language, key: str, **parts: object) -> str:
    """The phrase of that name, its parts filled in."""
    return _WORDS[language][key].format(**parts)


def shown(figure: JourneyFigure | None, language: Language) -> str:
    """The figure as people read it: 12 min, 6,5 jours, 3, 8,3 % (1 sur 12); — when it does not exist."""
    if figure is None or figure.value is None:
        return "—"
    if figure.unit == "count":
        return number(figure.value, 0, language)
    if figure.unit == "percent":
        part, whole = sum(line.counted for line in figure.lines), len(figure.lines)
        return word(language, "share", value=percent(figure.value, language), part=part, all=whole)
    return span(figure.value, figure.unit == "days", language)


def span(value: Decimal, in_days: bool, language: Language) -> str:
    """A span of hours (of days) in the unit that people would say: 12 min, 2,5 h, 3 jours."""
    hours = value * 24 if in_days else value
    if hours < 1:
        return word(language, "minutes", n=number(hours * 60, 0, language))
    if hours < 48:
        return word(language, "hours", n=_short(hours, language))
    return word(language, "days", n=_short(hours / 24, language))


def called(name: str, language: Language) -> str:
    """A client's name on one line; never an address, which some people put where their name goes."""
    line = on_one_line(name).replace("**", "")
    if not line or "@" in line:
        return word(language, "nameless")
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def names() -> Mapping[Language, frozenset[str]]:
    """The names of the phrases and figures of each language."""
    return {language: frozenset((*_WORDS[language], *_FIGURES[language])) for language in _WORDS}


def _short(value: Decimal, language: Language) -> str:
    return number(value, 0 if value == value.to_integral_value() else 1, language)
