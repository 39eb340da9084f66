"""The only place that builds real objects: settings and mappings in, a store, runtimes and receivers out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from connectors import registry
from hub.core.errors import ConfigError
from hub.core.protocol import Connector, ConnectorSpec, Context
from hub.engine.receivers import Configured as Shown
from hub.engine.receivers import HubView, Receiver
from hub.engine.runtime import Runtime
from hub.mapping.loader import Configured, Loaded, load
from hub.settings import HubSettings, connection_settings, fernet_key
from hub.store import connections, jobs, secrets
from hub.store.database import Store, open_store
from hub.store.limits import SharedLimiter

WEBHOOK_SECRET = "webhook"  # noqa: S105  the name under which a provider's secret is kept, not a secret
"""Under this name the store keeps, encrypted, the webhook secrets that providers hand us."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    """Everything that a process of the hub works with."""

    settings: HubSettings
    loaded: Loaded
    store: Store
    runtimes: Mapping[str, Runtime]
    receivers: Mapping[tuple[str, str], Receiver]

    @property
    def view(self) -> HubView:
        """What the web part and the status may know of the hub."""
        return HubView(
            businesses=tuple(
                Shown(
                    business=item.business.key,
                    title=item.business.business,
                    connections={name: spec.name for name, spec in specs(item).items()},
                    jobs=tuple(job.name for job in item.jobs),
                )
                for item in self.loaded.businesses
            ),
            receivers=self.receivers,
        )


@contextmanager
def open_hub(settings: HubSettings, now: Callable[[], datetime] = utc_now) -> Iterator[Hub]:
    """Open the store, load the mappings and make a runtime for each business; close all of it at the end.

    Raises ConfigError when the data folder or the database cannot be used. A broken mapping is not an error here: it is
    in `loaded.problems`, and the businesses and jobs that are whole are served.
    """
    loaded = load(settings.mappings, registry.names())
    _make_data_folder(settings)
    with open_store(database_url(settings)) as store:
        runtimes = {item.business.key: _runtime(store, item, now) for item in loaded.businesses}
        _introduce(store, loaded, now())
        receivers = {
            (item.business.key, name): receiver
            for item in loaded.businesses
            for name, spec in specs(item).items()
            if (receiver := _receiver(settings, store, item.business.key, name, spec)) is not None
        }
        try:
            yield Hub(settings, loaded, store, runtimes, receivers)
        finally:
            for runtime in runtimes.values():
                runtime.close()


def _make_data_folder(settings: HubSettings) -> None:
    """The folder is only for us: it will hold people's payments and addresses."""
    try:
        Path(settings.data).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The data folder {settings.data} cannot be made ({error.strerror}). "
            "Make it, or set HUB_DATA to a folder that the hub may write to."
        ) from error


def database_url(settings: HubSettings) -> str:
    """The configured database, or SQLite in the data folder."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{Path(settings.data).absolute() / 'hub.sqlite3'}"


def specs(item: Configured) -> dict[str, ConnectorSpec[Any]]:
    """The connector of each connection of a business; unknown ones are the loader's to report, and left out here."""
    found = {name: config.connector or name for name, config in item.business.connections.items()}
    known = registry.names()
    return {name: registry.load(connector) for name, connector in found.items() if connector in known}


def connector_settings(item: Configured, connection: str) -> BaseModel:
    """The connection's keys. Raises ConfigError naming the variable that is missing and where to set it."""
    model: type[BaseModel] = specs(item)[connection].settings
    config = item.business.connections[connection]
    extra = {
        name: value
        for name, value in config.model_dump(exclude={"connector"}, exclude_none=True).items()
        if name in model.model_fields
    }
    return connection_settings(model, item.business.key, connection, extra)


def _open(
    store: Store, item: Configured, now: Callable[[], datetime], connection: str
) -> AbstractContextManager[Connector]:
    found = specs(item)
    if connection not in found:
        raise ConfigError(
            f"{item.business.key}: no connector is called {connection}; there are {', '.join(registry.names())}"
        )
    context = Context(limiter=partial(SharedLimiter, store, item.business.key, connection), now=now)
    return found[connection].connect(connector_settings(item, connection), context)


def _runtime(store: Store, item: Configured, now: Callable[[], datetime]) -> Runtime:
    return Runtime(store, item.business, item.jobs, specs(item), partial(_open, store, item, now), now)


def _introduce(store: Store, loaded: Loaded, now: datetime) -> None:
    """Give each connection and job its row, so that the status speaks of what never lived too."""
    with store.write() as conn:
        for item in loaded.businesses:
            connections.ensure(conn, item.business.key, item.business.connections)
            jobs.ensure(conn, item.business.key, [job.name for job in item.jobs], now)


def _receiver(
    settings: HubSettings, store: Store, business: str, connection: str, spec: ConnectorSpec[Any]
) -> Receiver | None:
    if spec.webhook is None:
        return None
    return Receiver(
        business=business,
        connection=connection,
        webhook=spec.webhook,
        secrets=Remembered(partial(_secrets, settings, store, business, connection, spec)),
        url=webhook_url(settings, business, connection),
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


def webhook_url(settings: HubSettings, business: str, connection: str) -> str:
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    return f"{base.rstrip('/')}/webhooks/{business}/{connection}"


def _secrets(
    settings: HubSettings, store: Store, business: str, connection: str, spec: ConnectorSpec[Any]
) -> tuple[str, ...]:
    """The secrets that may sign: those that the OBM set and those that the provider handed us."""
    mine: tuple[SecretStr, ...] = ()
    if "webhook_secrets" in spec.settings.model_fields:
        mine = connection_settings(spec.settings, business, connection, {}).webhook_secrets
    with store.read() as conn:
        handed = secrets.get_all(conn, business, connection, WEBHOOK_SECRET, fernet_key(settings))
    return (*(secret.get_secret_value() for secret in mine), *handed)
