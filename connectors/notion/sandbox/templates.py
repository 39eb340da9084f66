"""Row templates: pages beside the rows of a table, listed by one call and applied to a new row some time later."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from connectors.notion.sandbox.blocks import living
from connectors.notion.sandbox.call import Call
from connectors.notion.sandbox.errors import Json, an_object, invalid, misfit, only
from connectors.notion.sandbox.properties import shown_id
from connectors.notion.sandbox.state import Block, Caller, DataSource, Page, State, canonical


def list_templates(call: Call) -> Json:
    """GET /data_sources/{data_source_id}/templates: the list is called `templates`, not `results`."""
    source = call.state.find(call.caller, call.params["data_source_id"], DataSource)
    size, cursor = call.paging()
    name = (call.query.get("name") or [""])[0].lower()
    listed = [one for one in _living(call.state, source) if name in one["name"].lower()]
    shown, following = call.state.page_through(listed, size, cursor)
    return {"templates": shown, "next_cursor": following, "has_more": following is not None}


def _living(state: State, source: DataSource) -> list[Json]:
    return [one for one in source.templates if not state.get(one["id"], Page).trashed]


def wanted(call: Call, parent: Page | DataSource) -> Page | None:
    """The template that POST /pages names, or None. Raises 400 for one that the table does not have."""
    given = an_object(call.body.get("template", {"type": "none"}), "template")
    kind = given.get("type")
    if kind == "none":
        only(given, ("type",), "template")
        return None
    only(given, ("type", "timezone", *(("template_id",) if kind == "template_id" else ())), "template")
    if kind not in ("default", "template_id"):
        raise misfit("template.type", "be `none`, `default` or `template_id`", kind)
    if call.body.get("children"):
        raise invalid("children cannot be given together with a template.")
    if not isinstance(parent, DataSource):
        raise invalid("A template needs a data source as the page's parent.")
    key = canonical(given.get("template_id"))
    for one in _living(call.state, parent):
        if one["is_default"] if kind == "default" else one["id"] == key:
            return call.state.get(one["id"], Page)
    raise invalid(f"Could not find a template with ID: {key}." if key else "The data source has no default template.")


def apply_later(call: Call, page: Page, template: Page) -> None:
    """Fill the row in two steps: after the lag its first block, after twice the lag the rest and the properties."""
    state, by, lag = call.state, call.caller, timedelta(seconds=call.state.template_lag)
    state.later.add(lag, lambda: _first(state, page, template, by))
    state.later.add(2 * lag, lambda: _rest(state, page, template, by))


def _first(state: State, page: Page, template: Page, by: Caller) -> None:
    blocks = [one for one in living(state, template) if isinstance(one, Block)]
    if blocks and not page.trashed:
        _plant(state, blocks[:1], page, by)
        _ring(state, page, by)


def _rest(state: State, page: Page, template: Page, by: Caller) -> None:
    if page.trashed:
        return
    blocks = [one for one in living(state, template) if isinstance(one, Block)]
    if blocks:
        first = state.get(page.children[0], Block)
        for child in living(state, blocks[0]):
            _deep(state, child, first, by)
        for block in blocks[1:]:
            _deep(state, block, page, by)
    changed = [key for key, value in template.values.items() if _filled(value) and not _filled(page.values.get(key))]
    page.values.update({key: copy.deepcopy(template.values[key]) for key in changed})
    state.touch(page, by)
    if changed:
        ids = [shown_id(key) for key in changed]
        state.emit("page.properties_updated", page, {"updated_properties": ids}, by)
    if blocks:
        _ring(state, page, by)


def _filled(value: object) -> bool:
    return value not in (None, []) and value is not False


def _deep(state: State, thing: Any, parent: Page | Block, by: Caller) -> None:
    if isinstance(thing, Block):
        (made,) = _plant(state, [thing], parent, by)
        for child in living(state, thing):
            _deep(state, child, made, by)


def _plant(state: State, blocks: list[Block], parent: Page | Block, by: Caller) -> list[Block]:
    made = []
    for block in blocks:
        new = Block(type=block.type, content=copy.deepcopy(block.content), **state.stamp(parent, by))
        state.things[new.id] = new
        parent.children.append(new.id)
        made.append(new)
    state.touch(parent, by)
    return made


def _ring(state: State, page: Page, by: Caller) -> None:
    updated = [{"id": key, "type": "block"} for key in page.children]
    state.emit("page.content_updated", page, {"updated_blocks": updated}, by)
