"""Routes of prices and coupons."""

from connectors.stripe.sandbox import shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import ApiError, Json, Params, invalid
from connectors.stripe.sandbox.routes import Answer, Call, Keep, Routes
from connectors.stripe.sandbox.state import Account, Moment

_CURRENCIES = frozenset(
    {"aud", "bhd", "brl", "cad", "chf", "czk", "dkk", "eur", "gbp", "hkd", "huf", "inr", "jpy", "kwd", "mxn", "nok"}
    | {"nzd", "pln", "ron", "sek", "sgd", "usd", "xof"}
)


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    routes.read(
        "price",
        "/v1/prices",
        "prices",
        filters={"active": "active", "currency": "currency", "product": "product", "type": "type"},
        keep=_lookup_keys,
        more="lookup_keys",
    )
    names = "active billing_scheme currency custom_unit_amount lookup_key metadata nickname product product_data"
    names += " recurring tax_behavior tiers tiers_mode transform_quantity unit_amount unit_amount_decimal"
    routes.add("POST", "/v1/prices", _create_price, "prices", names)
    routes.add("POST", "/v1/prices/{id}", _update_price, "prices", "active lookup_key metadata nickname tax_behavior")
    names = "amount_off applies_to currency duration duration_in_months id max_redemptions metadata name percent_off"
    routes.read("coupon", "/v1/coupons", "coupons")
    routes.add("POST", "/v1/coupons", _create_coupon, "coupons", f"{names} redeem_by")
    routes.add("POST", "/v1/coupons/{id}", _update_coupon, "coupons", "metadata name")
    routes.add("DELETE", "/v1/coupons/{id}", _delete_coupon, "coupons")


def currency_of(params: Params) -> str:
    """The currency of a request, in lower case."""
    code = params.need("currency").lower()
    if code not in _CURRENCIES:
        raise invalid(f"Invalid currency: {code}.", "currency")
    return code


def _lookup_keys(call: Call) -> Keep | None:
    wanted = set(call.params.values("lookup_keys"))
    return (lambda row: row["lookup_key"] in wanted) if wanted else None


def own_id(call: Call, row: Json) -> str:
    """The id that the request wants for its object, or the one that was made; ApiError 400 when it is taken."""
    wanted = call.params.text("id") or str(row["id"])
    if wanted in call.account.by_id:
        raise ApiError(400, f"{row['object']} already exists: {wanted}", code="resource_already_exists", param="id")
    return wanted


def _create_price(call: Call) -> Answer:
    return make_price(call.account, call.moment, call.params)


def make_price(account: Account, moment: Moment, params: Params, *, inline: bool = False) -> Json:
    """A price from the parameters of POST /v1/prices, or from price_data inside another request (`inline`)."""
    currency = currency_of(params)
    if "product" in params:
        product = account.get("product", params.need("product"), "product")
    else:
        named = params.group("product_data")
        product = account.add(shapes.product(account, moment.at, name=named.need("name")))
        product["metadata"] = named.merge_metadata()
        record(account, moment, "product.created", product)
    amount = params.number("unit_amount_decimal" if "unit_amount_decimal" in params else "unit_amount")
    tiered = params.choice("billing_scheme", ("per_unit", "tiered"), "per_unit") == "tiered"
    custom = "custom_unit_amount" in params
    if not tiered and not custom and amount is None:
        raise invalid("Missing required param: unit_amount.", "unit_amount", "parameter_missing")
    row = shapes.price(
        account,
        moment.at,
        active=not inline and params.flag("active", True),
        billing_scheme="tiered" if tiered else "per_unit",
        currency=currency,
        custom_unit_amount={"maximum": None, "minimum": None, "preset": None} if custom else None,
        lookup_key=params.text("lookup_key"),
        metadata=params.merge_metadata(),
        nickname=params.text("nickname"),
        product=product["id"],
        recurring=_recurring(params),
        tax_behavior=params.choice("tax_behavior", ("exclusive", "inclusive", "unspecified"), "unspecified"),
        tiers_mode=params.choice("tiers_mode", ("graduated", "volume")) if tiered else None,
        transform_quantity=_transform(params),
        type="recurring" if "recurring" in params else "one_time",
        unit_amount=int(amount) if amount is not None and not tiered and amount == int(amount) else None,
        unit_amount_decimal=format(amount.normalize(), "f") if amount is not None and not tiered else None,
    )
    account.hidden[row["id"]] = {"tiers": _tiers(params) if tiered else None}
    if row["recurring"]:
        account.hidden[row["id"]]["plan"] = shapes.plan(row)
    account.add(row)
    record(account, moment, "price.created", row)
    return row


def _recurring(params: Params) -> Json | None:
    given = params.group("recurring")
    if not given.raw:
        return None
    given.require("interval")
    return {
        "interval": given.choice("interval", ("day", "week", "month", "year")),
        "interval_count": given.whole("interval_count", 1),
        "meter": given.text("meter"),
        "trial_period_days": given.whole("trial_period_days"),
        "usage_type": given.choice("usage_type", ("licensed", "metered"), "licensed"),
    }


def _transform(params: Params) -> Json | None:
    given = params.group("transform_quantity")
    if not given.raw:
        return None
    return {"divide_by": given.need_whole("divide_by"), "round": given.choice("round", ("up", "down"), "up")}


def _tiers(params: Params) -> list[Json]:
    tiers = []
    for given in params.groups("tiers"):
        row: Json = {"up_to": None if given.text("up_to") in (None, "inf") else given.need_whole("up_to")}
        for name in ("flat_amount", "unit_amount"):
            exact = given.number(f"{name}_decimal")
            exact = given.number(name) if exact is None else exact
            row[name] = int(exact) if exact is not None and exact == int(exact) else None
            row[f"{name}_decimal"] = None if exact is None else format(exact.normalize(), "f")
        tiers.append(row)
    if not tiers or tiers[-1]["up_to"] is not None:
        raise invalid("The last tier must have up_to=inf.", "tiers")
    return tiers


def _update_price(call: Call) -> Answer:
    row = call.account.get("price", call.ids[0])
    fields: Json = {name: call.params.text(name) for name in ("lookup_key", "nickname") if name in call.params}
    if "active" in call.params:
        fields["active"] = call.params.flag("active")
    fields["metadata"] = call.params.merge_metadata(row["metadata"])
    previous = call.account.change(row, **fields)
    record(call.account, call.moment, "price.updated", row, previous)
    return row


def _create_coupon(call: Call) -> Answer:
    params = call.params
    percent, amount = params.number("percent_off"), params.whole("amount_off")
    if (percent is None) == (amount is None):
        raise invalid("Give exactly one of percent_off and amount_off.", "percent_off")
    duration = params.choice("duration", ("forever", "once", "repeating"), "once")
    months = params.need_whole("duration_in_months") if duration == "repeating" else None
    row = shapes.coupon(
        call.account,
        call.moment.at,
        amount_off=amount,
        currency=currency_of(params) if amount is not None else None,
        duration=duration,
        duration_in_months=months,
        max_redemptions=params.whole("max_redemptions"),
        metadata=params.merge_metadata(),
        name=params.text("name"),
        percent_off=None if percent is None else float(percent),
        redeem_by=params.whole("redeem_by"),
    )
    row["id"] = own_id(call, row)
    products = params.group("applies_to").values("products")
    call.account.hidden[row["id"]] = {"applies_to": {"products": products}} if products else {}
    call.account.add(row)
    record(call.account, call.moment, "coupon.created", row)
    return row


def _update_coupon(call: Call) -> Answer:
    row = call.account.get("coupon", call.ids[0])
    name = call.params.text("name", row["name"])
    previous = call.account.change(row, name=name, metadata=call.params.merge_metadata(row["metadata"]))
    record(call.account, call.moment, "coupon.updated", row, previous)
    return row


def _delete_coupon(call: Call) -> Answer:
    row = call.account.get("coupon", call.ids[0])
    call.account.table("coupon").remove(row["id"])
    # Discounts that use the coupon stay in force, so its id can still be expanded.
    record(call.account, call.moment, "coupon.deleted", row)
    return {"id": row["id"], "object": "coupon", "deleted": True}
