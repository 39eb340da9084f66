"""Controls of one account that move money without a subscription: sales, refunds, disputes, payouts."""

from connectors.stripe.sandbox import checkout, money, returns
from connectors.stripe.sandbox.controls_catalog import At, CatalogControls, instant
from connectors.stripe.sandbox.params import Json


class MoneyControls(CatalogControls):
    """Controls of payments that are no subscription."""

    def sell(
        self,
        *,
        amount: int | None = None,
        currency: str = "eur",
        price: str | None = None,
        quantity: int = 1,
        product: str = "Offre",
        customer: str | None = None,
        email: str | None = None,
        name: str | None = None,
        method: str = "card",
        exchange_rate: float | None = None,
        fee: int | None = None,
        description: str | None = None,
        client_reference_id: str | None = None,
        metadata: dict[str, str] | None = None,
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """A sale through checkout, of a `price` or of an `amount`; a new customer unless `customer` is given.

        A recurring price starts a subscription; everything else is a one-off sale.

        `method` "card" or "sepa_debit" (pending until settle_payment). `fee` overrides 1.5 % + 0.25. Returns ids:
        {session, customer, payment_intent, charge, balance_transaction, subscription, invoice}.
        """
        with self.lock:
            moment = self._moment(at, deliver)
            if price is None:
                if amount is None:
                    raise ValueError("A sale needs an amount or a price.")
                key = f"{product} {amount} {currency}"
                known = self.state.hidden.setdefault("sold", {})
                if key not in known:
                    known[key] = self.price(amount=amount, product=product, currency=currency, at=moment.at)["id"]
                price = known[key]
            sold = self.state.get("price", str(price))
            recurring = sold["recurring"] is not None
            session = checkout.open_session(
                self.state,
                moment,
                [(sold, quantity)],
                client_reference_id=client_reference_id,
                customer=customer,
                customer_creation=None if recurring else "always",
                mode="subscription" if recurring else "payment",
                metadata=metadata or {},
                payment_method_types=[method],
            )
            return checkout.complete(
                self.state,
                moment,
                session,
                email=email,
                name=name,
                method=method,
                rate=exchange_rate,
                fee=fee,
                description=description or product,
            )

    def complete_checkout(
        self,
        session: str,
        *,
        email: str | None = None,
        name: str | None = None,
        method: str = "card",
        at: At = None,
        deliver: bool = True,
    ) -> Json:
        """The customer pays a session that was opened by the API. Webhooks tell of it by default. Returns ids."""
        with self.lock:
            row = self.state.get("checkout.session", session)
            return checkout.complete(self.state, self._moment(at, deliver), row, email=email, name=name, method=method)

    def settle_payment(self, charge: str, *, at: At = None, deliver: bool = False) -> None:
        """A pending SEPA debit is paid; its invoice, subscription and session follow."""
        with self.lock:
            checkout.settle(self.state, self._moment(at, deliver), self.state.get("charge", charge))

    def fail_payment_late(
        self,
        charge: str,
        *,
        code: str = "insufficient_funds",
        fee: int = 0,
        at: At = None,
        deliver: bool = False,
    ) -> str:
        """A SEPA debit, pending or paid, comes back (charge_failure). Returns the balance transaction's id."""
        with self.lock:
            row = self.state.get("charge", charge)
            found = checkout.fail_late(self.state, self._moment(at, deliver), row, code=code, fee=fee)
            return str(found["id"])

    def refund(
        self,
        charge: str,
        *,
        amount: int | None = None,
        reason: str | None = None,
        exchange_rate: float | None = None,
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """Refund all that is left of a charge, or `amount` of it. Returns the refund."""
        with self.lock:
            row = self.state.get("charge", charge)
            moment = self._moment(at, deliver)
            return dict(returns.refund(self.state, moment, row, amount=amount, reason=reason, rate=exchange_rate))

    def refund_fails(self, refund: str, *, at: At = None, deliver: bool = False) -> str:
        """A refund comes back (refund_failure). Returns the balance transaction's id."""
        with self.lock:
            row = self.state.get("refund", refund)
            return str(returns.fail_refund(self.state, self._moment(at, deliver), row)["id"])

    def dispute_open(
        self,
        charge: str,
        *,
        amount: int | None = None,
        reason: str = "fraudulent",
        fee: int = 1500,
        inquiry: bool = False,
        days: int = 7,
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """A customer disputes a charge: amount and fee leave in one transaction. Evidence is due in `days`.

        Returns the dispute.
        """
        with self.lock:
            row, moment = self.state.get("charge", charge), self._moment(at, deliver)
            found = returns.open_dispute(
                self.state, moment, row, amount=amount, reason=reason, fee=fee, inquiry=inquiry, days=days
            )
            return dict(found)

    def dispute_won(self, dispute: str, *, fee_returned: bool = True, at: At = None, deliver: bool = False) -> Json:
        """A dispute is won: the amount comes back, and the fee unless told otherwise. Returns the dispute."""
        with self.lock:
            row, moment = self.state.get("dispute", dispute), self._moment(at, deliver)
            return dict(returns.close_dispute(self.state, moment, row, won=True, fee_returned=fee_returned))

    def dispute_lost(self, dispute: str, *, at: At = None, deliver: bool = False) -> Json:
        """A dispute is lost: nothing comes back. Returns the dispute."""
        with self.lock:
            row, moment = self.state.get("dispute", dispute), self._moment(at, deliver)
            return dict(returns.close_dispute(self.state, moment, row, won=False))

    def payout(
        self,
        *,
        amount: int | None = None,
        currency: str | None = None,
        arrival_days: int = 2,
        status: str = "paid",
        at: At = None,
        deliver: bool = False,
    ) -> Json:
        """Pay out `amount`, or all that is available at that moment. Returns the payout."""
        with self.lock:
            return dict(
                returns.pay_out(
                    self.state,
                    self._moment(at, deliver),
                    amount=amount,
                    currency=currency or self.state.currency,
                    arrival_days=arrival_days,
                    status=status,
                )
            )

    def payout_fails(self, payout: str, *, at: At = None, deliver: bool = False) -> str:
        """The bank sends a payout back. Returns the balance transaction's id."""
        with self.lock:
            row = self.state.get("payout", payout)
            return str(returns.fail_payout(self.state, self._moment(at, deliver), row)["id"])

    def stripe_fee(self, amount: int, *, description: str = "Billing - Usage Fee", at: At = None) -> str:
        """Stripe takes a fee of its own from the balance (category fee). Returns the balance transaction's id."""
        with self.lock:
            row = money.post(
                self.state,
                instant(at, self.state.now()),
                amount=-amount,
                currency=self.state.currency,
                kind="stripe_fee",
                category="fee",
                source=None,
                description=description,
            )
            return str(row["id"])
