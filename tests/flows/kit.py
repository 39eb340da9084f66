"""One whole `hub up` with a real Prefect server, shared by the tests of this folder, and Prefect's own REST API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from connectors.email.sandbox import EmailSandbox
from tests.cli.site import LILA, Boxes, Running, Site, until

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
BUSY = 503
"""What Prefect's server answers while SQLite is locked, as when it schedules the runs of a new deployment."""
Json = dict[str, Any]


class Prefect:
    """What Prefect's UI asks its server, asked by us. Paths and bodies as in the server's own /docs."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/api", timeout=30)

    def close(self) -> None:
        self._client.close()

    def ask(self, path: str, **body: Any) -> Any:
        return self._asked("POST", path, body).json()

    def _asked(self, method: str, path: str, body: Json) -> httpx.Response:
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(self._client.request(method, path, json=body))
            return answers[-1].status_code != BUSY

        until(answered, lambda: f"Prefect's answer to {path}")
        return answers[-1].raise_for_status()

    def runs(self, flow: str, **run_filter: Any) -> list[Json]:
        """The runs of a flow, the one that started last first."""
        found: list[Json] = self.ask(
            "/flow_runs/filter", flows={"name": {"any_": [flow]}}, flow_runs=run_filter, sort="START_TIME_DESC"
        )
        return found

    def run(self, run_id: str) -> Json:
        found: Json = self._client.get(f"/flow_runs/{run_id}").raise_for_status().json()
        return found

    def tasks(self, run_id: str) -> list[Json]:
        found: list[Json] = self.ask("/task_runs/filter", flow_runs={"id": {"any_": [run_id]}})
        return found

    def log(self, run_id: str) -> list[Json]:
        found: list[Json] = self.ask("/logs/filter", logs={"flow_run_id": {"any_": [run_id]}}, sort="TIMESTAMP_ASC")
        return found

    def artifacts(self) -> list[Json]:
        found: list[Json] = self.ask("/artifacts/filter", sort="CREATED_DESC")
        return found

    def deployments(self) -> dict[str, Json]:
        return {each["name"]: each for each in self.ask("/deployments/filter")}

    def upcoming(self, deployment: str) -> list[Json]:
        found: list[Json] = self.ask(
            "/flow_runs/filter",
            deployments={"id": {"any_": [deployment]}},
            flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}},
        )
        return found

    def change(self, deployment: str, **body: Any) -> None:
        self._asked("PATCH", f"/deployments/{deployment}", body)

    def start(self, name: str) -> Json:
        """Start a deployment by hand, as the UI's button does, and wait for its end."""
        path = f"/deployments/{self.deployments()[name]['id']}/create_flow_run"
        begun = self.ask(path, idempotency_key=uuid4().hex)
        until(lambda: self.run(begun["id"])["state"]["type"] in FINAL, lambda: f"{self.run(begun['id'])}")
        return self.run(begun["id"])


@dataclass(frozen=True)
class House:
    """A site at work, with its Prefect and the server of its mails."""

    site: Site
    boxes: Boxes
    up: Running
    prefect: Prefect
    post: EmailSandbox

    def sell(self, amount: int) -> None:
        """A sale that Stripe tells of by webhook, until the hub has read it and has written what it changed."""
        before = self.written()
        self.site.shop.sell(amount=amount, product="Extra", deliver=True)
        self.boxes.stripe.webhooks.wait(60)
        until(lambda: self.written() > before, lambda: f"something written after a sale:\n{self.up.text}")

    def written(self) -> int:
        """How many calls have written to Notion's pages and blocks so far."""
        return sum(
            n for (method, route), n in self.boxes.notion.calls.items() if method == "PATCH" and "pages" in route
        )

    def live(self) -> Json:
        """The live run that is open."""
        until(self._open, "an open live run")
        return self._open()[0]

    def _open(self) -> list[Json]:
        return self.prefect.runs("live", state={"type": {"any_": ["RUNNING"]}})

    @property
    def key(self) -> str:
        return LILA
