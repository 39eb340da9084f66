"""The figures of what is paid in parts."""

from __future__ import annotations

from hub.planning.figures.definition import Definition, define

INSTALMENTS: tuple[Definition, ...] = (
    define(
        "signed",
        "money",
        "flow",
        (
            "CA signé",
            "Les ventes conclues pendant la période : paiements uniques, premières factures d'abonnement, et ventes "
            "payées en plusieurs fois pour tout leur montant.",
        ),
        (
            "Contracted sales",
            "What was sold in the period: single payments, first invoices of subscriptions, and sales paid in parts at "
            "their whole value.",
        ),
    ),
    define(
        "instalments_signed",
        "money",
        "flow",
        ("Signé en plusieurs fois", "Les ventes payées en plusieurs fois conclues pendant la période, en entier."),
        ("Signed in parts", "The sales paid in parts that were made in the period, at their whole value."),
    ),
    define(
        "instalments_received",
        "money",
        "flow",
        ("Échéances reçues", "Les échéances payées pendant la période."),
        ("Instalments received", "The instalments paid in the period."),
    ),
    define(
        "receivable",
        "money",
        "state",
        ("Reste à encaisser", "Signé en plusieurs fois, moins encaissé, moins abandonné."),
        ("Receivable", "Signed in parts, less received, less abandoned."),
    ),
    define(
        "instalments_due",
        "money",
        "flow",
        ("Échéances du mois", "Les échéances dont la date tombe dans la période, payées ou non."),
        ("Instalments due", "The instalments whose date is in the period, paid or not."),
    ),
    define(
        "instalments_overdue",
        "money",
        "state",
        ("Échéances impayées", "Les échéances dont la date est passée et qui restent à payer."),
        ("Overdue instalments", "The instalments whose date has passed and that are still to be paid."),
    ),
    define(
        "instalments_abandoned",
        "money",
        "flow",
        (
            "Échéances abandonnées",
            "Le reste des paiements en plusieurs fois annulés ou abandonnés : une perte, pas un départ.",
        ),
        (
            "Abandoned instalments",
            "What remained of instalment plans that were cancelled or given up: a loss, not churn.",
        ),
    ),
    define(
        "instalments_rate",
        "percent",
        "state",
        ("Taux d'encaissement des échéances", "Échéances payées sur échéances dues à ce jour."),
        ("Instalments collected", "Instalments paid out of those due until then."),
    ),
)
