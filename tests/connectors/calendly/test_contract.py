"""What we send and what the sandbox answers, judged by Calendly's own description; its examples, read by us.

The description is of April 2024. It cannot judge what is newer or was never in it: the events of a subscription beyond
the three that it lists (no-shows, event types), `cancellation.created_at`, `user_email` and `user_name` of a host,
`group` and other added fields (they are allowed, their types are not looked at), the 429 and the limit's headers, the
`required_scopes` of a 403, the messages of refusals that it lists as enumerations, payloads of webhooks, and whether a
parameter does what it says.
"""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.calendly import records
from connectors.calendly.sandbox import KEY
from connectors.calendly.webhook import EVENT_TYPES
from hub.core.errors import HubError
from hub.core.kinds import problems
from tests.connectors.calendly.contract import SPEC, Contract
from tests.connectors.calendly.kit import HOOK, World, changed, fetch, read
from tests.connectors.calendly.test_reading import full
from tests.paths import SHARED

EXAMPLES = SHARED / "samples" / "calendly" / "openapi-examples"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason="Calendly's description lies outside the repository")
NEWER_EVENTS = set(EVENT_TYPES) - {"invitee.created", "invitee.canceled", "routing_form_submission.created"}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def every_call(world: World) -> None:
    """All that the connector can ask of Calendly."""
    keys = full(world)
    with world.connected() as live, world.connected(scope="user") as mine:
        assert live.source is not None
        assert live.subscriptions is not None
        assert live.directory is not None
        assert live.bookings is not None
        assert mine.subscriptions is not None
        for stream in records.STREAMS:
            for key in read(live, stream):
                fetch(live, stream, key)
            read(mine, stream)
        read(live, "booking", "2026-01-01T00:00:00.000000Z")
        changed(live, changed(live, None)[1])
        live.source.check()
        live.directory.look()
        live.subscriptions.ensure(HOOK)
        live.subscriptions.ensure(HOOK)
        live.subscriptions.remove(live.subscriptions.list()[0].ref)
        mine.subscriptions.ensure(HOOK)
        live.bookings.cancel(keys[-1], "Empêchement")
        live.bookings.mark_no_show(world.book(days=-2))
        live.bookings.single_use_link(world.types["Kickoff"].rpartition("/")[2])
        with suppress(HubError):
            fetch(live, "booking", "a/b")
        with suppress(HubError):
            live.subscriptions.ensure("http://x.example/")


def without_newer(body: Any) -> Any:
    """A subscription's request as it was in 2024."""
    if isinstance(body, dict) and "events" in body:
        return {**body, "events": [each for each in body["events"] if each not in NEWER_EVENTS]}
    return body


def test_every_request_that_the_connector_makes_is_one_that_calendly_describes(
    world: World, contract: Contract
) -> None:
    every_call(world)
    rows = world.sandbox.calls.rows
    wrong = [
        problem
        for row in rows
        for problem in contract.request(
            row["method"], row["path"], row["query"], without_newer(json.loads(row["body"])) if row["body"] else None
        )
    ]
    assert sorted(set(wrong)) == []
    assert {row["method"] for row in rows} == {"GET", "POST", "DELETE"}
    assert len({(row["method"], contract.template(row["path"])) for row in rows}) >= 18


def test_the_judge_of_requests_catches_what_is_wrong(contract: Contract) -> None:
    judge = contract.request
    assert judge("GET", "/event_types", "count=100&user=https://api.calendly.com/users/a", None) == []
    for wrong in (
        judge("GET", "/event_kinds", "", None),
        judge("PATCH", "/webhook_subscriptions/a", "", {}),
        judge("GET", "/event_types", "limit=100", None),
        judge("GET", "/event_types", "count=101", None),
        judge("GET", "/scheduled_events", "status=cancelled", None),
        judge("GET", "/routing_forms", "", None),
        judge("POST", "/webhook_subscriptions", "", {"url": "https://a.example"}),
        judge(
            "POST", "/scheduling_links", "", {"max_event_count": 2, "owner": "https://a.b/c", "owner_type": "EventType"}
        ),
        judge("POST", "/invitee_no_shows", "", {"invite": "https://a.b/c"}),
    ):
        assert wrong


def answers(world: World) -> list[tuple[str, str, int, Any]]:
    """Every sort of answer that the sandbox gives, asked for by the calls of the description."""
    keys = full(world)
    box, got = world.sandbox, []
    event, _, invitee = keys[0].partition("/")
    owner, org = world.person("Claire Fontaine"), box.organization
    mark = next(iter(box.no_shows))
    box.add_token("narrow", owner, ["users:read"])
    hook = {
        "url": HOOK,
        "events": ["invitee.created"],
        "organization": org,
        "scope": "organization",
        "signing_key": "k",
    }
    future = world.book(days=11)
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", "/users/me", None),
        ("GET", f"/users/{owner.rpartition('/')[2]}", None),
        ("GET", f"/organization_memberships?organization={org}", None),
        ("GET", f"/organization_memberships?user={owner}", None),
        ("GET", f"/event_types?organization={org}&count=1", None),
        ("GET", f"/event_types/{next(iter(box.event_types))}", None),
        ("GET", f"/scheduled_events?organization={org}&count=2&sort=start_time:asc", None),
        ("GET", f"/scheduled_events?user={owner}&status=canceled", None),
        ("GET", f"/scheduled_events/{event}", None),
        ("GET", f"/scheduled_events/{event}/invitees", None),
        *(("GET", f"/scheduled_events/{key.replace('/', '/invitees/')}", None) for key in keys),
        ("GET", f"/routing_forms?organization={org}", None),
        ("GET", f"/routing_forms/{next(iter(box.forms))}", None),
        ("GET", f"/routing_form_submissions?form={next(iter(box.forms.values()))['uri']}", None),
        ("GET", f"/routing_form_submissions/{next(iter(box.submissions))}", None),
        ("GET", f"/invitee_no_shows/{mark}", None),
        ("DELETE", f"/invitee_no_shows/{mark}", None),
        ("POST", "/invitee_no_shows", {"invitee": box.invitees[invitee]["uri"]}),
        ("POST", f"/scheduled_events/{future.partition('/')[0]}/cancellation", {"reason": "x"}),
        (
            "POST",
            "/scheduling_links",
            {"max_event_count": 1, "owner": world.types["Kickoff"], "owner_type": "EventType"},
        ),
        ("POST", "/webhook_subscriptions", hook),
        ("POST", "/webhook_subscriptions", hook),
        ("POST", "/webhook_subscriptions", {}),
        ("GET", f"/webhook_subscriptions?organization={org}&scope=organization", None),
        ("GET", "/webhook_subscriptions", None),
        ("GET", "/event_types?count=500", None),
        ("GET", "/event_types?page_token=%00", None),
        ("GET", f"/scheduled_events?user={owner}&min_start_time=soon", None),
        ("GET", "/scheduled_events/none", None),
        ("GET", f"/scheduled_events/{event}/invitees/none", None),
        ("DELETE", "/webhook_subscriptions/none", None),
    ]
    with httpx.Client(base_url=world.url) as client:
        for key in (KEY, "nobody"):
            for method, path, body in calls:
                answer = client.request(method, path, json=body, headers={"Authorization": f"Bearer {key}"})
                content = answer.json() if answer.content else None
                got.append((method, path.partition("?")[0], answer.status_code, content))
    return got


def test_every_answer_of_the_sandbox_is_as_calendly_describes_it(world: World, contract: Contract) -> None:
    got = answers(world)
    wrong = [problem for method, path, status, body in got for problem in contract.answer(method, path, status, body)]
    assert sorted(set(wrong)) == []
    assert {status for _, _, status, _ in got} >= {200, 201, 204, 400, 401, 404, 409}


def test_the_judge_of_answers_catches_what_is_wrong(world: World, contract: Contract) -> None:
    key = world.book()
    found = world.sandbox.invitees[key.partition("/")[2]]
    path = f"/scheduled_events/{key.replace('/', '/invitees/')}"
    assert contract.answer("GET", path, 200, {"resource": found}) == []
    for wrong in (
        {"resource": {**found, "status": "cancelled"}},
        {"resource": {name: value for name, value in found.items() if name != "timezone"}},
        {"resource": {**found, "created_at": "yesterday"}},
        {"resource": {**found, "payment": {"amount": "12"}}},
        {"resource": {**found, "rescheduled": None}},
        found,
    ):
        assert contract.answer("GET", path, 200, wrong)
    assert contract.answer("GET", path, 418, {})


def test_the_bodies_that_the_description_shows_are_understood_by_the_sandbox(world: World, contract: Contract) -> None:
    """Nobody publishes a client of Calendly's: its description drives the sandbox in one's place."""
    box = world.sandbox
    key = world.book(days=-1)
    real = {
        "url": HOOK,
        "organization": box.organization,
        "user": world.person("Claire Fontaine"),
        "owner": world.types["Kickoff"],
        "invitee": box.invitees[key.partition("/")[2]]["uri"],
        "scope": "organization",
        "events": ["invitee.created", "invitee.canceled"],
        "signing_key": "k",
    }
    paths = ("/webhook_subscriptions", "/scheduling_links", "/invitee_no_shows")
    with httpx.Client(base_url=world.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        for path in paths:
            shown = contract.body_example("post", path)
            sent = {name: real.get(name, value) for name, value in shown.items()}
            assert client.post(path, json=sent).status_code == 201, path
        unknown = 0
        for verb, path in contract.operations():
            if verb != "get" or "{" in path:
                continue
            parameters = {each.get("name") for each in contract.raw["paths"][path][verb].get("parameters", ())}
            query = {name: value for name, value in real.items() if name in parameters and name != "user"}
            query |= {"form": next(iter(box.forms.values()))["uri"]} if "form" in parameters else {}
            query |= {"user": real["user"]} if "organization" not in parameters and "user" in parameters else {}
            answer = client.get(path, params=query)
            assert contract.answer("GET", path, answer.status_code, answer.json()) == []
            unknown += answer.status_code == 404
    assert unknown == 4, "available times, activity log, busy times and availability schedules are not played"


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="Calendly's examples lie outside the repository")
@pytest.mark.parametrize(
    ("name", "stream"),
    [
        ("get_event_types__200__Example", "event_type"),
        ("get_organization_memberships__200__Example", "user"),
        ("get_scheduled_events_uuid_invitees__200__Example", "booking"),
        ("get_scheduled_events_event_uuid_invitees_invitee_uuid__200__Canceled-Invitee", "booking"),
        ("get_scheduled_events_event_uuid_invitees_invitee_uuid__200__Invitee", "booking"),
        ("get_routing_form_submissions__200__Example", "signup"),
        ("get_routing_form_submissions_uuid__200__Example", "signup"),
    ],
)
def test_the_examples_of_the_description_are_read_as_records(name: str, stream: str) -> None:
    def shown(file: str) -> Any:
        found = json.loads((EXAMPLES / f"{file}.json").read_text(), parse_float=Decimal)
        return found["resource"] if "resource" in found else found["collection"][0]

    event, form = shown("get_scheduled_events_uuid__200__Example"), shown("get_routing_forms__200__Example")
    person = shown("get_scheduled_events_event_uuid_invitees_invitee_uuid__200__Invitee")
    found = shown(name)
    made = {
        "event_type": lambda: records.event_type(found),
        "user": lambda: records.user(found),
        "booking": lambda: records.booking(event, found),
        "signup": lambda: records.signup(found, form, person),
    }[stream]()
    assert not made.deleted
    if stream in records.KINDS:
        assert problems(records.KINDS[stream], made.fields, whole=True) == []
    if stream == "booking":
        assert str(made.fields["payment_amount"]) == "1234.56 USD"
    if name.endswith("Canceled-Invitee"):
        assert (made.fields["status"], made.fields["reason"]) == ("cancelled", "Meeting Conflict")
