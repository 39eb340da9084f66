"""Keys, rights, limits and settings: what a key may do is said in words, and Calendly's limits are obeyed."""

from __future__ import annotations

import subprocess
import sys
from itertools import chain

import httpx
import pytest
from pydantic import ValidationError

from connectors import registry
from connectors.calendly.sandbox import KEY, MEMBER_KEY
from connectors.calendly.settings import CalendlySettings
from connectors.calendly.spec import SPEC
from hub.core.errors import ConfigError, TransientError
from hub.core.protocol import Connector, Context
from hub.core.types import Sight
from tests.connectors.calendly.kit import Limiter, World, read
from tests.paths import ROOT

ALL = [
    "users:read",
    "organizations:read",
    "event_types:read",
    "scheduled_events:write",
    "routing_forms:read",
    "webhooks:write",
]


def look(live: Connector) -> Sight:
    assert live.directory is not None
    return live.directory.look()


def check(live: Connector) -> list[str]:
    assert live.source is not None
    return list(live.source.check())


def test_an_owner_sees_everything_by_name_and_nothing_is_wrong(world: World) -> None:
    with world.connected(plan="teams") as live:
        seen = look(live)
        lines = check(live)
    assert "Claire Fontaine (claire@example.fr), owner" in seen.account
    assert [(thing.kind, thing.name, thing.inside) for thing in seen.things] == [
        ("event type", "Appel découverte", "Claire Fontaine"),
        ("event type", "Atelier de groupe", "Claire Fontaine"),
        ("event type", "Kickoff", "Karim Haddad"),
        ("routing form", "Premier contact", None),
    ]
    kickoff = seen.things[2]
    assert kickoff.url == "https://calendly.com/karim/kickoff"
    assert kickoff.id == world.types["Kickoff"].rpartition("/")[2]
    assert list(seen.warnings) == []
    assert seen.ends_at is None
    assert lines[1:] == ["Appointments: every host's", "Routing forms: readable"]


def test_a_member_is_told_that_they_see_only_their_own(world: World) -> None:
    with world.connected(MEMBER_KEY) as live:
        seen = look(live)
    assert [thing.name for thing in seen.things] == ["Kickoff"]
    assert any("only their own appointments" in line for line in seen.warnings)
    with world.connected(MEMBER_KEY, scope="user") as live:
        assert not any("only their own" in line for line in look(live).warnings)


def test_a_plan_without_routing_forms_is_said_once_and_is_a_fault_only_where_it_should_have_them(world: World) -> None:
    world.sandbox.set_plan("free")
    with world.connected() as live:
        assert list(look(live).warnings) == [
            "There are no routing forms for this key: the account's plan or the role has none. Nothing to do."
        ]
        assert check(live)[2] == "Routing forms: not with this plan or role"
    with world.connected(plan="teams") as live:
        (warning,) = look(live).warnings
        assert "although the plan is set to teams" in warning
    world.sandbox.set_plan("teams")
    with world.connected() as live:
        (warning,) = look(live).warnings
        assert "Set plan to teams or enterprise" in warning


@pytest.mark.parametrize("scope", ALL)
def test_every_scope_that_is_missing_is_named(world: World, scope: str) -> None:
    world.sandbox.add_token("narrow", world.person("Claire Fontaine"), [each for each in ALL if each != scope])
    wanted = scope.replace("scheduled_events:write", "scheduled_events:read").replace(":write", ":read")
    with world.connected("narrow") as live:
        if scope in ("users:read", "organizations:read"):
            with pytest.raises(ConfigError, match=f"lacks the scope {scope}"):
                look(live)
        else:
            assert any(f"lacks the scope {wanted}" in line for line in look(live).warnings)
        if not scope.startswith("webhooks"):
            with pytest.raises(ConfigError, match=wanted):
                check(live)


def test_all_missing_scopes_of_what_is_read_are_named_at_once(world: World) -> None:
    world.sandbox.add_token("new", world.person("Claire Fontaine"), ["users:read", "organizations:read"])
    with world.connected("new") as live, pytest.raises(ConfigError) as raised:
        check(live)
    for scope in ("event_types:read", "scheduled_events:read", "routing_forms:read"):
        assert scope in str(raised.value)


def test_a_missing_scope_stops_a_read_even_where_the_plan_would_have_none(world: World) -> None:
    world.sandbox.add_token("narrow", world.person("Claire Fontaine"), ALL[:4])
    with world.connected("narrow") as live, pytest.raises(ConfigError, match="routing_forms:read"):
        read(live, "signup")


def test_a_wrong_key_says_where_to_get_one_and_is_not_shown(world: World) -> None:
    with world.connected("a-secret-that-is-wrong") as live, pytest.raises(ConfigError) as raised:
        check(live)
    assert "access token is invalid" in str(raised.value)
    assert "API and webhooks" in str(raised.value)
    assert "a-secret" not in str(raised.value)


def test_a_key_that_was_revoked_stops_the_connection(world: World) -> None:
    with world.connected() as live:
        check(live)
        world.sandbox.revoke_token(KEY)
        with pytest.raises(ConfigError):
            read(live, "event_type")


def test_over_the_limit_everybody_waits_for_the_seconds_that_calendly_names(world: World) -> None:
    world.sandbox.set_plan("free")
    with world.connected() as live:
        assert live.source is not None
        reads = (live.source.read("event_type", None) for _ in range(60))
        with pytest.raises(TransientError, match="busy") as raised:
            list(chain.from_iterable(reads))
    assert raised.value.retry_after is not None
    assert 50 <= raised.value.retry_after <= 60
    assert world.limiter.held == [raised.value.retry_after]
    assert sum(row["status"] == 200 for row in world.sandbox.calls.rows) == 50


def test_a_short_wait_is_waited_for_by_the_limiter(world: World) -> None:
    world.sandbox.faults.add("GET", "/event_types", "429", times=2)
    with world.connected() as live:
        assert len(read(live, "event_type")) == 3
    assert world.limiter.held == [1, 1]


def test_every_answer_tells_the_limit_in_seconds(world: World) -> None:
    world.sandbox.set_plan("free")
    with httpx.Client(base_url=world.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        first, lost = client.get("/users/me"), client.get("/nothing")
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("50", "49")
    assert 1 <= int(lost.headers["x-ratelimit-reset"]) <= 60
    assert lost.json() == {
        "title": "Resource Not Found",
        "message": "The server could not find the requested resource.",
    }


def test_the_spec_is_there_without_a_web_client_or_server() -> None:
    code = "import sys; import connectors.calendly.spec; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & {"httpx", "tenacity", "fastapi", "starlette", "connectors.calendly.sandbox"}
    assert registry.load("calendly") is SPEC


@pytest.mark.parametrize(("given", "calls"), [({}, 50), ({"plan": "standard"}, 500), ({"calls_per_minute": 70}, 70)])
def test_a_live_connector_asks_for_the_limit_of_its_plan(given: dict[str, object], calls: int) -> None:
    asked: list[tuple[str, int, float]] = []

    def limiter(name: str, calls: int, seconds: float) -> Limiter:
        asked.append((name, calls, seconds))
        return Limiter()

    made = CalendlySettings.model_validate({"api_key": "x", **given})
    with SPEC.connect(made, Context(limiter=limiter, now=lambda: pytest.fail("no clock is needed"))) as live:
        assert live.name == "calendly"
        assert None not in (live.source, live.subscriptions, live.directory, live.bookings)
    assert asked == [("calendly", calls, 60.0)]


def test_settings_take_text_as_the_environment_gives_it() -> None:
    made = CalendlySettings.model_validate(
        {"api_key": "tok", "webhook_secrets": " a , b,", "base_url": "http://127.0.0.1:9/", "calls_per_minute": "100"}
    )
    assert [secret.get_secret_value() for secret in made.webhook_secrets] == ["a", "b"]
    assert (made.base_url, made.limit, made.scope) == ("http://127.0.0.1:9", 100, "organization")
    assert CalendlySettings.model_validate({"api_key": "tok"}).base_url == "https://api.calendly.com"


@pytest.mark.parametrize("name", list(CalendlySettings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    assert len(CalendlySettings.model_fields[name].description or "") > 40


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"api_key": ""},
        {"api_key": "SECRETPART\n"},
        {"api_key": "SECRETPARTé"},
        {"api_key": "SECRET PART"},
        {"api_key": "SECRETPART", "plan": "gold"},
        {"api_key": "SECRETPART", "scope": "group"},
        {"api_key": "SECRETPART", "calls_per_minute": 0},
        {"api_key": "SECRETPART", "base_url": "api.calendly.com"},
        {"api_key": "SECRETPART", "api_kee": "x"},
    ],
)
def test_wrong_settings_are_refused_without_showing_a_key(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        CalendlySettings.model_validate(given)
    assert "SECRET" not in str(raised.value).replace("SECRET PART'", "")
