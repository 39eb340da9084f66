"""The signature that several providers share: a header `t=<unix>,v1=<hex>[,v1=<hex>]` over time and body. Pure.

The signed bytes are the text of t, a dot and the raw body; v1 is the hex HMAC-SHA256 with the secret as it is. While a
secret is being rolled there is one v1 for each (docs.stripe.com/webhooks, developer.calendly.com: webhook signatures).
"""

from __future__ import annotations

import hashlib
import hmac

from hub.core.errors import SignatureError
from hub.core.types import WebhookRequest


def verify_timed(
    request: WebhookRequest, *, title: str, header: str, max_age: int, unset: str, no_header: str, unknown: str
) -> None:
    """SignatureError unless one of the request's secrets signed these bytes within `max_age` seconds, either way.

    `unset`, `no_header` and `unknown` are the messages for a missing secret, a missing header and a signature that
    is nobody's: what to do differs between providers. Other schemes in the header (v0) are ignored.
    """
    secrets = [secret for secret in request.secrets if secret]
    if not secrets:
        raise SignatureError(unset)
    given = request.headers.get(header.lower(), "")
    if not given:
        raise SignatureError(no_header)
    stamp, signatures = _read(given, header)
    age = int(request.now.timestamp()) - int(stamp)
    if abs(age) > max_age:
        side = "old" if age > 0 else "ahead of our clock"
        raise SignatureError(
            f"{title}'s delivery was signed {abs(age)} s {side}; at most {max_age} s are accepted. "
            "Either it is a replay, or this machine's clock is wrong."
        )
    signed = stamp.encode() + b"." + request.body
    for secret in secrets:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        if any(hmac.compare_digest(expected, signature) for signature in signatures):
            return
    raise SignatureError(unknown)


def _read(given: str, header: str) -> tuple[str, list[bytes]]:
    """The text of t and every v1."""
    pairs = [part.strip().partition("=") for part in given.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode("utf-8", "replace") for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise SignatureError(f"The {header} header has no readable time (t=…).")
    if not signatures:
        raise SignatureError(f"The {header} header has no v1 signature.")
    return stamps[0], signatures
