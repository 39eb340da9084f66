"""The way back: whatever a run wrote, its inverse restores; whatever people did since, stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.types import Ref, Value
from hub.mapping.model import HoldIf, Safety
from hub.planning.inverse import Done, Inverse, Standing, begun, done, inverse, summary
from hub.planning.plan import Action, ActionKind, FieldChange

OPEN = Safety(hold_if=HoldIf(archives_above=1000))
ROWS = ("a", "b", "c", "d")
FIELDS = ("title", "due", "done")
VALUES: st.SearchStrategy[Value] = st.sampled_from([None, "x", "y", "z", Decimal("1.5"), True])
CHANGES = st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1)
WRITES = st.lists(st.tuples(st.sampled_from(ROWS), CHANGES), min_size=1, max_size=8)
"""What a run wants to write, row by row; a row that is not there is made."""


@dataclass
class World:
    """Rows at a destination, with a column of people's, and the ledger of each run."""

    rows: dict[str, dict[str, Value]] = field(default_factory=dict)
    ledger: dict[int, list[Done]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def do(self, run: int, actions: Sequence[Action]) -> None:
        """Apply: what the ledger keeps comes back from its text."""
        for action in actions:
            if action.kind == "archive":
                del self.rows[action.row]
            else:
                assert "hers" not in action.values
                row = self.rows.setdefault(action.row, {"hers": None})
                row.update(action.values)
            self.ledger.setdefault(run, []).append(done(action.key, action.kind, summary(action), action.row, run))

    def write(self, run: int, wanted: Sequence[tuple[str, Mapping[str, Value]]]) -> None:
        for number, (key, values) in enumerate(wanted):
            there = self.rows.get(key)
            kind: ActionKind = "create" if there is None else "update"
            full = {**dict.fromkeys(FIELDS), **values} if there is None else values
            changes = tuple(FieldChange(name, (there or {}).get(name), new, "hub") for name, new in full.items())
            self.do(run, [_action(f"{run}/{number}", kind, key, changes)])

    def edit(self, key: str, name: str, value: Value) -> None:
        """A person does."""
        if key in self.rows:
            self.rows[key][name] = value
            self.touched.add(key)

    def back(self, run: int, safety: Safety = OPEN) -> Inverse:
        later = [each for number, effects in self.ledger.items() if number > run for each in effects]
        standing = {
            ("t", key): Standing(
                values={name: value for name, value in self.rows[key].items() if name != "hers"},
                version=1,
                touched=key in self.touched,
            )
            if key in self.rows
            else None
            for key in ROWS
        }
        return inverse("job", run, self.ledger.get(run, []), later, standing, safety, "en")


def _action(key: str, kind: ActionKind, row: str, changes: tuple[FieldChange, ...] = ()) -> Action:
    return Action(key=key, kind=kind, collection="t", row=row, ref=Ref(row), changes=changes, why="")


def _started(first: Sequence[tuple[str, Mapping[str, Value]]]) -> World:
    world = World()
    world.write(1, first)
    return world


@settings(max_examples=300, deadline=None)
@given(first=WRITES, second=WRITES)
def test_a_plan_and_then_its_inverse_leave_everything_as_it_was_and_twice_as_the_plan_left_it(
    first: list[tuple[str, dict[str, Value]]], second: list[tuple[str, dict[str, Value]]]
) -> None:
    world = _started(first)
    before = deepcopy(world.rows)
    world.write(2, second)
    after = deepcopy(world.rows)

    found = world.back(2)
    assert found.notes == ()
    world.do(3, found.actions)
    assert world.rows == before

    again = world.back(3)
    world.do(4, again.actions)
    kept = {key: row for key, row in after.items() if key in before}
    assert world.rows == kept, "what was put in the trash stays there"
    assert len(again.notes) == len(after) - len(kept)


@settings(max_examples=300, deadline=None)
@given(
    first=WRITES,
    second=WRITES,
    edits=st.lists(st.tuples(st.sampled_from(ROWS), st.sampled_from((*FIELDS, "hers")), VALUES), max_size=5),
)
def test_what_people_changed_since_stays_is_listed_and_holds_back_nothing_else(
    first: list[tuple[str, dict[str, Value]]],
    second: list[tuple[str, dict[str, Value]]],
    edits: list[tuple[str, str, Value]],
) -> None:
    world = _started(first)
    before = deepcopy(world.rows)
    world.write(2, second)
    wrote = deepcopy(world.rows)
    for edit in edits:
        world.edit(*edit)
    now = deepcopy(world.rows)

    found = world.back(2)
    world.do(3, found.actions)

    for key, row in now.items():
        if key not in before:
            assert (key in world.rows) == (key in world.touched), "a row that somebody touched is not put away"
            assert (key not in world.touched) or any(f"t › {key}:" in note for note in found.notes)
            continue
        for name, value in row.items():
            edited = value != wrote[key][name]
            written = before[key][name] != wrote[key][name]
            assert world.rows[key][name] == (value if edited or not written else before[key][name])
            assert not (edited and written) or any(f"{key} · {name}:" in note for note in found.notes)


@settings(max_examples=200, deadline=None)
@given(first=WRITES, second=WRITES, third=WRITES)
def test_what_a_later_run_wrote_stays_even_when_it_wrote_the_same(
    first: list[tuple[str, dict[str, Value]]],
    second: list[tuple[str, dict[str, Value]]],
    third: list[tuple[str, dict[str, Value]]],
) -> None:
    world = _started(first)
    before = deepcopy(world.rows)
    world.write(2, second)
    world.write(3, third)
    now = deepcopy(world.rows)
    later = {(key, name) for key, values in third for name in values}

    found = world.back(2)
    world.do(4, found.actions)

    for key, row in now.items():
        for name, value in row.items():
            if (key, name) in later:
                assert world.rows[key][name] == value
            elif key in before:
                assert world.rows[key][name] == before[key][name]


def test_what_cannot_be_undone_is_named_with_the_reason() -> None:
    world = World(rows={"a": {"hers": None, "title": "x"}})
    effects = [
        _done_of("prepare", ""),
        _done_of("archive", "b"),
        _done_of("update", "gone", FieldChange("title", "old", "new")),
        _done_of("update", "unknown", FieldChange("title", "old", "new")),
        done("k", "update", '{"title": "as of old"}', "a", 1),
    ]
    standing = {("t", "a"): Standing(values=world.rows["a"], version=1), ("t", "gone"): None}

    found = inverse("job", 1, effects, [], standing, OPEN, "en")

    assert found.actions == ()
    assert set(found.notes) == {
        "t: made or completed by this run; take it away by hand if it is to go",
        "t › b: put in the trash; cannot be undone from here, restore it by hand",
        "t › gone: is not there any more, nothing to undo",
        "t › unknown: the file no longer speaks of it, left as it is",
        "k: written before the hub kept old values, cannot be undone",
    }


def test_an_inverse_that_puts_rows_away_is_held_as_any_other_plan() -> None:
    world = World()
    world.write(1, [("a", {"title": "x"})])

    assert world.back(1, Safety()).held == "1 rows that this run made would go to the trash, the limit is 0"
    assert world.back(1).held is None


def test_the_values_that_an_action_was_begun_with_are_read_from_old_ledgers_too() -> None:
    action = _action("k", "create", "a", (FieldChange("n", None, Decimal("2.50")),))

    assert begun(summary(action)) == {"n": Decimal("2.5")}
    assert begun('{"n":{"$n":"2.5"}}') == {"n": Decimal("2.5")}


def _done_of(kind: ActionKind, row: str, *changes: FieldChange) -> Done:
    return done(f"k/{row}", kind, summary(_action("k", kind, row, changes)), row or None, 1)
