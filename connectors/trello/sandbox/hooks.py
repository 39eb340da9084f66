"""Webhooks: made after a HEAD to their address, signed, tried four times, counted when they fail."""

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from connectors.trello.sandbox.calls import Ask, Json, Refusal, thing
from hub.sandbox import Post
from hub.sandbox.outbox import exchange

if TYPE_CHECKING:
    from connectors.trello.sandbox.state import State

SHOWN = ("id", "description", "idModel", "callbackURL", "active", "consecutiveFailures", "firstConsecutiveFailDate")
HEAD_SECONDS = 10.0


def create(state: "State", ask: Ask) -> Json:
    """Make a webhook. The address is asked with HEAD while the caller waits, and must answer 200."""
    url, model = ask.need("callbackURL"), ask.need("idModel")
    with state.lock:
        _model(state, ask, model)
        if not url.startswith(("http://", "https://")):
            raise Refusal(400, "invalid value for callbackURL")
        if _same(state, ask, url, model):
            raise Refusal(400, "A webhook with that callback, model, and token already exists")
    status, _, _, error = exchange("HEAD", url, b"", {}, HEAD_SECONDS)
    if status != 200:
        why = f"did not return 200 status code, got {status}" if error is None else f"could not be reached: {error}"
        raise Refusal(400, f"URL ({url}) {why}")
    with state.lock:
        made = {
            "id": state.new_id(),
            "description": ask.text("description") or "",
            "idModel": model,
            "callbackURL": url,
            "active": ask.flag("active", True),
            "consecutiveFailures": 0,
            "firstConsecutiveFailDate": None,
            "token": ask.token["value"],
        }
        state.webhooks_made[made["id"]] = made
        return shown(made)


def _model(state: "State", ask: Ask, model: str) -> None:
    board = state.boards.get(model)
    if board is None and model not in state.cards and model not in state.lists and model not in state.members:
        raise Refusal(404, "model not found")
    if board is not None and ask.member not in board["people"]:
        raise Refusal(401, "unauthorized permission requested")


def _same(state: "State", ask: Ask, url: str, model: str) -> bool:
    mine = (each for each in state.webhooks_made.values() if each["token"] == ask.token["value"])
    return any(each["callbackURL"] == url and each["idModel"] == model for each in mine)


def listed(state: "State", ask: Ask) -> list[Json]:
    """The webhooks of the token in the path."""
    if ask.parts[0] != ask.token["value"]:
        raise Refusal(401, "unauthorized token requested")
    return [shown(each) for each in state.webhooks_made.values() if each["token"] == ask.parts[0]]


def _mine(state: "State", ask: Ask) -> Json:
    found = thing(state.webhooks_made, ask.parts[0])
    if found["token"] != ask.token["value"]:
        raise Refusal(401, "unauthorized webhook requested")
    return found


def read(state: "State", ask: Ask) -> Json:
    """One webhook."""
    return shown(_mine(state, ask))


def change(state: "State", ask: Ask) -> Json:
    """Revive a webhook, or change what it is about."""
    found = _mine(state, ask)
    for name in ("description", "callbackURL", "idModel"):
        if name in ask.given:
            found[name] = ask.text(name)
    if "active" in ask.given:
        found["active"] = ask.flag("active")
        if found["active"]:
            found |= {"consecutiveFailures": 0, "firstConsecutiveFailDate": None}
    return shown(found)


def delete(state: "State", ask: Ask) -> Json:
    """Delete a webhook."""
    del state.webhooks_made[_mine(state, ask)["id"]]
    return {"limits": {}}


def shown(webhook: Json) -> Json:
    """As the API shows it."""
    return {name: webhook[name] for name in SHOWN}


def tell(state: "State", action: Json, models: tuple[str, ...]) -> None:
    """Post an action to every active webhook of its models."""
    for webhook in [each for each in state.webhooks_made.values() if each["active"] and each["idModel"] in models]:
        token = state.tokens.get(webhook["token"])
        if token is not None:
            state.outbox.enqueue(_post(state, webhook, action, token["secret"]))


def _post(state: "State", webhook: Json, action: Json, secret: str) -> Post:
    body: dict[str, Any] = {"model": _seen(state, webhook["idModel"]), "action": action}
    if state.webhook_key:
        body["webhook"] = shown(webhook)
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    url = webhook["callbackURL"]
    digest = hmac.new(secret.encode(), content + url.encode(), hashlib.sha1).digest()
    signature = base64.b64encode(digest).decode()
    return Post(
        url=url,
        body=content,
        headers=lambda: {"Content-Type": "application/json", "X-Trello-Webhook": signature},
        about={"webhook": webhook["id"], "action": action["id"], "type": action["type"]},
        alive=lambda: webhook["id"] in state.webhooks_made and webhook["token"] in state.tokens,
        settled=lambda status: _settled(state, webhook, status),
    )


def _settled(state: "State", webhook: Json, status: int | None) -> None:
    with state.lock:
        if status is not None and 200 <= status < 300:
            webhook |= {"consecutiveFailures": 0, "firstConsecutiveFailDate": None}
        else:
            webhook["consecutiveFailures"] += 1
            now = state.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
            webhook["firstConsecutiveFailDate"] = webhook["firstConsecutiveFailDate"] or now


def _seen(state: "State", model: str) -> Json:
    for things in (state.boards, state.cards, state.lists, state.members):
        if model in things:
            return {name: each for name, each in things[model].items() if name not in ("people", "items", "email")}
    return {"id": model}


ROUTES = (
    ("POST", "webhooks", create),
    ("GET", "webhooks/*", read),
    ("PUT", "webhooks/*", change),
    ("DELETE", "webhooks/*", delete),
    ("GET", "tokens/*/webhooks", listed),
    ("POST", "tokens/*/webhooks", create),
)
