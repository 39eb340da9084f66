"""A folder as an OBM has one, sandboxes behind its keys, and the command line in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from connectors.notion.sandbox import create_app as notion_app
from connectors.notion.sandbox.control import NotionSandbox
from connectors.stripe.sandbox import create_app as stripe_app
from connectors.stripe.sandbox.control import Control
from hub.demo.example import small_business
from tests.cli import warm
from tests.sandboxes.serve import serve

KEY = "status-key-of-the-tests"
LILA = "atelier-lila"
LONG = 120.0
"""Seconds after which something that is waited for is given up. A machine under load is slow; a defect is for ever."""

_numbers = count(1)


@dataclass(frozen=True)
class Boxes:
    """Both sandboxes, served."""

    stripe: Any
    stripe_url: str
    notion: NotionSandbox
    notion_url: str


@contextmanager
def boxes() -> Iterator[Boxes]:
    stripe, notion = stripe_app(), notion_app()
    with serve(stripe) as stripe_url, serve(notion) as notion_url:
        yield Boxes(stripe.state.sandbox, stripe_url, notion.state.sandbox, notion_url)


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def everything(self) -> str:
        return self.out + self.err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A command that keeps running; its output is gathered as it comes."""

    popen: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line)
        self.popen.stdout.close()

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def wait_for(self, words: str, times: int = 1) -> None:
        """Until that was printed so often."""
        until(lambda: self.text.count(words) >= times, lambda: f"{words!r} in:\n{self.text}")

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        code = self.popen.wait(LONG)
        self._reader.join(LONG)
        return code

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        return self.wait()

    def children(self) -> dict[str, int]:
        """The processes that it started: the last word of the command line (or "prefect") and the number."""
        found: dict[str, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_text().split("\0")[:-1]
            except OSError:
                continue
            if int(status[1]) == self.popen.pid and words and status[0] != "Z":
                found["prefect" if "uvicorn" in words else words[-1]] = int(entry.name)
        return found


def until(true: Callable[[], object], what: Callable[[], str] | str = "it", seconds: float = LONG) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for {what if isinstance(what, str) else what()}")
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether that process runs; one that has ended and that nobody has asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def told_by(folder: Path, environment: Mapping[str, str], *arguments: str) -> Told:
    """Run a command of the hub in that folder to its end."""
    return Told(*warm.run(folder, environment, arguments, patience=LONG))


@dataclass
class Site:
    """The folder, the accounts, and `hub` in that folder."""

    folder: Path
    boxes: Boxes
    shop: Control
    page: str
    environment: dict[str, str]

    def hub(self, *arguments: str, **extra: str) -> Told:
        """Run a command to its end. `extra`: environment variables of this one run."""
        return told_by(self.folder, {**self.environment, **extra}, *arguments)

    @contextmanager
    def running(self, *arguments: str, **extra: str) -> Iterator[Running]:
        """A command that keeps running, in a process group of its own, ended with the block."""
        popen = subprocess.Popen(
            [sys.executable, "-m", "hub", *arguments],
            cwd=self.folder,
            env={**self.environment, **extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        running = Running(popen)
        try:
            yield running
        finally:
            children = running.children()
            if popen.poll() is None:
                popen.terminate()
            try:
                popen.wait(60)
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()
                raise
            finally:
                running.wait()
                until(lambda: not any(alive(pid) for pid in children.values()), f"the end of {children}", 60)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.environment['HUB_PORT']}"

    def status(self) -> dict[str, Any]:
        """What the status API answers."""
        answer = httpx.get(f"{self.api}/status", headers={"Authorization": f"Bearer {KEY}"}, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def titles(self) -> list[str]:
        """The tables in the shared page's workspace."""
        workspace = self.environment["WORKSPACE"]
        return [each["title"] for each in self.boxes.notion.tables(workspace)]


@contextmanager
def site(made: Boxes, folder: Path, *, sales: int = 3) -> Iterator[Site]:
    """A business with some sales at accounts of its own, so that tests do not meet."""
    number = next(_numbers)
    unique = f"{os.getpid()}x{number}"
    shop = made.stripe.account(f"sk_test_cli{unique}")
    now = datetime.now(UTC)
    for each in range(sales):
        shop.sell(amount=10_000, product="Formation", at=now - timedelta(days=each * 9))
    workspace = f"Workspace {unique}"
    made.notion.add_token(f"ntn_cli{unique}", workspace)
    page = made.notion.share_page("Atelier Lila", workspace)
    small_business(folder / "mappings")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PREFECT_"))}
    environment = {
        **clean,
        "PYTHONUNBUFFERED": "1",
        "WORKSPACE": workspace,
        "HUB_STATUS_KEY": KEY,
        "HUB_PORT": str(free_port()),
        "HUB_PREFECT_PORT": str(free_port()),
        "HUB_ATELIER_LILA_STRIPE_API_KEY": f"sk_test_cli{unique}",
        "HUB_ATELIER_LILA_STRIPE_BASE_URL": made.stripe_url,
        "HUB_ATELIER_LILA_NOTION_API_KEY": f"ntn_cli{unique}",
        "HUB_ATELIER_LILA_NOTION_BASE_URL": made.notion_url,
    }
    made.notion.clear_faults()
    made.stripe.faults.clear()
    yield Site(folder, made, shop, page, environment)
    made.notion.clear_faults()
    made.stripe.faults.clear()
