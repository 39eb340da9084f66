"""What can be asked of Asana."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.asana.sandbox import shapes
from connectors.asana.sandbox.controls import AsanaSandbox
from connectors.asana.sandbox.http import ApiError, Asked, Handler, answer, many, one, unknown
from connectors.asana.sandbox.world import SYNC_LIFE, Project, Sync
from hub.sandbox import Answer

EVENTS_AT_ONCE = 100
_NO_SYNC = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset "
    "for this query now and use the new sync token for the next sync."
)


def project_of(box: AsanaSandbox, asked: Asked, gid: str) -> Project:
    """A project that the key may see, or 404."""
    found = box.world.projects.get(gid)
    if found is None or found.deleted or found.template or found.workspace not in asked.workspaces:
        raise unknown("project", gid)
    return found


def workspace_of(box: AsanaSandbox, asked: Asked, gid: str) -> str:
    """A workspace that the key may see, or 404."""
    if gid not in box.world.workspaces or gid not in asked.workspaces:
        raise unknown("workspace", gid)
    return gid


def me(box: AsanaSandbox, asked: Asked, gid: str) -> str:
    """A person, "me" or a gid, or 404."""
    gid = asked.user if gid == "me" else gid
    if gid not in box.world.users or not any(gid in box.world.workspaces[each].users for each in asked.workspaces):
        raise unknown("user", gid)
    return gid


def user(box: AsanaSandbox, asked: Asked) -> Answer:
    return one(asked, shapes.user(box.world, me(box, asked, asked.gids[0])) or {})


def users(box: AsanaSandbox, asked: Asked) -> Answer:
    workspace = workspace_of(box, asked, asked.gids[0] if asked.gids else asked.need("workspace"))
    rows = [shapes.user(box.world, gid) or {} for gid in box.world.workspaces[workspace].users]
    return many(asked, sorted(rows, key=lambda row: row["name"]), pages=not asked.gids)


def memberships(box: AsanaSandbox, asked: Asked) -> Answer:
    gid = me(box, asked, asked.gids[0])
    rows = [
        {
            "gid": f"{each.gid}{gid[-4:]}",
            "resource_type": "workspace_membership",
            "user": shapes.user(box.world, gid),
            "workspace": shapes.workspace(box.world, each.gid),
            "is_active": True,
            "is_admin": False,
            "is_guest": box.world.users[gid].guest,
            "is_view_only": False,
        }
        for each in box.world.workspaces.values()
        if gid in each.users and each.gid in asked.workspaces
    ]
    return many(asked, rows)


def workspaces(box: AsanaSandbox, asked: Asked) -> Answer:
    return many(asked, [shapes.workspace(box.world, gid) for gid in asked.workspaces])


def projects(box: AsanaSandbox, asked: Asked) -> Answer:
    workspace = asked.params.get("workspace")
    wanted = [workspace_of(box, asked, workspace)] if workspace else list(asked.workspaces)
    archived = {"true": True, "false": False, None: None}[asked.params.get("archived")]
    rows = [
        shapes.project(box.world, each)
        for each in box.world.projects.values()
        if each.workspace in wanted and not each.deleted and not each.template
        if archived is None or each.archived == archived
    ]
    return many(asked, rows)


def project(box: AsanaSandbox, asked: Asked) -> Answer:
    return one(asked, shapes.project(box.world, project_of(box, asked, asked.gids[0])))


def sections(box: AsanaSandbox, asked: Asked) -> Answer:
    found = project_of(box, asked, asked.gids[0])
    return many(asked, [shapes.section(box.world, gid) for gid in found.sections])


def field_settings(box: AsanaSandbox, asked: Asked) -> Answer:
    found = project_of(box, asked, asked.gids[0])
    inside = {"gid": found.gid, "resource_type": "project", "name": found.name}
    rows = [
        {
            "gid": f"{found.gid}{gid[-4:]}",
            "resource_type": "custom_field_setting",
            "project": inside,
            "parent": inside,
            "is_important": True,
            "custom_field": shapes.field(box.world.fields[gid]),
        }
        for gid in found.fields
    ]
    return many(asked, rows)


def tags(box: AsanaSandbox, asked: Asked) -> Answer:
    workspace = workspace_of(box, asked, asked.gids[0])
    return many(asked, [shapes.tag(box.world, gid) for gid, (_, home) in box.world.tags.items() if home == workspace])


def tasks(box: AsanaSandbox, asked: Asked) -> Answer:
    found = [task for task in box.world.tasks.values() if not task.deleted]
    params = asked.params
    if gid := params.get("section"):
        if gid not in box.world.sections:
            raise unknown("section", gid)
        found = [task for task in found if gid in task.homes.values()]
    elif gid := params.get("project"):
        home = project_of(box, asked, gid)
        found = [task for task in found if home.gid in task.homes]
    elif params.get("assignee") and params.get("workspace"):
        who, workspace = me(box, asked, params["assignee"]), params["workspace"]
        found = [task for task in found if task.assignee == who and task.workspace == workspace]
    else:
        raise ApiError(400, "You should specify one of workspace, project, tag, section, or assignee and workspace")
    if since := params.get("modified_since"):
        found = [task for task in found if task.modified_at >= datetime.fromisoformat(since)]
    if params.get("completed_since") == "now":
        found = [task for task in found if not task.completed]
    # Of ten thousand tasks only those of the page are put together.
    rows = [{"gid": task.gid} for task in found]
    return many(asked, rows, whole=lambda row: shapes.task(box.world, box.world.tasks[row["gid"]]))


def visible(box: AsanaSandbox, asked: Asked, gid: str) -> Any:
    """A living task of a workspace that the key may see, or 404."""
    task = box.living(gid)
    if task.workspace not in asked.workspaces or any(box.world.projects[home].template for home in task.homes):
        raise unknown("task", gid)
    return task


def task(box: AsanaSandbox, asked: Asked) -> Answer:
    return one(asked, shapes.task(box.world, visible(box, asked, asked.gids[0])))


def subtasks(box: AsanaSandbox, asked: Asked) -> Answer:
    above = visible(box, asked, asked.gids[0])
    return many(asked, [shapes.task(box.world, each) for each in box.world.subtasks(above.gid)])


def stories(box: AsanaSandbox, asked: Asked) -> Answer:
    about = visible(box, asked, asked.gids[0])
    return many(asked, [shapes.story(box.world, each) for each in box.world.stories if each.task == about.gid])


def search(box: AsanaSandbox, asked: Asked) -> Answer:
    workspace = workspace_of(box, asked, asked.gids[0])
    if not box.world.workspaces[workspace].paid:
        raise ApiError(402, "Search is only available to premium users.")
    text = asked.params.get("text", "").casefold()
    living = (each for each in box.world.tasks.values() if each.workspace == workspace and not each.deleted)
    rows = [shapes.task(box.world, each) for each in living if text in f"{each.name}\n{each.notes}".casefold()]
    return many(asked, rows[:100], pages=False)


def project_templates(box: AsanaSandbox, asked: Asked) -> Answer:
    workspace = workspace_of(box, asked, asked.need("workspace"))
    if not box.world.workspaces[workspace].paid:
        raise ApiError(402, "Project templates are only available to premium users.")
    rows = [each for each in box.world.templates.values() if box.world.projects[each.project].workspace == workspace]
    return many(asked, [shapes.template(box.world, each) for each in rows])


def project_template(box: AsanaSandbox, asked: Asked) -> Answer:
    if asked.gids[0] not in box.world.templates:
        raise unknown("project_template", asked.gids[0])
    return one(asked, shapes.template(box.world, box.world.templates[asked.gids[0]]))


def events(box: AsanaSandbox, asked: Asked) -> Answer:
    resource = asked.need("resource")
    if resource not in box.world.tasks:
        project_of(box, asked, resource)
    happened = [each for each in box.world.events if resource in each.scopes]
    known = box.world.syncs.get(asked.params.get("sync", ""))
    newest = len(box.world.events)
    if known is None or known.resource != resource or box.now() - known.made_at > SYNC_LIFE:
        raise ApiError(412, _NO_SYNC, sync=_token(box, resource, newest))
    new = [each for each in happened if each.seq > known.seq]
    shown, more = new[:EVENTS_AT_ONCE], len(new) > EVENTS_AT_ONCE
    sync = _token(box, resource, shown[-1].seq if more else newest)
    return answer({"data": [each.event for each in shown], "sync": sync, "has_more": more})


def _token(box: AsanaSandbox, resource: str, seq: int) -> str:
    token = f"{len(box.world.syncs):032x}"
    box.world.syncs[token] = Sync(resource, seq, box.now())
    return token


def webhooks(box: AsanaSandbox, asked: Asked) -> Answer:
    workspace = workspace_of(box, asked, asked.need("workspace"))
    rows = [
        shapes.hook(box.world, each)
        for each in box.world.hooks.values()
        if each.workspace == workspace and asked.params.get("resource") in (None, each.resource)
        if each.user == asked.user
    ]
    return many(asked, rows)


ROUTES: Mapping[str, Handler] = {
    "/users/*": user,
    "/users/*/workspace_memberships": memberships,
    "/users": users,
    "/workspaces": workspaces,
    "/workspaces/*/users": users,
    "/workspaces/*/tags": tags,
    "/workspaces/*/tasks/search": search,
    "/projects": projects,
    "/projects/*": project,
    "/projects/*/sections": sections,
    "/projects/*/custom_field_settings": field_settings,
    "/tasks": tasks,
    "/tasks/*": task,
    "/tasks/*/subtasks": subtasks,
    "/tasks/*/stories": stories,
    "/project_templates": project_templates,
    "/project_templates/*": project_template,
    "/events": events,
    "/webhooks": webhooks,
}
