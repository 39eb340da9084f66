"""`hub figures` and `hub why FIGURE PERIOD --against PERIOD`: what is known, what was, and why it is another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hub.core.money import Money
from hub.store import figure_memory, figures
from tests.cli.mirrored import store_of
from tests.cli.site import LILA, Boxes, Site
from tests.cli.steering import BEFORE, LAST, NOW, count, inside, steered, write


@pytest.fixture(scope="module")
def known(boxes: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two sales of last month, of which one is given back, and one of the month before."""
    with steered(boxes, tmp_path_factory.mktemp("site")) as site:
        shop = site.shop
        shop.sell(amount=10_000, product="Formation", at=inside(BEFORE))
        sold = shop.sell(amount=30_000, product="Formation", at=inside(LAST, 5))
        shop.sell(amount=20_000, product="Formation", at=inside(LAST, 6))
        shop.refund(sold["charge"], amount=10_000, at=inside(LAST, 8))
        price = shop.price(amount=5_000, product="Club", interval="month", at=BEFORE.start)["id"]
        buyer = shop.customer(name="Nora", email="nora@example.com", at=BEFORE.start)["id"]
        shop.subscribe(customer=buyer, price=price, at=inside(LAST, 3))
        write(site)
        count(site)
        yield site


def test_a_proof_leads_to_stripe_and_adds_up(known: Site) -> None:
    told = known.hub("why", "cash_in", LAST.label)

    assert told.code == 0, told.everything
    text = told.out.replace("\u00a0", " ")
    assert text.startswith(f"Encaissements · {LAST.label} · EUR : 450,00 €\nPaiements reçus")
    assert text.count("https://dashboard.stripe.com/test/payments/pi_") == 4
    assert "Total : 450,00 €" in text
    assert "https://dashboard.stripe.com/test/subscriptions/sub_" in known.hub("why", "mrr", LAST.label).out


def test_the_change_is_explained_line_by_line_until_nothing_is_left(known: Site) -> None:
    told = known.hub("why", "cash_in", LAST.label, "--against", BEFORE.label)

    assert told.code == 0, told.everything
    text = told.out.replace("\u00a0", " ")
    assert f"{LAST.label} contre {BEFORE.label} · EUR : 100,00 € → 450,00 €" in text
    assert f"Seulement en {LAST.label} (4 lignes) : +450,00 €" in text
    assert f"Seulement en {BEFORE.label}, donc en moins (1 ligne) : −100,00 €" in text
    assert "Évolution : +350,00 €\nSomme des lignes : +350,00 €\nInexpliqué : 0,00 €" in text

    rate = known.hub("why", "refund_rate", LAST.label, "--against", BEFORE.label).out.replace("\u00a0", " ")
    assert "0,0 % → 18,2 %" in rate
    assert "Inexpliqué : 0,00 pt" in rate
    both = known.hub("why", "mrr", NOW.label, "--against", LAST.label).out.replace("\u00a0", " ")
    assert "Inexpliqué : 0,00 €" in both


def test_a_month_that_is_not_known_or_words_that_say_nothing_are_refused(known: Site) -> None:
    unknown = known.hub("why", "cash_in", LAST.label, "--against", "1999-01")
    assert unknown.code == 2
    assert "cash_in of 1999-01 is not known. There are:" in unknown.err
    assert known.hub("why", "cash_in", "--against", LAST.label).code == 2
    tasks = known.hub("why", "overdue_count", LAST.label, "--against", BEFORE.label)
    assert "only figures of money are compared" in tasks.err


def test_every_figure_stands_beside_its_months(known: Site) -> None:
    told = known.hub("figures", "--months", "3")

    assert told.code == 0, told.everything
    lines = told.out.replace("\u00a0", " ").splitlines()
    assert lines[0] == "Atelier Lila · Ce qui est su aujourd'hui"
    assert lines[2].split()[-3:] == [BEFORE.label, LAST.label, NOW.label]
    (cash,) = [line for line in lines if line.startswith("Encaissements ") and " cash_in " in line]
    assert [each.strip() for each in cash.split("cash_in")[1].split("€")][:2] == ["100,00", "450,00"]
    assert "≈ estimé" in told.out


def test_what_was_known_on_a_day_is_told_with_what_changed_since_and_why(known: Site) -> None:
    before = (datetime.now(UTC) - timedelta(days=2)).date()
    with store_of(known) as store, store.write() as conn:
        (row,) = figures.get(conn, LILA, "cash_in", LAST.label)
        then = figures.FigureRow(
            figure=row.figure, period=row.period, currency=row.currency, value=Money(Decimal(400), "EUR"),
            unit=row.unit, proof=(), estimated=False, counted_at=row.counted_at,
        )  # fmt: skip
        figure_memory.keep(conn, LILA, "revenue", [then], before, "rules-1", datetime.now(UTC))
        today = datetime.now(UTC).date()
        why = {("cash_in", LAST.label, "EUR"): "un paiement lu plus tard"}
        figure_memory.keep(conn, LILA, "revenue", [row], today, "rules-1", datetime.now(UTC), why)

    told = known.hub("figures", "--as-of", before.isoformat())

    assert told.code == 0, told.everything
    text = told.out.replace("\u00a0", " ")
    assert text.startswith(f"Atelier Lila · Ce qui était su le {before:%d/%m/%Y}\n")
    assert "400,00 €" in text
    assert f"  Encaissements {LAST.label} : 400,00 € alors, 450,00 € aujourd'hui (un paiement lu plus tard)\n" in text
    proof = known.hub("why", "cash_in", LAST.label).out
    assert "Compté selon les règles d'alors : celles du fichier ont changé depuis." in proof  # those of rules-1
    never = known.hub("figures", "--as-of", "2001-01-01")
    assert never.code == 2
    assert "nothing was known on 2001-01-01 yet" in never.err


def test_a_proof_says_why_a_month_that_was_over_is_another_now(known: Site) -> None:
    assert "un paiement lu plus tard" not in known.hub("why", "cash_in", LAST.label).out
    today = datetime.now(UTC).date()
    with store_of(known) as store, store.write() as conn:
        (row,) = figures.get(conn, LILA, "customers", LAST.label)
        (before,) = [each for each in figure_memory.history(conn, LILA, "customers", LAST.label) if each.day <= today]
        why = {("customers", LAST.label, row.currency): "redressé : était 0"}
        figure_memory.keep(conn, LILA, "revenue", [row], today, before.rules, datetime.now(UTC), why)

    told = known.hub("why", "customers", LAST.label)

    assert told.code == 0, told.everything
    assert f"\nRedressé : était 0 (depuis le {today:%d/%m/%Y}).\n" in told.out
    other = known.hub("why", "customers", NOW.label)
    assert "Redressé" not in other.out
