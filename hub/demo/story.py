"""The story: five things happen at Stripe, the hub is told by signed webhooks, the figures in Notion must be exact."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from connectors.notion.sandbox.control import NotionSandbox
from connectors.stripe.sandbox import Sandbox
from connectors.stripe.sandbox.control import Control
from hub.demo import figures
from hub.demo.figures import Change, Delta, Rows
from hub.demo.history import History
from hub.demo.stage import INDENT, Stage
from hub.demo.watch import Watch

STEP_SECONDS = 20.0
"""How long the figures may take to be right. They take well under a second."""

_WORDS: Mapping[str, str] = {
    "charge.refunded": "payment refunded",
    "charge.succeeded": "payment made",
    "charge.updated": "payment updated",
    "checkout.session.completed": "checkout completed",
    "customer.created": "new customer",
    "customer.subscription.created": "subscription started",
    "customer.subscription.deleted": "subscription ended",
    "customer.subscription.updated": "subscription changed",
    "customer.updated": "customer updated",
    "invoice.created": "invoice made",
    "invoice.finalized": "invoice final",
    "invoice.paid": "invoice paid",
    "invoice.payment_succeeded": "invoice payment made",
    "invoice.updated": "invoice updated",
    "invoice_payment.paid": "payment matched to invoice",
    "price.created": "new price",
    "product.created": "new product",
    "refund.created": "refund made",
    "refund.updated": "refund updated",
}

Act = Callable[[Control, History], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`act` happens at Stripe; its deliveries go out in this order, each once or `twice`; `delta` must follow."""

    title: str
    act: Act
    delta: Delta
    order: Literal["fifo", "lifo"] = "fifo"
    twice: bool = False


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a step came to. `seconds`: from the first delivery until the figures were right; None: they never were."""

    arrived: Sequence[str]
    posts: int
    changed: Sequence[Change]
    seconds: float | None
    untouched: int
    problems: Sequence[str] = field(default_factory=list)


def _sells(euros: int, product: str, email: str, name: str) -> Act:
    return lambda shop, _history: shop.sell(amount=euros * 100, product=product, email=email, name=name, deliver=True)


def _refunds(shop: Control, history: History) -> None:
    shop.refund(history.earlier_sale, amount=10_000, reason="requested_by_customer", deliver=True)


def _leaves(shop: Control, history: History) -> None:
    shop.cancel(history.member, deliver=True)


def _joins_and_upgrades(shop: Control, history: History) -> None:
    customer = shop.customer(email="eva.marchand@example.com", name="Eva Marchand")["id"]
    made = shop.subscribe(customer=customer, price=history.circle, deliver=True)
    shop.change(made["subscription"], price=history.circle_plus, proration="none", deliver=True)


STEPS = (
    Step(
        title="Somebody buys a workshop for 297 €",
        act=_sells(297, "Atelier Clarté", "nina.caron@example.com", "Nina Caron"),
        delta=Delta(cash_in=Decimal(297)),
    ),
    Step(
        title="100 € of an earlier sale are paid back",
        act=_refunds,
        delta=Delta(cash_in=Decimal(-100)),
    ),
    Step(
        title="A member at 39 € a month cancels",
        act=_leaves,
        delta=Delta(mrr=Decimal(-39)),
    ),
    Step(
        title="A sale of 149 €, and Stripe delivers everything twice",
        act=_sells(149, "Guide de lancement", "lou.fabre@example.com", "Lou Fabre"),
        delta=Delta(cash_in=Decimal(149)),
        twice=True,
    ),
    Step(
        title="A new member moves up from 39 to 59 €; the last event comes first",
        act=_joins_and_upgrades,
        delta=Delta(cash_in=Decimal(39), mrr=Decimal(59)),
        order="lifo",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Plays steps and compares. Everything that it looks at is outside the hub: Stripe, Notion, the status."""

    stage: Stage
    stripe: Sandbox
    notion: NotionSandbox
    watch: Watch
    history: History

    def tell(self, steps: Sequence[Step]) -> bool:
        """Play the steps, say what came of each; True when every figure was exact."""
        right = True
        for number, step in enumerate(steps, 1):
            self.stage.line(f"{number}. {step.title}")
            outcome = self.play(step)
            self._say(outcome)
            right = right and not outcome.problems
        return right

    def play(self, step: Step) -> Outcome:
        """Let one step happen and wait until the figures are what they must be, and the hub has nothing left to do."""
        shop, before = self.stripe.account(), self._rows()
        self.stripe.webhooks.forget()
        self.stripe.webhooks.hold()
        step.act(shop, self.history)
        month = figures.month_label(datetime.now(UTC))
        transactions = [shop.get(key) for key in shop.ids("balance_transaction")]
        expected = figures.expect(before, month, step.delta, figures.refund_rate(transactions, month))
        started = time.monotonic()
        posts = self.stripe.webhooks.release(step.order, twice=step.twice)

        def is_right() -> bool:
            return not figures.differences(before, self._rows(), expected)

        seconds = time.monotonic() - started if self.stage.until(STEP_SECONDS, is_right) else None
        # What comes too much comes last: only when nothing waits any more is the figure what it will stay.
        idle = self.stage.until(STEP_SECONDS, self.watch.is_idle)
        after, deliveries = self._rows(), self.stripe.webhooks.deliveries()
        problems = figures.differences(before, after, expected)
        if not idle:
            problems.append(f"the hub still had something to do {STEP_SECONDS:.0f} s later")
        problems += [
            f"the hub did not take the delivery of {one['type']}: {one['error'] or one['status']}"
            for one in deliveries
            if one["outcome"] != "delivered"
        ]
        return Outcome(
            arrived=in_words(deliveries),
            posts=posts,
            changed=figures.changes(before, after, expected),
            seconds=seconds,
            untouched=len(after.keys() - expected.keys()),
            problems=problems,
        )

    def _rows(self) -> Rows:
        return figures.by_key(self.notion.rows(figures.TABLE))

    def _say(self, outcome: Outcome) -> None:
        stage = self.stage
        head = "1 delivery: " if outcome.posts == 1 else f"{outcome.posts} deliveries: "
        for line in folded(head, outcome.arrived, stage.width - len(INDENT)):
            stage.more(line)
        width = max((len(change.title) for change in outcome.changed), default=0)
        old = max((len(change.old) for change in outcome.changed), default=0)
        for change in outcome.changed:
            stage.more(f"{change.title:<{width}}  {change.old:>{old}} → {change.new}")
        if outcome.problems:
            stage.more("✗ not what it must be:")
            for problem in outcome.problems:
                stage.more(f"  {problem}")
        else:
            stage.more(
                f"✓ exact {outcome.seconds or 0:.2f} s after the first delivery; "
                f"{outcome.untouched} other rows untouched"
            )
        stage.more()


def in_words(deliveries: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the deliveries said, in the order of their arrival; those that came twice with ×2."""
    counts = Counter(_WORDS.get(one["type"], one["type"]) for one in deliveries)
    return [word if count == 1 else f"{word} ×{count}" for word, count in counts.items()]


def folded(head: str, words: Sequence[str], width: int) -> list[str]:
    """ "head word, word," and so on in lines of at most `width` letters, the later ones indented below the words."""
    lines = [head]
    for place, word in enumerate(words):
        part = word if place == len(words) - 1 else f"{word}, "
        if len(lines[-1]) + len(part.rstrip()) > width and lines[-1].strip() and lines[-1] != head:
            lines.append(" " * len(head))
        lines[-1] += part
    return [line.rstrip() for line in lines]
