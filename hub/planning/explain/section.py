"""What an explanation is made of, and the small words that all of them need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.core.money import Money
from hub.mapping.model import Business
from hub.mapping.spans import Moment, Span, Term
from hub.planning import words
from hub.planning.words import Language


@dataclass(frozen=True, slots=True)
class Section:
    """One job, or the business itself. `key`: the job's name, "" for the business."""

    key: str
    title: str
    sentences: tuple[str, ...]


def pick(language: Language, fr: str, en: str) -> str:
    """The sentence in the language that people read."""
    return fr if language == "fr" else en


def typeset(text: str, language: Language) -> str:
    """French signs stand behind a space at which no line breaks."""
    if language != "fr":
        return text
    return re.sub(r" ([:;!?»%])", "\u00a0\\1", text).replace("« ", "«\u00a0")


def says(text: str) -> str:
    """The promise as it stands in the file, on one line."""
    return " ".join(text.split())


def listed(parts: Sequence[str], language: Language, last: tuple[str, str] = ("et", "and")) -> str:
    """ "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {pick(language, *last)} {parts[-1]}"


def quoted(text: str, language: Language) -> str:
    """A name that people gave, in the quotation marks of the language."""
    return pick(language, f"« {text} »", f"“{text}”")


def all_quoted(names: Sequence[str], language: Language) -> str:
    """Several of them: « a », « b » et « c »."""
    return listed([quoted(name, language) for name in names], language)


def of(text: str) -> str:
    """French "de", before a name: d'Europe, de Stripe."""
    return f"d'{text}" if text[:1].casefold() in "aàâeéèêëiîïoôuùûüœæ" else f"de {text}"


def at(connection: str) -> str:
    """A connection's name as people write names: Stripe, Stripe-us."""
    return connection[:1].upper() + connection[1:]


def person(name: str, business: Business, language: Language) -> str:
    """A short name as people call her."""
    if name == "assignee":
        return pick(language, "la personne responsable", "whoever the task is assigned to")
    known = business.people.get(name)
    return known.name if known is not None else quoted(name, language)


def people(names: Sequence[str], business: Business, language: Language) -> str:
    """Several of them."""
    return listed([person(name, business, language) for name in names], language)


_UNITS_FR = {
    "hours": ("heure", "heures"),
    "days": ("jour", "jours"),
    "working days": ("jour ouvré", "jours ouvrés"),
    "weeks": ("semaine", "semaines"),
}


def span(value: Span, language: Language) -> str:
    """ "3 working days"."""
    if language == "en":
        return str(value)
    return f"{value.count} {_UNITS_FR[value.unit][value.count > 1]}"


def term(value: Term, language: Language) -> str:
    """ "3 years"."""
    if language == "en":
        return str(value)
    return f"{value.count} {'mois' if value.unit == 'months' else 'an' if value.count == 1 else 'ans'}"


def every(value: Span, language: Language) -> str:
    """ "every 2 weeks"."""
    one = value.count == 1
    if language == "en":
        return f"every {str(value).removeprefix('1 ') if one else value}"
    all_of = "toutes" if value.unit in ("hours", "weeks") else "tous"
    return f"{all_of} les {_UNITS_FR[value.unit][1] if one else span(value, language)}"


def moment(value: Moment, language: Language) -> str:
    """ "3 working days before the due date"."""
    if value.span is None:
        return pick(language, "le jour de l'échéance", "on the due date")
    before = value.side == "before"
    if language == "en":
        return f"{value.span} {'before' if before else 'after'} the due date"
    return f"{span(value.span, language)} {'avant' if before else 'après'} l'échéance"


def percent(text: str, language: Language) -> str:
    """A percentage of a file, "20 %" or "4.5 %", as the language writes it."""
    value = Decimal(text.rstrip(" %"))
    exponent = value.as_tuple().exponent
    return words.percent(value, language, places=-exponent if isinstance(exponent, int) and exponent < 0 else 0)


def amount(value: Decimal, business: Business, language: Language) -> str:
    """An amount of a file, in the currency of the business."""
    return words.money(Money(value, business.currency), language)


_FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("le titre", "the title"),
    "notes": ("les notes", "the notes"),
    "due": ("l'échéance", "the due date"),
    "done": ("l'état « fait »", "whether it is done"),
    "assignee": ("la personne responsable", "the assignee"),
    "assignees": ("les personnes responsables", "the assignees"),
    "section": ("la section ou la liste", "the section or list"),
    "label": ("les étiquettes", "the labels"),
    "labels": ("les étiquettes", "the labels"),
    "place": ("le projet ou le tableau", "the project or board"),
    "url": ("le lien", "the link"),
    "name": ("le nom", "the name"),
    "email": ("l'adresse e-mail", "the e-mail address"),
    "id": ("l'identifiant", "the id"),
}


def field(name: str, language: Language) -> str:
    """A field in words; one that people made themselves, by its name."""
    return pick(language, *_FIELDS[name]) if name in _FIELDS else quoted(name, language)
