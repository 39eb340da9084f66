"""The figures of journeys: each with the clients that it was counted from, and nothing where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hub.planning.journeys.figures import JourneyFigure, journey_figures
from hub.planning.journeys.plan import looks
from hub.planning.journeys.types import Client, Fact, Found
from tests.planning.journeys.small import DAY, HOUR, MINUTE, MONDAY, World, fact, several


def client(name: str, *facts: Fact) -> Client:
    return Client(address=f"{name}@{name}.example", name=name, facts=facts)


def figures(world: World, facts: Found, days: float) -> dict[str, JourneyFigure]:
    now = MONDAY + days * DAY
    seen = looks(world.job, world.business, facts, world.memory, now)
    return {each.figure: each for each in journey_figures(seen, facts, now)}


def people(figure: JourneyFigure, *, counted: bool = True) -> list[str]:
    return sorted(line.name for line in figure.lines if line.counted == counted)


def test_without_journeys_there_is_no_median_and_no_share() -> None:
    found = figures(World(), several([]), 1)
    values = {name: figure.value for name, figure in found.items()}
    assert {name for name, value in values.items() if value is None} == {
        "hours_to_welcome", "days_to_kickoff", "no_show_rate", "calls_converted",
    }  # fmt: skip
    assert {value for value in values.values() if value is not None} == {Decimal(0)}


def test_each_figure_is_counted_from_its_clients() -> None:
    def booked(day: int) -> Fact:
        return fact("booking", MONDAY + HOUR, of="b", day=MONDAY + day * DAY)

    paid = fact("payment", of="cs")
    facts = several(
        [
            client("held", paid, booked(7)),
            client("missed", paid, booked(8), fact("no_show", MONDAY + 8 * DAY, of="b", day=MONDAY + 8 * DAY)),
            client("unbooked", paid),
            client("unpaid", booked(20)),
            client("refunded", paid, fact("refunded", MONDAY + HOUR, of="cs")),
        ]
    )
    facts = replace(facts, calls={"held@held.example": MONDAY - DAY, "lost@lost.example": MONDAY - 2 * DAY})
    world = World()
    world.until(facts, MONDAY + 90 * MINUTE, MONDAY + 10 * DAY)
    found = figures(world, facts, 10)
    assert people(found["journeys_open"]) == ["held", "missed", "unbooked", "unpaid"]
    assert found["hours_to_welcome"].value == Decimal("1.5")
    assert people(found["hours_to_welcome"]) == ["held", "missed", "unbooked"]
    assert found["days_to_kickoff"].value == 7
    assert people(found["days_to_kickoff"]) == ["held"]
    assert found["no_show_rate"].value == 50
    assert (people(found["no_show_rate"]), people(found["no_show_rate"], counted=False)) == (["missed"], ["held"])
    assert found["calls_converted"].value == 50
    assert people(found["calls_converted"]) == ["held"]
    assert people(found["paid_not_booked"]) == ["unbooked"]
    assert people(found["booked_not_paid"]) == ["unpaid"]
    assert people(found["asked_not_ticked"]) == ["held", "missed", "unbooked"]
    assert {line.about for line in found["asked_not_ticked"].lines} == {"contract"}


def test_journeys_that_wait_stand_still_or_are_over_are_told_apart() -> None:
    paid = fact("payment", of="cs")
    facts = several([client("paused", paid), client("stuck", paid), client("asked", paid)])
    world = World()
    world.turn(facts, MONDAY)
    ids = {each.name: each.id for each in world.memory.journeys.values()}
    world.mark(ids["paused"], "pause", MONDAY + HOUR)
    journeys = dict(world.memory.journeys)
    journeys[ids["asked"]] = replace(journeys[ids["asked"]], state="asked", reason="before")
    key = f"onboarding/{ids['stuck']}/client_page/1"
    done = {name: at for name, at in world.memory.done.items() if name != key}
    world.memory = replace(world.memory, journeys=journeys, done=done, stuck={key: MONDAY})
    found = figures(world, facts, 1)
    assert people(found["journeys_paused"]) == ["paused"]
    assert [(line.name, line.about) for line in found["journeys_stuck"].lines] == [("stuck", "client_page")]
    assert people(found["journeys_asked"]) == ["asked"]
