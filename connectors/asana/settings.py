"""What the Asana connector must be told. The key lives in the environment, the rest in business.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

CALLS_A_MINUTE = {"free": 150, "paid": 1500}
"""Asana's limits for one token, by plan (https://developers.asana.com/docs/rate-limits)."""


class AsanaSettings(BaseModel):
    """One Asana token and the workspace that it works in."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(
        description=(
            "A personal access token: https://app.asana.com/0/my-apps > Personal access tokens > Create new token. It "
            "sees and may do what its person does, so a member of the team made for the hub is best. An OAuth access "
            "token works too while it lasts; it needs the scopes that the connector's README lists."
        )
    )
    workspace: str | None = Field(
        default=None,
        description="Name or gid of the workspace or organisation; only needed when the key sees several.",
    )
    plan: Literal["free", "paid"] = Field(
        default="free",
        description="Asana lets one token make 150 calls a minute on the free plan and 1,500 on every paid one.",
    )
    reads_in_flight: Annotated[int, Field(ge=1, le=50)] = Field(
        default=12,
        description=(
            "How many GETs one process of the hub has in flight. Asana refuses the 51st of all processes together: "
            "with 12, four processes fit."
        ),
    )
    writes_in_flight: Annotated[int, Field(ge=1, le=15)] = Field(
        default=3,
        description=(
            "How many other calls one process of the hub has in flight. Asana refuses the 16th of all processes "
            "together: with 3, four processes fit."
        ),
    )
    base_url: str = Field(
        default="https://app.asana.com/api/1.0",
        description="The address of Asana's API. Change it only to talk to the sandbox.",
    )

    @field_validator("api_key")
    @classmethod
    def _a_token(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value()
        if not text or not text.isascii() or any(character.isspace() for character in text):
            raise ValueError("the key is empty, or there is a space, a line break or another stray character in it")
        return key

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("an address starts with https:// (or http:// for the sandbox)")
        return url.rstrip("/")
