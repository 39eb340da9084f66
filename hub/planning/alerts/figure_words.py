"""What the figures of tasks are called and what is counted in each, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from hub.mapping.model import Business
from hub.planning.alerts.task_figure import LOAD
from hub.planning.words import Language

_FIGURES: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "fr": {
        "on_time_rate": (
            "Taux de respect des délais",
            "Parmi les tâches terminées dans le mois qui avaient une échéance, celles qui l'ont tenue.",
        ),
        "milestones_on_time": (
            "Projets et jalons livrés dans les délais",
            "Parmi les jalons terminés dans le mois qui avaient une échéance, ceux qui l'ont tenue.",
        ),
        "postponed_count": (
            "Échéances repoussées",
            "Tâches terminées dans le mois dont la dernière échéance était plus tard que la première connue.",
        ),
        "throughput": (
            "Tâches terminées par semaine",
            "Tâches terminées pendant les quatre dernières semaines, divisées par quatre.",
        ),
        "cycle_time": (
            "Temps de réalisation",
            "Du début (ou de la création) à la fin, pour les tâches terminées dans le mois : la médiane.",
        ),
        "cycle_time_p85": (
            "Temps de réalisation, 85 % des tâches",
            "85 % des tâches terminées dans le mois ont pris ce temps ou moins.",
        ),
        "overdue_count": ("Tâches en retard", "Tâches ouvertes dont l'échéance est passée."),
        "overdue_age_median": ("Ancienneté des retards, médiane", "Jours depuis l'échéance des tâches en retard."),
        "overdue_age_max": ("Ancienneté des retards, maximum", "Jours depuis l'échéance des tâches en retard."),
        "due_today": ("À rendre aujourd'hui", "Tâches ouvertes dont l'échéance est aujourd'hui."),
        "due_7_days": ("À rendre sous 7 jours", "Tâches ouvertes dont l'échéance est aujourd'hui ou dans les 7 jours."),
        "unassigned": ("Sans responsable", "Tâches ouvertes que personne n'a prises."),
        "undated": ("Sans échéance", "Tâches ouvertes sans échéance."),
        "stalled": ("En attente", "Tâches ouvertes sans activité depuis plus de 7 jours."),
        LOAD: ("Charge de {who}", "Ses tâches ouvertes dont l'échéance est aujourd'hui ou dans les 7 jours."),
    },
    "en": {
        "on_time_rate": (
            "On-time rate",
            "Of the tasks done in the month that had a due date, those that kept it.",
        ),
        "milestones_on_time": (
            "Projects and milestones on time",
            "Of the milestones done in the month that had a due date, those that kept it.",
        ),
        "postponed_count": (
            "Due dates postponed",
            "Tasks done in the month whose last due date was later than the first one known.",
        ),
        "throughput": ("Tasks done per week", "Tasks done in the last four weeks, divided by four."),
        "cycle_time": (
            "Cycle time",
            "From the start (or from when it was made) to the end, of the tasks done in the month: the median.",
        ),
        "cycle_time_p85": (
            "Cycle time, 85% of the tasks",
            "85% of the tasks done in the month took so long or less.",
        ),
        "overdue_count": ("Overdue tasks", "Open tasks whose due date has passed."),
        "overdue_age_median": ("Age of what is overdue, median", "Days since the due date of the overdue tasks."),
        "overdue_age_max": ("Age of what is overdue, maximum", "Days since the due date of the overdue tasks."),
        "due_today": ("Due today", "Open tasks that are due today."),
        "due_7_days": ("Due within 7 days", "Open tasks that are due today or in the 7 days after it."),
        "unassigned": ("Unassigned", "Open tasks that nobody has taken."),
        "undated": ("Without a due date", "Open tasks without a due date."),
        "stalled": ("Stalled", "Open tasks without any activity for more than 7 days."),
        LOAD: ("Workload of {who}", "Their open tasks that are due today or in the 7 days after it."),
    },
}

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "due": "Échéance",
        "first_due": "La première",
        "done": "Terminée",
        "touched": "Touchée",
        "days": "Jours",
        "times": "Reports",
        "who": "Responsable",
        "place": "Projet",
        "title": "Tâche",
        "kept": "À l'heure",
        "yes": "oui",
        "no": "non",
        "one_task": "1 tâche",
        "tasks": "{n} tâches",
        "one_day": "{n} jour",
        "some_days": "{n} jours",
        "per_week": "{n} par semaine",
        "none": "Aucune tâche : rien n'a été compté.",
        "nothing": "Aucune tâche : ce chiffre n'existe pas (—).",
        "estimated": (
            "historique estimé : des tâches étaient terminées avant que le hub les suive, leur échéance a pu bouger"
        ),
        "share": "{on_time} à l'heure ÷ {all} = {value}",
        "weeks": "{all} ÷ 4 semaines = {value}",
        "middle": "La médiane de ces jours : {value}.",
        "longest": "Le plus grand de ces nombres : {value}.",
        "rank": "85 % de {all} : le temps de la {rank}e, de la plus rapide à la plus longue : {value}.",
        "buckets": "le jour même : {0} · 1 à 3 jours : {1} · 4 à 7 : {2} · 8 à 30 : {3} · plus de 30 : {4}",
    },
    "en": {
        "due": "Due",
        "first_due": "First due",
        "done": "Done",
        "touched": "Touched",
        "days": "Days",
        "times": "Moves",
        "who": "Assignee",
        "place": "Project",
        "title": "Task",
        "kept": "On time",
        "yes": "yes",
        "no": "no",
        "one_task": "1 task",
        "tasks": "{n} tasks",
        "one_day": "{n} day",
        "some_days": "{n} days",
        "per_week": "{n} per week",
        "none": "No task: nothing was counted.",
        "nothing": "No task: there is no such figure (—).",
        "estimated": "estimated history: tasks were done before the hub watched them; their due date may have moved",
        "share": "{on_time} on time ÷ {all} = {value}",
        "weeks": "{all} ÷ 4 weeks = {value}",
        "middle": "The median of these days: {value}.",
        "longest": "The highest of these numbers: {value}.",
        "rank": "85% of {all}: the time of number {rank}, from the fastest to the slowest: {value}.",
        "buckets": "the same day: {0} · 1 to 3 days: {1} · 4 to 7: {2} · 8 to 30: {3} · more than 30: {4}",
    },
}


def title_of(figure: str, business: Business) -> str:
    """What the figure is called: « Charge de Léa » for load:lea."""
    return _both(figure, business)[0]


def says(figure: str, business: Business) -> str:
    """What is counted in it, a sentence."""
    return _both(figure, business)[1]


def word(language: Language, key: str, *numbers: object, **parts: object) -> str:
    """The phrase of that name, its parts filled in."""
    return _WORDS[language][key].format(*numbers, **parts)


def _both(figure: str, business: Business) -> tuple[str, str]:
    _, load, who = figure.partition(LOAD)
    title, text = _FIGURES[business.language][load or figure]
    name = business.people[who].name if who in business.people else who
    return title.format(who=name), text
