"""`hub paid`: payments outside Stripe are lines of the file, counted, explained, sold in launches, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.cli.paid_lines import lines_of, with_payment, without_payment
from tests.cli.site import LILA, Boxes, Site
from tests.cli.steering import LAST, PARIS, count, inside, steered, write

DAY = LAST.start.astimezone(PARIS).date() + timedelta(days=9)
LAUNCH = f"""\
  - {{figure: paid_outside, title: Payé hors Stripe}}
launches:
  - {{name: Hiver, opens: {DAY}, closes: {DAY}, offers: [Élan]}}
"""


@pytest.fixture
def known(boxes: Boxes, tmp_path: Path) -> Iterator[Site]:
    """One sale through Stripe, and an invoice that was paid outside of it."""
    with steered(boxes, tmp_path) as site:
        site.shop.sell(amount=10_000, product="Élan", at=inside(LAST))
        buyer = site.shop.customer(name="Zoé", email="zoe@example.com", at=inside(LAST, 2))["id"]
        bill = site.shop.invoice(customer=buyer, amount=20_000, description="Élan", at=inside(LAST, 3))
        site.shop.invoice_paid_outside(bill, at=inside(LAST))
        write(site, LAUNCH)
        yield site


def file_of(site: Site) -> Path:
    return site.folder / "mappings" / LILA / "revenue.yaml"


def test_a_payment_is_entered_counted_explained_sold_and_taken_back(known: Site) -> None:
    before = file_of(known).read_text()
    more = ("--offer", "Élan", "--client", "ada@example.com", "--how", "cheque", "--note", "acompte: 1")

    added = known.hub("paid", "add", "1 500,50 €", "--day", DAY.isoformat(), *more)

    assert added.code == 0, added.everything
    assert f"Noté dans revenue.yaml : 1\u202f500,50\u00a0€ le {DAY:%d/%m/%Y}, n° {DAY}/1." in added.out
    line = (
        f'- {{day: {DAY}, amount: 1500.50 EUR, how: cheque, offer: Élan, client: ada@example.com, note: "acompte: 1"}}'
    )
    assert file_of(known).read_text() == f"{before}\npaid_outside:\n  {line}\n"
    listed = known.hub("paid")
    assert f"{DAY}/1" in listed.out
    assert f"revenue.yaml:{len(before.splitlines()) + 3}" in listed.out

    count(known)
    told = known.hub("why", "paid_outside", LAST.label).out.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Payé hors Stripe" in told
    assert f"{DAY}/1" in told
    assert "chèque" in told
    assert "revenue.yaml · Élan · acompte: 1" in told
    assert "Total : 1 700,50 €" in told
    cash = known.hub("why", "cash_in", LAST.label).out.replace("\u00a0", " ")
    assert "Total : 100,00 €" in cash

    launch = known.hub("launch").out.replace("\u00a0", " ").replace("\u202f", " ")
    rows = [" ".join(row.split()[1:]) for row in launch.splitlines() if " Élan " in row]
    assert rows == ["Élan comptant 1 100,00 €", "Élan hors Stripe 2 1 700,50 €"]
    assert "Encaissé : 1 800,50 €" in launch

    removed = known.hub("paid", "remove", DAY.isoformat())
    assert removed.code == 0, removed.everything
    assert file_of(known).read_text() == f"{before}\n"
    assert "aucun paiement hors Stripe" in known.hub("paid", LILA).out


def test_what_cannot_be_says_why(known: Site) -> None:
    today = datetime.now(UTC).astimezone(PARIS).date()
    first = ("paid", "add", "500", "--day", DAY.isoformat())
    known.hub(*first)
    line = lines_of(file_of(known).read_text())[0]
    again = known.hub(*first)
    assert again.code == 2
    assert f"line {line} says the same already" in again.err
    assert known.hub(*first, "--note", "second of two").code == 0
    assert "has not come yet" in known.hub("paid", "add", "5", "--day", f"{today + timedelta(days=1)}").err
    for wrong in (("5", "EUX"), ("0",)):
        assert "is no amount above 0 of a known currency" in known.hub("paid", "add", *wrong).err
    assert "1.500 can be read in two ways" in known.hub("paid", "add", "1.500").err
    several = known.hub("paid", "remove", DAY.isoformat())
    assert several.code == 2
    assert f"has several payments {DAY}. Say which: {DAY}/1, {DAY}/2." in several.err
    assert "has no payment 1999-01-01" in known.hub("paid", "remove", "1999-01-01").err
    assert "no job that counts figures is called other" in known.hub("paid", "add", "5", "--job", "other").err
    text = file_of(known).read_text()
    file_of(known).write_text(text.replace("500 EUR}", "500 EUX}"))
    broken = known.hub("paid", "add", "5")
    assert broken.code == 2
    assert f"revenue.yaml:{line}:" in broken.everything
    assert "500 EUX" in broken.everything


SAID = {"day": "2026-11-03", "amount": "500 EUR"}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("hub: 1", "hub: 1\n\npaid_outside:\n  - {day: 2026-11-03, amount: 500 EUR}\n"),
        ("paid_outside:\nhub: 1\n", "paid_outside:\n  - {day: 2026-11-03, amount: 500 EUR}\nhub: 1\n"),
        (
            "paid_outside:   # ours\n- day: 2026-10-01\n  amount: 1 EUR   # one\n\n# two\nhub: 1\n",
            "paid_outside:   # ours\n- day: 2026-10-01\n  amount: 1 EUR   # one\n"
            "- {day: 2026-11-03, amount: 500 EUR}\n\n# two\nhub: 1\n",
        ),
        (
            "a: 1\r\npaid_outside:\r\n    - {day: 2026-10-01, amount: 1 EUR}",
            "a: 1\r\npaid_outside:\r\n    - {day: 2026-10-01, amount: 1 EUR}\r\n"
            "    - {day: 2026-11-03, amount: 500 EUR}\r\n",
        ),
    ],
)
def test_a_line_is_added_after_the_others_and_taken_out_again_and_nothing_else_is_touched(
    text: str, after: str
) -> None:
    assert with_payment(text, SAID) == after
    back = without_payment(after, len(lines_of(after)) - 1)
    assert back is not None
    assert back.split() == [word for word in text.split() if lines_of(text) or word != "paid_outside:"]


@pytest.mark.parametrize("text", ["paid_outside: [{day: 2026-10-01, amount: 1 EUR}]\n", "paid_outside: []\n", "- a\n"])
def test_a_list_on_one_line_is_left_to_the_person(text: str) -> None:
    assert with_payment(text, SAID) is None
    assert without_payment(text, 0) is None


def test_the_first_of_several_is_taken_out_with_all_its_lines() -> None:
    text = "paid_outside:\n  - day: 2026-10-01\n    amount: 1 EUR\n  - {day: 2026-10-02, amount: 2 EUR}\nhub: 1\n"
    assert without_payment(text, 0) == "paid_outside:\n  - {day: 2026-10-02, amount: 2 EUR}\nhub: 1\n"
