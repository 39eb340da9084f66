"""Prefect's own settings, as environment variables. To be set before Prefect is imported; imports nothing of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOST = "127.0.0.1"


def prefect_environment(data: Path, port: int, api_url: str | None = None) -> dict[str, str]:
    """The variables for Prefect's server and clients.

    - everything Prefect keeps lies in the data folder, nothing in the home folder;
    - the UI is told its API's address, without which it shows empty pages on another port than 4200;
    - no telemetry, no advertisements; blocks are not registered on start (the hub uses none, and two servers that
      start on one empty database would race for them);
    - Prefect's own lines about each run ("Beginning …", "Finished in state …") stay out of the run's log, which
      holds the hub's; its calls are repeated for seconds, not for a minute, because work waits for them.
    """
    api = api_url or f"http://{HOST}:{port}/api"
    return {
        "PREFECT_HOME": str(data / "prefect"),
        "PREFECT_PROFILES_PATH": str(data / "prefect" / "profiles.toml"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_UI_API_URL": api,
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "WARNING",
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "WARNING",
        "PREFECT_CLIENT_MAX_RETRIES": "2",
        "PREFECT_API_REQUEST_TIMEOUT": "10",
        "PREFECT_CLI_PROMPT": "false",
    }


def use(environment: dict[str, str]) -> None:
    """Put the variables in force for this process and its children. Prefect's folder is made, for its database."""
    Path(environment["PREFECT_HOME"]).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.update(environment)


def server_command(port: int) -> list[str]:
    """Prefect's server as one process, without the command line around it that starts another."""
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
        *("--host", HOST, "--port", str(port), "--log-level", "warning", "--timeout-keep-alive", "65"),
    ]
