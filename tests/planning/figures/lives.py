"""The lives of a random business's subscriptions and instalment plans, from the first day to now."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.planning.figures.billing import FATES, ODDS, Bills, Item, Shapes, billed
from tests.planning.figures.oracle.prices import period_amount
from tests.planning.figures.oracle.world import later
from tests.planning.figures.till import Till
from tests.planning.make import coupon, customer, price, subscription

LONGEST = {"day": 25, "week": 120, "month": 330, "year": 800}
"""How many days ago a subscription of each interval may have begun, so that it has a readable number of invoices."""


class Lives:
    def __init__(self, till: Till, products: list[str], currencies: list[str]) -> None:
        self.till, self.rng, self.currencies = till, till.rng, currencies
        self.bills, self.shapes = Bills(till), Shapes(till, products)

    def customer(self, at: datetime, discount: Item | None = None) -> str:
        key = self.till.key("cus")
        made = customer(key, created_at=at, discount=discount)
        self.till.add("customer", key, at, **made.fields)
        return key

    def member(self) -> None:
        """A customer with one subscription, at times with a second beside it, or after it."""
        till = self.till
        currency = self.rng.choice(self.currencies)
        start = till.instant(till.first - timedelta(days=90), till.now - timedelta(days=1))
        gift = self.shapes.discount(self.rng.choice(self.currencies), start) if till.chance(6) else None
        who = self.customer(start, gift)
        end = self.one(who, currency, start)
        if till.chance(12):
            self.one(who, self.rng.choice([currency, currency, *self.currencies]), till.instant(start, till.now))
        if end is not None and till.chance(35):
            again = self.rng.choice([currency, *self.currencies])
            self.one(who, again, end if till.chance(30) else till.instant(end, till.now))

    def crowd(self) -> None:
        """Thirty-odd customers of one plain offer, of whom some leave: enough for an average to mean something."""
        till, currency = self.till, self.currencies[0]
        made = price(str(till.money(10, 90, currency).amount), "month", 1, currency=currency)
        for _ in range(self.rng.randint(24, 36)):
            start = till.instant(till.first - timedelta(days=150), till.first + timedelta(days=60))
            fields: dict[str, Any] = {"who": {"key": self.customer(start)}, "currency": currency, "created": start}
            item = {"id": till.key("si"), "quantity": 1, "price": made, "discounts": (), "tax_percent": None}
            last = till.now
            if till.chance(40):
                last = till.instant(start + timedelta(days=2), till.now)
                reason = self.rng.choice(("cancellation_requested", "payment_failed", None))
                fields |= {"status": "canceled", "ended_at": last, "canceled_at": last, "cancellation_reason": reason}
            self.move(item, start, last)
            self.keep([item], fields)

    def one(self, who: str, currency: str, start: datetime) -> datetime | None:
        """One subscription; when it ended, if it did."""
        till, rng = self.till, self.rng
        interval = rng.choices(("month", "year", "week", "day"), (70, 15, 10, 5))[0]
        count = rng.choices((1, 2, 3), (85, 8, 7))[0]
        start = max(start, till.now - timedelta(days=LONGEST[interval]))
        anchor = start + timedelta(days=rng.choice((7, 14, 30))) if till.chance(20) else start
        fate = rng.choices(FATES, ODDS)[0]
        anchor = start if fate == "never" else anchor
        items = self.shapes.items(currency, interval, count, anchor)
        discounts = tuple(self.shapes.discount(currency, start) for _ in range(rng.choices((0, 1, 2), (68, 24, 8))[0]))
        fields: dict[str, Any] = {"who": {"key": who}, "currency": currency, "created": start, "discounts": discounts}
        if anchor > start:
            fields["trial_end"] = anchor
        if anchor > till.now:
            fields["status"] = "trialing"
            begun = [each | {"period_start": start, "period_end": anchor} for each in items]
            self.keep(begun, fields)
            return None
        dates = [later(anchor, interval, n * count) for n in range(400)]
        dates = [each for each in dates if each <= till.now]
        end = self.fated(fate, fields, dates, later(anchor, interval, len(dates) * count))
        last = till.now if end is None else end
        for item in items:
            self.move(item, anchor, last)
        key = self.keep(items, fields)
        if till.chance(8):  # let go of: it says nothing of the subscription any more
            phases = ({"start": start, "end": later(start, "month", 3)},)
            gone = {"subscription": key, "status": "released", "end_behavior": "cancel", "phases": phases}
            till.add("subscription_schedule", till.key("sched"), start, **gone)
        self.invoiced(key, who, items, discounts, dates, anchor, last, fate, trial=anchor > start)
        return end

    def move(self, item: Item, anchor: datetime, last: datetime) -> None:
        """Its period is the one that `last` falls in."""
        interval, count = item["price"]["interval"], item["price"]["interval_count"]
        n = max(n for n in range(400) if later(anchor, interval, n * count) <= max(last, anchor))
        item["period_start"] = later(anchor, interval, n * count)
        item["period_end"] = later(anchor, interval, (n + 1) * count)

    def keep(self, items: list[Item], fields: dict[str, Any]) -> str:
        key = self.till.key("sub")
        made = subscription(key, items, **fields)
        self.till.records.append(made)
        return key

    def fated(self, fate: str, fields: dict[str, Any], dates: list[datetime], following: datetime) -> datetime | None:
        """What its record says of its end; the instant of it."""
        till, start = self.till, fields["created"]
        if fate == "asked":
            asked = till.instant(min(start + timedelta(hours=25), till.now), till.now)
            fields |= {"cancel_at_period_end": True, "cancel_at": following, "canceled_at": asked}
        elif fate == "left":
            end = self.rng.choice(dates)
            if till.chance(50) and end > dates[0]:
                asked = till.instant(start + timedelta(hours=25), end)
                fields |= {"cancel_at_period_end": True, "cancel_at": end, "canceled_at": min(asked, end)}
            else:
                end = till.instant(end, till.now)
                fields["canceled_at"] = end
            fields |= {"status": "canceled", "ended_at": end, "cancellation_reason": "cancellation_requested"}
            return end
        elif fate == "broke":
            end = min(self.rng.choice(dates) + timedelta(days=15), till.now)
            fields |= {"status": "canceled", "ended_at": end, "canceled_at": end}
            fields["cancellation_reason"] = "payment_failed"
            return end
        elif fate == "never":
            end = min(start + timedelta(hours=23), till.now)
            fields |= {"status": "incomplete_expired" if end < till.now else "incomplete"}
            fields |= {"ended_at": end, "canceled_at": end} if end < till.now else {}
        elif fate == "held":
            fields["collection_paused"] = True
        elif fate in ("late", "unpaid"):
            fields["status"] = {"late": "past_due", "unpaid": "unpaid"}[fate]
        elif fate == "cardless" and fields.get("trial_end"):
            fields["status"] = "paused"
        return None

    def invoiced(
        self,
        key: str,
        who: str,
        items: list[Item],
        discounts: tuple[Item, ...],
        dates: list[datetime],
        anchor: datetime,
        last: datetime,
        fate: str,
        *,
        trial: bool,
    ) -> None:
        """Its invoices, one for each period up to its end."""
        dates = [each for each in dates if each <= last and (fate != "left" or each < last)] or dates[:1]
        if fate == "cardless" and trial:
            return
        gone = self.rng.randint(1, 3) if fate in ("held", "unpaid") else 1
        for n, at in enumerate(dates):
            how = "recovered" if self.till.chance(8) else "paid"
            if fate == "never":
                how = "void" if n == 0 else "draft"
            elif n >= len(dates) - gone:
                how = {"broke": "written_off", "late": "failed", "unpaid": "failed", "held": "void"}.get(fate, how)
            exact = billed(items, list(discounts), at, anchor)
            money = self.till.rounded(exact, items[0]["price"]["currency"])
            self.bills.write(money, at, who, how, sub=key, first=n == 0 and not trial)

    def plan(self, product: str) -> None:
        """« Paiement en 3 fois »: told by a tag, a schedule or an end set at once; at times not told at all."""
        till, rng = self.till, self.rng
        currency, number = rng.choice(self.currencies), rng.choice((2, 3, 3, 4, 10))
        interval = rng.choice(("month", "month", "month", "week"))
        start = till.instant(till.first, till.now - timedelta(days=1))
        how = rng.choice(("schedule", "end", "tag", "tag", "untagged", "unsure", "lost"))
        end = later(start, interval, number)
        who = self.customer(start)
        dates = [each for n in range(number) if (each := later(start, interval, n)) <= till.now]
        fate = rng.choices(("paid", "recovered", "outside", "late", "stopped"), (55, 10, 5, 15, 15))[0]
        stop = min(dates[-1] + timedelta(days=5), end, till.now) if fate == "stopped" else None
        over = stop if stop is not None else (end if end <= till.now else None)
        fields: dict[str, Any] = {"who": {"key": who}, "currency": currency, "created": start}
        fields |= {"status": "past_due" if fate == "late" and over is None else "active"}
        if how != "schedule":
            fields |= {"cancel_at": end, "canceled_at": None if how == "unsure" else start + timedelta(minutes=2)}
        if over is not None:
            fields |= {"status": "canceled", "ended_at": over, "canceled_at": fields.get("canceled_at") or over}
            fields["cancellation_reason"] = "payment_failed" if stop is not None else None
            if how == "unsure":
                fields["canceled_at"] = None
        key = till.key("sub")
        if how in ("schedule", "lost"):
            fields["schedule"] = till.key("sched")
        if how == "schedule":
            self.scheduled(fields["schedule"], key, start, end, over)
        item = self.part(product, currency, interval, {"tag": str(number), "untagged": "no"}.get(how))
        self.move(item, start, till.now if over is None else over)
        if till.chance(15):
            fields["discounts"] = (coupon(rng.choice(("10", "50")), start=start),)
        till.records.append(subscription(key, [item], **fields))
        money = till.rounded(asked(item, fields.get("discounts", ())), currency)
        for n, at in enumerate(dates):
            last = {"late": "failed", "stopped": "written_off"}.get(fate, fate)
            self.bills.write(money, at, who, last if n == len(dates) - 1 else "paid", sub=key, first=n == 0)

    def part(self, product: str, currency: str, interval: str, tag: str | None) -> Item:
        till, rng = self.till, self.rng
        amount = str(till.money(20, 900, currency).amount)
        metadata = {} if tag is None else {"instalments": tag}
        behaviour = rng.choice(("inclusive", "exclusive"))
        more = {"id": till.key("price"), "product": product, "metadata": metadata, "tax_behavior": behaviour}
        return {
            "id": till.key("si"),
            "quantity": rng.choice((1, 1, 1, 2)),
            "price": price(amount, interval, 1, currency=currency, **more),
            "discounts": (),
            "tax_percent": rng.choice((None, None, Decimal(20))),
        }

    def scheduled(self, key: str, sub: str, start: datetime, end: datetime, over: datetime | None) -> None:
        status = "active" if over is None else ("completed" if over == end else "canceled")
        phases = ({"start": start, "end": end},)
        self.till.add(
            "subscription_schedule", key, start, subscription=sub, status=status, end_behavior="cancel", phases=phases
        )


def asked(item: Item, discounts: tuple[Item, ...]) -> Fraction:
    """What each part asks for, tax included."""
    amount = period_amount(item["price"], item["quantity"])
    for discount in discounts:
        amount *= 1 - Fraction(discount["percent"]) / 100
    if item["price"]["tax_behavior"] == "exclusive" and item["tax_percent"] is not None:
        amount *= 1 + Fraction(item["tax_percent"]) / 100
    return amount
