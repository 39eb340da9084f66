"""The difference between what a job desires and what is known of the target: the only maker of actions.

Ledger keys: job/collection/row/version/digest of the new values. The version counts our writes of that row, so
A -> B -> A -> B are four effects, while planning twice from the same state names the same one (R4).
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from hub.core import codec
from hub.core.types import Ref, Value
from hub.mapping.model import Safety
from hub.planning.plan import Action, Desired, DesiredRow, FieldChange, Known, KnownCollection, Plan
from hub.planning.words import Language, say

_GONE = Ref("")
_SIGNS = dict(zip(("prepare", "create", "update", "archive", "send", "copy", "link", "chart"), "*+~-@»&#", strict=True))


def diff(
    business_key: str,
    job: str,
    desired: Sequence[Desired],
    known: Mapping[str, KnownCollection],
    language: Language = "en",
) -> tuple[Action, ...]:
    """The actions that make the target hold what is desired; none when it does.

    Collections in their order; in each: prepare it when it is missing, create rows in the desired order, update those
    that differ with only what differs, archive what is known and no longer desired. A collection that nothing desires
    any more is left alone: it is people's now.
    """
    actions: list[Action] = []
    for each in desired:
        there = known.get(each.collection.name) or KnownCollection(ref=None, rows={})
        actions += _collection(business_key, job, each, there, language)
    return tuple(actions)


def _collection(business: str, job: str, desired: Desired, there: KnownCollection, language: Language) -> list[Action]:
    name = desired.collection.name
    prefix = f"{job}/{name}"
    prepares, creates, updates = [], [], []
    if there.ref is None:
        why = say(language, "new_collection", name=name)
        prepares.append(
            Action(
                key=f"{prefix}/prepare/{there.version + 1}",
                kind="prepare",
                collection=name,
                row="",
                ref=None,
                changes=(),
                why=why,
            )
        )
    living = {} if there.ref is None else {key: row for key, row in there.rows.items() if row.ref != _GONE}
    for row in desired.rows:
        old, version = living.get(row.key), there.rows[row.key].version if row.key in there.rows else 0
        changes = _changes(row, old)
        new = codec.digest({"business": business, "values": {change.name: change.new for change in changes}})
        action = Action(
            # A create's key knows no values: whatever it was to hold, a row must not be made twice.
            key=f"{prefix}/{row.key}/{version + 1}/{'create' if old is None else new}",
            kind="create" if old is None else "update",
            collection=name,
            row=row.key,
            ref=None if old is None else old.ref,
            changes=changes,
            why=row.why,
            title=row.title,
        )
        if old is None:
            creates.append(action)
        elif changes:
            updates.append(action)
    gone = sorted(set(living) - {row.key for row in desired.rows})
    return prepares + creates + updates + [_archive(prefix, name, key, living[key], language) for key in gone]


def expectations(desired: Sequence[Desired]) -> dict[tuple[str, str], bool]:
    """(collection, row) -> whether a change of that row is ordinary."""
    return {(each.collection.name, row.key): row.expected for each in desired for row in each.rows}


def hold(
    actions: Sequence[Action],
    known: Mapping[str, KnownCollection],
    safety: Safety,
    expected: Mapping[tuple[str, str], bool],
    language: Language = "en",
    *,
    pages: Container[str] = (),
) -> str | None:
    """Why a person must look before this is applied (R12), or None.

    Held when more rows would be archived than `archives_above`, or more unexpected updates than `changes_above` of the
    rows known, and at least ten; when more mails would go out than `mails_above`. Making what is not there is never
    abnormal. `expected`: from `expectations`. `pages`: collections that are pages: a block of ours that is taken away
    held nothing but our words, so it counts as an update.
    """
    reasons = []
    mails = sum(action.kind == "send" for action in actions)
    if mails > safety.hold_if.mails_above:
        reasons.append(say(language, "held_mails", n=mails, limit=safety.hold_if.mails_above))
    taken = [action.collection in pages for action in actions if action.kind == "archive"]
    archives = taken.count(False)
    limit = safety.hold_if.archives_above
    if archives > limit:
        reasons.append(say(language, "held_archives", n=archives, limit=limit))
    updates = taken.count(True) + sum(
        action.kind == "update" and not expected.get((action.collection, action.row), False) for action in actions
    )
    rows = sum(row.ref != _GONE for each in known.values() for row in each.rows.values())
    percentage = safety.hold_if.changes_above
    allowed = max(10, rows * int(percentage.rstrip(" %")) // 100)
    if updates > allowed:
        text = say(language, "held_updates", n=updates, known=rows, limit=allowed, percent=percentage)
        reasons.append(text)
    return " ; ".join(reasons) or None


def render(plan: Plan, format: Literal["text", "markdown", "json"], language: Language = "en") -> str:  # noqa: A002
    """The plan for people (text, Markdown table) or programs (JSON): every field, old -> new, and why."""
    if format == "json":
        return json.dumps(_document(plan), ensure_ascii=False, indent=2)
    return _markdown(plan, language) if format == "markdown" else _text(plan, language)


def _changes(row: DesiredRow, old: Known | None) -> tuple[FieldChange, ...]:
    """Every field of a new row; of an old one, what differs."""
    if old is None:
        return tuple(FieldChange(name, None, value, "hub") for name, value in row.values.items())
    return tuple(
        FieldChange(name, old.values.get(name), value, "hub")
        for name, value in row.values.items()
        if not same(old.values.get(name), value)
    )


def _archive(prefix: str, collection: str, row: str, known: Known, language: Language) -> Action:
    return Action(
        key=f"{prefix}/{row}/{known.version + 1}/archive",
        kind="archive",
        collection=collection,
        row=row,
        ref=known.ref,
        changes=(),
        why=say(language, "not_desired"),
    )


def same(old: Value, new: Value) -> bool:
    """Equal for a destination: no text and empty text are one, 2.5 and 2.50 are one, True and 1 are not."""
    if old in (None, "") and new in (None, ""):
        return True
    if isinstance(old, bool) is not isinstance(new, bool):
        return False
    return old == new


def _text(plan: Plan, language: Language) -> str:
    lines = [f"{say(language, 'plan')} {plan.business} · {plan.job}: {_count(plan, language)}"]
    if plan.held is not None:
        lines.append(f"{say(language, 'held')}: {plan.held}")
    lines += plan.notes
    for action in plan.actions:
        head = f"{_SIGNS[action.kind]} {say(language, action.kind)} {action.collection}"
        lines.append(f"{head} › {action.name}" if action.row else head)
        lines.append(f"    {action.why}")
        width = max((len(change.name) for change in action.changes), default=0)
        if action.kind == "send":
            lines += mail_lines(action, width)
            continue
        lines += [
            f"    {c.name:<{width}}  {_shown(c.old)} → {_shown(c.new)}{_owner(c, language)}" for c in action.changes
        ]
    return "\n".join(lines) + "\n"


def mail_lines(action: Action, width: int = 0) -> list[str]:
    """A mail as a person reads it: its subject, and its text line by line."""
    lines = []
    for change in (change for change in action.changes if change.name in ("subject", "body")):
        first, *rest = _shown(change.new).splitlines() or [""]
        lines.append(f"    {change.name:<{width}}  {first}".rstrip())
        lines += [f"    {'':<{width}}  {line}".rstrip() for line in rest]
    return lines


def _markdown(plan: Plan, language: Language) -> str:
    lines = [f"**{plan.business} · {plan.job}**: {_count(plan, language)}", ""]
    if plan.held is not None:
        lines += [f"**{say(language, 'held')}**: {_cell(plan.held)}", ""]
    lines += [line for note in plan.notes for line in (_cell(note), "")]
    if plan.actions:
        heads = [say(language, word) for word in ("action", "where", "row", "field", "old", "new", "owner", "why")]
        lines += [_row(heads), _row(["---"] * len(heads))]
    for action in plan.actions:
        first = [say(language, action.kind), action.collection, action.name]
        for change in action.changes or (None,):
            cells = [""] * 4 if change is None else _cells(change, language)
            lines.append(_row([*first, *cells, action.why]))
    return "\n".join(lines) + "\n"


def _cells(change: FieldChange, language: Language) -> list[str]:
    owner = "" if change.owner is None else say(language, f"owner_{change.owner}")
    return [change.name, _shown(change.old), _shown(change.new), owner]


def _owner(change: FieldChange, language: Language) -> str:
    return "" if change.owner is None else f"  [{say(language, f'owner_{change.owner}')}]"


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "business": plan.business,
        "job": plan.job,
        "at": plan.at.isoformat(),
        "held": plan.held,
        "notes": list(plan.notes),
        "undoes": plan.undoes,
        "actions": [
            {
                "action": action.kind,
                "collection": action.collection,
                "row": action.row,
                "title": action.title,
                "why": action.why,
                "key": action.key,
                "changes": [
                    {"field": c.name, "old": _json(c.old), "new": _json(c.new), "owner": c.owner}
                    for c in action.changes
                ],
            }
            for action in plan.actions
        ],
    }


def _count(plan: Plan, language: Language) -> str:
    n = len(plan.actions)
    if n == 0:
        return say(language, "no_action")
    return say(language, "one_action") if n == 1 else say(language, "actions", n=n)


def _shown(value: Value) -> str:
    match value:
        case None | "":
            return "—"
        case Decimal():
            return f"{value:f}"
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _json(value: Value) -> Any:
    """JSON's own types where they say the same; numbers and dates as text, so that no digit is lost."""
    return value if value is None or isinstance(value, (bool, int, str)) else _shown(value)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
