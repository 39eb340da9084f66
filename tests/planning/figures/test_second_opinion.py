"""Two programs that know nothing of each other count the same figures of random businesses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from hub.core.errors import HubError
from hub.core.money import Money
from hub.planning.figure import Figure
from hub.planning.figures.names import FIGURES
from hub.planning.prices import PLACES
from tests.planning.figures import oracle
from tests.planning.figures.businesses import Made, made
from tests.planning.figures.planned import planned

SEEDS = int(os.environ.get("TEST_FIGURE_SEEDS", "60"))
GROUPS = 20
NEAR = Fraction(1, 10 ** (PLACES - 4))
"""An exact fraction becomes a decimal of so many places in each line of a proof; some hundred lines are added."""

CALLS = {"calls_booked", "calls_held", "calls_cancelled", "calls_missed", "show_rate", "call_sales"}
"""Figures of appointments: they are not counted from what Stripe says, and have tests of their own."""

Key = tuple[str, str, str]


def number(figure: Figure | None) -> Fraction | None:
    """Its value without its currency. A figure that is not there is nothing."""
    if figure is None or figure.value is None:
        return None
    return Fraction(figure.value.amount if isinstance(figure.value, Money) else figure.value)


def agree(ours: Fraction | None, theirs: Fraction | None, *, is_rate: bool) -> bool:
    """None is no number; where things are added up, nothing of a currency and zero of it are the same."""
    if is_rate and (ours is None or theirs is None):
        return ours is theirs
    one, other = ours or Fraction(0), theirs or Fraction(0)
    return abs(one - other) <= NEAR * max(abs(one), abs(other), Fraction(1))


def disagreements(of: Made) -> dict[Key, tuple[Fraction | None, Fraction | None]]:
    """Figure, period, currency -> what the planner says and what the oracle says, where they differ."""
    ours = planned(of.records, since=of.since, now=of.now, zone=of.zone, home=of.home, tax=of.tax, earlier=of.earlier())
    theirs = oracle.count(of.world())
    found = {}
    for key in {*ours, *theirs}:
        is_rate = FIGURES[key[0]].unit not in ("money", "count")
        one, other = number(ours.get(key)), theirs.get(key)
        if not agree(one, other, is_rate=is_rate):
            found[key] = (one, other)
    return found


def families(of: Made) -> list[set[str]]:
    """Keys of records that belong together: a customer, what she bought, what she paid for it."""
    keys = {record.key for record in of.records if record.stream != "product"}
    found: list[set[str]] = []
    for record in of.records:
        mine = {record.key} | {part for part in texts(record.fields) if part in keys or part[:3] == "pi_"}
        found = [each for each in found if not each & mine] + [mine.union(*(each for each in found if each & mine))]
    return found


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def smallest(of: Made, figure: str) -> Made:
    """The same business with as few families, and then records, as still make the two differ on this figure."""
    for family in (*families(of), *({record.key} for record in of.records)):
        less = replace(of, records=tuple(record for record in of.records if record.key not in family))
        if len(less.records) < len(of.records) and differ(less, figure):
            of = less
    return of


def differ(of: Made, figure: str) -> bool:
    """Whether the two say different things of it. What the planner refuses to count says nothing."""
    try:
        return any(key[0] == figure for key in disagreements(of))
    except (ValueError, HubError):
        return False


def told(of: Made, figure: str) -> str:
    """What a person needs to settle it."""
    few = smallest(of, figure)
    left = {key: pair for key, pair in disagreements(few).items() if key[0] == figure}
    lines = [f"{record.stream} {record.key} {record.at} {dict(record.fields)}" for record in few.records]
    where = f"since {few.since}, now {few.now} in {few.zone}, seen at {sorted(few.earlier())}"
    return "\n".join([f"(planner, oracle): {left}", where, *lines])


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_planner_and_a_second_program_agree_on_every_figure_month_and_currency(group: int) -> None:
    for seed in range(group, SEEDS, GROUPS):
        business = made(seed)
        found = disagreements(business)
        if found:
            pytest.fail(f"seed {seed}: {sorted(found)}\n{told(business, min(found)[0])}")


def test_the_second_program_knows_every_figure_of_money_and_of_subscriptions() -> None:
    assert set(FIGURES) - set(oracle.FIGURES) == CALLS
    assert set(oracle.FIGURES) < set(FIGURES)


def test_random_businesses_have_something_of_everything() -> None:
    """A figure that is nothing in every business is not compared with anything."""
    missing, seed = set(oracle.FIGURES), 0
    while missing and seed < 400:
        missing -= {name for (name, _, _), value in oracle.count(made(seed).world()).items() if value}
        seed += 1
    assert missing == set()


def test_a_past_month_is_estimated_unless_its_end_was_seen_and_lines_are_of_one_currency() -> None:
    for seed in range(12):
        of = made(seed)
        world = of.world()
        seen = {world.month_of(at) for at in of.earlier()}
        found = planned(
            of.records, since=of.since, now=of.now, zone=of.zone, home=of.home, tax=of.tax, earlier=of.earlier()
        )
        for (name, period, currency), figure in found.items():
            assert {line.currency for line in figure.lines} <= {currency, ""}
            assert figure.closed == (period < world.month_of(of.now))
            if name in ("mrr", "mrr_at_risk", "customers", "trials"):
                assert figure.estimated == (figure.closed and period not in seen)
