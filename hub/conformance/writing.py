"""Promises of a destination and of a messenger: once, found again, and what is uncertain is called so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hub.conformance.base import Plays, Suite, has, must, only_hub_errors
from hub.conformance.concerns import only_with
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.protocol import Connector, Destination
from hub.core.types import Collection, Record, Ref, Row, Value

LOST = ("timeout_before", "timeout_after_commit", "reset_after_commit", "truncated")
"""Ways to lose the answer to a call that may have been done."""


class Writing(Suite):
    """What a destination and a messenger promise."""

    @only_with("destination")
    def test_a_collection_is_found_and_prepared_once(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        must(destination.find(collection, None) == ref, "find() does not find what prepare() made.")
        must(destination.prepare(collection, None, None) == ref, "A second prepare() made a second collection.")
        must(not destination.problems(collection, ref), f"problems: {destination.problems(collection, ref)}")

    @only_with("destination")
    def test_a_row_reads_back_as_it_was_written_and_changed(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        made = _create(plays, destination, collection, ref, 1)
        must(made.ref, "A made row has no ref.")
        _is_there(destination, collection, ref, _row(plays, 1))
        changed = Row(key=made.key, values=plays.case.values(2), ref=made.ref)
        destination.update(collection, changed)
        destination.update(collection, changed)
        _is_there(destination, collection, ref, changed)

    @only_with("source", "destination")
    def test_what_update_wrote_is_what_fetch_reads(self, plays: Plays) -> None:
        with plays.open() as live:
            destination, collection, ref = prepared(plays, live)
            made = _create(plays, destination, collection, ref, 1)
        plays.case.follow = (ref,)
        with plays.open() as live:
            source, destination = has(live.source, "source"), has(live.destination, "destination")
            for number in (2, 1):
                wanted = Row(key=made.key, values=plays.case.values(number), ref=made.ref)
                destination.update(collection, wanted)
                record, *_ = source.fetch(plays.case.row_stream, str(made.ref))
                wrong = {name: _held(record, name) for name in wanted.values}
                wrong = {name: held for name, held in wrong.items() if held != wanted.values[name]}
                must(not wrong, f"The row was written as {dict(wanted.values)}; fetch() reads {wrong}.")

    @only_with("destination")
    def test_the_columns_of_a_collection_are_told_by_name_and_kind(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        found = {each.name: each.kind for each in destination.columns(collection, ref)}
        must(collection.key_property not in found, "columns() names the one that holds the rows' keys.")
        wanted = {each.name: each.kind for each in collection.properties if each.name in found}
        wrong = {name: found[name] for name, kind in wanted.items() if found[name] != kind}
        must(not wrong, f"columns() gives other kinds than the collection's: {wrong}.")
        must(set(plays.case.made_columns) <= set(found), f"columns() names {sorted(found)} only.")

    @only_with("destination")
    def test_archiving_twice_is_no_error(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        first, second = (_create(plays, destination, collection, ref, number) for number in (1, 2))
        for _ in range(2):
            destination.archive(collection, Ref(str(first.ref)))
        left = [row.key for row in destination.rows(collection, ref) if row.key]
        must(left == [second.key], f"After archiving one of two rows there are {left}.")

    @only_with("destination")
    def test_a_row_that_is_made_again_after_a_lost_answer_is_not_doubled(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        for number, kind in enumerate(LOST):
            plays.case.fail(kind, times=1, writes_only=True)
            before = Counter(plays.case.calls())
            with only_hub_errors(f"making a row through {kind}") as caught:
                destination.create(collection, ref, [_row(plays, number)], look_first=False)
            is_uncertain(caught, kind)
            again = [each for each, times in (Counter(plays.case.calls()) - before).items() if times > 1]
            must(not [each for each in again if each[0] != "GET"], f"After {kind}, {again} was sent again unseen.")
            plays.case.heal()
            destination.create(collection, ref, [_row(plays, number)], look_first=True)
            same = [row for row in destination.rows(collection, ref) if row.key == _row(plays, number).key]
            must(len(same) == 1, f"After {kind} and another try there are {len(same)} rows of one key.")

    @only_with("destination")
    def test_a_row_that_is_found_again_keeps_what_was_edited_since(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        made = _create(plays, destination, collection, ref, 1)
        edited = Row(key=made.key, values=plays.case.values(2), ref=made.ref)
        destination.update(collection, edited)
        (found,) = destination.create(collection, ref, [_row(plays, 1)], look_first=True)
        must(found.ref == made.ref, f"The row {made.ref} was made anew as {found.ref}.")
        _is_there(destination, collection, ref, edited)

    @only_with("destination")
    def test_a_create_that_was_certainly_not_done_may_be_tried_again(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        plays.case.fail("429", times=1, writes_only=True)
        with only_hub_errors("making a row through a 429") as caught:
            destination.create(collection, ref, [_row(plays, 1)], look_first=False)
        if caught:
            must(isinstance(caught[0], TransientError) and not caught[0].uncertain, f"A 429 is told as {caught}.")
            destination.create(collection, ref, [_row(plays, 1)], look_first=False)
        _is_there(destination, collection, ref, _row(plays, 1))

    @only_with("destination")
    def test_a_broken_read_of_rows_is_an_error(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        _create(plays, destination, collection, ref, 1)
        for kind in ("500", "truncated", "html", "reset_before"):
            plays.case.fail(kind)
            with only_hub_errors(f"reading rows through {kind}") as caught:
                list(destination.rows(collection, ref))
            must(caught and isinstance(caught[0], TransientError), f"Rows read through {kind}: {caught}.")
            plays.case.heal()

    @only_with("destination", "lose")
    def test_a_row_that_is_gone_is_a_record_error(self, plays: Plays, live: Connector) -> None:
        destination, collection, ref = prepared(plays, live)
        made = _create(plays, destination, collection, ref, 1)
        plays.case.lose(str(made.ref))
        with only_hub_errors("changing a row that is gone") as caught:
            destination.update(collection, Row(key=made.key, values=plays.case.values(2), ref=made.ref))
        must(caught and isinstance(caught[0], RecordError), f"A change of a row that is gone is told as {caught}.")

    @only_with("destination")
    def test_a_destination_refuses_a_wrong_key(self, plays: Plays) -> None:
        with plays.open(plays.case.wrong_key) as live:
            destination = has(live.destination, "destination")
            with only_hub_errors("checking with a refused key") as caught:
                destination.check()
        must(caught and isinstance(caught[0], ConfigError), f"A refused key is no ConfigError: {caught}.")
        plays.shows_no_key(str(caught[0]))

    @only_with("messenger")
    def test_a_letter_arrives_once(self, plays: Plays, live: Connector) -> None:
        messenger = has(live.messenger, "messenger")
        must(messenger.check(), "check() says nothing.")
        must(not plays.case.sent(), "check() sent a mail.")
        letters = [plays.case.letter(number) for number in (1, 2)]
        for letter in letters:
            messenger.send(letter)
        must(list(plays.case.sent()) == [letter.message_id for letter in letters], f"Arrived: {plays.case.sent()}.")

    @only_with("messenger")
    def test_a_letter_without_an_answer_is_uncertain_and_not_sent_again(self, plays: Plays, live: Connector) -> None:
        messenger, letter = has(live.messenger, "messenger"), plays.case.letter(1)
        plays.case.fail("timeout_after_commit", times=1, writes_only=True)
        with only_hub_errors("sending a letter without an answer") as caught:
            messenger.send(letter)
        is_uncertain(caught, "timeout_after_commit")
        must(list(plays.case.sent()) == [letter.message_id], f"Arrived: {plays.case.sent()}.")


def prepared(plays: Plays, live: Connector) -> tuple[Destination, Collection, Ref]:
    """The case's collection, prepared."""
    destination = has(live.destination, "destination")
    collection = plays.case.collection()
    return destination, collection, destination.prepare(collection, None, None)


def _row(plays: Plays, number: int) -> Row:
    return Row(key=f"suite/{number}", values=plays.case.values(number))


def _create(plays: Plays, destination: Destination, collection: Collection, ref: Ref, number: int) -> Row:
    (made,) = destination.create(collection, ref, [_row(plays, number)], look_first=False)
    return made


def _is_there(destination: Destination, collection: Collection, ref: Ref, wanted: Row) -> None:
    """The one row of that key holds these values."""
    same = [row for row in destination.rows(collection, ref) if row.key == wanted.key]
    must(len(same) == 1, f"There are {len(same)} rows of the key {wanted.key}.")
    wrong = {
        name: same[0].values.get(name) for name, value in wanted.values.items() if same[0].values.get(name) != value
    }
    must(not wrong, f"The row was written as {dict(wanted.values)}; read back: {wrong}.")


def _held(record: Record, name: str) -> Value:
    """The column that people made of that name, or else the record's own field."""
    made = record.fields.get("properties")
    return made[name] if isinstance(made, Mapping) and name in made else record.fields.get(name)


def is_uncertain(caught: list[HubError], kind: str) -> None:
    """The write whose answer was lost that way is told as one that may have been done."""
    error = caught[0] if caught else None
    must(
        isinstance(error, TransientError) and error.uncertain, f"A write whose answer {kind} lost is told as {error!r}."
    )
