"""Every POST, PUT and DELETE but those of webhooks."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.trello.sandbox import changes, shapes
from connectors.trello.sandbox.calls import Ask, Json, Refusal, thing
from connectors.trello.sandbox.reads import board_of, card_of, list_of
from connectors.trello.sandbox.state import stamp

if TYPE_CHECKING:
    from connectors.trello.sandbox.state import State

LONGEST = 16_384
_FLAGS = ("closed", "dueComplete", "subscribed", "isTemplate")
_IDS = ("idMembers", "idLabels")
_MOMENTS = ("due", "start")
KINDS = ("text", "number", "date", "checkbox", "list")


def _fields(state: "State", ask: Ask, board: str) -> Json:
    """What a call says about a card, each in its own type."""
    fields: Json = {}
    for name in ask.given:
        if name in _FLAGS:
            fields[name] = ask.flag(name)
        elif name in _IDS:
            fields[name] = ask.ids(name)
        elif name in _MOMENTS:
            fields[name] = _moment(ask, name)
        elif name in ("name", "desc"):
            fields[name] = ask.text(name) or ""
            if len(fields[name]) > LONGEST:
                raise Refusal(400, f"invalid value for {name}")
    people = state.boards[board]["people"]
    if any(each not in people for each in fields.get("idMembers", ())):
        raise Refusal(400, "invalid value for idMembers")
    if any(state.labels.get(each, {}).get("idBoard") != board for each in fields.get("idLabels", ())):
        raise Refusal(400, "invalid value for idLabels")
    return fields


def _moment(ask: Ask, name: str) -> str | None:
    """A full instant, whatever was sent: a day alone becomes its midnight."""
    text = ask.text(name)
    if text in (None, "", "null"):
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refusal(400, f"invalid value for {name}") from None
    return stamp(moment) if moment.tzinfo else f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _add_card(state: "State", ask: Ask) -> Json:
    if ask.text("idList") is None:
        raise Refusal(400, "invalid value for idList")
    section = list_of(state, ask, ask.need("idList"))
    fields = _fields(state, ask, section["idBoard"])
    source = card_of(state, ask, ask.need("idCardSource")) if ask.text("idCardSource") else None
    taken = _taken(ask, source, section["idBoard"]) if source else {}
    card = changes.add_card(state, ask.member, section, {**taken, **fields}, source=source)
    if source:
        _take_over(state, ask, source, card)
    return shapes.card(state, card, Ask((), {}, ask.token))


def _kept(ask: Ask) -> set[str]:
    kept = set((ask.text("keepFromSource") or "all").split(","))
    every = {"attachments", "checklists", "comments", "customFields", "due", "start", "labels", "members", "stickers"}
    return every if "all" in kept else kept


def _taken(ask: Ask, source: Json, board: str) -> Json:
    kept = _kept(ask)
    taken = {"name": source["name"], "desc": source["desc"]}
    taken |= {name: source[name] for name in ("due", "start") if name in kept}
    if source["idBoard"] == board:
        taken |= {
            field: source[field] for field, name in (("idLabels", "labels"), ("idMembers", "members")) if name in kept
        }
    return {name: list(value) if isinstance(value, list) else value for name, value in taken.items()}


def _take_over(state: "State", ask: Ask, source: Json, card: Json) -> None:
    kept = _kept(ask)
    if "checklists" in kept:
        for each in [each for each in state.checklists.values() if each["idCard"] == source["id"]]:
            made = changes.add_checklist(state, ask.member, card, each["name"])
            for item in each["checkItems"]:
                changes.add_item(state, ask.member, made, item["name"], done=False, due=item["due"])
    if "customFields" in kept and source["idBoard"] == card["idBoard"]:
        card["items"] = [{**each, "id": state.new_id(), "idModel": card["id"]} for each in source["items"]]


def _edit_card(state: "State", ask: Ask) -> Json:
    card = card_of(state, ask, ask.parts[0])
    change = _fields(state, ask, card["idBoard"])
    for name, things in (("idList", state.lists), ("idBoard", state.boards)):
        if name in ask.given:
            change[name] = thing(things, ask.need(name))["id"]
    if len(ask.parts) > 1:  # PUT /cards/{id}/{field} {"value": …}
        inner = Ask(ask.parts[:1], {ask.parts[1]: ask.given.get("value")}, ask.token)
        return _edit_card(state, inner)
    changes.edit_card(state, ask.member, card, change)
    return shapes.card(state, card, Ask((), {}, ask.token))


def _delete_card(state: "State", ask: Ask) -> Json:
    changes.delete_card(state, ask.member, card_of(state, ask, ask.parts[0]))
    return {"limits": {}}


def _set_item(state: "State", ask: Ask) -> Json:
    card = card_of(state, ask, ask.parts[0])
    column = thing(state.custom_fields, ask.parts[1])
    if column["idModel"] != card["idBoard"]:
        raise Refusal(400, "Invalid custom field item value.")
    value, option = ask.given.get("value"), ask.given.get("idValue")
    if value in ("", None) and option in ("", None):
        changes.set_item(state, ask.member, card, column, None, None)
        return {}
    if column["type"] == "list":
        if option not in [each["id"] for each in column["options"]]:
            raise Refusal(400, "Invalid custom field item value.")
        return changes.set_item(state, ask.member, card, column, None, str(option)) or {}
    return changes.set_item(state, ask.member, card, column, held(column, value), None) or {}


def held(column: Json, value: Any) -> Json:
    """Numbers and boxes are texts, however they were sent."""
    part = "checked" if column["type"] == "checkbox" else str(column["type"])
    if not isinstance(value, dict) or set(value) != {part}:
        raise Refusal(400, "Invalid custom field item value.")
    text = value[part]
    text = str(text).lower() if isinstance(text, bool) else str(text)
    try:
        if part == "number":
            float(text)
        elif part == "date":
            text = stamp(datetime.fromisoformat(text))
    except ValueError:
        raise Refusal(400, "Invalid custom field item value.") from None
    return {part: text}


def _comment(state: "State", ask: Ask) -> Json:
    card = card_of(state, ask, ask.parts[0])
    data: Json = {
        "text": ask.need("text"),
        "card": shapes.card_ref(card),
        "board": shapes.ref(state.boards[card["idBoard"]]),
    }
    data["list"] = shapes.ref(state.lists[card["idList"]])
    return changes.act(state, ask.member, "commentCard", data, (card["idBoard"], card["idList"], card["id"]))


def _add_card_label(state: "State", ask: Ask) -> list[str]:
    card, label = card_of(state, ask, ask.parts[0]), thing(state.labels, ask.need("value"))
    changes.edit_card(state, ask.member, card, {"idLabels": [*card["idLabels"], label["id"]]})
    found: list[str] = card["idLabels"]
    return found


def _add_board(state: "State", ask: Ask) -> Json:
    workspace = ask.text("idOrganization")
    if workspace is not None:
        thing(state.workspaces, workspace)
    source = board_of(state, ask, ask.need("idBoardSource")) if ask.text("idBoardSource") else None
    made = changes.add_board(state, ask.member, ask.need("name"), workspace, ask.text("desc") or "", template=False)
    if source is not None:
        _copy_board(state, ask, source, made)
    elif ask.flag("defaultLists", True):
        for name in ("To Do", "Doing", "Done"):
            changes.add_list(state, ask.member, made, name)
    return shapes.board(state, made, Ask((), {}, ask.token), None)


def _copy_board(state: "State", ask: Ask, source: Json, made: Json) -> None:
    """Lists and fields at once; the cards appear while one looks (`copy_batch`)."""
    made["desc"] = ask.text("desc") or source["desc"]
    for each in [each for each in state.custom_fields.values() if each["idModel"] == source["id"]]:
        options = tuple(option["value"]["text"] for option in each.get("options", ()))
        changes.add_column(state, ask.member, made, each["name"], each["type"], options)
    sections = {
        each["id"]: changes.add_list(state, ask.member, made, each["name"])
        for each in shapes.lists(state, source["id"], "open")
    }
    if (ask.text("keepFromSource") or "none") != "cards":
        return
    for card in [each for each in state.cards.values() if each["idList"] in sections and not each["closed"]]:
        fields = {name: card[name] for name in ("name", "desc", "due", "start", "isTemplate")}
        copy = changes.add_card(state, ask.member, sections[card["idList"]], fields, source=card)
        state.copying.setdefault(made["id"], []).append(state.cards.pop(copy["id"]))


def _edit_board(state: "State", ask: Ask) -> Json:
    board = board_of(state, ask, ask.parts[0])
    change: Json = {name: ask.text(name) or "" for name in ("name", "desc") if name in ask.given}
    if "closed" in ask.given:
        change["closed"] = ask.flag("closed")
    changes.edit_board(state, ask.member, board, change)
    return shapes.board(state, board, Ask((), {}, ask.token), None)


def _add_list(state: "State", ask: Ask) -> Json:
    key = ask.parts[0] if ask.parts else ask.need("idBoard")
    return changes.add_list(state, ask.member, board_of(state, ask, key), ask.need("name"))


def _edit_list(state: "State", ask: Ask) -> Json:
    section = list_of(state, ask, ask.parts[0])
    change: Json = {"name": ask.need("name")} if "name" in ask.given else {}
    if "closed" in ask.given:
        change["closed"] = ask.flag("closed")
    changes.edit_list(state, ask.member, section, change)
    return section


def _add_label(state: "State", ask: Ask) -> Json:
    return changes.add_label(state, board_of(state, ask, ask.need("idBoard")), ask.need("name"), ask.text("color"))


def _add_column(state: "State", ask: Ask) -> Json:
    if not state.has_custom_fields:
        raise Refusal(403, "Custom Fields are not available on this board")
    if ask.need("type") not in KINDS:
        raise Refusal(400, "invalid value for type")
    board = board_of(state, ask, ask.need("idModel"))
    texts = tuple(str(each["value"]["text"]) for each in ask.given.get("options") or ())
    return changes.add_column(state, ask.member, board, ask.need("name"), ask.need("type"), texts)


def _add_checklist(state: "State", ask: Ask) -> Json:
    card = card_of(state, ask, ask.parts[0] if ask.parts else ask.need("idCard"))
    return changes.add_checklist(state, ask.member, card, ask.need("name"))


def _add_item(state: "State", ask: Ask) -> Json:
    checklist = thing(state.checklists, ask.parts[0])
    card_of(state, ask, checklist["idCard"])
    done = ask.flag("checked")
    return changes.add_item(state, ask.member, checklist, ask.need("name"), done=done, due=_moment(ask, "due"))


ROUTES = (
    ("POST", "cards", _add_card),
    ("PUT", "cards/*", _edit_card),
    ("PUT", "cards/*/*", _edit_card),
    ("DELETE", "cards/*", _delete_card),
    ("PUT", "cards/*/customField/*/item", _set_item),
    ("PUT", "card/*/customField/*/item", _set_item),
    ("POST", "cards/*/actions/comments", _comment),
    ("POST", "cards/*/idLabels", _add_card_label),
    ("POST", "cards/*/checklists", _add_checklist),
    ("POST", "checklists", _add_checklist),
    ("POST", "checklists/*/checkItems", _add_item),
    ("POST", "boards", _add_board),
    ("PUT", "boards/*", _edit_board),
    ("POST", "boards/*/lists", _add_list),
    ("POST", "lists", _add_list),
    ("PUT", "lists/*", _edit_list),
    ("POST", "labels", _add_label),
    ("POST", "customFields", _add_column),
)
