"""Charts on Notion's pages: a chart view where the workspace may have one, else a picture, else a bar of letters.

What a workspace may have is told by Notion alone, when it refuses: free plans have one chart, some have no views, and
files may be refused too. Plans are not asked about: their names and limits change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from connectors.notion import blocks, texts, uploads, views
from connectors.notion.client import NotionClient
from connectors.notion.failures import SHARE, Forbidden, Missing, Refused
from hub.core.charts import Chart, Shown, Way
from hub.core.errors import ConfigError, RecordError
from hub.core.types import Ref

WAYS: Final[tuple[Way, ...]] = ("view", "picture", "text")
NOT_POSSIBLE = (Refused, Missing, Forbidden)
"""Refusals after which the next way is tried. A wrong key, what may pass, and a workspace that has made all the blocks
that it may ever make are none of them: every way needs a block."""
_FILE = "chart.png"


class NotionCharts:
    """Shows charts on the pages that were shared with one Notion connection.

    A chart view can stand on a page only, not in a column. Its numbers are Notion's own sums of the rows.
    """

    def __init__(self, client: NotionClient) -> None:
        self._client = client

    def find(self, page: Ref, title: str) -> Sequence[Shown]:
        """See `hub.core.charts.Charts`. Calls: 1 for the page, 2 for each linked database of ours on it."""
        bot = self._client.me()["id"]
        mine = [one for one in self._client.children(page) if (one.get("created_by") or {}).get("id") == bot]
        ways = [(self._way(block, title), block["id"]) for block in mine]
        return [Shown(way=way, ref=Ref(ref), look="") for way, ref in ways if way]

    def show(self, page: Ref, chart: Chart, shown: Shown | None, *, after: Ref | None = None) -> Shown:
        """See `hub.core.charts.Charts`. Calls: none when it looks the same. A view: 2 made, 3 changed; a picture: 3;
        a text: 1. What is refused costs its calls too.
        """
        if shown is None:
            return self._made(page, chart, WAYS, after)
        if shown.look == chart.look(shown.way):
            return shown
        try:
            self._change(chart, shown)
        except NOT_POSSIBLE as error:
            self._still_there(chart, shown)
            worse = WAYS[WAYS.index(shown.way) + 1 :]
            if not worse:
                raise
            new = self._made(page, chart, worse, shown.ref, _fact(error))
            self.remove(shown)
            return new
        return Shown(way=shown.way, ref=shown.ref, look=chart.look(shown.way), why=shown.why)

    def remove(self, shown: Shown) -> None:
        """Put it in the trash: the linked database with its view, or the block."""
        with suppress(Missing):
            try:
                self._client.delete_block(shown.ref)
            except Refused:
                if not self._client.block(shown.ref).get("in_trash"):
                    raise

    def _made(self, page: Ref, chart: Chart, ways: tuple[Way, ...], after: Ref | None, why: str = "") -> Shown:
        """The chart, newly made in the first of the ways that is possible."""
        make: Mapping[Way, Callable[[], Ref]] = {
            "view": partial(views.made, self._client, page, chart, after),
            "picture": partial(self._picture, page, chart, after),
            "text": partial(self._text, page, chart, after),
        }
        last: Exception | None = None
        for way in ways:
            if not _has(chart, way):
                continue
            try:
                return Shown(way=way, ref=make[way](), look=chart.look(way), why=why)
            except NOT_POSSIBLE as error:
                last, why = error, why or _fact(error)
        raise _last_word(chart, last)

    def _picture(self, page: Ref, chart: Chart, after: Ref | None) -> Ref:
        block = {"type": "image", "image": {"type": "file_upload", **self._image(chart)}}
        return Ref(self._client.append(page, [block], after)[0]["id"])

    def _text(self, page: Ref, chart: Chart, after: Ref | None) -> Ref:
        block = blocks.new({"block": "paragraph", "text": _lines(chart)})
        return Ref(self._client.append(page, [block], after)[0]["id"])

    def _image(self, chart: Chart) -> dict[str, Any]:
        """The picture, sent anew, with its words."""
        key = uploads.send(self._client, _FILE, "image/png", chart.picture or b"")
        return {"file_upload": {"id": key}, "caption": texts.rich_text(_caption(chart))}

    def _change(self, chart: Chart, shown: Shown) -> None:
        match shown.way:
            case "view":
                views.changed(self._client, shown.ref, chart)
            case "picture":
                if not _has(chart, "picture"):
                    raise Refused(f'The chart "{chart.title}" has no picture any more.')
                self._client.update_block(shown.ref, {"image": self._image(chart)})
            case "text":
                self._client.update_block(shown.ref, blocks.change("paragraph", {"text": _lines(chart)}))

    def _still_there(self, chart: Chart, shown: Shown) -> None:
        """RecordError when the chart could not be changed because a person deleted it."""
        try:
            gone = self._client.block(shown.ref).get("in_trash")
        except Missing:
            gone = True
        if gone:
            raise RecordError(f'The chart "{chart.title}" is gone from Notion: somebody deleted it.')

    def _way(self, block: Mapping[str, Any], title: str) -> Way | None:
        """In which way a block of ours shows the chart of that title; None when it does not."""
        match block["type"]:
            case "child_database" if views.is_called(self._client, block["id"], title):
                return "view"
            case "image" if texts.plain(block["image"]["caption"]).split(" · ")[0] == title:
                return "picture"
            case "paragraph" if texts.plain(block["paragraph"]["rich_text"]).split("\n")[0] == title:
                return "text"
        return None


def _fact(error: Exception) -> str:
    return error.fact if isinstance(error, Forbidden) else str(error)


def _has(chart: Chart, way: Way) -> bool:
    return bool({"view": chart.table, "picture": chart.picture, "text": chart.text}[way])


def _caption(chart: Chart) -> str:
    return " · ".join(part for part in (chart.title, chart.says) if part)


def _lines(chart: Chart) -> str:
    return f"**{chart.title}**\n{chart.text}"


def _last_word(chart: Chart, last: Exception | None) -> Exception:
    """No way is left: the error of the last one, for a person."""
    if last is None:
        return ConfigError(f'The chart "{chart.title}" cannot be shown: it has no table, no picture and no text.')
    if isinstance(last, Missing):
        return ConfigError(f'Notion does not show the page of the chart "{chart.title}" any more. {SHARE}')
    return last
