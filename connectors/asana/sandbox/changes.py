"""What happens to tasks and projects, and the events and stories that come of it."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from connectors.asana.sandbox import shapes
from connectors.asana.sandbox.http import ApiError
from connectors.asana.sandbox.world import Happened, Project, Story, Task, World
from hub.sandbox import Sandbox

DATES = ("due_on", "due_at", "start_on", "start_at")
_STORY = {"completed": "marked_complete", "name": "name_changed", "assignee": "assigned", "notes": "notes_changed"}


class Changes(Sandbox):
    """Changes of the world. Take the lock around them."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.double = False

    def add(self, by: str, project: Project | None, name: str, **given: Any) -> Task:
        """A new task: in a project, or a part of another task."""
        now = self.now()
        workspace = project.workspace if project else self.world.tasks[given["parent"]].workspace
        task = Task(self.world.gid(), name, workspace, now, now, by)
        self.world.tasks[task.gid] = task
        for field, value in _dates(given).items():
            setattr(task, field, value)
        task.completed_at = now if task.completed else None
        if project is not None:
            task.homes[project.gid] = project.sections[0]
        parents = [*self._homes(task)]
        if task.parent:
            parents.append(shapes.named_task(self.world.tasks[task.parent]))
        self.happened(self.world.scopes(task), [self._event(by, "added", task, parent=parent) for parent in parents])
        return task

    def edit(self, by: str | None, task: Task, **values: Any) -> None:
        """Set fields of a task. Dates are kept as Asana keeps them: a day, or an instant and its day."""
        values = _dates(values)
        changed = [name for name, value in values.items() if getattr(task, name) != value]
        for name in changed:
            setattr(task, name, values[name])
        if "completed" in changed:
            task.completed_at = self.now() if task.completed else None
        # One change of a date has two names in the record and one in the events.
        told = [name for name in changed if not (name == "due_on" and task.due_at and "due_at" in changed)]
        events = []
        for name in told:
            change: dict[str, Any] = {"field": "custom_fields" if name == "values" else name, "action": "changed"}
            if name == "assignee" and task.assignee:
                change["new_value"] = shapes.compact(shapes.user(self.world, task.assignee) or {})
            events.append(self._event(by, "changed", task, change=change))
            events.append(self._story(by, task, "system", _STORY.get(name, f"{name}_changed")))
        if changed:
            task.modified_at = self.now()
            self.happened(self.world.scopes(task), events)

    def place(self, by: str, task: Task, project: Project, section: str) -> None:
        """Put a task into a section; it stands in one of each project."""
        before = task.homes.get(project.gid)
        if before == section:
            return
        task.homes[project.gid] = section
        task.modified_at = self.now()
        events = [self._event(by, "added", task, parent=_named(self.world, section))]
        if before is None:
            events.insert(0, self._event(by, "added", task, parent=_project(project)))
        else:
            events.append(self._event(by, "removed", task, parent=_named(self.world, before)))
        events.append(self._story(by, task, "system", "section_changed"))
        self.happened(self.world.scopes(task), events)

    def take_out(self, by: str, task: Task, project: Project) -> None:
        """Take a task out of a project."""
        scopes = self.world.scopes(task)
        if task.homes.pop(project.gid, None) is not None:
            task.modified_at = self.now()
            self.happened(scopes, [self._event(by, "removed", task, parent=_project(project))])

    def delete(self, by: str, task: Task) -> None:
        """Put a task and its subtasks into the trash."""
        for part in self.world.subtasks(task.gid):
            self.delete(by, part)
        scopes = self.world.scopes(task)
        task.deleted = True
        events = [self._event(by, "deleted", task)]
        events += [self._event(by, "removed", task, parent=parent) for parent in self._homes(task)]
        self.happened(scopes, events)

    def restore(self, by: str, task: Task) -> None:
        """Take a task out of the trash."""
        task.deleted = False
        self.happened(self.world.scopes(task), [self._event(by, "undeleted", task)])

    def comment(self, by: str, task: Task, text: str) -> None:
        """Somebody says something."""
        event = self._story(by, task, "comment", "comment_added", text)
        task.modified_at = self.now()
        self.happened(self.world.scopes(task), [event])

    def tag(self, by: str, task: Task, tags: Sequence[str]) -> None:
        """The task has exactly these tags."""
        if list(tags) != task.tags:
            self.edit(by, task, tags=list(tags))

    def edit_project(self, by: str, project: Project, **values: Any) -> None:
        """Set fields of a project."""
        for name, value in values.items():
            setattr(project, name, value)
        project.modified_at = self.now()
        events = []
        for name in values:
            action = ("deleted" if project.deleted else "undeleted") if name == "deleted" else "changed"
            event = self._whole(by, action, _project(project), None)
            if action == "changed":
                event["change"] = {"field": name, "action": "changed"}
            events.append(event)
        self.happened(frozenset({project.gid}), events)

    def happened(self, scopes: frozenset[str], events: Sequence[dict[str, Any]]) -> None:
        """Keep events for the streams of these resources, and tell the webhooks. One batch."""
        batch = [event for event in events for _ in range(2 if self.double else 1)]
        now = self.now()
        for event in batch:
            self.world.events.append(Happened(len(self.world.events) + 1, now, scopes, event))
        self.tell(scopes, batch)

    @abstractmethod
    def tell(self, scopes: frozenset[str], batch: Sequence[dict[str, Any]]) -> None:
        """Post to the webhooks of these resources."""

    def living(self, gid: str) -> Task:
        """A task that is not in the trash, or 404."""
        task = self.world.tasks.get(gid)
        if task is None or task.deleted:
            raise ApiError(404, f"task: Unknown object: {gid}")
        return task

    def _homes(self, task: Task) -> list[dict[str, Any]]:
        homes = []
        for project, section in task.homes.items():
            homes += [_project(self.world.projects[project]), _named(self.world, section)]
        return homes

    def _story(self, by: str | None, task: Task, kind: str, subtype: str, text: str = "") -> dict[str, Any]:
        story = Story(self.world.gid(), task.gid, kind, subtype, text or subtype.replace("_", " "), by, self.now())
        self.world.stories.append(story)
        resource = {"gid": story.gid, "resource_type": "story", "resource_subtype": subtype}
        return self._whole(by, "added", resource, shapes.named_task(task))

    def _event(
        self,
        by: str | None,
        action: str,
        task: Task,
        parent: dict[str, Any] | None = None,
        change: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        event = self._whole(by, action, shapes.named_task(task), parent)
        return event if change is None else {**event, "change": change}

    def _whole(
        self, by: str | None, action: str, resource: dict[str, Any], parent: dict[str, Any] | None
    ) -> dict[str, Any]:
        user = shapes.user(self.world, by)
        return {
            "user": None if user is None else shapes.compact(user),
            "created_at": shapes.stamp(self.now()),
            "type": resource["resource_type"],
            "action": action,
            "resource": resource,
            "parent": parent,
        }


def _dates(values: dict[str, Any]) -> dict[str, Any]:
    """Refuse what Asana refuses of dates, and say what follows from one of them."""
    for what in ("due", "start"):
        on, at = f"{what}_on", f"{what}_at"
        if values.get(on) is not None and values.get(at) is not None:
            raise ApiError(400, f"{at}: You may not set both {on} and {at}")
        try:
            if values.get(at) is not None:
                instant = datetime.fromisoformat(values[at])
                values = {**values, at: shapes.stamp(instant), on: shapes.stamp(instant)[:10]}  # type: ignore[index]
            elif on in values:
                day = None if values[on] is None else date.fromisoformat(values[on]).isoformat()
                values = {**values, on: day, at: None}
        except (TypeError, ValueError):
            raise ApiError(400, f"{what}: Not a valid date") from None
    return values


def _project(found: Project) -> dict[str, Any]:
    return {"gid": found.gid, "resource_type": "project", "name": found.name}


def _named(world: World, section: str) -> dict[str, Any]:
    return {"gid": section, "resource_type": "section", "name": world.sections[section][0]}
