"""What Prefect is shown of a plan: its table, as an artifact of the run that made it.

Artifacts are sent by a thread of their own: the picture must not delay the work, and its loss costs nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.context import FlowRunContext, TaskRunContext

from flows.discreet import veiled
from flows.reach import SERVER_ERRORS, Reach
from hub.engine.discreet import Discreet
from hub.engine.turn import JobResult
from hub.planning.page_clients import NAMING
from hub.planning.plan import Action, FieldChange, Plan

log = logging.getLogger("hub.prefect")

MOST_ROWS = 400
"""Lines of a table; a first plan has thousands, which nobody reads there. `hub plan --full` shows them all."""


class Pictures:
    """Sends artifacts in the background while the server answers; drops them while it does not."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    def show(self, result: JobResult) -> None:
        """The plan of a job's turn, attached to the run that is under way in this thread."""
        plan = result.plan
        if plan is None or not plan.actions or not self._reach.up:
            return
        flow_run, task_run = _runs()
        artifact = ArtifactCreate(
            key=f"{plan.business}-{plan.job}-plan".replace("_", "-").lower(),
            type="table",
            description=caption(result, plan),
            data=json.dumps(rows(plan, result.discreet), ensure_ascii=False),
            flow_run_id=flow_run,
            task_run_id=task_run,
        )
        self._thread.submit(self._send, artifact)

    def close(self) -> None:
        """Send what waits, unless the server is away."""
        self._thread.shutdown(wait=self._reach.up, cancel_futures=not self._reach.up)

    def _send(self, artifact: ArtifactCreate) -> None:
        if not self._reach.up:
            return
        try:
            # A client of its own, which has not met the server yet: it does not retry for a minute when it is gone.
            with get_client(httpx_settings={"timeout": 5.0}, sync_client=True) as client:
                client.create_artifact(artifact)
        except SERVER_ERRORS as error:
            log.warning("a plan's table could not be shown in Prefect (%s); the plan itself was carried out", error)


def _runs() -> tuple[UUID | None, UUID | None]:
    """The flow run and the task run of this thread."""
    task, flow = TaskRunContext.get(), FlowRunContext.get()
    return (
        flow.flow_run.id if flow is not None and flow.flow_run is not None else None,
        task.task_run.id if task is not None else None,
    )


def caption(result: JobResult, plan: Plan) -> str:
    """What became of the plan, in a sentence or two. Markdown."""
    things = "1 thing" if len(plan.actions) == 1 else f"{len(plan.actions)} things"
    parts = [f"**{plan.business} · {plan.job}**: {things} to do."]
    if result.applied is not None:
        parts.append(f"{done_in_words(result.applied.done - result.applied.sent, result.applied.sent) or 'Nothing'}.")
        parts.extend(f"Failed: {veiled(problem)}." for problem in result.applied.problems)
    if result.dropped:
        parts.append(f"A person dropped this plan ({result.dropped}); it stays so until something changes.")
    elif plan.held:
        parts.append(f"Held for a person: {plan.held}. `hub apply {result.plan_id}` does it.")
    lines = sum(max(1, len(_told(action))) for action in plan.actions)
    if lines > MOST_ROWS:
        parts.append(f"The first {MOST_ROWS} of {lines} lines are shown.")
    return " ".join(parts)


def done_in_words(written: int, sent: int) -> str:
    """ "4 written, 1 mail": what was done. Nothing at all: ""."""
    mails = f"{sent} mail{'' if sent == 1 else 's'}" if sent else ""
    return ", ".join(part for part in (f"{written} written" if written else "", mails) if part)


def rows(plan: Plan, discreet: Discreet | None = None) -> list[dict[str, str]]:
    """The table: one line for each field that changes. Of a mail only its subject: the rest is its reader's.

    Of what is done for clients a line each, with their initials and the step.
    """
    if discreet is not None:
        return [_step(action, discreet) for action in plan.actions][:MOST_ROWS]
    table = [
        {
            "where": " / ".join(part for part in (action.collection, action.name) if part),
            "what": action.kind,
            "field": "" if change is None else change.name,
            "old": "" if change is None else shown(change.old),
            "new": "" if change is None else shown(change.new),
            "why": action.why,
        }
        for action in plan.actions
        for change in _told(action) or (None,)
    ]
    return table[:MOST_ROWS]


def _step(action: Action, discreet: Discreet) -> dict[str, str]:
    where = discreet.steps.get(action.key, "") if action.kind == "send" else action.collection
    what = {"where": where, "what": action.kind, "field": discreet.steps.get(action.key, ""), "old": "", "new": ""}
    return what | {"why": discreet.veiled(action.why)}


def _told(action: Action) -> Sequence[FieldChange]:
    if action.row.startswith(NAMING):
        return [change for change in action.changes if change.name != "text"]
    if action.kind != "send":
        return action.changes
    return [change for change in action.changes if change.name == "subject"]


def shown(value: object) -> str:
    """A value as a person reads it."""
    return "—" if value is None or value == "" else str(value)
