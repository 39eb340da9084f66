"""Nothing of one business can read or change another (R9): each function is tried with the other's name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Connection, insert, select

from hub.core.pasts import Past
from hub.core.types import Cursor, Event, Record
from hub.store import (
    answers,
    changes,
    connections,
    cursors,
    dead,
    deliveries,
    entries,
    figure_memory,
    figure_pasts,
    figure_shares,
    figures,
    follows,
    forgotten,
    jobs,
    journeys,
    ledger,
    links,
    mails,
    mirror,
    pasts,
    plans,
    runs,
    secrets,
    subscriptions,
    windows,
)
from hub.store.answers import AnswerRow
from hub.store.database import Store
from hub.store.deliveries import Delivery
from hub.store.entries import EntryRow, StatementRow
from hub.store.figures import FigureRow
from hub.store.journeys import JourneyRow, MarkRow
from hub.store.limits import SharedLimiter
from hub.store.mails import MailRow
from hub.store.schema import metadata, unsubscribed
from hub.store.subscriptions import SubscriptionRow
from tests.store.conftest import NOW

KEY = Fernet.generate_key()
LATER = NOW + timedelta(days=1)


def _mail(conn: Connection, business: str) -> None:
    """A mail that went out, an answer to it, and what else is known of alerts."""
    ledger.begin(conn, business, "m", job="j", kind="send", summary="s", run=None, now=NOW)
    mail = MailRow(
        key="m", job="j", reader="lea", kind="digest", day="2026-03-02", address="lea@example.com", subject="s",
        lines=({"task": "t"},), at=NOW, state="started",
    )  # fmt: skip
    mails.begin(conn, business, mail, ["lea/t/late/-"])
    mails.open_round(conn, business, NOW)
    mails.refuse(conn, business, "tom@example.com", "gone", NOW)
    answer = AnswerRow(
        id="a", job="j", reader="lea", task="t", due="-", what="done", value="", via="link", given_at=NOW
    )
    answers.give(conn, business, answer)
    pasts.put(conn, business, "j", {"t": Past(first_due=None, postponed=1)}, NOW)


def _client(conn: Connection, business: str) -> None:
    """A journey, what was said of it, another address of hers, and somebody who was forgotten."""
    row = JourneyRow(job="j", id="y", person="p@example.com", offer="o", opened_at=NOW, version="v", mapping="{}")
    journeys.open_(conn, business, [row])
    journeys.mark(conn, business, MarkRow(job="j", journey="y", what="pause", at=NOW))
    journeys.confirm(conn, business, "q@example.com", "p@example.com", NOW)
    forgotten.add(conn, business, ["gone@example.com"], NOW)


def fill(store: Store, business: str) -> None:
    """At least one row in every table that has a business."""
    events = [Event(id="e", type="t", stream="invoice", key=key) for key in ("in_1", "in_2")]
    with store.write() as conn:
        deliveries.store_deliveries(conn, [Delivery(business, "stripe", "e", NOW, "u", {}, b"", events)])
        (change, _) = changes.claim(conn, business, "me", NOW, 0, 10)
        dead.bury(conn, change, "why", NOW)
        mirror.put(conn, business, "stripe", [Record(stream="invoice", key="in_1")], NOW)
        ledger.begin(conn, business, "k", job="j", kind="create", summary="s", run=None, now=NOW)
        ledger.uncertain(conn, business, "k", "why", NOW)
        links.put(conn, business, "j", "KPI", "mrr", "page", {"n": 1}, NOW)
        links.record_edit(conn, business, "j", "KPI", "mrr", "Value", 1, 2, None, None, NOW)
        cursors.set_(conn, business, "stripe", "invoice", Cursor("c"), NOW, True)
        plans.save(conn, business, "j", "d", "body", "held", None, NOW)
        runs.start(conn, business, "job", "revenue", "n", NOW, "me")
        jobs.ensure(conn, business, ["j"], NOW)
        figures.put(conn, business, "j", [FigureRow("mrr", "p", "EUR", 1, "EUR", (), False, NOW)], NOW)
        secrets.put(conn, business, "stripe", "webhook", "whsec", KEY, NOW)
        _mail(conn, business)
        _client(conn, business)
        row = FigureRow("mrr", "p", "EUR", 1, "EUR", (), False, NOW)
        figure_shares.put(conn, business, "j", {("mrr", "p", "EUR"): {0: ({"id": "sub_1"},)}}, {})
        figure_pasts.keep(conn, business, "j", NOW.date(), [row])
        figure_memory.keep(conn, business, "j", [row], NOW.date(), "r", NOW)
        figure_memory.keep_states(conn, business, "j", NOW.date(), {"sub": 1})
        entries.enter(conn, business, "j", EntryRow("k", NOW.date(), Decimal(1), "Claire"), NOW)
        entries.freeze(conn, business, "j", StatementRow("n", "m", {}, NOW))
    SharedLimiter(store, business, "stripe", "api", 1, 1.0).acquire()
    with store.write() as conn:
        subscriptions.put(conn, business, "stripe", SubscriptionRow("we_1", "https://hub", "", NOW, NOW))
        windows.add(conn, business, "stripe", "", "why", NOW, NOW)
        follows.put(conn, business, "stripe", ["1"], NOW)
        conn.execute(insert(unsubscribed), {"business": business, "address": "a@example.com", "at": NOW})


def rows(conn: Connection, business: str) -> dict[str, list[Any]]:
    return {
        name: sorted(map(str, conn.execute(select(table).where(table.c.business == business))))
        for name, table in metadata.tables.items()
        if name != "workers"
    }


def test_what_one_business_has_no_other_can_read(store: Store) -> None:
    fill(store, "a")
    with store.write() as conn:
        assert all(rows(conn, "a").values())
        found = [
            deliveries.recent(conn, "b"),
            changes.claim(conn, "b", "me", LATER, 30, 10),
            changes.waiting(conn, "b"),
            dead.listing(conn, "b"),
            dead.count(conn, "b"),
            mirror.load(conn, "b")[0],
            mirror.since(conn, "b", 0)[0],
            mirror.get(conn, "b", "stripe", "invoice", "in_1"),
            mirror.counts(conn, "b"),
            ledger.listing(conn, "b", "uncertain"),
            ledger.counts(conn, "b"),
            links.load(conn, "b", "j"),
            links.edits(conn, "b"),
            cursors.get(conn, "b", "stripe", "invoice"),
            plans.listing(conn, "b", "held"),
            runs.latest(conn, "b"),
            runs.last_by_subject(conn, "b"),
            jobs.claim(conn, "b", "me", LATER, 30),
            jobs.listing(conn, "b"),
            connections.listing(conn, "b"),
            figures.get(conn, "b", "mrr", "p"),
            figures.listing(conn, "b"),
            secrets.get_all(conn, "b", "stripe", "webhook", KEY),
            secrets.names(conn, "b", "stripe"),
            subscriptions.listing(conn, "b", "stripe"),
            subscriptions.by_connection(conn, "b"),
            windows.unreconciled(conn, "b", "stripe"),
            windows.last(conn, "b"),
            follows.get(conn, "b", "stripe")[0],
            deliveries.by_event(conn, "b", "stripe", "e"),
            journeys.listing(conn, "b"),
            journeys.get(conn, "b", "j", "y"),
            journeys.of_person(conn, "b", ["p@example.com"]),
            journeys.counts(conn, "b"),
            journeys.marks_of(conn, "b", "j"),
            journeys.aliases_of(conn, "b"),
            forgotten.load(conn, "b"),
            forgotten.since(conn, "b", "gone@example.com"),
            figure_memory.as_of(conn, "b", LATER.date()),
            figure_memory.history(conn, "b", "mrr", "p"),
            figure_memory.states_on(conn, "b", "j", [LATER.date()]),
            entries.entered(conn, "b", "j"),
            entries.frozen(conn, "b", "j"),
        ]
        assert not any(found)


def test_what_one_business_has_no_other_can_change(store: Store) -> None:
    fill(store, "a")
    with store.read() as conn:
        before = rows(conn, "a")
    fill(store, "b")
    with store.write() as conn:
        changes.settle(conn, changes.claim(conn, "b", "me", LATER, 30, 10))
        dead.replay(conn, "b", NOW)
        mirror.tombstone_unread(conn, "b", "stripe", "invoice", LATER)
        ledger.settle(conn, "b", "k", False, NOW)
        links.forget(conn, "b", "j", "KPI", "mrr")
        cursors.begin(conn, "b", "stripe", "invoice", LATER)
        cursors.clear(conn, "b", "stripe", "invoice")
        for turn in jobs.claim(conn, "b", "me", LATER, 30):
            jobs.settle(conn, turn, LATER)
        jobs.look_again(conn, "b", ["j"], LATER)
        jobs.pause(conn, "b", "j", "why", LATER)
        jobs.ensure(conn, "b", [], LATER)
        connections.pause(conn, "b", "stripe", "why", NOW)
        connections.refused(conn, "b", "stripe", "why", NOW)
        connections.ok(conn, "b", "stripe", LATER)
        secrets.drop(conn, "b", "stripe", "webhook")
        subscriptions.forget(conn, "b", "stripe", "we_1")
        windows.reconcile(conn, "b", "stripe", LATER, LATER)
        follows.put(conn, "b", "stripe", None, LATER)
        journeys.change(conn, "b", "j", "y", LATER, state="stopped")
        journeys.confirm(conn, "b", "q@example.com", "another@example.com", LATER)
        forgotten.remember(conn, "b", "gone@example.com")
    SharedLimiter(store, "b", "stripe", "api", 1, 1.0).hold(1)
    with store.read() as conn:
        assert rows(conn, "a") == before
