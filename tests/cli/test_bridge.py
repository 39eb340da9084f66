"""`hub bridge`: why another tool says another number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.site import Boxes, Site
from tests.cli.steering import BEFORE, LAST, NOW, count, inside, steered, write


@pytest.fixture(scope="module")
def known(boxes: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A club of 50 euros a month, and a programme of 3 times 300."""
    with steered(boxes, tmp_path_factory.mktemp("site")) as site:
        shop = site.shop
        club = shop.price(amount=5_000, product="Club", interval="month", at=BEFORE.start)["id"]
        programme = shop.price(amount=30_000, product="Programme", interval="month", at=BEFORE.start)["id"]
        for name in ("Nora", "Zoé"):
            buyer = shop.customer(name=name, email=f"{name.lower()[:1]}@example.com", at=BEFORE.start)["id"]
            if name == "Nora":
                shop.subscribe(customer=buyer, price=club, at=inside(NOW, 1))
            else:
                shop.instalments(customer=buyer, price=programme, count=3, at=inside(NOW, 1))
        sold = shop.sell(amount=30_000, product="Formation", at=inside(LAST, 5))
        shop.refund(sold["charge"], amount=10_000, at=inside(LAST, 8))
        write(site)
        count(site)
        yield site


def test_instalments_explain_the_number_of_stripe_to_the_cent(known: Site) -> None:
    told = known.hub("bridge", "mrr", NOW.label, "--theirs", "350")

    assert told.code == 0, told.everything
    text = told.out.replace("\u00a0", " ")
    assert "Notre chiffre : 50,00 €\nLeur chiffre : 350,00 €\nÉcart : +300,00 €" in text
    assert "Ensemble, ces causes font l'écart, au centime près :\n  Paiements en plusieurs fois" in text
    assert "https://dashboard.stripe.com/test/subscriptions/sub_" in text
    assert "Inexpliqué : 0,00 €" in text


def test_what_no_cause_explains_is_shown_and_words_that_are_no_amount_are_refused(known: Site) -> None:
    text = known.hub("bridge", "cash_in", LAST.label, "--theirs", "200,01").out.replace("\u00a0", " ")
    assert "Inexpliqué : +0,01 €" in text
    assert "  Remboursements (1 ligne) : +100,00 €" in text
    gross = known.hub("bridge", "cash_in", LAST.label, "--theirs", "300").out.replace("\u00a0", " ")
    assert "Ensemble, ces causes font l'écart, au centime près :\n  Remboursements (1 ligne) : +100,00 €" in gross

    assert "1.200,50 can be read in two ways" in known.hub("bridge", "mrr", NOW.label, "--theirs", "1.200,50").err
    assert "Only amounts that other tools count too" in known.hub("bridge", "trials", NOW.label, "--theirs", "3").err
    unknown = known.hub("bridge", "mrr", "1999-01", "--theirs", "3")
    assert unknown.code == 2
    assert "mrr of 1999-01 in EUR is not known" in unknown.err
