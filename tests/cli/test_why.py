"""`hub why RECORD`: found by its id or a part of its title; each job's rules, its pair, the writes and undone edits."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from hub.core.types import Ref
from hub.planning.inverse import summary
from hub.planning.plan import Action, FieldChange
from hub.store import ledger, links
from tests.cli.mirrored import only_jobs, put, store_of, tasks
from tests.cli.site import LILA, Site

SYNC = """\
hub: 1
job: sync
says: Every task is a row.
from: {connection: asana, project: Lancement}
to: {connection: notion, database: Tâches}
match_by: id
fields:
  - {source: title, target: Tâche, owner: source}
only_if: {assignee: any, section: [En cours]}
"""


@pytest.fixture
def known(site: Site) -> Site:
    """Two tasks in the mirror, one of which is paired, was written, and had an edit undone."""
    only_jobs(site)
    folder = site.folder / "mappings" / LILA
    (folder / "rows.yaml").write_text(SYNC)
    business = folder / "business.yaml"
    if "asana" not in business.read_text():
        business.write_text(business.read_text().replace("connections:\n", "connections:\n  asana: {}\n"))
    put(site, "asana", *tasks("Lancement", [("Page de vente", "2026-03-20"), ("Page de merci", "2026-03-21")]))
    now = datetime(2026, 3, 17, 9, tzinfo=UTC)
    change = FieldChange("Tâche", "Vente", "Page de vente", "source")
    action = Action(
        key="k", kind="update", collection="notion › Tâches", row="120", ref=Ref("row-1"), changes=(change,), why=""
    )
    with store_of(site) as store, store.write() as conn:
        links.put(conn, LILA, "rows", "pairs", "120", "row-1", {"s:title": "Page de vente", "t:Tâche": "x"}, now)
        ledger.begin(conn, LILA, "k", job="rows", kind="update", summary=summary(action), run=7, now=now)
        ledger.done(conn, LILA, "k", "row-1", now)
        links.record_edit(
            conn, LILA, "rows", "notion › Tâches", "120", "Tâche", "Page de vente", "À moi", "Lila", now, now
        )
    return site


def test_a_part_of_a_title_is_enough_and_each_rule_is_told_with_what_was_seen(known: Site) -> None:
    told = known.hub("why", "de vente")

    assert told.code == 0, told.everything
    assert told.out.startswith("Page de vente  (asana/task/120)\n")
    assert "  yes only_if assignee: any; seen: Léa" in told.out
    assert "  no  only_if section: En cours; seen: À faire" in told.out
    assert "its pair is notion row-1; the hub wrote once" in told.out
    text = " ".join(told.out.split())
    assert "written 2026-03-17 09:00 UTC, run 7: rows update in notion › Tâches: Tâche Vente → Page de vente" in text
    assert "undone 2026-03-17 09:00 UTC: Lila had set Tâche of notion › Tâches to À moi; rows put back" in text
    assert known.hub("why", "asana/task/120").out == told.out


def test_words_that_mean_several_records_or_none_say_what_to_do(known: Site) -> None:
    several = known.hub("why", "page")
    assert several.code == 2
    assert "2 records are called so; say which:" in several.err
    assert "asana/task/121  Page de merci" in several.err
    assert "The mirror holds no record called nonsense" in known.hub("why", "nonsense").err
    month = known.hub("why", "cash_in")
    assert month.code == 2
    assert "say its month too, like `hub why cash_in 2026-10`" in month.err


def test_a_transaction_tells_the_figures_that_count_it(site: Site) -> None:
    only_jobs(site, "revenue")
    site.hub("backfill")
    site.hub("sync")
    month = f"{datetime.now(UTC):%Y-%m}"
    proof = site.hub("why", "cash_in", month).out
    found = re.search(r"txn_\w+", proof)
    assert found, proof

    told = site.hub("why", f"stripe/balance_transaction/{found[0]}")

    assert told.code == 0, told.everything
    assert re.search(rf"  yes counted in .*cash_in {month} EUR", told.out)
