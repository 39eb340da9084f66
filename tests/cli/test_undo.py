"""`hub undo`: the last runs that wrote, the plan that takes one back, and `hub apply` of it."""

from __future__ import annotations

import re

from tests.cli.mirrored import only_jobs
from tests.cli.site import Site


def amounts(site: Site) -> dict[str, float | None]:
    (table,) = [one for one in site.boxes.notion.tables(site.environment["WORKSPACE"]) if "Chiffres" in one["title"]]
    rows = site.boxes.notion.rows(table["id"], site.environment["WORKSPACE"])
    return {row["Hub"]: row["Montant"] for row in rows}


def test_what_a_run_wrote_is_shown_taken_back_and_said_to_come_again(site: Site) -> None:
    only_jobs(site, "revenue")
    assert site.hub("undo").out == "atelier-lila: no run has written anything.\n"
    site.hub("backfill")
    site.hub("sync")
    before = amounts(site)
    site.shop.sell(amount=4_200, product="Extra")
    site.hub("sync")
    after = amounts(site)
    assert after != before

    listed = site.hub("undo")
    runs = re.findall(r"^ +(\d+)  \d{4}-\d\d-\d\d \d\d:\d\d UTC  \d+ written  atelier-lila", listed.out, re.MULTILINE)
    assert len(runs) == 2, listed.everything
    told = site.hub("undo", runs[0])
    assert told.code == 0, told.everything
    assert f"annule l'exécution {runs[0]}" in told.out
    assert "le prochain passage les" in told.out
    saved = re.search(r"^Saved as ([0-9a-f]{8})\.", told.out, re.MULTILINE)
    assert saved
    assert "[hub]" in site.hub("undo", runs[0], "--full").out
    assert amounts(site) == after, "a plan writes nothing"

    done = site.hub("apply", saved[1])
    assert done.code == 0, done.everything
    assert amounts(site) == before

    again = site.hub("undo", runs[0])
    assert again.code == 1
    assert "récrit depuis par l'exécution" in again.out
    site.hub("sync")
    assert amounts(site) == after


def test_a_run_that_made_rows_is_held_and_an_unknown_one_is_refused(site: Site) -> None:
    only_jobs(site, "revenue")
    site.hub("backfill")
    site.hub("sync")
    unknown = site.hub("undo", "999")
    assert unknown.code == 2
    assert "there is no run 999" in unknown.err

    (run,) = re.findall(r"^ +(\d+)  ", site.hub("undo").out, re.MULTILINE)
    told = site.hub("undo", run)

    assert "HELD for a person" in told.out
    assert re.search(rf"revenue, undo of run {run}: \d+ things, held", site.hub("held").out)
