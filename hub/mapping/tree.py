"""YAML text as a tree that remembers where everything stands. Strict YAML 1.2, and no more of it than mappings need.

ruamel.yaml reads the text into events; the tree is ours, for four reasons: `no` and 18:30 stay text, a number is exact
(Decimal, never float), a key given twice is an error, and an alias bomb costs nothing, because sizes are added up
while the tree is built and nothing is unfolded before its size is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError

from hub.mapping.problems import SHOWN, Fault, looks_secret, quote
from hub.mapping.syntax import OTHER_SYNTAX, strange_character, syntax_fault

Kind: TypeAlias = Literal["map", "list", "text", "number", "bool", "null"]

MOST_NODES = 20_000
"""Values of one file, aliases unfolded. The largest example has some 150."""
MOST_LEVELS = 20

INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,4})?")


class Stop(Exception):
    """The rest of the text cannot be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class Node:
    """One value. A map's `value` is a dict of nodes, a list's a list of nodes; `keys` says where a map's keys stand."""

    kind: Kind
    line: int
    column: int
    text: str = ""
    value: Any = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1
    levels: int = 1

    def at(self, path: tuple[str | int, ...]) -> Node | None:
        """The node under these keys and item numbers, or None."""
        node: Node | None = self
        for part in path:
            if node is None or node.kind not in ("map", "list"):
                return None
            inside = node.value
            if isinstance(inside, dict):
                node = inside.get(part)
            else:
                node = inside[part] if isinstance(part, int) and 0 <= part < len(inside) else None
        return node

    def plain(self) -> Any:
        """As Python values: dict, list, str, int, Decimal, bool, None."""
        if self.kind == "map":
            return {key: node.plain() for key, node in self.value.items()}
        if self.kind == "list":
            return [node.plain() for node in self.value]
        return self.value


def parse(text: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """The tree of a text and what is wrong with it. (None, ()) when the text says nothing."""
    composer = _Composer(text)
    try:
        root = composer.document()
    except Stop as stop:
        return None, (*composer.faults, stop.fault)
    return root, tuple(composer.faults)


class _Composer:
    """Builds the tree from events, one look at each."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events = self._read()
        self._anchors: dict[str, Node | None] = {}  # None: still open
        self.faults: list[Fault] = []

    def _read(self) -> Iterator[Any]:
        strange = strange_character(self._text)
        if strange is not None:
            raise Stop(strange)
        try:
            yield from YAML(typ="safe", pure=True).parse(self._text)
        except MarkedYAMLError as error:
            raise Stop(syntax_fault(error, self._text)) from error
        except Exception as error:  # a slip of the parser over odd bytes must not stop the other files (R9)
            raise Stop(Fault(1, 1, *OTHER_SYNTAX)) from error

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml_events.DocumentStartEvent):
                if root is not None:
                    raise self._stop(
                        event,
                        "A second document starts here.",
                        "One file, one job: take the --- out. Example: revenue.yaml and revenue-2.yaml",
                    )
                if event.version not in (None, (1, 2)):
                    raise self._stop(
                        event,
                        "Only YAML 1.2 is read.",
                        "Take the line that starts with %YAML out. Example of a first line: hub: 1",
                    )
                root = self._node(next(self._events), 1)
        return None if root is None or (root.kind == "null" and not root.text) else root

    def _node(self, event: Any, level: int) -> Node:
        if isinstance(event, yaml_events.AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            raise self._stop(
                event,
                "A tag (a word after !) has no meaning in a mapping.",
                'Take it out, or quote the text. Example: title: "!"',
            )
        if level > MOST_LEVELS:
            raise self._stop(
                event,
                f"More than {MOST_LEVELS} levels, one inside the other.",
                "A mapping needs at most 5. Example: read: [{from: stripe}]",
            )
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml_events.ScalarEvent):
            node = _scalar(event.value, event.implicit[0], line, column)
        elif isinstance(event, yaml_events.SequenceStartEvent):
            node = Node("list", line, column, value=[])
            self._fill_list(node, level)
        else:
            node = Node("map", line, column, value={})
            self._fill_map(node, level)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Node:
        known = self._anchors.get(event.anchor)
        if known is not None:
            return known
        if event.anchor in self._anchors:
            raise self._stop(
                event,
                "This alias stands inside what it stands for.",
                "Write the value out. Example: title: Encaissements",
            )
        raise self._stop(
            event,
            f"The alias {quote('*' + event.anchor)} stands for nothing: no & of that name comes before it.",
            'A text that starts with * needs quotes. Example: title: "*Encaissements*"',
        )

    def _fill_list(self, node: Node, level: int) -> None:
        for event in self._events:
            if isinstance(event, yaml_events.SequenceEndEvent):
                return
            inner = self._node(event, level + 1)
            node.value.append(inner)
            self._grow(node, inner, event)

    def _fill_map(self, node: Node, level: int) -> None:
        for event in self._events:
            if isinstance(event, yaml_events.MappingEndEvent):
                return
            key = self._node(event, level + 1)
            place = (event.start_mark.line + 1, event.start_mark.column + 1)
            inner = self._node(next(self._events), level + 1)
            self._grow(node, inner, event)
            if key.kind in ("map", "list") or not key.text:
                self.faults.append(
                    Fault(
                        *place,
                        "A key must be a word.",
                        "Put a text with brackets in quotes. Example: title: Encaissements",
                    )
                )
            elif key.text in node.keys:
                first = node.keys[key.text][0]
                message = f"The key {quote(key.text)} is given twice; the first is on line {first}."
                self.faults.append(Fault(*place, message, f"Keep one of them. Example: {_example(key, inner)}"))
            else:
                if inner.kind == "null" and not inner.text:
                    inner.line, inner.column = place  # nothing stands nowhere: point at its key
                node.value[key.text] = inner
                node.keys[key.text] = place

    def _grow(self, node: Node, inner: Node, event: Any) -> None:
        node.size += inner.size
        node.levels = max(node.levels, inner.levels + 1)
        if node.size > MOST_NODES:
            raise self._stop(
                event,
                f"With its aliases unfolded this file has more than {MOST_NODES} values.",
                "Use fewer aliases. Example: read: [{from: stripe}]",
            )
        if node.levels > MOST_LEVELS:
            raise self._stop(
                event,
                f"With its aliases unfolded this file has more than {MOST_LEVELS} levels.",
                "Use fewer aliases. Example: read: [{from: stripe}]",
            )

    def _stop(self, event: Any, message: str, hint: str) -> Stop:
        return Stop(Fault(event.start_mark.line + 1, event.start_mark.column + 1, message, hint))


def _example(key: Node, value: Node) -> str:
    showable = value.kind in ("text", "number", "bool") and len(value.text) <= SHOWN and value.text.isprintable()
    return (
        f"{key.text}: {value.text}" if showable and not looks_secret(key.text + value.text) else "title: Encaissements"
    )


def _scalar(text: str, plain: bool, line: int, column: int) -> Node:
    """A scalar by the core schema of YAML 1.2 (10.3.2), without hexadecimal, octal, infinity and not-a-number."""
    if not plain:
        return Node("text", line, column, text, text)
    if text in ("", "~", "null", "Null", "NULL"):
        return Node("null", line, column, text, None)
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return Node("bool", line, column, text, text.lower() == "true")
    if INTEGER.fullmatch(text):
        return Node("number", line, column, text, int(text))
    if DECIMAL.fullmatch(text):
        return Node("number", line, column, text, Decimal(text))
    return Node("text", line, column, text, text)
