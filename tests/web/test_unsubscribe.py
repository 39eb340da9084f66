"""Ending mails with one click (RFC 8058), on a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from hub.store import unsubscribed
from hub.store.database import Store
from hub.unsubscribe_token import make_token, read_token, unsubscribe_url
from hub.web.app import create_app
from hub.web.server import listen, server
from tests.web.conftest import KEY, LILA, MARC, NOON, view
from tests.web.stripe_like import StripeLike

OWN_KEY = Fernet.generate_key()
ZOE = "Zoe@Client.example"


@contextmanager
def serving(store: Store, own_key: bytes | None) -> Iterator[httpx.Client]:
    app = create_app(store, view([], StripeLike()), status_key=SecretStr(KEY), own_key=own_key, now=lambda: NOON)
    with listen("127.0.0.1", 0) as listening:
        running = server(app)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
                yield client
        finally:
            running.should_exit = True
            thread.join()


@pytest.fixture
def client(store: Store) -> Iterator[httpx.Client]:
    with serving(store, OWN_KEY) as made:
        yield made


def path(business: str = LILA, address: str = ZOE, key: bytes = OWN_KEY) -> str:
    return unsubscribe_url("", key, business, address)


def ended(store: Store, business: str = LILA) -> list:
    with store.read() as conn:
        return unsubscribed.listing(conn, business)


def test_one_click_ends_the_mails_of_that_business_to_that_address(client: httpx.Client, store: Store) -> None:
    answer = client.post(path(), data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert ended(store) == [("zoe@client.example", NOON)]
    assert ended(store, MARC) == []


def test_twice_is_once_whatever_the_form_of_the_body(client: httpx.Client, store: Store) -> None:
    for _ in range(2):
        assert client.post(path(), data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(path(), files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert client.post(path()).status_code == 200
    assert len(ended(store)) == 1


def test_a_look_at_the_page_ends_nothing(client: httpx.Client, store: Store) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        client.request(method, path())
    answer = client.get(path())

    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert "Atelier Lila" in answer.text
    assert ended(store) == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("wanted", "language", "word"),
    [("fr-CA,en;q=0.8", "fr", "Ne plus recevoir"), ("de,en", "en", "Stop receiving"), ("", "en", "Stop receiving")],
)
def test_the_page_speaks_the_readers_language(client: httpx.Client, wanted: str, language: str, word: str) -> None:
    for answer in (
        client.get(path(), headers={"Accept-Language": wanted}),
        client.post(path(), headers={"Accept-Language": wanted}),
    ):
        assert f'<html lang="{language}">' in answer.text
        assert word in answer.text


@pytest.mark.parametrize(
    "where",
    [
        path(MARC).replace(MARC, LILA),
        path(key=Fernet.generate_key()),
        path()[:-3],
        path()[:-1] + ("A" if path()[-1] != "A" else "B") * 20,
        f"/unsubscribe/{LILA}/x",
        f"/unsubscribe/{LILA}/" + "A" * 5000,
        f"/unsubscribe/{LILA}/%C3%A9",
        unsubscribe_url("", OWN_KEY, "nobody", ZOE),
        f"/unsubscribe/{LILA}/" + Fernet(OWN_KEY).encrypt(f"other\n{LILA}\n{ZOE}".encode()).decode(),
    ],
)
def test_an_address_that_we_did_not_make_ends_nothing(client: httpx.Client, store: Store, where: str) -> None:
    assert client.get(where).status_code == 404
    assert client.post(where).status_code == 404
    assert ended(store) == ended(store, MARC) == []


def test_names_are_shown_as_text(client: httpx.Client) -> None:
    answer = client.get(path(address="<script>@x.example"))
    assert "&lt;script&gt;@x.example" in answer.text
    assert "<script>" not in answer.text


def test_without_the_hubs_own_key_there_is_no_such_page(store: Store) -> None:
    with serving(store, None) as client:
        assert client.post(path()).status_code == 404
    assert ended(store) == []


def test_the_token_hides_the_address_and_does_not_grow_old() -> None:
    token = make_token(OWN_KEY, LILA, ZOE)
    assert "zoe" not in token.lower()
    assert read_token(OWN_KEY, LILA, token) == ZOE
    old = Fernet(OWN_KEY).encrypt_at_time(f"unsubscribe\n{LILA}\n{ZOE}".encode(), 1_000_000_000).decode()
    assert read_token(OWN_KEY, LILA, old) == ZOE
    assert unsubscribe_url("https://hub.example.com/", OWN_KEY, LILA, ZOE).startswith(
        "https://hub.example.com/unsubscribe/atelier-lila/"
    )
