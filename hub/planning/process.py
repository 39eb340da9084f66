"""The process page (SOP) of a business: its configuration read aloud, as blocks of a page that the hub keeps. Pure.

Each job has a heading and one block with all its sentences. New blocks can only be put at the end of a page, so that
what changes must be able to change where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from hub.core.types import Collection, Ref, Value
from hub.planning import words
from hub.planning.explain import fingerprint
from hub.planning.explain.section import Section
from hub.planning.plan import Desired, DesiredRow, KnownCollection
from hub.planning.words import Language

_GONE = Ref("")
_STAMP = "stamp"
_HEADING, _TEXT = "heading", "text"
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "stamp": "Le hub tient cette page à jour. Ce qu'on y écrit à la main est remplacé. Version {version} du {day}.",
        "gone": "Ne tourne plus : le fichier n'est plus là, ou ne se lit pas.",
    },
    "en": {
        "stamp": "The hub keeps this page up to date and overwrites edits by hand. Version {version} of {day}.",
        "gone": "Does not run any more: its file is gone, or cannot be read.",
    },
}


def desired(
    title: str, sections: Sequence[Section], known: KnownCollection | None, today: date, language: Language
) -> Desired:
    """The page as it should be. `known`: the page as it is, which says since when it says what it says."""
    living = {key: row.values for key, row in known.rows.items() if row.ref != _GONE} if known else {}
    lost = _lost(living, sections, language)
    version = fingerprint((*sections, *lost))
    rows = [_stamp(version, living.get(_STAMP, {}), today, language)]
    for section in (*sections, *lost):
        rows.append(_block(f"{section.key}/{_HEADING}", "heading_2", section.title))
        text = "\n".join(f"• {sentence}" for sentence in section.sentences)
        rows.append(_block(f"{section.key}/{_TEXT}", "paragraph", text.replace("**", "*")))
    return Desired(collection=Collection(name=title, kind="page"), rows=tuple(rows))


def _stamp(version: str, before: Mapping[str, Value], today: date, language: Language) -> DesiredRow:
    """With the day on which this version came: a page that has not changed keeps its day."""
    text = _WORDS[language]["stamp"].format(version=version, day=words.day(today, language))
    shape = re.escape(_WORDS[language]["stamp"].format(version=version, day="DAY")).replace("DAY", r"[0-9/-]{10}")
    there = before.get("text")
    kept = there if isinstance(there, str) and re.fullmatch(shape, there) else text
    return _block(_STAMP, "callout", kept, "gray_background", "📌")


def _lost(
    living: Mapping[str, Mapping[str, Value]], sections: Sequence[Section], language: Language
) -> tuple[Section, ...]:
    """Jobs that the page speaks of and that are no more. They are said to be gone; people may delete the blocks."""
    here = {section.key for section in sections}
    keys = [key.removesuffix(f"/{_HEADING}") for key in living if key.endswith(f"/{_HEADING}")]
    return tuple(
        Section(key, str(living[f"{key}/{_HEADING}"].get("text") or key), (_WORDS[language]["gone"],))
        for key in sorted(set(keys) - here)
        if f"{key}/{_TEXT}" in living
    )


def _block(key: str, block: str, text: str, color: str | None = None, icon: str | None = None) -> DesiredRow:
    values: dict[str, Value] = {"block": block, "text": text, "color": color, "icon": icon}
    return DesiredRow(key=key, values=values, why=text.partition("\n")[0])
