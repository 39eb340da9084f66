"""`hub launch`: what was sold in its window, to whom, and against the one before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.core.types import Record
from tests.cli.mirrored import put
from tests.cli.site import LILA, Boxes, Site
from tests.cli.steering import LAST, PARIS, count, steered, write

OPENS = LAST.start.astimezone(PARIS).date() + timedelta(days=9)
EARLIER = OPENS - timedelta(days=30)
LAUNCHES = f"""\
launches:
  - {{name: Automne, opens: {EARLIER}, closes: {EARLIER + timedelta(days=2)}, offers: [Élan]}}
  - name: Hiver
    opens: {OPENS}
    closes: {OPENS + timedelta(days=2)}
    offers: [élan]
    registrations: [{{from: calendly, event_type: Appel découverte}}]
    goals: {{sales: 4, signed: 1800, registrations: 4}}
    refundable_days: 14
    previous: Automne
"""


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=PARIS).astimezone(UTC)


def booked(key: str, email: str, at: datetime) -> Record:
    fields = {
        "title": "Appel découverte",
        "event_type": {"key": "et_1", "name": "Appel découverte"},
        "starts_at": at + timedelta(days=1),
        "ends_at": at + timedelta(days=1, hours=1),
        "created_at": at,
        "status": "active",
        "who": {"email": email, "name": "Quelqu'une"},
    }
    return Record(stream="booking", key=key, fields=fields, at=at)


@pytest.fixture(scope="module")
def known(boxes: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two sales at once, of which one is given back, one in three parts; another product; one of the launch before."""
    with steered(boxes, tmp_path_factory.mktemp("site")) as site:
        shop = site.shop
        shop.sell(amount=60_000, product="Élan", email="old@example.com", at=noon(EARLIER))
        first = shop.sell(amount=60_000, product="Élan", email="a@example.com", at=noon(OPENS))
        shop.sell(amount=60_000, product="Élan", email="b@example.com", at=noon(OPENS + timedelta(days=1)))
        shop.sell(amount=1_000, product="Guide", email="c@example.com", at=noon(OPENS))
        shop.refund(first["charge"], at=noon(OPENS + timedelta(days=2)))
        price = shop.price(amount=22_000, product="Élan", interval="month", at=noon(EARLIER))["id"]
        buyer = shop.customer(name="Zoé", email="d@example.com", at=noon(OPENS))["id"]
        shop.instalments(customer=buyer, price=price, count=3, at=noon(OPENS + timedelta(days=1)))
        business = site.folder / "mappings" / LILA / "business.yaml"
        business.write_text(business.read_text().replace("connections:\n", "connections:\n  calendly: {}\n"))
        write(site)
        count(site)
        write(site, LAUNCHES)
        people = ("a@example.com", "d@example.com", "e@example.com")
        put(
            site, "calendly", *(booked(f"b{n}", each, noon(OPENS - timedelta(days=3))) for n, each in enumerate(people))
        )
        yield site


def test_a_launch_tells_its_sales_its_money_and_who_of_the_registered_bought(known: Site) -> None:
    told = known.hub("launch", "hiver")

    assert told.code == 0, told.everything
    text = told.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert text.startswith(f"Hiver · du {OPENS:%d/%m/%Y} au {OPENS + timedelta(days=2):%d/%m/%Y} · jour 3 sur 3\n")
    rows = [line.split() for line in text.splitlines() if " Élan " in line]
    assert [row[1:4] for row in rows] == [
        ["Élan", "comptant", "1"],
        ["Élan", "comptant", "1"],
        ["Élan", "en", "plusieurs"],
    ]
    assert "Ventes : 3 sur 4 (75 %)" in text
    assert "Signé : 1 860,00 € sur 1 800,00 € (103 %)" in text
    assert "Remboursé : 600,00 €" in text
    assert "Inscrits : 3 sur 4 (75 %)\nTransformation : 66,7 % (2 sur 3)\n" in text
    assert "Ventes à des personnes non inscrites : 1" in text
    assert "Au même jour de Automne : 3 (1 860,00 €) / 1 (600,00 €)" in text


def test_without_a_name_all_are_told_and_another_name_is_answered(known: Site) -> None:
    every = known.hub("launch")
    assert every.code == 0, every.everything
    assert every.out.index("Automne · du") < every.out.index("Hiver · du")
    assert 'no launch is called Hivre. Did you mean "Hiver"?' in known.hub("launch", "Hivre").err
