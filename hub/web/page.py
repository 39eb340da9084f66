"""The pages that a link in a mail opens: no cookie, no login, no script, nothing from elsewhere."""

from __future__ import annotations

from html import escape

from fastapi import Request
from starlette.responses import HTMLResponse

STYLE = (
    "*{box-sizing:border-box}"
    "body{font:18px/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;color:#222;"
    "overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}"
    "button,input{font:inherit;min-height:3rem;padding:.6rem 1.2rem;border:1px solid #888;border-radius:.4rem}"
    "button{background:#fff;color:#1d4f8b;border-color:#1d4f8b;cursor:pointer}"
    "button.main{background:#1d4f8b;color:#fff}"
    "button:focus-visible,input:focus-visible{outline:3px solid #f0b429;outline-offset:2px}"
    ".card{border-left:.3rem solid #1d4f8b;background:#f4f6f9;padding:.8rem 1rem;margin:0 0 1.2rem}"
    ".card p{margin:0}.card strong{display:block}"
    ".small{color:#555;font-size:.9rem}"
    ".choices{display:grid;gap:.6rem;margin:0 0 1rem}"
    "button small{display:block;color:#555;font-size:.8rem}"
    ".row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:0 0 1rem}.row label{flex:1 1 12rem}"
    ".row input{width:100%}.row button{flex:0 0 auto}"
    "label{display:block}fieldset{border:0;margin:0;padding:0}"
    ".wrong{color:#a01818}"
    "pre{font:.8rem/1.5 ui-monospace,monospace;white-space:pre-wrap;background:#f4f6f9;padding:.8rem;"
    "max-height:60vh;overflow:auto}"
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
LANGUAGES = ("fr", "en")


def page(language: str, title: str, body: str, status: int = 200) -> HTMLResponse:
    """A whole page around `body`, which is HTML already."""
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status,
        headers=HEADERS,
    )


def wanted_language(request: Request, otherwise: str = "en") -> str:
    """French or English: the one that the reader's program names first, else `otherwise`."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in LANGUAGES:
            return code
    return otherwise
