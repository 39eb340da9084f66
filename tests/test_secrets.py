"""No secret reaches the console, a log, the database, a web answer or an exception's text (R11)."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.bootstrap import WEBHOOK_SECRET, open_hub
from hub.core.errors import HubError
from hub.engine.turn import claim, take
from hub.settings import HubSettings, load_settings
from hub.store import secrets
from hub.web.app import create_app
from tests.cli import warm
from tests.engine.world import DAY, signed
from tests.kill.rig import Rig, rig
from tests.sandboxes.serve import serve

STRIPE_KEY = "sk_test_CANARYstripe8d1f0c"
NOTION_KEY = "ntn_CANARYnotion77ab2e"
SIGNING = "whsec_CANARYsigning5c90d1"
ROLLED = "whsec_CANARYrolled1e44aa"
STATUS_KEY = "CANARYstatus-3b7c91f0aa"
SECRET_KEY = "Q0FOQVJZZmVybmV0Q0FOQVJZZmVybmV0Q0FOQVJZZj0="
HANDED = "CANARYhanded-by-a-provider-9a2c"
CANARIES = (STRIPE_KEY, NOTION_KEY, SIGNING, ROLLED, STATUS_KEY, SECRET_KEY, HANDED)


@dataclass
class Watched:
    """A hub whose every secret is a canary, and everything that it has said so far."""

    rig: Rig
    environment: dict[str, str]
    said: dict[str, str]

    def hub(self, *command: str, **environment: str) -> int:
        """Run the command line as a person does."""
        said = {**self.environment, **environment}
        code, out, err = warm.run(self.rig.folder, said, ["--verbose", *command], patience=120)
        self.said[f"hub {' '.join(command)} {sorted(environment)}"] = out + err
        return code

    def settings(self) -> HubSettings:
        return load_settings(self.environment, self.rig.folder / ".env")

    def assert_silent(self, *canaries: str) -> None:
        for where, text in self.said.items():
            for canary in canaries or CANARIES:
                assert canary not in text, f"a secret stands in: {where}"
                assert canary[-14:] not in text, f"half a secret stands in: {where}"


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with rig(tmp_path) as made:
        made.stripe.account(STRIPE_KEY).sell(amount=10_000, at=datetime.now(UTC) - DAY)
        made.notion.add_token(NOTION_KEY)
        made.notion.share_page("Somebody else's")
        for page in [one.id for one in made.notion.state.things.values()]:
            made.notion.share_again(page)
        environment = {
            **made.environment,
            "HUB_STATUS_KEY": STATUS_KEY,
            "HUB_SECRET_KEY": SECRET_KEY,
            "HUB_ATELIER_LILA_STRIPE_API_KEY": STRIPE_KEY,
            "HUB_ATELIER_LILA_STRIPE_WEBHOOK_SECRETS": f"{SIGNING},{ROLLED}",
            "HUB_ATELIER_LILA_NOTION_API_KEY": NOTION_KEY,
        }
        for name, value in environment.items():
            if name.startswith("HUB_"):
                monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        yield Watched(made, environment, {})


def files(folder: Path) -> Mapping[str, bytes]:
    return {str(one): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_the_command_line_says_no_secret_whatever_it_is_asked(watched: Watched) -> None:
    assert watched.hub("check") == 0
    assert watched.hub("backfill") == 0
    assert watched.hub("plan") == 0
    assert watched.hub("sync") == 0
    assert watched.hub("status") in (0, 1, 2)
    assert all(watched.said.values())
    watched.rig.stripe.revoke_key(STRIPE_KEY)
    del watched.rig.notion.state.bots[NOTION_KEY]

    assert watched.hub("check") == 1
    assert watched.hub("sync") == 1
    assert "refuses the key" in watched.said["hub check []"] + watched.said["hub sync []"]
    watched.assert_silent()
    for name, content in files(watched.rig.folder / "data").items():
        for canary in CANARIES:
            assert canary.encode() not in content, f"a secret stands in {name}"


WRONG = {
    "HUB_ATELIER_LILA_STRIPE_API_KEY": "pk_test_CANARYwrong0011223344",
    "HUB_ATELIER_LILA_STRIPE_CALLS_PER_SECOND": "CANARYwrong0011223344",
    "HUB_SECRET_KEY": "CANARYwrong0011223344",
    "HUB_STATUS_KEY": "CANARYwr",
    "HUB_DATABASE_URL": "postgresql+psycopg://hub:CANARYwrong0011223344@127.0.0.1:1/hub",
}


def test_a_secret_that_does_not_fit_is_not_repeated_to_the_person_who_set_it(watched: Watched) -> None:
    for name, value in WRONG.items():
        assert watched.hub("check", **{name: value}) != 0
        watched.assert_silent("CANARYwrong0011223344", "CANARYwr")
    assert watched.hub("check", HUB_ATELIER_LILA_STRIPE_API_KY=STRIPE_KEY) == 1
    watched.assert_silent()


def test_no_web_answer_holds_a_secret(watched: Watched) -> None:
    with open_hub(watched.settings()) as hub:
        with hub.store.write() as conn:
            secrets.put(conn, "atelier-lila", "stripe", WEBHOOK_SECRET, HANDED, SECRET_KEY.encode(), datetime.now(UTC))
        key = watched.settings().status_key
        assert key is not None
        with serve(create_app(hub.store, hub.view, status_key=key)) as url, httpx.Client(base_url=url) as client:
            body = json.dumps({"id": "evt_1", "object": "event", "type": "charge.succeeded", "data": {}}).encode()
            posts = [
                client.post("/webhooks/atelier-lila/stripe", content=body, headers=signed(body, datetime.now(UTC), by))
                for by in (SIGNING, ROLLED, HANDED, "whsec_somebody_else")
            ]
            assert [one.status_code for one in posts] == [200, 200, 200, 400]
            bearer = {"Authorization": f"Bearer {STATUS_KEY}"}
            answers = [
                client.get("/status", headers=bearer),
                client.get("/status", headers={**bearer, "Accept": "text/html"}),
                client.get("/status", params={"key": STATUS_KEY}),
                client.get("/status", headers={"Authorization": "Bearer wrong"}),
                client.get("/readyz"),
                client.get("/openapi.json"),
                client.get("/docs"),
            ]
            assert [one.status_code for one in answers[:4]] == [200, 200, 200, 401]
    for answer in (*posts, *answers):
        watched.said[str(answer.request.url)] = answer.text + str(answer.headers)
    watched.assert_silent()


def test_a_secret_that_a_provider_handed_us_is_kept_encrypted(watched: Watched) -> None:
    with open_hub(watched.settings()) as hub:
        with hub.store.write() as conn:
            secrets.put(conn, "atelier-lila", "stripe", WEBHOOK_SECRET, HANDED, SECRET_KEY.encode(), datetime.now(UTC))
        with hub.store.read() as conn:
            found = secrets.get_all(conn, "atelier-lila", "stripe", WEBHOOK_SECRET, SECRET_KEY.encode())
        assert found == (HANDED,)
        assert HANDED in hub.receivers["atelier-lila", "stripe"].secrets()

    assert not [name for name, content in files(watched.rig.folder / "data").items() if HANDED.encode() in content]


def everything_said(error: BaseException) -> str:
    """The text, the repr and the traceback of an error and of all that it came from."""
    parts = ["".join(traceback.format_exception(error))]
    seen: BaseException | None = error
    while seen is not None:
        parts += [str(seen), repr(seen), repr(getattr(seen, "args", ()))]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(parts)


def refused(rig: Rig) -> None:
    rig.stripe.revoke_key(STRIPE_KEY)
    del rig.notion.state.bots[NOTION_KEY]


def down(rig: Rig) -> None:
    rig.stripe.faults.add("*", "/v1/*", "reset")
    rig.notion.fault("reset")


def nonsense(rig: Rig) -> None:
    rig.stripe.faults.add("*", "/v1/*", "truncated_json")
    rig.notion.fault("truncated_json")


@pytest.mark.parametrize("trouble", [refused, down, nonsense])
def test_no_exception_and_no_run_holds_a_secret(
    trouble: Callable[[Rig], None], watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("connectors.notion.client.PAUSES", (0.0,))
    monkeypatch.setattr("connectors.stripe.client._wait", lambda _: 0.0)
    caplog.set_level("DEBUG")
    watched.rig.stripe.account(STRIPE_KEY)
    with open_hub(watched.settings()) as hub:
        runtime = hub.runtimes["atelier-lila"]
        source, destination = runtime.source("stripe"), runtime.destination("notion")
        trouble(watched.rig)
        calls: list[Callable[[], Any]] = [
            source.check,
            destination.check,
            lambda: source.fetch("charge", "ch_1"),
            lambda: list(source.read("charge", None)),
        ]
        for number, call in enumerate(calls):
            with pytest.raises(HubError) as caught:
                call()
            watched.said[f"{trouble.__name__} {number}"] = everything_said(caught.value)
        claimed = claim(runtime, "me")
        assert claimed is not None
        watched.said["turn"] = repr(take(runtime, claimed, "me"))
        watched.said["log"] = caplog.text + "\n".join(repr(one.args) for one in caplog.records)
        for thing in (runtime, source, destination, hub.settings, hub.receivers, hub.view):
            watched.said[type(thing).__name__] = repr(thing)

    watched.assert_silent()
    for name, content in files(watched.rig.folder / "data").items():
        assert not [canary for canary in CANARIES if canary.encode() in content], name
