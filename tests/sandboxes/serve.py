"""Serve ASGI apps on real sockets in threads, for tests that drive sandboxes with real clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from hub.demo.serving import serve

__all__ = ["serve", "serve_all"]


@contextmanager
def serve_all(apps: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Serve them by name; yields their base URLs. They end together: the end of each is a wait."""
    served: list[AbstractContextManager[str]] = []
    urls: dict[str, str] = {}
    try:
        for name, app in apps.items():
            one = serve(app)
            urls[name] = one.__enter__()
            served.append(one)
        yield urls
    finally:
        with ThreadPoolExecutor(max(len(served), 1)) as pool:
            for end in [pool.submit(one.__exit__, None, None, None) for one in served]:
                end.result()
