"""How the sandbox refuses: Notion's error body and the checks that most requests share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class NotionError(Exception):
    """An answer that is not 2xx: status, Notion's code, a message for people, and what the error body adds."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        additional: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.additional = additional
        self.headers = dict(headers or {})

    def body(self) -> Json:
        body: Json = {"object": "error", "status": self.status, "code": self.code, "message": self.message}
        if self.additional is not None:
            body["additional_data"] = self.additional
        return body


def invalid(message: str) -> NotionError:
    """400 validation_error with a message of its own."""
    return NotionError(400, "validation_error", message)


def forbidden() -> NotionError:
    """403: the connection was not given the capability that the call needs."""
    return NotionError(403, "restricted_resource", "Insufficient permissions for this endpoint.")


def misfit(path: str, should: str, value: object) -> NotionError:
    """400 validation_error that names the place in the body, the rule and what stood there."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    return invalid(f"body failed validation: body.{path} should {should}, instead was `{shown}`.")


def an_object(value: object, path: str) -> Json:
    if not isinstance(value, dict):
        raise misfit(path, "be an object", value)
    return value


def a_list(value: object, path: str, *, most: int = 100) -> list[Any]:
    """A list of at most `most` elements (100 in any array)."""
    if not isinstance(value, list):
        raise misfit(path, "be an array", value)
    if len(value) > most:
        raise misfit(f"{path}.length", f"be ≤ `{most}`", len(value))
    return value


def a_bool(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise misfit(path, "be a boolean", value)
    return value


def a_text(value: object, path: str, *, most: int) -> str:
    """A non-empty string of at most `most` characters; Notion wants null, not "", for nothing."""
    if not isinstance(value, str):
        raise misfit(path, "be a string", value)
    if not value:
        raise misfit(f"{path}.length", "be ≥ `1`", 0)
    if length(value) > most:
        raise misfit(f"{path}.length", f"be ≤ `{most}`", length(value))
    return value


def length(text: str) -> int:
    """Length as JavaScript counts it (UTF-16 units): an emoji counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def only(body: Mapping[str, object], allowed: Iterable[str], path: str = "") -> None:
    """Refuse a key that the call does not know."""
    known = set(allowed)
    for key, value in body.items():
        if key not in known:
            raise misfit(f"{path}.{key}" if path else key, "be not present", value)
