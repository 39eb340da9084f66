"""What may be in flight, what is repeated, what each refusal means, and what never stands in a message."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr, ValidationError

from connectors.asana.client import Forbidden, PaidOnly
from connectors.asana.sandbox import TOKEN
from connectors.asana.settings import AsanaSettings
from connectors.asana.spec import SPEC
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from hub.core.protocol import Context
from tests.connectors.asana.conftest import World


def test_no_more_is_in_flight_than_the_settings_say(world: World) -> None:
    world.sandbox.work_seconds = 0.05
    client = world.client(reads_in_flight=4, writes_in_flight=2)
    task = world.sandbox.add_task(world.project, "une")

    with ThreadPoolExecutor(16) as pool:
        done = [pool.submit(client.get, "/users/me") for _ in range(24)]
        done += [pool.submit(client.put, f"/tasks/{task}", {"name": str(number)}) for number in range(12)]
        for each in done:
            each.result()

    assert world.sandbox.most_at_once == {"read": 4, "write": 2}
    assert world.sandbox.calls.busiest(60, answered=429) == 0


def test_subtasks_are_read_at_once_but_within_the_setting(world: World) -> None:
    for number in range(12):
        task = world.sandbox.add_task(world.project, f"{number}")
        world.sandbox.add_task(None, "partie", parent=task)
    world.sandbox.work_seconds = 0.03

    assert len(world.read("task")) == 24

    assert 1 < world.sandbox.most_at_once["read"] <= 12


def test_four_processes_fit_into_what_asana_allows() -> None:
    fields = AsanaSettings.model_fields

    assert 4 * fields["reads_in_flight"].default <= 50
    assert 4 * fields["writes_in_flight"].default <= 15


@pytest.mark.parametrize(("plan", "calls"), [("free", 150), ("paid", 1500)])
def test_the_plan_sets_the_calls_of_a_minute(world: World, plan: str, calls: int) -> None:
    world.client(plan=plan)

    assert world.limits.asked == [("asana", calls, 61.0)]


def test_every_call_passes_the_limiter(world: World) -> None:
    world.read("task")
    world.read("user")
    world.directory().look()

    assert world.limits.acquired == sum(world.sandbox.calls.counts.values())


def test_a_429_holds_every_process_as_long_as_asana_says(world: World) -> None:
    world.sandbox.faults.add("GET", "*", "429", times=1, headers={"Retry-After": "7"})

    assert world.client().me["name"] == "Claire Dupont"

    assert world.limits.held == [7.0]


def test_a_long_wait_is_left_to_the_schedule(world: World) -> None:
    world.sandbox.faults.add("GET", "*", "429", times=1, headers={"Retry-After": "45"})

    with pytest.raises(TransientError) as busy:
        world.client().get("/users/me")

    assert busy.value.retry_after == 45


@pytest.mark.parametrize("kind", ["500", "502", "503", "504", "timeout_before", "reset_before", "truncated", "html"])
def test_reads_are_repeated_for_some_seconds(world: World, kind: str) -> None:
    world.sandbox.faults.add("GET", "*", kind, times=2)

    assert world.client().get("/users/me")["name"] == "Claire Dupont"
    assert world.naps == [0.5, 1.0]


@pytest.mark.parametrize("kind", ["500_after_commit", "reset_after_commit", "truncated", "html", "502"])
def test_what_makes_something_is_never_sent_twice(world: World, kind: str) -> None:
    world.sandbox.faults.add("POST", "*", kind)

    with pytest.raises(TransientError) as lost:
        world.client().post("/tasks", {"name": "une", "projects": [world.project]})

    assert lost.value.uncertain
    assert world.sandbox.calls.counts["POST", "/api/1.0/tasks"] == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/tasks/42", Gone), ("/tasks", RecordError), ("/projects?workspace=42", Gone)],
)
def test_refusals_are_sorted_and_say_what_asana_said(world: World, path: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"Asana .*(Unknown object|specify)"):
        world.client().get(path)


def test_a_key_that_is_wrong_or_has_ended_says_where_to_look(world: World) -> None:
    world.sandbox.add_token("ending", world.sandbox.owner, ends_in=60)
    client = world.client(api_key=SecretStr("ending"))
    assert client.me["name"] == "Claire Dupont"
    world.sandbox.advance(61)

    for wrong in (client, world.client(api_key=SecretStr("wrong-key"))):
        with pytest.raises(ConfigError, match="my-apps") as refused:
            wrong.get("/workspaces")
        assert "scopes" in str(refused.value)
        assert "wrong-key" not in str(refused.value)


def test_what_only_paid_plans_do_is_said_so(world: World) -> None:
    world.sandbox.set_plan(paid=False)

    with pytest.raises(PaidOnly, match="paid"):
        world.client().get(f"/workspaces/{world.sandbox.home}/tasks/search")


def test_a_403_is_a_right_that_lacks(world: World) -> None:
    world.sandbox.refuse_private = True
    body = {"resource": world.project, "target": "http://127.0.0.1:9/x"}

    with pytest.raises(Forbidden):
        world.client().make_webhook(body)


def test_a_list_that_repeats_itself_is_an_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.client()
    answer = {"data": [{"gid": "1"}], "next_page": {"offset": "again"}}
    monkeypatch.setattr(type(client._api), "get", lambda *_, **__: answer)

    with pytest.raises(TransientError, match="repeats"):
        client.all("/tasks")


@pytest.mark.parametrize("answer", [{"data": {}}, {"data": [{"name": "no id"}]}, {"data": None}, {}, []])
def test_a_page_that_is_none_is_an_error(world: World, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    client = world.client()
    monkeypatch.setattr(type(client._api), "get", lambda *_, **__: answer)

    with pytest.raises(TransientError):
        client.all("/tasks")


def test_the_workspace_is_the_only_one_or_the_one_that_is_named(world: World) -> None:
    assert world.client().workspace["name"] == "Sandbox"
    second = world.sandbox.add_workspace("Atelier")
    world.sandbox.join(world.sandbox.owner, second)

    for name in ("Atelier", second):
        assert world.client(workspace=name).workspace["gid"] == second
    with pytest.raises(ConfigError, match=r"2 workspaces: Sandbox .*, Atelier"):
        _ = world.client(plan="free").workspace
    with pytest.raises(ConfigError, match=r"no workspace called 'Nulle part'.*Atelier"):
        _ = world.client(workspace="Nulle part").workspace


@pytest.mark.parametrize("wrong", [{"api_key": "a b"}, {"api_key": ""}, {"base_url": "asana"}, {"plan": "gold"}])
def test_settings_that_cannot_be_right_are_refused_without_showing_the_key(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        AsanaSettings(**{"api_key": "1/secret", **wrong})  # type: ignore[arg-type]

    assert "1/secret" not in str(refused.value)


def test_the_spec_connects_with_every_capability(world: World) -> None:
    settings = AsanaSettings(api_key=SecretStr(TOKEN), base_url=world.url, plan="paid")
    context = Context(limiter=world.limits, now=world.sandbox.now, follow=(world.project,))

    with SPEC.connect(settings, context) as live:
        assert live.source is not None
        assert live.destination is not None
        assert live.subscriptions is not None
        assert live.directory is not None
        assert live.templates is not None
        assert live.source.check()[-1] == "Project: Clients"
    assert set(SPEC.kinds) <= set(SPEC.streams)
    assert set(SPEC.event_types.values()) <= set(SPEC.streams)
