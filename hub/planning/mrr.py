"""Monthly recurring revenue of one subscription, exactly as DOMAIN 1.3 defines it.

Status `active` or `past_due`, collection not paused, not an instalment plan; price × quantity × periods per month,
minus coupons in force that last more than one invoice, before tax, without metered and one-off items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from hub.core.money import Money
from hub.planning.instalments import Kind
from hub.planning.objects import Discount, Invoice, Item, Subscription
from hub.planning.prices import per_month, period_amount, to_decimal

_ZERO = Fraction(0)
Counting = tuple[tuple[bool, ...], ...]
"""For each recurring item, which of its own discounts and then of the subscription's count."""


@dataclass(frozen=True, slots=True)
class ItemAmount:
    """What one item adds to MRR, exact."""

    item: str
    price: str
    exact: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrr:
    """MRR of one subscription at one instant. `exact` is the sum of the items.

    `at_risk`: past due now. `estimated`: reconstructed from dates, because the instant has passed.
    """

    exact: Fraction
    currency: str
    at_risk: bool
    estimated: bool
    items: tuple[ItemAmount, ...]

    @property
    def money(self) -> Money:
        """The amount; a fraction that no Decimal can hold is rounded at 12 decimals."""
        return Money(to_decimal(self.exact), self.currency)


def mrr(
    sub: Subscription,
    t: datetime,
    *,
    now: datetime,
    kinds: Mapping[str, Kind] | None = None,
    paid_until: datetime | None = None,
) -> Mrr:
    """MRR at `t`: as the record stands when `t` is `now` or later, else reconstructed (`span`).

    `kinds` comes from `instalments.classify`: only items of kind "recurring" are counted (None: all of them).
    `paid_until` comes from the function of that name.
    """
    past = t < now
    items: tuple[ItemAmount, ...] = ()
    if counted(sub, t, paid_until) if past else counts_now(sub, now):
        items = item_amounts(sub, counting(sub, t), kinds)
    return Mrr(
        exact=sum((item.exact for item in items), _ZERO),
        currency=sub.currency,
        at_risk=bool(items) and not past and sub.status == "past_due",
        estimated=past,
        items=items,
    )


def counts_now(sub: Subscription, now: datetime) -> bool:
    """Whether the record as it stands is counted."""
    alive = sub.ended_at is None or sub.ended_at > now
    return sub.status in {"active", "past_due"} and not sub.collection_paused and alive


def counted(sub: Subscription, t: datetime, paid_until: datetime | None) -> bool:
    """Whether it was counted at a past instant, as far as dates tell."""
    known = span(sub, paid_until)
    return known is not None and known[0] <= t and (known[1] is None or t < known[1])


def span(sub: Subscription, paid_until: datetime | None) -> tuple[datetime, datetime | None] | None:
    """From when until when it was counted, reconstructed from its dates (DOMAIN 1.3); None: never.

    It begins after the trial and ends with the subscription. One that lives but does not count today (unpaid, paused)
    does not say since when: it counted for as long as its last paid invoice reaches (`paid_until`).
    """
    if sub.status in {"incomplete", "incomplete_expired", "trialing"}:
        return None
    start = sub.started_at if sub.trial_end is None else max(sub.started_at, sub.trial_end)
    end = sub.ended_at
    if end is None and sub.status == "canceled":
        end = sub.canceled_at
    if end is None and (sub.collection_paused or sub.status not in {"active", "past_due"}):
        if paid_until is None:
            return None
        end = paid_until
    return (start, end) if end is None or start < end else None


def paid_until(sub: Subscription, invoices: Iterable[Invoice]) -> datetime | None:
    """One billing period after its last paid invoice was made; None when it never paid one."""
    paid = [each.created for each in invoices if each.status == "paid" and each.due.amount > 0]
    periods = [item.price.later(max(paid), 1) for item in sub.items if item.recurring] if paid else []
    return min(periods, default=None)


def counting(sub: Subscription, t: datetime) -> Counting:
    """Which discounts count at `t`. Equal answers mean equal amounts."""
    return tuple(
        tuple(_counts(discount, item, t) for discount in (*item.discounts, *sub.discounts))
        for item in sub.items
        if item.recurring
    )


def item_amounts(sub: Subscription, which: Counting, kinds: Mapping[str, Kind] | None = None) -> tuple[ItemAmount, ...]:
    """Each recurring item's exact monthly amount under these discounts, never below zero.

    An instalment item takes its share of a coupon, as it does on the invoice, and is then left out.
    """
    return tuple(
        ItemAmount(item.id, item.price.id, amount * per_month(item.price))
        for item, amount in period_amounts(sub, which, untaxed)
        if kinds is None or kinds[item.id] == "recurring"
    )


def untaxed(item: Item) -> Fraction:
    """What the item's billing period costs before discounts and without the tax that its price includes."""
    amount = period_amount(item.price, item.quantity) or _ZERO
    if item.price.inclusive and item.tax_percent is not None:
        amount /= 1 + item.tax_percent / 100
    return amount


def period_amounts(
    sub: Subscription, which: Counting, before: Callable[[Item], Fraction]
) -> list[tuple[Item, Fraction]]:
    """Each recurring item with what it bills a period: `before` any discount, less those that count (`which`)."""
    items = [item for item in sub.items if item.recurring]
    amounts = [
        _discounted(before(item), item, flags[: len(item.discounts)]) for item, flags in zip(items, which, strict=True)
    ]
    for position, discount in enumerate(sub.discounts):
        targets = [n for n, item in enumerate(items) if which[n][len(item.discounts) + position]]
        _spread(amounts, targets, discount)
    return list(zip(items, amounts, strict=True))


def _discounted(amount: Fraction, item: Item, flags: tuple[bool, ...]) -> Fraction:
    """After the item's own coupons: these come before the subscription's."""
    amounts = [amount]
    for discount, counts in zip(item.discounts, flags, strict=True):
        if counts:
            _spread(amounts, [0], discount)
    return amounts[0]


def _spread(amounts: list[Fraction], targets: list[int], discount: Discount) -> None:
    """Take one discount off these items: a percentage of each, or an amount in proportion; never below zero."""
    whole = sum((amounts[n] for n in targets), _ZERO)
    for n in targets:
        if discount.percent is not None:
            amounts[n] *= 1 - discount.percent / 100
        elif discount.amount_off is not None and whole:
            amounts[n] -= Fraction(discount.amount_off.amount) * amounts[n] / whole
        amounts[n] = max(amounts[n], _ZERO)


def _counts(discount: Discount, item: Item, t: datetime) -> bool:
    """In force, and lasting: one that ended counts while the period whose invoice it lowered still runs (disc-18)."""
    if discount.once or discount.start > t:
        return False
    return discount.end is None or discount.end > t or _period_start(item, t) < discount.end


def _period_start(item: Item, t: datetime) -> datetime:
    """The start of the service period that `t` falls in, counted back from the current one."""
    periods = 0
    while item.price.later(item.period_start, -periods) > t:
        periods += 1
    return item.price.later(item.period_start, -periods)
