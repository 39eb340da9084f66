"""The figures of what moved."""

from __future__ import annotations

from hub.planning.figures.definition import Definition, define

CASH: tuple[Definition, ...] = (
    define(
        "gross_volume",
        "money",
        "flow",
        ("Encaissements bruts", "Tous les paiements reçus, avant remboursements, litiges et frais."),
        ("Gross volume", "Every payment received, before refunds, disputes and fees."),
    ),
    define(
        "refunds",
        "money",
        "flow",
        ("Remboursements", "Ce qui a été rendu pendant la période, quelle que soit la date de la vente."),
        ("Refunds", "What was given back in the period, whenever it was sold."),
    ),
    define(
        "disputes",
        "money",
        "flow",
        (
            "Litiges (rétrofacturations)",
            "Ce que les banques ont repris, moins ce qui est revenu après un litige gagné.",
        ),
        ("Disputes (chargebacks)", "What banks took back, less what returned when a dispute was won."),
    ),
    define(
        "late_failures",
        "money",
        "flow",
        (
            "Prélèvements échoués après coup",
            "Les prélèvements d'abord comptés comme reçus, puis rejetés par la banque.",
        ),
        ("Late failures", "Bank debits that were first counted as received and then refused by the bank."),
    ),
    define(
        "fees",
        "money",
        "flow",
        ("Frais Stripe", "Les frais prélevés sur les paiements, remboursements et litiges, et ceux facturés à part."),
        ("Stripe fees", "The fees taken on payments, refunds and disputes, and those billed apart."),
    ),
    define(
        "other_movements",
        "money",
        "flow",
        (
            "Autres mouvements",
            "Ce qui a bougé sur le solde sans être un paiement, un retour, des frais ou de la trésorerie.",
        ),
        ("Other movements", "Whatever moved the balance and is no payment, no return, no fee and no treasury."),
    ),
    define(
        "net_volume",
        "money",
        "flow",
        ("Encaissements nets", "Ce qui reste après remboursements, litiges et frais, avant virements."),
        ("Net volume", "What remains after refunds, disputes and fees, before payouts."),
    ),
    define(
        "payouts",
        "money",
        "flow",
        (
            "Virements reçus (de Stripe)",
            "Ce que Stripe a versé sur le compte en banque : de la trésorerie, jamais du chiffre d'affaires.",
        ),
        ("Payouts", "What Stripe paid to the bank account: treasury, never revenue."),
    ),
    define(
        "treasury",
        "money",
        "flow",
        (
            "Autres mouvements de trésorerie",
            "Approvisionnements, transferts, réserves et conversions : ni recettes, ni dépenses.",
        ),
        ("Other treasury moves", "Top-ups, transfers, reserves and conversions: neither earned nor spent."),
    ),
    define(
        "cash_in",
        "money",
        "flow",
        (
            "CA encaissé (TTC)",
            "Paiements reçus moins remboursements, litiges et prélèvements échoués, taxes comprises, avant frais.",
        ),
        (
            "Cash collected (incl. tax)",
            "Payments received less refunds, disputes and late failures, tax included, before fees.",
        ),
    ),
    define(
        "cash_in_net",
        "money",
        "flow",
        (
            "CA encaissé (HT)",
            "Le CA encaissé sans la taxe : celle que Stripe a calculée, sinon votre taux, alors dit estimé.",
        ),
        (
            "Cash collected (excl. tax)",
            "Cash collected without tax: as Stripe worked it out, else at your rate and then marked estimated.",
        ),
    ),
    define(
        "paid_outside",
        "money",
        "flow",
        ("Encaissé hors Stripe", "Les factures réglées autrement que par Stripe ; compté à part, sur sa propre ligne."),
        ("Paid outside Stripe", "Invoices settled otherwise than through Stripe; counted apart, on a line of its own."),
    ),
    define(
        "cash_recurring",
        "money",
        "flow",
        (
            "CA encaissé récurrent",
            "La part du CA encaissé qui vient des abonnements, hors paiements en plusieurs fois.",
        ),
        ("Recurring cash", "The part of cash collected that comes from subscriptions, instalment plans left out."),
    ),
    define(
        "cash_one_off",
        "money",
        "flow",
        (
            "CA encaissé ponctuel",
            "La part du CA encaissé qui ne vient ni d'un abonnement ni d'un paiement en plusieurs fois.",
        ),
        ("One-off cash", "The part of cash collected that comes from no subscription and no instalment plan."),
    ),
    define(
        "cash_instalments",
        "money",
        "flow",
        ("Échéances encaissées", "La part du CA encaissé qui vient des paiements en plusieurs fois."),
        ("Cash from instalments", "The part of cash collected that comes from instalment plans."),
    ),
    define(
        "cash_to_classify",
        "money",
        "flow",
        (
            "CA encaissé à classer",
            "La part du CA encaissé d'abonnements dont on ne sait pas s'ils sont un paiement en plusieurs fois.",
        ),
        ("Cash to classify", "The part of cash collected from subscriptions that may or may not be instalment plans."),
    ),
    define(
        "recurring_share",
        "percent",
        "flow",
        ("Part récurrente", "CA récurrent sur CA récurrent et ponctuel ; les échéances n'entrent dans aucun des deux."),
        ("Recurring share", "Recurring cash out of recurring and one-off cash; instalments are in neither."),
    ),
    define(
        "refund_rate",
        "percent",
        "flow",
        ("Taux de remboursement", "Remboursements de la période sur encaissements bruts de la période."),
        ("Refund rate", "Refunds of the period out of the gross volume of the period."),
    ),
    define(
        "refund_rate_cohort",
        "percent",
        "flow",
        ("Taux de remboursement des ventes", "Ce qui a été rendu, à ce jour, des paiements reçus pendant la période."),
        ("Refund rate of sales", "What was given back, until now, of the payments received in the period."),
    ),
    define(
        "dispute_activity",
        "percent",
        "flow",
        ("Activité de litiges", "Litiges reçus pendant la période sur paiements de la période, en nombre."),
        ("Dispute activity", "Disputes received in the period out of the payments of the period, by number."),
    ),
    define(
        "dispute_rate",
        "percent",
        "flow",
        (
            "Taux de litiges",
            "Paiements de la période contestés à ce jour, en nombre ; définitif après environ 120 jours.",
        ),
        ("Dispute rate", "Payments of the period that were disputed until now, by number; final after some 120 days."),
    ),
    define(
        "average_order",
        "ratio",
        "flow",
        (
            "Panier moyen",
            "Valeur des commandes sur leur nombre ; un paiement en plusieurs fois compte une fois, en entier.",
        ),
        (
            "Average order value",
            "Value of the orders over their number; an instalment plan counts once, at its whole value.",
        ),
    ),
)
