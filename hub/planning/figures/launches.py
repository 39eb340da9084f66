"""A launch: what was sold on each of its days, and what will be left of it. Pure.

Days are the business's own. Sales count on the day on which they were made, with the whole of what was signed; what is
received, given back and still refundable belongs to those sales, whenever it happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.money import Money, total
from hub.mapping.steering import Launch
from hub.planning.prices import to_decimal

Way: TypeAlias = Literal["at once", "in parts", "recurring", "outside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One sale of an offer. `signed`: its whole contract. `received`: of it, before refunds. `refunded`: of that."""

    key: str
    person: str
    at: datetime
    offer: str
    way: Way
    signed: Money
    received: Money
    refunded: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySales:
    """What was sold on one day of an offer, paid in one way."""

    day: date
    offer: str
    way: Way
    sales: tuple[Sale, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The money of a launch in one currency. `refundable`: of what was received and not given back, what still may be.

    `final_on`: the first day on which nothing may be given back any more.
    """

    signed: Money
    received: Money
    refunded: Money
    refundable: Money
    final_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A launch so far. `conversion`: of those who registered, how many of each hundred bought; None: nobody registered.

    `registered`, `bought`: addresses. `unregistered`: sales to people who had not registered, who are in no rate.
    """

    launch: Launch
    day_number: int
    days: tuple[DaySales, ...]
    totals: tuple[Total, ...]
    registered: frozenset[str]
    bought: frozenset[str]
    conversion: Decimal | None
    unregistered: tuple[Sale, ...]

    @property
    def sales(self) -> tuple[Sale, ...]:
        """Every sale, in order."""
        return tuple(sorted((s for day in self.days for s in day.sales), key=lambda s: (s.at, s.key)))

    def until(self, number: int) -> tuple[Sale, ...]:
        """The sales of its first `number` days."""
        end = self.launch.opens + timedelta(days=number)
        return tuple(sale for day in self.days if day.day < end for sale in day.sales)


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A launch against the one before, day for day: both after the same number of days."""

    number: int
    sales: int
    sales_then: int
    signed: tuple[Money, ...]
    signed_then: tuple[Money, ...]


def report(
    launch: Launch,
    sales: Iterable[Sale],
    registrations: Mapping[str, Sequence[datetime]],
    zone: ZoneInfo,
    now: datetime,
) -> Report:
    """The launch as it stands at `now`. `registrations`: address -> when it registered, anywhere the file names."""
    offers = {each.strip().casefold() for each in launch.offers}
    mine = [
        sale
        for sale in sales
        if sale.at <= now and sale.offer.strip().casefold() in offers and sale.at.astimezone(zone).date() in launch
    ]
    today = now.astimezone(zone).date()
    registered = frozenset(
        person for person, times in registrations.items() if any(_registers(launch, at, zone, now) for at in times)
    )
    bought = frozenset(sale.person for sale in mine if sale.person in registered)
    return Report(
        launch=launch,
        day_number=min(max((today - launch.opens).days + 1, 0), (launch.closes - launch.opens).days + 1),
        days=tuple(_days(mine, zone)),
        totals=tuple(_total(launch, mine, currency, zone, now) for currency in _currencies(mine)),
        registered=registered,
        bought=bought,
        conversion=to_decimal(Fraction(100 * len(bought), len(registered))) if registered else None,
        unregistered=tuple(sale for sale in mine if sale.person not in registered),
    )


def against(now: Report, before: Report) -> Against:
    """Both after as many days as the later one has run."""
    number = now.day_number
    these, those = now.until(number), before.until(number)
    return Against(
        number=number,
        sales=len(these),
        sales_then=len(those),
        signed=tuple(_sum(these, currency) for currency in _currencies(these)),
        signed_then=tuple(_sum(those, currency) for currency in _currencies(those)),
    )


def _registers(launch: Launch, at: datetime, zone: ZoneInfo, now: datetime) -> bool:
    day = at.astimezone(zone).date()
    return at <= now and day <= launch.closes and (launch.registered_from is None or day >= launch.registered_from)


def _days(sales: Sequence[Sale], zone: ZoneInfo) -> Iterable[DaySales]:
    found: dict[tuple[date, str, Way], list[Sale]] = {}
    for sale in sorted(sales, key=lambda sale: (sale.at, sale.key)):
        found.setdefault((sale.at.astimezone(zone).date(), sale.offer, sale.way), []).append(sale)
    for (day, offer, way), mine in sorted(found.items(), key=lambda item: item[0]):
        yield DaySales(day=day, offer=offer, way=way, sales=tuple(mine))


def _total(launch: Launch, sales: Sequence[Sale], currency: str, zone: ZoneInfo, now: datetime) -> Total:
    mine = [sale for sale in sales if sale.signed.currency == currency]
    ends = {sale.key: _final(launch, sale, zone) for sale in mine}
    open_ = [sale for sale in mine if now < datetime.combine(ends[sale.key], time.min, zone).astimezone(UTC)]
    return Total(
        signed=_sum(mine, currency),
        received=total(currency, (sale.received for sale in mine)),
        refunded=total(currency, (sale.refunded for sale in mine)),
        refundable=total(currency, (sale.received - sale.refunded for sale in open_)),
        final_on=max(ends.values()),
    )


def _final(launch: Launch, sale: Sale, zone: ZoneInfo) -> date:
    """The day after the last one of those in which it may be given back, which do not count the day of the sale."""
    return sale.at.astimezone(zone).date() + timedelta(days=launch.refundable_days + 1)


def _currencies(sales: Sequence[Sale]) -> tuple[str, ...]:
    return tuple(sorted({sale.signed.currency for sale in sales}))


def _sum(sales: Sequence[Sale], currency: str) -> Money:
    return total(currency, (sale.signed for sale in sales if sale.signed.currency == currency))
