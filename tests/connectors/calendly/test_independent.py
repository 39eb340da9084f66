"""The connector reads a server that none of us wrote: a mock made from Calendly's own description.

It needs node and the npm package @stoplight/prism-cli in the folder named by TEST_NODE_MODULES (its node_modules).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.calendly.client import Client
from connectors.calendly.settings import CalendlySettings
from connectors.calendly.spec import SPEC as CONNECTOR
from hub.core.errors import RecordError, TransientError
from hub.core.protocol import Connector, Context
from hub.core.types import Page
from tests.connectors.calendly.contract import SPEC
from tests.connectors.calendly.kit import Limiter, fetch

NODE = shutil.which("node")
PRISM = Path(os.environ.get("TEST_NODE_MODULES", "")) / "@stoplight" / "prism-cli" / "dist" / "index.js"
pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(not PRISM.is_file(), reason="TEST_NODE_MODULES names no folder with @stoplight/prism-cli"),
    pytest.mark.skipif(not SPEC.is_file(), reason="Calendly's description lies outside the repository"),
]
START_SECONDS = 90


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The mock's address."""
    assert NODE is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [NODE, str(PRISM.resolve()), "mock", "-h", "127.0.0.1", "-p", str(port), str(SPEC)]
    up = threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None

        def listen(lines: Iterator[str]) -> None:
            for line in lines:
                if "listening on" in line:
                    up.set()

        reader = threading.Thread(target=listen, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            assert up.wait(START_SECONDS), "the mock did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)
            reader.join(5)


@pytest.fixture
def live(mock: str) -> Iterator[Connector]:
    settings = CalendlySettings.model_validate({"api_key": "any", "base_url": mock})
    context = Context(limiter=lambda *_: Limiter(), now=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    with CONNECTOR.connect(settings, context) as made:
        yield made


def test_things_are_fetched_from_it(live: Connector) -> None:
    booking = fetch(live, "booking", "GBGBDCAADAEDCRZ2/AAAAAAAAAAAAAAAA")
    assert booking.fields["title"] == "15 Minute Meeting"
    assert booking.fields["location"] == "Calendly Office"
    assert fetch(live, "event_type", "AAAAAAAAAAAAAAAA").fields["minutes"] == 30
    assert fetch(live, "user", "AAAAAAAAAAAAAAAA").fields["role"] == "admin"
    assert fetch(live, "signup", "AAAAAAAAAAAAAAAA").fields["who"]


def test_a_list_whose_pages_never_end_is_not_taken_as_whole(live: Connector) -> None:
    assert live.source is not None
    for stream in ("event_type", "user", "booking", "signup"):
        got: list[Page] = []
        # The mock answers every page with the same token of a next one.
        with pytest.raises(TransientError, match=r"repeats itself"):
            deque(map(got.append, live.source.read(stream, None)), maxlen=0)
        if stream in ("event_type", "user"):  # its appointments have no invitees; forms come before submissions
            assert got[0].records[0].stream == stream


def test_it_refuses_what_calendly_would_refuse(mock: str) -> None:
    client = Client(CalendlySettings.model_validate({"api_key": "any", "base_url": mock}), Limiter())
    try:
        made = client.post(
            "/scheduling_links", {"max_event_count": 1, "owner": "https://a.b/c", "owner_type": "EventType"}
        )
        assert made["booking_url"].startswith("https://")
        with pytest.raises(RecordError) as raised:
            client.post("/scheduling_links", {"max_event_count": 2})
        assert "/scheduling_links" in str(raised.value)
    finally:
        client.close()


def test_appointments_are_changed_at_it(live: Connector) -> None:
    assert live.bookings is not None
    live.bookings.mark_no_show("GBGBDCAADAEDCRZ2/AAAAAAAAAAAAAAAA")
    live.bookings.cancel("GBGBDCAADAEDCRZ2/AAAAAAAAAAAAAAAA", "x")
    assert live.bookings.single_use_link("AAAAAAAAAAAAAAAA").startswith("https://")
