"""What is read, when it is read again, and what a read that fails may not do (R2, R4, R5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from connectors.stripe.client import Client
from connectors.stripe.source import StripeSource
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.money import Money
from hub.core.types import Record
from hub.engine import backfill
from hub.store import cursors, dead, mirror
from hub.store.database import Store
from tests.engine import world
from tests.engine.saboteur import killed_at, steps_of
from tests.engine.world import DAY, Boxes, Site, Story


def sell(site: Site, amount: int = 10_000, days: int = 1, **more: Any) -> Any:
    return site.shop.sell(amount=amount, at=site.clock() - days * DAY, **more)


def letters(site: Site) -> list[tuple[str, str, str]]:
    with site.store.read() as conn:
        return [(one.stream, one.key, one.reason) for one in dead.listing(conn, site.key)]


def living(site: Site) -> set[tuple[str, str]]:
    return {name for name, body in site.mirrored().items() if body.endswith("False")}


def test_a_record_that_cannot_be_read_goes_to_the_dead_letters_and_the_others_carry_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale, bad = sell(site), sell(site, 7_700)
    fetch = StripeSource.fetch

    def picky(self: StripeSource, stream: str, key: str) -> Sequence[Record]:
        if key == bad["charge"]:
            raise RecordError("This charge has a shape that nobody knows.")
        return fetch(self, stream, key)

    monkeypatch.setattr(StripeSource, "fetch", picky)
    site.put(site.events())

    site.work()

    assert site.record("charge", sale["charge"]) is not None
    assert site.shown()["cash_in/2026-11/EUR"] == 100.0
    assert letters(site) == [("charge", bad["charge"], "This charge has a shape that nobody knows.")]
    monkeypatch.undo()
    with site.store.write() as conn:
        assert dead.replay(conn, site.key, site.clock()) == 1
    site.work()
    assert letters(site) == []
    site.at_rest()


def test_a_defect_of_the_connector_costs_one_record_and_not_the_business(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(site)
    fetch = StripeSource.fetch

    def broken(self: StripeSource, stream: str, key: str) -> Sequence[Record]:
        if stream == "customer":
            raise KeyError(key)
        return fetch(self, stream, key)

    monkeypatch.setattr(StripeSource, "fetch", broken)
    site.put(site.events())

    site.work()

    ((stream, _, reason),) = letters(site)
    assert (stream, reason) == ("customer", "The connector failed to read it (KeyError).")
    assert site.shown() == site.independent()


def test_a_key_that_is_refused_pauses_the_connection_and_loses_nothing(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    sell(site)
    site.put(site.events())
    waiting = site.waiting()
    site.boxes.stripe.revoke_key(site.stripe_key)

    turns = site.turn()

    assert turns[0].observed.problems
    assert "Stripe refuses the key (401)" in (site.state("stripe").paused_reason or "")
    assert [line.levelname for line in caplog.records].count("ERROR") == 1, "it is told once"
    assert site.waiting() == waiting
    assert site.turn() == [], "a paused connection is left alone"
    assert letters(site) == []
    site.boxes.stripe.restore_key(site.stripe_key)
    assert backfill.probe(site.runtime, "stripe")
    site.work()
    site.at_rest()


def test_a_provider_that_is_down_is_asked_again_by_the_schedule(site: Site) -> None:
    sell(site)
    site.put(site.events())
    waiting = site.waiting()
    site.boxes.stripe.faults.add("GET", "/v1/*", "503", account=site.stripe_key)

    for attempt in (2, 10, 30, 60):
        asked = site.clock()
        site.turn()
        due = site.next_due()
        assert due is not None
        assert due - asked >= timedelta(seconds=attempt)
        assert site.waiting() == waiting
        site.clock.skip((due - site.clock()).total_seconds() + 5)

    site.boxes.stripe.faults.clear()
    site.work()
    assert letters(site) == []
    site.at_rest()


def test_a_record_that_fails_for_about_two_days_goes_to_the_dead_letters(site: Site) -> None:
    sale = sell(site)
    site.boxes.stripe.faults.add("GET", f"/v1/charges/{sale['charge']}", "500", account=site.stripe_key)
    site.put(site.events())
    begun = site.clock()

    site.work()

    ((stream, key, _),) = letters(site)
    assert (stream, key) == ("charge", sale["charge"])
    assert site.clock() - begun > timedelta(hours=46)


def test_a_pause_that_the_provider_asks_for_is_kept_to_its_full_length(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(site)
    site.put(site.events())
    fetch = StripeSource.fetch

    def busy(self: StripeSource, stream: str, key: str) -> Sequence[Record]:
        raise TransientError("Come back in an hour.", retry_after=3600)

    monkeypatch.setattr(StripeSource, "fetch", busy)
    asked = site.clock()
    site.turn()
    monkeypatch.setattr(StripeSource, "fetch", fetch)

    due = site.next_due()
    assert due is not None
    assert due - asked >= timedelta(hours=1)
    site.clock.skip(3590)
    assert site.turn() == []
    site.work()
    site.at_rest()


def test_killed_at_any_step_of_reading_nothing_is_lost_and_nothing_counted_twice(boxes: Boxes, store: Store) -> None:
    def fresh() -> Site:
        site = Site(boxes, store)
        site.shop.refund(sell(site)["charge"], amount=2_500, at=site.clock() - DAY / 2)
        site.put(one for one in site.events() if one["type"].startswith(("charge.", "refund.")))
        return site

    site = fresh()
    steps = steps_of(site.turn)
    site.close()
    reading = next(place for place, step in enumerate(steps) if "prepare" in step)
    for step in range(1, reading + 2):
        site = fresh()
        where = killed_at(step, site.turn)
        site.restart()
        site.work()
        assert site.shown() == site.independent(), where
        site.at_rest()
        site.close()


def test_a_record_that_rings_again_while_it_is_read_is_read_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    charge = sell(site)["charge"]
    fetch, rung = StripeSource.fetch, threading.Event()

    def refunding(self: StripeSource, stream: str, key: str) -> Sequence[Record]:
        found = fetch(self, stream, key)
        if key == charge and not rung.is_set():
            rung.set()
            site.shop.refund(charge, amount=4_000, at=site.clock())
            site.put(one for one in site.events() if one["type"] == "charge.refunded")
        return found

    monkeypatch.setattr(StripeSource, "fetch", refunding)
    site.put(one for one in site.events() if one["type"] == "charge.succeeded")

    site.work()

    assert rung.is_set()
    assert site.record("charge", charge).fields["refunded"] == Money(Decimal(40), "EUR")


def test_what_was_read_earlier_and_comes_later_does_not_overwrite_what_is_newer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = sell(site)["charge"]
    fetch, overtaken = StripeSource.fetch, threading.Event()

    def slow(self: StripeSource, stream: str, key: str) -> Sequence[Record]:
        found = fetch(self, stream, key)
        if key == charge and not overtaken.is_set():
            overtaken.set()
            site.shop.refund(charge, amount=4_000, at=site.clock())
            began = site.clock()
            newer = fetch(self, stream, key)
            with site.store.write() as conn:
                mirror.put(conn, site.key, "stripe", newer, began)
        return found

    monkeypatch.setattr(StripeSource, "fetch", slow)
    site.put(one for one in site.events() if one["type"] == "charge.succeeded")

    site.work()

    assert overtaken.is_set()
    assert site.record("charge", charge).fields["refunded"] == Money(Decimal(40), "EUR")


# Reading whole streams


def test_an_interrupted_backfill_goes_on_where_it_stopped_and_misses_nothing(boxes: Boxes, store: Store) -> None:
    shop = boxes.stripe.account("sk_test_long_history")
    for day in range(260):
        shop.sell(amount=1_000 + day, customer=None, email="a@example.com", at=boxes.clock() - (day % 40) * DAY)
    with world.site(boxes, store, stripe_key="sk_test_long_history") as whole:
        boxes.stripe.reset_log()
        whole.backfill()
        calls = sum(boxes.stripe.calls().values())
        complete = living(whole)
        assert calls > 20
    for working in range(0, calls, 3):
        with world.site(boxes, store, stripe_key="sk_test_long_history") as site:
            with breaking_after(working), pytest.raises(TransientError):
                site.backfill()
            assert not backfill.is_complete(site.runtime, "stripe")
            assert living(site) <= complete
            site.restart()
            boxes.stripe.reset_log()

            site.backfill()

            assert backfill.is_complete(site.runtime, "stripe")
            assert living(site) == complete, f"broken after {working} calls"
            if working > calls // 2:
                assert sum(boxes.stripe.calls().values()) < calls, "what was read is not read again"


@contextmanager
def breaking_after(calls: int) -> Iterator[None]:
    """The provider answers so many calls and then breaks down."""
    seen = count(1)

    def answering(real: Any) -> Any:
        def answered(self: Client, path: str, **params: Any) -> Any:
            if next(seen) > calls:
                raise TransientError("Stripe is down.")
            return real(self, path, **params)

        return answered

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "page", answering(Client.page))
        patch.setattr(Client, "get", answering(Client.get))
        yield


def test_a_killed_backfill_goes_on_and_misses_nothing(boxes: Boxes, store: Store) -> None:
    shop = boxes.stripe.account("sk_test_killed_backfill")
    for day in range(120):
        shop.sell(amount=1_000 + day, email="a@example.com", at=boxes.clock() - (day % 40) * DAY)
    with world.site(boxes, store, stripe_key="sk_test_killed_backfill") as whole:
        steps = steps_of(whole.backfill)
        complete = living(whole)
    for step in range(1, len(steps), 3):
        with world.site(boxes, store, stripe_key="sk_test_killed_backfill") as site:
            where = killed_at(step, site.backfill)
            site.restart()
            site.backfill()
            assert living(site) == complete, where


def test_a_nightly_read_marks_as_gone_what_is_gone_and_only_that(site: Site) -> None:
    kept, gone = site.shop.customer(email="kept@example.com")["id"], site.shop.customer(email="gone@example.com")["id"]
    sell(site)
    site.backfill()
    before = living(site)
    site.shop.delete_customer(gone)

    site.backfill(again=True)

    assert before - living(site) == {("customer", gone)}
    assert site.record("customer", gone).deleted
    assert not site.record("customer", kept).deleted
    site.work()
    site.at_rest()


@pytest.mark.parametrize("kind", ["500", "429", "truncated_json", "reset"])
def test_a_read_that_did_not_reach_the_end_marks_nothing_as_gone(kind: str, site: Site) -> None:
    for day in range(120):
        sell(site, 1_000 + day, days=day % 20)
    site.backfill()
    before = living(site)
    for customer in site.shop.ids("customer")[:3]:
        site.shop.delete_customer(customer)
    site.boxes.stripe.faults.add("GET", "/v1/c*", kind, every_nth=2, account=site.stripe_key, times=None)
    site.boxes.stripe.faults.add("GET", "/v1/customers", kind, account=site.stripe_key)

    with pytest.raises(HubError):
        site.backfill(again=True)

    assert {name for name in living(site) if name[0] == "customer"} == {n for n in before if n[0] == "customer"}
    site.boxes.stripe.faults.clear()
    site.backfill(again=True)
    assert len(before - living(site)) == 3


def test_an_object_that_nobody_can_read_is_told_and_does_not_stop_the_history(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(site)
    odd = sell(site, 6_600)["charge"]
    record = StripeSource._record

    def picky(self: StripeSource, stream: str, found: dict[str, Any]) -> Record:
        if found["id"] == odd:
            raise RecordError(f"The charge {odd} has a shape that nobody knows.")
        return record(self, stream, found)

    monkeypatch.setattr(StripeSource, "_record", picky)

    site.backfill()
    site.backfill(again=True)

    assert backfill.is_complete(site.runtime, "stripe")
    ((stream, key, reason),) = letters(site)
    assert (stream, key) == ("backfill", "charge")
    assert odd in reason
    site.work()
    assert site.shown() == site.independent(), "money is counted from the balance transactions, which are whole"
    monkeypatch.undo()
    site.backfill(again=True)
    assert not site.record("charge", odd).deleted


def test_a_full_read_that_left_something_out_marks_nothing_as_gone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = sell(site)["charge"]
    site.backfill()
    record = StripeSource._record

    def picky(self: StripeSource, stream: str, found: dict[str, Any]) -> Record:
        if found["id"] == odd:
            raise RecordError("unknown")
        return record(self, stream, found)

    monkeypatch.setattr(StripeSource, "_record", picky)
    site.backfill(again=True)

    assert not site.record("charge", odd).deleted


def test_a_list_that_the_provider_refuses_is_not_taken_for_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(site)

    def refusing(self: StripeSource, stream: str, cursor: object) -> Any:
        raise RecordError("Stripe refused GET /v1/charges (400).")
        yield

    monkeypatch.setattr(StripeSource, "read", refusing)
    with pytest.raises(RecordError, match="refused GET"):
        site.backfill()

    assert not backfill.is_complete(site.runtime, "stripe")


# Catching up


def test_after_an_outage_catching_up_equals_never_having_been_down(boxes: Boxes, store: Store) -> None:
    with world.site(boxes, store) as up, world.site(boxes, store) as down:
        stories = [Story(site.shop, site.clock()) for site in (up, down)]
        for site in (up, down):
            site.backfill()
            site.work()
        for story in stories:
            story.tell()
        up.put(up.events())
        up.work()
        up.catch_up()
        up.work()

        assert down.catch_up() > 0
        down.work()

        up.at_rest()
        down.at_rest()
        assert down.shown() == up.shown()
        assert len(down.mirrored()) == len(up.mirrored())


def test_catching_up_twice_rings_for_nothing_the_second_time(site: Site) -> None:
    site.backfill()
    sell(site)
    assert site.catch_up() > 0
    site.work()

    assert site.catch_up() == 0
    site.at_rest()


def test_what_happens_while_the_history_is_read_is_caught_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(site)
    read = StripeSource.read
    sold: list[Any] = []

    def selling(self: StripeSource, stream: str, cursor: Any) -> Any:
        yield from read(self, stream, cursor)
        if stream == "balance_transaction" and not sold:
            sold.append(sell(site, 55_500, days=0))

    monkeypatch.setattr(StripeSource, "read", selling)
    site.backfill()
    assert sold
    site.catch_up()
    site.work()

    assert site.record("charge", sold[0]["charge"]) is not None
    site.at_rest()


def test_a_provider_that_remembers_no_more_is_read_whole_again(site: Site) -> None:
    gone = site.shop.customer(email="gone@example.com", at=site.clock() - DAY)["id"]
    site.backfill()
    site.work()
    site.shop.delete_customer(gone)
    sell(site, days=0)
    site.clock.skip(31 * 86_400)

    site.catch_up()
    site.work()

    assert site.record("customer", gone).deleted
    with site.store.read() as conn:
        remembered = cursors.get(conn, site.key, "stripe", backfill.EVENTS)
    assert remembered is not None
    site.at_rest()
    sell(site, 3_300, days=0)
    assert site.catch_up() > 0
    site.work()
    site.at_rest()


def test_catching_up_with_a_refused_key_is_told_as_what_it_is(site: Site) -> None:
    site.backfill()
    site.boxes.stripe.revoke_key(site.stripe_key)

    with pytest.raises(ConfigError, match="401"):
        site.catch_up()
