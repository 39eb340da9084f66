"""Every call that makes something goes wrong once after it was done; nothing is made twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.store import ledger
from tests.onboarding.test_journey import CALL, MARIE
from tests.onboarding.town import Town
from tests.onboarding.world import body, site


@pytest.mark.parametrize("restart", [False, True])
def test_answers_that_are_lost_make_nothing_twice(town: Town, tmp_path: Path, restart: bool) -> None:
    with site(town, tmp_path) as here:
        town.asana.faults.add("POST", "/api/1.0/project_templates/*", "reset_after_commit", times=1)
        town.trello.faults.add("POST", "/1/boards/*", "reset_after_commit", times=1)
        town.trello.faults.add("POST", "/1/boards", "reset_after_commit", times=1)
        town.notion.fault("reset_after_commit", method="POST", path="/v1/pages", times=1)
        town.sell()
        town.book(CALL)
        here.turn()
        if restart:
            here.restart()
        town.asana.finish_jobs()
        here.until_quiet()

        assert len(town.rows()) == len(town.projects()) == len(town.boards()) == 1
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]


def test_a_job_of_asana_that_fails_once_is_done_again(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.asana.job_states = ("not_started", "in_progress", "failed")
        town.sell()
        town.book(CALL)
        here.turn()
        town.asana.job_states = ("not_started", "gone", "in_progress", "succeeded")
        here.until_quiet()

        whole = [one for one in town.projects() if town.asana.tasks(one.gid)]
        assert len(whole) == 1
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]


def test_dates_that_were_written_in_part_are_not_moved_twice(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())
        (project,) = town.projects()
        last = next(task["gid"] for task in town.asana.tasks(project.gid) if task["name"] == "Bilan")
        town.asana.faults.add("PUT", f"/api/1.0/tasks/{last}", "503")
        here.turn()
        half = {task["name"]: task["due_on"] for task in town.asana.tasks(project.gid)}
        assert half == {"Préparer": "2027-03-23", "Bilan": "2027-03-23"}
        town.asana.heal()
        here.until_quiet()

        tasks = {task["name"]: task["due_on"] for task in town.asana.tasks(project.gid)}
        assert tasks == {"Préparer": "2027-03-23", "Bilan": "2027-03-26"}


def test_what_was_cut_short_and_is_wanted_no_more_does_not_count_as_done(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        sold = town.sell()
        town.book(CALL)
        town.asana.faults.add("POST", "/api/1.0/project_templates/*", "reset_after_commit", times=1)
        here.turn()
        town.skip(minutes=2)
        town.account.refund(sold["charge"])
        town.skip(minutes=2)
        here.until_quiet()

        with here.store.read() as conn:
            (left,) = [entry for entry in ledger.listing(conn, "lila", "failed") if "/project/" in entry.key]
        assert "some of it may be there" in str(left.error)
        told = next(mail for mail in here.mails if "remboursé" in str(mail["Subject"]))
        assert "notion: Clientes" in body(told)
        assert "asana" not in body(told)
