"""What a figure of the month that runs is compared with: as much of last month, its end or all of it, and says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.planning.figure import Figure, ProofLine, added, value_of
from hub.planning.figures.names import FIGURES
from hub.planning.page_trend import Before, before, trend
from tests.planning.make import NOW, eur, utc

PARIS = ZoneInfo("Europe/Paris")


def paid(amount: str, at: str | datetime, what: str = "charge", part: Any = "") -> ProofLine:
    when = utc(at) if isinstance(at, str) else at
    return ProofLine(f"{what}/{at}", what, eur(amount), when, part=part)


def figure(name: str, *lines: ProofLine, period: str = "2026-11", **more: Any) -> Figure:
    unit = FIGURES[name].unit
    currency = "EUR" if unit in ("money", "percent") else ""
    value = more.pop("value", value_of(unit, lines, currency))
    return Figure(
        figure=name,
        period=period,
        currency=currency,
        value=value,
        unit=unit,
        lines=lines,
        estimated=more.pop("estimated", False),
        closed=period < "2026-11",
    )


def told(now: Figure, last: Figure | None, language: Any = "fr", *, at: datetime = NOW, since: Any = None) -> str:
    then = before(now, last, at, PARIS, since)
    text = "" if then is None else trend(now, then, language)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


OCTOBER = (paid("300", "2026-10-05"), paid("100", "2026-10-21T08:59"), paid("5000", "2026-10-21T09:00"))


def test_what_happened_is_compared_with_last_month_until_the_same_local_day_and_time() -> None:
    # 11:00 in Paris is 10:00 UTC in November and 09:00 UTC on 21 October.
    now, last = figure("cash_in", paid("500", "2026-11-03")), figure("cash_in", *OCTOBER, period="2026-10")
    assert told(now, last) == "↗ +25 % (400,00 € le mois dernier à la même date)"
    assert told(now, last, "en") == "↗ +25% (€400.00 by the same date last month)"


def test_what_there_is_now_is_compared_with_the_end_of_last_month() -> None:
    line = paid("2163", "2024-01-01", "subscription")
    now, last = figure("mrr", paid("2000", "2024-01-01", "subscription")), figure("mrr", line, period="2026-10")
    assert told(now, last) == "↘ −8 % (2 163,00 € à la fin du mois dernier)"
    assert told(last, last, "en") == "→ €2,163.00 at the end of last month"


def test_where_nothing_says_when_it_happened_all_of_last_month_is_shown_without_a_trend() -> None:
    # A customer who left in October is proved by what she began long before.
    last = figure("mrr_churn_voluntary", paid("90", "2024-01-01", "customer"), period="2026-10")
    assert told(figure("mrr_churn_voluntary"), last) == "90,00 € sur tout le mois dernier"
    # What falls due in days to come is counted in the month that runs.
    due = [
        figure("instalments_due", paid("90", f"2026-{month}-28", "invoice"), period=f"2026-{month}")
        for month in (10, 11)
    ]
    assert told(due[1], due[0], "en") == "€90.00 in the whole of last month"


def test_a_rate_is_counted_again_until_that_date_and_moves_in_points() -> None:
    def rate(month: int, *refunds: ProofLine) -> Figure:
        charges = [paid("10", utc(f"2026-{month}-01T10:00") + timedelta(hours=n), "charge", "per") for n in range(24)]
        return figure("refund_rate", *refunds, *charges, period=f"2026-{month}")

    early, late = (paid("12", f"2026-10-{day}", "refund", "of") for day in (10, 25))
    now = rate(11, paid("24", "2026-11-12", "refund", "of"))
    assert told(now, rate(10, early, late)) == "↗ +5,0 pt (5,0 % le mois dernier à la même date)"


def test_there_is_no_trend_of_a_rate_that_was_of_few_things_by_then() -> None:
    charges = [paid("10", utc("2026-10-01") + timedelta(days=n), "charge", "per") for n in range(30)]
    last = figure("refund_rate", *charges, period="2026-10")
    now = figure(
        "refund_rate", *[paid("10", utc("2026-11-01") + timedelta(hours=n), "charge", "per") for n in range(30)]
    )
    assert told(now, last, at=utc("2026-11-10T10:00")) == ""
    assert told(now, last, at=utc("2026-11-28T10:00")) == "→ 0,0 % le mois dernier à la même date"


@pytest.mark.parametrize(
    "last",
    [
        None,
        figure("cash_in", *OCTOBER, period="2026-09"),  # not the month before
        figure("cash_in", *OCTOBER),  # not over
    ],
)
def test_without_a_closed_month_just_before_there_is_no_trend(last: Figure | None) -> None:
    assert told(figure("cash_in", paid("500", "2026-11-03")), last) == ""


def test_a_month_that_was_read_only_from_some_day_on_is_nothing_to_compare_with() -> None:
    now, last = figure("cash_in", paid("500", "2026-11-03")), figure("cash_in", *OCTOBER, period="2026-10")
    assert told(now, last, since=date(2026, 10, 15)) == ""
    assert told(now, last, since=date(2026, 10, 1)) != ""


def test_from_nothing_there_is_no_percentage_and_counts_move_in_things() -> None:
    now, none = figure("cash_in", paid("500", "2026-11-03")), figure("cash_in", period="2026-10")
    assert told(now, none) == "0,00 € le mois dernier à la même date"
    call = ProofLine("c", "call", Decimal(1), utc("2026-11-02"))
    assert (
        told(figure("calls_held", call), figure("calls_held", period="2026-10"))
        == "↗ +1 (0 le mois dernier à la même date)"
    )


def test_an_estimated_past_is_said_to_be_one() -> None:
    line = paid("90", "2024-01-01", "subscription")
    last = figure("mrr", line, period="2026-10", estimated=True)
    assert told(figure("mrr", line), last) == "→ 90,00 € à la fin du mois dernier, estimé"
    assert told(figure("mrr", line, estimated=True), last) == "→ 90,00 € à la fin du mois dernier"


@settings(deadline=None)
@given(st.integers(0, 29 * 24 * 60), st.lists(st.integers(0, 31 * 24 * 60 - 1), max_size=8))
def test_nothing_that_came_later_last_month_is_in_what_it_is_compared_with(minutes: int, came: list[int]) -> None:
    at = utc("2026-10-31T23:00") + timedelta(minutes=minutes)
    lines = [paid("1", utc("2026-09-30T22:00") + timedelta(minutes=each)) for each in came]
    then = before(figure("cash_in"), figure("cash_in", *lines, period="2026-10"), at, PARIS, None)
    local = at.astimezone(PARIS).replace(month=10, tzinfo=None)
    assume((local.day, local.hour) != (25, 2))  # an hour that there was twice
    assert then == Before(
        eur(str(added(line for line in lines if line.at.astimezone(PARIS).replace(tzinfo=None) < local))),
        "money",
        "so_far",
        False,
    )
