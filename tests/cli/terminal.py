"""A person at a terminal: a command in a pseudo-terminal of its own, read as she reads it and answered as she types."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cli import warm

PATIENCE = 60.0


@dataclass
class Terminal:
    """`screen`: everything that was shown, with what was echoed. `file`: where the exit code will stand."""

    pid: int
    descriptor: int
    file: Path
    screen: str = ""
    _read: int = 0

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
        self._until(lambda: not self.alive, "the end of the command")
        return warm.ended(self.file)

    @property
    def alive(self) -> bool:
        return Path(f"/proc/{self.pid}").exists()

    def await_start(self, screen: Path) -> None:
        """Until all that it shows goes to this screen."""
        self._until(lambda: not self.alive or Path(f"/proc/{self.pid}/fd/2").resolve() == screen, "the command")

    def _until(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"{what} did not come. The screen:\n{self.screen}"
            time.sleep(0.005)

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
    with TemporaryDirectory() as place:
        descriptor, other_side = os.openpty()
        screen, code = Path(os.ttyname(other_side)), Path(place, "code")
        said = {**environment, "TERM": "dumb", "COLUMNS": "100"}
        opened = Terminal(warm.begin(folder, said, arguments, [screen] * 3, code), descriptor, code)
        opened.await_start(screen)
        os.close(other_side)
        try:
            yield opened
        finally:
            if not code.exists():
                with suppress(ProcessLookupError):
                    os.kill(opened.pid, signal.SIGKILL)
            os.close(descriptor)
