"""Every figure a second time, from the definitions alone: loops over records, fractions, no thought for speed.

It shares nothing with hub.planning. Where two programs that know nothing of each other agree, both are right or the
definition is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from tests.planning.figures.oracle import cash, invoices, links, movements, orders, plans, ratios, states
from tests.planning.figures.oracle.world import World

Count: TypeAlias = Callable[[World, str, str], Fraction | None]
"""World, period (2026-10), currency -> money in whole units, a number, a percentage, or None."""

FIGURES: Mapping[str, Count] = {
    "gross_volume": cash.gross_volume,
    "refunds": cash.refunds,
    "disputes": cash.disputes,
    "late_failures": cash.late_failures,
    "fees": cash.fees,
    "other_movements": cash.other_movements,
    "net_volume": cash.net_volume,
    "payouts": cash.payouts,
    "treasury": cash.treasury,
    "cash_in": cash.cash_in,
    "cash_in_net": links.cash_in_net,
    "paid_outside": links.paid_outside,
    "cash_recurring": links.cash_recurring,
    "cash_one_off": links.cash_one_off,
    "cash_instalments": links.cash_instalments,
    "cash_to_classify": links.cash_to_classify,
    "recurring_share": links.recurring_share,
    "refund_rate": cash.refund_rate,
    "refund_rate_cohort": links.refund_rate_cohort,
    "dispute_activity": links.dispute_activity,
    "dispute_rate": links.dispute_rate,
    "average_order": orders.average_order,
    "mrr": states.mrr,
    "mrr_before_discounts": states.mrr_before_discounts,
    "mrr_confirmed": states.mrr_confirmed,
    "mrr_at_risk": states.mrr_at_risk,
    "mrr_paused": states.mrr_paused,
    "trials": states.trials,
    "customers": states.customers,
    "mrr_new": movements.mrr_new,
    "mrr_reactivation": movements.mrr_reactivation,
    "mrr_expansion": movements.mrr_expansion,
    "mrr_contraction": movements.mrr_contraction,
    "mrr_churn_voluntary": movements.mrr_churn_voluntary,
    "mrr_churn_involuntary": movements.mrr_churn_involuntary,
    "mrr_currency_effect": movements.mrr_currency_effect,
    "arr": states.arr,
    "arpa": states.arpa,
    "ltv": ratios.ltv,
    "churn_rate": movements.churn_rate,
    "mrr_churn_gross": ratios.mrr_churn_gross,
    "mrr_churn_net": ratios.mrr_churn_net,
    "retention_net": ratios.retention_net,
    "quick_ratio": ratios.quick_ratio,
    "mrr_growth": ratios.mrr_growth,
    "failed_payments": invoices.failed_payments,
    "recovered_payments": invoices.recovered_payments,
    "overdue": invoices.overdue,
    "signed": orders.signed,
    "instalments_signed": plans.signed,
    "instalments_received": plans.instalments_received,
    "receivable": plans.receivable,
    "instalments_due": plans.instalments_due,
    "instalments_overdue": plans.instalments_overdue,
    "instalments_abandoned": plans.instalments_abandoned,
    "instalments_rate": plans.instalments_rate,
}


def count(world: World) -> dict[tuple[str, str, str], Fraction | None]:
    """(figure, period, currency) -> its value, for every month and every currency that the records name."""
    currencies = {world.home}
    for stream, name in (("balance_transaction", "amount"), ("invoice", "total")):
        currencies |= {fields[name].currency for _, fields, _ in world.all(stream)}
    currencies |= {sub["currency"] for _, sub, _ in world.all("subscription")}
    found = {}
    for name, figure in FIGURES.items():
        for period in world.months():
            for currency in sorted(currencies):
                found[name, period, currency] = figure(world, period, currency)
    return found
