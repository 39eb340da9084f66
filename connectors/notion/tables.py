"""What is followed: which data sources are read, and who the people in their rows are. Remembers for some minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.notion import failures, records, rows
from connectors.notion.client import Json, NotionClient
from connectors.notion.failures import SHARE, Forbidden, Missing, Refused
from connectors.notion.rows import Table
from hub.core.errors import ConfigError, RecordError
from hub.core.types import Collection, Value

KEPT = timedelta(minutes=5)
"""How long a schema or a name may be out of date. A full read asks anew."""
NAMED = 30
"""So many people a message names."""


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


def data_source_of(client: NotionClient, database: str, name: str) -> str | None:
    """The data source of a database of that name; None for a linked view, which looks like a database and has none."""
    try:
        sources = client.database(database).get("data_sources") or []
    except Missing:
        return None
    if len(sources) > 1:
        named = [source for source in sources if source["name"] == name]
        if len(named) != 1:
            raise ConfigError(
                f'The Notion database "{name}" holds {len(sources)} data sources '
                f"({', '.join(source['name'] for source in sources)}), and the hub cannot tell which one is meant: "
                f'call exactly one of them "{name}".'
            )
        sources = named
    return str(sources[0]["id"]) if sources else None


class People:
    """Who a user is, and which user somebody is. What Notion said is kept for some minutes."""

    def __init__(self, client: NotionClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._listed: tuple[list[Json], datetime] | None = None
        self._kept: dict[str, tuple[Json, datetime]] = {}
        self._blind_until: datetime | None = None

    def who(self, user: Mapping[str, Any]) -> Mapping[str, Value]:
        """Key, name and e-mail address, as far as the connection may see them.

        Rows often show only an id: the rest costs one call for each person.
        """
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

    def key_of(self, who: Value) -> str:
        """The id of the one person of the workspace whom these parts (or this text) name: by id, e-mail address, name.

        RecordError when that is nobody or several. One call for 100 people, when they were not listed lately.
        """
        said = tuple(who.values()) if isinstance(who, Mapping) else (who,)
        words = {one.strip().casefold() for one in said if isinstance(one, str) and one.strip()}
        everybody = [(user, rows.who_of(user)) for user in self._everybody()]
        for part in ("key", "email", "name"):
            fits = {user["id"] for user, known in everybody if str(known.get(part, "")).casefold() in words}
            if len(fits) == 1:
                return str(fits.pop())
            if fits:
                break
        shown = " / ".join(dict.fromkeys(str(one) for one in said if one)) or "Somebody without a name"
        if fits:
            raise RecordError(f"{len(fits)} people in Notion are called {shown}: name her by her e-mail address.")
        names = ", ".join(sorted(str(known.get("name") or known["key"]) for _, known in everybody)[:NAMED]) or "nobody"
        raise RecordError(
            f"{shown} is not one of the people of the Notion workspace (guests and groups do not count). There are: "
            f"{names}. Write the name or e-mail address that Notion shows, or invite her."
        )

    def in_ids(self, collection: Collection, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values, with ids of users where a column of people names them."""
        found = dict(values)
        for one in collection.properties:
            named = found.get(one.name)
            if one.kind == "people" and named:
                with records.naming(collection, one.name):
                    whos = named if isinstance(named, tuple) else (named,)
                    found[one.name] = tuple(dict.fromkeys(self.key_of(who) for who in whos))
        return found

    def _everybody(self) -> list[Json]:
        now = self._now()
        if self._listed is None or self._listed[1] <= now:
            try:
                found = [user for user in self._client.users() if user.get("type") != "bot"]
            except Forbidden as error:
                raise ConfigError(failures.lacks(failures.SEE_PEOPLE, "the people of the workspace")) from error
            self._listed = (found, now + KEPT)
        return self._listed[0]
