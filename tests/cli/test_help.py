"""`--help` answers at once, because nothing heavy is imported for it."""

import subprocess
import sys

import click
import pytest

from hub.cli import main

HEAVY = ["sqlalchemy", "prefect", "fastapi", "stripe", "pydantic", "notion_client", "httpx", "ruamel", "alembic"]
COMMANDS = sorted(main.commands)

REPORT = """
import sys
from hub.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    sys.stderr.write(" ".join(name for name in {names!r} if name in sys.modules) or "nothing")
    raise
"""


def loaded(*arguments: str, names: list[str], cwd: str | None = None) -> tuple[str, str]:
    """What a command prints, and which of these modules it had imported by its end."""
    script = REPORT.format(names=names)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )
    return done.stdout, done.stderr.splitlines()[-1]


def test_help_of_every_command_imports_nothing_heavy() -> None:
    out, heavy = loaded("--help", names=HEAVY)
    assert "Usage:" in out
    assert heavy == "nothing"
    for name in COMMANDS:
        assert name in out
    for name in COMMANDS:
        out, heavy = loaded(name, "--help", names=HEAVY)
        assert f"Usage: -c {name}" in out
        assert heavy == "nothing", name


@pytest.mark.parametrize("command", [["check", "--offline"], ["status"], ["dead"], ["plan"], ["sync"], ["listen"]])
def test_no_command_that_only_looks_or_works_once_imports_prefect(command: list[str], tmp_path: str) -> None:
    _, heavy = loaded(*command, names=["prefect", "fastapi", "uvicorn"], cwd=str(tmp_path))
    assert heavy == "nothing"


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
