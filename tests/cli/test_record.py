"""What docs/connecting.md shows is what the commands print."""

from tests.cli.record import in_page, recorded
from tests.cli.test_docs import README


def test_the_page_shows_what_the_commands_print() -> None:
    assert recorded() == in_page()


def test_the_page_is_linked() -> None:
    assert "docs/connecting.md" in README
