"""The examples in a mapping, run: they hold, they fail, and one that says nothing to its job is told."""

from __future__ import annotations

from typing import Any

import pytest

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import JOB_KINDS
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.sync_job import SyncJob
from hub.planning.examples import Tried, try_examples
from tests.planning.test_explain import example, file_of


def tried(job: Any, given: Any, expect: Any) -> Tried:
    """One example, with the job of the example business."""
    (found,) = (each for each in example().jobs if isinstance(each, job))
    data = {**file_of(found), "examples": [{"given": given, "expect": expect}], "name": found.name}
    (result,) = try_examples(JOB_KINDS[found.job].model_validate(data), example().business)
    return result


def test_every_example_of_the_example_business_holds() -> None:
    item = example()
    results = [result for job in item.jobs for result in try_examples(job, item.business)]
    assert [(result.job, result.number) for result in results if not result.kept] == []
    assert len(results) == 12


TASK = {"task": "Maquette", "due": "2026-03-19", "today": "2026-03-19"}


def test_an_alert_that_nobody_expects_fails_the_example() -> None:
    result = tried(DeadlineJob, {**TASK, "assignee": "sam"}, {})
    assert not result.kept
    assert dict(result.got) == {"today": ("sam", "obm")}


def test_an_alert_on_a_day_off_is_said_on_the_next_working_day() -> None:
    """In this business nobody works on Fridays: what falls due on one is said on Monday."""
    assert tried(DeadlineJob, {**TASK, "due": "2026-03-20", "today": "2026-03-20"}, {}).kept
    assert tried(DeadlineJob, {**TASK, "due": "2026-03-20", "today": "2026-03-23"}, {"today": ["obm"]}).kept


def test_a_record_that_takes_no_part_makes_no_row() -> None:
    assert tried(SyncJob, {"title": "A", "section": "En cours", "done": True}, {}).kept
    assert not tried(SyncJob, {"title": "A", "section": "En cours", "done": True}, {"Tâche": "A"}).kept


def test_fields_that_people_made_are_carried_as_they_are_given() -> None:
    given = {"title": "A", "section": "En cours", "done": False}
    assert not tried(SyncJob, {**given, "Budget": "12"}, {"Tâche": "B"}).kept
    assert tried(SyncJob, {**given, "assignee": "Inès"}, {"Tâche": "A", "Qui": "Inès"}).kept


def test_a_person_of_the_business_is_shown_by_her_name() -> None:
    given = {"title": "A", "section": "En cours", "done": False, "assignee": "Samuel Roy"}
    assert tried(SyncJob, given, {"Tâche": "A", "Qui": "Sam"}).kept


def test_only_what_an_onboarding_example_names_is_looked_at() -> None:
    assert tried(OnboardingJob, ["payment"], {"hello": 1}).kept
    assert not tried(OnboardingJob, ["payment"], {"hello": 2}).kept
    assert tried(OnboardingJob, ["payment", "2 days", "3 days"], {"choisir_une_date": 2}).kept


def test_a_payment_that_fails_holds_the_steps_of_an_example_up_until_another_comes() -> None:
    failed = ["payment", "payment_failed", "4 days"]
    assert tried(OnboardingJob, failed, {"nudge": 0, "payment_failed": 1}).kept
    assert not tried(OnboardingJob, failed, {"nudge": 1}).kept
    assert tried(OnboardingJob, [*failed, "payment"], {"nudge": 1}).kept


@pytest.mark.parametrize(
    ("job", "given", "expect", "problem"),
    [
        (DeadlineJob, TASK, {"son": ["obm"]}, "son is no alert of this job; there are: soon, today, late"),
        (OnboardingJob, ["payment"], {"helo": 0}, "helo is no step or text of this job; there are: hello, sheet"),
        (SyncJob, {"titel": "A"}, {}, "titel is no field that this job looks at; there are: title, due"),
        (SyncJob, {"title": "A"}, {"Tache": "A"}, "Tache is no field that this job writes; there are: Tâche, Pour le"),
        (SyncJob, {"due": "soon"}, {}, "due: soon is no day; write it like 2026-03-20"),
    ],
)
def test_a_word_that_the_job_does_not_know_is_told(job: Any, given: Any, expect: Any, problem: str) -> None:
    result = tried(job, given, expect)
    assert not result.kept
    assert result.problem is not None
    assert result.problem.startswith(problem)
