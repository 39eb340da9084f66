"""The proof of a figure of tasks for a person: the tasks that were counted, and how they make the figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from hub.core.pasts import Due
from hub.mapping.model import Business
from hub.planning.alerts.figure_words import says, title_of, word
from hub.planning.alerts.task_figure import TaskFigure, TaskLine, value_of
from hub.planning.words import Language, day, instant, number, percent, say

_AGES = (0, 3, 7, 30)
_OPEN = frozenset({"stalled"})
"""Figures of open tasks that say an instant: when they were last touched."""


def render(figure: TaskFigure, business: Business) -> str:
    """Every task that was counted, the one due first on top. ValueError when they do not make the figure."""
    if value_of(figure.figure, figure.lines) != figure.value:
        made = value_of(figure.figure, figure.lines)
        raise ValueError(f"{figure.figure} of {figure.period}: its tasks make {made}, the figure is {figure.value}")
    language = business.language
    title = title_of(figure.figure, business)
    head = [f"{title} · {figure.period}{say(language, 'colon')}{shown(figure, language)}"]
    head.append(says(figure.figure, business))
    if figure.estimated:
        head.append(word(language, "estimated"))
    if not figure.lines:
        head += ["", word(language, "nothing" if figure.value is None else "none")]
        return "\n".join(head) + "\n"
    table = _table(figure, business)
    return "\n".join([*head, "", *table, "", *_sum(figure, language)]) + "\n"


def shown(figure: TaskFigure, language: Language) -> str:
    """The figure as people read it: 66,7 %, 3 tâches, 2,5 jours; — when it does not exist."""
    value = figure.value
    if value is None:
        return "—"
    if figure.unit == "percent":
        return percent(value, language)
    if figure.unit == "count":
        return _tasks(int(value), language)
    text = number(value, 0 if value == value.to_integral_value() else 1, language)
    if figure.unit == "per week":
        return word(language, "per_week", n=text)
    # French says 1,5 jour: the plural begins with two.
    one = value < 2 if language == "fr" else value == 1
    return word(language, "one_day" if one else "some_days", n=text)


def _tasks(n: int, language: Language) -> str:
    return word(language, "one_task" if n == 1 else "tasks", n=n)


def _table(figure: TaskFigure, business: Business) -> list[str]:
    """A row for each task, with the columns that some task has; the title last, since it may be long."""
    language = business.language
    cells: Mapping[str, Callable[[TaskLine], str]] = {
        "due": lambda line: _due(line.due, business),
        "first_due": lambda line: _due(line.first_due, business),
        "touched" if figure.figure in _OPEN else "done": lambda line: _due(line.at, business),
        "times" if figure.figure == "postponed_count" else "days": lambda line: _number(line.number, language),
        "who": lambda line: ", ".join(line.who),
        "place": lambda line: line.place or "",
    }
    if figure.unit == "percent":
        cells = {"kept": lambda line: word(language, "yes" if line.counted else "no"), **cells}
    lines = sorted(figure.lines, key=lambda line: (_key(line.due), _key(line.at), line.id))
    columns = [[word(language, name), *map(cell, lines)] for name, cell in cells.items()]
    columns = [column for column in columns if any(column[1:])]
    columns.append(["", *(line.id for line in lines)])
    widths = [max(map(len, column)) for column in columns]
    titles = [word(language, "title"), *(line.title.replace("\n", " ") for line in lines)]
    return [
        "  ".join([*(f"{column[row]:<{width}}" for column, width in zip(columns, widths, strict=True)), title]).rstrip()
        for row, title in enumerate(titles)
    ]


def _sum(figure: TaskFigure, language: Language) -> list[str]:
    """How the tasks make the figure."""
    n, value = len(figure.lines), shown(figure, language)
    everything = _tasks(n, language)
    if figure.unit == "percent":
        on_time = sum(line.counted for line in figure.lines)
        return [word(language, "share", on_time=on_time, all=everything, value=value)]
    if figure.unit == "per week":
        return [word(language, "weeks", all=everything, value=value)]
    found = [everything]
    if figure.figure == "cycle_time_p85":
        found.append(word(language, "rank", all=everything, rank=-(-85 * n // 100), value=value))
    elif figure.unit == "days":
        found.append(word(language, "longest" if figure.figure == "overdue_age_max" else "middle", value=value))
    if figure.figure.startswith("overdue"):
        found.append(word(language, "buckets", *_buckets(figure.lines)))
    return found


def _buckets(lines: Sequence[TaskLine]) -> list[int]:
    counts = [0] * (len(_AGES) + 1)
    for line in lines:
        counts[sum((line.number or 0) > edge for edge in _AGES)] += 1
    return counts


def _due(due: Due | None, business: Business) -> str:
    if isinstance(due, datetime):
        return instant(due, business.zone, business.language)
    return "" if due is None else day(due, business.language)


def _number(value: Decimal | None, language: Language) -> str:
    return "" if value is None else number(value, 0 if value == value.to_integral_value() else 1, language)


def _key(due: Due | None) -> str:
    return "" if due is None else due.isoformat()
