"""expand[]: ids replaced by their objects, and the fields that Stripe shows only when they are asked for.

At most four levels; `data` of a list counts as one.
"""

from collections.abc import Callable, Iterable

from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.shapes import page_of
from connectors.stripe.sandbox.state import Account, shown

_LEVELS = 4
Tree = dict[str, "Tree"]


def tree_of(paths: Iterable[str]) -> Tree:
    """The paths as a tree; ApiError 400 when one is deeper than four levels."""
    tree: Tree = {}
    for path in paths:
        parts = path.split(".")
        if len(parts) > _LEVELS:
            raise invalid(f"You cannot expand more than {_LEVELS} levels of a property: {path}", "expand")
        node = tree
        for part in parts:
            node = node.setdefault(part, {})
    return tree


def expand(account: Account, row: Json, tree: Tree, path: str = "") -> Json:
    """A copy of `row` in which the properties of `tree` are expanded; ApiError 400 for one that cannot be."""
    copy = dict(shown(row))
    for name, below in tree.items():
        where = f"{path}{name}"
        if name not in copy or (copy.get("object"), name) in _ASKED:
            make = _ASKED.get((copy.get("object"), name))
            if make is None:
                raise invalid(f"This property cannot be expanded ({where}).", "expand")
            copy[name] = make(account, row)
        copy[name] = _value(account, copy[name], below, where)
    return copy


def _value(account: Account, value: object, below: Tree, where: str) -> object:
    if isinstance(value, list):
        return [_value(account, one, below, where) for one in value]
    if isinstance(value, str):
        found = account.by_id.get(value)
        if found is None:
            raise invalid(f"This property cannot be expanded ({where}).", "expand")
        return expand(account, found, below, f"{where}.")
    if isinstance(value, dict):
        return expand(account, value, below, f"{where}.")
    if value is None:
        return None
    raise invalid(f"This property cannot be expanded ({where}).", "expand")


def _payments(account: Account, row: Json) -> Json:
    rows = [account.by_id[one] for one in account.hidden.get(row["id"], {}).get("payments", [])]
    page = page_of(rows[::-1][:10], f"/v1/invoice_payments?invoice={row['id']}")
    return {**page, "has_more": len(rows) > 10, "total_count": len(rows)}


def _refunds(account: Account, row: Json) -> Json:
    rows = [account.by_id[one] for one in account.hidden.get(row["id"], {}).get("refunds", [])]
    return {**page_of(rows[::-1][:10], f"/v1/charges/{row['id']}/refunds"), "has_more": len(rows) > 10}


def _subscriptions(account: Account, row: Json) -> Json:
    rows = [
        one
        for one in account.table("subscription").oldest_first()
        if one["customer"] == row["id"] and one["status"] != "canceled"
    ]
    return {**page_of(rows[::-1][:10], f"/v1/customers/{row['id']}/subscriptions"), "has_more": len(rows) > 10}


def _line_items(account: Account, row: Json) -> Json:
    rows = account.hidden[row["id"]]["line_items"]
    return {**page_of(rows[:10], f"/v1/checkout/sessions/{row['id']}/line_items"), "has_more": len(rows) > 10}


def _hidden(name: str) -> Callable[[Account, Json], object]:
    return lambda account, row: account.hidden.get(row["id"], {}).get(name)


_ASKED: dict[tuple[str | None, str], Callable[[Account, Json], object]] = {
    ("price", "tiers"): _hidden("tiers"),
    ("price", "currency_options"): lambda _, __: {},
    ("coupon", "applies_to"): _hidden("applies_to"),
    ("invoice", "payments"): _payments,
    ("charge", "refunds"): _refunds,
    ("refund", "failure_balance_transaction"): lambda _, row: row.get("failure_balance_transaction"),
    ("customer", "subscriptions"): _subscriptions,
    ("checkout.session", "line_items"): _line_items,
}
