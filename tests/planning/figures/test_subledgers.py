"""Figures that are kept up, subledger by subledger, are those of counting everything anew."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.core.types import Record
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, RevenueJob
from hub.planning import ledger as kept_up
from hub.planning.counted import Around, Counted, Memory
from hub.planning.figures import states
from hub.planning.figures.books import books
from hub.planning.figures.moment import Moment
from hub.planning.figures.names import FIGURES
from hub.planning.figures.subledgers import Subledgers, number_for
from hub.planning.ledger import Ledger
from hub.planning.plan import View
from hub.planning.revenue import count
from tests.planning import make
from tests.planning.figures.businesses import Made, made
from tests.planning.figures.memory import as_of
from tests.planning.make import business, job, utc, view

SEEDS = int(os.environ.get("TEST_LEDGER_SEEDS", "12"))
CALLS = {"calls_booked", "calls_held", "calls_cancelled", "calls_missed", "show_rate", "call_sales"}


class Mirror:
    """Views of records that change, each of which knows what is new in it."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Record] = {}
        self._news: list[Sequence[Record]] = []

    def becomes(self, records: Iterable[Record]) -> View:
        now = {(record.stream, record.key): record for record in records}
        gone = [replace(record, fields={}, deleted=True) for name, record in self._held.items() if name not in now]
        changed = [record for name, record in now.items() if self._held.get(name) != record]
        self._held = now
        self._news.append([*gone, *changed])
        upto = len(self._news)
        streams: dict[tuple[str, str], list[Record]] = {}
        for record in now.values():
            streams.setdefault(("stripe", record.stream), []).append(record)
        return View(streams, upto, lambda mark: self._since(mark, upto))

    def _since(self, mark: int, upto: int) -> Sequence[tuple[str, Record]]:
        return [("stripe", record) for news in self._news[mark:upto] for record in news]


def everything(**about: Any) -> RevenueJob:
    """A job that asks for every figure of money."""
    asked = tuple(FigureConfig.model_validate({"figure": name, "title": name}) for name in FIGURES if name not in CALLS)
    return job(**about).model_copy(update={"figures": asked})


def told(counted: Counted) -> Mapping[str, object]:
    """All that a count says, whatever the order of lines."""
    said: dict[str, object] = {
        key: (figure.value, figure.unit, figure.estimated, figure.closed, sorted(map(repr, figure.lines)))
        for key, figure in counted.known.items()
    }
    said |= {"notes": sorted(counted.notes), "unsure": sorted(map(repr, counted.to_classify))}
    return said | {"states": counted.snapshot, "restated": counted.restated}


def lives(of: Made, steps: int) -> list[tuple[datetime, tuple[Record, ...]]]:
    """The business at some instants, the last one now: some near to each other, some in other months."""
    rng = random.Random(of.seed)
    days = sorted(rng.sample(range(1, 120), steps - 2))
    instants = [of.now - timedelta(days=day, seconds=rng.randrange(86_400)) for day in reversed(days)]
    instants += [instants[-1] + timedelta(minutes=7), of.now]
    return [(at, as_of(of.records, at, of.now, of.seed)) for at in instants]


def owner(of: Made) -> tuple[Business, RevenueJob]:
    return business(timezone=of.zone, currency=of.home), everything(since=str(of.since))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_came_and_in_whatever_steps_the_figures_are_those_of_counting_anew(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = made(seed)
    home, asked = owner(of)
    monkeypatch.setattr(kept_up, "number_for", lambda _: 1)
    fresh = [told(count(view(*seen), asked, home, at)) for at, seen in lives(of, 5)]
    for number in (1, 2, 16):
        monkeypatch.setattr(kept_up, "number_for", lambda _, number=number: number)
        ledger, mirror = Ledger(), Mirror()
        for (at, seen), expected in zip(lives(of, 5), fresh, strict=True):
            assert told(count(mirror.becomes(seen), asked, home, at, ledger=ledger)) == expected, (number, at)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_remembered_of_each_subscription_reaches_its_subledger(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = made(seed)
    home, asked = owner(of)
    seen = [
        states.remember(books(view(*records), asked.read, home, at)) for at, records in sorted(of.earlier().items())
    ]
    around = Around(memory=Memory(snapshots=tuple(seen)))
    monkeypatch.setattr(kept_up, "number_for", lambda _: 1)
    expected = told(count(view(*of.records), asked, home, of.now, around))
    monkeypatch.setattr(kept_up, "number_for", lambda _: 16)
    ledger = Ledger()
    count(view(*of.records), asked, home, of.now, ledger=ledger)
    assert told(count(view(*of.records), asked, home, of.now, around, ledger)) == expected


def sale(number: int, at: datetime) -> list[Record]:
    """What one payment of a customer of her own leaves."""
    moved = make.transaction(f"txn_{number}", "49.90", at)
    fields = {
        "who": {"key": f"cus_{number}"},
        "amount": make.eur("49.90"),
        "status": "succeeded",
        "balance_transaction": moved.key,
    }
    charge = Record(stream="charge", key=f"ch_{number}", fields=fields, at=at)
    return [charge, replace(moved, fields={**moved.fields, "source": charge.key})]


def test_one_more_sale_is_counted_in_one_subledger_and_time_alone_in_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_up, "number_for", lambda _: 64)
    now, ledger, mirror, asked = utc("2026-11-21T12:00"), Ledger(), Mirror(), everything(since="2026-01-01")
    records = [record for n in range(200) for record in sale(n, utc("2026-11-02") + timedelta(hours=n))]

    def counted(records: Sequence[Record], at: datetime) -> Counted:
        return count(mirror.becomes(records), asked, business(), at, ledger=ledger)

    before = counted(records, now)
    assert (ledger.recounted, ledger.subledgers) == (64, 64)
    counted(records, now + timedelta(minutes=5))
    assert ledger.recounted == 0
    after = counted([*records, *sale(200, now)], now + timedelta(minutes=5))
    assert ledger.recounted == 1
    one, other = (each.of("gross_volume", "2026-11", "EUR") for each in (before, after))
    assert one is not None
    assert other is not None
    changed = [n for n, lines in other.shares.items() if one.shares.get(n) is not lines]
    assert len(changed) == 1
    assert before.of("gross_volume", "2026-10", "EUR") is after.of("gross_volume", "2026-10", "EUR")
    counted([*records, *sale(200, now)], utc("2026-12-01T12:00"))
    assert ledger.recounted == 64  # another month has begun


def test_only_subledgers_with_something_that_ends_are_counted_again_when_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_up, "number_for", lambda _: 64)
    start, ledger, asked = utc("2026-11-01"), Ledger(), everything(since="2026-01-01")
    ending = make.subscription("sub_1", ended_at=utc("2026-11-21T14:00"), created=start)
    held = view(ending, *(make.subscription(f"sub_{n}", created=start) for n in range(2, 100)))
    mirror = View({place: held.records(*place) for place in held.streams()}, 1, lambda _: [])

    def recounted(at: str) -> int:
        count(mirror, asked, business(), utc(at), ledger=ledger)
        return ledger.recounted

    assert recounted("2026-11-21T12:00") == 64
    assert recounted("2026-11-21T12:30") == 0
    assert recounted("2026-11-21T14:10") == 1  # it has ended
    assert recounted("2026-11-21T14:30") == 0


def test_records_that_speak_of_one_another_are_in_one_subledger_in_whatever_order_they_come() -> None:
    at = utc("2026-11-02")
    records = [record for n in range(40) for record in sale(n, at)]
    for seed in range(5):
        shuffled = list(records)
        random.Random(seed).shuffle(shuffled)
        dealt = Subledgers(8)
        for record in shuffled:
            dealt.put([("stripe", record)])
        views = [dealt.view(number) for number in range(8)]
        held = [{each.key for place in one.streams() for each in one.records(*place)} for one in views]
        assert sorted(key for each in held for key in each) == sorted(record.key for record in records)
        for keys in held:
            assert all(f"txn_{key[3:]}" in keys for key in keys if key.startswith("ch_"))


def test_what_a_later_record_ties_together_is_counted_once_where_it_then_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_up, "number_for", lambda _: 16)
    now, ledger, mirror, asked = utc("2026-11-21T12:00"), Ledger(), Mirror(), everything(since="2026-11-01")
    sales = [sale(n, utc("2026-11-02") + timedelta(hours=n)) for n in range(30)]
    moved = [transaction for _, transaction in sales]
    whole = [record for each in sales for record in each]  # the payments say whose they are
    for records in (moved, whole, moved):
        kept = count(mirror.becomes(records), asked, business(), now, ledger=ledger)
        assert told(kept) == told(count(view(*records), asked, business(), now))


def test_what_is_remembered_goes_along_when_a_later_record_ties_customers_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_up, "number_for", lambda _: 16)
    now, asked, start = utc("2026-11-21T12:00"), everything(since="2026-09-01"), utc("2026-09-10")
    subs = [make.subscription(f"sub_{n}", created=start, who={"key": f"cus_b{n}"}) for n in range(8)]
    seen = [
        states.remember(books(view(*subs), asked.read, business(), at)) for at in (utc("2026-09-30"), utc("2026-10-31"))
    ]
    around = Around(memory=Memory(snapshots=tuple(seen)))
    ties = [
        Record(stream="refund", key=f"re_{n}", fields={"amount": make.eur(1), "status": "pending"}, at=start)
        for n in range(8)
    ]
    tied = [
        replace(each, fields={**each.fields, "who": {"key": f"cus_a{n}"}, "charge": f"sub_{n}"})
        for n, each in enumerate(ties)
    ]
    ledger, mirror = Ledger(), Mirror()
    for records in (subs, [*subs, *tied]):
        kept = count(mirror.becomes(records), asked, business(), now, around, ledger)
        assert told(kept) == told(count(view(*records), asked, business(), now, around))


def test_the_more_records_the_more_subledgers() -> None:
    assert [number_for(n) for n in (0, 1_000, 2_000, 10_000, 200_000)] == [1, 1, 2, 8, 256]


def test_an_instant_that_is_compared_says_until_when_the_answer_holds() -> None:
    now, soon, later = utc("2026-11-21"), utc("2026-11-22"), utc("2026-12-01")
    moment = Moment.of(now)
    assert moment.until is None
    assert later > moment
    assert moment.until == later
    assert min(soon, moment) is moment
    assert moment.until == soon
    assert not utc("2026-01-01") >= moment
    assert moment.until == soon
    assert moment == now
    assert moment.until == now + timedelta(microseconds=1)
    used = Moment.of(now)
    assert used.astimezone(utc("2026-01-01").tzinfo) == now
    assert used.until == now
