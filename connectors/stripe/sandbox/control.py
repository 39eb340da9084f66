"""Controls of one account that make subscriptions and invoices, on top of its catalogue and its sales."""

from typing import Any

from connectors.stripe.sandbox import billing, changes, checkout, invoices, renewals, schedules
from connectors.stripe.sandbox.controls_catalog import At, instant
from connectors.stripe.sandbox.controls_money import MoneyControls
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json
from connectors.stripe.sandbox.state import Moment


class Control(MoneyControls):
    """All controls of one account. `state` is its memory; ids go in, ids and plain JSON come out."""

    def subscribe(
        self,
        *,
        customer: str,
        price: str | None = None,
        quantity: int = 1,
        items: list[tuple[str, int]] | None = None,
        outcome: str = "paid",
        method: str = "card",
        decline: str = "card_declined",
        trial_days: int = 0,
        coupons: list[str] | None = None,
        days_until_due: int | None = None,
        usage: dict[str, int] | None = None,
        fee: int | None = None,
        at: At = None,
        deliver: bool = False,
        **fields: Any,
    ) -> Json:
        """Start a subscription of one `price` or of `items` [(price, quantity)].

        `outcome` of the first payment: paid, failed, open, out_of_band. With `days_until_due` the invoice is sent and
        waits. `fields`: metadata, cancel_at, cancel_at_period_end, description. Returns ids: {subscription, invoice,
        charge}.
        """
        with self.lock:
            moment = self._moment(at, deliver)
            wanted = items or [(str(price), quantity)]
            if days_until_due is not None:
                fields |= {"collection_method": "send_invoice", "days_until_due": days_until_due}
            row, invoice, charge = billing.create(
                self.state,
                moment,
                customer=self.state.get("customer", customer),
                items=[(self.state.get("price", price_id), count) for price_id, count in wanted],
                outcome=outcome,
                method=method,
                decline=decline,
                trial_end=moment.at + trial_days * 86_400 if trial_days else None,
                coupons=coupons,
                usage=usage,
                fee=fee,
                **fields,
            )
            return {"subscription": row["id"], "invoice": invoice["id"], "charge": charge and charge["id"]}

    def instalments(
        self,
        *,
        customer: str,
        price: str,
        count: int,
        quantity: int = 1,
        method: str = "card",
        metadata: dict[str, str] | None = None,
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """A plan of `count` payments: a schedule with one phase of that length that then cancels.

        The first payment is made now, the others by renew or advance. Returns ids: {schedule, subscription, invoice,
        charge}.
        """
        with self.lock:
            found = self.state.get("price", price)
            rhythm = found["recurring"]
            phase = {
                "items": [(found, quantity)],
                "interval": rhythm["interval"],
                "count": rhythm["interval_count"] * count,
            }
            row, subscription, invoice, charge = schedules.create(
                self.state,
                self._moment(at, deliver),
                customer=self.state.get("customer", customer),
                phases=[phase],
                end_behavior="cancel",
                metadata=metadata,
                method=method,
            )
            return {
                "schedule": row["id"],
                "subscription": subscription["id"],
                "invoice": invoice["id"],
                "charge": charge and charge["id"],
            }

    def renew(
        self,
        subscription: str,
        *,
        outcome: str = "paid",
        method: str | None = None,
        decline: str = "card_declined",
        usage: dict[str, int] | None = None,
        fee: int | None = None,
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """Go on to the next period, or end where an end is planned. `at` None is the end of the current period.

        `outcome`: paid, failed (-> past_due), open, out_of_band. Returns {invoice, charge, status}.
        """
        with self.lock:
            row = self.state.get("subscription", subscription)
            moment = Moment(instant(at, billing.period_of(row)[1]), deliver)
            invoice, charge = renewals.renew(
                self.state, moment, row, outcome=outcome, method=method, decline=decline, usage=usage, fee=fee
            )
            return {
                "invoice": invoice and invoice["id"],
                "charge": charge and charge["id"],
                "status": row["status"],
            }

    def advance(
        self,
        until: At,
        *,
        failing: list[str] | None = None,
        usage: dict[str, int] | None = None,
        deliver: bool = False,
    ) -> int:
        """Renew every running subscription whose period ends by `until`, in order of time; returns how many.

        Trials that will end in three days and invoices that become overdue until then are told of.
        Payments fail for the customers and subscriptions named in `failing`, and for cards that were told to fail.
        """
        with self.lock:
            at = instant(until, self.state.now())
            return renewals.advance(self.state, at, deliver=deliver, failing=tuple(failing or ()), usage=usage)

    def fail_payment(
        self,
        target: str,
        *,
        decline: str = "card_declined",
        final: str | None = None,
        at: At = None,
        deliver: bool = False,
    ) -> str | None:
        """One more failed attempt at an open invoice, or at the newest open invoice of a subscription (`target`).

        `final`: after this attempt Stripe gives up, and the subscription becomes canceled, unpaid or past_due. Returns
        the failed charge's id.
        """
        with self.lock:
            moment = self._moment(at, deliver)
            charge = renewals.fail_again(self.state, moment, self._invoice(target), decline=decline, final=final)
            return None if charge is None else str(charge["id"])

    def recover(self, target: str, *, method: str | None = None, at: At = None, deliver: bool = False) -> str | None:
        """An open invoice, or the newest one of a subscription, is paid after all. Returns the charge's id."""
        with self.lock:
            moment = self._moment(at, deliver)
            charge = renewals.recover(self.state, moment, self._invoice(target), method=method)
            return None if charge is None else str(charge["id"])

    def invoice_paid_outside(self, target: str, *, at: At = None, deliver: bool = False) -> str:
        """An invoice is paid outside Stripe, by bank transfer for one. Returns the invoice's id."""
        with self.lock:
            invoice = self._invoice(target)
            renewals.recover(self.state, self._moment(at, deliver), invoice, outside=True)
            return str(invoice["id"])

    def _invoice(self, target: str) -> Json:
        row = self._any(target)
        return renewals.open_invoice(self.state, row) if row["object"] == "subscription" else row

    def cancel(
        self,
        subscription: str,
        *,
        at_period_end: bool = False,
        reason: str = "cancellation_requested",
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """End a subscription now, or plan its end (`at_period_end`; renew then ends it). Returns the subscription."""
        with self.lock:
            row, moment = self.state.get("subscription", subscription), self._moment(at, deliver)
            if at_period_end:
                changes.update(self.state, moment, row, cancel_at_period_end=True)
            else:
                billing.cancel(self.state, moment, row, reason)
            return dict(row)

    def change(
        self,
        subscription: str,
        *,
        price: str | None = None,
        quantity: int | None = None,
        coupons: list[str] | None = None,
        proration: str = "create_prorations",
        at: At = None,
        deliver: bool = False,
        **fields: Any,
    ) -> Json:
        """Change price or quantity of a subscription's first item, its coupons, or `fields`.

        `proration`: create_prorations, none, always_invoice. `fields`: metadata, cancel_at, cancel_at_period_end,
        pause_collection ({"behavior": "void", "resumes_at": None}; None ends it). Returns the subscription.
        """
        with self.lock:
            row, moment = self.state.get("subscription", subscription), self._moment(at, deliver)
            items: list[Json] = []
            if price is not None or quantity is not None:
                new = self.state.get("price", price) if price else None
                items = [{"id": row["items"]["data"][0]["id"], "price": new, "quantity": quantity}]
            found = changes.update(self.state, moment, row, items=items, proration=proration, coupons=coupons, **fields)
            return dict(found)

    def pause(self, subscription: str, *, at: At = None, deliver: bool = False) -> None:
        """Pause a subscription (status paused)."""
        with self.lock:
            changes.pause(self.state, self._moment(at, deliver), self.state.get("subscription", subscription))

    def resume(self, subscription: str, *, at: At = None, deliver: bool = False) -> None:
        """Resume a paused subscription; a new period starts and is invoiced."""
        with self.lock:
            changes.resume(self.state, self._moment(at, deliver), self.state.get("subscription", subscription))

    def invoice(
        self,
        *,
        customer: str,
        amount: int,
        currency: str = "eur",
        description: str = "Prestation",
        days_until_due: int = 30,
        metadata: dict[str, str] | None = None,
        at: At = None,
        deliver: bool = False,
    ) -> str:
        """A one-off invoice that is sent and open; recover or invoice_paid_outside pays it. Returns its id."""
        with self.lock:
            row = checkout.one_off_invoice(
                self.state,
                self._moment(at, deliver),
                customer=self.state.get("customer", customer),
                amount=amount,
                currency=currency,
                description=description,
                days_until_due=days_until_due,
                metadata=metadata or {},
            )
            return str(row["id"])

    def close_invoice(self, invoice: str, status: str, *, at: At = None, deliver: bool = False) -> None:
        """Void an open invoice, or mark it uncollectible (`status`: void, uncollectible)."""
        with self.lock:
            invoices.close(self.state, self._moment(at, deliver), self.state.get("invoice", invoice), status)

    def tell(self, kind: str, object_id: str, *, at: At = None, deliver: bool = True) -> str | None:
        """Make an event that time alone makes (invoice.overdue, customer.subscription.trial_will_end). Its id."""
        with self.lock:
            return record(self.state, self._moment(at, deliver), kind, self._any(object_id))
