"""An offer whose clients are being welcomed, with the figures that a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.figures import UNITS, FigureName, JourneyFigure, Line, value_of
from hub.planning.journeys.offers import Offer

PAID = datetime(2026, 11, 3, 22, 30, tzinfo=UTC)


def onboarding(name: str = "onboarding", **more: Any) -> OnboardingJob:
    said = {
        "hub": 1,
        "job": "client_onboarding",
        "name": name,
        "says": "Welcome each client.",
        "offer": "Programme Élan",
        "starts_on": [
            {"event": "payment", "from": "stripe", "product": "Programme Élan"},
            {"event": "booking", "from": "calendly", "event_type": "Appel"},
        ],
        "steps": [
            {"name": "welcome", "after": "payment", "send": "welcome"},
            {"name": "contract", "after": "payment", "ask": {"who": "obm", "to": "Contrat envoyé"}},
        ],
    }
    return OnboardingJob.model_validate({**said, **more})


def line(name: str = "Marie Dupont", **more: Any) -> Line:
    address = f"{name.partition(' ')[0].lower()}@example.com"
    return Line(**{"journey": f"j-{name}", "person": address, "name": name, "at": PAID, **more})


def offer(found: dict[FigureName, Sequence[Line]] | None = None, **more: Any) -> Offer:
    """An offer of which these lines were counted, and of everything else nothing."""
    lines = {name: tuple((found or {}).get(name, ())) for name in UNITS}
    counted: dict[str, JourneyFigure] = {
        name: JourneyFigure(figure=name, unit=unit, value=value_of(unit, lines[name]), lines=lines[name])
        for name, unit in UNITS.items()
    }
    return Offer(job=onboarding(**more), figures=counted)
