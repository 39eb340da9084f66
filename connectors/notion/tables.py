"""What is followed: which data sources are read, and who the people in their rows are. Remembers for some minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.notion import rows
from connectors.notion.client import Json, NotionClient
from connectors.notion.failures import SHARE, Forbidden, Missing, Refused
from connectors.notion.rows import Table
from hub.core.errors import ConfigError
from hub.core.types import Value

KEPT = timedelta(minutes=5)
"""How long a schema or a name may be out of date. A full read asks anew."""


class Tables:
    """The followed data sources. `follow`: ids of data sources or databases; None: all that the key can see."""

    def __init__(self, client: NotionClient, follow: tuple[str, ...] | None, now: Callable[[], datetime]) -> None:
        self._client = client
        self._follow = follow
        self._now = now
        self._kept: dict[str, tuple[Table, datetime]] = {}

    def all(self) -> list[Table]:
        """Every followed data source, by id, asked anew. ConfigError that names one that Notion does not show."""
        if self._follow is None:
            found = self._seen()
        else:
            found = {one["id"]: one for named in self._follow for one in self._named(named)}
        return [self._keep(found[key]) for key in sorted(found)]

    def of(self, page: Mapping[str, Any]) -> Table | None:
        """The followed data source that this page is a row of, or None."""
        parent = page.get("parent") or {}
        key = parent.get("data_source_id")
        if not key or not self._follows(key, parent.get("database_id")):
            return None
        kept = self._kept.get(key)
        if kept and kept[1] > self._now() and rows.knows(kept[0], page):
            return kept[0]
        try:
            found = self._client.data_source(key)
        except Missing:
            return None
        return None if found.get("in_trash") else self._keep(found)

    def _follows(self, key: str, database: str | None) -> bool:
        return self._follow is None or not {_bare(key), _bare(database)}.isdisjoint(map(_bare, self._follow))

    def _seen(self) -> dict[str, Json]:
        """What Notion's search finds. It may lag behind: a data source that it found before is asked for itself."""
        found = {one["id"]: one for one in self._client.search(only="data_source") if not one.get("in_trash")}
        for key in set(self._kept) - set(found):
            try:
                one = self._client.data_source(key)
            except Missing:
                one = {"in_trash": True}
            if one.get("in_trash"):
                self._kept.pop(key, None)
            else:
                found[key] = one
        return found

    def _named(self, named: str) -> list[Json]:
        """The data source of that id, or those of the database of that id."""
        try:
            try:
                found = [self._client.data_source(named)]
            except Missing:
                sources = self._client.database(named).get("data_sources") or []
                found = [self._client.data_source(one["id"]) for one in sources]
        except (Missing, Refused) as error:
            raise ConfigError(
                f"Notion does not show the database {named}, which the hub follows: restore it from the trash, share "
                f"it again, or take it out of what is followed. {SHARE}"
            ) from error
        for one in found:
            if one.get("in_trash"):
                name = rows.table(one).name
                raise ConfigError(
                    f'The database "{name}" ({named}), which the hub follows, is in Notion\'s trash: restore it, or '
                    "take it out of what is followed."
                )
        return found

    def _keep(self, found: Json) -> Table:
        table = rows.table(found)
        self._kept[table.id] = (table, self._now() + KEPT)
        return table


def _bare(key: str | None) -> str:
    return (key or "").replace("-", "").lower()


class People:
    """Who a user is. Rows often show only an id; name and e-mail address cost one call, kept for some minutes."""

    def __init__(self, client: NotionClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._kept: dict[str, tuple[Json, datetime]] = {}
        self._blind_until: datetime | None = None

    def who(self, user: Mapping[str, Any]) -> Mapping[str, Value]:
        """Key, name and e-mail address, as far as the connection may see them."""
        if user.get("object") == "group" or "name" in user:
            return rows.who_of(user)
        return rows.who_of(self._looked_up(user["id"]))

    def _looked_up(self, key: str) -> Json:
        now = self._now()
        kept = self._kept.get(key)
        if kept and kept[1] > now:
            return kept[0]
        found: Json = {"id": key}
        if self._blind_until is None or self._blind_until <= now:
            try:
                found = self._client.user(key)
            except (Missing, Refused):
                pass  # somebody who left the workspace
            except Forbidden:
                self._blind_until = now + KEPT
        self._kept[key] = (found, now + KEPT)
        return found
