"""The notes of a plan of alerts and the words of the rules, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "unread": "{where} : {n} à lire, impossible ; la première : {why}",
        "left": "{who} n'est plus là et a encore {n} ; le hub prévient {other} à sa place",
        "no_address": "{who} n'a pas d'adresse dans business.yaml ({n}) ; le hub prévient {other} à sa place",
        "refused": "l'adresse de {who} est refusée ({n}) ; le hub prévient {other} à sa place",
        "stranger": "{who} n'est pas dans business.yaml ({n}) ; le hub prévient {other} à sa place",
        "nobody_left": "{other} est injoignable, et personne d'autre n'est prévenu de ce que personne ne fait",
        "begins": "premier passage : {n} en retard, dans une seule liste pour {other}",
        "one_task": "1 tâche",
        "tasks": "{n} tâches",
        "postponed": "repoussée {n} fois",
        "no activity": "aucune activité depuis le {day}",
        "overloaded": "{n} tâches à rendre dans les 7 jours ; la médiane de l'équipe est de {median}",
        "late_share": "{n} tâches en retard sur {all} ({share})",
        "milestone": "jalon dépassé : {title}",
    },
    "en": {
        "unread": "{where}: {n} cannot be read; the first: {why}",
        "left": "{who} is not there any more and still has {n}; the hub tells {other} instead",
        "no_address": "{who} has no address in business.yaml ({n}); the hub tells {other} instead",
        "refused": "the address of {who} is refused ({n}); the hub tells {other} instead",
        "stranger": "{who} is not in business.yaml ({n}); the hub tells {other} instead",
        "nobody_left": "{other} cannot be reached, and nobody else is told of what nobody does",
        "begins": "first run: {n} late already, in one list for {other}",
        "one_task": "1 task",
        "tasks": "{n} tasks",
        "postponed": "put off {n} times",
        "no activity": "nothing has happened since {day}",
        "overloaded": "{n} tasks due within 7 days; the median of the team is {median}",
        "late_share": "{n} late tasks of {all} ({share})",
        "milestone": "milestone missed: {title}",
    },
}


def say(language: Language, word: str, **parts: object) -> str:
    """The phrase of that name, its parts filled in. `n`, where given as a number of tasks, is said with its noun."""
    words = _WORDS[language]
    if isinstance(parts.get("n"), int) and word in _COUNTED:
        n = parts["n"]
        parts["n"] = words["one_task"] if n == 1 else words["tasks"].format(n=n)
    return words[word].format(**parts)


_COUNTED = frozenset({"unread", "left", "no_address", "refused", "stranger", "begins"})
