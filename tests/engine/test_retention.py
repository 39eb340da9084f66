"""What is over is kept for a while and no longer; what is under way or waits stays."""

from __future__ import annotations

from datetime import timedelta

from hub.engine.retention import Keeping, purge
from hub.store import deliveries, plans, runs
from hub.store.deliveries import Delivery
from tests.engine.world import START, Site

OLD = START - timedelta(days=200)


def test_what_is_old_and_over_goes_and_a_dry_run_only_counts(site: Site) -> None:
    key = site.key
    with site.store.write() as conn:
        for at in (OLD, START):
            name = at.isoformat()
            deliveries.store_deliveries(conn, [Delivery(key, "stripe", name, at, "u", {}, b"", [])])
            runs.finish(conn, runs.start(conn, key, "turn", "j", name, at, ""), "done", {}, None, at)
            plans.save(conn, key, "j", name, "{}", "dropped", None, at)
        runs.start(conn, key, "turn", "j", "under way", OLD, "")
        waits = plans.save(conn, key, "j", "waits", "{}", "held", None, OLD)

    one_each = {"deliveries": 1, "runs": 1, "plans": 1}
    assert purge(site.runtime, Keeping(), dry_run=True) == one_each
    assert purge(site.runtime, Keeping(), dry_run=False) == one_each
    assert purge(site.runtime, Keeping(), dry_run=False) == {"deliveries": 0, "runs": 0, "plans": 0}

    with site.store.read() as conn:
        assert len(deliveries.recent(conn, key)) == 1
        assert {run.name for run in runs.latest(conn, key)} == {START.isoformat(), "under way"}
        assert plans.get(conn, key, waits) is not None
