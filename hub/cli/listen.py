"""`hub listen`: have the providers call us, and keep the secrets that they hand us for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.bootstrap import Hub
from hub.cli.opened import Say, chosen, opened
from hub.core.errors import ConfigError, HubError
from hub.core.protocol import Connector, ConnectorSpec
from hub.engine import listening, pending
from hub.engine.listening import at, unverifiable
from hub.engine.runtime import Runtime
from hub.store import connections, secrets

LOOK_SECONDS = 0.5


def listen(business: str | None, wait: bool, again: bool, say: Say) -> int:
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
                    wrong += _listen(runtime, connection, wait, again, say)
                except HubError as error:
                    say(f"{runtime.key} · {connection}: {error}")
                    wrong += 1
    return 1 if wrong else 0


def _listen(runtime: Runtime, connection: str, wait: bool, again: bool, say: Say) -> int:
    spec = runtime.specs[connection]
    live = runtime.connector(connection)
    if live.subscriptions is None:
        # What rings by itself (a mailbox) needs no webhook.
        by_hand = bool(spec.webhook_by_hand) and spec.webhook is not None and live.bell is None
        return _by_hand(runtime, connection, spec, wait, again, say) if by_hand else 0
    heard = listening.listen(runtime, connection)
    for line in heard.lines:
        say(f"{runtime.key} · {connection}: {line}")
    return 1 if heard.deaf else 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a webhook that a person makes."""

    handed: tuple[tuple[str, datetime], ...]
    last_delivery: datetime | None

    @property
    def heard(self) -> bool:
        """Something came that the newest secret signed."""
        since = self.handed[0][1] if self.handed else None
        return self.last_delivery is not None and (since is None or self.last_delivery >= since)


def known_of(runtime: Runtime, connection: str, key: bytes) -> Known:
    with runtime.store.read() as conn:
        handed = secrets.get_dated(conn, runtime.key, connection, pending.HANDED, key)
        states = {state.connection: state for state in connections.listing(conn, runtime.key)}
    return Known(handed, states[connection].last_delivery_at if connection in states else None)


def _by_hand(runtime: Runtime, connection: str, spec: ConnectorSpec[Any], wait: bool, again: bool, say: Say) -> int:
    """The provider lets only a person register the webhook: say how, take the token that comes, wait for an event."""
    ears, where = listening.ears(runtime), f"{runtime.key} · {connection}"
    key, url, given = ears.key(), ears.url(connection) or "", ears.given(connection)
    known = known_of(runtime, connection, key)
    if known.last_delivery is not None and known.heard and not again:
        say(f"{where}: {spec.title} calls {url} already; it did last at {at(known.last_delivery)}.")
        return 0
    shown = known.handed[0][0] if known.handed and not again else None
    say(f"{where}: {spec.webhook_by_hand.replace('{url}', url)}")
    until = pending.await_hand(runtime, connection, key)
    began = runtime.now()
    if shown is not None:
        say(_token(spec, shown))
    elif not wait:
        say(
            f"A token that {spec.title} sends is taken until {at(until)}. Then run `hub listen` again, which shows it."
            if not given
            else f"`hub check` says whether {spec.title} has called."
        )
    if not wait:
        return 0
    say(f"Waiting for {spec.title} until {at(until)}. `hub api` or `hub up` must be running; Ctrl-C stops waiting.")
    while runtime.now() < until:
        known = known_of(runtime, connection, key)
        if known.handed and known.handed[0][0] != shown and known.handed[0][1] >= began:
            shown = known.handed[0][0]
            say(_token(spec, shown))
            say(f"Then change something there: the first event that {spec.title} signs is waited for.")
        if known.last_delivery is not None and known.last_delivery >= began:
            say(f"{where}: {spec.title} calls {url} from now on. Its first event came at {at(known.last_delivery)}.")
            return 0
        time.sleep(LOOK_SECONDS)
    say(f"{where}: nothing came. {silence(spec.title, url)}")
    return 1


def _token(spec: ConnectorSpec[Any], token: str) -> str:
    return f"{spec.title} has sent this token; paste it there:\n  {token}"


def silence(title: str, url: str) -> str:
    """What to look at when a provider has never called."""
    return (
        f"Is {url} reached from outside (open {url.partition('/webhooks/')[0]}/healthz in a browser), and is the "
        f"webhook at {title} made and verified? `hub status` shows what was refused. Run `hub listen` to begin anew."
    )


def notes(hub: Hub, runtime: Runtime, connection: str, live: Connector) -> Iterator[str]:
    """What `hub check` says of the webhook of a connection: nothing when it is in order."""
    spec = runtime.specs[connection]
    if spec.webhook is None or (live.subscriptions is None and (not spec.webhook_by_hand or live.bell is not None)):
        return
    title, ears = spec.title, listening.ears(runtime)
    if hub.settings.public_url is None:
        yield (
            f"HUB_PUBLIC_URL is not set, so {title} cannot call: changes are found once an hour. "
            "Set it and run `hub listen`."
        )
        return
    try:
        url = ears.url(connection) or ""
    except ConfigError as error:
        yield str(error)
        return
    if live.subscriptions is None:
        yield from _heard_by_hand(runtime, connection, title, url)
        return
    try:
        ours = [each for each in live.subscriptions.list() if each.url == url]
    except HubError as error:
        yield f"whether {title} calls {url} cannot be seen: {error}"
        return
    with hub.store.read() as conn:
        names = secrets.names(conn, runtime.key, connection)
    known = bool(ears.given(connection)) or pending.HANDED in names
    living = [each for each in ours if each.alive]
    if not ours:
        yield f"{title} does not call {url} yet, so changes are found once an hour. Run `hub listen`."
    elif not living:
        yield f"{title} has stopped calling {url}. Run `hub listen`."
    elif not known and any(f"{pending.OF}{each.ref}" not in names for each in living):
        yield unverifiable(title, url, listening.given_name(runtime, connection))


def _heard_by_hand(runtime: Runtime, connection: str, title: str, url: str) -> Iterator[str]:
    known = known_of(runtime, connection, listening.ears(runtime).key())
    if not known.heard:
        yield f"{title} has never called {url}, so changes are found once an hour. Run `hub listen`, which says how."
