"""Four worker processes on one connection: how much of each provider's limit they use, and whether they exceed it.

Each worker reads one record again and again through the connector's own client, with the real limiter over one SQLite
file. The sandbox counts and refuses as the provider does. Where the provider's window is a minute, both the limiter's
and the sandbox's are made shorter by the same factor, so that several windows fit into a bench.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors import registry
from hub.conformance.case import Case, case_of
from hub.core.errors import HubError
from hub.core.protocol import Connector, Context
from hub.store.database import open_store
from hub.store.limits import SharedLimiter
from tests.bench.rig import Rig
from tests.paths import ROOT
from tests.sandboxes.serve import serve

WORKERS = 4


@dataclass(frozen=True)
class Limit:
    """So many calls in so many seconds, measured over so many windows that are `scale` times as long."""

    calls: int
    seconds: float
    stream: str
    windows: int
    scale: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict)


LIMITS = {
    "asana": Limit(150, 60.0, "task", 4, 0.1, {"plan": "free"}),
    "calendly": Limit(50, 60.0, "event_type", 4, 0.1, {"calls_per_minute": 50}),
    "notion": Limit(180, 60.0, "row", 4, 0.1),
    "stripe": Limit(25, 1.0, "product", 20),
    "trello": Limit(100, 10.0, "card", 3),
}


@dataclass
class Counted:
    """An app with a list of when each call arrived and how it was answered."""

    app: Any
    seen: list[tuple[float, int]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, and write the call down."""
        at = time.monotonic()

        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.seen.append((at, message["status"]))
            await send(message)

        await self.app(scope, receive, told if scope["type"] == "http" else send)


def limits(_: Rig) -> Iterator[tuple[str, str]]:
    """A line for each connector that talks to a provider with a limit of its own."""
    exceeded = []
    for name in registry.OURS:
        if name not in LIMITS:
            yield name, "no limit of a provider: what `settings` say holds"
            continue
        share, most, refused, total = _measured(name, LIMITS[name])
        allowed = LIMITS[name].calls
        label = f"{name}: {allowed} calls in {LIMITS[name].seconds:g} s (windows × {LIMITS[name].scale:g})"
        said = f"{share * 100:.1f} % used (target >= 95)  most in a window {most}  refused {refused} (target 0)"
        yield label, f"{said}  {total} calls"
        if refused or most > allowed:
            exceeded.append(name)
    if exceeded:
        raise RuntimeError(f"The limit was exceeded: {', '.join(exceeded)}")


def _measured(name: str, limit: Limit) -> tuple[float, int, int, int]:
    """The share of the limit that was used, the most calls in any window, the refusals, all calls."""
    spec, case = registry.load(name), case_of(registry.load(name))
    window = limit.seconds * limit.scale
    counted = Counted(case.app())
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{folder}/hub.db"
        open_store(url).close()
        case.url = stack.enter_context(serve(counted))
        case.prepare()
        given = _given(case, limit, url)
        keys = case.fill(limit.stream, 1)
        assert keys
        case.limit(limit.calls, window)
        counted.seen.clear()
        command = [sys.executable, "-m", "tests.bench.limits", spec.name, json.dumps({**given, "key": keys[0]})]
        workers = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(WORKERS)
        ]
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            worker.communicate(timeout=120)
            assert worker.returncode == 0, f"a worker of {name} failed"
    times = sorted(at for at, _ in counted.seen)
    inside = sum(at < times[0] + limit.windows * window for at in times)
    refused = sum(status == 429 for _, status in counted.seen)
    return inside / (limit.calls * limit.windows), _busiest(times, window), refused, len(times)


def _given(case: Case, limit: Limit, url: str) -> dict[str, Any]:
    settings = {**case.settings(case.key), **limit.settings}
    follow = None if case.follow is None else list(case.follow)
    return {"settings": settings, "follow": follow, "store": url}


def _busiest(times: list[float], window: float) -> int:
    """The most calls in any window."""
    most, start = 0, 0
    for end, at in enumerate(times):
        while times[start] <= at - window:
            start += 1
        most = max(most, end - start + 1)
    return most


def _work(name: str, given: Mapping[str, Any]) -> None:
    """One worker: read the record as often as the limiter lets it, for a window longer than is measured."""
    spec, limit = registry.load(name), LIMITS[name]
    store = open_store(given["store"])

    def limiter(which: str, calls: int, seconds: float) -> SharedLimiter:
        return SharedLimiter(store, "bench", name, which, calls, seconds * limit.scale)

    follow = None if given["follow"] is None else tuple(given["follow"])
    context = Context(limiter=limiter, now=lambda: datetime.now(UTC), follow=follow)
    with spec.connect(spec.settings.model_validate(given["settings"]), context) as live:
        print("ready", flush=True)
        sys.stdin.readline()
        _read_until(live, limit, given["key"], time.monotonic() + (limit.windows + 0.5) * limit.seconds * limit.scale)
    store.close()


def _read_until(live: Connector, limit: Limit, key: str, end: float) -> None:
    assert live.source is not None
    while time.monotonic() < end:
        try:
            live.source.fetch(limit.stream, key)
        except HubError as error:
            print(error, file=sys.stderr)


if __name__ == "__main__":
    _work(sys.argv[1], json.loads(sys.argv[2]))
