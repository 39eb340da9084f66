"""A deadlines job, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.mapping.deadline_job import Alert, DeadlineJob, ShownTasks, Watch
from hub.mapping.model import Business
from hub.planning.explain.section import (
    Section,
    all_quoted,
    at,
    field,
    listed,
    moment,
    people,
    person,
    pick,
    quoted,
    says,
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
    for alert in job.alerts:
        yield _alert(alert, business, language)
    yield pick(
        language,
        "Chaque alerte part une seule fois ; une alerte qui tombe un jour non ouvré part le jour ouvré suivant.",
        "Each alert goes out once; one that falls on a day off goes out on the next working day.",
    )
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
    return pick(
        language,
        f"Alerte {name} : {when}, le hub prévient {told} {how}.",
        f"Alert {name}: {when}, the hub tells {told} {how}.",
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
        f"Quand une tâche n'est confiée à personne, le hub prévient {fallback}.",
        f"When a task is assigned to nobody, the hub tells {fallback}.",
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
