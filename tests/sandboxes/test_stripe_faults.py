"""The Stripe sandbox fails on demand, replays by Idempotency-Key, limits, and tells what it was asked."""

from collections.abc import Iterator

import pytest
import stripe

from tests.sandboxes.stripe_kit import World, served


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with served() as found:
        yield found


@pytest.fixture
def world(server: World) -> World:
    return server.fresh()


def test_a_key_replays_the_first_answer_and_does_the_work_once(world: World) -> None:
    first, one, headers = world.call("POST", "/v1/customers", "name=A&email=a%40b.fr", Idempotency_Key="k1")
    again, two, replayed = world.call("POST", "/v1/customers", "email=a%40b.fr&name=A", Idempotency_Key="k1")

    assert (first, again) == (200, 200)
    assert one == two
    assert "idempotent-replayed" not in headers
    assert replayed["idempotent-replayed"] == "true"
    assert replayed["original-request"] == headers["request-id"]
    assert len(world.shop.ids("customer")) == 1


def test_the_same_key_with_other_parameters_is_an_idempotency_error(world: World) -> None:
    v1 = world.client.v1
    v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError):
        v1.customers.create({"name": "B"}, {"idempotency_key": "k1"})
    world.sandbox.account("sk_test_two")
    world.client_of("sk_test_two").v1.customers.create({"name": "B"}, {"idempotency_key": "k1"})


def test_a_stored_500_is_replayed_and_a_refused_request_is_not(world: World) -> None:
    world.sandbox.faults.add("POST", "/v1/customers", "500", times=1)

    assert world.call("POST", "/v1/customers", "name=A", Idempotency_Key="k1")[0] == 500
    status, body, headers = world.call("POST", "/v1/customers", "name=A", Idempotency_Key="k1")
    assert (status, body["error"]["type"], headers["idempotent-replayed"]) == (500, "api_error", "true")
    assert world.call("POST", "/v1/customers", "name=A", Idempotency_Key="k2")[0] == 200

    assert world.call("POST", "/v1/customers", "nom=A", Idempotency_Key="k3")[0] == 400
    assert world.call("POST", "/v1/customers", "name=A", Idempotency_Key="k3")[0] == 200


def test_a_declined_payment_is_stored_like_a_success(world: World) -> None:
    form = "amount=900&currency=eur&payment_method=pm_card_chargeDeclined&confirm=true"
    for _ in range(2):
        status, body, _ = world.call("POST", "/v1/payment_intents", form, Idempotency_Key="k1")
        assert (status, body["error"]["code"]) == (402, "card_declined")
    assert len(world.shop.ids("charge")) == 1


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("429", stripe.RateLimitError, 429),
        ("500", stripe.APIError, 500),
        ("502", stripe.APIError, 502),
        ("503", stripe.APIError, 503),
        ("409", stripe.InvalidRequestError, 409),
        ("timeout_before", stripe.APIConnectionError, None),
        ("timeout_after_commit", stripe.APIConnectionError, None),
        ("reset", stripe.APIConnectionError, None),
        ("reset_after_commit", stripe.APIConnectionError, None),
        ("truncated_json", stripe.APIConnectionError, None),
    ],
)
def test_each_fault_reaches_the_client_as_its_error_and_commits_only_where_it_says_so(
    world: World, kind: str, error: type[stripe.StripeError], status: int | None
) -> None:
    world.sandbox.faults.add("POST", "/v1/customers", kind, times=1)
    v1 = world.client.v1

    with pytest.raises(stripe.StripeError) as failed:
        v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})
    if kind != "409":  # the client has no class of its own for it
        assert isinstance(failed.value, error)
    assert failed.value.http_status == status
    committed = 1 if kind.endswith("after_commit") or kind == "truncated_json" else 0
    assert len(world.shop.ids("customer")) == committed
    if kind != "500":
        v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})
        assert len(world.shop.ids("customer")) == 1
    assert world.sandbox.log()[0]["fault"] == kind
    assert world.sandbox.log()[0]["status"] == status


def test_a_time_out_may_keep_silent_longer_than_the_client_waits(world: World) -> None:
    world.sandbox.faults.add("GET", "/v1/balance", "timeout_before", seconds=1.0, times=1)

    with pytest.raises(stripe.APIConnectionError, match="timed out"):
        world.client_of("sk_test_sandbox", timeout=0.05).v1.balance.retrieve()


def test_faults_strike_every_nth_call_or_by_a_seeded_chance_or_one_account_only(world: World) -> None:
    faults = world.sandbox.faults
    nth = faults.add("*", "/v1/charges*", "503", every_nth=3)
    assert [world.call("GET", "/v1/charges")[0] for _ in range(6)] == [200, 200, 503] * 2
    faults.remove(nth)

    runs = []
    for _ in range(2):
        faults.add("GET", "/v1/charges", "500", probability=0.5, seed=7)
        runs.append([world.call("GET", "/v1/charges")[0] for _ in range(12)])
        faults.clear()
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}

    world.sandbox.account("sk_test_two")
    faults.add("GET", "/v1/charges", "500", account="sk_test_two")
    assert world.call("GET", "/v1/charges")[0] == 200
    assert world.call("GET", "/v1/charges", key="sk_test_two")[0] == 500
    assert faults.rules()[0]["struck"] == 1
    with pytest.raises(ValueError, match="Unknown fault 'fire'"):
        faults.add("GET", "*", "fire")


def test_too_many_requests_in_a_second_are_answered_429_with_the_reason(world: World) -> None:
    world.sandbox.rate_limit(1)
    answers = [world.call("GET", "/v1/balance") for _ in range(5)]

    limited = [answer for answer in answers if answer[0] == 429]
    assert limited
    _, body, headers = limited[0]
    assert body["error"]["code"] == "rate_limit"
    assert headers["stripe-rate-limited-reason"] == "global-rate"
    assert "retry-after" not in headers
    world.sandbox.rate_limit(None)
    assert {world.call("GET", "/v1/balance")[0] for _ in range(5)} == {200}


def test_the_log_and_the_counts_tell_what_was_asked(world: World) -> None:
    customer = world.client.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})
    for _ in range(3):
        world.call("GET", f"/v1/customers/{customer.id}?expand[]=subscriptions")
    world.call("GET", "/v1/nonsense")

    assert world.sandbox.calls() == {"POST /v1/customers": 1, "GET /v1/customers/{id}": 3, "GET unknown": 1}
    first, last = world.sandbox.log()[0], world.sandbox.log(1)[0]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/customers", 200)
    assert first["idempotency_key"] == "k1"
    assert (last["path"], last["status"]) == ("/v1/nonsense", 404)
    world.sandbox.reset_log()
    assert world.sandbox.calls() == {}


def test_the_controls_work_over_http_for_each_account(world: World) -> None:
    world.control("account", account="sk_test_two", currency="chf")
    sale = world.control("sell", account="sk_test_two", amount=5000, currency="chf", at="2026-11-01T10:00:00+00:00")
    world.control("faults.add", method="GET", path_pattern="/v1/charges/*", kind="429", times=1)

    assert world.call("GET", f"/v1/charges/{sale['charge']}", key="sk_test_two")[0] == 429
    status, charge, _ = world.call("GET", f"/v1/charges/{sale['charge']}", key="sk_test_two")
    assert (status, charge["amount"], charge["created"]) == (200, 5000, 1_793_527_200)
    assert world.shop.ids("charge") == []
    assert world.control("calls")["GET /v1/charges/{id}"] == 2
    assert "webhooks.hold" in world.get("/_sandbox")

    for name, body, said in (
        ("explode", "{}", "No control 'explode'"),
        ("control", "{}", "No control"),
        ("sell", "{}", "an amount or a price"),
        ("sell", '{"amount": 1, "at": "2026-11-01T10:00:00"}', "no zone"),
        ("sell", '{"amount": 1, "account": "sk_none"}', "sk_none"),
        ("renew", '{"subscription": "sub_none"}', "No such subscription"),
    ):
        status, answer, _ = world.call("POST", f"/_sandbox/{name}", body, Content_Type="application/json")
        assert status == 400
        assert said in answer["error"]


def test_a_latency_is_kept_to(world: World) -> None:
    world.sandbox.set_latency(0.3)
    with pytest.raises(stripe.APIConnectionError, match="timed out"):
        world.client_of("sk_test_sandbox", timeout=0.05).v1.balance.retrieve()
    world.sandbox.set_latency(0)
    assert world.call("GET", "/v1/balance")[0] == 200
