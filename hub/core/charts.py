"""A chart as the hub wants it seen, and the protocol of those who can show one.

Not every workspace can draw: a chart is shown the best way that is possible there, and every way says the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

from hub.core.types import Ref

ChartKind: TypeAlias = Literal["column", "line", "number"]
Way: TypeAlias = Literal["view", "picture", "text"]
"""view: the destination draws it from a table's rows and keeps it up to date by itself. picture: an image that we drew.
text: a bar made of letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart, with what each way of showing it needs.

    `title` stands above it and names it: no two charts of a page have the same. `table`: whose rows it shows ("": that
    way is left out); `x` and `y`: the columns along and up; `only`: column -> the one text that its rows have there;
    where `x` is a date, rows of one `by` are one point, added up. kind "number" shows one value, the sum of `y`, and
    has no use for `x`. `picture`: a PNG (None: that way is left out). `text`: a line with a bar, **bold** between
    double stars ("": left out). `says`: the chart in words, for those who cannot see it; it stands below a picture.
    """

    title: str
    kind: ChartKind
    table: Ref
    y: str
    x: str = ""
    by: Literal["day", "week", "month"] = "month"
    only: Mapping[str, str] = field(default_factory=dict)
    target: Decimal | None = None
    target_label: str = ""
    picture: bytes | None = None
    says: str = ""
    text: str = ""

    def look(self, way: Way) -> str:
        """What is seen that way, in 64 letters: when they are the same, there is nothing to write."""
        shown: Mapping[Way, object] = {
            "view": [
                *(self.title, self.kind, self.table, self.x, self.y, self.by, sorted(self.only.items())),
                *(None if self.target is None else str(self.target.normalize()), self.target_label),
            ],
            "picture": [self.title, self.says, hashlib.sha256(self.picture or b"").hexdigest()],
            "text": [self.title, self.text],
        }
        return hashlib.sha256(json.dumps([way, shown[way]]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a chart is shown now: all that has to be remembered of it. `ref`: the destination's id of the view or block.

    `why`: why not in a better way, in words for a person; "" where there is none better.
    """

    way: Way
    ref: Ref
    look: str
    why: str = ""


class Charts(Protocol):
    """Shows charts on pages. Nothing is remembered between two calls: what is needed is in `Shown`."""

    def find(self, page: Ref, title: str) -> Sequence[Shown]:
        """The charts of that title that this connection has made there, in their order; nobody knows their look ("").

        For attempts that were cut short: one may have made a chart, and not yet removed the one that it replaces.
        """

    def show(self, page: Ref, chart: Chart, shown: Shown | None, *, after: Ref | None = None) -> Shown:
        """Show it in the best way that is possible there; where it was shown before, in the same place.

        shown None: it is made, behind the block `after` or at the end of the page. One that is shown already is changed
        in place, only where its look changed; it moves to a worse way only when its own is refused, and never to a
        better one by itself. RecordError when a person has deleted it, or when no way is possible; ConfigError when the
        table lacks a column; TransientError, with `uncertain=True` where something may have been made.
        """

    def remove(self, shown: Shown) -> None:
        """Put it in the destination's trash. Twice is not an error."""
