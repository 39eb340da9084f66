"""Short lives of the hub, each a process of its own that may be killed.

Each is forked from one process that has everything imported and nothing opened. That process reads a life as a line of
JSON and answers with the process id; a life reads its line by `lived`, and writes what it comes to into a trace.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from connectors import registry
from connectors.email import client
from hub.bootstrap import open_hub
from hub.engine.heart import Heart
from hub.engine.runtime import Runtime
from hub.engine.worker import Worker
from hub.planning.workdays import holidays_of
from hub.settings import load_settings
from tests.paths import ROOT
from tests.trust import read_once

log = logging.getLogger("hub.lives")

PATIENCE = 0.25
"""Seconds in which the answer to a mail's content must come."""
_PR_SET_PDEATHSIG = 1


@dataclass
class Lives:
    """Starts lives of the hub."""

    process: subprocess.Popen[str]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, line: Mapping[str, Any]) -> int:
        """Begin a life; its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.lock:
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline())


@contextmanager
def lives_of(module: str) -> Iterator[Lives]:
    """The process from which the lives of a module are forked; its `main` calls `bring_up`."""
    command = [sys.executable, "-m", module]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield Lives(process)
    assert process.stdin is not None
    process.stdin.close()
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()


@cache
def lasting(module: str) -> Lives:
    """The same, for all tests that this process runs."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(lives_of(module))


def bring_up(live: Callable[[Mapping[str, Any]], None]) -> None:
    """Fork a life for each line, until there are no more."""
    holidays_of("FR")
    read_once()
    registry.names = cache(registry.names)  # looks at every installed package
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    for line in sys.stdin:
        sys.stdout.write(f"{_fork(live, json.loads(line))}\n")
        sys.stdout.flush()


def _fork(live: Callable[[Mapping[str, Any]], None], said: Mapping[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        live(said)
    except BaseException:
        log.exception("a life ended otherwise than it should")
    finally:
        os._exit(0)


@contextmanager
def lived(said: Mapping[str, Any]) -> Iterator[tuple[Runtime, Worker, int]]:
    """A hub with its worker, at the instant that the line says, and the trace to write to; the end is written there."""
    os.environ.update(said["environment"])
    client.Patience = partial(client.Patience, content=PATIENCE)  # type: ignore[misc, assignment]
    client.THROTTLED = 0.1
    begin, born = datetime.fromisoformat(said["at"]), time.monotonic()

    def clock() -> datetime:
        return begin + timedelta(seconds=time.monotonic() - born)

    with open_hub(load_settings(), clock) as hub:
        worker = Worker(hub.store, hub.runtimes, now=clock)
        heart = Heart(hub.store, worker.owner, clock, threading.Event())
        heart.take_over()
        heart.beat()
        trace = os.open(said["trace"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        yield hub.runtimes["lila"], worker, trace
        heart.stop()
    os.write(trace, b"end\n")
