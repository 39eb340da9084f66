"""Reading Calendly: lists for a backfill, two calls for one changed booking, a look at what is near for the rest.

What a booking costs: the list of events shows no invitee, so that every event with invitees is one call more. A full
read of 1,000 appointments is some 1,010 calls: two minutes at 500 calls a minute, twenty at 50.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from connectors.calendly import keys, records
from connectors.calendly.changes import Changes
from connectors.calendly.client import Account, Client, Forbidden, describe
from connectors.calendly.rights import look
from connectors.calendly.settings import CONCURRENCY
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from hub.core.types import Cursor, Event, Page, Record

CHUNK = 25
"""Events whose invitees are read before a page is given: half a minute of calls on the free plan."""

STEP_BACK = timedelta(seconds=1)
"""A cursor is so much earlier than the last event: none that begins at the same instant is skipped."""


class CalendlySource:
    """One Calendly account, read."""

    def __init__(self, client: Client, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._changes = Changes(client, self.invitees, now=now)

    def check(self) -> Sequence[str]:
        """Whose key, what it sees. ConfigError names every scope that is missing."""
        account = self._client.account(again=True)
        rights = look(self._client, account)
        if rights.missing:
            raise ConfigError(
                f"Calendly's key may not read all that the hub needs ({describe(account)}). Missing scopes: "
                f"{', '.join(rights.missing)}. Make a token that has them in Calendly > Integrations & apps > API and "
                "webhooks."
            )
        seen = "every host's" if account.scope == "organization" else "only the key's own"
        forms = "readable" if rights.routing_forms else "not with this plan or role"
        return (f"Calendly account of {describe(account)}", f"Appointments: {seen}", f"Routing forms: {forms}")

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every record of a stream. Only bookings have cursors: the others take a call or a few.

        Bookings come in the order in which their appointments begin; the cursor is the instant up to which all were
        given. What is booked meanwhile is not in it: take the cursor of `changes` before a backfill.
        A thing of unknown shape does not stop the read: the others are given, no later cursor is safe any more, and at
        the end a RecordError names what was left out. So it is with routing forms that Calendly refuses to show
        although the plan is said to have them.
        """
        read = {
            "event_type": lambda: self._listed("event_type", self._event_types()),
            "user": lambda: self._listed("user", self._members()),
            "booking": lambda: self._bookings(cursor),
            "signup": self._signups,
        }
        if stream not in read:
            raise RecordError(f"Calendly has no stream {stream!r}. It has: {', '.join(records.STREAMS)}.")
        yield from read[stream]()

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """The record as it is now. One that Calendly refuses to show is a RecordError, for others can be read."""
        try:
            return (self._fetched(stream, key),)
        except Gone:
            return (Record(stream=stream, key=key, deleted=True),)
        except Forbidden as error:
            if error.scopes:
                raise
            raise RecordError(str(error)) from None

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """What changed near now; see `connectors.calendly.changes`. Calendly keeps no log of changes."""
        return self._changes.since(cursor)

    def invitees(self, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every invitee of an event; none is asked for where the event's own counter says that there are none.

        RecordError when Calendly refuses to show this event: the others can be read.
        """
        counter = event.get("invitees_counter")
        if isinstance(counter, Mapping) and counter.get("total") == 0:
            return []
        try:
            return self._client.all(keys.path("scheduled_events", keys.uuid(event.get("uri"))) + "/invitees")
        except Gone:
            return []
        except Forbidden as error:
            if error.scopes:
                raise
            raise RecordError(str(error)) from None

    def _fetched(self, stream: str, key: str) -> Record:
        client = self._client
        if stream == "booking":
            with records.readable("booking", {"uri": key}):
                paths = keys.event_path(key), keys.invitee_path(key)
            return records.booking(client.one(paths[0]), client.one(paths[1]))
        if stream == "event_type":
            return records.event_type(client.one(keys.path("event_types", key)))
        if stream == "signup":
            found = client.one(keys.path("routing_form_submissions", key))
            return self._signup(found, self._form(found))
        if stream == "user":
            return self._member(key)
        raise RecordError(f"Calendly has no stream {stream!r}. It has: {', '.join(records.STREAMS)}.")

    def _event_types(self) -> Iterator[list[dict[str, Any]]]:
        return self._client.pages("/event_types", **self._account.whose)

    def _members(self) -> Iterator[list[dict[str, Any]]]:
        return self._client.pages("/organization_memberships", **self._account.whose)

    def _member(self, key: str) -> Record:
        account = self._account
        row = self._client.membership(f"{account.user.rpartition('/')[0]}/{key}", account.organization)
        return Record(stream="user", key=key, deleted=True) if row is None else records.user(row)

    def _listed(self, stream: str, pages: Iterator[list[dict[str, Any]]]) -> Iterator[Page]:
        made = {"event_type": records.event_type, "user": records.user}[stream]
        unknown: list[str] = []
        for rows in pages:
            found = _each(rows, made, unknown)
            yield Page(records=[each for each in found if not each.deleted], cursor=None)
        _tell(stream, unknown)

    def _bookings(self, cursor: Cursor | None) -> Iterator[Page]:
        unknown: list[str] = []
        begun: datetime | None = None
        pages = self._client.pages(
            "/scheduled_events", **self._account.whose, sort="start_time:asc", min_start_time=cursor
        )
        for rows in pages:
            for chunk in (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)):
                found: list[Record] = []
                for event, invitees in zip(chunk, self._invitees_of(chunk, unknown), strict=True):
                    found += _each(invitees, lambda invitee, event=event: records.booking(event, invitee), unknown)  # type: ignore[misc]
                begun = _later(begun, chunk)
                yield Page(records=found, cursor=None if unknown else _cursor(begun))
        _tell("booking", unknown)

    def _invitees_of(self, events: Sequence[dict[str, Any]], unknown: list[str]) -> list[list[dict[str, Any]]]:
        def invitees(event: dict[str, Any]) -> list[dict[str, Any]]:
            try:
                return self.invitees(event)
            except RecordError as error:
                unknown.append(str(error))
                return []

        with ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="calendly-invitees") as pool:
            try:
                return list(pool.map(invitees, events))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _signups(self) -> Iterator[Page]:
        unknown: list[str] = []
        try:
            forms = self._client.all("/routing_forms", organization=self._account.organization)
        except Forbidden as error:
            if error.scopes:
                raise
            if self._client.settings.has_routing_forms:
                # Refused is not empty (R5): what was read before stays as it is.
                yield Page(records=(), cursor=None)
                raise RecordError(
                    f"{error} If the account no longer has routing forms, change its plan here."
                ) from None
            return
        for form in forms:
            for rows in self._client.pages("/routing_form_submissions", form=form["uri"], sort="created_at:asc"):
                found = _each(rows, lambda row, form=form: self._signup(row, form), unknown)  # type: ignore[misc]
                yield Page(records=[each for each in found if not each.deleted], cursor=None)
        _tell("signup", unknown)

    def _signup(self, found: Mapping[str, Any], form: Mapping[str, Any]) -> Record:
        invitee = None
        if found.get("submitter") and not records.names_somebody(found, form):
            with records.readable("signup", found):
                path = keys.invitee_path(keys.booking(found["submitter"]))
            try:
                invitee = self._client.one(path)
            except Gone:
                invitee = None
        return records.signup(found, form, invitee)

    def _form(self, found: Mapping[str, Any]) -> Mapping[str, Any]:
        with records.readable("signup", found):
            path = keys.path("routing_forms", keys.uuid(found["routing_form"]))
        try:
            return self._client.one(path)
        except Gone:
            return {}

    @property
    def _account(self) -> Account:
        return self._client.account()


def _each(
    rows: Sequence[Mapping[str, Any]], made: Callable[[Mapping[str, Any]], Record], unknown: list[str]
) -> list[Record]:
    """A record of each row; why not, of those of an unknown shape."""
    found = []
    for row in rows:
        try:
            found.append(made(row))
        except RecordError as error:
            unknown.append(str(error))
    return found


def _tell(stream: str, unknown: Sequence[str]) -> None:
    if unknown:
        raise RecordError(f"{len(unknown)} of Calendly's {stream} things were left out. {' '.join(unknown[:5])}")


def _later(begun: datetime | None, chunk: Sequence[Mapping[str, Any]]) -> datetime:
    """When the last event of a chunk begins. TransientError when they are not in order: no cursor would be safe."""
    for event in chunk:
        with records.readable("scheduled event", event):
            starts_at = records.instant(event["start_time"])
        if begun is not None and starts_at < begun:
            raise TransientError("Calendly's list of events is not in the order that was asked for.")
        begun = starts_at
    assert begun is not None  # noqa: S101  a chunk is never empty
    return begun


def _cursor(begun: datetime) -> Cursor:
    return Cursor((begun - STEP_BACK).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
