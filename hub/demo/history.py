"""The business of the demo: Atelier Lila, coaching and an online membership, over the last fourteen months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from connectors.stripe.sandbox.control import Control
from hub.demo.past import Past, Person

DAYS = 425
"""About 14 months."""
DOLLAR = 0.92
"""Euros for a dollar: the rate at which the sandbox settles what is paid in dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the story goes on from, by id, and how large the past is."""

    circle: str
    circle_plus: str
    earlier_sale: str
    member: str
    customers: int
    subscriptions: int
    payments: int


def build(shop: Control, now: datetime) -> History:
    """Make the whole past of the business in this account of the Stripe sandbox; no webhook tells of it."""
    shop.settings(name="Atelier Lila", rates={"usd": DOLLAR})
    past = Past(shop, now)
    start = int(now.timestamp()) - (DAYS + 1) * 86_400
    circle = shop.price(amount=3900, product="Le Cercle", interval="month", at=start)["id"]
    plus = shop.price(amount=5900, product="Le Cercle Plus", interval="month", at=start)["id"]
    members = _circle(past, circle, plus, start)
    _coaching(past, start)
    _programme(past, start)
    sale = _sales(past)
    _payouts(past)
    past.run()
    return History(
        circle=circle,
        circle_plus=plus,
        earlier_sale=sale[0],
        member=members[-1].subscription,
        customers=len(shop.ids("customer")),
        subscriptions=len(shop.ids("subscription")),
        payments=len(shop.ids("charge")),
    )


def _circle(past: Past, circle: str, plus: str, start: int) -> list[Person]:
    """The membership: by month and by year, with coupons, a trial, a few members in dollars; some leave."""
    shop = past.shop
    year = shop.price(amount=39_000, product="Le Cercle à l'année", interval="year", at=start)["id"]
    dollars = shop.price(amount=4500, product="Le Cercle (US)", interval="month", currency="usd", at=start)["id"]
    welcome = shop.coupon(
        percent_off=20, duration="repeating", duration_in_months=3, name="Bienvenue", id="BIENVENUE20", at=start
    )["id"]
    founder = shop.coupon(percent_off=30, duration="forever", name="Fondatrices", id="FONDATRICES30", at=start)["id"]

    for days in (424, 421, 417):
        past.joins(days, circle, coupons=[founder])
    members = [past.joins(days, circle) for days in (409, 391, 376, 352, 331, 318, 290, 251, 226, 187, 144, 96, 63)]
    for days in (402, 301, 199, 118, 41):
        past.joins(days, plus)
    for days in (410, 299, 88):
        past.joins(days, year)
    for days in (170, 71, 33):
        past.joins(days, circle, coupons=[welcome])
    for days in (82, 54, 21):
        past.joins(days, dollars)
    past.joins(230, plus, trial_days=14)
    past.joins(5, circle, trial_days=14)

    for person, days in ((members[0], 205), (members[2], 121), (members[4], 47)):
        past.on(days, partial(_leave, past, person))
    past.on(12, partial(_leave, past, members[6], at_period_end=True))
    return members


def _leave(past: Past, person: Person, at: datetime, *, at_period_end: bool = False) -> None:
    past.shop.cancel(person.subscription, at_period_end=at_period_end, at=at)


def _coaching(past: Past, start: int) -> None:
    """Coaching by the month. One card failed and was put right; another fails today, and its invoice is late."""
    coaching = past.shop.price(amount=39_000, product="Accompagnement", interval="month", at=start)["id"]
    for days in (398, 347, 301, 286, 242, 211, 182, 167, 131, 117, 103, 77, 58, 36, 16):
        past.joins(days, coaching)
    for days in (380, 265):
        person = past.joins(days, coaching)
        past.on(days - 128, partial(_leave, past, person))
    _card_fails(past, past.joins(235, coaching), since=120, until=108)
    # Five months are 150 to 153 days, so that its last payment fell due 7 to 10 days ago.
    _card_fails(past, past.joins(160, coaching), since=25, until=None)


def _card_fails(past: Past, person: Person, *, since: float, until: float | None) -> None:
    """The payments of a member fail, from so many days ago until so many days ago; then the open invoice is paid."""
    past.on(since, lambda _at: past.shop.card_fails(person.customer, "insufficient_funds"))
    if until is not None:

        def recovers(at: datetime) -> None:
            past.shop.card_fails(person.customer, None)
            past.shop.recover(person.subscription, at=at)

        past.on(until, recovers)


def _programme(past: Past, start: int) -> None:
    """A programme that is paid in three parts; two customers are still paying."""
    programme = past.shop.price(amount=49_700, product="Programme Élan", interval="month", at=start)["id"]
    for days in (388, 310, 255, 192, 139, 49, 18):
        past.pays_in_parts(days, programme, 3)


def _sales(past: Past) -> list[str]:
    """Courses and single hours; some paid back, one disputed and won. The last one is for the story to refund from."""
    for place, days in enumerate(range(420, 6, -17)):
        past.buys(days, 297, "Atelier Clarté", new=place % 8 == 0)
    for days in range(400, 9, -23):
        past.buys(days, 149, "Guide de lancement")
    for days in range(415, 2, -31):
        past.buys(days, 90, "Séance découverte")
    for days, euros, back in ((361, 297, 297), (233, 149, 149), (92, 297, 97), (3, 149, 149)):
        sold = past.buys(days + 6, euros, "Atelier Clarté" if euros == 297 else "Guide de lancement")
        past.on(days, partial(_refund, past, sold, back))
    disputed = past.buys(150, 297, "Atelier Clarté", new=True)
    opened: list[str] = []
    past.on(132, lambda at: opened.append(past.shop.dispute_open(disputed[0], at=at)["id"]))
    past.on(101, partial(_won, past, opened))
    return past.buys(26, 297, "Atelier Clarté", new=True)


def _refund(past: Past, sold: list[str], euros: int, at: datetime) -> None:
    past.shop.refund(sold[0], amount=euros * 100, reason="requested_by_customer", at=at)


def _won(past: Past, opened: list[str], at: datetime) -> None:
    past.shop.dispute_won(opened[0], at=at)


def _payouts(past: Past) -> None:
    """What is available goes to the bank every second week."""
    for days in range(406, 0, -14):
        past.on(days, partial(_pay_out, past))


def _pay_out(past: Past, at: datetime) -> None:
    past.shop.payout(at=at)
