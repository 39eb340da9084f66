"""Somebody edits the mappings while webhooks arrive: real processes of API and worker, which are not started anew."""

from __future__ import annotations

import http.client
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from connectors.stripe.webhook import event_of
from tests.kill.rig import BUSINESS, Nursery, Provider, Rig, is_quiet, judge, rig, sales, told, until

PATIENCE = 120.0
HEADERS = {"Authorization": "Bearer status-key-of-the-kill-tests"}


class Asking(Provider):
    """Notes what it was answered. A connection that stood idle may be closed; that is no answer."""

    def __init__(self, port: int, deliveries: Sequence[dict[str, Any]]) -> None:
        self.answers: set[int] = set()
        super().__init__(port, deliveries)

    def _post(self, line: list[http.client.HTTPConnection], body: bytes) -> int | None:
        answer = super()._post(line, body)
        if answer is not None:
            self.answers.add(answer)
        return answer


class Desk:
    """Where the files are edited, and what the running hub shows of it."""

    def __init__(self, made: Rig) -> None:
        self.made = made
        self.file = Path(made.environment["HUB_MAPPINGS"]) / BUSINESS / "revenue.yaml"

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    def faults(self) -> list[str]:
        """What the status API says of the file."""
        answer = httpx.get(f"http://127.0.0.1:{self.made.port}/status/{BUSINESS}", headers=HEADERS, timeout=30)
        report: dict[str, Any] = answer.raise_for_status().json()
        return [reason["text"] for reason in report["reasons"] if "revenue.yaml" in reason["text"]]

    def targets(self, key: str) -> set[float | None]:
        return {row["Objectif"] for row in self.made.board.rows().values() if row["Hub"].startswith(key)}

    def log(self) -> str:
        return (self.made.folder / "log").read_text(encoding="utf-8")


def test_files_are_edited_broken_and_mended_while_webhooks_arrive(tmp_path: Path) -> None:
    with rig(tmp_path) as made, Nursery(made) as nursery:
        desk = Desk(made)
        sales(made.shop, random.Random(4), 200)
        events = told(made)
        for name in ("api", "worker"):
            nursery.start(name)
        until(lambda: _answers(made), "the API", PATIENCE)
        provider = Asking(made.port, events)
        try:
            provider.release(len(events) // 3)
            until(lambda: 12000.0 in desk.targets("cash_in"), "the first target", PATIENCE)

            desk.edit("target: 12000", "target: 13000")
            until(lambda: desk.targets("cash_in") >= {13000.0}, "the new target", PATIENCE)

            desk.edit("job: revenue_kpis", "jub: revenue_kpis")
            until(lambda: bool(desk.faults()), "the status says that the file is broken", PATIENCE)
            assert "the last good version goes on" in desk.faults()[0]
            until(lambda: "ERROR hub.mappings" in desk.log(), "the log says it too", PATIENCE)
            before = made.board.shown()
            provider.release(len(events) // 3)
            until(lambda: made.board.shown() != before, "the job goes on as it was", PATIENCE)

            desk.edit("jub: revenue_kpis", "job: revenue_kpis")
            until(lambda: not desk.faults(), "the mended file is noticed", PATIENCE)
            desk.edit("target: 13000", "target: 14000")
            provider.release(len(events))
            provider.finish(PATIENCE)
            until(lambda: 14000.0 in desk.targets("cash_in"), "the last target", PATIENCE)
        finally:
            provider.stop()
        with made.store() as store:
            until(lambda: is_quiet(store), "quiet", PATIENCE)
            nursery.stop("worker")
            judge(made, store, provider.acknowledged, [event_of(one) for one in events])
        assert len(provider.acknowledged) == len(events)
        assert provider.answers == {200}, "no delivery was refused while the files changed"
        assert desk.log().count("ERROR hub.mappings") <= 2, "each process says it once"


def _answers(made: Rig) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{made.port}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
