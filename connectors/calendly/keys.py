"""Calendly's references. Pure.

Calendly names things by URI (`https://api.calendly.com/users/<uuid>`); answers and webhooks of different years put
different hosts and prefixes before the same path, so that a record's key is made of the uuids alone: the last part of
the path, and for a booking `<event uuid>/<invitee uuid>`.
"""

from __future__ import annotations

import re
from urllib.parse import quote

_UUID = r"[A-Za-z0-9_-]{1,64}"
_LAST = re.compile(rf"/({_UUID})/?$")
_INVITEE = re.compile(rf"/scheduled_events/({_UUID})/invitees/({_UUID})/?$")
_BOOKING = re.compile(rf"({_UUID})/({_UUID})")


def uuid(uri: object) -> str:
    """The uuid at the end of a URI. ValueError when there is none."""
    found = _LAST.search(uri) if isinstance(uri, str) else None
    if found is None:
        raise ValueError(f"{uri!r} is no reference of Calendly's")
    return found[1]


def maybe_uuid(uri: object) -> str | None:
    """The uuid at the end of a URI, or None where Calendly says null."""
    return None if uri is None else uuid(uri)


def booking(uri: object) -> str:
    """The key of the booking that an invitee's URI stands for. ValueError when it is no invitee's URI."""
    found = _INVITEE.search(uri) if isinstance(uri, str) else None
    if found is None:
        raise ValueError(f"{uri!r} is no reference to an invitee")
    return f"{found[1]}/{found[2]}"


def maybe_booking(uri: object) -> str | None:
    """The key of a booking, or None where Calendly says null."""
    return None if uri is None else booking(uri)


def event_path(key: str) -> str:
    """The path of a booking's event. ValueError for a text that is no booking's key."""
    return f"/scheduled_events/{_parts(key)[0]}"


def invitee_path(key: str) -> str:
    """The path of a booking's invitee. ValueError for a text that is no booking's key."""
    event, invitee = _parts(key)
    return f"/scheduled_events/{event}/invitees/{invitee}"


def path(collection: str, key: str) -> str:
    """The path of one thing of a collection, whatever text the key is."""
    return f"/{collection}/{quote(key, safe='')}"


def _parts(key: str) -> tuple[str, str]:
    found = _BOOKING.fullmatch(key)
    if found is None:
        raise ValueError(f"{key!r} is no booking's key: that is <event uuid>/<invitee uuid>")
    return found[1], found[2]
