"""Who edited a task: Asana tells it in the task's stories, a call for each task."""

from __future__ import annotations

from connectors.asana.client import AsanaClient, path
from hub.core.http import Gone


def author(client: AsanaClient, task: str) -> str | None:
    """The name of who made the last edit of a task; None when Asana names nobody (a rule, an edit without a story).

    A comment is no edit. Asana writes stories for most edits, not for all, and joins several of one person.
    """
    try:
        stories = client.all(path("tasks", task, "stories"), opt_fields="type,created_at,created_by.name")
    except Gone:
        return None
    edits = [story for story in stories if story.get("type") == "system" and story.get("created_at")]
    if not edits:
        return None
    by = max(edits, key=lambda story: str(story["created_at"])).get("created_by")
    return str(by.get("name") or by["gid"]) if by else None
