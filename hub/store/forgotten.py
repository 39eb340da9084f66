"""Who is forgotten: known by salted hashes only, so that a later read does not bring her back.

Who asked for it stays forgotten until she is a client again and it is said (`remember`). Of a past client whose time
was over nobody said anything: what happens later than that is a new client's, and is kept as it is.

A record of somebody who was forgotten keeps its amounts, instants, states and ids, so that every total stays; its
addresses become a pseudonym, names and whatever a person wrote are left out. Tasks and pages are the team's own work
and say who only in free text: they are kept as their provider shows them, until they are changed there.
The hash hides an address from who reads the table, not from who has the address and asks: that is its purpose.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from hub.core.forgotten import pseudonym
from hub.core.types import Record, Value
from hub.store.schema import forgotten, refused, unsubscribed
from hub.store.sql import number, upsert

PERSONAL = frozenset(
    {
        "phone", "answers", "properties", "notes", "text", "subject", "files", "location", "tracking", "guests",
        "cancel_url", "reschedule_url", "url", "first_name", "last_name", "username",
    }
)  # fmt: skip
"""Fields of her records that say more of her than what the totals need."""
_WHOSE = ("who", "from")
_OF = ("source", "charge", "invoice", "payment", "payment_intent", "subscription", "booking")
"""Fields that hold the key of another record: what is said of hers may name her, like the text of a payment."""
ASKED, PAST = "person", "past"
"""What her mark begins with: she asked for it, or her time was over."""
_SHORTEST = 3
"""Letters of a name below which it is no sign of anybody inside another text."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Those of a business. `marks`: salted hash of an address, or of a provider's id of a person -> her mark, and since
    when. `at`: the instant that what is looked at belongs to; None: nobody knows.
    """

    salt: str
    marks: Mapping[str, tuple[str, datetime]]
    at: datetime | None = None

    def mark_of(self, words: str) -> str | None:
        """The mark of who has this address or id; None: nobody who was forgotten."""
        found = self.marks.get(_digest(self.salt, words))
        if found is None:
            return None
        mark, since = found
        is_new = mark.startswith(f"{PAST}-") and self.at is not None and self.at > since
        return None if is_new else mark


def _folded(words: str) -> str:
    return words.strip().casefold()


def _digest(salt: str, words: str) -> str:
    return hashlib.sha256(f"{salt}\n{_folded(words)}".encode()).hexdigest()


def load(conn: Connection, business: str) -> Forgotten | None:
    """None where nobody was forgotten."""
    columns = (forgotten.c.digest, forgotten.c.salt, forgotten.c.mark, forgotten.c.at)
    rows = conn.execute(select(*columns).where(forgotten.c.business == business)).all()
    return Forgotten(rows[0].salt, {row.digest: (row.mark, row.at) for row in rows}) if rows else None


def add(conn: Connection, business: str, words: Iterable[str], now: datetime, why: str = ASKED) -> str:
    """Forget who has these addresses and ids, all of them one person's; returns her pseudonym. Twice is once."""
    known = load(conn, business)
    salt = known.salt if known is not None else secrets.token_hex(16)
    asked = sorted({_folded(each) for each in words})
    before = next((mark for each in asked if known is not None and (mark := known.mark_of(each))), None)
    mark = before or f"{why}-{secrets.token_hex(4)}"
    rows = [
        {"business": business, "digest": _digest(salt, each), "salt": salt, "mark": mark, "at": now} for each in asked
    ]
    conn.execute(upsert(conn.dialect.name, forgotten), rows)
    return pseudonym(mark)


def since(conn: Connection, business: str, address: str, why: str | None = None) -> datetime | None:
    """When that address was forgotten; None: it was not. `why`: only where it was for that (ASKED, PAST)."""
    known = load(conn, business)
    mark = None if known is None else known.mark_of(address)
    if known is None or mark is None or (why is not None and not mark.startswith(f"{why}-")):
        return None
    mine = (forgotten.c.business == business, forgotten.c.digest == _digest(known.salt, address))
    return conn.execute(select(forgotten.c.at).where(*mine)).scalar_one_or_none()


def remember(conn: Connection, business: str, address: str) -> bool:
    """She is with us again: later reads keep who she is, and that she wants no mails stays. False: nobody was."""
    known = load(conn, business)
    mark = None if known is None else known.mark_of(address)
    if mark is None:
        return False
    for table in (unsubscribed, refused):
        mine = (table.c.business == business, table.c.address == pseudonym(mark))
        conn.execute(update(table).where(*mine).values(address=_folded(address)))
    mine = (forgotten.c.business == business, forgotten.c.mark == mark)
    return number(conn, delete(forgotten).where(*mine)) > 0


def scrubbed(known: Forgotten, record: Record) -> Record:
    """The record without what says who she is; itself where it names nobody who was forgotten."""
    known, fields = replace(known, at=record.at), record.fields
    marks = {mark for words in says_who(record) if (mark := known.mark_of(words))}
    if marks:
        return replace(record, fields=_scrubbed(known, record, sorted(marks)[0]))
    if any(known.mark_of(key) for key in refers_to(record)):
        return replace(record, fields={**fields, **dict.fromkeys(fields.keys() & {"description"}, None)})
    guests = _all(fields.get("guests"))
    others = tuple(each for each in guests if not (isinstance(each, str) and known.mark_of(each)))
    return record if others == guests else replace(record, fields={**fields, "guests": others})


def says_who(record: Record) -> Iterator[str]:
    """The addresses and ids of whose record it is: who paid, booked, signed up, wrote or was written to, or herself."""
    fields = record.fields
    for name in _WHOSE:
        yield from _named(fields.get(name))
    email = fields.get("email")
    if isinstance(email, str):
        yield from (email, record.key)
    yield from (words for name in ("to", "cc") for who in _all(fields.get(name)) for words in _named(who))


def refers_to(record: Record) -> Iterator[str]:
    """The keys of other records that this one is about."""
    yield from (key for name in _OF if isinstance(key := record.fields.get(name), str) and key)


def _all(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


def _named(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (words for part in ("email", "key") if isinstance(words := value.get(part), str) and words)


def _scrubbed(known: Forgotten, record: Record, mark: str) -> dict[str, Value]:
    fields = record.fields
    herself = isinstance(fields.get("email"), str)
    hers = _words(known, record)
    kept: dict[str, Value] = {}
    for name, value in fields.items():
        if name in PERSONAL or (name == "reason" and "starts_at" in fields):
            continue
        if name in _WHOSE:
            kept[name] = _who(known, value)
        elif name in ("to", "cc"):
            kept[name] = tuple(_who(known, each) for each in _all(value))
        elif herself and name in ("name", "email"):
            kept[name] = pseudonym(mark) if name == "email" else None
        else:
            kept[name] = value if hers is None else _without(value, hers, mark)
    return kept


def _who(known: Forgotten, value: Value) -> Value:
    """A person in a record: her key and a pseudonym, if she was forgotten."""
    mark = next((found for words in _named(value) if (found := known.mark_of(words))), None)
    if mark is None or not isinstance(value, Mapping):
        return value
    return {**({"key": value["key"]} if "key" in value else {}), "email": pseudonym(mark)}


def _words(known: Forgotten, record: Record) -> re.Pattern[str] | None:
    """What names her in other texts of her record."""
    people = [record.fields.get(name) for name in _WHOSE]
    people += [record.fields] if isinstance(record.fields.get("email"), str) else []
    found = {
        words
        for person in people
        if isinstance(person, Mapping) and any(map(known.mark_of, _named(person)))
        for part in ("email", "name")
        if isinstance(words := person.get(part), str) and len(words) >= _SHORTEST
    }
    return naming(found)


def naming(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds these words, whole, however they are capitalised; None for no words.

    marie@example.com does not stand in anne-marie@example.com, nor Marie Durand in Anne-Marie Durand.
    """
    every = "|".join(map(_whole, sorted(words, key=len, reverse=True)))
    return re.compile(every, re.IGNORECASE) if every else None


def _whole(words: str) -> str:
    if "@" in words or "%40" in words:
        return rf"(?<![\w.+-]){re.escape(words)}(?![\w-]|\.\w)"
    return rf"(?<![\w-]){re.escape(words)}(?![\w-])"


def _without(value: Value, hers: re.Pattern[str], mark: str) -> Value:
    """The value, with her mark where a text names her."""
    if isinstance(value, str):
        return hers.sub(mark, value)
    if isinstance(value, tuple):
        return tuple(_without(each, hers, mark) for each in value)
    if isinstance(value, Mapping):
        return {name: _without(each, hers, mark) for name, each in value.items()}
    return value
