"""One real socket for a whole run, behind which the sandboxes change: a server starts slower than most tests run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hub.demo.serving import serve

Message: TypeAlias = MutableMapping[str, Any]
SECONDS = 20


@dataclass
class Stage:
    """An ASGI app that hands everything to the app that is shown now."""

    url: str = ""
    asked: int = 0
    """Requests so far."""
    _shown: Any = None
    _loop: asyncio.AbstractEventLoop = field(init=False)

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Answer with the shown app."""
        if scope["type"] == "lifespan":
            self._loop = asyncio.get_running_loop()
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
        else:
            self.asked += 1
            await self._shown(scope, receive, send)

    @contextmanager
    def show(self, app: Any) -> Iterator[str]:
        """Start that app, show it at `url`, and stop it at the end."""
        life = _Life(app)
        self._wait(asyncio.run_coroutine_threadsafe(life.turn("startup"), self._loop))
        self._shown = app
        try:
            yield self.url
        finally:
            self._wait(asyncio.run_coroutine_threadsafe(life.turn("shutdown"), self._loop))

    @staticmethod
    def _wait(done: Future[None]) -> None:
        done.result(SECONDS)


@dataclass
class _Life:
    """The start and the end of one app, as a server tells them to it."""

    app: Any
    _to: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    _from: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    _task: asyncio.Task[None] | None = None

    async def turn(self, step: str) -> None:
        if self._task is None:
            scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
            self._task = asyncio.get_running_loop().create_task(self.app(scope, self._to.get, self._from.put))
        await self._to.put({"type": f"lifespan.{step}"})
        answer = await self._from.get()
        if answer["type"] != f"lifespan.{step}.complete":
            raise RuntimeError(f"The sandbox failed at its {step}: {answer.get('message')}")


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage that is served on a free port of 127.0.0.1."""
    stage = Stage()
    with serve(stage) as stage.url:
        yield stage
