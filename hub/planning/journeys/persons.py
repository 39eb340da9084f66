"""Who is who: addresses as they are compared, and people who look alike and must be asked about. Pure.

Nothing is folded that a mail server may tell apart: dots and + in a local part stay. Only case, spaces around it and
the spelling of the domain (IDNA, RFC 5891) make no difference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal, TypeAlias

Why: TypeAlias = Literal["name", "domain", "typo"]
"""name: the same whole name. domain: the same local part at a similar domain. typo: one slip of the keyboard apart."""
_SHORTEST = 5
"""Letters of a local part below which one slip says nothing: ana@ and eva@ are two people."""


@lru_cache(maxsize=65536)
def normalised(address: str) -> str:
    """The address as it is compared; "" when it is none."""
    local, at, domain = unicodedata.normalize("NFC", address).strip().rpartition("@")
    domain = domain.rstrip(".").lower()
    if not at or not local or not domain or any(sign.isspace() for sign in local + domain):
        return ""
    with suppress(UnicodeError):  # no such domain can be: it is still the same text each time
        domain = domain.encode("idna").decode("ascii")
    return f"{local.lower()}@{domain}"


def person_of(address: str, aliases: Mapping[str, str]) -> str:
    """The address that this one stands for, as the OBM confirmed; itself where she said nothing."""
    found, seen = address, {address}
    while (other := aliases.get(found)) is not None and other not in seen:
        seen.add(other)
        found = other
    return found


def initials(name: str, address: str = "") -> str:
    """ "M. D." of Marie Dupont; of somebody without a name, the first letter of her address. "?" of nobody."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()] or [address]
    ends = words if len(words) < 2 else (words[0], words[-1])
    return " ".join(f"{word[0].upper()}." for word in ends if word) or "?"


def journey_id(person: str, offer: str) -> str:
    """The id of the journey of a person (a normalised address) with an offer: the same each time."""
    return sha256(f"{person}\n{offer.strip()}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Alike:
    """`address` looks like `other`, who was there before."""

    address: str
    other: str
    why: Why


def look_alikes(new: Mapping[str, str], known: Mapping[str, str]) -> Iterator[Alike]:
    """Of new people (address -> name, the first come first), those who look like one of the known or an earlier one.

    Each is told with the first that it looks like. Nothing is merged: who they are is for a person to say.
    """
    if not new:
        return
    index = _Index(new)
    for address, name in known.items():
        index.add(address, name)
    for address, name in new.items():
        found = index.like(address, name)
        if found is not None:
            yield found
        index.add(address, name)


class _Index:
    """People by what they may have in common. Only what a new one may ask for is kept, so that thousands are cheap."""

    def __init__(self, new: Iterable[str]) -> None:
        self._wanted = {variant for address in new for variant in _variants(address)}
        self._names: dict[str, str] = {}
        self._by_name: dict[tuple[str, ...], list[str]] = {}
        self._by_local: dict[str, list[str]] = {}
        self._by_variant: dict[str, list[str]] = {}

    def add(self, address: str, name: str) -> None:
        self._names[address] = name
        words = _words(name)
        if len(words) > 1:
            self._by_name.setdefault(words, []).append(address)
        self._by_local.setdefault(address.partition("@")[0], []).append(address)
        for variant in _variants(address):
            if variant in self._wanted:
                self._by_variant.setdefault(variant, []).append(address)

    def like(self, address: str, name: str) -> Alike | None:
        words = _words(name)
        for other in self._by_name.get(words, ()):
            return Alike(address, other, "name")
        local, _, domain = address.partition("@")
        for other in self._by_local.get(local, ()):
            if _near(domain, other.partition("@")[2]) and self._may_be(words, other):
                return Alike(address, other, "domain")
        for variant in _variants(address):
            for other in self._by_variant.get(variant, ()):
                if one_slip(local, other.partition("@")[0]) and self._may_be(words, other):
                    return Alike(address, other, "typo")
        return None

    def _may_be(self, words: tuple[str, ...], other: str) -> bool:
        """Two whole names without a word in common are two people, however alike their addresses are."""
        theirs = _words(self._names[other])
        return not words or not theirs or not set(words).isdisjoint(theirs)


def _words(name: str) -> tuple[str, ...]:
    """The words of a name in any order, without accents: Léa MARTIN and Martin Lea are the same."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return tuple(sorted(bare.casefold().replace("-", " ").split()))


def _variants(address: str) -> Iterator[str]:
    """The address, and each that it becomes by leaving out one sign of its local part."""
    local, _, domain = address.partition("@")
    if len(local) >= _SHORTEST:
        yield address
        for place in range(len(local)):
            yield f"{local[:place]}{local[place + 1 :]}@{domain}"


def _near(one: str, other: str) -> bool:
    """gmail.com and gmial.com, or gmail.com and gmail.fr."""
    return one_slip(one, other) or (one != other and one.rpartition(".")[0] == other.rpartition(".")[0])


def one_slip(one: str, other: str) -> bool:
    """Whether one letter is changed, missing, doubled, or two are swapped. Figures are no slip: lea1 is not lea2."""
    short, long = sorted((one, other), key=len)
    apart = next((place for place, sign in enumerate(short) if long[place] != sign), len(short))
    if len(long) - len(short) == 1:
        return short[apart:] == long[apart + 1 :] and not long[apart].isdigit()
    if len(long) != len(short) or apart == len(short):
        return False
    changed = short[apart] + long[apart]
    swapped = short[apart : apart + 2] == long[apart : apart + 2][::-1] and short[apart + 2 :] == long[apart + 2 :]
    return (short[apart + 1 :] == long[apart + 1 :] or swapped) and not any(sign.isdigit() for sign in changed)
