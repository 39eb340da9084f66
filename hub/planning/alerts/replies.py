"""A reply to a mail: which of its lines are done, if that is what it says; anything else is for a person. Pure.

Only what is wholly a statement that something is done is understood: a greeting, thanks and a name may stand around it,
nothing else. "Not done", "done?", "almost done", "done, but…" are all something else. To ask a person costs a mail; to
mark as done what is not costs trust.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.core.types import Value
from hub.planning.alerts.done_words import (
    ALL,
    BARE,
    BOTH,
    COUNTED,
    COURTESY,
    GREETING,
    LEADING,
    NUMBERED,
    PLURAL,
    PROBLEM,
    RANGE,
)
from hub.planning.alerts.own_words import own_words

QUOTED = 2000
"""Characters of a reply that are passed on to a person."""


@dataclass(frozen=True, slots=True)
class Understood:
    """These lines of the mail are done, by their numbers, in order."""

    done: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """`text`: her own words, to be passed on. `stranger`: it came from another address than the mail went to."""

    text: str
    stranger: bool = False


def understand(fields: Mapping[str, Value], address: str, lines: Sequence[bool]) -> Understood | NotUnderstood | None:
    """What a reply says; None for what no person wrote.

    `fields`: of a record of the kind message. `address`: where the mail went to. `lines`: for each numbered line of the
    mail whether it is about one task, which alone can be done.
    """
    if _is_automatic(fields):
        return None
    text = fields.get("text")
    said = own_words(text) if isinstance(text, str) else ""
    whole = (said or (text.strip() if isinstance(text, str) else ""))[:QUOTED]
    sender, name = _who(fields.get("from"))
    if sender.casefold() != address.strip().casefold():
        return NotUnderstood(whole, stranger=True)
    done = _done(said, name, lines)
    return Understood(done) if done else NotUnderstood(whole)


_AUTOMATIC = re.compile(
    r"^\W*(automatic reply|auto[- ]?reply|autoreply|out of (the )?office|away from (the )?office"
    r"|reponse automatique|absence du bureau|message d'absence|absent[e]? du bureau|en conges?\b)"
)


def _is_automatic(fields: Mapping[str, Value]) -> bool:
    subject = fields.get("subject")
    said = isinstance(subject, str) and _AUTOMATIC.match(_plain(subject)) is not None
    return said or bool(fields.get("automatic")) or fields.get("bounce") is not None


def _who(sender: Value) -> tuple[str, str]:
    if not isinstance(sender, Mapping):
        return "", ""
    address, name = (str(sender.get(part) or "").strip() for part in ("email", "name"))
    return address, name or address.partition("@")[0]


def _plain(text: str) -> str:
    """Small letters without accents, one kind of apostrophe, no signs that only decorate."""
    text = unicodedata.normalize("NFC", re.sub(r"[’‘ʼ`´]", "'", text).casefold())
    text = re.sub(r"\b(r[eé]gl|boucl|cl[oô]tur)é(s?)\b", r"\1ee\2", text)  # without its accent, "réglé" is a rule
    text = unicodedata.normalize("NFD", text)
    return "".join(c for c in text if not unicodedata.combining(c) and unicodedata.category(c) not in _DECORATION)


_DECORATION = ("So", "Sk", "Cf")


def _done(said: str, name: str, lines: Sequence[bool]) -> tuple[int, ...]:
    """The numbers of the lines that these words say are done; () when they say anything else as well, or nothing."""
    if not said or "?" in said or "..." in said or len(said) > 600:
        return ()
    found: set[int] = set()
    names = frozenset(re.findall(r"[a-z]+", _plain(name)))
    signed = False
    for line in _plain(said).split("\n"):
        words = re.sub(r"^[\s•*·-]+", "", line).strip()
        if not words:
            continue
        if signed:
            if PROBLEM.search(words):
                return ()
            continue
        if found and _is_name(words, names):
            signed = True
            continue
        numbers = _line(words, names, lines)
        if numbers is None:
            return ()
        found |= numbers
    return tuple(sorted(found))


def _line(words: str, names: frozenset[str], lines: Sequence[bool]) -> set[int] | None:
    """What one line of a reply says is done; None when it says something else too."""
    found: set[int] = set()
    words = LEADING.sub(r"\1 ", words)
    for sentence in re.split(r"[.!;]+", words):
        rest = sentence.strip(" \t,:-()")
        whole = _statement(rest, lines)
        if whole is not None:
            found |= whole
            continue
        for part in re.split(r"\s*,\s*", rest):
            if not part or _is_polite(part) or _is_name(part, names):
                continue
            numbers = _statement(part, lines)
            if numbers is None:
                numbers = _statement(_without_courtesy(part), lines)
            if numbers is None:
                return None
            found |= numbers
    return found


def _without_courtesy(part: str) -> str:
    """ "c'est fait merci" -> "c'est fait"; "bonjour c'est fait" -> "c'est fait"."""
    words = part.split()
    for count in range(1, min(len(words), 5)):
        head, tail = " ".join(words[:-count]), " ".join(words[-count:])
        if _is_polite(tail):
            return head
    if len(words) > 1 and GREETING.fullmatch(words[0]):
        return " ".join(words[1:])
    return part


def _is_polite(words: str) -> bool:
    polite = GREETING.fullmatch(words) or COURTESY.fullmatch(words)
    return polite is not None and PROBLEM.search(words) is None


def _is_name(words: str, names: frozenset[str]) -> bool:
    """Léa, Léa Martin, Léa M."""
    said = re.findall(r"[a-z0-9]+", words)
    return bool(said) and said[0] in names and all(word in names or len(word) == 1 for word in said)


def _statement(words: str, lines: Sequence[bool]) -> set[int] | None:
    """The numbers of what a statement says is done; None when it is no such statement, or none for this mail."""
    words = re.sub(r"\s+", " ", words)
    every = {number for number, task in enumerate(lines, 1) if task}
    whole = len(every) == len(lines)
    counted = COUNTED.fullmatch(words)
    if ALL.fullmatch(words):
        found = every
    elif BOTH.fullmatch(words):
        found = every if whole and len(lines) == 2 else set()
    elif BARE.fullmatch(words):
        found = every if len(lines) == 1 else set()
    elif counted:
        found = every if whole and int(counted["n"]) == len(lines) else set()
    else:
        found = _numbers(words, every, whole=whole)
    return found or None


def _numbers(words: str, every: set[int], *, whole: bool) -> set[int]:
    numbered = NUMBERED.fullmatch(words)
    if numbered is None:
        return set()
    said = next(each for each in numbered.groups() if each is not None)
    numbers = {int(number) for number in re.findall(r"\d+", said)}
    if len(numbers) == 1 and PLURAL.search(words):
        return every if whole and numbers == {len(every)} else set()
    span = RANGE.fullmatch(said.strip())
    if span:
        numbers = set(range(int(span["first"]), int(span["last"]) + 1))
    return numbers if numbers <= every else set()
