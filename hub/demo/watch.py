"""What the demo knows of the hub and of Prefect, as anybody could: through their HTTP addresses."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from hub.demo.children import House
from hub.demo.example import BUSINESS
from hub.demo.stage import FailedError, Stage

START_SECONDS = 60.0


class Watch:
    """Asks the hub's status and Prefect's API."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._client = httpx.Client(timeout=5.0, headers={"Authorization": f"Bearer {house.status_key}"})

    def close(self) -> None:
        self._client.close()

    def status(self) -> dict[str, Any] | None:
        """The status of the business; None when the API does not answer."""
        try:
            answer = self._client.get(f"{self._house.api}/status/{BUSINESS}").raise_for_status()
        except httpx.HTTPError:
            return None
        found: dict[str, Any] = answer.json()
        return found

    def history_is_shown(self) -> bool:
        """Whether the worker has read the past and every job has shown it."""
        status = self.status()
        return status is not None and _is_idle(status) and all(job["last_ok"] for job in status["jobs"])

    def is_idle(self) -> bool:
        """Whether nothing waits to be read, planned or written."""
        status = self.status()
        return status is not None and _is_idle(status)

    def troubles(self) -> list[str]:
        """What a person would have to look at, a line each: dead, uncertain, held, failing, paused."""
        status = self.status()
        if status is None:
            return ["The hub's status does not answer."]
        found = [str(reason["text"]) for reason in status["reasons"]]
        found += [f"{name} effects are {name}" for name in ("failed", "uncertain") if status["ledger"].get(name)]
        found += [f"{one['name']}: {one['dead']} dead letters" for one in status["connections"] if one["dead"]]
        found += [f"{job['name']} holds a plan" for job in status["jobs"] if job["held_plan"]]
        return list(dict.fromkeys(found))

    def live_run(self) -> str | None:
        """The address of the run in Prefect that carries what arrives; None when Prefect does not know one."""
        wanted = {
            "flow_runs": {"tags": {"all_": [BUSINESS, "live"]}},
            "sort": "START_TIME_DESC",
            "limit": 1,
        }
        runs = self._prefect("/flow_runs/filter", wanted)
        return self._address(runs[0]["id"]) if runs else None

    def start(self, deployment: str, stage: Stage) -> str:
        """Start a run of the schedule, as the button in Prefect's UI does; its address there.

        FailedError when Prefect does not take it within a minute.
        """
        wanted = {"deployments": {"name": {"any_": [deployment]}}}
        # Under one name: asked again after an answer that was lost, it starts no second run.
        made = {"idempotency_key": uuid4().hex}
        runs: list[str] = []

        def started() -> bool:
            for found in self._prefect("/deployments/filter", wanted) or ():
                run = self._prefect(f"/deployments/{found['id']}/create_flow_run", made)
                runs.extend([run["id"]] if run else [])
            return bool(runs)

        if not stage.until(START_SECONDS, started, every=0.2):
            raise FailedError(f"Prefect does not start « {deployment} ».")
        return self._address(runs[0])

    def _prefect(self, path: str, wanted: dict[str, Any]) -> Any:
        """What Prefect's API answers; None when it does not, or is too busy."""
        try:
            # Without our key: it is none of Prefect's business.
            answer = httpx.post(f"{self._house.prefect}/api{path}", json=wanted, timeout=5.0)
            return answer.raise_for_status().json()
        except httpx.HTTPError:
            return None

    def _address(self, run: str) -> str:
        return f"{self._house.prefect}/runs/flow-run/{run}"


def _is_idle(status: dict[str, Any]) -> bool:
    waiting = any(connection["waiting"] for connection in status["connections"])
    return not waiting and not any(job["state"] == "waiting" for job in status["jobs"])
