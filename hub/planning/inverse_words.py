"""What people read in a plan that takes back a run, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "why": "annule l'exécution {run}",
        "archives": "{n} lignes que cette exécution a créées iraient à la corbeille, la limite est {limit}",
        "no_old": "{what} : écrit avant que le hub ne garde les anciennes valeurs, ne peut pas être annulé",
        "prepare": "{what} : créé ou complété par cette exécution ; à retirer à la main s'il le faut",
        "archive": "{what} : mis à la corbeille ; ne peut pas être annulé d'ici, restaurez-le à la main",
        "send": "{what} : envoyé ; un mail ne se rattrape pas",
        "copy": "{what} : mis en place par cette exécution ; à retirer à la main s'il le faut",
        "link": "{what} : le lien reste valable jusqu'à ce qu'il serve ; désactivez-le à la main s'il le faut",
        "chart": "{what} : un graphique suit ses chiffres de lui-même, laissé tel quel",
        "dates": "{what} : les dates ont suivi le rendez-vous ; remettez-les à la main s'il le faut",
        "journey": "Un parcours garde ce qui est fait : rien n'est supprimé, et aucune étape n'est refaite. Pour que "
        "la suite n'ait pas lieu : {commands}",
        "unknown": "{what} : le fichier n'en parle plus, laissé tel quel",
        "gone": "{what} : n'est plus là, rien à annuler",
        "row_rewritten": "{what} : récrit depuis par l'exécution {run}, laissé tel quel",
        "row_changed": "{what} : modifié depuis par quelqu'un, laissé tel quel",
        "rewritten": "{what} · {field} : récrit depuis par l'exécution {run}, laissé tel quel",
        "unseen": "{what} · {field} : ne peut pas être relu, laissé tel quel",
        "changed": "{what} · {field} : modifié depuis ({new} → {now}), laissé tel quel",
        "unsure": "{what} : personne ne sait si cela a été écrit (`hub status`), laissé tel quel",
        "again": "Le fichier demande toujours ces valeurs : le prochain passage les écrira de nouveau. "
        "Pour les garder, changez d'abord le fichier.",
        "sync": "Les deux côtés restent différents jusqu'à la prochaine modification de l'un d'eux.",
    },
    "en": {
        "why": "takes back run {run}",
        "archives": "{n} rows that this run made would go to the trash, the limit is {limit}",
        "no_old": "{what}: written before the hub kept old values, cannot be undone",
        "prepare": "{what}: made or completed by this run; take it away by hand if it is to go",
        "archive": "{what}: put in the trash; cannot be undone from here, restore it by hand",
        "send": "{what}: sent; a mail cannot be taken back",
        "copy": "{what}: set up by this run; take it away by hand if it is to go",
        "link": "{what}: the link works until it is used; take it away by hand if it is to go",
        "chart": "{what}: a chart follows its figures by itself, left as it is",
        "dates": "{what}: the dates have followed the appointment; put them back by hand if they are to be as before",
        "journey": "A journey keeps what was done: nothing is deleted, and no step is done again. So that what comes "
        "next does not happen: {commands}",
        "unknown": "{what}: the file no longer speaks of it, left as it is",
        "gone": "{what}: is not there any more, nothing to undo",
        "row_rewritten": "{what}: written again since by run {run}, left as it is",
        "row_changed": "{what}: changed since by somebody, left as it is",
        "rewritten": "{what} · {field}: written again since by run {run}, left as it is",
        "unseen": "{what} · {field}: cannot be read back, left as it is",
        "changed": "{what} · {field}: changed since ({new} → {now}), left as it is",
        "unsure": "{what}: nobody knows whether it was written (`hub status`), left as it is",
        "again": "The file still asks for these values: the next turn writes them again. "
        "To keep them, change the file first.",
        "sync": "The two sides stay different until one of them is next edited.",
    },
}


def say(language: Language, key: str, **values: object) -> str:
    """A sentence in that language."""
    return _WORDS[language][key].format(**values)
