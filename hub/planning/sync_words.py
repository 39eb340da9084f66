"""What people read in the plans of a sync, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "mark": "Disparu",
        "columns": "il y manque {names}",
        "changed": "modifié de l'autre côté",
        "owner": "remis comme le veut le propriétaire du champ",
        "later": "la modification la plus récente l'emporte",
        "same_minute": "modifié des deux côtés dans la même minute : la source l'emporte",
        "first": "première mise en accord",
        "new": "nouveau dans {place}",
        "gone": "n'est plus dans {place}",
        "back": "de nouveau là",
        "removed": "« {what} » a été retiré de {place} ; le hub ne l'y remet pas",
        "unclear": "« {what} » existe plusieurs fois d'un même côté : à relier à la main, rien n'est touché",
        "stuck": "« {what} » · {field} reste tel quel : {reason}",
        "source_gone": "{n} éléments sur {known} ont disparu d'un coup ({place})",
        "target_gone": "{n} lignes sur {known} ont disparu d'un coup ({place}) : une fois ce plan appliqué, "
        "le hub ne les y remet pas ; pour les garder, les remettre là-bas",
        "archives": "{n} lignes seraient archivées, la limite est {limit}",
        "many": "{n} lignes changeraient sur {known}",
    },
    "en": {
        "mark": "Gone",
        "columns": "{names} is missing there",
        "changed": "changed on the other side",
        "owner": "put back as the owner of the field has it",
        "later": "the later edit wins",
        "same_minute": "edited on both sides within the same minute: the source wins",
        "first": "brought into line for the first time",
        "new": "new in {place}",
        "gone": "no longer in {place}",
        "back": "there again",
        "removed": "« {what} » was removed from {place}; the hub does not put it back",
        "unclear": "« {what} » is there several times on one side: link it by hand, nothing is touched",
        "stuck": "« {what} » · {field} stays as it is: {reason}",
        "source_gone": "{n} of {known} records have vanished at once ({place})",
        "target_gone": "{n} of {known} rows have vanished at once ({place}): once this plan is applied, "
        "the hub does not put them back; to keep them, restore them there",
        "archives": "{n} rows would be archived, the limit is {limit}",
        "many": "{n} of {known} rows would change",
    },
}


def say(language: Language, key: str, **values: object) -> str:
    """A sentence of a plan in that language."""
    return _WORDS[language][key].format(**values)
