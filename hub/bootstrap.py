"""The only place that builds real objects: settings and mappings in, a store, runtimes and receivers out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

from pydantic import BaseModel, SecretStr

from connectors import registry
from hub.core.errors import ConfigError
from hub.core.protocol import Connector, ConnectorSpec
from hub.engine import pending
from hub.engine.opening import Opening, context
from hub.engine.planners import running
from hub.engine.receivers import Configured as Shown
from hub.engine.receivers import HubView, Receiver
from hub.engine.reload import Renewed, Replaced
from hub.engine.runtime import Ears, Runtime
from hub.mapping.last_good import Standing, stand
from hub.mapping.loader import BUSINESS_FILE, Configured, Loaded, load
from hub.settings import HubSettings, connection_settings, fernet_key
from hub.store import connections, jobs
from hub.store.database import Store, open_store

WEBHOOK_SECRET = pending.HANDED
LOCAL = ("127.", "localhost", "0.0.0.0", "[::1]", "::1")  # noqa: S104  compared, not bound


def utc_now() -> datetime:
    return datetime.now(UTC)


class Hub:
    """Everything that a process of the hub works with. `renew` brings it up to date with the mappings."""

    def __init__(self, settings: HubSettings, store: Store, standing: Standing, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.loaded = Loaded((), ())
        self.kept: frozenset[Path] = frozenset()
        """The files in whose place the last good copy runs."""
        self.runtimes: dict[str, Runtime] = {}
        self.view = HubView()
        """What the web part and the status may know of the hub; one object, whose fields are replaced."""
        self._now = now
        self._made: WeakSet[Runtime] = WeakSet()
        self._take(standing)

    @property
    def receivers(self) -> Mapping[tuple[str, str], Receiver]:
        return self.view.receivers

    def renew(self) -> Renewed:
        """Read the mappings again. A business that they describe otherwise gets a new runtime and new receivers.

        The old runtimes are the caller's to close, once nothing uses them any more.
        """
        return self._take(standing(self.settings))

    def close(self) -> None:
        """Close every runtime, also those that were replaced."""
        for runtime in list(self._made):
            runtime.close()

    def _take(self, standing: Standing) -> Renewed:
        before = {item.business.key: item for item in self.loaded.businesses}
        after = {item.business.key: item for item in standing.loaded.businesses}
        new = {
            key: _runtime(self.settings, self.store, item, self._now)
            for key, item in after.items()
            if before.get(key) != item
        }
        self._made.update(new.values())
        _introduce(self.store, standing.loaded, self._now())
        receivers = {
            (key, name): receiver
            for key, item in after.items()
            for name, spec in specs(item).items()
            if (receiver := self._receiver(item, name, spec, kept=key not in new)) is not None
        }
        replaced = [
            Replaced(key, self.runtimes.get(key), new.get(key))
            for key in sorted(before.keys() | after.keys())
            if key in new or key not in after
        ]
        changes = [line for one in replaced for line in _differences(before.get(one.key), after.get(one.key))]
        self.runtimes = {key: new.get(key) or self.runtimes[key] for key in after}
        self.loaded, self.kept = standing.loaded, standing.kept
        self.view.businesses, self.view.faults = _shown(standing)
        self.view.receivers = receivers
        return Renewed(replaced, changes, tuple(standing.faults.values()))

    def _receiver(self, item: Configured, name: str, spec: ConnectorSpec[Any], *, kept: bool) -> Receiver | None:
        if kept and (item.business.key, name) in self.view.receivers:
            return self.view.receivers[item.business.key, name]
        return _receiver(self.settings, self.store, item, name, spec, self._now)


def _differences(before: Configured | None, after: Configured | None) -> list[str]:
    """What is other now, in plain words."""
    if before is None or after is None:
        key = (before or after).business.key  # type: ignore[union-attr]  # one of them is there
        return [f"{key}: {'is new' if before is None else 'was taken away'}"]
    key = after.business.key
    old, new = ({job.name: job for job in item.jobs} for item in (before, after))
    lines = [f"{key}: {BUSINESS_FILE} changed"] if before.business != after.business else []
    lines += [f"{key}: {name} is new" for name in new.keys() - old.keys()]
    lines += [f"{key}: {name} was taken away" for name in old.keys() - new.keys()]
    lines += [f"{key}: {name} changed" for name in old.keys() & new.keys() if old[name] != new[name]]
    lines += [f"{key}: the texts changed"] if before.texts != after.texts else []
    return sorted(lines)


def _shown(standing: Standing) -> tuple[tuple[Shown, ...], tuple[str, ...]]:
    """What the status may know of each business, and what is wrong with files of none of them."""
    left = dict(standing.faults)
    shown = []
    for item in standing.loaded.businesses:
        own = [file for file in left if item.folder in (file, *file.parents)]
        shown.append(
            Shown(
                business=item.business.key,
                title=item.business.business,
                connections={name: spec.name for name, spec in specs(item).items()},
                jobs=tuple(job.name for job in running(item.business, item.jobs)),
                faults=tuple(left.pop(file) for file in own),
            )
        )
    return tuple(shown), tuple(left.values())


@contextmanager
def open_hub(settings: HubSettings, now: Callable[[], datetime] = utc_now) -> Iterator[Hub]:
    """Open the store, load the mappings and make a runtime for each business; close all of it at the end.

    Raises ConfigError when the data folder or the database cannot be used. A broken mapping is not an error here: it is
    in `loaded.problems`; its last good version is served, if there is one, and whatever else is whole.
    """
    _make_data_folder(settings)
    stands = standing(settings)
    with open_store(database_url(settings)) as store:
        hub = Hub(settings, store, stands, now)
        try:
            yield hub
        finally:
            hub.close()


def standing(settings: HubSettings) -> Standing:
    """What is to run: the mappings, with the last good copy in place of each file that is broken."""
    return stand(_read, settings.mappings, Path(settings.data).absolute() / "last-good")


def _read(folder: Path) -> Loaded:
    return load(folder, registry.names(), lambda name: registry.load(name).follows)


def load_mappings(settings: HubSettings) -> Loaded:
    """The businesses and jobs that are whole, and every problem of the others."""
    return _read(settings.mappings)


def connectors() -> tuple[str, ...]:
    """The names of the connectors that are there."""
    return registry.names()


def connector(name: str) -> ConnectorSpec[Any]:
    """The connector of that name, at rest."""
    return registry.load(name)


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
    return connection_settings(model, item.business.key, connection, from_mapping(item, connection))


def from_mapping(item: Configured, connection: str) -> dict[str, object]:
    """Those of a connection's settings that stand in business.yaml."""
    config = item.business.connections[connection]
    known = specs(item)[connection].settings.model_fields
    said = config.model_dump(exclude={"connector", "follow"}, exclude_none=True)
    return {name: value for name, value in said.items() if name in known}


@contextmanager
def trial(
    settings: HubSettings, business: str, connection: str, spec: ConnectorSpec[Any], built: BaseModel
) -> Iterator[Connector]:
    """A live connector with settings that stand nowhere yet, to see whether they work. It follows nothing."""
    _make_data_folder(settings)
    with (
        open_store(database_url(settings)) as store,
        spec.connect(built, context(store, business, connection, (), utc_now)) as live,
    ):
        yield live


def _runtime(settings: HubSettings, store: Store, item: Configured, now: Callable[[], datetime]) -> Runtime:
    known = specs(item)
    opening = Opening(store, item, known, partial(connector_settings, item), now)
    ears = Ears(
        url=partial(_reachable, settings, item),
        key=partial(fernet_key, settings),
        given=partial(_given, item),
    )
    return Runtime(
        store,
        item.business,
        running(item.business, item.jobs),
        known,
        opening,
        now,
        followed=opening.followed,
        thing=opening.thing,
        ears=ears,
    )


def _introduce(store: Store, loaded: Loaded, now: datetime) -> None:
    """Give each connection and job its row, so that the status speaks of what never lived too."""
    with store.write() as conn:
        for item in loaded.businesses:
            connections.ensure(conn, item.business.key, item.business.connections)
            jobs.ensure(conn, item.business.key, [job.name for job in running(item.business, item.jobs)], now)


def _receiver(
    settings: HubSettings,
    store: Store,
    item: Configured,
    connection: str,
    spec: ConnectorSpec[Any],
    now: Callable[[], datetime],
) -> Receiver | None:
    if spec.webhook is None:
        return None
    business = item.business.key
    signing = Remembered(partial(_secrets, settings, store, item, connection))

    def remember(secret: str) -> None:
        pending.remember(store, business, connection, fernet_key(settings), now(), secret)
        signing.forget()

    return Receiver(
        business=business,
        connection=connection,
        webhook=spec.webhook,
        secrets=signing,
        url=webhook_url(settings, business, connection),
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


def webhook_url(settings: HubSettings, business: str, connection: str) -> str:
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    return f"{base.rstrip('/')}/webhooks/{business}/{connection}"


def _reachable(settings: HubSettings, item: Configured, connection: str) -> str | None:
    """The address that the provider is to call; None while there is none.

    ConfigError when the provider could not reach it: a provider on the internet, a hub that only this machine sees.
    """
    if settings.public_url is None:
        return None
    spec = specs(item)[connection]
    provider = str(getattr(connector_settings(item, connection), "base_url", "") or "")
    if not _is_local(provider):
        if _is_local(settings.public_url):
            raise ConfigError(
                f"HUB_PUBLIC_URL is {settings.public_url}, which only this machine can reach, so {spec.title} cannot "
                "call it. Set it to the address at which the hub is reached from outside, like https://hub.example.com."
            )
        if not settings.public_url.startswith("https://"):
            raise ConfigError(
                f"HUB_PUBLIC_URL is {settings.public_url}, and {spec.title} is to call addresses that begin with "
                "https://: what it sends could be read on the way. Put a proxy with a certificate before the hub."
            )
    return webhook_url(settings, item.business.key, connection)


def _is_local(url: str) -> bool:
    host = url.partition("://")[2]
    return host.startswith(LOCAL)


def _given(item: Configured, connection: str) -> tuple[str, ...]:
    """The secrets that sign which the OBM set, or which the connector's settings know."""
    built = connector_settings(item, connection)
    found = getattr(built, "webhook_secrets", ())
    return tuple(each.get_secret_value() if isinstance(each, SecretStr) else str(each) for each in found)


def _secrets(settings: HubSettings, store: Store, item: Configured, connection: str) -> tuple[str, ...]:
    """The secrets that may sign: those that the OBM set and those that the provider handed us."""
    mine: tuple[str, ...] = ()
    if hasattr(specs(item)[connection].settings, "webhook_secrets") or (
        "webhook_secrets" in specs(item)[connection].settings.model_fields
    ):
        mine = _given(item, connection)
    with store.read() as conn:
        handed = pending.signing(conn, item.business.key, connection, fernet_key(settings))
    return (*mine, *handed)
