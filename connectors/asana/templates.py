"""Projects made from a project template, and tasks made by duplicating one: jobs that Asana finishes by itself.

Facts: https://developers.asana.com/reference/instantiateproject, …/duplicatetask, …/getjob. Neither call takes a mark
of ours, so the copy is made under a name that holds the mark, and gets its own name when the mark stands in its notes:
at every instant an interrupted copy can be found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from connectors.asana import records
from connectors.asana.client import AsanaClient, path
from hub.core.errors import RecordError, TransientError
from hub.core.http import Gone
from hub.core.types import Copied, Ref, Thing

PAUSES = (1.0, 2.0, 3.0, *(5.0,) * 16)
"""Seconds between two looks at a job: about a minute and a half in all."""
STILL = 3
"""Looks in a row that must show the same number of tasks before a copy without a known job counts as filled."""
COPIED = "notes,assignee,subtasks,attachments,tags,followers,projects,dates,dependencies,parent"
_KNOWN_DATES = {"1": "start", "2": "due"}
"""In every project template the date variable 1 is the project's start and 2 its end."""
_SHAPE = "name,notes,permalink_url,due_on,due_at,start_on,start_at,num_subtasks"


class AsanaTemplates:
    """Copies of project templates and of tasks. A template is named by its gid, whichever of the two it is."""

    def __init__(self, client: AsanaClient) -> None:
        self._client = client

    def templates(self) -> Sequence[Thing]:
        """Every project template. Tasks are not listed: any task can be one."""
        workspace = self._client.workspace
        rows = self._client.all("/project_templates", workspace=workspace["gid"], opt_fields="name,team.name")
        inside = workspace["name"]
        return tuple(Thing(kind="template", id=row["gid"], name=row["name"], inside=inside) for row in rows)

    def copy(
        self,
        template: str,
        name: str,
        *,
        inside: str | None,
        dates: Mapping[str, date],
        marker: str,
        look_first: bool,
    ) -> Copied:
        """Make a project from a project template, or a task by duplicating one, and wait until it is filled.

        `inside`: the gid of the team that gets the project; for a task, of the project that it is put into. `dates`:
        a project template's names of dates ("start" and "due" are the project's own); for a task "start" or "due",
        by which every date in it and in its subtasks is moved.
        """
        try:
            found = self._client.get(path("project_templates", template), opt_fields="name,requested_dates.name,team")
        except Gone:
            return self._copy_task(template, name, inside, dates, marker, look_first)
        return self._copy_project(found, name, inside, dates, marker, look_first)

    def _copy_project(
        self,
        template: Mapping[str, Any],
        name: str,
        team: str | None,
        dates: Mapping[str, date],
        marker: str,
        look_first: bool,
    ) -> Copied:
        asked = _requested(template, dates)
        marked = _marked(name, marker)
        there = None
        if look_first:
            workspace = self._client.workspace["gid"]
            there = _ours(self._client.pages("/projects", workspace=workspace, opt_fields=_NAMED), marked, marker)
        if there is not None and there["name"] == marked and not self._filled(there["gid"]):
            # Its job failed unseen, or the template is empty: only a copy whose job is followed to its end can tell.
            self._set_aside("new_project", there)
            there = None
        if there is None:
            body = {"name": marked, "is_strict": True, "requested_dates": asked, **({"team": team} if team else {})}
            start = path("project_templates", str(template["gid"]), "instantiateProject")
            gid = self._finish(self._client.post(start, body), "new_project")
        else:
            gid = there["gid"]
        found = self._client.get(path("projects", gid), opt_fields=_NAMED)
        self._name("projects", found, name, marker)
        return Copied(ref=Ref(gid), url=found.get("permalink_url"), name=name)

    def _copy_task(
        self,
        template: str,
        name: str,
        project: str | None,
        dates: Mapping[str, date],
        marker: str,
        look_first: bool,
    ) -> Copied:
        try:
            original = self._client.get(path("tasks", template), opt_fields=f"{_SHAPE},projects.name,parent.name")
        except Gone:
            raise RecordError(
                f"Asana shows neither a project template nor a task {template}: it was deleted or is not shared."
            ) from None
        if not original["projects"] and not original["parent"]:
            raise RecordError(
                f'The Asana task "{original["name"]}" stands in no project, so that a copy of it could not be found '
                "again: put it into one."
            )
        shift = _shift(original, dates)
        marked, there = _marked(name, marker), None
        if look_first:
            there = _ours(self._around(original, project), marked, marker)
        if there is None:
            job = self._client.post(path("tasks", template, "duplicate"), {"name": marked, "include": COPIED})
            gid = self._finish(job, "new_task")
        else:
            gid = there["gid"]
        self._fill(original, gid, project, shift)
        found = self._client.get(path("tasks", gid), opt_fields=_NAMED)
        self._name("tasks", found, name, marker)
        return Copied(ref=Ref(gid), url=found.get("permalink_url"), name=name)

    def _around(self, original: Mapping[str, Any], project: str | None) -> Iterator[list[dict[str, Any]]]:
        """The tasks among which a copy may be: Asana makes it beside the original, and we move it from there."""
        homes = dict.fromkeys([*([project] if project else ()), *(each["gid"] for each in original["projects"])])
        for gid in homes:
            yield from self._client.pages("/tasks", project=gid, opt_fields=_NAMED)
        if original["parent"]:
            yield from self._client.pages(path("tasks", original["parent"]["gid"], "subtasks"), opt_fields=_NAMED)

    def _fill(self, original: Mapping[str, Any], gid: str, project: str | None, shift: timedelta) -> None:
        """Put a copied task where it belongs, and give it and its subtasks their dates. Safe to repeat."""
        wanted = self._tree(original)
        copied = self._tree(self._client.get(path("tasks", gid), opt_fields=_SHAPE))
        for pause in PAUSES:
            if len(copied) >= len(wanted):
                break
            self._client.sleep(pause)
            copied = self._tree(self._client.get(path("tasks", gid), opt_fields=_SHAPE))
        else:
            raise TransientError(f"Asana has not filled the copied task {gid} yet.", uncertain=True)
        if project:
            homes = self._client.get(path("tasks", gid), opt_fields="projects.name")["projects"]
            if project not in [each["gid"] for each in homes]:
                self._client.post(path("tasks", gid, "addProject"), {"project": project}, repeatable=True)
            for other in (each["gid"] for each in homes if each["gid"] != project):
                self._client.post(path("tasks", gid, "removeProject"), {"project": other}, repeatable=True)
        for before, after in zip(wanted, copied, strict=False):
            moved = _moved(before, shift)
            if any(after.get(name) != value for name, value in moved.items()):
                self._client.put(path("tasks", after["gid"]), moved)

    def _tree(self, task: dict[str, Any] | Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """A task and all its subtasks, each before its own; by name, so that a copy's order does not matter."""
        tree = [task]
        if task.get("num_subtasks"):
            parts = self._client.all(path("tasks", task["gid"], "subtasks"), opt_fields=_SHAPE)
            for each in sorted(parts, key=lambda part: str(part["name"])):
                tree += self._tree(each)
        return tree

    def _finish(self, job: Mapping[str, Any], made: str) -> str:
        """Follow a job to its end; the gid of what it made. Its state may be unknown, or older than it was, a while."""
        seen, known = dict(job), (job.get(made) or {}).get("gid")
        for pause in PAUSES:
            known = (seen.get(made) or {}).get("gid") or known
            if seen.get("status") == "succeeded" and known:
                return str(known)
            if seen.get("status") == "failed":
                self._set_aside(made, seen.get(made) or {})
                raise RecordError(f"Asana could not make the copy: its job {job['gid']} failed.")
            self._client.sleep(pause)
            try:
                seen = self._client.get(path("jobs", job["gid"]), opt_fields=f"status,{made}.name")
            except Gone:
                seen = {}
            except TransientError as error:
                raise TransientError(str(error), retry_after=error.retry_after, uncertain=True) from error
        raise TransientError(f"Asana has not finished job {job['gid']} yet.", retry_after=60, uncertain=True)

    def _set_aside(self, made: str, left: Mapping[str, Any]) -> None:
        """The half of a project that a failed job left is never taken for a copy: it is renamed and archived."""
        if made == "new_project" and left.get("gid"):
            self._client.put(path("projects", str(left["gid"])), {"name": f"✗ {left.get('name')}", "archived": True})

    def _filled(self, project: str) -> bool:
        """Wait until an interrupted copy, whose job is not known any more, grows no more. False: it stays empty."""
        counts: list[int] = []
        for pause in (0.0, *PAUSES):
            self._client.sleep(pause)
            counts.append(len(self._client.all("/tasks", project=project, opt_fields="name")))
            if len(counts) >= STILL and counts[-1] and len(set(counts[-STILL:])) == 1:
                return True
        if not counts[-1]:
            return False
        raise TransientError("Asana is still filling the copied project.", retry_after=60, uncertain=True)

    def _name(self, kind: str, found: Mapping[str, Any], name: str, marker: str) -> None:
        notes, key = records.without_key(found["notes"] or "")
        if key != marker or found["name"] != name:
            body = {"name": name, "notes": records.with_key(notes, marker)}
            self._client.put(path(kind, found["gid"]), body)


_NAMED = "name,notes,permalink_url"


def _marked(name: str, marker: str) -> str:
    return f"{name} ({marker})"


def _ours(pages: Iterator[list[dict[str, Any]]], marked: str, marker: str) -> dict[str, Any] | None:
    """What an earlier attempt made: by the mark in its notes, or by the name that it was made under."""
    for row in (row for page in pages for row in page):
        if row["name"] == marked or records.without_key(row["notes"] or "")[1] == marker:
            return row
    return None


def _requested(template: Mapping[str, Any], dates: Mapping[str, date]) -> list[dict[str, str]]:
    """The template's dates with their days. RecordError unless each has one and none is left over."""
    wanted = template.get("requested_dates") or ()
    left = dict(dates)
    asked = []
    for each in wanted:
        words = {each["name"].casefold(), _KNOWN_DATES.get(each["gid"], "")} | (
            {"start"} if len(wanted) == 1 else set()
        )
        given = next((word for word in left if word.casefold() in words), None)
        if given is None:
            continue
        asked.append({"gid": each["gid"], "value": left.pop(given).isoformat()})
    if left or len(asked) < len(wanted):
        raise RecordError(
            f'The Asana project template "{template["name"]}" asks for these dates: {records.names(wanted)}. Given: '
            f"{', '.join(dates) or 'none'}."
        )
    return asked


def _shift(original: Mapping[str, Any], dates: Mapping[str, date]) -> timedelta:
    """How far the dates of a duplicated task move."""
    if not dates:
        return timedelta()
    ((word, to),) = list(dates.items()) if len(dates) == 1 else [("", date.min)]
    day = records.day(original.get(f"{word}_on")) if word in ("start", "due") else None
    if day is None:
        raise RecordError(
            f'The Asana task "{original["name"]}" can be moved by one date, "start" or "due", that it has itself. '
            f"Given: {', '.join(dates)}."
        )
    return to - day


def _moved(original: Mapping[str, Any], shift: timedelta) -> dict[str, Any]:
    """The dates of a task, moved; an hour stays an hour, and a day a day. Asana wants both ends in one call."""
    moved: dict[str, Any] = {}
    for what in ("start", "due"):
        at, on = records.instant(original.get(f"{what}_at")), records.day(original.get(f"{what}_on"))
        if at is not None:
            moved[f"{what}_at"] = records.timestamp(at + shift)
        elif on is not None:
            moved[f"{what}_on"] = (on + shift).isoformat()
    return moved
