"""One sale in several invoices with due dates (DOMAIN 1.6, d): which belong together, and whether that is sure.

A tag on the product or on the invoice says so (1, 2); nothing else does: what only looks like it is unsure (5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.planning.figures.oracle.world import Fields, World

DAY = timedelta(hours=24)


@dataclass
class Sale:
    """`kind`: instalment or unsure. `whole`: its invoices are all that there will be."""

    kind: str
    invoices: list[tuple[str, Fields]]
    whole: bool

    def sold_at(self) -> datetime:
        return min(invoice["created_at"] for _, invoice in self.invoices)


def sales(world: World) -> list[Sale]:
    return world.once(("separate",), lambda: looked_for(world))


def looked_for(world: World) -> list[Sale]:
    left = [(key, invoice) for key, invoice, _ in world.all("invoice") if may_be_part(invoice)]
    left.sort(key=lambda each: (each[1]["created_at"], each[1]["due_at"] or each[1]["created_at"], each[0]))
    found: list[Sale] = []
    for key, invoice in list(left):
        if (key, invoice) not in left or not number(world, invoice):
            continue
        like = [each for each in left if same_buyer(invoice, each[1]) and tag(world, each[1]) == tag(world, invoice)]
        mine = like[: number(world, invoice)]
        found.append(Sale("instalment", mine, len(mine) == number(world, invoice)))
        left = [each for each in left if each not in mine]
    for key, invoice in list(left):
        if (key, invoice) not in left:
            continue
        mine = [each for each in left if together(invoice, each[1])]
        said = [tag(world, each) for _, each in mine if tag(world, each) is not None]
        if len({each["due_at"] for _, each in mine}) < 2 or (said and is_no(said[0])):
            continue
        found.append(Sale("instalment" if said else "unsure", mine, True))
        left = [each for each in left if each not in mine]
    for key, invoice in list(left):
        said_of_it = tag(world, invoice)
        if (key, invoice) in left and said_of_it is not None and not is_no(said_of_it):
            mine = [each for each in left if same_buyer(invoice, each[1]) and tag(world, each[1]) == said_of_it]
            found.append(Sale("instalment", mine, False))
            left = [each for each in left if each not in mine]
    return found


def may_be_part(invoice: Fields) -> bool:
    """Asks somebody for something, outside of a subscription, and was not taken back within a day."""
    ends = [end for end in (invoice["voided_at"], invoice["uncollectible_at"]) if end is not None]
    slip = bool(ends) and min(ends) - invoice["created_at"] <= DAY
    return invoice["subscription"] is None and invoice["who"] is not None and invoice["due"].amount > 0 and not slip


def same_buyer(one: Fields, other: Fields) -> bool:
    return bool(one["who"]["key"] == other["who"]["key"] and one["currency"] == other["currency"])


def together(first: Fields, other: Fields) -> bool:
    """Sent with due dates, within a day, to the same person for the same products."""
    both = (first, other)
    if any(each["collection"] != "send_invoice" or each["due_at"] is None for each in both):
        return False
    near = timedelta(0) <= other["created_at"] - first["created_at"] <= DAY
    return same_buyer(first, other) and near and products(first) == products(other)


def products(invoice: Fields) -> set[str]:
    return {line["product"] for line in invoice.get("lines", ()) if line["product"] is not None}


def tag(world: World, invoice: Fields) -> tuple[str, str] | None:
    """What was said, and of what."""
    for line in invoice.get("lines", ()):
        product = world.one("product", line["product"])
        if product is not None and "instalments" in product["metadata"]:
            return product["metadata"]["instalments"], line["price"] or line["product"]
    said = invoice.get("metadata", {}).get("instalments")
    return None if said is None else (said, "")


def is_no(said: tuple[str, str]) -> bool:
    return said[0] in ("no", "0")


def number(world: World, invoice: Fields) -> int:
    said = tag(world, invoice)
    return int(said[0]) if said is not None and said[0].isdigit() else 0


def of_fields(world: World, invoice: Fields) -> Sale | None:
    """The sale that this invoice is a part of."""
    for sale in sales(world):
        if any(each is invoice for _, each in sale.invoices):
            return sale
    return None
