"""The language in which a client is written to, as far as her records say it. Pure.

What she or the team has said stands first: a column or a question called « Langue » or “Language”. Then what the
payment provider keeps of her, then the language in which she saw the checkout. Where nothing of it names a language
that the hub writes, it is the business's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hub.core.types import Record, Value
from hub.nearest import folded
from hub.planning.journeys.types import Client
from hub.planning.journeys.values import Lookup
from hub.planning.words import Language

_ASKED = frozenset({"langue", "language"})
_NAMES: Mapping[str, Language] = {
    **dict.fromkeys(("fr", "fra", "fre", "francais", "francaise", "french"), "fr"),
    **dict.fromkeys(("en", "eng", "anglais", "anglaise", "english"), "en"),
}


def language_of(
    client: Client, record: Lookup, people: Mapping[str, str], rows: Sequence[tuple[str, str, str]] = ()
) -> Language | None:
    """Her language; None where nothing says it. `people`: connection -> its stream of persons.

    `rows`: (connection, stream, key) of what stands for her elsewhere, like her row among the clients.
    """
    hers = [(where, found) for where in (*rows, *_of(client)) if (found := record(where)) is not None]
    return next(_first(_said(hers), _kept(hers, record, people), _shown(hers)), None)


def _of(client: Client) -> Iterator[tuple[str, str, str]]:
    """The records of what happened to her, the last one first."""
    return (fact.record for fact in reversed(client.facts) if fact.record is not None)


_Hers = Sequence[tuple[tuple[str, str, str], Record]]


def _said(hers: _Hers) -> Iterator[Value]:
    """What stands in a column or in an answer."""
    for _, found in hers:
        for part in ("answers", "properties"):
            words = found.fields.get(part)
            if isinstance(words, Mapping):
                yield from (value for name, value in words.items() if folded(name).strip("_?:") in _ASKED)


def _kept(hers: _Hers, record: Lookup, people: Mapping[str, str]) -> Iterator[Value]:
    """What the provider keeps of whoever paid."""
    for (connection, _, _), found in hers:
        who = found.fields.get("who")
        key = who.get("key") if isinstance(who, Mapping) else None
        if isinstance(key, str) and connection in people:
            person = record((connection, people[connection], key))
            yield None if person is None else person.fields.get("languages")


def _shown(hers: _Hers) -> Iterator[Value]:
    """The language of the page on which she signed up or paid."""
    return (found.fields.get("language") for _, found in hers)


def _first(*sources: Iterable[Value]) -> Iterator[Language]:
    for source in sources:
        for value in source:
            yield from _known(value)


def _known(value: Value) -> Iterator[Language]:
    """The languages that a text, or each of several, stands for: fr, fr-CA, Français."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, str):
            words = re.split(r"[-_ ,;/(]", folded(each).strip(), maxsplit=1)[0]
            if words in _NAMES:
                yield _NAMES[words]
