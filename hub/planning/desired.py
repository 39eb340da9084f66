"""What the figures should look like at the destination: the CEO's page and the table of all below it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from hub.core.money import Money
from hub.core.types import Collection, Property, PropertyKind, Value
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, RevenueJob
from hub.planning.calendar import month_of
from hub.planning.counted import Counted
from hub.planning.figure import Figure, is_small
from hub.planning.figures.names import FIGURES
from hub.planning.page import page_rows, waiting
from hub.planning.page_facts import NOTHING, Beside
from hub.planning.page_words import display
from hub.planning.page_words import say as word
from hub.planning.plan import Desired, DesiredRow
from hub.planning.verdict import target_of
from hub.planning.weekly import Report, report_of, rows
from hub.planning.words import Language, count, decimals, money, number, percent, rounded, say

KEY_PROPERTY = "Hub"
_KINDS: Mapping[str, PropertyKind] = {
    "value": "number",
    "target": "number",
    "change": "text",
    "counted_at": "instant",
    "proof": "text",
}


def desired(
    figures: Sequence[Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    beside: Beside = NOTHING,
    counted: Counted | None = None,
) -> tuple[Desired, ...]:
    """The page, then the table inside it: in the order in which they must be made.

    `beside`: what else the page has. `counted`: what there is to say of the figures, and those that only objectives
    ask for; None: nothing but the figures.
    """
    page = Collection(name=page_name(job, business), kind="page")
    earlier = _previous(figures if counted is None else counted.known.values())
    return (
        Desired(collection=page, rows=page_rows(figures, earlier, job, business, now, beside, counted)),
        Desired(collection=_table(job, business, page.name), rows=_rows(figures, earlier, job, business, now, counted)),
        *(_report(each, page.name) for each in reports(figures, job, business, now, beside, counted)),
    )


def reports(
    figures: Sequence[Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    beside: Beside,
    counted: Counted | None = None,
) -> tuple[Report, ...]:
    """Each week and month that is over and has no page, in the language of the business."""
    if not beside.closings:
        return ()
    earlier = _previous(figures if counted is None else counted.known.values())
    waits = waiting(figures, earlier, job, business, now, beside, counted)
    return tuple(report_of(closing, figures, job, business, waits) for closing in beside.closings)


def _report(report: Report, page: str) -> Desired:
    """It is a page in the page."""
    return Desired(collection=Collection(name=report.title, kind="page", inside=page), rows=rows(report))


def page_name(job: RevenueJob, business: Business) -> str:
    """The title of the CEO's page: the one in the file, else "Tableau de bord — Atelier Lila"."""
    return job.show_in.page or f"{say(business.language, 'dashboard')} — {business.business}"


def owned(job: RevenueJob, language: Language) -> Mapping[str, str]:
    """Property name -> role, as the file says; every role under its usual name when the file says nothing."""
    return job.show_in.hub_owns or {say(language, role): role for role in _KINDS}


def columns_of(job: RevenueJob, language: Language) -> Mapping[str, str]:
    """What a chart needs of the table -> the name of its column. No "value" where the file has the hub write none."""
    named = {role: name for name, role in owned(job, language).items()}
    fixed = {name: say(language, name) for name in ("period", "currency")} | {"series": word(language, "series")}
    return fixed | ({"value": named["value"]} if "value" in named else {})


def _table(job: RevenueJob, business: Business, page: str) -> Collection:
    language = business.language
    return Collection(
        name=job.show_in.database,
        kind="table",
        key_property=KEY_PROPERTY,
        inside=page,
        properties=(
            Property(name=say(language, "figure"), kind="title"),
            Property(name=KEY_PROPERTY, kind="text"),
            Property(name=word(language, "series"), kind="text"),
            Property(name=say(language, "period"), kind="text"),
            Property(name=say(language, "currency"), kind="select"),
            Property(name=say(language, "unit"), kind="select"),
            *(Property(name=name, kind=_KINDS[role]) for name, role in owned(job, language).items()),
        ),
    )


def _rows(
    figures: Sequence[Figure],
    earlier: Mapping[str, Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    counted: Counted | None,
) -> tuple[DesiredRow, ...]:
    language = business.language
    restated = {} if counted is None else counted.restated
    configs: dict[str, FigureConfig] = {name: config for config in job.figures for name in config.names}
    current = month_of(now, business.zone).label
    open_periods = {current, max((f.period for f in figures if f.period < current), default=current)}
    made = []
    for figure in (each for each in figures if each.figure in configs):
        config = configs[figure.figure]
        title = _title(config, figure, language)
        by_role = {
            "value": shown(figure.value),
            "target": target_of(config, figure, business.currency),
            "change": _change(figure, earlier.get(figure.key), language) if figure.closed else "",
            # Destinations keep whole minutes: seconds would look like somebody's edit.
            "counted_at": figure.counted_at and figure.counted_at.replace(second=0, microsecond=0),
            "proof": proof(figure, language, restated.get(figure.key)),
        }
        values: dict[str, Value] = {
            say(language, "figure"): f"{title} · {figure.period}",
            KEY_PROPERTY: figure.key,
            word(language, "series"): title,
            say(language, "period"): figure.period,
            say(language, "currency"): figure.currency,
            say(language, "unit"): "%" if figure.unit == "percent" else figure.currency,
        }
        values.update({name: by_role[role] for name, role in owned(job, language).items()})
        made.append(
            DesiredRow(
                key=figure.key,
                values=values,
                why=f"{figure.key} = {display(figure, language)}, {count(len(figure.lines), language)}",
                # An estimated past is recounted from what is known today; that it moves is no sign of a fault.
                expected=figure.estimated or figure.period in open_periods,
            )
        )
    return tuple(made)


def shown(value: Money | Decimal | None) -> Decimal | None:
    """The number that the destination holds: an amount in its currency's decimals, a rate with one decimal."""
    if isinstance(value, Money):
        return rounded(value.amount, decimals(value.currency))
    return None if value is None else rounded(value, 1)


def proof(figure: Figure, language: Language, restated: str | None = None) -> str:
    """14 lignes · hub why cash_in 2026-10 --currency EUR; of a month that is not what it was, why."""
    parts = [count(len(figure.lines), language)]
    if figure.estimated:
        parts.append(say(language, "estimated"))
    if restated:
        parts.append(restated)
    currency = f" --currency {figure.currency}" if figure.currency else ""
    parts.append(f"hub why {figure.figure} {figure.period}{currency}")
    return " · ".join(parts)


def _change(figure: Figure, before: Figure | None, language: Language) -> str:
    """+420,00 € (+5,1 %) against all of the month before; for a rate, the difference in points, unless it is of few."""
    if before is None or is_small(figure) or is_small(before):
        return ""
    new, old = figure.value, before.value
    if isinstance(new, Money) and isinstance(old, Money):
        difference = money(new - old, language, sign=True)
        if old.amount <= 0:
            return difference
        share = 100 * (new.amount - old.amount) / old.amount
        return f"{difference} ({percent(share, language, sign=True)})"
    if isinstance(new, Decimal) and isinstance(old, Decimal):
        if figure.unit != "percent":
            return number(new - old, 0 if figure.unit == "count" else 2, language, sign=True)
        points = percent(new - old, language, sign=True).rstrip("%\u00a0")
        return f"{points}\u00a0{say(language, 'point')}"
    return ""


def _title(config: FigureConfig, figure: Figure, language: Language) -> str:
    """Of what stands for several figures, which of them it is too."""
    if config.figure == figure.figure:
        return config.title
    return f"{config.title} · {FIGURES[figure.figure].titles[language]}"


def _previous(figures: Iterable[Figure]) -> Mapping[str, Figure]:
    """For each figure's key, the same figure of the month before."""
    found: dict[str, Figure] = {}
    last: dict[tuple[str, str], Figure] = {}
    for figure in sorted(figures, key=lambda each: each.period):
        series = (figure.figure, figure.currency)
        if series in last:
            found[figure.key] = last[series]
        last[series] = figure
    return found
