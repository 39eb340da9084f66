"""The one form of what people see as the same: texts, instants, and the order of several. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from hub.core.types import Value


def tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


def minute(value: Value) -> Value:
    """An instant, or the ends of a span, without seconds: Notion does not keep them, and nobody sees them."""
    if isinstance(value, Mapping):
        return {name: minute(end) for name, end in value.items()}
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def order(text: str) -> tuple[str, str]:
    return text.casefold(), text
