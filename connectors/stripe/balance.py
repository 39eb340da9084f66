"""What a Stripe account holds, and of which movements that is the sum.

Stripe says how much there is now, and not what it counted (https://docs.stripe.com/api/balance/balance_retrieve). So
the newest movements are asked for before and after: where both answers are the same, the amounts are their sum, and
that of everything older. While money moves, nothing is said.
"""

from __future__ import annotations

from typing import Any

from connectors.stripe.client import Client

STREAM = KEY = "balance"
PATH = "/v1/balance"
_MOVEMENTS = "/v1/balance_transactions"
_TRIES = 3


def look(client: Client) -> dict[str, Any]:
    """The balance as an object like Stripe's others, and the newest movements in it (`older`: there are more)."""
    before, older = client.page(_MOVEMENTS)
    found: dict[str, Any] = {}
    for _ in range(_TRIES):
        held = client.get(PATH)
        after, older = client.page(_MOVEMENTS)
        if [each["id"] for each in before] == [each["id"] for each in after]:
            found = held
            break
        before = after
    about = {"id": KEY, "created": before[0]["created"] if before else 0, "older": older}
    return {"available": [], "pending": [], **found, **about, "recent": [each["id"] for each in before]}
