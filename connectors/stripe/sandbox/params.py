"""What a request says: form decoding with brackets, typed access to parameters, and the error Stripe answers with.

Shapes: docs.stripe.com/api, its pages on requests and errors. An empty value unsets a field, so it reads as None.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]

_PART = re.compile(r"\[([^\]]*)\]")


class ApiError(Exception):
    """An answer of Stripe's that is an error: HTTP status and the members of its `error` object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        error: Json = {"message": message, "type": kind}
        if code is not None:
            error["code"] = code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param is not None:
            error["param"] = param
        error.update(extra or {})
        self.body: Json = {"error": error}


def missing(kind: str, object_id: str, param: str = "id") -> ApiError:
    """The 404 of an id that this account does not have."""
    return ApiError(404, f"No such {kind}: '{object_id}'", code="resource_missing", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """The 400 of a parameter that cannot be taken."""
    return ApiError(400, message, param=param, code=code)


def decode_form(text: str) -> Json:
    """Decode `items[0][price]=p&expand[]=data.x` into nested dicts; list positions stay as digit keys."""
    tree: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        head, bracket, _ = key.partition("[")
        path = [head, *_PART.findall(key)] if bracket else [key]
        node = tree
        for part in path[:-1]:
            child = node.setdefault(part or str(len(node)), {})
            if not isinstance(child, dict):
                raise invalid(f"Invalid {head}: it is given both as a value and as a group.", head)
            node = child
        node[path[-1] or str(len(node))] = value
    return tree


class Params:
    """The parameters of one request, read by the type that the reader wants."""

    def __init__(self, raw: Json, prefix: str = "") -> None:
        self.raw = raw
        self._prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def name(self, name: str) -> str:
        """The full name of a member, as an error shows it: items[0][price]."""
        return f"{self._prefix}[{name}]" if self._prefix else name

    def known(self, allowed: frozenset[str]) -> None:
        """Refuse what Stripe does not know (400 parameter_unknown)."""
        for name in self.raw:
            if name not in allowed:
                raise invalid(f"Received unknown parameter: {self.name(name)}", self.name(name), "parameter_unknown")

    def require(self, *names: str) -> None:
        """Refuse a request that lacks one of `names` (400 parameter_missing)."""
        for name in names:
            if self.raw.get(name) in (None, ""):
                raise invalid(f"Missing required param: {self.name(name)}.", self.name(name), "parameter_missing")

    def text(self, name: str, default: str | None = None) -> str | None:
        """A string, or `default` when it is absent or unset."""
        value = self.raw.get(name)
        if isinstance(value, dict | list):
            raise invalid(f"Invalid string: {self.name(name)}", self.name(name))
        return str(value) if value not in (None, "") else default

    def need(self, name: str) -> str:
        """A string that must be there."""
        self.require(name)
        return self.text(name) or ""

    def whole(self, name: str, default: int | None = None) -> int | None:
        """An integer, or `default`."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d+", value):
            raise invalid(f"Invalid integer: {value}", self.name(name), "parameter_invalid_integer")
        return int(value)

    def need_whole(self, name: str) -> int:
        """An integer that must be there."""
        self.require(name)
        return self.whole(name) or 0

    def number(self, name: str) -> Decimal | None:
        """A decimal number, or None."""
        value = self.text(name)
        try:
            return None if value is None else Decimal(value)
        except InvalidOperation:
            raise invalid(f"Invalid decimal: {value}", self.name(name)) from None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, or `default`."""
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", self.name(name))
        return value.lower() == "true"

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str | None:
        """One of `values`, or `default`."""
        value = self.text(name, default)
        if value is not None and value not in values:
            raise invalid(f"Invalid {self.name(name)}: must be one of {', '.join(values)}", self.name(name))
        return value

    def group(self, name: str) -> "Params":
        """The members below `name`: transform_quantity[divide_by]. Empty when absent or unset."""
        value = self.raw.get(name)
        return Params(value if isinstance(value, dict) else {}, self.name(name))

    def values(self, name: str) -> list[str]:
        """A list of strings: enabled_events[0]."""
        value = self.raw.get(name)
        if isinstance(value, dict):
            return [str(value[key]) for key in sorted(value, key=_position)]
        return [str(item) for item in value] if isinstance(value, list) else []

    def groups(self, name: str) -> list["Params"]:
        """A list of groups: items[0][price], items[1][price]."""
        value = self.raw.get(name)
        if not isinstance(value, dict):
            return []
        here = self.name(name)
        return [
            Params(value[key] if isinstance(value[key], dict) else {}, f"{here}[{key}]")
            for key in sorted(value, key=_position)
        ]

    def merge_metadata(self, old: dict[str, str] | None = None) -> dict[str, str]:
        """The metadata after this request: given keys are set, keys given empty are removed, the rest stays."""
        merged = dict(old or {})
        given = self.raw.get("metadata")
        if given == "":
            return {}
        for key, value in (given or {}).items():
            if len(key) > 40 or len(str(value)) > 500:
                raise invalid(f"Metadata key or value is too long: {key[:40]}", f"metadata[{key[:40]}]")
            if value == "":
                merged.pop(key, None)
            else:
                merged[key] = str(value)
        if len(merged) > 50:
            raise invalid("Metadata can have up to 50 keys.", "metadata")
        return merged

    def range(self, name: str) -> tuple[int, int]:
        """The inclusive bounds of a time filter: created=T or created[gte|gt|lte|lt]=T, in whole seconds."""
        low, high = 0, 2**62
        if isinstance(self.raw.get(name), str):
            exact = self.whole(name) or 0
            return exact, exact
        bounds = self.group(name)
        bounds.known(frozenset({"gt", "gte", "lt", "lte"}))
        for bound in bounds.raw:
            value = bounds.whole(bound) or 0
            if bound.startswith("g"):
                low = max(low, value + (bound == "gt"))
            else:
                high = min(high, value - (bound == "lt"))
        return low, high


def _position(key: str) -> int:
    return int(key) if key.isdigit() else 0
