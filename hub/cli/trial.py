"""`hub test`: the examples that stand in the mappings, run without a key or a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from hub import bootstrap
from hub.cli.explain import tell_problems, wanted
from hub.cli.opened import Say
from hub.mapping.tree import Node, parse
from hub.planning.examples import Tried, try_examples
from hub.settings import load_settings

GOOD, BAD, NOTE = click.style("ok", fg="green"), click.style("failed", fg="red"), click.style("note", fg="yellow")


def try_files(business: str | None, say: Say) -> int:
    """A line for each example of each job. 0 when every one comes out as expected, and every file can be read."""
    loaded = bootstrap.load_mappings(load_settings())
    tried = failed = 0
    for item in wanted(loaded, business):
        for job in item.jobs:
            results = list(try_examples(job, item.business))
            file = item.folder / f"{job.name}.yaml"
            if not results:
                say(
                    f"{NOTE}  {file}: no examples. A few lines under `examples:` would show that the job does as meant."
                )
                continue
            root, _ = parse(file.read_text(encoding="utf-8-sig"))
            for result in results:
                say(_line(result, file, root))
            tried += len(results)
            failed += sum(not result.kept for result in results)
    wrong = tell_problems(loaded.problems, say)
    say(_summary(tried, failed))
    return 1 if failed or wrong else 0


def _line(result: Tried, file: Path, root: Node | None) -> str:
    node = root.at(("examples", result.number - 1)) if root is not None else None
    place = f"{file}:{node.line}" if node is not None else str(file)
    if result.kept:
        return f"{GOOD}  {place}: {shown(result.expected)}"
    if result.problem is not None:
        return f"{BAD}  {place}: {result.problem}"
    return f"{BAD}  {place}: expected {shown(result.expected)}, got {shown(result.got)}"


def shown(value: Any) -> str:
    """A value as a person writes it in YAML."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {shown(each)}" for name, each in value.items()) + "}"
        case tuple() | list():
            return "[" + ", ".join(shown(each) for each in value) + "]"
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
    return str(value)


def _summary(tried: int, failed: int) -> str:
    if not tried:
        return "There is no example to run."
    count = "1 example" if tried == 1 else f"{tried} examples"
    return f"{count}, {failed} failed." if failed else f"{count}, all as expected."
