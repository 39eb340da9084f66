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
_STYLE = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "button{font:inherit;padding:.6rem 1.2rem}"
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address is the key
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def router(store: Store, hub: HubView, key: bytes, now: Callable[[], datetime]) -> APIRouter:
    """The two routes. `key`: the hub's own, with which `hub.unsubscribe_token` made the addresses."""
    routes = APIRouter()

    @routes.get(PATH, response_class=HTMLResponse, summary="A page with the button that ends these mails")
    def ask(business: str, token: str, request: Request) -> Response:
        words, address = _language(request), read_token(key, business, token)
        title = _title(hub, business)
        if address is None or title is None:
            return _page(words, f"<p>{escape(_WORDS[words]['wrong'])}</p>", 404)
        said = _WORDS[words]["ask"].format(business=title, address=address)
        button = (
            f'<form method="post"><button name="List-Unsubscribe" value="One-Click">{_WORDS[words]["button"]}</button>'
        )
        return _page(words, f"<p>{escape(said)}</p>{button}</form>")

    @routes.post(PATH, response_class=HTMLResponse, summary="End these mails (RFC 8058); twice is once")
    def end(business: str, token: str, request: Request) -> Response:
        words, address = _language(request), read_token(key, business, token)
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


def _language(request: Request) -> str:
    """French or English: the one that the reader's program names first, else English."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in _WORDS:
            return code
    return "en"


def _page(language: str, body: str, status: int = 200) -> HTMLResponse:
    title = escape(_WORDS[language]["title"])
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>",
        status,
        headers=_HEADERS,
    )
