"""When mails go out is in Prefect's schedule: seen there, paused there, started there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.table import MAILS, table
from tests.alerts.world import PEOPLE, Town, site, town
from tests.cli.site import until
from tests.flows.kit import House
from tests.flows.test_mappings import desk, edit

pytestmark = pytest.mark.xdist_group("prefect")

EIGHT, LATER = "atelier-lila · mails 08:00", "atelier-lila · mails 09:15"


def of_mails(house: House) -> list[str]:
    """The deployments that let mails go out."""
    return [name for name in house.prefect.deployments() if " · mails " in name]


def test_mails_at_another_hour_have_another_deployment_and_stay_paused_until_started_by_hand(house: House) -> None:
    until(lambda: of_mails(house) == [EIGHT], "the deployment of the brief")
    eight = house.prefect.deployments()[EIGHT]
    until(lambda: house.prefect.upcoming(eight["id"]), "its next run")
    house.prefect.change(eight["id"], paused=True)
    until(lambda: not house.prefect.upcoming(eight["id"]), "no run of what is paused")
    with desk(house) as folder:
        edit(folder / "business.yaml", "people:", 'brief: {at: "09:15"}\n\npeople:')
        until(lambda: of_mails(house) == [LATER], lambda: f"the new hour instead of the old one:\n{house.up.text}")
        later = house.prefect.deployments()[LATER]
        assert later["paused"] is True, "whoever stopped the mails has not asked for them at another hour"
        assert not house.prefect.upcoming(later["id"])

        done = house.prefect.start(LATER)
        assert done["state"]["type"] == "COMPLETED", done["state"]
        assert done["name"] == LATER
        assert done["state"]["message"] == "mails that are due by now may go out: brief"
    until(lambda: of_mails(house) == [EIGHT], "the hour as it was")
    house.prefect.change(house.prefect.deployments()[EIGHT]["id"], paused=False)


@pytest.fixture(scope="module")
def providers() -> Iterator[Town]:
    with town() as made:
        yield made


def test_each_hour_of_each_zone_in_which_somebody_gets_mails_has_one_deployment(
    providers: Town, tmp_path: Path
) -> None:
    people = {
        **PEOPLE,
        "tom": {**PEOPLE["tom"], "timezone": "Europe/Lisbon"},
        "eva": {"name": "Eva", "email": "eva@example.com", "timezone": "America/Montreal", "left": "2027-03-01"},
    }
    sending = {"digest_at": "09:00", "hours": "08:30-18:00"}
    with site(providers, tmp_path, people=people, sending=sending) as lila:
        found = [(each.title, each.cron, each.zone) for each in table(lila.runtime) if each.name == MAILS]
    assert found == [
        ("mails 08:30 Europe/Lisbon", "30 8 * * *", "Europe/Lisbon"),
        ("mails 08:30", "30 8 * * *", "Europe/Paris"),
        ("mails 09:00 Europe/Lisbon", "0 9 * * *", "Europe/Lisbon"),
        ("mails 09:00", "0 9 * * *", "Europe/Paris"),
    ]
