"""The jobs that `hub init` can write as a first one. A new kind of job adds a row to the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from hub.cli.yaml_text import scalar


@dataclass(frozen=True, slots=True)
class Offer:
    """`needs`: the connectors that it works with.

    `write(language, connections)`: the text of its file; `connections` says which connection has which connector.
    """

    kind: str
    says: str
    needs: tuple[str, ...]
    file: str
    write: Callable[[Literal["fr", "en"], Mapping[str, str]], str]


_REVENUE = {
    "fr": {
        "says": "Montrer ce qui est encaissé, ce qui revient chaque mois, ce qui est en retard et remboursé.",
        "cash_in": "Argent encaissé",
        "mrr": "Revenu mensuel récurrent",
        "overdue": "Factures en retard",
        "refund_rate": "Part remboursée",
        "database": "Chiffres du mois",
        "value": "Montant",
        "change": "Variation",
        "counted_at": "Calculé le",
        "proof": "Justificatif",
        "people": "Commentaire",
    },
    "en": {
        "says": "Show what came in, what comes in every month, what is late and what was paid back.",
        "cash_in": "Cash in",
        "mrr": "Monthly recurring revenue",
        "overdue": "Overdue invoices",
        "refund_rate": "Share refunded",
        "database": "Figures of the month",
        "value": "Amount",
        "change": "Change",
        "counted_at": "Counted at",
        "proof": "Proof",
        "people": "Comment",
    },
}


def _revenue(language: Literal["fr", "en"], connections: Mapping[str, str]) -> str:
    words = {name: scalar(text) for name, text in _REVENUE[language].items()}
    return f"""\
hub: 1
job: revenue_kpis
says: {words["says"]}

read:
  - {{from: {connections["stripe"]}}}

figures:                          # a target or a warning can be added: {{…, target: 12000}} or {{…, warn_above: 5 %}}
  - {{figure: cash_in,     title: {words["cash_in"]}}}
  - {{figure: mrr,         title: {words["mrr"]}}}
  - {{figure: overdue,     title: {words["overdue"]}}}
  - {{figure: refund_rate, title: {words["refund_rate"]}}}

show_in:
  connection: {connections["notion"]}
  database: {words["database"]}
  hub_owns:
    {words["value"]}: value
    {words["change"]}: change
    {words["counted_at"]}: counted_at
    {words["proof"]}: proof
  people_own: [{words["people"]}]
"""


OFFERS: tuple[Offer, ...] = (
    Offer(
        "revenue_kpis", "payments become the figures of a Notion page", ("stripe", "notion"), "revenue.yaml", _revenue
    ),
)


def fitting(connectors: Mapping[str, str]) -> list[Offer]:
    """Those that the business has the connectors for. `connectors`: connector -> connection."""
    return [offer for offer in OFFERS if set(offer.needs) <= connectors.keys()]
