"""What somebody most likely means who wrote an amount, a span or an hour otherwise. None when two are as likely."""

from __future__ import annotations

import re

from pydantic_core import PydanticCustomError

from hub.mapping.paid import read_money
from hub.mapping.spans import LongUnit, Span, Term, Unit
from hub.nearest import folded

_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("h", "hour", "hours", "heure", "heures"), "hours"),
    **dict.fromkeys(("d", "day", "days", "j", "jour", "jours", "calendar_days"), "days"),
    **dict.fromkeys(
        [
            *("working_day", "working_days", "workday", "workdays", "business_day", "business_days", "wd"),
            *("jour_ouvre", "jours_ouvres", "jo", "jour_ouvrable", "jours_ouvrables"),
        ],
        "working days",
    ),
    **dict.fromkeys(("w", "week", "weeks", "semaine", "semaines", "sem"), "weeks"),
}
_LONG_UNITS: dict[str, LongUnit] = {
    **dict.fromkeys(("m", "month", "months", "mois"), "months"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years", "an", "ans", "annee", "annees"), "years"),
}
_COUNTS = {
    word: count
    for count, words in enumerate(
        ("a an un une one", "two deux", "three trois", "four quatre", "five cinq", "six", "seven sept", "eight huit"), 1
    )
    for word in words.split()
}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
_SIDES = {"before": "before", "avant": "before", "after": "after", "apres": "after", "late": "after", "later": "after"}
_SAME_DAY = {"same_day", "on_day", "the_day", "the_same_day", "le_jour_meme", "today", "j", "d", "0_days", "day_of"}


def amount(text: str) -> str | None:
    """12 000, 12.000, 12 000,50 and 12000 € as YAML writes them."""
    bare = "".join(c for c in text if c.isdigit() or c in ".,")
    letters = "".join(c for c in text if c.isalpha())
    if not bare.strip(".,") or "-" in text or not re.fullmatch("([A-Za-z]{3})?", letters):
        return None
    whole, mark, rest = bare, "", ""
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0 and len(bare) - last - 1 in (1, 2):
        whole, mark, rest = bare[:last], ".", bare[last + 1 :]
    groups = whole.replace(",", ".").split(".")
    if any(len(group) != 3 for group in groups[1:]) or not groups[0]:
        return None
    return "".join(groups) + mark + rest


def money(text: str) -> str | None:
    """500€, EUR 500, 1 200,50 euros and 500 eur as "500 EUR"."""
    letters = "".join(c for c in text if c.isalpha() or c in _SIGNS).casefold()
    code = _SIGNS.get(letters, letters.upper() if len(letters) == 3 else "EUR" if letters in ("euro", "euros") else "")
    number = amount("".join(c for c in text if not c.isalpha() and c not in _SIGNS))
    try:
        return str(read_money(f"{number} {code}"))
    except PydanticCustomError:
        return None


def span(text: str) -> str | None:
    """3d, three days and 3 jours ouvrés as "3 days" and "3 working days"."""
    counted = _counted(text)
    unit = _UNITS.get(counted[1]) if counted else None
    return str(Span(counted[0], unit)) if counted and unit else None


def _counted(text: str) -> tuple[int, str] | None:
    """A count, in digits or words, and the word after it."""
    found = re.fullmatch(r"([0-9]{1,3}|[a-z]+)_?([a-z_]*)", folded(text))
    if found is None:
        return None
    count = int(found[1]) if found[1].isdigit() else _COUNTS.get(found[1], 0)
    return (count, found[2]) if count else None


def term(text: str) -> str | None:
    """3y, three years and 36 mois as "3 years" and "36 months"."""
    counted = _counted(text)
    unit = _LONG_UNITS.get(counted[1]) if counted else None
    return str(Term(counted[0], unit)) if counted and unit else None


def days(text: str) -> str | None:
    """As `span`, of whole days; a day or a week alone is one."""
    found = span(text) or span(f"1 {text}")
    return None if found is None or "hour" in found else found


def moment(text: str) -> str | None:
    """J-3, 3 days avant and "the same day" as "3 days before" and "on the day"."""
    words = folded(text)
    if words in _SAME_DAY:
        return "on the day"
    counted = re.fullmatch(r"[jd]?([+-])([0-9]{1,3})(.*)", text.strip().casefold().replace(" ", ""))
    if counted is not None:
        length = span(f"{counted[2]} {counted[3] or 'days'}")
        return f"{length} {'before' if counted[1] == '-' else 'after'}" if length else None
    for word, side in _SIDES.items():
        if words.endswith(f"_{word}"):
            length = span(words.removesuffix(f"_{word}"))
            return f"{length} {side}" if length else None
    return None


def clock(text: str) -> str | None:
    """8:30, 8h30, 8.30 and 8h as "08:30" and "08:00"."""
    found = re.fullmatch(r"([0-9]{1,2}) ?(?:[h:.] ?([0-9]{2})?)? ?(am|pm)?", text.strip().casefold())
    if found is None or not re.search("[h:.ap]", text.casefold()):
        return None
    hour, minute = int(found[1]) + 12 * (found[3] == "pm" and int(found[1]) < 12), int(found[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def hours(text: str) -> str | None:
    """8h30 à 18h as "08:30-18:00"."""
    parts = re.split(r"-|–|—| to | à ", text)
    ends = [clock(part) for part in parts]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
        return None
    return f"{ends[0]}-{ends[1]}"
