"""Signed webhooks of Stripe and Calendly, in the order in which they happen to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connectors import registry
from hub.engine.receivers import Configured, HubView, Receiver
from hub.web.app import create_app
from tests.onboarding.test_journey import CALL, MARIE
from tests.onboarding.town import STRIPE_KEY, Town
from tests.onboarding.world import Site, site
from tests.sandboxes.serve import serve


@dataclass(frozen=True)
class Ears:
    """The hub's web part at `url`. `secrets`: of what is registered, by connection."""

    town: Town
    here: Site
    url: str
    secrets: Mapping[str, tuple[str, ...]]

    def __call__(self) -> None:
        """Wait for the deliveries and do what they lead to."""
        assert self.town.stripe.outbox.wait(20)
        assert self.town.calendly.outbox.wait(20)
        self.here.worker.turns(self.here.runtime)


@contextmanager
def hearing(town: Town, here: Site, **endpoint: Any) -> Iterator[Ears]:
    """The hub's web part, registered at both. `endpoint`: more of Stripe's endpoint: its version, or thin."""
    secrets: dict[str, tuple[str, ...]] = {}
    receivers = {}
    for name in ("stripe", "calendly"):
        webhook = registry.load(name).webhook
        assert webhook is not None
        known = _known(secrets, name)
        receivers["lila", name] = Receiver(business="lila", connection=name, webhook=webhook, secrets=known, url="")
    connections = {"stripe": "stripe", "calendly": "calendly"}
    view = HubView(
        businesses=(Configured(business="lila", title="Atelier Lila", connections=connections, jobs=("onboarding",)),),
        receivers=receivers,
    )
    with serve(create_app(here.store, view, status_key=SecretStr("status key of these tests"), now=town.clock)) as url:
        made_at_stripe = town.stripe.webhooks.endpoint(f"{url}/webhooks/lila/stripe", account=STRIPE_KEY, **endpoint)
        secrets["stripe"] = (made_at_stripe["secret"],)
        subscriptions = here.runtime.connector("calendly").subscriptions
        assert subscriptions is not None
        (made,) = subscriptions.ensure(f"{url}/webhooks/lila/calendly")
        assert made.secret is not None
        secrets["calendly"] = (made.secret,)
        yield Ears(town, here, url, secrets)


def _known(secrets: dict[str, tuple[str, ...]], name: str) -> Callable[[], tuple[str, ...]]:
    return lambda: secrets[name]


@pytest.mark.parametrize("booked_first", [False, True])
def test_payment_and_booking_open_one_journey_in_either_order(town: Town, tmp_path: Path, booked_first: bool) -> None:
    with site(town, tmp_path) as here, hearing(town, here) as come:
        if booked_first:
            town.book(CALL)
            come()
            assert here.subjects(MARIE) == []
        town.sell(deliver=True)
        come()
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        if not booked_first:
            town.book(CALL)
            come()

        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        assert len(town.rows()) == len(town.projects()) == len(town.boards()) == 1


@pytest.mark.parametrize("told_first", ["created", "canceled"])
def test_a_move_is_one_however_its_two_deliveries_come(town: Town, tmp_path: Path, told_first: str) -> None:
    with site(town, tmp_path) as here, hearing(town, here) as come:
        town.sell(deliver=True)
        booking = town.book(CALL)
        come()
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat(), told_first=told_first)
        come()
        town.skip(minutes=2)
        come()

        assert here.subjects(MARIE)[1:] == ["C'est noté : mardi 23 mars 2027 à 10 h 00"]
        assert here.subjects("claire") == ["À faire : Contrat envoyé (Marie Dupont)"]
