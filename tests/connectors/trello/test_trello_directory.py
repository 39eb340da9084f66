"""What a key can see and do, in words that a person knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.trello.directory import TrelloDirectory
from connectors.trello.sandbox import OAUTH_TOKEN
from hub.core.errors import ConfigError
from hub.core.types import Sight
from tests.connectors.trello.conftest import World


def look(world: World, *follow: str, **given: object) -> Sight:
    return TrelloDirectory(world.client(**given), follow or None).look()


def test_boards_and_templates_are_seen_by_name(world: World, board: str) -> None:
    template = world.sandbox.add_board("Modèle", template=True)
    closed = world.sandbox.add_board("Fermé")
    world.sandbox.edit_board(closed, closed=True)
    world.sandbox.add_board("Caché", members=(world.sandbox.person,))

    sight = look(world)

    assert sight.account == "Hub (@hub, hub@example.com)"
    assert {(each.kind, each.id, each.name, each.inside) for each in sight.things} == {
        ("board", board, "Suivi", "Atelier Lila"),
        ("template", template, "Modèle", "Atelier Lila"),
    }
    assert all(each.url for each in sight.things)
    assert (sight.warnings, sight.ends_at) == ((), None)


def test_a_token_that_ends_says_when_and_one_that_may_only_read_is_warned_of(world: World, board: str) -> None:
    world.sandbox.new_token("shortlived", write=False, expires=3600)

    sight = look(world, token="shortlived")

    assert sight.ends_at is not None
    assert abs(sight.ends_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    assert [line for line in sight.warnings if "may only read" in line]


def test_a_missing_secret_and_missing_custom_fields_are_warned_of(world: World, board: str) -> None:
    other = world.sandbox.add_board("Autre")
    world.sandbox.add_custom_field(other, "Client", "text")

    sight = look(world, board, other, api_secret=None)

    assert len(sight.warnings) == 2
    assert [line for line in sight.warnings if "api_secret" in line]
    assert [line for line in sight.warnings if '"Suivi" has no custom fields' in line]


def test_a_bearer_is_warned_of(world: World, board: str) -> None:
    sight = look(world, api_key=None, token=None, oauth_token=OAUTH_TOKEN)

    assert [each.name for each in sight.things] == ["Suivi"]
    assert [line for line in sight.warnings if "OAuth 2.0" in line]


def test_a_wrong_key_is_a_config_error(world: World) -> None:
    with pytest.raises(ConfigError, match="power-ups/admin"):
        look(world, token="wrong")
