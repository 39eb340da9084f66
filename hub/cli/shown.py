"""A plan on the terminal, within 100 columns: rows to be made in a few lines, rows to be changed field by field."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from hub.core.types import Value
from hub.planning.diff import mail_lines
from hub.planning.plan import Action, FieldChange, Plan

COLUMNS = 100
FIRST = 5
"""Of rows to be created or archived, so many are named: they are alike."""
MOST_UPDATES = 20


def short(plan: Plan) -> str:
    """The plan with the rows that are alike summed up. What was left out is said, with the way to see it."""
    lines = [f"{plan.business} · {plan.job}: {_counts(plan.actions)}"]
    if plan.held:
        lines += _wrapped(f"HELD for a person: {plan.held}", "")
    for note in plan.notes:
        lines += _wrapped(note, "note  ")
    for collection in dict.fromkeys(action.collection for action in plan.actions):
        mine = [action for action in plan.actions if action.collection == collection]
        for action in mine:
            if action.kind == "prepare":
                lines += _wrapped(f"« {collection} » to be made", "* ")
        lines += _many([a for a in mine if a.kind == "create"], "+", f"to create in « {collection} »")
        lines += _updates([a for a in mine if a.kind == "update"], collection)
        lines += _many([a for a in mine if a.kind == "copy"], "»", f"to set up in « {collection} »")
        lines += _many([a for a in mine if a.kind == "link"], "&", f"to make at « {collection} »")
        lines += _many([a for a in mine if a.kind == "archive"], "-", f"to put in the trash of « {collection} »")
        for action in mine:
            if action.kind == "send":
                lines += [*_wrapped(f"mail to {action.name}", "@ "), *_wrapped(action.why, "    ")]
                lines += mail_lines(action, max(len(change.name) for change in action.changes))
    return "\n".join(lines)


def _counts(actions: Sequence[Action]) -> str:
    words = {
        "prepare": "to be made or completed",
        "create": "to create",
        "update": "to change",
        "archive": "to put in the trash",
        "send": "to send",
        "copy": "to set up",
        "link": "links to make",
    }
    counts = {kind: sum(action.kind == kind for action in actions) for kind in words}
    return ", ".join(f"{count} {words[kind]}" for kind, count in counts.items() if count) or "nothing to change"


def _many(actions: Sequence[Action], sign: str, what: str) -> Iterator[str]:
    if not actions:
        return
    yield from _wrapped(f"{_rows(len(actions))} {what}", f"{sign} ")
    shown = actions if len(actions) <= FIRST + 1 else actions[:FIRST]
    for action in shown:
        yield "      " + textwrap.shorten(f"{action.name}: {action.why}", COLUMNS - 6, placeholder=" …")
    if len(shown) < len(actions):
        yield f"      … and {len(actions) - len(shown)} more (--full shows each field)"


def _updates(actions: Sequence[Action], collection: str) -> Iterator[str]:
    shown = actions if len(actions) <= MOST_UPDATES + 1 else actions[:MOST_UPDATES]
    for action in shown:
        yield from _wrapped(f"{collection} › {action.name}", "~ ")
        yield from _wrapped(action.why, "    ")
        width = max((len(change.name) for change in action.changes), default=0)
        for change in action.changes:
            yield from _change(change, width)
    if len(shown) < len(actions):
        yield f"~ … and {_rows(len(actions) - len(shown))} more to change (--full shows them)"


def _change(change: FieldChange, width: int) -> list[str]:
    old, new = value(change.old), value(change.new)
    name = f"      {change.name:<{width}}  "
    owner = "" if change.owner in (None, "hub") else f"  [{change.owner}]"
    if len(name) + len(old) + len(new) + len(owner) + 3 <= COLUMNS and "\n" not in old + new:
        return [f"{name}{old} → {new}{owner}"]
    return [*_wrapped(old, name), *_wrapped(new + owner, f"{'→':>{len(name) - 1}} ")]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS, initial_indent=lead, subsequent_indent=" " * len(lead)) or [lead.rstrip()]


def value(shown: Value) -> str:
    """A value as a person reads it."""
    match shown:
        case None | "":
            return "—"
        case Decimal():
            return f"{shown:f}"
        case datetime():
            return f"{shown:%Y-%m-%d %H:%M} UTC"
        case date():
            return shown.isoformat()
    return str(shown)
