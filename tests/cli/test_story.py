"""The commands from an empty folder to a figure and its proof, against both sandboxes on real sockets."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.site import LILA, Site

THIS_MONTH = f"{datetime.now(UTC):%Y-%m}"
CHART = "Chiffres du mois"
SAVED = re.compile(r"^Saved as ([0-9a-f]{8})\.", re.MULTILINE)


def saved(out: str) -> str:
    found = SAVED.search(out)
    assert found, out
    return found[1]


def narrow(out: str) -> None:
    for line in out.splitlines():
        assert len(line) <= 100 or line.startswith("Saved as"), line


def backfilled(site: Site) -> Site:
    told = site.hub("backfill")
    assert told.code == 0, told.everything
    return site


def test_check_says_what_is_there_and_what_will_be_made(site: Site) -> None:
    told = site.hub("check")
    assert told.code == 0, told.everything
    assert "ok  atelier-lila: the mappings load (revenue)" in told.out
    assert "ok  atelier-lila · stripe: Stripe account" in told.out
    assert "ok  atelier-lila · notion: Page: Atelier Lila" in told.out
    assert f"note  atelier-lila · revenue: « {CHART} » is not there yet; the hub will make it" in told.out
    assert "note  atelier-lila · stripe: HUB_PUBLIC_URL is not set" in told.out
    assert told.out.endswith("Nothing is wrong.\n")
    assert told.err == ""


def test_from_the_history_to_the_figure_and_its_proof(site: Site) -> None:
    early = site.hub("plan")
    assert early.code == 2
    assert "the history of stripe was not read yet" in early.err
    assert "hub backfill atelier-lila" in early.err

    read = site.hub("backfill")
    assert read.code == 0, read.everything
    assert re.search(r"atelier-lila: stripe is read; [1-9]\d* records new or changed", read.out)

    first = site.hub("plan")
    assert first.code == 0, first.everything
    narrow(first.out)
    assert f"* « {CHART} » to be made" in first.out
    assert re.search(rf"\+ \d+ rows to create in « {CHART} »", first.out)
    assert "Nothing was written." in first.out
    assert site.titles() == []  # a plan writes nothing

    done = site.hub("apply", saved(first.out))
    assert done.code == 0, done.everything
    written, planned = re.fullmatch(r"(\d+) of (\d+) written\.\n", done.out).groups()  # type: ignore[union-attr]
    assert written == planned
    assert site.titles() == [CHART]

    assert site.hub("plan").out == "atelier-lila · revenue: nothing to change\n"
    again = site.hub("apply", saved(first.out))
    assert again.code == 2
    assert "is applied already" in again.err

    proof = site.hub("why", "cash_in", THIS_MONTH)
    assert proof.code == 0, proof.everything
    assert "txn_" in proof.out
    unknown = site.hub("why", "cash_in", "1999-01")
    assert unknown.code == 2
    assert "cash_in of 1999-01 is not known" in unknown.err
    assert "There are:" in unknown.err
    nonsense = site.hub("why", "revenu", THIS_MONTH)
    assert nonsense.code == 2
    assert "No figure is called revenu" in nonsense.err


def test_a_sync_writes_what_changed_and_a_second_one_nothing(site: Site) -> None:
    backfilled(site)
    first = site.hub("sync")
    assert first.code == 0, first.everything
    site.shop.sell(amount=4_200, product="Extra")
    second = site.hub("sync", LILA)
    assert second.code == 0, second.everything
    assert re.match(r"atelier-lila: \d+ read, \d+ changed; revenue: [1-9]\d* written\n", second.out)
    third = site.hub("sync")
    assert third.out == "atelier-lila: revenue: 0 written\n"
    stranger = site.hub("sync", "nobody")
    assert stranger.code == 2
    assert "No business is called nobody. There are: atelier-lila" in stranger.err


def test_a_plan_that_the_world_has_left_behind_is_refused_and_what_moved_is_named(site: Site) -> None:
    backfilled(site)
    site.hub("sync")
    site.shop.sell(amount=5_000, product="Extra")
    site.hub("backfill", "--again")
    old = site.hub("plan")
    assert re.search(r"^~ Chiffres du mois › cash_in/", old.out, re.MULTILINE), old.out
    assert re.search(r"^ +Montant +\S+ → \S+$", old.out, re.MULTILINE)
    narrow(old.out)

    site.shop.sell(amount=7_000, product="Extra")
    site.hub("backfill", "--again")
    told = site.hub("apply", saved(old.out))
    assert told.code == 2
    assert f"The plan {saved(old.out)} is stale" in told.err
    assert re.search(r"cash_in/\S+ · Montant: the plan said \S+ → \S+, now it would be \S+ → \S+", told.err)
    assert "nothing was written" in told.err
    new = site.hub("apply", saved(site.hub("plan").out))
    assert new.code == 0, new.everything
    assert site.hub("apply", "12345678").err.startswith("There is no plan 12345678.")


def test_the_plan_speaks_text_markdown_and_json(site: Site) -> None:
    backfilled(site)
    short, full = site.hub("plan"), site.hub("plan", "--full")
    assert "(--full shows each field)" in short.out
    assert len(full.out.splitlines()) > 2 * len(short.out.splitlines())
    assert "Montant" in full.out
    table = site.hub("plan", "--format", "markdown").out
    assert "| --- |" in table
    told = site.hub("plan", "--format", "json")
    documents = json.loads(told.out)
    assert [document["job"] for document in documents] == ["revenue"]
    assert documents[0]["id"] == saved(short.out)
    fields = {change["field"] for action in documents[0]["actions"] for change in action["changes"]}
    assert "Montant" in fields
    assert site.hub("plan", "--format", "yaml").code == 2


def test_an_abnormal_plan_is_held_shown_and_carried_out_only_by_a_person(site: Site) -> None:
    backfilled(site)
    site.hub("sync")
    mapping = site.folder / "mappings" / LILA / "revenue.yaml"
    good = mapping.read_text()
    poorer = good.replace("  - {figure: refund_rate,", "#  - {figure: refund_rate,")
    mapping.write_text(poorer)
    held = site.hub("sync")
    assert re.search(r"revenue: plan ([0-9a-f]{8}) is held", held.out), held.everything
    status = site.hub("status")
    assert status.code == 2  # no worker runs: a fault
    assert "is held and waits for your decision" in status.out
    mapping.write_text(good)
    site.hub("sync")
    assert "is held" not in site.hub("status").out  # its reason is gone
    mapping.write_text(poorer)
    plan = site.hub("plan")
    assert "HELD for a person" in plan.out
    assert re.search(r"^- \d+ rows? to put in the trash of", plan.out, re.MULTILINE)
    applied = site.hub("apply", saved(plan.out))
    assert applied.code == 0, applied.everything
    assert "is held" not in site.hub("status").out


def test_a_new_installation_adopts_the_table_that_an_earlier_one_wrote(site: Site) -> None:
    backfilled(site)
    site.hub("sync")
    shutil.rmtree(site.data)
    backfilled(site)
    plan = site.hub("plan").out
    assert CHART not in plan
    assert "HELD" not in plan


def test_what_cannot_be_read_is_a_dead_letter_with_its_reason_and_can_be_replayed(site: Site) -> None:
    backfilled(site)
    site.hub("sync")
    assert site.hub("dead").out == "atelier-lila: no dead letters.\n"
    charge = site.shop.sell(amount=3_000, product="Extra")["charge"]
    sold = site.shop.state.get("charge", charge)
    sold["currency"], good = "no currency", sold["currency"]
    site.hub("sync")
    letters = site.hub("dead").out
    assert charge in letters, letters
    number = re.search(r"#(\d+)", letters)
    assert number
    assert site.hub("replay").code == 2
    sold["currency"] = good
    back = site.hub("replay", number[1])
    assert back.out.startswith("1 put back"), back.everything
    site.hub("sync")
    assert site.hub("dead").out == "atelier-lila: no dead letters.\n"
    assert site.hub("replay", "--all").code == 2


def test_nothing_that_is_printed_holds_a_key(site: Site, tmp_path: Path) -> None:
    keys = [value for name, value in site.environment.items() if name.endswith("_API_KEY")]
    for command in (["check"], ["backfill"], ["plan"], ["status", "--json"], ["-v", "sync"]):
        told = site.hub(*command)
        for key in keys:
            assert key not in told.everything, command
