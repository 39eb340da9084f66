"""Lantern in small: a stateful app on a real socket. It imports nothing of the connector's other modules.

    app = create_app()

`app.state.sandbox` has the controls; each is also POST /_sandbox/NAME.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from hub.sandbox import Answer, Call, Post, Sandbox, control, made
from hub.sandbox.faults import Meter

KEY = "lantern_sandbox_key"
FORM = {"id": "fo_1", "name": "Atelier gratuit", "url": "https://lantern.example/f/1"}


class LanternSandbox(Sandbox):
    """One account with one form."""

    def __init__(self) -> None:
        super().__init__()
        self.signups: dict[str, dict[str, Any]] = {}
        self.changes: list[dict[str, Any]] = []
        self.hooks: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.meter = Meter(None, 60.0)

    def error(self, kind: str) -> Answer:
        """The error body of every status."""
        return _json(int(kind), {"error": f"The sandbox was told to answer {kind}."})

    def refuse(self, call: Call) -> Answer | None:
        """401 without the key, 429 beyond the limit."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return _json(401, {"error": "This key is not known."})
        if not self.meter.allow():
            answer = self.error("429")
            return Answer(429, answer.body, {**answer.headers, "retry-after": f"{self.meter.resets_in() + 1:.0f}"})
        return None

    @control
    def limit(self, calls: int | None, seconds: float = 60.0) -> None:
        """Refuse more than so many calls in any window of so many seconds."""
        self.meter = Meter(calls, seconds)

    @control
    def give_up(self, hook: str) -> None:
        """Lantern stops to call a webhook."""
        self.hooks[hook]["active"] = False

    @control
    def sign_up(self, name: str, at: str = "2026-11-21T10:00:00+00:00") -> str:
        """Somebody fills the form in. The sign-up's id."""
        with self.lock:
            self.made += 1
            key = f"su_{self.made:06d}"
            answers = [{"question": "What do you sell?", "answer": "Ceramics"}]
            row = {"id": key, "person": f"pe_{self.made}", "name": name, "email": f"{name.lower()}@example.com"}
            self.signups[key] = {**row, "form": FORM, "created_at": at, "answers": answers}
            self.tell("signup.created", key)
            return key

    @control
    def rename(self, key: str, name: str) -> None:
        """Somebody corrects a name."""
        with self.lock:
            self.signups[key] = {**self.signups[key], "name": name}
            self.tell("signup.updated", key)

    @control
    def drop(self, key: str) -> None:
        """Somebody deletes a sign-up."""
        with self.lock:
            del self.signups[key]
            self.tell("signup.deleted", key)

    def tell(self, kind: str, key: str) -> None:
        """Log a change, and post it to the webhook."""
        number = len(self.changes) + 1
        self.changes.append({"number": number, "type": kind, "signup": key})
        told = {"id": f"dl_{number}", "type": kind, "signup": key, "at": self.now().isoformat()}
        body = json.dumps(told).encode()
        for hook in self.hooks.values():
            if hook["active"]:
                signed = partial(self.sign, body, hook["secret"])
                self.outbox.enqueue(Post(url=hook["url"], body=body, headers=signed))

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """The headers of one attempt."""
        stamp = int(self.now().timestamp())
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"content-type": "application/json", "lantern-signature": f"t={stamp},v1={digest}"}


def create_app() -> FastAPI:
    """The app."""
    sandbox = LanternSandbox()
    return made(sandbox, _routes(sandbox))


def _routes(sandbox: LanternSandbox) -> APIRouter:
    router = APIRouter()

    @router.get("/me")
    def me() -> dict[str, Any]:
        return {"id": "ac_1", "name": "Atelier Lila"}

    @router.get("/forms")
    def forms() -> dict[str, Any]:
        return {"forms": [FORM]}

    @router.get("/signups")
    def signups(page: str = "", limit: int = 20) -> dict[str, Any]:
        with sandbox.lock:
            rows = [row for key, row in sandbox.signups.items() if key > page.removeprefix("behind-")]
        shown = rows[: max(1, min(limit, 100))]
        return {"signups": shown, "next": f"behind-{shown[-1]['id']}" if len(rows) > len(shown) else None}

    @router.get("/signups/{key}", response_model=None)
    def signup(key: str) -> dict[str, Any] | JSONResponse:
        with sandbox.lock:
            found = sandbox.signups.get(key)
        return found or JSONResponse({"error": f"There is no sign-up {key}."}, 404)

    @router.get("/changes/last")
    def last() -> dict[str, Any]:
        return {"number": len(sandbox.changes)}

    @router.get("/changes")
    def changes(after: int, limit: int = 20) -> dict[str, Any]:
        with sandbox.lock:
            rows = sandbox.changes[after:]
        size = max(1, min(limit, 100))
        return {"changes": rows[:size], "more": len(rows) > size}

    _hook_routes(router, sandbox)
    return router


def _hook_routes(router: APIRouter, sandbox: LanternSandbox) -> None:
    @router.get("/hooks")
    def hooks() -> dict[str, Any]:
        with sandbox.lock:
            return {"hooks": [_public(each) for each in sandbox.hooks.values()]}

    @router.post("/hooks")
    def add(given: dict[str, Any]) -> dict[str, Any]:
        with sandbox.lock:
            sandbox.made += 1
            key = f"ho_{sandbox.made}"
            made = {"id": key, "url": given["url"], "active": True, "secret": f"lantern_secret_{key}"}
            sandbox.hooks[key] = made
            return made

    @router.patch("/hooks/{key}", response_model=None)
    def change(key: str, given: dict[str, Any]) -> dict[str, Any] | JSONResponse:
        with sandbox.lock:
            if key not in sandbox.hooks:
                return JSONResponse({"error": f"There is no webhook {key}."}, 404)
            sandbox.hooks[key]["active"] = bool(given["active"])
            return _public(sandbox.hooks[key])

    @router.delete("/hooks/{key}", response_model=None)
    def remove(key: str) -> dict[str, Any] | JSONResponse:
        with sandbox.lock:
            if sandbox.hooks.pop(key, None) is None:
                return JSONResponse({"error": f"There is no webhook {key}."}, 404)
            return {"id": key}


def _public(hook: dict[str, Any]) -> dict[str, Any]:
    """A webhook without its secret."""
    return {name: value for name, value in hook.items() if name != "secret"}


def _json(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json"})
