"""Which projects are followed: those that the hub was told, or all of the workspace that are not archived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from connectors.asana import records
from connectors.asana.client import AsanaClient, path
from hub.core.errors import ConfigError
from hub.core.http import Gone

FRESH = timedelta(seconds=60)
"""How long the list of a workspace's projects is believed where all of them are followed."""


class Projects:
    """The followed projects of one connection. Safe for threads."""

    def __init__(self, client: AsanaClient, follow: tuple[str, ...] | None) -> None:
        self._client = client
        self.follow = follow
        self._lock = Lock()
        self._known: tuple[datetime, Mapping[str, dict[str, Any]]] | None = None

    def gids(self) -> tuple[str, ...]:
        """The followed projects, oldest first; those that were named, in the order in which they were."""
        return self.follow if self.follow is not None else tuple(self._listed())

    def found(self, gid: str) -> dict[str, Any] | None:
        """A followed project as Asana shows it; None when it is not followed, archived away or gone."""
        if self.follow is not None and gid not in self.follow:
            return None
        try:
            project: dict[str, Any] = self._client.get(path("projects", gid), opt_fields=records.PROJECT_FIELDS)
        except Gone:
            return None
        return project if self.follow is not None or not project["archived"] else None

    def gone(self, gid: str) -> None:
        """Asana has no such project any more: ConfigError when it was named, else it is only forgotten."""
        if self.follow is not None:
            raise ConfigError(
                f"Asana shows no project {gid}, which is followed: it was deleted, or is no longer shared with the "
                "person of the key. Restore or share it, or take it out of what this connection follows."
            )
        with self._lock:
            self._known = None

    def listed(self) -> list[dict[str, Any]]:
        """Every project of the workspace that is not archived, oldest first."""
        rows = self._client.all(
            "/projects", workspace=self._client.workspace["gid"], archived="false", opt_fields=records.PROJECT_FIELDS
        )
        return sorted(rows, key=lambda row: (len(row["gid"]), row["gid"]))

    def _listed(self) -> Mapping[str, dict[str, Any]]:
        with self._lock:
            now = self._client.now()
            if self._known is None or now - self._known[0] > FRESH:
                self._known = (now, {row["gid"]: row for row in self.listed()})
            return self._known[1]
