"""What the key can see in Asana, by the names that people know."""

from __future__ import annotations

from typing import Any

from connectors.asana.client import AsanaClient, Forbidden, PaidOnly, path
from hub.core.errors import ConfigError, RecordError
from hub.core.types import Sight, Thing

READ_ONLY = "The key's person may only look: the hub cannot write with it."


class AsanaDirectory:
    """Looks around with one key. Asana does not say when a personal access token ends: it has no end by itself."""

    def __init__(self, client: AsanaClient, plan: str) -> None:
        self._client = client
        self._plan = plan

    def look(self) -> Sight:
        """Whose key it is, its projects and project templates, and what is unlike what the settings say."""
        me = self._client.me
        who = me["name"] + (f" ({me['email']})" if me.get("email") else "")
        try:
            workspace = self._client.workspace
        except ConfigError as error:
            workspaces = [Thing(kind="workspace", id=one["gid"], name=one["name"]) for one in me["workspaces"]]
            return Sight(account=who, things=workspaces, warnings=(str(error),))
        things, warnings = self._projects(workspace), list(self._rights(workspace["gid"]))
        try:
            things += self._templates(workspace)
        except (PaidOnly, Forbidden) as error:
            warnings.append(f"Project templates cannot be used: {error}")
        if not any(thing.kind == "project" for thing in things):
            warnings.append("The key sees no project: share those that the hub shall read with the key's person.")
        return Sight(
            account=f"{who}, workspace {workspace['name']}",
            things=tuple(things),
            warnings=tuple(warnings),
            read_only=READ_ONLY in warnings,
        )

    def _projects(self, workspace: dict[str, Any]) -> list[Thing]:
        rows = self._client.all(
            "/projects", workspace=workspace["gid"], archived="false", opt_fields="name,team.name,permalink_url"
        )
        return [_thing("project", row, workspace, row.get("permalink_url")) for row in rows]

    def _templates(self, workspace: dict[str, Any]) -> list[Thing]:
        rows = self._client.all("/project_templates", workspace=workspace["gid"], opt_fields="name,team.name")
        return [_thing("template", row, workspace) for row in rows]

    def _rights(self, workspace: str) -> list[str]:
        """Guest and view-only accounts see less; the plan decides how often Asana may be asked."""
        lines = []
        mine = self._client.all(
            path("users", "me", "workspace_memberships"),
            opt_fields="workspace.name,is_guest,is_admin,is_view_only",
        )
        for one in (one for one in mine if one["workspace"]["gid"] == workspace):
            if one.get("is_guest"):
                lines.append("The key is a guest's: it sees only what was shared with it. Use a member's key.")
            if one.get("is_view_only"):
                lines.append(READ_ONLY)
            if one.get("is_admin"):
                lines.append("The key is an administrator's and may do more than the hub needs. A member's is enough.")
        paid = self._paid(workspace)
        if paid is False and self._plan == "paid":
            lines.append("The workspace has no paid plan: set plan to free, or Asana refuses every call over 150.")
        if paid is True and self._plan == "free":
            lines.append("The workspace has a paid plan: set plan to paid, and the hub may ask ten times as often.")
        return lines

    def _paid(self, workspace: str) -> bool | None:
        """Search is for paid plans only, which tells them apart; None when even that is not said."""
        try:
            self._client.get(path("workspaces", workspace, "tasks", "search"), text="hub", opt_fields="name")
        except PaidOnly:
            return False
        except (Forbidden, RecordError):
            return None
        return True


def _thing(kind: str, row: dict[str, Any], workspace: dict[str, Any], url: str | None = None) -> Thing:
    team = row.get("team")
    inside = f"{workspace['name']} > {team['name']}" if team else workspace["name"]
    return Thing(kind=kind, id=row["gid"], name=row["name"], url=url, inside=inside)
