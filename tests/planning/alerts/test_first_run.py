"""The first run is quiet: what was late before the hub came is one list, and nothing of it is mailed singly."""

from __future__ import annotations

from hub.planning.alerts.plan import MOST_LISTED
from hub.planning.alerts.types import Memory
from tests.planning.alerts.small import Hub, business, job, task, there, told

FRIDAY = "2026-03-20"
NEW = Memory(begun=False)


def test_what_is_late_already_is_one_list_and_the_rest_goes_as_ever() -> None:
    hub = Hub(
        [
            task("Vieux", "2026-02-02", "lea"),
            task("Hier", "2026-03-19", "max"),
            task("Personne", "2026-01-05"),
            task("Page", FRIDAY, "lea"),
        ],
        memory=NEW,
    )

    planned = hub.plan(FRIDAY)
    assert told(planned.mails) == ["lea digest: today Page", "obm list: stuck Vieux, today Hier, stuck Personne"]
    assert planned.notes == ("premier passage : 3 tâches en retard, dans une seule liste pour Claire",)
    assert planned.begins
    hub.send(FRIDAY)
    # From then on each next step is said as ever.
    assert hub.days("2026-03-23", 10) == {
        "2026-03-23": ["max mail: late Hier", "obm mail: late Hier"],
        "2026-03-24": ["lea mail: late Page", "obm mail: late Page"],
        "2026-03-26": ["ceo digest: stuck Hier"],
        "2026-03-27": ["ceo digest: stuck Page"],
    }


def test_the_list_covers_what_would_have_been_said_to_anybody() -> None:
    (mail,) = Hub([task("Vieux", "2026-02-02", "lea")], memory=NEW).plan(FRIDAY).mails

    steps = [("ceo", "stuck"), ("obm", "late"), ("lea", "late"), ("lea", "today"), ("lea", "soon")]
    assert sorted(mail.covers) == sorted(f"{who}/asana/task/Vieux/{step}/2026-02-02" for who, step in steps)
    assert mail.covers[0].startswith("ceo/")
    assert mail.key.startswith("deadlines/list/obm/2026-03-20/")


def test_a_first_run_on_which_nothing_is_late_is_over_at_once() -> None:
    assert Hub([task("Page", "2026-05-01", "lea")], memory=NEW).plan(FRIDAY).begins
    assert not Hub([], memory=NEW).plan(FRIDAY).begins  # nothing was read yet: nobody can tell
    assert not Hub([task("Page", "2026-05-01", "lea")]).plan(FRIDAY).begins


def test_the_list_waits_for_the_slot_of_its_reader_and_nothing_late_slips_out_before() -> None:
    people = business(obm={"timezone": "America/Montreal"})
    hub = Hub([task("Vieux", "2026-02-02", "lea"), task("Page", FRIDAY, "lea")], people, memory=NEW)

    planned = hub.plan("2026-03-20T09:00")
    assert told(planned.mails) == ["lea digest: today Page"]
    assert not planned.begins
    assert ("obm", there("2026-03-20T08:30", "America/Montreal")) in planned.waiting
    hub.send("2026-03-20T09:00")
    assert hub.send("2026-03-20T10:00") == []
    assert hub.send("2026-03-20T13:30") == ["obm list: stuck Vieux"]
    assert hub.memory.begun
    assert hub.days("2026-03-21", 3) == {}


def test_a_list_that_did_not_go_out_is_made_again() -> None:
    hub = Hub([task("Vieux", "2026-02-02", "lea")], memory=NEW)

    assert told(hub.plan(FRIDAY).mails) == told(hub.plan("2026-03-23").mails) == ["obm list: stuck Vieux"]


def test_a_list_that_is_said_is_not_made_again_even_if_nobody_noted_that_the_run_is_over() -> None:
    hub = Hub([task("Vieux", "2026-02-02", "lea"), task("Hier", "2026-03-19")], memory=NEW)
    said = frozenset(key for mail in hub.plan(FRIDAY).mails for key in mail.covers)
    hub.memory = Memory(begun=False, said=said)

    planned = hub.plan("2026-03-20T10:00")

    assert planned.mails == ()
    assert planned.begins


def test_a_mail_of_its_own_joins_the_digest_on_the_first_run() -> None:
    before = job({"name": "soon", "when": "3 working days before", "tell": "assignee", "by": "mail"})

    assert Hub([task("Page", FRIDAY, "lea")], job=before, memory=NEW).send(FRIDAY) == ["lea digest: soon Page"]


def test_until_the_first_run_is_over_no_mail_about_one_task_goes_out() -> None:
    now = job({"name": "now", "when": "on the day", "tell": "assignee", "by": "mail"}, digest_at="10:00")
    hub = Hub([task("Page", FRIDAY, "lea"), task("Vieux", "2026-02-02", "max")], job=now, memory=NEW)

    # The hours are open and the list waits for its digest: nothing slips out meanwhile.
    assert hub.send("2026-03-20T09:00") == []
    assert hub.send("2026-03-20T10:00") == ["lea digest: now Page", "obm list: now Vieux"]
    hub.tasks.append(task("Blog", FRIDAY, "lea"))
    assert hub.send("2026-03-20T10:05") == ["lea mail: now Blog"]


def test_late_is_as_the_reader_of_the_list_sees_it() -> None:
    hub = Hub([task("Page", FRIDAY, "lea")], memory=NEW)

    assert hub.send(FRIDAY) == ["lea digest: today Page"]
    late = Hub([task("Page", "2026-03-20T07:00", "lea")], memory=NEW)  # an instant that is over
    assert late.send(FRIDAY) == ["obm list: today Page"]


def test_a_step_after_the_date_that_is_open_to_somebody_makes_a_task_late() -> None:
    after = job({"name": "late", "when": "1 day after", "tell": "assignee"}, hours="08:30-23:00")
    people = business(
        lea={"timezone": "Pacific/Auckland", "working_days": ["sat"]}, obm={"timezone": "America/Montreal"}
    )
    hub = Hub([task("Page", "2026-03-20", "lea")], people, after, NEW)

    assert hub.send("2026-03-21T09:00", "Pacific/Auckland") == ["obm list: late Page"]  # it is still the 20th with her


def test_a_task_that_is_late_before_any_step_of_it_is_open_is_listed_too() -> None:
    after = job({"name": "late", "when": "5 working days after", "tell": "assignee"})
    hub = Hub([task("Page", "2026-03-18", "lea")], job=after, memory=NEW)

    assert hub.send(FRIDAY) == ["obm list: late already Page"]
    assert hub.days("2026-03-21", 10) == {"2026-03-25": ["lea digest: late Page"]}


def test_a_long_list_shows_the_first_and_counts_the_others() -> None:
    hub = Hub([task(f"T{n:03}", "2026-02-02", "lea") for n in range(MOST_LISTED + 50)], memory=NEW)

    (mail,) = hub.plan(FRIDAY).mails

    assert (len(mail.lines), mail.more, len(mail.covers)) == (MOST_LISTED, 50, 5 * (MOST_LISTED + 50))
    assert len(hub.plan(FRIDAY).reread) == MOST_LISTED


def test_without_anybody_to_get_the_list_each_digest_says_its_own_and_that_is_said() -> None:
    hub = Hub([task("Vieux", "2026-02-02", "lea")], business(obm={"email": None}), memory=NEW)

    planned = hub.plan(FRIDAY)

    assert told(planned.mails) == ["ceo digest: stuck Vieux", "lea digest: late Vieux"]
    assert planned.begins
    assert planned.notes[-1] == "Claire est injoignable, et personne d'autre n'est prévenu de ce que personne ne fait"
