"""Finding by name what a row's values name: people, tags, sections, custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.asana import records
from connectors.asana.client import AsanaClient, path
from hub.core.errors import RecordError
from hub.core.types import Value


class Names:
    """The workspace's people and tags, and each project's sections and custom fields; read once, again when missed."""

    def __init__(self, client: AsanaClient) -> None:
        self._client = client
        self._kept: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    def person(self, wanted: Value) -> str:
        """The gid of one person, by key, e-mail address or exact name."""
        said = wanted.values() if isinstance(wanted, Mapping) else (wanted,)
        words = [str(each).strip() for each in said if each]
        if not words:
            raise RecordError("Asana needs a person's name or e-mail address.")
        return self._one(("users",), ("gid", "email", "name"), words, "person")

    def tag(self, name: str) -> str:
        """The gid of a tag of the workspace."""
        return self._one(("tags",), ("name",), [name], "tag")

    def section(self, project: str, name: str) -> str:
        """The gid of a section of a project."""
        return self._one(("sections", project), ("name",), [name], "section")

    def first_section(self, project: str) -> str:
        """The name of the section that a project shows first."""
        return str(next(iter(self._rows(("sections", project), again=True)), {}).get("name", ""))

    def fields(self, project: str, *, again: bool = False) -> Mapping[str, dict[str, Any]]:
        """The custom fields of a project, by name."""
        return {row["name"]: row for row in self._rows(("fields", project), again=again)}

    def _one(self, what: tuple[str, ...], fields: Sequence[str], words: Sequence[str], word: str) -> str:
        """The gid of the one row of which one of `fields`, the first that tells, is one of the words."""
        for again in (False, True):
            rows, fits = self._rows(what, again=again), []
            for field in fields:
                alike = [row for row in rows if any(_same(row.get(field), each) for each in words)]
                fits = [row for row in alike if row.get(field) in words] or alike
                if fits:
                    break
            if len(fits) == 1:
                return str(fits[0]["gid"])
        found = f"{len(fits)} {word}s are" if fits else f"no {word} is"
        shown = records.names(rows if len(rows) <= 30 else rows[:30])
        raise RecordError(f"In Asana {found} called {' / '.join(map(repr, words))}. There are: {shown}.")

    def _rows(self, what: tuple[str, ...], *, again: bool) -> Sequence[dict[str, Any]]:
        if again or what not in self._kept:
            self._kept[what] = self._read(*what)
        return self._kept[what]

    def _read(self, what: str, project: str = "") -> list[dict[str, Any]]:
        if what == "users":
            return self._client.all("/users", workspace=self._client.workspace["gid"], opt_fields="name,email")
        if what == "tags":
            return self._client.all(path("workspaces", self._client.workspace["gid"], "tags"), opt_fields="name")
        if what == "sections":
            return self._client.all(path("projects", project, "sections"), opt_fields="name")
        parts = "name,resource_subtype,precision,is_value_read_only,enum_options.name,enum_options.enabled"
        wanted = ",".join(f"custom_field.{part}" for part in parts.split(","))
        settings = self._client.all(path("projects", project, "custom_field_settings"), opt_fields=wanted)
        return [one["custom_field"] for one in settings]


def _same(found: object, wanted: str) -> bool:
    return isinstance(found, str) and found.casefold() == wanted.casefold()
