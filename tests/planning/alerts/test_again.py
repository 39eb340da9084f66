"""Again: an alert after the date that is said every so often; and the alerts of a file that writes none."""

from __future__ import annotations

from datetime import date

import pytest

from hub.mapping.deadline_job import DeadlineJob
from hub.planning.alerts.types import Memory, Snooze
from hub.planning.explain import as_text, explain
from tests.planning.alerts.small import Hub, business, job, task, there

LATE = {"name": "late", "when": "3 working days after", "tell": ["assignee", "obm"], "then_every": "1 week"}
ALONE = {**LATE, "tell": "assignee"}
DUE = "2026-03-18"
"""A Wednesday: three working days after it is Monday the 23rd."""
FILE = {"hub": 1, "job": "deadline_alerts", "name": "deadlines", "says": "Warn.", "watch": [{"from": "asana"}]}


def keys(hub: Hub, day: str) -> list[tuple[str, ...]]:
    return [mail.covers for mail in hub.plan(day).mails]


def test_it_is_said_on_its_day_and_then_every_week_on_working_days() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE))

    # April 6th is Easter Monday: that time waits for Tuesday, and those after it do not.
    days = ["2026-03-23", "2026-03-30", "2026-04-07", "2026-04-13", "2026-04-20"]
    assert hub.days("2026-03-16", 42) == {day: ["lea digest: late Page"] for day in days}


def test_each_reader_has_her_own_days() -> None:
    people = business(
        lea={"away": [{"from": "2026-03-27", "to": "2026-04-02"}]}, obm={"holidays": "BE", "working_days": ["wed"]}
    )
    hub = Hub([task("Page", DUE, "lea")], people, job(LATE))

    assert hub.days("2026-03-16", 29) == {
        "2026-03-23": ["lea digest: late Page"],
        "2026-04-03": ["lea digest: late Page"],  # put off from the 30th
        "2026-04-07": ["lea digest: late Page"],
        "2026-04-08": ["obm digest: late Page"],  # for her the third working day is the third Wednesday
        "2026-04-13": ["lea digest: late Page"],
    }


def test_working_days_are_counted_from_the_time_before() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job({**ALONE, "then_every": "4 working days"}))

    assert list(hub.days("2026-03-16", 30)) == ["2026-03-23", "2026-03-27", "2026-04-02", "2026-04-09"]


def test_every_day_is_once_on_each_working_day() -> None:
    hub = Hub([task("Page", "2026-03-17", "lea")], job=job({**ALONE, "then_every": "1 day"}))

    assert list(hub.days("2026-03-16", 10)) == ["2026-03-20", "2026-03-23", "2026-03-24", "2026-03-25"]
    assert "lea/asana/task/Page/late#4/2026-03-17" in hub.memory.said  # Monday's, of Saturday's and Sunday's
    assert "lea/asana/task/Page/late#3/2026-03-17" not in hub.memory.said


@pytest.mark.parametrize("over", [{"done": True}, {"due": None}, {"assignees": ("max",)}])
def test_it_ends_when_the_task_is_done_or_hers_no_more(over: dict[str, object]) -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE))
    hub.days("2026-03-16", 10)
    hub.change("Page", **over)

    assert not [line for lines in hub.days("2026-03-26", 30).values() for line in lines if line.startswith("lea")]


def test_another_date_counts_anew_and_going_back_repeats_nothing() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE))
    assert list(hub.days("2026-03-16", 16)) == ["2026-03-23", "2026-03-30"]
    hub.change("Page", due=date(2026, 4, 1))
    assert list(hub.days("2026-04-01", 7)) == ["2026-04-07"]
    hub.change("Page", due=date(2026, 3, 18))
    assert hub.memory.said >= {"lea/asana/task/Page/late/2026-04-01"}

    # The third time of the first date was to be said on the 7th: it was not.
    assert hub.days("2026-04-08", 7) == {day: ["lea digest: late Page"] for day in ["2026-04-08", "2026-04-13"]}


def test_after_three_weeks_of_silence_one_line_is_said_not_three() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE))
    assert hub.send("2026-03-23") == ["lea digest: late Page"]

    assert keys(hub, "2026-04-15") == [tuple(f"lea/asana/task/Page/{step}/{DUE}" for step in ("late#4", "late"))]
    assert hub.days("2026-04-15", 12) == {day: ["lea digest: late Page"] for day in ["2026-04-15", "2026-04-20"]}


def test_each_time_has_a_key_of_its_own_and_so_has_its_mail() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job({**ALONE, "by": "mail"}))
    found = []
    for day in ("2026-03-23", "2026-03-30", "2026-04-07"):
        found += [(mail.key, mail.covers[0]) for mail in hub.plan(day).mails]
        assert hub.send(day) == ["lea mail: late Page"]
        assert hub.send(day) == []

    steps = ["late", "late#2", "late#3"]
    assert [key for _, key in found] == [f"lea/asana/task/Page/{step}/{DUE}" for step in steps]
    assert [key for key, _ in found] == [f"deadlines/mail/lea/asana/task/Page/{step}/{DUE}" for step in steps]


def test_the_later_day_is_the_more_severe_whether_it_is_the_first_time_or_not() -> None:
    stuck = {"name": "stuck", "when": "8 working days after", "tell": "assignee", "by": "mail"}
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE, stuck))

    assert hub.days("2026-03-16", 23) == {
        "2026-03-23": ["lea digest: late Page"],
        "2026-03-30": ["lea mail: stuck Page"],  # the same day: the later in the file
        "2026-04-07": ["lea digest: late Page"],
    }


def test_a_snooze_holds_it_back_and_then_it_goes_on() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE))
    hub.send("2026-03-23")
    snoozed = {("asana/task/Page", "lea"): Snooze(date(2026, 4, 9), DUE)}
    hub.memory = Memory(said=hub.memory.said, snoozed=snoozed)

    assert list(hub.days("2026-03-24", 35)) == ["2026-04-09", "2026-04-13", "2026-04-20", "2026-04-27"]


def test_not_mine_ends_it_for_her() -> None:
    mine = frozenset({("asana/task/Page", "lea", DUE)})
    hub = Hub([task("Page", DUE, "lea")], job=job(LATE), memory=Memory(not_mine=mine))

    assert hub.days("2026-03-16", 16) == {day: ["obm digest: late Page"] for day in ["2026-03-23", "2026-03-30"]}


def test_the_list_of_a_first_run_says_it_and_the_next_time_goes_as_ever() -> None:
    hub = Hub([task("Page", "2026-02-18", "lea")], job=job(ALONE), memory=Memory(begun=False))

    assert keys(hub, "2026-03-20") == [tuple(f"lea/asana/task/Page/{step}/2026-02-18" for step in ("late#4", "late"))]
    assert hub.days("2026-03-20", 12) == {
        "2026-03-20": ["obm list: late Page"],
        "2026-03-23": ["lea digest: late Page"],
        "2026-03-30": ["lea digest: late Page"],
    }


def test_a_plan_says_when_the_next_time_comes() -> None:
    hub = Hub([task("Page", DUE, "lea")], job=job(ALONE))
    hub.send("2026-03-23")
    assert hub.plan("2026-03-23").next_at == there("2026-03-30T08:30")
    hub.send("2026-03-30")
    assert hub.plan("2026-03-30T18:30").next_at == there("2026-04-07T08:30")
    # Before the hour of the digest of its day it is ahead still.
    assert hub.plan("2026-04-07T08:00").mails == ()
    assert hub.plan("2026-04-07T08:00").next_at == there("2026-04-07T08:30")


@pytest.mark.parametrize("every", ["1 day", "1 working day", "999 weeks", "999 working days"])
def test_a_date_beyond_all_calendars_stops_nothing(every: str) -> None:
    days = ["0001-01-01", "1900-01-01", "9999-12-31"]
    hub = Hub([task(day, day, "lea") for day in days], job=job({**ALONE, "then_every": every}))

    assert hub.send("2026-03-20") == ["lea digest: late 0001-01-01, late 1900-01-01"]
    assert hub.send("2026-03-27") == []  # it is said again for ten years


# A file without `alerts`

USUAL_FR = """\
Le fichier n'écrit aucune alerte : ce sont celles que le hub a d'office.
Alerte « soon » : 3 jours ouvrés avant l'échéance, le hub prévient la personne responsable dans l'e-mail groupé du jour.
Alerte « eve » : 1 jour ouvré avant l'échéance, le hub prévient la personne responsable dans l'e-mail groupé du jour.
Alerte « today » : le jour de l'échéance, le hub prévient la personne responsable dans l'e-mail groupé du jour.
Alerte « late » : 1 jour ouvré après l'échéance, le hub prévient la personne responsable dans l'e-mail groupé du jour.
Alerte « later » : 3 jours ouvrés après l'échéance, puis toutes les semaines tant que la tâche n'est pas faite, le hub \
prévient la personne responsable et Claire dans l'e-mail groupé du jour.
"""
USUAL_EN = """\
The file writes no alerts: these are those that the hub has by default.
Alert “soon”: 3 working days before the due date, the hub tells whoever the task is assigned to in the digest of \
the day.
Alert “eve”: 1 working day before the due date, the hub tells whoever the task is assigned to in the digest of the day.
Alert “today”: on the due date, the hub tells whoever the task is assigned to in the digest of the day.
Alert “late”: 1 working day after the due date, the hub tells whoever the task is assigned to in the digest of the day.
Alert “later”: 3 working days after the due date, then every week until the task is done, the hub tells whoever the \
task is assigned to and Claire in the digest of the day.
"""


@pytest.mark.parametrize(("language", "usual"), [("fr", USUAL_FR), ("en", USUAL_EN)])
def test_the_usual_alerts_are_explained(language: str, usual: str) -> None:
    silent = DeadlineJob.model_validate(FILE)
    said = " ".join(as_text(explain(business(), [silent], language)).replace("\u00a0", " ").split())  # type: ignore[arg-type]

    for sentence in usual.splitlines():
        assert sentence in said.replace(" - ", " ")
    written = DeadlineJob.model_validate({**FILE, "alerts": [LATE]})
    assert usual.splitlines()[0] not in as_text(explain(business(), [written], language))  # type: ignore[arg-type]


def test_a_file_without_alerts_does_what_the_explanation_says() -> None:
    hub = Hub([task("Page", "2026-03-20", "lea"), task("Seule", "2026-03-20")], job=DeadlineJob.model_validate(FILE))

    both = {"2026-03-17": "soon", "2026-03-19": "eve", "2026-03-20": "today", "2026-03-23": "late"}
    weeks = ["2026-03-25", "2026-04-01", "2026-04-08", "2026-04-15"]
    assert hub.days("2026-03-09", 40) == {
        **{day: [f"lea digest: {step} Page", f"obm digest: {step} Seule"] for day, step in both.items()},
        **{day: ["lea digest: later Page", "obm digest: later Page, later Seule"] for day in weeks},
    }


def test_whoever_is_told_when_nobody_does_it_is_told_of_what_is_later_still() -> None:
    said = DeadlineJob.model_validate({**FILE, "sending": {"nobody_assigned": "ceo"}})

    assert Hub([task("Page", "2026-03-20", "lea")], business(), said).send("2026-03-25") == [
        "ceo digest: later Page",
        "lea digest: later Page",
    ]
