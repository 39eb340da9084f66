"""Appointments, changed: cancelled, marked as not attended, offered by a link that works once."""

from __future__ import annotations

from typing import Any

from connectors.calendly import keys
from connectors.calendly.client import Client, Forbidden
from connectors.calendly.records import readable
from hub.core.errors import RecordError
from hub.core.http import Gone


class CalendlyBookings:
    """Each call looks first, so that repeating it is safe. Needs scheduled_events:write."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def cancel(self, key: str, reason: str) -> None:
        """Cancel the booking. Twice is not an error; nor is one that Calendly no longer has.

        Calendly cancels an event for all its invitees, so that a booking of a group is a RecordError while others have
        booked it too: the way out is its `cancel_url`. One that is over is refused by Calendly (RecordError).
        """
        with readable("booking", {"uri": key}):
            path, invitee_path = keys.event_path(key), keys.invitee_path(key)
        try:
            event, invitee = self._client.one(path), self._client.one(invitee_path)
            if "canceled" in (event.get("status"), invitee.get("status")):
                return
            others = _active(event) - 1
            if others > 0:
                raise RecordError(
                    f"Calendly can only cancel {event.get('name')} for everybody, and {others} more have booked it. "
                    f"Cancel this one at {invitee.get('cancel_url')}"
                )
            self._client.post(f"{path}/cancellation", {"reason": reason})
        except Gone:
            return
        except Forbidden as error:
            if error.scopes:
                raise
            if self._client.one(path).get("status") != "canceled":
                raise RecordError(str(error)) from None

    def mark_no_show(self, key: str) -> None:
        """Say that who booked did not come. Twice is not an error. RecordError where Calendly refuses it."""
        with readable("booking", {"uri": key}):
            path = keys.invitee_path(key)
        invitee = self._client.one(path)
        if invitee.get("no_show"):
            return
        try:
            self._client.post("/invitee_no_shows", {"invitee": invitee["uri"]})
        except Forbidden as error:
            if error.scopes:
                raise
            raise RecordError(str(error)) from None
        except RecordError:
            # Somebody may have marked it meanwhile.
            if not self._client.one(path).get("no_show"):
                raise

    def single_use_link(self, event_type: str) -> str:
        """A new address at which one appointment of that type can be booked once. Every call makes one."""
        found = self._client.one(keys.path("event_types", event_type))
        made = self._client.post(
            "/scheduling_links", {"max_event_count": 1, "owner": found["uri"], "owner_type": "EventType"}
        )
        with readable("scheduling link", made):
            return str(made["booking_url"])


def _active(event: dict[str, Any]) -> int:
    with readable("scheduled event", event):
        return int(event["invitees_counter"]["active"])
