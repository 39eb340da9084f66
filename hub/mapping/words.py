"""Pydantic's errors in the words of the person who wrote the file, at the line and column that she wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hub.environment import connection_prefix
from hub.mapping import meant, regions
from hub.mapping.deadline_job import RULE_KEYS
from hub.mapping.onboarding_job import HAPPENINGS
from hub.mapping.problems import SHOWN, Fault, looks_secret, quote
from hub.mapping.shape import Spot, example, expected, is_model, known_keys, legal_words, locate
from hub.mapping.together import TOGETHER
from hub.mapping.tree import Node
from hub.nearest import folded, nearest, nearest_zone

KIND_WORDS = {
    "text": "a text", "number": "a number", "bool": "true or false", "list": "a list", "map": "keys with values",
}  # fmt: skip
_MANY = 12
"""More words than these are listed by the page of the language, not by a message."""
TAKE_OUT = "A key never stands in a mapping: take it out and make a new one at the provider. "


def faults_of(
    error: ValidationError, model: type[BaseModel], root: Node, business_key: str, known: Iterable[Fault] = ()
) -> tuple[Fault, ...]:
    """Every error as a fault, once, in the order of the file. `known`: faults that are told already."""
    told = {(fault.line, fault.hint.rpartition("Example: ")[2]) for fault in known if "Did you mean" in fault.hint}
    faults: dict[Fault, None] = {}
    tried: set[tuple[str | int, ...]] = set()
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    found = [(details["type"], locate(model, details["loc"])) for details in errors]
    unsaid: list[tuple[str, Spot]] = []
    misspelt = {(*spot.path[:-1], _near_key(spot, model)) for kind, spot in found if kind == "extra_forbidden"}
    for kind, spot in found:
        if spot.union is not None and not _worth_saying(*spot.union, root, tried):
            unsaid.append((kind, spot))
            continue
        if kind == "missing" and spot.path in misspelt:
            continue  # one mistake, one message
        if kind == "too_short" and (node := root.at(spot.path)) is not None and node.value:
            continue  # pydantic counts only the items without a mistake
        fault = _fault(kind, spot, model, root, business_key)
        if kind != "missing" or (fault.line, fault.hint.rpartition("Example: ")[2]) not in told:
            faults.setdefault(fault)
    if not faults and unsaid:  # no alternative has keys, and keys were written
        faults.setdefault(_fault(*unsaid[0], model, root, business_key))
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def _worth_saying(
    place: tuple[str | int, ...], is_the_model: bool, root: Node, tried: set[tuple[str | int, ...]]
) -> bool:
    """Of several alternatives, only the one that was meant: the model if keys were written, else the first."""
    node = root.at(place)
    if node is not None and node.kind == "map":
        return is_the_model
    first = place not in tried
    tried.add(place)
    return first


def _near_key(spot: Spot, model: type[BaseModel]) -> str | None:
    return nearest(str(spot.path[-1]), known_keys(spot.holder or model))


def _fault(kind: str, spot: Spot, model: type[BaseModel], root: Node, business_key: str) -> Fault:
    if kind == "extra_forbidden":
        return _unknown_key(spot, model, root, business_key)
    if kind == "missing":
        return _missing(spot, root)
    if spot.is_key:
        return _bad_key(spot, root)
    node = root.at(spot.path) or _alone(spot, root) or root
    if kind in _OF_KEYS:
        return _OF_KEYS[kind](spot, node)
    if kind == "literal_error" and node.kind in ("text", "number", "bool"):
        return _unknown_word(spot, node)
    return _misfit(kind, spot, node)


def _alone(spot: Spot, root: Node) -> Node | None:
    """The text that stands in place of a list of one text."""
    node = root.at(spot.path[:-1]) if spot.path and isinstance(spot.path[-1], int) else None
    return node if node is not None and node.kind not in ("map", "list") else None


def _unknown_key(spot: Spot, model: type[BaseModel], root: Node, business_key: str) -> Fault:
    key = str(spot.path[-1])
    parent = spot.path[:-1]
    line, column = key_place(root, spot.path)
    keys = known_keys(spot.holder or model)
    near = _near_key(spot, model)
    message = f"Unknown key {quote(key)} in {where(parent)}."
    if key == "<<":
        hint = "YAML 1.2 merges nothing: write the keys out. "
    elif len(parent) == 2 and parent[0] == "connections" and not near:
        variable = connection_prefix(business_key, str(parent[1])) + re.sub(r"\W+", "_", folded(key)[:SHOWN]).upper()
        place = "the environment" if looks_secret(key) else f"the environment, for instance as {variable}"
        hint = f"Keys of a connection live in {place}. Known here: {', '.join(keys)}. "
    elif near:
        hint = f'Did you mean "{near}"? '
    elif key.isdigit():
        hint = "In { } a comma ends a value: write decimals with a dot, and thousands with nothing. "
    else:
        hint = f"Known here: {', '.join(keys)}. "
    shown = near or next(iter(keys))
    return Fault(line, column, message, hint + f"Example: {example(keys[shown], shown)}")


def _missing(spot: Spot, root: Node) -> Fault:
    parent, key = spot.path[:-1], str(spot.path[-1])
    line, column = key_place(root, parent)
    message = f'{_capital(where(parent))} has no "{key}".'
    return Fault(line, column, message, f"Add {_expected(spot)}. Example: {_example(spot)}")


def _bad_key(spot: Spot, root: Node) -> Fault:
    line, column = key_place(root, spot.path)
    message = f"{quote(str(spot.path[-1]))} is no name; expected {_expected(spot)}."
    return Fault(line, column, message, f"Example: {_example(spot)}")


def _unknown_word(spot: Spot, node: Node) -> Fault:
    words = legal_words(spot.types)
    # Of a single word, "included" is not a slip for "excluded".
    near = nearest(node.text, words, cutoff=0.7 if len(words) > 1 else 0.85)
    shown = quote(node.text) if node.kind == "text" else node.text[:SHOWN]
    known = ", ".join(words) if len(words) <= _MANY else f"{len(words)} words that docs/mappings.md lists"
    message = f"{label(spot.path)}: {shown} is not known to this version of hub; known: {known}."
    line = f"{spot.field_key}: {near}" if near and spot.field_key == spot.path[-1] else _example(spot)
    return Fault(node.line, node.column, message, (f'Did you mean "{near}"? ' if near else "") + f"Example: {line}")


@dataclass(frozen=True, slots=True)
class _OneOf:
    """The keys of a step of which exactly one must stand there."""

    keys: tuple[str, ...]
    lacking: str
    example: str


_THINGS = _OneOf(("send", "write", "copy", "task", "ask", "link"), "does nothing", "send: welcome")
_TIMES = _OneOf(("after", "before"), "does not say when", "after: payment")


def _not_one(one: _OneOf, spot: Spot, node: Node) -> Fault:
    given = [key for key in node.keys if key in one.keys]
    either = f"{', '.join(one.keys[:-1])} or {one.keys[-1]}"
    if not given:
        message = f"{_capital(where(spot.path))} {one.lacking}: a step has one of {either}."
        return Fault(node.line, node.column, message, f"Add one. Example: {one.example}")
    message = f"{_capital(where(spot.path))} has {' and '.join(given)}: a step has one of {either}."
    hint = f"Keep one, and make another step of the rest. Example: {one.example}"
    return Fault(*key_place(root=node, path=(given[-1],)), message, hint)


_RULE_OF = {key: rule for rule, key in RULE_KEYS.items()}


def _of_another_rule(spot: Spot, node: Node) -> Fault:  # noqa: ARG001
    """A rule is measured by at most one key, its own."""
    rule = node.value["rule"].text
    own = RULE_KEYS.get(rule)
    key = next(key for key in node.keys if key in RULE_KEYS.values() and key != own)
    has = f"is measured by {own}" if own else "is not measured"
    message = f'{key}: the rule "{rule}" {has}; {key} is for "{_RULE_OF[key]}".'
    return Fault(*node.keys[key], message, f"Take it out, or choose that rule. Example: rule: {_RULE_OF[key]}")


def _absence(spot: Spot, node: Node) -> Fault:
    message = f"{_capital(where(spot.path))} ends before it begins, or after more than two years."
    return Fault(node.line, node.column, message, "Swap the days. Example: {from: 2026-08-03, to: 2026-08-21}")


def _together(amiss: str, hint: str, shown: str, spot: Spot, node: Node) -> Fault:
    return Fault(node.line, node.column, f"{_capital(where(spot.path))} {amiss}.", f"{hint} Example: {shown}")


_OF_KEYS: Mapping[str, Callable[[Spot, Node], Fault]] = {
    "one_thing": partial(_not_one, _THINGS),
    "one_time": partial(_not_one, _TIMES),
    "rule_key": _of_another_rule,
    "absence": _absence,
    **{kind: partial(_together, *said) for kind, said in TOGETHER.items()},
}
"""Kind of mistake in which keys together make no sense -> what is said of it."""


def _misfit(kind: str, spot: Spot, node: Node) -> Fault:
    """What stands there, what is expected, the likeliest way out."""
    name, wanted = label(spot.path), _expected(spot)
    if node.kind == "null":
        message = f"{name} has no value; expected {wanted}."
    elif node.kind in ("map", "list"):
        stands = "is empty" if kind == "too_short" else f"is {KIND_WORDS[node.kind]}"
        message = f"{name} {stands}; expected {wanted}."
    elif node.kind == "text":
        message = f"{name}: {quote(node.text)} does not fit; expected {wanted}."
    else:
        message = f"{name}: {node.text[:SHOWN]} does not fit; expected {wanted}."
    repair = TAKE_OUT if node.kind == "text" and looks_secret(node.text) else _repair(kind, node, spot)
    return Fault(node.line, node.column, message, f"{repair}Example: {_example(spot)}")


_MEANT: Mapping[str, Callable[[str], str | None]] = {
    "time_zone": nearest_zone,
    "region": regions.meant,
    "amount": meant.amount,
    "money": meant.money,
    "span": meant.span,
    "days": meant.days,
    "moment": meant.moment,
    "term": meant.term,
    "clock": meant.clock,
    "hours": meant.hours,
}
"""Kind of mistake -> what was most likely meant."""


def _repair(kind: str, node: Node, spot: Spot) -> str:
    """The likeliest way out, from the sort of mistake; "" when the example says all."""
    likely: str | None = None
    if kind in _MEANT and node.kind in ("text", "number"):
        likely = _MEANT[kind](node.text)
    elif spot.field_key == "currency":
        code = "EUR" if node.text.casefold() in ("€", "euro", "euros") else node.text.upper()
        likely = code if re.fullmatch("[A-Z]{3}", code) else None
    if likely is None and kind == "span" and spot.field_key == "given":
        likely = nearest(node.text, HAPPENINGS)
    if likely:
        return f'Did you mean "{likely}"? '
    if kind == "string_type" and node.kind in ("number", "bool") and _any_text(spot):
        return "A text that looks like a number, or like yes or no, needs quotes. "
    if kind in ("model_type", "dict_type") and node.kind == "text" and ":" in node.text:
        return "A colon needs a space after it. "
    return ""


def _any_text(spot: Spot) -> bool:
    """True where any text may stand, so that quotes alone are the way out."""
    if spot.types != (str,) or spot.field is None:
        return False
    return not any(hasattr(rule, "pattern") for rule in (*spot.field.metadata, *_rules(spot.field.annotation)))


def _rules(annotation: object) -> Iterator[object]:
    """What stands in Annotated, however deep."""
    for inner in get_args(annotation):
        yield from inner.metadata if isinstance(inner, FieldInfo) else _rules(inner)


def where(path: Iterable[str | int]) -> str:
    """A place in words: `figures, item 2`."""
    parts = [f"item {part + 1}" if isinstance(part, int) else _key_word(part) for part in path]
    return ", ".join(parts) or "this file"


def label(path: tuple[str | int, ...]) -> str:
    """The end of a path: a key, or a key and an item."""
    tail = path[-2:] if path and isinstance(path[-1], int) else path[-1:]
    return where(tail)


def key_place(root: Node, path: tuple[str | int, ...]) -> tuple[int, int]:
    """Line and column of the key that `path` ends with; of the value itself for an item or the whole file."""
    if path and isinstance(path[-1], str):
        parent = root.at(path[:-1])
        if parent is not None and path[-1] in parent.keys:
            return parent.keys[path[-1]]
    node = root.at(path) or root
    return node.line, node.column


def _key_word(key: str) -> str:
    return key if key.isidentifier() and len(key) <= SHOWN and not looks_secret(key) else quote(key)


def _capital(text: str) -> str:
    return "This file" if text == "this file" else text


def _expected(spot: Spot) -> str:
    if spot.is_key and spot.field is not None:
        return expected(spot.field)
    if spot.field is None or (spot.path[-1] != spot.field_key and any(is_model(kind) for kind in spot.types)):
        return "keys with values"
    if spot.path[-1] != spot.field_key and spot.types == (str,):
        return "a text"
    if isinstance(spot.path[-1], int) and spot.field_key == "given":  # an item of a journey's example
        return f"{', '.join(HAPPENINGS)}, or a span such as 3 days"
    return expected(spot.field)


def _example(spot: Spot) -> str:
    return example(spot.field, spot.field_key) if spot.field is not None else "hub: 1"
