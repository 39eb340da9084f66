"""The OBM edits the mappings while `hub up` runs with Prefect: what is right and safe is done, what is not is told.

These come before the tests of `test_prefect.py`, share their house, and leave its files as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.site import LILA, until
from tests.flows.kit import House

pytestmark = pytest.mark.xdist_group("prefect")

SECOND = "autres chiffres"


@contextmanager
def desk(house: House) -> Iterator[Path]:
    """The folder of the business, put back at the end, with everything that the hub then does."""
    folder = house.site.folder / "mappings" / LILA
    before = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")}
    names = set(jobs(house))
    try:
        yield folder
    finally:
        for path in folder.glob("*.yaml"):
            if path.name not in before:
                path.unlink()
        for name, text in before.items():
            (folder / name).write_text(text, encoding="utf-8")
        until(lambda: not reasons(house, "revenue"), "the status is quiet again")
        until(lambda: set(jobs(house)) == names, "its jobs are as before")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def jobs(house: House) -> dict[str, dict[str, Any]]:
    return {job["name"]: job for job in house.site.status()["businesses"][0]["jobs"]}


def reasons(house: House, word: str) -> list[str]:
    """What the status says of it."""
    return [each["text"] for each in house.site.status()["businesses"][0]["reasons"] if word in each["text"]]


def rows(house: House, table: str) -> dict[str, dict[str, Any]]:
    workspace = house.site.environment["WORKSPACE"]
    known = [one["id"] for one in house.boxes.notion.tables(workspace) if one["title"] == table]
    return {row["Hub"]: row for one in known for row in house.boxes.notion.rows(one, workspace)}


def targets(house: House, table: str) -> set[float | None]:
    return {row["Objectif"] for key, row in rows(house, table).items() if key.startswith("cash_in")}


def test_a_new_file_and_a_safe_change_are_planned_and_written_and_a_broken_one_stops_only_itself(house: House) -> None:
    before = house.live()["id"]
    with desk(house) as folder:
        other = folder / "second.yaml"
        text = (folder / "revenue.yaml").read_text(encoding="utf-8").replace("Chiffres du mois", SECOND)
        other.write_text(text, encoding="utf-8")
        until(lambda: targets(house, SECOND) == {12000.0}, lambda: f"the new job's table:\n{house.up.text}")
        assert house.live()["id"] != before, "a live run of the business as it is now"
        until(lambda: house.prefect.run(before)["state"]["type"] == "COMPLETED", "the end of the one before")

        edit(folder / "revenue.yaml", "target: 12000", "target: 13000")
        until(lambda: targets(house, "Chiffres du mois") == {13000.0}, lambda: f"the new target:\n{house.up.text}")
        assert targets(house, SECOND) == {12000.0}

        edit(other, "job: revenue_kpis", "jub: revenue_kpis")
        until(lambda: bool(reasons(house, "second.yaml")), "the status says which file is broken")
        (said,) = reasons(house, "second.yaml")
        assert "second.yaml:2:1" in said
        assert "the last good version goes on" in said
        house.up.wait_for(f"error: {said}")

        # The other job's file is taken over meanwhile, and the broken one's job goes on as it was.
        edit(folder / "revenue.yaml", "target: 13000", "target: 14000")
        until(lambda: targets(house, "Chiffres du mois") == {14000.0}, lambda: f"the last target:\n{house.up.text}")
        shown = {key: row["Montant"] for key, row in rows(house, SECOND).items() if key.startswith("cash_in")}
        house.sell(2_300)
        until(
            lambda: {key: row["Montant"] for key, row in rows(house, SECOND).items() if key in shown} != shown,
            "the sale in the table of the job whose file is broken",
        )
        edit(other, "jub: revenue_kpis", "job: revenue_kpis")
        until(lambda: not reasons(house, "second.yaml"), "the mended file")
        house.up.wait_for("every file of the mappings is right again")


def test_a_change_that_is_not_safe_is_held_and_shown_and_is_gone_with_its_cause(house: House) -> None:
    before = rows(house, "Chiffres du mois")
    with desk(house) as folder:
        text = (folder / "revenue.yaml").read_text(encoding="utf-8")
        (line,) = [line for line in text.splitlines(keepends=True) if "figure: refund_rate" in line]
        edit(folder / "revenue.yaml", line, "")
        until(lambda: jobs(house)["revenue"]["state"] == "held", lambda: f"the held plan:\n{house.up.text}")
        (said,) = reasons(house, "lignes seraient archivées")
        told = house.site.hub("held").out
        assert "lignes seraient archivées" in told
        assert told.split()[0] in said, "the status names the plan that `hub held` lists"
        turns = [task["name"] for task in house.prefect.tasks(house.live()["id"])]
        assert f"{LILA} · revenue" in turns, "the turn that held it is seen in Prefect"
        assert rows(house, "Chiffres du mois").keys() == before.keys()

        edit(folder / "revenue.yaml", "target: 12000", "target: 15000")
        until(lambda: house.site.hub("held").out.split()[0] != told.split()[0], "a plan of the files as they are now")
        assert targets(house, "Chiffres du mois") == {12000.0}, "nothing of a job that waits is written"
    until(lambda: jobs(house)["revenue"]["state"] != "held", "nothing is held any more")
    assert "no plan is held" in house.site.hub("held").out
