"""Asana's list of who it calls: webhooks, one for each followed project.

Facts: https://developers.asana.com/docs/webhooks-guide and …/reference/webhooks. A webhook whose calls fail for 24
hours is deleted; one that is not active is made anew. A webhook is told what fits any of its filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.asana.client import AsanaClient, Forbidden, path
from connectors.asana.projects import Projects
from connectors.asana.records import instant
from connectors.asana.webhook import EVENT_TYPES
from hub.core.errors import ConfigError, RecordError
from hub.core.http import Gone
from hub.core.types import Ref, Subscription

TASK_CHANGES = (
    "name", "notes", "completed", "due_on", "due_at", "start_on", "start_at", "assignee", "parent", "tags",
    "custom_fields", "memberships",
)  # fmt: skip
FILTERS: tuple[Mapping[str, Any], ...] = (
    {"resource_type": "task", "action": "changed", "fields": list(TASK_CHANGES)},
    *({"resource_type": "task", "action": action} for action in ("added", "removed", "deleted", "undeleted")),
    *({"resource_type": "project", "action": action} for action in ("changed", "deleted", "undeleted")),
)
"""No stories: Asana writes one for each comment and each edit, which would make several calls of every change."""

FIELDS = (
    "active,target,resource.name,created_at,last_success_at,last_failure_at,last_failure_content,"
    "failure_deletion_timestamp,filters,filters.resource_type,filters.resource_subtype,filters.action,filters.fields"
)
PATIENCE = timedelta(hours=1)
"""A webhook that failed for so long is made anew: Asana's next try may be hours away, and its end near."""


class AsanaSubscriptions:
    """Webhooks of one key. One belongs to the hub when its target is the hub's."""

    def __init__(self, client: AsanaClient, projects: Projects) -> None:
        self._client = client
        self._projects = projects

    def ensure(self, url: str) -> Sequence[Subscription]:
        """A living webhook of this URL for each followed project, with our filters.

        One that is not active, or has failed for an hour, is deleted and made anew; what happened in between is in
        the event streams. Asana calls the URL while this runs, and the hub must answer within 10 seconds.
        """
        there = [found for found in self._webhooks() if found["target"] == url]
        return tuple(self._one(url, gid, there) for gid in self._projects.gids())

    def list(self) -> Sequence[Subscription]:
        """Every webhook of this key in the workspace. Asana shows an app only its own."""
        return tuple(_subscription(found) for found in self._webhooks())

    def remove(self, ref: Ref) -> None:
        """Delete the webhook; nothing happens when it is gone already."""
        self._client.delete(path("webhooks", ref))

    def _one(self, url: str, project: str, there: Sequence[dict[str, Any]]) -> Subscription:
        ours = [found for found in there if found["resource"]["gid"] == project]
        good = next((found for found in ours if self._lives(found)), None)
        for found in ours:
            if found is not good:
                self.remove(Ref(found["gid"]))
        return self._make(url, project) if good is None else _subscription(self._filtered(good))

    def _lives(self, found: Mapping[str, Any]) -> bool:
        failing = failing_since(found)
        return bool(found["active"]) and (failing is None or self._client.now() - failing < PATIENCE)

    def _filtered(self, found: dict[str, Any]) -> dict[str, Any]:
        if _comparable(found.get("filters") or ()) == _comparable(FILTERS):
            return found
        changed: dict[str, Any] = self._client.put(
            path("webhooks", found["gid"]), {"filters": [dict(one) for one in FILTERS]}, opt_fields=FIELDS
        )
        return changed

    def _make(self, url: str, project: str) -> Subscription:
        body = {"resource": project, "target": url, "filters": [dict(one) for one in FILTERS]}
        try:
            found, secret = self._client.make_webhook(body, opt_fields=FIELDS)
        except Forbidden as error:
            raise ConfigError(
                f"{error} Asana also answers so when the address cannot be reached from outside: {url} must not be "
                "localhost nor an address of a private network."
            ) from error
        except Gone:
            self._projects.gone(project)
            raise
        except RecordError as error:
            raise ConfigError(
                f"Asana did not register the webhook: {error} It calls {url} meanwhile and waits 10 seconds for an "
                "answer: is `hub api` running, and does that address lead to it?"
            ) from error
        return _subscription(found, secret)

    def _webhooks(self) -> Sequence[dict[str, Any]]:
        return self._client.all("/webhooks", workspace=self._client.workspace["gid"], opt_fields=FIELDS)


def failing_since(found: Mapping[str, Any]) -> datetime | None:
    """Since when no call of the webhook may have come through; None while the last one did.

    Asana tells the last failure, not the first one: nothing is certain after the last success.
    """
    failed, reached = instant(found.get("last_failure_at")), instant(found.get("last_success_at"))
    if failed is None or (reached is not None and reached >= failed):
        return None
    return reached or instant(found.get("created_at")) or failed


def _subscription(found: Mapping[str, Any], secret: str | None = None) -> Subscription:
    failing = failing_since(found)
    ends = found.get("failure_deletion_timestamp") if failing else None
    notes = [str(found.get("last_failure_content") or "")[:200] if failing else "", f"Asana deletes it {ends}"]
    told = {(one.get("resource_type"), one.get("action")) for one in found.get("filters") or FILTERS}
    return Subscription(
        ref=Ref(found["gid"]),
        url=found["target"],
        alive=bool(found["active"]),
        about=found["resource"]["gid"],
        event_types=tuple(kind for kind in EVENT_TYPES if _told(kind, told)),
        secret=secret,
        failing_since=failing,
        note="; ".join(note for note in (notes if ends else notes[:1]) if note),
    )


def _told(kind: str, told: set[tuple[Any, Any]]) -> bool:
    resource, _, action = kind.partition(".")
    return (resource, action) in told or (resource, None) in told


def _comparable(filters: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    """Filters as Asana shows them hold None where nothing was said, and its own order."""
    return {
        (
            one.get("resource_type"),
            one.get("resource_subtype"),
            one.get("action"),
            tuple(sorted(one.get("fields") or ())),
        )
        for one in filters
    }
