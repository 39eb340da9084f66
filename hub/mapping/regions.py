"""Countries and regions whose public holidays are known: those of the `holidays` library (python-holidays).

The library is imported only where a business names its holidays, and only the country that is asked about.
"""

from __future__ import annotations

from hub.nearest import folded, nearest

_IN_FRENCH = {
    "allemagne": "DE", "angleterre": "GB", "belgique": "BE", "espagne": "ES", "etats_unis": "US", "italie": "IT",
    "pays_bas": "NL", "suisse": "CH", "uk": "GB",
}  # fmt: skip
"""What else people call the countries of our users; the library knows their English names."""


def is_known(region: str) -> bool:
    """Whether "FR" or "FR-57" names a calendar: a country's two letters, and where given one of its regions."""
    country, mark, subdivision = region.partition("-")
    return country in _codes().values() and (not mark or subdivision in _regions(country).values())


def meant(region: str) -> str | None:
    """The country or region that somebody means who wrote "France", "fr" or "FR-Moselle"; None when nobody can tell."""
    country, mark, subdivision = (part.strip() for part in region.partition("-"))
    code = country.upper() if country.upper() in _codes().values() else _named(country)
    if code is None or not mark:
        return code
    known = _regions(code)
    near = nearest(subdivision, known, cutoff=0.8) if subdivision else None
    return code if near is None else f"{code}-{known[near]}"


def _codes() -> dict[str, str]:
    """The names and three letters of each country -> its two letters."""
    from holidays.registry import COUNTRIES

    found = {word: names[1] for word, names in COUNTRIES.items()}
    return found | {names[2].casefold(): names[1] for names in COUNTRIES.values()}


def _regions(country: str) -> dict[str, str]:
    """Each region of a country, and each of its other names -> the region."""
    import holidays

    calendar = holidays.country_holidays(country)
    return {**calendar.subdivisions_aliases, **{name: name for name in calendar.subdivisions}}


def _named(name: str) -> str | None:
    """France, Belgique, FRA."""
    codes = _codes() | _IN_FRENCH
    near = nearest(folded(name), codes, cutoff=0.85)
    return codes[near] if near is not None else None
