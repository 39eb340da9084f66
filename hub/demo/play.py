"""`hub demo`: the whole product against sandboxes, on this machine alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from connectors.notion.sandbox.control import NotionSandbox
from hub.core.errors import HubError
from hub.demo import alerts, children, clients, figures, history, office, programme, screen, story
from hub.demo.alerts import Alerts
from hub.demo.children import House
from hub.demo.clients import Clients
from hub.demo.example import BUSINESS, LIST
from hub.demo.figures import ZONE
from hub.demo.history import History
from hub.demo.office import Office
from hub.demo.programme import Programme
from hub.demo.stage import FailedError, Stage, Stopped
from hub.demo.story import Teller
from hub.demo.town import Town, town
from hub.demo.watch import Watch
from hub.store import mirror
from hub.store.database import open_store

API_SECONDS = 60.0
PREFECT_SECONDS = 180.0
"""A cold start on a small machine takes up to 40 s."""
HISTORY_SECONDS = 120.0
TURN_SECONDS = 120
"""What is due today, and a figure of this month, would not be what the story says when these end in its middle."""
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
    town: Town
    office: Office
    programme: Programme
    page: str
    watch: Watch
    past: History


def _set_up(stage: Stage, stack: ExitStack, house: House) -> Scene:
    """Everything up to the moment when the past stands in Notion."""
    _wait_for_midnight(stage)
    place = town(stack, house.webhook)
    stage.line("Sandboxes of Stripe, Calendly, Notion, Asana and a mail server listen; no key is needed")

    environment = children.environment(house, place.keys)
    prefect, api, worker = children.processes(house, environment)
    stack.enter_context(children.running(stage, prefect, api))
    stage.line("Prefect and the hub's API start")
    now = datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    past, desk = history.build(place.stripe.account(), now), office.furnish(place.asana, today)
    offer = programme.furnish(place.notion, place.notion_url, place.page, place.asana, place.calendly, today)
    stage.line(f"Atelier Lila has a past: 14 months, {past.customers} customers, {past.payments} payments")
    children.wait_until(stage, api, API_SECONDS, partial(children.answers, api))
    stage.line("The API waits for webhooks; Asana and Calendly are asked to call it")
    children.command(stage, house, environment, "listen", API_SECONDS)
    children.wait_until(stage, prefect, PREFECT_SECONDS, partial(children.answers, prefect))
    stage.line("Prefect shows runs; the worker starts and reads the past")
    stack.enter_context(children.running(stage, worker))
    watch = stack.enter_context(closing(Watch(house)))
    children.wait_until(stage, worker, HISTORY_SECONDS, watch.history_is_shown)
    page = _page_of(place.notion)
    _say_past(stage, house, place.notion)
    return Scene(house=house, town=place, office=desk, programme=offer, page=page, watch=watch, past=past)


def _wait_for_midnight(stage: Stage) -> None:
    """Neither the day nor the month may end in Paris in the middle of the story."""
    now = datetime.now(UTC)
    local = now.astimezone(ZONE)
    end = datetime.combine(local.date() + timedelta(days=1), time(), ZONE)
    left = (end - now).total_seconds()
    if left < TURN_SECONDS:
        stage.line(f"The day ends in {left:.0f} s in Paris; the demo waits for the new one")
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
        f"{records} records read, {len(notion.rows(figures.TABLE)) + len(notion.rows(LIST))} rows written, "
        f"{calls['total']} calls to Notion, {calls['rate_limited']} refused"
    )
    stage.more()


def _tell(stage: Stage, scene: Scene) -> bool:
    """The story, what must be true at its end, and the page. True when all of it was right."""
    town, notion = scene.town, scene.town.notion
    teller = Teller(stage=stage, stripe=town.stripe, notion=notion, watch=scene.watch, history=scene.past)
    right = teller.tell(story.STEPS)
    tasks = Alerts(stage=stage, town=town, office=scene.office, watch=scene.watch)
    right = tasks.tell(alerts.STEPS, len(story.STEPS) + 1) and right
    marie = Clients(stage=stage, town=town, programme=scene.programme, page=scene.page, watch=scene.watch)
    right = marie.tell(clients.STEPS, len(story.STEPS) + len(alerts.STEPS) + 1) and right
    doubled = figures.doubled([*notion.rows(figures.TABLE), *tasks.rows()])
    problems = [f"two rows have the Hub key {key}" for key in doubled]
    problems += scene.watch.troubles()
    calls = notion.stats()
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
    stage.plain(screen.page(notion, scene.page, figures.month_label(datetime.now(UTC)), stage.width))
    stage.plain(["", *screen.tasks(tasks.rows(), LIST, stage.width)])
    return right and not problems


def _leave_open(stage: Stage, scene: Scene) -> None:
    """Say where to look, and wait for a signal."""
    house = scene.house
    marie = Clients(stage=stage, town=scene.town, programme=scene.programme, page=scene.page, watch=scene.watch).sheet
    stage.plain(
        [
            "",
            f"Lila's page     {scene.town.notion_url}/_sandbox/pages/{scene.page}",
            f"The deadlines   {scene.town.notion_url}/_sandbox/pages/{scene.town.page}",
            f"Marie's page    {scene.town.notion_url}/_sandbox/pages/{marie}",
            f"Hub's status    {house.api}/status?key={house.status_key}",
            f"Prefect's run   {scene.watch.live_run() or house.prefect}",
            "",
            "Everything runs on. Ctrl-C ends it.",
        ]
    )
    stage.forever()
