"""What people read in the proofs and comparisons of figures, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from hub.core.money import Money
from hub.planning.figure import Unit
from hub.planning.prices import to_decimal
from hub.planning.words import Language, known, money, number, say

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "link": "Lien",
        "since_day": "{because} (depuis le {day})",
        "older_rules": "compté selon les règles d'alors : celles du fichier ont changé depuis",
        "part": "Part",
        "of": "numérateur",
        "per": "dénominateur",
        "numerator": "Numérateur",
        "denominator": "Dénominateur",
        "divided": "{of} ÷ {per} = {value}",
        "nothing_to_divide": "Rien au dénominateur pour cette période : le taux n'existe pas (—).",
        "counted_all": "La somme de ces lignes est le chiffre : {value}.",
        "against": "{after} contre {before}",
        "only_after": "Seulement en {period}",
        "only_before": "Seulement en {period}, donc en moins",
        "in_both": "Dans les deux périodes, autre montant",
        "same": "Inchangé",
        "sum_of_lines": "Somme des lignes",
        "change": "Évolution",
        "unexplained": "Inexpliqué",
        "no_change": "L'une des deux périodes n'a pas de valeur (—) : il n'y a pas d'évolution à expliquer.",
        "effect": "Effet",
        "all_same": "Les mêmes lignes aux mêmes montants dans les deux périodes.",
        "figure": "chiffre",
        "customer": "client",
        "order": "commande",
        "call": "rendez-vous",
        "payment_record": "paiement hors Stripe",
        "stripe_fee": "frais Stripe",
        "by_transfer": "virement",
        "by_cheque": "chèque",
        "by_cash": "espèces",
        "by_other": "autre moyen",
    },
    "en": {
        "link": "Link",
        "since_day": "{because} (since {day})",
        "older_rules": "counted by the rules of then: those of the file have changed since",
        "part": "Part",
        "of": "numerator",
        "per": "denominator",
        "numerator": "Numerator",
        "denominator": "Denominator",
        "divided": "{of} ÷ {per} = {value}",
        "nothing_to_divide": "Nothing in the denominator for this period: there is no rate (—).",
        "counted_all": "These lines add up to the figure: {value}.",
        "against": "{after} against {before}",
        "only_after": "Only in {period}",
        "only_before": "Only in {period}, so taken away",
        "in_both": "In both periods, another amount",
        "same": "Unchanged",
        "sum_of_lines": "Sum of the lines",
        "change": "Change",
        "unexplained": "Unexplained",
        "no_change": "One of the two periods has no value (—): there is no change to explain.",
        "effect": "Effect",
        "all_same": "The same lines with the same amounts in both periods.",
        "figure": "figure",
        "customer": "customer",
        "order": "order",
        "call": "call",
        "payment_record": "payment outside Stripe",
        "stripe_fee": "Stripe fee",
        "by_transfer": "bank transfer",
        "by_cheque": "cheque",
        "by_cash": "cash",
        "by_other": "other means",
    },
}


def word(language: Language, name: str, /, **parts: object) -> str:
    """The phrase of that name, its parts filled in. KeyError for a name that is not there."""
    return _WORDS[language][name].format(**parts)


def thing(language: Language, what: str) -> str:
    """What a line is about; a provider's own word where there is none of ours."""
    return _WORDS[language].get(what) or known(language, what)


def names() -> Mapping[Language, frozenset[str]]:
    """The names of the phrases of each language."""
    return {language: frozenset(words) for language, words in _WORDS.items()}


def change(value: Fraction, unit: Unit, currency: str, language: Language) -> str:
    """How much a figure changed, with its sign: +12,00 €, −0,35 pt, +3. `currency`: "" where it is no money."""
    exact = to_decimal(value)
    if currency:
        return money(Money(exact, currency), language, sign=True)
    if unit == "percent":
        return f"{number(exact, 2, language, sign=True)}\u00a0{say(language, 'point')}"
    return number(exact, 0 if unit == "count" else 2, language, sign=True)


def amount(value: Money | Decimal, language: Language) -> str:
    """What a line adds: money, or so many of something."""
    if isinstance(value, Money):
        return money(value, language)
    whole = value == value.to_integral_value()
    return number(value, 0 if whole else 2, language)


def table(rows: list[list[str]], right: tuple[int, ...], indent: str = "") -> list[str]:
    """Rows of equal length under each other; these columns to the right. Empty columns are left out."""
    keep = [column for column in range(len(rows[0])) if any(row[column] for row in rows[1:])]
    widths = {column: max(len(row[column]) for row in rows) for column in keep}
    return [
        indent
        + "  ".join(
            row[column].rjust(widths[column]) if column in right else row[column].ljust(widths[column])
            for column in keep
        ).rstrip()
        for row in rows
    ]
