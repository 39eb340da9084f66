"""What the figures should look like at the destination: the CEO's page and the table of all below it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from hub.core.money import Money
from hub.core.types import Collection, Property, PropertyKind, Value
from hub.mapping.model import Business, FigureConfig, RevenueJob, Target
from hub.planning.calendar import month_of
from hub.planning.figure import Figure
from hub.planning.plan import Desired, DesiredRow
from hub.planning.verdict import Verdict, judge, limit_of, target_of
from hub.planning.words import Language, count, day, decimals, instant, money, percent, rounded, say

KEY_PROPERTY = "Hub"
_KINDS: Mapping[str, PropertyKind] = {
    "value": "number",
    "target": "number",
    "change": "text",
    "counted_at": "instant",
    "proof": "text",
}
_LOOKS = {
    "on_track": ("green_background", "🟢"),
    "at_risk": ("yellow_background", "🟡"),
    "off_track": ("red_background", "🔴"),
    "too_early": ("gray_background", "⚪"),
    None: ("gray_background", "⚪"),
}


def desired(figures: Sequence[Figure], job: RevenueJob, business: Business, now: datetime) -> tuple[Desired, ...]:
    """The page, then the table inside it: in the order in which they must be made."""
    page = Collection(name=page_name(job, business), kind="page")
    earlier = _previous(figures)
    return (
        Desired(collection=page, rows=_blocks(figures, earlier, job, business, now)),
        Desired(collection=_table(job, business, page.name), rows=_rows(figures, earlier, job, business, now)),
    )


def page_name(job: RevenueJob, business: Business) -> str:
    """The title of the CEO's page: the one in the file, else "Tableau de bord — Atelier Lila"."""
    return job.show_in.page or f"{say(business.language, 'dashboard')} — {business.business}"


def owned(job: RevenueJob, language: Language) -> Mapping[str, str]:
    """Property name -> role, as the file says; every role under its usual name when the file says nothing."""
    return job.show_in.hub_owns or {say(language, role): role for role in _KINDS}


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
) -> tuple[DesiredRow, ...]:
    language = business.language
    configs = {config.figure: config for config in job.figures}
    current = month_of(now, business.zone).label
    open_periods = {current, max((f.period for f in figures if f.period < current), default=current)}
    made = []
    for figure in figures:
        config = configs[figure.figure]
        by_role = {
            "value": shown(figure.value),
            "target": target_of(config, figure, business.currency),
            "change": _change(figure, earlier.get(figure.key), language) if figure.closed else "",
            # Destinations keep whole minutes: seconds would look like somebody's edit.
            "counted_at": figure.counted_at and figure.counted_at.replace(second=0, microsecond=0),
            "proof": proof(figure, language),
        }
        values: dict[str, Value] = {
            say(language, "figure"): f"{config.title} · {figure.period}",
            KEY_PROPERTY: figure.key,
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


def _blocks(
    figures: Sequence[Figure],
    earlier: Mapping[str, Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
) -> tuple[DesiredRow, ...]:
    language = business.language
    configs = {config.figure: config for config in job.figures}
    points, shown_figures = [], []
    for figure in (each for each in figures if not each.closed):
        config = configs[figure.figure]
        verdict = judge(config, figure, business.currency, now, business.zone)
        if verdict.word in {"at_risk", "off_track"}:
            points.append(_title(config, figure, business))
        color, icon = _LOOKS[verdict.word]
        text = _sentence(config, figure, earlier.get(figure.key), verdict, business)
        shown_figures.append(_block(f"figure/{figure.figure}/{figure.currency}", "callout", text, color, icon))
    return (
        _state(figures, points, business),
        _block("heading", "heading_2", say(language, "key_figures")),
        *shown_figures,
        _block("table", "heading_2", say(language, "all_figures")),
    )


def _state(figures: Sequence[Figure], points: Sequence[str], business: Business) -> DesiredRow:
    language = business.language
    newest = max((at for figure in figures if (at := figure.counted_at) is not None), default=None)
    fresh = (
        say(language, "counted_none")
        if newest is None
        else say(language, "counted", when=instant(newest, business.zone, language))
    )
    if not points:
        return _block("state", "callout", f"**{say(language, 'all_well')}** · {fresh}", "green_background", "✅")
    head = say(language, "one_point") if len(points) == 1 else say(language, "points", n=len(points))
    text = f"**{head}**{say(language, 'colon')}{', '.join(points)} · {fresh}"
    return _block("state", "callout", text, "yellow_background", "👀")


def _sentence(config: FigureConfig, figure: Figure, before: Figure | None, verdict: Verdict, business: Business) -> str:
    """**Encaissements** : **9 430,00 €** · objectif 12 000,00 € (79 %) · mois précédent 8 900,00 € · En bonne voie"""
    language = business.language
    parts = [f"**{_title(config, figure, business)}**{say(language, 'colon')}**{display(figure, language)}**"]
    risk = [line.amount.amount for line in figure.lines if line.note == "past_due"]
    if figure.figure == "mrr" and risk:
        amount = money(Money(sum(risk, Decimal(0)), figure.currency), language)
        parts.append(say(language, "risk", value=amount))
    target = target_of(config, figure, business.currency)
    if target is not None:
        text = _in_unit(target, figure, language)
        if isinstance(config.target, Target) and config.target.by is not None:
            text = say(language, "by", what=text, day=day(config.target.by, language))
        if verdict.share is None:
            parts.append(say(language, "target_of", target=text))
        else:
            share = percent(verdict.share, language, places=0)
            parts.append(say(language, "target_share", target=text, share=share))
    limit = limit_of(config, figure, business.currency)
    if limit is not None:
        parts.append(say(language, "warn_above", limit=_in_unit(limit, figure, language)))
    if before is not None:
        parts.append(say(language, "previous", value=display(before, language)))
    if verdict.word is not None:
        parts.append(say(language, verdict.word))
    return " · ".join(parts)


def display(figure: Figure, language: Language) -> str:
    """The figure as people read it; — when it does not exist."""
    if isinstance(figure.value, Money):
        return money(figure.value, language)
    return "—" if figure.value is None else percent(figure.value, language)


def shown(value: Money | Decimal | None) -> Decimal | None:
    """The number that the destination holds: an amount in its currency's decimals, a rate with one decimal."""
    if isinstance(value, Money):
        return rounded(value.amount, decimals(value.currency))
    return None if value is None else rounded(value, 1)


def proof(figure: Figure, language: Language) -> str:
    """14 lignes · hub why cash_in 2026-10 --currency EUR"""
    parts = [count(len(figure.lines), language)]
    if figure.estimated:
        parts.append(say(language, "estimated"))
    parts.append(f"hub why {figure.figure} {figure.period} --currency {figure.currency}")
    return " · ".join(parts)


def _change(figure: Figure, before: Figure | None, language: Language) -> str:
    """+420,00 € (+5,1 %) against the month before; for a rate, the difference in points."""
    if before is None:
        return ""
    new, old = figure.value, before.value
    if isinstance(new, Money) and isinstance(old, Money):
        difference = money(new - old, language, sign=True)
        if old.amount <= 0:
            return difference
        share = 100 * (new.amount - old.amount) / old.amount
        return f"{difference} ({percent(share, language, sign=True)})"
    if isinstance(new, Decimal) and isinstance(old, Decimal):
        points = percent(new - old, language, sign=True).rstrip("%\u00a0")
        return f"{points}\u00a0{say(language, 'point')}"
    return ""


def _title(config: FigureConfig, figure: Figure, business: Business) -> str:
    return config.title if figure.currency == business.currency else f"{config.title} ({figure.currency})"


def _in_unit(value: Decimal, figure: Figure, language: Language) -> str:
    return percent(value, language) if figure.unit == "percent" else money(Money(value, figure.currency), language)


def _previous(figures: Sequence[Figure]) -> Mapping[str, Figure]:
    """For each figure's key, the same figure of the month before."""
    found: dict[str, Figure] = {}
    last: dict[tuple[str, str], Figure] = {}
    for figure in sorted(figures, key=lambda each: each.period):
        series = (figure.figure, figure.currency)
        if series in last:
            found[figure.key] = last[series]
        last[series] = figure
    return found


def _block(key: str, block: str, text: str, color: str | None = None, icon: str | None = None) -> DesiredRow:
    values: dict[str, Value] = {"block": block, "text": text, "color": color, "icon": icon}
    return DesiredRow(key=key, values=values, why=text.replace("*", ""))
