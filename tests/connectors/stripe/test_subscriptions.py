"""Webhook endpoints: one for our URL, never two, never somebody else's."""

from typing import Any

from connectors.stripe.client import API_VERSION
from connectors.stripe.subscriptions import StripeSubscriptions
from connectors.stripe.webhook import EVENT_TYPES
from hub.core.types import Ref, Subscription
from tests.connectors.stripe.stub import Wired, listed

URL = "https://hub.example/in/atelier-lila/stripe"
LIST, MAKE = "GET /v1/webhook_endpoints", "POST /v1/webhook_endpoints"


def ensured(hub: Wired) -> Subscription:
    (made,) = StripeSubscriptions(hub.client).ensure(URL)
    return made


def endpoint(name: str = "we_1", **changes: Any) -> dict[str, Any]:
    made = {
        "id": name,
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "enabled_events": sorted(EVENT_TYPES),
        "status": "enabled",
        "url": URL,
    }
    return made | changes


def test_a_missing_endpoint_is_made_with_the_version_and_types_that_we_read(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint("we_other", url="https://other.example/")))
    hub.stub.answer(MAKE, endpoint(secret="whsec_new"))
    made = ensured(hub)
    assert (made.about, made.failing_since) == ("", None), "one endpoint speaks of the whole account"
    assert (made.ref, made.url, made.alive, made.secret) == ("we_1", URL, True, "whsec_new")
    body = hub.stub.seen[1].body
    assert body["url"] == [URL]
    assert body["api_version"] == [API_VERSION]
    assert {value for name, (value,) in body.items() if name.startswith("enabled_events")} == set(EVENT_TYPES)


def test_a_living_endpoint_is_left_as_it_is(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint()))
    found = ensured(hub)
    assert found.secret is None
    assert hub.stub.calls() == [LIST]


def test_an_endpoint_behind_the_first_page_is_found_and_not_made_twice(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint("we_other", url="https://other.example/"), more=True))
    hub.stub.answer(LIST, listed(endpoint()))
    assert ensured(hub).ref == "we_1"
    assert MAKE not in hub.stub.calls()


def test_a_disabled_endpoint_is_enabled_again(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint(status="disabled")))
    hub.stub.answer("POST /v1/webhook_endpoints/we_1", endpoint())
    assert ensured(hub).alive
    assert hub.stub.seen[1].body == {"disabled": ["false"]}


def test_types_that_are_lacking_are_added_and_those_of_others_are_kept(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint(enabled_events=["payout.paid", "invoice.paid"])))
    hub.stub.answer("POST /v1/webhook_endpoints/we_1", endpoint())
    ensured(hub)
    told = {value for (value,) in hub.stub.seen[1].body.values()}
    assert told == set(EVENT_TYPES) | {"payout.paid"}


def test_an_endpoint_that_hears_everything_lacks_nothing(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint(enabled_events=["*"])))
    ensured(hub)
    assert hub.stub.calls() == [LIST]


def test_of_two_endpoints_for_one_url_the_living_one_is_ours(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint("we_dead", status="disabled"), endpoint("we_live")))
    assert ensured(hub).ref == "we_live"
    assert hub.stub.calls() == [LIST]


def test_the_list_shows_all_and_says_which_speak_another_version(hub: Wired) -> None:
    hub.stub.answer(LIST, listed(endpoint(), endpoint("we_2", api_version="2020-08-27", status="disabled")))
    ours, old = StripeSubscriptions(hub.client).list()
    assert (ours.alive, ours.note) == (True, "")
    assert (old.alive, old.note) == (False, "speaks API version 2020-08-27")
    assert set(ours.event_types) == set(EVENT_TYPES)


def test_removing_twice_is_not_an_error(hub: Wired) -> None:
    hub.stub.answer("DELETE /v1/webhook_endpoints/we_1", {"id": "we_1", "deleted": True})
    StripeSubscriptions(hub.client).remove(Ref("we_1"))
    StripeSubscriptions(hub.client).remove(Ref("we_gone"))
    assert hub.stub.calls() == ["DELETE /v1/webhook_endpoints/we_1", "DELETE /v1/webhook_endpoints/we_gone"]
