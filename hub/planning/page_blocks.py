"""The blocks of the CEO's page, as rows. Pure.

A list stands in one block, a line each: what is in it changes by itself, the block never goes away (DOMAIN 5.3).
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.types import Value
from hub.planning.page_words import say
from hub.planning.plan import DesiredRow
from hub.planning.words import Language

LOOKS = {
    "on_track": ("green_background", "🟢"),
    "reached": ("green_background", "✅"),
    "at_risk": ("yellow_background", "🟡"),
    "off_track": ("red_background", "🔴"),
    "missed": ("red_background", "🔴"),
    "too_early": ("gray_background", "⚪"),
    "unknown": ("gray_background", "⚪"),
    None: ("gray_background", "⚪"),
}
"""What a word looks like. The word is always said too: not everybody tells green from red."""


def block(
    key: str,
    kind: str,
    text: str | None = None,
    color: str | None = None,
    icon: str | None = None,
    *,
    inside: str | None = None,
    why: str | None = None,
) -> DesiredRow:
    """One block. `why`: what a plan says of it, where its text names people; else the text."""
    values: dict[str, Value] = {"block": kind, "text": text, "color": color, "icon": icon}
    return DesiredRow(
        key=key, values=values, why=((text or kind) if why is None else why).replace("*", ""), inside=inside
    )


def listed(lines: Sequence[str], most: int, none: str, language: Language) -> str:
    """A line each, the rest counted; `none` when there is none."""
    shown = [f"• {line}" for line in lines[:most]]
    if len(lines) > most:
        shown.append(say(language, "more", n=len(lines) - most))
    return "\n".join(shown) or none
