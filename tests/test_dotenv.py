"""One variable is put in its place in .env; all else stays, and nobody else can read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hub.core.errors import ConfigError
from hub.dotenv import write_variables
from hub.environment import read_environment


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_closed(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert write_variables(file, {"HUB_A_B_KEY": "x"}) == []
    assert file.read_text() == "HUB_A_B_KEY=x\n"
    assert mode(file) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_comments_order_other_lines_and_their_form_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# first\n\nexport HUB_A='old # value'\nOTHER=\"1\n2\"\n  HUB_B = b # why\n# last")
    file.chmod(0o600)
    write_variables(file, {"HUB_A": "new", "HUB_C": "c"})
    assert file.read_text() == '# first\n\nexport HUB_A=new\nOTHER="1\n2"\n  HUB_B = b # why\n# last\nHUB_C=c\n'


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"HUB_A=1\r\nHUB_B=2\r\n")
    write_variables(file, {"HUB_A": "3", "HUB_C": "4"})
    assert file.read_bytes() == b"HUB_A=3\r\nHUB_B=2\r\nHUB_C=4\r\n"


@pytest.mark.parametrize(
    "value", ["a b", "it's", 'say "x"', "a#b", "a\\nb", "$HOME ${X}", "é€", "a=b", "back\\", " x "]
)
def test_any_value_reads_back_as_it_was(tmp_path: Path, value: str) -> None:
    file = tmp_path / ".env"
    write_variables(file, {"HUB_A": value, "HUB_B": "next"})
    found = read_environment({}, file).variables
    assert found["HUB_A"].value == value
    assert found["HUB_B"].value == "next"


def test_a_line_break_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="line break"):
        write_variables(tmp_path / ".env", {"HUB_A": "one\ntwo"})
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o640, 0o640), (0o600, 0o600)])
def test_a_file_open_to_others_is_closed_and_that_is_said(tmp_path: Path, before: int, after: int) -> None:
    file = tmp_path / ".env"
    file.write_text("HUB_A=1\n")
    file.chmod(before)
    notes = write_variables(file, {"HUB_A": "2"})
    assert mode(file) == after
    assert bool(notes) == (before & 0o007 != 0)


def test_a_link_to_another_folder_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    there = tmp_path / "elsewhere" / "env"
    there.write_text("HUB_A=1\n")
    (tmp_path / ".env").symlink_to(there)
    with pytest.raises(ConfigError, match="is a link to"):
        write_variables(tmp_path / ".env", {"HUB_A": "2"})
    assert there.read_text() == "HUB_A=1\n"


def test_a_variable_that_was_given_twice_is_given_once(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HUB_A=1\n# between\nHUB_A=2\n")
    write_variables(file, {"HUB_A": "3"})
    assert file.read_text() == "HUB_A=3\n# between\n"


def test_a_file_that_cannot_be_read_back_is_left(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HUB_B='1\nHUB_A=2\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        write_variables(file, {"HUB_B": "3"})
    assert file.read_text() == "HUB_B='1\nHUB_A=2\n"
