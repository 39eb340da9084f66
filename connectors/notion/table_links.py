"""Links to databases: the hub knows a database by its data source, Notion's blocks lead to the database around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.notion.blocks import DATABASE
from connectors.notion.client import NotionClient
from connectors.notion.failures import Missing
from hub.core.errors import RecordError
from hub.core.types import Row, Value

TABLE = "table:"


class TableLinks:
    """Turns the text of a link_to_page from table:REF into what a block holds, and back. Each is looked up once."""

    def __init__(self, client: NotionClient) -> None:
        self._client = client
        self._around: dict[str, str] = {}

    def outward(self, row: Row) -> Row:
        """As a block holds it. RecordError where the table is gone."""
        text = row.values.get("text")
        if not isinstance(text, str) or not text.startswith(TABLE):
            return row
        return _saying(row, DATABASE + self._database(text.removeprefix(TABLE)))

    def inward(self, row: Row) -> Row:
        """As the hub says it; of a database that is gone as it is."""
        text = row.values.get("text")
        if row.values.get("block") != "link_to_page" or not isinstance(text, str) or not text.startswith(DATABASE):
            return row
        source = self._source(text.removeprefix(DATABASE))
        return row if source is None else _saying(row, TABLE + source)

    def _database(self, source: str) -> str:
        if source not in self._around:
            try:
                found = self._client.data_source(source)
            except Missing as error:
                raise RecordError(f"There is no Notion database with the data source {source} to link to.") from error
            self._around[source] = found["parent"]["database_id"]
        return self._around[source]

    def _source(self, database: str) -> str | None:
        """The data source that was linked to; of a link that this process did not make, the database's first."""
        for source, around in self._around.items():
            if around == database:
                return source
        try:
            sources = self._client.database(database).get("data_sources") or []
        except Missing:
            return None
        if sources:
            self._around[sources[0]["id"]] = database
        return sources[0]["id"] if sources else None


def _saying(row: Row, text: str) -> Row:
    values: Mapping[str, Value] = {**row.values, "text": text}
    return replace(row, values=values)
