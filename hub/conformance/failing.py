"""Promises about a provider that fails: repeat what may be repeated, say what is uncertain, let nothing else out."""

from __future__ import annotations

import gc
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import partial

from hub.conformance.base import Plays, Suite, has, must, only_hub_errors
from hub.conformance.case import FAULTS
from hub.conformance.concerns import only_with
from hub.core.errors import TransientError
from hub.core.protocol import Connector, Source

LONG = 45.0


class Failing(Suite):
    """What a connector promises while its provider is ill."""

    @only_with("http")
    def test_a_fault_of_a_moment_is_overcome_or_told_as_one(self, plays: Plays, live: Connector) -> None:
        reading, well = _first_read(plays, live), 0
        for kind in FAULTS:
            plays.case.fail(kind, times=1)
            with only_hub_errors(f"reading through one {kind}") as caught:
                reading()
                well += 1
            must(not caught or isinstance(caught[0], TransientError), f"One {kind} is told as {caught}.")
            plays.case.heal()
            reading()
        must(well >= len(FAULTS) // 2, f"Only {well} faults of a moment were overcome: repeat reads.")

    @only_with("http")
    def test_a_fault_that_lasts_is_told_as_one_to_try_again(self, plays: Plays, live: Connector) -> None:
        reading = _first_read(plays, live)
        for kind in FAULTS:
            plays.case.fail(kind)
            before = len(plays.case.calls())
            with only_hub_errors(f"reading through {kind}") as caught:
                reading()
            made = len(plays.case.calls()) - before
            must(caught and isinstance(caught[0], TransientError), f"A lasting {kind} is told as {caught}.")
            must(not getattr(caught[0], "uncertain", False), f"A read that {kind} broke leaves nothing uncertain.")
            must(made <= 12, f"A lasting {kind} was tried {made} times: minutes are the worker's.")
            plays.shows_no_key(str(caught[0]))
            plays.case.heal()
        reading()

    @only_with("http")
    def test_a_provider_that_says_how_long_to_wait_is_obeyed(self, plays: Plays, live: Connector) -> None:
        reading = _first_read(plays, live)
        plays.case.fail("429", wait=LONG)
        before = len(plays.case.calls())
        with only_hub_errors("reading while the provider asks to wait") as caught:
            reading()
        error = caught[0] if caught else None
        must(isinstance(error, TransientError), f"A 429 is told as {error!r}.")
        asked = getattr(error, "retry_after", None)
        must(
            asked is not None and asked >= LONG - 1,
            f"Of {LONG:.0f} s that the provider asks for, {asked} are told.",
        )
        must(len(plays.case.calls()) - before == 1, "Who is asked to wait long does not call again at once.")
        must(max(plays.limits.held, default=0) >= LONG - 1, "The other processes are not told to wait.")

    @only_with("http")
    def test_after_a_refusal_that_says_nothing_everybody_waits_a_little(self, plays: Plays, live: Connector) -> None:
        reading = _first_read(plays, live)
        plays.case.fail("429", times=1)
        with only_hub_errors("reading through a 429"):
            reading()
        must(max(plays.limits.held, default=0) > 0, "After a 429 the limiter of the other processes is not held.")

    @only_with("http")
    def test_nothing_but_our_errors_crosses_the_edge(self, plays: Plays, live: Connector) -> None:
        _first_read(plays, live) if live.source else None
        for kind in FAULTS:
            for name, doing in _everything(plays, live):
                plays.case.fail(kind)
                with only_hub_errors(f"{name} met {kind}") as caught:
                    doing()
                for error in caught:
                    plays.shows_no_key(str(error))
                plays.case.heal()

    def test_every_connection_is_closed_at_the_end(self, plays: Plays) -> None:
        gc.collect()
        threads = set(threading.enumerate())
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with plays.open() as live:
                for _, doing in _everything(plays, live):
                    with only_hub_errors("used once"):
                        doing()
            del live
            gc.collect()
        open_still = [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)]
        must(not open_still, f"Left open: {open_still}")
        ours = [each.name for each in set(threading.enumerate()) - threads if not each.daemon]
        must(not ours, f"Threads that go on after the end: {ours}")


def _first_read(plays: Plays, live: Connector) -> Callable[[], object]:
    """One call that reads: a record of the first stream that can be filled, else a check."""
    if live.source is None:
        checked = live.destination or live.messenger
        return checked.check if checked else has(live.directory, "way to read").look
    source = live.source
    for stream in plays.spec.streams:
        keys = plays.case.fill(stream, 1)
        if keys:
            return lambda: source.fetch(stream, keys[0])
    return source.check


def _everything(plays: Plays, live: Connector) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every call that needs no more than a stream's name."""
    if live.source:
        source = live.source
        yield "source.check", source.check
        for stream in plays.spec.streams:
            yield f"source.read({stream})", partial(_read, source, stream)
            yield f"source.fetch({stream})", partial(source.fetch, stream, "1")
        yield "source.changes", lambda: list(source.changes(None))
    for name, capability in (("destination", live.destination), ("messenger", live.messenger)):
        if capability:
            yield f"{name}.check", capability.check
    if live.directory:
        yield "directory.look", live.directory.look
    if live.subscriptions:
        yield "subscriptions.list", live.subscriptions.list
    if live.templates:
        yield "templates.templates", live.templates.templates
    if live.destination:
        destination, collection = live.destination, plays.case.collection()
        yield "destination.find", lambda: destination.find(collection, None)


def _read(source: Source, stream: str) -> None:
    for _ in source.read(stream, None):
        pass
