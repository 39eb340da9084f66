"""Two-way sync of one pair: whatever was edited, both sides agree with the owners, and then rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.types import Value
from hub.planning.merge import CannotCarryError, FieldRule, Merged, Owner, Pair, Seen, Side, match, merge

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)


def upper(value: Value) -> Value:
    """The target shows words in capitals: a value that is carried is not the same value."""
    if value == "unspeakable":
        raise CannotCarryError("capitals do not know it")
    return value.upper() if isinstance(value, str) else value


def lower(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def rule(owner: Owner, name: str = "title") -> FieldRule:
    return FieldRule(source=name, target=name.upper(), owner=owner, to_target=upper, to_source=lower)


def seen(value: Value, at: datetime | None = NOON, name: str = "title", rounding: int = 0) -> Seen:
    return Seen(key="k", values={name: value}, edited_at=at, rounding=timedelta(seconds=rounding))


def done(source: Seen, target: Seen, merged: Merged) -> tuple[Seen, Seen]:
    """Both sides after the writes."""
    sides: dict[Side, Seen] = {"source": source, "target": target}
    for write in merged.writes:
        side = sides[write.side]
        assert side.values[write.name] == write.old
        sides[write.side] = replace(side, values={**side.values, write.name: write.new})
    return sides["source"], sides["target"]


def agreed(owner: Owner) -> Pair:
    return merge([rule(owner)], seen("a"), seen("A", name="TITLE"), None).pair


@pytest.mark.parametrize(
    ("owner", "source", "target", "writes"),
    [
        ("source", "a", "A", []),
        ("source", "b", "A", [("target", "B", False, "changed")]),
        ("source", "a", "C", [("target", "A", True, "owner")]),
        ("source", "b", "C", [("target", "B", True, "owner")]),
        ("target", "b", "A", [("source", "a", True, "owner")]),
        ("target", "a", "C", [("source", "c", False, "changed")]),
        ("latest", "b", "A", [("target", "B", False, "changed")]),
        ("latest", "a", "C", [("source", "c", False, "changed")]),
        ("latest", "c", "C", []),
    ],
)
def test_each_owner_wins_where_the_table_says(
    owner: Owner, source: str, target: str, writes: list[tuple[str, str, bool, str]]
) -> None:
    merged = merge([rule(owner)], seen(source), seen(target, name="TITLE"), agreed(owner))

    assert [(w.side, w.new, w.edited, w.why) for w in merged.writes] == writes


@pytest.mark.parametrize(
    ("source_at", "target_at", "rounding", "winner", "why"),
    [
        (NOON + timedelta(seconds=1), NOON, 0, "target", "later"),
        (NOON, NOON + timedelta(seconds=1), 0, "source", "later"),
        (NOON + timedelta(seconds=30), NOON, 60, "target", "same minute"),
        (NOON + timedelta(seconds=60), NOON, 60, "target", "later"),
        (NOON - timedelta(seconds=1), NOON, 60, "source", "later"),
        (NOON, None, 0, "target", "same minute"),
    ],
)
def test_of_two_edits_the_later_one_wins_as_far_as_the_times_can_tell(
    source_at: datetime, target_at: datetime | None, rounding: int, winner: str, why: str
) -> None:
    """`winner`: the side that is written, which is the loser's."""
    merged = merge([rule("latest")], seen("b", source_at), seen("C", target_at, "TITLE", rounding), agreed("latest"))

    (write,) = merged.writes
    assert (write.side, write.why, write.edited) == (winner, why, True)
    assert write.old == ("C" if winner == "target" else "b")


def test_a_value_that_cannot_be_carried_is_said_and_the_old_one_stays() -> None:
    before = agreed("source")

    merged = merge([rule("source")], seen("unspeakable"), seen("A", name="TITLE"), before)

    assert merged.writes == ()
    assert merged.stuck == (("TITLE", "capitals do not know it"),)
    assert merged.pair.source == before.source
    again = merge([rule("source")], seen("b"), seen("A", name="TITLE"), merged.pair)
    assert [write.new for write in again.writes] == ["B"]


def test_a_field_that_a_side_cannot_say_is_left_alone() -> None:
    merged = merge([rule("latest")], Seen(key="k", values={}), seen("A", name="TITLE"), None)

    assert merged.writes == ()
    assert merged.pair.target == {}


OWNERS = st.sampled_from(["source", "target", "latest"])
WORDS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "c"]), st.dates(date(2026, 1, 1), date(2026, 1, 4)))
EDITS = st.lists(st.tuples(st.sampled_from(["source", "target"]), st.integers(0, 2), WORDS), max_size=6)


@settings(max_examples=500, deadline=None)
@given(owners=st.tuples(OWNERS, OWNERS, OWNERS), rounds=st.lists(EDITS, min_size=1, max_size=5))
def test_after_any_edits_both_sides_agree_with_the_owners_and_the_next_look_writes_nothing(
    owners: tuple[Owner, Owner, Owner], rounds: list[list[tuple[Side, int, Value]]]
) -> None:
    rules = [rule(owner, name) for owner, name in zip(owners, "xyz", strict=True)]
    source = Seen(key="s", values=dict.fromkeys("xyz"), edited_at=NOON)
    target = Seen(key="t", values=dict.fromkeys("XYZ"), edited_at=NOON, rounding=timedelta(minutes=1))
    pair: Pair | None = None
    now = NOON
    for edits in rounds:
        held_source, held_target = dict(source.values), dict(target.values)
        for side, index, value in edits:
            now += timedelta(seconds=40)
            if side == "source":
                source = replace(source, values={**source.values, "xyz"[index]: value}, edited_at=now)
            else:
                shown = upper(value)
                minute = now.replace(second=0)
                target = replace(target, values={**target.values, "XYZ"[index]: shown}, edited_at=minute)
        edited_source, edited_target = dict(source.values), dict(target.values)
        merged = merge(rules, source, target, pair)
        source, target = done(source, target, merged)
        pair = merged.pair

        assert len(merged.writes) == len({write.name.casefold() for write in merged.writes}), "one write a field"
        for each in rules:
            ours, theirs = source.values[each.source], target.values[each.target]
            assert upper(ours) == theirs or (ours in (None, "") and theirs in (None, ""))
            if each.owner == "source":
                assert ours == edited_source[each.source]
            if each.owner == "target":
                assert theirs == edited_target[each.target]
            untouched = held_source[each.source] == edited_source[each.source]
            if each.owner == "latest" and untouched and edited_target[each.target] not in (None, ""):
                assert theirs == edited_target[each.target] or held_target[each.target] == edited_target[each.target]
        assert merge(rules, source, target, pair).writes == ()


@settings(max_examples=200, deadline=None)
@given(
    source=st.lists(st.sampled_from("aabcd"), max_size=5),
    target=st.lists(st.sampled_from("abbce"), max_size=5),
)
def test_adoption_matches_each_record_at_most_once_and_guesses_nothing(source: list[str], target: list[str]) -> None:
    ours = {f"s{n}": Seen(key=f"s{n}", values={"title": word}) for n, word in enumerate(source)}
    theirs = {f"t{n}": Seen(key=f"t{n}", values={"title": word}) for n, word in enumerate(target)}

    found = match(ours, theirs, (), [lambda one, _: one.values["title"]])

    assert len({left for left, _ in found.pairs}) == len({right for _, right in found.pairs}) == len(found.pairs)
    for left, right in found.pairs:
        assert ours[left].values == theirs[right].values
        assert source.count(str(ours[left].values["title"])) == 1
    both = set(source) & set(target)
    assert set(found.unclear) == {word for word in both if source.count(word) > 1 or target.count(word) > 1}
