"""What the Trello connector must be told. The hub reads it from the environment."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class TrelloSettings(BaseModel):
    """The key and token, or the bearer, of one Trello member; the secret that signs webhooks; the address."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr | None = Field(
        default=None,
        description="The API key of a Power-Up of yours: https://trello.com/power-ups/admin > the Power-Up > API key.",
    )
    token: SecretStr | None = Field(
        default=None,
        description=(
            "The token of the member that the hub works as. Beside the API key there is a link called Token; or open "
            "https://trello.com/1/authorize?expiration=never&scope=read,write&response_type=token&name=Hub&key=API_KEY "
            "with your API key at its end, and allow it. Rights: read and write; no account rights."
        ),
    )
    oauth_token: SecretStr | None = Field(
        default=None,
        description=(
            "Instead of api_key and token: an OAuth 2.0 access token (a bearer). It ends within hours, the hub does "
            "not renew it, and registers no webhooks with it: prefer api_key and token."
        ),
    )
    api_secret: SecretStr | None = Field(
        default=None,
        description=(
            "The secret that signs webhooks: on the page of the API key, called Secret (OAuth). It is not the token. "
            "Without it every delivery is refused."
        ),
    )
    base_url: str = Field(
        default="https://api.trello.com/1",
        description="The address of Trello. Change it only to talk to the sandbox.",
    )
    calls_per_10_seconds: Annotated[int, Field(ge=1, le=300)] = Field(
        default=100,
        description=(
            "At most so many calls in ten seconds, all processes of the hub together. Trello allows 100 to one token "
            "and 300 to one key (https://developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits)."
        ),
    )

    @field_validator("api_key", "token", "oauth_token", "api_secret", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        return None if isinstance(text, str) and not text.strip() else given

    @field_validator("api_key", "token", "oauth_token", "api_secret")
    @classmethod
    def _one_word(cls, secret: SecretStr | None) -> SecretStr | None:
        text = secret.get_secret_value() if secret else ""
        if not text.isascii() or any(character.isspace() or character in '"/?#%' for character in text):
            raise ValueError("there is a space, a quote or another stray character in it")
        return secret

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("an address starts with https:// (or http:// for the sandbox)")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.oauth_token is None and (self.api_key is None or self.token is None):
            raise ValueError("Trello needs api_key and token (or oauth_token instead of both)")
        if self.oauth_token is not None and self.token is not None:
            raise ValueError("give either api_key and token, or oauth_token, not both")
        return self

    @property
    def webhook_secrets(self) -> tuple[SecretStr, ...]:
        """The secrets that may have signed a delivery: the application's, where it is known."""
        return () if self.api_secret is None else (self.api_secret,)
