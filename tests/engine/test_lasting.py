"""Streams that no read can list whole stay known; all others are cleared of what is gone (R5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.registry import load
from hub.core.protocol import Connector, ConnectorSpec
from hub.core.types import Cursor, Event, Page, Record
from hub.engine.backfill import backfill
from hub.engine.runtime import Runtime
from hub.mapping.model import Business
from hub.store import mirror
from hub.store.database import Store


class Source:
    """Lists what is in `listed`, and nothing else."""

    def __init__(self) -> None:
        self.listed: dict[str, list[str]] = {"page": [], "comment": []}

    def check(self) -> Sequence[str]:
        return ()

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:  # noqa: ARG002  the protocol's
        yield Page(records=[Record(stream=stream, key=key) for key in self.listed[stream]], cursor=None)

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        return (Record(stream=stream, key=key),)

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:  # noqa: ARG002
        yield (), Cursor("now")


@pytest.mark.parametrize(("lasting", "left"), [(("comment",), {"comment"}), ((), set())])
def test_a_whole_read_clears_a_stream_of_what_is_gone_unless_it_cannot_be_listed(
    store: Store, lasting: tuple[str, ...], left: set[str]
) -> None:
    source, now = Source(), [datetime(2026, 11, 21, 10, tzinfo=UTC)]
    spec: ConnectorSpec[Any] = replace(load("notion"), streams=("page", "comment"), lasting=lasting)

    @contextmanager
    def opened(_connection: str) -> Iterator[Connector]:
        yield Connector(name="notion", source=source)

    business = Business.model_validate({"hub": 1, "business": "Lila", "key": "lila", "connections": {"notion": {}}})
    runtime = Runtime(store, business, (), {"notion": spec}, opened, lambda: now[0])
    source.listed = {"page": ["p"], "comment": ["c"]}
    backfill(runtime, "notion")
    source.listed = {"page": [], "comment": []}
    now[0] += timedelta(days=1)

    backfill(runtime, "notion", again=True)

    with store.read() as conn:
        assert {stream for _, stream in mirror.counts(conn, "lila")} == left
    runtime.close()


def test_what_notion_and_mailboxes_cannot_list_is_lasting() -> None:
    assert load("notion").lasting == ("comment",)
    assert load("email").lasting == ("message",)
