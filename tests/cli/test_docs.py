"""The documentation speaks of what there is: every command, every setting, links that lead somewhere."""

import re
from pathlib import Path

from hub.cli import main
from hub.settings import HubSettings
from tests.paths import ROOT

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "connectors").glob("*/README.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
NOT_SETTINGS = {"TEST_NODE_MODULES"}  # where CI puts the JavaScript clients


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    words = (heading.lower().replace("`", "") for heading in HEADING.findall(page.read_text()))
    return {re.sub(r"[^\w\- ]", "", each).strip().replace(" ", "-") for each in words}


def block(mark: str) -> str:
    """The shell command below a mark in the README."""
    found = re.search(rf"<!-- {mark} -->\n```sh\n(.+?)\n```", README, re.DOTALL)
    assert found, mark
    return found[1]


def test_every_command_stands_in_the_documentation_and_nothing_else_does() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    for name in main.commands:
        assert f"`hub {name}" in text, name
    said = set(re.findall(r"`hub ([a-z]+)", text))
    assert said <= set(main.commands), said - set(main.commands)


def test_every_setting_stands_in_the_settings_and_no_page_names_another() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text()
    known = {f"HUB_{name.upper()}" for name in HubSettings.model_fields}
    for name in known:
        assert f"| `{name}` |" in settings, name
    for page in PAGES:
        for name in set(re.findall(r"\bHUB_[A-Z_]+[A-Z]\b", page.read_text())) - known - NOT_SETTINGS:
            assert name.count("_") > 2 or name == "HUB_PORT", f"{page.name}: {name}"


def test_links_between_pages_lead_somewhere() -> None:
    checked = 0
    for page in PAGES:
        for target in LINK.findall(page.read_text()):
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), f"{page.name}: {target}"
            if anchor:
                assert anchor in anchors(there), f"{page.name}: {target}"
            checked += 1
    assert checked > 10


def test_every_page_of_the_documentation_is_in_its_table_of_contents() -> None:
    contents = (ROOT / "docs" / "README.md").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in contents, page.name


def test_ci_runs_the_very_command_that_the_readme_gives() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    taken = re.search(r"sed -n '(.+?)' README\.md", script)
    assert taken
    assert "<!-- test -->" in taken[1]
    assert "pytest" in block("test")
    assert ".[dev]" in block("test")
    assert block("demo").endswith("hub demo")
    assert "constraints.txt" in block("test")
    assert "constraints.txt" in block("demo")
