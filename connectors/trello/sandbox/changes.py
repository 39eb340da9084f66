"""What happens to cards, lists and boards, whoever does it; each is written down as an action and told to webhooks."""

from typing import TYPE_CHECKING, Any

from connectors.trello.sandbox import hooks
from connectors.trello.sandbox.calls import Json, Refusal, thing
from connectors.trello.sandbox.shapes import CARD_SET, card_ref, new_board, new_card, ref
from connectors.trello.sandbox.state import stamp

if TYPE_CHECKING:
    from connectors.trello.sandbox.state import State

HUB_APP = "5f0000000000000000000abc"


def act(state: "State", who: str, kind: str, data: Json, models: tuple[str, ...], **more: Any) -> Json:
    """Write an action down and tell the webhooks of its models."""
    member = state.members[who]
    named = {name: member[name] for name in ("id", "username", "fullName", "initials", "avatarUrl", "activityBlocked")}
    action = {
        "id": state.new_id(),
        "idMemberCreator": who,
        "data": data,
        "appCreator": {"id": HUB_APP} if who in {token["idMember"] for token in state.tokens.values()} else None,
        "agenticIdentity": None,
        "type": kind,
        "date": stamp(state.now()),
        "limits": None,
        "memberCreator": named,
        **more,
    }
    state.actions.append({**action, "_board": models[0], "_models": models})
    hooks.tell(state, action, (*models, who))
    return action


def _about(state: "State", card: Json, *names: str) -> Json:
    board, section = state.boards[card["idBoard"]], state.lists[card["idList"]]
    return {"card": card_ref(card, *names), "board": ref(board), "list": ref(section)}


def _models(card: Json) -> tuple[str, ...]:
    return card["idBoard"], card["idList"], card["id"]


def add_card(state: "State", who: str, section: Json, fields: Json, *, source: Json | None = None) -> Json:
    """A new card at the end of a list; copied from `source` where there is one."""
    board = state.boards[section["idBoard"]]
    board["cards_made"] += 1
    now = stamp(state.now())
    card = new_card(state.new_id(), board["id"], section["id"], "", board["cards_made"], now)
    for name, value in fields.items():
        if name in CARD_SET:
            card[name] = value
    state.cards[card["id"]] = card
    data = _about(state, card)
    if source is not None:
        data["cardSource"] = card_ref(source)
    act(state, who, "createCard" if source is None else "copyCard", data, _models(card))
    return card


def edit_card(state: "State", who: str, card: Json, change: Json) -> None:
    """Set some fields of a card. One action for each that really changes, and two for labels."""
    for name, value in change.items():
        if name not in CARD_SET:
            raise Refusal(400, f"invalid value for {name}")
        if card[name] == value:
            continue
        old, card["dateLastActivity"] = card[name], stamp(state.now())
        if name == "idMembers":
            _set_members(state, who, card, value)
        elif name == "idBoard":
            move_to_board(state, who, card, thing(state.boards, value), None)
        elif name == "idList":
            _set_list(state, who, card, thing(state.lists, value))
        else:
            if name == "idLabels":
                _tell_labels(state, who, card, value)
            card[name] = value
            data = {**_about(state, card, name), "old": {name: old}}
            act(state, who, "updateCard", data, _models(card))


def _set_members(state: "State", who: str, card: Json, members: list[str]) -> None:
    before, card["idMembers"] = card["idMembers"], members
    changed = [("addMemberToCard", each) for each in members if each not in before]
    changed += [("removeMemberFromCard", each) for each in before if each not in members]
    for kind, each in changed:
        member = thing(state.members, each)
        data = {**_about(state, card), "idMember": each, "member": {"id": each, "name": member["fullName"]}}
        act(state, who, kind, data, _models(card), member={"id": each, "username": member["username"]})


def _tell_labels(state: "State", who: str, card: Json, labels: list[str]) -> None:
    """The first of the two actions of a label: updateCard comes behind it."""
    changed = [("addLabelToCard", each) for each in labels if each not in card["idLabels"]]
    changed += [("removeLabelFromCard", each) for each in card["idLabels"] if each not in labels]
    for kind, each in changed:
        label = thing(state.labels, each)
        data = {**_about(state, card), "label": {name: label[name] for name in ("id", "name", "color")}}
        act(state, who, kind, {**data, "text": label["name"], "value": label["color"]}, _models(card))


def _set_list(state: "State", who: str, card: Json, section: Json) -> None:
    if section["idBoard"] != card["idBoard"]:
        move_to_board(state, who, card, state.boards[section["idBoard"]], section)
        return
    before, card["idList"] = state.lists[card["idList"]], section["id"]
    data = {
        "card": card_ref(card, "idList"),
        "board": ref(state.boards[card["idBoard"]]),
        "listBefore": ref(before),
        "listAfter": ref(section),
        "old": {"idList": before["id"]},
    }
    act(state, who, "updateCard", data, (*_models(card), before["id"]))


def move_to_board(state: "State", who: str, card: Json, board: Json, section: Json | None) -> None:
    """Move a card to another board: one action on each."""
    there = [each for each in state.lists.values() if each["idBoard"] == board["id"] and not each["closed"]]
    if section is None and not there:
        raise Refusal(400, "invalid value for idBoard")
    target = section or there[0]
    before, old = state.boards[card["idBoard"]], state.lists[card["idList"]]
    left = {"card": card_ref(card), "board": ref(before), "list": ref(old), "boardTarget": {"id": board["id"]}}
    card["idBoard"], card["idList"], card["items"] = board["id"], target["id"], []
    card["idLabels"] = []
    act(state, who, "moveCardFromBoard", left, (before["id"], old["id"]))
    act(state, who, "moveCardToBoard", {**_about(state, card), "boardSource": {"id": before["id"]}}, _models(card))


def delete_card(state: "State", who: str, card: Json) -> None:
    """Delete for good: the action does not tell the card's name."""
    data = _about(state, card)
    del data["card"]["name"]
    models = _models(card)
    del state.cards[card["id"]]
    state.checklists = {key: each for key, each in state.checklists.items() if each["idCard"] != card["id"]}
    act(state, who, "deleteCard", data, models)


def set_item(state: "State", who: str, card: Json, column: Json, value: Any, option: str | None) -> Json | None:
    """Set a custom field; `value` is {"text": …} and the like, None with no option clears it."""
    old = next((each for each in card["items"] if each["idCustomField"] == column["id"]), None)
    card["items"] = [each for each in card["items"] if each is not old]
    new: Json | None = None
    if value is not None or option is not None:
        new = {
            "id": old["id"] if old else state.new_id(),
            "idValue": option,
            "idCustomField": column["id"],
            "idModel": card["id"],
            "modelType": "card",
            "value": value,
        }
        card["items"].append(new)
    card["dateLastActivity"] = stamp(state.now())
    named = {name: column[name] for name in ("id", "name", "type")}
    data = {"card": card_ref(card), "board": ref(state.boards[card["idBoard"]]), "customField": named}
    data["customFieldItem"] = new or {"idCustomField": column["id"], "idModel": card["id"], "value": None}
    data["old"] = {"value": old["value"] if old else None}
    act(state, who, "updateCustomFieldItem", data, _models(card))
    return new


def add_checklist(state: "State", who: str, card: Json, name: str) -> Json:
    """An empty checklist on a card."""
    mine = [each for each in state.checklists.values() if each["idCard"] == card["id"]]
    made = {"id": state.new_id(), "name": name, "idBoard": card["idBoard"], "idCard": card["id"]}
    made |= {"pos": 16384 * (len(mine) + 1), "checkItems": []}
    state.checklists[made["id"]] = made
    data = {**_about(state, card), "checklist": {"id": made["id"], "name": name}}
    act(state, who, "addChecklistToCard", data, _models(card))
    return made


def add_item(state: "State", who: str, checklist: Json, name: str, *, done: bool, due: str | None) -> Json:
    """A step in a checklist."""
    item: Json = {"id": state.new_id(), "name": name, "nameData": {"emoji": {}}, "due": due, "dueReminder": None}
    item |= {"idMember": None, "idChecklist": checklist["id"], "pos": 16384 * (len(checklist["checkItems"]) + 1)}
    item["state"] = "complete" if done else "incomplete"
    checklist["checkItems"].append(item)
    _tell_item(state, who, "createCheckItem", checklist, item)
    return item


def tick(state: "State", who: str, checklist: Json, item: Json, done: bool) -> None:
    """Tick a step, or untick it."""
    item["state"] = "complete" if done else "incomplete"
    _tell_item(state, who, "updateCheckItemStateOnCard", checklist, item)


def _tell_item(state: "State", who: str, kind: str, checklist: Json, item: Json) -> None:
    card = state.cards[checklist["idCard"]]
    card["dateLastActivity"] = stamp(state.now())
    data = {
        "card": card_ref(card),
        "board": ref(state.boards[card["idBoard"]]),
        "checklist": {"id": checklist["id"], "name": checklist["name"]},
        "checkItem": {name: item[name] for name in ("id", "name", "state")},
    }
    act(state, who, kind, data, _models(card))


def add_list(state: "State", who: str, board: Json, name: str) -> Json:
    """A list at the right end of a board."""
    count = sum(each["idBoard"] == board["id"] for each in state.lists.values())
    made = {"id": state.new_id(), "name": name, "closed": False, "idBoard": board["id"], "pos": 16384 * (count + 1)}
    made |= {"softLimit": None, "subscribed": False}
    state.lists[made["id"]] = made
    act(state, who, "createList", {"list": ref(made), "board": ref(board)}, (board["id"], made["id"]))
    return made


def edit_list(state: "State", who: str, section: Json, change: Json) -> None:
    """Rename, move or archive a list."""
    for name, value in change.items():
        old, section[name] = section[name], value
        data = {"list": ref(section, name), "board": ref(state.boards[section["idBoard"]]), "old": {name: old}}
        act(state, who, "updateList", data, (section["idBoard"], section["id"]))


def edit_board(state: "State", who: str, board: Json, change: Json) -> None:
    """Rename or close a board, or change its description."""
    for name, value in change.items():
        old, board[name] = board[name], value
        data = {"board": ref(board, name), "old": {name: old}}
        act(state, who, "updateBoard", data, (board["id"],))


def add_board(state: "State", who: str, name: str, workspace: str | None, desc: str, *, template: bool) -> Json:
    """A board without lists, whose only member is who made it."""
    made = new_board(state.new_id(), name, workspace, template=template, desc=desc, creator=who)
    state.boards[made["id"]] = made
    act(state, who, "createBoard", {"board": ref(made)}, (made["id"],))
    return made


def add_column(state: "State", who: str, board: Json, name: str, kind: str, options: tuple[str, ...]) -> Json:
    """A custom field on a board."""
    made: Json = {"id": state.new_id(), "idModel": board["id"], "modelType": "board", "name": name, "type": kind}
    made |= {"fieldGroup": made["id"] * 2, "display": {"cardFront": True}, "isSuggestedField": False}
    made["pos"] = 16384 * (1 + sum(each["idModel"] == board["id"] for each in state.custom_fields.values()))
    if kind == "list":
        made["options"] = [
            {"id": state.new_id(), "idCustomField": made["id"], "value": {"text": text}, "color": "none", "pos": 16384}
            for text in options
        ]
    state.custom_fields[made["id"]] = made
    named = {part: made[part] for part in ("id", "name", "type")}
    act(state, who, "createCustomField", {"board": ref(board), "customField": named}, (board["id"],))
    return made


def add_label(state: "State", board: Json, name: str, color: str | None) -> Json:
    """A label on a board."""
    made = {"id": state.new_id(), "idBoard": board["id"], "name": name, "color": color, "uses": 0}
    made["nodeId"] = f"ari:cloud:trello::label/workspace/{made['id']}"
    state.labels[made["id"]] = made
    return made
