"""The charts of the CEO's page: which figures, over which months, and the same in every way of showing them."""

from __future__ import annotations

from decimal import Decimal

from hub.core.types import Ref
from hub.planning.figure import Figure
from hub.planning.page_charts import chart, trends
from tests.planning.make import business, config, job
from tests.planning.test_page import figure

COLUMNS = {"period": "Période", "currency": "Devise", "series": "Série", "value": "Valeur"}
MONTHS = [f"2025-{n:02d}" for n in range(9, 13)] + [f"2026-{n:02d}" for n in range(1, 12)]


def months(name: str, **more: object) -> list[Figure]:
    return [figure(name, str(1000 + 100 * n), period, **more) for n, period in enumerate(MONTHS)]


WANTED = job(figures=[config("cash_in", "3000"), config("mrr"), config("overdue")])


def test_the_first_three_figures_that_have_a_past_are_shown_over_twelve_months() -> None:
    found = trends([*months("cash_in"), *months("mrr"), figure("overdue", "5")], WANTED, business())
    assert [(each.key, each.kind, each.target) for each in found] == [
        ("cash_in", "column", Decimal(3000)),
        ("mrr", "line", None),
    ]
    assert [each.period for each in found[0].figures] == MONTHS[-12:]
    assert not found[0].figures[-1].closed


def test_another_currency_has_no_chart_of_its_own() -> None:
    (one,) = trends([*months("cash_in"), *months("cash_in", currency="USD")], WANTED, business())
    assert {each.currency for each in one.figures} == {"EUR"}


def test_every_way_of_showing_it_says_the_same() -> None:
    (one, _) = trends([*months("cash_in"), *months("mrr")], WANTED, business())
    made = chart(one, business(), Ref("table"), COLUMNS, picture=True)
    assert (made.table, made.x, made.y) == ("table", "Période", "Valeur")
    assert made.only == {"Série": "Encaissements", "Devise": "EUR"}
    assert (made.target, made.target_label) == (Decimal(3000), "objectif 3\u202f000\u00a0€")
    assert made.picture is not None
    assert made.picture.startswith(b"\x89PNG")
    assert made.says == "nov. 2\u202f400,00\u00a0€, objectif 3\u202f000\u00a0€"
    assert made.text == "▓▓▓▓▓▓▓▓░░ 80\u00a0% · nov. 2\u202f400,00\u00a0€ · objectif 3\u202f000\u00a0€"


def test_without_a_target_the_text_is_the_last_three_months() -> None:
    (one,) = trends(months("mrr"), WANTED, business(language="en"))
    made = chart(one, business(language="en"), Ref("table"), COLUMNS, picture=False)
    (aimed,) = trends(months("mrr"), job(figures=[config("mrr", "12000")]), business(language="en"))
    target = chart(aimed, business(language="en"), Ref("table"), COLUMNS, picture=False).target_label
    assert target == "target €12,000"
    assert made.text == "Sep €2,200.00 → Oct €2,300.00 → Nov €2,400.00"
    assert made.picture is None


def test_a_file_that_has_the_hub_write_no_value_leaves_nothing_to_draw_from() -> None:
    (one,) = trends(months("mrr"), WANTED, business())
    fewer = {name: column for name, column in COLUMNS.items() if name != "value"}
    assert chart(one, business(), Ref("table"), fewer, picture=False).table == ""


def test_what_it_shows_is_another_when_a_value_or_the_target_is_and_only_then() -> None:
    (one,) = trends(months("mrr"), WANTED, business())
    (same,) = trends(list(reversed(months("mrr"))), WANTED, business())
    (other,) = trends([*months("mrr")[:-1], figure("mrr", "1")], WANTED, business())
    (aimed,) = trends(months("mrr"), job(figures=[config("mrr", "5000")]), business())
    assert one.content == same.content
    assert len({one.content, other.content, aimed.content}) == 3
