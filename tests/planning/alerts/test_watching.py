"""Watching the work, not only the dates: each rule, once for each value that sets it off, always in the digest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.core.pasts import Past
from hub.planning.alerts.types import Memory, Snooze
from tests.planning.alerts.small import Hub, business, job, task, there, told

QUIET = {"name": "far", "when": "90 days after", "tell": "assignee"}
FRIDAY = "2026-03-20"


def watching(*rules: dict[str, Any], **sending: Any) -> Any:
    """A job whose alerts say nothing in these tests."""
    return job(QUIET, rules=[{"name": f"rule_{n}", "tell": "obm", **rule} for n, rule in enumerate(rules)], **sending)


def test_a_task_that_nobody_does_is_told_some_working_days_before_its_date_once_for_each_date() -> None:
    hub = Hub(
        [task("Page", "2026-03-24"), task("À Jo", "2026-03-24", strangers=("Jo",)), task("Blog", "2026-03-24", "lea")],
        job=watching({"rule": "no owner"}),
    )

    assert hub.days("2026-03-16", 20) == {"2026-03-19": ["obm digest: rule_0 Page"]}
    hub.change("Page", due=date(2026, 4, 10))
    assert hub.days("2026-04-01", 20) == {"2026-04-07": ["obm digest: rule_0 Page"]}  # Easter Monday is the 6th
    wide = Hub([task("Page", "2026-03-24")], job=watching({"rule": "no owner", "due_within": "2 weeks"}))
    assert list(wide.days("2026-03-02", 20)) == ["2026-03-10"]


def test_a_task_without_a_date_is_told_once() -> None:
    hub = Hub([task("Idée", None, "lea"), task("Page", "2026-12-01", "lea")], job=watching({"rule": "no date"}))

    (mail,) = hub.plan(FRIDAY).mails
    assert (mail.lines[0].group, mail.lines[0].day) == ("watch", None)
    assert mail.covers == ("obm/asana/task/Idée/rule_0/-",)
    assert hub.days("2026-03-16", 20) == {"2026-03-16": ["obm digest: rule_0 Idée"]}


def test_a_date_that_is_put_off_three_times_is_told_with_each_further_one() -> None:
    hub = Hub([task("Page", "2026-06-01", "lea")], job=watching({"rule": "postponed"}))
    past = {"asana/task/Page": Past(first_due=date(2026, 3, 1), postponed=2)}
    hub.memory = Memory(past=past)
    assert hub.send("2026-03-18") == []

    hub.memory = Memory(past={"asana/task/Page": Past(first_due=date(2026, 3, 1), postponed=3)})
    assert hub.plan("2026-03-19").mails[0].lines[0].detail == "repoussée 3 fois"
    assert hub.send("2026-03-19") == ["obm digest: rule_0 Page"]
    assert hub.send(FRIDAY) == []
    hub.change("Page", due=date(2026, 7, 1))
    assert hub.send("2026-03-23") == ["obm digest: rule_0 Page"]
    twice = Hub(hub.tasks, job=watching({"rule": "postponed", "times": 2}), memory=Memory(past=past))
    assert twice.send(FRIDAY) == ["obm digest: rule_0 Page"]


def test_a_task_to_which_nothing_happens_is_told_to_who_does_it_once_for_each_silence() -> None:
    still = task("Page", "2026-06-01", "lea", touched_at=there("2026-03-02T18:00"))
    hub = Hub([still, task("Inconnu", None, "lea")], job=watching({"rule": "no activity", "tell": "assignee"}))

    assert hub.days("2026-03-02", 30) == {"2026-03-09": ["lea digest: rule_0 Page"]}
    hub.change("Page", touched_at=there("2026-04-01"))
    assert hub.days("2026-04-02", 20) == {"2026-04-08": ["lea digest: rule_0 Page"]}
    slow = Hub([still], job=watching({"rule": "no activity", "for": "10 working days"}))
    (day,) = slow.days("2026-03-02", 30)
    assert day == "2026-03-16"
    assert Hub([still], business(obm={"language": "en"}), slow.job).plan("2026-03-16").mails[0].lines[0].detail == (
        "nothing has happened since 2026-03-02"
    )


def load(**counts: int) -> list[Any]:
    return [task(f"{who}{n}", "2026-03-24", who) for who, count in counts.items() for n in range(count)]


@pytest.mark.parametrize(
    ("counts", "told_of"),
    [
        ({"lea": 11, "max": 7}, []),  # the median is 9, and 11 is not more than 13.5
        ({"lea": 11, "max": 2, "ceo": 3}, ["Léa"]),
        ({"lea": 10, "max": 1, "ceo": 1}, []),  # not more than ten
        ({"lea": 12, "max": 8, "ceo": 8}, []),  # not more than one and a half times eight
        ({"lea": 13, "max": 8, "ceo": 8}, ["Léa"]),
        ({"lea": 30}, []),  # there is no team to compare with
    ],
)
def test_somebody_has_more_than_her_share(counts: dict[str, int], told_of: list[str]) -> None:
    hub = Hub(load(**counts), job=watching({"rule": "overloaded"}))

    assert [line.about for mail in hub.plan(FRIDAY).mails for line in mail.lines] == told_of


def test_only_what_is_due_within_a_week_is_load_and_it_is_told_once_a_week() -> None:
    hub = Hub(load(lea=13, max=2, ceo=2), job=watching({"rule": "overloaded"}))

    (mail,) = hub.plan(FRIDAY).mails
    assert mail.lines[0].detail == "13 tâches à rendre dans les 7 jours ; la médiane de l'équipe est de 2"
    assert mail.covers == ("obm/person:lea/rule_0/2026-W12",)
    assert hub.days("2026-03-13", 30) == {
        "2026-03-17": ["obm digest: rule_0 Léa"],
        "2026-03-23": ["obm digest: rule_0 Léa"],
    }


def place(name: str, late: int, of: int, **more: Any) -> list[Any]:
    return [
        task(
            f"{name} {n:02}",
            "2026-03-19" if n < late else "2026-12-01",
            "lea",
            place=name,
            place_id=f"id-{name}",
            **more,
        )
        for n in range(of)
    ]


def test_a_project_is_at_risk_when_more_than_a_fifth_of_its_open_tasks_is_late() -> None:
    tasks = [*place("Lancement", 2, 10), *place("Refonte", 3, 10), *place("Vide", 0, 3)]
    hub = Hub(tasks, job=watching({"rule": "project at risk"}))

    (mail,) = hub.plan(FRIDAY).mails
    assert told([mail]) == ["obm digest: rule_0 Refonte"]
    assert mail.lines[0].detail == "3 tâches en retard sur 10 (30\u00a0%)"
    assert mail.covers == ("obm/place:asana/id-Refonte/rule_0/2026-W12",)
    assert hub.days(FRIDAY, 8) == {FRIDAY: ["obm digest: rule_0 Refonte"], "2026-03-23": ["obm digest: rule_0 Refonte"]}
    strict = Hub(tasks, job=watching({"rule": "project at risk", "late_share": "10 %"}))
    assert strict.send(FRIDAY) == ["obm digest: rule_0 Lancement, rule_0 Refonte"]


def test_done_tasks_are_no_part_of_a_project_at_risk() -> None:
    hub = Hub([*place("Fini", 3, 3, done=True), *place("Fini", 0, 2)], job=watching({"rule": "project at risk"}))

    assert hub.plan(FRIDAY).mails == ()


def test_a_milestone_that_is_missed_puts_its_project_at_risk() -> None:
    opening = task("Ouverture", "2026-03-19", place="Lancement", place_id="id-Lancement", milestone=True)
    hub = Hub([*place("Lancement", 0, 20), opening], job=watching({"rule": "project at risk"}))

    assert hub.send("2026-03-19") == []
    assert hub.plan(FRIDAY).mails[0].lines[0].detail == "jalon dépassé : Ouverture"


def test_rules_stand_last_in_the_digest_in_their_order_and_alerts_go_on_beside_them() -> None:
    rules = [
        {"name": "nobodys", "rule": "no owner", "tell": "obm"},
        {"name": "dateless", "rule": "no date", "tell": "obm"},
    ]
    hub = Hub([task("Idée", None), task("Page", FRIDAY)], job=job(rules=rules))

    assert hub.send(FRIDAY) == ["obm digest: today Page, nobodys Page, dateless Idée"]


def test_a_rule_is_quiet_where_the_task_is_put_off_or_not_hers_and_stood_in_for_like_an_alert() -> None:
    rules = watching({"rule": "no date", "tell": "assignee"})
    idea = task("Idée", None, "lea")

    snoozed = Memory(snoozed={(idea.id, "lea"): Snooze(date(2026, 3, 23), "-")})
    assert Hub([idea], job=rules, memory=snoozed).days(FRIDAY, 5) == {"2026-03-23": ["lea digest: rule_0 Idée"]}
    assert Hub([idea], job=rules, memory=Memory(not_mine=frozenset({(idea.id, "lea", "-")}))).send(FRIDAY) == []
    assert Hub([idea], business(lea={"email": None}), rules).send(FRIDAY) == ["obm digest: rule_0 Idée"]


def test_rules_wait_for_the_slot_of_the_digest() -> None:
    hub = Hub([task("Idée", None, "lea")], job=watching({"rule": "no date"}))

    assert hub.send("2026-03-21T10:00") == []
    assert hub.plan("2026-03-21T10:00").waiting == (("obm", there("2026-03-23T08:30")),)
    assert hub.send("2026-03-23T08:30") == ["obm digest: rule_0 Idée"]
