"""The Asana connector at rest: importable without a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.asana.settings import AsanaSettings
from connectors.asana.webhook import EVENT_TYPES, AsanaWebhook
from hub.core.protocol import Connector, ConnectorSpec, Context


@contextmanager
def connect(settings: AsanaSettings, context: Context) -> Iterator[Connector]:
    """The live connector; its sockets are closed at the end of the block."""
    from connectors.asana.client import AsanaClient
    from connectors.asana.destination import AsanaDestination
    from connectors.asana.directory import AsanaDirectory
    from connectors.asana.projects import Projects
    from connectors.asana.source import AsanaSource
    from connectors.asana.subscriptions import AsanaSubscriptions
    from connectors.asana.templates import AsanaTemplates

    with AsanaClient(settings, context) as client:
        projects = Projects(client, context.follow)
        yield Connector(
            name=SPEC.name,
            source=AsanaSource(client, projects),
            destination=AsanaDestination(client),
            subscriptions=AsanaSubscriptions(client, projects),
            directory=AsanaDirectory(client, settings.plan),
            templates=AsanaTemplates(client),
        )


def _sandbox() -> Any:
    from connectors.asana.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="asana",
    title="Asana",
    settings=AsanaSettings,
    connect=connect,
    streams=("task", "user", "project"),
    kinds={"task": "task", "user": "person"},
    follows="project",
    event_types=EVENT_TYPES,
    webhook=AsanaWebhook(),
    concurrency=12,  # as many as the setting reads_in_flight lets one process have in flight
    sandbox=_sandbox,
    key_page=(
        "https://app.asana.com/0/my-apps > Personal access tokens > Create new token. The token may do what its person "
        "may: use a member of the team who sees the projects that the hub shall read."
    ),
    can=("rows", "copies"),
    writes=("tasks", "projects from a template", "copies of a task"),
    limits=(
        "150 calls a minute on the free plan, 1,500 on paid ones (setting plan)",
        "50 reads and 15 writes in flight, shared by 4 processes (settings reads_in_flight, writes_in_flight)",
    ),
    gaps=(
        "tasks that stand in no project are not read",
        "webhooks are at most once; events are remembered for 24 hours at most",
        "who edited a task last is known for rows that the hub writes only: it costs a call each",
        "a task has one assignee",
    ),
)
