"""What the Notion connector needs to know. The key lives in the environment, the page in business.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class NotionSettings(BaseModel):
    """One Notion connection of one business."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(
        description=(
            "The internal connection's secret (ntn_…). Make one at https://www.notion.so/profile/integrations with the "
            "capabilities Read, Insert and Update content (to read people and comments, also “Read user information "
            "including email addresses” and “Read comments”), then open the page that the hub may see, ••• menu > "
            "Connections, and add it there."
        )
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        description=(
            "The verification tokens (secret_…) of the webhook, separated by commas. `hub listen` keeps the token that "
            "Notion sends; give it here only where the webhook was made without the hub."
        ),
    )
    page: str | None = Field(
        default=None, description="Title, address or id of the page that was shared with the connection."
    )
    base_url: str = Field(default="https://api.notion.com", description="Where Notion's API answers.")
    calls_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=180, description="Notion's limit for this connection: 180, or 600 on Business and Enterprise plans."
    )

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(part.strip() for part in given.split(",") if part.strip())
        return given
