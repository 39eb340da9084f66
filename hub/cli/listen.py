"""`hub listen`: have the providers call us, and keep the secrets that they hand us for it."""

from __future__ import annotations

from collections.abc import Iterator

from hub.bootstrap import WEBHOOK_SECRET, Hub, webhook_url
from hub.cli.opened import Say, chosen, opened
from hub.core.errors import ConfigError, HubError
from hub.core.protocol import Connector
from hub.engine.runtime import Runtime
from hub.environment import connection_prefix
from hub.settings import fernet_key
from hub.store import secrets


def listen(business: str | None, say: Say) -> int:
    """Registers each webhook that is not there yet. 0 when every provider calls us and we can verify what it sends."""
    with opened() as hub:
        if hub.settings.public_url is None:
            raise ConfigError(
                "HUB_PUBLIC_URL is missing: the address at which the providers reach this hub from outside, with "
                "https://. Put HUB_PUBLIC_URL=https://… in .env; a proxy there passes /webhooks on to "
                f"{hub.settings.host}:{hub.settings.port}."
            )
        wrong = 0
        for runtime in chosen(hub, business):
            for connection in runtime.sources():
                try:
                    wrong += _listen(hub, runtime, connection, say)
                except HubError as error:
                    say(f"{runtime.key} · {connection}: {error}")
                    wrong += 1
    return 1 if wrong else 0


def _listen(hub: Hub, runtime: Runtime, connection: str, say: Say) -> int:
    live = runtime.connector(connection)
    if live.subscriptions is None:
        return 0
    title, where = runtime.specs[connection].title, f"{runtime.key} · {connection}"
    url = webhook_url(hub.settings, runtime.key, connection)
    made = live.subscriptions.ensure(url)
    if made.secret is not None:
        with hub.store.write() as conn:
            secrets.put(
                conn, runtime.key, connection, WEBHOOK_SECRET, made.secret, fernet_key(hub.settings), runtime.now()
            )
        say(f"{where}: {title} calls {url} from now on. Its signing secret is kept, encrypted.")
        return 0
    if not _secret_known(hub, runtime, connection):
        say(f"{where}: {_unverifiable(runtime, connection, title, url)}")
        return 1
    say(f"{where}: {title} calls {url} already.")
    return 0


def notes(hub: Hub, runtime: Runtime, connection: str, live: Connector) -> Iterator[str]:
    """What `hub check` says of the webhook of a connection: nothing when it is in order."""
    if live.subscriptions is None:
        return
    title = runtime.specs[connection].title
    if hub.settings.public_url is None:
        yield (
            f"HUB_PUBLIC_URL is not set, so {title} cannot call: changes are found once an hour. "
            "Set it and run `hub listen`."
        )
        return
    url = webhook_url(hub.settings, runtime.key, connection)
    try:
        ours = [each for each in live.subscriptions.list() if each.url == url]
    except HubError as error:
        yield f"whether {title} calls {url} cannot be seen: {error}"
        return
    if not ours:
        yield f"{title} does not call {url} yet, so changes are found once an hour. Run `hub listen`."
    elif not any(each.alive for each in ours):
        yield f"{title} has stopped calling {url}. Run `hub listen`."
    elif not _secret_known(hub, runtime, connection):
        yield _unverifiable(runtime, connection, title, url)


def _secret_known(hub: Hub, runtime: Runtime, connection: str) -> bool:
    receiver = hub.receivers.get((runtime.key, connection))
    return receiver is not None and bool(receiver.secrets())


def _unverifiable(runtime: Runtime, connection: str, title: str, url: str) -> str:
    return (
        f"{title} calls {url}, but the signing secret is not known here, so every delivery is refused. Copy it from "
        f"{title} into {connection_prefix(runtime.key, connection)}WEBHOOK_SECRETS, or delete that webhook there and "
        "run `hub listen`."
    )
