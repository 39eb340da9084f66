"""Reference cases of tasks, holidays, commissions, objectives and launches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.mapping.steering import Commission, KeyResult, Launch
from hub.planning.alerts.figures import task_figures
from hub.planning.alerts.types import Task
from hub.planning.figure import ProofLine
from hub.planning.figures.commission import Statement, statement
from hub.planning.figures.launches import Sale, report
from hub.planning.figures.okr import share_of
from hub.planning.workdays import holidays_of
from tests.planning.alerts import tasks
from tests.planning.figures.vector_recurring import Case, Pairs

ALSACE = {"67": "6AE", "68": "6AE"}
"""Departments -> the code of their region, which has holidays of its own."""
YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def task_values(*found: Task) -> dict[str, Decimal | None]:
    made = task_figures(tasks.business(), found, {}, tasks.NOW)
    return {each.figure: each.value for each in made if each.period == "2026-11"}


def on_time(case: Case) -> Pairs:
    """So many of so many done in time: of tasks, and the same of milestones."""
    kept, number = case["input"]["on_time"], case["input"]["total"]
    pairs: Pairs = {}
    for figure, milestone in (("on_time_rate", False), ("milestones_on_time", True)):
        found = [
            tasks.task(
                str(n),
                "2026-11-05",
                done=True,
                done_at=tasks.at(f"2026-11-0{4 if n < kept else 9}"),
                milestone=milestone,
            )
            for n in range(number)
        ]
        pairs[figure] = (task_values(*found)[figure], 100 * Decimal(case["expected"]["rate"]))
    return pairs


def littles_law(case: Case) -> Pairs:
    """Always so many in progress, each for so many days: one ends every cycle ÷ number of days."""
    cycle = case["input"]["cycle_days"]
    step = timedelta(days=cycle) / case["input"]["wip"]
    ends = [tasks.NOW - n * step for n in range(40)]
    found = [
        tasks.task(str(n), done=True, done_at=end, started_at=end - timedelta(days=cycle)) for n, end in enumerate(ends)
    ]
    made, per_day = task_values(*found), Fraction(case["expected"]["throughput_per_day"])
    weeks = round(4 * 7 * per_day)
    return {
        "cycle": (made["cycle_time"], cycle),
        "in four weeks": (round(4 * (made["throughput"] or 0)), weeks + 1),  # both ends of the four weeks are in them
        "in 60 days": (per_day * case["input"]["working_days"], Fraction(case["expected"]["items"])),
    }


def holidays(case: Case) -> Pairs:
    """The days off of a country, or those that a region has and France has not."""
    expected = case["expected"]
    if "dates" in expected:
        days = holidays_of(case["input"]["country"])
        return {"dates": ([day.isoformat() for day in YEAR if day in days], expected["dates"])}
    pairs: Pairs = {}
    for regions, wanted in expected.items():
        for region in codes(regions):
            days = holidays_of(region)
            pairs[region] = ([day for day in wanted if date.fromisoformat(day) in days], wanted)
            assert [day for day in wanted if date.fromisoformat(day) in holidays_of("FR")] == []
    return pairs


def codes(regions: str) -> list[str]:
    """FR-57/67/68 are three, of which two are Alsace; BE_only is BE."""
    country, _, parts = regions.removesuffix("_only").partition("-")
    return [f"{country}-{ALSACE.get(part, part)}" if part else country for part in parts.split("/")]


def a_line(key: str, amount: str, month: int) -> ProofLine:
    return ProofLine(key, "charge", Money(Decimal(amount), "EUR"), datetime(2026, month, 5, tzinfo=UTC))


def agreement(**said: object) -> Commission:
    return Commission.model_validate({"who": "obm", "starts": "2026-01-01", **said})


def fixed_and_share(case: Case) -> Pairs:
    said, expected = case["input"], case["expected"]
    agreed = agreement(fixed=Decimal(said["base"]), rate=f"{100 * Decimal(said['rate']):f} %")
    found = statement(agreed, "2026-01", {"2026-01": [a_line("a", said["assiette_amount"], 1)]}, (), "EUR")
    return {
        "commission": (found.commission.amount, Decimal(expected["commission"])),
        "total": (found.due.amount, Decimal(expected["total"])),
    }


def clawed_back(case: Case) -> Pairs:
    said, expected = case["input"], case["expected"]
    agreed = agreement(rate=f"{100 * Decimal(said['rate']):f} %")
    lines: dict[str, list[ProofLine]] = {}
    made: list[Statement] = []
    for n in (1, 2):
        month, back = f"2026-0{n}", Decimal(said[f"month{n}"]["refunds"])
        lines[month] = [a_line(f"paid {n}", said[f"month{n}"]["collected"], n), a_line(f"back {n}", str(-back), n)]
        made.append(statement(agreed, month, lines, made, "EUR"))
    due = [each.due.amount for each in made]
    return {
        "first": (due[0], Decimal(expected["month1"])),
        "second": (due[1], Decimal(expected["month2"])),
        "total": (sum(due), Decimal(expected["total"])),
    }


def key_results(case: Case) -> Pairs:
    pairs: Pairs = {}
    for n, said in enumerate(case["input"]["krs"]):
        start, target, current = (Decimal(str(said[name])) for name in ("start", "target", "current"))
        result = KeyResult.model_validate({"name": "r", "title": "R", "from": start, "to": target})
        pairs[str(n)] = (share_of(result, current), Fraction(case["expected"]["progress"][n]))
    return pairs


def list_growth(case: Case) -> Pairs:
    """A mailing list is a number that is entered by hand: of a key result that doubles it, the growth is the share."""
    start, new, lost = (Decimal(case["input"][name]) for name in ("start", "new", "lost"))
    result = KeyResult.model_validate({"name": "list", "title": "List", "from": start, "to": 2 * start})
    return {"growth": (share_of(result, start + new - lost), Fraction(case["expected"]["growth"]))}


def conversion(case: Case) -> Pairs:
    """So many sales of so many who came, counted as those who registered."""
    said = Launch.model_validate(
        {"name": "L", "opens": "2026-03-26", "closes": "2026-03-31", "offers": ["O"], "registered_from": "2026-03-20"}
    )
    at = datetime(2026, 3, 27, 12, tzinfo=UTC)
    euros = Money(Decimal(100), "EUR")
    sales = [
        Sale(key=str(n), person=f"{n}@example.com", at=at, offer="O", way="at once",
             signed=euros, received=euros, refunded=Money.zero("EUR"))
        for n in range(case["input"]["sales"])
    ]  # fmt: skip
    came = {f"{n}@example.com": [at - timedelta(days=5)] for n in range(case["input"]["visitors"])}
    found = report(said, sales, came, ZoneInfo("Europe/Paris"), at + timedelta(days=9))
    return {"conversion": (found.conversion, 100 * Decimal(case["expected"]["rate"]))}
