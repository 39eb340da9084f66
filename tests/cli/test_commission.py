"""`hub commission`: a draft of what is due, frozen once, and never another afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hub.store import entries
from tests.cli.mirrored import store_of
from tests.cli.site import LILA, Boxes, Site
from tests.cli.steering import BEFORE, LAST, NOW, PARIS, count, inside, steered, write

DEAL = f"""\
commissions:
  claire: {{who: obm, base: cash_in_net, rate: 10 %, fixed: 100, starts: {BEFORE.start.astimezone(PARIS).date()}}}
"""


@pytest.fixture(scope="module")
def known(boxes: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A sale of 1,200 euros in each of two months, 1,000 without tax."""
    with steered(boxes, tmp_path_factory.mktemp("site")) as site:
        for month in (BEFORE, LAST):
            site.shop.sell(
                amount=120_000, product="Formation", name="Marie Dupont", email="marie@example.com", at=inside(month)
            )
        write(site, DEAL)
        count(site)
        yield site


def test_a_statement_is_drafted_frozen_and_stays_and_what_is_heard_later_is_on_the_next(known: Site) -> None:
    draft = known.hub("commission")
    assert draft.code == 0, draft.everything
    number = f"claire-{BEFORE.label[:4]}-001"
    text = draft.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert re.search(
        rf"^Projet de relevé claire-{LAST.label[:4]}-001 \(pas figé\) · Claire · {LAST.label}$", text, re.M
    )
    assert "1 000,00 €  M. D.\n" in text
    assert (
        "Base (Encaissements HT) : 1 000,00 €\nPart fixe : 100,00 €\nCommission : 100,00 €\nÀ payer : 200,00 €" in text
    )
    assert "Dupont" not in text
    assert "marie@" not in text

    frozen = known.hub("commission", BEFORE.label, "--freeze")
    assert frozen.code == 0, frozen.everything
    assert f"Relevé de commission {number} · Claire · {BEFORE.label}" in frozen.out
    again = known.hub("commission", BEFORE.label, "--freeze")
    assert again.code == 2
    assert f"The statement of {BEFORE.label} is made already ({number}), which never changes." in again.err

    # A sale of the frozen month that is heard of only now.
    known.shop.sell(amount=60_000, product="Formation", name="Zoé", at=inside(BEFORE, 20))
    assert known.hub("backfill", "--again").code == 0
    assert known.hub("sync").code == 0
    stays = known.hub("commission", BEFORE.label).out.replace("\u00a0", " ").replace("\u202f", " ")
    assert "À payer : 200,00 €" in stays
    assert "donne 1 500,00 € de base ; l'écart ira au prochain relevé" in stays
    later = known.hub("commission", LAST.label, "--freeze").out.replace("\u00a0", " ").replace("\u202f", " ")
    assert f"Ajustement de {BEFORE.label} (base 500,00 €) : 50,00 €\nÀ payer : 250,00 €" in later
    with store_of(known) as store, store.read() as conn:
        rows = entries.frozen(conn, LILA, "revenue")
    assert [row.month for row in rows] == [BEFORE.label, LAST.label]


def test_a_month_that_runs_or_that_no_agreement_covers_is_not_frozen(known: Site) -> None:
    running = known.hub("commission", NOW.label, "--freeze")
    assert running.code == 2
    assert f"{NOW.label} is not over" in running.err
    assert "No agreement runs in 2001-01: claire from" in known.hub("commission", "2001-01").err
    assert "2001-13 is no month" in known.hub("commission", "2001-13").err
    assert "no agreement is called paul. There are: claire" in known.hub("commission", "--agreement", "paul").err
