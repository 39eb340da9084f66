"""The connector at rest, its settings, and the registry."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint, EntryPoints

import pytest
from pydantic import ValidationError

from connectors import registry
from connectors.stripe.settings import StripeSettings
from connectors.stripe.source import STREAMS
from connectors.stripe.spec import SPEC
from hub.core.errors import ConfigError
from hub.core.protocol import Context
from tests.connectors.stripe.stub import KEY, NOW, Limiter
from tests.paths import ROOT

RIGHTS = {stream.right for stream in STREAMS.values()}


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_spec_is_there_without_the_sdk_its_transport_or_a_web_server() -> None:
    loaded = loaded_after("import connectors.stripe.spec")
    assert not loaded & {"stripe", "requests", "tenacity", "fastapi", "starlette", "connectors.stripe.sandbox"}


def test_the_registry_loads_no_connector_before_it_is_asked() -> None:
    loaded = loaded_after("import connectors.registry; connectors.registry.names()")
    assert not loaded & {"stripe", "notion_client", "fastapi", "connectors.stripe.spec", "connectors.notion.spec"}


def test_the_registry_knows_our_connectors() -> None:
    assert set(registry.names()) >= {"notion", "stripe"}
    assert registry.load("stripe") is SPEC


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no connector 'strip'.*notion, stripe"):
        registry.load("strip")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints(
        [
            EntryPoint("shop", "connectors.stripe.spec:SPEC", registry.GROUP),
            EntryPoint("broken", "connectors.stripe.spec:STREAMS", registry.GROUP),
            EntryPoint("stripe", "nowhere:SPEC", registry.GROUP),
        ]
    )
    monkeypatch.setattr(registry, "entry_points", points.select)


@pytest.mark.usefixtures("published")
def test_a_connector_that_a_package_publishes_is_found_and_never_replaces_ours() -> None:
    assert registry.names() == tuple(sorted({*registry.OURS, "broken", "shop"}))
    assert registry.load("shop") is SPEC
    assert registry.load("stripe") is SPEC


@pytest.mark.usefixtures("published")
def test_what_is_published_but_no_connector_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"broken.*not a ConnectorSpec"):
        registry.load("broken")


def test_settings_take_text_as_the_environment_gives_it() -> None:
    made = StripeSettings.model_validate(
        {
            "api_key": KEY,
            "webhook_secrets": " whsec_a , whsec_b,",
            "base_url": "http://127.0.0.1:9/",
            "calls_per_second": "100",
        }
    )
    assert [secret.get_secret_value() for secret in made.webhook_secrets] == ["whsec_a", "whsec_b"]
    assert made.base_url == "http://127.0.0.1:9"
    assert made.calls_per_second == 100
    assert StripeSettings.model_validate({"api_key": KEY, "webhook_secrets": ""}).webhook_secrets == ()


def test_the_default_is_the_real_stripe_at_the_lower_of_its_limits() -> None:
    made = StripeSettings.model_validate({"api_key": KEY})
    assert (made.base_url, made.calls_per_second) == ("https://api.stripe.com", 25)


@pytest.mark.parametrize("name", list(StripeSettings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    assert len(StripeSettings.model_fields[name].description or "") > 40


def test_the_page_of_the_key_names_every_right_that_a_check_asks_for() -> None:
    page = SPEC.key_page
    assert {right for right in RIGHTS if right not in page} == set()
    assert "Events" in page
    assert "Webhook Endpoints" in page


@pytest.mark.parametrize(("key", "live"), [("rk_live_1", True), ("sk_live_1", True), ("sk_test__live_", False)])
def test_the_key_says_its_mode(key: str, live: bool) -> None:
    assert StripeSettings.model_validate({"api_key": key}).livemode is live


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"api_key": "pk_live_SECRETPART"},
        {"api_key": "whsec_SECRETPART"},
        {"api_key": "rk_live_SECRETPART\n"},
        {"api_key": "rk_live_SECRETPARTé"},
        {"api_key": ""},
        {"api_key": "rk_live_SECRETPART", "api_kee": "x"},
        {"api_key": "rk_live_SECRETPART", "calls_per_second": 0},
        {"api_key": "rk_live_SECRETPART", "calls_per_second": 10_001},
        {"api_key": "rk_live_SECRETPART", "base_url": "api.stripe.com"},
    ],
)
def test_wrong_settings_are_refused_without_showing_a_key(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        StripeSettings.model_validate(given)
    assert "SECRETPART" not in str(raised.value)


def test_a_live_connector_asks_for_its_rate_limit_and_offers_what_stripe_can() -> None:
    asked: list[tuple[str, int, float]] = []

    def limiter(name: str, calls: int, seconds: float) -> Limiter:
        asked.append((name, calls, seconds))
        return Limiter()

    settings = StripeSettings.model_validate({"api_key": KEY, "calls_per_second": 7})
    with SPEC.connect(settings, Context(limiter=limiter, now=lambda: NOW)) as live:
        assert live.name == "stripe"
        assert live.source is not None
        assert live.subscriptions is not None
        assert live.directory is not None
        assert live.destination is None
    assert asked == [("stripe", 7, 1.03)], "Stripe's second, and a little for the road"


def test_the_connections_are_closed_at_the_end_of_the_block() -> None:
    body = b'{"id": "cus_1", "deleted": true}'
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:
        accepted = thread.submit(server.accept)
        settings = StripeSettings.model_validate(
            {"api_key": KEY, "base_url": f"http://127.0.0.1:{server.getsockname()[1]}"}
        )
        with SPEC.connect(settings, Context(limiter=lambda *_: Limiter(), now=lambda: NOW)) as live:
            assert live.source is not None
            with ThreadPoolExecutor(1) as caller:
                fetched = caller.submit(live.source.fetch, "customer", "cus_1")
                peer, _ = accepted.result(10)
                peer.settimeout(10)
                peer.recv(65536)
                peer.sendall(answer)
                assert fetched.result(10)[0].deleted
        with peer:
            assert peer.recv(1) == b"", "the other side hung up"
