"""What the client makes of every kind of answer: which calls are repeated, and what the caller is told."""

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.notion.client import NotionClient
from connectors.notion.failures import Forbidden, Missing, Refused
from connectors.notion.settings import NotionSettings
from connectors.notion.spec import SPEC
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from tests.connectors.notion.helpers import KEY, Answer, Limits, client_of, scripted

PAGE = "11111111-1111-4111-8111-111111111111"
Call = Callable[[NotionClient], Any]


def read(client: NotionClient) -> Any:
    return client.page(PAGE)


def query(client: NotionClient) -> Any:
    return list(client.all_rows(PAGE))


def change(client: NotionClient) -> Any:
    return client.update_page(PAGE, properties={})


def create(client: NotionClient) -> Any:
    return client.create_page({"type": "page_id", "page_id": PAGE}, {})


def append(client: NotionClient) -> Any:
    return client.append(PAGE, [{"type": "divider", "divider": {}}])


def error(status: int, code: str, headers: tuple[tuple[str, str], ...] = (), **more: Any) -> Answer:
    body = {"object": "error", "status": status, "code": code, "message": "a message of Notion's"}
    return Answer(status, json.dumps(body | ({"additional_data": more} if more else {})).encode(), headers)


def outcome(answers: list[Answer], call: Call, limits: Limits | None = None) -> tuple[HubError, int]:
    """The error that a call ends with, and how many requests were sent."""
    with scripted(answers) as (url, seen), client_of(url, limits) as client:
        with pytest.raises(HubError) as caught:
            call(client)
        return caught.value, len(seen)


FAILURES = [error(500, "internal_server_error"), error(503, "service_unavailable"), error(504, "gateway_timeout")]
FAILURES += [Answer(502, b"<html>Bad gateway</html>"), Answer(200, b'{"object": "pa'), Answer(200, b"[]")]
FAILURES += [Answer(body=None), Answer(200, b'{"object": "page"', short=True)]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("call", [read, query, change])
def test_what_can_be_repeated_is_repeated_until_it_succeeds(call: Call, failure: Answer) -> None:
    good = Answer(body=json.dumps({"results": [], "has_more": False}).encode())

    with scripted([failure, failure, failure, good]) as (url, seen), client_of(url) as client:
        call(client)

    assert len(seen) == 4


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("call", [read, query, change])
def test_what_can_be_repeated_is_given_back_to_the_schedule_after_four_attempts(call: Call, failure: Answer) -> None:
    problem, calls = outcome([failure], call)

    assert isinstance(problem, TransientError)
    assert (calls, problem.uncertain) == (4, False)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("call", [create, append])
def test_what_makes_something_new_is_never_repeated_when_its_answer_is_lost(call: Call, failure: Answer) -> None:
    problem, calls = outcome([failure], call)

    assert isinstance(problem, TransientError)
    assert (calls, problem.uncertain) == (1, True)


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({"committed_resource_id": "row-1"}, ("row-1",)),
        ({"committed_resource_id": "page-1", "committed_child_ids": ["b1", "b2"]}, ("b1", "b2")),
        ({"committed_resource_id": None}, ()),
    ],
)
def test_what_notion_says_it_has_committed_is_handed_on(said: dict[str, Any], made: tuple[str, ...]) -> None:
    problem, _ = outcome([error(503, "service_unavailable", **said)], create)

    assert isinstance(problem, TransientError)
    assert problem.committed == made


def test_pauses_between_attempts_grow() -> None:
    naps: list[float] = []
    failing = scripted([error(500, "internal_server_error")])
    with failing as (url, _), client_of(url, naps=naps) as client, pytest.raises(TransientError):
        client.page(PAGE)

    assert naps == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("call", [read, change, create])
@pytest.mark.parametrize("status", [429, 529])
def test_a_short_wait_that_notion_asks_for_holds_all_calls_and_the_call_is_repeated(call: Call, status: int) -> None:
    limits = Limits()
    busy = error(status, "rate_limited" if status == 429 else "service_overload", (("Retry-After", "3"),))

    with scripted([busy, Answer()]) as (url, seen), client_of(url, limits) as client:
        call(client)

    assert (len(seen), limits.acquired, limits.held) == (2, 2, [3.0])


@pytest.mark.parametrize("call", [read, change, create])
def test_a_long_wait_is_held_to_its_full_length_and_left_to_the_schedule(call: Call) -> None:
    limits = Limits()

    problem, calls = outcome([error(429, "rate_limited", (("Retry-After", "340"),))], call, limits)

    assert isinstance(problem, TransientError)
    assert (calls, limits.held, problem.retry_after, problem.uncertain) == (1, [340.0], 340.0, False)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (error(429, "rate_limited", retry_after="42"), 42.0),
        (error(429, "rate_limited", (("Retry-After", "Sat, 21 Nov 2026 10:01:30 GMT"),)), 90.0),
        (error(429, "rate_limited"), 1.0),
        (Answer(529, b"overloaded"), 1.0),
    ],
)
def test_the_wait_is_found_wherever_notion_writes_it(answer: Answer, seconds: float) -> None:
    limits = Limits()

    outcome([answer], read, limits)

    assert set(limits.held) == {seconds}


def test_a_blocked_connection_is_a_matter_for_a_person_and_not_for_a_retry() -> None:
    limits = Limits()
    blocked = error(429, "rate_limited", (("Retry-After", "3"),), rate_limit_reason="public_api_request_blocked")

    problem, calls = outcome([blocked], read, limits)

    assert isinstance(problem, ConfigError)
    assert (calls, limits.held) == (1, [])


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        (error(401, "unauthorized"), ConfigError, "profile/integrations"),
        (error(403, "restricted_resource"), Forbidden, "Insert"),
        (error(403, "restricted_resource", block_limit=1000), ConfigError, "1,000 blocks"),
        (error(404, "object_not_found"), Missing, "a message of Notion's"),
        (error(400, "validation_error"), Refused, "a message of Notion's"),
        (error(400, "a_code_of_tomorrow"), Refused, "a_code_of_tomorrow"),
        (error(409, "row_limit_exceeded"), Refused, "row_limit_exceeded"),
        (Answer(301, b"", (("Location", "/elsewhere"),)), ConfigError, "base_url"),
        (error(401, f"unauthorized {KEY}"), ConfigError, "withdrawn"),
    ],
)
@pytest.mark.parametrize("call", [read, change, create])
def test_a_refusal_is_sorted_by_who_can_do_something_about_it(
    call: Call, answer: Answer, kind: type[HubError], word: str
) -> None:
    problem, calls = outcome([answer], call)

    assert (type(problem), calls) == (kind, 1)
    assert word in str(problem)
    assert KEY not in str(problem)


@pytest.mark.parametrize("call", [read, change, create])
def test_a_conflict_was_not_carried_out_and_is_repeated(call: Call) -> None:
    with scripted([error(409, "conflict_error"), Answer()]) as (url, seen), client_of(url) as client:
        call(client)

    assert len(seen) == 2


@pytest.mark.parametrize("call", [read, change, create])
def test_a_call_that_never_left_is_not_uncertain(call: Call) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        with client_of(f"http://127.0.0.1:{taken.getsockname()[1]}") as client, pytest.raises(TransientError) as caught:
            call(client)

    assert caught.value.uncertain is False


def test_a_create_that_times_out_is_uncertain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the request and never answers
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with client_of(address, timeout=0.2) as client, pytest.raises(TransientError) as caught:
            create(client)

    assert caught.value.uncertain is True


def test_half_a_character_is_that_records_problem() -> None:
    with scripted([Answer()]) as (url, seen), client_of(url) as client, pytest.raises(RecordError):
        client.update_page(PAGE, properties={"Nom": {"title": [{"text": {"content": "\ud83d"}}]}})

    assert seen == []


@pytest.mark.parametrize(
    "pages",
    [
        [{"results": [], "has_more": True, "next_cursor": None}],
        [{"results": [], "has_more": True, "next_cursor": "again"}],
        [{"no": "results"}],
    ],
)
def test_a_list_that_breaks_off_or_runs_in_circles_is_an_error(pages: list[dict[str, Any]]) -> None:
    answers = [Answer(body=json.dumps(page).encode()) for page in pages]

    problem, _ = outcome(answers, query)

    assert isinstance(problem, TransientError)


def test_every_call_passes_the_limit_of_the_connection() -> None:
    limits = Limits()
    with scripted([Answer()]) as (url, seen), client_of(url, limits) as client:
        for call in (read, change, create):
            call(client)

    assert limits.acquired == len(seen) == 3
    ((name, calls, seconds),) = limits.asked
    assert (name, calls) == ("notion", 180)
    assert 60 < seconds < 62


def test_an_address_that_is_none_is_a_matter_for_a_person() -> None:
    with client_of("ftp://example.com") as client, pytest.raises(ConfigError, match="base_url"):
        client.me()


def test_the_connector_can_be_looked_at_without_a_key_or_the_sdk() -> None:
    import subprocess
    import sys

    script = "import sys; from connectors.notion.spec import SPEC; print(SPEC.name, 'notion_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["notion", "False"]


def test_a_live_connector_closes_its_sockets_and_shows_its_key_nowhere() -> None:
    settings = NotionSettings(api_key=SecretStr(KEY), base_url="http://127.0.0.1:9")
    with SPEC.connect(settings, Limits().context) as connector:
        assert connector.destination is not None

    assert KEY not in repr(settings)
