"""What to write so that a task is ticked off or given to somebody, and what is said of answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.core.kinds import Kind
from hub.core.types import Property, Value
from hub.mapping.deadline_job import Watch
from hub.mapping.model import Business
from hub.planning.carry import Carrier, Column
from hub.planning.examples import people_of
from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "gone": "la tâche n'est plus là",
        "already_done": "la tâche était déjà terminée",
        "already_hers": "la tâche était déjà confiée à {who}",
        "moved": "la date de la tâche a changé entre-temps",
        "nobody": "{who} n'est plus dans business.yaml",
        "overtaken": "une réponse plus récente dit autre chose",
        "waits": "« {title} » : la réponse attend, {why}",
        "no_done": "le fichier ne dit pas quelle propriété veut dire « terminé » ; ajouter done: à cet endroit",
        "no_assignee": "le fichier ne dit pas quelle propriété nomme le responsable ; ajouter assignee: à cet endroit",
        "no_column": "il n'y a plus de propriété « {name} »",
        "no_option": "« {name} » n'a pas l'option « {word} »",
        "not_that": "« {name} » ne peut pas contenir « {word} »",
        "why_done_link": "{who} a dit que c'est fait",
        "why_done_reply": "{who} a répondu que c'est fait",
        "why_reassign_link": "{who} l'a confiée à quelqu'un d'autre",
    },
    "en": {
        "gone": "the task is no longer there",
        "already_done": "the task was done already",
        "already_hers": "the task was {who}'s already",
        "moved": "the task's date has changed since",
        "nobody": "{who} is not in business.yaml any more",
        "overtaken": "a later answer says something else",
        "waits": "« {title} »: the answer waits, {why}",
        "no_done": "the file does not say which property means done; add done: there",
        "no_assignee": "the file does not say which property holds who does it; add assignee: there",
        "no_column": "there is no property « {name} » any more",
        "no_option": "« {name} » has no option « {word} »",
        "not_that": "« {name} » cannot hold « {word} »",
        "why_done_link": "{who} said that it is done",
        "why_done_reply": "{who} replied that it is done",
        "why_reassign_link": "{who} gave it to somebody else",
    },
}


class NotWritableError(Exception):
    """It cannot be written there; the message says why, in the business's language."""


def say(language: Language, name: str, /, **parts: object) -> str:
    """A phrase in that language. KeyError for a name that is not there."""
    return _WORDS[language][name].format(**parts)


def ticked(watch: Watch, kind: Kind | None, there: Sequence[Property], business: Business) -> dict[str, Value]:
    """What to write where so that a task counts as done. `there`: the columns of a database that can be written.

    Where the mapping names no property of a database, its only status, if there is one.
    """
    if watch.done is not None and watch.database is not None:
        return {name: _word(name, word, there, business) for name, word in watch.done.items()}
    if kind == "task":
        return {"done": True}
    statuses = [one for one in there if one.kind == "status" and "complete" in one.groups.values()]
    if len(statuses) != 1:
        raise NotWritableError(say(business.language, "no_done"))
    options = statuses[0].options or tuple(statuses[0].groups)
    return {statuses[0].name: next(one for one in options if statuses[0].groups.get(one) == "complete")}


def assigned(
    watch: Watch, kind: Kind | None, there: Sequence[Property], business: Business, connection: str, who: str
) -> dict[str, Value]:
    """What to write where so that a task is this person's and nobody else's. `who`: her short name."""
    if watch.assignee is None or watch.database is None:
        if kind == "task":
            return {"assignees": as_people(business, connection, who)}
        raise NotWritableError(say(business.language, "no_assignee"))
    column = _column(watch.assignee, there, business)
    if column.kind == "people":
        return {column.name: as_people(business, connection, who)}
    person = business.people[who]
    if column.kind == "email" and person.email:
        return {column.name: person.email}
    return {column.name: _word(column.name, person.known_as.get(connection) or person.name, there, business)}


def as_people(business: Business, connection: str, who: str) -> Value:
    """One person, by her short name, as a task's assignees are written there."""
    carrier = Carrier(people=people_of(business), zone=business.zone)
    return carrier.written((who,), Column(name="assignees", sort="people", connection=connection))


def _column(name: str, there: Sequence[Property], business: Business) -> Property:
    found = next((one for one in there if one.name == name), None)
    if found is None:
        raise NotWritableError(say(business.language, "no_column", name=name))
    return found


def _word(name: str, word: str, there: Sequence[Property], business: Business) -> Value:
    """A word of the mapping as the column holds it."""
    column = _column(name, there, business)
    if column.kind == "checkbox" and word.casefold() in ("yes", "no"):
        return word.casefold() == "yes"
    if column.kind in ("select", "status", "multi_select"):
        options = column.options if column.options is not None else (word,)
        alike = [one for one in options if one.casefold() == word.casefold()]
        option = word if word in alike else next(iter(alike), None)
        if option is None:
            raise NotWritableError(say(business.language, "no_option", name=name, word=word))
        return (option,) if column.kind == "multi_select" else option
    if column.kind in ("title", "text"):
        return word
    raise NotWritableError(say(business.language, "not_that", name=name, word=word))
