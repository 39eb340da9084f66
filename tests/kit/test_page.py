"""docs/connectors.md says what the specs say, and what it names is there."""

import re

from connectors import registry
from hub.conformance import table
from tests.paths import ROOT

PAGE = ROOT / "docs" / "connectors.md"


def test_the_table_is_made_from_the_specs() -> None:
    ours = [registry.load(name) for name in registry.OURS]
    text = PAGE.read_text()
    assert table.placed(text, ours) == text, "run `python -m hub.conformance.table docs/connectors.md`"
    for spec in ours:
        assert f"(`{spec.name}`)" in text


def test_every_module_and_command_that_the_page_names_exists() -> None:
    text = PAGE.read_text()
    for path in set(re.findall(r"`(hub/[a-z_/]+\.py)`", text)):
        assert (ROOT / path).is_file(), path
    for name in set(re.findall(r"`(hub\.[a-z.]+[a-z])`", text)) - {"hub.connectors"}:
        place = ROOT / name.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").is_file(), name


def test_the_page_names_every_file_of_the_example() -> None:
    text = PAGE.read_text()
    for path in (ROOT / "tests" / "kit" / "example" / "hub_lantern").iterdir():
        if path.name not in ("__init__.py", "__pycache__"):
            assert f"`{path.name}{'/' if path.is_dir() else ''}`" in text, path.name
