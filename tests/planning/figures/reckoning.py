"""Every recurring and instalment figure of some records, for the tests of `states`, `movements`, `ratios`, `plans`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from hub.core.money import Money
from hub.core.types import Record
from hub.planning.calendar import Month, months
from hub.planning.figure import Figure
from hub.planning.figures import movements, plans, states
from hub.planning.figures.books import Books, books
from hub.planning.figures.movements import Bridge
from hub.planning.figures.parts import Plan
from hub.planning.figures.states import Snapshot, Standing
from tests.planning.figures.recurring import recurring
from tests.planning.make import NOW, business, item, job, price, subscription, view


@dataclass
class Reckoning:
    """The figures of a business, at hand by name and month."""

    records: tuple[Record, ...]
    since: str = "2026-01-01"
    zone: str = "UTC"
    memory: tuple[Snapshot, ...] = ()
    decided: Mapping[str, str] | None = None
    now: datetime = NOW

    @cached_property
    def books(self) -> Books:
        home = business(timezone=self.zone)
        found = books(view(*self.records), job(since=self.since).read, home, self.now)
        return Books(**{**vars(found), "decided": self.decided or {}})

    @cached_property
    def span(self) -> tuple[Month, ...]:
        return months(date.fromisoformat(self.since), self.now, self.books.zone)

    @cached_property
    def standing(self) -> tuple[Standing, ...]:
        return states.standings(self.books, self.span, self.memory)

    @cached_property
    def bridges(self) -> tuple[Bridge, ...]:
        return movements.bridges(self.books, self.standing)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        return plans.plans(self.books)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        found = tuple(recurring(self.books, self.span, self.memory))
        made = {each.key: each for each in found}
        assert len(made) == len(found), "a figure was made twice"
        return made

    def figure(self, name: str, period: str = "2026-11", currency: str = "EUR") -> Figure:
        return self.figures[f"{name}/{period}/{currency}"]

    def value(self, name: str, period: str = "2026-11", currency: str = "EUR") -> Any:
        """The number alone, without the zeros at its end."""
        value = self.figure(name, period, currency).value
        number = value.amount if isinstance(value, Money) else value
        return None if number is None else number.normalize() + 0

    def values(self, name: str, periods: Iterable[str], currency: str = "EUR") -> list[Any]:
        return [self.value(name, f"2026-{period}", currency) for period in periods]


def reckon(*records: Record, **more: Any) -> Reckoning:
    return Reckoning(records, **more)


def of(customer: str, amount: str = "100", key: str = "", **more: Any) -> Record:
    """A monthly subscription of a customer, begun on 5 February 2026 unless told otherwise."""
    key = key or f"sub_{customer}"
    items = more.pop("items", None)
    if items is None:
        paid = price(amount, currency=more.get("currency", "EUR"), id=f"price_{key}")
        items = [{**item(), "id": f"si_{key}", "price": paid}]
    return subscription(key, items, who={"key": customer}, **more)


def gone(at: datetime, **more: Any) -> dict[str, Any]:
    """The fields of a subscription that ended then."""
    return {"status": "canceled", "ended_at": at, "canceled_at": at, **more}
