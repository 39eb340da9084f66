"""What the parts of the demo share: lines with the seconds since the start, and waiting that a signal ends."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from hub.core.errors import HubError

LOOK_SECONDS = 0.02
"""How often a figure that is waited for is looked at."""
INDENT = " " * 11
WIDEST = 110
"""Letters in a line, however wide the terminal is."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM: raised where the demo waits, so that nothing is left half done."""


class FailedError(HubError):
    """The demo cannot go on; the message says what did not happen."""


class Stage:
    """`say` takes a line for a person. `stopping` is set by a signal."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._started = time.monotonic()
        self.width = min(shutil.get_terminal_size((100, 40)).columns, WIDEST)
        self.stopping = threading.Event()
        self.tending: list[Callable[[], None]] = []
        """Called again and again while something is waited for: they keep the children running."""

    def line(self, text: str) -> None:
        """A line with the seconds since the start."""
        self._say(f"{time.monotonic() - self._started:7.1f} s  {text}")

    def more(self, text: str = "") -> None:
        """A line that belongs to the one above."""
        self._say(f"{INDENT}{text}".rstrip())

    def plain(self, lines: Sequence[str]) -> None:
        """Lines as they are."""
        for line in lines:
            self._say(line)

    def check(self) -> None:
        """Stopped after a signal."""
        if self.stopping.is_set():
            raise Stopped

    def until(self, seconds: float, reached: Callable[[], bool], *, every: float = LOOK_SECONDS) -> bool:
        """Wait until it is reached, looking `every` so many seconds; False when the time is up. Stopped by a signal."""
        last = time.monotonic() + seconds
        while not reached():
            for tend in self.tending:
                tend()
            if time.monotonic() > last:
                return False
            self.stopping.wait(every)
            self.check()
        return True

    def forever(self) -> None:
        """Wait for a signal."""
        while not self.stopping.wait(0.2):
            for tend in self.tending:
                tend()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """A signal only raises a flag: an exception at any place could leave a child that nobody knows of."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopping.set()

        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means it
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
