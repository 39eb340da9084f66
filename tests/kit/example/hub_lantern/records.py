"""Lantern's JSON as our records. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.core.errors import RecordError
from hub.core.types import Record, Value


def signup(found: Mapping[str, Any]) -> Record:
    """The record of one sign-up. RecordError when it is not as Lantern describes sign-ups."""
    try:
        made = datetime.fromisoformat(found["created_at"]).astimezone(UTC)
        said = {"key": found["person"], "name": found["name"], "email": found["email"]}
        fields: dict[str, Value] = {
            "who": {name: text for name, text in said.items() if text},
            "form": {"key": found["form"]["id"], "name": found["form"]["name"]},
            "at": made,
            "created_at": made,
            "answers": {each["question"]: each["answer"] for each in found["answers"]},
        }
        return Record(stream="signup", key=found["id"], fields=fields, at=made)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"Lantern's sign-up {found.get('id')} is not as expected: {error!r}.") from error
