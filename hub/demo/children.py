"""The processes of the demo: Prefect's server, the API and the worker, in a folder and an environment of their own."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from flows.environment import prefect_environment, server_command
from hub.demo.example import BUSINESS, watched_business
from hub.demo.serving import HOST
from hub.demo.stage import FailedError, Stage
from hub.supervise import Process, Supervisor

HUB = (sys.executable, "-m", "hub")
TAIL = 15
"""Lines of a child's log that are shown when the demo fails."""


@dataclass(frozen=True, slots=True)
class House:
    """Where everything of one demo is: folder, ports, the key of the status."""

    folder: Path
    api_port: int
    prefect_port: int
    status_key: str

    @property
    def api(self) -> str:
        return f"http://{HOST}:{self.api_port}"

    @property
    def prefect(self) -> str:
        return f"http://{HOST}:{self.prefect_port}"

    @property
    def webhook(self) -> str:
        """The address to which Stripe delivers."""
        return f"{self.api}/webhooks/{BUSINESS}/stripe"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"


def furnish(folder: Path) -> House:
    """Put the example business into the folder and choose free ports. ConfigError when the example is not there."""
    watched_business(folder / "mappings")
    api_port, prefect_port = _free_ports(2)
    house = House(folder, api_port, prefect_port, secrets.token_urlsafe(24))
    house.logs.mkdir()
    (house.data / "prefect").mkdir(parents=True)
    return house


def _free_ports(count: int) -> list[int]:
    """Ports of which nobody listens on any; all held at once, so that they differ."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


@contextmanager
def apart(folder: Path) -> Iterator[None]:
    """Inside the block this process and its children know nothing of the user's settings, keys and .env file."""
    before = dict(os.environ)
    for name in before:
        if name.upper().startswith(("HUB_", "PREFECT_")):
            del os.environ[name]
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def environment(house: House, keys: Mapping[str, str]) -> dict[str, str]:
    """What every child is told. `keys`: connection and field, like STRIPE_API_KEY, to its value."""
    return {
        **prefect_environment(house.data, house.prefect_port),
        "HUB_DATA": str(house.data),
        "HUB_MAPPINGS": str(house.folder / "mappings"),
        "HUB_HOST": HOST,
        "HUB_PORT": str(house.api_port),
        "HUB_PUBLIC_URL": house.api,
        "HUB_PREFECT_PORT": str(house.prefect_port),
        "HUB_STATUS_KEY": house.status_key,
        **{f"HUB_{BUSINESS.upper().replace('-', '_')}_{name}": value for name, value in keys.items()},
    }


def processes(house: House, environment: Mapping[str, str]) -> tuple[Process, Process, Process]:
    """Prefect, the API and the worker."""
    return (
        _quiet(house, "Prefect", server_command(house.prefect_port), environment, f"{house.prefect}/api/health"),
        _quiet(house, "the API", [*HUB, "api"], environment, f"{house.api}/healthz"),
        _quiet(house, "the worker", [*HUB, "worker"], environment, None),
    )


def command(stage: Stage, house: House, environment: Mapping[str, str], word: str, seconds: float) -> None:
    """Run `hub WORD` to its end. FailedError when it does not end well, or the time is up."""
    with (house.logs / f"{word}.log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603  our own command
            [*HUB, word], env={**os.environ, **environment}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            ended = stage.until(seconds, lambda: child.poll() is not None, every=0.05)
        finally:
            child.kill()
            child.wait()
    if not ended or child.returncode:
        raise FailedError(f"`hub {word}` did not do what it should.")


def _quiet(house: House, name: str, command: list[str], environment: Mapping[str, str], ready: str | None) -> Process:
    log = house.logs / f"{name.rsplit(maxsplit=1)[-1].lower()}.log"
    return Process(name, command, environment, ready=ready, log=log)


@contextmanager
def running(stage: Stage, *children: Process) -> Iterator[None]:
    """The children run inside the block, and are started again when they end; at its end they are stopped in order."""
    supervisor = Supervisor(children, stage.more)
    supervisor.stopping = stage.stopping
    try:
        supervisor.start()
        stage.tending.append(supervisor.tend)
        yield
    finally:
        stage.tending.clear()
        supervisor.stop()


def wait_until(stage: Stage, process: Process, seconds: float, reached: Callable[[], bool]) -> None:
    """Wait for what a child will have reached. FailedError when it ended by itself, or the time is up."""

    def look() -> bool:
        if process.failures:
            raise FailedError(f"{process.name} ended by itself.")
        return reached()

    if not stage.until(seconds, look, every=0.1):
        raise FailedError(f"{process.name} was not ready within {seconds:.0f} s.")


def answers(process: Process) -> bool:
    """Whether it answers at its address."""
    try:
        return httpx.get(process.ready or "", timeout=2.0).is_success
    except httpx.HTTPError:
        return False


def tails(house: House) -> list[str]:
    """The last lines of each child's log, for the person who reads that the demo failed."""
    lines = []
    for log in sorted(house.logs.glob("*.log")):
        text = log.read_text(encoding="utf-8", errors="replace").splitlines()
        if text:
            lines += ["", f"The last lines of {log.name}:", *(f"  {line}" for line in text[-TAIL:])]
    return lines
