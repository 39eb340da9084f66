"""The clients of one offer as they are shown: its figures as they were counted last, and what its file asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.figures import FigureName, JourneyFigure, Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one job knows of its clients. `figures`: those that were counted; none before the job first ran."""

    job: OnboardingJob
    figures: Mapping[str, JourneyFigure] = field(default_factory=dict)

    def lines(self, figure: FigureName) -> tuple[Line, ...]:
        """The clients of a figure."""
        found = self.figures.get(figure)
        return () if found is None else found.lines

    def many(self, figure: FigureName) -> int:
        """How many they are."""
        return len(self.lines(figure))

    @property
    def books(self) -> bool:
        """Whether both a payment and an appointment belong to a journey."""
        return {"payment", "booking"} <= {start.event for start in self.job.starts_on}

    @property
    def asks(self) -> bool:
        """Whether a step asks somebody to do something."""
        return any(step.ask is not None for step in self.job.steps)

    def about(self, step: str) -> str:
        """What a step is about, in the OBM's words: what it asks for; else its name, as of older files."""
        return next((each.ask.to for each in self.job.steps if each.name == step and each.ask is not None), step)
