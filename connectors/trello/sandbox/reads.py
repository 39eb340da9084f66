"""Every GET."""

from typing import TYPE_CHECKING

from connectors.trello.sandbox import shapes
from connectors.trello.sandbox.calls import Ask, Json, Refusal, thing

if TYPE_CHECKING:
    from connectors.trello.sandbox.state import State

MOST = 1000


def board_of(state: "State", ask: Ask, key: str) -> Json:
    """The board of that id, when the caller is on it."""
    found = thing(state.boards, key)
    if ask.member not in found["people"]:
        raise Refusal(401, "unauthorized permission requested")
    return found


def card_of(state: "State", ask: Ask, key: str) -> Json:
    """The card of that id, when the caller is on its board."""
    found = thing(state.cards, key)
    if ask.member not in state.boards[found["idBoard"]]["people"]:
        raise Refusal(401, "unauthorized card permission requested")
    return found


def list_of(state: "State", ask: Ask, key: str) -> Json:
    """The list of that id, when the caller is on its board."""
    found = thing(state.lists, key)
    board_of(state, ask, found["idBoard"])
    return found


def _member(state: "State", ask: Ask) -> Json:
    key = ask.member if ask.parts[0] == "me" else ask.parts[0]
    by_name = next((each["id"] for each in state.members.values() if each["username"] == key), key)
    return shapes.member(thing(state.members, by_name), ask.text("fields"), ask.member)


def _my_boards(state: "State", ask: Ask) -> list[Json]:
    which = ask.given.get("filter", "all")
    mine = [each for each in state.boards.values() if ask.member in each["people"]]
    if which in ("open", "closed"):
        mine = [each for each in mine if each["closed"] == (which == "closed")]
    return [shapes.board(state, each, ask, ask.text("fields")) for each in mine]


def _token(state: "State", ask: Ask) -> Json:  # noqa: ARG001  all routes are called alike
    if ask.parts[0] != ask.token["value"]:
        raise Refusal(401, "unauthorized token requested")
    names = ("id", "identifier", "idMember", "dateCreated", "dateExpires", "permissions")
    return shapes.picked({name: ask.token[name] for name in names}, ask.text("fields"))


_BOARD = "name,desc,descData,closed,idOrganization,pinned,url,shortUrl,prefs"


def _board(state: "State", ask: Ask) -> Json:
    return shapes.board(state, board_of(state, ask, ask.parts[0]), ask, ask.text("fields") or _BOARD)


def _lists(state: "State", ask: Ask) -> list[Json]:
    return shapes.lists(state, board_of(state, ask, ask.parts[0])["id"], str(ask.given.get("filter", "open")))


def _list(state: "State", ask: Ask) -> Json:
    return shapes.picked(list_of(state, ask, ask.parts[0]), ask.text("fields"))


def _members(state: "State", ask: Ask) -> list[Json]:
    people = board_of(state, ask, ask.parts[0])["people"]
    wanted = ask.text("fields") or "fullName,username"
    return [shapes.member(state.members[each], wanted, ask.member) for each in people]


def _labels(state: "State", ask: Ask) -> list[Json]:
    board = board_of(state, ask, ask.parts[0])
    mine = [each for each in state.labels.values() if each["idBoard"] == board["id"]]
    return mine[: ask.number("limit", 50, MOST)]


def _custom_fields(state: "State", ask: Ask) -> list[Json]:
    board = board_of(state, ask, ask.parts[0])
    return [each for each in state.custom_fields.values() if each["idModel"] == board["id"]]


def _cards(state: "State", ask: Ask) -> list[Json]:
    board = board_of(state, ask, ask.parts[0])
    which = ask.parts[1] if len(ask.parts) > 1 else str(ask.given.get("filter", "visible"))
    if which not in ("all", "closed", "open", "visible", "none"):
        raise Refusal(400, "invalid value for filter")
    _copy_on(state, board)
    mine = [each for each in state.cards.values() if each["idBoard"] == board["id"] and _within(state, each, which)]
    return _paged(state, ask, mine)


def _within(state: "State", card: Json, which: str) -> bool:
    if which == "visible":
        return not card["closed"] and not state.lists[card["idList"]]["closed"]
    return which == "all" or (which != "none" and card["closed"] == (which == "closed"))


def _paged(state: "State", ask: Ask, mine: list[Json]) -> list[Json]:
    """The newest `limit` cards older than `before`, shown from the top of the lists to their end, as Trello does."""
    before, since = ask.text("before"), ask.text("since")
    mine = [each for each in mine if (not before or each["id"] < before) and (not since or each["id"] > since)]
    found = shapes.newest(mine, ask.number("limit", MOST, MOST))
    if len(found) > state.most_cards and ask.flag("customFieldItems"):
        raise Refusal(429, "Too many cards requested", "API_TOO_MANY_CARDS_REQUESTED")
    found.sort(key=lambda each: (float(state.lists[each["idList"]]["pos"]), float(each["pos"])))
    return [shapes.card(state, each, ask) for each in found]


def _copy_on(state: "State", board: Json) -> None:
    """A board's copy fills while one looks."""
    waiting = state.copying.get(board["id"], [])
    for card in waiting[: state.copy_batch]:
        state.cards[card["id"]] = card
    state.copying[board["id"]] = waiting[state.copy_batch :]


def _list_cards(state: "State", ask: Ask) -> list[Json]:
    section = list_of(state, ask, ask.parts[0])
    mine = [each for each in state.cards.values() if each["idList"] == section["id"] and not each["closed"]]
    return _paged(state, ask, mine)


def _card(state: "State", ask: Ask) -> Json:
    return shapes.card(state, card_of(state, ask, ask.parts[0]), ask)


def _card_items(state: "State", ask: Ask) -> list[Json]:
    found: list[Json] = card_of(state, ask, ask.parts[0])["items"]
    return found


def _card_checklists(state: "State", ask: Ask) -> list[Json]:
    card = card_of(state, ask, ask.parts[0])
    return [each for each in state.checklists.values() if each["idCard"] == card["id"]]


def _nothing(state: "State", ask: Ask) -> list[Json]:
    """What the sandbox does not keep of a card: attachments, data of Power-Ups."""
    card_of(state, ask, ask.parts[0])
    return []


def _board_actions(state: "State", ask: Ask) -> list[Json]:
    board = board_of(state, ask, ask.parts[0])
    found = [each for each in state.actions if board["id"] in each["_models"]]
    return _shown_actions(ask, found, str(ask.given.get("filter", "all")))


def _card_actions(state: "State", ask: Ask) -> list[Json]:
    card = card_of(state, ask, ask.parts[0])
    found = [each for each in state.actions if each["data"].get("card", {}).get("id") == card["id"]]
    return _shown_actions(ask, found, str(ask.given.get("filter", "commentCard,updateCard:idList")))


def _shown_actions(ask: Ask, found: list[Json], wanted: str) -> list[Json]:
    """Newest first. `since` and `before` are instants or ids of actions, and neither counts itself in."""
    kinds = [each.strip() for each in wanted.split(",")]
    found = [each for each in found if wanted == "all" or any(_is(each, kind) for kind in kinds)]
    since, before = _instant(found, ask.text("since")), _instant(found, ask.text("before"))
    found = [each for each in found if (not since or each["date"] > since) and (not before or each["date"] < before)]
    found.sort(key=lambda each: (each["date"], each["id"]), reverse=True)
    hidden = {"_board", "_models", *(() if ask.flag("memberCreator", True) else ("memberCreator",))}
    shown = [
        {name: value for name, value in each.items() if name not in hidden}
        for each in found[: ask.number("limit", 50, MOST)]
    ]
    fields = ask.text("fields")
    return [shapes.picked(each, f"{fields},memberCreator" if fields and fields != "all" else None) for each in shown]


def _is(action: Json, kind: str) -> bool:
    name, _, field = kind.partition(":")
    if action["type"] != name:
        return False
    return not field or field in action["data"].get("old", {})


def _instant(found: list[Json], given: str | None) -> str | None:
    """An instant's text, in milliseconds; an id stands for the instant of its action."""
    if not given or "-" in given:
        return given
    return next((each["date"] for each in found if each["id"] == given), given)


ROUTES = (
    ("GET", "members/*", _member),
    ("GET", "members/*/boards", _my_boards),
    ("GET", "tokens/*", _token),
    ("GET", "boards/*", _board),
    ("GET", "boards/*/lists", _lists),
    ("GET", "boards/*/members", _members),
    ("GET", "boards/*/labels", _labels),
    ("GET", "boards/*/customFields", _custom_fields),
    ("GET", "boards/*/cards", _cards),
    ("GET", "boards/*/cards/*", _cards),
    ("GET", "boards/*/actions", _board_actions),
    ("GET", "lists/*", _list),
    ("GET", "lists/*/cards", _list_cards),
    ("GET", "cards/*", _card),
    ("GET", "cards/*/actions", _card_actions),
    ("GET", "cards/*/customFieldItems", _card_items),
    ("GET", "cards/*/checklists", _card_checklists),
    ("GET", "cards/*/attachments", _nothing),
    ("GET", "cards/*/pluginData", _nothing),
)
