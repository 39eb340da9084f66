"""The address that stands where a person's was, once she asked to be forgotten. It can reach nobody (RFC 2606)."""

from __future__ import annotations

DOMAIN = "forgotten.invalid"


def pseudonym(mark: str) -> str:
    """The address that stands for a person. `mark`: what tells her from others, and says nothing of her."""
    return f"{mark}@{DOMAIN}"


def is_pseudonym(address: str) -> bool:
    """Whether an address stands for somebody who was forgotten: no journey opens for it and no mail goes there."""
    return address.strip().lower().endswith(f"@{DOMAIN}")
