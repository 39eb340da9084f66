"""What the connector must be told. The hub reads it from the environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

KEY_PAGE = "Lantern > Settings > API > New key, with the rights “Read sign-ups” and “Manage webhooks”"


class LanternSettings(BaseModel):
    """One account."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(description=f"The key of the account, from {KEY_PAGE}.")
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="The secrets of the webhook, separated by commas, from Lantern > Settings > Webhooks."
    )
    base_url: str = Field(
        default="https://api.lantern.example", description="The address of Lantern. Change it only for the sandbox."
    )
    calls_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=100, description="At most so many calls a minute, all processes of the hub together."
    )

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(part.strip() for part in given.split(",") if part.strip())
        return given
