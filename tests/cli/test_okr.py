"""`hub okr`: how far each key result is, from figures and from what a person enters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub.store import entries
from tests.cli.mirrored import store_of
from tests.cli.site import LILA, Boxes, Site
from tests.cli.steering import NOW, PARIS, count, inside, quarter_of, steered, write

TODAY = datetime.now(UTC).astimezone(PARIS).date()
OKR = f"""\
okr:
  - objective: Vivre du récurrent
    quarter: {quarter_of(TODAY)}
    key_results:
      - {{name: cash, title: 1 000 € encaissés, figure: cash_in, to: 1000}}
      - {{name: happy, title: Note moyenne, from: 8, to: 9.5}}
  - objective: Il y a longtemps
    quarter: 2020-Q1
    key_results: [{{name: old, title: Vieux, to: 5}}]
"""


@pytest.fixture(scope="module")
def known(boxes: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """250 euros were sold in this quarter."""
    with steered(boxes, tmp_path_factory.mktemp("site")) as site:
        site.shop.sell(amount=25_000, product="Formation", at=inside(NOW, 1))
        write(site, OKR)
        count(site)
        yield site


def test_key_results_are_told_and_what_is_entered_by_hand_counts_at_once(known: Site) -> None:
    first = known.hub("okr")
    assert first.code == 0, first.everything
    text = first.out.replace("\u00a0", " ")
    assert f"Vivre du récurrent · {quarter_of(TODAY).replace('Q', 'T')}" in text
    assert "250,00 €  1 000,00 €  25 %" in text.replace("\u202f", " ")
    assert "Sans valeur" in text

    told = known.hub("okr", "set", "happy", "8,6")

    assert told.code == 0, told.everything
    assert f"Note moyenne : 8,60 le {TODAY:%d/%m/%Y}." in told.out
    assert "40\u00a0%" in told.out
    assert f"saisi le {TODAY:%d/%m/%Y}" in known.hub("okr", LILA).out
    known.hub("okr", "set", "happy", "-1")
    with store_of(known) as store, store.read() as conn:
        (row,) = entries.entered(conn, LILA, "revenue")["happy"]  # the second word of a day stands
    assert (str(row.value), row.day) == ("-1", TODAY)


def test_what_cannot_be_entered_says_why(known: Site) -> None:
    assert (
        "cash is counted from cash_in, nothing is entered. By hand: happy, old."
        in known.hub("okr", "set", "cash", "5").err
    )
    assert 'is called happi. Did you mean "happy"?' in known.hub("okr", "set", "happi", "5").err
    assert "old is of 2020-Q1, which is not now" in known.hub("okr", "set", "old", "5").err
    nonsense = known.hub("okr", "set", "happy", "beaucoup")
    assert nonsense.code == 2
    assert "beaucoup is no number" in nonsense.err
