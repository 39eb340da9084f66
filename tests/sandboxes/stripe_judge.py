"""A judge of Stripe answers: the object types of the official SDK, which lie beside the repository.

Every field of an answer must be known, every field that is not optional must be there and not null, types must fit, and
values of a closed or half-open enumeration must be among those that the SDK lists.
"""

import json
import re
from typing import Any

from tests.paths import SHARED

CONTRACT = SHARED / "contracts" / "stripe" / "stripe-python-16.1.0-core-objects.json"
_PLAIN: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "bool": bool,
    "float": (int, float),
    "Decimal": str,
}
_LITERAL = re.compile(r"'([^']*)'|\b(True|False)\b")

Scope = tuple[dict[str, Any], ...]


class Judge:
    """Says what is wrong with an answer."""

    def __init__(self) -> None:
        self._kinds: dict[str, Any] = json.loads(CONTRACT.read_text())["resources"]
        self._by_class = {resource["class"]: kind for kind, resource in self._kinds.items()}

    def kinds(self) -> set[str]:
        """The kinds of object that can be judged."""
        return set(self._kinds)

    def object(self, value: dict[str, Any]) -> list[str]:
        """What is wrong with an object, or with all objects of a list; empty when nothing is."""
        kind = value.get("object", "?")
        if kind == "list":
            return self._list(value, "list")
        if value.get("deleted") is True:
            return [] if set(value) == {"id", "object", "deleted"} else [f"{kind}: a deleted stub with more fields"]
        if kind == "item":  # a checkout session's line: the contract does not describe it
            return []
        if kind not in self._kinds:
            return [f"{kind}: no such kind in the contract"]
        resource = self._kinds[kind]
        return self._fields(value, resource, (resource.get("inner") or {},), kind)

    def _fields(self, value: dict[str, Any], shape: dict[str, Any], scope: Scope, where: str) -> list[str]:
        known = {name: field for name, field in shape["fields"].items() if not field["type"].startswith("ClassVar")}
        wrong = [f"{where}.{name}: unknown field" for name in value if name not in known]
        for name, field in known.items():
            kind = field["type"]
            if name not in value:
                if not kind.startswith("Optional["):
                    wrong.append(f"{where}.{name}: missing")
                continue
            wrong += self._value(value[name], kind, scope, f"{where}.{name}")
        return wrong

    def _value(self, value: Any, kind: str, scope: Scope, where: str) -> list[str]:  # noqa: PLR0911
        head, inside = _split(kind)
        if head == "Optional":
            return [] if value is None else self._value(value, inside, scope, where)
        if value is None:
            return [f"{where}: null, but it is not optional"]
        if head == "ExpandableField":
            return [] if isinstance(value, str) else self._value(value, inside, scope, where)
        if head in ("Union", "Literal"):
            return self._one_of(value, kind, inside, where)
        if head == "List":
            if not isinstance(value, list):
                return [f"{where}: no list"]
            return [
                bad for place, one in enumerate(value) for bad in self._value(one, inside, scope, f"{where}[{place}]")
            ]
        if head == "ListObject":
            return self._list(value, where)
        if head == "UntypedStripeObject":
            return [] if isinstance(value, dict) else [f"{where}: no object"]
        return self._named(value, head.strip("'"), scope, where)

    def _one_of(self, value: Any, kind: str, inside: str, where: str) -> list[str]:
        if isinstance(value, dict):
            return self.object(value) if "object" in value else []
        listed = [
            text or flag == "True" for text, flag in _LITERAL.findall(inside if "Literal" not in inside else kind)
        ]
        if listed and value not in listed:
            return [f"{where}: {value!r} is not among the listed values"]
        return [] if listed or isinstance(value, str) else [f"{where}: {value!r} is no text"]

    def _named(self, value: Any, name: str, scope: Scope, where: str) -> list[str]:
        if name in _PLAIN:
            fits = isinstance(value, _PLAIN[name]) and (name == "bool" or not isinstance(value, bool))
            return [] if fits else [f"{where}: {value!r} is no {name}"]
        for level in reversed(scope):
            if name in level:
                if not isinstance(value, dict):
                    return [f"{where}: no object"]
                return self._fields(value, level[name], (*scope, level[name].get("inner") or {}), where)
        if not isinstance(value, dict):
            return [f"{where}: no object"]
        return [f"{where}: {bad}" for bad in self.object(value)] if self._by_class.get(name) in self._kinds else []

    def _list(self, value: dict[str, Any], where: str) -> list[str]:
        if not isinstance(value, dict) or not {"object", "data", "has_more", "url"} <= set(value):
            return [f"{where}: not shaped like a list"]
        return [f"{where}: {bad}" for row in value["data"] for bad in self.object(row)]


def _split(kind: str) -> tuple[str, str]:
    head, bracket, rest = kind.partition("[")
    return (head, rest[:-1]) if bracket else (kind, "")
