"""What the mails of deadline alerts say: phrases, dates and hours, in French (tu or vous) and English. Pure.

A phrase is Markdown, and so is what is put into it: escape what people wrote first (`hub.mapping.texts.escaped`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from hub.planning.alerts.types import Reader, Task

Language: TypeAlias = Literal["fr", "en"]
Phrase: TypeAlias = str | tuple[str, str]
"""The same for everybody, or (tu, vous)."""

FAR = timedelta(days=180)
"""A day so far away is told with its year."""
LONG = timedelta(days=60)
"""What is late for so long is counted in months."""

_PHRASES: Mapping[Language, Mapping[str, Phrase]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "intro": ("Voici ton point du {day}.", "Voici votre point du {day}."),
        "none_late": "Rien n'est en retard.",
        "done": "Fait depuis la dernière fois, merci",
        "done_more": "et {n} de plus",
        "late": "En retard",
        "today": "Aujourd'hui",
        "soon": "Bientôt",
        "watch": "À regarder",
        "n_late": "{n} tâche en retard|{n} tâches en retard",
        "n_today": "{n} tâche pour aujourd'hui|{n} tâches pour aujourd'hui",
        "n_soon": "{n} tâche à venir|{n} tâches à venir",
        "n_watch": "{n} point à regarder|{n} points à regarder",
        "n_late_next": "{n} en retard",
        "n_today_next": "{n} pour aujourd'hui",
        "n_soon_next": "{n} à venir",
        "n_watch_next": "{n} à regarder",
        "n_more": "et {n} autre|et {n} autres",
        "more": "Et {n} autre.|Et {n} autres.",
        "more_in": "Et {n} autre : {list}|Et {n} autres : {list}",
        "the_list": "voir la liste",
        "see_list": "Voir la liste",
        "do_done": "Fait",
        "do_snooze": "Plus tard",
        "do_not_mine": "Pas moi",
        "do_reassign": "Réassigner",
        "reply": (
            "Tu peux aussi répondre à ce message : « {words} » coche {what}.",
            "Vous pouvez aussi répondre à ce message : « {words} » coche {what}.",
        ),
        "reply_words": "fait {numbers}",
        "reply_one": "la ligne\u00a0{a}",
        "reply_two": "les lignes {a} et\u00a0{b}",
        "reply_mail": (
            "Tu peux aussi répondre « fait » à ce message : la tâche sera cochée.",
            "Vous pouvez aussi répondre « fait » à ce message : la tâche sera cochée.",
        ),
        "late_since": "en retard depuis {day}",
        "due_on": "pour {day}",
        "due_today": "pour aujourd'hui",
        "due_today_at": "aujourd'hui à {time}",
        "no_date": "sans date",
        "this_day": "aujourd'hui",
        "tomorrow": "demain, {day}",
        "day_at": "{day} à {time}",
        "working_days": "{n}\u00a0jour ouvré|{n}\u00a0jours ouvrés",
        "months": "plus de {n}\u00a0mois",
        "nobody": "sans responsable",
        "nobody_title": "Sans responsable",
        "nobody_yet": "personne pour l'instant",
        "owner": "confiée à {names}",
        "with": "avec {names}",
        "and": "{a} et {b}",
        "milestone": "jalon",
        "untitled": "(sans titre)",
        "nowhere": "—",
        "colon": " : ",
        "about_task": "« {title} »{colon}{when}",
        "where": "Où : {place}",
        "who": "Responsable : {names}",
        "if_done": (
            "Si c'est déjà fait, dis-le d'un clic. Si la date n'est plus la bonne, mieux vaut la changer.",
            "Si c'est déjà fait, dites-le d'un clic. Si la date n'est plus la bonne, mieux vaut la changer.",
        ),
        "list_subject": "{n} tâche déjà en retard|{n} tâches déjà en retard",
        "list_intro": (
            "Le hub commence à suivre les échéances. Voici ce qui était déjà en retard à son arrivée. Personne d'autre "
            "n'a reçu de message à ce sujet : à toi de voir ce qui compte encore.",
            "Le hub commence à suivre les échéances. Voici ce qui était déjà en retard à son arrivée. Personne d'autre "
            "n'a reçu de message à ce sujet : à vous de voir ce qui compte encore.",
        ),
        "forward_subject": "Réponse de {sender}{colon}{about}",
        "forward_intro": (
            "{sender} a répondu au message « {about} ». Le hub n'a pas compris cette réponse, il n'a rien changé ; "
            "la voici, pour toi.",
            "{sender} a répondu au message « {about} ». Le hub n'a pas compris cette réponse, il n'a rien changé ; "
            "la voici, pour vous.",
        ),
        "somebody": "Quelqu'un",
        "held_subject": "{n} mail attend un feu vert|{n} mails attendent un feu vert",
        "held_none": "Un plan attend un feu vert",
        "held_intro": (
            "{what}. Rien n'est parti : c'est à toi de décider.",
            "{what}. Rien n'est parti : c'est à vous de décider.",
        ),
        "held_why": "Raison : {why}.",
        "decide": "Voir et décider",
        "of_business": "{what} — {business}",
    },
    "en": {
        "hello": "Hello {name},",
        "intro": "Here is where things stand on {day}.",
        "none_late": "Nothing is late.",
        "done": "Done since last time, thank you",
        "done_more": "and {n} more",
        "late": "Late",
        "today": "Today",
        "soon": "Soon",
        "watch": "Worth a look",
        "n_late": "{n} task late|{n} tasks late",
        "n_today": "{n} task due today|{n} tasks due today",
        "n_soon": "{n} task coming up|{n} tasks coming up",
        "n_watch": "{n} thing to look at|{n} things to look at",
        "n_late_next": "{n} late",
        "n_today_next": "{n} due today",
        "n_soon_next": "{n} coming up",
        "n_watch_next": "{n} to look at",
        "n_more": "and {n} more",
        "more": "And {n} more.",
        "more_in": "And {n} more: {list}",
        "the_list": "see the list",
        "see_list": "See the list",
        "do_done": "Done",
        "do_snooze": "Later",
        "do_not_mine": "Not me",
        "do_reassign": "Reassign",
        "reply": "You can also reply to this message: “{words}” ticks off {what}.",
        "reply_words": "done {numbers}",
        "reply_one": "line\u00a0{a}",
        "reply_two": "lines {a} and\u00a0{b}",
        "reply_mail": "You can also reply “done” to this message, and the task is ticked off.",
        "late_since": "late since {day}",
        "due_on": "due {day}",
        "due_today": "due today",
        "due_today_at": "due today at {time}",
        "no_date": "no date",
        "this_day": "today",
        "tomorrow": "tomorrow, {day}",
        "day_at": "{day} at {time}",
        "working_days": "{n}\u00a0working day|{n}\u00a0working days",
        "months": "more than {n}\u00a0months",
        "nobody": "nobody assigned",
        "nobody_title": "Nobody assigned",
        "nobody_yet": "nobody yet",
        "owner": "with {names}",
        "with": "together with {names}",
        "and": "{a} and {b}",
        "milestone": "milestone",
        "untitled": "(no title)",
        "nowhere": "—",
        "colon": ": ",
        "about_task": "“{title}”{colon}{when}",
        "where": "Where: {place}",
        "who": "Who: {names}",
        "if_done": "If it is done, one click says so. If the date no longer holds, better to change it.",
        "list_subject": "{n} task already late|{n} tasks already late",
        "list_intro": (
            "The hub is starting to follow due dates. This is what was late when it began. Nobody else was written to "
            "about it: see what still matters."
        ),
        "forward_subject": "Reply from {sender}{colon}{about}",
        "forward_intro": (
            "{sender} replied to the message “{about}”. The hub did not understand the reply and changed nothing; "
            "here it is, for you."
        ),
        "somebody": "Somebody",
        "held_subject": "{n} mail waits for your go-ahead|{n} mails wait for your go-ahead",
        "held_none": "A plan waits for your go-ahead",
        "held_intro": "{what}. Nothing has gone out: the decision is yours.",
        "held_why": "Reason: {why}.",
        "decide": "Look and decide",
        "of_business": "{what} — {business}",
    },
}
_DAYS: Mapping[Language, Sequence[str]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Mapping[Language, Sequence[str]] = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def names(language: Language) -> frozenset[str]:
    """The names of the phrases of a language."""
    return frozenset(_PHRASES[language])


def say(reader: Reader, name: str, /, **parts: object) -> str:
    """The phrase of that name for a reader. With a part `n`, the form that belongs to so many.

    French: one of 0 and 1, several from 2 on. KeyError for a name that is not there.
    """
    phrase = _PHRASES[reader.language][name]
    text = phrase if isinstance(phrase, str) else phrase[reader.formal]
    one, _, several = text.partition("|")
    n = parts.get("n")
    if several and isinstance(n, int):
        singular = n < 2 if reader.language == "fr" else n == 1
        text = one if singular else several
    return typeset(reader, text).format(**parts)


def typeset(reader: Reader, text: str) -> str:
    """French signs stand behind a space at which no line breaks."""
    if reader.language != "fr":
        return text
    for sign in ":;!?»":
        text = text.replace(f" {sign}", f"\u00a0{sign}")
    return text.replace("« ", "«\u00a0")


def listed(reader: Reader, parts: Sequence[str]) -> str:
    """a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return say(reader, "and", a=", ".join(parts[:-1]), b=parts[-1])


def day_words(reader: Reader, day: date, today: date) -> str:
    """mardi 17 mars, Tuesday 17 March; with its year when it is far from today."""
    language = reader.language
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    year = f"\u00a0{day.year}" if abs(day - today) > FAR else ""
    return f"{_DAYS[language][day.weekday()]} {number}\u00a0{_MONTHS[language][day.month - 1]}{year}"


def time_words(reader: Reader, at: datetime) -> str:
    """15 h, 15 h 30 in French; 15:00 in English: where the reader is."""
    local = at.astimezone(reader.zone)
    if reader.language == "en":
        return f"{local:%H:%M}"
    return f"{local.hour}\u00a0h" + (f"\u00a0{local.minute:02}" if local.minute else "")


def due_words(reader: Reader, task: Task, today: date, *, late: bool) -> str:
    """Since when or until when: en retard depuis mardi 17 mars (2 jours ouvrés), aujourd'hui à 15 h, due Friday."""
    due = task.due
    if due is None:
        return say(reader, "no_date")
    time = time_words(reader, due) if isinstance(due, datetime) else None
    day = due_day(reader, due)
    if day < today or (late and time is not None):
        plain = day_words(reader, day, today) if day != today else say(reader, "this_day")
        for_how_long = _for_how_long(reader, day, today)
        said = say(reader, "late_since", day=_at(reader, plain, time))
        return f"{said} ({for_how_long})" if for_how_long else said
    if day == today:
        return say(reader, "due_today") if time is None else say(reader, "due_today_at", time=time)
    plain = day_words(reader, day, today)
    if day == today + timedelta(days=1):
        plain = say(reader, "tomorrow", day=plain)
    return say(reader, "due_on", day=_at(reader, plain, time))


def due_day(reader: Reader, due: date | datetime) -> date:
    """The day of a due value where the reader is."""
    return due.astimezone(reader.zone).date() if isinstance(due, datetime) else due


def plain_due(reader: Reader, task: Task, today: date) -> str:
    """The due value alone: mardi 17 mars à 15 h."""
    if task.due is None:
        return say(reader, "no_date")
    time = time_words(reader, task.due) if isinstance(task.due, datetime) else None
    return _at(reader, day_words(reader, due_day(reader, task.due), today), time)


def _at(reader: Reader, day: str, time: str | None) -> str:
    return day if time is None else say(reader, "day_at", day=day, time=time)


def _for_how_long(reader: Reader, day: date, today: date) -> str:
    """In the reader's working days, because those are the days that she had."""
    if today - day > LONG:
        return say(reader, "months", n=(today - day).days // 31)
    n = sum(reader.calendar.works(day + timedelta(days=back)) for back in range(1, (today - day).days + 1))
    return say(reader, "working_days", n=n) if n else ""
