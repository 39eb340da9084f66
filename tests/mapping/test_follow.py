"""`follow:` in business.yaml, and the lock file beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.core.errors import ConfigError
from hub.mapping import lock
from hub.mapping.loader import load
from tests.mapping.write import BUSINESS, changed, lines, write

KINDS = {"stripe": None, "notion": "database"}


def told(folder: Path, follow: str, connection: str = "notion") -> list[str]:
    old = "notion: {page: Studio}" if connection == "notion" else "stripe: {}"
    content = changed(BUSINESS, old, f"{connection}: {{follow: {follow}}}")
    loaded = load(write(folder, business=content), tuple(KINDS), KINDS.__getitem__)
    return [line.removeprefix("nord/business.yaml") for line in lines(loaded, folder)]


def followed(folder: Path, follow: str, connection: str = "notion") -> tuple[str, ...] | None:
    assert told(folder, follow, connection) == []
    (item,) = load(folder, tuple(KINDS), KINDS.__getitem__).businesses
    return item.business.connections[connection].follow


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[Lancement printemps, Accueil]", ("Lancement printemps", "Accueil")),
        ("Lancement printemps", ("Lancement printemps",)),
        ("all", ("all",)),
        ("[1208212345678901, 24ab]", ("1208212345678901", "24ab")),
        ("1208212345678901", ("1208212345678901",)),
        ("https://app.asana.com/0/1", ("https://app.asana.com/0/1",)),
    ],
)
def test_names_addresses_ids_and_the_word_all_are_taken(tmp_path: Path, written: str, meant: tuple[str, ...]) -> None:
    assert followed(tmp_path, written) == meant


def test_a_whole_account_is_followed_by_the_word_all(tmp_path: Path) -> None:
    assert followed(tmp_path, "all", "stripe") == ("all",)


@pytest.mark.parametrize(
    ("connection", "written", "says"),
    [
        (
            "stripe",
            "[Produits]",
            ':10:21: error: follow: "Produits" names a part of "stripe", which is read as a whole account. '
            "Write the word all. Example: follow: all",
        ),
        (
            "notion",
            "[all, Clients]",
            ':11:21: error: follow: "all" stands for everything, so nothing may stand beside it. '
            "Keep it alone, or the names. Example: follow: all",
        ),
        (
            "notion",
            "[Clients, Clients]",
            ':11:30: error: follow: "Clients" is given twice; the first is on line 11. '
            "Keep one of them. Example: follow: [Lancement printemps]",
        ),
        (
            "notion",
            "[]",
            ":11:20: error: follow is empty; expected a list of names of what the hub reads and listens to, "
            "or the word all. Example: follow: [Lancement printemps]",
        ),
        (
            "notion",
            "{a: b}",
            ":11:20: error: follow is keys with values; expected a list of names of what the hub reads and listens "
            "to, or the word all. Example: follow: [Lancement printemps]",
        ),
        (
            "notion",
            "[true]",
            ":11:21: error: follow, item 1: true does not fit; expected a text. A text that looks like a number, or "
            "like yes or no, needs quotes. Example: follow: [Lancement printemps]",
        ),
    ],
)
def test_what_cannot_be_followed_is_told_word_for_word(
    tmp_path: Path, connection: str, written: str, says: str
) -> None:
    assert told(tmp_path, written, connection) == [says]


NAMES = {"asana": {"project": {"Été: l'appel": "12", "Accueil": "9"}}, "trello": {"board": {"# Élan": "5f"}}}


def test_what_is_locked_is_read_back_and_is_no_job(tmp_path: Path) -> None:
    write(tmp_path)
    folder = tmp_path / "nord"
    assert lock.read(folder) == {}
    assert lock.write(folder, NAMES)
    assert lock.read(folder) == NAMES
    assert load(tmp_path).problems == ()
    text = (folder / "names.lock").read_text()
    assert text.startswith("# Written by hub")
    assert text.index("Accueil") < text.index("Été")
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_lock_that_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    lock.write(tmp_path, NAMES)
    before = (tmp_path / "names.lock").stat().st_ino
    assert lock.write(tmp_path, NAMES)
    assert (tmp_path / "names.lock").stat().st_ino == before


@pytest.mark.parametrize(
    "broken", ["asana: [", "asana: 12", "asana: {project: {Accueil: }}", "- a", "asana: {project: x}"]
)
def test_a_lock_that_was_changed_by_hand_is_refused_with_the_way_out(tmp_path: Path, broken: str) -> None:
    (tmp_path / "names.lock").write_text(broken)
    with pytest.raises(ConfigError, match=r"names\.lock was changed by hand .*delete it"):
        lock.read(tmp_path)
    (tmp_path / "names.lock").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        lock.read(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_and_not_an_error(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        assert not lock.write(tmp_path / "nowhere", NAMES)
    else:
        tmp_path.chmod(0o500)
        assert not lock.write(tmp_path, NAMES)
