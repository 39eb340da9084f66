"""Reference cases of money that moved: what the planner says and what the source says, name by name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from connectors.stripe.values import money
from hub.core.money import Money
from hub.planning.calendar import month, month_of
from tests.planning.figures.planned import planned
from tests.planning.figures.vector_records import (
    cents,
    in_parts,
    moved,
    paid_by_card,
    plain,
    subscriptions_of,
    this_month,
    units,
    value,
)
from tests.planning.figures.vector_recurring import Case, Pairs
from tests.planning.make import item, price, subscription, utc

SINCE = date(2026, 3, 1)


def transactions(case: Case) -> Pairs:
    """Balance transactions of one month, and the sums that the case names."""
    records = [moved(f"txn_{n}", each) for n, each in enumerate(case["input"]["bt"])]
    found = this_month(*records)
    names = {"gross_volume": "gross_volume", "refunds": "refunds", "net_volume": "net_volume", "payout": "payouts"}
    names["net"] = "net_volume"
    return {name: (value(found, names[name], "EUR"), units(wanted)) for name, wanted in case["expected"].items()}


def ways_of_paying(case: Case) -> Pairs:
    records = []
    subs = {key: plain(key, key, 10, created=utc("2024-01-01")) for key in ("sub_1", "sub_2")}
    for n, each in enumerate(case["input"]["payments"]):
        status = "paid" if each["status"] == "succeeded" else each["status"]
        at = datetime.fromisoformat(each["created"]).replace(tzinfo=UTC)
        records += paid_by_card(str(n), cents(each["amount"], "usd"), at, subs.get(each["subscription"]), status)
    first = date.fromisoformat(case["input"]["period"][0])
    found = planned([*subs.values(), *records], since=first, now=utc("2024-03-01"), zone="UTC")
    names = {"recurring": "cash_recurring", "one_time": "cash_one_off", "total": "cash_in"}
    return {
        name: (value(found, figure, "USD", "2024-01"), units(case["expected"][name])) for name, figure in names.items()
    }


def activity(case: Case) -> Pairs:
    """Stripe's "activity gross" is what was collected, not what was sold."""
    charges, refunds = (Decimal(case["input"][name]) * 100 for name in ("charges", "refunds"))
    records = [moved("txn_1", {"amount": charges}, currency="HKD")]
    records.append(moved("txn_2", {"amount": refunds, "reporting_category": "refund"}, currency="HKD"))
    found = this_month(*records)
    assert value(found, "gross_volume", "HKD") == units(charges)
    return {"cash": (value(found, "cash_in", "HKD"), Fraction(case["expected"]["activity_gross"]))}


def settled(case: Case) -> Pairs:
    """A payment in one currency that reached the balance in another counts as what reached it."""
    said = case["input"]
    paid, bt = said.get("charge") or said["payment_intent"], said.get("bt") or said["balance_transaction"]
    currency = bt["currency"].upper()
    rate = Decimal(str(bt["exchange_rate"]))
    found = this_month(moved("txn_1", bt, currency=currency, exchange_rate=rate))
    expected = case["expected"]
    gross = expected.get("settled_minor", expected.get("gross_report_ccy"))
    pairs: Pairs = {"gross": (value(found, "gross_volume", currency), units(gross))}
    pairs["rate"] = (paid["amount"] * rate, gross)
    pairs["nothing in the other"] = (value(found, "gross_volume", paid["currency"].upper()), 0)
    if "net_report_ccy" in expected:
        pairs["net"] = (value(found, "net_volume", currency), units(expected["net_report_ccy"]))
    return pairs


def two_currencies(case: Case) -> Pairs:
    found = this_month(*subscriptions_of(case["input"]))
    totals = case["expected"]["totals"]
    pairs: Pairs = {code: (value(found, "mrr", code.upper()), units(wanted)) for code, wanted in totals.items()}
    seen = {key[2].lower() for key, figure in found.items() if key[0] == "mrr" and figure.lines}
    return pairs | {"currencies": (seen, set(totals))}


def wire(case: Case) -> Pairs:
    ours = money(case["input"]["amount"], case["input"]["currency"])
    return {"money": (ours, Money(Decimal(case["expected"]["major"]), case["input"]["currency"].upper()))}


def local_month(case: Case) -> Pairs:
    """An instant and its local month; the same of a payment that was made then."""
    at, zone = datetime.fromisoformat(case["input"]["utc"]), ZoneInfo(case["input"]["tz"])
    text = at.astimezone(UTC).isoformat()[:19]
    first, label = date(2026, 1, 1), case["expected"]["month"]
    found = planned([moved("txn_1", {"amount": 100}, text)], since=first, zone=case["input"]["tz"])
    counted = [key[1] for key, figure in found.items() if key[0] == "gross_volume" and figure.lines]
    return {
        "local": (str(at.astimezone(zone)), case["expected"]["local"]),
        "month": (month_of(at, zone).label, label),
        "payment": (counted, [label]),
    }


def month_starts(case: Case) -> Pairs:
    paris, pairs = ZoneInfo("Europe/Paris"), {}
    for label, epoch in case["expected"]["start_epoch"].items():
        year, number = map(int, label.split("-"))
        pairs[label] = (month(year, number, paris).start.timestamp(), epoch)
    return pairs


def scheduled(case: Case) -> Pairs:
    """A schedule with an end: so many parts, of which some are paid."""
    (phase,), made = case["input"]["schedule"]["phases"], case["input"]["payments_made"]
    start = {2: utc("2026-10-05"), 6: utc("2026-06-05")}[made]
    unit = cents(phase["price"], "usd")
    found = planned(in_parts(unit, phase["iterations"], made, start, "schedule"), since=SINCE)
    months = sorted({key[1] for key in found})
    expected = case["expected"]
    received = sum(value(found, "instalments_received", "USD", each) or 0 for each in months)
    cash = sum(value(found, "cash_instalments", "USD", each) or 0 for each in months)
    signed = value(found, "signed", "USD", f"{start:%Y-%m}")
    return {
        "contract": (signed, units(expected["contract_value"])),
        "received": (received, units(expected["cash_collected"])),
        "cash": (cash, units(expected["cash_collected"])),
        "receivable": (value(found, "receivable", "USD"), units(expected["receivable"])),
        "mrr": (value(found, "mrr", "USD"), units(expected["mrr_minor"])),
    }


def three_parts(case: Case) -> Pairs:
    """Three payments: the defect calls them MRR. The pairs are those of the defect; ours are asserted here."""
    (amount, _, _) = case["input"]["payments"]
    found = planned(in_parts(cents(amount, "eur"), 3, 3, utc("2026-03-05"), "end"), since=SINCE)
    assert value(found, "signed", "EUR", "2026-03") == 3 * units(amount)
    for n, label in enumerate(("2026-03", "2026-04", "2026-05")):
        assert value(found, "cash_in", "EUR", label) == units(amount)
        assert value(found, "receivable", "EUR", label) == (2 - n) * units(amount)
    for label in case["expected"]["dbt_mrr_by_month"]:
        assert value(found, "mrr_churn_voluntary", "EUR", label) == 0
        assert value(found, "mrr_churn_involuntary", "EUR", label) == 0
        assert value(found, "mrr", "EUR", label) == 0
    theirs = case["expected"]["dbt_mrr_by_month"].items()
    return {label: (value(found, "mrr", "EUR", label), units(wanted)) for label, wanted in theirs}


def rounded_parts(case: Case) -> Pairs:
    """A cent that no part asks for is not owed for ever."""
    number, expected = case["input"]["n"], case["expected"]
    unit = Money(Decimal(expected["per_payment"]), "EUR")
    found = planned(in_parts(unit, number, number, utc("2026-03-05"), "end"), since=SINCE)
    signed = value(found, "signed", "EUR", "2026-03")
    return {
        "signed": (signed, Fraction(expected["sum"])),
        "receivable": (value(found, "receivable", "EUR", "2026-05"), 0),
        "difference": (Fraction(case["input"]["total"]) - (signed or 0), Fraction(expected["difference"])),
    }


def fixed_cycles(case: Case) -> Pairs:
    """A yearly plan with an addition of a fixed number of payments: only the plan recurs."""
    said = case["input"]
    number = str(said["addon_fixed_cycles"]["billing_cycles"])
    plan = price(str(Decimal(said["plan"]["amount"]) / 100), said["plan"]["interval"])
    amount = str(Decimal(said["addon_fixed_cycles"]["amount"]) / 100)
    extra = price(amount, said["addon_fixed_cycles"]["interval"], metadata={"instalments": number})
    sub = subscription("sub_1", [item(plan, id="si_1"), item(extra, id="si_2")])
    return {"mrr": (value(this_month(sub), "mrr", "EUR"), units(case["expected"]["mrr_minor"]))}
