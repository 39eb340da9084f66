"""Who: assignees, roles, named people, the fallback, escalation by step, and who cannot be told at all."""

from __future__ import annotations

import pytest

from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.types import Memory, Snooze
from tests.planning.alerts.small import Hub, business, job, task, there

DUE = "2026-03-13"  # a Friday
LATE = "2026-03-17"  # two working days later
STUCK = "2026-03-20"


def test_each_assignee_is_told_and_the_next_step_tells_somebody_above() -> None:
    hub = Hub([task("Page", DUE, "lea", "max")])

    assert hub.days("2026-03-09", 15) == {
        "2026-03-10": ["lea digest: soon Page", "max digest: soon Page"],
        "2026-03-13": ["lea digest: today Page", "max digest: today Page"],
        "2026-03-17": ["lea mail: late Page", "max mail: late Page", "obm mail: late Page"],
        "2026-03-20": ["ceo digest: stuck Page"],
    }


def test_who_is_told_by_two_words_is_told_once() -> None:
    assert Hub([task("Page", DUE, "obm")]).send(LATE) == ["obm mail: late Page"]


def test_nobodys_task_is_told_to_the_fallback() -> None:
    hub = Hub([task("Page", DUE)])

    assert hub.days("2026-03-09", 10) == {
        "2026-03-10": ["obm digest: soon Page"],
        "2026-03-13": ["obm digest: today Page"],
        "2026-03-17": ["obm mail: late Page"],
    }
    assert Hub([task("Page", DUE)], job=job(nobody_assigned="max")).send(DUE) == ["max digest: today Page"]


@pytest.mark.parametrize(
    ("lea", "refused", "note"),
    [
        ({"email": None}, "", "Léa n'a pas d'adresse dans business.yaml (1 tâche) ; le hub prévient Claire à sa place"),
        ({"left": DUE}, "", "Léa n'est plus là et a encore 1 tâche ; le hub prévient Claire à sa place"),
        ({}, "lea@example.com", "l'adresse de Léa est refusée (1 tâche) ; le hub prévient Claire à sa place"),
    ],
)
def test_an_assignee_who_cannot_be_told_is_stood_in_for_and_the_obm_learns_why(
    lea: dict[str, str | None], refused: str, note: str
) -> None:
    hub = Hub([task("Page", DUE, "lea")], business(lea=lea), memory=Memory(refused=frozenset({refused})))

    assert hub.plan(DUE).notes == (note,)
    assert hub.send(DUE) == ["obm digest: today Page"]


def test_a_stranger_is_stood_in_for_unless_somebody_else_does_the_task_too() -> None:
    note = "Jo n'est pas dans business.yaml (2 tâches) ; le hub prévient Claire à sa place"
    hub = Hub([task("Page", DUE, strangers=("Jo",)), task("Blog", DUE, "lea", strangers=("Jo",))])

    assert hub.plan(DUE).notes == (note,)
    assert hub.send(DUE) == ["lea digest: today Blog", "obm digest: today Page"]


def test_one_of_two_assignees_who_can_be_told_is_enough() -> None:
    assert Hub([task("Page", DUE, "lea", "max")], business(lea={"left": "2026-01-01"})).send(DUE) == [
        "max digest: today Page"
    ]


def test_who_leaves_is_told_until_the_day_and_not_from_it_on() -> None:
    hub = Hub(
        [task("Page", "2026-03-13", "lea"), task("Blog", "2026-03-16", "lea")], business(lea={"left": "2026-03-14"})
    )

    assert hub.days("2026-03-13", 4) == {
        "2026-03-13": ["lea digest: today Page, soon Blog"],
        "2026-03-16": ["obm digest: today Page, today Blog"],
    }


def test_a_role_that_cannot_be_told_is_stood_in_for() -> None:
    assert Hub([task("Page", DUE, "lea")], business(ceo={"email": None})).send(STUCK) == [
        "lea mail: late Page",
        "obm digest: stuck Page",
    ]


def test_when_the_fallback_cannot_be_told_that_is_said() -> None:
    hub = Hub([task("Page", DUE)], business(obm={"email": None}))

    planned = hub.plan(LATE)
    assert planned.mails == ()
    assert planned.notes[-1] == "Claire est injoignable, et personne d'autre n'est prévenu de ce que personne ne fait"


def test_a_task_that_changes_hands_is_told_to_the_new_one_once() -> None:
    hub = Hub([task("Page", DUE, "lea")])

    assert hub.send("2026-03-10") == ["lea digest: soon Page"]
    hub.change("Page", assignees=("max",))
    assert hub.send("2026-03-11") == ["max digest: soon Page"]
    hub.change("Page", assignees=("lea",))
    assert hub.send("2026-03-12") == []


def test_not_mine_ends_it_for_her_and_tells_the_fallback() -> None:
    mine = frozenset({("asana/task/Page", "lea", DUE)})
    hub = Hub([task("Page", DUE, "lea")], memory=Memory(not_mine=mine))

    assert hub.send(LATE) == ["obm mail: late Page"]
    hub.change("Page", due=there("2026-03-18").date())
    assert hub.send("2026-03-18") == ["lea digest: today Page"]


def test_not_mine_of_a_role_ends_it_for_her_alone() -> None:
    hub = Hub([task("Page", DUE, "lea")], memory=Memory(not_mine=frozenset({("asana/task/Page", "obm", DUE)})))

    assert hub.send(LATE) == ["lea mail: late Page"]


def test_a_snooze_is_quiet_until_its_day_then_says_it_again_once() -> None:
    hub = Hub([task("Page", DUE, "lea")])
    assert hub.send(LATE) == ["lea mail: late Page", "obm mail: late Page"]
    until = Snooze(there("2026-03-20").date(), DUE)
    hub.memory = Memory(said=hub.memory.said, snoozed={("asana/task/Page", "lea"): until})

    assert hub.days("2026-03-18", 14) == {
        "2026-03-20": ["ceo digest: stuck Page", "lea digest: late Page"],
    }


def test_a_snooze_holds_steps_back_and_the_most_severe_is_said_when_it_ends() -> None:
    snoozed = {("asana/task/Page", "lea"): Snooze(there("2026-03-18").date(), DUE)}
    hub = Hub([task("Page", DUE, "lea")], memory=Memory(snoozed=snoozed))

    assert hub.days("2026-03-09", 20) == {
        "2026-03-17": ["obm mail: late Page"],
        "2026-03-18": ["lea mail: late Page"],
        "2026-03-20": ["ceo digest: stuck Page"],
    }


def test_a_moved_date_ends_a_snooze() -> None:
    snoozed = {("asana/task/Page", "lea"): Snooze(there("2026-06-01").date(), DUE)}
    hub = Hub([task("Page", DUE, "lea")], memory=Memory(snoozed=snoozed))

    assert hub.send(DUE) == []
    hub.change("Page", due=there("2026-03-16").date())
    assert hub.send("2026-03-16") == ["lea digest: today Page"]


def test_a_reader_is_as_the_business_unless_she_says_otherwise() -> None:
    other = {"timezone": "America/Montreal", "language": "en", "address_as": "tu", "working_days": ["sat"]}
    found = readers_of(business(lea=other, max={"left": "2026-03-17"}), job(hours="09:00-17:00", digest_at="09:15"))

    assert (found["obm"].zone.key, found["obm"].language, found["obm"].formal) == ("Europe/Paris", "fr", True)
    assert (found["lea"].zone.key, found["lea"].language, found["lea"].formal) == ("America/Montreal", "en", False)
    assert found["lea"].calendar.works(there("2026-03-14").date())
    assert [f"{at:%H:%M}" for at in (found["lea"].digest_at, *found["lea"].hours)] == ["09:15", "09:00", "17:00"]
    assert found["max"].left
    assert not readers_of(business(max={"left": "2026-03-17"}), job(), there("2026-03-16"))["max"].left
    assert readers_of(business(max={"left": "2026-03-17"}), job(), there("2026-03-17"))["max"].left
