"""Lantern at rest: importable without a key and without an HTTP client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hub.core.protocol import Connector, ConnectorSpec, Context

from hub_lantern.settings import KEY_PAGE, LanternSettings
from hub_lantern.webhook import EVENT_TYPES, LanternWebhook


@contextmanager
def connect(settings: LanternSettings, context: Context) -> Iterator[Connector]:
    """A live connector; its sockets are closed at the end of the block."""
    from hub_lantern.client import open_api
    from hub_lantern.directory import LanternDirectory
    from hub_lantern.source import LanternSource
    from hub_lantern.subscriptions import LanternSubscriptions

    with open_api(settings, context) as api:
        yield Connector(
            name=SPEC.name,
            source=LanternSource(api),
            subscriptions=LanternSubscriptions(api),
            directory=LanternDirectory(api),
        )


def _sandbox() -> Any:
    from hub_lantern.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="lantern",
    title="Lantern",
    settings=LanternSettings,
    connect=connect,
    streams=("signup",),
    kinds={"signup": "signup"},
    event_types=EVENT_TYPES,
    webhook=LanternWebhook(),
    concurrency=4,
    sandbox=_sandbox,
    key_page=KEY_PAGE,
    limits=("100 calls a minute for one key",),
    gaps=("a form's questions are known only once somebody answered them",),
)
