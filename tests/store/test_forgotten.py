"""Whom we were asked to forget: her records keep what totals need, and a later read brings nothing of her back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import insert, select

from hub.core.forgotten import is_pseudonym
from hub.core.money import Money
from hub.core.types import Record
from hub.store import forgotten, mirror
from hub.store.database import Store
from hub.store.schema import forgotten as table
from hub.store.schema import unsubscribed
from tests.store.conftest import NOW

WHO = {"key": "cus_1", "name": "Marie Durand", "email": "Marie@Example.com"}
PAID = Record(
    stream="charge",
    key="ch_1",
    fields={
        "amount": Money(Decimal("120.00"), "EUR"),
        "status": "paid",
        "at": NOW,
        "who": WHO,
        "description": "Élan, for Marie Durand",
        "payment_intent": "pi_1",
    },
    at=NOW,
)
BOOKED = Record(
    stream="booking",
    key="bk_1",
    fields={
        "title": "Appel", "starts_at": NOW, "ends_at": NOW, "status": "active", "who": dict(WHO, key="inv_1"),
        "phone": "+33 6", "answers": {"Why?": "I am ill"}, "reason": "ill", "hosts": ({"email": "lila@example.com"},),
        "cancel_url": "https://example.com/c", "no_show": False,
    },
)  # fmt: skip
SUBSCRIBED = Record(stream="subscription", key="sub_1", fields={"who": {"key": "cus_1"}, "metadata": {"plan": "3"}})
OTHER = Record(stream="charge", key="ch_2", fields={"who": {"name": "Léa", "email": "anne-marie@example.com"}})


def _forgotten(store: Store) -> str:
    with store.write() as conn:
        return forgotten.add(conn, "b", ["marie@example.com", "cus_1"], NOW)


def test_a_record_of_hers_keeps_amounts_instants_states_and_ids(store: Store) -> None:
    pseudonym = _forgotten(store)
    with store.write() as conn:
        mirror.put(conn, "b", "stripe", [PAID, BOOKED, SUBSCRIBED, OTHER], NOW)
        found = {key: mirror.get(conn, "b", "stripe", stream, key) for stream, key in
                 (("charge", "ch_1"), ("booking", "bk_1"), ("subscription", "sub_1"), ("charge", "ch_2"))}  # fmt: skip
    mark = pseudonym.partition("@")[0]
    assert is_pseudonym(pseudonym)
    paid, booked, subscribed, other = found.values()
    assert paid is not None
    assert paid.at == NOW
    assert paid.fields == {
        **PAID.fields,
        "who": {"key": "cus_1", "email": pseudonym},
        "description": f"Élan, for {mark}",
    }
    assert booked is not None
    assert booked.fields == {
        "title": "Appel", "starts_at": NOW, "ends_at": NOW, "status": "active",
        "who": {"key": "inv_1", "email": pseudonym}, "hosts": ({"email": "lila@example.com"},), "no_show": False,
    }  # fmt: skip
    assert subscribed is not None
    assert subscribed.fields == {"who": {"key": "cus_1", "email": pseudonym}, "metadata": {"plan": "3"}}
    assert other == OTHER


def test_a_mail_keeps_who_else_it_was_for(store: Store) -> None:
    pseudonym = _forgotten(store)
    lila = {"name": "Lila", "email": "lila@example.com"}
    mail = Record(
        stream="message",
        key="m",
        fields={"from": lila, "to": (dict(WHO), lila), "subject": "For Marie", "text": "…", "at": NOW},
    )
    guests = Record(stream="booking", key="g", fields={"who": lila, "guests": ("marie@example.com", "x@example.com")})
    with store.write() as conn:
        mirror.put(conn, "b", "email", [mail, guests], NOW)
        kept = mirror.get(conn, "b", "email", "message", "m")
        invited = mirror.get(conn, "b", "email", "booking", "g")
    assert kept is not None
    assert kept.fields == {"from": lila, "to": ({"key": "cus_1", "email": pseudonym}, lila), "at": NOW}
    assert invited is not None
    assert invited.fields == {"who": lila, "guests": ("x@example.com",)}


def test_reading_again_what_was_forgotten_changes_nothing(store: Store) -> None:
    _forgotten(store)
    with store.write() as conn:
        assert len(mirror.put(conn, "b", "stripe", [PAID], NOW)) == 1
        assert mirror.put(conn, "b", "stripe", [PAID], NOW + timedelta(days=1)) == []


def test_the_table_holds_no_address(store: Store) -> None:
    _forgotten(store)
    with store.read() as conn:
        rows = conn.execute(select(table)).all()
        assert len(rows) == 2
        assert "marie" not in str(rows)
        assert "cus_1" not in str(rows)
        assert forgotten.since(conn, "b", " MARIE@example.com") == NOW
        assert forgotten.since(conn, "b", "lea@example.com") is None
        assert forgotten.since(conn, "another", "marie@example.com") is None


def test_forgetting_twice_gives_the_same_pseudonym_and_another_person_another(store: Store) -> None:
    first = _forgotten(store)
    with store.write() as conn:
        assert forgotten.add(conn, "b", ["marie@example.com", "m@example.com"], NOW) == first
        assert forgotten.add(conn, "b", ["lea@example.com"], NOW) != first


def test_who_comes_back_is_read_again_and_still_wants_no_mails(store: Store) -> None:
    pseudonym = _forgotten(store)
    with store.write() as conn:
        conn.execute(insert(unsubscribed), {"business": "b", "address": pseudonym, "at": NOW})
        mirror.put(conn, "b", "stripe", [PAID], NOW)

        assert forgotten.remember(conn, "b", "Marie@example.com")
        assert not forgotten.remember(conn, "b", "marie@example.com")

        assert mirror.put(conn, "b", "stripe", [PAID], NOW + timedelta(days=1)) == [PAID]
        assert conn.execute(select(unsubscribed.c.address)).scalars().all() == ["marie@example.com"]
