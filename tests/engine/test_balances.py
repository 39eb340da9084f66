"""What was read to have moved, against what Stripe says that the account holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub.core.types import Record
from hub.engine.planners import revenue
from hub.store import mirror
from hub.store.database import Store
from tests.engine.test_apply import sell, tell
from tests.engine.world import DAY, Boxes, Site

MANY = 101
"""One more movement than Stripe's newest hundred."""


@pytest.fixture
def site(boxes: Boxes, store: Store) -> Iterator[Site]:
    made = Site(boxes, store)
    try:
        for number in range(MANY):
            made.shop.sell(amount=1_000 + number, at=made.clock() - 40 * DAY)
        made.shop.payout(amount=5_000, at=made.clock() - 30 * DAY)
        made.backfill()
        yield made
    finally:
        made.close()


def notes(site: Site) -> list[str]:
    return [note for note in revenue.make(site.runtime, site.job, ()).plan.notes if "stripe (EUR)" in note]


def lose(site: Site, stream: str, key: str) -> None:
    """As if it had never been read."""
    with site.store.write() as conn:
        mirror.put(conn, site.key, "stripe", [Record(stream=stream, key=key, deleted=True)], site.clock())


def oldest(site: Site) -> Any:
    """The balance transaction that was made first."""
    found = [site.shop.get(key) for key in site.shop.ids("balance_transaction")]
    return min(found, key=lambda each: (each["created"], each["net"]))


def test_an_account_that_balances_is_not_spoken_of(site: Site) -> None:
    assert notes(site) == []
    assert sum(key[0] == "balance" for key in site.mirrored()) == 1


def test_a_movement_that_was_never_read_is_named_with_the_way_out_until_it_is_read(site: Site) -> None:
    lost = oldest(site)
    lose(site, "balance_transaction", lost["id"])

    (said,) = notes(site)

    net = f"{lost['net'] / 100:.2f}".replace(".", ",")
    assert f"écart +{net}\u00a0€" in said
    assert "hub backfill --again" in said
    site.backfill(again=True)
    assert notes(site) == []


def test_a_sale_that_is_told_before_the_balance_is_asked_for_again_is_no_difference(site: Site) -> None:
    assert notes(site) == []
    told = len(site.events())
    sell(site, 7_700)
    tell(site, told)
    site.work()

    assert notes(site) == []

    before = site.record("balance", "balance")
    site.catch_up()
    assert site.record("balance", "balance") != before
    site.restart()
    assert notes(site) == []


def test_a_quiet_hour_asks_for_no_balance(site: Site) -> None:
    site.catch_up()
    calls = len(site.boxes.stripe.log())

    site.catch_up()

    assert [row["path"] for row in site.boxes.stripe.log()[calls:]] == ["/v1/events"]


def test_while_a_movement_without_an_event_is_not_read_nobody_says_anything(site: Site) -> None:
    told = len(site.events())
    sell(site)
    tell(site, told)
    site.shop.payout(amount=2_000, at=site.clock())  # a payout is read at night
    site.catch_up()
    site.work()

    assert notes(site) == []

    site.backfill(again=True)
    assert notes(site) == []
