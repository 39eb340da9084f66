"""/unsubscribe/{business}/{token}: ends the mails of a business to one address (RFC 8058).

A POST ends them, whoever sends it: the mail program with one click, or the button of the page. A GET only shows the
page, because filters open every address that stands in a mail. Neither needs a cookie or a login.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from hub.engine.receivers import HubView
from hub.store import unsubscribed
from hub.store.database import Store
from hub.unsubscribe_token import read_token
from hub.web.page import page, wanted_language

PATH = "/unsubscribe/{business}/{token}"

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "title": "Ne plus recevoir ces messages",
        "ask": "{business} n’écrira plus automatiquement à {address}.",
        "button": "Ne plus recevoir ces messages",
        "done": "C’est fait : {business} n’écrira plus automatiquement à {address}.",
        "wrong": "Cette adresse n’est pas valable. Ouvrez le lien tel qu’il figure dans le message, en entier.",
    },
    "en": {
        "title": "Stop receiving these messages",
        "ask": "{business} will no longer write automatically to {address}.",
        "button": "Stop receiving these messages",
        "done": "Done: {business} will no longer write automatically to {address}.",
        "wrong": "This address is not valid. Open the link as it stands in the message, all of it.",
    },
}


def router(store: Store, hub: HubView, key: bytes, now: Callable[[], datetime]) -> APIRouter:
    """The two routes. `key`: the hub's own, with which `hub.unsubscribe_token` made the addresses."""
    routes = APIRouter()

    @routes.get(PATH, response_class=HTMLResponse, summary="A page with the button that ends these mails")
    def ask(business: str, token: str, request: Request) -> Response:
        words, address = wanted_language(request), read_token(key, business, token)
        title = _title(hub, business)
        if address is None or title is None:
            return _page(words, f"<p>{escape(_WORDS[words]['wrong'])}</p>", 404)
        said = _WORDS[words]["ask"].format(business=title, address=address)
        name = 'class="main" name="List-Unsubscribe" value="One-Click"'
        button = f'<form method="post"><button {name}>{_WORDS[words]["button"]}</button></form>'
        return _page(words, f"<p>{escape(said)}</p>{button}")

    @routes.post(PATH, response_class=HTMLResponse, summary="End these mails (RFC 8058); twice is once")
    def end(business: str, token: str, request: Request) -> Response:
        words, address = wanted_language(request), read_token(key, business, token)
        title = _title(hub, business)
        if address is None or title is None:
            return _page(words, f"<p>{escape(_WORDS[words]['wrong'])}</p>", 404)
        with store.write() as conn:
            unsubscribed.add(conn, business, address, now())
        said = _WORDS[words]["done"].format(business=title, address=address)
        return _page(words, f"<p>{escape(said)}</p>")

    return routes


def _title(hub: HubView, business: str) -> str | None:
    return next((one.title for one in hub.businesses if one.business == business), None)


def _page(language: str, body: str, status: int = 200) -> HTMLResponse:
    return page(language, _WORDS[language]["title"], body, status)
