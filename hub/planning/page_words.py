"""What the CEO's page says beside its figures, in French and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from hub.core.money import Money
from hub.planning.figure import Figure, is_small
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
        "launch_ended": "{name} s'est terminé le {day}",
        "launch_wants": "objectif {sales}",
        "launch_goal": "objectif {goal} ({share})",
        "launch_day": "jour {day} sur {days}",
        "launch_before": "{n} au même jour du lancement précédent",
        "sales": ("{n} vente", "{n} ventes"),
        "signed": "signé {value}",
        "signed_goal": " sur {goal} ({share})",
        "late_tasks": ("{n} tâche en retard", "{n} tâches en retard"),
        "stuck": ("{n} accueil bloqué", "{n} accueils bloqués"),
        "stale_since": "sans nouvelles de {title} depuis le {when}",
        "never_read": "{title} n'a encore jamais répondu",
        "and_also": "et {amounts}",
        "few": ("sur {n} seulement", "sur {n} seulement"),
        "few_of": "{of} sur {n}",
        "so_far": "{value} le mois dernier à la même date",
        "whole_month": "{value} sur tout le mois dernier",
        "month_end": "{value} à la fin du mois dernier",
        "guessed": ", estimé",
        "estimated": "historique estimé",
        "in_all": "en tout {value} au cours BCE du {day}",
        "rates_effect": "effet de change du mois {value}",
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
        "no_objective": "Aucun objectif pour ce trimestre.",
        "other_objective": "Pas d'autre objectif ce trimestre.",
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
        "team": "Équipe",
        "further": "Pour en savoir plus",
        "unassigned": "Sans responsable",
        "calls": "Prochains rendez-vous",
        "no_calls": "Aucun rendez-vous à venir.",
        "trends": "Tendances",
        "chart_new": "nouveau, car ce chiffre a un mois terminé et pas de graphique sur la page",
        "chart_redrawn": "redessiné, car ce qu'il montre a changé",
        "chart_gone": "retiré, car la page ne montre plus de graphique de ce chiffre",
        "chart_says": "montre",
        "charts_wait": (
            "{n} graphique attend le prochain passage\u00a0: une mise à jour de la page écrit {most} fois au plus",
            "{n} graphiques attendent le prochain passage\u00a0: une mise à jour de la page écrit {most} fois au plus",
        ),
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
        "launch_ended": "{name} ended on {day}",
        "launch_wants": "goal {sales}",
        "launch_goal": "goal {goal} ({share})",
        "launch_day": "day {day} of {days}",
        "launch_before": "{n} by that day of the launch before",
        "sales": ("{n} sale", "{n} sales"),
        "signed": "signed {value}",
        "signed_goal": " of {goal} ({share})",
        "late_tasks": ("{n} task overdue", "{n} tasks overdue"),
        "stuck": ("{n} welcome stuck", "{n} welcomes stuck"),
        "stale_since": "no news from {title} since {when}",
        "never_read": "{title} has never answered yet",
        "and_also": "and {amounts}",
        "few": ("out of {n} only", "out of {n} only"),
        "few_of": "{of} of {n}",
        "so_far": "{value} by the same date last month",
        "whole_month": "{value} in the whole of last month",
        "month_end": "{value} at the end of last month",
        "guessed": ", estimated",
        "estimated": "estimated history",
        "in_all": "{value} in all at the ECB rate of {day}",
        "rates_effect": "currency effect of the month {value}",
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
        "no_objective": "No objective for this quarter.",
        "other_objective": "No other objective this quarter.",
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
        "team": "Team",
        "further": "To know more",
        "unassigned": "Nobody's yet",
        "calls": "Next calls",
        "no_calls": "No call ahead.",
        "trends": "Trends",
        "chart_new": "new, because this figure has a month that is over and no chart on the page",
        "chart_redrawn": "redrawn, because what it shows has changed",
        "chart_gone": "taken away, because the page shows no chart of this figure any more",
        "chart_says": "shows",
        "charts_wait": (
            "{n} chart waits for the next turn: one refresh of the page writes {most} times at most",
            "{n} charts wait for the next turn: one refresh of the page writes {most} times at most",
        ),
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
    """Of how few things a rate is (1 of 14), where they are too few to speak of a trend."""
    if not is_small(figure) or figure.sample is None:
        return None
    of, n = figure.sample
    return say(language, "few", n=n) if of is None else say(language, "few_of", of=of, n=n)


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
