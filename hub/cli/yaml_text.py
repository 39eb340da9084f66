"""Small YAML, written so that it reads back as it was meant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from hub.mapping.tree import parse


def scalar(text: str) -> str:
    """The text as it stands in YAML, also inside { } and [ ]: plain where that says the same, else quoted."""
    root, faults = parse(f"[{text}]")
    plain = root is not None and not faults and root.plain() == [text] and " #" not in text and ": " not in text
    return text if plain and not text.endswith(":") else json.dumps(text, ensure_ascii=False)


def flow(value: object) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(str(value))
