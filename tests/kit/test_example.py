"""A connector outside the six is found by its entry point and keeps every promise; so does a new one, as it is made."""

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors import registry
from hub.cli import main
from tests.kit.installed import installed, run
from tests.kit.spoil import DEFECTS
from tests.paths import ROOT

EXAMPLE = ROOT / "tests" / "kit" / "example"
SUITE = ("-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist")


def made(name: str, into: Path) -> Path:
    result = CliRunner().invoke(main, ["new", "connector", name, "--into", str(into)])
    assert result.exit_code == 0, result.output
    return into / f"hub-{name.replace('_', '-')}"


@pytest.fixture(scope="module")
def lantern(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process in which the worked example is installed."""
    return installed(EXAMPLE, tmp_path_factory.mktemp("lantern") / "site")


def test_the_worked_example_is_found_by_its_entry_point(lantern: dict[str, str]) -> None:
    assert "lantern" not in registry.names(), "it is not one of ours"
    found = run(lantern, "-c", "from connectors import registry as r; print(r.names(), r.load('lantern').title)")
    assert "'lantern'" in found
    assert found.split()[-1] == "Lantern"


def test_the_worked_example_keeps_every_promise(lantern: dict[str, str], tmp_path: Path) -> None:
    said = run(lantern, *SUITE, str(EXAMPLE / "tests"), cwd=tmp_path)
    assert " passed" in said
    assert "skipped" not in said, "what does not concern it is not even collected"


def test_what_does_not_concern_a_connector_is_not_collected(lantern: dict[str, str], tmp_path: Path) -> None:
    said = run(lantern, *SUITE, "--collect-only", str(EXAMPLE / "tests"), cwd=tmp_path)
    assert "test_fetch_gives_what_read_gives[lantern]" in said
    for promise in ("_letter_", "_row_", "_collection_", "test_a_handshake", "NOTSET"):
        assert promise not in said


def test_a_suite_that_names_no_connector_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "from hub.conformance.suite import ConnectorSuite\n\n\nclass TestMine(ConnectorSuite):\n    pass\n"
    )
    with pytest.raises(AssertionError, match="TestMine names no connectors"):
        run({**os.environ, "PYTHONPATH": str(ROOT)}, *SUITE, str(tmp_path), cwd=tmp_path)


def test_the_suite_of_this_repository_takes_an_installed_one_along(lantern: dict[str, str]) -> None:
    said = run(lantern, *SUITE[:-2], "tests/conformance", "-k", "lantern and signup or lantern and fetch")
    assert " passed" in said


def test_a_new_connector_keeps_every_promise_as_it_is_made(tmp_path: Path) -> None:
    folder = made("my_shop", tmp_path)
    environment = installed(folder, tmp_path / "site")
    assert "my_shop" in run(environment, "-c", "from connectors import registry; print(registry.names())")
    said = run(environment, *SUITE, str(folder / "tests"), cwd=tmp_path)
    assert " passed" in said
    assert "failed" not in said
    assert "skipped" not in said


def test_a_new_connector_is_typed_and_clean(tmp_path: Path) -> None:
    folder = made("bell", tmp_path)
    for tool in (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy", "--cache-dir", str(tmp_path))):
        run({"PYTHONPATH": str(ROOT), "PATH": str(Path(sys.executable).parent)}, "-m", *tool, cwd=folder)


def test_no_file_of_a_new_connector_speaks_of_the_template(tmp_path: Path) -> None:
    folder = made("bell", tmp_path)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"pyproject.toml", "spec.py", "case.py", "signup.created.json", "README.md"}
    for path in files:
        assert "mytool" not in str(path)
        assert path.suffix != ".tmpl"
        text = path.read_text().lower()
        assert "mytool" not in text
        assert "my tool" not in text


@pytest.mark.parametrize("name", ["Shop", "my-shop", "9lives", "class", "_x", "a__b", "", "../x", "stripe"])
def test_a_name_that_cannot_be_used_is_refused(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["new", "connector", "--into", str(tmp_path), "--", name])
    assert result.exit_code == 2
    assert repr(name) in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hub-bell").mkdir()
    (tmp_path / "hub-bell" / "work.py").write_text("mine = 1\n")
    result = CliRunner().invoke(main, ["new", "connector", "bell", "--into", str(tmp_path)])
    assert result.exit_code == 2
    assert "is there already" in result.output
    assert [path.name for path in (tmp_path / "hub-bell").iterdir()] == ["work.py"]


@pytest.fixture(scope="module")
def noticed(lantern: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Defect -> how the promise that it breaks ended (1: it failed, as it should)."""
    site = tmp_path_factory.mktemp("spoilt") / "site"
    found: dict[str, int] = json.loads(
        run(installed(EXAMPLE, site), "-m", "tests.kit.spoil", str(site)).splitlines()[-1]
    )
    return found


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_suite_notices(defect: str, noticed: dict[str, int]) -> None:
    assert noticed[defect] == 1
