"""Where a new block stands on its page: behind the one that the page wants before it, inside what holds it."""

from __future__ import annotations

from hub.core.types import Collection, Ref
from hub.engine.target import row
from hub.planning.diff import diff
from hub.planning.plan import Desired, DesiredRow, Known, KnownCollection

PAGE = Collection(name="Page", kind="page")
NAMES = (("a", None), ("list", None), ("left", "list"), ("x", "left"), ("y", "left"), ("b", None), ("c", None))


def placed(*there: str) -> dict[str, tuple[str | None, str | None]]:
    """key -> (inside, after) of the blocks that are made when these are there already."""
    rows = tuple(DesiredRow(key=key, values={"block": "callout"}, why="", inside=inside) for key, inside in NAMES)
    want = Desired(collection=PAGE, rows=rows)
    known = {key: Known(ref=Ref(f"r-{key}"), values={"block": "callout"}, version=1) for key in there}
    before = {"Page": KnownCollection(ref=Ref("r"), rows=known)} if there else {}
    actions = diff("shop", "revenue", [want], before)
    found = [row(before, action, (want,)) for action in actions if action.kind == "create"]
    return {each.key: (each.inside, each.after) for each in found}


def test_on_a_new_page_each_block_follows_the_one_before_it() -> None:
    assert placed() == {key: (inside, None) for key, inside in NAMES}


def test_what_is_missing_in_the_middle_stands_behind_what_is_there() -> None:
    assert placed("a", "list", "left", "x", "c") == {"y": ("r-left", "r-x"), "b": (None, "r-list")}


def test_what_is_missing_in_front_of_all_comes_first() -> None:
    assert placed("list", "left", "y", "b", "c") == {"a": (None, ""), "x": ("r-left", "")}


def test_several_that_are_missing_follow_each_other() -> None:
    assert placed("a") == {
        "list": (None, "r-a"),
        "left": ("list", None),
        "x": ("left", None),
        "y": ("left", None),
        "b": (None, None),
        "c": (None, None),
    }
