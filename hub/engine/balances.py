"""Whether all that was read to have moved is what each account holds, asked once for each answer of a provider."""

from __future__ import annotations

from collections.abc import Iterator

from hub.core.types import Record
from hub.mapping.revenue_job import RevenueJob
from hub.planning.figures.balance import BALANCE, MOVEMENTS, Unbalanced, against_balance
from hub.planning.plan import View
from hub.planning.revenue_words import tell
from hub.planning.words import Language, money


class Balances:
    """What one process knows of the accounts of one business: adding up all that ever moved takes a moment."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Record, int, tuple[Unbalanced, ...] | None]] = {}

    def of(self, connection: str, view: View) -> tuple[Unbalanced, ...]:
        """The currencies in which an account does not balance; none where nobody can say yet."""
        balance = next(iter(view.records(connection, BALANCE)), None)
        if balance is None:
            return ()
        known = self._known.get(connection)
        # What balanced goes on doing so: what moved is never changed. What did not may have been read since.
        if known is None or known[0] != balance or (known[2] != () and known[1] != view.mark):
            found = against_balance(balance, view.records(connection, MOVEMENTS))
            known = self._known[connection] = (balance, view.mark, found)
        return known[2] or ()

    def notes(self, job: RevenueJob, view: View, language: Language) -> Iterator[str]:
        """A sentence for each account and currency in which something is amiss, with the way out."""
        for connection in job.reads:
            for each in self.of(connection, view):
                yield tell(
                    language,
                    "unbalanced",
                    connection=connection,
                    currency=each.currency,
                    ours=money(each.ours, language),
                    theirs=money(each.theirs, language),
                    difference=money(each.difference, language, sign=True),
                )
