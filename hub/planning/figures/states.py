"""What each subscription is worth at the last instant of every closed month, and now. Pure.

A closed month is taken from memory where the hub remembers its last day. Where it does not, it is reconstructed from
the dates of subscriptions and invoices as they stand today, and said to be estimated: Stripe shows only what is now.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from hub.core.types import Value
from hub.planning import mrr, overdue
from hub.planning.calendar import Month, months
from hub.planning.figure import Figure, ProofLine
from hub.planning.figures.books import Books
from hub.planning.figures.lines import ONE, Exact, Lines, figure
from hub.planning.objects import Subscription

_ZERO = Fraction(0)
Mode: TypeAlias = Literal["counted", "paused", "trial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One subscription at one instant. Amounts are exact, per month, before tax, without instalments.

    `amount`: after the discounts that count; it is MRR only in the mode "counted". `full`: before any discount.
    `customer`: the subscription itself where nothing says whose it is. `at_risk`: its payment is late. `ending`: its
    cancellation is scheduled.
    """

    subscription: str
    customer: str
    currency: str
    created: datetime
    mode: Mode
    amount: Fraction
    full: Fraction
    at_risk: bool = False
    ending: bool = False

    @property
    def mrr(self) -> Fraction:
        return self.amount if self.mode == "counted" else _ZERO


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there was at the end of a local day, as the hub saw it then. A day without states is remembered as empty."""

    day: date
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Every subscription that says something at one instant: the last of a closed month, or now."""

    month: Month
    at: datetime
    closed: bool
    estimated: bool
    states: tuple[State, ...]


def standings(books: Books, span: Sequence[Month], memory: Iterable[Snapshot] = ()) -> tuple[Standing, ...]:
    """One standing for each month up to the last of `span`, which is that of now.

    They begin before `span`, with the month before it or that of the first subscription: who ever paid decides between
    a new customer and one who came back.
    """
    starts = [each.started_at for each in books.subscriptions]
    remembered = {each.day: each.states for each in memory}
    first = min((span[0].start - timedelta(days=1), *starts))
    known = months(first.astimezone(books.zone).date(), span[-1].start, books.zone)
    past = known[:-1]
    found: list[list[State]] = [[] for _ in past]
    lasts = [month.last for month in past]
    for sub in books.subscriptions:
        for index, state in _Subscription(books, sub).past(lasts):
            found[index].append(state)
    made = [
        Standing(
            month=month,
            at=month.last,
            closed=True,
            estimated=_last_day(month, books) not in remembered,
            states=remembered.get(_last_day(month, books), tuple(states)),
        )
        for month, states in zip(past, found, strict=True)
    ]
    return (*made, Standing(month=known[-1], at=books.now, closed=False, estimated=False, states=states_now(books)))


def states_at(books: Books, t: datetime) -> tuple[State, ...]:
    """What each subscription is now, or was at an instant that has passed, as far as dates tell."""
    if t >= books.now:
        return states_now(books)
    return tuple(state for sub in books.subscriptions for _, state in _Subscription(books, sub).past((t,)))


def remember(books: Books) -> Snapshot:
    """Today as it stands now: what the hub keeps each day, the last one before midnight being the one that counts."""
    return Snapshot(books.now.astimezone(books.zone).date(), states_now(books))


def figures(standing: Sequence[Standing], span: Sequence[Month], home: str) -> Iterator[Figure]:
    """MRR and its parts, trials and paying customers, by month of `span` and currency, the business's own first."""
    lines = Lines()
    shown = {month.label for month in span}
    for each, currencies in zip(standing, seen(standing, home), strict=True):
        if each.month.label not in shown:
            continue
        for currency in currencies:
            states = [state for state in each.states if state.currency == currency]
            for name, proof in _proofs(states, currency, lines):
                yield figure(name, each.month, currency, proof, estimated=each.estimated, closed=each.closed)


def seen(standing: Sequence[Standing], home: str) -> Iterator[tuple[str, ...]]:
    """The currencies of each standing: one that was seen once never goes away again."""
    found = {home}
    for each in standing:
        found |= {state.currency for state in each.states}
        yield tuple(sorted(found, key=lambda code: (code != home, code)))


def by_customer(standing: Standing) -> dict[str, dict[str, Fraction]]:
    """What each paying customer is worth, by currency."""
    found: dict[str, dict[str, Fraction]] = {}
    for state in standing.states:
        if amount := state.mrr:
            worth = found.setdefault(state.currency, {})
            worth[state.customer] = worth[state.customer] + amount if state.customer in worth else amount
    return found


def to_values(snapshot: Snapshot) -> tuple[Mapping[str, Value], ...]:
    """The states as values that the store keeps; exact amounts as text, like 250/3."""
    return tuple(
        {
            "subscription": each.subscription,
            "customer": each.customer,
            "currency": each.currency,
            "created": each.created,
            "mode": each.mode,
            "amount": str(each.amount),
            "full": str(each.full),
            "at_risk": each.at_risk,
            "ending": each.ending,
        }
        for each in snapshot.states
    )


def from_values(day: date, values: Iterable[Mapping[str, Any]]) -> Snapshot:
    """The snapshot that `to_values` wrote."""
    amounts = ("amount", "full")
    return Snapshot(
        day, tuple(State(**{**each, **{name: Fraction(each[name]) for name in amounts}}) for each in values)
    )


def _proofs(states: Sequence[State], currency: str, lines: Lines) -> Iterator[tuple[str, tuple[ProofLine, ...]]]:
    counted = [state for state in states if state.mode == "counted"]
    wanted = {
        "mrr": [(state, state.amount) for state in counted],
        "mrr_before_discounts": [(state, state.full) for state in counted],
        "mrr_confirmed": [(state, state.amount) for state in counted if not state.ending],
        "mrr_at_risk": [(state, state.amount) for state in counted if state.at_risk],
        "mrr_paused": [(state, state.amount) for state in states if state.mode == "paused"],
    }
    for name, parts in wanted.items():
        yield name, lines.money((_exact(state, amount) for state, amount in parts), currency)
    trials = (state for state in states if state.mode == "trial")
    yield "trials", tuple(ProofLine(state.subscription, "subscription", ONE, state.created) for state in trials)
    paying: dict[str, datetime] = {}
    for state in counted:
        if state.amount:
            paying[state.customer] = max(state.created, paying.get(state.customer, state.created))
    yield "customers", tuple(ProofLine(customer, "customer", ONE, at) for customer, at in paying.items())


def _exact(state: State, amount: Fraction) -> Exact:
    return Exact(state.subscription, "subscription", amount, state.created, "past_due" if state.at_risk else "")


def _last_day(month: Month, books: Books) -> date:
    return month.last.astimezone(books.zone).date()


def states_now(books: Books) -> tuple[State, ...]:
    """What each subscription is now, as its record stands."""
    found = (_Subscription(books, sub).now() for sub in books.subscriptions)
    return tuple(state for state in found if state is not None)


@dataclass(slots=True)
class _Subscription:
    """One subscription, asked for its state at several instants. Equal states are one object."""

    books: Books
    sub: Subscription
    _amounts: dict[mrr.Counting, Fraction] = field(default_factory=dict)
    _states: dict[tuple[Any, ...], State] = field(default_factory=dict)

    def now(self) -> State | None:
        """As the record stands."""
        sub, now = self.sub, self.books.now
        running = sub.ended_at is None or sub.ended_at > now
        ending = sub.cancel_at is not None or sub.cancel_at_period_end
        if mrr.counts_now(sub, now):
            return self._state("counted", now, at_risk=sub.status == "past_due", ending=ending)
        if running and sub.status == "trialing":
            return self._state("trial", now, ending=ending)
        on_hold = sub.collection_paused and sub.status in {"active", "past_due"}
        return self._state("paused", now, ending=ending) if running and (on_hold or self._stopped) else None

    def past(self, lasts: Sequence[datetime]) -> Iterator[tuple[int, State]]:
        """(month, state) at each of these instants at which there was one, as far as dates tell."""
        sub = self.sub
        if sub.status in {"incomplete", "incomplete_expired"}:
            return
        invoices = self.books.invoices_of.get(sub.key, ())
        counted = mrr.span(sub, mrr.paid_until(sub, invoices))
        late = [when for each in invoices if (when := overdue.late(each)) is not None]
        over = sub.ended_at or (sub.canceled_at if sub.status == "canceled" else None)
        for index in range(bisect_left(lasts, sub.started_at), len(lasts)):
            t = lasts[index]
            if over is not None and over <= t:
                return
            mode = self._mode(t, counted)
            if mode is None:
                continue
            risky = mode == "counted" and any(start <= t and (end is None or t < end) for start, end in late)
            state = self._state(mode, t, at_risk=risky, ending=self._was_ending(t))
            if state is not None:
                yield index, state

    def _mode(self, t: datetime, counted: tuple[datetime, datetime | None] | None) -> Mode | None:
        if counted is not None and counted[0] <= t and (counted[1] is None or t < counted[1]):
            return "counted"
        if self.sub.trial_end is not None and t < self.sub.trial_end:
            return "trial"
        return "paused" if self.sub.collection_paused or self._stopped else None

    @property
    def _stopped(self) -> bool:
        """Whether it was paused as a whole. A trial that ended without a card is too: that was never MRR."""
        return self.sub.status == "paused" and any(
            each.status == "paid" and each.due.amount > 0 for each in self.books.invoices_of.get(self.sub.key, ())
        )

    def _was_ending(self, t: datetime) -> bool:
        """Whether its end had been asked for. Where nothing says when that was, it always had."""
        sub = self.sub
        if sub.cancel_at is None and not sub.cancel_at_period_end and sub.ended_at is None:
            return False
        return sub.canceled_at <= t if sub.canceled_at is not None else sub.cancel_at is not None

    def _state(self, mode: Mode, t: datetime, *, at_risk: bool = False, ending: bool = False) -> State | None:
        """None where nothing of it recurs: an instalment plan, or one that cannot be told. A trial may be of metered
        use alone."""
        which = mrr.counting(self.sub, t)
        key = (mode, which, at_risk, ending)
        if key not in self._states:
            kinds = self.books.kinds[self.sub.key].values()
            if "recurring" not in kinds and (kinds or mode != "trial"):
                return None
            self._states[key] = State(
                subscription=self.sub.key,
                customer=self.sub.customer or self.sub.key,
                currency=self.sub.currency,
                created=self.sub.created,
                mode=mode,
                amount=self._amount(which),
                full=self._amount(tuple((False,) * len(flags) for flags in which)),
                at_risk=at_risk,
                ending=ending,
            )
        return self._states[key]

    def _amount(self, which: mrr.Counting) -> Fraction:
        if which not in self._amounts:
            items = mrr.item_amounts(self.sub, which, self.books.kinds[self.sub.key])
            self._amounts[which] = sum((item.exact for item in items), _ZERO)
        return self._amounts[which]
