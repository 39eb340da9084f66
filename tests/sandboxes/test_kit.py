"""The kit that sandboxes are built from does what it is told: fails, counts, posts, moves its clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from fastapi import APIRouter

from hub.sandbox import Answer, Call, Post, Sandbox, control, made
from hub.sandbox.faults import KINDS, Meter
from hub.sandbox.outbox import exchange
from tests.sandboxes.serve import serve


class Counter(Sandbox):
    """A provider that counts to what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.settled = 0

    def error(self, kind: str) -> Answer:
        return Answer(int(kind), b'{"error": "told to"}', {"content-type": "application/json"})

    def refuse(self, call: Call) -> Answer | None:
        return None if call.headers.get("authorization") == "Bearer key" else Answer(401, b"no key")

    def settle(self) -> None:
        self.settled += 1

    @control
    def set_count(self, to: int) -> int:
        self.count = to
        return to


def routes(sandbox: Counter) -> APIRouter:
    router = APIRouter()

    @router.post("/count")
    def count() -> dict[str, int]:
        sandbox.count += 1
        return {"count": sandbox.count}

    @router.head("/hook")
    @router.post("/hook")
    def hook() -> None:
        return None

    return router


@pytest.fixture
def box() -> Iterator[tuple[Counter, httpx.Client]]:
    sandbox = Counter()
    with (
        serve(made(sandbox, routes(sandbox))) as url,
        httpx.Client(base_url=url, headers={"Authorization": "Bearer key"}, timeout=5) as client,
    ):
        yield sandbox, client


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_fault_strikes_as_it_says_and_the_next_call_is_well(kind: str, box: tuple[Counter, httpx.Client]) -> None:
    sandbox, client = box
    sandbox.faults.add("POST", "/count", kind, times=1)

    try:
        answer: httpx.Response | None = client.post("/count")
    except httpx.TransportError:
        answer = None

    broken = kind.startswith(("timeout", "reset")) or kind == "truncated"
    assert (answer is None) == broken
    if answer is not None:
        assert answer.status_code == (200 if kind == "html" else int(kind[:3]))
    assert sandbox.count == (1 if kind.endswith("_after_commit") or kind in ("truncated", "html") else 0)
    assert client.post("/count").json() == {"count": sandbox.count}


def test_refused_calls_reach_no_route_and_are_counted(box: tuple[Counter, httpx.Client]) -> None:
    sandbox, client = box

    assert client.post("/count", headers={"Authorization": "Bearer other"}).status_code == 401

    assert sandbox.count == 0
    assert sandbox.calls.counts["POST", "/count"] == 1
    assert sandbox.calls.busiest(60, answered=401) == 1


def test_controls_are_called_over_http_and_nothing_else_is(box: tuple[Counter, httpx.Client]) -> None:
    sandbox, client = box

    assert client.post("/_sandbox/set_count", json={"to": 7}).json() == 7
    assert client.post("/_sandbox/settle").status_code == 404
    assert client.post("/_sandbox/nothing").status_code == 404
    before = sandbox.now()
    moved = client.post("/_sandbox/advance", json={"seconds": 3600}).json()

    assert sandbox.count == 7
    assert sandbox.settled == 1
    assert (datetime.fromisoformat(moved) - before).total_seconds() >= 3600


def test_posts_are_tried_again_until_they_are_taken(box: tuple[Counter, httpx.Client]) -> None:
    sandbox, client = box
    sandbox.outbox.retry_delays = (0.0, 0.0)
    sandbox.faults.add("POST", "/hook", "500", times=2)
    statuses: list[int | None] = []
    post = Post(
        url=str(client.base_url.join("/hook")),
        body=b"{}",
        headers=lambda: {"Authorization": "Bearer key"},
        settled=statuses.append,
    )

    sandbox.outbox.enqueue(post)

    assert sandbox.outbox.wait(5)
    assert statuses == [500, 500, 200]
    assert [row["outcome"] for row in sandbox.outbox.log] == ["failed", "failed", "delivered"]


def test_posts_can_be_held_lost_and_doubled(box: tuple[Counter, httpx.Client]) -> None:
    sandbox, client = box
    post = Post(url=str(client.base_url.join("/hook")), body=b"{}", headers=lambda: {"Authorization": "Bearer key"})

    sandbox.webhooks(hold=True)
    sandbox.outbox.enqueue(post)
    assert sandbox.outbox.log == []
    assert sandbox.webhooks(hold=False) == 1
    sandbox.webhooks(drop_next=1)
    sandbox.outbox.enqueue(post)
    sandbox.webhooks(duplicate_rate=1.0)
    sandbox.outbox.enqueue(post)

    assert sandbox.outbox.wait(5)
    assert sorted(row["outcome"] for row in sandbox.outbox.log) == ["delivered", "delivered", "delivered", "dropped"]


def test_a_handshake_reads_the_answer_of_a_head(box: tuple[Counter, httpx.Client]) -> None:
    _, client = box

    status, _, body, error = exchange("HEAD", str(client.base_url.join("/hook")), b"", {"Authorization": "Bearer key"})

    assert (status, body, error) == (200, b"", None)


def test_a_meter_lets_so_many_through_and_no_more() -> None:
    meter = Meter(3, 60)

    assert [meter.allow() for _ in range(5)] == [True, True, True, False, False]
    assert meter.remaining() == 0
    assert 0 < meter.resets_in() <= 60
    assert Meter(None, 1).allow()


def test_the_log_knows_how_many_calls_were_in_flight_at_once(box: tuple[Counter, httpx.Client]) -> None:
    sandbox, client = box
    sandbox.latency = 1.0
    threads = [threading.Thread(target=lambda: client.post("/count")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sandbox.calls.most_in_flight == 4
    assert sandbox.calls.in_flight == 0
    assert json.loads(client.post("/count").content) == {"count": 5}
