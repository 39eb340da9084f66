"""Is a subscription recurring revenue, or one sale paid in parts? (DOMAIN 1.6)

Looked at in this order; the first that answers decides:

0. what the OBM decided once (`Hints.decided`) of the price or its product (for that item alone), or the subscription;
1. metadata key `instalments` on the price, else on its product (for that item alone), else on the subscription: a
   number of payments or "yes" says one sale in parts; "no" or "0" says recurring, whatever follows;
2. a subscription schedule whose phases all end and whose `end_behavior` is cancel;
3. an end date (`cancel_at`) set within 24 hours of the start and later than one billing period;
4. what cannot be told (a schedule that the mirror lacks, an end date set at an unknown moment, a price without an
   amount) is counted as neither and listed: never guess silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from hub.planning.objects import Item, Schedule, Subscription
from hub.planning.prices import period_amount

Kind: TypeAlias = Literal["recurring", "instalments", "unsure"]
Doubt: TypeAlias = tuple[str, str]
"""Why a subscription cannot be told: the name of a phrase of `words`, and the thing it speaks of."""
KEY = "instalments"
_NO = {"no", "false", "0", "non"}
_SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beside the subscriptions: product metadata by product id, and the schedules."""

    products: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    """By their own key and by the key of their subscription."""
    decided: Mapping[str, str] = field(default_factory=dict)
    """What the OBM said once, by the id of a price, a product or a subscription: written like the tag."""

    def of(self, sub: Subscription) -> Schedule | None:
        """The subscription's schedule."""
        return self.schedules.get(sub.schedule or sub.key) or self.schedules.get(sub.key)


def index(schedules: Iterable[Schedule]) -> dict[str, Schedule]:
    """Schedules by their own key and by their subscription's."""
    found: dict[str, Schedule] = {}
    for each in sorted(schedules, key=lambda schedule: schedule.key):
        found[each.key] = each
        if each.subscription is not None and each.status != "released":
            found[each.subscription] = each
    return found


def classify(sub: Subscription, hints: Hints) -> tuple[dict[str, Kind], Doubt | None]:
    """The kind of each item that recurs, by item id, and what makes it unsure.

    A tag on a price or its product speaks of that item alone; everything else of the whole subscription.
    """
    kind, doubt = _whole(sub, hints)
    kinds: dict[str, Kind] = {}
    for item in sub.items:
        if item.recurring:
            said = tag(item.price.id, item.price.product, hints=hints, metadata=item.price.metadata)
            kinds[item.id] = kind if said is None else meaning(said)
    return kinds, doubt


def number(sub: Subscription, item: Item, hints: Hints) -> int | None:
    """How many payments people said that this item is paid in; None: nobody said a number."""
    of_item = tag(item.price.id, item.price.product, hints=hints, metadata=item.price.metadata)
    of_whole = tag(sub.key, hints=hints, metadata=sub.metadata)
    numbers = (int(said) for said in (of_item, of_whole) if said is not None and said.isascii() and said.isdigit())
    return next((said for said in numbers if said > 0), None)


def tag(key: str, product: str = "", *, hints: Hints, metadata: Mapping[str, str]) -> str | None:
    """What people said of a thing: the OBM's own decision first, then its metadata, then its product's."""
    decided = {KEY: hints.decided.get(key) or hints.decided.get(product) or ""}
    return _tag(decided, metadata, hints.products.get(product, {}))


def _whole(sub: Subscription, hints: Hints) -> tuple[Kind, Doubt | None]:
    doubt = _doubt(sub)
    if doubt is not None:
        return "unsure", doubt
    said = tag(sub.key, hints=hints, metadata=sub.metadata)
    if said is not None:
        return meaning(said), None
    schedule = hints.of(sub)
    if schedule is None and sub.schedule is not None:
        return "unsure", ("no_schedule", sub.schedule)
    return ("instalments", None) if ends(schedule) else _by_end_date(sub)


def ends(schedule: Schedule | None) -> bool:
    """Whether a schedule sells something in parts: its phases all end, and the subscription with them."""
    return (
        schedule is not None and schedule.status != "released" and schedule.end_behavior == "cancel" and schedule.finite
    )


def _tag(*places: Mapping[str, str]) -> str | None:
    return next((said for place in places if (said := str(place.get(KEY) or "").strip())), None)


def meaning(said: str) -> Kind:
    """What a tag says: "no" or "0" recurring, anything else paid in parts."""
    return "recurring" if said.lower() in _NO else "instalments"


def _by_end_date(sub: Subscription) -> tuple[Kind, Doubt | None]:
    if sub.cancel_at is None or sub.cancel_at_period_end:
        return "recurring", None
    periods = [item.price.later(sub.started_at, 1) for item in sub.items if item.recurring]
    if not periods or sub.cancel_at <= min(periods) + timedelta(days=1):
        return "recurring", None  # signed up and did not renew: one ordinary period
    if sub.canceled_at is None:
        return "unsure", ("end_unknown", "")
    return ("instalments" if sub.canceled_at - sub.created <= _SOON else "recurring"), None


def _doubt(sub: Subscription) -> Doubt | None:
    for item in (each for each in sub.items if each.recurring):
        if period_amount(item.price, item.quantity) is None:
            return "no_amount", item.price.id
        if item.price.currency != sub.currency:
            return "other_currency", item.price.id
        for each in (*item.discounts, *sub.discounts):
            if each.amount_off is not None and each.amount_off.currency != sub.currency:
                return "other_currency", each.coupon
    return None
