"""The mapping changes while journeys run: each keeps the version that it began with, until the OBM moves it."""

from __future__ import annotations

from pathlib import Path

from hub.engine.planners import make_plan
from hub.engine.planners.onboarding_memory import version_of
from hub.mapping.onboarding_job import OnboardingJob
from tests.onboarding.test_journey import MARIE, kept, say
from tests.onboarding.town import Town
from tests.onboarding.world import STEPS, Site, site

WELCOME = "Bienvenue dans Programme Élan, Marie !"
GIFT = {"name": "gift", "after": "payment", "wait": "1 days", "send": "gift"}
WRITTEN = {"gift": "Subject: Un cadeau pour {person.first_name}\n\nÀ bientôt."}


def changed(here: Site) -> OnboardingJob:
    """The file has a new step, one step less, and another wait."""
    job = here.runtime.jobs["onboarding"]
    assert isinstance(job, OnboardingJob)
    steps = [{**step, "wait": "5 days"} if step["name"] == "book" else dict(step) for step in STEPS]
    said = job.model_dump(by_alias=True, exclude_unset=True)
    steps = [step for step in steps if step["name"] != "prepare"]
    new = OnboardingJob.model_validate({**said, "steps": [*steps, GIFT]})
    here.runtime.jobs["onboarding"] = new
    return new


def aside(here: Site) -> tuple[str, ...]:
    """The lines of `hub plan` about journeys that keep their version."""
    made = make_plan(here.runtime, here.runtime.jobs["onboarding"])
    assert made.aside is not None
    return tuple(made.aside())


def test_a_journey_keeps_its_version_and_who_comes_later_has_the_new_one(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=WRITTEN) as here:
        town.sell()
        here.until_quiet()
        assert aside(here) == ()
        new = changed(here)
        town.skip(minutes=10)
        town.sell("paul@example.com", "Paul Martin")
        here.until_quiet()
        versions = {row.person: row.version for row in kept(here)}
        assert versions["paul@example.com"] == version_of(new) != versions[MARIE]
        town.skip(days=1)
        here.until_quiet()
        assert "Un cadeau pour Paul" in here.subjects("paul@")
        assert here.subjects(MARIE) == [WELCOME]
        town.skip(days=2)
        here.until_quiet()
        assert here.subjects(MARIE) == [WELCOME, "Il manque ton appel"]
        assert "Il manque ton appel" not in here.subjects("paul@")


def test_the_plan_says_for_each_what_would_change_and_nothing_changes_until_it_is_moved(
    town: Town, tmp_path: Path
) -> None:
    with site(town, tmp_path, written=WRITTEN) as here:
        town.sell()
        here.until_quiet()
        (row,) = kept(here)
        new = changed(here)
        (line,) = aside(here)
        assert line == (
            "Marie Dupont garde sa version du fichier ; avec celle d'aujourd'hui "
            f"(`hub journey move {MARIE}`) : book serait fait à un autre moment, prepare ne serait plus à faire, "
            "gift serait à faire en plus"
        )
        town.skip(days=1)
        here.until_quiet()
        assert here.subjects(MARIE) == [WELCOME]

        say(here, row.id, "move_version", version_of(new))
        here.until_quiet()
        assert [row.version for row in kept(here)] == [version_of(new)]
        assert here.subjects(MARIE) == [WELCOME, "Un cadeau pour Marie"]
        assert aside(here) == ()
        town.skip(days=2)
        here.until_quiet()
        assert "Il manque ton appel" not in here.subjects(MARIE)
        assert len(town.rows()) == 1


def test_a_change_that_means_nothing_for_those_who_run_is_only_counted(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        job = here.runtime.jobs["onboarding"]
        assert isinstance(job, OnboardingJob)
        here.runtime.jobs["onboarding"] = job.model_copy(update={"says": "In other words."})
        assert aside(here) == (
            "d'autres parcours gardent leur version du fichier sans que celle d'aujourd'hui y change rien : 1",
        )
