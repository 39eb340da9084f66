"""Have the providers call us, and notice when one has stopped (R10).

What the provider lists is compared with what we remember having made. What is missing is made; of ours, what leads to
another address, speaks of what is followed no more, or is there twice is removed, and never another's. A subscription
of ours that is gone or disabled leaves a blind window: it is named with its two times, and what was missed is read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.errors import ConfigError, HubError
from hub.core.protocol import Subscriptions
from hub.core.types import Subscription
from hub.engine import backfill, pending
from hub.engine.losses import Loss, Past, losses_of, past_of, unverifiable_of_ours
from hub.engine.runtime import Ears, Runtime
from hub.environment import connection_prefix
from hub.store import secrets, subscriptions, windows
from hub.store.subscriptions import SubscriptionRow
from hub.store.windows import BlindWindow

log = logging.getLogger("hub.listening")


@dataclass(slots=True)
class Heard:
    """What one look at the subscriptions of a connection came to. `lines`: in words, for people.

    `deaf`: somebody calls us, but nothing that comes can be verified, or nobody does although somebody should.
    """

    url: str
    alive: int = 0
    made: int = 0
    removed: int = 0
    deaf: bool = False
    blind: tuple[BlindWindow, ...] = ()
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)


def ears(runtime: Runtime) -> Ears:
    """ConfigError when nothing of this hub can be called."""
    if runtime.ears is None:
        raise ConfigError(f"{runtime.key}: this process cannot register webhooks.")
    return runtime.ears


def listen(runtime: Runtime, connection: str) -> Heard:
    """Register what is missing, remove what is stale, name and reconcile what was not heard.

    Raises what the provider raises, and ConfigError when this hub has no address that the provider can reach. The
    provider may call us while its own call is open: nothing here runs in the process that receives.
    """
    here = ears(runtime)
    provider, url = runtime.connector(connection).subscriptions, here.url(connection)
    if provider is None or url is None:
        raise ConfigError(f"{runtime.key}: {connection} has no webhooks that the hub can register.")
    heard, key, title = Heard(url), here.key(), runtime.title(connection)
    listed = {str(each.ref): each for each in provider.list()}
    with pending.await_call(runtime, connection, key) as cut_short:
        past = past_of(runtime, connection, listed, cut_short)
        given = here.given(connection)
        losses = losses_of(runtime, past, title, url, given)
        for each in unverifiable_of_ours(past, url, given):
            provider.remove(each.ref)
        needed = provider.ensure(url)
        after = {str(each.ref): each for each in provider.list()}
        _keep(runtime, connection, key, past, needed, after, losses, heard)
    _remove_stale(runtime, connection, provider, past, needed, after, heard)
    _tell(runtime, connection, past, needed, after, given, heard)
    _reconcile(runtime, connection, heard)
    return heard


def _keep(
    runtime: Runtime,
    connection: str,
    key: bytes,
    past: Past,
    needed: Sequence[Subscription],
    after: Mapping[str, Subscription],
    losses: Sequence[Loss],
    heard: Heard,
) -> None:
    """Secrets, our list and the blind windows in one transaction: killed before it, all of it is found again."""
    now, title = runtime.now(), runtime.title(connection)
    abouts = {each.about for each in needed}
    with runtime.store.write() as conn:
        arrived = secrets.get_all(conn, runtime.key, connection, pending.ARRIVED, key)
        nameless = [each for each in needed if str(each.ref) not in past.listed and each.secret is None]
        for each in needed:
            ref = str(each.ref)
            new = ref not in past.listed or each.secret is not None
            heard.made += new
            secret = each.secret
            if secret is None and new and len(nameless) == len(arrived) == 1:
                secret = arrived[0]
            if secret is not None:
                secrets.drop(conn, runtime.key, connection, pending.OF + ref)
                secrets.put(conn, runtime.key, connection, pending.OF + ref, secret, key, now)
            ours = new or ref in past.rows or pending.HANDED in past.known or past.cut_short
            if ours:
                before, seen = past.rows.get(ref), after.get(ref, each)
                reaches = seen.alive and seen.failing_since is None
                made_at = before.made_at if before else now
                seen_at = now if reaches or before is None else before.seen_at
                row = SubscriptionRow(ref, each.url, each.about, made_at, seen_at)
                subscriptions.put(conn, runtime.key, connection, row)
        for loss in losses:
            if loss.row.about in abouts:
                windows.add(conn, runtime.key, connection, loss.row.about, loss.why, loss.began, now)
        for ref in past.rows.keys() - after.keys():
            row, failing = past.rows[ref], past.listed.get(ref)
            if failing is not None and failing.failing_since is not None and ref not in {one.row.ref for one in losses}:
                # Alive, but of no use for so long that making sure of it meant making it anew.
                began = min(failing.failing_since, now)
                windows.add(conn, runtime.key, connection, row.about, f"{title} could not reach the hub", began, now)
            subscriptions.forget(conn, runtime.key, connection, ref)
            secrets.drop(conn, runtime.key, connection, pending.OF + ref)
        pending.clear(conn, runtime.key, connection)


def _remove_stale(
    runtime: Runtime,
    connection: str,
    provider: Subscriptions,
    past: Past,
    needed: Sequence[Subscription],
    after: Mapping[str, Subscription],
    heard: Heard,
) -> None:
    """Only what our own list says that we made."""
    for ref in sorted((past.rows.keys() & after.keys()) - {str(each.ref) for each in needed}):
        try:
            provider.remove(after[ref].ref)
        except HubError as error:
            heard.say(f"An old subscription of ours ({ref}) could not be removed: {error}")
            continue
        with runtime.store.write() as conn:
            subscriptions.forget(conn, runtime.key, connection, ref)
            secrets.drop(conn, runtime.key, connection, pending.OF + ref)
        heard.removed += 1


def _tell(
    runtime: Runtime,
    connection: str,
    past: Past,
    needed: Sequence[Subscription],
    after: Mapping[str, Subscription],
    given: Sequence[str],
    heard: Heard,
) -> None:
    title, what = runtime.title(connection), runtime.specs[connection].follows or "thing"
    with runtime.store.read() as conn:
        known = secrets.names(conn, runtime.key, connection)
    now = Past({}, after, known, None, cut_short=False)
    living = [each for each in needed if after.get(str(each.ref), each).alive]
    heard.alive = len(living)
    about = f" about {heard.made} {what}{'' if heard.made == 1 else 's'}" if any(each.about for each in needed) else ""
    if any(not now.verifiable(str(each.ref), given) for each in living):
        heard.deaf = True
        heard.say(unverifiable(title, heard.url, given_name(runtime, connection)))
    elif heard.made:
        kept = "Its signing secret is" if heard.made == 1 else "Their signing secrets are"
        secret = "" if given else f" {kept} kept, encrypted."
        heard.say(f"{title} calls {heard.url} from now on{about}.{secret}")
    elif living:
        heard.say(f"{title} calls {heard.url} already.")
    else:
        heard.deaf = not needed and runtime.followed(connection) != ()
        heard.say(f"{title} does not call {heard.url}: nothing is followed that it could speak of.")
    if len(living) < len(needed):
        heard.deaf = True
        heard.say(f"{title} does not keep {len(needed) - len(living)} of the subscriptions alive. Look there for why.")
    if heard.removed:
        heard.say(f"{heard.removed} old subscription{'s' if heard.removed > 1 else ''} of ours removed there.")
    since = [each.failing_since for each in after.values() if each.failing_since and str(each.ref) in past.rows]
    if since and living:
        heard.say(
            f"{title} has not reached that address since {at(min(since))}. Is the hub up, and the proxy before it?"
        )
    if heard.made or heard.removed or heard.deaf:
        for line in heard.lines:
            log.info("%s: %s: %s", runtime.key, connection, line)


def _reconcile(runtime: Runtime, connection: str, heard: Heard) -> None:
    with runtime.store.read() as conn:
        heard.blind = tuple(windows.unreconciled(conn, runtime.key, connection))
    if not heard.blind:
        return
    for each in heard.blind:
        line = f"Not heard from {at(each.began_at)} to {at(each.ended_at)}: {each.why}."
        heard.say(line)
        log.warning("%s: %s: %s", runtime.key, connection, line)
    if runtime.connector(connection).source is None:
        return
    try:
        rung = backfill.catch_up(runtime, connection)
    except HubError as error:
        heard.say(f"What was missed is not read yet, and is tried again every hour: {error}")
        return
    line = f"What was missed is read now: {rung} record{'' if rung == 1 else 's'} may have changed."
    heard.say(line)
    log.info("%s: %s: %s", runtime.key, connection, line)


def heal(runtime: Runtime) -> list[str]:
    """The same for every connection that has subscriptions; what was done or went wrong, in words. Raises nothing."""
    said: list[str] = []
    if runtime.ears is None:
        return said
    for connection in runtime.sources():
        try:
            if runtime.connector(connection).subscriptions is None or runtime.ears.url(connection) is None:
                continue
            heard = listen(runtime, connection)
        except HubError as error:
            said.append(f"{connection}: {error}")
            log.error("%s: %s cannot be listened to: %s", runtime.key, connection, error)
            continue
        if heard.made or heard.removed or heard.deaf or heard.blind:
            said += [f"{connection}: {line}" for line in heard.lines]
    return said


def unverifiable(title: str, url: str, variable: str) -> str:
    """What to do about a webhook that is not of our making."""
    return (
        f"{title} calls {url}, but the signing secret is not known here, so every delivery is refused. Copy it from "
        f"{title} into {variable}, or delete that webhook there and run `hub listen`."
    )


def given_name(runtime: Runtime, connection: str) -> str:
    """The variable that takes the webhook secrets of a connection."""
    return f"{connection_prefix(runtime.key, connection)}WEBHOOK_SECRETS"


def at(instant: datetime) -> str:
    """2026-11-21 14:05:00 UTC."""
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
