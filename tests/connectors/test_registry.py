"""Which connectors there are, ours and those that packages publish; nothing is imported before it is asked for."""

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from connectors import registry
from hub.core.errors import ConfigError
from hub.core.protocol import ConnectorSpec
from tests.paths import ROOT

FOLDERS = {path.parent.name for path in (ROOT / "connectors").glob("*/__init__.py")}


def test_every_folder_is_one_line_of_the_registry_and_the_other_way_round() -> None:
    assert set(registry.OURS) == FOLDERS
    assert list(registry.OURS) == sorted(registry.OURS)
    for name, place in registry.OURS.items():
        assert place == f"connectors.{name}.spec:SPEC"


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_each_loads_under_its_own_name(name: str) -> None:
    spec = registry.load(name)
    assert isinstance(spec, ConnectorSpec)
    assert spec.name == name
    assert name in registry.names()


def test_asking_for_the_names_or_one_connector_imports_no_other() -> None:
    code = (
        "import sys, connectors.registry as r; r.names(); "
        "assert not [m for m in sys.modules if m.startswith('connectors.') and m != 'connectors.registry']; "
        "r.load('trello'); assert not [m for m in sys.modules if m.startswith('connectors.asana')]; "
        "print('well')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == "well\n", done.stderr


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no connector 'trelo'.*asana, calendly, email, notion, stripe, trello"):
        registry.load("trelo")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints(
        [
            EntryPoint("shop", "connectors.trello.spec:SPEC", registry.GROUP),
            EntryPoint("broken", "connectors.trello.spec:CONCURRENCY", registry.GROUP),
            EntryPoint("asana", "nowhere:SPEC", registry.GROUP),
            EntryPoint("other", "nowhere:SPEC", "another.group"),
        ]
    )
    monkeypatch.setattr(registry, "entry_points", points.select)


@pytest.mark.usefixtures("published")
def test_what_a_package_publishes_is_found_and_never_replaces_ours() -> None:
    assert set(registry.names()) == {*registry.OURS, "shop", "broken"}
    assert registry.load("shop").title == "Trello"
    assert registry.load("asana").name == "asana"


@pytest.mark.usefixtures("published")
def test_what_is_published_but_no_connector_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"broken.*not a ConnectorSpec"):
        registry.load("broken")
