"""What a turn has done is in the figures when it ends: nobody waits for the next one to read that she was welcomed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hub.engine import welcomed
from tests.onboarding.test_journey import CALL
from tests.onboarding.town import Town
from tests.onboarding.world import Site, site


def told(here: Site) -> dict[str, list[str]]:
    """Figure -> the names of its clients, where there are any."""
    with here.store.read() as conn:
        (offer,) = welcomed.offers(conn, here.runtime)
    return {name: [line.name for line in each.lines] for name, each in offer.figures.items() if each.lines}


def test_one_turn_opens_welcomes_and_counts(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        assert told(here) == {}
        town.sell()
        here.turn()
        assert told(here) == {
            "hours_to_welcome": ["Marie Dupont"],
            "journeys_open": ["Marie Dupont"],
            "paid_not_booked": ["Marie Dupont"],
            "asked_not_ticked": ["Marie Dupont"],
        }

        town.book(CALL)
        here.turn()
        assert "paid_not_booked" not in told(here)
        town.to(CALL + timedelta(minutes=1))
        here.wake()
        assert told(here)["days_to_kickoff"] == ["Marie Dupont"]
