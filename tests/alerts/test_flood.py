"""More mails at once than is ordinary wait for a person, who is asked by one mail and decides by one press."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from hub.cli.held import drop
from hub.cli.held import held as waiting
from hub.cli.work import apply
from hub.store import plans
from hub.store.plans import SavedPlan
from tests.alerts.house import House, address, house, people
from tests.alerts.world import MONDAY, Town, in_days, text
from tests.alerts.world import town as served

MORNING = MONDAY.replace(hour=7, minute=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLAIRE, LEA = "claire@example.com", "lea@example.com"


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with served() as made:
        people(made)
        yield made


@pytest.fixture
def lila(town: Town, tmp_path: Path) -> Iterator[House]:
    """This morning four tasks have become late: four mails to Léa, four to Claire, and only five are ordinary."""
    with house(town, tmp_path, hold_if={"mails_above": 5}) as made:
        made.places.task("Later", in_days(90))
        made.begin(MORNING - 4 * DAY)
        for number in range(4):
            made.places.task(f"Late {number}", in_days(-4))
        made.read()
        made.clock.at = MORNING
        made.round()
        yield made


def held(lila: House) -> list[SavedPlan]:
    with lila.store.read() as conn:
        return plans.listing(conn, "lila", "held")


def asked(lila: House) -> tuple[EmailMessage, str]:
    """The one mail that went out, and the address in it."""
    (mail,) = lila.news()
    assert address(mail) == CLAIRE
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+/answer/\S+?(?=[)\s])", text(mail) + "\n")
    return mail, url


def test_a_flood_is_held_and_the_obm_is_asked_once(lila: House) -> None:
    mail, _ = asked(lila)
    (plan,) = held(lila)
    said = f"{mail['Subject']}\n{text(mail)}"
    assert "8 mails" in str(mail["Subject"])
    assert plan.reason is not None
    assert plan.reason.removesuffix(".") in said
    for hour in (0, 1, 3, 9):
        lila.clock.at = MORNING + hour * HOUR
        lila.turn()
        lila.round()
        lila.restart()
    assert lila.told() == []
    assert [one.id for one in held(lila)] == [plan.id]


def test_a_press_on_apply_lets_the_mails_go_once(lila: House) -> None:
    _, url = asked(lila)
    lila.clock.at += HOUR
    with lila.pages() as client:
        page = client.get(url)
        assert page.status_code == 200
        assert "Late 0" in page.text
        lila.work()
        assert lila.told() == []
        assert client.post(url, data={"decision": "apply"}).status_code == 200
        lila.work()
        assert sorted(who for who, _ in lila.told()) == [CLAIRE] * 4 + [LEA] * 4
        assert "déjà" in client.post(url, data={"decision": "apply"}).text
    assert held(lila) == []
    for hour in (2, 9, 24, 48):
        lila.clock.at = MORNING + hour * HOUR
        lila.restart()
        lila.round()
    assert lila.told() == []


def test_a_press_on_drop_lets_none_go(lila: House) -> None:
    _, url = asked(lila)
    with lila.pages() as client:
        assert client.post(url, data={"decision": "drop"}).status_code == 200
    for hour in (0, 1, 3, 9, 24, 48):
        lila.clock.at = MORNING + hour * HOUR
        lila.work()
        lila.turn()
        lila.round()
        lila.restart()
    assert lila.told() == []
    assert held(lila) == []


def test_the_command_line_decides_as_the_link_does(lila: House) -> None:
    asked(lila)
    (plan,) = held(lila)
    assert plan.id in lila.command(lambda say: waiting(None, say))
    said = lila.command(lambda say: apply(plan.id, say))
    assert "8 of 8 written" in said
    assert sorted(who for who, _ in lila.told()) == [CLAIRE] * 4 + [LEA] * 4
    lila.turn()
    assert lila.told() == []


def test_a_plan_that_the_command_line_dropped_stays_dropped(lila: House) -> None:
    asked(lila)
    (plan,) = held(lila)
    lila.command(lambda say: drop(plan.id, "not today", say))
    lila.turn()
    lila.round()
    assert lila.told() == []


def test_when_the_world_moves_there_is_another_plan_and_she_is_asked_anew(lila: House) -> None:
    _, url = asked(lila)
    (before,) = held(lila)
    asana = lila.town.boxes.asana
    tasks = {task["name"]: task["gid"] for task in asana.tasks(lila.places.project)}
    asana.edit_task(tasks["Late 0"], completed=True)
    lila.read()
    lila.turn()
    mail, other = asked(lila)
    assert "6 mails" in str(mail["Subject"])
    (plan,) = held(lila)
    assert plan.id != before.id
    with lila.pages() as client:
        assert client.post(url, data={"decision": "apply"}).status_code == 410
        lila.work()
        assert lila.told() == []
        assert client.post(other, data={"decision": "apply"}).status_code == 200
    lila.work()
    assert sorted(who for who, _ in lila.told()) == [CLAIRE] * 3 + [LEA] * 3


def test_what_was_done_while_the_plan_waited_is_not_said(lila: House) -> None:
    """It is read once more just before it is said, also when a person has let it go."""
    _, url = asked(lila)
    asana = lila.town.boxes.asana
    tasks = {task["name"]: task["gid"] for task in asana.tasks(lila.places.project)}
    asana.edit_task(tasks["Late 2"], completed=True)
    with lila.pages() as client:
        client.post(url, data={"decision": "apply"})
    lila.work()
    found = lila.news()
    assert sorted(map(address, found)) == [CLAIRE] * 3 + [LEA] * 3
    assert not any("Late 2" in text(mail) for mail in found)


def test_what_is_ordinary_again_goes_by_itself(lila: House) -> None:
    asked(lila)
    asana = lila.town.boxes.asana
    tasks = {task["name"]: task["gid"] for task in asana.tasks(lila.places.project)}
    for number in (0, 1):
        asana.edit_task(tasks[f"Late {number}"], completed=True)
    lila.read()
    lila.turn()
    assert sorted(who for who, _ in lila.told()) == [CLAIRE] * 2 + [LEA] * 2
    assert held(lila) == []
