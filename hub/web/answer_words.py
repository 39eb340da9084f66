"""What the pages behind a mail's links say, in French (tu or vous) and English."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TypeAlias

Phrase: TypeAlias = str | tuple[str, str]
"""The same for everybody, or (tu, vous)."""

_WORDS: Mapping[str, Mapping[str, Phrase]] = {
    "fr": {
        "due": "Pour {due}",
        "no_due": "Sans échéance",
        "ask_done": "C'est fait ?",
        "ask_snooze": "En reparler plus tard",
        "ask_reassign": "À qui la confier ?",
        "ask_not_mine": ("Ce n'est pas pour toi ?", "Ce n'est pas pour vous ?"),
        "ask_tick": "C'est fait ?",
        "ask_decide": "Un plan attend une décision",
        "then_done": "La tâche sera cochée dans {tool}.",
        "then_snooze": (
            "Rien ne te sera dit de cette tâche avant le jour choisi, sauf si sa date change.",
            "Rien ne vous sera dit de cette tâche avant le jour choisi, sauf si sa date change.",
        ),
        "then_reassign": "La tâche changera de responsable dans {tool}.",
        "then_not_mine": (
            "Le hub ne te parlera plus de cette tâche, sauf si sa date change. Si elle n'a pas d'autre responsable, la "
            "personne qui coordonne est prévenue à ta place. Dans {tool}, rien n'est modifié.",
            "Le hub ne vous parlera plus de cette tâche, sauf si sa date change. Si elle n'a pas d'autre responsable, "
            "la personne qui coordonne est prévenue à votre place. Dans {tool}, rien n'est modifié.",
        ),
        "then_tick": "L'étape sera cochée dans le parcours ; personne n'en sera plus relancé.",
        "then_decide": "Rien n'est encore fait. Voici ce qui changerait.",
        "why": "Raison : {why}.",
        "do_done": "Oui, c'est fait",
        "do_not_mine": "Non, pas pour moi",
        "do_tick": "Oui, c'est fait",
        "do_apply": "Tout appliquer",
        "do_drop": "Ne rien faire",
        "tomorrow": "demain",
        "next_day": "prochain jour ouvré",
        "monday": "au début d'une semaine",
        "week": "dans une semaine",
        "other_day": "Un autre jour",
        "choose": "Choisir",
        "myself": "Moi ({name})",
        "noted": "C'est noté",
        "noted_done": "« {title} » sera cochée dans {tool}. Merci !",
        "noted_snooze": (
            "« {title} » : rien ne te sera dit avant {day}.",
            "« {title} » : rien ne vous sera dit avant {day}.",
        ),
        "noted_reassign": "« {title} » sera confiée à {name} dans {tool}.",
        "noted_not_mine": (
            "« {title} » : le hub ne t'en parlera plus, sauf si sa date change.",
            "« {title} » : le hub ne vous en parlera plus, sauf si sa date change.",
        ),
        "noted_tick": "« {title} » est coché. Merci !",
        "noted_apply": "Le plan sera appliqué.",
        "noted_drop": "Le plan est écarté : rien de ce qu'il contient ne sera fait.",
        "close": ("Tu peux fermer cette page.", "Vous pouvez fermer cette page."),
        "used": "C'est déjà noté",
        "used_when": "Cette réponse a été donnée le {day} à {time}.",
        "used_waiting": "Le hub s'en occupe.",
        "used_done": "C'est fait.",
        "used_refused": "Le hub n'a rien changé : {note}.",
        "expired": "Ce lien est trop ancien",
        "expired_do": (
            "Un lien est valable 30 jours. Ouvre celui du dernier message reçu, ou la tâche elle-même.",
            "Un lien est valable 30 jours. Ouvrez celui du dernier message reçu, ou la tâche elle-même.",
        ),
        "wrong": "Ce lien n'est pas valable",
        "wrong_do": (
            "Ouvre le lien tel qu'il figure dans le message, en entier. Sinon, réponds simplement au message.",
            "Ouvrez le lien tel qu'il figure dans le message, en entier. Sinon, répondez simplement au message.",
        ),
        "over": "Ce lien ne sert plus",
        "over_task": "Cette tâche n'existe plus : elle a été supprimée ou archivée. Il n'y a rien à faire.",
        "over_done": "Cette tâche est déjà terminée. Il n'y a rien à faire.",
        "over_step": "C'est déjà coché, ou laissé de côté. Il n'y a rien à faire.",
        "over_journey": "Ce parcours est arrêté. Il n'y a rien à faire.",
        "over_plan": "Ce plan n'attend plus : il a déjà été appliqué ou écarté, ou la situation a changé entre-temps.",
        "not_day": "Ce n'est pas une date. Exemple : 2026-12-31.",
        "not_ahead": "Ce jour doit être après aujourd'hui et d'ici le {last}.",
        "not_person": "Personne de ce nom ici.",
        "not_choice": "Aucun choix n'a été reçu.",
        "too_long": "Cette réponse est trop longue",
        "cut": "… et {n} lignes de plus ; `hub held` montre tout.",
        "at": "{day} à {time}",
    },
    "en": {
        "due": "Due {due}",
        "no_due": "No due date",
        "ask_done": "Is it done?",
        "ask_snooze": "Remind me later",
        "ask_reassign": "Who takes it over?",
        "ask_not_mine": "Not yours?",
        "ask_tick": "Is it done?",
        "ask_decide": "A plan waits for a decision",
        "then_done": "The task will be ticked off in {tool}.",
        "then_snooze": "You will hear nothing of this task before the day you choose, unless its date changes.",
        "then_reassign": "The task will get a new owner in {tool}.",
        "then_not_mine": (
            "You will hear no more of this task, unless its date changes. If it has no other owner, whoever "
            "coordinates is told instead of you. Nothing is changed in {tool}."
        ),
        "then_tick": "The step will be ticked in the journey; nobody is reminded of it any more.",
        "then_decide": "Nothing is done yet. This is what would change.",
        "why": "Reason: {why}.",
        "do_done": "Yes, it's done",
        "do_not_mine": "No, not mine",
        "do_tick": "Yes, it's done",
        "do_apply": "Do all of it",
        "do_drop": "Do none of it",
        "tomorrow": "tomorrow",
        "next_day": "next working day",
        "monday": "at the start of a week",
        "week": "in a week",
        "other_day": "Another day",
        "choose": "Choose",
        "myself": "Me ({name})",
        "noted": "Noted",
        "noted_done": "“{title}” will be ticked off in {tool}. Thank you!",
        "noted_snooze": "“{title}”: you will hear nothing of it before {day}.",
        "noted_reassign": "“{title}” will be given to {name} in {tool}.",
        "noted_not_mine": "“{title}”: you will hear no more of it, unless its date changes.",
        "noted_tick": "“{title}” is ticked. Thank you!",
        "noted_apply": "The plan will be carried out.",
        "noted_drop": "The plan is dropped: nothing of it will be done.",
        "close": "You can close this page.",
        "used": "Noted already",
        "used_when": "This was answered on {day} at {time}.",
        "used_waiting": "The hub is at it.",
        "used_done": "It is done.",
        "used_refused": "The hub changed nothing: {note}.",
        "expired": "This link is too old",
        "expired_do": "A link is good for 30 days. Open the one in your latest message, or the task itself.",
        "wrong": "This link is not valid",
        "wrong_do": "Open the link as it stands in the message, all of it. Or simply reply to the message.",
        "over": "This link is of no more use",
        "over_task": "This task is no longer there: it was deleted or archived. There is nothing to do.",
        "over_done": "This task is done already. There is nothing to do.",
        "over_step": "This is ticked already, or was left out. There is nothing to do.",
        "over_journey": "This journey has been stopped. There is nothing to do.",
        "over_plan": "This plan waits no more: it was carried out or dropped, or things have moved since.",
        "not_day": "That is not a date. Example: 2026-12-31.",
        "not_ahead": "The day must be after today, and not after {last}.",
        "not_person": "There is nobody of that name here.",
        "not_choice": "No choice arrived.",
        "too_long": "This answer is too long",
        "cut": "… and {n} more lines; `hub held` shows all of it.",
        "at": "{day} at {time}",
    },
}


def names() -> Mapping[str, frozenset[str]]:
    """The names of the phrases of each language."""
    return {language: frozenset(words) for language, words in _WORDS.items()}


def say(language: str, formal: bool, name: str, /, **parts: object) -> str:
    """The phrase of that name as HTML; its parts are shown as text. KeyError for a name that is not there."""
    phrase = _WORDS[language][name]
    text = phrase if isinstance(phrase, str) else phrase[formal]
    if language == "fr":
        for sign in ":;!?»":
            text = text.replace(f" {sign}", f"\u00a0{sign}")
        text = text.replace("« ", "«\u00a0")
    return escape(text, quote=False).format(**{part: escape(str(value)) for part, value in parts.items()})
