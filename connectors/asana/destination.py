"""Asana as a destination: a collection is a project, its rows are the project's tasks.

A row's values are named as a task's fields are (title, notes, due, start, done, assignees, section, labels), or as a
custom field of the project is. Its key is kept in the custom text field "Hub", or in the last line of the notes where
the project has no such field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.asana import records, stories
from connectors.asana.client import AsanaClient, path
from connectors.asana.names import Names
from connectors.asana.values import WRITABLE, column, custom, problem
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from hub.core.types import Collection, Property, Ref, Row, Value


class AsanaDestination:
    """Writes tasks into projects that people made."""

    def __init__(self, client: AsanaClient) -> None:
        self._client = client
        self._names = Names(client)
        self._authors: dict[str, tuple[str, str | None]] = {}
        self._refs: dict[str, Ref] = {}

    def check(self) -> Sequence[str]:
        """Who the key belongs to, and the workspace that it writes in."""
        return (f"Key of {self._client.me['name']}", f"Workspace: {self._client.workspace['name']}")

    def find(self, collection: Collection, inside: Ref | None) -> Ref | None:  # noqa: ARG002  projects stand in nothing
        """The project of exactly that name. ConfigError when there are two."""
        _is_table(collection)
        workspace = self._client.workspace
        rows = self._client.all("/projects", workspace=workspace["gid"], archived="false", opt_fields="name")
        fits = [row["gid"] for row in rows if row["name"] == collection.name]
        if len(fits) > 1:
            raise ConfigError(
                f'In Asana {len(fits)} projects are called "{collection.name}" ({", ".join(fits)}): rename or archive '
                "all but the one that the hub should write in."
            )
        return Ref(fits[0]) if fits else None

    def problems(self, collection: Collection, ref: Ref) -> Sequence[str]:
        """The custom fields that the project lacks or that are of another type, a line each."""
        _is_table(collection)
        fields = self._fields(collection, ref, again=True)
        wanted = [one for one in collection.properties if one.name not in (*WRITABLE, collection.key_property)]
        held = (problem(collection.name, one, fields.get(one.name)) for one in wanted)
        key = fields.get(collection.key_property)
        if key is not None and key["resource_subtype"] != "text":
            line = f'The custom field "{collection.key_property}" of "{collection.name}" in Asana holds the rows\' keys'
            return (f"{line}: its type must be text, not {key['resource_subtype']}.", *filter(None, held))
        return tuple(filter(None, held))

    def columns(self, collection: Collection, ref: Ref) -> Sequence[Property]:
        """The project's custom fields that can be written. Asana takes no option that a field does not have."""
        _is_table(collection)
        found = (column(each) for each in self._fields(collection, ref, again=True).values())
        own = (*WRITABLE, collection.key_property)
        return tuple(each for each in found if each is not None and each.name not in own)

    def prepare(self, collection: Collection, ref: Ref | None, inside: Ref | None) -> Ref:
        """The project. The hub makes none and adds no field: ConfigError says what a person has to make."""
        ref = ref or self.find(collection, inside)
        if ref is None:
            raise ConfigError(
                f'Asana has no project "{collection.name}" in the workspace "{self._client.workspace["name"]}" that '
                "the key can see: make it, with the sections and fields that your team wants, or share it."
            )
        if lines := self.problems(collection, ref):
            raise ConfigError(" ".join(lines))
        return ref

    def rows(self, collection: Collection, ref: Ref) -> Iterator[Row]:
        """Every task of the project that is no subtask; complete, or an error.

        `edited_by` of a row of ours costs a call, made again only when the task was edited since.
        """
        for found in self._tasks(collection, ref):
            yield self._row(collection, ref, found, authors=True)

    def create(self, collection: Collection, ref: Ref, rows: Sequence[Row], *, look_first: bool) -> Sequence[Row]:
        """Make a task for each row, or adopt the one that an earlier call made and whose answer was lost.

        What is adopted comes back as it is, and is not written to: people may have edited it since. Only where it still
        stands in the project's first section, where Asana puts a task that was not placed yet, it is placed.

        Asana has no search that is free and up to date: looking first reads the tasks of the project.
        """
        there: dict[str, tuple[Row, Value]] = {}
        if look_first:
            for found in self._tasks(collection, ref):
                seen = self._row(collection, ref, found, authors=False)
                there.setdefault(seen.key, (seen, records.task(found, (ref,)).fields["section"]))
        bodies = {row.key: self._body(collection, ref, row, None) for row in rows if row.key not in there}
        made: list[Row] = []
        for row in rows:
            try:
                if row.key in there:
                    made.append(self._adopted(ref, row, *there[row.key]))
                else:
                    made.append(self._make(ref, row, bodies[row.key]))
            except TransientError as error:
                done = (*(str(each.ref) for each in made), *error.committed)
                raise TransientError(
                    str(error), retry_after=error.retry_after, uncertain=error.uncertain or bool(done), committed=done
                ) from error
        return made

    def update(self, collection: Collection, row: Row) -> None:
        """Set `row.values` on the task, and nothing else. A section of None leaves it where it stands.

        One call; one more for `section`, for each label that comes or goes, and to see what the task holds already:
        its labels, its due date where `start` is set without `due`, its key where notes are set without one.
        """
        if row.ref is None:
            raise RecordError(f'Row "{row.key}" has no id of Asana\'s and cannot be updated.')
        try:
            project, found = self._refs.get(collection.name), {}
            if project is None or self._must_look(collection, project, row):
                found = self._client.get(path("tasks", row.ref), opt_fields=_HELD)
                project = project or _project_of(collection, found)
            body = self._body(collection, project, row, found)
            self._place(project, row.ref, row.values)
            self._label(row.ref, row.values, found.get("tags", ()))
            if body:  # last, so that the answer tells when the last of our edits was made
                seen = self._client.put(path("tasks", row.ref), body, opt_fields="modified_at")
                self._authors[row.ref] = (str(seen.get("modified_at")), "hub")
        except Gone as error:
            raise RecordError(
                f'The task of row "{row.key}" is gone from "{collection.name}" in Asana: it was deleted or moved out '
                "of the sight of the key."
            ) from error

    def archive(self, collection: Collection, ref: Ref) -> None:  # noqa: ARG002  a task's gid is enough
        """Put the task in Asana's trash, where it stays for 30 days. Twice is not an error."""
        self._client.delete(path("tasks", ref))

    def _tasks(self, collection: Collection, ref: Ref) -> Iterator[dict[str, Any]]:
        try:
            for page in self._client.pages("/tasks", project=ref, opt_fields=records.TASK_FIELDS):
                yield from page
        except Gone as error:
            raise ConfigError(_lost(collection)) from error

    def _row(self, collection: Collection, ref: Ref, found: dict[str, Any], *, authors: bool) -> Row:
        fields = records.task(found, (ref,)).fields
        notes, noted = records.without_key(found["notes"] or "", collection.key_property)
        held = {each["name"]: each for each in found["custom_fields"]}
        kept = held.get(collection.key_property, {}).get("text_value")
        key = str(kept or noted or "")
        known: dict[str, Value] = {**{name: fields[name] for name in WRITABLE}, "notes": notes or None}
        values = {
            one.name: known[one.name]
            if one.name in known
            else records.custom_value(held[one.name])
            if one.name in held
            else None
            for one in collection.properties
            if one.name != collection.key_property
        }
        return Row(
            key=key,
            values=values,
            ref=Ref(found["gid"]),
            edited_at=records.instant(found["modified_at"]),
            edited_by=self._author(found) if authors and key else None,
        )

    def _author(self, found: Mapping[str, Any]) -> str | None:
        known = self._authors.get(found["gid"])
        if known is None or known[0] != found["modified_at"]:
            known = self._authors[found["gid"]] = (found["modified_at"], stories.author(self._client, found["gid"]))
        return known[1]

    def _adopted(self, project: Ref, row: Row, there: Row, section: Value) -> Row:
        """What was cut short between the task's making and its placing is finished."""
        if there.ref is not None and section in (None, self._names.first_section(project)):
            self._place(project, there.ref, row.values)
        return there

    def _make(self, ref: Ref, row: Row, body: dict[str, Any]) -> Row:
        found = self._client.post("/tasks", body, opt_fields="modified_at")
        gid = Ref(found["gid"])
        self._authors[gid] = (str(found.get("modified_at")), "hub")
        try:
            self._place(ref, gid, row.values)
        except TransientError as error:
            error.uncertain, error.committed = True, (gid,)
            raise
        edited = records.instant(found.get("modified_at"))
        return Row(key=row.key, values=row.values, ref=gid, edited_at=edited, edited_by="hub")

    def _must_look(self, collection: Collection, project: Ref, row: Row) -> bool:
        values = row.values
        if "labels" in values or ("start" in values and "due" not in values):
            return True
        return "notes" in values and not row.key and collection.key_property not in self._fields(collection, project)

    def _body(self, collection: Collection, ref: Ref, row: Row, found: Mapping[str, Any] | None) -> dict[str, Any]:
        """What a POST or PUT of the task says. RecordError for what Asana cannot hold. `found` None: it is new."""
        values, fields, new = row.values, self._fields(collection, ref), found is None
        body: dict[str, Any] = records.dates(values, records.day_or_instant(found, "due") if found else None)
        if "title" in values:
            body["name"] = str(values["title"] or "")
        if "done" in values:
            body["completed"] = bool(values["done"])
        if "assignees" in values:
            body["assignee"] = self._assignee(values["assignees"])
        in_field = collection.key_property in fields
        if "notes" in values or (new and not in_field):
            text = values.get("notes")
            noted = str(text) if text is not None else ""
            name = collection.key_property
            key = row.key or (records.without_key(found["notes"] or "", name)[1] if found else None)
            body["notes"] = records.with_key(noted, key, name) if key and not in_field else noted
        others = {name: value for name, value in values.items() if name not in (*WRITABLE, collection.key_property)}
        held = custom(collection.name, others, fields, self._names)
        if in_field and (new or collection.key_property in values):
            held[fields[collection.key_property]["gid"]] = row.key
        if held:
            body["custom_fields"] = held
        if new:
            body["projects"] = [ref]
            if values.get("labels"):
                body["tags"] = [self._names.tag(name) for name in _texts(values["labels"])]
        return body

    def _assignee(self, value: Value) -> str | None:
        people = value if isinstance(value, tuple) else () if value is None else (value,)
        if len(people) > 1:
            raise RecordError(f"An Asana task has one assignee; {len(people)} were given. Name one.")
        return self._names.person(people[0]) if people else None

    def _place(self, project: Ref, task: Ref, values: Mapping[str, Value]) -> None:
        if values.get("section") is not None:
            section = self._names.section(project, str(values["section"]))
            self._client.post(path("sections", section, "addTask"), {"task": task}, repeatable=True)

    def _label(self, task: Ref, values: Mapping[str, Value], found: Sequence[Mapping[str, Any]]) -> None:
        """Add and take off tags until the task has exactly those of `labels`."""
        if "labels" not in values:
            return
        wanted = {self._names.tag(name) for name in _texts(values["labels"])}
        there = {each["gid"] for each in found}
        for call, gids in (("addTag", wanted - there), ("removeTag", there - wanted)):
            for gid in sorted(gids):
                self._client.post(path("tasks", task, call), {"tag": gid}, repeatable=True)

    def _fields(self, collection: Collection, ref: Ref, *, again: bool = False) -> Mapping[str, dict[str, Any]]:
        self._refs[collection.name] = ref  # a project that is renamed meanwhile stays the one that is meant
        try:
            return self._names.fields(ref, again=again)
        except Gone as error:
            raise ConfigError(_lost(collection)) from error


_HELD = "memberships.project.name,tags.name,notes,due_on,due_at"
"""What an update may have to see of a task."""


def _is_table(collection: Collection) -> None:
    if collection.kind != "table":
        raise ConfigError(f'"{collection.name}" is a page of text; Asana holds tasks in projects. Use a table.')


def _lost(collection: Collection) -> str:
    return f'Asana no longer shows the project "{collection.name}": it was deleted, or is not shared with the key.'


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, tuple) else () if value is None else (str(value),)


def _project_of(collection: Collection, found: Mapping[str, Any]) -> Ref:
    """The project of that name which the task stands in."""
    for each in found["memberships"]:
        if each.get("project") and each["project"]["name"] == collection.name:
            return Ref(each["project"]["gid"])
    raise RecordError(f'The task {found["gid"]} no longer stands in the Asana project "{collection.name}".')
