"""Notion's sandbox fails on demand, and what it says it did it has done."""

import json
import threading
from collections.abc import Iterator

import httpx
import notion_client
import pytest

from tests.sandboxes.notion_kit import Clock, World, rich, row, table, world

ROW = "/v1/pages/{page_id}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notion(clock: Clock) -> Iterator[World]:
    with world(clock) as served:
        yield served


@pytest.fixture
def source(notion: World) -> str:
    return table(notion.client(), notion.sandbox.share_page("Pilotage"))[1]


def names(notion: World) -> list[str]:
    return [one["Nom"] for one in notion.sandbox.rows("Factures")]


def test_the_window_lets_180_calls_through_then_says_how_long_to_wait(notion: World, clock: Clock) -> None:
    notion.sandbox.settings(rate_limit=180)
    http = notion.raw()
    for n in range(180):
        assert http.get("/v1/users/me").status_code == 200
        clock.pass_by(0.1 if n < 100 else 0)
    refused = http.get("/v1/users/me")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "50"
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["additional_data"] == {
        "rate_limit_reason": "public_api_request_rate_limit",
        "retry_after": "50",
    }
    clock.pass_by(49)
    assert http.get("/v1/users/me").status_code == 429
    clock.pass_by(1)
    assert http.get("/v1/users/me").status_code == 200
    stats = notion.sandbox.stats()
    assert (stats["rate_limited"], stats["highest_window"], stats["total"]) == (2, 182, 183)


def test_each_connection_has_its_own_window(notion: World) -> None:
    notion.sandbox.add_token("ntn_marc", workspace="Marc")
    notion.sandbox.settings(rate_limit=1, rate_window=5)
    lila, marc = notion.raw(), notion.raw(token="ntn_marc")
    assert [one.get("/v1/users/me").status_code for one in (lila, marc, lila, marc)] == [200, 200, 429, 429]
    notion.sandbox.settings(rate_limit=None)
    assert lila.get("/v1/users/me").status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("rate_limited", 429, "rate_limited"),
        ("overload", 529, "service_overload"),
        ("conflict", 409, "conflict_error"),
        ("internal", 500, "internal_server_error"),
        ("unavailable", 503, "service_unavailable"),
        ("gateway_timeout", 504, "gateway_timeout"),
        ("block_limit", 403, "restricted_resource"),
    ],
)
def test_a_refused_call_changes_nothing_and_the_next_one_works(
    notion: World, source: str, kind: str, status: int, code: str
) -> None:
    notion.sandbox.fault(kind, method="POST", path="/v1/pages", times=1, retry_after=75)
    body = {"parent": {"data_source_id": source}, "properties": {"Nom": {"title": rich("x")}}}
    http = notion.raw()
    answer = http.post("/v1/pages", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("75" if status in (429, 529) else None)
    assert names(notion) == []
    assert http.post("/v1/pages", json=body).status_code == 200
    assert names(notion) == ["x"]


def test_a_503_that_committed_names_what_it_wrote(notion: World, source: str) -> None:
    sandbox, http = notion.sandbox, notion.raw()
    sandbox.fault("committed_503", method="POST", path="/v1/pages", times=1)
    body = {"parent": {"data_source_id": source}, "properties": {"Nom": {"title": rich("x")}}}
    extra = http.post("/v1/pages", json=body).json()["additional_data"]
    assert [one["id"] for one in sandbox.rows("Factures")] == [extra["committed_resource_id"]]
    page = sandbox.share_page("Texte")
    sandbox.fault("committed_503", path="/v1/blocks/{block_id}/children", times=1)
    children = [{"paragraph": {"rich_text": rich(word)}} for word in ("un", "deux")]
    answer = http.patch(f"/v1/blocks/{page}/children", json={"children": children})
    assert answer.status_code == 503
    extra = answer.json()["additional_data"]
    listed = http.get(f"/v1/blocks/{page}/children").json()["results"]
    assert extra["committed_resource_id"] == page
    assert extra["committed_child_ids"] == [one["id"] for one in listed]
    assert extra["retry_guidance"]


def test_a_timeout_after_the_write_has_written_and_one_before_it_has_not(notion: World, source: str) -> None:
    client, impatient = notion.client(), notion.client(timeout_ms=300)
    made = row(client, source, "avant")
    for kind, title in (("timeout_before", "avant"), ("timeout_after_commit", "après")):
        notion.sandbox.fault(kind, method="PATCH", path=ROW, times=1)
        with pytest.raises(notion_client.RequestTimeoutError):
            impatient.pages.update(made["id"], properties={"Nom": {"title": rich("après")}})
        assert names(notion) == [title]
        assert notion.sandbox.requests[-1].status is None
        assert notion.sandbox.requests[-1].fault == kind


@pytest.mark.parametrize(("kind", "titles"), [("reset", []), ("reset_after_commit", ["x"])])
def test_a_reset_cuts_the_connection_before_or_after_the_write(
    notion: World, source: str, kind: str, titles: list[str]
) -> None:
    notion.sandbox.fault(kind, method="POST", path="/v1/pages", times=1)
    with pytest.raises(httpx.NetworkError):
        row(notion.client(), source, "x")
    assert names(notion) == titles
    row(notion.client(), source, "y")


def test_a_silent_connection_drops_after_the_seconds_asked_for(notion: World, source: str) -> None:
    notion.sandbox.fault("timeout_after_commit", method="POST", path="/v1/pages", times=1, seconds=0.05)
    with pytest.raises(httpx.NetworkError):
        row(notion.client(), source, "x")
    assert names(notion) == ["x"]


def test_a_truncated_answer_and_a_page_of_html_are_no_json(notion: World, source: str) -> None:
    http = notion.raw()
    body = {"parent": {"data_source_id": source}, "properties": {"Nom": {"title": rich("x")}}}
    notion.sandbox.fault("truncated_json", times=1)
    answer = http.post("/v1/pages", json=body)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert names(notion) == ["x"]
    notion.sandbox.fault("bad_gateway", times=1)
    answer = http.post("/v1/pages", json=body)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")
    assert names(notion) == ["x"]


def test_a_fault_that_hides_an_answer_does_not_hide_a_refusal(notion: World, source: str) -> None:
    notion.sandbox.fault("committed_503", times=1)
    answer = notion.raw().post("/v1/pages", json={"parent": {"data_source_id": source}, "properties": {"No": {}}})
    assert answer.status_code == 400


def test_faults_strike_by_place_count_and_seeded_chance(notion: World, source: str) -> None:
    sandbox, http = notion.sandbox, notion.raw()

    def codes(calls: int, path: str = "/v1/users/me") -> str:
        return "".join("." if http.get(path).status_code == 200 else "x" for _ in range(calls))

    sandbox.fault("internal", path="/v1/users/*", skip=1, every_nth=3, times=2)
    assert codes(12) == "...x..x....."
    assert codes(2, f"/v1/data_sources/{source}") == ".."
    sandbox.clear_faults()
    runs = []
    for _ in range(2):
        sandbox.fault("internal", method="GET", probability=0.5, seed=7)
        runs.append(codes(20))
        sandbox.clear_faults()
    assert runs[0] == runs[1]
    assert set(runs[0]) == {".", "x"}
    with pytest.raises(ValueError, match="is no fault"):
        sandbox.fault("earthquake")


def test_calls_are_counted_and_kept_with_their_bodies(notion: World, source: str) -> None:
    sandbox = notion.sandbox
    sandbox.reset_counters()
    made = row(notion.client(), source, "x")
    notion.client().pages.update(made["id"], properties={"Montant": {"number": 3}})
    assert sandbox.calls == {("POST", "/v1/pages"): 1, ("PATCH", ROW): 1}
    last = sandbox.requests[-1]
    assert (last.method, last.route, last.path, last.status) == ("PATCH", ROW, f"/v1/pages/{made['id']}", 200)
    assert last.body == {"properties": {"Montant": {"number": 3}}}
    assert last.workspace == "Sandbox"
    assert sandbox.log(method="PATCH")[0]["body"] == last.body
    assert sandbox.stats()["writes"] == 2
    sandbox.reset_counters()
    assert sandbox.stats()["total"] == sandbox.stats()["highest_window"] == 0


def test_a_call_whose_caller_gave_up_during_the_latency_is_done_all_the_same(notion: World, source: str) -> None:
    notion.sandbox.settings(latency=0.4)
    with pytest.raises(notion_client.RequestTimeoutError):
        row(notion.client(timeout_ms=100), source, "x")
    done = threading.Event()
    for _ in range(500):
        if names(notion) == ["x"]:
            break
        done.wait(0.02)
    assert names(notion) == ["x"]
