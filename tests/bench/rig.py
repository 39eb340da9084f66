"""The rig of the bench: processes, clients, clocks."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.demo.example import small_business
from tests.paths import ROOT

SECRET = "whsec_bench"
STATUS_KEY = "bench-status-key-of-no-use"
BUSINESS = "atelier-lila"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(true: Callable[[], bool], what: str, seconds: float = 120.0, step: float = 0.05) -> float:
    """Seconds until `true()`; RuntimeError when it takes too long."""
    started = time.perf_counter()
    while not true():
        if time.perf_counter() - started > seconds:
            raise RuntimeError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(step)
    return time.perf_counter() - started


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


@dataclass
class Rig:
    folder: Path
    environment: dict[str, str]
    stripe: str
    notion: str
    api: str
    sandboxes: subprocess.Popen[str]

    def control(self, provider: str, control: str, /, **arguments: Any) -> Any:
        """Call a control of a sandbox."""
        base = self.stripe if provider == "stripe" else self.notion
        request = urllib.request.Request(
            f"{base}/_sandbox/{control}", json.dumps(arguments).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["result"]

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            log.close()

    def hub(self, *arguments: str) -> str:
        done = subprocess.run(
            (sys.executable, "-m", "hub", *arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @property
    def webhook(self) -> str:
        return f"{self.api}/webhooks/{BUSINESS}/stripe"

    def status(self) -> Any:
        request = urllib.request.Request(
            f"{self.api}/status/{BUSINESS}", headers={"authorization": f"Bearer {STATUS_KEY}"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def quiet(self) -> bool:
        """Nothing waits to be read and no job to be planned."""
        status = self.status()
        waiting = sum(connection["waiting"] for connection in status["connections"])
        return waiting == 0 and all(job["waiting_since"] is None for job in status["jobs"])


@contextmanager
def rig() -> Iterator[Rig]:
    """Sandboxes in a process of their own, an empty folder with the example's mappings, and the keys to both."""
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    small_business(folder / "mappings")
    base = {**os.environ, "PYTHONPATH": str(ROOT)}
    sandboxes = subprocess.Popen(
        (sys.executable, "-m", "tests.bench.sandboxes"), cwd=ROOT, env=base, stdout=subprocess.PIPE, text=True
    )
    try:
        assert sandboxes.stdout is not None
        where = json.loads(sandboxes.stdout.readline())
        port = free_port()
        prefix = "HUB_ATELIER_LILA"
        environment = base | {
            "HUB_PORT": str(port),
            "HUB_PREFECT_PORT": str(free_port()),
            "HUB_STATUS_KEY": STATUS_KEY,
            f"{prefix}_STRIPE_API_KEY": "sk_test_sandbox",
            f"{prefix}_STRIPE_BASE_URL": where["stripe"],
            f"{prefix}_STRIPE_CALLS_PER_SECOND": "1000",
            f"{prefix}_STRIPE_WEBHOOK_SECRETS": SECRET,
            f"{prefix}_NOTION_API_KEY": "ntn_sandbox",
            # No limit holds unless a measure sets one: times are to be ours, not an allowance's.
            f"{prefix}_NOTION_CALLS_PER_MINUTE": "2000",
            f"{prefix}_NOTION_BASE_URL": where["notion"],
        }
        yield Rig(folder, environment, where["stripe"], where["notion"], f"http://127.0.0.1:{port}", sandboxes)
    finally:
        sandboxes.terminate()
        sandboxes.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def signed(body: bytes) -> dict[str, str]:
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "stripe-signature": f"t={at},v1={digest}"}


def event(number: int, kind: str, object_id: str, type_: str) -> bytes:
    """A snapshot event as Stripe posts it; the hub takes from it which object to read again."""
    return json.dumps(
        {
            "id": f"evt_bench_{number}",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": type_,
            "data": {"object": {"id": object_id, "object": kind}},
        }
    ).encode()


def fire(url: str, requests: Sequence[tuple[bytes, Mapping[str, str]]], clients: int) -> tuple[float, list[float], int]:
    """Post all with so many keep-alive clients. Returns seconds, each request's seconds, how many were not 200."""
    place = urllib.parse.urlsplit(url)
    waits: list[float] = []
    failed = 0
    lock = threading.Lock()
    todo = iter([_request(place, body, headers) for body, headers in requests])

    def client() -> None:
        nonlocal failed
        mine: list[float] = []
        bad = 0
        with socket.create_connection((place.hostname or "", place.port or 80)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    found = next(todo, None)
                if found is None:
                    break
                started = time.perf_counter()
                line.sendall(found)
                bad += not _answer(line).startswith(b"HTTP/1.1 200")
                mine.append(time.perf_counter() - started)
        with lock:
            waits.extend(mine)
            failed += bad

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, waits, failed


def _request(place: urllib.parse.SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {place.path} HTTP/1.1", f"host: {place.netloc}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _answer(line: socket.socket) -> bytes:
    """One whole answer; the servers measured here always say its length."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65536) or _closed()
    head, _, rest = got.partition(b"\r\n\r\n")
    length = int(next(each for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:"))[15:])
    while len(rest) < length:
        rest += line.recv(65536) or _closed()
    return got


def _closed() -> bytes:
    raise RuntimeError("the server closed the connection")
