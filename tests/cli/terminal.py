"""A person at a terminal: a command in a pseudo-terminal of its own, read as she reads it and answered as she types."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0


@dataclass
class Terminal:
    """`screen`: everything that was shown, with what was echoed."""

    pid: int
    descriptor: int
    screen: str = ""
    _read: int = 0
    code: int | None = None

    def expect(self, words: str) -> None:
        """Until these words stand after what was expected last."""
        end = time.monotonic() + PATIENCE
        while (found := self.screen.find(words, self._read)) < 0:
            if time.monotonic() > end or not self._more(end - time.monotonic()):
                raise AssertionError(f"{words!r} did not come. The screen:\n{self.screen}")
        self._read = found + len(words)

    def type(self, line: str) -> None:
        os.write(self.descriptor, f"{line}\n".encode())

    def answer(self, words: str, line: str) -> None:
        """Type once the whole question stands there: what is typed before it would be echoed before it."""
        self.expect(words)
        end = time.monotonic() + PATIENCE
        while not self.screen.endswith(": "):
            if time.monotonic() > end or not self._more(end - time.monotonic()):
                raise AssertionError(f"After {words!r} nothing is asked. The screen:\n{self.screen}")
        self.type(line)

    def end(self) -> int:
        """Until the command has ended; its exit code."""
        while self._more(PATIENCE):
            pass
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def _more(self, seconds: float) -> bool:
        if not select.select([self.descriptor], [], [], max(seconds, 0.0))[0]:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the other side is gone
            return False
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        self.screen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        return bool(data)


@contextmanager
def terminal(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """`hub ARGUMENTS` in that folder, with a keyboard and a screen."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(folder)
        command = [sys.executable, "-W", "ignore", "-m", "hub", *arguments]
        os.execve(sys.executable, command, {**environment, "TERM": "dumb", "COLUMNS": "100"})  # noqa: S606  our own
    opened = Terminal(pid, descriptor)
    try:
        yield opened
    finally:
        if opened.code is None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(descriptor)
