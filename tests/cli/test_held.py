"""`hub held`: what waits is listed, applied or dropped; what was dropped stays so until the world differs."""

from __future__ import annotations

import re

import pytest

from tests.cli.mirrored import only_jobs
from tests.cli.site import LILA, Site

LINE = re.compile(r"^([0-9a-f]{8})  atelier-lila · revenue: \d+ things?, held (just now|for .+)$", re.MULTILINE)


@pytest.fixture
def held(site: Site) -> Site:
    """A business whose mapping has just lost a figure: its rows would be put away."""
    only_jobs(site, "revenue")
    assert site.hub("backfill").code == 0
    assert site.hub("sync").code == 0
    mapping = site.folder / "mappings" / LILA / "revenue.yaml"
    mapping.write_text(mapping.read_text().replace("  - {figure: refund_rate,", "#  - {figure: refund_rate,"))
    assert "is held" in site.hub("sync").out
    return site


def waiting(site: Site) -> str:
    found = LINE.search(site.hub("held").out)
    assert found
    return found[1]


def test_a_held_plan_is_listed_with_its_age_and_reason_and_applied(held: Site) -> None:
    told = held.hub("held")
    plan_id = waiting(held)
    assert "seraient archivées, la limite est 0" in told.out
    assert held.hub("held", LILA).out == held.hub("held", "list", LILA).out
    assert "No business is called nobody" in held.hub("held", "nobody").err

    applied = held.hub("held", "apply", plan_id)

    assert applied.code == 0, applied.everything
    assert held.hub("held").out == "atelier-lila: no plan is held.\n"


def test_what_is_dropped_stays_dropped_until_the_plan_differs(held: Site) -> None:
    plan_id = waiting(held)

    dropped = held.hub("held", "drop", plan_id, "--reason", "not now")

    assert dropped.code == 0, dropped.everything
    for _ in range(2):
        assert f"plan {plan_id} was dropped, nothing of it is written" in held.hub("sync").out
        assert held.hub("held").out == "atelier-lila: no plan is held.\n"
    assert "is held" not in held.hub("status").out
    refused = held.hub("apply", plan_id)
    assert refused.code == 2
    assert "is dropped already" in refused.err

    held.shop.sell(amount=4_200, product="Extra")
    assert "is held" in held.hub("sync").out
    assert waiting(held) != plan_id


def test_a_person_may_change_her_mind_by_planning_again(held: Site) -> None:
    held.hub("held", "drop", waiting(held))

    again = re.search(r"^Saved as ([0-9a-f]{8})\.", held.hub("plan").out, re.MULTILINE)

    assert again
    assert again[1] in held.hub("sync").out, "asked for again, it waits"
    assert held.hub("apply", again[1]).code == 0


def test_a_plan_that_does_not_wait_cannot_be_dropped(held: Site) -> None:
    plan_id = waiting(held)
    held.hub("held", "drop", plan_id)

    assert "is dropped already" in held.hub("held", "drop", plan_id).err
    assert "There is no plan 12345678" in held.hub("held", "drop", "12345678").err
