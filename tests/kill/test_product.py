"""The product as `hub up` runs it: its parts are killed, Prefect too, and everything is reflected once (R1, R4)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.stripe.webhook import event_of
from tests.kill.rig import Provider, Rig, free_port, is_quiet, judge, rig, sales, told, until

SEEDS = range(int(os.environ.get("HUB_KILL_PRODUCT_SEEDS", "2")))
DELIVERIES = 300
PARTS = {"the API": b"hub\0api", "the worker": b"hub\0worker", "Prefect": b"prefect.server.api.server"}
KILLS = ("the API", "the worker", "Prefect", "the worker", "the API")
FAULTS = ("rate_limited", "internal", "committed_503", "timeout_after_commit")


@contextmanager
def up(made: Rig, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`hub up`, until the block ends; then nothing of it is left."""
    environment = {**made.environment, "HUB_PREFECT_PORT": str(port)}
    with (made.folder / "log").open("ab") as log:
        tree = subprocess.Popen(
            [sys.executable, "-m", "hub", "up"], cwd=made.folder, env=environment, stdout=log, stderr=log
        )
        children: set[int] = set()
        try:
            yield tree
            children = set(parts(tree).values())
            tree.send_signal(signal.SIGTERM)
            assert tree.wait(60) == 0
        finally:
            tree.kill()
            tree.wait(10)
            until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the end of all its parts", 30)


def parts(tree: subprocess.Popen[bytes]) -> dict[str, int]:
    """The processes of the tree that live, by name."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            command = (entry / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if parent == tree.pid:
            found |= {name: int(entry.name) for name, mark in PARTS.items() if mark in command}
    return found


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.xdist_group("prefect")
@pytest.mark.parametrize("seed", SEEDS)
def test_parts_of_the_product_are_killed_and_every_acknowledged_event_is_reflected_once(
    seed: int, tmp_path: Path
) -> None:
    rng, port = random.Random(seed), free_port()
    with rig(tmp_path) as made:
        sales(made.shop, rng, DELIVERIES)
        events = told(made)
        rng.shuffle(events)
        for number, kind in enumerate(FAULTS):
            made.notion.fault(kind, probability=0.01, seed=seed * 10 + number, seconds=0.02)
        with up(made, port) as tree:
            until(lambda: answers(f"http://127.0.0.1:{port}/api/health"), "Prefect", 150, 0.1)
            provider = Provider(made.port, events, threads=4)
            try:
                for place, name in enumerate(KILLS):
                    provider.release(len(events) * (place + 1) // len(KILLS) - len(events) * place // len(KILLS))
                    time.sleep(rng.uniform(0.2, 2.0))
                    kill(tree, name)
                provider.finish(60)
            finally:
                provider.stop()
            with made.store() as store:
                until(lambda: is_quiet(store), "quiet", 120, 0.1)
                judge(made, store, provider.acknowledged, [event_of(one) for one in events])
            until(lambda: set(parts(tree)) == set(PARTS), "that every part runs again", 60, 0.1)


def kill(tree: subprocess.Popen[bytes], name: str) -> None:
    """SIGKILL that part, when it runs."""
    until(lambda: name in parts(tree), f"the start of {name}", 60, 0.05)
    os.kill(parts(tree)[name], signal.SIGKILL)
