"""The figures of tasks: each definition by example, the reference cases, and a plain second count of random tasks."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core import codec
from hub.core.pasts import Past
from hub.planning.alerts import figure_words
from hub.planning.alerts.figure_why import render
from hub.planning.alerts.figures import task_figures
from hub.planning.alerts.pasts import learned
from hub.planning.alerts.task_figure import (
    UNITS,
    TaskFigure,
    from_values,
    is_task_figure,
    to_values,
    unit_of,
    value_of,
)
from hub.planning.alerts.types import Task
from tests.paths import SHARED
from tests.planning.alerts.naive_figures import naive
from tests.planning.alerts.tasks import NOW, at, business, due, task

VECTORS = SHARED / "facts" / "vectors.json"
CASES: dict[str, Any] = (
    {case["id"]: case for case in json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]} if VECTORS.exists() else {}
)
shipped = pytest.mark.skipif(not CASES, reason=f"{VECTORS} is not there: the reference cases are not shipped")


def counted(
    *tasks: Task, pasts: dict[str, Past] | None = None, now: datetime = NOW
) -> dict[tuple[str, str], TaskFigure]:
    """(figure, month) -> the figure."""
    return {(each.figure, each.period): each for each in task_figures(business(), tasks, pasts or {}, now)}


def values(*tasks: Task, pasts: dict[str, Past] | None = None, month: str = "2026-11") -> dict[str, Decimal | None]:
    """Figure -> its value, of one month."""
    found = counted(*tasks, pasts=pasts)
    return {figure: each.value for (figure, period), each in found.items() if period == month}


def done(key: str, when: str | None, done_at: str, **more: Any) -> Task:
    return task(key, when, done=True, done_at=at(done_at), **more)


def keys(figure: TaskFigure) -> list[str]:
    return [line.id.rpartition("/")[2] for line in figure.lines]


# On time


def test_a_day_ends_at_midnight_where_the_one_who_does_it_is_and_not_in_utc() -> None:
    late_evening = "2026-11-05T23:30"  # the sixth in Paris and on La Réunion, still the fifth in Montréal
    found = counted(
        done("paris", "2026-11-05", late_evening, assignees=("lea",)),
        done("montreal", "2026-11-05", late_evening, assignees=("tom",)),
        done("reunion", "2026-11-05", "2026-11-05T19:59", assignees=("ana",)),
        done("too-late-there", "2026-11-05", "2026-11-05T20:00", assignees=("ana",)),
        done("both", "2026-11-05", late_evening, assignees=("lea", "tom")),
        done("nobody", "2026-11-05", "2026-11-05T22:59"),
    )["on_time_rate", "2026-11"]
    assert {line.id.rpartition("/")[2] for line in found.lines if line.counted} == {
        "montreal",
        "reunion",
        "both",
        "nobody",
    }
    assert found.value == Decimal("66.666666666667")


def test_two_of_four_in_time_is_half_where_a_count_in_utc_would_say_three_of_four() -> None:
    four = [
        done("1", "2026-11-05", "2026-11-05T22:30"),
        done("2", "2026-11-05", "2026-11-04T09:00"),
        done("3", "2026-11-05", "2026-11-05T23:30"),
        done("4", "2026-11-05", "2026-11-09T09:00"),
    ]
    assert values(*four, done("5", None, "2026-11-05T12:00"))["on_time_rate"] == 50


def test_an_instant_is_kept_up_to_that_instant() -> None:
    found = values(
        done("1", "2026-11-05T10:00", "2026-11-05T10:00"),
        done("2", "2026-11-05T10:00", "2026-11-05T10:01"),
    )
    assert found["on_time_rate"] == 50


def test_the_due_date_at_completion_counts_and_what_was_postponed_is_counted_beside_it() -> None:
    moved = done("1", "2026-12-24", "2026-11-10T12:00")
    past = Past(
        first_due=date(2026, 11, 2), postponed=2, due=date(2026, 11, 9), due_when_done=date(2026, 11, 9), done=True
    )
    found = counted(moved, pasts={moved.id: past})
    assert found["on_time_rate", "2026-11"].value == 0
    (line,) = found["postponed_count", "2026-11"].lines
    assert (line.first_due, line.due) == (date(2026, 11, 2), date(2026, 11, 9))
    assert line.number == 2
    assert values(moved)["on_time_rate"] == 100
    assert values(moved)["postponed_count"] == 0


def test_months_are_those_of_the_business_and_one_without_completions_has_no_rate() -> None:
    found = counted(
        done("1", "2026-09-30", "2026-09-30T22:30"),  # October in Paris
        done("2", "2026-11-05", "2026-11-05T08:00"),
    )
    assert {period for figure, period in found if figure == "on_time_rate"} == {"2026-10", "2026-11"}
    assert found["on_time_rate", "2026-10"].value == 0
    assert found["on_time_rate", "2026-10"].closed
    empty = counted()["on_time_rate", "2026-11"]
    assert (empty.value, empty.closed) == (None, False)


def test_a_closed_month_is_estimated_when_a_task_in_it_was_done_before_it_was_watched() -> None:
    before = done("1", "2026-10-05", "2026-10-05T08:00")
    seen = learned(None, task("1", "2026-10-05"), at("2026-10-01"), business().zone)
    watched = learned(seen, before, at("2026-10-05T09:00"), business().zone)
    assert counted(before)["on_time_rate", "2026-10"].estimated
    assert not counted(before, pasts={before.id: watched})["on_time_rate", "2026-10"].estimated


def test_milestones_have_a_share_of_their_own() -> None:
    found = values(
        done("1", "2026-11-05", "2026-11-04T08:00", milestone=True),
        done("2", "2026-11-05", "2026-11-09T08:00"),
    )
    assert found["milestones_on_time"] == 100
    assert found["on_time_rate"] == 50


@shipped
@pytest.mark.parametrize(("case", "milestone"), [("task-06", False), ("task-07", True)])
def test_the_published_rates_come_out(case: str, milestone: bool) -> None:
    wanted = CASES[case]
    on_time, total = wanted["input"]["on_time"], wanted["input"]["total"]
    tasks = [
        done(str(n), "2026-11-05", "2026-11-05T08:00" if n < on_time else "2026-11-09T08:00", milestone=milestone)
        for n in range(total)
    ]
    figure = "milestones_on_time" if milestone else "on_time_rate"
    assert values(*tasks)[figure] == 100 * Decimal(wanted["expected"]["rate"])


@shipped
def test_throughput_and_cycle_time_obey_littles_law() -> None:
    case = CASES["task-08"]
    wip, cycle = case["input"]["wip"], case["input"]["cycle_days"]
    # Always `wip` in progress, each for `cycle` days: one ends every cycle / wip days.
    step = timedelta(days=cycle) / wip
    ends = [NOW - n * step for n in range(40)]
    tasks = [task(str(n), done=True, done_at=end, started_at=end - timedelta(days=cycle)) for n, end in enumerate(ends)]
    found = values(*tasks)
    assert found["cycle_time"] == cycle
    a_week = 7 * Decimal(case["expected"]["throughput_per_day"])
    assert found["throughput"] is not None
    assert abs(found["throughput"] - a_week) < Decimal("0.25")  # one task more or less in four weeks


# How fast


def test_the_cycle_runs_from_the_start_or_else_from_the_making_and_its_middle_is_the_figure() -> None:
    end = "2026-11-10T12:00"
    found = values(
        done("1", None, end, started_at=at("2026-11-09T12:00"), created_at=at("2026-01-01")),
        done("2", None, end, created_at=at("2026-11-06T12:00")),
        done("3", None, end, created_at=at("2026-11-08T00:00")),
        done("4", None, end, created_at=at("2026-10-11T12:00")),
        done("no-start", None, end),
        done("starts-after-its-end", None, end, started_at=at("2026-11-11")),
        task("open", created_at=at("2020-01-01")),  # an open task has no cycle time: it is not measured to now
    )
    assert found["cycle_time"] == Decimal("3.25")
    assert found["cycle_time_p85"] == 30


def test_eighty_five_of_a_hundred_took_at_most_the_85th_percentile() -> None:
    tasks = [
        done(str(n), None, "2026-11-19T12:00", created_at=at("2026-11-19T12:00") - timedelta(days=n))
        for n in range(1, 101)
    ]
    assert values(*tasks)["cycle_time_p85"] == 85
    assert values(*tasks[:1])["cycle_time_p85"] == 1


def test_throughput_is_the_mean_of_the_four_weeks_to_now_or_to_the_end_of_the_month() -> None:
    tasks = [
        done("1", None, "2026-11-20T09:30"),
        done("2", None, "2026-10-23T09:31"),
        done("too-old", None, "2026-10-23T09:30"),
        done("skewed", None, "2026-11-20T09:31"),
    ]
    found = counted(*tasks)
    assert keys(found["throughput", "2026-11"]) == ["2", "1"]
    assert found["throughput", "2026-11"].value == Decimal("0.5")
    assert keys(found["throughput", "2026-10"]) == ["too-old", "2"]


# Now


def test_what_is_late_is_told_with_its_age_in_days() -> None:
    found = counted(
        task("yesterday", "2026-11-19"),
        task("today", "2026-11-20"),
        task("hours-ago", "2026-11-20T08:00"),
        task("this-instant", "2026-11-20T09:30"),
        task("in-a-minute", "2026-11-20T09:31"),
        task("old", "2026-10-20"),
        done("done", "2026-10-01", "2026-11-01T12:00"),
    )
    assert keys(found["overdue_count", "2026-11"]) == ["hours-ago", "old", "this-instant", "yesterday"]
    assert found["overdue_age_median", "2026-11"].value == Decimal("0.5")
    assert found["overdue_age_max", "2026-11"].value == 31
    assert keys(found["due_today", "2026-11"]) == ["hours-ago", "in-a-minute", "this-instant", "today"]


def test_a_day_is_not_late_the_same_night_where_its_assignee_is() -> None:
    two_in_the_morning = at("2026-11-20T01:00")
    found = counted(
        task("paris", "2026-11-20", assignees=("lea",)),
        task("montreal", "2026-11-19", assignees=("tom",)),
        now=two_in_the_morning,
    )
    assert found["overdue_count", "2026-11"].value == 0
    assert keys(found["due_today", "2026-11"]) == ["montreal", "paris"]
    assert found["overdue_age_median", "2026-11"].value is None


def test_the_next_seven_days_begin_after_today_which_counts_too_and_weigh_on_each_who_does_them() -> None:
    found = counted(
        task("last", "2026-11-27", assignees=("lea", "tom")),
        task("eighth", "2026-11-28", assignees=("lea",)),
        task("late", "2026-11-19", assignees=("lea",)),
        task("stranger", "2026-11-21", strangers=("Zoé",)),
    )
    assert keys(found["due_7_days", "2026-11"]) == ["last", "stranger"]
    loads = {figure: keys(each) for (figure, _), each in found.items() if figure.startswith("load:")}
    assert loads == {"load:lea": ["last"], "load:tom": ["last"], "load:ana": []}


def test_without_owner_without_date_without_activity() -> None:
    found = counted(
        task("free"),
        task("strange", strangers=("Zoé",)),
        task("quiet", "2026-12-01", assignees=("lea",), touched_at=NOW - timedelta(days=7, seconds=1)),
        task("week", "2026-12-01", assignees=("lea",), touched_at=NOW - timedelta(days=7)),
        done("done", None, "2026-11-01", touched_at=at("2026-11-01")),
    )
    assert keys(found["unassigned", "2026-11"]) == ["free"]
    assert keys(found["undated", "2026-11"]) == ["free", "strange"]
    assert keys(found["stalled", "2026-11"]) == ["quiet"]


def test_a_task_counts_once_and_a_subtask_only_when_somebody_does_it() -> None:
    found = counted(
        task("parent", "2026-11-19"),
        task("parent", "2026-11-19", place="the other project"),
        task("step", "2026-11-19", subtask=True),
        task("given", "2026-11-19", subtask=True, assignees=("lea",)),
    )
    assert keys(found["overdue_count", "2026-11"]) == ["given", "parent"]


# The same, counted a second time

DAYS = st.dates(date(2026, 9, 20), date(2026, 12, 5))
# Half hours, so that the ends of days and the instants themselves are often met.
INSTANTS = st.integers(0, 48 * 66).map(lambda halves: at("2026-09-20") + halves * timedelta(minutes=30))
DUES = st.none() | DAYS | INSTANTS
PAST = st.builds(
    Past,
    first_due=DUES,
    postponed=st.integers(0, 3),
    due_when_done=DUES,
    done_at=st.none() | INSTANTS,
)
TASK = st.builds(
    lambda key, when, **more: replace(task(str(key)), due=when, **more),
    st.integers(0, 30),
    DUES,
    done=st.booleans(),
    assignees=st.lists(st.sampled_from(["lea", "tom", "ana", "gone"]), unique=True, max_size=2).map(tuple),
    strangers=st.sampled_from([(), (), ("Zoé",)]),
    created_at=st.none() | INSTANTS,
    done_at=st.none() | INSTANTS,
    started_at=st.none() | INSTANTS,
    touched_at=st.none() | INSTANTS,
    milestone=st.booleans(),
    subtask=st.booleans(),
)
# Around midnight, at the change of the clocks, at the turn of a month.
NOWS = st.sampled_from(
    [
        "2026-11-20T09:30",
        "2026-10-25T00:30",
        "2026-10-25T01:30",
        "2026-11-01T00:00",
        "2026-10-31T23:00",
        "2026-11-20T04:59",
    ]
).map(at)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    tasks=st.lists(TASK, max_size=14, unique_by=lambda each: each.id),
    pasts=st.dictionaries(st.integers(0, 30).map(lambda key: f"asana/task/{key}"), PAST, max_size=14),
    now=NOWS,
    seed=st.integers(0, 2**32),
)
def test_a_plain_second_count_comes_to_the_same_and_each_figure_follows_from_its_lines(
    tasks: list[Task], pasts: dict[str, Past], now: datetime, seed: int
) -> None:
    found = task_figures(business(), tasks, pasts, now)
    wanted = naive(business(), tasks, pasts, now)
    assert {(each.figure, each.period) for each in found} == wanted.keys()
    for each in found:
        value = wanted[each.figure, each.period]
        if value is None or each.value is None:
            assert (value is None, each.value is None) == (True, True), each.figure
        else:
            assert abs(Fraction(each.value) - value) < Fraction(1, 10**9), (each.figure, each.period)
        kept = from_values(codec.loads(codec.dumps(to_values(each.lines))))  # type: ignore[arg-type]
        assert kept == each.lines
        assert value_of(each.figure, kept) == each.value
    shuffled = list(tasks)
    random.Random(seed).shuffle(shuffled)
    assert task_figures(business(), shuffled, pasts, now) == found


# In words


def some_figures() -> Sequence[TaskFigure]:
    moved = done("3", "2026-11-09", "2026-11-10T12:00", assignees=("lea",), created_at=at("2026-11-07"))
    past = Past(first_due=date(2026, 11, 2), postponed=2, due_when_done=due("2026-11-09"), done=True)
    tasks = [
        task("1", "2026-11-13", assignees=("lea",), place="Lancement", title="Page de vente"),
        task("2", "2026-11-20T14:00", assignees=("tom",), touched_at=at("2026-11-01T08:00")),
        done("4", "2026-11-12", "2026-11-10T12:00", created_at=at("2026-11-08T12:00"), milestone=True),
        task("5"),
        moved,
    ]
    return task_figures(business(), tasks, {moved.id: past}, NOW)


def told(figure: str, language: str = "fr") -> str:
    (found,) = [each for each in some_figures() if each.figure == figure]
    return render(found, business(language))


def test_the_tasks_behind_what_is_late_are_told_in_words() -> None:
    assert told("overdue_count") == (
        "Tâches en retard · 2026-11 : 1 tâche\n"
        "Tâches ouvertes dont l'échéance est passée.\n"
        "\n"
        "Échéance    Jours  Responsable  Projet                   Tâche\n"
        "13/11/2026  7      Léa          Lancement  asana/task/1  Page de vente\n"
        "\n"
        "1 tâche\n"
        "le jour même : 0 · 1 à 3 jours : 0 · 4 à 7 : 1 · 8 à 30 : 0 · plus de 30 : 0\n"
    )


def test_a_rate_tells_which_tasks_kept_their_date_and_how_many_of_how_many() -> None:
    assert told("on_time_rate", "en") == (
        "On-time rate · 2026-11: 50.0%\n"
        "Of the tasks done in the month that had a due date, those that kept it.\n"
        "\n"
        "On time  Due         Done                 Assignee                Task\n"
        "no       2026-11-09  2026-11-10 at 13:00  Léa       asana/task/3  Tâche 3\n"
        "yes      2026-11-12  2026-11-10 at 13:00            asana/task/4  Tâche 4\n"
        "\n"
        "1 on time ÷ 2 tasks = 50.0%\n"
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_figure_is_told_in_both_languages(language: str) -> None:
    for figure in some_figures():
        text = render(figure, business(language))
        assert "{" not in text
        assert all(line.id in text for line in figure.lines)
    assert {each.figure for each in some_figures()} == {*UNITS, "load:lea", "load:tom", "load:ana"}


def test_the_days_of_one_figure_are_told_as_people_say_them() -> None:
    assert "· 2026-11 : 2,8 jours\n" in told("cycle_time")
    assert "La médiane de ces jours : 2,8 jours." in told("cycle_time")
    assert "85 % de 2 tâches : le temps de la 2e" in told("cycle_time_p85")
    assert "2 tâches ÷ 4 semaines = 0,5 par semaine" in told("throughput")
    assert "Charge de Tom · 2026-11 : 1 tâche\n" in told("load:tom")
    assert "20/11/2026 à 15:00" in told("load:tom")
    assert "02/11/2026" in told("postponed_count")
    assert "ce chiffre n'existe pas (—)" in render(counted()["on_time_rate", "2026-11"], business())
    assert "rien n'a été compté" in render(counted()["unassigned", "2026-11"], business())


def test_a_figure_that_its_tasks_do_not_make_is_refused() -> None:
    (rate,) = [each for each in some_figures() if each.figure == "on_time_rate"]
    with pytest.raises(ValueError, match="on_time_rate of 2026-11: its tasks make 50"):
        render(replace(rate, value=Decimal(84)), business())


def test_the_names_of_figures_are_known_and_each_has_a_title() -> None:
    assert is_task_figure("load:lea")
    assert not any(map(is_task_figure, ("load:", "overdue", "cash_in", "lea")))
    assert unit_of("load:lea") == "count"
    for words in (figure_words._FIGURES, figure_words._WORDS):
        assert words["fr"].keys() == words["en"].keys()
    assert figure_words._FIGURES["fr"].keys() == {*UNITS, "load:"}
