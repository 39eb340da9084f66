"""Totals of several currencies: movements at the rates with which the month began, and what the rates did since."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.types import Record
from hub.mapping.figure_names import MOVEMENTS
from hub.planning.counted import Around, Counted
from hub.planning.desired import desired
from hub.planning.figures.currencies import read_rates
from hub.planning.revenue import count
from tests.planning.make import NOW, business, config, item, job, price, subscription, utc, view

RATES = "Date,USD,GBP,JPY\n2026-11-20,1.25,0.8,160\n2026-10-30,1.00,0.9,150\n2026-09-30,1.00,0.7,140\n"
OUT = {"mrr_contraction", "mrr_churn_voluntary", "mrr_churn_involuntary"}


def counted(*records: Record, rates: str = RATES) -> Counted:
    wanted = job(figures=[config("mrr"), *(config(name) for name in MOVEMENTS)])
    return count(view(*records), wanted, business(), NOW, Around(rates=read_rates(rates)))


def of(found: Counted, period: str) -> dict[str, Any]:
    return {each.figure: each.value.amount for each in found.totals if each.period == period and each.value}


def sub(key: str, amount: str, currency: str, created: str, **more: Any) -> Record:
    about = {"who": {"key": f"cus_{key}"}, "currency": currency, "created": utc(created), **more}
    return subscription(key, [item(price(amount, currency=currency))], **about)


TWO = (sub("sub_1", "100", "EUR", "2026-09-05"), sub("sub_2", "100", "USD", "2026-09-05"))


def test_movements_are_at_the_rates_of_the_start_and_the_rest_is_the_effect_of_the_rates() -> None:
    found = counted(*TWO, sub("sub_3", "50", "USD", "2026-11-05"))
    october, november = of(found, "2026-10"), of(found, "2026-11")
    assert (october["mrr"], november["mrr"]) == (200, 220)
    assert (november["mrr_new"], november["mrr_currency_effect"]) == (50, -30)
    (effect,) = [each for each in found.totals if (each.figure, each.period) == ("mrr_currency_effect", "2026-11")]
    assert effect.lines[-1].note.endswith(" USD × (0.8 (2026-11-20) − 1 (2026-10-30))")


def test_the_page_says_what_the_rates_did_to_recurring_revenue() -> None:
    wanted = job(figures=[config("mrr"), *(config(name) for name in MOVEMENTS)])
    found = counted(*TWO)

    def told(language: Any) -> str:
        shown = desired(found.figures, wanted, business(language=language), NOW, counted=found)[0]
        (tile,) = [row for row in shown.rows if row.key == "tile/mrr"]
        return str(tile.values["text"]).replace("\u00a0", " ")

    assert "et 100,00 $ · en tout 180,00 € au cours BCE du 20/11/2026 · effet de change du mois −20,00 €" in told("fr")
    assert "€180.00 in all at the ECB rate of 2026-11-20 · currency effect of the month −€20.00" in told("en")


def test_without_a_rate_at_both_ends_there_is_no_effect() -> None:
    found = counted(*TWO, rates="Date,USD\n2026-11-20,1.25\n")
    (effect,) = [each for each in found.totals if (each.figure, each.period) == ("mrr_currency_effect", "2026-11")]
    assert (effect.value, effect.missing) == (None, ("USD",))


SUBS = st.tuples(
    st.sampled_from(("EUR", "USD", "GBP")), st.integers(1, 400), st.integers(0, 300), st.none() | st.integers(1, 200)
)


@settings(deadline=None, max_examples=60)
@given(st.lists(SUBS, min_size=2, max_size=7), st.lists(st.integers(50, 150), min_size=24, max_size=24))
def test_the_totals_of_every_month_lead_from_that_of_the_month_before_to_its_own(
    subs: list[tuple[str, int, int, int | None]], rates: list[int]
) -> None:
    records = []
    for n, (currency, amount, day, lasts) in enumerate(subs):
        begun = utc("2026-01-10") + timedelta(days=day)
        ended = None if lasts is None or begun + timedelta(days=lasts) > NOW else begun + timedelta(days=lasts)
        about = {"status": "active" if ended is None else "canceled", "ended_at": ended, "canceled_at": ended}
        records.append(sub(f"sub_{n}", str(amount), currency, begun.isoformat()[:10], **about))
    days = [f"2026-{month:02}-01,{rates[2 * month - 2] / 100},{rates[2 * month - 1] / 100}" for month in range(1, 12)]
    found = counted(*records, rates="\n".join(["Date,USD,GBP", "2025-12-01,1.1,0.9", *days]))
    periods = sorted({each.period for each in found.totals if each.figure == "mrr"})
    for before, after in pairwise(periods):
        start, end = of(found, before), of(found, after)
        moved = sum(-end[name] if name in OUT else end[name] for name in MOVEMENTS)
        assert abs(start["mrr"] + moved - end["mrr"]) < Decimal("0.000001")
