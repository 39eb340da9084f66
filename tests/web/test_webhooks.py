"""What a provider meets at /webhooks, on a real socket, with real signatures."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, event

from connectors.stripe.webhook import StripeWebhook
from hub.store import changes, connections, dead, deliveries
from hub.store.connections import ConnectionState
from hub.store.database import Store, open_store
from hub.web.webhooks import MAX_BODY
from tests.paths import ROOT
from tests.web.conftest import LILA, MARC, NOON, Web, running
from tests.web.stripe_like import SECRET, body_of, signed


def kept(store: Store, business: str = LILA) -> list:
    with store.read() as conn:
        return list(deliveries.recent(conn, business, limit=1_000))


def state(store: Store, business: str = LILA) -> ConnectionState:
    with store.read() as conn:
        return next(one for one in connections.listing(conn, business) if one.connection == "stripe")


def waiting(store: Store, business: str = LILA) -> int:
    with store.read() as conn:
        found = changes.waiting(conn, business).get("stripe")
    return found.count if found else 0


@contextmanager
def own_process(database: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.web.serve", f"sqlite:///{database}"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def exchange(port: int, request: bytes) -> bytes:
    """Send these bytes as they are, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_a_signed_delivery_is_kept_with_its_bytes_and_rings_its_record(web: Web) -> None:
    body = body_of("evt_1")

    answer = web.post(body, {**signed(body, NOON), "Authorization": "Basic eDp5", "Cookie": "a=b", "X-Extra": "plain"})

    assert answer.status_code == 200, answer.text
    (only,) = kept(web.store)
    assert (only.event_id, only.body, only.received_at, only.copies) == ("evt_1", body, NOON, 1)
    assert "stripe-signature" in only.headers
    assert not {"authorization", "cookie"} & set(only.headers)
    assert waiting(web.store) == 1
    assert state(web.store).last_delivery_at == NOON


def test_a_delivery_survives_a_kill_right_after_its_answer(tmp_path: Path) -> None:
    database = tmp_path / "hub.db"
    body = body_of("evt_killed")
    with own_process(database) as (process, port):
        answer = httpx.post(
            f"http://127.0.0.1:{port}/webhooks/{LILA}/stripe",
            content=body,
            headers=signed(body, datetime.now(UTC)),
            timeout=30,
            trust_env=False,
        )
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert answer.status_code == 200
    with open_store(f"sqlite:///{database}") as store:
        assert [one.event_id for one in kept(store)] == ["evt_killed"]


def test_repeats_and_bursts_are_counted_once(web: Web) -> None:
    bodies = [body_of(f"evt_{n}") for n in range(40)] * 3

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: web.post(body, signed(body, NOON)).status_code, bodies))

    assert answers == [200] * 120
    found = kept(web.store)
    assert len(found) == 40
    assert {one.copies for one in found} == {3}


def test_a_type_that_we_do_not_follow_is_kept_and_rings_nothing(web: Web) -> None:
    body = body_of("evt_1", kind="issuing_card.created")

    answer = web.post(body, signed(body, NOON))

    assert answer.status_code == 200
    assert len(kept(web.store)) == 1
    assert waiting(web.store) == 0


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "missing"),
        (signed(body_of("evt_1"), NOON, "whsec_of_somebody_else"), "none of our"),
        (signed(body_of("evt_2"), NOON), "none of our"),
        (signed(body_of("evt_1"), NOON - timedelta(minutes=6)), "older than 300"),
    ],
    ids=["unsigned", "other secret", "other body", "too old"],
)
def test_a_wrong_signature_is_refused_with_its_reason_and_counted(web: Web, headers: dict[str, str], says: str) -> None:
    answer = web.post(body_of("evt_1"), headers)

    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert answer.json()["where"] == f"/webhooks/{LILA}/stripe"
    assert answer.json()["todo"]
    assert SECRET not in answer.text
    assert kept(web.store) == []
    assert (state(web.store).refused, state(web.store).last_refused_why) == (1, answer.json()["error"])
    assert state(web.store, MARC).refused == 0


@pytest.mark.parametrize("path", [f"/webhooks/{LILA}/asana", "/webhooks/nobody/stripe", "/webhooks/nobody"])
def test_an_unknown_address_is_not_found(web: Web, path: str) -> None:
    body = body_of("evt_1")

    answer = web.post(body, signed(body, NOON), path)

    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "where", "todo"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_allowed(web: Web, method: str) -> None:
    answer = web.client.request(method, f"/webhooks/{LILA}/stripe")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"HEAD", "POST"}
    assert "POST" in answer.json()["todo"]


def test_a_provider_that_asks_whether_the_address_answers_is_told_so(web: Web) -> None:
    assert web.client.head(f"/webhooks/{LILA}/stripe").status_code == 200
    assert web.client.head(f"/webhooks/{LILA}/nobody").status_code == 404
    assert kept(web.store) == []


def test_a_secret_that_nobody_awaits_is_refused_and_counted(web: Web) -> None:
    web.awaited = False
    answer = web.post(b"", {"X-Hook-Secret": "of-a-stranger"})

    assert answer.status_code == 403
    assert "x-hook-secret" not in answer.headers
    assert "of-a-stranger" not in answer.text
    assert web.remembered == []
    stripe = next(each for each in web.status(LILA)["connections"] if each["name"] == "stripe")
    assert stripe["refused"] == 1


def test_a_signed_body_that_nobody_can_read_is_kept_and_shown(web: Web) -> None:
    for body in (b"\xff\xfe not json", body_of("evt_\ud800"), b"[]"):
        assert web.post(body, signed(body, NOON)).status_code == 200
        assert web.post(body, signed(body, NOON)).status_code == 200

    assert {one.body for one in kept(web.store)} == {b"\xff\xfe not json", body_of("evt_\ud800"), b"[]"}
    with web.store.read() as conn:
        assert dead.count(conn, LILA) == {"stripe": 3}
        assert dead.count(conn, MARC) == {}


def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(web: Web) -> None:
    def padded(event_id: str, size: int) -> bytes:
        return body_of(event_id, pad="x" * (size - len(body_of(event_id, pad=""))))

    fits, too_large = padded("evt_1", MAX_BODY), padded("evt_2", MAX_BODY + 1)
    assert len(fits) == MAX_BODY

    assert web.post(fits, signed(fits, NOON)).status_code == 200
    refused = web.post(too_large, signed(too_large, NOON))

    assert refused.status_code == 413
    assert str(MAX_BODY) in refused.json()["error"]
    assert [one.event_id for one in kept(web.store)] == ["evt_1"]


def test_a_declared_length_over_the_limit_is_refused_before_the_body_comes(web: Web) -> None:
    head = f"POST /webhooks/{LILA}/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n".encode()

    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as connection:
        connection.sendall(head)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_over_the_limit_is_refused_although_it_declares_no_length(web: Web) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    request = (
        f"POST /webhooks/{LILA}/stripe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        + chunk * 40
        + b"0\r\n\r\n"
    )

    answer = exchange(web.port, request)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert kept(web.store) == []


def test_a_chunked_body_within_the_limit_is_put_together_and_verified(web: Web) -> None:
    body = body_of("evt_1", pad="x" * 200_000)
    pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]

    assert web.client.post(
        f"/webhooks/{LILA}/stripe", content=iter(pieces), headers=signed(body, NOON)
    ).status_code == 200  # fmt: skip
    assert kept(web.store)[0].body == body


def test_a_caller_who_hangs_up_halfway_leaves_nothing_and_harms_nobody(web: Web) -> None:
    head = f"POST /webhooks/{LILA}/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as connection:
        connection.sendall(head + b"abc")
    body = body_of("evt_1")

    assert web.post(body, signed(body, NOON)).status_code == 200
    assert [one.event_id for one in kept(web.store)] == ["evt_1"]


def test_a_full_disk_answers_503_and_the_repeat_is_kept(web: Web) -> None:
    full = True

    def limit(conn: Connection) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count = {1 if full else 1_000_000}")

    event.listen(web.store.engine, "begin", limit)
    bodies = [body_of(f"evt_{n}", pad="x" * 200_000) for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(lambda body: web.post(body, signed(body, NOON)), bodies))
    full = False
    taken = [web.post(body, signed(body, NOON)).status_code for body in bodies]

    assert {answer.status_code for answer in refused} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert "full" in refused[0].json()["error"]
    assert taken == [200] * 8
    assert {(one.event_id, one.copies) for one in kept(web.store)} == {(f"evt_{n}", 1) for n in range(8)}
    assert waiting(web.store) == 1


def test_a_handshake_is_answered_and_its_secret_remembered(web: Web) -> None:
    answer = web.post(b"", {"X-Hook-Secret": "handed-over"})

    assert answer.status_code == 200
    assert answer.headers["x-hook-secret"] == "handed-over"
    assert web.remembered == ["handed-over"]
    assert kept(web.store) == []


def test_the_stripe_connector_verifies_and_reads_what_stripe_signs(store: Store) -> None:
    body = body_of("evt_1", kind="invoice.paid")
    untyped = b'{\n  "id": "evt_test_webhook",\n  "object": "event"\n}'

    with running(store, webhook=StripeWebhook()) as web:
        assert web.post(body, signed(body, NOON)).status_code == 200
        assert web.post(body, signed(body, NOON, "whsec_other")).status_code == 400
        assert web.post(untyped, signed(untyped, NOON)).status_code == 200

    assert {one.event_id for one in kept(store)} >= {"evt_1"}
    assert waiting(store) == 1
    with store.read() as conn:
        assert dead.count(conn, LILA) == {"stripe": 1}


def test_the_tests_sign_as_stripe_does() -> None:
    body = b'{\n  "id": "evt_test_webhook",\n  "object": "event"\n}'
    right = "t=1614556800,v1=fa0b5ccf7817f153d5f82b42b3e550fd47d0d5ed0eceffd9a2a99d68c4baca04"

    assert signed(body, datetime.fromtimestamp(1614556800, UTC), "whsec_test_secret")["Stripe-Signature"] == right
