"""What is paid in parts (DOMAIN 1.6): signed, received, still to come, due, overdue, abandoned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from tests.planning.figures.oracle import separate
from tests.planning.figures.oracle.links import kind_of_subscription, settled_at
from tests.planning.figures.oracle.prices import period_amount
from tests.planning.figures.oracle.subscriptions import discounts_of
from tests.planning.figures.oracle.world import Fields, World, later


@dataclass
class Plan:
    """One sale in parts: when it was signed, its parts as they were agreed, and what was paid of it.

    `asked_for`: not an invoice that is still a draft.
    """

    signed_at: datetime
    parts: list[tuple[datetime, Fraction]]
    paid: list[tuple[datetime, Fraction]]
    given_up: datetime | None
    asked_for: bool = True

    def contract(self) -> Fraction:
        return sum((amount for _, amount in self.parts), Fraction(0))

    def due(self, t: datetime) -> Fraction:
        """Parts whose day has come, while the plan ran."""
        return sum((amount for at, amount in self.parts if at <= t and self.runs(at)), Fraction(0))

    def received(self, t: datetime) -> Fraction:
        return sum((amount for at, amount in self.paid if at <= t), Fraction(0))

    def runs(self, at: datetime) -> bool:
        return self.given_up is None or at < self.given_up

    def abandoned(self, t: datetime) -> Fraction:
        if self.given_up is None or self.given_up > t:
            return Fraction(0)
        return self.contract() - self.received(self.given_up)


def length(world: World, sub: Fields, item: Fields) -> int:
    """How many parts were agreed: the number of the tag, else as many as fit before the end that was set."""
    product = world.one("product", item["price"]["product"])
    for metadata in (item["price"]["metadata"], {} if product is None else product["metadata"]):
        said = str(metadata.get("instalments", ""))
        if said.isdigit() and int(said) > 0:
            return int(said)
    end = sub["cancel_at"]
    for key, schedule, _ in world.all("subscription_schedule"):
        if key == sub["schedule"]:
            end = max(phase["end"] for phase in schedule["phases"])
    number = 0
    while end is not None and later(sub["started_at"], item["price"]["interval"], number * many(item)) < end:
        number += 1
    return number


def asked(world: World, sub: Fields, item: Fields) -> Fraction:
    """What one part asks for: its price less the discounts that stay, with its tax."""
    amount = period_amount(item["price"], item["quantity"])
    for discount in [*item["discounts"], *discounts_of(world, sub)]:
        amount *= 1 - Fraction(discount["percent"]) / 100
    if item["price"]["tax_behavior"] == "exclusive" and item["tax_percent"] is not None:
        amount *= 1 + Fraction(item["tax_percent"]) / 100
    return amount


def invoices_of(world: World, key: str) -> list[Fields]:
    made = [invoice for _, invoice, _ in world.all("invoice") if invoice["subscription"] == key]
    return sorted(made, key=lambda invoice: invoice["created_at"])


def as_billed(invoice: Fields, planned: datetime) -> tuple[datetime, Fraction]:
    """A part that was billed: when its invoice asked for its money, and for how much. A draft asks an hour later."""
    asks = invoice["due_at"] or invoice["finalized_at"] or planned + timedelta(hours=1)
    return asks, Fraction(invoice["total"].amount)


def many(item: Fields) -> int:
    return int(item["price"]["interval_count"])


def contracts(world: World, currency: str) -> list[tuple[datetime, Fraction]]:
    """When each sale in parts was signed, and what it is worth."""
    found = [(plan.signed_at, plan.contract()) for plan in of_subscriptions(world, currency)]
    for parts in in_invoices(world, currency):
        worth = sum((part.contract() for part in parts), Fraction(0))
        found.append((min(part.signed_at for part in parts), worth))
    return found


def plans(world: World, currency: str) -> list[Plan]:
    """What is paid in parts by a subscription; and each invoice of a sale in several, as a plan of one part."""
    return [*of_subscriptions(world, currency), *(part for parts in in_invoices(world, currency) for part in parts)]


def in_invoices(world: World, currency: str) -> list[list[Plan]]:
    found = []
    for sale in separate.sales(world):
        if sale.kind != "instalment":
            continue
        parts = []
        for key, invoice in sale.invoices:
            asks = invoice["due_at"] or invoice["finalized_at"]
            if invoice["currency"] != currency or (invoice["status"] == "draft" and invoice["due_at"] is None):
                continue
            signed = sale.sold_at() if sale.whole else invoice["created_at"]
            ends = [end for end in (invoice["voided_at"], invoice["uncollectible_at"]) if end is not None]
            given_up = min(ends, default=None)
            part = [(asks, Fraction(invoice["due"].amount))]
            parts.append(Plan(signed, part, settled_at(world, key), given_up, invoice["status"] != "draft"))
        found += [parts] if parts else []
    return found


def of_subscriptions(world: World, currency: str) -> list[Plan]:
    found = []
    for key, sub, _ in world.all("subscription"):
        if sub["currency"] != currency or kind_of_subscription(world, sub) != "instalment":
            continue
        parts, bills = [], invoices_of(world, key)
        for item in sub["items"]:
            for n in range(length(world, sub, item)):
                day = later(sub["started_at"], item["price"]["interval"], n * many(item))
                parts.append(as_billed(bills[n], day) if n < len(bills) else (day, asked(world, sub, item)))
        paid = []
        for invoice, fields, _ in world.all("invoice"):
            if fields["subscription"] == key:
                paid += settled_at(world, invoice)
        contract = sum((amount for _, amount in parts), Fraction(0))
        ended = sub["ended_at"]
        early = ended is not None and ended < whole_end(sub, parts)
        got = sum((amount for at, amount in paid if ended is None or at <= ended), Fraction(0))
        found.append(Plan(sub["started_at"], parts, paid, ended if early and got < contract else None))
    return found


def whole_end(sub: Fields, parts: list[tuple[datetime, Fraction]]) -> datetime:
    """When a plan that runs to its end is over: a period after its last part."""
    price = sub["items"][0]["price"]
    return later(sub["started_at"], price["interval"], len(parts) * price["interval_count"])


def signed(world: World, period: str, currency: str) -> Fraction:
    parts = [plan.contract() for plan in plans(world, currency) if world.within(plan.signed_at, period)]
    return sum(parts, Fraction(0))


def instalments_received(world: World, period: str, currency: str) -> Fraction:
    total = Fraction(0)
    for plan in plans(world, currency):
        total += sum((amount for at, amount in plan.paid if world.within(at, period)), Fraction(0))
    return total


def receivable(world: World, period: str, currency: str) -> Fraction:
    t, total = world.snapshot(period), Fraction(0)
    for plan in plans(world, currency):
        if plan.signed_at <= t:
            total += plan.contract() - plan.received(t) - plan.abandoned(t)
    return total


def instalments_due(world: World, period: str, currency: str) -> Fraction:
    total = Fraction(0)
    for plan in plans(world, currency):
        total += sum((part for at, part in plan.parts if world.within(at, period) and plan.runs(at)), Fraction(0))
    return total


def instalments_overdue(world: World, period: str, currency: str) -> Fraction:
    t, total = world.snapshot(period), Fraction(0)
    for plan in plans(world, currency):
        if plan.runs(t) and plan.asked_for:
            total += max(plan.due(t) - plan.received(t), Fraction(0))
    return total


def instalments_abandoned(world: World, period: str, currency: str) -> Fraction:
    total = Fraction(0)
    for plan in plans(world, currency):
        if plan.given_up is not None and world.within(plan.given_up, period):
            total += plan.abandoned(plan.given_up)
    return total


def instalments_rate(world: World, period: str, currency: str) -> Fraction | None:
    """By number: parts that were paid out of the parts whose day has come."""
    t, due, paid = world.snapshot(period), 0, 0
    for plan in plans(world, currency):
        days = [part for at, part in plan.parts if at <= t and plan.runs(at) and plan.asked_for]
        due += len(days)
        paid += sum(plan.received(t) >= sum(days[: n + 1], Fraction(0)) for n in range(len(days)))
    return Fraction(100 * paid, due) if due else None
