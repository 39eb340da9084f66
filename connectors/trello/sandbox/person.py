"""What a person does in Trello, and what is told to the sandbox: its controls."""

from datetime import timedelta
from typing import Any

from connectors.trello.sandbox import changes, hooks
from connectors.trello.sandbox.calls import Json, thing
from connectors.trello.sandbox.shapes import card_ref, ref
from connectors.trello.sandbox.state import API_SECRET, OAUTH_TOKEN, TOKEN, State, stamp
from connectors.trello.sandbox.writes import held
from hub.sandbox import control


class TrelloSandbox(State):
    """The sandbox. A person (`person`) does what the controls do; the key is the member `hub`'s."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace = self.new_id()
        self.workspaces[self.workspace] = {
            "id": self.workspace,
            "name": "atelierlila",
            "displayName": "Atelier Lila",
            "url": "https://trello.com/w/atelierlila",
        }
        self.hub = self.add_member("Hub", "hub", email="hub@example.com")
        self.person = self.add_member("Claire Martin", "claire", email="claire@example.com")
        self.new_token(TOKEN)
        self.new_token(OAUTH_TOKEN, bearer=True)

    @control
    def add_member(self, name: str, username: str, *, email: str = "") -> str:
        """A member of the workspace, on no board yet."""
        with self.lock:
            made: Json = {"id": self.new_id(), "fullName": name, "username": username, "email": email or None}
            made |= {"initials": name[:1], "avatarUrl": None, "activityBlocked": False, "memberType": "normal"}
            self.members[made["id"]] = made
            return str(made["id"])

    @control
    def add_board(
        self,
        name: str,
        *,
        template: bool = False,
        lists: tuple[str, ...] = ("À faire", "En cours", "Fait"),
        workspace: str | None = None,
        members: tuple[str, ...] | None = None,
        desc: str = "",
    ) -> str:
        """A board of the person's, with the hub on it too unless `members` says who is."""
        with self.lock:
            inside = workspace or self.workspace
            board = changes.add_board(self, self.person, name, inside, desc, template=template)
            board["people"] = list((self.person, self.hub) if members is None else members)
            for each in lists:
                changes.add_list(self, self.person, board, each)
            return str(board["id"])

    @control
    def add_list(self, board: str, name: str) -> str:
        """A list at the right end."""
        with self.lock:
            return str(changes.add_list(self, self.person, self.boards[board], name)["id"])

    @control
    def add_label(self, board: str, name: str, color: str | None = None) -> str:
        """A label of a board."""
        with self.lock:
            return str(changes.add_label(self, self.boards[board], name, color)["id"])

    @control
    def add_custom_field(self, board: str, name: str, kind: str, *, options: tuple[str, ...] = ()) -> str:
        """A custom field: text, number, date, checkbox or list."""
        with self.lock:
            return str(changes.add_column(self, self.person, self.boards[board], name, kind, tuple(options))["id"])

    @control
    def add_card(self, board: str, name: str, *, section: str | None = None, **fields: Any) -> str:
        """A card in the list of that name (the first one without). `fields` as the API calls them."""
        with self.lock:
            there = [each for each in self.lists.values() if each["idBoard"] == board]
            place = next(each for each in there if section in (None, each["name"]))
            return str(changes.add_card(self, self.person, place, {"name": name, **fields})["id"])

    @control
    def add_checklist(self, card: str, name: str, items: list[Json]) -> str:
        """A checklist with its steps: {"name", "done", "due"}."""
        with self.lock:
            made = changes.add_checklist(self, self.person, self.cards[card], name)
            for each in items:
                done, due = bool(each.get("done")), each.get("due")
                changes.add_item(self, self.person, made, each["name"], done=done, due=due)
            return str(made["id"])

    @control
    def tick(self, card: str, item: str, done: bool = True) -> None:
        """Tick the step of that name."""
        with self.lock:
            for checklist in [each for each in self.checklists.values() if each["idCard"] == card]:
                for each in [each for each in checklist["checkItems"] if each["name"] == item]:
                    changes.tick(self, self.person, checklist, each, done)

    @control
    def set_field(self, card: str, name: str, value: Any) -> None:
        """Set a custom field by its name: an option's text, a number as text, an instant as text, a yes or no."""
        with self.lock:
            on = self.cards[card]
            mine = (each for each in self.custom_fields.values() if each["idModel"] == on["idBoard"])
            column = next(each for each in mine if each["name"] == name)
            part = {"checkbox": "checked"}.get(column["type"], column["type"])
            if column["type"] == "list":
                option = next((each["id"] for each in column["options"] if each["value"]["text"] == value), None)
                changes.set_item(self, self.person, on, column, None, option)
            else:
                found = None if value is None else held(column, {part: value})
                changes.set_item(self, self.person, on, column, found, None)

    @control
    def edit_card(self, card: str, **fields: Any) -> None:
        """Change fields, as the API calls them."""
        with self.lock:
            changes.edit_card(self, self.person, thing(self.cards, card), fields)

    @control
    def move_card(self, card: str, section: str | None = None, *, board: str | None = None) -> None:
        """Move a card to the list of that name, on another board if one is named."""
        with self.lock:
            held = thing(self.cards, card)
            where = board or held["idBoard"]
            there = (each for each in self.lists.values() if each["idBoard"] == where)
            target = next(each for each in there if section in (None, each["name"]))
            changes.edit_card(self, self.person, held, {"idList": target["id"]})

    @control
    def archive_card(self, card: str) -> None:
        """Archive a card."""
        self.edit_card(card, closed=True)

    @control
    def delete_card(self, card: str) -> None:
        """Delete a card for good."""
        with self.lock:
            changes.delete_card(self, self.person, thing(self.cards, card))

    @control
    def comment(self, card: str, text: str) -> None:
        """Say something on a card."""
        with self.lock:
            held = thing(self.cards, card)
            held["dateLastActivity"] = stamp(self.now())
            data = {"text": text, "card": card_ref(held), "board": ref(self.boards[held["idBoard"]])}
            changes.act(self, self.person, "commentCard", data, (held["idBoard"], held["idList"], card))

    @control
    def rename_list(self, section: str, name: str) -> None:
        """Rename a list."""
        with self.lock:
            changes.edit_list(self, self.person, self.lists[section], {"name": name})

    @control
    def archive_list(self, section: str, closed: bool = True) -> None:
        """Archive a list with its cards, or bring it back."""
        with self.lock:
            changes.edit_list(self, self.person, self.lists[section], {"closed": closed})

    @control
    def edit_board(self, board: str, **fields: Any) -> None:
        """Rename a board (name) or close it (closed)."""
        with self.lock:
            changes.edit_board(self, self.person, self.boards[board], fields)

    @control
    def invite(self, board: str, member: str) -> None:
        """Put a member on a board."""
        with self.lock:
            self.boards[board]["people"].append(member)
            self._told(board, "addMemberToBoard", member, {"idMemberAdded": member, "memberType": "normal"})

    @control
    def expel(self, board: str, member: str) -> None:
        """Take a member off a board, and off its cards."""
        with self.lock:
            self.boards[board]["people"].remove(member)
            for card in [each for each in self.cards.values() if each["idBoard"] == board]:
                card["idMembers"] = [each for each in card["idMembers"] if each != member]
            self._told(board, "removeMemberFromBoard", member, {"member": {"id": member}})

    def _told(self, board: str, kind: str, member: str, data: Json) -> None:
        named = {"id": member, "username": self.members[member]["username"]}
        changes.act(self, self.person, kind, {**data, "board": ref(self.boards[board])}, (board,), member=named)

    @control
    def new_token(
        self,
        value: str,
        *,
        write: bool = True,
        expires: float | None = None,
        member: str | None = None,
        bearer: bool = False,
    ) -> None:
        """A token of the hub's member; `expires` in so many seconds; `bearer`: one of OAuth 2.0."""
        with self.lock:
            models = ("Member", "Board", "Organization")
            self.tokens[value] = {
                "id": self.new_id(),
                "identifier": "Hub",
                "idMember": member or self.hub,
                "dateCreated": stamp(self.now()),
                "dateExpires": None if expires is None else stamp(self.now() + timedelta(seconds=expires)),
                "permissions": [{"idModel": "*", "modelType": each, "read": True, "write": write} for each in models],
                "value": value,
                "write": write,
                "bearer": bearer,
                "secret": API_SECRET,
            }

    @control
    def revoke(self, token: str) -> None:
        """Revoke a token; its webhooks are gone with it."""
        with self.lock:
            del self.tokens[token]
            self.webhooks_made = {key: each for key, each in self.webhooks_made.items() if each["token"] != token}

    @control
    def custom_fields_off(self) -> None:
        """The workspace has no custom fields: those that there are, go."""
        with self.lock:
            self.has_custom_fields = False
            self.custom_fields.clear()

    @control
    def drop_webhook(self, webhook: str) -> None:
        """Trello deletes a webhook."""
        with self.lock:
            del self.webhooks_made[webhook]

    @control
    def disable_webhook(self, webhook: str) -> None:
        """Trello gives up calling, after a month of failures."""
        with self.lock:
            since = stamp(self.now() - timedelta(days=30))
            failed = {"active": False, "consecutiveFailures": 1001, "firstConsecutiveFailDate": since}
            self.webhooks_made[webhook] |= failed

    @control
    def hooks(self) -> list[Json]:
        """Every webhook, whoever's."""
        with self.lock:
            return [hooks.shown(each) for each in self.webhooks_made.values()]
