"""Payments: what was bought, once, however many objects of the provider speak of it. Pure.

A checkout session that is paid, the first paid invoice of a subscription, and a payment on its own are each a purchase;
where several of them speak of the same one they are joined by the ids that they share. A renewal is no purchase, and
neither is a checkout that was completed and not paid (https://docs.stripe.com/payments/checkout/fulfill-orders).
The streams of refunds, disputes and of what was paid for which invoice are Stripe's (docs/records.md); a provider
without them leaves out what only they tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.money import Money
from hub.core.types import Record, Value
from hub.mapping.onboarding_job import StartsOn
from hub.planning.journeys.gathered import Gathered, Mirrored, instant, said, same, text, who_of
from hub.planning.journeys.types import Fact

_FREE = "no_payment_required"


@dataclass(slots=True)
class _Purchase:
    """`paid`: payments that it was paid by. `later`: payments of its subscription's later invoices."""

    key: str
    who: tuple[str, str]
    at: datetime | None
    record: Record
    amount: Money | None
    products: tuple[str, ...] = ()
    subscription: str = ""
    paid: list[Record] = field(default_factory=list)
    later: list[Record] = field(default_factory=list)


def read_purchases(start: StartsOn, mirror: Mirrored, found: Gathered) -> None:
    """The purchases at the connection of a start that are of its product."""
    shelf = _Shelf(start, mirror)
    for purchase in shelf.purchases.values():
        if start.product is not None and not any(same(each, start.product) for each in purchase.products):
            if not purchase.products:
                found.nameless[start.connection, purchase.key] = None
            continue
        if purchase.at is None and not shelf.failed(purchase):
            continue
        if not purchase.who[0]:
            found.unknown.append(purchase.record)
            continue
        for fact in shelf.facts(purchase):
            found.add(purchase.who, fact)
        for payment in (*purchase.paid, *purchase.later):
            found.of.setdefault((start.connection, payment.stream, payment.key), purchase.who[0])
        for payment in purchase.paid:
            if _given_back(payment) and not _whole(payment):
                found.partial[purchase.who[0], payment.key] = payment


class _Shelf:
    """What one connection says of payments, by the ids that join it."""

    def __init__(self, start: StartsOn, mirror: Mirrored) -> None:
        where = start.connection
        self._where = where
        self._product = start.product
        self._people = {each.key: each.fields for each in mirror.of(where, "person")}
        self._subscriptions = {each.key: each for each in mirror.of(where, "subscription")}
        self._subscribers = {text(said(each.fields.get("who")).get("key")) for each in self._subscriptions.values()}
        self._titles = {each.key: text(each.fields.get("name")) for each in mirror.view.records(where, "product")}
        self._refunds = _by(mirror.view.records(where, "refund"), "charge")
        self._disputes = _by(mirror.view.records(where, "dispute"), "charge")
        self._invoices = {each.key: each for each in mirror.of(where, "invoice")}
        self._invoice_of = {
            text(each.fields.get("payment")): text(each.fields.get("invoice"))
            for each in mirror.view.records(where, "invoice_payment")
        }
        self._payments = tuple(mirror.of(where, "payment"))
        self._unpaid: dict[str, list[Record]] = {}
        for invoice in self._invoices.values():
            if _failing(invoice):
                self._unpaid.setdefault(text(invoice.fields.get("subscription")), []).append(invoice)
        self.purchases: dict[str, _Purchase] = {}
        self._joins: dict[str, _Purchase] = {}
        for session in mirror.of(where, "signup"):
            self._session(session)
        for invoice in self._invoices.values():
            if invoice.fields.get("first") and invoice.fields.get("status") == "paid":
                self._first_invoice(invoice)
        for payment in self._payments:
            self._payment(payment)

    def _session(self, session: Record) -> None:
        fields = session.fields
        if "payment" not in fields:
            return
        subscription = text(fields.get("subscription"))
        free = fields.get("payment_status") == _FREE and not self._trial(subscription, fields.get("mode"))
        paid = fields.get("payment") is not None or fields.get("payment_status") == "paid" or free
        total = fields.get("total")
        purchase = _Purchase(
            key=session.key,
            who=self._who(fields.get("who")),
            at=instant(fields.get("at")) if paid else None,
            record=session,
            amount=total if isinstance(total, Money) else None,
            products=_texts(fields.get("products")) or self._products(subscription),
            subscription=subscription,
        )
        self._keep(purchase, fields.get("payment"), fields.get("payment_intent"), fields.get("invoice"), subscription)

    def _first_invoice(self, invoice: Record) -> None:
        fields, subscription = invoice.fields, text(invoice.fields.get("subscription"))
        known = self._joins.get(invoice.key) or self._joins.get(subscription)
        if known is not None:
            known.at = known.at or instant(fields.get("paid_at"))
            self._joins[invoice.key] = known
            return
        total = fields.get("total")
        purchase = _Purchase(
            key=invoice.key,
            who=self._who(fields.get("who")),
            at=instant(fields.get("paid_at")) or instant(fields.get("created_at")),
            record=invoice,
            amount=total if isinstance(total, Money) else None,
            products=self._products(subscription),
            subscription=subscription,
        )
        self._keep(purchase, invoice.key, subscription)

    def _payment(self, payment: Record) -> None:
        fields = payment.fields
        intent = text(fields.get("payment_intent"))
        invoice = self._invoice_of.get(intent) or self._invoice_of.get(payment.key) or text(fields.get("invoice"))
        bill = self._invoices.get(invoice)
        subscription = "" if bill is None else text(bill.fields.get("subscription"))
        known = self._joins.get(payment.key) or self._joins.get(intent) or self._joins.get(invoice)
        if known is not None:
            known.paid.append(payment)
        elif subscription:
            if subscription in self._joins:
                self._joins[subscription].later.append(payment)
        elif not invoice or bill is not None:
            self._alone(payment)

    def _alone(self, payment: Record) -> None:
        """A payment that nothing else speaks of. Of a subscriber it may be a renewal, unless it names the product."""
        fields = payment.fields
        named = _texts(fields.get("products"))
        description = text(fields.get("description"))
        if not named and self._product is not None and self._product.casefold() in description.casefold():
            named = (self._product,)
        if fields.get("status") != "paid":
            return
        if not named and text(said(fields.get("who")).get("key")) in self._subscribers - {""}:
            return
        amount = fields.get("amount")
        self.purchases[payment.key] = _Purchase(
            key=payment.key,
            who=self._who(fields.get("who")),
            at=instant(fields.get("at")),
            record=payment,
            amount=amount if isinstance(amount, Money) else None,
            products=named,
            paid=[payment],
        )

    def _keep(self, purchase: _Purchase, *keys: Value) -> None:
        self.purchases[purchase.key] = purchase
        for key in keys:
            if isinstance(key, str) and key:
                self._joins.setdefault(key, purchase)

    def failed(self, purchase: _Purchase) -> bool:
        """Whether what was to be paid by bank debit was refused."""
        known = [each.fields.get("status") for each in purchase.paid]
        return purchase.at is None and "failed" in known and not {"paid", "pending"} & set(known)

    def facts(self, purchase: _Purchase) -> Iterator[Fact]:
        """What happened with it, until now."""
        of = purchase.key
        if purchase.at is None:
            at = max((each for record in purchase.paid if (each := instant(record.fields.get("at")))), default=None)
            if at is not None:
                yield Fact(what="payment_failed", at=at, of=of, record=self._proof(purchase.paid[-1]))
            return
        yield Fact(what="payment", at=purchase.at, of=of, amount=purchase.amount, record=self._proof(purchase.record))
        good = [each for each in purchase.paid if each.fields.get("status") == "paid"]
        if good and all(_whole(each) for each in good):
            refunds = [each for payment in good for each in self._refunds.get(payment.key, ())]
            at = max((each.at for each in refunds if each.at is not None), default=purchase.at)
            yield Fact(what="refunded", at=max(at, purchase.at), of=of, record=self._proof(good[-1]))
        for payment in (*good, *purchase.later):
            for dispute in self._disputes.get(payment.key, ()):
                status = text(dispute.fields.get("status"))
                if status not in ("won", "prevented") and not status.startswith("warning"):
                    yield Fact(what="disputed", at=dispute.at or purchase.at, of=of, record=self._proof(dispute))
        for invoice in self._unpaid.get(purchase.subscription, ()) if purchase.subscription else ():
            at = instant(invoice.fields.get("finalized_at")) or instant(invoice.fields.get("created_at"))
            yield Fact(what="payment_failed", at=at or purchase.at, of=invoice.key, record=self._proof(invoice))

    def _proof(self, record: Record) -> tuple[str, str, str]:
        return (self._where, record.stream, record.key)

    def _who(self, value: Value) -> tuple[str, str]:
        """Who it was; a customer who is named by an id alone is looked up."""
        person = said(value)
        known = self._people.get(text(person.get("key")), {})
        return who_of({name: person.get(name) or known.get(name) for name in ("email", "name")})

    def _trial(self, subscription: str, mode: Value) -> bool:
        """Whether nothing was to be paid because a trial began. Where we do not know yet, it may be one."""
        known = self._subscriptions.get(subscription)
        return mode == "subscription" and (known is None or known.fields.get("trial_end") is not None)

    def _products(self, subscription: str) -> tuple[str, ...]:
        known = self._subscriptions.get(subscription)
        if known is None:
            return ()
        items = known.fields.get("items")
        ids = (said(said(each).get("price")).get("product") for each in (items if isinstance(items, tuple) else ()))
        return _texts(known.fields.get("products")) or tuple(filter(None, (self._titles.get(text(key)) for key in ids)))


def _by(records: object, name: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records if isinstance(records, tuple | list) else ():
        found.setdefault(text(record.fields.get(name)), []).append(record)
    return found


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(text(each) for each in value) if isinstance(value, tuple) else ()


def _failing(invoice: Record) -> bool:
    """An invoice whose payment was tried and did not come."""
    fields = invoice.fields
    tries = fields.get("attempt_count")
    tried = isinstance(tries, int) and tries > 0 and fields.get("collection", "") != "send_invoice"
    return (fields.get("status") == "open" and tried) or fields.get("status") == "uncollectible"


def _given_back(payment: Record) -> bool:
    refunded = payment.fields.get("refunded")
    return isinstance(refunded, Money) and refunded.amount > 0


def _whole(payment: Record) -> bool:
    refunded, amount = payment.fields.get("refunded"), payment.fields.get("amount")
    return _given_back(payment) and refunded == amount
