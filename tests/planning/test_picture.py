"""A drawn chart: the same bytes every time, every letter there, nothing said by colour alone, readable on a phone."""

import string
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from hub.core.money import Money
from hub.planning.picture import NUMBER_HEIGHT, WIDTH, Picture, Point, _font, _width, _wrapped, bar, png
from hub.planning.words import Language, money, percent

MONTHS = ("juin", "juil.", "août", "sept.", "oct.", "nov.")
AMOUNTS = (7100, 8200, 5100, 8900, 12400, 4120)
BLUE, WHITE = (0x3F, 0x78, 0xA8), (255, 255, 255)


def euros(amount: int) -> str:
    return money(Money(Decimal(amount), "EUR"), "fr")


def points(*amounts: int | None, running: bool = True) -> tuple[Point, ...]:
    return tuple(
        Point(
            label=label,
            value=None if amount is None else Decimal(amount),
            shown="" if amount is None else euros(amount),
            running=running and place == len(amounts) - 1,
        )
        for place, (label, amount) in enumerate(zip(MONTHS * 3, amounts, strict=False))
    )


CHART = Picture(
    kind="column",
    title="Encaissements par mois",
    points=points(*AMOUNTS),
    target=Decimal(10000),
    target_label="objectif : 10 000 €",
    running_label="novembre n’est pas terminé",
    empty="Aucun mois compté",
)


def seen(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(png(picture)))
    image.load()
    return image


def runs(line: list[tuple[int, ...]], color: tuple[int, ...]) -> list[tuple[int, int]]:
    """Where a colour stands in a line of pixels: begin and length of each piece."""
    marks = [one == color for one in line]
    edges = [place for place, (left, right) in enumerate(pairwise([False, *marks, False])) if left != right]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def row(image: Image.Image, y: int) -> list[tuple[int, ...]]:
    return [image.getpixel((x, y)) for x in range(image.width)]  # type: ignore[misc]


def dashed(image: Image.Image) -> list[int]:
    """Where a dashed line crosses the whole picture: the first pixel of each, from above."""
    ink = (0x37, 0x35, 0x2F)
    found = [y for y in range(image.height) if sum(n >= 14 for _, n in runs(row(image, y), ink)) > 30]
    return [y for y in found if y - 1 not in found]


def heights(picture: Picture) -> list[int]:
    """How high each column is drawn, in pixels; of a hollow one its frame."""
    image = seen(picture)
    slot = (WIDTH - 88) // len(picture.points)
    found = []
    for place in range(len(picture.points)):
        middle = 44 + slot * place + slot // 2
        # beside the middle, so that a column's frame is met and a label's letters are not
        column = [image.getpixel((middle, y)) for y in range(image.height)]
        blue = [y for y, color in enumerate(column) if color == BLUE]
        found.append(blue[-1] - blue[0] + 1 if blue else 0)
    return found


@pytest.mark.parametrize("kind", ["column", "line", "number"])
def test_the_same_points_make_the_same_bytes_and_a_plain_png(kind: str) -> None:
    chart = replace(CHART, kind=kind)  # type: ignore[arg-type]
    first = png(chart)

    assert first == png(replace(chart))
    assert first.startswith(b"\x89PNG")
    image = Image.open(BytesIO(first))
    assert (image.width, image.mode, image.info) == (WIDTH, "RGB", {})
    assert len(first) < 200_000


def test_columns_are_as_high_as_their_values() -> None:
    chart = replace(CHART, points=points(10000, 5000, 2500, running=False))

    whole, half, quarter = heights(chart)

    assert abs(whole - 2 * half) <= 2
    assert abs(half - 2 * quarter) <= 2


def test_a_loss_stands_below_the_line_and_nothing_has_no_height() -> None:
    gain, loss, none, nothing = heights(replace(CHART, points=points(1000, -1000, None, 0), target=None))

    assert abs(gain - loss) <= 3
    assert (none, nothing) == (0, 0)


def test_the_target_is_a_dashed_line_that_the_legend_shows_and_names() -> None:
    without = seen(replace(CHART, target=None, target_label="", running_label=""))
    image = seen(replace(CHART, running_label=""))

    (line,) = dashed(image)
    assert dashed(without) == []
    (lower,) = dashed(seen(replace(CHART, target=Decimal(5000), running_label="")))
    assert lower > line + 100
    assert png(CHART) != png(replace(CHART, target_label="objectif : 10 001 €"))


def test_a_month_that_is_not_over_is_hollow_and_the_legend_says_so() -> None:
    image = seen(CHART)
    y = image.height - 220
    solid, hollow = runs(row(image, y), BLUE)[-3], runs(row(image, y), BLUE)[-2:]

    assert solid[1] > 40
    assert [length for _, length in hollow] == [5, 5]
    inside = row(image, y)[hollow[0][0] + 6 : hollow[1][0] - 1]
    assert set(inside) == {WHITE}
    assert png(CHART) != png(replace(CHART, running_label="novembre en cours"))


@pytest.mark.parametrize("kind", ["column", "line"])
def test_what_is_said_is_said_without_colours_too(kind: str) -> None:
    """Printed in grey, the dashes, the hollow point and the words are still there."""
    chart = replace(CHART, kind=kind)  # type: ignore[arg-type]
    for change in ({"target": Decimal(9000)}, {"points": points(*AMOUNTS, running=False)}):
        grey, other = seen(chart).convert("L"), seen(replace(chart, **change)).convert("L")  # type: ignore[arg-type]
        box = ImageChops.difference(grey, other).point(lambda level: 255 if level > 60 else 0).getbbox()
        assert box is not None


@pytest.mark.parametrize("count", [1, 2, 6, 12, 14, 18])
def test_the_last_value_is_always_named_and_no_two_labels_touch(count: int) -> None:
    image = seen(replace(CHART, points=points(*(AMOUNTS * 3)[:count])))
    words = [[one != WHITE for one in row(image, y)] for y in range(image.height - 150, image.height - 90)]
    columns = [any(line[x] for line in words) for x in range(WIDTH)]
    gaps = [length for start, length in runs([(not one,) for one in columns], (True,)) if 0 < start < WIDTH - length]
    wide = _width(euros(4120), _font("Bold", 38))

    assert columns[-60:].count(True) > 10 or count < 3
    named = 1 + sum(gap >= 20 for gap in gaps)
    assert named >= min(count, (WIDTH - 88) // (wide + 24)) // 2
    assert len(gaps) >= named - 1


def test_a_line_is_broken_where_there_is_no_value() -> None:
    whole = seen(replace(CHART, kind="line", target=None, points=points(5000, 5000, 5000, running=False)))
    broken = seen(replace(CHART, kind="line", target=None, points=points(5000, None, 5000, running=False)))

    y = next(y for y in range(whole.height) if max((n for _, n in runs(row(whole, y), BLUE)), default=0) > 500)
    assert max(n for _, n in runs(row(broken, y + 2), BLUE)) < 60


@pytest.mark.parametrize("kind", ["column", "line", "number"])
@pytest.mark.parametrize("amounts", [(), (None,), (None, None)])
def test_no_value_at_all_is_said_in_words(kind: str, amounts: tuple[None, ...]) -> None:
    chart = replace(CHART, kind=kind, points=points(*amounts))  # type: ignore[arg-type]

    assert png(chart) != png(replace(chart, empty="Rien"))
    assert BLUE not in set(row(seen(chart), 400))


def test_a_number_fills_its_bar_as_far_as_the_target_is_reached() -> None:
    def full(amount: int) -> int:
        image = seen(replace(CHART, kind="number", points=points(amount)))
        assert image.height == NUMBER_HEIGHT
        return max((n for y in range(image.height) for _, n in runs(row(image, y), BLUE)), default=0)

    assert abs(full(2500) - (WIDTH - 88) // 4) <= 2
    assert full(0) == full(-500) == 0
    assert WIDTH - 88 >= full(10_000) == full(99_000) >= WIDTH - 92


def test_a_long_number_is_made_smaller_until_it_fits() -> None:
    chart = replace(CHART, kind="number", points=points(1), target=None)
    long = replace(chart, points=(Point(label="", value=Decimal(1), shown=euros(123_456_789_012)),))

    right = seen(long).crop((WIDTH - 20, 0, WIDTH, NUMBER_HEIGHT))
    assert right.getcolors() == [(20 * NUMBER_HEIGHT, WHITE)]


def test_a_long_title_is_wrapped_and_never_leaves_the_sheet() -> None:
    for title in ("Revenu mensuel récurrent avant remises et sans les pauses " * 4, "m" * 200, ""):
        image = seen(replace(CHART, title=title))
        assert image.crop((WIDTH - 20, 0, WIDTH, image.height)).getcolors() == [(20 * image.height, WHITE)]
        assert png(replace(CHART, title=title)) == png(replace(CHART, title=title))
    lines = _wrapped("un deux trois quatre", _font("Bold", 52), 200, 2)
    assert lines == ["un deux", "trois …"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_font_has_every_letter_that_is_written_in_french_and_in_english(language: Language, weight: str) -> None:
    font = _font(weight, 40)  # type: ignore[arg-type]
    amounts = (money(Money(Decimal("-1234567.89"), code), language) for code in ("EUR", "USD", "GBP", "CHF", "CAD"))
    french = "àâäçéèêëîïôöœùûüÿæÀÂÄÇÉÈÊËÎÏÔÖŒÙÛÜŸÆ«»’“”…–—·×÷≥≤−"
    letters = set("".join([*amounts, percent(Decimal("12.3"), language), french, string.printable.strip()]))
    box = bytes(font.getmask("\uffff"))

    assert [letter for letter in sorted(letters) if not letter.isspace() and bytes(font.getmask(letter)) == box] == []
    assert all(_width(f"1{space}2", font) < _width(f"1{chr(0xFFFF)}2", font) for space in letters if space.isspace())


def test_no_letter_is_smaller_than_twelve_pixels_on_a_phone() -> None:
    drawn = seen(replace(CHART, kind="number", points=points(4120)))
    phone = 360
    assert drawn.width == 3 * phone
    assert _font("Regular", 38).size / 3 >= 12


@given(
    st.lists(st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=2)), min_size=1, max_size=24),
    st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=2)),
    st.sampled_from(["column", "line", "number"]),
)
@settings(max_examples=40, deadline=None)
def test_whatever_the_values_are_there_is_a_picture(
    values: list[Decimal | None], target: Decimal | None, kind: str
) -> None:
    every = tuple(Point(label=str(n), value=value, shown=str(value)) for n, value in enumerate(values))
    chart = replace(CHART, kind=kind, points=every, target=target)  # type: ignore[arg-type]

    assert seen(chart).width == WIDTH


@pytest.mark.parametrize(
    ("value", "target", "cells"),
    [("0", "10", "░░░░░░░░░░"), ("6.8", "10", "▓▓▓▓▓▓░░░░"), ("9.99", "10", "▓▓▓▓▓▓▓▓▓░"), ("10", "10", "▓▓▓▓▓▓▓▓▓▓")],
)
def test_a_bar_of_letters_is_full_only_when_the_target_is_reached(value: str, target: str, cells: str) -> None:
    assert bar(Decimal(value), Decimal(target)) == cells
    assert bar(Decimal(-5), Decimal(target)) == "░" * 10
    assert bar(Decimal(99), Decimal(target), 4) == "▓▓▓▓"


def test_there_is_no_bar_without_a_target() -> None:
    with pytest.raises(ValueError, match="no bar to a target of 0"):
        bar(Decimal(1), Decimal(0))
