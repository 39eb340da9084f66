"""A hub that is told to end ends."""

from __future__ import annotations

import threading
from pathlib import Path

from hub.store.database import open_store
from tests.engine import world


def test_a_store_that_is_closed_while_its_log_is_being_moved_closes(tmp_path: Path) -> None:
    store = open_store(world.database(tmp_path))
    with store.write() as conn:
        conn.exec_driver_sql("CREATE TABLE told (word TEXT)")
    mover = store._checkpointer
    closing = threading.Thread(target=store.close, daemon=True)
    forget = mover._written.clear

    def late() -> None:
        """The word to stop comes just before the thread forgets that it was woken."""
        if not closing.is_alive():
            closing.start()
        mover._stop.wait(10)
        forget()

    mover._written.clear = late  # type: ignore[method-assign]
    mover.written()

    closing_began = mover._stop.wait(10)
    closing.join(10)

    assert closing_began
    assert not closing.is_alive()
