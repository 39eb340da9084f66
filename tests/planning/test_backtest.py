"""What a job would have done on the mirrored history, counted, with what the mirror cannot tell said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.money import Money
from hub.core.types import Record, Value
from hub.mapping.deadline_job import Alert, DeadlineJob
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.sync_job import SyncJob
from hub.planning.backtest import Played, play
from hub.planning.history import Mirror
from hub.planning.plan import View
from tests.planning import make

NOW = datetime(2026, 3, 20, 17, tzinfo=UTC)  # a Friday
LILA = make.business(
    people={
        "obm": {"name": "Claire", "email": "claire@example.com"},
        "lea": {"name": "Léa", "email": "lea@example.com"},
        "ceo": {"name": "Lila"},
    },
    connections={"asana": {}, "notion": {}, "stripe": {}, "calendly": {}},
)
KINDS: Any = {
    ("asana", "task"): "task",
    ("notion", "row"): "page",
    ("stripe", "charge"): "payment",
    ("stripe", "checkout_session"): "signup",
    ("calendly", "booking"): "booking",
}
ALERTS = DeadlineJob.model_validate(
    {
        "hub": 1,
        "job": "deadline_alerts",
        "name": "deadlines",
        "says": "Warn.",
        "watch": [
            {"from": "asana", "project": "Lancement", "skip_lists": ["Idées"]},
            {
                "from": "notion",
                "database": "Internes",
                "title": "Tâche",
                "due": "Échéance",
                "assignee": "Qui",
                "done": {"Statut": "Terminé"},
            },
        ],
        "alerts": [
            {"name": "soon", "when": "3 working days before", "tell": "assignee", "by": "digest"},
            {"name": "today", "when": "on the day", "tell": "assignee", "by": "digest"},
            {"name": "late", "when": "2 working days after", "tell": ["assignee", "obm"], "by": "mail"},
            {"name": "stuck", "when": "5 working days after", "tell": "ceo", "by": "digest"},
        ],
    }
)
JOURNEY = OnboardingJob.model_validate(
    {
        "hub": 1,
        "job": "client_onboarding",
        "name": "onboarding",
        "says": "One journey.",
        "offer": "Coaching",
        "starts_on": [
            {"event": "payment", "from": "stripe", "product": "Coaching"},
            {"event": "booking", "from": "calendly", "event_type": "Appel"},
        ],
        "steps": [
            {"name": "welcome", "after": "payment", "send": "welcome"},
            {"name": "sheet", "after": "payment", "write": {"database": "Clients", "hub_owns": {"Nom": "person.name"}}},
            {"name": "book", "after": "payment", "if_no": "booking", "wait": "3 days", "send": "please_book"},
            {"name": "contract", "after": "payment", "ask": {"who": "obm", "to": "Contrat"}},
        ],
        "changes": {"booking_moved": {"send": "new_time"}, "booking_cancelled": {"tell": "obm"}},
    }
)


def task(key: str, due: str | None, *, who: str | None = "Léa", **fields: Any) -> Record:
    return Record(
        stream="task",
        key=key,
        fields={
            "title": key,
            "due": None if due is None else date.fromisoformat(due),
            "done": False,
            "assignees": () if who is None else ({"name": who},),
            "places": ({"key": "p1", "name": "Lancement"},),
            "section": "À faire",
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            **fields,
        },
    )


def mirror(**records: list[Record]) -> Mirror:
    streams: dict[tuple[str, str], list[Record]] = {}
    for connection, there in records.items():
        for record in there:
            streams.setdefault((connection, record.stream), []).append(record)
    return Mirror(view=View(streams), kinds=KINDS)


def alerts(*tasks: Record, days: int = 10, notion: list[Record] | None = None) -> Played:
    return play(ALERTS, LILA, mirror(asana=list(tasks), notion=notion or []), NOW, days)


def test_digests_of_a_day_are_one_mail_to_each_person_and_mails_are_one_each() -> None:
    played = alerts(task("Une", "2026-03-20"), task("Deux", "2026-03-20"), task("Trois", "2026-03-18"), days=1)

    assert [(deed.whom, deed.about) for deed in played.deeds] == [
        ("lea", "late: Trois"),
        ("obm", "late: Trois"),
        ("lea", "today: Deux; today: Une"),
    ]
    assert played.total == "3 mails to 2 people"


def test_a_day_on_which_the_task_was_not_there_or_was_done_says_nothing() -> None:
    done = task("Faite", "2026-03-18", done=True, done_at=datetime(2026, 3, 18, 5, tzinfo=UTC))
    later = task("Finie tard", "2026-03-18", done=True, done_at=datetime(2026, 3, 18, 15, tzinfo=UTC))
    young = task("Jeune", "2026-03-18", created_at=datetime(2026, 3, 18, 12, tzinfo=UTC))

    played = alerts(done, later, young, days=3)

    assert [(deed.day.day, deed.about) for deed in played.deeds if deed.whom == "lea"] == [
        (18, "today: Finie tard"),
        (20, "late: Jeune"),
    ]


def test_what_is_said_again_counts_each_time_while_the_task_was_open() -> None:
    late = {"name": "late", "when": "2 working days after", "tell": "assignee", "then_every": "2 working days"}
    job = ALERTS.model_copy(update={"alerts": (Alert.model_validate(late),)})
    done = task("Faite", "2026-03-10", done=True, done_at=datetime(2026, 3, 15, tzinfo=UTC))

    played = play(job, LILA, mirror(asana=[task("Page", "2026-03-10"), done], notion=[]), NOW, 10)

    assert [(deed.day.day, deed.about) for deed in played.deeds] == [
        (12, "late: Faite; late: Page"),
        (16, "late: Page"),
        (18, "late: Page"),
        (20, "late: Page"),
    ]


def test_what_the_mirror_cannot_tell_is_said() -> None:
    played = alerts(task("Faite", "2026-03-18", done=True), task("Vieille", "2026-03-11"), days=5)

    assert [(deed.day.day, deed.whom) for deed in played.deeds] == [(18, "ceo")]
    assert "1 task done, and not said since when: counted as done all along" in played.unknown
    assert "ceo has no address in business.yaml: these mails could not be sent" in played.unknown
    (hint, *_) = play(ALERTS, LILA, mirror(), NOW, 5).unknown
    assert hint == (
        "the mirror holds no task of asana › Lancement, notion › Internes: "
        "name it under `follow:` in business.yaml and run `hub backfill`"
    )


def test_other_projects_skipped_lists_and_nobody_assigned_are_as_the_mapping_says() -> None:
    elsewhere = task("Ailleurs", "2026-03-20", places=({"key": "p2", "name": "Autre"},))
    idea = task("Idée", "2026-03-20", section="Idées")
    nobodys = task("À personne", "2026-03-20", who=None)

    played = alerts(elsewhere, idea, nobodys, days=1)

    assert [(deed.whom, deed.about) for deed in played.deeds] == [("obm", "today: À personne")]


def test_rows_of_a_database_are_read_by_the_names_that_people_gave() -> None:
    def row(key: str, status: str) -> Record:
        properties: dict[str, Value] = {"Tâche": key, "Échéance": date(2026, 3, 20), "Qui": "Léa", "Statut": status}
        return Record(
            stream="row", key=key, fields={"place": {"key": "d", "name": "Internes"}, "properties": properties}
        )

    played = alerts(notion=[row("Ouverte", "En cours"), row("Finie", "Terminé")], days=1)

    assert [deed.about for deed in played.deeds] == ["today: Ouverte"]


@settings(max_examples=60, deadline=None)
@given(dues=st.lists(st.dates(date(2026, 2, 1), date(2026, 4, 30)), max_size=8), days=st.integers(1, 40))
def test_each_warning_goes_out_once_and_never_on_a_day_off(dues: list[date], days: int) -> None:
    played = alerts(*(task(str(number), due.isoformat()) for number, due in enumerate(dues)), days=days)

    said = [(deed.whom, one) for deed in played.deeds for one in deed.about.split("; ")]
    assert len(said) == len(set(said))
    assert all(deed.day.weekday() < 5 and played.first <= deed.day <= played.last for deed in played.deeds)


def payment(key: str, email: str, at: datetime, **fields: Any) -> Record:
    whole = {"amount": Money(Decimal(300), "EUR"), "status": "paid", "at": at, "who": {"email": email}, **fields}
    return Record(stream="charge", key=key, fields=whole, at=at)


def booking(key: str, email: str, made: datetime, starts: datetime, **fields: Any) -> Record:
    whole = {
        "title": "Appel",
        "event_type": {"key": "e", "name": "Appel"},
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "status": "active",
        "who": {"email": email},
        "created_at": made,
        **fields,
    }
    return Record(stream="booking", key=key, fields=whole, at=starts)


def test_one_journey_for_each_person_with_its_mails_rows_and_requests() -> None:
    bought = ("Coaching",)
    day = datetime(2026, 3, 10, 9, tzinfo=UTC)
    stripe = [
        payment("c1", "Nora@example.com", day, products=bought),
        payment("c2", "nora@example.com", day + timedelta(days=1), products=bought),
        payment("c3", "ida@example.com", day, products=bought, refunded=Money(Decimal(30), "EUR")),
        payment("c4", "who@example.com", day),
        payment("c5", "else@example.com", day, products=("Autre",)),
        payment("c6", "no@example.com", day, products=bought, status="failed"),
        payment("c7", "", day, products=bought),
    ]
    calendly = [booking("b1", "nora@example.com", day + timedelta(days=2), day + timedelta(days=20))]

    played = play(JOURNEY, LILA, mirror(stripe=stripe, calendly=calendly), NOW, 30)

    by = {what: sorted(d.whom for d in played.deeds if d.what == what) for what in ("mail", "row", "request")}
    assert by == {
        "mail": ["ida@example.com", "ida@example.com", "nora@example.com"],
        "row": ["", ""],
        "request": ["obm", "obm"],
    }
    assert played.total == "3 mails to 2 people; 2 rows; 2 requests to 1 person"
    assert "1 payment left out: nothing says what was bought" in played.unknown
    assert "1 record left out: nothing says whose address it is" in played.unknown
    assert "1 payment given back in part: these journeys go on" in played.unknown


def test_a_payment_that_was_given_back_ends_its_journey_on_the_day_on_which_it_was() -> None:
    day, whole = datetime(2026, 3, 10, 9, tzinfo=UTC), Money(Decimal(300), "EUR")
    paid = payment("c1", "nora@example.com", day, products=("Coaching",), refunded=whole)
    given = Record(stream="refund", key="r1", fields={"charge": "c1"}, at=day + timedelta(days=1))

    told = play(JOURNEY, LILA, mirror(stripe=[paid, given]), NOW, 30)
    untold = play(JOURNEY, LILA, mirror(stripe=[paid]), NOW, 30)

    assert [(deed.day.day, deed.what, deed.whom) for deed in told.deeds] == [
        (10, "mail", "nora@example.com"),
        (10, "row", ""),
        (10, "request", "obm"),
        (11, "mail", "obm"),
    ]
    assert not any("given back" in line for line in told.unknown)
    assert [(deed.day.day, deed.about) for deed in untold.deeds] == [(10, "refunded: nora@example.com")]
    assert "1 payment given back, and not said when: these journeys end as they begin" in untold.unknown


def test_a_mail_counts_on_the_day_on_which_it_may_go_out() -> None:
    saturday = datetime(2026, 3, 14, 9, tzinfo=UTC)
    paid = payment("c1", "nora@example.com", saturday, products=("Coaching",))

    played = play(JOURNEY, LILA, mirror(stripe=[paid]), NOW, 7)

    assert [(deed.day.day, deed.what) for deed in played.deeds] == [
        (14, "row"),
        (16, "mail"),
        (16, "request"),
        (17, "mail"),
    ]


def test_what_is_copied_linked_and_dated_anew_is_counted() -> None:
    steps: list[Any] = [
        {"name": "project", "after": "booking", "copy": {"to": "asana", "template": "90 jours",
         "start_on": "booking.day"}},
        {"name": "date", "after": "payment", "link": {"from": "calendly", "event_type": "Appel"}},
    ]  # fmt: skip
    job = OnboardingJob.model_validate({**JOURNEY.model_dump(by_alias=True), "steps": steps, "changes": {}})
    day = datetime(2026, 3, 10, 9, tzinfo=UTC)
    stripe = [payment("c1", "nora@example.com", day, products=("Coaching",))]
    calendly = [
        booking("b1", "nora@example.com", day, day + timedelta(days=20), status="moved", moved_to="b2"),
        booking("b2", "nora@example.com", day + timedelta(days=1), day + timedelta(days=30), moved_from="b1"),
    ]

    played = play(job, LILA, mirror(stripe=stripe, calendly=calendly), NOW, 30)

    assert [(deed.day.day, deed.what, deed.about) for deed in played.deeds if deed.what != "mail"] == [
        (10, "copy", "project: 90 jours for nora@example.com"),
        (10, "link", "date: Appel for nora@example.com"),
        (11, "change of dates", "project.dates: nora@example.com"),
    ]
    assert "1 copy; 1 link; 1 change of dates" in played.total


def test_a_booking_that_is_moved_and_then_cancelled_is_played_in_order() -> None:
    day = datetime(2026, 3, 10, 9, tzinfo=UTC)
    calendly = [
        booking("b1", "nora@example.com", day, day + timedelta(days=20), status="moved", moved_to="b2"),
        booking(
            "b2",
            "nora@example.com",
            day + timedelta(days=1),
            day + timedelta(days=30),
            moved_from="b1",
            status="cancelled",
            cancelled_at=day + timedelta(days=2),
        ),
        booking("b3", "x@example.com", day, day, event_type={"key": "z", "name": "Autre"}),
    ]

    played = play(JOURNEY, LILA, mirror(calendly=calendly), NOW, 30)

    assert [(deed.day.day, deed.whom, deed.about) for deed in played.deeds] == [
        (11, "nora@example.com", "booking_moved: new_time"),
        (12, "obm", "booking_cancelled: nora@example.com"),
    ]


def test_a_sync_counts_what_was_made_and_edited_and_says_what_it_cannot_know() -> None:
    job = SyncJob.model_validate(
        {
            "hub": 1,
            "job": "sync",
            "name": "tasks",
            "says": "x",
            "from": {"connection": "asana", "project": "Lancement"},
            "to": {"connection": "notion", "database": "Tâches"},
            "match_by": "id",
            "fields": [{"source": "title", "target": "Tâche"}],
            "only_if": {"assignee": "any"},
        }
    )
    made = datetime(2026, 3, 18, 9, tzinfo=UTC)
    tasks = [
        task("new", None, created_at=made, edited_at=made),
        task("old", None, edited_at=datetime(2026, 3, 19, 9, tzinfo=UTC)),
        task("nobodys", None, who=None, created_at=made),
    ]

    played = play(job, LILA, mirror(asana=tasks), NOW, 5)

    assert [(deed.day.day, deed.what, deed.count) for deed in played.deeds] == [
        (18, "row to make", 1),
        (19, "row to change", 1),
    ]
    assert played.total == "1 row to make; 1 row to change"
    assert any("last state" in line for line in played.unknown)


def test_figures_change_on_the_days_on_which_money_moved() -> None:
    view = make.view(make.transaction("t1", "100", "2026-11-19"), make.transaction("t2", "50.50", "2026-11-20"))

    played = play(make.job(figures=["cash_in"]), make.business(), Mirror(view=view), make.NOW, 5)

    assert [(deed.day.day, deed.about) for deed in played.deeds] == [
        (19, "cash_in/2026-11/EUR 0 EUR → 100 EUR"),
        (20, "cash_in/2026-11/EUR 100 EUR → 150.50 EUR"),
    ]
    assert played.total == "2 figures to write"
