"""What the connector must be told, and what it says when it is told wrong."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.trello.settings import TrelloSettings

KEY = "k" * 32
TOKEN = "ATTAsecrettoken"


def test_key_and_token_open_trello_and_so_does_a_bearer_alone() -> None:
    assert TrelloSettings(api_key=KEY, token=TOKEN).base_url == "https://api.trello.com/1"
    assert TrelloSettings(oauth_token="bearer").api_key is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"api_key": KEY},
        {"token": TOKEN},
        {"api_key": KEY, "token": "  "},
        {"api_key": KEY, "token": TOKEN, "oauth_token": "bearer"},
        {"api_key": KEY, "token": f'{TOKEN}", x="'},
        {"api_key": KEY, "token": f"{TOKEN}\n"},
        {"api_key": KEY, "token": TOKEN, "base_url": "api.trello.com"},
        {"api_key": KEY, "token": TOKEN, "calls_per_10_seconds": 0},
    ],
)
def test_what_cannot_open_trello_is_refused_without_showing_a_secret(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        TrelloSettings(**given)

    assert TOKEN not in str(refused.value)


def test_the_secret_that_signs_webhooks_is_the_applications_and_no_text_shows_it() -> None:
    settings = TrelloSettings(api_key=KEY, token=TOKEN, api_secret="appsecret")

    assert [each.get_secret_value() for each in settings.webhook_secrets] == ["appsecret"]
    assert TrelloSettings(api_key=KEY, token=TOKEN, api_secret="").webhook_secrets == ()
    assert not {KEY, TOKEN, "appsecret"} & set(repr(settings).split("'"))
