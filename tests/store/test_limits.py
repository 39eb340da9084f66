from __future__ import annotations

import time
from collections.abc import Callable

from hub.store.database import Store
from hub.store.limits import SharedLimiter
from tests.store.conftest import NOW, Child, answers


class Clock:
    """Only sleeping moves it."""

    def __init__(self) -> None:
        self.at = NOW.timestamp()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.at += seconds


def limiter(store: Store, clock: Clock, calls: int = 3, seconds: float = 1.0, name: str = "api") -> SharedLimiter:
    return SharedLimiter(store, "b", "notion", name, calls, seconds, sleep=clock.sleep, now=clock.now)


def instants(limit: SharedLimiter, clock: Clock, times: int) -> list[float]:
    found = []
    for _ in range(times):
        limit.acquire()
        found.append(clock.now())
    return found


def never_exceeded(found: list[float], calls: int, seconds: float) -> bool:
    ordered = sorted(found)
    return all(later - earlier >= seconds for earlier, later in zip(ordered, ordered[calls:], strict=False))


def test_as_many_calls_as_allowed_go_at_once(store: Store) -> None:
    clock = Clock()
    assert instants(limiter(store, clock), clock, 3) == [NOW.timestamp()] * 3


def test_no_window_holds_more_calls_than_allowed_and_little_is_wasted(store: Store) -> None:
    clock = Clock()
    found = instants(limiter(store, clock, calls=5), clock, 101)
    assert never_exceeded(found, 5, 1.0)
    assert found[-1] - found[0] < 20 / 0.95


def test_a_rest_makes_room_again(store: Store) -> None:
    clock = Clock()
    limit = limiter(store, clock)
    instants(limit, clock, 3)
    clock.sleep(2)
    start = clock.now()
    assert instants(limit, clock, 3) == [start] * 3


def test_two_limits_do_not_slow_each_other(store: Store) -> None:
    clock = Clock()
    instants(limiter(store, clock), clock, 3)
    assert instants(limiter(store, clock, name="search"), clock, 3) == [NOW.timestamp()] * 3


def test_every_process_obeys_what_the_provider_told_one(store: Store) -> None:
    clock = Clock()
    limiter(store, clock).hold(30)
    limiter(store, clock).hold(5)
    found = instants(limiter(store, clock), clock, 4)
    assert found[0] == NOW.timestamp() + 30
    assert never_exceeded(found, 3, 1.0)


def test_a_hold_reaches_those_who_wait_already(store: Store) -> None:
    clock = Clock()
    instants(limiter(store, clock), clock, 3)

    def sleep(seconds: float) -> None:
        if clock.now() == NOW.timestamp():
            limiter(store, clock).hold(60)
        clock.sleep(seconds)

    SharedLimiter(store, "b", "notion", "api", 3, 1.0, sleep=sleep, now=clock.now).acquire()
    assert clock.now() >= NOW.timestamp() + 60


def test_nothing_is_locked_while_a_caller_waits(store: Store) -> None:
    clock = Clock()
    instants(limiter(store, clock, calls=1), clock, 1)
    written = []

    def sleep(seconds: float) -> None:
        with store.write():
            written.append(seconds)
        clock.sleep(seconds)

    SharedLimiter(store, "b", "notion", "api", 1, 1.0, sleep=sleep, now=clock.now).acquire()
    assert written


def test_a_smaller_allowance_counts_from_the_next_call(store: Store) -> None:
    clock = Clock()
    instants(limiter(store, clock, calls=10), clock, 10)
    found = instants(limiter(store, clock, calls=2), clock, 5)
    assert found[0] >= NOW.timestamp() + 1
    assert never_exceeded(found, 2, 1.0)


def test_four_processes_together_never_exceed_the_limit(
    url: str, store: Store, children: Callable[..., list[Child]]
) -> None:
    printed = answers(children(4, "call", url, 20, 0.5, 50))
    found = [float(instant) for one in printed for instant in one]
    assert len(found) == 200
    assert never_exceeded(found, 20, 0.5)


def test_the_real_clock_is_the_one_that_processes_share(store: Store) -> None:
    limit = SharedLimiter(store, "b", "notion", "api", 1, 0.001)
    before = time.time()
    limit.acquire()
    limit.acquire()
    assert time.time() - before >= 0.001
