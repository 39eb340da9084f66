"""Rows made from a database's templates.

https://developers.notion.com/guides/data-apis/creating-pages-from-templates: Notion answers at once with an empty row
and fills it later. Whether it is done is told by comparing its blocks with the template's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from connectors.notion import texts
from connectors.notion.client import Json, NotionClient
from connectors.notion.failures import Missing, Refused
from connectors.notion.tables import Tables
from hub.core.errors import RecordError, TransientError
from hub.core.types import Copied, Ref, Thing

KEY = "Hub"
"""The text property that keeps the marker."""
PAUSES = (1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between looks at a row that is being filled: about a minute in all."""


class NotionTemplates:
    """The row templates of the followed data sources."""

    def __init__(self, client: NotionClient, tables: Tables, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._tables = tables
        self._sleep = sleep

    def templates(self) -> Sequence[Thing]:
        """Every template of every followed data source; `inside` is the data source's name."""
        return [
            Thing(kind="template", id=one["id"], name=one["name"], inside=table.name)
            for table in self._tables.all()
            for one in self._client.templates(table.id)
        ]

    def copy(
        self,
        template: str,
        name: str,
        *,
        inside: str | None,
        dates: Mapping[str, date],
        marker: str,
        look_first: bool,
    ) -> Copied:
        """A row called `name`, made from the template, once Notion has filled in the template's blocks.

        `inside`: the data source, looked for among the followed ones when it is None. The marker is kept in the text
        property "Hub". RecordError when the data source lacks it, when the template is gone, and when `dates` are
        given: Notion moves none. TransientError, uncertain, when Notion takes longer than a minute.
        """
        if dates:
            raise RecordError(
                f"Notion moves no dates when it applies a template ({', '.join(dates)} given): let its template say "
                "“today”, or give the row its date after it was made."
            )
        source = inside or self._home(template)
        title = self._title_and_key(source)
        page = self._earlier(source, marker) if look_first else None
        if page is None:
            page = self._make(source, template, _values(title, name, marker))
        else:
            name = texts.title_of(page) or name  # somebody may have renamed it since
        page = self._filled(page, template)
        if (texts.title_of(page), _marker(page)) != (name, marker):  # the template has overwritten them
            self._client.update_page(page["id"], properties=_values(title, name, marker))
        return Copied(ref=Ref(page["id"]), url=page.get("url"), name=name)

    def _home(self, template: str) -> str:
        for table in self._tables.all():
            if any(one["id"] == template for one in self._client.templates(table.id)):
                return table.id
        raise RecordError(
            f"No followed Notion database has the template {template}: it was deleted, or its database is not followed."
        )

    def _title_and_key(self, source: str) -> str:
        """The name of the title property. RecordError when there is no place for the marker."""
        found = self._client.data_source(source)
        if found["properties"].get(KEY, {}).get("type") != "rich_text":
            raise RecordError(
                f'The Notion database "{texts.plain(found["title"])}" has no text property "{KEY}", in which the hub '
                "notes what it made, so that it never makes it twice. Add it, and hide it from the views if you like."
            )
        return next(str(name) for name, one in found["properties"].items() if one["type"] == "title")

    def _earlier(self, source: str, marker: str) -> Json | None:
        """The oldest row with that marker to the letter."""
        found = self._client.oldest_rows(source, {"property": KEY, "rich_text": {"equals": marker}})
        return next((page for page in found if _marker(page) == marker), None)

    def _make(self, source: str, template: str, values: Json) -> Json:
        try:
            return self._client.create_page({"type": "data_source_id", "data_source_id": source}, values, template)
        except (Missing, Refused) as error:
            raise RecordError(f"The template {template} cannot be used: {error}") from error

    def _filled(self, page: Json, template: str) -> Json:
        """The row as it is once it has all that the template has."""
        try:
            wanted = self._blocks(template)
        except Missing as error:
            raise RecordError(f"The template {template} is gone: {error}") from error
        for pause in (0.0, *PAUSES):
            if pause:
                self._sleep(pause)
            if _holds(self._blocks(page["id"]), wanted):
                return self._client.page(page["id"])
        raise TransientError(
            f"Notion has not filled the row {page['id']} from its template after {sum(PAUSES):g} s.",
            uncertain=True,
            committed=(page["id"],),
        )

    def _blocks(self, page_id: str) -> list[Json]:
        return list(self._client.children(page_id))


def _values(title: str, name: str, marker: str) -> Json:
    return {title: {"title": texts.rich_text(name)}, KEY: {"rich_text": texts.rich_text(marker)}}


def _marker(page: Mapping[str, Any]) -> str:
    return texts.plain(page["properties"].get(KEY, {}).get("rich_text") or [])


def _holds(blocks: Sequence[Json], wanted: Sequence[Json]) -> bool:
    """Whether every block of the template is there, and each one that has blocks inside has some."""
    inner = [block["has_children"] for block in wanted]
    there = [block["has_children"] for block in blocks]
    return len(there) >= len(inner) and sum(there) >= sum(inner)
