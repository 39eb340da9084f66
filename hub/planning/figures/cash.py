"""What moved, from the account's balance transactions by their reporting category (DOMAIN 1.2). Pure.

The books must balance. For each month and currency, or ValueError:

    net_volume = gross_volume - refunds - disputes - late_failures - fees + other_movements
    cash_in = gross_volume - refunds - disputes - late_failures
            = cash_recurring + cash_one_off + cash_instalments + cash_to_classify
    everything that moved = net_volume - payouts + treasury

A category that nobody knows is in `other_movements`, and `unknown` names it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import CASH, REFUNDS, Figure, ProofLine, added
from hub.planning.figures.books import Books
from hub.planning.figures.lines import figure
from hub.planning.figures.names import FIGURES as ALL
from hub.planning.figures.origin import PARTS, origin
from hub.planning.figures.outside import outside
from hub.planning.figures.records import Transaction
from hub.planning.figures.rules import Rules
from hub.planning.figures.tax import without_tax

FEES = frozenset({"fee", "tax"})
"""What Stripe bills apart from a payment: its fees, and the tax on them."""
PAYOUTS = frozenset({"payout", "payout_reversal"})
_TREASURY = PAYOUTS | {"topup", "topup_reversal", "transfer", "transfer_reversal"}
_OTHER = {
    *("advance", "advance_funding", "anticipation_repayment", "climate_order_purchase", "climate_order_refund"),
    *("contribution", "connect_collection_transfer", "financing_paydown", "financing_paydown_reversal"),
    *("financing_payout", "financing_payout_reversal", "issuing_authorization_hold"),
    *("issuing_authorization_release", "issuing_disbursement", "issuing_dispute", "issuing_transaction"),
    *("network_cost", "other_adjustment", "platform_earning", "platform_earning_refund"),
    "unreconciled_customer_funds",
}
"""Known categories that no figure but other_movements counts (https://docs.stripe.com/reports/reporting-categories)."""
_TAKEN = {"disputes": frozenset({"dispute", "dispute_reversal"}), "late_failures": frozenset({"charge_failure"})}
_TAKEN["refunds"] = REFUNDS
MONEY = (
    *("gross_volume", "refunds", "disputes", "late_failures", "fees", "other_movements", "net_volume", "payouts"),
    *("treasury", "cash_in", *PARTS.values(), "paid_outside"),
)
"""The figures of money that `cash` makes, in its order."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A category that the hub does not know: counted in other_movements, and to be looked at."""

    category: str
    count: int
    amount: Money


def cash(books: Books, rules: Rules, span: Iterable[Month], wanted: Container[str] = ALL) -> Iterator[Figure]:
    """The cash figures of each month and currency, those `wanted`. ValueError when a month does not balance.

    A currency has figures from the month in which it first moved, and then in every month. cash_in_net is left out
    where nobody knows the tax: no rate is set and Stripe worked none out.
    """
    paid_outside = outside(books)
    for month in span:
        moved: dict[str, list[Transaction]] = {}
        for each in books.within(month):
            moved.setdefault(each.amount.currency, []).append(each)
        elsewhere = {line.currency for line in paid_outside if line.at < month.end}
        for currency in books.currencies_by(month, elsewhere):
            lines = _lines(books, moved.get(currency, ()))
            lines["paid_outside"] = [
                line for line in paid_outside if line.currency == currency and month.start <= line.at < month.end
            ]
            _balance(month, currency, moved.get(currency, ()), lines)
            yield from _money(month, currency, lines, wanted, closed=books.closed(month))
            yield from _further(books, rules, month, currency, moved.get(currency, ()), lines, wanted)


def unknown(books: Books, span: Iterable[Month]) -> tuple[Unknown, ...]:
    """The categories of these months that the hub does not know, by currency."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for month in span:
        for each in books.within(month):
            if each.category not in CASH | FEES | _OTHER and not is_treasury(each.category):
                found.setdefault((each.category, each.net.currency), []).append(each.net.amount)
    return tuple(
        Unknown(category, len(nets), Money(sum(nets, Decimal(0)), currency))
        for (category, currency), nets in sorted(found.items())
    )


@cache
def is_treasury(category: str) -> bool:
    """Whether money only changed its place: payouts, top-ups, transfers, reserves, conversions. Never revenue."""
    return category in _TREASURY or "reserve" in category or "conversion" in category


def _money(
    month: Month, currency: str, lines: Mapping[str, list[ProofLine]], wanted: Container[str], *, closed: bool
) -> Iterator[Figure]:
    for name in MONEY:
        if name in wanted:
            yield figure(name, month, currency, tuple(lines[name]), estimated=False, closed=closed)


def _further(
    books: Books,
    rules: Rules,
    month: Month,
    currency: str,
    moved: Sequence[Transaction],
    lines: Mapping[str, list[ProofLine]],
    wanted: Container[str],
) -> Iterator[Figure]:
    """Cash without tax, and how much of it recurs."""
    closed = books.closed(month)
    if "cash_in_net" in wanted:
        net = without_tax(books, rules, [each for each in moved if each.category in CASH], currency)
        if net is not None:
            found, estimated = net
            yield figure("cash_in_net", month, currency, found, closed=closed, estimated=estimated)
    if "recurring_share" in wanted:
        share = [_part(line, "of") for line in lines["cash_recurring"]]
        share += [_part(line, "per") for name in ("cash_recurring", "cash_one_off") for line in lines[name]]
        yield figure("recurring_share", month, currency, tuple(share), estimated=False, closed=closed)


def _part(line: ProofLine, part: str) -> ProofLine:
    return ProofLine(line.id, line.what, line.amount, line.at, line.note, "of" if part == "of" else "per")


def _lines(books: Books, moved: Iterable[Transaction]) -> dict[str, list[ProofLine]]:
    """What each transaction adds to each figure."""
    lines: dict[str, list[ProofLine]] = {name: [] for name in MONEY}
    for each in moved:
        treasury = is_treasury(each.category)
        if not treasury:
            lines["net_volume"].append(_line(each, each.net))
        if each.category in CASH:
            line = _line(each, each.amount)
            lines["cash_in"].append(line)
            lines[PARTS[origin(books, each)]].append(line)
            if each.category == "charge":
                lines["gross_volume"].append(line)
            else:
                taken = next(name for name, categories in _TAKEN.items() if each.category in categories)
                lines[taken].append(_line(each, -each.amount))
            lines["fees"] += _fees(each)
        elif each.category in FEES:
            lines["fees"] += [_line(each, -each.amount), *_fees(each)]
        elif each.category in PAYOUTS:
            lines["payouts"].append(_line(each, -each.amount))
            lines["treasury"] += [_line(each, -each.fee)] if each.fee.amount else []
        else:
            lines["treasury" if treasury else "other_movements"].append(_line(each, each.net))
    return lines


def _line(each: Transaction, amount: Money, what: str | None = None) -> ProofLine:
    return ProofLine(each.key, what or each.category, amount, each.at, each.note)


def _fees(each: Transaction) -> Iterator[ProofLine]:
    """The fee inside a transaction by its types; what the types do not explain is a line of its own."""
    rest = each.fee
    for kind, amount in each.fees:
        if amount.amount:
            yield _line(each, amount, kind)
        rest -= amount
    if rest.amount:
        yield _line(each, rest, "fee")


def _balance(
    month: Month, currency: str, moved: Iterable[Transaction], lines: Mapping[str, Sequence[ProofLine]]
) -> None:
    """ValueError when the figures of a month do not add up, with the categories in which they do not."""
    of: dict[str, Decimal] = {name: added(found) for name, found in lines.items()}
    cash_in = of["gross_volume"] - of["refunds"] - of["disputes"] - of["late_failures"]
    sides = {
        "net_volume": (of["net_volume"], cash_in - of["fees"] + of["other_movements"]),
        "cash_in": (of["cash_in"], cash_in),
        "the parts of cash_in": (sum((of[name] for name in PARTS.values()), Decimal(0)), cash_in),
        "what moved": (
            sum((each.net.amount for each in moved), Decimal(0)),
            of["net_volume"] - of["payouts"] + of["treasury"],
        ),
    }
    for name, (one, other) in sides.items():
        if one != other:
            raise ValueError(
                f"{month.label} {currency} does not balance: {name} is {one}, its parts make {other}. "
                f"{_culprits(moved)}"
            )


def _culprits(moved: Iterable[Transaction]) -> str:
    wrong: dict[str, list[Decimal]] = {}
    for each in moved:
        if each.net.amount != each.amount.amount - each.fee.amount:
            sums = wrong.setdefault(each.category, [Decimal(0)] * 3)
            for place, money in enumerate((each.amount, each.fee, each.net)):
                sums[place] += money.amount
    said = (f"{category}: amount {a}, fee {f}, net {n}" for category, (a, f, n) in sorted(wrong.items()))
    return "Where net is not amount minus fee: " + "; ".join(said) + "."
