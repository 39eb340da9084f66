"""Calls to Stripe: what is repeated, what an error becomes, what never leaves the client."""

import socket
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from connectors.stripe.client import API_VERSION, ATTEMPTS, Client, Forbidden, Gone
from connectors.stripe.settings import StripeSettings
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from tests.connectors.stripe.stub import KEY, Limiter, Wired, error, listed

CHARGE = "GET /v1/charges/ch_1"


def test_every_call_carries_the_key_and_the_pinned_version_and_no_telemetry(hub: Wired) -> None:
    hub.stub.answer(CHARGE, {"id": "ch_1"})
    hub.client.get("/v1/charges/ch_1")
    hub.client.get("/v1/charges/ch_1")
    for seen in hub.stub.seen:
        assert seen.headers["authorization"] == f"Bearer {KEY}"
        assert seen.headers["stripe-version"] == API_VERSION == "2026-10-28.endive"
        assert "x-stripe-client-telemetry" not in seen.headers
        assert "telemetry" not in seen.headers["x-stripe-client-user-agent"]


def test_fractions_come_as_exact_decimals_and_never_as_floats(hub: Wired) -> None:
    hub.stub.answer(CHARGE, b'{"id":"ch_1","rate":0.1,"tiny":1.2e-05,"amount":9700}')
    found = hub.client.get("/v1/charges/ch_1")
    assert found["rate"] == Decimal("0.1")
    assert found["tiny"] == Decimal("0.000012")
    assert type(found["amount"]) is int


def test_lists_in_parameters_are_sent_as_stripe_reads_them(hub: Wired) -> None:
    hub.stub.answer("GET /v1/prices", listed())
    hub.client.page("/v1/prices", expand=["data.tiers", "data.product"])
    assert hub.stub.seen[0].query == {"limit": ["100"], "expand[0]": ["data.tiers"], "expand[1]": ["data.product"]}


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (500, error(None, "Oops", "api_error"), {}),
        (502, b"<html>Bad gateway</html>", {}),
        (503, error(None, "Later", "api_error"), {"Stripe-Should-Retry": "true"}),
        (409, error(None, "Another request is in progress"), {}),
        (409, error("lock_timeout", "The object is locked"), {}),
        (429, error("lock_timeout", "The object is locked"), {}),
        (429, error("rate_limit", "Too many"), {"Stripe-Rate-Limited-Reason": "endpoint-rate"}),
        (200, b'{"id": "ch_1", "amou', {}),
    ],
)
def test_a_get_that_fails_for_the_moment_is_repeated_and_succeeds(
    hub: Wired, status: int, body: object, headers: dict[str, str]
) -> None:
    hub.stub.answer(CHARGE, body, status, headers)
    hub.stub.answer(CHARGE, {"id": "ch_1"})
    assert hub.client.get("/v1/charges/ch_1") == {"id": "ch_1"}
    assert len(hub.stub.seen) == 2
    assert hub.limiter.acquired == 2, "every attempt asks the rate limit"
    assert len(hub.slept) == 1
    assert 0 < hub.slept[0] < 2


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, error(None, "Oops", "api_error")), (429, error("rate_limit", "Too many")), (200, b"not json")],
)
def test_a_get_that_goes_on_failing_ends_as_transient_after_seconds(hub: Wired, status: int, body: object) -> None:
    hub.stub.answer(CHARGE, body, status)
    with pytest.raises(TransientError) as raised:
        hub.client.get("/v1/charges/ch_1")
    assert len(hub.stub.seen) == ATTEMPTS
    assert sum(hub.slept) < 8
    assert not raised.value.uncertain, "nothing was written"


def test_a_rate_limit_holds_every_process_and_a_locked_object_holds_none(hub: Wired) -> None:
    hub.stub.answer(CHARGE, error("rate_limit", "Too many"), 429, {"Stripe-Rate-Limited-Reason": "global-rate"})
    hub.stub.answer(CHARGE, error("lock_timeout", "Locked"), 429)
    hub.stub.answer(CHARGE, {"id": "ch_1"})
    hub.client.get("/v1/charges/ch_1")
    assert hub.limiter.held == [1.0]


def test_a_long_retry_after_is_left_to_the_schedule_in_full(hub: Wired) -> None:
    hub.stub.answer(CHARGE, error("rate_limit", "Too many"), 429, {"Retry-After": "120"})
    with pytest.raises(TransientError) as raised:
        hub.client.get("/v1/charges/ch_1")
    assert raised.value.retry_after == 120
    assert hub.limiter.held == [120]
    assert len(hub.stub.seen) == 1
    assert hub.slept == []


def test_stripes_word_not_to_retry_is_obeyed(hub: Wired) -> None:
    hub.stub.answer(CHARGE, error(None, "Oops", "api_error"), 500, {"Stripe-Should-Retry": "false"})
    with pytest.raises(TransientError):
        hub.client.get("/v1/charges/ch_1")
    assert len(hub.stub.seen) == 1


def test_a_post_is_sent_once_and_its_lost_answer_is_uncertain(hub: Wired) -> None:
    hub.stub.answer("POST /v1/webhook_endpoints", error(None, "Oops", "api_error"), 500)
    with pytest.raises(TransientError) as raised:
        hub.client.post("/v1/webhook_endpoints", url="https://hub.example")
    assert raised.value.uncertain
    assert len(hub.stub.seen) == 1


def test_no_server_at_all_is_transient_and_says_so() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        settings = StripeSettings.model_validate({"api_key": KEY, "base_url": url})
        client = Client(settings, Limiter(), connections=1, sleep=lambda _: None)
        with pytest.raises(TransientError, match="did not answer GET /v1/charges/ch_1"):
            client.get("/v1/charges/ch_1")
        client.close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, error(None, f"Invalid API Key provided: {KEY}"), ConfigError, "wrong, expired or revoked"),
        (
            403,
            error(None, f"The provided key '{KEY}' does not have. Having the 'rak_charge_read' permission would"),
            Forbidden,
            "lacks the permission rak_charge_read",
        ),
        (403, error(None, f"The key {KEY} may not."), Forbidden, "may not do GET /v1/charges/ch_1"),
        (404, error("resource_missing", "No such charge: 'ch_1'"), Gone, "No such charge"),
        (400, error("resource_missing", "No such charge: 'ch_1'"), Gone, "No such charge"),
        (400, error("parameter_unknown", f"Unknown with {KEY}"), RecordError, "refused GET /v1/charges/ch_1"),
        (404, error(None, "Unrecognized request URL"), RecordError, "Unrecognized request URL"),
        (404, b"<html>nginx</html>", ConfigError, "base_url"),
    ],
)
def test_an_error_becomes_what_to_do_about_it_and_never_shows_the_key(
    hub: Wired, status: int, body: object, kind: type[HubError], words: str
) -> None:
    hub.stub.answer(CHARGE, body, status, {"Request-Id": "req_77"})
    with pytest.raises(HubError) as raised:
        hub.client.get("/v1/charges/ch_1")
    assert type(raised.value) is kind
    assert words in str(raised.value)
    assert "LilaSecret" not in str(raised.value)
    assert raised.value.__cause__ is None, "Stripe's own error would carry the whole answer along"
    assert len(hub.stub.seen) == 1, "repeating would not help"


def test_only_stripes_own_word_makes_a_thing_gone(hub: Wired) -> None:
    hub.stub.answer(CHARGE, b"<html>404</html>", 404)
    with pytest.raises(ConfigError):
        hub.client.get("/v1/charges/ch_1")
    hub.stub.answers.clear()
    hub.stub.answer(CHARGE, error(None, "Unrecognized request URL"), 404)
    with pytest.raises(RecordError) as raised:
        hub.client.get("/v1/charges/ch_1")
    assert not isinstance(raised.value, Gone)


def test_a_hundred_calls_of_eight_threads_share_the_four_connections_of_the_pool(hub: Wired) -> None:
    hub.stub.answer(CHARGE, {"id": "ch_1"})
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: hub.client.get("/v1/charges/ch_1"), range(100)))
    assert len({seen.port for seen in hub.stub.seen}) <= 4


def test_a_netrc_file_never_replaces_the_key(
    hub: Wired, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(home / ".netrc"))
    hub.stub.answer(CHARGE, {"id": "ch_1"})
    hub.client.get("/v1/charges/ch_1")
    assert hub.stub.seen[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "answer",
    [
        {"object": "list", "data": [{"id": "ch_1"}]},
        {"object": "list", "data": [{"id": "ch_1"}], "has_more": None},
        {"object": "list", "has_more": False},
        {"object": "list", "data": [], "has_more": True},
        {"object": "list", "data": [{"no": "id"}], "has_more": False},
        {"object": "list", "data": [None], "has_more": False},
    ],
)
def test_an_answer_that_is_not_a_whole_page_is_an_error_and_not_the_end(hub: Wired, answer: object) -> None:
    hub.stub.answer("GET /v1/charges", answer)
    with pytest.raises(TransientError, match="not a page"):
        list(hub.client.pages("/v1/charges"))


def test_a_list_that_repeats_itself_is_an_error_and_not_an_endless_read(hub: Wired) -> None:
    hub.stub.answer("GET /v1/charges", listed({"id": "ch_1"}, more=True))
    hub.stub.answer("GET /v1/charges", listed({"id": "ch_1"}, more=True))
    hub.stub.answer("GET /v1/charges", listed())
    with pytest.raises(TransientError, match="repeats itself"):
        list(hub.client.pages("/v1/charges"))
    assert len(hub.stub.seen) == 2


def test_a_place_that_was_deleted_meanwhile_makes_the_list_start_again_once(hub: Wired) -> None:
    hub.stub.answer("GET /v1/charges", error("resource_missing", "No such charge: 'ch_9'"), 400)
    hub.stub.answer("GET /v1/charges", listed({"id": "ch_2"}, {"id": "ch_1"}))
    assert list(hub.client.pages("/v1/charges", after="ch_9")) == [[{"id": "ch_2"}, {"id": "ch_1"}]]
    assert [seen.query.get("starting_after") for seen in hub.stub.seen] == [["ch_9"], None]
