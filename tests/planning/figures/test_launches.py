"""Launches: each day's sales by offer and way of paying, and what may still be given back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from hub.core.money import Money, total
from hub.mapping.steering import Launch
from hub.planning.figures.launches import Sale, Way, against, report

PARIS = ZoneInfo("Europe/Paris")


def launch(**said: object) -> Launch:
    return Launch.model_validate(
        {"name": "Printemps", "opens": "2026-03-26", "closes": "2026-03-31", "offers": ["Programme Élan"], **said}
    )


def sale(
    key: str, day: datetime, signed: str = "997", received: str = "997", refunded: str = "0", way: Way = "at once"
) -> Sale:
    money = [Money(Decimal(each), "EUR") for each in (signed, received, refunded)]
    return Sale(key=key, person=f"{key}@example.com", at=day, offer="Programme Élan", way=way,
                signed=money[0], received=money[1], refunded=money[2])  # fmt: skip


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=PARIS).astimezone(UTC)


def test_a_sale_before_local_midnight_belongs_to_that_day() -> None:
    # 2026-03-29 is the day on which the clocks go forward.
    sales = [sale("a", at(29, 23)), sale("b", at(30, 0)), sale("c", at(31, 23)), sale("d", at(1, 0, 4))]
    found = report(launch(), sales, {}, PARIS, at(5, month=4))
    assert [(day.day, [each.key for each in day.sales]) for day in found.days] == [
        (date(2026, 3, 29), ["a"]), (date(2026, 3, 30), ["b"]), (date(2026, 3, 31), ["c"]),
    ]  # fmt: skip


def test_ways_of_paying_and_what_is_received_are_apart() -> None:
    found = report(launch(), [sale("a", at(27)), sale("b", at(27), "999", "333", way="in parts")], {}, PARIS, at(28))
    assert [(day.way, len(day.sales)) for day in found.days] == [("at once", 1), ("in parts", 1)]
    (money,) = found.totals
    assert (money.signed.amount, money.received.amount) == (Decimal(1996), Decimal(1330))


def test_what_may_still_be_given_back_ends_with_the_last_day_of_each_sale() -> None:
    sales = [sale("a", at(27)), sale("b", at(28), refunded="997"), sale("c", at(31))]

    def then(day: int) -> object:
        (money,) = report(launch(), sales, {}, PARIS, at(day, 0, 4)).totals
        return money.refundable.amount, money.final_on

    assert then(10) == (Decimal(1994), date(2026, 4, 15))
    assert then(11) == (Decimal(997), date(2026, 4, 15))
    assert then(15) == (Decimal(0), date(2026, 4, 15))


def test_conversion_is_of_those_who_had_registered() -> None:
    said = launch(registered_from="2026-03-20")
    registered = {
        "a@example.com": [at(21)],
        "x@example.com": [at(22)],
        "y@example.com": [at(19)],
        "z@example.com": [at(1, month=4)],
    }
    found = report(said, [sale("a", at(27)), sale("b", at(27))], registered, PARIS, at(5, month=4))
    assert found.registered == {"a@example.com", "x@example.com"}
    assert found.conversion == Decimal(50)
    assert [each.key for each in found.unregistered] == ["b"]
    assert report(said, [], {}, PARIS, at(28)).conversion is None


def test_it_is_compared_with_the_one_before_day_for_day() -> None:
    before = report(launch(name="Automne", opens="2025-10-01", closes="2025-10-06"),
                    [sale("a", datetime(2025, 10, 1, 9, tzinfo=UTC)), sale("b", datetime(2025, 10, 5, 9, tzinfo=UTC))],
                    {}, PARIS, at(28))  # fmt: skip
    found = against(report(launch(), [sale("c", at(26))], {}, PARIS, at(27)), before)
    assert (found.number, found.sales, found.sales_then) == (2, 1, 1)


@given(
    st.lists(st.tuples(st.integers(20, 31), st.integers(0, 23), st.sampled_from(["at once", "in parts"])), max_size=20)
)
def test_the_days_hold_every_sale_of_the_window_once(found: list[tuple[int, int, Way]]) -> None:
    sales = [sale(str(number), at(day, hour), way=way) for number, (day, hour, way) in enumerate(found)]
    made = report(launch(), sales, {}, PARIS, at(20, month=4))
    inside = {each.key for each in sales if each.at.astimezone(PARIS).date() in launch()}
    assert sorted(each.key for each in made.sales) == sorted(inside)
    assert [money.signed for money in made.totals] == (
        [total("EUR", (each.signed for each in sales if each.key in inside))] if inside else []
    )
