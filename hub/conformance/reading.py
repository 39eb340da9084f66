"""Promises of a source: everything, once, to the end or not at all; and what changes is noticed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.conformance.base import Plays, Suite, has, must, only_hub_errors
from hub.conformance.concerns import only_with
from hub.core import codec, kinds
from hub.core.errors import ConfigError, TransientError
from hub.core.protocol import Connector, Source
from hub.core.types import Cursor, Event, Page, Record

FEW = 3


class Reading(Suite):
    """What a source promises."""

    @only_with("source")
    def test_what_the_key_can_see_is_said_in_words(self, plays: Plays, live: Connector) -> None:
        lines = has(live.source, "source").check()
        must(lines and all(line.strip() for line in lines), "check() says nothing of what the key can see.")
        plays.shows_no_key(" ".join(lines))

    @only_with("source")
    def test_a_read_gives_every_record_once(self, plays: Plays, live: Connector) -> None:
        source = has(live.source, "source")
        for stream, keys in _filled(plays, FEW):
            _is_whole(list(source.read(stream, None)), keys, stream)

    @only_with("source", "pages")
    def test_more_than_two_pages_are_read_to_the_end(self, plays: Plays, live: Connector) -> None:
        source = has(live.source, "source")
        for stream, keys in _paged(plays):
            _is_whole(list(source.read(stream, None)), keys, stream)

    @only_with("source", "pages")
    def test_a_read_that_starts_at_any_cursor_skips_nothing(self, plays: Plays, live: Connector) -> None:
        source = has(live.source, "source")
        for stream, keys in _paged(plays):
            seen: set[str] = set()
            cursors: list[tuple[Cursor, set[str]]] = []
            for page in source.read(stream, None):
                seen |= _keys([page])
                if page.cursor is not None:
                    cursors.append((page.cursor, set(seen)))
            must(cursors, f"A read of {stream} yields no cursor that could be stored.")
            for cursor, before in cursors:
                lost = set(keys) - before - _keys(source.read(stream, cursor))
                must(not lost, f"A read of {stream} from a stored cursor skips {sorted(lost)[:3]} …")

    @only_with("source", "pages", "http")
    def test_a_read_that_breaks_off_is_an_error_and_never_an_end(self, plays: Plays, live: Connector) -> None:
        source = has(live.source, "source")
        for stream, _ in _paged(plays):
            for kind in ("500", "reset_before", "truncated", "html"):
                plays.case.heal()
                pages = source.read(stream, None)
                first = next(pages)
                plays.case.fail(kind)
                with only_hub_errors(f"reading {stream} through {kind}") as caught:
                    rest = list(pages)
                    must(not rest or caught, f"A read of {stream} went on through {kind}.")
                must(caught, f"A read of {stream} that {kind} broke after {len(first.records)} records ended well.")
                must(isinstance(caught[0], TransientError), f"{kind} is to be tried again, not {caught[0]!r}.")

    @only_with("source")
    def test_fetch_gives_what_read_gives(self, plays: Plays, live: Connector) -> None:
        source = has(live.source, "source")
        for stream, _ in _filled(plays, FEW):
            for read in _records(source.read(stream, None)):
                fetched = source.fetch(stream, read.key)
                must(fetched, f"fetch({stream!r}, {read.key!r}) gives nothing.")
                must(fetched[0] == read, f"{stream} {read.key}: {_difference(read, fetched[0])}")

    @only_with("source")
    def test_records_hold_our_values_and_fit_their_kind(self, plays: Plays, live: Connector) -> None:
        source = has(live.source, "source")
        for stream, _ in _filled(plays, FEW):
            kind = plays.spec.kinds.get(stream)
            for read in _records(source.read(stream, None)):
                must(read.stream == stream, f"A record of {stream} says that it is of {read.stream}.")
                must(not read.deleted, f"A read of {stream} gives a deleted record: leave it out.")
                codec.dumps(read.fields)  # a float or a naive instant is a TypeError
                wrong = kinds.problems(kind, read.fields, whole=True) if kind else ()
                must(not wrong, f"{stream} {read.key} is no {kind}: {'; '.join(wrong)}.")

    @only_with("source")
    def test_a_change_is_noticed_after_the_cursor_of_now(self, plays: Plays, live: Connector) -> None:
        source, noticed = has(live.source, "source"), 0
        for stream, keys in _filled(plays, FEW):
            ((events, cursor),) = source.changes(None)
            must(not events, "changes(None) must give no events, only the cursor of now.")
            if plays.case.change(stream, keys[0]):
                heard, _ = _changes(source, cursor)
                said = {(each.stream, each.key) for each in heard}
                must((stream, keys[0]) in said, f"{stream} {keys[0]} changed; changes() says {sorted(map(str, said))}.")
                noticed += 1
        if not noticed:  # nothing changes there, things only arrive
            stream, keys = _filled(plays, FEW)[0]
            ((_, cursor),) = source.changes(None)
            new = set(plays.case.fill(stream, 1) or ()) - set(keys)
            said = {(each.stream, each.key) for each in _changes(source, cursor)[0]}
            must({(stream, key) for key in new} <= said, f"{new} arrived; changes() says {sorted(map(str, said))}.")

    @only_with("source", "delete")
    def test_a_deleted_record_comes_back_as_deleted(self, plays: Plays, live: Connector) -> None:
        source, deleted = has(live.source, "source"), 0
        for stream, keys in _filled(plays, FEW):
            if plays.case.delete(stream, keys[0]):
                first = source.fetch(stream, keys[0])[0]
                must((first.stream, first.key) == (stream, keys[0]), f"The fetch of a deleted {stream} gives {first}.")
                must(first.deleted and not first.fields, f"{stream} {keys[0]} is deleted, and fetch does not say so.")
                left = _keys(source.read(stream, None))
                must(left == set(keys[1:]), f"After a deletion a read of {stream} gives {sorted(left)}.")
                deleted += 1
        must(deleted, "The case deletes nothing: if nobody can at this provider, say so in `never`.")

    @only_with("source")
    def test_a_refused_key_is_told_with_the_way_out_and_without_the_key(self, plays: Plays) -> None:
        with plays.open(plays.case.wrong_key) as live:
            source = has(live.source, "source")
            told: list[str] = []
            for doing in (source.check, lambda: list(source.read(plays.spec.streams[0], None))):
                with only_hub_errors("using a refused key") as caught:
                    doing()
                must(caught and isinstance(caught[0], ConfigError), f"A refused key is no ConfigError: {caught}.")
                told.append(str(caught[0]))
        must(re.search(plays.case.remedy, told[0]), f"The message does not say what to do: {told[0]}")
        for text in told:
            plays.shows_no_key(text)


def _filled(plays: Plays, count: int) -> list[tuple[str, Sequence[str]]]:
    """Each stream that the case can fill, with its keys once all are filled (one may make records of another)."""
    filled = [stream for stream in plays.spec.streams if plays.case.fill(stream, count) is not None]
    must(filled, "The case fills no stream.")
    return [(stream, plays.case.fill(stream, 0) or ()) for stream in filled]


def _paged(plays: Plays) -> list[tuple[str, Sequence[str]]]:
    """The streams that are read in pages, each with more records than two pages hold."""
    for stream in plays.case.paged:
        plays.case.fill(stream, 2 * plays.case.page_size + 1)
    return [(stream, plays.case.fill(stream, 0) or ()) for stream in plays.case.paged]


def _records(pages: object) -> list[Record]:
    return [record for page in pages for record in page.records]  # type: ignore[attr-defined]


def _keys(pages: object) -> set[str]:
    return {record.key for record in _records(pages)}


def _is_whole(pages: Sequence[Page], keys: Sequence[str], stream: str) -> None:
    found = [record.key for record in _records(pages)]
    missing, strange = set(keys) - set(found), set(found) - set(keys)
    must(not missing, f"A read of {stream} leaves out {len(missing)} of {len(keys)} records: {sorted(missing)[:3]}.")
    must(not strange, f"A read of {stream} gives records that are not there: {sorted(strange)[:3]}.")
    must(len(found) == len(set(found)), f"A read of {stream} gives a record twice.")


def _changes(source: Source, cursor: Cursor) -> tuple[list[Event], Cursor]:
    heard: list[Event] = []
    for events, after in source.changes(cursor):
        heard.extend(events)
        cursor = after
    return heard, cursor


def _difference(read: Record, fetched: Record) -> str:
    names = {name for name in {*read.fields, *fetched.fields} if read.fields.get(name) != fetched.fields.get(name)}
    parts = [f"{name} is {fetched.fields.get(name)!r}, read {read.fields.get(name)!r}" for name in sorted(names)]
    return f"fetch says that {'; '.join(parts)}" if parts else f"fetch gives {fetched}, read {read}"
