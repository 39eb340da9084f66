"""Lives of a hub that sends mails (`tests.lives`): one opens the slots of mails, takes its turns and ends, or is killed
(SIGKILL) at a step of its work.

A step is a commit (before it, after it), a mail that is begun, half of it handed over, all of it handed over, its
answer, its end. The steps of a life are written to a file as it comes to them.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import smtplib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from connectors.email import client
from connectors.email.messenger import EmailMessenger
from hub.engine import rounds
from hub.store.database import Store
from tests.lives import bring_up, lived

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
    with lived(said) as (runtime, worker, trace):
        Steps(said["die"], trace).watch()
        rounds.open_round(runtime)
        worker.turns(runtime)


def main() -> None:
    logging.basicConfig(level=logging.ERROR, format="%(process)d %(levelname)s %(name)s: %(message)s")
    for name in ("connectors.asana.spec", "connectors.email.spec", "connectors.asana.destination", "httpcore", "h11"):
        importlib.import_module(name)
    for name in ("templates", "subscriptions", "directory", "source"):
        importlib.import_module(f"connectors.asana.{name}")
    for name in ("directory", "source", "messenger"):
        importlib.import_module(f"connectors.email.{name}")
    bring_up(live)


if __name__ == "__main__":
    main()
