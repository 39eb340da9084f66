"""What the Notion connector needs to know. The key lives in the environment, the page in business.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class NotionSettings(BaseModel):
    """One Notion connection of one business."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr = Field(
        description=(
            "The internal connection's secret (ntn_…). Make one at https://www.notion.so/profile/integrations with the "
            "capabilities Read, Insert and Update content, then open the page that the hub may write in, "
            "••• menu > Connections, and add it there."
        )
    )
    page: str | None = Field(
        default=None, description="Title, address or id of the page that was shared with the connection."
    )
    base_url: str = Field(default="https://api.notion.com", description="Where Notion's API answers.")
    calls_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=180, description="Notion's limit for this connection: 180, or 600 on Business and Enterprise plans."
    )
