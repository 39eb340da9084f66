"""No modules import each other in a circle: whichever is loaded first, all that it needs is there.

So a command may be tried in a process that had loaded the others' modules before (tests/cli/warm.py).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.paths import ROOT

PACKAGES = ("hub", "connectors", "flows")


def modules(root: Path, packages: Sequence[str] = PACKAGES) -> dict[str, Path]:
    """Every module and package by name, but for the templates that `hub new` copies."""
    found = {}
    for path in (path for package in packages for path in root.glob(f"{package}/**/*.py")):
        words = path.relative_to(root).with_suffix("").parts
        if "template" not in words:
            found[".".join(words).removesuffix(".__init__")] = path
    return found


def imported(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """(module, name in it) of every import that happens when these lines are run; functions are not called by it."""
    for line in body:
        if isinstance(line, ast.Import):
            yield from ((each.name, "") for each in line.names)
        elif isinstance(line, ast.ImportFrom):
            yield from ((line.module or "", each.name) for each in line.names)
        elif not isinstance(line, ast.FunctionDef | ast.AsyncFunctionDef):
            unseen = isinstance(line, ast.If) and "TYPE_CHECKING" in ast.unparse(line.test)
            inner = [] if unseen else getattr(line, "body", [])
            yield from imported([*inner, *getattr(line, "orelse", []), *getattr(line, "finalbody", [])])
            for handler in getattr(line, "handlers", []):
                yield from imported(handler.body)


def needs(every: Mapping[str, Path]) -> dict[str, set[str]]:
    """What each module loads by its imports; with a module come the packages that it is in, unless we are in them."""
    found = {}
    for name, path in every.items():
        direct = {
            each if (each := f"{module}.{part}") in every else module
            for module, part in imported(ast.parse(path.read_text(encoding="utf-8")).body)
        }
        words = [each.split(".") for each in direct]
        above = {".".join(each[:length]) for each in words for length in range(1, len(each) + 1)}
        around = {each for each in above if not f"{name}.".startswith(f"{each}.")}
        found[name] = (direct | around) & set(every)
    return found


def test_whichever_module_is_loaded_first_finds_what_it_needs() -> None:
    every = modules(ROOT)
    assert {"hub.cli", "hub.bootstrap", "connectors.registry", "flows.work"} <= set(every)
    tuple(TopologicalSorter(needs(every)).static_order())


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a.py": "from house.b import x", "b.py": "import house.a"}, True),
        (
            {"a.py": "from house import b", "b.py": "try:\n    from house.a import x\nexcept ImportError:\n    x = 1"},
            True,
        ),
        ({"a.py": "from house.b import x", "b.py": "def f():\n    import house.a"}, False),
        ({"a.py": "from house.b import x", "b.py": "if TYPE_CHECKING:\n    import house.a"}, False),
        ({"a.py": "import house.b.c", "b/__init__.py": "import house.a", "b/c.py": ""}, True),
        ({"a.py": "from house import x", "__init__.py": "import house.a\nx = 1"}, True),
        ({"a.py": "import house.b.c", "b/__init__.py": "import house.b.c", "b/c.py": ""}, False),
    ],
)
def test_a_circle_is_seen(tmp_path: Path, files: dict[str, str], *, circle: bool) -> None:
    for name, text in {"__init__.py": "", "b/__init__.py": "", **files}.items():
        if name.startswith("b/") and "b.py" in files:
            continue
        file = tmp_path / "house" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    order = TopologicalSorter(needs(modules(tmp_path, ["house"])))
    if circle:
        with pytest.raises(CycleError):
            order.prepare()
    else:
        order.prepare()
