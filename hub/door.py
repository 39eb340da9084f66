"""One connection of one business, as its provider may call it: the address, and the secrets that sign.

Built by bootstrap, which alone knows the connectors and their keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from hub.core.errors import ConfigError
from hub.core.protocol import ConnectorSpec
from hub.engine import pending
from hub.engine.receivers import Receiver
from hub.settings import HubSettings, fernet_key
from hub.store.database import Store

LOCAL = ("127.", "localhost", "0.0.0.0", "[::1]", "::1")  # noqa: S104  compared, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`built()` reads the connection's settings; ConfigError when a key is missing."""

    settings: HubSettings
    store: Store
    business: str
    connection: str
    spec: ConnectorSpec[Any]
    built: Callable[[], BaseModel]
    now: Callable[[], datetime]

    @property
    def url(self) -> str:
        base = self.settings.public_url or f"http://{self.settings.host}:{self.settings.port}"
        return f"{base.rstrip('/')}/webhooks/{self.business}/{self.connection}"

    def reachable(self) -> str | None:
        """The address that the provider is to call; None while there is none.

        ConfigError when the provider could not reach it: a provider on the internet, a hub that only this machine sees.
        """
        public = self.settings.public_url
        if public is None:
            return None
        provider = str(getattr(self.built(), "base_url", "") or "")
        if not _is_local(provider):
            if _is_local(public):
                raise ConfigError(
                    f"HUB_PUBLIC_URL is {public}, which only this machine can reach, so {self.spec.title} cannot call "
                    "it. Set it to the address at which the hub is reached from outside, like https://hub.example.com."
                )
            if not public.startswith("https://"):
                raise ConfigError(
                    f"HUB_PUBLIC_URL is {public}, and {self.spec.title} is to call addresses that begin with "
                    "https://: what it sends could be read on the way. Put a proxy with a certificate before the hub."
                )
        return self.url

    def given(self) -> tuple[str, ...]:
        """The secrets that sign which the OBM set, or which the connector's settings know."""
        found = getattr(self.built(), "webhook_secrets", ())
        return tuple(each.get_secret_value() if isinstance(each, SecretStr) else str(each) for each in found)

    def secrets(self) -> tuple[str, ...]:
        """The secrets that may sign: those that the OBM set and those that the provider handed us."""
        model = self.spec.settings
        known = hasattr(model, "webhook_secrets") or "webhook_secrets" in model.model_fields
        mine = self.given() if known else ()
        with self.store.read() as conn:
            handed = pending.signing(conn, self.business, self.connection, fernet_key(self.settings))
        return (*mine, *handed)

    def receiver(self) -> Receiver | None:
        """What answers there; None where the provider calls nobody."""
        if self.spec.webhook is None:
            return None
        signing = Remembered(self.secrets)

        def remember(secret: str) -> None:
            key = fernet_key(self.settings)
            pending.remember(self.store, self.business, self.connection, key, self.now(), secret)
            signing.forget()

        return Receiver(
            business=self.business,
            connection=self.connection,
            webhook=self.spec.webhook,
            secrets=signing,
            url=self.url,
            remember=remember,
        )


class Remembered:
    """Secrets answered from memory for a second: every delivery asks, and they change only when one is rotated."""

    def __init__(self, read: Callable[[], tuple[str, ...]], seconds: float = 1.0) -> None:
        self._read = read
        self._seconds = seconds
        self._until = 0.0
        self._secrets: tuple[str, ...] = ()

    def __call__(self) -> tuple[str, ...]:
        if time.monotonic() >= self._until:
            self._secrets = self._read()
            self._until = time.monotonic() + self._seconds
        return self._secrets

    def forget(self) -> None:
        """Read again at the next call: a new secret may be needed within the second."""
        self._until = 0.0


def _is_local(url: str) -> bool:
    host = url.partition("://")[2]
    return host.startswith(LOCAL)
