"""What a file says of counting, as the figures are asked for, and the version of it. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hub.core import codec
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.by_hand import by_hand
from hub.planning.figures.books import Books
from hub.planning.figures.rules import Rules
from hub.planning.figures.tax import SALES, SERVICES, Threshold
from hub.planning.objects import Discount, Subscription

COUNTING = 1
"""The version of the hub's own way of counting: another one when a figure of the same records becomes another."""
_MOMENT = timedelta(microseconds=1)


def rules_of(job: RevenueJob) -> Rules:
    """The tax of the business, where Stripe does not say it."""
    vat = job.rules.vat
    if vat is None:
        return Rules()
    return Rules(
        tax_rate=None if vat.rate is None else Decimal(vat.rate.rstrip(" %")), franchise=vat.franchise is not None
    )


def threshold_of(job: RevenueJob) -> Threshold | None:
    """The limit below which the business collects no tax; None for one that collects some."""
    vat = job.rules.vat
    if vat is None or vat.franchise is None:
        return None
    usual = SERVICES if vat.franchise == "services" else SALES
    return Threshold(limit=vat.limit or usual.limit, upper=vat.upper_limit or usual.upper)


def version_of(job: RevenueJob, business: Business) -> str:
    """Of everything in the files that decides what a figure is: another version, other figures."""
    said = (job.rules.model_dump_json(), "".join(read.model_dump_json() for read in job.read))
    return codec.digest((str(COUNTING), *said, business.timezone, business.currency))[:12]


def by_the_rules(books: Books, job: RevenueJob) -> Books:
    """The books with what the OBM decided and wrote down, and with single discounts as the file has them counted."""
    decided = {key: "yes" if kind == "instalments" else "no" for key, kind in job.rules.classify.items()}
    once = job.rules.recurring.discount_once == "subtracted"
    if not decided and not once and not job.paid_outside:
        return books
    subscriptions = tuple(map(_subtracting, books.subscriptions)) if once else books.subscriptions
    paid = by_hand(job, books.zone, books.now)
    return replace(books, decided=decided, subscriptions=subscriptions, by_hand=paid)


def _subtracting(sub: Subscription) -> Subscription:
    """A discount of one invoice counts in the period in which it was given."""
    items = tuple(replace(item, discounts=tuple(map(_lasting, item.discounts))) for item in sub.items)
    return replace(sub, items=items, discounts=tuple(map(_lasting, sub.discounts)))


def _lasting(discount: Discount) -> Discount:
    return replace(discount, once=False, end=discount.end or discount.start + _MOMENT) if discount.once else discount
