"""Invoices and subscriptions of a random business: every shape of price, discount, beginning and end."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hub.core.money import Money
from tests.planning.figures.oracle.prices import monthly_amounts, per_month
from tests.planning.figures.oracle.world import later
from tests.planning.figures.till import Till
from tests.planning.make import coupon, price

Item = dict[str, Any]
FATES = ("alive", "asked", "left", "broke", "late", "unpaid", "held", "cardless", "never")
ODDS = (42, 8, 16, 9, 8, 5, 5, 3, 4)


class Bills:
    """Writes invoices: paid at once, paid later after tries that failed, never paid, or taken back."""

    def __init__(self, till: Till) -> None:
        self.till, self.rng = till, till.rng

    def write(
        self,
        money: Money,
        at: datetime,
        customer: str,
        how: str,
        *,
        sub: str | None = None,
        first: bool = False,
        **more: Any,
    ) -> str:
        """One invoice. `how`: paid, recovered, failed, written_off, void, draft, or, for what is sent by hand,
        sent, sent_paid, sent_part, sent_twice, outside. `more`: fields that are other than usual."""
        till, key = self.till, self.till.key("in")
        zero = Money.zero(money.currency)
        hand = how.startswith("sent") or how == "outside"
        finalized = None if how == "draft" else at + timedelta(hours=0 if hand or first else 1)
        if finalized is not None and finalized > till.now:
            how, finalized = "draft", None
        fields: dict[str, Any] = {
            "status": "draft" if how == "draft" else "open",
            "attempted": False,
            "attempt_count": 0,
            "next_attempt_at": None,
            "paid": zero,
            "remaining": money,
            "off_stripe": zero,
            "due_at": at + timedelta(days=till.rng.choice((0, 14, 30))) if hand else None,
            "paid_at": None,
            "voided_at": None,
            "uncollectible_at": None,
        }
        if finalized is not None and not hand and money.amount > 0:
            fields |= self.tried(key, money, finalized, customer, how)
        elif finalized is not None and not hand:
            fields |= {"status": "paid", "attempted": True, "paid_at": finalized, "remaining": zero}
        elif finalized is not None:
            fields |= self.sent(key, money, finalized, customer, how)
        total = money + till.money(1, 5, money.currency) if sub is None and till.chance(10) else money
        tax = till.of_tax(total) if till.chance(60) else None  # what is due is less than the total after a credit
        reason = "manual" if sub is None else ("subscription_create" if first else "subscription_cycle")
        till.add(
            "invoice",
            key,
            at,
            who={"key": customer},
            number=None if finalized is None else f"N-{key}",
            currency=money.currency,
            created_at=at,
            total=total,
            due=money,
            finalized_at=finalized,
            collection="send_invoice" if hand else "charge_automatically",
            reason=reason,
            first=reason == "subscription_create",
            subscription=sub,
            tax=tax,
            **{"lines": (), "metadata": {}} | fields | more,
        )
        return key

    def pay(
        self,
        invoice: str,
        money: Money,
        at: datetime,
        customer: str | None,
        how: str = "payment_intent",
        intent: str | None = None,
    ) -> None:
        if how == "payment_record":
            payment = self.till.key("pyr")
        else:
            charge, made = self.till.charge(money, at, customer, intent, (84, 5, 6, 5, 0))
            payment = made if how == "payment_intent" else charge
        self.joined(invoice, money, at, payment, how, "paid")

    def joined(self, invoice: str, money: Money, at: datetime, payment: str, how: str, status: str) -> None:
        self.till.add(
            "invoice_payment",
            self.till.key("inpay"),
            at,
            invoice=invoice,
            amount=money if status == "paid" else None,
            status=status,
            paid_at=at if status == "paid" else None,
            payment=payment,
            payment_type=how,
        )

    def tried(self, key: str, money: Money, at: datetime, customer: str, how: str) -> dict[str, Any]:
        """What tries to take it from a card made of it."""
        till, zero = self.till, Money.zero(money.currency)
        if how == "paid":
            self.pay(key, money, at, customer, till.rng.choice(("payment_intent", "payment_intent", "charge")))
            return {
                "status": "paid",
                "attempted": True,
                "attempt_count": 1,
                "paid": money,
                "remaining": zero,
                "paid_at": at,
            }
        intent = till.key("pi")
        if till.now - at < timedelta(days=6) and till.chance(50):
            till.pending(money, at, customer, intent)
            self.joined(key, money, at, intent, "payment_intent", "open")
            return {"attempted": True, "attempt_count": 1}
        if till.chance(30) and at + timedelta(days=6) < till.now:
            till.charge(money, at, customer, intent, (0, 0, 0, 0, 1))
        else:
            till.failed_charge(money, at, customer, intent)
        tries = [at + timedelta(days=days) for days in (7, 11, 18)]
        tries = [each for each in tries[: till.rng.randint(0, 3)] if each <= till.now]
        for each in tries:
            till.failed_charge(money, each, customer, intent)
        fields: dict[str, Any] = {"attempted": True, "attempt_count": 1 + len(tries)}
        last = tries[-1] if tries else at
        after = last + timedelta(days=till.rng.choice((7, 8, 12, 29, 30, 31, 40)))
        if how == "recovered" and after <= till.now:
            self.pay(key, money, after, customer, intent=intent)
            done = {"status": "paid", "attempt_count": fields["attempt_count"] + 1, "paid": money}
            return fields | done | {"remaining": zero, "paid_at": after}
        ended = after <= till.now and how in ("void", "written_off")
        if till.chance(80):
            self.joined(key, money, at, intent, "payment_intent", "canceled" if ended else "open")
        if after > till.now:
            return fields | {"next_attempt_at": after}
        if how == "void":
            return fields | {"status": "void", "voided_at": after}
        written_off = {"status": "uncollectible", "uncollectible_at": after}
        return fields | (written_off if how == "written_off" else {})

    def sent(self, key: str, money: Money, at: datetime, customer: str, how: str) -> dict[str, Any]:
        """What became of an invoice that was sent to be paid by hand."""
        till, zero = self.till, Money.zero(money.currency)
        when = till.instant(at, at + timedelta(days=50))
        if how == "sent" or when > till.now:
            return {}
        if how in ("sent_part", "sent_twice"):
            part = till.rounded(Fraction(money.amount) * Fraction(till.rng.choice((1, 2, 3)), 4), money.currency)
            self.pay(key, part, when, customer)
            again = when + timedelta(days=20)
            if how == "sent_part" or again > till.now:
                return {"paid": part, "remaining": money - part}
            elsewhere = till.chance(40)
            self.pay(key, money - part, again, customer, "payment_record" if elsewhere else "payment_intent")
            rest = money - part if elsewhere else zero
            return {"status": "paid", "paid": money, "off_stripe": rest, "remaining": zero, "paid_at": again}
        outside = how == "outside"
        if not outside or till.chance(70):
            self.pay(key, money, when, customer, "payment_record" if outside else "payment_intent")
        off = {"off_stripe": money} if outside else {"paid": money}
        return {"status": "paid", "remaining": zero, "paid_at": when, "paid": money, **off}


class Shapes:
    """Random prices, items and discounts."""

    def __init__(self, till: Till, products: list[str]) -> None:
        self.till, self.rng, self.products = till, till.rng, products

    def price(self, currency: str, interval: str, count: int = 1) -> dict[str, Any]:
        till, rng = self.till, self.rng
        more: dict[str, Any] = {"id": till.key("price"), "product": rng.choice(self.products), "currency": currency}
        more["tax_behavior"] = rng.choice(("unspecified", "exclusive", "inclusive"))
        shape = rng.choices(("flat", "exact", "packages", "graduated", "volume", "metered"), (55, 8, 8, 9, 9, 6))[0]
        low, high = (200, 20_000) if currency == "JPY" else (5, 300)
        if shape in ("graduated", "volume"):
            tops = [*sorted(rng.sample(range(1, 9), rng.randint(1, 2))), None]
            tiers = tuple(
                {"up_to": top, "unit": till.money(low, high, currency), "flat": till.money(0, low, currency)}
                for top in tops
            )
            return price(None, interval, count, **{**more, "scheme": "tiered", "tiers_mode": shape, "tiers": tiers})
        if shape == "packages":
            more |= {"divide_by": rng.randint(2, 5), "round": rng.choice(("up", "down"))}
        if shape == "metered":
            more["usage"] = "metered"
        amount = till.money(low, high, currency).amount
        if shape == "exact" and currency != "JPY":
            amount += Decimal(rng.randint(1, 99)).scaleb(-6)
        return price(str(amount), interval, count, **more)

    def items(self, currency: str, interval: str, count: int, start: datetime) -> list[Item]:
        found = []
        for n in range(self.rng.choices((1, 2, 3), (70, 22, 8))[0]):
            each, times = (interval, count)
            if n and interval == "month" and self.till.chance(30):
                each, times = "year", 1
            made = self.price(currency, each, times)
            found.append(
                {
                    "id": self.till.key("si"),
                    "quantity": 0 if made["usage"] == "metered" else self.rng.choices(range(13), (2, 60, *[4] * 11))[0],
                    "price": made,
                    "period_start": start,
                    "period_end": later(start, each, times),
                    "discounts": (self.discount(currency, start),) if self.till.chance(8) else (),
                    "tax_percent": self.rng.choice((None, Decimal(20), Decimal("5.5"))),
                }
            )
        return found

    def discount(self, currency: str, start: datetime) -> dict[str, Any]:
        duration = self.rng.choice(("once", "repeating", "repeating", "forever"))
        since = start + timedelta(days=self.rng.choice((0, 0, 0, 40)))
        end = later(since, "month", self.rng.randint(1, 6)) if duration == "repeating" else None
        more: dict[str, Any] = {"coupon": self.till.key("co"), "duration": duration, "start": since, "end": end}
        if self.till.chance(60):
            return coupon(self.rng.choice(("5", "10", "20", "33.33", "50", "100")), **more)
        off = self.till.money(1, 2000 if currency == "JPY" else 60, currency)
        return coupon(amount_off=off, **more)


def billed(items: list[Item], discounts: list[Item], at: datetime, since: datetime) -> Fraction:
    """About what an invoice of these items asks for at `at`: those whose period begins then."""
    total = Fraction(0)
    amounts = monthly_amounts(items, discounts, at)
    for item in items:
        if item["id"] in amounts and any(
            later(since, item["price"]["interval"], n * item["price"]["interval_count"]) == at for n in range(60)
        ):
            total += amounts[item["id"]] / per_month(item["price"])
    return total
