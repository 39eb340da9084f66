"""What the Stripe connector must be told. The hub reads it from the environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class StripeSettings(BaseModel):
    """The key, the webhook secrets and the address of one Stripe account."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(
        description=(
            "A restricted key (rk_live_… or rk_test_…) from Stripe > Developers > API keys > Create restricted key, "
            "with Read on Products, Prices, Coupons, Customers, Subscriptions, Invoices, Checkout Sessions, Charges "
            "and Refunds, Disputes, Balance and Events, and Write on Webhook Endpoints if the hub may register "
            "itself. A secret key (sk_…) works too, but may do far more than the hub needs."
        )
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        description=(
            "The signing secrets (whsec_…) of the webhook endpoint, separated by commas, from Stripe > Developers > "
            "Webhooks > the endpoint > Signing secret. While a secret is being rolled, give the old and the new one."
        ),
    )
    base_url: str = Field(
        default="https://api.stripe.com",
        description="The address of Stripe. Change it only to talk to the sandbox.",
    )
    calls_per_second: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=25,
        description=(
            "At most so many calls a second, all processes of the hub together. Stripe allows 100 a second in live "
            "mode and 25 in a sandbox, and 25 a second to one endpoint (https://docs.stripe.com/rate-limits); set more "
            "only where Stripe has raised it for the account."
        ),
    )

    @field_validator("api_key")
    @classmethod
    def _a_server_key(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value()
        if not text.startswith(("rk_live_", "rk_test_", "sk_live_", "sk_test_")):
            raise ValueError(
                "this is not a key that may read an account: it starts with rk_live_, rk_test_, sk_live_ or sk_test_ "
                "(pk_… is the key for browsers, whsec_… is a webhook's secret)"
            )
        if not text.isascii() or any(character.isspace() for character in text):
            raise ValueError("there is a space, a line break or another stray character in the key")
        return key

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(part.strip() for part in given.split(",") if part.strip())
        return given

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("an address starts with https:// (or http:// for the sandbox)")
        return url.rstrip("/")

    @property
    def livemode(self) -> bool:
        """True for a key of live mode: real money. Test keys and live keys never see each other's objects."""
        return "_live_" in self.api_key.get_secret_value()[:8]
