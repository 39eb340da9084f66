"""What the CEO's page says beside its figures, in French and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from hub.core.money import Money
from hub.planning.figure import FEW, Figure
from hub.planning.words import Language, money, number, percent

_WORDS: Mapping[Language, Mapping[str, str | tuple[str, str]]] = {
    "fr": {
        "colon": "\u00a0: ",
        "series": "Série",
        "all_well": "Tout va bien",
        "points": ("{n} point à décider ou à surveiller", "{n} points à décider ou à surveiller"),
        "stale_state": "Données incomplètes",
        "stale_points": (
            "Données incomplètes, et {n} point à regarder",
            "Données incomplètes, et {n} points à regarder",
        ),
        "read_on": "données du {day}",
        "counted": "dernier mouvement compté le {when}",
        "counted_none": "aucun mouvement compté",
        "where": "Où en est-on\u00a0?",
        "burns": "Qu'est-ce qui brûle\u00a0?",
        "comes": "Qu'est-ce qui vient\u00a0?",
        "of_target": "{value} ({share} de l'objectif)",
        "no_figure": "aucun chiffre compté pour l'instant",
        "nothing_burns": "rien",
        "nothing_comes": "rien d'inscrit dans les jours qui viennent",
        "week_calls": ("{n} rendez-vous d'ici 7 jours", "{n} rendez-vous d'ici 7 jours"),
        "first_call": "le prochain {when}",
        "week_tasks": ("{n} tâche à rendre d'ici 7 jours", "{n} tâches à rendre d'ici 7 jours"),
        "launch_open": "{name} est ouvert jusqu'au {day}",
        "launch_next": "{name} ouvre le {day}",
        "late_tasks": ("{n} tâche en retard", "{n} tâches en retard"),
        "stuck": ("{n} accueil bloqué", "{n} accueils bloqués"),
        "stale_since": "sans nouvelles de {title} depuis le {when}",
        "never_read": "{title} n'a encore jamais répondu",
        "and_also": "et {amounts}",
        "few": ("sur {n} seulement", "sur {n} seulement"),
        "estimated": "historique estimé",
        "in_all": "en tout {value} au cours BCE du {day}",
        "no_rate": "pas de total : aucun cours pour {currencies}",
        "on_time": "Délais tenus",
        "late": "Tâches en retard",
        "due_week": "{n} à rendre d'ici 7 jours",
        "oldest": "la plus ancienne depuis {days}",
        "days": ("{n} jour", "{n} jours"),
        "alerts": "À décider, à surveiller",
        "nothing_decide": "Rien n'attend votre décision.",
        "paused": "{title} est en pause depuis le {when}\u00a0: {who} doit rétablir la connexion. Les chiffres qui en "
        "viennent datent d'avant.",
        "silent": "{title} ne donne plus de nouvelles depuis le {when}\u00a0: {who} doit regarder pourquoi. Les "
        "chiffres qui en viennent datent d'avant.",
        "never": "{title} n'a encore jamais répondu\u00a0: {who} doit vérifier la connexion.",
        "held": (
            "{n} modification retenue par le hub attend la décision de {who}.",
            "{n} modifications retenues par le hub attendent la décision de {who}.",
        ),
        "late_task": "« {title} » devait être rendue le {day} · {who}",
        "alert_figure": "{title}\u00a0: {value}, {said} · {who}",
        "stuck_line": ("{n} accueil de client bloqué · {who}", "{n} accueils de clients bloqués · {who}"),
        "more": ("et {n} autre", "et {n} autres"),
        "nobody": "sans responsable",
        "obm": "l'OBM",
        "okr": "Objectifs du trimestre",
        "way": "{value} sur {target} (parti de {start})",
        "said_on": "saisi le {day}",
        "silent_days": "aucune saisie depuis {days}",
        "no_entry": "aucune saisie",
        "unknown": "pas encore connu",
        "on_track": "En bonne voie",
        "at_risk": "À surveiller",
        "off_track": "Hors trajectoire",
        "too_early": "trop tôt",
        "reached": "Atteint",
        "missed": "Non atteint",
        "projects": "Projets",
        "project": "**{name}**\u00a0: {parts}",
        "project_late": ("{n} en retard", "{n} en retard"),
        "project_week": ("{n} à rendre d'ici 7 jours", "{n} à rendre d'ici 7 jours"),
        "no_project": "Rien en retard, rien à rendre d'ici 7 jours.",
        "elsewhere": "Sans projet",
        "calls": "Prochains rendez-vous",
        "no_calls": "Aucun rendez-vous à venir.",
        "trends": "Tendances",
        "target_label": "objectif {target}",
        "running": "mois en cours",
        "no_history": "pas encore d'historique",
        "months": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "weekdays": "lun. mar. mer. jeu. ven. sam. dim.",
        "call_at": "{weekday} {day} à {time}",
    },
    "en": {
        "colon": ": ",
        "series": "Series",
        "all_well": "All is well",
        "points": ("{n} point to decide or watch", "{n} points to decide or watch"),
        "stale_state": "Data incomplete",
        "stale_points": ("Data incomplete, and {n} point to look at", "Data incomplete, and {n} points to look at"),
        "read_on": "data of {day}",
        "counted": "last movement counted on {when}",
        "counted_none": "no movement counted",
        "where": "Where are we?",
        "burns": "What burns?",
        "comes": "What comes?",
        "of_target": "{value} ({share} of the target)",
        "no_figure": "no figure counted yet",
        "nothing_burns": "nothing",
        "nothing_comes": "nothing is planned in the days to come",
        "week_calls": ("{n} call within 7 days", "{n} calls within 7 days"),
        "first_call": "the next one {when}",
        "week_tasks": ("{n} task due within 7 days", "{n} tasks due within 7 days"),
        "launch_open": "{name} is open until {day}",
        "launch_next": "{name} opens on {day}",
        "late_tasks": ("{n} task overdue", "{n} tasks overdue"),
        "stuck": ("{n} welcome stuck", "{n} welcomes stuck"),
        "stale_since": "no news from {title} since {when}",
        "never_read": "{title} has never answered yet",
        "and_also": "and {amounts}",
        "few": ("out of {n} only", "out of {n} only"),
        "estimated": "estimated history",
        "in_all": "{value} in all at the ECB rate of {day}",
        "no_rate": "no total: no rate for {currencies}",
        "on_time": "On-time delivery",
        "late": "Overdue tasks",
        "due_week": "{n} due within 7 days",
        "oldest": "the oldest for {days}",
        "days": ("{n} day", "{n} days"),
        "alerts": "To decide, to watch",
        "nothing_decide": "Nothing waits for your decision.",
        "paused": "{title} has been paused since {when}: {who} has to restore the connection. The figures that come "
        "from it are from before.",
        "silent": "{title} has given no news since {when}: {who} has to find out why. The figures that come from it "
        "are from before.",
        "never": "{title} has never answered yet: {who} has to check the connection.",
        "held": (
            "{n} change held by the hub waits for the decision of {who}.",
            "{n} changes held by the hub wait for the decision of {who}.",
        ),
        "late_task": '"{title}" was due on {day} · {who}',
        "alert_figure": "{title}: {value}, {said} · {who}",
        "stuck_line": ("{n} client's welcome is stuck · {who}", "{n} clients' welcomes are stuck · {who}"),
        "more": ("and {n} more", "and {n} more"),
        "nobody": "nobody's",
        "obm": "the OBM",
        "okr": "Objectives of the quarter",
        "way": "{value} of {target} (from {start})",
        "said_on": "entered on {day}",
        "silent_days": "no entry for {days}",
        "no_entry": "no entry",
        "unknown": "not known yet",
        "on_track": "On track",
        "at_risk": "At risk",
        "off_track": "Off track",
        "too_early": "too early",
        "reached": "Reached",
        "missed": "Missed",
        "projects": "Projects",
        "project": "**{name}**: {parts}",
        "project_late": ("{n} overdue", "{n} overdue"),
        "project_week": ("{n} due within 7 days", "{n} due within 7 days"),
        "no_project": "Nothing overdue, nothing due within 7 days.",
        "elsewhere": "No project",
        "calls": "Next calls",
        "no_calls": "No call ahead.",
        "trends": "Trends",
        "target_label": "target {target}",
        "running": "running month",
        "no_history": "no history yet",
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
        "call_at": "{weekday} {day} at {time}",
    },
}


def say(language: Language, word: str, **parts: object) -> str:
    """The phrase of that name, its parts filled in; `n` chooses between one and several. In French none is singular."""
    found = _WORDS[language][word]
    if not isinstance(found, str):
        n = parts.get("n")
        one = isinstance(n, int) and (n == 1 or (language == "fr" and n == 0))
        found = found[0] if one else found[1]
    return found.format(**parts)


def names() -> Mapping[Language, Mapping[str, str | tuple[str, str]]]:
    """Every phrase of each language."""
    return _WORDS


def display(figure: Figure, language: Language) -> str:
    """The figure as people read it; — when there is nothing to divide by."""
    return shown_as(figure.value, figure.unit, language)


def shown_as(value: Money | Decimal | None, unit: str, language: Language) -> str:
    """A value of that unit as people read it."""
    if isinstance(value, Money):
        return money(value, language)
    if value is None:
        return "—"
    if unit == "percent":
        return percent(value, language)
    if unit == "days":
        whole = number(value, 1, language)
        return f"{whole}\u00a0{'j' if language == 'fr' else 'd'}"
    return number(value, 0 if unit == "count" else 2, language)


def few(figure: Figure, language: Language) -> str | None:
    """How few things a rate is a share of, where they are too few to speak of a trend."""
    out_of = figure.out_of if figure.unit == "percent" else None
    return None if out_of is None or not 0 < out_of < FEW else say(language, "few", n=int(out_of))


def call_at(at: datetime, language: Language) -> str:
    """lun. 24/11 à 10:00; `at` is local."""
    weekday = say(language, "weekdays").split()[at.weekday()]
    short = at.strftime("%d/%m") if language == "fr" else at.strftime("%m-%d")
    return say(language, "call_at", weekday=weekday, day=short, time=at.strftime("%H:%M"))


def days(n: int, language: Language) -> str:
    return say(language, "days", n=n)


def plain(text: str) -> str:
    """Words of people without what would be read as bold, in one line."""
    return " ".join(text.replace("*", "").split())
