from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.core.types import Cursor
from hub.store import connections, cursors, figures, jobs, links, plans, runs, secrets, workers
from hub.store.database import Store
from hub.store.figures import FigureRow
from hub.store.links import Edit, Link
from hub.store.schema import secrets as secrets_table
from tests.store.conftest import NOW

SECOND = timedelta(seconds=1)


def test_what_we_write_to_a_row_adds_to_what_we_know_of_it(store: Store) -> None:
    with store.write() as conn:
        links.put(conn, "b", "j", "KPI", "mrr", "page-1", {"Value": Money(Decimal("10.5"), "EUR"), "Title": "MRR"}, NOW)
        links.put(conn, "b", "j", "KPI", "mrr", "page-1", {"Value": None}, NOW + SECOND)
        links.saw(conn, "b", "j", "KPI", "mrr", "page-2", {"Title": "Mine"}, NOW + 2 * SECOND)
        values = {"Value": None, "Title": "Mine"}
        assert links.load(conn, "b", "j") == [Link("KPI", "mrr", "page-2", values, 2, NOW + 2 * SECOND)]


def test_a_row_that_is_seen_first_was_never_written(store: Store) -> None:
    with store.write() as conn:
        links.saw(conn, "b", "j", "KPI", "", "db-1", {}, NOW)
        assert links.load(conn, "b", "j") == [Link("KPI", "", "db-1", {}, 0, NOW)]


def test_a_forgotten_row_has_no_ref_and_no_values_but_keeps_its_version(store: Store) -> None:
    with store.write() as conn:
        for row in ("a", "b"):
            links.put(conn, "b", "j", "KPI", row, row, {"n": 1}, NOW)
        links.forget(conn, "b", "j", "KPI", "a")
        first, second = links.load(conn, "b", "j")
        assert (first.ref, first.values, first.version) == (None, {}, 1)
        assert (second.ref, second.values) == ("b", {"n": 1})


def test_foreign_edits_are_remembered_newest_first(store: Store) -> None:
    with store.write() as conn:
        for number in range(3):
            links.record_edit(conn, "b", "j", "KPI", "mrr", "Value", Decimal(1), number, "Lila", NOW, NOW + SECOND)
        assert links.edits(conn, "b", limit=2) == [
            Edit("j", "KPI", "mrr", "Value", Decimal(1), number, "Lila", NOW, NOW + SECOND) for number in (2, 1)
        ]


def test_a_read_is_complete_only_once_its_end_was_reached(store: Store) -> None:
    with store.write() as conn:
        assert cursors.get(conn, "b", "stripe", "invoice") is None
        cursors.begin(conn, "b", "stripe", "invoice", NOW)
        cursors.set_(conn, "b", "stripe", "invoice", Cursor("p1"), NOW + SECOND, complete=False)
        assert cursors.get(conn, "b", "stripe", "invoice") == cursors.CursorRow(Cursor("p1"), NOW, None)
        cursors.set_(conn, "b", "stripe", "invoice", Cursor("p2"), NOW + 2 * SECOND, complete=True)
        cursors.set_(conn, "b", "stripe", "invoice", Cursor("p3"), NOW + 3 * SECOND, complete=False)
        row = cursors.CursorRow(Cursor("p3"), NOW, NOW + 2 * SECOND)
        assert cursors.get(conn, "b", "stripe", "invoice") == row
        cursors.begin(conn, "b", "stripe", "invoice", NOW + 9 * SECOND)
        assert cursors.get(conn, "b", "stripe", "invoice") == cursors.CursorRow(None, NOW + 9 * SECOND, None)
        cursors.clear(conn, "b", "stripe", "invoice")
        assert cursors.get(conn, "b", "stripe", "invoice") is None


def test_an_equal_plan_that_waits_is_not_saved_twice(store: Store) -> None:
    with store.write() as conn:
        first = plans.save(conn, "b", "j", "d1", "body", "saved", None, NOW)
        assert plans.save(conn, "b", "j", "d1", "body", "saved", None, NOW + SECOND) == first
        others = {
            plans.save(conn, "b", "j", "d2", "body", "saved", None, NOW),
            plans.save(conn, "b", "k", "d1", "body", "saved", None, NOW),
            plans.save(conn, "c", "j", "d1", "body", "saved", None, NOW),
        }
        assert len(others | {first}) == 4
        plans.set_state(conn, first, "applied", None, NOW + SECOND)
        assert plans.save(conn, "b", "j", "d1", "body", "saved", None, NOW) != first


def test_a_saved_plan_becomes_held_when_an_equal_one_is(store: Store) -> None:
    with store.write() as conn:
        id_ = plans.save(conn, "b", "j", "d", "body", "saved", None, NOW)
        assert plans.save(conn, "b", "j", "d", "body", "held", "12 archives", NOW) == id_
        assert plans.save(conn, "b", "j", "d", "body", "saved", None, NOW) == id_
        (held,) = plans.listing(conn, "b", "held")
        assert (held.id, held.reason, held.decided_at) == (id_, "12 archives", None)
        plans.set_state(conn, id_, "dropped", "no", NOW + SECOND)
        assert plans.get(conn, "other", id_) is None
        assert plans.get(conn, "b", id_) == plans.get(conn, None, id_)
        assert plans.get(conn, "b", id_) == replace(held, state="dropped", reason="no", decided_at=NOW + SECOND)


def test_a_run_tells_what_came_of_it(store: Store) -> None:
    with store.write() as conn:
        first = runs.start(conn, "b", "job", "revenue", "lila · revenue", NOW, "me")
        second = runs.start(conn, "b", "job", "revenue", "lila · revenue", NOW + SECOND, "me")
        other = runs.start(conn, "b", "read", "stripe", "lila · stripe", NOW, "me")
        runs.finish(conn, second, "done", {"created": 3}, None, NOW + 2 * SECOND)
        assert [run.id for run in runs.latest(conn, "b", limit=2)] == [other, second]
        last = runs.last_by_subject(conn, "b")
        assert {subject: run.id for subject, run in last.items()} == {"revenue": second, "stripe": other}
        run = last["revenue"]
        assert (run.state, run.counts, run.finished_at) == ("done", {"created": 3}, NOW + 2 * SECOND)
        assert first < second


def test_a_run_is_abandoned_when_its_owner_beats_no_more(store: Store) -> None:
    with store.write() as conn:
        workers.beat(conn, "lives", "worker", NOW - 99 * SECOND)
        workers.beat(conn, "lives", "worker", NOW)
        workers.beat(conn, "gone", "worker", NOW - 60 * SECOND)
        names = {
            owner: runs.start(conn, "b", "k", owner, "n", NOW - 60 * SECOND, owner)
            for owner in ("lives", "gone", "never")
        }
        runs.start(conn, "b", "k", "s", "n", NOW, "new and silent yet")
        finished = runs.start(conn, "b", "k", "s", "n", NOW - 60 * SECOND, "gone")
        runs.finish(conn, finished, "done", {}, None, NOW)
        assert [r.id for r in runs.abandoned(conn, NOW, NOW - 30 * SECOND)] == [names["gone"], names["never"]]
        assert workers.gone(conn, NOW - 30 * SECOND) == ["gone"]
        workers.forget(conn, ["gone"])
        assert workers.beats(conn) == [("lives", "worker", NOW, NOW - 99 * SECOND)]


def test_new_jobs_are_to_be_planned_and_vanished_ones_are_forgotten(store: Store) -> None:
    with store.write() as conn:
        jobs.ensure(conn, "b", ["a", "gone"], NOW)
        jobs.ensure(conn, "b", ["a", "new"], NOW + SECOND)
        assert [(s.job, s.dirty_at) for s in jobs.listing(conn, "b")] == [("a", NOW), ("new", NOW + SECOND)]
        assert [turn.job for turn in jobs.claim(conn, "b", "me", NOW + SECOND, 30)] == ["a", "new"]
        assert jobs.claim(conn, "b", "you", NOW + SECOND, 30) == []
        assert len(jobs.claim(conn, "b", "you", NOW + 31 * SECOND, 30)) == 2


def test_a_reason_that_comes_while_a_job_is_planned_has_it_planned_again(store: Store) -> None:
    with store.write() as conn:
        jobs.ensure(conn, "b", ["a"], NOW)
        (turn,) = jobs.claim(conn, "b", "me", NOW, 30)
        jobs.dirty(conn, "b", ["a", "unknown"], NOW + SECOND)
        jobs.settle(conn, turn, NOW + 2 * SECOND)
        (again,) = jobs.claim(conn, "b", "me", NOW + 2 * SECOND, 30)
        assert again.seq == turn.seq + 1
        jobs.settle(conn, again, NOW + 3 * SECOND)
        assert jobs.claim(conn, "b", "me", NOW + 99 * SECOND, 30) == []
        (state,) = jobs.listing(conn, "b")
        assert (state.last_ok_at, state.lease_owner) == (NOW + 3 * SECOND, None)


def test_a_job_that_failed_waits_its_delay_whatever_comes_meanwhile(store: Store) -> None:
    with store.write() as conn:
        jobs.ensure(conn, "b", ["a"], NOW)
        (turn,) = jobs.claim(conn, "b", "me", NOW, 30)
        jobs.postpone(conn, turn, NOW + 60 * SECOND, "notion is busy")
        jobs.dirty(conn, "b", ["a"], NOW + SECOND)
        assert jobs.claim(conn, "b", "me", NOW + 59 * SECOND, 30) == []
        (again,) = jobs.claim(conn, "b", "me", NOW + 60 * SECOND, 30)
        assert again.attempts == 1
        jobs.settle(conn, again, NOW)
        (state,) = jobs.listing(conn, "b")
        assert (state.attempts, state.last_error) == (0, None)


def test_a_wish_to_look_that_comes_while_a_job_is_planned_is_not_lost(store: Store) -> None:
    with store.write() as conn:
        jobs.ensure(conn, "b", ["a"], NOW)
        (turn,) = jobs.claim(conn, "b", "me", NOW, 30)
        jobs.look_again(conn, "b", ["a"], NOW)
        jobs.settle(conn, turn, NOW)
        (again,) = jobs.claim(conn, "b", "me", NOW, 30)
        assert (turn.look, again.look) == (False, True)
        jobs.settle(conn, again, NOW)
        jobs.dirty(conn, "b", ["a"], NOW)
        assert [turn.look for turn in jobs.claim(conn, "b", "me", NOW, 30)] == [False]


def test_a_paused_job_is_not_planned_and_is_told_once(store: Store) -> None:
    with store.write() as conn:
        jobs.ensure(conn, "b", ["a"], NOW)
        assert jobs.pause(conn, "b", "a", "no such page", NOW)
        assert not jobs.pause(conn, "b", "a", "no such page", NOW + SECOND)
        assert jobs.claim(conn, "b", "me", NOW, 30) == []
        jobs.resume(conn, "b", "a")
        jobs.hold(conn, "b", "a", "plan-1")
        (state,) = jobs.listing(conn, "b")
        assert (state.paused_at, state.paused_reason, state.hold) == (None, None, "plan-1")
        (turn,) = jobs.claim(conn, "b", "me", NOW, 30)
        jobs.release(conn, "you")
        assert jobs.claim(conn, "b", "you", NOW, 30) == []
        jobs.extend(conn, "me", NOW + 90 * SECOND)
        assert jobs.claim(conn, "b", "you", NOW + 60 * SECOND, 30) == []
        jobs.release(conn, "me")
        assert jobs.claim(conn, "b", "you", NOW, 30) == [turn]


def test_a_connection_tells_its_proofs_of_life_and_its_troubles(store: Store) -> None:
    with store.write() as conn:
        connections.ensure(conn, "b", ["stripe", "notion"])
        connections.ok(conn, "b", "stripe", NOW)
        connections.refused(conn, "b", "stripe", "bad signature", NOW + SECOND)
        connections.refused(conn, "b", "stripe", "too old", NOW + 2 * SECOND)
        connections.caught_up(conn, "b", "stripe", NOW + 3 * SECOND)
        connections.ensure(conn, "b", ["stripe"])
        notion, stripe = connections.listing(conn, "b")
        assert (notion.connection, notion.last_ok_at, notion.refused) == ("notion", None, 0)
        assert (stripe.last_ok_at, stripe.refused, stripe.last_refused_why) == (NOW, 2, "too old")
        assert (stripe.last_refused_at, stripe.caught_up_at) == (NOW + 2 * SECOND, NOW + 3 * SECOND)


def test_a_pause_is_news_only_the_first_time(store: Store) -> None:
    with store.write() as conn:
        assert connections.pause(conn, "b", "stripe", "key refused", NOW)
        assert not connections.pause(conn, "b", "stripe", "key refused", NOW + SECOND)
        (state,) = connections.listing(conn, "b")
        assert (state.paused_at, state.paused_reason) == (NOW, "key refused")
        connections.resume(conn, "b", "stripe")
        assert connections.pause(conn, "b", "stripe", "again", NOW + SECOND)


def test_figures_come_back_with_their_proof_and_unchanged_ones_keep_their_instant(store: Store) -> None:
    mrr = FigureRow("mrr", "2026-03", "EUR", Decimal("90.5"), "EUR", ({"customer": "cus_1", "n": 1},), False, NOW)
    rate = FigureRow("refund_rate", "2026-03", "", None, "%", (), True, NOW)
    with store.write() as conn:
        assert figures.put(conn, "b", "revenue", [mrr, rate], NOW) == [mrr, rate]
        assert figures.put(conn, "b", "revenue", [mrr, rate], NOW + SECOND) == []
        assert figures.listing(conn, "b") == [mrr, rate]
        assert figures.get(conn, "b", "mrr", "2026-03") == [mrr]
        proven = replace(mrr, proof=({"customer": "cus_2", "n": 1},))
        assert figures.put(conn, "b", "revenue", [proven, rate], NOW + SECOND) == [proven]
        (stored,) = figures.get(conn, "b", "mrr", "2026-03")
        assert stored == replace(proven, counted_at=NOW + SECOND)
        with pytest.raises(AttributeError):
            _ = stored.nonsense  # type: ignore[attr-defined]


def test_secrets_are_encrypted_at_rest_and_come_newest_first(store: Store) -> None:
    key = Fernet.generate_key()
    with store.write() as conn:
        for secret in ("whsec_old", "whsec_new", "whsec_old"):
            secrets.put(conn, "b", "stripe", "webhook", secret, key, NOW)
        assert secrets.get_all(conn, "b", "stripe", "webhook", key) == ("whsec_new", "whsec_old")
        assert secrets.get_all(conn, "b", "stripe", "other", key) == ()
        kept = "".join(map(str, conn.execute(select(secrets_table)).all()))
        assert "whsec" not in kept


def test_a_wrong_key_is_told_without_the_secret(store: Store) -> None:
    with store.write() as conn:
        secrets.put(conn, "b", "stripe", "webhook", "whsec_hush", Fernet.generate_key(), NOW)
        with pytest.raises(ConfigError, match="b/stripe does not open") as caught:
            secrets.get_all(conn, "b", "stripe", "webhook", Fernet.generate_key())
        assert "hush" not in str(caught.value)
        with pytest.raises(ConfigError, match="32 bytes"):
            secrets.get_all(conn, "b", "stripe", "webhook", b"short")
