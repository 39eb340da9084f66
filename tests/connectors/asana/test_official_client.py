"""Asana's official Python client, which knows nothing of us, works with the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.asana.sandbox import TOKEN
from tests.connectors.asana.conftest import Receiver, World

asana = pytest.importorskip("asana", reason="the official client (the package asana) is not installed")


@pytest.fixture
def api(world: World) -> Iterator[Any]:
    configuration = asana.Configuration()
    configuration.host = world.url
    configuration.access_token = TOKEN
    configuration.retry_strategy.total = 0
    client = asana.ApiClient(configuration)
    yield client
    # The client closes neither its sockets nor the pool of threads that it makes.
    client.rest_client.pool_manager.clear()
    client.pool.close()
    client.pool.join()


def test_it_reads_pages_and_picks_fields(world: World, api: Any) -> None:
    made = [world.sandbox.add_task(world.project, f"tâche {number}") for number in range(130)]
    tasks = asana.TasksApi(api)

    rows = list(tasks.get_tasks({"project": world.project, "limit": 50, "opt_fields": "name,memberships.section.name"}))

    assert [row["gid"] for row in rows] == made
    assert rows[0]["memberships"][0]["section"]["name"] == "À faire"
    assert tasks.get_task(made[0], {})["memberships"] == [{}]
    assert asana.UsersApi(api).get_user("me", {})["name"] == "Claire Dupont"
    assert [one["name"] for one in asana.WorkspacesApi(api).get_workspaces({})] == ["Sandbox"]
    assert [one["name"] for one in asana.ProjectsApi(api).get_projects({"workspace": world.sandbox.home})] == [
        "Clients"
    ]
    sections = asana.SectionsApi(api).get_sections_for_project(world.project, {})
    assert [one["name"] for one in sections] == ["À faire", "Fait"]


def test_it_writes_and_the_connector_reads_it(world: World, api: Any) -> None:
    field = world.sandbox.add_field(world.project, "Phase", "enum", ["Devis", "Signé"])
    tasks = asana.TasksApi(api)
    settings = list(asana.CustomFieldSettingsApi(api).get_custom_field_settings_for_project(world.project, {}))
    option = settings[0]["custom_field"]["enum_options"][1]["gid"]

    body = {"name": "une", "projects": [world.project], "due_on": "2026-12-01", "custom_fields": {field: option}}
    made = tasks.create_task({"data": body}, {})
    tasks.update_task({"data": {"completed": True}}, made["gid"], {})
    section = list(asana.SectionsApi(api).get_sections_for_project(world.project, {}))[1]["gid"]
    asana.SectionsApi(api).add_task_for_section(section, {"body": {"data": {"task": made["gid"]}}})

    record = world.read("task")[made["gid"]]
    assert record.fields["done"] is True
    assert record.fields["section"] == "Fait"
    assert record.fields["properties"] == {"Phase": "Signé"}
    stories = list(asana.StoriesApi(api).get_stories_for_task(made["gid"], {}))
    assert [one["resource_subtype"] for one in stories] == ["marked_complete", "section_changed"]
    tasks.delete_task(made["gid"])
    assert world.source().fetch("task", made["gid"])[0].deleted


def test_it_understands_refusals(world: World, api: Any) -> None:
    with pytest.raises(asana.rest.ApiException) as gone:
        asana.TasksApi(api).get_task("42", {})
    assert gone.value.status == 404
    assert "Unknown object" in str(gone.value.body)
    api.configuration.access_token = "wrong"
    with pytest.raises(asana.rest.ApiException) as refused:
        asana.UsersApi(api).get_user("me", {})
    assert refused.value.status == 401


def test_it_waits_as_long_as_a_429_says(world: World, api: Any) -> None:
    api.configuration.retry_strategy.total = 5
    client = asana.ApiClient(api.configuration)
    world.sandbox.faults.add("GET", "*", "429", times=1, headers={"Retry-After": "0"})

    assert asana.UsersApi(client).get_user("me", {})["name"] == "Claire Dupont"

    client.rest_client.pool_manager.clear()
    client.pool.close()
    client.pool.join()


def test_it_makes_and_lists_webhooks(world: World, api: Any, receiver: Receiver) -> None:
    hooks = asana.WebhooksApi(api)
    body = {"resource": world.project, "target": receiver.url, "filters": [{"resource_type": "task"}]}

    made = hooks.create_webhook({"data": body}, {})

    assert made["active"] is True
    (listed,) = hooks.get_webhooks(world.sandbox.home, {})
    assert listed["gid"] == made["gid"]
    hooks.update_webhook({"data": {"filters": []}}, made["gid"], {})
    hooks.delete_webhook(made["gid"])
    assert list(hooks.get_webhooks(world.sandbox.home, {})) == []


def test_it_follows_the_jobs_of_templates_and_copies(world: World, api: Any) -> None:
    shape = world.sandbox.add_project("Modèle", start_on="2026-01-01")
    world.sandbox.add_task(shape, "Appel", due_on="2026-01-03")
    template = world.sandbox.add_template("Accueil", shape)
    task = world.sandbox.add_task(world.project, "une")
    templates, jobs = asana.ProjectTemplatesApi(api), asana.JobsApi(api)
    dates = templates.get_project_template(template, {})["requested_dates"]

    body = {"name": "Nora", "requested_dates": [{"gid": dates[0]["gid"], "value": "2026-12-01"}]}
    job = templates.instantiate_project(template, {"body": {"data": body}})
    copy = asana.TasksApi(api).duplicate_task({"data": {"name": "deux", "include": "notes"}}, task, {})
    states = [jobs.get_job(job["gid"], {})["status"] for _ in range(3)]

    assert states == ["in_progress", "succeeded", "succeeded"]
    project = jobs.get_job(job["gid"], {})["new_project"]["gid"]
    assert [one["due_on"] for one in world.sandbox.tasks(project)] == ["2026-12-03"]
    assert copy["new_task"]["name"] == "deux"
