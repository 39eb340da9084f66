"""What a Stripe key can see: whose account it is, what is sold there, and what is wrong with the key's rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.stripe.client import PAGE, Client, Forbidden
from connectors.stripe.source import account_of, missing
from connectors.stripe.subscriptions import PATH as ENDPOINTS
from hub.core.types import Sight, Thing

ADD = "Add it to the key in Stripe > Developers > API keys."


class StripeDirectory:
    """One account, seen with one key."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def look(self) -> Sight:
        """The account, its active products by name, and a line for each right too many or too few.

        Asks each list for one object, which tells whether it may be read. Stripe says of no key when it ends.
        """
        account = account_of(self._client)
        products, notes = self._products()
        return Sight(account=account, things=products, warnings=(*self._warnings(), *notes))

    def _products(self) -> tuple[Sequence[Thing], Sequence[str]]:
        """The newest active products, at most a page of them, and what to say of the others."""
        try:
            found, more = self._client.page("/v1/products", active=True)
        except Forbidden:
            return (), ()
        things = tuple(Thing(kind="product", id=each["id"], name=each["name"]) for each in found)
        return things, (f"More than {PAGE} products are active: only the newest {PAGE} are listed here.",) * more

    def _warnings(self) -> Iterator[str]:
        if not self._client.restricted:
            yield (
                "This is a secret key: it may do everything, refunds and payouts too. Make a restricted key that may "
                "only read in Stripe > Developers > API keys > Create restricted key, and use that."
            )
        if not self._client.livemode:
            yield "Test mode: no real sale is seen. Use a live key (rk_live_…) for the real business."
        for right in dict.fromkeys(missing(self._client).values()):
            yield f"The key lacks Read on {right}. {ADD}"
        try:
            self._client.get(ENDPOINTS, limit=1)
        except Forbidden as error:
            named = f" ({error.permission})" if error.permission else ""
            yield (
                f"The key lacks Write on Webhook Endpoints{named}: the hub cannot register its webhook, and must poll "
                f"or be registered by hand. {ADD}"
            )
