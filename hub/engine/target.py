"""What we know of a job's target: from our links, or by looking at the destination itself.

Looking is what `hub plan`, `hub apply`, the nightly reconcile and the very first turn do; a webhook's turn trusts the
links, so that one changed figure costs one call.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from hub.core.protocol import Destination
from hub.core.types import Ref, Row
from hub.engine.runtime import Runtime
from hub.planning.diff import same
from hub.planning.plan import Action, Desired, Known, KnownCollection
from hub.store import links
from hub.store.links import Link

log = logging.getLogger("hub.target")


@dataclass(slots=True)
class Looked:
    """What a look at the destination found out of the ordinary, a line each, and collection -> what stands in it."""

    notes: list[str] = field(default_factory=list)
    standing: dict[str, frozenset[Ref]] = field(default_factory=dict)


def known(conn: Connection, business: str, job: str) -> dict[str, KnownCollection]:
    """The target as our links remember it."""
    collections: dict[str, KnownCollection] = {}
    rows: dict[str, dict[str, Known]] = {}
    for link in links.load(conn, business, job):
        if link.row == "":
            ref = None if link.ref is None else Ref(link.ref)
            collections[link.collection] = KnownCollection(ref=ref, rows={}, version=link.version)
        else:
            rows.setdefault(link.collection, {})[link.row] = Known(
                ref=Ref(link.ref or ""), values=link.values, version=link.version
            )
    return {name: replace(found, rows=rows.get(name, {})) for name, found in collections.items()}


def row(before: Mapping[str, KnownCollection], action: Action, desired: Sequence[Desired] = ()) -> Row:
    """The row of an action as the destination takes it. `desired`: says where a new block stands on its page."""
    values = action.values
    if action.kind == "update" and "block" in (held := before[action.collection].rows[action.row].values):
        # Notion wants a block's kind in each change of it, or it must be asked for it first.
        values = {"block": held["block"], **values}
    made = Row(key=action.row, values=values, ref=action.ref)
    want = next((want for want in desired if want.collection.name == action.collection), None)
    if action.kind != "create" or want is None or want.collection.kind != "page":
        return made
    return _placed(made, want, before.get(action.collection))


def _placed(made: Row, want: Desired, known: KnownCollection | None) -> Row:
    """A new block behind the one that it is wanted behind, where that one is there already."""
    there = {} if known is None or known.ref is None else {key: row.ref for key, row in known.rows.items() if row.ref}
    inside = next((row.inside for row in want.rows if row.key == made.key), None)
    beside = [row.key for row in want.rows if row.inside == inside]
    at = beside.index(made.key) if made.key in beside else 0
    after: str | None = None
    if at:
        after = there.get(beside[at - 1])
    elif any(key in there for key in beside):
        after = ""
    return replace(made, inside=None if inside is None else there.get(inside, inside), after=after)


def remember(runtime: Runtime, job: str, conn: Connection, action: Action, ref: Ref) -> None:
    """Note in the links what a done action wrote."""
    if action.kind == "archive":
        links.forget(conn, runtime.key, job, action.collection, action.row)
        return
    links.put(conn, runtime.key, job, action.collection, action.row, ref, action.values, runtime.now())


def look(runtime: Runtime, job: str, destination: Destination, desired: Sequence[Desired]) -> Looked:
    """Read the target and bring the links up to date: foreign edits, vanished rows, rows of ours that we had lost.

    Raises what the destination raises; then the links stay as they were (R5).
    """
    looked = Looked()
    with runtime.store.read() as conn:
        stored = links.load(conn, runtime.key, job)
    remembered = {(link.collection, link.row): link for link in stored if link.ref is not None}
    parents: dict[str, Ref | None] = {}
    for want in in_order(desired):
        collection = want.collection
        inside = parents.get(collection.inside) if collection.inside else None
        # What lay in a page that is gone is gone with it.
        ref = None if collection.inside and inside is None else destination.find(collection, inside)
        parents[collection.name] = ref
        _look_at(runtime, job, destination, want, ref, remembered, looked)
    return looked


def _look_at(
    runtime: Runtime,
    job: str,
    destination: Destination,
    want: Desired,
    ref: Ref | None,
    remembered: Mapping[tuple[str, str], Link],
    looked: Looked,
) -> None:
    name = want.collection.name
    before = remembered.get((name, ""))
    lost = before is not None and before.ref != ref
    seen = [] if ref is None else list(destination.rows(want.collection, ref))
    looked.standing[name] = frozenset(row.ref for row in seen if row.ref)
    if before is None and want.collection.kind == "page":
        seen = _recognised(want, seen)
    problems = [] if ref is None else list(destination.problems(want.collection, ref))
    with runtime.store.write() as conn:
        if lost:
            looked.notes.append(f"« {name} » is not where it was; what the hub wrote there is written anew")
            for collection, row in remembered:
                if collection == name:
                    links.forget(conn, runtime.key, job, name, row)
        if ref is not None and (lost or before is None):
            links.saw(conn, runtime.key, job, name, "", ref, {}, runtime.now())
        known_rows = {} if lost else {row: link for (where, row), link in remembered.items() if where == name and row}
        _compare_rows(runtime, conn, job, want, known_rows, seen, looked)
        if problems:
            # A property is missing: the collection is prepared again, its rows keep their links.
            links.forget(conn, runtime.key, job, name, "")
            looked.notes.extend(problems)


def _recognised(want: Desired, seen: Sequence[Row]) -> list[Row]:
    """Give the blocks of a page that an earlier installation made their keys back.

    Blocks carry none. Ours are told by who wrote them last and by their kind, in the order in which they were made.
    """
    waiting = list(want.rows)
    found = []
    for row in seen:
        ours = bool(waiting) and row.edited_by == "hub" and row.values.get("block") == waiting[0].values.get("block")
        found.append(replace(row, key=waiting.pop(0).key) if ours else row)
    return found


def _compare_rows(
    runtime: Runtime,
    conn: Connection,
    job: str,
    want: Desired,
    remembered: Mapping[str, Link],
    seen: Sequence[Row],
    looked: Looked,
) -> None:
    name = want.collection.name
    owned = {row.key: set(row.values) for row in want.rows}
    by_ref = {Ref(link.ref): key for key, link in remembered.items() if link.ref is not None}
    met: dict[str, Ref] = {}
    # The rows that we know first: of two with one key, the stranger is the second, whatever the order they came in.
    for row in sorted(seen, key=lambda row: row.ref not in by_ref):
        key = by_ref.get(row.ref or Ref(""), row.key)
        if row.ref is None or not key:
            continue
        if key in met:
            looked.notes.append(f"« {name} » holds « {key} » twice ({met[key]} and {row.ref}); delete one of them")
            continue
        met[key] = row.ref
        link = remembered.get(key)
        fields = owned.get(key, set(link.values) if link else set())
        values = {field: value for field, value in row.values.items() if field in fields}
        if row.key and want.collection.key_property in fields:
            # Destinations give it as the row's key, not among its values.
            values[want.collection.key_property] = row.key
        if link is None or any(not same(link.values.get(field), value) for field, value in values.items()):
            _note_edits(runtime, conn, job, name, key, link, row, looked)
            links.saw(conn, runtime.key, job, name, key, row.ref, values, runtime.now())
    for key in remembered.keys() - met.keys():
        looked.notes.append(f"« {key} » was removed from « {name} »; the hub writes it again")
        links.forget(conn, runtime.key, job, name, key)


def _note_edits(
    runtime: Runtime, conn: Connection, job: str, name: str, key: str, link: Link | None, row: Row, looked: Looked
) -> None:
    """R6: a foreign edit of a field that the hub owns is kept, with its author, before the plan restores the field."""
    for field_name, written in (link.values if link else {}).items():
        found = row.values.get(field_name)
        if field_name not in row.values or same(written, found):
            continue
        who = row.edited_by or "somebody"
        looked.notes.append(f"« {field_name} » of « {key} » was changed by {who}: {written} → {found}")
        links.record_edit(
            conn, runtime.key, job, name, key, field_name, written, found, row.edited_by, row.edited_at, runtime.now()
        )


def in_order(desired: Sequence[Desired]) -> list[Desired]:
    """Pages before what lies inside them, and text before the databases that stand below it."""
    return sorted(desired, key=lambda want: (want.collection.inside is not None, want.collection.kind == "table"))
