"""The business itself, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.mapping.model import ALL, OBM, Business, ConnectionConfig
from hub.mapping.person import Absence, Person
from hub.planning import words
from hub.planning.explain.section import Section, all_quoted, at, listed, of, percent, pick, quoted, term
from hub.planning.words import Language

_DAYS_FR = {
    "mon": "lundi", "tue": "mardi", "wed": "mercredi", "thu": "jeudi", "fri": "vendredi", "sat": "samedi",
    "sun": "dimanche",
}  # fmt: skip
_DAYS_EN = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
_LANGUAGES = {"fr": ("français", "French"), "en": ("anglais", "English")}


def explain(business: Business, language: Language) -> Section:
    """Who it is, when it works, who its people are, when the hub asks first."""
    return Section("", business.business, tuple(_sentences(business, language)))


def _sentences(business: Business, language: Language) -> Iterator[str]:
    spoken = pick(language, *_LANGUAGES[business.language])
    yield pick(
        language,
        f"Ce que les gens lisent est écrit en {spoken} ; les dates et les heures sont celles {of(business.timezone)}, "
        f"les montants sont en {business.currency}.",
        f"What people read is written in {spoken}; dates and hours are those of {business.timezone}, amounts are in "
        f"{business.currency}.",
    )
    yield pick(
        language,
        "Les e-mails en français tutoient." if business.address_as == "tu" else "Les e-mails en français vouvoient.",
        f"Mails in French say “{business.address_as}”.",
    )
    days = _days(business.working_days, language)
    calendar = quoted(business.holidays, language) if business.holidays else ""
    yield pick(
        language,
        f"Jours ouvrés : {days}"
        + (f", sauf les jours fériés de {calendar}." if calendar else ", jours fériés compris."),
        f"Working days: {days}"
        + (f", except the public holidays of {calendar}." if calendar else ", public holidays included."),
    )
    yield from _people(business, language)
    yield from _connections(business, language)
    yield from _limits(business, language)
    yield _kept(business, language)
    yield _brief(business, language)
    yield _page(business, language)


def _people(business: Business, language: Language) -> Iterator[str]:
    for key, one in business.people.items():
        more = [one.email] if one.email else []
        more += [
            pick(language, f"dans {at(where)} : {called}", f"in {at(where)}: {called}")
            for where, called in one.known_as.items()
        ]
        name = f"{one.name} ({', '.join(more)})" if more else one.name
        short = quoted(key, language)
        yield pick(language, f"Dans les fichiers, {short} est {name}.", f"In the files, {short} is {name}.")
        own = list(_own(one, language))
        if own:
            yield (
                pick(language, f"Pour {one.name} : ", f"For {one.name}: ")
                + "; ".join(own).replace("; ", pick(language, " ; ", "; "))
                + "."
            )


def _own(one: Person, language: Language) -> Iterator[str]:
    """What is otherwise for her than for the business."""
    if one.timezone is not None:
        yield pick(language, f"les heures sont celles {of(one.timezone)}", f"hours are those of {one.timezone}")
    if one.working_days is not None:
        days = _days(one.working_days, language)
        yield pick(language, f"jours ouvrés : {days}", f"working days: {days}")
    if one.holidays is not None:
        calendar = quoted(one.holidays, language)
        yield pick(language, f"jours fériés de {calendar}", f"the public holidays of {calendar}")
    if one.away:
        absences = listed([_absence(each, language) for each in one.away], language)
        yield pick(language, f"absence {absences}", f"away {absences}")
    if one.language is not None:
        spoken = pick(language, *_LANGUAGES[one.language])
        yield pick(language, f"e-mails en {spoken}", f"mails in {spoken}")
    if one.address_as is not None:
        yield pick(
            language,
            "tutoiement" if one.address_as == "tu" else "vouvoiement",
            f"“{one.address_as}” in French",
        )
    if one.left is not None:
        day = words.day(one.left, language)
        yield pick(language, f"plus rien n'est envoyé à partir du {day}", f"nothing is sent from {day} on")


def _absence(absence: Absence, language: Language) -> str:
    first = words.day(absence.first, language)
    if absence.last is None:
        return pick(language, f"le {first}", f"on {first}")
    last = words.day(absence.last, language)
    return pick(language, f"du {first} au {last}", f"from {first} to {last}")


def _days(days: Iterable[str], language: Language) -> str:
    return listed([(_DAYS_FR if language == "fr" else _DAYS_EN)[day] for day in days], language)


def _connections(business: Business, language: Language) -> Iterator[str]:
    plain = [name for name, config in business.connections.items() if config == ConnectionConfig()]
    if plain:
        joined = listed([at(name) for name in plain], language)
        yield pick(
            language,
            f"Connexions : {joined} ; le hub y suit ce que les fichiers nomment.",
            f"Connections: {joined}; the hub follows what the files name there.",
        )
    for name, config in business.connections.items():
        if name not in plain:
            yield _connection(name, config, language)


def _connection(name: str, config: ConnectionConfig, language: Language) -> str:
    parts = []
    if config.page is not None:
        page = quoted(config.page, language)
        parts.append(pick(language, f"écrit dans la page {page}", f"writes inside the page {page}"))
    if config.follow is None:
        parts.append(pick(language, "suit ce que les fichiers nomment", "follows what the files name there"))
    elif config.follow == (ALL,):
        parts.append(pick(language, "suit tout ce que la clé voit", "follows all that the key sees"))
    else:
        followed = all_quoted(config.follow, language)
        parts.append(
            pick(
                language,
                f"suit {followed} et ce que les fichiers nomment",
                f"follows {followed} and what the files name there",
            )
        )
    title, said = at(name), listed(parts, language)
    if config.connector is not None:
        account = at(config.connector)
        title += pick(language, f" (compte {account})", f" (an account at {account})")
    return pick(language, f"Connexion {title} : le hub y {said}.", f"Connection {title}: the hub {said}.")


def _limits(business: Business, language: Language) -> Iterator[str]:
    limits = business.safety.hold_if
    share = percent(limits.changes_above, language)
    archives, mails = limits.archives_above, limits.mails_above
    archived = pick(
        language,
        f"plus de {archives} lignes iraient à la corbeille" if archives else "une ligne irait à la corbeille",
        f"more than {archives} rows would go to the trash" if archives else "a row would go to the trash",
    )
    sent = pick(
        language,
        f"plus de {mails} e-mails partiraient d'un coup" if mails else "un e-mail partirait",
        f"more than {mails} mails would go out at once" if mails else "a mail would go out",
    )
    yield pick(
        language,
        f"Le hub demande avant d'agir quand plus de {share} des lignes changeraient, quand {archived} ou quand {sent}.",
        f"The hub asks before it acts when more than {share} of the rows would change, when {archived} or when {sent}.",
    )


def _kept(business: Business, language: Language) -> str:
    kept = term(business.keep.past_clients, language)
    return pick(
        language,
        f"{kept} après le dernier signe d'une personne dont le parcours est fini, le hub oublie ce qu'il sait d'elle ; "
        "les totaux restent.",
        f"{kept} after the last sign of somebody whose journey is over, the hub forgets what it knows of them; the "
        "totals remain.",
    )


def _brief(business: Business, language: Language) -> str:
    if business.morning is not None:
        name, at_ = business.people[OBM].name, business.morning.at
        return pick(
            language,
            f"Chaque jour ouvré à {at_}, {name} reçoit un e-mail qui fait le point sur toutes ses entreprises.",
            f"Each working day at {at_}, {name} gets one mail that tells how all her businesses stand.",
        )
    if not business.brief:
        return pick(language, "Le point du matin n'est pas envoyé.", "The morning brief is not sent.")
    short = quoted(OBM, language)
    return pick(
        language,
        f"Aucun point du matin : il y faut une personne {short} avec une adresse et une connexion qui envoie des "
        "e-mails.",
        f"No morning brief: it takes a person {short} with an address, and a connection that sends mails.",
    )


def _page(business: Business, language: Language) -> str:
    page = business.process
    if page is None:
        return pick(language, "Ce texte n'a pas de page dans Notion.", "This text has no page in Notion.")
    title = quoted(page.title or page_title(business), language)
    return pick(
        language,
        f"Ce texte est la page {title} ({at(page.connection)}), que le hub tient à jour.",
        f"This text is the page {title} ({at(page.connection)}), which the hub keeps up to date.",
    )


def page_title(business: Business) -> str:
    """The process page's usual title, in the language of the business."""
    return pick(business.language, f"Processus — {business.business}", f"How it works — {business.business}")
