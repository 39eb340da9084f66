"""The kit that sandboxes are built from: a provider in small, on a real socket.

A sandbox is a FastAPI app whose state is an object of a class made from `Sandbox`:

    class TodoSandbox(Sandbox):
        def error(self, kind: str) -> Answer: ...          # the provider's own body of a 429, 500, 503
        def refuse(self, call: Call) -> Answer | None: ... # keys, rate limits; None: go on

        @control
        def add_task(self, title: str) -> str: ...         # POST /_sandbox/add_task {"title": …}

    app = made(TodoSandbox(), routes)

It can be told to fail (`faults.add`, see `hub.sandbox.faults`), counts calls (`calls.counts`), posts webhooks with
retries (`outbox`), and its clock can be moved (`advance`). In process it is `app.state.sandbox`; over HTTP each control
is `POST /_sandbox/NAME` with its arguments as a JSON object.
"""

from hub.sandbox.base import Sandbox, control, made
from hub.sandbox.faults import Answer, Call, CallLog, Faults
from hub.sandbox.outbox import Outbox, Post

__all__ = ["Answer", "Call", "CallLog", "Faults", "Outbox", "Post", "Sandbox", "control", "made"]
