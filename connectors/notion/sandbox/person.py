"""What a person does in Notion while the hub works: foreign edits, rows, blocks, columns, the trash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.notion.sandbox import content as sandbox_content
from connectors.notion.sandbox import pages as sandbox_pages
from connectors.notion.sandbox import tables as sandbox_tables
from connectors.notion.sandbox.call import Call, set_trash
from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.objects import NEWEST, title_of
from connectors.notion.sandbox.richtext import text as rich_text
from connectors.notion.sandbox.show import request_value
from connectors.notion.sandbox.state import Block, Comment, Database, DataSource, Page, State, Thing, parent_of


class PersonControls:
    """The controls that act in a person's name. A person sees everything in the workspace."""

    state: State

    def edit_as_person(self, page_id: str, edits: Mapping[str, Any] | str, person: str = "Lila") -> None:
        """A person edits a page's or row's properties ({name: plain value, None empties}), or a block's text (str)."""
        with self.state.lock:
            thing = self.state.get(page_id, Page, Block)
            if isinstance(thing, Block):
                body = {thing.type: {"rich_text": [{"text": {"content": str(edits)}}]}}
                sandbox_content.update_block(self._as(person, thing, {"block_id": thing.id}, body))
                return
            if not isinstance(edits, Mapping):
                raise TypeError("A page is edited with a mapping of property names to values.")
            body = {"properties": self._values(thing, edits)}
            sandbox_pages.update_page(self._as(person, thing, {"page_id": thing.id}, body))

    def _values(self, thing: Thing, edits: Mapping[str, Any]) -> Json:
        if isinstance(thing, Page) and thing.source is None:
            return {key: {"title": _request_rich(str(value))} for key, value in edits.items()}
        source = self.state.get(str(getattr(thing, "source", thing.id)), DataSource)
        workspace, values = self.state.workspaces[thing.workspace], {}
        for key, value in edits.items():
            prop = source.property(key)
            if prop is None:
                raise KeyError(f"{title_of(source)} has no property {key}.")
            values[key] = request_value(self.state, workspace, prop, value)
        return values

    def add_row_as_person(self, data_source_id: str, values: Mapping[str, Any], person: str = "Lila") -> str:
        """A person adds a row with plain values. Its id."""
        with self.state.lock:
            source = self.state.get(data_source_id, DataSource)
            body = {"parent": parent_of(source), "properties": self._values(source, values)}
            return str(sandbox_pages.create_page(self._as(person, source, {}, body))["id"])

    def add_block_as_person(
        self, parent_id: str, text: str, kind: str = "paragraph", person: str = "Lila", after: str | None = None
    ) -> str:
        """A person writes a block of text at the end of a page or block, or after a sibling. Its id."""
        with self.state.lock:
            parent = self.state.get(parent_id, Page, Block)
            body: Json = {"children": [{kind: {"rich_text": _request_rich(text)}}]}
            if after is not None:
                body["position"] = {"type": "after_block", "after_block": {"id": after}}
            call = self._as(person, parent, {"block_id": parent.id}, body)
            return str(sandbox_content.append_children(call)["results"][0]["id"])

    def trash_as_person(self, thing_id: str, person: str = "Lila") -> None:
        """A person moves a page, row, block, database or data source to the trash."""
        self._trash(thing_id, person, trashed=True)

    def restore_as_person(self, thing_id: str, person: str = "Lila") -> None:
        """A person takes it out of the trash."""
        self._trash(thing_id, person, trashed=False)

    def _trash(self, key: str, person: str, *, trashed: bool) -> None:
        with self.state.lock:
            thing = self.state.get(key, Page, Block, Database, DataSource)
            set_trash(self._as(person, thing, {}, {}), thing, trashed)

    def change_schema_as_person(self, data_source_id: str, properties: Mapping[str, Any], person: str = "Lila") -> None:
        """A person changes columns in the API's words: {"Old": {"name": "New"}}, {"Gone": None}, {"More": {…}}."""
        with self.state.lock:
            source = self.state.get(data_source_id, DataSource)
            call = self._as(person, source, {"data_source_id": source.id}, {"properties": dict(properties)})
            sandbox_tables.update_source(call)

    def _as(self, person: str, near: Thing, params: Mapping[str, str], body: Json) -> Call:
        who = self.state.person(person, self.state.workspaces[near.workspace])
        return Call(state=self.state, caller=who, version=NEWEST, params=params, body=body)

    def add_template(self, data_source_id: str, name: str, is_default: bool = False, person: str = "Lila") -> str:
        """A person makes a row template. Its id: a page, to be filled by `add_block_as_person`, `edit_as_person`."""
        with self.state.lock:
            source = self.state.get(data_source_id, DataSource)
            who = self.state.person(person, self.state.workspaces[source.workspace])
            page = Page(values={"title": rich_text(name)}, source=source.id, **self.state.stamp(source, who))
            page.template = True
            self.state.things[page.id] = page
            source.templates.append({"id": page.id, "name": name, "is_default": is_default})
            return page.id

    def comment_as_person(self, thing_id: str, text: str, person: str = "Lila") -> str:
        """A person comments on a page or block. The comment's id."""
        with self.state.lock:
            near = self.state.get(thing_id, Page, Block)
            kind = "page_id" if isinstance(near, Page) else "block_id"
            body: Json = {"parent": {kind: near.id}, "rich_text": _request_rich(text)}
            return str(sandbox_content.create_comment(self._as(person, near, {}, body))["id"])

    def change_comment_as_person(self, comment_id: str, text: str | None, person: str = "Lila") -> None:
        """A person writes a comment anew, or deletes it (None)."""
        with self.state.lock:
            comment = self.state.get(comment_id, Comment)
            call = self._as(person, comment, {}, {})
            if text is None:
                del self.state.things[comment.id]
            else:
                comment.rich_text = rich_text(text)
                self.state.touch(comment, call.caller)
            sandbox_content.ring(call, comment, "deleted" if text is None else "updated")


def _request_rich(text: str) -> list[Json]:
    return [{"text": {"content": text}}] if text else []
