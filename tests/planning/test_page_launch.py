"""The launch on the CEO's page: sales against their goal while it is open, in a place that it always has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from hub.core.types import Record
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Launch
from hub.planning.brief_facts import Stop
from hub.planning.desired import desired
from hub.planning.page_facts import NOTHING, Beside
from hub.planning.plan import DesiredRow
from hub.planning.revenue import count
from tests.planning.figures.kit import paid
from tests.planning.make import business, config, job, utc, view

NAMES = ("cash_in", "mrr", "overdue", "refund_rate", "signed", "receivable", "arr", "fees")
AUTUMN = {"name": "Automne", "opens": "2026-09-07", "closes": "2026-09-13", "offers": ["Élan"]}
SPRING = {
    "name": "Printemps",
    "opens": "2026-11-16",
    "closes": "2026-11-22",
    "offers": ["Élan"],
    "goals": {"sales": 4, "signed": "4000"},
    "previous": "Automne",
}
OPEN = utc("2026-11-18T10:00")


def sale(name: str, at: str, offer: str = "Élan", amount: str = "997", **more: Any) -> Iterator[Record]:
    for each in paid(name, amount, at, **more):
        said = {"description": offer} if each.stream == "charge" else {}
        yield replace(each, fields={**each.fields, **said})


RECORDS = (
    *sale("a", "2026-11-16T09:00"),
    *sale("b", "2026-11-18T08:00"),
    *sale("c", "2026-11-18T08:00", "Autre chose"),
    *sale("d", "2026-11-15T09:00"),
    *sale("e", "2026-09-07T09:00"),
    *sale("f", "2026-09-09T09:00"),
    *sale("g", "2026-09-09T09:00"),
    *sale("h", "2026-09-10T09:00"),
)


def wanted(figures: int, *launches: Any) -> RevenueJob:
    configs = [config("cash_in").model_copy(update={"figure": name, "title": name}) for name in NAMES[:figures]]
    return job(figures=configs).model_copy(update={"launches": tuple(map(Launch.model_validate, launches))})


def page(
    mine: RevenueJob, now: datetime = OPEN, records: Any = RECORDS, beside: Beside = NOTHING, **more: Any
) -> dict[str, DesiredRow]:
    home = business(**more)
    counted = count(view(*records), mine, home, now)
    shown = desired(counted.figures, mine, home, now, beside, counted)[0]
    return {row.key: row for row in shown.rows if row.key.startswith(("tile/", "single/"))}


def text(row: DesiredRow) -> str:
    return str(row.values["text"]).replace("\u00a0", " ").replace("\u202f", " ")


def test_an_open_launch_shows_its_sales_against_the_goal_and_the_launch_before() -> None:
    tile = page(wanted(3, AUTUMN, SPRING))["tile/launch"]
    assert text(tile) == (
        "**Printemps** : **2 ventes** · jour 3 sur 7\n"
        "objectif 4 (50 %) · 3 au même jour du lancement précédent\n"
        "signé 1 994,00 € sur 4 000,00 € (50 %)"
    )
    assert (tile.values["color"], tile.values["icon"]) == ("blue_background", "🚀")
    english = page(wanted(3, AUTUMN, {**SPRING, "previous": None, "goals": {}}), language="en")["tile/launch"]
    assert text(english) == "**Printemps**: **2 sales** · day 3 of 7\nsigned €1,994.00"


def test_a_goal_that_is_reached_is_said_at_once_and_one_that_is_not_only_waits() -> None:
    more = [record for name in "xy" for record in sale(name, "2026-11-17T09:00")]
    tile = page(wanted(3, SPRING), records=(*RECORDS, *more))["tile/launch"]
    assert text(tile).split("\n")[0] == "**Printemps** : **4 ventes** · jour 3 sur 7 · Atteint"
    assert tile.values["color"] == "green_background"


def test_other_currencies_are_told_apart() -> None:
    dollars = sale("x", "2026-11-17T09:00", amount="500", currency="USD")
    tile = page(wanted(3, SPRING), records=(*RECORDS, *dollars))["tile/launch"]
    assert text(tile).split("\n")[1:] == [
        "objectif 4 (75 %)",
        "signé 1 994,00 € sur 4 000,00 € (50 %)",
        "signé 500,00 $",
    ]


def test_what_is_not_heard_of_is_not_shown_as_if_it_were_now() -> None:
    stop = Stop(connection="stripe", title="Stripe", state="silent", since=utc("2026-11-17T10:00"))
    tile = page(wanted(3, SPRING), beside=Beside(stops=(stop,)))["tile/launch"]
    assert text(tile).endswith("sans nouvelles de Stripe depuis le 17/11/2026 à 11:00")
    assert tile.values["color"] == "gray_background"


@pytest.mark.parametrize("figures", [1, 3, 6, 7, 8])
def test_there_are_at_most_seven_figures_and_the_same_blocks_before_in_and_after_a_launch(figures: int) -> None:
    mine = wanted(figures, AUTUMN, SPRING)
    then = [page(mine, utc(day)) for day in ("2026-11-10T10:00", "2026-11-18T10:00", "2026-12-10T10:00")]
    assert list(then[0]) == list(then[1]) == list(then[2])
    assert len(then[0]) == min(figures + 1, 7)
    (shown,) = [row for row in then[1].values() if "**Printemps**" in text(row)]
    assert shown.key == ("tile/launch" if figures < 7 else f"tile/{NAMES[6]}")
    closed = [text(row) for row in then[2].values()]
    assert ("**Printemps** s'est terminé le 22/11/2026" in closed) == (figures < 7)


def test_before_a_launch_its_place_says_when_it_opens() -> None:
    tile = page(wanted(3, AUTUMN, SPRING), utc("2026-11-10T10:00"))["tile/launch"]
    assert text(tile) == "**Printemps** ouvre le 16/11/2026 · objectif 4 ventes"
    assert "tile/launch" not in page(wanted(3))
