"""Did you mean …? The nearest known word to a word that is not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def folded(word: str) -> str:
    """The word without what fingers and keyboards vary: case, accents, and the sort of gap between its parts."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return "_".join(bare.casefold().replace("-", " ").replace("_", " ").split())


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word most like `word`, or None when none is like it. `cutoff`: 0 (anything) to 1 (only equal)."""
    from difflib import get_close_matches  # only wrong input pays for this import

    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(folded(candidate), candidate)
    close = get_close_matches(folded(word)[:200], by_fold, n=1, cutoff=cutoff)
    return by_fold[close[0]] if close else None


def nearest_zone(word: str) -> str | None:
    """The time zone that `word` most likely means: by its whole name, or by its city alone.

    An offset such as UTC+1 has no answer: the zones named after offsets count backwards and know no summer time.
    """
    from zoneinfo import available_timezones  # walks the zone files: only for a wrong name

    if any(character in "+0123456789" for character in word):
        return None
    zones = sorted(
        zone for zone in available_timezones() if not zone.startswith(("Etc/", "SystemV/", "posix", "right"))
    )
    cities = {folded(zone.rsplit("/", 1)[-1]): zone for zone in reversed(zones) if "/" in zone}
    return cities.get(folded(word.rsplit("/", 1)[-1])) or nearest(word, zones, cutoff=0.75)
