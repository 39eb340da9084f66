"""A chart as a picture, for a page whose place cannot draw one: the same points make the same bytes, every time.

Pure but for the font's file, which comes with the package font-source-sans-pro. All words are given; numbers are placed
with integers and fractions. The picture is 1,080 pixels wide and is read on a phone at a third of that: no letter is
smaller than 12 pixels there. Nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from importlib.resources import files
from io import BytesIO
from typing import Literal, NamedTuple, TypeAlias

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, NUMBER_HEIGHT = 1080, 760, 520
_EDGE = 44
_FINE = 2  # lines are drawn so many times larger and then made small, which smooths them; letters are smooth anyway
_INK, _SOFT, _PAPER, _FILL = "#37352f", "#6b6a66", "#ffffff", "#3f78a8"
_TITLE, _LABEL, _BIG = 52, 38, 150
_LINES = 3  # of a title

Box: TypeAlias = tuple[int, int, int, int]
Weight: TypeAlias = Literal["Regular", "Bold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point: `label` below it, `shown` is its value as people read it. value None: there is none, shown as —.

    `running`: its period is not over, so that it is drawn hollow.
    """

    label: str
    value: Decimal | None
    shown: str
    running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn. kind "number" shows the last point large, and how much of the target it is.

    `target_label` and `running_label` say what the dashed line and the hollow points are; `empty` is said when there
    is no value at all.
    """

    kind: Literal["column", "line", "number"]
    title: str
    points: Sequence[Point]
    target: Decimal | None = None
    target_label: str = ""
    running_label: str = ""
    empty: str = "—"


def bar(value: Decimal, target: Decimal, cells: int = 10) -> str:
    """▓▓▓▓▓▓▓░░░, filled as far as the target is reached, the last cell only when it is. ValueError for no target."""
    if target <= 0:
        raise ValueError(f"There is no bar to a target of {target}.")
    full = int((max(Decimal(0), min(value, target)) * cells / target).to_integral_value(ROUND_FLOOR))
    return "▓" * full + "░" * (cells - full)


def png(picture: Picture) -> bytes:
    """The picture as a PNG of 8-bit RGB, without any note of when it was made."""
    drawn = _Number(picture) if picture.kind == "number" else _Plot(picture)
    out = BytesIO()
    drawn.finished().save(out, "PNG")
    return out.getvalue()


class _Text(NamedTuple):
    at: tuple[int, int]
    words: str
    font: ImageFont.FreeTypeFont
    color: str


class _Sheet:
    """A white sheet with a title: shapes go on it first, then letters, which stay sharp."""

    def __init__(self, picture: Picture, height: int) -> None:
        self.picture = picture
        self.height = height
        self._large = Image.new("RGB", (WIDTH * _FINE, height * _FINE), _PAPER)
        self._pen = ImageDraw.Draw(self._large)
        self._texts: list[_Text] = []
        self.top = _EDGE
        title = _font("Bold", _TITLE)
        for line in _wrapped(picture.title, title, WIDTH - 2 * _EDGE, _LINES):
            self.write((_EDGE, self.top), line, title)
            self.top += _TITLE + 10

    def write(self, at: tuple[int, int], words: str, font: ImageFont.FreeTypeFont, color: str = _INK) -> None:
        self._texts.append(_Text(at, words, font, color))

    def fill(self, box: Box, color: str) -> None:
        """A filled rectangle; nothing when it has no height or width."""
        left, top, right, bottom = (_FINE * one for one in box)
        if right > left and bottom > top:
            self._pen.rectangle((left, top, right - 1, bottom - 1), fill=color)

    def frame(self, box: Box, color: str = _FILL, width: int = 5) -> None:
        """A hollow rectangle on white."""
        self.fill(box, color)
        left, top, right, bottom = box
        self.fill((left + width, top + width, right - width, bottom - width), _PAPER)

    def line(self, points: Sequence[tuple[int, int]], width: int, color: str = _FILL) -> None:
        self._pen.line([(x * _FINE, y * _FINE) for x, y in points], fill=color, width=width * _FINE, joint="curve")

    def dashes(self, start: tuple[int, int], end: tuple[int, int], width: int, color: str = _INK) -> None:
        """A dashed line."""
        (x, y), (right, low) = start, end
        long = max(abs(right - x), abs(low - y), 1)
        for at in range(0, long, 26):
            till = min(at + 16, long)
            piece = [(x + (right - x) * one // long, y + (low - y) * one // long) for one in (at, till)]
            self.line(piece, width, color)

    def dot(self, at: tuple[int, int], radius: int, *, hollow: bool) -> None:
        x, y = (_FINE * one for one in at)
        r, width = radius * _FINE, 5 * _FINE
        self._pen.ellipse((x - r, y - r, x + r, y + r), fill=_PAPER if hollow else _FILL, outline=_FILL, width=width)

    def finished(self) -> Image.Image:
        """The sheet as it is seen."""
        image = self._large.reduce(_FINE)
        pen = ImageDraw.Draw(image)
        for text in self._texts:
            pen.text(text.at, text.words, fill=text.color, font=text.font)
        return image


class _Plot(_Sheet):
    """Columns or a line above their labels, with the target as a dashed line that the legend names."""

    def __init__(self, picture: Picture) -> None:
        super().__init__(picture, HEIGHT)
        self._label, self._value = _font("Regular", _LABEL), _font("Bold", _LABEL)
        values = [point.value for point in picture.points if point.value is not None]
        if not values:
            self.write((_EDGE, self.height // 2), picture.empty, self._label, _SOFT)
            return
        self._legend()
        reach = [Decimal(0), *values, *([] if picture.target is None else [picture.target])]
        self._low, self._high = Fraction(min(reach)), Fraction(max(reach))
        if self._low == self._high:
            self._high += 1
        self._roof, self._floor = self.top + 24, self.height - _EDGE - 2 * _LABEL - 44
        self._slot = Fraction(WIDTH - 2 * _EDGE, len(picture.points))
        (self._columns if picture.kind == "column" else self._curve)()
        self.fill((_EDGE, self._y(0) - 1, WIDTH - _EDGE, self._y(0) + 2), _SOFT)
        if picture.target is not None:
            at = self._y(picture.target)
            self.dashes((_EDGE, at), (WIDTH - _EDGE, at), 4)
        self._names()

    def _legend(self) -> None:
        """What the dashed line and the hollow points mean, in words."""
        picture, self.top = self.picture, self.top + 12
        if picture.target is not None:
            self.dashes((_EDGE, self.top + 26), (_EDGE + 68, self.top + 26), 4)
            self._explain(picture.target_label)
        if picture.running_label and any(point.running for point in picture.points):
            if picture.kind == "column":
                self.frame((_EDGE + 18, self.top + 12, _EDGE + 50, self.top + 42))
            else:
                self.dot((_EDGE + 34, self.top + 27), 12, hollow=True)
            self._explain(picture.running_label)

    def _explain(self, words: str) -> None:
        for line in _wrapped(words, self._label, WIDTH - 2 * _EDGE - 88, _LINES):
            self.write((_EDGE + 88, self.top), line, self._label, _SOFT)
            self.top += _LABEL + 12

    def _x(self, place: int) -> int:
        """The middle of a point's place."""
        return int(_EDGE + self._slot * place + self._slot / 2)

    def _y(self, value: Decimal | int) -> int:
        return int(self._roof + (self._high - Fraction(value)) * (self._floor - self._roof) / (self._high - self._low))

    def _placed(self) -> Iterator[tuple[int, Point, int]]:
        """The points that have a value: where from left to right, which, how far down."""
        for place, point in enumerate(self.picture.points):
            if point.value is not None:
                yield self._x(place), point, self._y(point.value)

    def _columns(self) -> None:
        half = int(min(self._slot * 36 / 100, Fraction(70)))
        for x, point, y in self._placed():
            top, bottom = sorted((y, self._y(0)))
            if point.running:
                self.frame((x - half, top, x + half, bottom))
            else:
                self.fill((x - half, top, x + half, bottom), _FILL)

    def _curve(self) -> None:
        """A line from value to value; broken where there is none, dashed towards a period that is not over."""
        before: tuple[int, int] | None = None
        for place, point in enumerate(self.picture.points):
            here = None if point.value is None else (self._x(place), self._y(point.value))
            if before and here:
                if point.running:
                    self.dashes(before, here, 6, _FILL)
                else:
                    self.line([before, here], 6)
            before = here
        for x, point, y in self._placed():
            self.dot((x, y), 12, hollow=point.running)

    def _names(self) -> None:
        """Values and labels below: of all points, or of every second, third … as many as fit, and always the last."""
        points = self.picture.points
        fonts = (self._value, self._label)
        wide = 24 + max(_width(words, font) for one in points for words, font in zip(_named(one), fonts, strict=True))
        step = max(1, -(-wide * len(points) // (WIDTH - 2 * _EDGE)))
        for place in range(len(points) - 1, -1, -step):
            top, colors = self.height - _EDGE - 2 * _LABEL - 22, (_INK, _SOFT)
            for words, font, color in zip(_named(points[place]), fonts, colors, strict=True):
                self.write((_inside(self._x(place), _width(words, font)), top), words, font, color)
                top += _LABEL + 10


class _Number(_Sheet):
    """One value, large, and a bar that is as full as the target is reached."""

    def __init__(self, picture: Picture) -> None:
        super().__init__(picture, NUMBER_HEIGHT)
        last = picture.points[-1] if picture.points else None
        if last is None or last.value is None:
            self.write((_EDGE, self.height // 2), picture.empty, _font("Regular", _LABEL), _SOFT)
            return
        size, words = _BIG, last.shown
        while size > _TITLE and _width(words, _font("Bold", size)) > WIDTH - 2 * _EDGE:
            size -= 6
        self.write((_EDGE, self.top + 10), words, _font("Bold", size))
        self.top += size + 46
        if picture.target is not None and picture.target > 0:
            share = max(Fraction(0), min(Fraction(1), Fraction(last.value) / Fraction(picture.target)))
            box = (_EDGE, self.top, WIDTH - _EDGE, self.top + 46)
            self.frame(box, _SOFT, 3)
            self.fill((_EDGE, self.top, _EDGE + int((WIDTH - 2 * _EDGE) * share), self.top + 46), _FILL)
            self.top += 66
        label = _font("Regular", _LABEL)
        for line in _wrapped(picture.target_label, label, WIDTH - 2 * _EDGE, _LINES):
            self.write((_EDGE, self.top), line, label, _SOFT)
            self.top += _LABEL + 12


def _font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    """Its own object each time: a font is not to be shared by threads."""
    data = files("font_source_sans_pro").joinpath("files", f"SourceSansPro-{weight}.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)


def _width(words: str, font: ImageFont.FreeTypeFont) -> int:
    left, _, right, _ = font.getbbox(words)
    return int(right - left)


def _inside(middle: int, wide: int) -> int:
    """Where a text begins that has its middle there, but never leaves the sheet."""
    return max(_EDGE // 2, min(middle - wide // 2, WIDTH - _EDGE // 2 - wide))


def _named(point: Point) -> tuple[str, str]:
    return ("—" if point.value is None else point.shown), point.label


def _wrapped(words: str, font: ImageFont.FreeTypeFont, wide: int, most: int) -> list[str]:
    """The text in lines that fit, at most so many; a longer text ends with …"""
    lines: list[str] = []
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, font) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [line for line in lines if line]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return [_cut(line, font, wide) for line in lines]


def _cut(line: str, font: ImageFont.FreeTypeFont, wide: int) -> str:
    while len(line) > 1 and _width(line, font) > wide:
        line = f"{line.removesuffix('…')[:-1]}…"
    return line
