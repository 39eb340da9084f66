"""What we send and what the sandbox answers, judged by Asana's own description of its API."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from connectors.asana.sandbox import TOKEN, AsanaSandbox
from hub.core.errors import HubError
from hub.core.types import Row
from hub.sandbox import Answer, Call
from tests.connectors.asana.conftest import Receiver, World
from tests.connectors.asana.contract import DESCRIPTION, Judge, load
from tests.connectors.asana.test_destination import MORE, VALUES, furnished
from tests.connectors.asana.test_templates import task_template, template

if not DESCRIPTION.exists():
    pytest.skip(
        "the folder `shared` with Asana's API description is not beside the repository", allow_module_level=True
    )


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load()


@pytest.fixture
def heard(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Call, Answer]]:
    """Every call of the sandbox with its answer."""
    calls: list[tuple[Call, Answer]] = []
    real = AsanaSandbox.decorate

    def decorate(self: AsanaSandbox, call: Call, answer: Answer) -> Answer:
        calls.append((call, answer))
        return real(self, call, answer)

    monkeypatch.setattr(AsanaSandbox, "decorate", decorate)
    return calls


def work(world: World, receiver: Receiver) -> None:
    """Everything that the connector does, once or more."""
    furnished(world)
    source = world.source()
    ((_, cursor),) = source.changes(None)
    hub = world.destination()
    ref = hub.prepare(MORE, None, None)
    (made,) = hub.create(MORE, ref, [Row(key="k", values=VALUES)], look_first=True)
    change = {"labels": ("calme",), "notes": "x", "done": True, "due": None}
    hub.update(MORE, Row(key="k", values=change, ref=made.ref))  # type: ignore[arg-type]
    world.sandbox.advance(1)  # a later instant than that of our own write
    world.sandbox.edit_task(str(made.ref), name="autre")
    list(hub.rows(MORE, ref))
    world.sandbox.add_task(None, "partie", parent=str(made.ref))
    world.sandbox.change_project(world.project, notes="x")
    for stream in ("task", "user", "project"):
        for page in source.read(stream, None):
            for record in page.records:
                source.fetch(stream, record.key)
    list(source.changes(cursor))
    source.check()
    world.directory().look()
    hooks = world.subscriptions()
    (hook,) = hooks.ensure(receiver.url)
    world.sandbox.world.hooks[hook.ref].filters = []
    receiver.status = 500
    world.sandbox.heartbeat()
    assert world.sandbox.outbox.wait(5)
    hooks.ensure(receiver.url)
    hooks.list()
    hooks.remove(hook.ref)
    copies = world.templates()
    copies.templates()
    start = {"start": date(2026, 12, 1)}
    for gid, inside in ((template(world), None), (task_template(world), world.sandbox.add_project("Nora"))):
        for look in (False, True):
            copies.copy(gid, "copie", inside=inside, dates=start, marker="m", look_first=look)
    hub.archive(MORE, made.ref)  # type: ignore[arg-type]
    source.fetch("task", str(made.ref))
    with pytest.raises(HubError):
        world.client(api_key="wrong").get("/users/me")


def test_all_that_we_send_and_all_that_the_sandbox_answers_is_as_described(
    world: World, receiver: Receiver, judge: Judge, heard: list[tuple[Call, Answer]]
) -> None:
    work(world, receiver)

    wrong = sorted({line for call, answer in heard for line in judge.problems(call, answer)})

    assert wrong == []
    assert {one.rpartition(" ")[0] for one in judge.judged} == {
        "DELETE /tasks/{task_gid}",
        "DELETE /webhooks/{webhook_gid}",
        "GET /events",
        "GET /jobs/{job_gid}",
        "GET /project_templates",
        "GET /project_templates/{project_template_gid}",
        "GET /projects",
        "GET /projects/{project_gid}",
        "GET /projects/{project_gid}/custom_field_settings",
        "GET /projects/{project_gid}/sections",
        "GET /tasks",
        "GET /tasks/{task_gid}",
        "GET /tasks/{task_gid}/stories",
        "GET /tasks/{task_gid}/subtasks",
        "GET /users",
        "GET /users/{user_gid}",
        "GET /users/{user_gid}/workspace_memberships",
        "GET /webhooks",
        "GET /workspaces",
        "GET /workspaces/{workspace_gid}/tags",
        "GET /workspaces/{workspace_gid}/tasks/search",
        "POST /project_templates/{project_template_gid}/instantiateProject",
        "POST /sections/{section_gid}/addTask",
        "POST /tasks",
        "POST /tasks/{task_gid}/addProject",
        "POST /tasks/{task_gid}/addTag",
        "POST /tasks/{task_gid}/duplicate",
        "POST /tasks/{task_gid}/removeProject",
        "POST /tasks/{task_gid}/removeTag",
        "POST /webhooks",
        "PUT /projects/{project_gid}",
        "PUT /tasks/{task_gid}",
        "PUT /webhooks/{webhook_gid}",
    }
    assert {one.rpartition(" ")[2] for one in judge.judged} == {"200", "201", "401", "404", "412"}


def test_whole_records_without_opt_fields_are_as_described_too(
    world: World, judge: Judge, heard: list[tuple[Call, Answer]]
) -> None:
    furnished(world)
    task = world.sandbox.add_task(world.project, "une", assignee=world.sandbox.owner, due_on="2026-12-01")
    paths = ("/users/me", "/tasks/" + task, f"/tasks?project={world.project}", "/workspaces", f"/tasks/{task}/stories")
    more = (f"/projects/{world.project}", f"/projects/{world.project}/custom_field_settings", "/projects?limit=1")

    for path in (*paths, *more):
        world.client().get(path)

    assert sorted({line for call, answer in heard for line in judge.problems(call, answer)}) == []
    assert json.loads(heard[1][1].body)["data"]["memberships"] == [{}]


def call(method: str, path: str, query: str = "", body: object = None) -> Call:
    sent = b"" if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {TOKEN}"}
    return Call(method=method, path=f"/api/1.0{path}", query=query, headers=headers, body=sent, at=0.0)


def said(body: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


TASK: dict[str, Any] = {"gid": "1", "resource_type": "task", "name": "x", "completed": True, "due_on": "2026-12-01"}
EVENT: dict[str, Any] = {"action": "changed", "type": "task", "created_at": "2026-12-01T10:00:00.000Z"}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param(call("GET", "/tasks/1"), said({"data": {**TASK, "gid": 1}}), id="a gid that is a number"),
        pytest.param(call("GET", "/tasks/1"), said({"data": {**TASK, "completed": "yes"}}), id="a flag that is a text"),
        pytest.param(call("GET", "/tasks/1"), said({"data": {**TASK, "due_on": "tomorrow"}}), id="no date"),
        pytest.param(call("GET", "/tasks/1"), said({"data": {**TASK, "resource_subtype": "odd"}}), id="no known word"),
        pytest.param(call("GET", "/tasks/1"), said({"data": {**TASK, "completed": None}}), id="null where none may be"),
        pytest.param(call("GET", "/tasks/1"), said({"data": {**TASK, "dueOn": "x"}}), id="an unknown field"),
        pytest.param(call("GET", "/tasks/1"), said({"task": TASK}), id="another envelope"),
        pytest.param(call("GET", "/tasks/1"), said({"data": TASK}, 202), id="an unknown status"),
        pytest.param(call("GET", "/tasks"), said({"data": TASK}), id="one where many are"),
        pytest.param(call("GET", "/tasks"), said({"data": [], "next_page": {"offset": 7}}), id="a page that is none"),
        pytest.param(call("GET", "/tasks", "limit=101"), said({"data": []}), id="a limit too high"),
        pytest.param(call("GET", "/tasks", "page=2"), said({"data": []}), id="an unknown parameter"),
        pytest.param(call("GET", "/tasks", "opt_fields=name,due"), said({"data": []}), id="an unknown opt_field"),
        pytest.param(call("GET", "/webhooks"), said({"data": []}), id="a parameter missing"),
        pytest.param(call("GET", "/task/1"), said({"data": TASK}), id="an unknown path"),
        pytest.param(
            call("POST", "/webhooks", body={"data": {"resource": "1"}}), said({"data": {}}, 201), id="no target"
        ),
        pytest.param(call("PUT", "/tasks/1", body={"data": {"completed": "yes"}}), said({"data": TASK}), id="bad body"),
        pytest.param(call("PUT", "/tasks/1", body={"data": {"due": "x"}}), said({"data": TASK}), id="unknown in body"),
        pytest.param(
            call("GET", "/events", "resource=1"),
            said({"data": [{**EVENT, "created_at": "now"}], "sync": "a", "has_more": False}),
            id="no instant",
        ),
        pytest.param(call("GET", "/events", "resource=1"), said({"errors": [], "sync": 1}, 412), id="no token"),
        pytest.param(call("GET", "/tasks/1"), said({"errors": "no"}, 404), id="no list of errors"),
    ],
)
def test_the_judge_finds_what_is_wrong(judge: Judge, asked: Call, answered: Answer) -> None:
    assert judge.problems(asked, answered) != []


def test_the_judge_lets_good_ones_pass(judge: Judge) -> None:
    assert judge.problems(call("GET", "/tasks/1", "opt_fields=name"), said({"data": TASK})) == []
    assert judge.problems(call("PUT", "/tasks/1", body={"data": {"name": "x"}}), said({"data": TASK})) == []
    events = said({"data": [EVENT], "sync": "a", "has_more": False})
    assert judge.problems(call("GET", "/events", "resource=1"), events) == []
