"""Trello in small: boards, lists, cards, actions and webhooks on a real socket, in the shapes of API 1.

    app = create_app()                       # everything of hub.sandbox, and below
    trello = app.state.sandbox
    board = trello.add_board("Suivi")        # ids go in and come out
    card = trello.add_card(board, "Écrire le mail", due="2026-12-01T09:00:00.000Z")

The API is under /1, as at Trello. `API_KEY`, `TOKEN` and `OAUTH_TOKEN` open it as the member "hub"; `API_SECRET` signs.
At first there is one workspace, the hub's member and a person, "Claire Martin", who does what the controls do.

Controls (POST /_sandbox/NAME, or methods of the sandbox)
    add_member(name, username, *, email)  add_board(name, *, template, lists, workspace, members)
    add_list(board, name)  add_label(board, name, color)  add_custom_field(board, name, kind, *, options)
    add_card(board, name, *, section, **fields)  add_checklist(card, name, items)  set_field(card, name, value)
    edit_card(card, **fields)  move_card(card, section, *, board)  archive_card(card)  delete_card(card)
    comment(card, text)  rename_list(list, name)  archive_list(list)  edit_board(board, **fields)
    invite(board, member)  expel(board, member)  tick(card, item, done)
    new_token(value, *, write, expires)  revoke(token)  set_limits(*, token, key, member, members)
    drop_webhook(id)  disable_webhook(id)  hooks()  custom_fields_off()
Switches: `webhook_key` (deliveries carry the key `webhook`), `copy_batch` (so many cards of a board's copy appear at
each look), `most_cards` (more cards with what is nested in them are refused).

Limits are Trello's own: 300 calls in 10 s a key, 100 a token, 375 a member, and 100 calls to /members/ in 15 minutes.
"""

from fastapi import FastAPI

from connectors.trello.sandbox.person import TrelloSandbox
from connectors.trello.sandbox.state import API_KEY, API_SECRET, OAUTH_TOKEN, TOKEN
from connectors.trello.sandbox.wire import router
from hub.sandbox import made

__all__ = ["API_KEY", "API_SECRET", "OAUTH_TOKEN", "TOKEN", "TrelloSandbox", "create_app"]


def create_app() -> FastAPI:
    """The sandbox as an app; `app.state.sandbox` is its TrelloSandbox."""
    sandbox = TrelloSandbox()
    return made(sandbox, router(sandbox))
