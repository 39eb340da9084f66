"""What Notion's types say of views, file uploads and the requests for them.

Written by hand after the types of Notion's JavaScript SDK 5.26 (`views`, `file-uploads`, `common`), for the version
2026-03-11: without the deprecated `archived`. Only charts have a configuration here. Where SHARED holds JSON Schemas
derived from the same types (`notion_DataSourceViewObjectResponse.json`, …FileUploadObjectResponse), answers are
held against those too.
"""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from tests.sandboxes.notion_kit import SCHEMAS, _without_archived

Json = dict[str, Any]
_ID: Json = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_TEXT: Json = {"type": "string"}
_TIME: Json = {"type": "string", "format": "date-time"}
_NUMBER: Json = {"type": "number"}
_BOOL: Json = {"type": "boolean"}
_USER: Json = {
    "type": "object",
    "properties": {"object": {"const": "user"}, "id": _ID},
    "required": ["object", "id"],
    "additionalProperties": False,
}


def one_of(*words: str) -> Json:
    return {"enum": list(words)}


def words(line: str) -> Json:
    return {"enum": line.split()}


def maybe(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def record(needed: Json, **more: Json) -> Json:
    """An object with exactly these keys; those in `more` may be left out."""
    return {
        "type": "object",
        "properties": {**needed, **more},
        "required": list(needed),
        "additionalProperties": False,
    }


_SORT = record({"type": one_of("manual", "ascending", "descending")})
_TYPES = words("table board list calendar timeline gallery form chart map dashboard")
_PARENT = record({"type": {"const": "database_id"}, "database_id": _ID})


def _grouping(types: str, answer: bool, **needed: Json) -> Json:
    more = {"property_name": _TEXT} if answer else {}
    week = {"start_day_of_week": {"enum": [0, 1]}} if "date" in types.split() else {}
    return record(
        {"type": one_of(*types.split()), "property_id": _TEXT, "sort": _SORT, **needed},
        hide_empty_groups=_BOOL,
        **more,
        **week,
    )


def _groupings(answer: bool) -> Json:
    return {
        "anyOf": [
            _grouping("select multi_select checkbox relation person number", answer),
            _grouping("status", answer, group_by=one_of("group", "option")),
            _grouping(
                "date created_time last_edited_time",
                answer,
                group_by=one_of("relative", "day", "week", "month", "year"),
            ),
            _grouping("text title url email phone_number", answer, group_by=one_of("exact", "alphabet_prefix")),
        ]
    }


_ADDED = record(
    {"aggregator": words("count count_values sum average median min max unique empty not_empty")},
    property_id=_TEXT,
)
_COLORS = words("gray lightgray brown yellow orange green blue purple pink red")
_LINE: Json = {"value": _NUMBER, "label": _TEXT, "color": _COLORS, "dash_style": one_of("solid", "dash")}


def _chart(answer: bool) -> Json:
    """The configuration of a chart, as it is answered or asked for: only a request may hold null everywhere."""
    line = record({**_LINE, "id": _TEXT}) if answer else record(_LINE, id=_TEXT)
    free = {
        "value": _ADDED,
        "sort": one_of("manual", "x_ascending", "x_descending", "y_ascending", "y_descending"),
        "height": one_of("small", "medium", "large", "extra_large"),
        "legend_position": one_of("off", "bottom", "side"),
        "show_data_labels": _BOOL,
        "hide_empty_groups": _BOOL,
    }
    clearable = {
        "x_axis": _groupings(answer),
        "y_axis": _ADDED,
        "reference_lines": {"type": "array", "items": line},
        "caption": _TEXT,
        "y_axis_min": _NUMBER,
        "y_axis_max": _NUMBER,
    }
    return record(
        {"type": {"const": "chart"}, "chart_type": one_of("column", "bar", "line", "donut", "number")},
        **{key: one if answer else maybe(one) for key, one in free.items()},
        **{key: maybe(one) for key, one in clearable.items()},
    )


_FILTER: Json = {"type": "object"}
VIEW = record(
    {
        "object": {"const": "view"},
        "id": _ID,
        "parent": _PARENT,
        "name": _TEXT,
        "type": _TYPES,
        "created_time": _TIME,
        "last_edited_time": _TIME,
        "url": {"type": "string", "format": "uri"},
    },
    data_source_id=maybe(_ID),
    created_by=maybe(_USER),
    last_edited_by=maybe(_USER),
    filter=maybe(_FILTER),
    sorts=maybe({"type": "array", "items": {"type": "object"}}),
    quick_filters=maybe({"type": "object"}),
    configuration=maybe(_chart(answer=True)),
)
DELETED_VIEW = record({"object": {"const": "view"}, "id": _ID, "parent": _PARENT, "type": _TYPES})
VIEW_REFERENCE = record({"object": {"const": "view"}, "id": _ID})
FILE_UPLOAD = record(
    {
        "object": {"const": "file_upload"},
        "id": _ID,
        "created_time": _TIME,
        "created_by": record({"id": _ID, "type": one_of("person", "bot", "agent")}),
        "last_edited_time": _TIME,
        "in_trash": _BOOL,
        "expiry_time": maybe(_TIME),
        "status": one_of("pending", "uploaded", "expired", "failed"),
        "filename": maybe(_TEXT),
        "content_type": maybe(_TEXT),
        "content_length": maybe({"type": "integer"}),
    },
    upload_url=_TEXT,
    complete_url=_TEXT,
    number_of_parts=record({"total": {"type": "integer"}, "sent": {"type": "integer"}}),
)
_PAGE = record({"type": {"const": "page_id"}, "page_id": _ID})
_BEHIND = record({"type": {"const": "after_block"}, "block_id": _ID})
CREATE_VIEW = record(
    {"data_source_id": _ID, "name": _TEXT, "type": _TYPES},
    filter=_FILTER,
    create_database=record({"parent": _PAGE}, position=_BEHIND),
    configuration=_chart(answer=False),
)
UPDATE_VIEW = record({}, name=_TEXT, filter=maybe(_FILTER), configuration=_chart(answer=False))
CREATE_UPLOAD = record(
    {},
    mode=one_of("single_part", "multi_part", "external_url"),
    filename=_TEXT,
    content_type=_TEXT,
    number_of_parts={"type": "integer"},
)


def problems(schema: Json, value: Any) -> list[str]:
    """What does not fit, in words."""
    judge = jsonschema_rs.validator_for(schema, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in judge.iter_errors(value)]


def known(body: Json) -> bool:
    """Whether an answer is one that these shapes describe."""
    return body.get("object") in ("view", "file_upload")


def fits(body: Json) -> list[str]:
    """What is wrong with an answer that is a view or a file upload, whole or deleted."""
    body = {key: value for key, value in body.items() if key != "request_id"}
    if body["object"] == "file_upload":
        ours, name = FILE_UPLOAD, "FileUploadObjectResponse"
    else:
        ours = VIEW if "name" in body else DELETED_VIEW
        name = "DataSourceViewObjectResponse" if "name" in body else "PartialDataSourceViewObjectResponse"
    derived = _derived(name)
    return problems(ours, body) + ([] if derived is None else problems(derived, body))


@cache
def _derived(name: str) -> Json | None:
    file = SCHEMAS / f"notion_{name}.json"
    return _without_archived(json.loads(file.read_text("utf-8"))) if file.exists() else None
