"""Serve an ASGI app on a real socket, in a thread of this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

HOST = "127.0.0.1"
START_SECONDS = 20
STOP_SECONDS = 10


class _Server(uvicorn.Server):
    """A uvicorn server that tells when it accepts connections, so that nobody has to poll or sleep."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


@contextmanager
def serve(app: Any, port: int = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 and `port` (0: a free one); yield its base URL, such as "http://127.0.0.1:40123".

    Raises OSError when the port is taken, RuntimeError when the server is not up within 20 s or not down within 10 s of
    the end of the block.
    """
    # asyncio turns Nagle's delay off (40 ms an answer) only where the socket names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    config = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan="on", timeout_graceful_shutdown=2, ws="none"
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served-app", daemon=True)
    thread.start()
    try:
        if not server.ready.wait(START_SECONDS):
            raise RuntimeError("The app was not served within 20 s: its start-up failed or hangs.")
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()
    if thread.is_alive():
        raise RuntimeError("The served app did not stop within 10 s: a request of it never ends.")
