"""Money that moves at a random business: charges with their balance transactions, and what comes back of them.

Whatever is made here is made whole: a charge has its transaction, a refund its own and its charge, a dispute one or
two, a bank debit that failed later a charge and its failure, each dated after what it follows and never after `now`.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.core.types import Record

DECIMALS = {"JPY": 0, "KWD": 3}
IN_EUROS = {"EUR": "1", "USD": "0.92", "JPY": "0.0061", "KWD": "3.01"}


class Till:
    """Makes records and keeps them in `records`. One seed makes one business."""

    def __init__(self, rng: random.Random, zone: ZoneInfo, home: str, first: datetime, now: datetime) -> None:
        self.rng, self.zone, self.home, self.first, self.now = rng, zone, home, first, now
        self.records: list[Record] = []
        self.count = 0
        self.tax_percent = Decimal(0)

    def key(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"

    def add(self, stream: str, key: str, at: datetime, /, **fields: Any) -> str:
        self.records.append(Record(stream=stream, key=key, fields=fields, at=at))
        return key

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def instant(self, first: datetime, last: datetime) -> datetime:
        """Any second from `first` to `last`, often close to where a local month begins."""
        if first >= last:
            return first
        found = first + timedelta(seconds=self.rng.randrange(int((last - first).total_seconds()) + 1))
        if self.chance(25):
            edge = found.astimezone(self.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            near = edge.astimezone(UTC) + timedelta(seconds=self.rng.choice((-7200, -3600, -1, 0, 1, 3600)))
            found = near if first <= near <= last else found
        return found

    def money(self, low: int, high: int, currency: str) -> Money:
        """Between two numbers of whole units, in the decimals of the currency (three end in 0)."""
        places = DECIMALS.get(currency, 2)
        minor = self.rng.randint(low * 100, high * 100)
        amount = Decimal(minor) if places == 0 else Decimal(minor) / 100
        return Money(amount.quantize(Decimal(1).scaleb(-places)), currency)

    def rounded(self, exact: Any, currency: str) -> Money:
        """An exact amount as a provider bills it."""
        places = DECIMALS.get(currency, 2)
        minor = int(Decimal(exact.numerator) * 10**places / Decimal(exact.denominator) + Decimal("0.5"))
        return Money(Decimal(minor).scaleb(-places), currency)

    def of_tax(self, total: Money) -> Money:
        """The tax inside a total at the business's rate."""
        places = DECIMALS.get(total.currency, 2)
        inside = total.amount * self.tax_percent / (100 + self.tax_percent)
        return Money(inside.quantize(Decimal(1).scaleb(-places)), total.currency)

    def moved(self, category: str, money: Money, at: datetime, source: str | None, fee: Money | None = None) -> str:
        cost = fee or Money.zero(money.currency)
        return self.add(
            "balance_transaction",
            self.key("txn"),
            at,
            amount=money,
            fee=cost,
            net=money - cost,
            category=category,
            type=category,
            source=source,
            description=None,
            available_on=at + timedelta(days=2),
            exchange_rate=None,
            fees=({"type": "stripe_fee", "amount": cost},) if cost.amount else (),
        )

    def settled(self, money: Money) -> Money:
        """What reaches the balance: most often the same, at times converted to the business's own currency."""
        if money.currency == self.home or not self.chance(40):
            return money
        rate = Decimal(IN_EUROS[money.currency]) / Decimal(IN_EUROS[self.home])
        places = DECIMALS.get(self.home, 2)
        return Money((money.amount * rate).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN), self.home)

    def charge(
        self,
        money: Money,
        at: datetime,
        customer: str | None,
        intent: str | None = None,
        fates: tuple[int, ...] = (80, 5, 6, 4, 5),
    ) -> tuple[str, str]:
        """A payment that succeeded, and what may become of it: kept, given back, in part, disputed, or, where it was
        a bank debit, failed later. Its key and its payment intent."""
        key, intent = self.key("ch"), intent or self.key("pi")
        settled = self.settled(money)
        fee = Money((settled.amount / 50).quantize(settled.amount), settled.currency)
        txn = self.moved("charge", settled, at, key if self.chance(90) else None, fee)
        fate = self.rng.choices(("kept", "back", "part", "disputed", "failed"), fates)[0]
        when = self.instant(at + timedelta(hours=1), at + timedelta(days=6 if fate == "failed" else 45))
        fate = "kept" if when > self.now else fate
        refunded = Money.zero(money.currency)
        if fate in ("back", "part"):
            refunded = self.refund(key, intent, money, settled, when, whole=fate == "back")
        elif fate == "disputed":
            self.dispute(key, money, settled, when)
        elif fate == "failed":
            self.moved("charge_failure", -settled, when, key)
        self.add(
            "charge",
            key,
            at,
            amount=money,
            refunded=refunded,
            status="failed" if fate == "failed" else "paid",
            at=at,
            captured=True,
            who=None if customer is None else {"key": customer},
            payment_intent=intent,
            balance_transaction=txn,
            description=None,
        )
        return key, intent

    def refund(self, charge: str, intent: str, money: Money, settled: Money, at: datetime, *, whole: bool) -> Money:
        parts = Decimal(1) if whole else Decimal(self.rng.choice(("0.5", "0.25", "0.1")))
        places = Decimal(1).scaleb(-DECIMALS.get(settled.currency, 2))
        back = Money((settled.amount * parts).quantize(places), settled.currency)
        theirs = Money(money.amount * parts, money.currency).rounded(DECIMALS.get(money.currency, 2))
        key = self.key("re")
        txn = self.moved("refund", -back, at, key)
        failed = at + timedelta(days=5)
        lost = self.chance(10) and failed <= self.now
        if lost:
            self.moved("refund_failure", back, failed, key)
        self.add(
            "refund",
            key,
            at,
            amount=theirs,
            status="failed" if lost else "succeeded",
            charge=charge,
            payment_intent=intent,
            reason=None,
            balance_transaction=txn,
        )
        return Money.zero(money.currency) if lost else theirs

    def dispute(self, charge: str, money: Money, settled: Money, at: datetime) -> None:
        key, cost = self.key("dp"), Money(Decimal(20), settled.currency)
        if self.chance(20):  # only asked about: no money was taken
            more = {"reason": "general", "charge": charge, "due_by": None, "balance_transactions": ()}
            self.add("dispute", key, at, amount=money, status="warning_needs_response", **more)
            return
        txns = [self.moved("dispute", -settled, at, key, cost)]
        over = at + timedelta(days=self.rng.randint(10, 60))
        status = "needs_response" if over > self.now else self.rng.choice(("lost", "won"))
        if status == "won":
            back = -cost if self.chance(50) else Money.zero(settled.currency)
            txns.append(self.moved("dispute_reversal", settled, over, key, back))
        self.add(
            "dispute",
            key,
            at,
            amount=money,
            status=status,
            reason="fraudulent",
            charge=charge,
            due_by=at + timedelta(days=9),
            balance_transactions=tuple(txns),
        )

    def pending(self, money: Money, at: datetime, customer: str, intent: str) -> None:
        """A bank debit on its way: Stripe counts it in the balance at once."""
        key = self.key("ch")
        txn = self.moved("charge", money, at, key)
        self.unpaid("pending", key, money, at, customer, intent, txn)

    def failed_charge(self, money: Money, at: datetime, customer: str, intent: str) -> None:
        """A try that failed at once: no money moved, so there is no balance transaction."""
        self.unpaid("failed", self.key("ch"), money, at, customer, intent, None)

    def unpaid(
        self, status: str, key: str, money: Money, at: datetime, customer: str, intent: str, txn: str | None
    ) -> None:
        self.add(
            "charge",
            key,
            at,
            amount=money,
            refunded=Money.zero(money.currency),
            status=status,
            at=at,
            captured=status == "pending",
            who={"key": customer},
            payment_intent=intent,
            balance_transaction=txn,
            description=None,
        )
