"""Questions on a terminal. Without one nothing is asked: what is missing is an error that says where to give it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from hub.cli.opened import Say
from hub.core.errors import ConfigError


def is_terminal() -> bool:
    """Whether a person sits there who can be asked."""
    return sys.stdin.isatty()


def hidden(question: str, *, kept: str | None) -> str:
    """A secret, typed unseen. `kept`: where the one stands that Enter keeps. "" when it is kept or left out."""
    keeps = f" [Enter keeps the one in {kept}]" if kept else ""
    answer: str = click.prompt(f"{question}{keeps}", default="", show_default=False, hide_input=True)
    return answer.strip()


def text(question: str, default: str | None = None, *, optional: bool = False) -> str:
    """One line; `optional`: Enter leaves it out."""
    while True:
        shown = default if default is not None else ("" if optional else None)
        answer: str = click.prompt(question, default=shown, show_default=bool(default))
        if answer.strip() or optional:
            return answer.strip()


def yes(question: str, *, default: bool = True) -> bool:
    """Yes or no."""
    return click.confirm(question, default=default)


def choose(question: str, names: Sequence[str], say: Say) -> list[int]:
    """Some of these, by their numbers. Enter: none; `all`: every one."""
    width = len(str(len(names)))
    for number, name in enumerate(names, start=1):
        say(f"  {number:>{width}}  {name}")
    while True:
        answer: str = click.prompt(question, default="", show_default=False)
        try:
            return numbers(answer, len(names))
        except ConfigError as error:
            say(str(error))


def numbers(answer: str, count: int) -> list[int]:
    """`1, 3` or `1 3-5` or `all` as indexes from 0, in order, each once. ConfigError for anything else."""
    if answer.strip().casefold() == "all":
        return list(range(count))
    found: list[int] = []
    for part in answer.replace(",", " ").split():
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ConfigError(f"{part} is no number of the list. Write numbers with commas between, like 1, 3.")
        for number in range(int(first), int(last if dash else first) + 1):
            if not 1 <= number <= count:
                raise ConfigError(f"There is no number {number} in the list; it goes from 1 to {count}.")
            found.append(number - 1)
    return sorted(set(found))
