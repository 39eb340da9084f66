"""`hub uncertain`: effects of which nobody but a person can tell whether they happened, and her answer (R4)."""

from __future__ import annotations

import hashlib

from hub.cli.opened import Say, chosen, opened
from hub.core.errors import ConfigError
from hub.engine.runtime import Runtime
from hub.planning import inverse
from hub.store import jobs, ledger
from hub.store.ledger import Entry


def uncertain(business: str | None, say: Say) -> None:
    """Prints each uncertain effect: its id, what it was to be, since when and why nobody knows."""
    with opened() as hub:
        for runtime in chosen(hub, business):
            entries = _entries(runtime)
            if not entries:
                say(f"{runtime.key}: nothing is uncertain.")
            for id_, entry in entries.items():
                say(f"{id_}  {runtime.key} · {entry.job}: {_what(entry)}, {entry.started_at:%Y-%m-%d %H:%M} UTC")
                say(f"    {entry.error}")
            if entries:
                say("Look, then: `hub uncertain happened ID`, or `hub uncertain again ID` to have it done once more.")


def settle(id_: str, happened: bool, say: Say) -> None:
    """A person's answer. What did not happen is planned again, where the job still wants it."""
    with opened() as hub:
        for runtime in hub.runtimes.values():
            entry = _entries(runtime).get(id_)
            if entry is None:
                continue
            with runtime.store.write() as conn:
                ledger.settle(conn, runtime.key, entry.key, happened, runtime.now())
                jobs.dirty(conn, runtime.key, [entry.job], runtime.now())
            after = "It counts as done." if happened else f"{entry.job} does it again, if it is still wanted."
            say(f"{runtime.key} · {entry.job}: {_what(entry)}. {after}")
            return
    raise ConfigError(f"Nothing uncertain has the id {id_}. `hub uncertain` lists what is.")


def _entries(runtime: Runtime) -> dict[str, Entry]:
    """By a short id that stays the same from one call to the next."""
    with runtime.store.read() as conn:
        found = ledger.listing(conn, runtime.key, "uncertain", limit=1000)
    return {hashlib.sha256(f"{runtime.key}/{each.key}".encode()).hexdigest()[:8]: each for each in found}


def _what(entry: Entry) -> str:
    done = inverse.done(entry.key, entry.kind, entry.summary, entry.ref, entry.run)
    subject = next((change.new for change in done.changes or () if change.name == "subject"), None)
    return f"{entry.kind} {done.name}" if subject is None else f"mail « {subject} » to {done.title or done.row}"
