"""Everything that starts a journey, first, twice, late and out of order: one journey for each person and offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.notion.sandbox.control import TOKEN as NOTION_TOKEN
from connectors.notion.sandbox.control import WORKSPACE
from hub.engine.journeys import text_of
from hub.engine.planners.onboarding_memory import version_of
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.persons import journey_id
from hub.store import journeys
from hub.store.journeys import JourneyRow, MarkRow
from tests.onboarding.test_journey import CALL, MARIE
from tests.onboarding.test_webhooks import hearing
from tests.onboarding.town import CALL as KIND
from tests.onboarding.town import OFFER, Town
from tests.onboarding.world import Site, site

HELLO = "Bonjour Marie"
DOOR = "elan@atelier-lila.fr"


@dataclass(frozen=True)
class Start:
    """`on`: as the file says it. `event`: what it is. `happens`: lets it happen."""

    on: Mapping[str, Any]
    event: str
    happens: Callable[[Town], Any]


def _asked_for(town: Town) -> str:
    """A database in which people ask for the programme."""
    page = town.notion.share_page("Accueil", WORKSPACE)
    answer = httpx.post(
        f"{town.urls['notion']}/v1/databases",
        headers={"Authorization": f"Bearer {NOTION_TOKEN}", "Notion-Version": "2026-03-11"},
        json={
            "parent": {"type": "page_id", "page_id": page},
            "title": [{"text": {"content": "Demandes"}}],
            "initial_data_source": {"properties": {"Nom": {"title": {}}, "E-mail": {"email": {}}}},
        },
    )
    return str(answer.raise_for_status().json()["data_sources"][0]["id"])


def _row(town: Town) -> str:
    """A person writes a row, and who it is only afterwards."""
    row = town.notion.add_row_as_person(_table(town), {"Nom": "Marie Dupont"})
    town.skip(minutes=2)
    town.notion.edit_as_person(row, {"E-mail": " Marie@Example.com "})
    return str(row)


def _form(town: Town) -> str:
    """A form of Notion makes a row that is whole from the beginning."""
    return str(town.notion.add_row_as_person(_table(town), {"Nom": "Marie Dupont", "E-mail": MARIE}))


def _table(town: Town) -> str:
    found = [one["id"] for one in town.notion.tables(WORKSPACE) if one["title"] == "Demandes"]
    return str(found[0]) if found else _asked_for(town)


def _routed(town: Town) -> str:
    form = next(each["uri"] for each in town.calendly.forms.values() if each["name"] == "Candidature")
    return str(town.calendly.submit_form(form, {"Nom": "Marie Dupont", "E-mail": MARIE}))


def _routing(town: Town) -> str:
    return str(town.calendly.add_form("Candidature", {"Nom": "name", "E-mail": "email"}))


def _mail(town: Town, **headers: str) -> int:
    lines = {"From": f"Marie Dupont <{MARIE}>", "To": DOOR, "Subject": "Je viens", **headers}
    lines["Date"] = town.clock().strftime("%a, %d %b %Y %H:%M:%S +0000")
    lines["Message-ID"] = f"<{town.clock().timestamp()}@example.com>"
    raw = "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\nBonjour !\r\n"
    return int(town.post.inject(raw, at=town.clock().isoformat()))


def _subscribed(town: Town) -> Any:
    price = town.account.price(amount=9900, product=OFFER, interval="month")
    customer = town.account.customer(email=MARIE, name="Marie Dupont")
    return town.account.subscribe(customer=customer["id"], price=price["id"])


def _settled(town: Town) -> None:
    sold = town.sell(method="sepa_debit")
    town.skip(hours=24)
    town.account.settle_payment(sold["charge"])


PAID = {"event": "payment", "from": "stripe", "product": OFFER}
STARTS = {
    "checkout paid": Start(PAID, "payment", Town.sell),
    "asynchronous payment succeeded": Start(PAID, "payment", _settled),
    "first subscription invoice paid": Start(PAID, "payment", _subscribed),
    "booking of a named event type": Start(
        {"event": "booking", "from": "calendly", "event_type": KIND}, "booking", lambda town: town.book(CALL)
    ),
    "routing form": Start({"event": "signup", "from": "calendly", "form": "Candidature"}, "signup", _routed),
    "Notion row": Start({"event": "signup", "from": "notion", "form": "Demandes"}, "signup", _row),
    "Notion form": Start({"event": "signup", "from": "notion", "form": "Demandes"}, "signup", _form),
    "mail to an address": Start({"event": "signup", "from": "email", "form": DOOR}, "signup", _mail),
}


@pytest.fixture
def furnished(town: Town) -> Town:
    """With a mailbox that is read, a form and a database to come by."""
    at = town.post.servers()
    imap = {"host": "127.0.0.1", "port": at["imaps"]["port"], "tls": "implicit", "user": DEFAULT_USER}
    settings: Any = town.settings["email"]
    settings |= {f"imap_{name}": value for name, value in imap.items()} | {"imap_password": DEFAULT_PASSWORD}
    _asked_for(town)
    _routing(town)
    return town


def welcoming(*starts: Start) -> dict[str, Any]:
    """A file that says hello to whoever comes so."""
    events = dict.fromkeys(one.event for one in starts)
    greets = [{"name": f"hello_{event}", "after": event, "send": "hello"} for event in events]
    hello = {"hello": "Subject: Bonjour {person.first_name}\n\nBienvenue."}
    return {
        "written": hello,
        "starts_on": list({str(one.on): dict(one.on) for one in starts}.values()),
        "steps": greets,
        "changes": {},
    }


def kept(here: Site) -> list[JourneyRow]:
    with here.store.read() as conn:
        return journeys.listing(conn, "lila")


@pytest.mark.parametrize("name", STARTS)
def test_one_journey_however_often_and_however_late_it_comes(furnished: Town, tmp_path: Path, name: str) -> None:
    town, start = furnished, STARTS[name]
    with site(town, tmp_path, **welcoming(start)) as here:
        town.skip(minutes=2)
        start.happens(town)
        town.skip(days=1, hours=2)  # nobody told us; it is found when everything is read
        here.turn()
        assert [(row.person, row.offer, row.name) for row in kept(here)] == [(MARIE, OFFER, "Marie Dupont")]
        assert here.subjects(MARIE) == [HELLO]
        start.happens(town)
        here.until_quiet()
        assert len(kept(here)) == 1
        assert here.subjects(MARIE) == [HELLO]


@pytest.mark.parametrize("first", ["checkout paid", "booking of a named event type", "mail to an address"])
def test_of_several_starts_the_first_opens_the_journey_and_the_others_join_it(
    furnished: Town, tmp_path: Path, first: str
) -> None:
    town = furnished
    those = ["checkout paid", "booking of a named event type", "mail to an address"]
    those.sort(key=lambda each: each != first)
    with site(town, tmp_path, **welcoming(*(STARTS[each] for each in those))) as here:
        for number, each in enumerate(those, 1):
            town.skip(minutes=2)
            STARTS[each].happens(town)
            town.skip(minutes=3)
            here.turn()
            assert len(kept(here)) == 1
            assert len(here.subjects(MARIE)) == number
        here.until_quiet()
        assert here.subjects(MARIE) == [HELLO] * 3


def test_a_renewal_starts_nothing(furnished: Town, tmp_path: Path) -> None:
    town = furnished
    before = _subscribed(town)
    town.skip(minutes=2)
    with site(town, tmp_path, **welcoming(STARTS["checkout paid"]), first_run="quiet") as here:
        assert kept(here) == []
        for _ in range(2):
            town.skip(days=32)
            town.account.renew(before["subscription"], at=int(town.clock().timestamp()))
            here.until_quiet()
        assert kept(here) == []
        assert here.subjects(MARIE) == []


def test_a_checkout_that_is_completed_and_not_paid_starts_nothing_until_it_is(furnished: Town, tmp_path: Path) -> None:
    town = furnished
    with site(town, tmp_path, **welcoming(STARTS["checkout paid"])) as here, hearing(town, here) as come:
        bad = town.sell("autre@example.com", "Paul Autre", method="sepa_debit", deliver=True)
        good = town.sell(method="sepa_debit", deliver=True)
        come()
        assert kept(here) == []
        town.skip(days=3)
        town.account.fail_payment_late(bad["charge"], deliver=True)
        town.account.settle_payment(good["charge"], deliver=True)
        come()
        here.until_quiet()
        assert [row.person for row in kept(here)] == [MARIE]
        assert here.subjects("autre@") == []
        assert here.subjects(MARIE) == [HELLO]


def test_another_kind_of_appointment_starts_nothing(furnished: Town, tmp_path: Path) -> None:
    town = furnished
    owner = next(iter(town.calendly.users.values()))["uri"]
    other = town.calendly.add_event_type("Appel découverte", owner)
    with site(town, tmp_path, **welcoming(STARTS["booking of a named event type"])) as here:
        town.skip(minutes=2)
        town.calendly.book(other, CALL.isoformat(), name="Marie Dupont", email=MARIE)
        here.until_quiet()
        assert kept(here) == []


def test_mails_of_machines_and_mails_to_other_addresses_start_nothing(furnished: Town, tmp_path: Path) -> None:
    town = furnished
    with site(town, tmp_path, **welcoming(STARTS["mail to an address"])) as here:
        town.skip(minutes=2)
        _mail(town, To="bonjour@atelier-lila.fr")
        _mail(town, **{"Auto-Submitted": "auto-replied"})
        here.until_quiet()
        assert kept(here) == []


def test_the_order_of_deliveries_plays_no_part(town: Town, tmp_path: Path) -> None:
    starts = (STARTS["checkout paid"], STARTS["booking of a named event type"])
    with site(town, tmp_path, **welcoming(*starts)) as here, hearing(town, here) as come:
        town.calendly.outbox.holding = True
        town.calendly.outbox.duplicate_rate = 1.0
        booking = town.book(CALL)
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=1)).isoformat())
        town.sell(deliver=True)
        town.calendly.release("reversed")
        come()
        here.until_quiet()
        assert len(kept(here)) == 1
        assert here.subjects(MARIE) == [HELLO] * 2


def test_a_journey_by_hand_is_the_one_that_the_payment_finds(furnished: Town, tmp_path: Path) -> None:
    town = furnished
    with site(town, tmp_path, **welcoming(STARTS["checkout paid"])) as here:
        by_hand(here, MARIE, "Marie Dupont")
        here.wake()
        assert here.subjects(MARIE) == [HELLO]
        town.sell()
        here.until_quiet()
        assert len(kept(here)) == 1
        assert here.subjects(MARIE) == [HELLO]


def by_hand(here: Site, person: str, name: str) -> None:
    """What `hub start` keeps."""
    job = here.runtime.jobs["onboarding"]
    assert isinstance(job, OnboardingJob)
    now, id_ = here.town.clock(), journey_id(person, OFFER)
    row = JourneyRow(job=job.name, id=id_, person=person, offer=OFFER, opened_at=now, version=version_of(job),
                     mapping=text_of(job), name=name)  # fmt: skip
    with here.store.write() as conn:
        journeys.open_(conn, "lila", [row])
        journeys.mark(conn, "lila", MarkRow(job=job.name, journey=id_, what="start", at=now))
