"""Objectives, projects, next calls and the team on the CEO's page: a block each, a line for each thing in it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from hub.core.money import Money
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Objective
from hub.planning.alerts.task_figure import TaskLine
from hub.planning.figure import Figure
from hub.planning.figures.names import FIGURES
from hub.planning.figures.okr import Progress, progress, quarter_of, values_of
from hub.planning.page_blocks import LOOKS, block, listed
from hub.planning.page_clients import NAMING
from hub.planning.page_facts import Beside
from hub.planning.page_words import call_at, days, plain, say
from hub.planning.plan import DesiredRow
from hub.planning.words import Language, day, money, number, percent

MOST, MOST_PEOPLE = 5, 8
_WORST = ("off_track", "missed", "at_risk", "unknown", "too_early", "on_track", "reached")


def objectives(
    figures: Sequence[Figure], beside: Beside, job: RevenueJob, business: Business, today: date
) -> tuple[DesiredRow, ...]:
    """Each objective of the quarter with its key results: where each started, is and shall be, and what that means.

    As many blocks as the fullest quarter of the file needs: a quarter that begins changes them where they stand.
    """
    of_now = [each for each in job.okr if quarter_of(each.quarter)[0] <= today < quarter_of(each.quarter)[1]]
    places = max(Counter(each.quarter for each in job.okr).values(), default=0)
    if not places:
        return ()
    counted = {
        (each.figure, each.period): each.value.amount if isinstance(each.value, Money) else each.value
        for each in figures
        if each.currency in ("", business.currency)
    }
    made = [block("okr", "heading_2", say(business.language, "okr"))]
    for place, objective in enumerate(of_now):
        values = values_of(counted, objective.quarter, today)
        results = progress(objective, values, beside.entries, today)
        made.append(_objective(f"okr/{place}", objective, results, business))
    for place in range(len(of_now), places):
        text = say(business.language, "other_objective" if place else "no_objective")
        made.append(block(f"okr/{place}", "callout", text, *LOOKS[None]))
    return tuple(made)


def _objective(key: str, objective: Objective, results: Sequence[Progress], business: Business) -> DesiredRow:
    worst = min((each.standing for each in results), key=_WORST.index, default="unknown")
    quarter = objective.quarter.replace("Q", "T") if business.language == "fr" else objective.quarter
    lines = [f"**{plain(objective.objective)}** ({quarter})"]
    lines += [_result(each, business) for each in results]
    return block(key, "callout", "\n".join(lines), *LOOKS[worst])


def _result(each: Progress, business: Business) -> str:
    """▓▓▓▓▓░░░░░ 52 % · 8 000 € de revenu récurrent : 6 560,00 € sur 8 000,00 € (parti de 5 000,00 €) · À surveiller"""
    from hub.planning.picture import bar  # it imports the library that draws, which most commands have no use for

    language, result = business.language, each.result
    share = None if each.share is None else Decimal(each.share.numerator) / each.share.denominator
    done = bar(Decimal(0) if share is None else share, Decimal(1))
    percentage = "—" if share is None else percent(100 * share, language, places=0)
    parts = [f"{done} {percentage}", plain(result.title)]
    if each.value is None:
        parts.append(say(language, "unknown"))
    else:
        value, target, start = (_number(one, result.figure, business) for one in (each.value, result.to, result.start))
        parts[-1] += say(language, "colon") + say(language, "way", value=value, target=target, start=start)
    if each.standing != "unknown":
        parts.append(say(language, each.standing))
    if result.owner:
        person = business.people.get(result.owner)
        parts.append(plain(person.name if person else result.owner))
    if result.figure is None:
        parts.append(_said(each, language))
    return " · ".join(parts)


def _said(each: Progress, language: Language) -> str:
    """When a key result was last entered by hand, or for how long it was not."""
    if each.silent is not None:
        return say(language, "silent_days", days=days(each.silent, language))
    if each.said_on is None:
        return say(language, "no_entry")
    return say(language, "said_on", day=day(each.said_on, language))


def _number(value: Decimal, figure: str | None, business: Business) -> str:
    language = business.language
    unit = FIGURES[figure].unit if figure is not None and figure in FIGURES else None
    if unit == "money":
        return money(Money(value, business.currency), language)
    return percent(value, language) if unit == "percent" else _short(value, language)


def _short(value: Decimal, language: Language) -> str:
    exponent = value.normalize().as_tuple().exponent
    return number(value, min(2, max(0, -exponent if isinstance(exponent, int) else 0)), language)


def projects(beside: Beside, business: Business) -> tuple[DesiredRow, ...]:
    """What is late and what is due soon, project by project, the latest first; nothing where no tasks are watched."""
    if beside.tasks is None:
        return ()
    language = business.language
    late = Counter(line.place or "" for line in beside.task("overdue_count"))
    week = Counter(line.place or "" for line in beside.task("due_7_days"))
    lines = [
        _load(plain(name) or say(language, "elsewhere"), late[name], week[name], language)
        for name in sorted({*late, *week}, key=lambda name: (-late[name], -week[name], name))
    ]
    return (
        block("projects", "heading_2", say(language, "projects")),
        block("projects/list", "paragraph", listed(lines, MOST, say(language, "no_project"), language)),
    )


def team(beside: Beside, business: Business) -> tuple[DesiredRow, ...]:
    """What each person has late and due soon, whoever has most first; nothing where no tasks are watched."""
    if beside.tasks is None:
        return ()
    language = business.language
    late, week = (_by_person(beside.task(name)) for name in ("overdue_count", "due_7_days"))
    # What is nobody's stands last: it is on nobody's shoulders yet.
    lines = [
        _load(plain(name) or say(language, "unassigned"), late[name], week[name], language)
        for name in sorted({*late, *week}, key=lambda name: (not name, -late[name] - week[name], -late[name], name))
    ]
    return (
        block("team", "heading_2", say(language, "team")),
        block("team/list", "paragraph", listed(lines, MOST_PEOPLE, say(language, "no_project"), language)),
    )


def _by_person(lines: Sequence[TaskLine]) -> Counter[str]:
    """How many tasks each has; a task of two counts with both, one of nobody under ""."""
    return Counter(name for line in lines for name in line.who or ("",))


def _load(name: str, late: int, week: int, language: Language) -> str:
    """🟡 **Léa** : 2 en retard · 3 à rendre d'ici 7 jours"""
    parts = [say(language, word, n=n) for word, n in (("project_late", late), ("project_week", week)) if n]
    return ("🟡 " if late else "🟢 ") + say(language, "project", name=name, parts=" · ".join(parts))


def calls(beside: Beside, business: Business) -> tuple[DesiredRow, ...]:
    """The next calls; nothing where no calendar is read. The names of people are for the page alone."""
    if beside.calls is None:
        return ()
    language = business.language
    lines = []
    for call in beside.calls:
        at = call_at(call.starts_at.astimezone(business.zone), language)
        lines.append(" · ".join(part for part in (f"**{at}**", plain(call.kind), plain(call.who)) if part))
    text = listed(lines, MOST, say(language, "no_calls"), language)
    title = say(language, "calls")
    return (
        block(f"{NAMING}calls", "heading_2", title),
        block(f"{NAMING}calls/list", "paragraph", text, why=f"{title}: {len(lines)}"),
    )
