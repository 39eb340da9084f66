"""Work that Asana finishes after its answer: projects from a template, and duplicated tasks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from connectors.asana.sandbox import shapes
from connectors.asana.sandbox.controls import AsanaSandbox
from connectors.asana.sandbox.http import ApiError, Asked, Handler, one, unknown
from connectors.asana.sandbox.reads import visible
from connectors.asana.sandbox.world import Job, Project, Task
from hub.sandbox import Answer

PARTS = {
    "notes", "assignee", "subtasks", "attachments", "tags", "followers", "projects", "dates", "dependencies", "parent",
}  # fmt: skip
AT_ONCE = 5


def instantiate(box: AsanaSandbox, asked: Asked) -> Answer:
    """The project exists at once and is empty; its tasks come when the job has succeeded."""
    asked.known("name", "team", "privacy_setting", "is_strict", "requested_dates", "requested_roles")
    template = box.world.templates.get(asked.gids[0])
    if template is None:
        raise unknown("project_template", asked.gids[0])
    days = {each.get("gid"): each.get("value") for each in asked.body.get("requested_dates") or ()}
    missing = [name for gid, name in template.dates if not days.get(gid)]
    if missing and asked.body.get("is_strict"):
        raise ApiError(400, f"requested_dates: Missing values for {', '.join(missing)}")
    for day in days.values():
        try:
            date.fromisoformat(day)
        except (TypeError, ValueError):
            raise ApiError(400, "requested_dates: Not a valid date") from None
    shape, now = box.world.projects[template.project], box.now()
    made = replace(
        shape, gid=box.world.gid(), name=str(asked.given("name")), created_at=now, modified_at=now, owner=asked.user,
        template=False, from_template=template.gid, start_on=days.get("1"), due_on=days.get("2"), sections=[],
        team=asked.body.get("team", shape.team),
    )  # fmt: skip
    box.world.projects[made.gid] = made
    work = partial(_fill, box, asked.user, shape, made, days.get("1"))
    return _started(box, asked, "instantiate_project", {"new_project": made.gid}, work)


def _fill(box: AsanaSandbox, by: str, shape: Project, made: Project, start: str | None) -> None:
    sections = {}
    for gid in shape.sections:
        sections[gid] = box.world.gid()
        box.world.sections[sections[gid]] = (box.world.sections[gid][0], made.gid)
    made.sections = list(sections.values())
    days = date.fromisoformat(start) - date.fromisoformat(shape.start_on) if start and shape.start_on else None
    for task in [each for each in box.world.tasks.values() if shape.gid in each.homes and not each.deleted]:
        copy = box.add(by, made, task.name, notes=task.notes, assignee=task.assignee, values=dict(task.values))
        copy.homes[made.gid] = sections[task.homes[shape.gid]]
        if task.due_on and days is not None:
            copy.due_on = (date.fromisoformat(task.due_on) + days).isoformat()


def duplicate(box: AsanaSandbox, asked: Asked) -> Answer:
    """The copy exists at once; its subtasks come when the job has succeeded."""
    asked.known("name", "include")
    task: Task = visible(box, asked, asked.gids[0])
    parts = [part for part in str(asked.body.get("include") or "").split(",") if part]
    if not set(parts) <= PARTS:
        raise ApiError(400, "include: Invalid field")
    copy = _copied(box, asked.user, task, str(asked.given("name")), parts)
    work = partial(_copy_parts, box, asked.user, task, copy, parts) if "subtasks" in parts else partial(int)
    return _started(box, asked, "duplicate_task", {"new_task": copy.gid}, work)


def _copied(box: AsanaSandbox, by: str, task: Task, name: str, parts: list[str], parent: str | None = None) -> Task:
    given: dict[str, Any] = {
        "values": dict(task.values),
        "parent": parent or (task.parent if "parent" in parts else None),
    }
    given |= {"notes": task.notes} if "notes" in parts else {}
    given |= {"assignee": task.assignee} if "assignee" in parts else {}
    given |= {"tags": list(task.tags)} if "tags" in parts else {}
    if "dates" in parts:
        for what in ("due", "start"):
            on, at = f"{what}_on", f"{what}_at"
            given |= {at: getattr(task, at)} if getattr(task, at) else {on: getattr(task, on)}
    homes = task.homes if "projects" in parts else {}
    first = box.world.projects[next(iter(homes))] if homes else None
    if first is None and given["parent"] is None:
        first = box.world.projects[next(iter(task.homes))]
    copy = box.add(by, first, name, **given)
    copy.homes.update(homes)
    return copy


def _copy_parts(box: AsanaSandbox, by: str, task: Task, copy: Task, parts: list[str]) -> None:
    for each in box.world.subtasks(task.gid):
        made = _copied(box, by, each, each.name, parts, parent=copy.gid)
        _copy_parts(box, by, each, made, parts)


def _started(box: AsanaSandbox, asked: Asked, subtype: str, made: dict[str, str], work: Callable[[], object]) -> Answer:
    running = [each for each in box.world.jobs.values() if each.user == asked.user and each.work]
    if len(running) >= AT_ONCE:
        raise ApiError(429, "You have too many concurrent jobs. Please wait for one to finish.")
    script = list(box.job_states)
    job = Job(box.world.gid(), subtype, asked.user, script, made, [work])
    box.world.jobs[job.gid] = job
    return one(asked, _shown(box, job, box.looked(job) or "not_started"), 201)


def job(box: AsanaSandbox, asked: Asked) -> Answer:
    """One look at a job, which brings it forward."""
    found = box.world.jobs.get(asked.gids[0])
    if found is None or found.user != asked.user:
        raise unknown("job", asked.gids[0])
    status = box.looked(found)
    if status is None:
        raise unknown("job", asked.gids[0])
    return one(asked, _shown(box, found, status))


def _shown(box: AsanaSandbox, found: Job, status: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "gid": found.gid,
        "resource_type": "job",
        "resource_subtype": found.subtype,
        "status": status,
    }
    if gid := found.made.get("new_project"):
        shape["new_project"] = {"gid": gid, "resource_type": "project", "name": box.world.projects[gid].name}
    if gid := found.made.get("new_task"):
        shape["new_task"] = shapes.named_task(box.world.tasks[gid])
    return shape


ROUTES: Mapping[str, Handler] = {
    "POST /project_templates/*/instantiateProject": instantiate,
    "POST /tasks/*/duplicate": duplicate,
    "GET /jobs/*": job,
}
