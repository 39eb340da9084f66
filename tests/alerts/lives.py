"""Short lives of the hub, each a process of its own: one opens the slots of mails, takes its turns and ends, or is
killed (SIGKILL) at a step of its work. Each is forked from this process, which has everything imported and nothing
opened. Reads a life as a line of JSON and answers with the process id.

A step is a commit (before it, after it), a mail that is begun, half of it handed over, all of it handed over, its
answer, its end. The steps of a life are written to a file as it comes to them.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import logging
import os
import signal
import smtplib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection

from connectors import registry
from connectors.email import client
from connectors.email.messenger import EmailMessenger
from hub.bootstrap import open_hub
from hub.engine import rounds
from hub.engine.heart import Heart
from hub.engine.worker import Worker
from hub.planning.workdays import holidays_of
from hub.settings import load_settings
from hub.store.database import Store

log = logging.getLogger("hub.lives")

PATIENCE = 0.25
"""Seconds in which the answer to a mail's content must come."""
PR_SET_PDEATHSIG = 1
HANDED_OVER = "a mail is handed over"


class Steps:
    """Counts the steps of a life; at step `die` the process kills itself, as hard as anybody can."""

    def __init__(self, die: int | None, trace: int) -> None:
        self._die = die
        self._trace = trace
        self._count = 0
        self._lock = threading.Lock()

    def step(self, name: str) -> None:
        with self._lock:
            self._count += 1
            os.write(self._trace, f"{name}\n".encode())
            if self._count == self._die:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()

    def watch(self) -> None:
        """From now on, for the rest of this process."""
        for name in ("write", "quick"):
            setattr(Store, name, self._commit(name, getattr(Store, name)))
        hand_over, send = client.Smtp._hand_over, EmailMessenger.send

        def handing_over(smtp: client.Smtp, server: smtplib.SMTP, mail: Any) -> None:
            raw, reply = server.send, server.getreply

            def in_halves(content: Any) -> None:
                raw(content[: len(content) // 2])
                self.step("half of a mail is handed over")
                raw(content[len(content) // 2 :])
                self.step(HANDED_OVER)

            def answered() -> Any:
                said = reply()
                self.step("a mail is answered")
                return said

            server.send, server.getreply = in_halves, answered  # type: ignore[assignment, method-assign]
            try:
                hand_over(smtp, server, mail)
            finally:
                server.send, server.getreply = raw, reply  # type: ignore[method-assign]

        def sending(messenger: EmailMessenger, letter: Any) -> None:
            self.step("before a mail")
            send(messenger, letter)
            self.step("after a mail")

        client.Smtp._hand_over = handing_over  # type: ignore[assignment, method-assign]
        EmailMessenger.send = sending  # type: ignore[assignment, method-assign]

    def _commit(self, name: str, open_: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def transaction(store: Store) -> Iterator[Connection]:
            where = sys._getframe(2).f_globals["__name__"]
            counted = where != "hub.store.limits"  # one for each call, and none of them says anything of a mail
            with open_(store) as conn:
                yield conn
                if counted:
                    self.step(f"before the commit of {name} in {where}")
            if counted:
                self.step(f"after the commit of {name} in {where}")

        return transaction


def live(said: Mapping[str, Any]) -> None:
    """One life."""
    os.environ.update(said["environment"])
    client.Patience = partial(client.Patience, content=PATIENCE)  # type: ignore[misc, assignment]
    client.THROTTLED = 0.1
    begin, born = datetime.fromisoformat(said["at"]), time.monotonic()

    def clock() -> datetime:
        return begin + timedelta(seconds=time.monotonic() - born)

    with open_hub(load_settings(), clock) as hub:
        runtime = hub.runtimes["lila"]
        worker = Worker(hub.store, hub.runtimes, now=clock)
        heart = Heart(hub.store, worker.owner, clock, threading.Event())
        heart.take_over()
        heart.beat()
        trace = os.open(said["trace"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        Steps(said["die"], trace).watch()
        rounds.open_round(runtime)
        worker.turns(runtime)
        heart.stop()
    os.write(trace, b"end\n")


def fork(said: Mapping[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        live(said)
    except BaseException:
        log.exception("a life ended otherwise than it should")
    finally:
        os._exit(0)


def main() -> None:
    logging.basicConfig(level=logging.ERROR, format="%(process)d %(levelname)s %(name)s: %(message)s")
    for name in ("connectors.asana.spec", "connectors.email.spec", "connectors.asana.destination", "httpcore", "h11"):
        importlib.import_module(name)
    for name in ("templates", "subscriptions", "directory", "source"):
        importlib.import_module(f"connectors.asana.{name}")
    for name in ("directory", "source", "messenger"):
        importlib.import_module(f"connectors.email.{name}")
    holidays_of("FR")
    registry.names = cache(registry.names)  # looks at every installed package
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    for line in sys.stdin:
        sys.stdout.write(f"{fork(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
