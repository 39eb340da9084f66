"""Random small businesses, each from one seed: what the mirror would hold after some months of selling.

Records are shaped as docs/records.md says and agree with each other: an invoice that was paid has its payment, that a
charge, that a balance transaction; what follows is later than what it follows; nothing is later than now.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.types import Record
from tests.planning.figures.billing import Bills
from tests.planning.figures.lives import Lives
from tests.planning.figures.memory import as_of, evenings
from tests.planning.figures.oracle.world import World
from tests.planning.figures.till import Till

ZONES = ("Europe/Paris", "Europe/Paris", "America/New_York", "Pacific/Auckland", "America/Santiago", "UTC")
CURRENCIES = ("EUR", "USD", "JPY", "KWD")
UNNAMED = ("other_adjustment", "climate_order_purchase", "advance", "connect_collection_transfer", "made_up_tomorrow")
TREASURY = (
    *("payout", "payout", "payout", "payout_reversal", "topup", "topup_reversal", "transfer", "transfer_reversal"),
    *("risk_reserved_funds", "connect_reserved_funds", "currency_conversion"),
)


@dataclass(frozen=True)
class Made:
    """A business as it was made. `tax`: the rate that it says it collects, in percent; None under the franchise.

    `installed`: from when on the hub wrote down each evening what it saw.
    """

    seed: int
    records: tuple[Record, ...]
    zone: str
    home: str
    since: date
    now: datetime
    tax: Decimal | None
    installed: datetime

    def earlier(self) -> dict[datetime, tuple[Record, ...]]:
        """What was seen at the ends of the months since then."""
        seen = evenings(self.installed, self.now, ZoneInfo(self.zone))
        return {at: as_of(self.records, at, self.now, self.seed) for at in seen}

    def world(self) -> World:
        """What the second implementation reads."""
        return World(
            records=list(self.records),
            zone=ZoneInfo(self.zone),
            home=self.home,
            now=self.now,
            since=self.since,
            earlier={at: list(seen) for at, seen in self.earlier().items()},
            tax=None if self.tax is None else Fraction(self.tax) / 100,
        )


def made(seed: int) -> Made:
    """The business of this seed: four to ten months, most often over the last Sunday of March or of October."""
    rng = random.Random(seed)
    zone = rng.choice(ZONES)
    home = rng.choices(CURRENCIES, (7, 2, 1, 1))[0]
    now = datetime(2026, 2, 10, tzinfo=UTC) + timedelta(seconds=rng.randrange(300 * 86400))
    if rng.randrange(4) == 0:
        now = now.replace(day=1, hour=rng.choice((0, 1, 22, 23)))
    days = rng.randint(120, 300)
    till = Till(rng, ZoneInfo(zone), home, now - timedelta(days=days), now)
    tax = rng.choice((Decimal(20), Decimal("5.5"), Decimal(0), None))
    till.tax_percent = tax or Decimal(0)
    others = rng.sample([each for each in CURRENCIES if each != home], rng.choice((0, 1, 1, 2)))
    fill(till, [home, home, *others])
    since = (till.first + timedelta(days=rng.randint(0, 45))).astimezone(ZoneInfo(zone)).date()
    rng.shuffle(till.records)
    installed = now - timedelta(days=rng.choice((0, 0, 50, 100, 400)))
    return Made(seed, tuple(till.records), zone, home, since, now, tax, installed)


def fill(till: Till, currencies: list[str]) -> None:
    """All that happened, in numbers small enough to be looked at."""
    rng = till.rng
    products = [product(till, f"Offer {n}") for n in range(3)]
    tagged = product(till, "Paid in parts", instalments="yes") if till.chance(30) else products[0]
    lives = Lives(till, products, currencies)
    for _ in range(rng.randint(0, 9)):
        lives.member()
    if till.chance(8):
        lives.crowd()
    for _ in range(rng.randint(0, 3)):
        lives.plan(rng.choice((products[0], tagged)))
    for _ in range(rng.randint(0, 12)):
        sale(till, lives, rng.choice(currencies))
    for _ in range(rng.randint(0, 4)):
        by_hand(till, lives, rng.choice(currencies))
    for _ in range(rng.choice((0, 0, 1, 2))):
        in_invoices(till, lives, rng.choice(currencies), rng.choice((products[1], tagged)))
    for _ in range(rng.randint(0, 8)):
        other(till, rng.choice(currencies))


def product(till: Till, name: str, **metadata: str) -> str:
    return till.add("product", till.key("prod"), till.first, name=name, active=True, metadata=dict(metadata))


def sale(till: Till, lives: Lives, currency: str) -> None:
    """Something bought once: on a checkout page, with an invoice or without, or by a bare charge."""
    at = till.instant(till.first, till.now)
    money = till.money(*((500, 90_000) if currency == "JPY" else (9, 1500)), currency)
    how = till.rng.choice(("checkout", "checkout", "invoice", "bare", "unknown"))
    who = lives.customer(at) if how != "unknown" else None
    if how == "invoice":
        Bills(till).write(money, at, who or "", "paid")
        return
    if how == "unknown":
        till.moved("charge", money, at, till.key("ch"))
        return
    _, intent = till.charge(money, at, who)
    if how == "checkout":
        till.add(
            "checkout_session",
            till.key("cs"),
            at - timedelta(minutes=till.rng.randint(1, 90)),
            who={"key": who},
            form=None,
            at=at,
            answers={},
            products=("Offer 0",),
            payment=intent,
            payment_status="paid",
            mode="payment",
            total=money,
            subscription=None,
            invoice=None,
            payment_intent=intent,
            reference=None,
            metadata={},
            tax=till.of_tax(money) if till.chance(60) else None,
        )


def by_hand(till: Till, lives: Lives, currency: str) -> None:
    """An invoice that was sent: paid, paid in part, outside of Stripe, late, void, or still a draft."""
    at = till.instant(till.first, till.now)
    money = till.money(*((900, 90_000) if currency == "JPY" else (20, 2500)), currency)
    how = till.rng.choice(("sent", "sent", "sent_paid", "sent_part", "sent_twice", "outside", "draft"))
    Bills(till).write(money, at, lives.customer(at), how)


def in_invoices(till: Till, lives: Lives, currency: str, product: str) -> None:
    """Something sold in two to four invoices: made at once or one by one, tagged or not, and all that may go wrong."""
    rng, at = till.rng, till.instant(till.first, till.now)
    who, number = lives.customer(at), rng.randint(2, 4)
    said = rng.choice(({}, {}, {"instalments": "yes"}, {"instalments": str(number)}, {"instalments": "no"}))
    lines = ({"price": None, "product": product, "text": "Offer"},) if till.chance(50) else ()
    at_once = till.chance(70)
    for n in range(number):
        due = at + timedelta(days=30 * n + 10)
        made = at + timedelta(hours=rng.choice((0, 0, 1, 23))) if at_once else due - timedelta(days=10)
        if made > till.now:
            return
        how = rng.choice(("sent", "sent_paid", "sent_paid", "sent_part", "sent_twice", "outside", "draft"))
        more: dict[str, Any] = {"due_at": due, "lines": lines, "metadata": said}
        if how == "sent" and till.chance(30):
            end = made + timedelta(hours=rng.choice((2, 24, 300)))
            more |= {"status": "void", "voided_at": end} if end <= till.now else {}
        money = till.money(*((900, 90_000) if currency == "JPY" else (20, 900)), currency)
        Bills(till).write(money, made, who, how, **more)


def other(till: Till, currency: str) -> None:
    """What else moves a balance: fees, taxes on them, treasury, and kinds that nobody named."""
    at = till.instant(till.first, till.now)
    category = till.rng.choice(("fee", "fee", "tax", *TREASURY, *UNNAMED, "partial_capture_reversal"))
    money = till.money(1, 4000 if currency == "JPY" else 400, currency)
    positive = category in ("payout_reversal", "topup", "transfer_reversal") or till.chance(20)
    fee = till.money(0, 3, currency) if category in UNNAMED and till.chance(30) else None
    till.moved(category, money if positive else -money, at, None, fee)
