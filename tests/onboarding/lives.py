"""Short lives of a hub that welcomes clients, each a process of its own: it reads everything, wakes up as the schedule
has it, does what is due and ends, or is killed (SIGKILL) at a step of its work. See `tests.lives`.

A step is a commit (before it, after it), a stage of a mail, and a call that writes at a provider: before it is made,
and when its answer is here, or lost, and nothing has noted it yet.
"""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Mapping
from typing import Any

import httpx

from connectors.asana import templates as asana_templates
from connectors.notion import templates as notion_templates
from connectors.trello import templates as trello_templates
from hub.engine import backfill, rounds, wake
from tests.alerts.lives import Steps as Commits
from tests.lives import bring_up, lived

_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f-]{15,}|[0-9a-f]{24}|[0-9]{6,}")


class Steps(Commits):
    """With the calls that write. `at`: the name of a step; the first of that name is the last."""

    def __init__(self, die: int | None, trace: int, at: str) -> None:
        super().__init__(die, trace)
        self._at = at

    def step(self, name: str) -> None:
        if name == self._at:
            self._die = self._count + 1
        super().step(name)

    def watch(self) -> None:
        super().watch()
        handle = httpx.HTTPTransport.handle_request

        def handling(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            writes = request.method != "GET" and not request.url.path.endswith(("/query", "/search"))
            name = f"{request.method} {_ID.sub('*', request.url.path)}"
            if writes:
                self.step(f"before {name}")
            try:
                answer = handle(transport, request)
            except httpx.TransportError:
                if writes:
                    self.step(f"lost {name}")
                raise
            if writes:
                self.step(f"answered {name}")
            return answer

        httpx.HTTPTransport.handle_request = handling  # type: ignore[method-assign, assignment]


def live(said: Mapping[str, Any]) -> None:
    """One life."""
    with lived(said) as (runtime, worker, trace):
        for connection in runtime.sources():
            backfill.backfill(runtime, connection, again=True)
        Steps(said["die"], trace, said["die_at"]).watch()
        if said["brief"]:
            rounds.open_round(runtime)
        wake.wake(runtime)
        worker.turns(runtime)


def main() -> None:
    logging.basicConfig(level=logging.CRITICAL, format="%(process)d %(levelname)s %(name)s: %(message)s")
    for connector in ("stripe", "calendly", "notion", "asana", "trello", "email"):
        importlib.import_module(f"connectors.{connector}.spec")
        for name in ("source", "destination", "templates", "directory", "subscriptions", "bookings", "messenger"):
            try:
                importlib.import_module(f"connectors.{connector}.{name}")
            except ModuleNotFoundError:
                continue
    asana_templates.PAUSES = (0.01,) * 12  # type: ignore[assignment]
    trello_templates.PAUSE = 0.01
    notion_templates.PAUSES = (0.05,) * 40  # type: ignore[assignment]
    bring_up(live)


if __name__ == "__main__":
    main()
