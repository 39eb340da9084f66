"""One process tree: starts the hub's processes in order, keeps them running, stops them in the opposite order.

A process that ends by itself is started again, after a longer pause each time; a process that cannot even start twice
in a row says so loudly and is still tried, because the others (and what they store) must not depend on it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from hub.core.errors import ConfigError

STOP_SECONDS = 20.0
"""How long a process may take to finish what it is doing before it is killed."""

PATIENCE_SECONDS = 90.0
LAST_LINES = 12
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Process:
    """One child. `ready` is an address that answers 2xx when the process can be used; None: nothing to wait for.

    `log`: the file that takes what it prints; None: our own output does. `after`: the name of a process that must
    answer before this one starts for the first time, or have had `PATIENCE_SECONDS` for it.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str | None = None
    log: Path | None = None
    after: str | None = None
    popen: subprocess.Popen[bytes] | None = field(default=None, init=False)
    failures: int = field(default=0, init=False)
    again_at: float = field(default=0.0, init=False)
    begun_at: float = field(default=0.0, init=False)
    log_size: int = field(default=0, init=False)
    """How long the log was before: what it says after that is of this start."""


class Supervisor:
    """`say` gets a line for a person at each step."""

    def __init__(self, processes: Sequence[Process], say: Callable[[str], None]) -> None:
        self._processes = processes
        self._say = say
        self.stopping = threading.Event()
        self._started = 0.0

    def start(self) -> None:
        """Start each process, but those that wait for another: `tend` starts them."""
        self._started = time.monotonic()
        for process in self._processes:
            if process.after is None:
                self._spawn(process)

    def wait_ready(self, name: str, seconds: float) -> None:
        """Until that process answers. ConfigError, with its last words, when it ended or took more than `seconds`."""
        process = self._named(name)
        until = time.monotonic() + seconds
        while not self.stopping.is_set() and process.ready is not None and not _answers(process.ready):
            self.tend()
            if process.failures:
                raise ConfigError(f"{name} ended as soon as it was started.{_last_words(process)}")
            if time.monotonic() > until:
                raise ConfigError(
                    f"{name} did not answer at {process.ready} within {seconds:.0f} seconds.{_last_words(process)}"
                )
            self.stopping.wait(0.1)

    def run(self) -> None:
        """Keep everything running until `stop` is called."""
        while not self.stopping.wait(0.2):
            self.tend()

    def tend(self) -> None:
        """Start again what has ended by itself, and for the first time what has waited for another."""
        for process in self._processes:
            if process.popen is not None and process.popen.poll() is not None:
                self._ended(process, process.popen.returncode)
            elif process.popen is None and not self.stopping.is_set() and self._may_start(process):
                self._spawn(process)

    def _may_start(self, process: Process) -> bool:
        if process.after is not None:
            ready = self._named(process.after).ready
            waited = time.monotonic() - self._started
            if ready is not None and waited < PATIENCE_SECONDS and not _answers(ready):
                return False
            process.after = None
        return time.monotonic() >= process.again_at

    def _ended(self, process: Process, code: int) -> None:
        if time.monotonic() - process.begun_at > PAUSES[-1]:
            process.failures = 0  # it ran well for a while: this is a new story
        pause = PAUSES[min(process.failures, len(PAUSES) - 1)]
        self._say(f"{process.name} ended ({_code(code)}); it starts again in {pause:.0f} s.{_last_words(process)}")
        process.popen = None
        process.failures += 1
        process.again_at = time.monotonic() + pause

    def _named(self, name: str) -> Process:
        return next(process for process in self._processes if process.name == name)

    def stop(self) -> None:
        """Ask each process to finish, the last one started first; kill what does not."""
        self.stopping.set()
        for process in reversed(self._processes):
            if process.popen is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.popen.send_signal(signal.SIGTERM)
            try:
                process.popen.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._say(
                    f"{process.name} did not stop within {STOP_SECONDS:.0f} s and was killed; nothing stored is lost"
                )
                process.popen.kill()
                process.popen.wait()

    def pids(self) -> dict[str, int]:
        return {process.name: process.popen.pid for process in self._processes if process.popen is not None}

    def _spawn(self, process: Process) -> None:
        process.begun_at = time.monotonic()
        process.log_size = _size(process.log)
        with contextlib.nullcontext() if process.log is None else process.log.open("ab") as output:
            process.popen = subprocess.Popen(  # noqa: S603  our own commands
                list(process.command),
                env={**os.environ, **process.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  one system call, looked up before the fork
            )


def _die_with_parent() -> Callable[[], object] | None:
    """On Linux the kernel ends the child when we are killed, so that nothing is left behind."""
    if sys.platform != "linux":
        return None
    return partial(ctypes.CDLL(None).prctl, PR_SET_PDEATHSIG, signal.SIGTERM)


def _size(log: Path | None) -> int:
    return log.stat().st_size if log is not None and log.exists() else 0


def _last_words(process: Process) -> str:
    """The end of what it has printed since it was started; nothing when it prints where we do."""
    if process.log is None or not process.log.exists():
        return ""
    with process.log.open("rb") as file:
        file.seek(process.log_size)
        lines = file.read().decode(errors="replace").strip().splitlines()
    shown = "".join(f"\n    {line}" for line in lines[-LAST_LINES:])
    return f" The end of {process.log}:{shown}" if shown else ""


def _code(code: int) -> str:
    """-9 is "killed by signal 9", 1 is "exit code 1"."""
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  our own address
            return bool(200 <= response.status < 300)
    except (urllib.error.URLError, OSError):
        return False


def port_is_free(host: str, port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def need_port(host: str, port: int, setting: str, what: str) -> None:
    """ConfigError when the port is taken."""
    if not port_is_free(host, port):
        raise ConfigError(
            f"{what} cannot listen on {host}:{port}, another program does. "
            f"Stop that program (is a hub already running?) or set {setting} to a free port."
        )
