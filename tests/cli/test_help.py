"""`--help` answers at once, because nothing heavy is imported for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from hub.cli import main

HEAVY = ["sqlalchemy", "prefect", "fastapi", "stripe", "pydantic", "notion_client", "httpx", "ruamel", "alembic"]
COMMANDS = sorted(main.commands)

REPORT = """
import contextlib, io, json, sys
from hub.cli import main
names, *commands = json.loads(sys.argv.pop())
for command in commands:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            main(command)
        except SystemExit:
            pass
    print(json.dumps([out.getvalue(), [name for name in names if name in sys.modules]]))
"""
Looked = tuple[str, list[str]]


def loaded(commands: Sequence[Sequence[str]], names: Sequence[str], cwd: Path | None = None) -> Iterator[Looked]:
    """One process runs these commands, one after the other: what each prints, and which of these modules are loaded
    by its end."""
    told = json.dumps([names, *commands])
    done = subprocess.run([sys.executable, "-c", REPORT, told], capture_output=True, text=True, check=True, cwd=cwd)
    for line in done.stdout.splitlines():
        out, heavy = json.loads(line)
        yield out, heavy


def test_help_of_every_command_imports_nothing_heavy() -> None:
    (out, heavy), *others = loaded([["--help"], *([name, "--help"] for name in COMMANDS)], HEAVY)
    assert "Usage:" in out
    assert heavy == []
    for name in COMMANDS:
        assert name in out
    for name, (out, heavy) in zip(COMMANDS, others, strict=True):
        assert f"Usage: -c {name}" in out
        assert heavy == [], name


LOOKING = (["check", "--offline"], ["status"], ["dead"], ["plan"], ["sync"], ["listen"])


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is loaded after each of the commands that only look or work once."""
    found = loaded(LOOKING, ["prefect", "fastapi", "uvicorn"], tmp_path_factory.mktemp("empty"))
    return {" ".join(command): heavy for command, (_, heavy) in zip(LOOKING, found, strict=True)}


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_no_command_that_only_looks_or_works_once_imports_prefect(
    command: list[str], looked: dict[str, list[str]]
) -> None:
    assert looked[" ".join(command)] == []


def test_every_command_says_in_one_line_what_it_does() -> None:
    for name, command in main.commands.items():
        assert 20 < len(command.get_short_help_str(120)) <= 120, name
        assert isinstance(command, click.Command)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help or parameter.name in {"help", "form", "without_prefect"}, (name, parameter.name)


def test_an_unknown_command_is_refused_in_words() -> None:
    done = subprocess.run([sys.executable, "-m", "hub", "snyc"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such command 'snyc'" in done.stderr
    assert "Traceback" not in done.stderr
