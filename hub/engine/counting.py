"""What one process keeps in mind of a job's figures, so that it need not ask the store each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hub.planning.counted import Past, Worth
from hub.planning.figure import Figure
from hub.planning.figures.currencies import NO_RATES, Rates
from hub.planning.figures.states import Snapshot
from hub.planning.ledger import Ledger
from hub.store.figure_shares import Place


@dataclass(slots=True)
class Counting:
    """`closed`: what was known of months that were over at the end of the day before `day`, by key of the figure.

    `last`: value, and whether it is estimated, of every figure as it was known last. `kept`: the figures as this
    process last stored them, by key, under the `mark` by which it knows that nobody has stored any since. `shares`:
    the digests of the proofs that are kept in shares, None before they were asked for. `ledger`: what was counted,
    subledger by subledger. `days`: what subscriptions were at the end of days that are over. `today`: what was last
    kept of the day that runs. `rates`: of the file as it was at `stamp`.
    """

    day: date | None = None
    closed: dict[str, Past] = field(default_factory=dict)
    last: dict[str, tuple[Worth, bool]] = field(default_factory=dict)
    kept: dict[str, Figure] = field(default_factory=dict)
    mark: str | None = None
    shares: dict[Place, dict[int, str]] | None = None
    ledger: Ledger = field(default_factory=Ledger)
    days: dict[date, Snapshot] = field(default_factory=dict)
    today: Snapshot | None = None
    rates: Rates = NO_RATES
    stamp: tuple[int, int] | None = None
