"""`hub new connector`: a complete small package that keeps every promise, to be changed step by step."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from connectors import registry
from hub.core.errors import ConfigError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_ENDING = ".tmpl"


def new_connector(name: str, into: Path, say: Callable[[str], None]) -> None:
    """Make the package hub-NAME in `into`. ConfigError when the name cannot be used or the folder is there already."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot be a connector's name: use small letters, digits and single underscores, beginning with "
            "a letter, such as `pretix` or `my_shop`."
        )
    if name in registry.names():
        raise ConfigError(f"There is a connector {name!r} already. There are: {', '.join(registry.names())}.")
    folder = into / f"hub-{name.replace('_', '-')}"
    if folder.exists():
        raise ConfigError(f"{folder} is there already. Nothing was changed: choose another name or folder.")
    for place, text in _made(name):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    say(f"Made {folder}: a connector that reads, hears and looks, with its sandbox. Now:")
    say(f"  pip install --editable {folder}")
    say(f"  cd {folder} && pytest")
    say("Then change it, file by file, until it is your provider; docs/connectors.md says how.")


def _made(name: str) -> Iterator[tuple[str, str]]:
    """(path, text) of every file, with the name filled in."""
    for place, template in _templates(files("hub") / "template"):
        yield _named(place.removesuffix(_ENDING), name), _named(template.read_text(encoding="utf-8"), name)


def _templates(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda one: one.name):
        if each.is_dir():
            yield from _templates(each, f"{above}{each.name}/")
        elif each.name.endswith(_ENDING):
            yield above + each.name, each


def _named(text: str, name: str) -> str:
    words = name.split("_")
    title = " ".join(words).capitalize()
    text = text.replace("hub-mytool", f"hub-{'-'.join(words)}").replace(
        "MyTool-Signature", f"{title.replace(' ', '-')}-Signature"
    )
    text = text.replace("mytool-signature", f"{'-'.join(words)}-signature").replace(
        "mytool.example", f"{'-'.join(words)}.example"
    )
    return (
        text.replace("MyTool", "".join(word.capitalize() for word in words))
        .replace("My tool", title)
        .replace("mytool", name)
    )
