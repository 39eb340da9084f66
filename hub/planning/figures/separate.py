"""Sales paid in parts by invoices of their own, without a subscription: which invoices are one sale (DOMAIN 1.6). Pure.

What people said of an invoice, of the price or product of one of its lines, or in its metadata decides: a number of
parts makes so many invoices one sale after the other, "yes" those that were made together, "no" none. Where nobody said
anything, invoices that were made together and are due on different days may be one sale: that is asked, never guessed.

Made together: for the same customer, in the same currency, for the same products, sent with a due date, within 24 hours
of the first. Invoices that are made one by one, each when it is due, are ordinary ones; one that was taken back within
those 24 hours was a slip.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from hub.planning.figures.records import Bill
from hub.planning.instalments import Hints, meaning, tag
from hub.planning.objects import Invoice, Price

TOGETHER = timedelta(hours=24)
Said: TypeAlias = tuple[str, str]
"""What people said of an invoice, and of which thing they said it."""


@dataclass(frozen=True, slots=True)
class Series:
    """The invoices of one sale, by due date. `whole`: all that there will be. `keys`: by which it can be decided."""

    kind: Literal["instalments", "unsure"]
    customer: str
    invoices: tuple[Invoice, ...]
    whole: bool
    numbered: bool
    keys: tuple[str, ...]

    @property
    def key(self) -> str:
        """That of its first invoice."""
        return min(self.invoices, key=_made).key


@dataclass(frozen=True, slots=True)
class _Loose:
    """An invoice without subscription. `things`: the products of its lines."""

    invoice: Invoice
    customer: str
    things: tuple[str, ...]
    prices: tuple[str, ...]
    said: Said | None


def found(
    invoices: Iterable[Invoice], bills: Mapping[str, Bill], hints: Hints, prices: Mapping[str, Price]
) -> tuple[Series, ...]:
    """Every sale in separate invoices, in the order of their first ones."""
    alone = [each for each in invoices if each.subscription is None and each.due.amount > 0 and not _slip(each)]
    known = [each for each in sorted(alone, key=_made) if bills[each.key].customer]
    loose = [_read(each, bills[each.key], hints, prices) for each in known]
    counted = [each for each in loose if each.said is not None and _number(each.said)]
    rest = [each for each in loose if each.said is None or not _number(each.said)]
    series = [*_by_number(counted), *_together(rest)]
    return tuple(sorted(series, key=lambda each: each.key))


def _slip(invoice: Invoice) -> bool:
    return invoice.given_up_at is not None and invoice.given_up_at - invoice.created <= TOGETHER


def _made(invoice: Invoice) -> tuple[object, ...]:
    return invoice.created, invoice.due_at or invoice.created, invoice.key


def _read(invoice: Invoice, bill: Bill, hints: Hints, prices: Mapping[str, Price]) -> _Loose:
    lines = [(price or "", product or "") for price, product, _ in bill.lines]
    things = tuple(sorted({product for _, product in lines if product}))
    return _Loose(
        invoice,
        bill.customer or "",
        things,
        tuple(dict.fromkeys(price for price, _ in lines if price)),
        _said(invoice, bill, lines, hints, prices),
    )


def _said(
    invoice: Invoice, bill: Bill, lines: Sequence[tuple[str, str]], hints: Hints, prices: Mapping[str, Price]
) -> Said | None:
    """The first word on it: the OBM's on the invoice, anybody's on a line's price or product, then its metadata."""
    decided = tag(invoice.key, hints=hints, metadata={})
    if decided is not None:
        return decided, invoice.key
    for price, product in lines:
        known = prices.get(price)
        of_line = tag(price, product, hints=hints, metadata={} if known is None else known.metadata)
        if of_line is not None:
            return of_line, price or product
    written = tag(invoice.key, hints=hints, metadata=bill.metadata)
    return None if written is None else (written, "")


def _number(said: Said) -> int:
    """How many parts were said; 0: no number."""
    return int(said[0]) if said[0].isascii() and said[0].isdigit() else 0


def _by_number(counted: Iterable[_Loose]) -> Iterator[Series]:
    """So many of the same customer, currency and thing as people said, one sale after the other."""
    groups: dict[tuple[object, ...], list[_Loose]] = {}
    for each in counted:
        groups.setdefault((each.customer, each.invoice.due.currency, each.said), []).append(each)
    for mine in groups.values():
        many = 0 if mine[0].said is None else _number(mine[0].said)
        for first in range(0, len(mine), many):
            part = mine[first : first + many]
            yield _series("instalments", part, whole=len(part) == many, numbered=True)


def _together(loose: Sequence[_Loose]) -> Iterator[Series]:
    """Those that were made together; and what people said is paid in parts and was not."""
    groups: dict[tuple[object, ...], list[_Loose]] = {}
    for each in loose:
        if not each.invoice.automatic and each.invoice.due_at is not None:
            groups.setdefault((each.customer, each.invoice.due.currency, each.things), []).append(each)
    taken: set[str] = set()
    for mine in groups.values():
        for part in _close(mine):
            kind = _kind(part)
            if kind is not None and len({each.invoice.due_at for each in part}) > 1:
                taken |= {each.invoice.key for each in part}
                yield _series(kind, part, whole=True, numbered=False)
    alone: dict[tuple[object, ...], list[_Loose]] = {}
    for each in loose:
        if each.invoice.key not in taken and each.said is not None and meaning(each.said[0]) == "instalments":
            alone.setdefault((each.customer, each.invoice.due.currency, each.said), []).append(each)
    for mine in alone.values():
        yield _series("instalments", mine, whole=False, numbered=False)


def _close(mine: Iterable[_Loose]) -> Iterator[list[_Loose]]:
    """Those within a day of the first, then of the next that is left."""
    part: list[_Loose] = []
    for each in mine:
        if part and each.invoice.created - part[0].invoice.created > TOGETHER:
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _kind(part: Iterable[_Loose]) -> Literal["instalments", "unsure"] | None:
    """What the first word on any of them says; None: ordinary invoices."""
    said = next((each.said for each in part if each.said is not None), None)
    if said is None:
        return "unsure"
    return "instalments" if meaning(said[0]) == "instalments" else None


def _series(kind: Literal["instalments", "unsure"], part: Sequence[_Loose], *, whole: bool, numbered: bool) -> Series:
    due = sorted(part, key=lambda each: (each.invoice.due_at or each.invoice.created, each.invoice.key))
    keys = dict.fromkeys(key for each in part for key in (*each.prices, *each.things))
    invoices = tuple(each.invoice for each in due)
    return Series(kind, part[0].customer, invoices, whole, numbered, (*keys, part[0].invoice.key))
