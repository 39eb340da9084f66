"""Chart views: what a chart is in Notion's words, and the calls that make, find and change one.

https://developers.notion.com/guides/data-apis/working-with-views. A chart on a page is a linked database: a block whose
one view draws the rows of another database, and always as they are now. The block's id is what the hub remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.notion import texts, values
from connectors.notion.client import Json, NotionClient
from connectors.notion.failures import SHARE, Forbidden, Missing, Refused
from hub.core.charts import Chart
from hub.core.errors import ConfigError, TransientError
from hub.core.types import Ref

_GROUPS: Mapping[str, Mapping[str, str]] = {
    **{kind: {"type": kind} for kind in ("date", "created_time", "last_edited_time")},
    **{kind: {"type": kind, "group_by": "exact"} for kind in ("title", "url", "email", "phone_number")},
    **{kind: {"type": kind} for kind in ("select", "multi_select", "number", "checkbox")},
    "rich_text": {"type": "text", "group_by": "exact"},
    "status": {"type": "status", "group_by": "option"},
}
"""Type of a property -> how rows are grouped by it; a date also says by day, week or month."""
_DATES = ("date", "created_time", "last_edited_time")
_TEXTS = ("title", "rich_text", "select", "status", "url", "email", "phone_number")
"""Types whose values can be compared with a text."""


def body(chart: Chart, source: Mapping[str, Any]) -> Json:
    """Name, filter and configuration of the view. `source`: the data source, with its schema.

    ConfigError that names the column that is missing or of the wrong type.
    """
    properties, where = source["properties"], f'the Notion database "{texts.plain(source["title"])}"'
    number = _column(chart, properties, chart.y, where)
    if number["type"] != "number":
        raise ConfigError(
            f'The column "{chart.y}" of {where} is of the type {number["type"]}; the chart "{chart.title}" adds up '
            "numbers."
        )
    added = {"aggregator": "sum", "property_id": number["id"]}
    single, label = chart.kind == "number", chart.target_label or None
    line = None if chart.target is None or single else [_line(chart, chart.target)]
    return {
        "name": chart.title,
        "filter": _filter(chart, properties, where),
        "configuration": {
            "type": "chart",
            "chart_type": chart.kind,
            "x_axis": None if single else _axis(chart, _column(chart, properties, chart.x, where), where),
            "y_axis": None if single else added,
            "value": added if single else None,
            "reference_lines": line,
            "caption": label if single else None,
            "show_data_labels": True,
            "legend_position": "off",
        },
    }


def _column(chart: Chart, properties: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = properties.get(name)
    if found is None:
        raise ConfigError(
            f'{where[0].upper()}{where[1:]} has no column "{name}", which the chart "{chart.title}" needs: '
            "give the column its name back, or change the name in the file."
        )
    return found


def _axis(chart: Chart, column: Mapping[str, Any], where: str) -> Json:
    how = _GROUPS.get(column["type"])
    if how is None:
        raise ConfigError(
            f'The column "{chart.x}" of {where} is of the type {column["type"]}; the chart "{chart.title}" needs a '
            "date, a text, a number or an option along its axis."
        )
    by = {"group_by": chart.by} if column["type"] in _DATES else {}
    return {**how, **by, "property_id": column["id"], "sort": {"type": "ascending"}}


def _line(chart: Chart, target: Any) -> Json:
    label = chart.target_label or str(target)
    return {"value": values.number(target), "label": label, "color": "gray", "dash_style": "dash"}


def _filter(chart: Chart, properties: Mapping[str, Any], where: str) -> Json | None:
    conditions = []
    for name, text in chart.only.items():
        column = _column(chart, properties, name, where)
        if column["type"] not in _TEXTS:
            raise ConfigError(
                f'The column "{name}" of {where} is of the type {column["type"]}; the chart "{chart.title}" compares '
                "it with a text."
            )
        conditions.append({"property": column["id"], column["type"]: {"equals": text}})
    return {"and": conditions} if conditions else None


def made(client: NotionClient, page: Ref, chart: Chart, after: Ref | None) -> Ref:
    """A new chart on a page, at its end or behind a block. Two calls."""
    position = {"position": {"type": "after_block", "block_id": after}} if after else {}
    wanted = {name: value for name, value in body(chart, source_of(client, chart)).items() if value is not None}
    settings = {name: value for name, value in wanted["configuration"].items() if value is not None}
    view = client.call(
        "create",
        f'show the chart "{chart.title}"',
        lambda sdk: sdk.views.create(
            **{**wanted, "configuration": settings},
            data_source_id=chart.table,
            type="chart",
            create_database={"parent": {"type": "page_id", "page_id": page}, **position},
        ),
    )
    database = (view.get("parent") or {}).get("database_id")
    if not database:  # Notion may answer with the view's id alone
        view = _view(client, str(view["id"]))
        database = view["parent"]["database_id"]
    return Ref(database)


def changed(client: NotionClient, database: Ref, chart: Chart) -> None:
    """Set all that the chart is. Three calls. `Missing` when the chart is gone."""
    view = _first(client, database)
    if view is None:
        raise Missing(f'The chart "{chart.title}" is gone from Notion.')
    wanted = body(chart, source_of(client, chart))
    client.call("repeat", f'change the chart "{chart.title}"', lambda sdk: sdk.views.update(view, **wanted))


def is_called(client: NotionClient, database: str, title: str) -> bool:
    """Whether a linked database shows the chart of that title. Two calls. Where views are refused, none does."""
    try:
        view = _first(client, Ref(database))
        return view is not None and _view(client, view).get("name") == title
    except (Refused, Missing, Forbidden):
        return False


def source_of(client: NotionClient, chart: Chart) -> Json:
    """The data source whose rows the chart shows."""
    try:
        return client.data_source(chart.table)
    except Missing as error:
        raise ConfigError(
            f'Notion does not show the database of the chart "{chart.title}" any more: restore it from the trash, or '
            f"share it again. {SHARE}"
        ) from error


def _first(client: NotionClient, database: Ref) -> str | None:
    """The id of the one view of a linked database."""
    what = f"list the views of database {database}"
    answer = client.call("read", what, lambda sdk: sdk.views.list(database_id=database))
    if not isinstance(answer.get("results"), list):
        raise TransientError(f"Notion could not {what}: its answer holds no list.")
    return next((str(view["id"]) for view in answer["results"]), None)


def _view(client: NotionClient, view: str) -> Json:
    return client.call("read", f"read view {view}", lambda sdk: sdk.views.retrieve(view))
