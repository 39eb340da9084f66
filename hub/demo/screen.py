"""The CEO's page as text for a terminal: what the Notion sandbox shows, with only the current month of its table."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from connectors.notion.sandbox.control import NotionSandbox
from hub.demo import figures
from hub.demo.figures import KEY, PERIOD, TITLE, Row

_TABLE_MARK = "▦"
PROOF = "Justificatif"


def page(notion: NotionSandbox, page_id: str, month: str, width: int) -> list[str]:
    """The page's text, no line longer than `width`."""
    lines: list[str] = []
    for line in notion.text(page_id).splitlines():
        if line.lstrip().startswith(_TABLE_MARK):
            break
        lines += _wrapped(line, width)
    rows = notion.rows(figures.TABLE)
    current = [row for row in rows if row[PERIOD] == month]
    lines += [f"{_TABLE_MARK} {figures.TABLE}", *_table(current, width)]
    if len(rows) > len(current):
        lines.append(f"… and {len(rows) - len(current)} rows of earlier months")
    return lines


def tasks(rows: Sequence[Row], title: str, width: int) -> list[str]:
    """The list of tasks, no line longer than `width`."""
    cells = [("Tâche", "Échéance", "Terminée", "Responsable")]
    cells += [
        (str(row["Tâche"]), str(row["Échéance"] or ""), "☑" if row["Terminée"] else "☐", str(row["Responsable"] or ""))
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = ["  ".join(f"{cell:<{each}}" for cell, each in zip(line, widths, strict=True)).rstrip() for line in cells]
    lines.insert(1, "─" * min(width, max(map(len, lines))))
    return [f"{_TABLE_MARK} {title}", *(line[:width] for line in lines)]


def _wrapped(line: str, width: int) -> list[str]:
    """A callout goes on below its text, with its bar."""
    mark = "│    " if line.startswith("│") else ""
    return textwrap.wrap(line, width, subsequent_indent=mark, drop_whitespace=True) or [""]


def _table(rows: Sequence[Row], width: int) -> list[str]:
    cells = [(TITLE, figures.AMOUNT, PROOF)]
    cells += [
        (str(row[TITLE]), figures.as_read(figures.amount_of(row), str(row[KEY])), str(row[PROOF] or "")) for row in rows
    ]
    title, amount = (max(len(line[column]) for line in cells) for column in (0, 1))
    lines = [f"{first:<{title}}  {second:>{amount}}  {third}" for first, second, third in cells]
    lines.insert(1, "─" * min(width, max(len(line) for line in lines)))
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]
