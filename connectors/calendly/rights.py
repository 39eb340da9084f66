"""What a key may read, found out by trying: Calendly has no call that tells a token's scopes."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.calendly.client import Account, Client, Forbidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """`missing`: scopes, in Calendly's words. `routing_forms`: whether the plan and the role show them."""

    missing: tuple[str, ...]
    routing_forms: bool


def look(client: Client, account: Account) -> Rights:
    """Try each list that is read. Three calls."""
    missing: list[str] = []
    forms = True
    tries = (
        ("/event_types", account.whose),
        ("/scheduled_events", account.whose),
        ("/routing_forms", {"organization": account.organization}),
    )
    for path, params in tries:
        try:
            client.page(path, **params)
        except Forbidden as error:
            if not error.scopes and path != "/routing_forms":
                raise
            missing += error.scopes
            forms = forms and path != "/routing_forms"
    return Rights(missing=tuple(dict.fromkeys(missing)), routing_forms=forms)
