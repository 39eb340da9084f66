"""/status, /healthz, /readyz: what the OBM and her watchdog are told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from hub.planning.journeys.figures import NOW as PERIOD
from hub.planning.journeys.figures import to_values
from hub.store import changes, connections, dead, figures, jobs, ledger, plans, runs, subscriptions, windows, workers
from hub.store.database import Store
from hub.store.figures import FigureRow
from hub.store.subscriptions import SubscriptionRow
from tests.planning.clients import line as client
from tests.planning.clients import offer
from tests.web.conftest import KEY, LILA, MARC, NOON, Web, prepared, running
from tests.web.stripe_like import body_of, signed


def all_well(store: Store) -> None:
    """Both businesses as they are on a good day at noon."""
    with store.write() as conn:
        workers.beat(conn, "host:1", "worker", NOON)
        for business in (LILA, MARC):
            for name in ("stripe", "notion"):
                connections.ok(conn, business, name, NOON - timedelta(hours=1))
            for turn in jobs.claim(conn, business, "host:1", NOON, 60):
                jobs.settle(conn, turn, NOON)


def reasons(web: Web, business: str = LILA) -> list[tuple[str, str]]:
    return [(one["level"], one["text"]) for one in web.status(business)["reasons"]]


def test_a_good_day_is_ok_and_has_no_reasons(web: Web) -> None:
    all_well(web.store)

    report = web.status()

    assert (report["word"], report["reasons"]) == ("ok", [])
    assert [one["business"] for one in report["businesses"]] == [LILA, MARC]
    lila = report["businesses"][0]
    assert [(one["name"], one["connector"], one["state"]) for one in lila["connections"]] == [
        ("stripe", "stripe", "ok"),
        ("notion", "notion", "ok"),
    ]
    assert lila["connections"][0]["last_proof_of_life"] == "2026-11-21T11:00:00Z"
    assert [(one["name"], one["state"]) for one in lila["jobs"]] == [("revenue", "ok")]
    assert report["workers"][0]["kind"] == "worker"


def test_silence_of_a_connection_for_more_than_26_hours_is_a_fault(web: Web) -> None:
    all_well(web.store)
    web.clock.at = NOON + timedelta(hours=25, minutes=1)
    with web.store.write() as conn:
        workers.beat(conn, "host:1", "worker", web.clock.at)
        connections.ok(conn, LILA, "notion", web.clock.at)

    assert web.status(LILA)["word"] == "fault"
    assert reasons(web) == [("fault", "stripe has given no sign of life for 26 hours. Run `hub check`.")]


def test_a_signed_delivery_is_a_proof_of_life(web: Web) -> None:
    all_well(web.store)
    web.clock.at = NOON + timedelta(hours=26)
    body = body_of("evt_1", kind="not.followed")
    web.post(body, signed(body, web.clock.at))

    shown = web.status(LILA)["connections"]
    assert [(one["name"], one["state"]) for one in shown] == [("stripe", "ok"), ("notion", "silent")]


@pytest.mark.parametrize(("seconds", "word"), [(60, "ok"), (61, "fault")])
def test_a_worker_without_a_sign_of_life_for_a_minute_is_a_fault(web: Web, seconds: int, word: str) -> None:
    all_well(web.store)
    web.clock.at = NOON + timedelta(seconds=seconds)

    report = web.status()

    assert report["word"] == word
    assert [one["level"] for one in report["reasons"]] == ["fault"] * (word == "fault")  # told once, not per business


def test_a_change_that_waits_for_more_than_five_minutes_is_a_fault(web: Web) -> None:
    all_well(web.store)
    with web.store.write() as conn:
        changes.ring(conn, LILA, "stripe", [("invoice", "in_1"), ("invoice", "in_2")], NOON - timedelta(minutes=6))

    shown = web.status(LILA)["connections"][0]
    assert (shown["waiting"], shown["waiting_since"]) == (2, "2026-11-21T11:54:00Z")
    assert reasons(web) == [("fault", "2 changes wait at stripe, the oldest for 6 minutes.")]


def test_what_a_person_must_decide_is_attention_in_plain_sentences(web: Web) -> None:
    all_well(web.store)
    with web.store.write() as conn:
        connections.pause(conn, LILA, "notion", "Notion refuses the key: make a new one.", NOON)
        changes.ring(conn, LILA, "stripe", [("invoice", "in_1")], NOON)
        (change,) = changes.claim(conn, LILA, "host:1", NOON, 60, 10)
        dead.bury(conn, change, "Its currency is unknown.", NOON)
        changes.settle(conn, [change])
        plan = plans.save(conn, LILA, "revenue", "d1", "{}", "held", "12 of 20 rows would change.", NOON)
        run = runs.start(conn, LILA, "turn", "revenue,deadlines", "atelier-lila · revenue", NOON, "host:1")
        runs.finish(conn, run, "held", {"updates": 12}, None, NOON)
        ledger.begin(conn, LILA, "k1", job="revenue", kind="create", summary="a row", run=run, now=NOON)
        ledger.uncertain(conn, LILA, "k1", "No answer came.", NOON)

    report = web.status(LILA)

    assert report["word"] == "attention"
    assert reasons(web) == [
        ("attention", "1 dead letter at stripe: could not be read or written, kept with the reason."),
        ("attention", "notion is paused: Notion refuses the key: make a new one."),
        ("attention", f"revenue: plan {plan} is held and waits for your decision: 12 of 20 rows would change."),
        ("attention", "1 effect is uncertain: the hub cannot know whether it happened. Answer `hub uncertain`."),
    ]
    job = report["jobs"][0]
    assert (job["state"], job["held_plan"]["id"]) == ("held", plan)
    assert (job["last_run"]["state"], job["last_run"]["counts"]) == ("held", {"updates": 12})
    assert report["ledger"]["uncertain"] == 1


def test_a_fault_of_one_business_does_not_show_in_anothers_status(web: Web) -> None:
    all_well(web.store)
    with web.store.write() as conn:
        changes.ring(conn, LILA, "stripe", [("invoice", "in_1")], NOON - timedelta(hours=3))
        connections.pause(conn, LILA, "notion", "A key of Lila's.", NOON)

    assert (web.status(LILA)["word"], web.status(MARC)["word"]) == ("fault", "ok")
    answer = web.client.get(f"/status/{MARC}", headers={"Authorization": f"Bearer {KEY}"})
    assert "ila" not in answer.text
    everything = web.status()
    assert everything["word"] == "fault"
    assert all(one["text"].startswith("Atelier Lila: ") for one in everything["reasons"])


@pytest.mark.parametrize(
    "given",
    [{}, {"headers": {"Authorization": "Bearer wrong"}}, {"headers": {"Authorization": "Bearer"}},
     {"params": {"key": "wrong"}}, {"params": {"key": ""}}, {"headers": {"Authorization": f"Basic {KEY}"}}],
    ids=["none", "wrong", "empty", "wrong in the address", "empty in the address", "another scheme"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/status", f"/status/{LILA}", "/status/nobody"])
def test_the_status_needs_its_key_and_says_where_it_is_set(web: Web, given: dict, path: str) -> None:
    answer = web.client.get(path, **given)

    assert answer.status_code == 401
    assert "Authorization: Bearer KEY" in answer.json()["todo"]
    assert "HUB_STATUS_KEY" in answer.json()["todo"]
    assert "businesses" not in answer.text


def test_an_empty_status_key_opens_nothing(store: Store) -> None:
    with running(store, status_key="") as web:
        answers = [web.client.get("/status"), web.client.get("/status?key=")]

    assert [one.status_code for one in answers] == [401, 401]


def test_a_browser_gets_a_page_that_loads_nothing_and_escapes_what_others_wrote(web: Web) -> None:
    all_well(web.store)
    with web.store.write() as conn:
        connections.pause(conn, LILA, "notion", "<script>alert(1)</script>", NOON)

    answer = web.client.get("/status", params={"key": KEY}, headers={"Accept": "text/html,*/*"})

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Atelier Lila" in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert KEY not in answer.text


def test_an_unknown_business_is_named_with_those_there_are(web: Web) -> None:
    answer = web.client.get("/status/nobody", headers={"Authorization": f"Bearer {KEY}"})

    assert answer.status_code == 404
    assert answer.json()["todo"] == f"There are: {LILA}, {MARC}."


def test_health_is_told_without_a_key_and_without_a_database(tmp_path: Path) -> None:
    with running(prepared(tmp_path)) as web:
        web.store.close()

        assert web.client.get("/healthz").json() == {"up": True}


def test_ready_needs_a_living_worker(web: Web) -> None:
    unready = web.client.get("/readyz")
    with web.store.write() as conn:
        workers.beat(conn, "host:1", "worker", NOON)
    web.clock.at = NOON + timedelta(seconds=2)
    ready = web.client.get("/readyz")

    assert (unready.status_code, unready.json()["ready"]) == (503, False)
    assert "No worker has ever run" in unready.json()["reasons"][0]
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "reasons": []})


def test_ready_needs_a_database_that_takes_writes(web: Web) -> None:
    all_well(web.store)
    event.listen(web.store.engine, "begin", lambda conn: conn.exec_driver_sql("PRAGMA query_only = ON"))

    answer = web.client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert len(answer.json()["reasons"]) == 1


def test_the_docs_describe_every_address_and_load_nothing_from_outside(web: Web) -> None:
    page = web.client.get("/docs")
    schema = web.client.get("/openapi.json").json()

    assert page.status_code == 200
    for path in ("/webhooks/{business}/{connection}", "/healthz", "/readyz", "/status", "/status/{business}"):
        assert path in schema["paths"]
        assert path in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "<script" not in page.text
    assert "last_proof_of_life" in page.text
    assert schema["paths"]["/status"]["get"]["security"]


def test_who_calls_and_when_nothing_was_heard_is_shown_and_an_unread_gap_is_a_reason(web: Web) -> None:
    hour = timedelta(hours=1)
    with web.store.write() as conn:
        subscriptions.put(conn, LILA, "stripe", SubscriptionRow("we_1", "https://hub", "", NOON - hour, NOON))
        windows.add(conn, LILA, "stripe", "", "Stripe had deleted the subscription", NOON - 3 * hour, NOON - 2 * hour)
    stripe = next(one for one in web.status(LILA)["connections"] if one["name"] == "stripe")
    assert stripe["subscriptions"] == 1
    assert stripe["subscriptions_seen_at"] == "2026-11-21T12:00:00Z"
    assert stripe["last_blind"] == {
        "began_at": "2026-11-21T09:00:00Z",
        "ended_at": "2026-11-21T10:00:00Z",
        "why": "Stripe had deleted the subscription",
        "reconciled_at": None,
    }
    text = "stripe was not heard from 2026-11-21 09:00 to 2026-11-21 10:00 UTC (Stripe had deleted the subscription)"
    assert any(text in reason["text"] for reason in web.status(LILA)["reasons"])
    with web.store.write() as conn:
        windows.reconcile(conn, LILA, "stripe", NOON, NOON)
    assert not any("was not heard" in reason["text"] for reason in web.status(LILA)["reasons"])


def test_clients_are_counted_on_the_page_and_never_named(web: Web) -> None:
    all_well(web.store)
    counted = offer({"journeys_asked": [client(), client("Anne")], "no_show_rate": [client(), client(counted=False)]})
    rows = [
        FigureRow(each.figure, PERIOD, "", each.value, each.unit, to_values(each.lines), False, NOON)
        for each in counted.figures.values()
    ]
    with web.store.write() as conn:
        figures.put(conn, LILA, "revenue", rows, NOON)
    text = "revenue: 2 clients wait for your word before anything begins. See `hub journey`."
    assert reasons(web) == [("attention", text)]
    page = web.client.get(f"/status/{LILA}", params={"key": KEY}, headers={"Accept": "text/html,*/*"}).text
    assert "<th>clients of revenue</th>" in page
    assert "<td>no show rate</td><td>50</td>" in page
    assert "<td>hours to welcome</td><td>—</td>" in page
    assert "Marie" not in page + web.client.get(f"/status/{LILA}", params={"key": KEY}).text
