"""`hub uncertain`: what nobody but a person can tell is listed, and her answer settles it."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.planning.inverse import summary
from hub.planning.plan import Action
from hub.store import ledger
from hub.store.database import open_store
from tests.cli.mirrored import only_jobs
from tests.cli.site import LILA, Site

ACTION = Action(key="k", kind="create", collection="Figures", row="mrr", ref=None, changes=(), why="")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def _unsure(site: Site, *keys: str) -> None:
    with open_store(f"sqlite:///{site.folder / 'data' / 'hub.sqlite3'}") as store, store.write() as conn:
        for key in keys:
            ledger.begin(conn, LILA, key, job="revenue", kind="create", summary=summary(ACTION), run=None,
                         now=NOW)  # fmt: skip
            ledger.uncertain(conn, LILA, key, "no answer came", NOW)


def _states(site: Site) -> dict[str, str]:
    with open_store(f"sqlite:///{site.folder / 'data' / 'hub.sqlite3'}") as store, store.read() as conn:
        found = {key: ledger.entry(conn, LILA, key) for key in ("one", "two")}
    return {key: entry.state for key, entry in found.items() if entry is not None}


def test_what_happened_counts_as_done_and_what_did_not_is_done_again(site: Site) -> None:
    only_jobs(site, "revenue")
    assert site.hub("uncertain").out == f"{LILA}: nothing is uncertain.\n"
    _unsure(site, "one", "two")
    told = site.hub("uncertain", LILA).out
    ids = [line.split()[0] for line in told.splitlines() if "2026-03-02 09:30 UTC" in line]
    assert len(ids) == 2
    assert "no answer came" in told

    assert "It counts as done." in site.hub("uncertain", "happened", ids[0]).out
    assert "does it again" in site.hub("uncertain", "again", ids[1]).out

    assert list(_states(site).values()) == ["done"]
    assert site.hub("uncertain").out == f"{LILA}: nothing is uncertain.\n"
    refused = site.hub("uncertain", "happened", ids[0])
    assert refused.code == 2
    assert "Nothing uncertain has the id" in refused.err
