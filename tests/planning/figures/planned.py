"""The planner's figures of some records: the one place in these tests that knows how they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from hub.core.types import Record
from hub.mapping.revenue_job import Read
from hub.planning.calendar import months
from hub.planning.figure import Figure
from hub.planning.figures import states
from hub.planning.figures.books import books as read_books
from hub.planning.figures.cash import cash
from hub.planning.figures.orders import orders
from hub.planning.figures.plans import plans
from hub.planning.figures.rules import Rules
from tests.planning.figures.recurring import recurring
from tests.planning.make import NOW, business, view

Found = dict[tuple[str, str, str], Figure]
"""(figure, period, currency) -> the figure."""


def planned(
    records: Iterable[Record],
    *,
    since: date,
    now: datetime = NOW,
    zone: str = "Europe/Paris",
    home: str = "EUR",
    tax: Decimal | None = None,
    earlier: Mapping[datetime, Iterable[Record]] = MappingProxyType({}),
) -> Found:
    """Every figure of every month since then. `tax`: the business's rate in percent; None: it collects no tax.

    `earlier`: the records as they were at the instants at which the hub wrote down what it saw.
    """
    records = tuple(records)
    owner = business(timezone=zone, currency=home)
    read = Read.model_validate({"from": "stripe", "since": since})
    books = read_books(view(*records), (read,), owner, now)
    span = months(since, now, owner.zone)
    rules = Rules(tax_rate=tax, franchise=tax is None)
    memory = [states.remember(read_books(view(*seen), (read,), owner, at)) for at, seen in earlier.items()]
    made = [*cash(books, rules, span), *orders(books, plans(books), span), *recurring(books, span, memory)]
    found: Found = {}
    for figure in made:
        key = (figure.figure, figure.period, figure.currency)
        assert key not in found, f"{key} was counted twice"
        found[key] = figure
    return found
