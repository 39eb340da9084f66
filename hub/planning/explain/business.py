"""The business itself, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from hub.mapping.model import ALL, Business, ConnectionConfig
from hub.planning.explain.section import Section, all_quoted, at, listed, of, percent, pick, quoted
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
    days = listed([(_DAYS_FR if language == "fr" else _DAYS_EN)[day] for day in business.working_days], language)
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
