"""A year of deadline alerts in several zones, day by day, against an oracle that shares nothing with the planner."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.planning.alerts.plan import plan_alerts
from hub.planning.alerts.types import Memory, Sent
from tests.planning.alerts.edits import CHANGES, FIRST_READ, OUTAGES, Edit, at_random
from tests.planning.alerts.offices import HUMANS, LATE_DIGEST, NOBODY_LEFT, OFFICE, SHORT, task_of
from tests.planning.alerts.oracle import Chore, Letter, Office, Oracle
from tests.planning.alerts.simulated import World, letter_of
from tests.planning.alerts.wall_calendar import Human, day_to_repeat, day_to_speak, due_day, instant

SOME = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WINDOWS = (
    (date(2026, 3, 4), 27),  # the clocks change in Montréal on the 8th, in Paris on the 29th
    (date(2026, 3, 27), 14),  # Good Friday is no day off in France, Easter Monday is
    (date(2026, 5, 5), 22),  # Ascension, the Patriots' day, Whit Monday
    (date(2026, 9, 14), 12),  # the Monday of the Federal Fast, in Vaud
    (date(2026, 10, 22), 21),  # the clocks change on October 25th and November 1st; the 11th
    (date(2027, 12, 15), 24),  # the end of slavery in La Réunion, Christmas, the New Year
)
NEAR = 36
"""Days around its due date for which a task of the calm year is there."""
EDITS = st.builds(
    Edit,
    at=st.integers(0, 27 * 24 * 60),
    what=st.sampled_from(("create",) * 6 + CHANGES * 2 + OUTAGES + ("poll",)),
    task=st.integers(0, 40),
    who=st.integers(0, 41),
    days=st.integers(-9, 15),
    rings=st.booleans(),
)
FIRST = st.builds(
    Edit,
    at=st.just(0),
    what=st.just("create"),
    task=st.integers(0, 40),
    who=st.integers(0, 41),
    days=st.integers(-20, 20),
    rings=st.just(False),
)


FRANCE, VAUD, BELGIUM = (Human(key="x", zone="Europe/Paris", region=region) for region in ("FR", "CH-VD", "BE"))


@pytest.mark.parametrize(
    ("human", "due", "when", "day"),
    [
        (FRANCE, "2026-05-15", "2 working days before", "2026-05-12"),  # Ascension is the 14th
        (BELGIUM, "2026-07-22", "1 working day before", "2026-07-20"),  # the 21st
        (VAUD, "2026-09-22", "1 working day before", "2026-09-18"),  # the Monday of the Federal Fast
        (FRANCE, "2026-05-02", "on the day", "2026-05-04"),
        (FRANCE, "2026-12-24", "1 working day after", "2026-12-28"),
        (FRANCE, "2026-03-20", "1 week before", "2026-03-13"),
        (FRANCE, "2026-03-19", "3 days after", "2026-03-23"),
    ],
)
def test_the_oracle_counts_days_as_a_wall_calendar_does(human: Human, due: str, when: str, day: str) -> None:
    assert day_to_speak(human, when, date.fromisoformat(due)) == date.fromisoformat(day)


@SOME
@given(
    window=st.sampled_from(WINDOWS),
    first=st.lists(FIRST, min_size=2, max_size=10),
    edits=st.lists(EDITS, max_size=40),
    office=st.sampled_from((OFFICE, LATE_DIGEST, SHORT, NOBODY_LEFT)),
    begun=st.booleans(),
)
def test_some_weeks_of_edits_and_outages_agree_with_the_oracle_mail_by_mail(
    window: tuple[date, int], first: list[Edit], edits: list[Edit], office: Office, begun: bool
) -> None:
    start, days = window
    world = World.of(office, start)
    world.oracle.begun = begun
    world.live([*first, FIRST_READ, *edits], days)


def test_a_year_of_edits_and_outages_agrees_with_the_oracle_mail_by_mail() -> None:
    """From its first run on: 365 days, more than two hundred tasks."""
    world = World.of(OFFICE, date(2026, 1, 1))
    world.oracle.begun = False
    world.live(at_random(5, 365, rate=2.4), 365)
    assert world.made > 200
    assert world.counts.mails > 500
    assert world.counts.failed > 10
    assert world.counts.stale > 3


def test_a_year_in_which_nothing_goes_wrong_is_said_on_the_very_day_at_the_very_hour() -> None:
    """No memory, no severity: each step on its own day, but for the last of the file where several share one."""
    start, days = date(2026, 1, 1), 365
    chores = [
        Chore(
            id=f"asana/tasks/{number}",
            due=day if number % 3 else datetime.combine(day, time(number % 24, 30), tzinfo=UTC),
            who=(HUMANS[number % 5].key,),
        )
        for number, day in ((number, start + timedelta(days=25 + number * 5 // 2 % 300)) for number in range(120))
    ]
    found = played(OFFICE, chores, start, days)
    wanted = {}
    for human in HUMANS[:5]:
        for chore in chores:
            for day, step in said_days(OFFICE, human, chore).items():
                wanted[human.key, chore.id, step] = instant(human, day, OFFICE.opens)
    assert found == wanted


@SOME
@given(
    due=st.lists(st.tuples(st.integers(-3, 12), st.integers(0, 5), st.booleans()), min_size=1, max_size=2),
    put_off=st.integers(0, 16),
    office=st.sampled_from((OFFICE, LATE_DIGEST)),
)
def test_whoever_looks_only_when_time_alone_changes_the_plan_misses_nothing(
    due: list[tuple[int, int, bool]], put_off: int, office: Office
) -> None:
    world, start = World.of(office, date(2026, 3, 26)), date(2026, 3, 26)
    for number, (days, who, whole) in enumerate(due):
        day = start + timedelta(days=days)
        value = day if whole else datetime.combine(day, time(7, 30), tzinfo=UTC)
        chore = Chore(id=f"asana/tasks/{number}", due=value, who=(HUMANS[who].key,))
        world.mirror[chore.id] = chore
        if put_off:
            world.oracle.snoozed[chore.id, HUMANS[who].key] = (start + timedelta(days=put_off), value)
    end = world.start + timedelta(days=30)
    every = [(now, found) for now in world.schedule(30) if now < end and (found := looked(world, now)[0])]
    world.said, world.sent, only = set(), [], []
    ahead: datetime | None = world.start
    while ahead is not None and ahead < end:
        now = ahead
        found, ahead = looked(world, now)
        only += [(now, found)] if found else []
        assert ahead is None or ahead > now
    assert only == every


def looked(world: World, now: datetime) -> tuple[list[Letter], datetime | None]:
    """What went out at that instant, and when time alone changes the plan again."""
    world.round = now
    planned = world.plan(now)
    world.send(planned, now)
    return [letter_of(mail) for mail in planned.mails], world.plan(now).next_at


def said_days(office: Office, human: Human, chore: Chore) -> dict[date, str]:
    """Her day -> the step that is said of that task."""
    assert chore.due is not None
    oracle = Oracle(office=office)
    there = oracle.there(datetime(2026, 1, 1, 12, tzinfo=UTC))
    found = {}
    for rule in office.rules:
        if human.key in oracle.told(rule, chore, there):
            first = day_to_speak(human, rule.when, due_day(human, chore.due))
            found[first] = rule.name
            for number in range(2, NEAR) if rule.again else ():
                found[day_to_repeat(human, rule.again, first, number)] = f"{rule.name}#{number}"
    return {day: step for day, step in found.items() if (day - day_in(chore.due)).days < NEAR}


def played(office: Office, chores: list[Chore], start: date, days: int) -> dict[tuple[str, str, str], datetime]:
    """(reader, task, step) -> the instant at which it went out, when the hub looks at every hour of the schedule."""
    world = World.of(office, start)
    found: dict[tuple[str, str, str], datetime] = {}
    said: set[str] = set()
    sent: list[Sent] = []
    tasks = [(chore.due, task_of(chore, office)) for chore in chores]
    for now in world.schedule(days):
        near = [task for due, task in tasks if due is not None and abs((day_in(due) - now.date()).days) < NEAR]
        memory = Memory(said=frozenset(said), sent=tuple(sent[-100:]), round=now)
        planned = plan_alerts(world.job, world.business, near, memory, now)
        for mail in planned.mails:
            said |= set(mail.covers)
            sent.append(Sent(reader=mail.to.key, kind=mail.kind, at=now))
            for line in mail.lines:
                assert line.task is not None
                key = (mail.to.key, line.task.id, line.keys[0].split("/")[-2])
                assert key not in found, "said twice"
                found[key] = now
    return found


def day_in(due: date | datetime) -> date:
    return due.date() if isinstance(due, datetime) else due
