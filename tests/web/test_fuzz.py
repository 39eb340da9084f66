"""Whatever anybody sends to /webhooks, the hub itself never fails (no 5xx), and only what is signed is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.conftest import LILA, NOON, Web, prepared, running
from tests.web.stripe_like import signed


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with prepared(folder) as store, running(store) as started:
        yield started


FIELDS = st.sampled_from(["id", "type", "data", "object", "x"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner),
    max_leaves=12,
)
BODIES = st.binary(max_size=2_000) | ANY_JSON.map(lambda value: json.dumps(value).encode())
NAMES = st.text(min_size=1, max_size=20).map(lambda name: quote(name, safe=""))
PATHS = st.just(f"/webhooks/{LILA}/stripe") | st.builds("/webhooks/{}/{}".format, NAMES, NAMES)
METHODS = st.sampled_from(["POST", "POST", "GET", "HEAD", "PATCH"])
LATIN = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")
HEADERS = st.dictionaries(
    st.sampled_from(["stripe-signature", "content-type", "content-encoding", "authorization"]),
    st.text(LATIN, max_size=60).map(lambda value: value.strip().encode("latin-1")),
)


@settings(max_examples=150, deadline=None)
@given(method=METHODS, path=PATHS, headers=HEADERS, body=BODIES)
def test_unsigned_noise_is_refused_without_a_failure_of_ours(
    web: Web, method: str, path: str, headers: dict[str, bytes], body: bytes
) -> None:
    answer = web.client.request(method, path, headers=headers, content=body)

    # Whether an address answers, Trello asks with HEAD before it knows any secret.
    refused = {400, 404, 405} if method != "HEAD" else {200, 404, 405}
    assert answer.status_code in refused, (answer.status_code, answer.text)


@settings(max_examples=150, deadline=None)
@given(body=BODIES)
def test_whatever_is_signed_is_acknowledged(web: Web, body: bytes) -> None:
    answer = web.post(body, signed(body, NOON))

    assert answer.status_code == 200, (answer.status_code, answer.text)
