"""What the commands share: the hub opened from the settings of this folder, and the business that is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

import click

from hub import bootstrap
from hub.bootstrap import Hub, open_hub
from hub.core.errors import ConfigError
from hub.core.protocol import Connector
from hub.engine.accounts import Accounts, Follow
from hub.engine.opening import context
from hub.engine.runtime import Runtime
from hub.mapping import lock
from hub.mapping.loader import Configured
from hub.settings import load_settings

Say = Callable[[str], None]


@contextmanager
def opened() -> Iterator[Hub]:
    """The hub of this folder. What is wrong in a mapping is said on standard error; the rest is served."""
    with open_hub(load_settings()) as hub:
        for problem in hub.loaded.problems:
            click.secho(str(problem), fg="yellow", err=True)
        for file in sorted(hub.kept):
            click.secho(f"{file}: the last good version of it goes on", fg="yellow", err=True)
        if not hub.runtimes:
            raise ConfigError(
                f"There is no business in {hub.settings.mappings}. Make a folder for it there with a business.yaml "
                "(copy mappings/atelier-lila of the project), or set HUB_MAPPINGS to where yours is."
            )
        yield hub


def chosen(hub: Hub, business: str | None) -> list[Runtime]:
    """The runtimes that are meant: the named one, or all."""
    if business is None:
        return list(hub.runtimes.values())
    if business not in hub.runtimes:
        raise ConfigError(f"No business is called {business}. There are: {', '.join(hub.runtimes)}")
    return [hub.runtimes[business]]


def only(hub: Hub, business: str | None) -> Runtime:
    """The one runtime that is meant; ConfigError when it must be named."""
    found = chosen(hub, business)
    if len(found) > 1:
        raise ConfigError(f"Say which business: {', '.join(hub.runtimes)}")
    return found[0]


def accounts_of(hub: Hub, item: Configured, stack: ExitStack) -> Accounts:
    """The connections of a business, each opened when first asked for and closed with `stack`."""
    key, specs = item.business.key, bootstrap.specs(item)

    @cache
    def live(connection: str, follow: Follow) -> Connector:
        built = bootstrap.connector_settings(item, connection)
        what = context(hub.store, key, connection, follow, bootstrap.utc_now)
        return stack.enter_context(specs[connection].connect(built, what))

    return Accounts(live, specs, lock.read(item.folder))
