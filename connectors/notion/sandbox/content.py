"""Calls below /v1/blocks and /v1/comments."""

from __future__ import annotations

from connectors.notion.sandbox import richtext as rich
from connectors.notion.sandbox.blocks import Reader, living, parental, place_of, plant, same_width
from connectors.notion.sandbox.call import Call, content_changed, set_trash
from connectors.notion.sandbox.errors import Json, an_object, forbidden, invalid
from connectors.notion.sandbox.objects import a_list_of, block_json, comment_json
from connectors.notion.sandbox.state import Block, Comment, Database, Page, Thing, canonical, new_id


def _standing(call: Call) -> Thing:
    """The block of the path: a block proper, or a page or database as the block that it also is."""
    return call.state.find(call.caller, call.params["block_id"], Block, Page, Database)


def get_block(call: Call) -> Json:
    return block_json(call.state, _standing(call), call.version)


def update_block(call: Call) -> Json:
    """PATCH /blocks/{block_id}: part of its content, or the trash. A block keeps its type."""
    block, body = _standing(call), call.body
    call.may_edit(block)
    if not isinstance(block, Block):
        call.only("in_trash")
        set_trash(call, block, call.trash_wish())
        return block_json(call.state, block, call.version)
    call.only("type", "in_trash", block.type)
    if block.type in body:
        given = an_object(body[block.type], block.type)
        reader = Reader(call.state, call.caller)
        # A link leads to one thing: where it led before is no part of where it leads now.
        before = None if block.type == "link_to_page" else block.content
        content = reader.content(block.type, given, block.type, before=before)
        parent = call.state.things.get(str(block.parent.get("block_id")))
        if block.type == "table_row" and isinstance(parent, Block):
            width = parent.content["table_width"]
            if len(content["cells"]) != width:
                raise invalid(f"The row has {len(content['cells'])} cells, its table is {width} wide.")
        if content != block.content:
            block.content = content
            content_changed(call, block, [block])
    set_trash(call, block, call.trash_wish())
    call.state.touch(block, call.caller)
    return block_json(call.state, block, call.version)


def delete_block(call: Call) -> Json:
    """DELETE /blocks/{block_id}: into the trash; also for pages and databases."""
    block = _standing(call)
    call.state.editable(block)
    set_trash(call, block, True)
    return block_json(call.state, block, call.version)


def list_children(call: Call) -> Json:
    """GET /blocks/{block_id}/children: what is not in the trash, in order."""
    block = _standing(call)
    size, cursor = call.paging()
    children = living(call.state, block) if isinstance(block, (Block, Page)) else []
    shown, following = call.state.page_through(children, size, cursor)
    return a_list_of("block", [block_json(call.state, one, call.version) for one in shown], following)


def append_children(call: Call) -> Json:
    """PATCH /blocks/{block_id}/children: up to 100 blocks, at the end or where `position` (old: `after`) says."""
    call.only("children", "position" if call.newest else "after")
    parent = _standing(call)
    if not isinstance(parent, (Block, Page)):
        raise invalid("Block does not support children: a child_database has none.")
    call.state.editable(parent)
    above = parent.type if isinstance(parent, Block) else "page"
    if isinstance(parent, Block):
        parental(parent.type, parent.content)
    reader = Reader(call.state, call.caller)
    sprouts = reader.many(call.body.get("children"), "children", above=above)
    if isinstance(parent, Block) and parent.type == "table":
        same_width(parent.content, sprouts)
    place = place_of(call.state, parent, call.body, newest=call.newest)
    call.state.plan.take(call.caller.workspace.id, reader.count)
    made = plant(call.state, sprouts, parent, call.caller, place)
    call.state.touch(parent, call.caller)
    content_changed(call, parent, made)
    return a_list_of("block", [block_json(call.state, one, call.version) for one in made], None)


def create_comment(call: Call) -> Json:
    """POST /comments: on a page or block, or into a discussion."""
    _may_comment(call)
    call.only("parent", "discussion_id", "rich_text")
    state = call.state
    text = rich.parse(call.body.get("rich_text"), "rich_text", state, call.caller)
    if "discussion_id" in call.body:
        wanted = canonical(call.body["discussion_id"])
        first = next((c for c in _comments(call) if c.discussion == wanted), None)
        if first is None:
            raise invalid(f"Could not find a discussion with ID: {wanted}.")
        parent, discussion = state.get(first.parent[first.parent["type"]], Page, Block), first.discussion
    else:
        given = an_object(call.body.get("parent"), "parent")
        parent = state.find(call.caller, given.get("page_id") or given.get("block_id"), Page, Block)
        discussion = new_id()
    state.editable(parent)
    comment = Comment(discussion=discussion, rich_text=text, **state.stamp(parent, call.caller))
    state.things[comment.id] = comment
    ring(call, comment, "created")
    return comment_json(comment, _names(call))


def ring(call: Call, comment: Comment, what: str) -> None:
    """Tell webhooks of a comment that was created, updated or deleted, and of the page that it stands on."""
    near = call.state.get(comment.parent[comment.parent["type"]], Page, Block)
    page = near if isinstance(near, Page) else call.state.page_of(near)
    call.state.emit(f"comment.{what}", comment, {"page_id": page.id if page else near.id}, call.caller)


def get_comment(call: Call) -> Json:
    """GET /comments/{comment_id}."""
    _may_comment(call)
    return comment_json(call.state.find(call.caller, call.params["comment_id"], Comment), _names(call))


def _may_comment(call: Call) -> None:
    if not call.caller.comments:
        raise forbidden()


def list_comments(call: Call) -> Json:
    """GET /comments?block_id=: the comments on one page or block."""
    _may_comment(call)
    wanted = (call.query.get("block_id") or [""])[0]
    block = call.state.find(call.caller, wanted, Page, Block)
    size, cursor = call.paging()
    here = [comment for comment in _comments(call) if comment.parent[comment.parent["type"]] == block.id]
    shown, following = call.state.page_through(here, size, cursor)
    return a_list_of("comment", [comment_json(one, _names(call)) for one in shown], following)


def _comments(call: Call) -> list[Comment]:
    things = call.state.things.values()
    return [one for one in things if isinstance(one, Comment) and call.state.sees(call.caller, one)]


def _names(call: Call) -> dict[str, str]:
    return {person.id: person.name for person in call.caller.workspace.people.values()}
