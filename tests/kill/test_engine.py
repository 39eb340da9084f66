"""The API and the worker are killed again and again while a thousand deliveries arrive and Notion is unwell (R1, R4).

Real processes and SIGKILL at random moments. What this cannot show is a power cut: the machine goes on running, so what
was written reaches the disk whether it was synced or not.

TEST_KILL_SEEDS=100 runs more seeds than CI does.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from connectors.stripe.webhook import event_of
from hub.store.database import Store
from tests.kill.rig import Nursery, Provider, Rig, is_quiet, judge, rig, sales, told, until

SEEDS = range(int(os.environ.get("TEST_KILL_SEEDS", "20")))
DELIVERIES = 1_000
ROUNDS = 10
FAULTS = ("rate_limited", "internal", "committed_503", "timeout_after_commit")
EACH = 0.025
"""A tenth of all calls to Notion fail in one of the four ways."""


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_moments_every_acknowledged_event_is_reflected_once(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    with rig(tmp_path) as made, Nursery(made) as nursery:
        sales(made.shop, rng, DELIVERIES)
        events = told(made)
        rng.shuffle(events)
        for number, kind in enumerate(FAULTS):
            made.notion.fault(kind, probability=EACH, seed=seed * 10 + number, seconds=0.02)
        for path in ("/v1/charges/*", "/v1/customers/*"):
            made.stripe.faults.add("GET", path, "reset", probability=0.02, seed=seed)
        for name in ("api", "worker"):
            nursery.start(name)
        provider = Provider(made.port, events + rng.sample(events, len(events) // 20))
        try:
            kills = _rounds(rng, made, nursery, provider, len(events) * 21 // 20)
            provider.finish(60)
        finally:
            provider.stop()
        with made.store() as store:
            kills += _late_kills(rng, made, nursery, store)
            until(lambda: is_quiet(store), "quiet")
            nursery.stop("worker")
            judge(made, store, provider.acknowledged, [event_of(one) for one in events])
        _report(made, seed, kills, provider)


def _rounds(rng: random.Random, made: Rig, nursery: Nursery, provider: Provider, deliveries: int) -> int:
    """Let some deliveries through, kill somebody in the middle of them and start it again, round after round."""
    kills = 0
    for place in range(ROUNDS):
        provider.release(deliveries * (place + 1) // ROUNDS - deliveries * place // ROUNDS)
        time.sleep(rng.uniform(0.0, 0.3))
        for name in rng.choice((["api"], ["worker"], ["worker"], ["api", "worker"])):
            if name == "worker" and rng.random() < 0.7:
                _until_it_writes(made)
                time.sleep(rng.uniform(0.0, 0.03))
            nursery.kill(name)
            kills += 1
            nursery.start(name)
    return kills


def _late_kills(rng: random.Random, made: Rig, nursery: Nursery, store: Store) -> int:
    """Everything is acknowledged; the worker is killed while it still reads and writes."""
    kills = 0
    for _ in range(4):
        if is_quiet(store):
            break
        _until_it_writes(made)
        time.sleep(rng.uniform(0.0, 0.05))
        nursery.kill("worker")
        nursery.start("worker")
        kills += 1
    return kills


def _until_it_writes(made: Rig) -> None:
    """Until Notion is asked for something; for a second at most, for there may be nothing to write."""
    seen, deadline = made.notion.stats()["total"], time.monotonic() + 1.0
    while made.notion.stats()["total"] == seen and time.monotonic() < deadline:
        time.sleep(0.001)


def _report(made: Rig, seed: int, kills: int, provider: Provider) -> None:
    """One line for whoever runs many seeds by hand."""
    faults = {one["kind"]: one["hits"] for one in made.notion.stats()["faults"]}
    calls = made.notion.stats()["total"]
    line = {"seed": seed, "kills": kills, "acknowledged": len(provider.acknowledged), "attempts": provider.attempts}
    if folder := os.environ.get("HUB_KILL_REPORT"):
        with Path(folder).open("a") as report:
            report.write(json.dumps({**line, "notion calls": calls, "faults": faults}) + "\n")
