"""SQLite files whose tables are there already: copies of one that was migrated once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.store.database import open_store


@cache
def _template() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "hub.sqlite3")
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


def migrated(folder: Path, name: str = "hub.sqlite3") -> str:
    """The address of one in that folder; where there is one, it stays as it is."""
    file = folder / name
    if not file.exists():
        file.write_bytes(_template())
    return f"sqlite:///{file}"
