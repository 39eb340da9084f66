"""What the sandbox remembers: the things of Asana, as plain objects."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

TOKEN = "asana_sandbox"


@dataclass(slots=True)
class Token:
    """A personal access token. `ends_at` None: it never ends."""

    user: str
    workspaces: tuple[str, ...]
    ends_at: datetime | None = None


@dataclass(slots=True)
class User:
    """A person."""

    gid: str
    name: str
    email: str
    guest: bool = False


@dataclass(slots=True)
class Workspace:
    """A workspace or organisation. `paid`: search and templates work."""

    gid: str
    name: str
    paid: bool = True
    users: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Field_:
    """A custom field. `options`: name -> gid."""

    gid: str
    name: str
    kind: str
    precision: int | None = None
    options: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """A project, or the content of a template (`template` True: nobody sees it in lists)."""

    gid: str
    name: str
    workspace: str
    created_at: datetime
    modified_at: datetime
    owner: str | None = None
    notes: str = ""
    archived: bool = False
    deleted: bool = False
    template: bool = False
    from_template: str | None = None
    due_on: str | None = None
    start_on: str | None = None
    team: str | None = None
    sections: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Task:
    """A task. `homes`: project -> section. `values`: custom field -> value as it is written."""

    gid: str
    name: str
    workspace: str
    created_at: datetime
    modified_at: datetime
    created_by: str | None
    subtype: str = "default_task"
    notes: str = ""
    completed: bool = False
    completed_at: datetime | None = None
    due_on: str | None = None
    due_at: str | None = None
    start_on: str | None = None
    start_at: str | None = None
    assignee: str | None = None
    parent: str | None = None
    deleted: bool = False
    homes: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Template:
    """A project template: a hidden project, and the dates that it asks for."""

    gid: str
    name: str
    project: str
    dates: list[tuple[str, str]]


@dataclass(slots=True)
class Story:
    """An edit ("system") or a comment of a task."""

    gid: str
    task: str
    kind: str
    subtype: str
    text: str
    by: str | None
    at: datetime


@dataclass(slots=True)
class Job:
    """Work that goes on after the answer. `script`: the states that the next looks see; the last one stays."""

    gid: str
    subtype: str
    user: str
    script: list[str]
    made: dict[str, str]
    work: list[Any]


@dataclass(slots=True)
class Hook:
    """A webhook."""

    gid: str
    workspace: str
    user: str
    resource: str
    target: str
    secret: str
    filters: list[dict[str, Any]]
    created_at: datetime
    beat_at: datetime
    active: bool = True
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    failing_since: datetime | None = None
    last_failure: str = ""
    retries: int = 0


@dataclass(slots=True)
class Happened:
    """One event, the whole records beside it, and the resources whose streams hold it."""

    seq: int
    at: datetime
    scopes: frozenset[str]
    event: dict[str, Any]


@dataclass(slots=True)
class Sync:
    """What a sync token stands for."""

    resource: str
    seq: int
    made_at: datetime


class World:
    """Everything, by gid."""

    def __init__(self) -> None:
        self._gids = itertools.count(1_211_440_849_237_001, 7)
        self.tokens: dict[str, Token] = {}
        self.workspaces: dict[str, Workspace] = {}
        self.users: dict[str, User] = {}
        self.teams: dict[str, str] = {}
        self.projects: dict[str, Project] = {}
        self.sections: dict[str, tuple[str, str]] = {}
        self.fields: dict[str, Field_] = {}
        self.tags: dict[str, tuple[str, str]] = {}
        self.tasks: dict[str, Task] = {}
        self.templates: dict[str, Template] = {}
        self.stories: list[Story] = []
        self.jobs: dict[str, Job] = {}
        self.hooks: dict[str, Hook] = {}
        self.events: list[Happened] = []
        self.syncs: dict[str, Sync] = {}

    def gid(self) -> str:
        """A new id: sixteen digits, as a text."""
        return str(next(self._gids))

    def subtasks(self, gid: str) -> list[Task]:
        """The living subtasks of a task, in order."""
        return [task for task in self.tasks.values() if task.parent == gid and not task.deleted]

    def scopes(self, task: Task) -> frozenset[str]:
        """The task, what it is a part of, and the projects of all of these: events bubble up there."""
        found: set[str] = set()
        above: Task | None = task
        while above is not None:
            found |= {above.gid, *above.homes}
            above = self.tasks.get(above.parent or "")
        return frozenset(found)


SYNC_LIFE = timedelta(hours=24)
