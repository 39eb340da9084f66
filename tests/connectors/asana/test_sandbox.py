"""Asana's sandbox does what Asana is known to do, seen with a plain HTTP client."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from connectors.asana.sandbox import TOKEN
from tests.connectors.asana.conftest import Receiver, World


@pytest.fixture
def http(world: World) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    limits = httpx.Limits(max_connections=100)
    with httpx.Client(base_url=world.url, headers=headers, timeout=20, limits=limits) as client:
        yield client


def test_lists_are_compact_and_paged_only_where_a_limit_is_sent(world: World, http: httpx.Client) -> None:
    for number in range(5):
        world.sandbox.add_task(world.project, f"{number}")
    path = f"/tasks?project={world.project}"

    whole = http.get(path).json()
    first = http.get(f"{path}&limit=3").json()
    last = http.get(f"{path}&limit=3&offset={first['next_page']['offset']}").json()

    assert set(whole) == {"data"}
    assert set(whole["data"][0]) == {"gid", "name", "resource_type", "resource_subtype"}
    assert (len(first["data"]), len(last["data"]), last["next_page"]) == (3, 2, None)
    assert http.get(f"{path}&limit=101").status_code == 400
    assert http.get(f"{path}&limit=3&offset=eyJold").json()["errors"][0]["message"].startswith("offset")


def test_errors_have_their_body_and_their_status(world: World, http: httpx.Client) -> None:
    world.sandbox.set_plan(paid=False)
    cases = [
        ("GET", "/tasks/42", 404),
        ("GET", "/tasks", 400),
        ("GET", "/nothing", 404),
        ("GET", f"/workspaces/{world.sandbox.home}/tasks/search", 402),
        ("GET", f"/events?resource={world.project}", 412),
        ("POST", "/tasks", 400),
    ]
    for method, path, status in cases:
        answer = http.request(method, path)
        assert answer.status_code == status, path
        assert set(answer.json()["errors"][0]) == {"message", "help"}
    assert http.get("/users/me", headers={"Authorization": "Bearer no"}).status_code == 401
    world.sandbox.faults.add("GET", "*", "500", times=1)
    assert "phrase" in http.get("/users/me").json()["errors"][0]


@pytest.mark.parametrize(("paid", "calls"), [(False, 150), (True, 1500)])
def test_a_plan_has_its_calls_a_minute_and_then_a_429_with_retry_after(
    world: World, http: httpx.Client, paid: bool, calls: int
) -> None:
    world.sandbox.set_plan(paid=paid)
    meter = world.sandbox.meters[TOKEN]
    assert meter.calls == calls
    for _ in range(calls):
        assert meter.allow()

    answer = http.get("/users/me")

    assert answer.status_code == 429
    assert 50 <= int(answer.headers["retry-after"]) <= 61
    world.sandbox.limit(None)
    assert http.get("/users/me").status_code == 200


@pytest.mark.parametrize(("method", "most"), [("GET", 50), ("POST", 15)])
def test_so_many_calls_may_be_in_flight_and_no_more(world: World, http: httpx.Client, method: str, most: int) -> None:
    world.sandbox.work_seconds = 1.0
    asked = most + 10
    with ThreadPoolExecutor(asked) as pool:
        done = [pool.submit(http.request, method, "/users/me" if method == "GET" else "/tasks") for _ in range(asked)]
        statuses = [each.result().status_code for each in done]

    assert statuses.count(429) == 10
    assert max(world.sandbox.most_at_once.values()) == most
    world.sandbox.work_seconds = 0.0
    assert http.get("/users/me").status_code == 200


def test_a_token_ends_by_the_clock(world: World, http: httpx.Client) -> None:
    world.sandbox.add_token("soon", world.sandbox.owner, ends_in=3600)
    headers = {"Authorization": "Bearer soon"}

    assert http.get("/users/me", headers=headers).status_code == 200
    world.sandbox.advance(3601)
    assert http.get("/users/me", headers=headers).status_code == 401


def test_a_task_has_a_day_or_an_hour_but_is_not_told_both(world: World, http: httpx.Client) -> None:
    task = world.sandbox.add_task(world.project, "une")

    both = http.put(f"/tasks/{task}", json={"data": {"due_on": "2026-12-01", "due_at": "2026-12-01T10:00:00Z"}})
    hour = http.put(f"/tasks/{task}", json={"data": {"due_at": "2026-12-01T10:00:00Z"}}).json()["data"]
    day = http.put(f"/tasks/{task}", json={"data": {"due_on": "2026-12-02"}}).json()["data"]

    assert both.status_code == 400
    assert (hour["due_on"], hour["due_at"]) == ("2026-12-01", "2026-12-01T10:00:00.000Z")
    assert (day["due_on"], day["due_at"]) == ("2026-12-02", None)


def test_events_carry_no_values_that_are_no_resources_and_streams_may_be_asked_again(
    world: World, http: httpx.Client
) -> None:
    task = world.sandbox.add_task(world.project, "une")
    sync = http.get(f"/events?resource={world.project}").json()["sync"]
    world.sandbox.edit_task(task, due_on="2026-12-01", assignee=world.sandbox.owner)

    first, again = (http.get(f"/events?resource={world.project}&sync={sync}").json() for _ in range(2))

    assert first["data"] == again["data"]
    changes = {event["change"]["field"]: event["change"] for event in first["data"] if event["action"] == "changed"}
    assert changes["due_on"] == {"field": "due_on", "action": "changed"}
    assert changes["assignee"]["new_value"]["name"] == "Claire Dupont"
    assert {event["type"] for event in first["data"]} == {"task", "story"}
    world.sandbox.advance(24 * 3600 + 1)
    assert http.get(f"/events?resource={world.project}&sync={sync}").status_code == 412


def made(world: World, http: httpx.Client, receiver: Receiver, filters: object = ()) -> httpx.Response:
    body = {"resource": world.project, "target": receiver.url, "filters": filters}
    return http.post("/webhooks", json={"data": body})


def test_the_handshake_is_inside_the_call_and_a_heartbeat_follows(
    world: World, http: httpx.Client, receiver: Receiver
) -> None:
    answer = made(world, http, receiver)

    assert answer.status_code == 201
    assert answer.json()["X-Hook-Secret"] == receiver.secrets[0]
    assert world.sandbox.outbox.wait(5)
    ((headers, body),) = receiver.deliveries
    expected = hmac.new(receiver.secrets[0].encode(), body, hashlib.sha256).hexdigest()
    assert (body, headers["x-hook-signature"]) == (b'{"events":[]}', expected)
    assert made(world, http, receiver).status_code == 403


def test_a_target_that_does_not_echo_the_secret_gets_no_webhook(
    world: World, http: httpx.Client, receiver: Receiver
) -> None:
    receiver.echo = False
    assert made(world, http, receiver).status_code == 400
    receiver.echo, receiver.status = True, 500
    assert made(world, http, receiver).status_code == 400
    assert http.get(f"/webhooks?workspace={world.sandbox.home}").json() == {"data": []}


def test_filters_are_obeyed(world: World, http: httpx.Client, receiver: Receiver) -> None:
    task = world.sandbox.add_task(world.project, "une")
    assert made(world, http, receiver, [{"resource_type": "task", "fields": ["name"]}]).status_code == 400
    filters = [{"resource_type": "task", "action": "changed", "fields": ["due_on"]}]
    assert made(world, http, receiver, filters).status_code == 201
    assert world.sandbox.outbox.wait(5)
    receiver.seen.clear()

    world.sandbox.edit_task(task, name="autre")
    world.sandbox.add_comment(task, "bonjour")
    world.sandbox.double = True
    world.sandbox.edit_task(task, due_on="2026-12-01")

    assert world.sandbox.outbox.wait(5)
    ((_, body),) = receiver.deliveries
    one, two = json.loads(body)["events"]
    assert one == two
    assert one["resource"] == {"gid": task, "resource_type": "task", "resource_subtype": "default_task"}
    assert one["change"] == {"field": "due_on", "action": "changed"}
    assert "name" not in one["user"]


def test_a_webhook_that_fails_for_a_day_is_deleted_and_its_events_are_lost(
    world: World, http: httpx.Client, receiver: Receiver
) -> None:
    made(world, http, receiver)
    assert world.sandbox.outbox.wait(5)
    receiver.status = 500
    world.sandbox.add_task(world.project, "perdue")
    assert world.sandbox.outbox.wait(5)
    (found,) = http.get(f"/webhooks?workspace={world.sandbox.home}&opt_fields=last_failure_at,active").json()["data"]
    assert found["active"]
    assert found["last_failure_at"]

    world.sandbox.advance(23 * 3600)
    assert world.sandbox.outbox.wait(5)
    assert len(http.get(f"/webhooks?workspace={world.sandbox.home}").json()["data"]) == 1
    world.sandbox.advance(3601)

    assert http.get(f"/webhooks?workspace={world.sandbox.home}").json() == {"data": []}
    receiver.status = 200
    receiver.seen.clear()
    world.sandbox.add_task(world.project, "personne ne l'entend")
    assert world.sandbox.outbox.wait(5)
    assert receiver.seen == []


def test_heartbeats_come_every_eight_hours_and_when_told(world: World, http: httpx.Client, receiver: Receiver) -> None:
    made(world, http, receiver)
    assert world.sandbox.outbox.wait(5)
    receiver.seen.clear()

    world.sandbox.advance(7 * 3600)
    assert world.sandbox.heartbeat() == 1
    world.sandbox.advance(9 * 3600)

    assert world.sandbox.outbox.wait(5)
    assert [body for _, body in receiver.deliveries] == [b'{"events":[]}'] * 2


def test_a_project_from_a_template_is_empty_until_its_job_has_succeeded(world: World, http: httpx.Client) -> None:
    shape = world.sandbox.add_project("Modèle", start_on="2026-01-01")
    world.sandbox.add_task(shape, "Appel")
    template = world.sandbox.add_template("Accueil", shape)
    world.sandbox.job_states = ("not_started", "gone", "in_progress", "succeeded")
    start = f"/project_templates/{template}/instantiateProject"
    assert http.post(start, json={"data": {"name": "Nora", "is_strict": True}}).status_code == 400

    dates = [{"gid": "1", "value": "2026-12-01"}]
    job = http.post(start, json={"data": {"name": "Nora", "requested_dates": dates}}).json()["data"]
    project = job["new_project"]["gid"]
    seen = [http.get(f"/jobs/{job['gid']}") for _ in range(2)]
    empty = http.get(f"/tasks?project={project}").json()["data"]
    last = http.get(f"/jobs/{job['gid']}").json()["data"]

    assert (job["status"], [each.status_code for each in seen], last["status"]) == (
        "not_started",
        [404, 200],
        "succeeded",
    )
    assert empty == []
    assert [each["name"] for each in http.get(f"/tasks?project={project}").json()["data"]] == ["Appel"]
    other = world.sandbox.add_user("Nora", "nora@example.com")
    world.sandbox.add_token("nora", other)
    assert http.get(f"/jobs/{job['gid']}", headers={"Authorization": "Bearer nora"}).status_code == 404


def test_no_more_than_five_jobs_run_at_once(world: World, http: httpx.Client) -> None:
    task = world.sandbox.add_task(world.project, "une")
    world.sandbox.job_states = ("in_progress",)
    body = {"data": {"name": "copie", "include": "notes,subtasks"}}

    statuses = [http.post(f"/tasks/{task}/duplicate", json=body).status_code for _ in range(6)]

    assert statuses == [201] * 5 + [429]


def test_deleting_a_task_tells_its_project_and_takes_its_parts_along(world: World, http: httpx.Client) -> None:
    task = world.sandbox.add_task(world.project, "une")
    part = world.sandbox.add_task(None, "partie", parent=task)
    sync = http.get(f"/events?resource={world.project}").json()["sync"]

    assert http.delete(f"/tasks/{task}").json() == {"data": {}}

    events = http.get(f"/events?resource={world.project}&sync={sync}").json()["data"]
    told = [(event["action"], event["resource"]["gid"]) for event in events]
    assert told[:2] == [("deleted", part), ("deleted", task)]
    assert {action for action, _ in told[2:]} == {"removed"}
    assert [http.get(f"/tasks/{gid}").status_code for gid in (task, part)] == [404, 404]
    assert http.delete(f"/tasks/{task}").status_code == 404


def test_controls_work_over_http(world: World) -> None:
    root = world.url.removesuffix("/api/1.0")
    added = httpx.post(f"{root}/_sandbox/add_task", json={"project": world.project, "name": "une"}).json()

    assert httpx.post(f"{root}/_sandbox/task", json={"task": added}).json()["name"] == "une"
    assert httpx.post(f"{root}/_sandbox/heartbeat").json() == 0
