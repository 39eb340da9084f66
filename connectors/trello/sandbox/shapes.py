"""What things look like: new ones, and as they are shown. Written after Trello's recorded answers, not its schema."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from connectors.trello.sandbox.calls import Ask, Json

if TYPE_CHECKING:
    from connectors.trello.sandbox.state import State

_CARD_SET = (
    "name desc closed due start dueComplete idList idBoard idMembers idLabels pos isTemplate dueReminder cardRole "
    "subscribed"
)
CARD_SET = frozenset(_CARD_SET.split())
"""What of a card can be set."""


def short_link(identifier: str) -> str:
    """Eight characters that stand for an id in addresses."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:8]


def new_card(identifier: str, board: str, section: str, name: str, number: int, now: str) -> Json:
    """A card of which nothing but the name is known. What is nested or computed is added when it is shown."""
    return {
        "id": identifier,
        "agent": {"conversationId": None, "instructions": None, "name": None},
        "cardRole": None,
        "checkItemStates": [],
        "closed": False,
        "cover": {"idAttachment": None, "color": None, "size": "normal", "brightness": "dark"},
        "dateLastActivity": now,
        "desc": "",
        "descData": {"emoji": {}},
        "due": None,
        "dueComplete": False,
        "dueReminder": None,
        "email": None,
        "idAttachmentCover": None,
        "idBoard": board,
        "idLabels": [],
        "idList": section,
        "idMembers": [],
        "idMembersVoted": [],
        "idShort": number,
        "isTemplate": False,
        "manualCoverAttachment": False,
        "mirrorSourceId": None,
        "name": name,
        "nodeId": f"ari:cloud:trello::card/workspace/{identifier}",
        "pinned": False,
        "pos": 16384 * number,
        "shortLink": short_link(identifier),
        "start": None,
        "subscribed": False,
        "items": [],
    }


def new_board(identifier: str, name: str, workspace: str | None, *, template: bool, desc: str, creator: str) -> Json:
    """A board without lists."""
    return {
        "id": identifier,
        "name": name,
        "desc": desc,
        "descData": None,
        "closed": False,
        "idOrganization": workspace,
        "idEnterprise": None,
        "idMemberCreator": creator,
        "pinned": False,
        "shortLink": short_link(identifier),
        "prefs": {"permissionLevel": "org", "isTemplate": template, "comments": "members", "background": "blue"},
        "people": [creator],
        "cards_made": 0,
    }


def picked(found: Json, fields: str | None, default: str = "all") -> Json:
    """Only the fields that are asked for, and always the id."""
    wanted = fields or default
    if wanted == "all":
        return found
    names = {"id", *wanted.split(",")}
    return {name: value for name, value in found.items() if name in names}


def board(state: "State", found: Json, ask: Ask, fields: str | None) -> Json:
    """A board, with what is nested in it."""
    slug = found["name"].lower().replace(" ", "-")
    whole = {name: value for name, value in found.items() if name not in ("people", "cards_made", "idMemberCreator")}
    whole["url"] = f"https://trello.com/b/{found['shortLink']}/{slug}"
    whole["shortUrl"] = f"https://trello.com/b/{found['shortLink']}"
    shown = picked(whole, fields)
    if ask.given.get("lists", "none") != "none":
        shown["lists"] = lists(state, found["id"], str(ask.given["lists"]))
    if ask.flag("organization"):
        workspace = state.workspaces.get(found["idOrganization"] or "")
        shown["organization"] = picked(workspace, ask.text("organization_fields")) if workspace else None
    return shown


def lists(state: "State", board: str, which: str) -> list[Json]:
    """A board's lists from left to right: all, open, closed or none."""
    mine = [each for each in state.lists.values() if each["idBoard"] == board and _within(each["closed"], which)]
    return sorted(mine, key=lambda each: float(each["pos"]))


def _within(closed: bool, which: str) -> bool:
    return which == "all" or closed == (which == "closed")


def member(found: Json, fields: str | None, viewer: str) -> Json:
    """A member; the address is shown to the member alone."""
    whole = {name: value for name, value in found.items() if name != "email" or found["id"] == viewer}
    return picked(whole, fields)


def card(state: "State", found: Json, ask: Ask) -> Json:
    """A card, with what is nested in it."""
    steps = [item for each in _checklists(state, found) for item in each["checkItems"]]
    dues = sorted(item["due"] for item in steps if item["due"] and item["state"] == "incomplete")
    whole: Json = {name: value for name, value in found.items() if name != "items"}
    whole["idChecklists"] = [each["id"] for each in _checklists(state, found)]
    whole["labels"] = [state.labels[label] for label in found["idLabels"]]
    whole["shortUrl"] = f"https://trello.com/c/{found['shortLink']}"
    whole["url"] = f"{whole['shortUrl']}/{found['idShort']}-{found['name'].lower().replace(' ', '-')}"
    whole["badges"] = {
        "attachments": 0,
        "checkItems": len(steps),
        "checkItemsChecked": sum(item["state"] == "complete" for item in steps),
        "checkItemsEarliestDue": dues[0] if dues else None,
        "comments": 0,
        "description": bool(found["desc"]),
        "due": found["due"],
        "dueComplete": found["dueComplete"],
        "lastUpdatedByAi": False,
        "start": found["start"],
    }
    shown = picked(whole, ask.text("fields"))
    shown.update(_nested(state, found, ask))
    return shown


def _nested(state: "State", found: Json, ask: Ask) -> Json:
    nested: Json = {}
    if ask.flag("members"):
        wanted = ask.text("member_fields")
        nested["members"] = [member(state.members[each], wanted, ask.member) for each in found["idMembers"]]
    if ask.given.get("checklists", "none") == "all":
        nested["checklists"] = _checklists(state, found)
    if ask.flag("customFieldItems"):
        nested["customFieldItems"] = found["items"]
    if ask.flag("board"):
        inner = Ask((), {}, ask.token)
        nested["board"] = board(state, state.boards[found["idBoard"]], inner, ask.text("board_fields"))
    if ask.flag("list"):
        nested["list"] = state.lists[found["idList"]]
    return nested


def _checklists(state: "State", found: Json) -> list[Json]:
    return [each for each in state.checklists.values() if each["idCard"] == found["id"]]


def card_ref(found: Json, *names: str) -> Json:
    """A card as an action names it, with the fields that changed."""
    return {name: found[name] for name in ("id", "name", "idShort", "shortLink", *names)}


def ref(found: Json, *names: str) -> Json:
    """A board or list as an action names it."""
    return {name: found[name] for name in ("id", "name", "shortLink", *names) if name in found}


def newest(found: Iterable[Json], limit: int) -> list[Any]:
    """The newest of some things."""
    return sorted(found, key=lambda each: str(each["id"]), reverse=True)[:limit]
