"""What is measured. Each measure yields (label, value) lines and raises when the hub lost or doubled something."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tracemalloc
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from flows.environment import prefect_environment, server_command
from tests.bench.rig import (
    Rig,
    answers,
    cpu_seconds,
    event,
    fire,
    median,
    percentile,
    resident_mb,
    signed,
    wait_for,
)

Line = tuple[str, str]

CLIENTS = 16
DELIVERIES = 4000
EVENTS = 1000
SALES = 20


def _history(rig: Rig, sales: int, days: float = 400.0) -> None:
    """An account with that many sales, spread over so many days, and the page that was shared."""
    rig.control("notion", "share_page", title="Atelier Lila")
    now = int(time.time())
    for number in range(sales):
        at = now - int(number * days * 86400 / sales)
        rig.control("stripe", "sell", amount=29700 + number, product="Formation", at=at)


def _api(rig: Rig, stack: ExitStack) -> subprocess.Popen[bytes]:
    process = stack.enter_context(rig.process(sys.executable, "-m", "hub", "api"))
    wait_for(lambda: answers(f"{rig.api}/healthz"), "the API's start", 60)
    return process


def _deliveries(base: int, count: int) -> list[tuple[bytes, dict[str, str]]]:
    bodies = [event(base + number, "charge", f"ch_{number % 100}", "charge.succeeded") for number in range(count)]
    return [(body, signed(body)) for body in bodies]


def deliveries(rig: Rig) -> Iterator[Line]:
    """Durably acknowledged deliveries against a route that only reads the body, in turns, on the same machine."""
    ratios = []
    for turn in range(3):
        with rig.process(sys.executable, "-m", "tests.bench.bare"):
            wait_for(lambda: answers(f"{rig.api}/openapi.json"), "the bare route's start", 60)
            fire(rig.webhook, _deliveries(0, 500), CLIENTS)
            bare, _, _ = fire(rig.webhook, _deliveries(0, DELIVERIES), CLIENTS)
        with ExitStack() as stack:
            process = _api(rig, stack)
            fire(rig.webhook, _deliveries((2 * turn + 1) * 1_000_000, 500), CLIENTS)
            before = cpu_seconds(process.pid)
            ours, waits, failed = fire(rig.webhook, _deliveries((2 * turn + 2) * 1_000_000, DELIVERIES), CLIENTS)
            cpu = (cpu_seconds(process.pid) - before) / DELIVERIES * 1000
        if failed:
            raise RuntimeError(f"{failed} deliveries were not acknowledged")
        ratios.append(bare / ours)
        yield (
            f"turn {turn + 1}: acknowledged per second (bare route)",
            f"{DELIVERIES / ours:.0f} ({DELIVERIES / bare:.0f})  p50 {median(waits) * 1000:.1f} ms  "
            f"p99 {percentile(waits, 0.99) * 1000:.1f} ms  {cpu:.2f} ms CPU each",
        )
    yield "ratio to the bare route, median of the turns (target >= 0.5)", f"{median(ratios):.2f}"


def _instants(rig: Rig) -> list[float]:
    calls = rig.control("notion", "log", method="PATCH")
    return [datetime.fromisoformat(call["at"]).timestamp() for call in calls]


def _one_by_one(rig: Rig) -> tuple[list[float], int, int]:
    """Seconds from the delivery to the last write of the page for each sale; calls to Stripe; writes to Notion."""
    waits = []
    rig.control("stripe", "reset_log")
    writes = 0
    for number in range(SALES + 3):
        sale = rig.control("stripe", "sell", amount=1000 + number, product="Extra")
        body = event(int(time.time() * 1e6) + number, "charge", sale["charge"], "charge.succeeded")
        rig.control("notion", "reset_counters")
        time.sleep(1)  # an idle worker: what Prefect still tells of the turn before is over
        started = time.time()
        fire(rig.webhook, [(body, signed(body))], 1)
        wait_for(lambda: bool(_instants(rig)) and rig.quiet(), "the changed page", 30, step=0.05)
        if number >= 3:
            waits.append(max(_instants(rig)) - started)
            writes += len(_instants(rig))
    reads = sum(count for route, count in rig.control("stripe", "calls").items() if route.startswith("GET"))
    return waits, reads, writes


def _provider_seconds(rig: Rig) -> float:
    """What one read of Stripe and one write of Notion take by themselves, one after the other."""
    customer = rig.control("stripe", "ids", kind="charge")[0]
    row = rig.control("notion", "rows", data_source="Chiffres du mois")[0]["id"]
    ask = urllib.request.Request(
        f"{rig.stripe}/v1/charges/{customer}", headers={"authorization": "Bearer sk_test_sandbox"}
    )
    notion = {"authorization": "Bearer ntn_sandbox", "notion-version": "2026-03-11", "content-type": "application/json"}
    tell = urllib.request.Request(f"{rig.notion}/v1/pages/{row}", b'{"properties":{}}', notion, method="PATCH")
    spent = []
    for _ in range(30):
        started = time.perf_counter()
        for request in (ask, tell):
            with urllib.request.urlopen(request, timeout=10) as response:
                response.read()
        spent.append(time.perf_counter() - started)
    return median(spent)


def latency(rig: Rig) -> Iterator[Line]:
    """From a webhook to the changed page with an idle worker, with and without Prefect around it."""
    _history(rig, 300)
    rig.hub("backfill")
    medians = {}
    for name in ("without Prefect", "with Prefect"):
        with ExitStack() as stack:
            _api(rig, stack)
            if name == "with Prefect":
                _prefect(rig, stack)
                worker = stack.enter_context(rig.process(sys.executable, "-m", "hub", "worker"))
            else:
                worker = stack.enter_context(rig.process(sys.executable, "-m", "tests.bench.worker"))
            wait_for(lambda: bool(rig.status()["jobs"][0]["last_ok"]) and rig.quiet(), "the first turn", 120)
            time.sleep(5)
            before = cpu_seconds(worker.pid)
            time.sleep(5)
            idle = (cpu_seconds(worker.pid) - before) / 5
            waits, reads, writes = _one_by_one(rig)
            provider = _provider_seconds(rig)
            medians[name] = median(waits) - provider
            yield (
                f"webhook to page, {name}: median (p95), less the providers' {provider * 1000:.0f} ms",
                f"{medians[name] * 1000:.0f} ms ({(percentile(waits, 0.95) - provider) * 1000:.0f} ms)",
            )
            yield f"calls for each sale, {name}", f"{reads / (SALES + 3):.2f} reads, {writes / SALES:.2f} writes"
            yield f"CPU of an idle worker, {name}", f"{idle * 100:.1f} %"
            rig.control("notion", "reset_counters")
            body = event(
                int(time.time() * 1e6), "charge", rig.control("stripe", "ids", kind="charge")[0], "charge.updated"
            )
            fire(rig.webhook, [(body, signed(body))], 1)
            wait_for(rig.quiet, "quiet", 30)
            yield f"writes when nothing changed, {name} (target 0)", str(rig.control("notion", "stats")["writes"])
    yield (
        "Prefect's share (target of the whole: 50 ms)",
        f"{(medians['with Prefect'] - medians['without Prefect']) * 1000:.0f} ms",
    )


def _prefect(rig: Rig, stack: ExitStack) -> subprocess.Popen[bytes]:
    port = int(rig.environment["HUB_PREFECT_PORT"])
    folder = Path(rig.folder) / "data"
    (folder / "prefect").mkdir(parents=True, exist_ok=True)
    rig.environment |= prefect_environment(folder, port)
    process = stack.enter_context(rig.process(*server_command(port)))
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/api/health"), "Prefect's start", 180)
    return process


def carried(rig: Rig) -> Iterator[Line]:
    """Events carried to the page each second when no limit holds, and what each costs."""
    _history(rig, EVENTS)
    rig.hub("backfill")
    charges = rig.control("stripe", "ids", kind="charge")
    with ExitStack() as stack:
        api = _api(rig, stack)
        worker = stack.enter_context(rig.process(sys.executable, "-m", "tests.bench.worker"))
        wait_for(lambda: bool(rig.status()["jobs"][0]["last_ok"]) and rig.quiet(), "the first turn", 120)
        refunds = [rig.control("stripe", "refund", charge=charge, amount=100)["id"] for charge in charges]
        bodies = [event(10_000_000 + n, "refund", refund, "refund.created") for n, refund in enumerate(refunds)]
        rig.control("notion", "reset_counters")
        rig.control("stripe", "reset_log")
        before = cpu_seconds(api.pid), cpu_seconds(worker.pid)
        started = time.perf_counter()
        _, _, failed = fire(rig.webhook, [(body, signed(body)) for body in bodies], CLIENTS)
        wait_for(rig.quiet, "quiet", 120, step=0.1)
        seconds = time.perf_counter() - started
        if failed:
            raise RuntimeError(f"{failed} deliveries were not acknowledged")
        reads = sum(rig.control("stripe", "calls").values())
        writes = rig.control("notion", "stats")["writes"]
        cpu = cpu_seconds(api.pid) - before[0], cpu_seconds(worker.pid) - before[1]
    yield f"{EVENTS} events carried to the page, per second (target >= 200)", f"{EVENTS / seconds:.0f}"
    yield "CPU for each event: API, worker", f"{cpu[0] / EVENTS * 1000:.2f} ms, {cpu[1] / EVENTS * 1000:.2f} ms"
    yield "calls: reads of Stripe (least possible), writes of Notion", f"{reads} ({EVENTS}), {writes}"


def limit(rig: Rig) -> Iterator[Line]:
    """The share of Notion's allowance (180 calls in any 60 s) that a first fill uses, and its refusals."""
    rig.control("notion", "settings", rate_limit=180)
    rig.environment["HUB_ATELIER_LILA_NOTION_CALLS_PER_MINUTE"] = "180"
    _history(rig, 400, days=60 * 31)
    rig.hub("backfill")
    rig.control("notion", "reset_counters")
    started = time.time()
    rig.hub("sync")
    seconds = time.time() - started
    stats = rig.control("notion", "stats")
    # A whole allowance may be spent at once at the start of each window; the last window is used as far as needed.
    windows = int(seconds // 60.5) + 1
    full = rig.control("notion", "log", last=2000)
    first = datetime.fromisoformat(full[0]["at"]).timestamp()
    inside = sum(datetime.fromisoformat(call["at"]).timestamp() - first < 60.5 * (windows - 1) for call in full)
    share = inside / (180 * (windows - 1)) if windows > 1 else 1.0
    yield "calls, seconds, whole windows", f"{stats['total']}, {seconds:.0f}, {windows - 1}"
    yield "most calls in any 60 s; refused with 429 (target 0)", f"{stats['highest_window']}; {stats['rate_limited']}"
    yield "share of the allowance used in the whole windows (target >= 95 %)", f"{share * 100:.1f} %"


def planning(_: Rig) -> Iterator[Line]:
    """100,000 balance transactions and 5,000 subscriptions, planned whole; the memory that it takes."""
    from tests.bench.large import large_view, plan_once

    view, job, business, now = large_view(100_000, 5_000)
    seconds, lines = plan_once(view, job, business, now)
    yield "a plan of 100,000 transactions and 5,000 subscriptions", f"{seconds:.1f} s, {lines} proof lines"
    tracemalloc.start()
    plan_once(view, job, business, now)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield "memory of the planning above the records, at most", f"{peak / 1e6:.0f} MB"
    yield "memory of this process with the records", f"{resident_mb(os.getpid()):.0f} MB"


def start(rig: Rig) -> Iterator[Line]:
    """The cold start of `hub up` on an empty data folder, and what its processes hold in memory."""
    _history(rig, 300)
    with ExitStack() as stack:
        began = time.perf_counter()
        tree = stack.enter_context(rig.process(sys.executable, "-m", "hub", "up"))
        wait_for(lambda: answers(f"{rig.api}/healthz"), "the API's start", 120)
        yield "hub up: the API answers after", f"{time.perf_counter() - began:.1f} s"
        prefect = f"http://127.0.0.1:{rig.environment['HUB_PREFECT_PORT']}/api/health"
        wait_for(lambda: answers(prefect), "Prefect's start", 180)
        yield "hub up: Prefect answers after", f"{time.perf_counter() - began:.1f} s"
        wait_for(lambda: bool(rig.status()["jobs"][0]["last_ok"]), "the first figures", 180)
        yield "hub up: the history is read and the page written after", f"{time.perf_counter() - began:.1f} s"
        children = subprocess.run(("pgrep", "-P", str(tree.pid)), capture_output=True, text=True, check=True)
        for pid in (tree.pid, *map(int, children.stdout.split())):
            with open(f"/proc/{pid}/cmdline") as file:
                command = " ".join(file.read().split("\0")[1:4])
            yield f"memory of {command}", f"{resident_mb(pid):.0f} MB"
