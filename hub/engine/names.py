"""From the names that a person writes to the ids that a provider knows. Pure: no I/O.

A name that was found once is locked to its id. A thing that is renamed is so still the same one, and that is a notice.
A name that leads nowhere, or to two things, is an error that shows what there is instead of guessing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from hub.core.types import Thing
from hub.nearest import folded

ID = re.compile(r"[0-9]{9,}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""Asana's and Trello's ids, and UUIDs with and without their dashes. Nobody calls a project like this."""
ADDRESS = re.compile(r"https?://", re.IGNORECASE)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the names lead to. `ids` in the order of the names, each once; empty where there are errors.

    `locked`: what to remember, name -> id, of the wanted names and no others.
    """

    ids: tuple[str, ...]
    locked: Mapping[str, str]
    notices: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def plain_ids(wanted: Sequence[str]) -> bool:
    """True when nothing need be looked up."""
    return all(ID.fullmatch(each) for each in wanted)


def resolve(
    wanted: Sequence[str],
    kind: str,
    things: Sequence[Thing],
    locked: Mapping[str, str],
    *,
    file: str = "business.yaml",
) -> Resolved:
    """The ids of the wanted things of that kind, among those that the key sees. `file`: where the names stand.

    An id is taken as it is. An address leads to the thing whose address it is, or whose id stands in it. A name is
    looked for in `locked` first, then exactly as written, then without regard to case and to how accents are composed.
    """
    there = [thing for thing in things if thing.kind == kind]
    ids: list[str] = []
    keep: dict[str, str] = {}
    notices: list[str] = []
    errors: list[str] = []
    for each in wanted:
        if ID.fullmatch(each):
            seen = [thing for thing in there if _bare(thing.id) == _bare(each)]
            ids.append(seen[0].id if seen else each)
            if not seen:
                notices.append(f"The key does not see any {kind} with the id {each}; it is asked for all the same.")
        elif ADDRESS.match(each):
            _by_address(each, kind, there, ids, errors, file)
        else:
            found = _by_name(each, kind, there, locked, notices, errors, file)
            if found is not None:
                ids.append(found)
                keep[each] = found
    if errors:
        # Nothing is forgotten over it: what was locked stays locked.
        keep = {name: locked[name] for name in wanted if name in locked} | keep
    return Resolved(() if errors else tuple(dict.fromkeys(ids)), keep, tuple(notices), tuple(errors))


def _by_address(address: str, kind: str, there: Sequence[Thing], ids: list[str], errors: list[str], file: str) -> None:
    words = [_bare(part) for part in re.split(r"[/?&#=]", address)]
    # Notion's addresses end in the title and, after it, the id without its dashes.
    parts = {*words, *(word[-32:] for word in words)}
    found = [thing for thing in there if thing.url is not None and _one_address(thing.url, address)]
    found = found or [thing for thing in there if _bare(thing.id) in parts]
    if len(found) == 1:
        ids.append(found[0].id)
    else:
        errors.append(f"The key sees no {kind} at {address}. {_there(kind, there, file)}")


def _by_name(
    name: str,
    kind: str,
    there: Sequence[Thing],
    locked: Mapping[str, str],
    notices: list[str],
    errors: list[str],
    file: str,
) -> str | None:
    same = [thing for thing in there if thing.name == name] or [
        thing for thing in there if _folded(thing.name) == _folded(name)
    ]
    known = locked.get(name)
    if known is not None:
        by_id = next((thing for thing in there if thing.id == known), None)
        if by_id is None:
            errors.append(_vanished(name, kind, known, there, same, file))
            return None
        others = [thing for thing in same if thing.id != known]
        if by_id not in same:
            more = f" Another {kind} has that name now: {_shown(others[0])}." if others else ""
            notices.append(
                f"The {kind} « {name} » is called « {by_id.name} » now. It is followed as before.{more} "
                f"Write the new name in {file} when you like."
            )
        elif others:
            notices.append(
                f"There are {len(same)} {kind}s called « {name} »; the one that is followed is {_shown(by_id)}."
            )
        return known
    if len(same) == 1:
        return same[0].id
    if same:
        listed = "; ".join(_shown(thing) for thing in same[:SHOWN])
        one = same[0].url or same[0].id
        errors.append(
            f"There are {len(same)} {kind}s called « {name} »: {listed}. Write the address or the id of the one that "
            f"you mean, for instance {f'follow: [{one}]' if file == 'business.yaml' else f'{kind}: {one}'}."
        )
    else:
        errors.append(f"No {kind} that the key sees is called « {name} ». {_nearest(name, kind, there, file)}")
    return None


def _vanished(name: str, kind: str, known: str, there: Sequence[Thing], same: Sequence[Thing], file: str) -> str:
    gone = f"The {kind} « {name} » ({known}) is gone, or the key does not see it any more."
    if same:
        listed = "; ".join(_shown(thing) for thing in same[:SHOWN])
        way = f"To follow that one, take the line of « {name} » out of names.lock."
        return f"{gone} Another one has its name: {listed}. {way}"
    return f"{gone} {_nearest(name, kind, there, file)}"


def _nearest(name: str, kind: str, there: Sequence[Thing], file: str) -> str:
    by_fold: dict[str, Thing] = {folded(thing.name): thing for thing in there}
    near = [by_fold[each] for each in get_close_matches(folded(name)[:200], by_fold, n=SHOWN, cutoff=0.6)]
    if near:
        listed = "; ".join(_shown(thing) for thing in near)
        return f"Did you mean {listed}? Write its name in {file}."
    return _there(kind, there, file)


def _there(kind: str, there: Sequence[Thing], file: str) -> str:
    if not there:
        return f"It sees no {kind} at all: make one there, or give the key access to it, and run `hub check`."
    names = ", ".join(f"« {thing.name} »" for thing in there[:SHOWN])
    more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
    return f"It sees: {names}{more}. Write one of these names in {file}."


def _shown(thing: Thing) -> str:
    where = f" in {thing.inside}" if thing.inside else ""
    return f"« {thing.name} »{where} ({thing.url or thing.id})"


def _one_address(one: str, other: str) -> bool:
    """Trello's addresses work with and without the board's name at their end."""
    one, other = f"{one.rstrip('/')}/", f"{other.rstrip('/')}/"
    if not one.startswith(other) and not other.startswith(one):
        return False
    return one == other or min(one.count("/"), other.count("/")) > 4


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _bare(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())
