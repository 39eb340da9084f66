"""What the Calendly connector must be told. The hub reads it from the environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

CALLS_A_MINUTE = {"free": 50, "standard": 500, "teams": 500, "enterprise": 500}
"""https://developer.calendly.com/docs/api/overview/rate-limits: per user, by plan."""

CONCURRENCY = 4
"""Calls in flight. Calendly publishes no number; at 0.4 s a call, four of them fill 500 calls a minute."""


class CalendlySettings(BaseModel):
    """The key, the plan and the address of one Calendly account."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(
        description=(
            "A personal access token from Calendly > Integrations & apps > API and webhooks > Personal access tokens, "
            "with the scopes users:read, organizations:read, event_types:read, scheduled_events:read "
            "(scheduled_events:write where the hub may cancel and mark no-shows), routing_forms:read and "
            "webhooks:write. Best made by an owner or administrator: others see only their own appointments."
        )
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        description=(
            "Signing keys of webhook subscriptions that were made elsewhere, separated by commas. Not needed where the "
            "hub registers itself: it then chooses the key and keeps it."
        ),
    )
    scope: Literal["organization", "user"] = Field(
        default="organization",
        description=(
            "organization: the appointments of every host, for which the key must be an owner's or administrator's "
            "(with another key only its own are seen, and `hub connect` says so); user: only the key's own."
        ),
    )
    plan: Literal["free", "standard", "teams", "enterprise"] = Field(
        default="free",
        description=(
            "The account's plan: free allows 50 calls a minute, the others 500. With teams or enterprise it is an "
            "error when Calendly refuses to show the routing forms; with the others it means that there are none."
        ),
    )
    calls_per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None,
        description=(
            "At most so many calls a minute, all processes of the hub together; left out: as the plan allows. Set "
            "less where other programs use tokens of the same person, for Calendly counts them together."
        ),
    )
    base_url: str = Field(
        default="https://api.calendly.com",
        description="The address of Calendly. Change it only to talk to the sandbox.",
    )

    @field_validator("api_key")
    @classmethod
    def _a_token(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value()
        if not text:
            raise ValueError("the key is empty")
        if not text.isascii() or not text.isprintable() or " " in text:
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
    def limit(self) -> int:
        """Calls a minute."""
        return self.calls_per_minute or CALLS_A_MINUTE[self.plan]

    @property
    def has_routing_forms(self) -> bool:
        """Whether the plan is said to have routing forms, so that not seeing them is a fault."""
        return self.plan in ("teams", "enterprise")
