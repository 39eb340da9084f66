"""What the CEO's weekly page and mail say, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str | tuple[str, str]]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "page": "La même chose dans Notion\u00a0: {link}",
        "why": "{title}, dont la page est faite",
        "next": "Le mail part le {when}\u00a0: {subject}",
        "next_away": "Le mail attend le retour de {who}\u00a0: {subject}",
        "not_left": "Aucun mail de fin de semaine ou de mois\u00a0: {who} n'est plus là, d'après business.yaml.",
        "not_made": "{title}\u00a0: pas de mail tant qu'il n'y a pas de page.",
        "not_gone": "{title}\u00a0: le mail est parti, ou a pu partir.",
        "not_refused": "{title}\u00a0: l'adresse de {who} est refusée pour de bon\u00a0; business.yaml peut en donner "
        "une autre.",
        "week": "Semaine du {first} au {last}",
        "month": "Clôture de {month} {year}",
        "months": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "changed": "Ce qui a changé",
        "automated": "Ce qui s'est fait tout seul",
        "waits": "Ce qui attend une décision",
        "nothing_waits": "Rien n'attend de décision.",
        "no_figure": "Aucun chiffre n'est encore compté.",
        "flow": "{title}\u00a0: {now} dans la semaine, {then} la semaine d'avant.",
        "flow_alone": "{title}\u00a0: {now} dans la semaine.",
        "state": "{title}\u00a0: {now}, {step} sur la semaine.",
        "state_same": "{title}\u00a0: {now}, sans changement.",
        "state_alone": "{title}\u00a0: {now}.",
        "closed": "{title}\u00a0: {value}",
        "of_target": "{share} de l'objectif de {target}",
        "month_before": "{value} le mois précédent",
        "runs": ("Le hub a travaillé {n} fois.", "Le hub a travaillé {n} fois."),
        "written": ("{n} fiche tenue à jour.", "{n} fiches tenues à jour."),
        "mails": ("{n} mail envoyé.", "{n} mails envoyés."),
        "copied": ("{n} espace préparé pour un client.", "{n} espaces préparés pour des clients."),
        "unsure": (
            "{n} effet dont personne ne sait s'il a eu lieu\u00a0: à vérifier.",
            "{n} effets dont personne ne sait s'ils ont eu lieu\u00a0: à vérifier.",
        ),
    },
    "en": {
        "hello": "Hello {name},",
        "page": "The same in Notion: {link}",
        "why": "{title}, whose page is made",
        "next": "The mail goes on {when}: {subject}",
        "next_away": "The mail waits until {who} is back: {subject}",
        "not_left": "No mail of weeks and months: {who} has left, business.yaml says.",
        "not_made": "{title}: no mail before there is a page.",
        "not_gone": "{title}: the mail went out, or may have.",
        "not_refused": "{title}: the address of {who} is refused for good; business.yaml may give another.",
        "week": "Week from {first} to {last}",
        "month": "Close of {month} {year}",
        "months": "January February March April May June July August September October November December",
        "changed": "What changed",
        "automated": "What was done automatically",
        "waits": "What waits for a decision",
        "nothing_waits": "Nothing waits for a decision.",
        "no_figure": "No figure is counted yet.",
        "flow": "{title}: {now} in the week, {then} in the week before.",
        "flow_alone": "{title}: {now} in the week.",
        "state": "{title}: {now}, {step} over the week.",
        "state_same": "{title}: {now}, unchanged.",
        "state_alone": "{title}: {now}.",
        "closed": "{title}: {value}",
        "of_target": "{share} of the target of {target}",
        "month_before": "{value} the month before",
        "runs": ("The hub worked {n} time.", "The hub worked {n} times."),
        "written": ("{n} entry kept up to date.", "{n} entries kept up to date."),
        "mails": ("{n} mail sent.", "{n} mails sent."),
        "copied": ("{n} space set up for a client.", "{n} spaces set up for clients."),
        "unsure": (
            "{n} effect of which nobody knows whether it happened: to be checked.",
            "{n} effects of which nobody knows whether they happened: to be checked.",
        ),
    },
}


def say(language: Language, word: str, **parts: object) -> str:
    """The phrase of that name, its parts filled in; `n` chooses between one and several. In French none is singular."""
    found = _WORDS[language][word]
    if not isinstance(found, str):
        n = parts.get("n")
        one = isinstance(n, int) and (n == 1 or (language == "fr" and n == 0))
        found = found[0] if one else found[1]
    return found.format(**parts)


def names() -> Mapping[Language, Mapping[str, str | tuple[str, str]]]:
    """Every phrase of each language."""
    return _WORDS
