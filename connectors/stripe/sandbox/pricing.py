"""Arithmetic of billing: periods that keep their day, what a quantity costs at a price, what coupons take off.

All amounts are integers in the currency's smallest unit; halves are rounded up, as Stripe does.
"""

import calendar
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connectors.stripe.sandbox.params import Json

_MONTHS = {"month": 1, "year": 12}


def rounded(value: Decimal) -> int:
    """To a whole number, halves away from zero."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def step(anchor: int, interval: str, count: int) -> int:
    """`count` intervals after `anchor` (UTC); a month that is too short ends on its last day."""
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in ("day", "week"):
        return int((start + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    month = start.year * 12 + start.month - 1 + count * _MONTHS[interval]
    year, month = divmod(month, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period(anchor: int, recurring: Json, cycle: int) -> tuple[int, int]:
    """The start and end of period number `cycle` (0 is the first) of a subscription anchored at `anchor`."""
    count = recurring["interval_count"]
    return (
        step(anchor, recurring["interval"], cycle * count),
        step(anchor, recurring["interval"], (cycle + 1) * count),
    )


def cost(price: Json, tiers: list[Json], quantity: int) -> int:
    """What `quantity` costs at `price`; `tiers` are the price's tiers, which the price itself does not show."""
    if price["billing_scheme"] == "tiered":
        return _tiered(price["tiers_mode"], tiers, quantity)
    transform = price["transform_quantity"]
    if transform is not None:
        whole, rest = divmod(quantity, transform["divide_by"])
        quantity = whole + (1 if rest and transform["round"] == "up" else 0)
    return rounded(Decimal(price["unit_amount_decimal"] or 0) * quantity)


def _tiered(mode: str, tiers: list[Json], quantity: int) -> int:
    total, done = Decimal(0), 0
    for tier in tiers:
        top = tier["up_to"]
        last = top is None or quantity <= top
        if mode == "graduated" or last:
            units = quantity if mode == "volume" else (quantity if last else top) - done
            total += Decimal(tier["unit_amount_decimal"] or 0) * units + Decimal(tier["flat_amount_decimal"] or 0)
        if last:
            break
        done = top
    return rounded(total)


def take_off(lines: list[Json], discount: Json, coupon: Json, products: list[str] | None) -> int:
    """Take one discount off the lines it applies to, in place (discount_amounts); return the sum taken off."""
    open_lines = [
        (line, line["amount"] - sum(part["amount"] for part in line["discount_amounts"]))
        for line in lines
        if line["discountable"] and line["amount"] > 0 and (products is None or _product(line) in products)
    ]
    if coupon["percent_off"] is not None:
        rate = Decimal(str(coupon["percent_off"])) / 100
        parts = [rounded(rest * rate) for _, rest in open_lines]
    else:
        parts = _spread(
            min(coupon["amount_off"], sum(rest for _, rest in open_lines)), [rest for _, rest in open_lines]
        )
    for (line, _), part in zip(open_lines, parts, strict=True):
        line["discount_amounts"] = [*line["discount_amounts"], {"amount": part, "discount": discount["id"]}]
    return sum(parts)


def _product(line: Json) -> str | None:
    return line["pricing"]["price_details"]["product"] if line["pricing"] else None


def _spread(amount: int, weights: list[int]) -> list[int]:
    """Split `amount` in proportion to `weights`; the last part takes what rounding leaves."""
    total, parts = sum(weights), list[int]()
    for position, weight in enumerate(weights):
        last = position == len(weights) - 1
        parts.append(amount - sum(parts) if last else rounded(Decimal(amount) * weight / total) if total else 0)
    return parts
