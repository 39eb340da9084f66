"""What people read in the plans, figures and pages, in French and English, with each language's number format.

French follows DOMAIN 1.10: narrow no-break space between thousands, comma, no-break space before the sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.money import Money

Language: TypeAlias = Literal["fr", "en"]

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "figure": "Chiffre",
        "period": "Période",
        "currency": "Devise",
        "unit": "Unité",
        "value": "Valeur",
        "target": "Objectif",
        "change": "Évolution",
        "counted_at": "Compté le",
        "proof": "Preuve",
        "dashboard": "Tableau de bord",
        "key_figures": "Chiffres clés",
        "all_figures": "Tous les chiffres",
        "all_well": "Tout va bien",
        "one_point": "1 point à regarder",
        "points": "{n} points à regarder",
        "counted": "dernier mouvement compté le {when}",
        "counted_none": "aucun mouvement compté",
        "when": "{day} à {time}",
        "on_track": "En bonne voie",
        "at_risk": "À surveiller",
        "off_track": "Hors trajectoire",
        "too_early": "trop tôt",
        "target_of": "objectif {target}",
        "target_share": "objectif {target} ({share})",
        "by": "{what} d'ici le {day}",
        "warn_above": "seuil {limit}",
        "risk": "dont {value} à risque (paiement en retard)",
        "colon": " : ",
        "one_line": "1 ligne",
        "lines": "{n} lignes",
        "estimated": "historique estimé",
        "point": "pt",
        "total": "Total",
        "refunds": "Remboursements",
        "gross": "Encaissements bruts",
        "equal": "La somme de ces lignes est le chiffre, au centime près : {value}.",
        "rounded": "Les lignes sont arrondies pour l'affichage ; le total est la somme exacte, arrondie une fois.",
        "no_lines": "Aucune ligne : rien n'a été compté pour cette période.",
        "no_rate": "Aucun encaissement pour cette période : le taux n'existe pas (—).",
        "past_due": "à risque (paiement en retard)",
        "charge": "encaissement",
        "refund": "remboursement",
        "refund_failure": "remboursement échoué",
        "partial_capture_reversal": "capture partielle annulée",
        "dispute": "litige",
        "dispute_reversal": "litige gagné",
        "charge_failure": "prélèvement échoué",
        "subscription": "abonnement",
        "invoice": "facture",
        "date": "Date",
        "what": "Quoi",
        "id": "Identifiant",
        "amount": "Montant",
        "note": "Note",
        "new_collection": "« {name} » n'existe pas encore",
        "not_desired": "n'est plus demandé par le fichier",
        "held_first": "premier passage : le fichier demande qu'une personne décide avant le premier envoi",
        "waits": "un mail pour {who} partira le {when}",
        "goes_out": "partira le {when}, si rien ne change d'ici là",
        "mail_digest": "le résumé du jour ; lignes : {n}",
        "mail_mail": "à dire tout de suite",
        "mail_list": "premier passage : ce qui est déjà en retard, en une liste ; lignes : {n}",
        "mail_forward": "une réponse que le hub n'a pas comprise",
        "mail_held": "un plan attend une décision",
        "held_mails": "{n} mails partiraient d'un coup, la limite est {limit}",
        "held_archives": "{n} lignes seraient archivées, la limite est {limit}",
        "held_updates": "{n} lignes closes changeraient sur {known}, la limite est {limit} ({percent} ou 10)",
        "unsure": "À classer : l'abonnement {key} n'est compté ni comme récurrent ni comme échéances ({why})",
        "no_schedule": "son calendrier {thing} n'est pas encore lu",
        "end_unknown": "il a une date de fin, et rien ne dit quand elle a été posée",
        "no_amount": "le prix {thing} n'a pas de montant",
        "other_currency": "{thing} est dans une autre devise",
        "other": "Autres mouvements, hors encaissements : {category}, {n} pour {amount}",
        "plan": "Plan",
        "actions": "{n} actions",
        "one_action": "1 action",
        "no_action": "rien à changer",
        "held": "Retenu",
        "action": "Action",
        "where": "Où",
        "row": "Ligne",
        "field": "Champ",
        "old": "Avant",
        "owner": "À qui",
        "owner_hub": "au hub",
        "owner_source": "à la source",
        "owner_target": "à la cible",
        "owner_latest": "au dernier qui modifie",
        "new": "Après",
        "why": "Pourquoi",
        "prepare": "préparer",
        "create": "créer",
        "update": "modifier",
        "archive": "archiver",
        "send": "envoyer",
        "copy": "mettre en place",
        "link": "créer un lien",
        "chart": "graphique",
    },
    "en": {
        "figure": "Figure",
        "period": "Period",
        "currency": "Currency",
        "unit": "Unit",
        "value": "Value",
        "target": "Target",
        "change": "Change",
        "counted_at": "Counted at",
        "proof": "Proof",
        "dashboard": "Dashboard",
        "key_figures": "Key figures",
        "all_figures": "All figures",
        "all_well": "All is well",
        "one_point": "1 point to look at",
        "points": "{n} points to look at",
        "counted": "last movement counted on {when}",
        "counted_none": "no movement counted",
        "when": "{day} at {time}",
        "on_track": "On track",
        "at_risk": "At risk",
        "off_track": "Off track",
        "too_early": "too early",
        "target_of": "target {target}",
        "target_share": "target {target} ({share})",
        "by": "{what} by {day}",
        "warn_above": "limit {limit}",
        "risk": "of which {value} at risk (payment late)",
        "colon": ": ",
        "one_line": "1 line",
        "lines": "{n} lines",
        "estimated": "estimated history",
        "point": "pt",
        "total": "Total",
        "refunds": "Refunds",
        "gross": "Gross volume",
        "equal": "These lines add up to the figure, to the cent: {value}.",
        "rounded": "Lines are rounded for display; the total is the exact sum, rounded once.",
        "no_lines": "No line: nothing was counted for this period.",
        "no_rate": "No charge in this period: there is no rate (—).",
        "past_due": "at risk (payment late)",
        "charge": "charge",
        "refund": "refund",
        "refund_failure": "failed refund",
        "partial_capture_reversal": "partial capture reversed",
        "dispute": "dispute",
        "dispute_reversal": "dispute won",
        "charge_failure": "failed debit",
        "subscription": "subscription",
        "invoice": "invoice",
        "date": "Date",
        "what": "What",
        "id": "Id",
        "amount": "Amount",
        "note": "Note",
        "new_collection": '"{name}" does not exist yet',
        "not_desired": "the file no longer asks for it",
        "held_first": "first run: the file asks that a person decides before the first mail goes out",
        "waits": "a mail for {who} goes out at {when}",
        "goes_out": "goes out at {when}, if nothing changes until then",
        "mail_digest": "the digest of the day; lines: {n}",
        "mail_mail": "to be said at once",
        "mail_list": "first run: what is late already, in one list; lines: {n}",
        "mail_forward": "a reply that the hub did not understand",
        "mail_held": "a plan waits for a decision",
        "held_mails": "{n} mails would go out at once, the limit is {limit}",
        "held_archives": "{n} rows would be archived, the limit is {limit}",
        "held_updates": "{n} closed rows of {known} would change, the limit is {limit} ({percent} or 10)",
        "unsure": "To sort: subscription {key} is counted neither as recurring nor as instalments ({why})",
        "no_schedule": "its schedule {thing} has not been read yet",
        "end_unknown": "it has an end date, and nothing says when that was set",
        "no_amount": "price {thing} has no amount",
        "other_currency": "{thing} is in another currency",
        "other": "Other movements, not in cash collected: {category}, {n} for {amount}",
        "plan": "Plan",
        "actions": "{n} actions",
        "one_action": "1 action",
        "no_action": "nothing to change",
        "held": "Held",
        "action": "Action",
        "where": "Where",
        "row": "Row",
        "field": "Field",
        "old": "Old",
        "owner": "Owner",
        "owner_hub": "hub",
        "owner_source": "source",
        "owner_target": "target",
        "owner_latest": "latest",
        "new": "New",
        "why": "Why",
        "prepare": "prepare",
        "create": "create",
        "update": "update",
        "archive": "archive",
        "send": "send",
        "copy": "set up",
        "link": "make a link",
        "chart": "chart",
    },
}
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
# Decimals that people expect, where they are not two: ISO 4217, not a provider's wire format.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"


def say(language: Language, word: str, **parts: object) -> str:
    """The phrase of that name, its parts filled in. KeyError for a name that is not there."""
    return _WORDS[language][word].format(**parts)


def known(language: Language, word: str) -> str:
    """The phrase of that name, or the word itself: for words that come from a provider."""
    return _WORDS[language].get(word, word)


def names() -> Mapping[Language, frozenset[str]]:
    """The names of the phrases of each language."""
    return {language: frozenset(words) for language, words in _WORDS.items()}


def decimals(currency: str) -> int:
    """How many decimals an amount of this currency is shown with."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up: for showing only."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Decimal, places: int, language: Language, *, sign: bool = False) -> str:
    """Half up, grouped by thousands: 12 345,60 or 12,345.60. `sign`: a plus before what is above zero."""
    shown = rounded(value, places)
    text = f"{abs(shown):,f}"
    if language == "fr":
        text = text.replace(",", "\u202f").replace(".", ",")
    mark = "−" if shown < 0 else "+" if sign and shown > 0 else ""
    return f"{mark}{text}"


def money(value: Money, language: Language, *, sign: bool = False) -> str:
    """12 345,60 € in French, €12,345.60 in English; a currency without a sign of its own keeps its code."""
    text = number(value.amount, decimals(value.currency), language, sign=sign)
    symbol = _SYMBOLS.get(value.currency)
    if language == "fr" or symbol is None:
        return f"{text}\u00a0{symbol or value.currency}"
    mark = text[0] if text[0] in "+−" else ""
    return f"{mark}{symbol}{text[len(mark) :]}"


def percent(value: Decimal, language: Language, *, places: int = 1, sign: bool = False) -> str:
    """4,5 % in French, 4.5% in English."""
    return number(value, places, language, sign=sign) + ("\u00a0%" if language == "fr" else "%")


def day(value: date, language: Language) -> str:
    """21/11/2026 in French, 2026-11-21 in English."""
    return value.strftime("%d/%m/%Y") if language == "fr" else value.isoformat()


def instant(value: datetime, zone: ZoneInfo, language: Language) -> str:
    """21/11/2026 à 08:15, or 2026-11-21 at 08:15, in that zone."""
    local = value.astimezone(zone)
    return say(language, "when", day=day(local.date(), language), time=local.strftime("%H:%M"))


def count(n: int, language: Language) -> str:
    """1 ligne, 14 lignes."""
    return say(language, "one_line") if n == 1 else say(language, "lines", n=n)
