"""`hub demo`: the whole product against sandboxes of Stripe and Notion, on this machine alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from connectors.notion.sandbox import create_app as notion_app
from connectors.notion.sandbox.control import NotionSandbox
from connectors.stripe.sandbox import Sandbox
from connectors.stripe.sandbox import create_app as stripe_app
from connectors.stripe.webhook import EVENT_TYPES
from hub.core.errors import HubError
from hub.demo import children, figures, history, screen, story
from hub.demo.children import House
from hub.demo.example import BUSINESS
from hub.demo.history import History
from hub.demo.serving import serve
from hub.demo.stage import FailedError, Stage, Stopped
from hub.demo.story import Teller
from hub.demo.watch import Watch
from hub.planning.calendar import month_of
from hub.store import mirror
from hub.store.database import open_store

API_SECONDS = 60.0
PREFECT_SECONDS = 180.0
"""A cold start on a small machine takes up to 40 s."""
HISTORY_SECONDS = 120.0
TURN_SECONDS = 180
"""A figure of a month that ends in the middle of the story would not be what the story says."""
STOPPED = 130
"""The exit code of a program that Ctrl-C ended before it was done."""


def play(*, once: bool, say: Callable[[str], object]) -> int:
    """Play the demo; 0 when every figure was exact, 1 otherwise, 130 when a signal ended it before its end.

    `once`: end after the story; otherwise everything stays up until a signal. Either way no process and no file stays.
    """
    stage = Stage(say)
    with stage.signals(), ExitStack() as stack:
        code = _play(stage, stack, once=once)
        stage.line("Stopping …")
        stack.close()
        stage.line("Stopped; no process and no file is left.")
        return code


def _play(stage: Stage, stack: ExitStack, *, once: bool) -> int:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-demo-"))).resolve()
    stack.enter_context(children.apart(folder))
    house = children.furnish(folder)
    try:
        scene = _set_up(stage, stack, house)
        right = _tell(stage, scene)
        if not once:
            _leave_open(stage, scene)
    except Stopped:
        return STOPPED
    except HubError as error:
        stage.line(f"✗ {error}")
        stage.plain(children.tails(house))
        return 1
    return 0 if right else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stands: the sandboxes, the hub's house and the eyes on it."""

    house: House
    stripe: Sandbox
    notion: NotionSandbox
    notion_url: str
    page: str
    watch: Watch
    past: History


def _set_up(stage: Stage, stack: ExitStack, house: House) -> Scene:
    """Everything up to the moment when the past stands in Notion."""
    _wait_for_month(stage)
    stripe_served, notion_served = stripe_app(), notion_app()
    stripe: Sandbox = stripe_served.state.sandbox
    notion: NotionSandbox = notion_served.state.sandbox
    notion.settings(rate_limit=180, time_zone=figures.ZONE.key)
    notion.share_page("Atelier Lila")
    endpoint = stripe.webhooks.endpoint(house.webhook, enabled_events=sorted(EVENT_TYPES))
    stripe_url, notion_url = stack.enter_context(serve(stripe_served)), stack.enter_context(serve(notion_served))
    stage.line("Sandboxes of Stripe and Notion listen; no key is needed")

    prefect, api, worker = children.processes(
        house, stripe=stripe_url, notion=notion_url, webhook_secret=endpoint["secret"]
    )
    stack.enter_context(children.running(stage, prefect, api))
    stage.line("Prefect and the hub's API start")
    past = history.build(stripe.account(), datetime.now(UTC))
    stage.line(f"Atelier Lila has a past: 14 months, {past.customers} customers, {past.payments} payments")
    children.wait_until(stage, api, API_SECONDS, partial(children.answers, api))
    stage.line("The API waits for webhooks")
    children.wait_until(stage, prefect, PREFECT_SECONDS, partial(children.answers, prefect))
    stage.line("Prefect shows runs; the worker starts and reads the past")
    stack.enter_context(children.running(stage, worker))
    watch = stack.enter_context(closing(Watch(house)))
    children.wait_until(stage, worker, HISTORY_SECONDS, watch.history_is_shown)
    page = _page_of(notion)
    _say_past(stage, house, notion)
    return Scene(house=house, stripe=stripe, notion=notion, notion_url=notion_url, page=page, watch=watch, past=past)


def _wait_for_month(stage: Stage) -> None:
    now = datetime.now(UTC)
    end = month_of(now, figures.ZONE).end
    left = (end - now).total_seconds()
    if left < TURN_SECONDS:
        stage.line(f"The month ends in {left:.0f} s in Paris; the demo waits for the new one")
        stage.until(left + 60, lambda: datetime.now(UTC) >= end, every=0.2)


def _page_of(notion: NotionSandbox) -> str:
    """The id of the CEO's page: the one that holds the table."""
    for table in notion.tables():
        if table["title"] == figures.TABLE:
            return str(notion.state.things[table["database_id"]].parent["page_id"])
    raise FailedError(f"There is no table « {figures.TABLE} » in Notion although the hub says that all is written.")


def _say_past(stage: Stage, house: House, notion: NotionSandbox) -> None:
    with open_store(f"sqlite:///{house.data / 'hub.sqlite3'}") as store, store.read() as conn:
        records = sum(mirror.counts(conn, BUSINESS).values())
    calls = notion.stats()
    stage.line("The past stands in Notion:")
    stage.more(
        f"{records} records read, {len(notion.rows(figures.TABLE))} rows written, "
        f"{calls['total']} calls to Notion, {calls['rate_limited']} refused"
    )
    stage.more()


def _tell(stage: Stage, scene: Scene) -> bool:
    """The story, what must be true at its end, and the page. True when all of it was right."""
    teller = Teller(stage=stage, stripe=scene.stripe, notion=scene.notion, watch=scene.watch, history=scene.past)
    right = teller.tell(story.STEPS)
    problems = [f"two rows have the Hub key {key}" for key in figures.doubled(scene.notion.rows(figures.TABLE))]
    problems += scene.watch.troubles()
    calls = scene.notion.stats()
    if calls["rate_limited"]:
        problems.append(f"Notion refused {calls['rate_limited']} calls")
    if problems:
        stage.line("✗ At the end, the hub needs a person:")
        for problem in problems:
            stage.more(problem)
    else:
        stage.line("✓ No row twice, nothing dead, nothing uncertain, nothing held")
        stage.more(f"{calls['total']} calls to Notion so far, at most {calls['highest_window']} in a minute, 0 refused")
    stage.more()
    stage.plain(screen.page(scene.notion, scene.page, figures.month_label(datetime.now(UTC)), stage.width))
    return right and not problems


def _leave_open(stage: Stage, scene: Scene) -> None:
    """Say where to look, and wait for a signal."""
    house = scene.house
    stage.plain(
        [
            "",
            f"Lila's page     {scene.notion_url}/_sandbox/pages/{scene.page}",
            f"Hub's status    {house.api}/status?key={house.status_key}",
            f"Prefect's run   {scene.watch.live_run() or house.prefect}",
            "",
            "Everything runs on. Ctrl-C ends it.",
        ]
    )
    stage.forever()
