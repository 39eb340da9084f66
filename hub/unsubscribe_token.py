"""The address in a mail that ends these mails with one click: who made it, for which business and whose address.

Encrypted and signed with the hub's own key (Fernet), so that no address of a person stands in the logs on the way, and
nobody can end another's mails. It does not grow old: mails are read years later.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

_SIGN = "unsubscribe"
"""Tells these tokens from whatever else is encrypted with the same key."""
MAX_TOKEN = 2000


def make_token(key: bytes, business: str, address: str) -> str:
    """The last part of the web address. `key`: the hub's own (`hub.settings.fernet_key`)."""
    return Fernet(key).encrypt("\n".join((_SIGN, business, address)).encode()).decode().rstrip("=")


def read_token(key: bytes, business: str, token: str) -> str | None:
    """The mail address in a token that was made for that business with that key, else None."""
    if len(token) > MAX_TOKEN or not token.isascii():
        return None
    try:
        sign, made_for, address = Fernet(key).decrypt(token + "=" * (-len(token) % 4)).decode().split("\n")
    except (InvalidToken, ValueError):
        return None
    return address if (sign, made_for) == (_SIGN, business) else None


def unsubscribe_url(public_url: str, key: bytes, business: str, address: str) -> str:
    """The address for a mail's List-Unsubscribe: `hub.web.unsubscribe` answers there."""
    return f"{public_url.rstrip('/')}/unsubscribe/{business}/{make_token(key, business, address)}"
