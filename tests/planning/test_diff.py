"""Actions, their ledger keys, the hold, and how a plan is shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.core.types import Collection, Ref, Value
from hub.mapping.model import HoldIf, Safety
from hub.planning.diff import diff, expectations, hold, render
from hub.planning.plan import Action, Desired, DesiredRow, Known, KnownCollection, Plan, digest, dumps, loads
from tests.planning.make import NOW

TABLE = Collection(name="Chiffres", kind="table")


def want(*rows: tuple[str, Any], expected: bool = True) -> list[Desired]:
    made = [DesiredRow(key=key, values=values, why=f"because {key}", expected=expected) for key, values in rows]
    return [Desired(collection=TABLE, rows=made)]


def have(ref: str | None = "db", **rows: Any) -> dict[str, KnownCollection]:
    there = {key: Known(ref=Ref(at), values=values, version=version) for key, (at, values, version) in rows.items()}
    return {"Chiffres": KnownCollection(ref=None if ref is None else Ref(ref), rows=there)}


def plan(desired: list[Desired], known: dict[str, KnownCollection]) -> tuple[Action, ...]:
    return diff("lila", "revenue", desired, known)


def test_a_missing_collection_is_prepared_and_then_filled_in_the_desired_order() -> None:
    made = plan(want(("b", {"n": 1}), ("a", {"n": 2})), {})
    assert [(each.kind, each.row) for each in made] == [("prepare", ""), ("create", "b"), ("create", "a")]
    assert made[0].key.startswith("revenue/Chiffres/prepare")


def test_an_update_names_only_what_differs_with_its_old_and_new_value() -> None:
    (made,) = plan(
        want(("a", {"n": Decimal(2), "t": "x"})), have(a=("r1", {"n": Decimal(1), "t": "x", "note": "hers"}, 3))
    )
    assert (made.kind, made.ref) == ("update", "r1")
    assert [(each.name, each.old, each.new) for each in made.changes] == [("n", 1, 2)]
    assert made.key.startswith("revenue/Chiffres/a/4/")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (None, "", True),
        ("", None, True),
        (Decimal("2.5"), Decimal("2.50"), True),
        (2, Decimal(2), True),
        (True, 1, False),
        (None, Decimal(0), False),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC), True),
        (date(2026, 11, 1), date(2026, 11, 2), False),
    ],
)
def test_values_that_a_destination_cannot_tell_apart_are_not_a_change(old: Value, new: Value, same: bool) -> None:
    assert (plan(want(("a", {"n": new})), have(a=("r1", {"n": old}, 1))) == ()) is same


def test_a_row_that_nothing_desires_is_archived_and_a_collection_that_nothing_desires_is_left_alone() -> None:
    known = have(b=("r2", {}, 1), a=("r1", {}, 5)) | {"Old": KnownCollection(ref=Ref("x"), rows={})}
    made = plan(want(), known)
    assert [(each.kind, each.row, each.ref, each.key) for each in made] == [
        ("archive", "a", "r1", "revenue/Chiffres/a/6/archive"),
        ("archive", "b", "r2", "revenue/Chiffres/b/2/archive"),
    ]


def test_creates_come_before_updates_and_updates_before_archives() -> None:
    made = plan(want(("a", {"n": 2}), ("new", {"n": 1})), have(z=("r3", {}, 1), a=("r1", {"n": 1}, 1)))
    assert [each.kind for each in made] == ["create", "update", "archive"]


def test_going_back_and_forth_is_as_many_effects_and_planning_twice_is_one() -> None:
    keys = []
    for version, (old, new) in enumerate([("A", "B"), ("B", "A"), ("A", "B"), ("B", "A")], start=1):
        (once,), (twice,) = (plan(want(("a", {"n": new})), have(a=("r1", {"n": old}, version))) for _ in range(2))
        assert once == twice
        keys.append(once.key)
    assert len(set(keys)) == 4
    other = diff("marc", "revenue", want(("a", {"n": "B"})), have(a=("r1", {"n": "A"}, 1)))
    assert other[0].key not in keys


def test_a_row_that_went_away_is_made_again_under_a_new_key() -> None:
    (first,) = plan(want(("a", {"n": 1})), have())
    (again,) = plan(want(("a", {"n": 1})), have(a=("", {}, 2)))
    assert (again.kind, again.ref) == ("create", None)
    assert (first.key.split("/")[3], again.key.split("/")[3]) == ("1", "3")
    assert plan(want(), have(a=("", {}, 2))) == ()
    gone = plan(want(("a", {"n": 1})), have(None, a=("r1", {"n": 1}, 2), b=("r2", {}, 1)))
    assert [(each.kind, each.row) for each in gone] == [("prepare", ""), ("create", "a")]


def held(
    rows: int, changed: int, *, archives: int = 0, expected: bool = False, page: bool = False, **limits: Any
) -> str | None:
    known = have(**{f"k{n}": (f"r{n}", {"n": 0}, 1) for n in range(rows)})
    desired = want(*((f"k{n}", {"n": int(n < changed)}) for n in range(rows - archives)), expected=expected)
    pages = {each.collection.name for each in desired} if page else ()
    return hold(plan(desired, known), known, Safety(hold_if=HoldIf(**limits)), expectations(desired), pages=pages)


def test_any_archive_above_the_limit_is_held_and_says_so() -> None:
    assert held(30, 0, archives=1) == "1 rows would be archived, the limit is 0"
    assert held(30, 0, archives=1, archives_above=1) is None


def test_a_block_that_is_taken_away_from_a_page_of_ours_is_a_change_and_most_of_them_are_too_many() -> None:
    assert held(30, 0, archives=1, page=True) is None
    assert held(30, 5, archives=5, page=True) is None
    assert held(30, 5, archives=6, page=True) == "11 closed rows of 30 would change, the limit is 10 (20 % or 10)"


def test_more_unexpected_updates_than_the_share_of_known_rows_are_held() -> None:
    assert held(100, 20) is None
    assert held(100, 21) == "21 closed rows of 100 would change, the limit is 20 (20 % or 10)"
    assert held(100, 21, changes_above="50%") is None
    assert held(100, 100, expected=True) is None


def test_ten_updates_are_never_too_many_and_both_reasons_are_given() -> None:
    assert held(12, 10) is None
    assert held(12, 11, changes_above="0 %") is not None
    both = held(100, 60, archives=2)
    assert both is not None
    assert "60 closed rows" in both
    assert "2 rows would be archived" in both


def test_the_first_creation_is_never_abnormal() -> None:
    desired = want(*((f"k{n}", {"n": 1}) for n in range(500)), expected=False)
    assert hold(plan(desired, {}), {}, Safety(), expectations(desired)) is None


SHOWN = Plan(
    business="lila",
    job="revenue",
    at=NOW,
    actions=plan(
        want(("a", {"n": Decimal("2.50"), "t": ""}), ("b|c", {"n": None, "d": date(2026, 11, 1)})),
        have(a=("r1", {"n": Decimal(1), "t": "old"}, 1), z=("r2", {}, 1)),
    ),
    held="too many",
    notes=("a note",),
)


def test_a_plan_reads_field_by_field_with_old_new_and_why() -> None:
    assert render(SHOWN, "text") == (
        "Plan lila · revenue: 3 actions\n"
        "Held: too many\n"
        "a note\n"
        "+ create Chiffres › b|c\n"
        "    because b|c\n"
        "    n  — → —  [hub]\n"
        "    d  — → 2026-11-01  [hub]\n"
        "~ update Chiffres › a\n"
        "    because a\n"
        "    n  1 → 2.50  [hub]\n"
        "    t  old → —  [hub]\n"
        "- archive Chiffres › z\n"
        "    the file no longer asks for it\n"
    )


def test_a_plan_is_a_markdown_table_whose_cells_cannot_break_it() -> None:
    text = render(SHOWN, "markdown", "fr")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == "| Action | Où | Ligne | Champ | Avant | Après | À qui | Pourquoi |"
    assert "| créer | Chiffres | b\\|c | d | — | 2026-11-01 | au hub | because b\\|c |" in rows
    assert {line.replace("\\|", "").count("|") for line in rows} == {9}
    assert "**Retenu**: too many" in text


def test_a_plan_as_json_holds_every_change() -> None:
    document = json.loads(render(SHOWN, "json"))
    assert document["held"] == "too many"
    assert [each["action"] for each in document["actions"]] == ["create", "update", "archive"]
    assert document["actions"][1]["changes"] == [
        {"field": "n", "old": "1", "new": "2.50", "owner": "hub"},
        {"field": "t", "old": "old", "new": "", "owner": "hub"},
    ]


def test_an_empty_plan_says_that_nothing_changes() -> None:
    empty = Plan(business="lila", job="revenue", at=NOW, actions=())
    assert render(empty, "text", "fr") == "Plan lila · revenue: rien à changer\n"
    assert render(empty, "markdown") == "**lila · revenue**: nothing to change\n\n"


def test_a_saved_plan_comes_back_as_it_was_and_something_else_is_refused() -> None:
    again = loads(dumps(SHOWN))
    assert again == SHOWN
    assert digest(again) == digest(SHOWN)
    assert [c.owner for a in again.actions for c in a.changes] == ["hub"] * 4
    with pytest.raises(ValueError, match="no saved plan"):
        loads('{"business": "lila"}')
