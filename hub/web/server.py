"""Run the web part on a socket until SIGTERM or SIGINT, then finish what has begun."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from hub.core.errors import ConfigError

STOP_SECONDS = 10
"""How long requests under way may take to end after a signal."""


class _Server(uvicorn.Server):
    """uvicorn repeats the signal once it has stopped, which would kill the process before it closes its database."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until told to stop, and return. ConfigError when the address cannot be had. Port 0: any free one."""
    with listen(host, port) as listening:
        server(app).run(sockets=[listening])


def server(app: FastAPI) -> uvicorn.Server:
    """The server, not yet running. It logs no request: an address may hold a key."""
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nothing here depends on who asked or by which address
            lifespan="on",
            ws="none",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, had before anything starts, so that a taken port is told in words and at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise ConfigError(f"The hub cannot listen on {host!r}: {error.strerror}. Set HUB_HOST.") from error
    # With its protocol named, asyncio turns off the delaying of small packets; without, each answer takes 40 ms.
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise ConfigError(_why(host, port, error)) from error
    return listening


def _why(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is in use by another program. Stop that one, or set HUB_PORT to a free port."
        case errno.EACCES:
            return f"Port {port} on {host} is not allowed to this user. Set HUB_PORT to a port above 1023."
        case errno.EADDRNOTAVAIL:
            return f"{host} is not an address of this machine. Set HUB_HOST to one, or to 127.0.0.1."
    return f"The hub cannot listen on {host}, port {port}: {error.strerror}. Set HUB_HOST and HUB_PORT."
