"""`hub why RECORD`: each rule with its truth and the values that were seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.pasts import Past
from hub.core.types import Record, Value
from hub.mapping.deadline_job import Alert, Rule
from hub.mapping.onboarding_job import Changes, OnboardingJob
from hub.mapping.sync_job import SyncJob
from hub.planning.history import Mirror
from hub.planning.merge import Pair
from hub.planning.sync_ends import takes_part
from hub.planning.sync_memory import Memory
from hub.planning.trace import find, title_of, trace
from hub.planning.traced import Line, Traced
from tests.planning import make
from tests.planning.test_backtest import ALERTS, JOURNEY, LILA, booking, mirror, payment, task

NOW = datetime(2026, 3, 17, 9, tzinfo=UTC)  # a Tuesday
SYNC: dict[str, Any] = {
    "hub": 1,
    "job": "sync",
    "name": "tasks",
    "says": "x",
    "from": {"connection": "asana", "project": "Lancement"},
    "to": {"connection": "notion", "database": "Tâches"},
    "match_by": ["id", "title"],
    "fields": [{"source": "title", "target": "Tâche"}, {"source": "due", "target": "Échéance", "owner": "latest"}],
    "only_if": {"assignee": "any", "section": ["À faire", "En cours"]},
}


def asked(connection: str, record: Record, there: Mirror | None = None, **more: Any) -> Traced:
    return Traced(
        connection=connection,
        record=record,
        business=LILA,
        mirror=there or mirror(**{connection: [record]}),
        now=NOW,
        memories=more.get("memories", {}),
        figures=more.get("figures", {}),
        pasts=more.get("pasts", {}),
    )


def test_a_sync_tells_each_condition_with_what_was_seen_the_pair_and_each_field() -> None:
    job = SyncJob.model_validate(SYNC)
    record = task("1", "2026-03-20", section="Fait", title="Page")
    pair = Pair(source_key="1", target_key="row-1", source={"title": "Page"}, target={"Tâche": "Page"})

    found = trace(job, asked("asana", record, memories={"tasks": [Memory(pair=pair, version=2)]}))

    assert found == (
        Line("as source: it is in asana › Lancement", True),
        Line("only_if assignee: any; seen: Léa", True),
        Line("only_if section: À faire, En cours; seen: Fait", False),
        Line("match_by id, title: it has a pair", True),
        Line("its pair is notion row-1; the hub wrote 2 times"),
        Line("title → Tâche, owner source; seen here: Page; agreed last: Page"),
        Line("due → Échéance, owner latest; seen here: 2026-03-20"),
    )


def test_a_row_of_the_target_is_traced_from_its_side() -> None:
    row = Record(
        stream="row",
        key="row-1",
        fields={"title": "Page", "place": {"key": "d", "name": "Tâches"}, "properties": {"Tâche": "Page"}},
    )
    pair = Pair(source_key="1", target_key="row-1", source={"title": "P"}, target={"Tâche": "P"})
    memory = Memory(pair=pair, version=1, gone="source")

    found = trace(SyncJob.model_validate(SYNC), asked("notion", row, memories={"tasks": [memory]}))

    assert found == (
        Line("as target: it is in notion › Tâches", True),
        Line("match_by id, title: it has a pair", True),
        Line("its pair is asana 1; the hub wrote once"),
        Line("when_gone: mark; the source is gone"),
        Line("title → Tâche, owner source; seen here: Page; agreed last: P"),
        Line("due → Échéance, owner latest; seen here: not said by the provider"),
    )


@settings(max_examples=100, deadline=None)
@given(
    only_if=st.fixed_dictionaries(
        {},
        optional={
            "assignee": st.sampled_from(["any", "none"]),
            "due": st.sampled_from(["any", "none"]),
            "done": st.booleans(),
            "section": st.just(["À faire"]),
            "label": st.just(["Client"]),
        },
    ),
    due=st.sampled_from([None, "2026-03-20"]),
    who=st.sampled_from([None, "Léa"]),
    done=st.booleans(),
    section=st.sampled_from(["À faire", "Fait"]),
    labels=st.sampled_from([(), ("Client",)]),
)
def test_the_lines_are_all_true_exactly_when_the_record_takes_part(only_if: dict[str, Any], **fields: Any) -> None:
    job = SyncJob.model_validate({**SYNC, "only_if": only_if})
    record = task("1", fields.pop("due"), **fields)

    rules = [line for line in trace(job, asked("asana", record)) if line.text.startswith("only_if")]

    assert len(rules) == len(only_if)
    assert all(line.true for line in rules) is takes_part(record, job.only_if, "task")


def test_an_alert_tells_the_day_on_which_it_is_said_and_to_whom() -> None:
    found = trace(ALERTS, asked("asana", task("Page", "2026-03-20")))

    assert found[0] == Line("watch: it is in asana › Lancement", True)
    assert Line("soon, 3 working days before: said on 2026-03-17 to lea by digest", True) in found
    assert Line("today, on the day: said on 2026-03-20 to lea by digest", False) in found
    assert Line("late, 2 working days after: said on 2026-03-24 to lea, obm by mail", False) in found
    nobodys = trace(ALERTS, asked("asana", task("Page", "2026-03-20", who=None)))
    assert Line("soon, 3 working days before: said on 2026-03-17 to obm (nobody does it) by digest", True) in nobodys
    assert Line("due: nothing", False) in trace(ALERTS, asked("asana", task("Page", None)))
    done = trace(ALERTS, asked("asana", task("Page", "2026-03-20", done=True)))
    assert Line("done: yes", False) in done
    assert not any(line.true for line in done if "said on" in line.text)


def test_an_alert_that_is_said_again_tells_the_first_the_last_and_the_next_day() -> None:
    late = {"name": "late", "when": "2 working days after", "tell": ["assignee", "obm"], "then_every": "1 week"}
    job = ALERTS.model_copy(update={"alerts": (Alert.model_validate(late),)})
    label = "late, 2 working days after, then every 1 week: said on"

    def days(due: str) -> list[Line]:
        return [line for line in trace(job, asked("asana", task("Page", due))) if "said on" in line.text]

    # Today is Tuesday the 17th.
    assert days("2026-02-18") == [
        Line(f"{label} 2026-02-20 to lea, obm by digest", False),
        Line(f"{label} 2026-03-13 to lea, obm by digest", False),
        Line(f"{label} 2026-03-20 to lea, obm by digest", False),
    ]
    assert [line.true for line in days("2026-02-13")] == [False, True, False]
    assert [len(days(due)) for due in ("2026-03-13", "2026-04-13")] == [2, 1]  # today's, ahead


def test_a_task_that_was_put_off_says_which_rule_tells_it() -> None:
    rule = Rule.model_validate({"name": "put_off", "rule": "postponed", "times": 2, "tell": "obm"})
    job = ALERTS.model_copy(update={"watch_for": (rule,)})
    record = task("Page", "2026-03-20")
    line = Line("put_off, postponed: said to obm by digest", True)

    pasts = {job.name: {f"asana/task/{record.key}": Past(first_due=None, due=None, postponed=2)}}
    assert line in trace(job, asked("asana", record, pasts=pasts))
    assert line not in trace(job, asked("asana", record))


def test_a_task_of_another_project_or_a_skipped_list_says_which_rule_left_it_out() -> None:
    elsewhere = task("Page", "2026-03-20", places=({"key": "x", "name": "Autre"},))
    assert trace(ALERTS, asked("asana", elsewhere)) == (Line("watch: it is in asana › Lancement", False),)
    idea = trace(ALERTS, asked("asana", task("Page", "2026-03-20", section="Idées")))
    assert Line("skip_lists Idées; its list: Idées", False) in idea


def test_a_payment_tells_what_started_the_journey_and_when_each_step_is_due() -> None:
    paid = payment("c1", "nora@example.com", NOW - timedelta(days=1), products=("Coaching",))
    booked = booking("b1", "nora@example.com", NOW, NOW + timedelta(days=9))

    found = trace(JOURNEY, asked("stripe", paid, mirror(stripe=[paid], calendly=[booked])))

    assert Line("product Coaching; seen: Coaching", True) in found
    assert Line("nora@example.com: payment at 2026-03-16 09:00 UTC") in found
    assert Line("nora@example.com: booking at 2026-03-17 09:00 UTC, for 2026-03-26 09:00 UTC") in found
    assert Line("the journey goes on; it is open", True) in found
    assert Line("welcome, time 1: due at 2026-03-16 09:00 UTC", True) in found
    assert Line("book: not due within 60 days, as things are", False) in found

    other = payment("c2", "ida@example.com", NOW, products=("Autre",))
    left_out = trace(JOURNEY, asked("stripe", other))
    assert Line("product Coaching; seen: Autre", False) in left_out
    assert left_out[-1] == Line("ida@example.com has a journey because of it", False)


def test_a_payment_belongs_to_the_journey_of_the_checkout_that_it_paid() -> None:
    who = {"email": "nora@example.com"}
    bought = Record(
        stream="checkout_session",
        key="cs1",
        fields={"who": who, "at": NOW, "payment": "c1", "payment_status": "paid", "products": ("Coaching",)},
        at=NOW,
    )
    paid = payment("c1", "", NOW)

    found = trace(JOURNEY, asked("stripe", paid, mirror(stripe=[bought, paid])))

    assert Line("product Coaching; seen: nothing", True) in found
    assert Line("nora@example.com: payment at 2026-03-17 09:00 UTC") in found


def test_an_alias_that_was_confirmed_leads_to_the_journey_of_that_person() -> None:
    paid = payment("c1", "nora@home.example", NOW, products=("Coaching",))
    lines = trace(JOURNEY, replace(asked("stripe", paid), aliases={"nora@home.example": "nora@example.com"}))
    assert Line("nora@example.com: payment at 2026-03-17 09:00 UTC") in lines


def test_a_journey_that_waits_says_why() -> None:
    booked = booking("b1", "nora@example.com", NOW, NOW + timedelta(days=9), status="cancelled", cancelled_at=NOW)
    lines = trace(JOURNEY, asked("calendly", booked))
    assert Line("the journey goes on; it is open", True) in lines  # this file pauses nothing then
    job = JOURNEY.model_copy(update={"changes": Changes()})
    lines = trace(job, asked("calendly", booked))
    assert Line("the journey goes on; it is paused (cancelled)", False) in lines


def test_a_row_and_a_mail_that_start_a_journey_say_of_which_form_they_are() -> None:
    data = JOURNEY.model_dump(by_alias=True)
    starts = [{"event": "signup", "from": "notion", "form": "Inscriptions"}]
    steps = [{"name": "welcome", "after": "signup", "send": "welcome"}]
    job = OnboardingJob.model_validate({**data, "starts_on": starts, "steps": steps})
    place = {"key": "d", "name": "Inscriptions"}
    fields: dict[str, Value] = {
        "title": "Nora",
        "place": place,
        "properties": {"E-mail": "nora@example.com"},
        "created_at": NOW,
    }
    row = Record(stream="row", key="r1", fields=fields, at=NOW)

    lines = trace(job, asked("notion", row))

    assert Line("form Inscriptions; seen: Inscriptions", True) in lines
    assert Line("nora@example.com: signup at 2026-03-17 09:00 UTC") in lines
    elsewhere = trace(job, asked("notion", replace(row, fields={**fields, "place": {"key": "x", "name": "Autre"}})))
    assert Line("form Inscriptions; seen: Autre", False) in elsewhere


def test_a_record_of_money_tells_the_figures_that_count_it() -> None:
    record = make.transaction("txn_1", "100", "2025-12-31T23:30")
    figures = {"revenue": ["cash_in 2026-01 EUR"]}

    assert trace(make.job(), asked("stripe", record, figures=figures)) == (
        Line("since 2026-01-01; it belongs to 2026-01-01", True),
        Line("counted in cash_in 2026-01 EUR", True),
    )
    assert trace(make.job(), asked("asana", task("1", None))) == ()


def test_words_mean_an_exact_record_then_a_whole_title_then_a_part_of_one() -> None:
    there = [("asana", task("1", None, title="Page")), ("asana", task("2", None, title="Page de vente"))]

    assert [each.key for _, each in find(there, "asana/task/2")] == ["2"]
    assert [each.key for _, each in find(there, "page")] == ["1"]
    assert [each.key for _, each in find(there, "de vente")] == ["2"]
    assert [each.key for _, each in find(there, "pa")] == ["1", "2"]
    assert find(there, "nothing") == []


def test_a_record_is_called_by_what_people_know_of_it() -> None:
    assert title_of(Record(stream="charge", key="ch", fields={"description": None, "who": {"name": "Nora"}})) == "Nora"
    assert title_of(Record(stream="x", key="k", fields={"due": date(2026, 1, 1)})) == "k"
