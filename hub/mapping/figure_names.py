"""The names by which a file asks for figures, and the unit of each; `hub.planning.figures.names` says what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

FigureName: TypeAlias = Literal[
    "gross_volume", "refunds", "disputes", "late_failures", "fees", "other_movements", "net_volume", "payouts",
    "treasury", "cash_in", "cash_in_net", "paid_outside", "cash_recurring", "cash_one_off", "cash_instalments",
    "cash_to_classify", "recurring_share", "refund_rate", "refund_rate_cohort", "dispute_activity", "dispute_rate",
    "average_order", "mrr", "mrr_before_discounts", "mrr_confirmed", "mrr_at_risk", "mrr_paused", "trials", "customers",
    "mrr_new", "mrr_reactivation", "mrr_expansion", "mrr_contraction", "mrr_churn_voluntary", "mrr_churn_involuntary",
    "mrr_currency_effect", "arr", "arpa", "ltv", "churn_rate", "mrr_churn_gross", "mrr_churn_net", "retention_net",
    "quick_ratio", "mrr_growth", "failed_payments", "recovered_payments", "overdue",
    "signed", "instalments_signed", "instalments_received", "receivable", "instalments_due", "instalments_overdue",
    "instalments_abandoned", "instalments_rate",
    "calls_booked", "calls_held", "calls_cancelled", "calls_missed", "show_rate", "call_sales",
]  # fmt: skip
FIGURES: tuple[FigureName, ...] = get_args(FigureName)

MOVEMENTS: tuple[FigureName, ...] = (
    "mrr_new", "mrr_reactivation", "mrr_expansion", "mrr_contraction", "mrr_churn_voluntary", "mrr_churn_involuntary",
    "mrr_currency_effect",
)  # fmt: skip
GROUPS: Mapping[str, tuple[FigureName, ...]] = {"mrr_movements": MOVEMENTS}
"""Words of a file that stand for several figures."""

RATES: frozenset[str] = frozenset({
    "recurring_share", "refund_rate", "refund_rate_cohort", "dispute_activity", "dispute_rate", "churn_rate",
    "mrr_churn_gross", "mrr_churn_net", "retention_net", "mrr_growth", "failed_payments", "recovered_payments",
    "instalments_rate", "show_rate", "call_sales",
})  # fmt: skip
"""A share of something, in percent."""
COUNTS: frozenset[str] = frozenset(
    {"trials", "customers", "calls_booked", "calls_held", "calls_cancelled", "calls_missed"}
)
"""So many of something."""
STATES: frozenset[str] = frozenset({
    "mrr", "mrr_before_discounts", "mrr_confirmed", "mrr_at_risk", "mrr_paused", "trials", "customers", "arr", "arpa",
    "ltv", "overdue", "receivable", "instalments_overdue", "instalments_rate",
})  # fmt: skip
"""What there is at an instant; the others are what happens in a period."""
