"""Coupons at work: on a subscription, or on a customer, whose subscriptions inherit it if they have none."""

from connectors.stripe.sandbox import shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.pricing import step
from connectors.stripe.sandbox.state import Account, Moment


def _redeem(account: Account, moment: Moment, coupon_id: str, param: str, **of: str) -> Json:
    coupon = account.get("coupon", coupon_id, param)
    if not coupon["valid"]:
        raise invalid(f"Coupon {coupon_id} is used up or expired.", param, "coupon_expired")
    months = coupon["duration_in_months"]
    ends = step(moment.at, "month", months) if coupon["duration"] == "repeating" else None
    discount = account.add(shapes.discount(account, moment.at, coupon_id, end=ends, **of), moment.at)
    redeemed = coupon["times_redeemed"] + 1
    most = coupon["max_redemptions"]
    account.change(coupon, times_redeemed=redeemed, valid=most is None or redeemed < most)
    record(account, moment, "customer.discount.created", discount)
    return discount


def _end(account: Account, moment: Moment, discount: Json) -> None:
    account.change(discount, end=discount["end"] or moment.at)
    record(account, moment, "customer.discount.deleted", discount)


def add(account: Account, moment: Moment, row: Json, coupons: list[str]) -> None:
    """Apply coupons to a subscription."""
    of = {"customer": row["customer"], "subscription": row["id"]}
    added = [_redeem(account, moment, coupon, "discounts[0][coupon]", **of)["id"] for coupon in coupons]
    if added:
        account.change(row, discounts=[*row["discounts"], *added])


def drop(account: Account, moment: Moment, row: Json, gone: set[str]) -> None:
    """End discounts of a subscription."""
    account.change(row, discounts=[one for one in row["discounts"] if one not in gone])
    for discount_id in sorted(gone):
        _end(account, moment, account.by_id[discount_id])


def give_to_customer(account: Account, moment: Moment, customer: Json, coupon: str) -> Json:
    """Put a discount on a customer, instead of the one that was there."""
    if customer["discount"] is not None:
        take_from_customer(account, moment, customer)
    discount = _redeem(account, moment, coupon, "coupon", customer=customer["id"])
    account.change(customer, discount=discount)
    return discount


def take_from_customer(account: Account, moment: Moment, customer: Json) -> Json:
    """End a customer's discount and return it."""
    discount: Json = customer["discount"]
    account.change(customer, discount=None)
    _end(account, moment, discount)
    return discount


def in_force(account: Account, moment: Moment, row: Json) -> list[Json]:
    """The discounts that a subscription's next invoice carries; those that are over end here."""
    rows = [account.by_id[discount_id] for discount_id in row["discounts"]]
    over = {one["id"] for one in rows if _is_over(one, moment)}
    if over:
        drop(account, moment, row, over)
    left = [one for one in rows if one["id"] not in over]
    customer = account.get("customer", row["customer"])
    if left or customer["discount"] is None:
        return left
    if _is_over(customer["discount"], moment):
        take_from_customer(account, moment, customer)
        return []
    return [customer["discount"]]


def _is_over(discount: Json, moment: Moment) -> bool:
    return discount["end"] is not None and discount["end"] <= moment.at


def use_up(account: Account, moment: Moment, row: Json, taken: list[Json]) -> None:
    """End those of an invoice's discounts that are good for one invoice only."""
    used = {one["id"] for one in taken if account.by_id[one["source"]["coupon"]]["duration"] == "once"}
    if own := used & set(row["discounts"]):
        drop(account, moment, row, own)
    if used - own:
        take_from_customer(account, moment, account.get("customer", row["customer"]))
