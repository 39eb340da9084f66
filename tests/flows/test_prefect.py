"""What the OBM finds in Prefect, asked through its REST API, while `hub up` runs as she runs it.

The tests share one house and go in this order; the last one ends it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.cli.site import alive, until
from tests.flows.kit import House

pytestmark = pytest.mark.xdist_group("prefect")

LIVE = re.compile(r"atelier-lila · live · \d\d/\d\d \d\d:\d\d")
LOOK = "atelier-lila · hourly look"
NIGHT = "atelier-lila · nightly reconcile"
MAILS = "atelier-lila · mails 08:00"
OLD = "atelier-lila · mails 07:15"
ZONE = "Europe/Paris"


def test_the_api_listens_before_prefect_and_the_first_read_waits_to_be_seen_there(house: House) -> None:
    text = house.up.text
    assert text.index("The API listens:") < text.index("Prefect shows runs:") < text.index("Listening for Atelier Lila")
    [first] = house.prefect.runs("backfill")
    assert first["name"] == "atelier-lila · backfill"
    assert first["state"]["type"] == "COMPLETED"
    assert re.fullmatch(r"\d+ records new or changed", first["state"]["message"])
    assert set(first["tags"]) == {"atelier-lila", "backfill"}
    until(lambda: len(house.prefect.log(first["id"])) > 5, "the log of the first read")
    lines = [line["message"] for line in house.prefect.log(first["id"])]
    assert any(re.fullmatch(r"atelier-lila: read 3 charge records of stripe, 3 new or changed", each) for each in lines)


def test_a_turn_is_a_task_run_with_a_name_a_log_line_and_its_plan_as_a_table(house: House) -> None:
    house.sell(4_700)
    live = house.live()
    assert LIVE.fullmatch(live["name"])
    assert set(live["tags"]) == {"atelier-lila", "live"}
    assert live["parameters"] == {}

    turn = re.compile(r"atelier-lila · \d+ changes? → revenue · \d+ written")
    until(lambda: [t for t in house.prefect.tasks(live["id"]) if turn.fullmatch(t["name"])], "a turn's task run")
    until(lambda: all(t["state"]["type"] == "COMPLETED" for t in house.prefect.tasks(live["id"])), "the turn's end")
    said = re.compile(r"atelier-lila: \d+ read, \d+ changed; revenue: [1-9]\d* written")
    until(lambda: [x for x in house.prefect.log(live["id"]) if said.fullmatch(x["message"])], "the turn's line")
    [line, *_] = [x for x in house.prefect.log(live["id"]) if said.fullmatch(x["message"])]
    assert line["task_run_id"] in {task["id"] for task in house.prefect.tasks(live["id"])}

    until(house.prefect.artifacts, "the plan's table")
    table = house.prefect.artifacts()[0]
    assert table["key"] == "atelier-lila-revenue-plan"
    assert table["type"] == "table"
    assert table["flow_run_id"] == live["id"]
    rows = json.loads(table["data"])
    assert {"where", "what", "field", "old", "new", "why"} == set(rows[0])
    assert any(row["field"] == "Montant" and row["old"] != row["new"] for row in rows)


def test_the_deployments_are_ready_scheduled_in_the_business_s_zone_and_named_for_people(house: House) -> None:
    until(lambda: len(house.prefect.deployments()) == 4, "the deployments")
    until(lambda: all(d["status"] == "READY" for d in house.prefect.deployments().values()), "their being polled")
    deployments = house.prefect.deployments()
    assert set(deployments) == {LOOK, NIGHT, MAILS, "atelier-lila · backfill"}
    assert all(each["description"] for each in deployments.values())
    crons = {
        name: [(s["schedule"]["cron"], s["schedule"]["timezone"]) for s in each["schedules"]]
        for name, each in deployments.items()
    }
    assert crons == {
        LOOK: [("7 * * * *", ZONE)],
        NIGHT: [("20 3 * * *", ZONE)],
        MAILS: [("0 8 * * *", ZONE)],
        "atelier-lila · backfill": [],
    }
    for name in (LOOK, NIGHT, MAILS):
        until(lambda: house.prefect.upcoming(deployments[name]["id"]), f"scheduled runs of {name}")  # noqa: B023
        until(lambda: {r["name"] for r in house.prefect.upcoming(deployments[name]["id"])} == {name}, "their names")  # noqa: B023


def test_a_run_started_by_hand_is_carried_out_by_the_worker_within_seconds(house: House) -> None:
    done = house.prefect.start(LOOK)
    assert done["state"]["type"] == "COMPLETED", done["state"]
    assert done["name"] == LOOK
    assert re.fullmatch(r"\d+ records may have changed; every job plans again", done["state"]["message"])
    until(lambda: house.prefect.log(done["id"]), "its log")
    assert [line["message"] for line in house.prefect.log(done["id"])] == [f"atelier-lila: {done['state']['message']}"]


def test_two_due_runs_of_one_deployment_do_the_work_once(house: House) -> None:
    deployment = house.prefect.deployments()[LOOK]["id"]
    worker = house.up.children()["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        begun = [house.prefect.ask(f"/deployments/{deployment}/create_flow_run")["id"] for _ in range(3)]
    finally:
        os.kill(worker, signal.SIGCONT)
    states = ["CANCELLED", "CANCELLED", "COMPLETED"]
    until(lambda: sorted(house.prefect.run(run)["state"]["type"] for run in begun) == states, "one run for three")


def test_a_failure_is_shown_as_failed_with_its_sentence(house: House) -> None:
    key = house.site.environment["HUB_ATELIER_LILA_STRIPE_API_KEY"]
    house.boxes.stripe.revoke_key(key)
    try:
        failed = house.prefect.start(LOOK)
    finally:
        house.boxes.stripe.restore_key(key)
    assert failed["state"]["type"] == "FAILED"
    assert "Stripe" in failed["state"]["message"]
    assert "key" in failed["state"]["message"]
    until(lambda: house.prefect.log(failed["id"]), "its log")
    assert "Traceback" not in " ".join(line["message"] for line in house.prefect.log(failed["id"]))


def test_a_run_whose_worker_was_killed_is_crashed_with_the_reason_and_what_was_paused_stays_paused(
    house: House,
) -> None:
    night = house.prefect.deployments()[NIGHT]
    house.prefect.change(night["id"], paused=True)
    until(lambda: not house.prefect.upcoming(night["id"]), "no upcoming run of what is paused")
    before = house.live()
    mails = house.prefect.deployments()[MAILS]
    # As one that another start of the hub left behind: since then the mails go at another hour.
    house.prefect.ask("/deployments/", name=OLD, flow_id=mails["flow_id"], tags=mails["tags"])
    house.boxes.stripe.webhooks.hold()
    house.site.shop.sell(amount=8_800, product="Extra", deliver=True)
    os.kill(house.up.children()["worker"], signal.SIGKILL)
    written = house.written()
    house.boxes.stripe.webhooks.release()
    house.up.wait_for("the worker ended (killed by signal 9)")
    until(lambda: house.prefect.run(before["id"])["state"]["type"] == "CRASHED", lambda: str(house.up.text))
    state = house.prefect.run(before["id"])["state"]
    assert "ended without closing it" in state["message"]
    assert house.live()["id"] != before["id"]
    until(lambda: house.written() > written, "what came in meanwhile")
    until(lambda: OLD not in house.prefect.deployments(), "the end of the deployment that nothing asks for")
    assert MAILS in house.prefect.deployments()
    assert house.prefect.deployments()[NIGHT]["paused"] is True
    assert not house.prefect.upcoming(night["id"])


def test_while_prefect_is_away_the_work_goes_on_and_a_new_live_run_opens_when_it_is_back(house: House) -> None:
    before, code = house.live(), house.site.hub("status").code
    prefect = house.up.children()["prefect"]
    os.kill(prefect, signal.SIGSTOP)
    try:
        house.up.wait_for("Prefect does not answer at")
        house.sell(9_100)
        told = house.site.hub("status")
        assert "note: Prefect does not answer" in told.out
        assert told.code == code, told.out
    finally:
        os.kill(prefect, signal.SIGCONT)
    house.up.wait_for("runs are shown there from now on")
    until(lambda: house.prefect.run(before["id"])["state"]["type"] == "COMPLETED", "the end of the old live run")
    assert house.live()["id"] != before["id"]
    assert house.up.text.count("Prefect does not answer at") == 1


def test_no_log_line_and_no_artifact_holds_a_key_or_speaks_of_prefect_s_own_doings(house: House) -> None:
    runs = house.prefect.runs("live") + house.prefect.runs("hourly-look") + house.prefect.runs("backfill")
    lines = [line for run in runs for line in house.prefect.log(run["id"])]
    assert {line["name"].split(".")[0] for line in lines} == {"hub"}
    told = json.dumps([lines, house.prefect.artifacts(), runs, house.up.text])
    for name, value in house.site.environment.items():
        if name.endswith(("_API_KEY", "_STATUS_KEY")):
            assert value not in told, name
    assert "whsec_" not in told


def test_sigterm_ends_everything_in_order_and_the_live_run_is_completed(house: House) -> None:
    last = house.live()
    children = house.up.children()
    assert set(children) == {"prefect", "api", "worker"}
    assert house.up.stop() == 0
    assert not any(alive(pid) for pid in children.values())
    assert "Stopping …\n" in house.up.text
    assert house.up.text.endswith("Stopped.\n")
    assert "Traceback" not in house.up.text
    assert " | " not in house.up.text  # the look of Prefect's own console
    with closing(sqlite3.connect(house.site.data / "prefect" / "prefect.db")) as conn:
        query = "SELECT state_type FROM flow_run WHERE replace(id, '-', '') = ?"
        [(state,)] = conn.execute(query, [last["id"].replace("-", "")])
    assert state == "COMPLETED"
