"""What the figures of a revenue job have to say beside themselves, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "no_number": "À classer : rien ne dit en combien de fois {key} se paie",
        "separate": "À classer : {n} factures faites ensemble, à échéances différentes, sont peut-être une vente en "
        "plusieurs fois (la première : {key})",
        "no_rates_file": "Pas de total toutes devises ({currencies}) : aucun fichier de cours n'est donné (rates)",
        "no_rate_of": "Pas de total toutes devises : aucun cours pour {currencies}",
        "unbalanced": "{connection} ({currency}) : le compte contient {theirs}, la somme de tous ses mouvements lus "
        "est {ours} (écart {difference}). Un mouvement manque : `hub backfill --again` relit tout ; si l'écart reste, "
        "comparez avec la page Solde de {connection}",
        "near_limit": "Franchise de TVA : {share} de la limite de {limit} pour {year}",
        "restated": "redressé : était {before} ; ce qui a été connu ou changé depuis la clôture est compté",
        "restated_by": "redressé : était {before} ; {things}",
        "counted": "compte aussi {things}",
        "no_more": "ne compte plus {things}",
        "changed": "a changé : {things}",
        "and_more": " et {n} de plus",
        "other_rules": "compté selon les règles d'alors ; celles d'aujourd'hui donneraient {today}",
    },
    "en": {
        "no_number": "To sort: nothing says in how many parts {key} is paid",
        "separate": "To sort: {n} invoices that were made together and are due on different days may be one sale in "
        "parts (the first: {key})",
        "no_rates_file": "No total of all currencies ({currencies}): no file of rates is given (rates)",
        "no_rate_of": "No total of all currencies: there is no rate for {currencies}",
        "unbalanced": "{connection} ({currency}): the account holds {theirs}, all of its movements that were read add "
        "up to {ours} (difference {difference}). A movement is missing: `hub backfill --again` reads everything anew; "
        "if the difference stays, compare with the balance page of {connection}",
        "near_limit": "Tax-free limit: {share} of {limit} for {year}",
        "restated": "restated: was {before}; what became known or changed since the month was over is counted",
        "restated_by": "restated: was {before}; {things}",
        "counted": "now also counts {things}",
        "no_more": "no longer counts {things}",
        "changed": "changed: {things}",
        "and_more": " and {n} more",
        "other_rules": "counted by the rules of then; today's would give {today}",
    },
}


def tell(language: Language, name: str, **parts: object) -> str:
    """The sentence of that name in the language, with its parts."""
    return _WORDS[language][name].format(**parts)
