"""Records as Asana shows them: whole ones, and what `opt_fields` picks of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.asana.sandbox.world import Field_, Hook, Project, Story, Task, Template, World

COMPACT = {
    "task": ("gid", "name", "resource_type", "resource_subtype"),
    "story": ("gid", "resource_type", "resource_subtype", "created_at", "created_by", "text"),
    "webhook": ("gid", "resource_type", "active", "resource", "target"),
    "job": ("gid", "resource_type", "resource_subtype", "status", "new_project", "new_task"),
    "custom_field": (
        "gid", "name", "resource_type", "resource_subtype", "type", "enum_options", "precision", "is_value_read_only",
    ),
    "custom_field_setting": ("gid", "resource_type", "custom_field"),
    "workspace_membership": ("gid", "resource_type", "user", "workspace"),
}  # fmt: skip
NAMED = ("gid", "name", "resource_type")


def stamp(at: datetime | None) -> str | None:
    """An instant as Asana writes it."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(found: dict[str, Any], opt_fields: str | None, *, listed: bool) -> dict[str, Any]:
    """A record with what was asked for: without `opt_fields` whole, or compact in a list."""
    if opt_fields is None:
        return compact(found) if listed else {name: _inner(name, value) for name, value in found.items()}
    picked: dict[str, Any] = _pick(found, [name.strip().split(".") for name in opt_fields.split(",") if name.strip()])
    return picked


def compact(found: dict[str, Any]) -> dict[str, Any]:
    """The few fields that a record has inside another one or in a list."""
    kept = COMPACT.get(found.get("resource_type", ""), NAMED)
    return {name: _inner(name, found[name]) for name in kept if name in found}


def _inner(name: str, value: Any) -> Any:
    if name == "memberships":
        return [{} for _ in value]  # a membership is no record of its own, and its parts must be asked for
    if isinstance(value, dict) and "gid" in value:
        return compact(value)
    if isinstance(value, list):
        return [_inner("", each) for each in value] if name != "custom_fields" else value
    return value


def _pick(found: Any, paths: list[list[str]]) -> Any:
    if isinstance(found, list):
        return [_pick(each, paths) for each in found]
    if not isinstance(found, dict):
        return found
    heads = dict.fromkeys(path[0] for path in paths)
    picked = {"gid": found["gid"]} if "gid" in found else {}
    for head in heads:
        if head not in found:
            continue
        deeper = [path[1:] for path in paths if path[0] == head and len(path) > 1]
        picked[head] = _pick(found[head], deeper) if deeper else _inner(head, found[head])
    return picked


def user(world: World, gid: str | None) -> dict[str, Any] | None:
    """A person, with the workspaces that they are in."""
    if gid is None:
        return None
    found = world.users[gid]
    spaces = [workspace(world, each.gid) for each in world.workspaces.values() if gid in each.users]
    return {
        "gid": gid,
        "resource_type": "user",
        "name": found.name,
        "email": found.email,
        "photo": None,
        "workspaces": spaces,
    }


def workspace(world: World, gid: str) -> dict[str, Any]:
    """A workspace."""
    found = world.workspaces[gid]
    return {
        "gid": gid,
        "resource_type": "workspace",
        "name": found.name,
        "is_organization": found.paid,
        "email_domains": [],
    }


def team(world: World, gid: str | None) -> dict[str, Any] | None:
    """A team."""
    return None if gid is None else {"gid": gid, "resource_type": "team", "name": world.teams[gid]}


def section(world: World, gid: str) -> dict[str, Any]:
    """A section."""
    name, project_gid = world.sections[gid]
    inside = {"gid": project_gid, "resource_type": "project", "name": world.projects[project_gid].name}
    return {"gid": gid, "resource_type": "section", "name": name, "project": inside}


def tag(world: World, gid: str) -> dict[str, Any]:
    """A tag."""
    return {"gid": gid, "resource_type": "tag", "name": world.tags[gid][0]}


def template(world: World, found: Template) -> dict[str, Any]:
    """A project template."""
    dates = [{"gid": gid, "name": name, "description": ""} for gid, name in found.dates]
    return {
        "gid": found.gid,
        "resource_type": "project_template",
        "name": found.name,
        "description": "",
        "public": False,
        "team": team(world, world.projects[found.project].team),
        "requested_dates": dates,
        "requested_roles": [],
    }


def project(world: World, found: Project) -> dict[str, Any]:
    """A project."""
    origin = world.templates.get(found.from_template or "")
    from_template = {"gid": origin.gid, "resource_type": "project_template", "name": origin.name} if origin else None
    return {
        "gid": found.gid,
        "resource_type": "project",
        "name": found.name,
        "notes": found.notes,
        "archived": found.archived,
        "completed": False,
        "due_on": found.due_on,
        "start_on": found.start_on,
        "owner": user(world, found.owner),
        "team": team(world, found.team),
        "workspace": workspace(world, found.workspace),
        "created_from_template": from_template,
        "permalink_url": f"https://app.asana.com/1/{found.workspace}/project/{found.gid}",
        "created_at": stamp(found.created_at),
        "modified_at": stamp(found.modified_at),
    }


def field(found: Field_) -> dict[str, Any]:
    """A custom field."""
    options = [option(found, gid) for gid in found.options.values()]
    shape: dict[str, Any] = {
        "gid": found.gid,
        "resource_type": "custom_field",
        "name": found.name,
        "resource_subtype": found.kind,
        "type": found.kind,
        "is_value_read_only": False,
    }
    if found.kind == "number":
        shape["precision"] = found.precision
    if found.kind in ("enum", "multi_enum"):
        shape["enum_options"] = options
    return shape


def option(found: Field_, gid: str) -> dict[str, Any]:
    """One option of an enum field."""
    name = next(name for name, known in found.options.items() if known == gid)
    return {"gid": gid, "resource_type": "enum_option", "name": name, "enabled": True, "color": "none"}


def custom(world: World, found: Field_, value: Any) -> dict[str, Any]:
    """The value of a custom field in a task."""
    shape = field(found)
    said: Any = None
    if found.kind == "text":
        shape["text_value"] = said = value
    elif found.kind == "number":
        shape["number_value"] = value
        said = None if value is None else str(value)
    elif found.kind == "enum":
        shape["enum_value"] = None if value is None else option(found, value)
        said = None if value is None else shape["enum_value"]["name"]
    elif found.kind == "multi_enum":
        shape["multi_enum_values"] = [option(found, each) for each in value or ()]
        said = ", ".join(each["name"] for each in shape["multi_enum_values"]) or None
    elif found.kind == "date":
        shape["date_value"] = None
        if value is not None:
            at = value.get("date_time")
            shape["date_value"] = {"date": at[:10] if at else value["date"], "date_time": at}
            said = at or value["date"]
    elif found.kind == "people":
        shape["people_value"] = [user(world, each) for each in value or ()]
        said = ", ".join(each["name"] for each in shape["people_value"]) or None
    shape["display_value"] = said
    return shape


def task(world: World, found: Task) -> dict[str, Any]:
    """A task, whole."""
    homes = [world.projects[gid] for gid in found.homes]
    wanted = dict.fromkeys(gid for home in homes for gid in home.fields)
    above = world.tasks.get(found.parent or "")
    place = f"project/{homes[0].gid}/task" if homes else "task"
    return {
        "gid": found.gid,
        "resource_type": "task",
        "resource_subtype": found.subtype,
        "name": found.name,
        "notes": found.notes,
        "completed": found.completed,
        "completed_at": stamp(found.completed_at),
        "due_on": found.due_on,
        "due_at": found.due_at,
        "start_on": found.start_on,
        "start_at": found.start_at,
        "assignee": user(world, found.assignee),
        "parent": None if above is None else named_task(above),
        "projects": [project(world, home) for home in homes],
        "memberships": [
            {"project": project(world, world.projects[home]), "section": section(world, place)}
            for home, place in found.homes.items()
        ],
        "tags": [tag(world, gid) for gid in found.tags],
        "custom_fields": [custom(world, world.fields[gid], found.values.get(gid)) for gid in wanted],
        "num_subtasks": len(world.subtasks(found.gid)),
        "followers": [],
        "workspace": workspace(world, found.workspace),
        "permalink_url": f"https://app.asana.com/1/{found.workspace}/{place}/{found.gid}",
        "created_at": stamp(found.created_at),
        "modified_at": stamp(found.modified_at),
    }


def named_task(found: Task) -> dict[str, Any]:
    """A task as it stands inside another record."""
    return {"gid": found.gid, "name": found.name, "resource_type": "task", "resource_subtype": found.subtype}


def story(world: World, found: Story) -> dict[str, Any]:
    """A story."""
    return {
        "gid": found.gid,
        "resource_type": "story",
        "resource_subtype": found.subtype,
        "type": found.kind,
        "text": found.text,
        "created_at": stamp(found.at),
        "created_by": user(world, found.by),
    }


def hook(world: World, found: Hook) -> dict[str, Any]:
    """A webhook."""
    about = world.projects[found.resource]
    ends = found.failing_since
    return {
        "gid": found.gid,
        "resource_type": "webhook",
        "active": found.active,
        "resource": {"gid": about.gid, "resource_type": "project", "name": about.name},
        "target": found.target,
        "created_at": stamp(found.created_at),
        "last_success_at": stamp(found.last_success_at),
        "last_failure_at": stamp(found.last_failure_at),
        "last_failure_content": found.last_failure,
        "delivery_retry_count": found.retries,
        "failure_deletion_timestamp": None if ends is None else stamp(ends + timedelta(hours=24)),
        "is_workspace_webhook": False,
        "filters": found.filters,
    }
