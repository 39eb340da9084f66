"""The way from our figure to another tool's, for a person: cause by cause, each with its lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.core.money import Money
from hub.mapping.model import Business
from hub.planning.figures.bridge import Bridge
from hub.planning.figures.bridge_causes import Cause
from hub.planning.why import heading, noted
from hub.planning.why_links import NO_LINKS, Links
from hub.planning.why_words import amount, table, thing
from hub.planning.words import Language, count, day, decimals, money, rounded, say

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "instalments": "Paiements en plusieurs fois, que nous comptons en reste à encaisser",
        "to_classify": "À classer : ni récurrent ni échéances tant que personne n'a décidé",
        "trials": "Essais en cours",
        "unpaid": "Abonnements abandonnés pour impayé (« unpaid »)",
        "paused": "Abonnements en pause",
        "ending": "Résiliations programmées, que nous comptons jusqu'à leur fin",
        "once": "Réductions d'une seule facture, que nous ne déduisons pas",
        "time_zone": "Mois de UTC au lieu de celui de l'entreprise",
        "currency": "Autres devises, converties",
        "tax": "TVA",
        "outside": "Payé hors de Stripe",
        "refunds": "Remboursements",
        "disputes": "Litiges",
        "late_failures": "Prélèvements échoués après coup",
        "fees": "Frais Stripe",
        "other_movements": "Autres mouvements",
        "ours": "Notre chiffre",
        "theirs": "Leur chiffre",
        "difference": "Écart",
        "exact": "Ensemble, ces causes font l'écart, au centime près :",
        "usual": "Aucune combinaison de causes ne fait l'écart. Ce que Stripe compte autrement d'habitude :",
        "nothing": "Les deux chiffres sont le même.",
        "no_cause": "Rien de ce que Stripe compte autrement d'habitude n'existe ici.",
        "possible": "Ce qui différerait aussi, si l'autre outil le comptait autrement :",
        "unexplained": "Inexpliqué",
        "no_rate": "Sans cours de change, donc dans aucune cause : {currencies}.",
    },
    "en": {
        "instalments": "Payments in instalments, which we count as receivable",
        "to_classify": "To sort: neither recurring nor instalments until somebody decides",
        "trials": "Trials",
        "unpaid": "Subscriptions given up as unpaid",
        "paused": "Paused subscriptions",
        "ending": "Scheduled cancellations, which we count until they end",
        "once": "Discounts of one invoice, which we do not take off",
        "time_zone": "The month of UTC instead of the business's own",
        "currency": "Other currencies, converted",
        "tax": "Tax",
        "outside": "Paid outside Stripe",
        "refunds": "Refunds",
        "disputes": "Disputes",
        "late_failures": "Debits that failed later",
        "fees": "Stripe fees",
        "other_movements": "Other movements",
        "ours": "Our figure",
        "theirs": "Their figure",
        "difference": "Difference",
        "exact": "Together these causes make the difference, to the cent:",
        "usual": "No causes together make the difference. What Stripe usually counts otherwise:",
        "nothing": "Both figures are the same.",
        "no_cause": "Nothing that Stripe usually counts otherwise is there.",
        "possible": "What would differ as well, if the other tool counted it otherwise:",
        "unexplained": "Unexplained",
        "no_rate": "Without a rate of exchange, so in no cause: {currencies}.",
    },
}


def names() -> Mapping[Language, frozenset[str]]:
    """The names of the phrases of each language."""
    return {language: frozenset(words) for language, words in _WORDS.items()}


def render(found: Bridge, business: Business, title: str, links: Links = NO_LINKS) -> str:
    """Ours, the causes that are taken with their lines, what stays unexplained, theirs; then what else could be."""
    language, words = business.language, _WORDS[business.language]
    colon = say(language, "colon")
    lines = [heading(title, found.figure.period, found.figure.currency), ""]
    for name, value in (("ours", found.ours), ("theirs", found.theirs)):
        lines.append(f"{words[name]}{colon}{money(value, language)}")
    lines += [f"{words['difference']}{colon}{money(found.difference, language, sign=True)}", ""]
    lines += _taken(found, business, links)
    lines.append(f"{words['unexplained']}{colon}{_to_the_last_digit(found.unexplained, language)}")
    if found.unknown:
        lines.append(words["no_rate"].format(currencies=", ".join(found.unknown)))
    others = [cause for cause in found.causes if not cause.taken]
    if others and found.difference.amount:
        lines += ["", words["possible"]]
        lines += [f"  {_head(cause, language)}" for cause in others]
    return "\n".join(lines) + "\n"


def _taken(found: Bridge, business: Business, links: Links) -> Iterator[str]:
    words = _WORDS[business.language]
    taken = [cause for cause in found.causes if cause.taken]
    if not taken and found.exact:
        yield words["nothing"]
        return
    yield words["exact"] if taken and found.exact else words["usual"]
    for cause in taken:
        yield f"  {_head(cause, business.language)}"
        yield from _lines(cause, business, links)
    if not taken:
        yield f"  {words['no_cause']}"
    yield ""


def _head(cause: Cause, language: Language) -> str:
    text = f"{_WORDS[language][cause.name]} ({count(len(cause.lines), language)})"
    return f"{text}{say(language, 'colon')}{money(cause.amount, language, sign=True)}"


def _lines(cause: Cause, business: Business, links: Links) -> list[str]:
    language = business.language
    rows = [[say(language, name) for name in ("date", "what", "id", "amount", "note")] + [""]]
    for line in sorted(cause.lines, key=lambda each: (each.at, each.id, each.what)):
        when = day(line.at.astimezone(business.zone).date(), language)
        rows.append(
            [when, thing(language, line.what), line.id, amount(line.amount, language), noted(line.note, language),
             links.of(line.id)]
        )  # fmt: skip
    return table(rows, right=(3,), indent="    ")


def _to_the_last_digit(value: Money, language: Language) -> str:
    """With as many decimals as are usual, or all of them where these would hide something."""
    places = decimals(value.currency)
    shown = money(value, language, sign=True)
    if rounded(value.amount, places) == value.amount or not value.amount:
        return shown
    exact = f"{value.amount.normalize():f}".replace("-", "−")
    return f"{shown} ({exact.replace('.', ',') if language == 'fr' else exact})"
