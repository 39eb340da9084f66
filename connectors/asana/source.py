"""Reading Asana: projects with their tasks and subtasks, people, and what changed since.

A task is read when it, or the task that it is a part of, stands in a followed project. What Asana's records do not say
is not read: who edited a task last is in its stories, a call for each task, and so absent here (`stories.author`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from connectors.asana import records
from connectors.asana.client import AsanaClient, SyncExpired, path
from connectors.asana.projects import Projects
from connectors.asana.webhook import event_of
from hub.core.errors import RecordError
from hub.core.http import Gone
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event, Page, Record

STREAMS = ("task", "user", "project")
DEPTH = 20
"""Levels of subtasks that are followed up and down; Asana names no end, and a circle must not be followed for ever."""


class AsanaSource:
    """The followed projects of one workspace, read."""

    def __init__(self, client: AsanaClient, projects: Projects) -> None:
        self._client = client
        self._projects = projects

    def check(self) -> Sequence[str]:
        """Who the key belongs to, the workspace, and the followed projects by name."""
        me, workspace = self._client.me, self._client.workspace
        lines = [f"Key of {me['name']}" + (f" ({me['email']})" if me.get("email") else "")]
        lines.append(f"Workspace: {workspace['name']}")
        lines += [f"Project: {project['name']}" for project in self._all_projects()]
        return tuple(lines)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every record of a stream. The cursor of tasks is the last project that was read to its end.

        Asana's own place in a list ends after some minutes, so an interrupted read begins its project again.
        A row of unknown shape does not stop the read: the others are given, no later cursor is safe any more, and at
        the end a RecordError names what was left out.
        """
        unknown: list[str] = []
        for rows, safe in self._rows(stream, cursor):
            read: list[Record] = []
            for row in rows:
                try:
                    read.append(self._record(stream, row))
                except RecordError as error:
                    unknown.append(str(error))
            yield Page(records=read, cursor=None if unknown else safe)
        if unknown:
            raise RecordError(f"{len(unknown)} of Asana's {stream}s were left out. {' '.join(unknown[:5])}")

    def _rows(self, stream: str, cursor: Cursor | None) -> Iterator[tuple[Sequence[dict[str, Any]], Cursor]]:
        if stream == "task":
            yield from self._tasks(cursor)
        elif stream == "user":
            workspace = self._client.workspace["gid"]
            for rows in self._client.pages("/users", workspace=workspace, opt_fields=records.USER_FIELDS):
                yield rows, _cursor("")
        elif stream == "project":
            yield tuple(self._all_projects()), _cursor("")
        else:
            raise _unknown(stream)

    def _record(self, stream: str, row: Mapping[str, Any]) -> Record:
        if stream == "task":
            return records.task(row, self._projects.gids())
        return records.user(row) if stream == "user" else records.project(row)

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """That record as it is now. A task or project that is followed no longer counts as deleted."""
        if stream == "task":
            found = self._get("tasks", key, opt_fields=records.TASK_FIELDS)
            found = found if found and self._belongs(found) else None
        elif stream == "user":
            workspace = self._client.workspace["gid"]
            found = self._get("users", key, workspace=workspace, opt_fields=records.USER_FIELDS)
        elif stream == "project":
            found = self._projects.found(key)
        else:
            raise _unknown(stream)
        return (self._record(stream, found) if found else Record(stream=stream, key=key, deleted=True),)

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """The event stream of each followed project, from its sync token on; the cursor holds the tokens.

        Asana keeps events for at most 24 hours and asks for a full read now and then all the same: it may miss some.
        CursorExpired when it no longer knows a token, and for a project that was not followed before.
        """
        if cursor is None:
            yield (), _cursor(self._tokens_of_now())
            return
        known: dict[str, str] = json.loads(cursor)
        followed = self._projects.gids()
        if new := [gid for gid in followed if gid not in known]:
            raise CursorExpired(f"Asana's projects {', '.join(new)} are followed anew; nothing of them was read yet.")
        tokens = {gid: known[gid] for gid in followed}
        for gid in followed:
            more = True
            while more:
                try:
                    changed = self._client.events(gid, tokens[gid])
                except SyncExpired as error:
                    raise CursorExpired(f"{error} Everything is read again.") from error
                except Gone:
                    self._projects.gone(gid)
                    break
                more = changed.more and changed.sync != tokens[gid]
                tokens[gid] = changed.sync
                yield _followed(changed.events), _cursor(tokens)

    def _tasks(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[dict[str, Any]], Cursor]]:
        followed = self._projects.gids()
        after = str(json.loads(cursor)) if cursor else None
        rest = followed[followed.index(after) + 1 :] if after in followed else followed
        seen: set[str] = set()
        safe = cursor or _cursor("")
        for gid in rest:
            try:
                for rows in self._client.pages("/tasks", project=gid, opt_fields=records.TASK_FIELDS):
                    whole = self._with_subtasks(rows)
                    fresh = {row["gid"]: row for row in whole if row["gid"] not in seen}
                    seen.update(fresh)
                    yield tuple(fresh.values()), safe
            except Gone:
                self._projects.gone(gid)
            safe = _cursor(gid)
            yield (), safe

    def _with_subtasks(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """These tasks and all that are parts of them, level by level, as many calls at once as are allowed."""
        whole = list(rows)
        level = rows
        with ThreadPoolExecutor(self._client.reads, thread_name_prefix="asana-subtasks") as pool:
            for _ in range(DEPTH):
                parents = [row["gid"] for row in level if row.get("num_subtasks")]
                level = [row for rows in pool.map(self._subtasks, parents) for row in rows]
                if not level:
                    return whole
                whole += level
        raise RecordError(f"Asana's task {level[0]['gid']} lies more than {DEPTH} levels deep; it was not read on.")

    def _subtasks(self, gid: str) -> list[dict[str, Any]]:
        try:
            return self._client.all(path("tasks", gid, "subtasks"), opt_fields=records.TASK_FIELDS)
        except Gone:
            return []  # deleted since the list was read, and its parts with it

    def _belongs(self, found: Mapping[str, Any]) -> bool:
        """Whether the task, or one that it is a part of, stands in a followed project."""
        followed = set(self._projects.gids())
        for _ in range(DEPTH):
            if any(
                each["project"]["gid"] in followed for each in found.get("memberships") or () if each.get("project")
            ):
                return True
            parent = found.get("parent")
            above = parent and self._get("tasks", parent["gid"], opt_fields="memberships.project.name,parent.name")
            if not above:
                return False
            found = above
        return False

    def _get(self, *parts: str, **params: Any) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.get(path(*parts), **params)
        except Gone:
            return None
        return found

    def _all_projects(self) -> Iterator[dict[str, Any]]:
        if self._projects.follow is None:
            yield from self._projects.listed()
            return
        for gid in self._projects.follow:
            project = self._projects.found(gid)
            if project is None:
                self._projects.gone(gid)
            else:
                yield project

    def _tokens_of_now(self) -> dict[str, str]:
        tokens = {}
        for gid in self._projects.gids():
            try:
                tokens[gid] = self._client.sync_of_now(gid)
            except Gone:
                self._projects.gone(gid)
        return tokens


def _followed(events: Sequence[Mapping[str, Any]]) -> list[Event]:
    """The events that we follow, in order; of several that speak of one record, the first."""
    once: dict[tuple[str, str], Event] = {}
    for event in map(event_of, events):
        if event.stream is not None and event.key is not None:
            once.setdefault((event.stream, event.key), event)
    return list(once.values())


def _cursor(said: object) -> Cursor:
    return Cursor(json.dumps(said))


def _unknown(stream: str) -> RecordError:
    return RecordError(f"Asana has no stream {stream!r}. It has: {', '.join(STREAMS)}.")
