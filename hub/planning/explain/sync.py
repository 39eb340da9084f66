"""A sync job, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.mapping.model import Business
from hub.mapping.sync_job import OnlyIf, Place, SyncJob
from hub.planning.explain.section import Section, all_quoted, at, field, listed, of, pick, quoted, says
from hub.planning.sync_words import say
from hub.planning.words import Language

TITLE = ("Synchronisation", "Sync")
_OWNERS: Mapping[str, tuple[str, str]] = {
    "source": (
        "{ours} décide : {names}. Une modification faite dans {theirs} est notée, puis remplacée.",
        "{ours} decides: {names}. An edit made in {theirs} is noted, then overwritten.",
    ),
    "target": (
        "{theirs} décide : {names}. Une modification faite dans {ours} est notée, puis remplacée.",
        "{theirs} decides: {names}. An edit made in {ours} is noted, then overwritten.",
    ),
    "latest": (
        "Des deux côtés on peut changer : {names}. La modification la plus récente l'emporte, l'autre est gardée en "
        "mémoire.",
        "Either side may change: {names}. The later edit wins, the other is kept on record.",
    ),
}


def explain(job: SyncJob, business: Business, language: Language) -> Section:
    """What is paired with what, who wins each field, what becomes of what is gone."""
    return Section(job.name, pick(language, *TITLE), tuple(_sentences(job, business, language)))


def _sentences(job: SyncJob, business: Business, language: Language) -> Iterator[str]:
    ours, theirs = place(job.source, language), place(job.target, language)
    yield says(job.says)
    only = _only_if(job.only_if, language)
    if only:
        yield pick(
            language,
            f"Chaque élément {of(ours)} a sa ligne dans {theirs}, à condition d'être {only}.",
            f"Each record of {ours} has its row in {theirs}, as long as it is {only}.",
        )
    else:
        yield pick(
            language,
            f"Chaque élément {of(ours)}, sans exception, a sa ligne dans {theirs}.",
            f"Each record of {ours}, without exception, has its row in {theirs}.",
        )
    for owner, (fr, en) in _OWNERS.items():
        lines = [f"{field(each.source, language)} → {quoted(each.target, language)}" for each in job.fields
                 if each.owner == owner]  # fmt: skip
        if lines:
            yield pick(language, fr, en).format(ours=ours, theirs=theirs, names=listed(lines, language))
    if job.people_own:
        named = all_quoted(job.people_own, language)
        yield pick(language, f"Le hub ne touche jamais à {named}.", f"The hub never touches {named}.")
    else:
        yield pick(language, "Le hub ne touche à aucune autre colonne.", "The hub touches no other column.")
    yield _gone(job, business, theirs, language)
    yield _new_rows(job, ours, theirs, language)
    yield _matched(job, language)


def place(where: Place, language: Language) -> str:
    """ "asana › « Lancement »"."""
    parts = [at(where.connection)]
    if where.records is not None:
        parts.append(where.records)
    if where.thing is not None:
        parts.append(quoted(where.thing, language))
    return " › ".join(parts)


def _gone(job: SyncJob, business: Business, theirs: str, language: Language) -> str:
    mark = quoted(say(business.language, "mark"), language)
    fr, en = {
        "mark": (
            f"sa ligne dans {theirs} est cochée {mark}, pas effacée",
            f"its row in {theirs} is ticked {mark} and stays",
        ),
        "archive": (f"sa ligne dans {theirs} va à la corbeille", f"its row in {theirs} goes to the trash"),
        "keep": (f"sa ligne dans {theirs} reste telle quelle", f"its row in {theirs} stays as it is"),
    }[job.when_gone]
    return pick(language, f"Quand un élément disparaît, {fr}.", f"When a record is gone, {en}.")


def _new_rows(job: SyncJob, ours: str, theirs: str, language: Language) -> str:
    fr, en = {
        "left": ("laissée telle quelle", "left as it is"),
        "copied": (f"copiée dans {ours}", f"copied to {ours}"),
    }[job.new_rows]
    return pick(
        language,
        f"Une ligne retirée à la main {of(theirs)} n'est pas remise ; une ligne qu'on y ajoute à la main est {fr}.",
        f"A row that somebody removes from {theirs} is not put back; a row that somebody adds there is {en}.",
    )


def _matched(job: SyncJob, language: Language) -> str:
    names = [field(name, language) for name in job.match_by]
    by = listed(names, language, ("puis par", "and then by"))
    return pick(
        language,
        f"Ce qui existe déjà des deux côtés est relié par {by} ; ce qui est ambigu est signalé, jamais deviné.",
        f"What is there on both sides already is matched by {by}; what is unclear is pointed out, never guessed.",
    )


def _only_if(only: OnlyIf, language: Language) -> str:
    parts = []
    for value, fr, en in (
        (only.assignee, ("confié à quelqu'un", "confié à personne"), ("assigned to somebody", "assigned to nobody")),
        (only.due, ("daté", "sans échéance"), ("dated", "without a due date")),
    ):
        if value is not None:
            parts.append(pick(language, fr[value == "none"], en[value == "none"]))
    if only.done is not None:
        done = ("fait", "done") if only.done else ("encore à faire", "still to be done")
        parts.append(pick(language, *done))
    for names, fr_, en_ in (
        (only.section, "rangé dans ", "kept in "),
        (only.label, "étiqueté ", "labelled "),
    ):
        if names:
            either = listed([quoted(name, language) for name in names], language, ("ou", "or"))
            parts.append(pick(language, fr_, en_) + either)
    return listed(parts, language)
