"""Values on their way to Notion and back: nothing is rounded, cut or given another type."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.notion import blocks, rows, texts, values
from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import PropertyKind, Value

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
FIGURES = st.integers(-(10**15) + 1, 10**15 - 1)
NUMBERS = st.builds(lambda digits, places: Decimal(digits).scaleb(-places), FIGURES, st.integers(0, 15))
INSTANTS = st.integers(0, 120_968_640).map(lambda count: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=count))
OPTION = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=","), min_size=1, max_size=100)
SPANS = st.tuples(st.dates(), st.dates()).map(lambda ends: {"start": min(ends), "end": max(ends)})
VALUES: dict[PropertyKind, st.SearchStrategy[Any]] = {
    "title": TEXT,
    "text": TEXT,
    "number": NUMBERS | st.integers(-(10**15) + 1, 10**15 - 1),
    "select": OPTION,
    "multi_select": st.lists(OPTION, unique=True, max_size=5).map(tuple),
    "status": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100),
    "people": st.lists(st.uuids().map(str), unique=True, max_size=3).map(tuple),
    "relation": st.lists(st.uuids().map(str), unique=True, max_size=3).map(tuple),
    "checkbox": st.booleans(),
    "date": st.dates() | INSTANTS | SPANS,
    "instant": INSTANTS,
    "url": st.just("https://example.com/a?b=c"),
    "email": st.just("lila@example.com"),
    "phone": st.just("+33 6 12 34 56 78"),
}
SEVERAL = ("multi_select", "people", "relation")


def echo(body: dict[str, Any]) -> dict[str, Any]:
    """A property value as Notion gives it back: through JSON text, and with `plain_text` on each piece of text."""
    given_back: dict[str, Any] = json.loads(json.dumps(body))
    for content in given_back.values():
        for item in content if isinstance(content, list) else ():
            if "text" in item:
                item["plain_text"] = item["text"]["content"]
    return given_back


def read(kind: PropertyKind, found: dict[str, Any]) -> Value:
    """The property as the source reads it; of people their ids."""
    value = rows.read({"type": values.TYPES[kind], **found}, lambda user: {"key": user["id"]})
    return tuple(who["key"] for who in value) if kind == "people" else value  # type: ignore[union-attr, index, call-overload]


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind] | st.none())))
def test_what_is_read_back_equals_what_was_written(case: tuple[PropertyKind, Value]) -> None:
    kind, value = case
    nothing: Value = False if kind == "checkbox" else () if kind in SEVERAL else "" if kind == "title" else None

    assert read(kind, echo(values.write(kind, value))) == (nothing if value in (None, "", ()) else value)


@pytest.mark.parametrize("kind", values.TYPES)
@pytest.mark.parametrize("empty", [None, "", ()])
def test_every_kind_can_be_cleared(kind: PropertyKind, empty: Value) -> None:
    if kind == "checkbox":
        empty = None
    (content,) = values.write(kind, empty).values()

    assert content in (None, [], False)


@pytest.mark.parametrize("text", ["0.1", "12.50", "-7", "0", "99999999999999.9", "1200", "0.05", "1e20"])
def test_the_number_on_the_wire_is_the_decimal_to_the_last_digit(text: str) -> None:
    wire = json.dumps(values.number(Decimal(text)))

    assert Decimal(wire) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["0.1234567890123456789", "12345678901234567.8", "9007199254740993", "NaN", "Infinity", "1e400"]
)
def test_a_number_that_notion_would_round_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="exactly"):
        values.number(Decimal(text))


def test_money_is_written_as_its_amount() -> None:
    assert values.write("number", Money(Decimal("12.50"), "EUR")) == {"number": 12.5}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", True),
        ("number", "12"),
        ("text", 12),
        ("date", datetime(2026, 11, 21)),  # noqa: DTZ001 - a naive one is what must be refused
        ("date", {"end": date(2026, 11, 21)}),
        ("select", 4),
        ("multi_select", "a"),
        ("multi_select", (4,)),
        ("people", ("",)),
        ("relation", (7,)),
        ("instant", date(2026, 11, 21)),
        ("instant", datetime(2026, 11, 21)),  # noqa: DTZ001 - a naive one is what must be refused
        ("checkbox", "yes"),
        ("url", 5),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_converted(kind: PropertyKind, value: Value) -> None:
    with pytest.raises(RecordError, match=f"{kind}|no id"):
        values.write(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "fact"),
    [
        ("select", "Appel, mail", "comma"),
        ("multi_select", ("a", "b,c"), "« b,c »"),
        ("select", "x" * 101, "100 characters"),
        ("url", "https://example.com/" + "x" * 2000, "2,000 characters"),
        ("phone", "1" * 201, "200 characters"),
        ("relation", tuple(str(number) for number in range(101)), "100 of them"),
    ],
)
def test_what_is_too_much_for_notion_is_refused_and_never_cut(kind: PropertyKind, value: Value, fact: str) -> None:
    with pytest.raises(RecordError, match=fact):
        values.write(kind, value)


def test_a_date_stays_a_date_and_an_instant_is_utc() -> None:
    assert values.write("date", date(2026, 11, 21)) == {"date": {"start": "2026-11-21"}}
    assert read("date", {"date": {"start": "2026-11-21", "end": None}}) == date(2026, 11, 21)
    assert read("instant", {"date": {"start": "2026-11-21T09:00:00.000+01:00"}}) == datetime(
        2026, 11, 21, 8, tzinfo=UTC
    )


def test_a_range_that_a_person_made_is_seen_as_a_range() -> None:
    found: dict[str, Any] = {"date": {"start": "2026-11-21", "end": "2026-11-23", "time_zone": None}}

    assert read("date", found) == {"start": date(2026, 11, 21), "end": date(2026, 11, 23)}


def test_a_local_time_with_a_zone_becomes_utc() -> None:
    found: dict[str, Any] = {"date": {"start": "2026-07-01T09:00:00", "end": None, "time_zone": "Europe/Paris"}}

    assert read("instant", found) == datetime(2026, 7, 1, 7, tzinfo=UTC)


@given(st.integers(0, 9000), st.sampled_from(["a", "é", "🎉", "a🎉"]))
def test_long_texts_are_split_where_notion_counts_2000_and_lose_nothing(size: int, letter: str) -> None:
    text = letter * size

    items = texts.rich_text(text)

    assert "".join(item["text"]["content"] for item in items) == text
    assert all(len(item["text"]["content"].encode("utf-16-le")) // 2 <= 2000 for item in items)


def test_a_text_for_which_notion_has_no_room_is_an_error_and_never_cut() -> None:
    assert len(texts.rich_text("x" * 200_000)) == 100
    with pytest.raises(RecordError, match="200,001"):
        texts.rich_text("x" * 200_001)


@given(st.text("*ab \n🎉", max_size=40))
@example("**a****b**")
@example("***a***")
@example("2 ** 3 ** 4")
def test_bold_between_stars_comes_back_as_it_went(text: str) -> None:
    items = echo({"rich_text": texts.starred(text)})["rich_text"]

    assert texts.unstarred(items) == text


def test_bold_is_an_annotation_and_the_stars_are_gone() -> None:
    assert texts.starred("MRR **1 200 €** ok") == [
        {"type": "text", "text": {"content": "MRR "}},
        {"type": "text", "text": {"content": "1 200 €"}, "annotations": {"bold": True}},
        {"type": "text", "text": {"content": " ok"}},
    ]


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        ({"block": "table", "text": "x"}, "heading_1"),
        ({"block": "divider", "text": "x"}, "divider"),
        ({"block": "paragraph", "icon": "🎉"}, "icon"),
        ({"block": "paragraph", "size": "big"}, "size"),
    ],
)
def test_a_block_that_notion_does_not_have_is_refused(content: dict[str, Value], fact: str) -> None:
    with pytest.raises(RecordError, match=fact):
        blocks.new(content)


def test_a_block_cannot_change_its_type() -> None:
    with pytest.raises(RecordError, match="cannot turn a paragraph into a callout"):
        blocks.change("paragraph", {"block": "callout", "text": "x"})


def test_whole_minutes_are_what_an_instant_keeps() -> None:
    moment = datetime(2026, 11, 21, 10, 7, 59, 123456, tzinfo=UTC)

    assert read("instant", values.write("instant", moment)) == datetime(2026, 11, 21, 10, 7, tzinfo=UTC)
