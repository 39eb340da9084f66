"""What Asana can be told to do at once."""

from collections.abc import Mapping
from typing import Any

from connectors.asana.sandbox import shapes
from connectors.asana.sandbox.changes import DATES
from connectors.asana.sandbox.controls import AsanaSandbox
from connectors.asana.sandbox.http import ApiError, Asked, Handler, empty, one, unknown
from connectors.asana.sandbox.reads import me, project_of, visible
from connectors.asana.sandbox.world import Field_, Hook, Task
from hub.sandbox import Answer

_PLAIN = ("name", "notes", "completed", *DATES)
_TYPES: Mapping[str, type] = {"name": str, "notes": str, "completed": bool}
TEXT_LIMIT = 1024


def create(box: AsanaSandbox, asked: Asked) -> Answer:
    asked.known(*_PLAIN, "assignee", "projects", "parent", "tags", "custom_fields", "workspace", "resource_subtype")
    if not asked.body.get("projects") and not asked.body.get("parent"):
        raise ApiError(400, "You should specify one of workspace, parent, or projects")
    homes = [project_of(box, asked, gid) for gid in asked.body.get("projects") or ()]
    parent = visible(box, asked, asked.body["parent"]).gid if asked.body.get("parent") else None
    fields = {gid for home in homes for gid in home.fields}
    values = _values(box, asked, fields, {})
    tags = [_tag(box, gid) for gid in asked.body.get("tags") or ()]
    name = str(values.pop("name", ""))
    task = box.add(asked.user, homes[0] if homes else None, name, parent=parent, tags=tags, **values)
    for home in homes[1:]:
        box.place(asked.user, task, home, home.sections[0])
    return one(asked, shapes.task(box.world, task), 201)


def update(box: AsanaSandbox, asked: Asked) -> Answer:
    asked.known(*_PLAIN, "assignee", "custom_fields", "parent", "resource_subtype")
    task = visible(box, asked, asked.gids[0])
    fields = {gid for home in task.homes for gid in box.world.projects[home].fields}
    box.edit(asked.user, task, **_values(box, asked, fields, task.values))
    return one(asked, shapes.task(box.world, task))


def delete(box: AsanaSandbox, asked: Asked) -> Answer:
    box.delete(asked.user, visible(box, asked, asked.gids[0]))
    return empty()


def _values(box: AsanaSandbox, asked: Asked, fields: set[str], before: dict[str, Any]) -> dict[str, Any]:
    values = {name: asked.body[name] for name in _PLAIN if name in asked.body}
    if ({"start_on", "start_at"} & set(values) and not {"due_on", "due_at"} & set(values)) or (
        values.get("start_at") and not values.get("due_at")
    ):
        raise ApiError(400, "due: a due date must be present in the request when setting or unsetting a start date")
    for name, kind in _TYPES.items():
        if name in values and not isinstance(values[name], kind):
            raise ApiError(400, f"{name}: Not a valid value")
    if "assignee" in asked.body:
        gid = asked.body["assignee"]
        values["assignee"] = None if gid is None else me(box, asked, str(gid))
    if "custom_fields" in asked.body:
        values["values"] = dict(before)
        for gid, value in asked.body["custom_fields"].items():
            if gid not in fields:
                raise ApiError(400, f"custom_fields: The field {gid} is not on given object.")
            values["values"][gid] = _fitting(box, box.world.fields[gid], value)
    return values


def _fitting(box: AsanaSandbox, field: Field_, value: Any) -> Any:
    """The value as it is kept, or 400 when it is none of the field's."""
    if value is None:
        return None
    fits = {
        "text": lambda: isinstance(value, str) and len(value) <= TEXT_LIMIT,
        "number": lambda: isinstance(value, int | float) and not isinstance(value, bool),
        "enum": lambda: value in field.options.values(),
        "multi_enum": lambda: isinstance(value, list) and set(value) <= set(field.options.values()),
        "date": lambda: isinstance(value, dict) and bool({"date", "date_time"} & set(value)),
        "people": lambda: isinstance(value, list) and set(value) <= set(box.world.users),
    }
    if not fits[field.kind]():
        raise ApiError(400, f"custom_field: Invalid value for custom field {field.name} ({field.kind})")
    return round(value, field.precision) if field.kind == "number" and field.precision is not None else value


def _tag(box: AsanaSandbox, gid: str) -> str:
    if gid not in box.world.tags:
        raise unknown("tag", gid)
    return gid


def to_section(box: AsanaSandbox, asked: Asked) -> Answer:
    section = asked.gids[0]
    if section not in box.world.sections:
        raise unknown("section", section)
    project = project_of(box, asked, box.world.sections[section][1])
    box.place(asked.user, visible(box, asked, asked.given("task")), project, section)
    return empty()


def add_tag(box: AsanaSandbox, asked: Asked) -> Answer:
    task: Task = visible(box, asked, asked.gids[0])
    tag = _tag(box, asked.given("tag"))
    box.tag(asked.user, task, [*task.tags, *([] if tag in task.tags else [tag])])
    return empty()


def remove_tag(box: AsanaSandbox, asked: Asked) -> Answer:
    task: Task = visible(box, asked, asked.gids[0])
    tag = _tag(box, asked.given("tag"))
    box.tag(asked.user, task, [each for each in task.tags if each != tag])
    return empty()


def to_project(box: AsanaSandbox, asked: Asked) -> Answer:
    project = project_of(box, asked, asked.given("project"))
    task: Task = visible(box, asked, asked.gids[0])
    box.place(asked.user, task, project, task.homes.get(project.gid, project.sections[0]))
    return empty()


def from_project(box: AsanaSandbox, asked: Asked) -> Answer:
    project = project_of(box, asked, asked.given("project"))
    box.take_out(asked.user, visible(box, asked, asked.gids[0]), project)
    return empty()


def update_project(box: AsanaSandbox, asked: Asked) -> Answer:
    asked.known("name", "notes", "archived", "due_on", "start_on")
    project = project_of(box, asked, asked.gids[0])
    box.edit_project(asked.user, project, **asked.body)
    return one(asked, shapes.project(box.world, project))


def comment(box: AsanaSandbox, asked: Asked) -> Answer:
    task = visible(box, asked, asked.gids[0])
    box.comment(asked.user, task, asked.given("text"))
    return one(asked, shapes.story(box.world, box.world.stories[-1]), 201)


def make_webhook(box: AsanaSandbox, asked: Asked) -> Answer:
    """Without the lock: the target is called meanwhile, and may well call back."""
    asked.known("resource", "target", "filters")
    with box.lock:
        project = project_of(box, asked, str(asked.given("resource")))
        filters = _filters(asked)
        if any(each.target == asked.body.get("target") and each.resource == project.gid for each in _mine(box, asked)):
            raise ApiError(403, "target: A webhook for this resource and this target exists already")
    hook = box.register(asked.user, project.gid, str(asked.given("target")), filters)
    with box.lock:
        return one(asked, shapes.hook(box.world, hook), 201, **{"X-Hook-Secret": hook.secret})


def filter_webhook(box: AsanaSandbox, asked: Asked) -> Answer:
    hook = _hook(box, asked)
    hook.filters = _filters(asked)
    return one(asked, shapes.hook(box.world, hook))


def delete_webhook(box: AsanaSandbox, asked: Asked) -> Answer:
    del box.world.hooks[_hook(box, asked).gid]
    return empty()


def _filters(asked: Asked) -> list[dict[str, Any]]:
    filters = []
    for one_ in asked.body.get("filters") or ():
        if one_.get("fields") and one_.get("action") != "changed":
            raise ApiError(400, "filters: fields is only valid for the action changed")
        filters.append({"resource_subtype": None, "action": None, "fields": None, **one_})
    return filters


def _mine(box: AsanaSandbox, asked: Asked) -> list[Hook]:
    return [each for each in box.world.hooks.values() if each.user == asked.user]


def _hook(box: AsanaSandbox, asked: Asked) -> Hook:
    for each in _mine(box, asked):
        if each.gid == asked.gids[0]:
            return each
    raise unknown("webhook", asked.gids[0])


ROUTES: Mapping[str, Handler] = {
    "POST /tasks": create,
    "PUT /tasks/*": update,
    "DELETE /tasks/*": delete,
    "POST /tasks/*/addTag": add_tag,
    "POST /tasks/*/removeTag": remove_tag,
    "POST /tasks/*/addProject": to_project,
    "POST /tasks/*/removeProject": from_project,
    "POST /tasks/*/stories": comment,
    "POST /sections/*/addTask": to_section,
    "PUT /projects/*": update_project,
    "POST /webhooks": make_webhook,
    "PUT /webhooks/*": filter_webhook,
    "DELETE /webhooks/*": delete_webhook,
}
