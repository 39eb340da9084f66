"""The table of connectors, made from the specs: `python -m hub.conformance.table docs/connectors.md`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from connectors import registry
from hub.core.protocol import ConnectorSpec

_PLACE = re.compile(r"(<!-- connectors: made from the specs -->\n).*?(<!-- /connectors -->\n)", re.DOTALL)
_HEAD = ("connector", "read", "written", "heard", "limits that are kept", "what it cannot do")


def table(specs: Iterable[ConnectorSpec[Any]]) -> str:
    """The table in Markdown, a row for each connector."""
    rows = [_HEAD, ("---",) * len(_HEAD), *map(_row, specs)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def placed(text: str, specs: Iterable[ConnectorSpec[Any]]) -> str:
    """A page with the table put between its two marks. ValueError when it has no marks."""
    if not _PLACE.search(text):
        raise ValueError("The page has no place for the table of connectors.")
    made = table(specs)
    return _PLACE.sub(lambda found: f"{found[1]}\n{made}\n{found[2]}", text)


def _row(spec: ConnectorSpec[Any]) -> tuple[str, ...]:
    read = [f"{stream} ({spec.kinds[stream]})" if stream in spec.kinds else stream for stream in spec.streams]
    heard = [stream for stream in spec.streams if stream in set(spec.event_types.values())]
    how = "; the webhook is made by hand" if spec.webhook_by_hand else ""
    return (
        f"**{spec.title}** (`{spec.name}`)",
        _cell([", ".join(read)]) if read else "–",
        _cell(spec.writes),
        f"{', '.join(heard)}: {len(spec.event_types)} event types{how}" if heard else "–",
        _cell(spec.limits),
        _cell(spec.gaps),
    )


def _cell(lines: Sequence[str]) -> str:
    return "<br>".join(line.replace("|", "\\|") for line in lines) or "–"


def main() -> None:
    """Write the table into the page that is named."""
    page = Path(sys.argv[1])
    ours = [registry.load(name) for name in registry.OURS]
    page.write_text(placed(page.read_text(encoding="utf-8"), ours), encoding="utf-8")


if __name__ == "__main__":
    main()
