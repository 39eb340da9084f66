"""A made-up past at the Stripe sandbox: what is planned in any order happens in the order of time."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.stripe.sandbox.control import Control

SEED = 2026
_FIRST = (
    "Camille Manon Inès Chloé Léa Sarah Jeanne Louise Élodie Aurélie Sophie Nathalie Céline Émilie Marion Julie "
    "Pauline Hélène Anaïs Clémence Margaux Agathe Solène Maëlle Thomas Hugo Antoine Julien Mathieu Benoît"
)
_LAST = (
    "Martin Bernard Dubois Petit Durand Leroy Moreau Lefèvre Girard Bonnet Dupont Fontaine Rousseau Vincent Muller "
    "Faure Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Perrin Robin Clément Morin Nicolas"
)

Happens = Callable[[datetime], None]


@dataclass(slots=True)
class Person:
    """A customer and, for a member, the subscription; both by id, known once they have happened."""

    customer: str = ""
    subscription: str = ""


@dataclass(slots=True)
class Past:
    """`shop` is the sandbox's account. The same seed and the same plan make the same past."""

    shop: Control
    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311  nothing to keep secret
    _plan: list[tuple[datetime, int, Happens]] = field(default_factory=list)
    _names: list[tuple[str, str]] = field(default_factory=list)

    def on(self, days_ago: float, happens: Happens) -> None:
        """Plan what happens so many days ago, 1 to 10 hours before the time of day of now.

        So no subscription's period ends in the minutes that follow now.
        """
        back = timedelta(days=days_ago, hours=self.chance.randint(1, 9), minutes=self.chance.randint(0, 59))
        self._plan.append((self.now - back, len(self._plan), happens))

    def run(self) -> None:
        """Let everything happen. Subscriptions renew in between, when their periods end."""
        for at, _, happens in sorted(self._plan, key=lambda one: one[:2]):
            self.shop.advance(at)
            happens(at)
        self.shop.advance(self.now)

    def meet(self, at: datetime) -> str:
        """A new customer, by id."""
        if not self._names:
            self._names = [(first, last) for first in _FIRST.split() for last in _LAST.split()]
            self.chance.shuffle(self._names)
        first, last = self._names.pop()
        plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower()).encode("ascii", "ignore").decode()
        return str(self.shop.customer(email=f"{plain}@example.com", name=f"{first} {last}", at=at)["id"])

    def joins(self, days_ago: float, price: str, **more: Any) -> Person:
        """A new customer subscribes; `more` as for the sandbox's `subscribe`."""
        person = Person()

        def happens(at: datetime) -> None:
            person.customer = self.meet(at)
            made = self.shop.subscribe(customer=person.customer, price=price, at=at, **more)
            person.subscription = made["subscription"]

        self.on(days_ago, happens)
        return person

    def pays_in_parts(self, days_ago: float, price: str, count: int) -> None:
        """A new customer buys something that is paid in so many monthly parts."""

        def happens(at: datetime) -> None:
            self.shop.instalments(customer=self.meet(at), price=price, count=count, at=at)

        self.on(days_ago, happens)

    def buys(self, days_ago: float, euros: int, product: str, *, new: bool = False) -> list[str]:
        """A sale to a new customer, or to any who is there by then. The charge's id is in the list once it happened."""
        charges: list[str] = []

        def happens(at: datetime) -> None:
            known = self.shop.ids("customer")
            customer = self.meet(at) if new or not known else self.chance.choice(known)
            charges.append(self.shop.sell(amount=euros * 100, product=product, customer=customer, at=at)["charge"])

        self.on(days_ago, happens)
        return charges
