"""A deadlines job, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.mapping.deadline_job import Alert, DeadlineJob, Rule, ShownTasks, Watch
from hub.mapping.model import Business
from hub.planning.explain.section import (
    Section,
    all_quoted,
    at,
    every,
    field,
    listed,
    moment,
    people,
    percent,
    person,
    pick,
    quoted,
    says,
    span,
)
from hub.planning.sync_words import say
from hub.planning.words import Language

TITLE = ("Alertes d'échéance", "Deadline alerts")
_GONE: Mapping[str, tuple[str, str]] = {
    "mark": ("est cochée {mark}, pas effacée", "is ticked {mark} and stays"),
    "archive": ("va à la corbeille", "goes to the trash"),
    "keep": ("reste telle quelle", "stays as it is"),
}


def explain(job: DeadlineJob, business: Business, language: Language) -> Section:
    """What is watched, who is told what and when, at what hours, where it is shown."""
    return Section(job.name, pick(language, *TITLE), tuple(_sentences(job, business, language)))


def _sentences(job: DeadlineJob, business: Business, language: Language) -> Iterator[str]:
    yield says(job.says)
    for watch in job.watch:
        yield _watch(watch, language)
    if "alerts" not in job.model_fields_set:
        yield pick(
            language,
            "Le fichier n'écrit aucune alerte : ce sont celles que le hub a d'office.",
            "The file writes no alerts: these are those that the hub has by default.",
        )
    for alert in job.alerts:
        yield _alert(alert, business, language)
    yield pick(
        language,
        "Chaque alerte part une seule fois ; une alerte qui tombe un jour non ouvré part le jour ouvré suivant.",
        "Each alert goes out once; one that falls on a day off goes out on the next working day.",
    )
    if any(alert.then_every for alert in job.alerts):
        yield pick(
            language,
            "Un rappel est une alerte comme une autre ; de plusieurs rappels manqués, seul le dernier part.",
            "What is said again is an alert like any other; of several that were missed only the last goes out.",
        )
    yield pick(
        language,
        "Les jours ouvrés, les jours fériés et les heures sont ceux de la personne prévenue, absences comprises.",
        "Working days, public holidays and hours are those of whoever is told, and so are absences.",
    )
    for rule in job.watch_for:
        yield _rule(rule, business, language)
    if not job.watch_for:
        yield pick(language, "Le hub ne surveille que les dates.", "The hub watches nothing but the dates.")
    yield from _sending(job, business, language)
    if job.show_in is None:
        yield pick(language, "Les tâches ne sont recopiées nulle part.", "The tasks are not copied anywhere.")
    else:
        yield from _shown(job.show_in, business, language)


def _watch(watch: Watch, language: Language) -> str:
    if watch.thing is None:
        where = pick(
            language, f"tout ce qu'il voit dans {at(watch.connection)}", f"all that it sees in {at(watch.connection)}"
        )
    else:
        where = f"{at(watch.connection)} › {quoted(watch.thing, language)}"
    text = pick(language, f"Le hub surveille {where}", f"The hub watches {where}")
    if watch.skip_lists:
        text += pick(language, ", sauf ", ", except ") + all_quoted(watch.skip_lists, language)
    said = [
        f"{quoted(column, language)} {pick(language, 'y est', 'is')} {field(name, language)}"
        for name, column in (("title", watch.title), ("due", watch.due), ("assignee", watch.assignee))
        if column
    ]
    for column, word in (watch.done or {}).items():
        said.append(
            pick(language, "une tâche est faite quand ", "a task is done when ")
            + f"{quoted(column, language)} {pick(language, 'est', 'is')} {quoted(word, language)}"
        )
    return f"{text}{pick(language, ' : ', ': ')}{listed(said, language)}." if said else f"{text}."


def _alert(alert: Alert, business: Business, language: Language) -> str:
    name, when, told = (
        quoted(alert.name, language),
        moment(alert.when, language),
        people(alert.tell, business, language),
    )
    how = {
        "digest": pick(language, "dans l'e-mail groupé du jour", "in the digest of the day"),
        "mail": pick(language, "par un e-mail à part", "by a mail of its own"),
    }[alert.by]
    if alert.text:
        text = quoted(alert.text, language)
        how += pick(language, f", avec le texte {text}", f", with the text {text}")
    if alert.then_every is not None:
        again = every(alert.then_every, language)
        when += pick(
            language, f", puis {again} tant que la tâche n'est pas faite", f", then {again} until the task is done"
        )
    return pick(
        language,
        f"Alerte {name} : {when}, le hub prévient {told} {how}.",
        f"Alert {name}: {when}, the hub tells {told} {how}.",
    )


def _rule(rule: Rule, business: Business, language: Language) -> str:
    share = percent(f"{rule.most_late} %", language)
    within, still = span(rule.within, language), span(rule.still, language)
    fr, en = {
        "no owner": (
            f"une tâche à rendre dans moins de {within} n'est confiée à personne",
            f"a task that is due within {within} is assigned to nobody",
        ),
        "no date": ("une tâche n'a pas d'échéance", "a task has no due date"),
        "postponed": (
            f"une échéance a été repoussée {rule.most_moves} fois ou plus",
            f"a due date was put off {rule.most_moves} times or more",
        ),
        "no activity": (f"rien ne bouge sur une tâche depuis {still}", f"nothing happens to a task for {still}"),
        "overloaded": (
            "quelqu'un a plus de 10 tâches à rendre dans les 7 jours, et plus d'une fois et demie la médiane de "
            "l'équipe",
            "somebody has more than 10 tasks due within 7 days, and more than one and a half times the team's median",
        ),
        "project at risk": (
            f"plus de {share} des tâches ouvertes d'un projet sont en retard, ou un jalon est dépassé",
            f"more than {share} of the open tasks of a project are late, or a milestone is missed",
        ),
    }[rule.rule]
    name, told = quoted(rule.name, language), people(rule.tell, business, language)
    return pick(
        language,
        f"Règle {name} : quand {fr}, le hub prévient {told} dans l'e-mail groupé du jour.",
        f"Rule {name}: when {en}, the hub tells {told} in the digest of the day.",
    )


def _sending(job: DeadlineJob, business: Business, language: Language) -> Iterator[str]:
    sending = job.sending
    start, end = sending.hours.split("-")
    yield pick(
        language,
        f"L'e-mail groupé part à {sending.digest_at} ; aucun e-mail ne part avant {start}, après {end} ni un jour non "
        "ouvré : il attend le prochain matin ouvré.",
        f"The digest goes out at {sending.digest_at}; no mail goes out before {start}, after {end} or on a day off: it "
        "waits for the next working morning.",
    )
    fallback = person(sending.nobody_assigned, business, language)
    yield pick(
        language,
        f"Quand une tâche n'est confiée à personne, ou à quelqu'un d'injoignable, le hub prévient {fallback}.",
        f"When a task is assigned to nobody, or to somebody who cannot be reached, the hub tells {fallback}.",
    )
    most = sending.most_per_week
    yield pick(
        language,
        f"Par semaine, une personne reçoit au plus {most} e-mails à part, les autres rejoignent l'e-mail groupé ; "
        f"celui-ci montre au plus {most} lignes, et le nombre des autres.",
        f"In a week somebody gets at most {most} mails of their own, the others join the digest; a digest shows at "
        f"most {most} lines, and the number of the others.",
    )
    quiet = sending.first_run == "quiet"
    yield pick(
        language,
        "Au premier passage, ce qui est déjà en retard tient dans une seule liste."
        if quiet
        else "Au premier passage, rien ne part sans accord.",
        "On the first run, what is late already makes one list."
        if quiet
        else "On the first run, nothing goes out without a yes.",
    )


def _shown(shown: ShownTasks, business: Business, language: Language) -> Iterator[str]:
    where = f"{at(shown.connection)} › {quoted(shown.database, language)}"
    yield pick(
        language,
        f"Les tâches sont listées dans {where}, une ligne par tâche.",
        f"The tasks are listed in {where}, a row for each task.",
    )
    columns = [f"{field(role, language)} → {quoted(name, language)}" for name, role in shown.source_owns.items()]
    if columns:
        yield pick(
            language,
            f"Le hub y tient à jour : {listed(columns, language)}.",
            f"The hub keeps up to date there: {listed(columns, language)}.",
        )
    if shown.people_own:
        named = all_quoted(shown.people_own, language)
        yield pick(language, f"Il n'y modifie jamais {named}.", f"There it never touches {named}.")
    mark = quoted(say(business.language, "mark"), language)
    gone = pick(language, *_GONE[shown.when_gone]).format(mark=mark)
    yield pick(language, f"Quand une tâche disparaît, sa ligne {gone}.", f"When a task is gone, its row {gone}.")
