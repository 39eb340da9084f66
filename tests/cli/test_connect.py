"""`hub connect`: nothing is written before it works, and what is typed is not shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from connectors.asana.sandbox import TOKEN
from tests.cli import warm
from tests.cli.site import LILA, LONG, Site, Told
from tests.cli.terminal import terminal
from tests.cli.test_listen import asana_too

KEY = "HUB_ATELIER_LILA_STRIPE_API_KEY"


def without_key(site: Site) -> dict[str, str]:
    return {name: value for name, value in site.environment.items() if name != KEY}


def piped(site: Site, *arguments: str, text: str, without: tuple[str, ...] = (KEY,), **extra: str) -> Told:
    """A command whose standard input is no terminal."""
    environment = {name: value for name, value in site.environment.items() if name not in without} | extra
    return Told(*warm.run(site.folder, environment, arguments, text=text, patience=LONG))


def test_a_key_is_typed_unseen_tried_shown_and_written_closed(site: Site) -> None:
    key = site.environment[KEY]
    (site.folder / ".env").write_text("# mine\nHUB_STATUS_KEY=status-key-of-the-tests\n")
    (site.folder / ".env").chmod(0o644)
    with terminal(["connect", "stripe"], site.folder, without_key(site)) as screen:
        screen.answer("api_key, not shown:", "sk_test_wrong")
        screen.expect("It does not work: Stripe")
        screen.answer("Try again?", "y")
        screen.answer("api_key, not shown:", key)
        screen.expect("It works: ")
        screen.expect("1 product: « Formation »")
        screen.expect("warning: This is a secret key")
        screen.expect("could be read by other users of this machine. It is closed to them now.")
        screen.expect(f"Written to .env: {KEY}")
        assert screen.end() == 0
    assert key not in screen.screen
    assert "sk_test_wrong" not in screen.screen
    assert "Developers > API keys" in screen.screen
    file = site.folder / ".env"
    assert file.read_text() == f"# mine\nHUB_STATUS_KEY=status-key-of-the-tests\n{KEY}={key}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    checked = piped(site, "check", text="")
    assert checked.code == 0, checked.everything


def test_three_wrong_keys_write_nothing(site: Site) -> None:
    with terminal(["connect", "stripe"], site.folder, without_key(site)) as screen:
        for attempt in range(3):
            screen.answer("api_key, not shown:", f"sk_test_wrong{attempt}")
            screen.expect("It does not work")
            if attempt < 2:
                screen.answer("Try again?", "y")
        screen.expect("Nothing was written.")
        assert screen.end() == 1
    assert not (site.folder / ".env").exists()


def test_without_a_terminal_the_key_comes_on_standard_input(site: Site) -> None:
    key = site.environment[KEY]
    told = piped(site, "connect", "stripe", "--set", "api_key=-", text=f"{key}\n")
    assert told.code == 0, told.everything
    assert "It works" in told.out
    assert key not in told.everything
    assert f"{KEY}={key}" in (site.folder / ".env").read_text()
    wrong = piped(site, "connect", "stripe", "--set", "api_key=-", text="sk_test_other\n")
    assert wrong.code == 1
    assert "Nothing was written." in wrong.out
    assert f"{KEY}={key}" in (site.folder / ".env").read_text()


def test_a_key_on_the_command_line_is_refused_unseen(site: Site) -> None:
    told = piped(site, "connect", "stripe", "--set", "api_key=sk_test_seen", text="")
    assert told.code == 2
    assert "api_key is a secret" in told.err
    assert "sk_test_seen" not in told.everything
    misspelt = piped(site, "connect", "stripe", "--set", "apikey=-", text="x\n")
    assert "Did you mean api_key?" in misspelt.err
    missing = piped(site, "connect", "stripe", text="")
    assert missing.code == 1
    assert f"{KEY} is missing" in missing.out


def test_a_key_in_the_environment_is_tried_and_not_copied(site: Site) -> None:
    told = piped(site, "connect", "stripe", text="", without=())
    assert told.code == 0, told.everything
    assert "Nothing was written: what is set already works." in told.out
    assert not (site.folder / ".env").exists()


def test_a_key_that_the_environment_overrides_is_told(site: Site) -> None:
    key = site.environment[KEY]
    site.boxes.stripe.account(f"{key}b")
    told = piped(site, "connect", "stripe", "--set", "api_key=-", text=f"{key}b\n", without=())
    assert told.code == 0, told.everything
    assert f"note  {KEY} is also set in the environment" in told.out


def test_a_connection_that_does_not_stand_in_the_business_can_be_added(site: Site) -> None:
    file = site.folder / "mappings" / LILA / "business.yaml"
    before = file.read_text()
    told = piped(site, "connect", "asana", text="")
    assert told.code == 2
    assert "asana is no connection of atelier-lila yet. Add it to mappings/atelier-lila/business.yaml" in told.err
    assert file.read_text() == before
    assert "Did you mean stripe?" in piped(site, "connect", "strype", text="").err
    with terminal(["connect", "asana"], site.folder, site.environment) as screen:
        screen.answer("Add it?", "y")
        screen.expect("Added to")
        screen.expect("api_key, not shown:")
    assert file.read_text() == before.replace("  stripe: {}\n", "  asana: {}\n  stripe: {}\n")


def test_what_can_be_followed_is_shown_by_name(site: Site) -> None:
    with asana_too(site, "all") as (sandbox, environment):
        for name in ("Lancement printemps", "Accueil"):
            sandbox.add_project(name)
        told = piped(site, "connect", "asana", "--set", "api_key=-", text=f"{TOKEN}\n", **environment)
    assert told.code == 0, told.everything
    assert "Claire Dupont" in told.out
    assert "« Lancement printemps »" in told.out
    assert "« Accueil »" in told.out


@pytest.mark.parametrize("connections", ["connections:\n", "connections: {stripe: {}}\n", ""])
def test_a_line_goes_in_or_the_file_is_left(tmp_path: Path, connections: str) -> None:
    from hub.cli.added import add_connection
    from hub.core.errors import ConfigError
    from hub.mapping.tree import parse

    file = tmp_path / "business.yaml"
    file.write_text(f"hub: 1\n{connections}business: Lila  # mine\n")
    if "{" in connections:
        before = file.read_text()
        with pytest.raises(ConfigError, match=r"asana: \{\}"):
            add_connection(file, "asana")
        assert file.read_text() == before
        return
    add_connection(file, "asana")
    root, faults = parse(file.read_text())
    assert root is not None
    assert faults == ()
    assert root.plain()["connections"] == {"asana": {}}
    assert "# mine" in file.read_text()
