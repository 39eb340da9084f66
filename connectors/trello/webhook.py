"""Trello's deliveries: who signed them, and what they say has changed. Pure: no key, no network.

A delivery is one action. `X-Trello-Webhook` is base64(HMAC-SHA1) over the raw body and, behind it, the callback URL as
it was registered; the key is the application's secret, not the token (developer.atlassian.com/cloud/trello, Webhooks).

Before a webhook is made, Trello asks its address with HEAD; the hub answers that before any connector is asked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.errors import RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest

_CARD = (
    "addAttachmentToCard addChecklistToCard addLabelToCard addMemberToCard commentCard convertToCardFromCheckItem "
    "copyCard createCard createCheckItem deleteAttachmentFromCard deleteCard deleteCheckItem emailCard "
    "moveCardFromBoard moveCardToBoard removeChecklistFromCard removeLabelFromCard removeMemberFromCard updateCard "
    "updateCheckItem updateCheckItemStateOnCard updateChecklist updateCustomFieldItem"
)
_BOARD = (
    "createCustomField deleteCustomField deleteLabel moveListFromBoard moveListToBoard updateBoard updateCustomField "
    "updateLabel updateList"
)
_MEMBER = "addMemberToBoard removeMemberFromBoard"

EVENT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(_CARD.split(), "card"),
    **dict.fromkeys(_BOARD.split(), "board"),
    **dict.fromkeys(_MEMBER.split(), "member"),
}
"""Every action type that we follow, and its stream.

What changes many cards at once (the name of a list, of a label, of a custom field) is a change of the board: fetching
a board brings its cards along.
"""


class TrelloWebhook:
    """Reads deliveries, with and without the key `webhook` that newer ones carry."""

    def handshake(self, request: WebhookRequest) -> Reply | None:  # noqa: ARG002  (it is a HEAD, answered before us)
        """None: Trello's only handshake is the HEAD that the hub answers itself."""
        return None

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets signed these bytes and the URL as registered.

        Trello signs no time, so a delivery cannot be too old; its action's id tells repeats.
        """
        secrets = [secret for secret in request.secrets if secret]
        if not secrets:
            raise SignatureError(
                "Trello's delivery cannot be verified: no secret is set. Put the Secret of the Power-Up "
                "(https://trello.com/power-ups/admin > the Power-Up > API key) in the setting api_secret of this "
                "connection."
            )
        given = request.headers.get("x-trello-webhook", "").encode("utf-8", "replace")
        if not given:
            raise SignatureError("The delivery has no X-Trello-Webhook header: it does not come from Trello.")
        signed = request.body + request.url.encode()
        for secret in secrets:
            expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha1).digest())
            if hmac.compare_digest(expected, given):
                return
        raise SignatureError(
            "Trello's delivery was not signed with a secret that we know for this address. api_secret must be the "
            f"Secret of the Power-Up whose key made the webhook, and the webhook must be registered as {request.url}."
        )

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The action's id, and what it says has changed. A type that we do not follow has stream None."""
        try:
            payload = json.loads(body)
        except ValueError as error:
            raise RecordError(f"Trello's delivery is not JSON: {error}.") from None
        events = events_of(payload.get("action") if isinstance(payload, dict) else None)
        return events[0].id, events


def events_of(action: Any) -> tuple[Event, ...]:
    """What an action says has changed: one or two events of its id. RecordError when it is none."""
    identifier = action.get("id") if isinstance(action, dict) else None
    kind = action.get("type") if isinstance(action, dict) else None
    if not isinstance(identifier, str) or not isinstance(kind, str) or not identifier:
        raise RecordError("Trello's delivery holds no action with an id and a type.")
    keys = _keys(kind, action)
    stream = EVENT_TYPES.get(kind) if keys else None
    if stream is None:
        return (Event(id=identifier, type=kind),)
    return tuple(Event(id=identifier, type=kind, stream=stream, key=key) for key in keys)


def card_of(action: Mapping[str, Any]) -> str | None:
    """The id of the card that an action of any type names, or None."""
    return _id(_part(_part(action, "data"), "card"))


def _keys(kind: str, action: Mapping[str, Any]) -> list[str]:
    data = _part(action, "data")
    stream = EVENT_TYPES.get(kind)
    found: list[str | None] = []
    if stream == "card":
        found = [card_of(action)]
        if kind == "convertToCardFromCheckItem":  # the step left one card and became another
            found.append(_id(_part(data, "cardSource")))
    elif stream == "board" and not _only_moved(kind, data):
        found = [_id(_part(data, "board"))]
    elif stream == "member":
        found = [data.get("idMemberAdded") or _id(_part(data, "member")) or _id(_part(action, "member"))]
    return [key for key in found if isinstance(key, str) and key]


def _only_moved(kind: str, data: Mapping[str, Any]) -> bool:
    """A list that stands elsewhere on its board, or a board's look: nothing of that is in a record."""
    old = _part(data, "old")
    return kind in ("updateList", "updateBoard") and bool(old) and not {"name", "closed", "idOrganization"} & set(old)


def _id(found: Mapping[str, Any]) -> str | None:
    key = found.get("id")
    return key if isinstance(key, str) and key else None


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}
