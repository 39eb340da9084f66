"""What the facts of one client come to: what has happened, which appointment stands, what went wrong. Pure.

Everything is taken from the instants of the facts, so that the order in which we heard of them plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.planning.journeys.types import Fact

STARTS = ("payment", "booking", "signup")


@dataclass(slots=True)
class Story:
    """`firsts`: event -> when it first happened. `live`: appointments that stand: which -> when it begins.

    `moves`, `cancels`, `no_shows`, `failures`, `ends`: what a client or the OBM is told of. A cancelled appointment
    counts only where no other stood at that instant; a failed payment only while no later payment has come.
    """

    firsts: dict[str, datetime] = field(default_factory=dict)
    live: dict[str, datetime | None] = field(default_factory=dict)
    moves: list[Fact] = field(default_factory=list)
    cancels: list[Fact] = field(default_factory=list)
    no_shows: list[Fact] = field(default_factory=list)
    failures: list[Fact] = field(default_factory=list)
    ends: list[Fact] = field(default_factory=list)
    appointment: datetime | None = None
    """When the appointment begins that was made or moved last; None when there is none, or nobody knows when."""

    @classmethod
    def of(cls, facts: Sequence[Fact], now: datetime) -> Story:
        """`facts` in their order (`hub.planning.journeys.facts.in_order`); those after `now` are not looked at."""
        story = cls()
        payments: list[Fact] = []
        refunds: list[Fact] = []
        for fact in facts:
            if fact.at > now:
                break
            what = fact.what
            if what in STARTS:
                story.firsts.setdefault(what, fact.at)
            if what == "payment":
                payments.append(fact)
                story.failures.clear()
            elif what in ("booking", "moved"):
                story._appointment(fact)
            elif what == "cancelled":
                stood = fact.of in story.live
                story.live.pop(fact.of, None)
                if stood and not story.live:
                    story.cancels.append(fact)
            elif what == "no_show":
                story.no_shows.append(fact)
            elif what == "payment_failed":
                story.failures.append(fact)
            elif what == "refunded":
                refunds.append(fact)
            elif what == "disputed":
                story.ends.append(fact)
        story.appointment = next(reversed(story.live.values())) if story.live else None
        story.ends += _all_given_back(payments, refunds)
        return story

    def _appointment(self, fact: Fact) -> None:
        if fact.what == "moved" and fact.day is not None:
            self.moves.append(fact)
        self.live.pop(fact.of, None)  # the one that was said last stands last
        self.live[fact.of] = fact.day

    @property
    def unbooked(self) -> bool:
        """Whether every appointment that was made was cancelled."""
        return "booking" in self.firsts and not self.live

    def has(self, event: str) -> bool:
        """Whether it has happened, and still holds."""
        return bool(self.live) if event == "booking" else event in self.firsts

    def rebooked(self, fact: Fact) -> bool:
        """Whether an appointment stands that begins after the one of this fact."""
        return any(day is not None and day > (fact.day or fact.at) for day in self.live.values())


def _all_given_back(payments: Sequence[Fact], refunds: Sequence[Fact]) -> list[Fact]:
    """The last refund, where no payment is left. One of two payments given back leaves the other."""
    if not refunds:
        return []
    when = {fact.of: fact.at for fact in refunds}
    left = [each for each in payments if each.at > max(when.get(each.of, each.at), when.get("", each.at))]
    known = [each for each in payments if each.of in when or "" in when]
    return [refunds[-1]] if len(known) == len(payments) and not left else []
