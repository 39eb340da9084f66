from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.core.errors import ConfigError, TransientError
from hub.store.turns import Turns


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Turns]]:
    """Each has files of its own, as in a process of its own."""
    with ExitStack() as stack:

        def turns(patience: float = 60) -> Turns:
            made = Turns(tmp_path / "hub.db", patience)
            stack.callback(made.close)
            return made

        yield turns


def somebody_queues(turns: Turns, witness: Turns) -> bool:
    if turns._threads[0].locked():
        return True
    queue = witness._files[0]
    try:
        fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(queue, fcntl.LOCK_UN)
    return False


@pytest.mark.parametrize("shared", [True, False], ids=["threads", "processes"])
def test_who_has_just_written_lets_the_one_who_waits_go_first(make: Callable[..., Turns], shared: bool) -> None:
    mine = make()
    theirs = mine if shared else make()
    witness = make()
    order: list[str] = []

    def write_once() -> None:
        with theirs.take():
            order.append("they")

    with mine.take():
        other = threading.Thread(target=write_once)
        other.start()
        queued = any(somebody_queues(mine, witness) or threading.Event().wait(0.001) for _ in range(10_000))
    with mine.take():
        order.append("I")
    other.join()
    assert queued
    assert order == ["they", "I"]


def test_patience_ends(make: Callable[..., Turns]) -> None:
    mine, theirs = make(), make(patience=0)
    with mine.take(), pytest.raises(TransientError, match="held by others"), theirs.take():
        pass
    with theirs.take():
        pass


def test_a_turn_inside_a_turn_is_refused_before_it_waits_for_itself(make: Callable[..., Turns]) -> None:
    turns = make()
    with turns.take(), pytest.raises(RuntimeError, match="inside a write"), turns.take():
        pass


def test_a_folder_where_no_file_can_be_made_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the right to write"):
        Turns(tmp_path / "nowhere" / "hub.db", 1)
