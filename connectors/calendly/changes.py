"""What changed since the last look. Calendly keeps no log of changes, so it is looked for where changes happen.

| looked at | how | calls |
|---|---|---|
| appointments from two days before the last look on | their `updated_at` | one for 100 of them |
| of these, groups, and those that began or end up to now | each invitee's `updated_at` and no-show | one each |
| event types, members | their `updated_at` | one for 100 of them |
| routing forms | the submissions made since | one, and one for each form |

Not found so, and left to the nightly read of everything: what changes on an appointment older than two days (a late
no-show), a no-show that is taken back without Calendly touching the invitee, what was deleted, and what has a shape
that the hub does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.calendly import keys
from connectors.calendly.client import Account, Client, Forbidden
from connectors.calendly.records import instant, readable
from hub.core.errors import ConfigError, RecordError
from hub.core.types import Cursor, Event

BACK = timedelta(days=2)
"""So long after an appointment people mark who did not come."""

CLOCKS = timedelta(minutes=5)
"""Our clock and Calendly's may differ by so much."""


class Changes:
    """Looks for what changed. `invitees`: every invitee of an event."""

    def __init__(
        self,
        client: Client,
        invitees: Callable[[Mapping[str, Any]], list[dict[str, Any]]],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._invitees = invitees
        self._now = now

    def since(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """One batch: all that changed, and the cursor of when it was looked for.

        The cursor also holds whose appointments were seen. ConfigError when the key sees fewer than before: they are
        not gone, it is the role that changed.
        """
        if cursor is None:
            yield (), _mark("", self._now())
            return
        before, then = _unmark(cursor)
        account = self._client.account()
        if before == "organization" and account.scope == "user" and self._client.settings.scope == "organization":
            raise ConfigError(
                f"{account.name}'s Calendly role is no longer owner or administrator, so that the key shows only its "
                "own appointments and not the other hosts'. Give the role back, use an administrator's key, or set "
                "scope to user for this connection to go on with the key's own."
            )
        asked = self._now()
        since = then - CLOCKS
        events = [
            *self._listed(account, "/event_types", "event_type", since),
            *self._members(account, since),
            *self._bookings(account, since, asked),
            *self._signups(account, since),
        ]
        yield list({(event.stream, event.key): event for event in events}.values()), _mark(account.scope, asked)

    def _listed(self, account: Account, path: str, stream: str, since: datetime) -> Iterator[Event]:
        for row in self._client.all(path, **account.whose):
            with suppress(RecordError), readable(stream, row):
                at = instant(row["updated_at"])
                if at > since:
                    yield _event(stream, keys.uuid(row["uri"]), at)

    def _members(self, account: Account, since: datetime) -> Iterator[Event]:
        for row in self._client.all("/organization_memberships", **account.whose):
            with suppress(RecordError), readable("membership", row):
                at = max(instant(row["updated_at"]), instant(row["user"]["updated_at"]))
                if at > since:
                    yield _event("user", keys.uuid(row["user"]["uri"]), at)

    def _bookings(self, account: Account, since: datetime, asked: datetime) -> Iterator[Event]:
        start = (min(since, asked) - BACK).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for event in self._client.all(
            "/scheduled_events", **account.whose, sort="start_time:asc", min_start_time=start
        ):
            edited = begun = False
            with suppress(RecordError), readable("scheduled event", event):
                edited = instant(event["updated_at"]) > since
                begun = instant(event["start_time"]) <= asked
            if not (edited or begun or _is_group(event)):
                continue
            for invitee in self._shown(event):
                with suppress(RecordError), readable("booking", invitee):
                    at = _touched(invitee)
                    if edited or at > since:
                        yield _event("booking", keys.booking(invitee["uri"]), at)
                        form = keys.maybe_uuid(invitee.get("routing_form_submission"))
                        if form is not None:
                            yield _event("signup", form, at)

    def _shown(self, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            return self._invitees(event)
        except RecordError:
            return []  # refused: reading everything says so

    def _signups(self, account: Account, since: datetime) -> Iterator[Event]:
        """New submissions; where the plan has no routing forms, there are none."""
        try:
            forms = self._client.all("/routing_forms", organization=account.organization)
        except Forbidden as error:
            if error.scopes:
                raise
            return
        for form in forms:
            for rows in self._client.pages("/routing_form_submissions", form=form["uri"], sort="created_at:desc"):
                made = None
                for row in rows:
                    with suppress(RecordError), readable("signup", row):
                        made = instant(row["created_at"])
                        at = max(made, instant(row["updated_at"]))
                        if at > since:
                            yield _event("signup", keys.uuid(row["uri"]), at)
                if made is not None and made <= since:
                    break


def _is_group(event: Mapping[str, Any]) -> bool:
    """Whether several may book it. That an invitee's change touches such an event is nowhere promised."""
    counter = event.get("invitees_counter") or {}
    return max(counter.get("limit") or 0, counter.get("total") or 0) > 1


def _touched(invitee: Mapping[str, Any]) -> datetime:
    absent = invitee.get("no_show") or {}
    times = [instant(invitee["updated_at"])]
    return max([*times, instant(absent["created_at"])] if absent.get("created_at") else times)


def _event(stream: str, key: str, at: datetime) -> Event:
    return Event(id=f"{stream}:{key}@{at.isoformat()}", type="changed", stream=stream, key=key)


def _mark(scope: str, at: datetime) -> Cursor:
    return Cursor(f"{scope} {at.astimezone(UTC).isoformat()}")


def _unmark(cursor: Cursor) -> tuple[str, datetime]:
    scope, _, at = cursor.partition(" ")
    return scope, datetime.fromisoformat(at)
