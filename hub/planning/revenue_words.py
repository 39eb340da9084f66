"""What the figures of a revenue job have to say beside themselves, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "no_number": "À classer : rien ne dit en combien de fois l'abonnement {key} se paie",
        "no_rates_file": "Pas de total toutes devises ({currencies}) : aucun fichier de cours n'est donné (rates)",
        "no_rate_of": "Pas de total toutes devises : aucun cours pour {currencies}",
        "near_limit": "Franchise de TVA : {share} de la limite de {limit} pour {year}",
        "restated": "redressé : était {before} ; ce qui a été connu ou changé depuis la clôture est compté",
        "other_rules": "compté selon les règles d'alors ; celles d'aujourd'hui donneraient {today}",
    },
    "en": {
        "no_number": "To sort: nothing says in how many parts subscription {key} is paid",
        "no_rates_file": "No total of all currencies ({currencies}): no file of rates is given (rates)",
        "no_rate_of": "No total of all currencies: there is no rate for {currencies}",
        "near_limit": "Tax-free limit: {share} of {limit} for {year}",
        "restated": "restated: was {before}; what became known or changed since the month was over is counted",
        "other_rules": "counted by the rules of then; today's would give {today}",
    },
}


def tell(language: Language, name: str, **parts: object) -> str:
    """The sentence of that name in the language, with its parts."""
    return _WORDS[language][name].format(**parts)
