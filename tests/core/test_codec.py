from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import codec
from hub.core.money import Money

START = datetime(2026, 11, 21, tzinfo=UTC)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)
instants = st.datetimes(timezones=st.timezones(), min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1))  # noqa: DTZ001
scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    decimals,
    st.builds(Money, decimals, st.sampled_from(["EUR", "USD", "JPY"])),
    st.dates(),
    instants,
)
names = st.text(max_size=8).filter(lambda name: not name.startswith("$"))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4).map(tuple), st.dictionaries(names, inner, max_size=4)),
    max_leaves=20,
)


def as_kept(value: Any) -> Any:
    """What comes back: instants in UTC, everything else as it was."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, tuple):
        return tuple(as_kept(each) for each in value)
    if isinstance(value, dict):
        return {name: as_kept(each) for name, each in value.items()}
    return value


@given(values)
def test_what_is_written_comes_back_as_it_was(value: Any) -> None:
    found = codec.loads(codec.dumps(value))

    assert found == as_kept(value)
    assert type(found) is type(as_kept(value))


@given(values)
def test_writing_again_what_came_back_gives_the_same_bytes(value: Any) -> None:
    text = codec.dumps(value)

    assert codec.dumps(codec.loads(text)) == text


@given(st.dictionaries(names, scalars, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_show(value: dict[str, Any], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)

    assert codec.dumps({key: value[key] for key in keys}) == codec.dumps(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.5"), Decimal("1.50")),
        (Decimal("1E2"), Decimal(100)),
        (Decimal("-0.00"), Decimal(0)),
        (Money(Decimal("12.5"), "EUR"), Money(Decimal("12.500"), "EUR")),
        (datetime(2026, 11, 21, 10, tzinfo=UTC), datetime(2026, 11, 21, 11, tzinfo=timezone(timedelta(hours=1)))),
        ((1, 2), [1, 2]),
    ],
)
def test_equal_values_are_equal_bytes_and_equal_digests(one: Any, other: Any) -> None:
    assert codec.dumps(one) == codec.dumps(other)
    assert codec.digest(one) == codec.digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, "1"),
        (None, ""),
        (Decimal(1), 1),
        (Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")),
        (date(2026, 11, 21), datetime(2026, 11, 21, tzinfo=UTC)),
        (date(2026, 11, 21), "2026-11-21"),
    ],
)
def test_values_that_differ_are_different_bytes(one: Any, other: Any) -> None:
    assert codec.dumps(one) != codec.dumps(other)
    assert codec.digest(one) != codec.digest(other)


@pytest.mark.parametrize("where", [lambda x: x, lambda x: {"a": x}, lambda x: (1, (x,)), lambda x: [{"b": [x]}]])
@pytest.mark.parametrize("wrong", [1.5, float("nan"), START.replace(tzinfo=None), b"bytes", {1, 2}, object()])
def test_what_has_no_place_is_refused_however_deep_it_lies(wrong: Any, where: Any) -> None:
    with pytest.raises(TypeError):
        codec.dumps(where(wrong))


def test_the_bytes_are_short_json_that_a_person_can_read() -> None:
    value = {"b": Money(Decimal("12.50"), "EUR"), "a": (date(2026, 11, 21), None), "c": "été"}

    assert codec.dumps(value) == '{"a":[{"$d":"2026-11-21"},null],"b":{"$m":["12.5","EUR"]},"c":"été"}'
    assert json.loads(codec.dumps(value))["c"] == "été"


def test_a_number_with_a_fraction_in_stored_text_never_becomes_a_float() -> None:
    assert codec.loads("[1.10]") == (Decimal("1.10"),)


def test_a_mapping_that_looks_like_a_tag_but_holds_more_stays_a_mapping() -> None:
    assert codec.loads('{"$d":"2026-11-21","x":1}') == {"$d": "2026-11-21", "x": 1}


def test_a_digest_is_32_hex_characters() -> None:
    assert len(codec.digest(None)) == 32
    assert set(codec.digest({"a": 1})) <= set("0123456789abcdef")
