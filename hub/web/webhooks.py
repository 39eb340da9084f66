"""POST /webhooks/{business}/{connection}: the only place where the hub is called by others, and its hot path.

Read the bytes, verify them, keep them, say yes. What they mean is looked up later by the worker, so that a burst, a
slow provider or a defect of ours costs the caller nothing. An ASGI callable and not a FastAPI route, because the
machinery of parameters and response models costs twice what reading and verifying cost (53 µs against 24 µs).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hub.core.errors import ConfigError, HubError, RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest
from hub.engine.inbox import Inbox
from hub.engine.receivers import HubView, NotAwaitedError, Receiver
from hub.store.deliveries import Delivery
from hub.web.problems import problem_response

logger = logging.getLogger(__name__)

PATH = "/webhooks/{business}/{connection}"
MAX_BODY = 1 << 20
"""Bytes. An event is a few kilobytes; this leaves room and still bounds the memory that a stranger can take."""
MAX_DISCARD = 8 << 20
DISCARD_SECONDS = 5.0
RETRY_SECONDS = 10
_KEPT_TO_OURSELVES = frozenset({"authorization", "cookie", "proxy-authorization"})
_STORED = Response()
"""200 and no body: the server sends a body as a packet of its own, and no provider reads it."""


class _TooLargeError(Exception):
    pass


class _GoneError(Exception):
    """The caller hung up before the end of the body."""


class Webhooks:
    """The ASGI application behind `PATH`; the router has put `business` and `connection` into `path_params`."""

    def __init__(self, hub: HubView, inbox: Callable[[], Inbox], now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._inbox = inbox
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        params = scope["path_params"]
        receiver = self._hub.receivers.get((params["business"], params["connection"]))
        if receiver is None:
            response = problem_response(
                404,
                "No such business or connection.",
                where=scope["path"],
                todo="The address is /webhooks/BUSINESS/CONNECTION: the folder's name in mappings/, and a name "
                "under `connections:` in its business.yaml.",
            )
            await response(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # Trello asks whether the address answers, while its own call that registers is open.
            await _STORED(scope, receive, send)
            return
        try:
            body = await _read(scope, receive, _most(receiver))
        except _GoneError:
            return
        except _TooLargeError:
            await self._too_large(receiver, receive, send)
            return
        response = await self._receive(receiver, scope, body)
        await response(scope, receive, send)

    async def _receive(self, receiver: Receiver, scope: Scope, body: bytes) -> Response:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = WebhookRequest(
            url=receiver.url, headers=headers, body=body, secrets=receiver.secrets(), now=self._now()
        )
        try:
            reply = receiver.webhook.handshake(request)
            if reply is not None:
                return await _shake(receiver, reply)
            receiver.webhook.verify(request)
        except NotAwaitedError as error:
            await self._count_refusal(receiver, str(error), request.now)
            return _problem(receiver, 403, str(error), "Run `hub listen`, and register the webhook again.")
        except SignatureError as error:
            await self._count_refusal(receiver, str(error), request.now)
            return _problem(receiver, 400, str(error), "Compare the signing secret at the provider with the hub's.")
        except ConfigError as error:
            # Ours to put right: the provider keeps the delivery and sends it again.
            await self._count_refusal(receiver, str(error), request.now)
            return _problem(receiver, 503, str(error), "Put it right and restart the hub; the provider sends it again.")
        event_id, events, unreadable = _parse(receiver, body)
        delivery = Delivery(
            business=receiver.business,
            connection=receiver.connection,
            event_id=event_id,
            received_at=request.now,
            url=receiver.url,
            headers={name: value for name, value in headers.items() if name not in _KEPT_TO_OURSELVES},
            body=body,
            events=events,
        )
        try:
            await self._inbox().put(delivery, unreadable)
        except HubError as error:
            logger.error("%s/%s: a delivery was not stored: %s", receiver.business, receiver.connection, error)
            return _problem(receiver, 503, f"Not stored: {error}", "Send it again later; the hub has kept nothing.")
        return _STORED

    async def _too_large(self, receiver: Receiver, receive: Receive, send: Send) -> None:
        error = f"The body is larger than {_most(receiver)} bytes."
        await self._count_refusal(receiver, error, self._now())
        response = _problem(receiver, 413, error, "Send less at once.", {"Connection": "close"})
        await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
        await send({"type": "http.response.body", "body": bytes(response.body), "more_body": True})
        # A socket closed with unread bytes is reset, and the caller would never see the answer.
        with suppress(TimeoutError, _GoneError):
            async with asyncio.timeout(DISCARD_SECONDS):
                await _discard(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _count_refusal(self, receiver: Receiver, why: str, at: datetime) -> None:
        logger.warning("%s/%s: a delivery was refused: %s", receiver.business, receiver.connection, why)
        try:
            await self._inbox().refuse(receiver.business, receiver.connection, why, at)
        except HubError as error:
            logger.warning("The refusal could not be counted: %s", error)


async def _shake(receiver: Receiver, reply: Reply) -> Response:
    if reply.remember is not None:
        if receiver.remember is None:
            return _problem(
                receiver,
                503,
                "The hub has no place to keep the secret that came with this.",
                "Set the hub's key for secrets, and register the webhook again.",
            )
        try:
            await asyncio.to_thread(receiver.remember, reply.remember)
        except NotAwaitedError:
            raise
        except HubError as error:
            return _problem(receiver, 503, f"The secret was not stored: {error}", "Register the webhook again later.")
    return Response(reply.body, reply.status, dict(reply.headers))


def _parse(receiver: Receiver, body: bytes) -> tuple[str, Sequence[Event], str | None]:
    """The delivery's id, its events, and why it could not be read (None when it could)."""
    try:
        event_id, events = receiver.webhook.parse(body)
    except RecordError as error:
        why = str(error)
    except Exception as error:
        logger.exception("%s: a delivery could not be read", receiver.connection)
        why = f"The connector failed to read it ({type(error).__name__})."
    else:
        words = (event_id, *(word for one in events for word in (one.id, one.type, one.stream, one.key) if word))
        if all(word.isprintable() for word in words):
            return event_id, events, None
        why = "An id in it holds characters that no database keeps."
    # Equal bytes are the same delivery: their repeats are counted, not kept again.
    return f"unreadable-{sha256(body).hexdigest()[:32]}", (), why


def _problem(
    receiver: Receiver, status: int, error: str, todo: str, headers: Mapping[str, str] | None = None
) -> Response:
    if status == 503:
        headers = {"Retry-After": str(RETRY_SECONDS)}
    where = f"/webhooks/{receiver.business}/{receiver.connection}"
    return problem_response(status, error, where=where, todo=todo, headers=headers)


def _most(receiver: Receiver) -> int:
    """How many bytes its deliveries may have. A mail brings its files along."""
    return int(getattr(receiver.webhook, "max_body", MAX_BODY))


async def _read(scope: Scope, receive: Receive, most: int) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > most:  # the server has checked that it is a number
            raise _TooLargeError
    message = await _next(receive)
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        chunks, size = [body], len(body)
        while message.get("more_body", False) and size <= most:
            message = await _next(receive)
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
        body = b"".join(chunks)
    if len(body) > most:
        raise _TooLargeError
    return body


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _GoneError
    return message


async def _discard(receive: Receive) -> None:
    left = MAX_DISCARD
    while left > 0:
        message = await _next(receive)
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return
