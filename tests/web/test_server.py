"""Starting and stopping the web part."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from hub.core.errors import ConfigError
from hub.web.server import listen
from tests.web.test_webhooks import own_process


def test_a_port_in_use_is_told_with_its_number_and_the_setting() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigError, match=rf"Port {port} .* in use .*HUB_PORT"):
            listen("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_told_with_the_setting() -> None:
    with pytest.raises(ConfigError, match="HUB_HOST"):
        listen("192.0.2.1", 0)
    with pytest.raises(ConfigError, match="HUB_HOST"):
        listen("no-such-host.invalid", 0)


def test_answers_are_sent_at_once() -> None:
    """asyncio sets TCP_NODELAY only on sockets that name their protocol; an answer takes 40 ms without it."""
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_which_then_closes_its_database(tmp_path: Path, number: signal.Signals) -> None:
    with (
        own_process(tmp_path / "hub.db") as (process, port),
        socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
    ):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert out == "closed\n"
