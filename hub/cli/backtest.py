"""`hub backtest JOB`: what it would have done, day by day, on the mirrored history."""

from __future__ import annotations

import textwrap

from hub.cli.mirrored import configured, job_of, mirror_of
from hub.cli.opened import Say, only, opened
from hub.cli.shown import COLUMNS
from hub.planning.backtest import play


def backtest(name: str, days: int, business: str | None, say: Say) -> None:
    """Prints a line for each thing that would have been done, and the sum."""
    with opened() as hub:
        runtime = only(hub, business)
        item = configured(hub, runtime)
        job = job_of(item, name)
        played = play(job, item.business, mirror_of(runtime, item), runtime.now(), days)
    say(f"{runtime.key} · {name}: {played.first} to {played.last}, played on what the mirror holds now")
    width = max((len(deed.whom) for deed in played.deeds), default=0)
    for deed in played.deeds:
        what = deed.what if deed.count == 1 else f"{deed.count} × {deed.what}"
        lead = f"{deed.day}  {what}  " + (f"{deed.whom:<{width}}  " if width else "")
        for line in textwrap.wrap(deed.about, COLUMNS, initial_indent=lead, subsequent_indent=" " * 14) or [lead]:
            say(line.rstrip())
    say(f"In all: {played.total}.")
    for line in played.unknown:
        for part in textwrap.wrap(line, COLUMNS, initial_indent="note  ", subsequent_indent="      "):
            say(part)
