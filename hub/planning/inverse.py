"""What the ledger keeps of an action, and the way back from what a run wrote. Pure.

A change is taken back by writing the old value, a new row by putting it in the trash. What is no longer as the run left
it belongs to whoever changed it: it is left out, and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from hub.core import codec
from hub.core.types import Ref, Value
from hub.mapping.model import Safety
from hub.planning.diff import same
from hub.planning.inverse_words import say
from hub.planning.plan import Action, ActionKind, FieldChange
from hub.planning.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One effect as the ledger keeps it. `changes` None: from before the ledger kept what stood there."""

    key: str
    kind: ActionKind
    collection: str
    row: str
    title: str | None
    ref: str | None
    changes: tuple[FieldChange, ...] | None
    run: int | None

    @property
    def name(self) -> str:
        """The place and the record, for people."""
        where = self.row if self.title is None else f"{self.title} ({self.row})"
        return f"{self.collection} › {where}" if self.row else self.collection or self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands in a row now. `version`: how often we wrote it; `touched`: somebody else did since we made it."""

    values: Mapping[str, Value]
    version: int
    touched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """The way back, newest effect first, and what is not on it, a line each."""

    actions: tuple[Action, ...]
    notes: tuple[str, ...]
    held: str | None


def summary(action: Action) -> str:
    """What the ledger keeps of an action."""
    changes = tuple((change.name, change.old, change.new, change.owner) for change in action.changes)
    return codec.dumps((action.collection, action.row, action.title, changes))


def begun(text: str) -> Mapping[str, Value]:
    """The values that an action was begun with, from its summary."""
    kept = codec.loads(text)
    if isinstance(kept, Mapping):
        return kept  # as it was written before summaries knew old values
    return {change.name: change.new for change in _changes(text)}


def done(key: str, kind: str, text: str, ref: str | None, run: int | None) -> Done:
    """A row of the ledger."""
    what = cast("ActionKind", kind)
    try:
        kept = codec.loads(text)
    except ValueError:
        kept = {}
    if not isinstance(kept, tuple):
        return Done(key=key, kind=what, collection="", row="", title=None, ref=ref, changes=None, run=run)
    collection, row, title, _ = cast("tuple[str, str, str | None, Value]", kept)
    changes = _changes(text)
    return Done(key=key, kind=what, collection=collection, row=row, title=title, ref=ref, changes=changes, run=run)


def _changes(text: str) -> tuple[FieldChange, ...]:
    kept = cast("tuple[Value, Value, Value, tuple[tuple[str, Value, Value, str | None], ...]]", codec.loads(text))
    return tuple(FieldChange(*each) for each in kept[3])


def inverse(
    job: str,
    run: int,
    effects: Sequence[Done],
    later: Sequence[Done],
    standing: Mapping[tuple[str, str], Standing | None],
    safety: Safety,
    language: Language,
) -> Inverse:
    """What takes back the effects of a run, oldest first.

    `later`: what was written since. `standing`: each row as it is now, None where it is gone; a row that is not in it
    is not looked after by the job any more.
    """
    way = _Way(job, run, standing, language, _rewritten(later))
    rows: dict[tuple[str, str], list[Done]] = {}
    for effect in effects:
        rows.setdefault((effect.collection, effect.row) if effect.changes is not None else ("", effect.key), []).append(
            effect
        )
    for mine in reversed(rows.values()):
        way.back(mine)
    archives = sum(action.kind == "archive" for action in way.actions)
    limit = safety.hold_if.archives_above
    held = say(language, "archives", n=archives, limit=limit) if archives > limit else None
    return Inverse(actions=tuple(way.actions), notes=tuple(way.notes), held=held)


def _rewritten(later: Sequence[Done]) -> dict[tuple[str, str], dict[str, int | None]]:
    """(collection, row) -> field -> the last run that wrote it; "" for the row itself."""
    found: dict[tuple[str, str], dict[str, int | None]] = {}
    for effect in later:
        fields = found.setdefault((effect.collection, effect.row), {})
        fields[""] = effect.run
        fields.update({change.name: effect.run for change in effect.changes or ()})
    return found


class _Way:
    """Collects the way back."""

    def __init__(
        self,
        job: str,
        run: int,
        standing: Mapping[tuple[str, str], Standing | None],
        language: Language,
        rewritten: Mapping[tuple[str, str], Mapping[str, int | None]],
    ) -> None:
        self._job, self._run, self._language = job, run, language
        self._standing, self._rewritten = standing, rewritten
        self.actions: list[Action] = []
        self.notes: list[str] = []

    def back(self, mine: Sequence[Done]) -> None:
        """Take back what the run did to one row, in the order in which it did it."""
        first, last = mine[0], mine[-1]
        where = (last.collection, last.row)
        if last.changes is None:
            self._note("no_old", last)
        elif last.kind in ("prepare", "archive", "send", "copy", "link", "chart"):
            self._note(last.kind, last)
        elif where not in self._standing:
            self._note("unknown", last)
        elif (there := self._standing[where]) is None:
            self._note("gone", last)
        elif first.kind == "create":
            self._remove(mine, there)
        else:
            self._write_back(mine, there)

    def _note(self, word: str, about: Done, **values: object) -> None:
        self.notes.append(say(self._language, word, what=about.name, **values))

    def _remove(self, mine: Sequence[Done], there: Standing) -> None:
        last = mine[-1]
        run = self._rewritten.get((last.collection, last.row), {}).get("")
        made = {change.name: change.new for effect in mine for change in effect.changes or ()}
        differs = any(name in there.values and not same(there.values[name], value) for name, value in made.items())
        if run is not None:
            self._note("row_rewritten", last, run=run)
        elif differs or there.touched:
            self._note("row_changed", last)
        else:
            self._add("archive", last, there, ())

    def _write_back(self, mine: Sequence[Done], there: Standing) -> None:
        last = mine[-1]
        rewritten = self._rewritten.get((last.collection, last.row), {})
        changes = []
        for change in _folded(mine):
            now = there.values.get(change.name)
            if change.name in rewritten:
                self._note("rewritten", last, field=change.name, run=rewritten[change.name])
            elif change.name not in there.values:
                self._note("unseen", last, field=change.name)
            elif not same(now, change.new):
                self._note("changed", last, field=change.name, new=_shown(change.new), now=_shown(now))
            elif not same(change.old, change.new):
                changes.append(FieldChange(change.name, now, change.old, change.owner))
        if changes:
            self._add("update", last, there, tuple(changes))

    def _add(self, kind: ActionKind, of: Done, there: Standing, changes: tuple[FieldChange, ...]) -> None:
        tail = codec.digest({change.name: change.new for change in changes}) if changes else kind
        action = Action(
            key=f"{self._job}/{of.collection}/{of.row}/{there.version + 1}/undo/{tail}",
            kind=kind,
            collection=of.collection,
            row=of.row,
            ref=None if of.ref is None else Ref(of.ref),
            changes=changes,
            why=say(self._language, "why", run=self._run),
            title=of.title,
        )
        self.actions.append(action)


def _folded(mine: Sequence[Done]) -> list[FieldChange]:
    """Several changes of one field as one: what stood there first, what was written last."""
    found: dict[str, FieldChange] = {}
    for change in (change for effect in mine for change in effect.changes or ()):
        before = found.get(change.name, change)
        found[change.name] = FieldChange(change.name, before.old, change.new, change.owner)
    return list(found.values())


def _shown(value: Value) -> str:
    return "—" if value is None or value in ("", ()) else str(value)
