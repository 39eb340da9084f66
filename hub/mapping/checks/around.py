"""What the names in a job are looked up in, and the faults that several kinds of job have in common."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from hub.mapping.problems import Fault, listed, quote
from hub.mapping.tree import Node
from hub.mapping.words import key_place, label, where
from hub.nearest import nearest

KEY_PROPERTY = "Hub"
"""The property of a row that holds its key (`Collection.key_property`); nobody else may own it."""
MARKS = {"fr": "Disparu", "en": "Gone"}
"""The property in which the row of a vanished record is marked."""
THINGS = {"project": "Lancement printemps", "board": "Calendrier éditorial", "database": "Tâches"}
"""The words for the parts of an account, each with a name as an example."""
ASSIGNEE = "assignee"

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The business of a job. None where business.yaml could not be read: then nothing is said of those names.

    `people`: short name -> name. `reached`: the short names of those who have an address. `left`: short name of who is
    not in the business any more -> since when. `follows`: connection -> the word for the parts of its account. `can`:
    connection -> what may be done with it ("rows", "mails", "copies", "links").
    """

    connections: tuple[str, ...] | None = None
    people: Mapping[str, str] | None = None
    reached: Collection[str] | None = None
    left: Mapping[str, date] = field(default_factory=dict)
    follows: Callable[[str], str | None] | None = None
    can: Callable[[str], Collection[str]] | None = None
    language: str | None = None


class HasThing(Protocol):
    """A place that may be a project, a board or a database."""

    @property
    def project(self) -> str | None: ...
    @property
    def board(self) -> str | None: ...
    @property
    def database(self) -> str | None: ...


def same_name(name: str) -> str:
    """Two spellings of one name are equal: composed or not, with or without outer spaces."""
    return unicodedata.normalize("NFC", name).strip()


def place(root: Node, path: Path) -> tuple[int, int]:
    """Where that value stands; a single text stands for a list of one."""
    node = root.at(path) or root.at(path[:-1]) or root
    return node.line, node.column


def connection(root: Node, path: Path, name: str, around: Around) -> Iterator[Fault]:
    """A fault when no connection is called so. `path` ends with the key."""
    known = around.connections
    if known is None or name in known:
        return
    key = str(path[-1])
    line, column = place(root, path) if root.at(path) is not None else key_place(root, path[:-1])
    message = (
        f"{key}: {quote(name)} is no connection of this business; business.yaml has: {', '.join(known) or 'none'}."
    )
    near = nearest(name, known)
    if near:
        yield Fault(line, column, message, f'Did you mean "{near}"? Example: {key}: {near}')
        return
    hint = "Name one of them, or add it to business.yaml. Example: connections: {notion: {}, stripe: {}}"
    yield Fault(line, column, message, hint)


def can(what: str, name: str, around: Around) -> bool:
    """Whether that may be done with the connection; True where nobody knows."""
    if around.can is None or around.connections is None or name not in around.connections:
        return True
    return what in around.can(name)


def no_mails(root: Node, path: Path, around: Around) -> Iterator[Fault]:
    """A fault when no connection of the business can send what `path` stands for: a mail."""
    known = around.connections
    if around.can is None or known is None or any("mails" in around.can(name) for name in known):
        return
    line, column = key_place(root, path)
    message = (
        f"{path[-1]}: this goes out by mail, and no connection of this business sends mails; business.yaml has: "
        f"{', '.join(known) or 'none'}."
    )
    yield Fault(line, column, message, "Add one to business.yaml. Example: connections: {email: {}}")


def thing_word(name: str, around: Around) -> str | None:
    """The right word for a part of that connection; None: it has no parts that are named here, or nobody knows."""
    if around.follows is None or around.connections is None or name not in around.connections:
        return None
    word = around.follows(name)
    return word if word in THINGS else None


def one_thing(root: Node, path: Path, said: HasThing, name: str, around: Around) -> Iterator[Fault]:
    """Faults unless the place names exactly one part, with the word that its connection has for it."""
    given = [word for word in THINGS if getattr(said, word) is not None]
    if around.follows is None or around.connections is None or name not in around.connections:
        right = given[0] if given else None
    else:
        right = thing_word(name, around)
        if right is None:
            yield from _no_things(root, path, given, name)
            return
    if right is None:
        return
    plural = f"{right}s"
    wrong = [word for word in given if word != right]
    if right in given and wrong:
        message = f"{wrong[0]}: {where(path)} names a {right} already, and it is one place."
        hint = f"Take it out. Example: {right}: {THINGS[right]}"
        yield Fault(*key_place(root, (*path, wrong[0])), message, hint)
    elif wrong:
        message = f"{wrong[0]}: {quote(name)} has {plural}, and no {wrong[0]}s."
        hint = f'Did you mean "{right}"? Example: {right}: {THINGS[right]}'
        yield Fault(*key_place(root, (*path, wrong[0])), message, hint)
    elif right not in given:
        message = f"{where(path)} does not say which {right} of {quote(name)} is meant."
        yield Fault(*place(root, path), message, f"Name it. Example: {right}: {THINGS[right]}")


def _no_things(root: Node, path: Path, given: list[str], name: str) -> Iterator[Fault]:
    for word in given:
        message = f"{word}: {quote(name)} has no {word}s: it is read as a whole account."
        hint = "Take it out, or name another connection. Example: {connection: stripe, records: customer}"
        yield Fault(*key_place(root, (*path, word)), message, hint)


def database(root: Node, path: Path, name: str, around: Around) -> Iterator[Fault]:
    """Faults unless rows of a database can be written there. `path`: of the keys `connection` and `database`."""
    yield from connection(root, (*path, "connection"), name, around)
    known = around.follows is not None and around.connections is not None and name in around.connections
    if known and thing_word(name, around) != "database":
        message = f"connection: {quote(name)} has no databases, and rows of one are written here."
        line, column = place(root, (*path, "connection"))
        yield Fault(line, column, message, "Name a connection to Notion. Example: connection: notion")


def person(
    root: Node, path: Path, name: str, around: Around, *, assignee: bool = False, default: bool = False
) -> Iterator[Fault]:
    """A fault when nobody has that short name. `assignee`: that word may stand here too."""
    known = around.people
    if known is None or name in known or (assignee and name == ASSIGNEE):
        return
    tail = next(str(part) for part in reversed(path) if isinstance(part, str))
    legal = (*known, *((ASSIGNEE,) if assignee else ()))
    by_name = {shown: key for key, shown in known.items()}
    near = nearest(name, legal) or by_name.get(nearest(name, by_name, cutoff=0.8) or "")
    if default and root.at(path) is None:
        message = f"{tail} is {quote(name)} where it is not written, and people has: {listed(legal)}."
        line, column = key_place(root, path[:-1]) if root.at(path[:-1]) is not None else (root.line, root.column)
    else:
        message = f"{tail}: {quote(name)} is the short name of nobody; there are: {listed(legal)}."
        line, column = place(root, path)
    if near:
        yield Fault(line, column, message, f'Did you mean "{near}"? Example: {tail}: {near}')
        return
    hint = "Name one of them, or add her to business.yaml. Example: people: {obm: {name: Claire}}"
    yield Fault(line, column, message, hint)


def mailed(
    root: Node, path: Path, name: str, around: Around, *, assignee: bool = False, default: bool = False
) -> Iterator[Fault]:
    """As `person`, of somebody who gets a mail: she needs an address too, and to be there."""
    yield from person(root, path, name, around, assignee=assignee, default=default)
    if around.people is None or around.reached is None or name not in around.people:
        return
    tail = next(str(part) for part in reversed(path) if isinstance(part, str))
    line, column = place(root, path)
    if name in around.left:
        others = [short for short in around.people if short in around.reached and short not in around.left]
        message = f"{tail}: {quote(name)} left on {around.left[name]} (business.yaml), so nothing would reach her."
        yield Fault(line, column, message, f"Name somebody else. Example: {tail}: {next(iter(others), 'obm')}")
        return
    if name in around.reached:
        return
    message = f"{tail}: {quote(name)} is told by mail, and has no e-mail address in business.yaml."
    shown = f"people: {{{name}: {{name: {around.people[name]}, email: {name}@example.com}}}}"
    yield Fault(line, column, message, f"Add it there. Example: {shown}")


def given_twice(
    root: Node, holder: Path, key: str, words: Iterable[str], example: str, *, named: str | None = None
) -> Iterator[Fault]:
    """A fault for each item of a list whose `key` says what an item before it said."""
    first: dict[str, int] = {}
    for index, word in enumerate(words):
        line, column = place(root, (*holder, index, key))
        if same_name(word) in first:
            message = (
                f"{key}: {quote(word)} is given twice in {named or where(holder)}; "
                f"the first is on line {first[same_name(word)]}."
            )
            yield Fault(line, column, message, f"Keep one of them. Example: {example}")
        first.setdefault(same_name(word), line)


def two_owners(
    root: Node,
    ours: Mapping[str, tuple[Path, bool]],
    owners: str,
    people_own: tuple[tuple[str, ...], Path],
    reserved: Iterable[str] = (KEY_PROPERTY,),
) -> Iterator[Fault]:
    """Faults for properties with two owners, and for those that are nobody's.

    `ours`: a property of ours -> where it stands, and whether it stands there as a key. `owners`: the key that holds
    them. `people_own`: the properties of people, and where their list stands.
    """
    held = {same_name(name): at for name, at in ours.items()}
    names, path = people_own
    for index, name in enumerate(names):
        line, column = place(root, (*path, index))
        if same_name(name) in held:
            at, is_key = held[same_name(name)]
            first = key_place(root, at)[0] if is_key else place(root, at)[0]
            message = f"{quote(name)} stands in people_own, and in {owners} on line {first}: a property has one owner."
            yield Fault(line, column, message, "Take it out of one of the two. Example: people_own: [Note CEO]")
        elif same_name(name) in reserved:
            yield _reserved(line, column, name, "people_own: [Note CEO]")
    for name, (at, is_key) in ours.items():
        if same_name(name) in reserved:
            example = "hub_owns: {Valeur: value}" if is_key else "target: Tâche"
            yield _reserved(*(key_place(root, at) if is_key else place(root, at)), name, example)


def _reserved(line: int, column: int, name: str, example: str) -> Fault:
    use = "keeps the key of each row" if same_name(name) == KEY_PROPERTY else "marks the rows of what is gone"
    message = f"The property {quote(same_name(name))} is where the hub {use}; it cannot have another use."
    return Fault(line, column, message, f"Choose another name. Example: {example}")


def known_word(root: Node, path: Path, word: str, known: Iterable[str], what: str, *, key: bool) -> Iterator[Fault]:
    """A fault when a word of an example names nothing of the job. `key`: it stands as a key."""
    legal = tuple(dict.fromkeys(known))
    if word in legal:
        return
    line, column = key_place(root, path) if key else place(root, path)
    message = f"{quote(word)} is no {what} of this job; there are: {listed(legal)}."
    near = nearest(word, legal)
    hint = f'Did you mean "{near}"? ' if near else ""
    yield Fault(line, column, message, f"{hint}Example: {near or (legal[0] if legal else label(path[:-1]))}")
