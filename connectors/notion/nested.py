"""Blocks on a page, also those that stand in columns: written in few calls, each where its row says, and read in order.

Notion makes a list of columns only together with what stands in it, and names only the outer blocks in its answer: the
ids of the inner ones are read afterwards, one call for each block that holds others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.notion import blocks, records
from connectors.notion.client import CHUNK, NotionClient
from hub.core.errors import TransientError
from hub.core.types import Ref, Row


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows that stand one behind the other in one parent. `after`: as in `Row`."""

    parent: str
    after: str | None
    rows: list[Row]


def read(client: NotionClient, ref: str, bot: str, types: MutableMapping[str, str]) -> Iterator[dict[str, Any]]:
    """Every block in order, what stands in our columns behind the column; complete or an error. Notes their `types`."""
    for block in client.children(ref):
        types[block["id"]] = block["type"]
        yield block
        if block["type"] in blocks.HOLDING and block.get("has_children") and blocks.is_ours(block, bot):
            yield from read(client, block["id"], bot, types)


class Writer:
    """One call of `create` of a page. `made`: key -> the row as it is now, also when an error ends the call.

    `bot`: an earlier attempt may have been committed; what this user made of it is adopted. None: it is not looked for.
    A row that cannot be written is refused before the first call.
    """

    def __init__(
        self, client: NotionClient, page: str, rows: Sequence[Row], types: MutableMapping[str, str], bot: str | None
    ) -> None:
        self.made: dict[str, Row] = {}
        self._client = client
        self._types = types
        self._bot = bot
        self._last: dict[str, str] = {}
        keys = {row.key for row in rows}
        self._inner: dict[str, list[Row]] = {}
        for row in rows:
            if row.inside in keys and row.inside is not None:
                self._inner.setdefault(row.inside, []).append(row)
        tops = [row for row in rows if row.inside not in keys]
        self._bodies = {row.key: self._body(row) for row in rows}
        self._runs = _runs(page, tops)

    def write(self) -> None:
        """Make what is not there yet."""
        for run in self._runs:
            self._add(run)

    def _add(self, run: _Run) -> None:
        after = self._last.get(run.parent) if run.after is None else run.after
        rows = list(run.rows)
        if self._bot is not None:
            there = list(self._client.children(run.parent))
            for block in blocks.already_there(there, rows, self._bot, CHUNK, after):
                after = self._note(rows.pop(0), block, adopted=True)
        while rows:
            chunk, rows = rows[:CHUNK], rows[CHUNK:]
            answer = self._client.append(run.parent, [self._bodies[row.key] for row in chunk], after)
            after = answer[-1]["id"]
            for row, block in zip(chunk, answer, strict=True):
                self._outer(row, block)
            for row, block in zip(chunk, answer, strict=True):
                self._within(row, block, adopted=False)
        if after:
            self._last[run.parent] = after

    def _note(self, row: Row, block: Mapping[str, Any], *, adopted: bool) -> str:
        ref = self._outer(row, block)
        self._within(row, block, adopted=adopted)
        return ref

    def _outer(self, row: Row, block: Mapping[str, Any]) -> str:
        self._types[block["id"]] = block["type"]
        self.made[row.key] = records.seen(row, block, "hub")
        return str(block["id"])

    def _within(self, row: Row, block: Mapping[str, Any], *, adopted: bool) -> None:
        """The rows that stand in it, by their order and kind. One that a person took out since is made again."""
        wanted = list(self._inner.get(row.key, ()))
        if not wanted:
            return
        for found in list(self._client.children(block["id"])):
            if wanted and found["type"] == wanted[0].values.get("block"):
                self._note(wanted.pop(0), found, adopted=adopted)
        if wanted and not adopted:
            raise TransientError(
                f"Notion was asked to put {len(self._inner[row.key])} blocks into {block['id']} and shows "
                f"{len(self._inner[row.key]) - len(wanted)}.",
                uncertain=True,
                committed=tuple(one.ref for one in self.made.values() if one.ref),
            )
        if wanted:
            self._add(_Run(Ref(block["id"]), None, wanted))

    def _body(self, row: Row) -> dict[str, Any]:
        """The block with all that stands in it. A column is never empty in Notion."""
        body = blocks.new(row.values)
        kind = body["type"]
        inner = [self._body(one) for one in self._inner.get(row.key, ())]
        if kind == "column" and not inner:
            inner = [blocks.new({"block": "paragraph"})]
        if inner:
            body[kind]["children"] = inner
        return body


def _runs(page: str, tops: Sequence[Row]) -> list[_Run]:
    runs: list[_Run] = []
    for row in tops:
        parent = row.inside or page
        if not runs or runs[-1].parent != parent or row.after is not None:
            runs.append(_Run(parent, row.after, []))
        runs[-1].rows.append(row)
    return runs
