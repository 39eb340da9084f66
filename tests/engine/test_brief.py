"""The morning brief goes out once on each working day of the OBM, whatever happened to her businesses meanwhile."""

from __future__ import annotations

import email
import os
import re
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox, create_app
from hub.answer_token import Answer, read_answer
from hub.bootstrap import Hub, open_hub
from hub.core.types import Record
from hub.engine import backfill, rounds
from hub.engine.planners import look_and_plan, make_plan, running
from hub.engine.post import action_of
from hub.engine.worker import Worker
from hub.mapping.jobs import BriefJob
from hub.mapping.model import Business
from hub.planning import inverse
from hub.planning.journeys.figures import NOW, to_values
from hub.planning.plan import Plan, dumps
from hub.settings import HubSettings, fernet_key
from hub.store import connections, dead, figures, jobs, ledger, mails, mirror, plans, schema, windows
from hub.store.changes import Change
from hub.store.figures import FigureRow
from hub.store.mails import MailRow
from tests.engine.saboteur import Killed
from tests.planning.clients import line as client
from tests.planning.clients import offer
from tests.sandboxes.serve import serve

CLAIRE = "claire@example.com"
FRIDAY = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""07:00 in Paris; the brief goes at 08:00."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

BUSINESS = """\
hub: 1
business: {title}
language: {language}
timezone: Europe/Paris
holidays: FR
people:
  obm: {{name: Claire, email: {obm}}}
  lea: {{name: Léa, email: lea@example.com}}
  zoe: {{name: Zoé}}
connections: {connections}
{more}
"""
DEADLINES = """\
hub: 1
job: deadline_alerts
says: Each task in time.
watch:
  - {from: asana, project: Lancement}
alerts:
  - {name: today, when: on the day, tell: assignee, by: digest}
"""
ONBOARDING = """\
hub: 1
job: client_onboarding
says: Welcome each client.
offer: Programme Élan
starts_on:
  - {event: payment, from: stripe, product: Programme Élan}
steps:
  - {name: contract, after: payment, ask: {who: obm, to: Contrat envoyé}}
"""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = FRIDAY

    def __call__(self) -> datetime:
        return self.at


class Office:
    """Some businesses in a folder, one hub over them, and a mail server that none of us wrote."""

    def __init__(self, folder: Path, post: EmailSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.post, self._environment = folder / "mappings", post, monkeypatch
        self.settings = HubSettings(mappings=self.folder, data=folder / "data")
        self.clock = Clock()

    def business(
        self,
        key: str,
        title: str,
        *,
        connected: str = "{email: {}}",
        obm: str = CLAIRE,
        language: str = "fr",
        more: str = "",
        deadlines: bool = False,
    ) -> None:
        folder = self.folder / key
        folder.mkdir(parents=True, exist_ok=True)
        text = BUSINESS.format(title=title, language=language, obm=obm, connections=connected, more=more)
        (folder / "business.yaml").write_text(text, encoding="utf-8")
        if deadlines:
            (folder / "deadlines.yaml").write_text(DEADLINES, encoding="utf-8")
        at = self.post.servers()
        keys = {
            "ADDRESS": DEFAULT_USER,
            "FROM_NAME": title,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(at["smtp"]["port"]),
            "SMTP_TLS": "starttls",
            "SMTP_USER": DEFAULT_USER,
            "SMTP_PASSWORD": DEFAULT_PASSWORD,
            "CA_FILE": at["ca_file"],
            "MAILS_PER_MINUTE": "1000",
        }
        for name, value in keys.items():
            self._environment.setenv(f"HUB_{key.upper()}_EMAIL_{name}", value)

    def away(self, key: str) -> None:
        """Nobody answers at the mail server of that business."""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self._environment.setenv(f"HUB_{key.upper()}_EMAIL_SMTP_PORT", str(closed.getsockname()[1]))

    def open(self) -> Any:
        return open_hub(self.settings, self.clock)

    def sent(self) -> list[EmailMessage]:
        found = [email.message_from_string(one["raw"], policy=default) for one in self.post.mails()]
        return [one for one in found if isinstance(one, EmailMessage)]

    def said(self) -> str:
        """The plain text of the one mail that was sent, with ordinary spaces."""
        (mail,) = self.sent()
        return text_of(mail)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def served() -> Iterator[EmailSandbox]:
    app = create_app()
    with serve(app):
        yield app.state.sandbox


@pytest.fixture
def office(tmp_path: Path, served: EmailSandbox, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    served.heal()
    served.forget()
    return Office(tmp_path, served, monkeypatch)


def morning(office: Office, hub: Hub, key: str = "lila", at: datetime = FRIDAY + HOUR) -> None:
    """What the schedule does at that instant, and what the worker makes of it."""
    office.clock.at = at
    rounds.open_round(hub.runtimes[key])
    work(hub, key)


def work(hub: Hub, key: str = "lila") -> list[str]:
    """The turns of a fresh worker, as after a restart; their problems."""
    with hub.store.write() as conn:
        conn.execute(update(schema.jobs).values(lease_owner=None, lease_until=None))
    worker = Worker(hub.store, hub.runtimes, now=hub.runtimes[key].now)
    return [problem for turn in worker.turns(hub.runtimes[key]) for problem in turn.problems]


def rest(hub: Hub, key: str) -> None:
    """Every connection of the business has answered, and every job had its turn."""
    runtime = hub.runtimes[key]
    with hub.store.write() as conn:
        for name in runtime.specs:
            connections.ok(conn, key, name, runtime.now())
        for turn in jobs.claim(conn, key, "test", runtime.now(), 60):
            jobs.settle(conn, turn, runtime.now())


def two(office: Office) -> None:
    """Two businesses of one OBM; the first by key that can send mails is the home of her brief."""
    office.business("lila", "Atelier Lila", connected="{asana: {}, email: {}}")
    office.business("marc", "Marc Conseil", connected="{asana: {}, email: {}}", deadlines=True)


def test_one_mail_for_all_businesses_of_one_obm_says_that_all_is_well(office: Office) -> None:
    two(office)
    with office.open() as hub:
        for key in ("lila", "marc"):
            rest(hub, key)
        morning(office, hub)
        morning(office, hub, "marc")
        morning(office, hub, at=FRIDAY + 2 * HOUR)
        with hub.store.read() as conn:
            (row,) = mails.since(conn, "lila", FRIDAY)
            assert mails.since(conn, "marc", FRIDAY) == []
    (mail,) = office.sent()
    assert mail["To"] == f"Claire <{CLAIRE}>"
    assert mail["Subject"] == row.subject == "Tout va bien — 2 entreprises"
    said = office.said()
    assert "- Atelier Lila : tout va bien · 2 connexions · 0 travail · 0 mail envoyé." in said
    assert "- Marc Conseil : tout va bien" in said
    assert (row.reader, row.kind, row.day, row.state) == ("obm", "brief", "2026-11-20", "done")
    assert row.key.startswith("brief/")
    assert CLAIRE not in row.key


def test_what_needs_her_in_either_business_is_in_it(office: Office) -> None:
    two(office)
    with office.open() as hub:
        for key in ("lila", "marc"):
            rest(hub, key)
        disorder(hub, "marc")
        morning(office, hub)
    said = office.said()
    (mail,) = office.sent()
    assert mail["Subject"] == "2 choses à décider, 4 choses à régler, 1 tâche en retard — 2 entreprises"
    for part in (
        "- Marc Conseil : le plan ",
        "de deadlines attend votre décision : 60 mails.",
        "- Marc Conseil : mail « Vos tâches » › Léa (deadlines, vendredi 20 novembre à 7 h) : personne ne sait si",
        "- Marc Conseil : Asana (asana) est en pause depuis vendredi 20 novembre à 7 h : Asana refuses the token.",
        "hub connect asana --business marc",
        "- Marc Conseil : 1 lettre morte chez asana : task 1 has no title.",
        "- Marc Conseil : Zoé a 1 tâche et pas d'adresse.",
        "- Marc Conseil : Asana n'a rien dit du jeudi 19 novembre à 7 h au vendredi 20 novembre à 7 h (no sign), et",
        "- Marc Conseil : Léa : 1 (« Page de vente », depuis mercredi 18 novembre).",
        "- Marc Conseil : Asana n'a rien dit du jeudi 19 novembre à 7 h au jeudi 19 novembre à 10 h (it had "
        "deleted us)",
        "c'est rattrapé : 12 fiches relues.",
        "3 mails envoyés · 2 tâches ouvertes.",
        "- Atelier Lila : tout va bien",
    ):
        assert part in said, part


def test_clients_are_in_it_where_no_page_shows_them(office: Office) -> None:
    office.business("lila", "Atelier Lila", connected="{stripe: {}, email: {}}")
    (office.folder / "lila" / "onboarding.yaml").write_text(ONBOARDING, encoding="utf-8")
    with office.open() as hub:
        rest(hub, "lila")
        counted = offer({"asked_not_ticked": [client(about="contract")], "journeys_open": [client()]})
        rows = [
            FigureRow(each.figure, NOW, "", each.value, each.unit, to_values(each.lines), False, FRIDAY)
            for each in counted.figures.values()
        ]
        with hub.store.write() as conn:
            figures.put(conn, "lila", "onboarding", rows, FRIDAY)
        morning(office, hub)
    (mail,) = (one for one in office.sent() if CLAIRE in str(one["To"]))
    assert mail["Subject"] == "1 client à suivre — Atelier Lila"
    said = text_of(mail)
    assert "- Programme Élan : demandé, pas encore fait, 1 : Marie Dupont (Contrat envoyé, depuis mardi 3 " in said
    assert "- Programme Élan : 1 accueil en cours · 0 en pause · " in said


def disorder(hub: Hub, key: str) -> None:
    """One of each, at the business of that key."""
    store, runtime = hub.store, hub.runtimes[key]
    (job,) = next(item for item in hub.loaded.businesses if item.business.key == key).jobs
    runtime.jobs.setdefault(job.name, job)
    now = runtime.now()
    change = Change(
        business=key, connection="asana", stream="task", key="1", seq=1, attempts=4, first_at=now, due_at=now
    )
    who = ({"key": "7", "name": "Léa"},)
    tasks = [
        record("1", "Page de vente", date(2026, 11, 18), who),
        record("2", "Plus tard", date(2026, 12, 18), ({"key": "8", "name": "Zoé"},)),
    ]
    mail = action_of("k", "lea@example.com", {"subject": "Vos tâches"}, "why", name="Léa")
    summary, held = inverse.summary(mail), Plan(business=key, job="deadlines", at=now, actions=(mail,))
    with store.write() as conn:
        mirror.put(conn, key, "asana", tasks, now)
        plans.save(conn, key, "deadlines", "d", dumps(held), "held", "60 mails", now)
        ledger.begin(conn, key, "k", job="deadlines", kind="send", summary=summary, run=None, now=now)
        ledger.uncertain(conn, key, "k", "why", now)
        connections.pause(conn, key, "asana", "Asana refuses the token.", now)
        dead.bury(conn, change, "task 1 has no title", now)
        windows.add(conn, key, "asana", "p", "it had deleted us", now - DAY, now - 21 * HOUR)
        windows.reconcile(conn, key, "asana", now - 20 * HOUR, now - 20 * HOUR, 12)
        windows.add(conn, key, "asana", "p", "no sign", now - DAY, now)
        for number in range(3):
            sent(conn, key, f"m{number}", now)


def record(key: str, title: str, due: date, who: tuple[dict[str, str], ...]) -> Record:
    place = {"key": "p", "name": "Lancement"}
    return Record(
        stream="task",
        key=key,
        fields={"title": title, "due": due, "done": False, "assignees": who, "places": (place,)},
    )


def sent(conn: Any, business: str, key: str, at: datetime) -> None:
    ledger.begin(conn, business, key, job="deadlines", kind="send", summary="{}", run=None, now=at)
    row = MailRow(
        key=key,
        job="deadlines",
        reader="lea",
        kind="digest",
        day="2026-11-20",
        address="lea@example.com",
        subject="s",
        lines=(),
        at=at,
        state="started",
    )
    mails.begin(conn, business, row, ())
    ledger.done(conn, business, key, None, at)


def test_a_held_plan_has_a_link_that_acts_for_her_and_stands_in_no_plan(office: Office) -> None:
    two(office)
    office.settings = office.settings.model_copy(update={"public_url": "https://hub.example.com"})
    with office.open() as hub:
        disorder(hub, "marc")
        office.clock.at = FRIDAY + HOUR
        with hub.store.write() as conn:
            mails.open_round(conn, "lila", office.clock())
            (held,) = plans.listing(conn, "marc", "held")
        runtime = hub.runtimes["lila"]
        planned = dumps(make_plan(runtime, runtime.jobs["brief"]).plan)
        morning(office, hub)
        key = fernet_key(office.settings)
    html = office.sent()[0].get_body(("html",))
    assert isinstance(html, EmailMessage)
    (token,) = re.findall(r'href="https://hub\.example\.com/answer/marc/([^"]+)"', html.get_content())
    assert token not in planned
    assert "hub.invalid" in planned
    assert "hub.invalid" not in office.said()
    answer = read_answer(key, "marc", token, office.clock())
    assert isinstance(answer, Answer)
    assert (answer.job, answer.reader, answer.what, answer.value) == ("deadlines", "obm", "apply", held.id)


def test_a_business_whose_data_is_broken_costs_only_its_own_line(office: Office) -> None:
    two(office)
    with office.open() as hub:
        rest(hub, "lila")
        disorder(hub, "marc")
        with hub.store.write() as conn:
            conn.execute(update(schema.mirror).where(schema.mirror.c.business == "marc").values(body="{broken"))
        morning(office, hub)
    said = office.said()
    assert office.sent()[0]["Subject"] == "1 chose à régler — 2 entreprises"
    assert "- Marc Conseil : ses données n'ont pas pu être lues (" in said
    assert "- Marc Conseil : inconnue." in said
    assert "- Atelier Lila : tout va bien" in said


def test_a_file_that_is_broken_is_said_and_its_business_still_told(office: Office) -> None:
    two(office)
    with office.open() as hub:
        for key in ("lila", "marc"):
            rest(hub, key)
        path = office.folder / "marc" / "business.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("language: fr", "langage: fr"), encoding="utf-8")
        office.business("noor", "Noor", more="nonsense: 1")
        hub.renew()
        morning(office, hub)
    said = office.said()
    assert office.sent()[0]["Subject"] == "2 choses à régler — 2 entreprises"
    assert "- Marc Conseil : 1 chose à régler · 2 connexions" in said
    assert "langage" in said
    assert "nonsense" in said, "what is wrong with a business that does not run yet is nobody's, and is said"


def test_nothing_goes_on_days_on_which_she_does_not_work(office: Office) -> None:
    away = "working_days: [mon, tue, wed, thu, fri]"
    office.business("lila", "Atelier Lila", more=away)
    path = office.folder / "lila" / "business.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("obm: {name: Claire,", "obm: {name: Claire, away: [{from: 2026-11-23}],"), encoding="utf-8"
    )
    with office.open() as hub:
        for days, expected in ((0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (5, 3)):
            morning(office, hub, at=FRIDAY + HOUR + days * DAY)
            assert len(office.sent()) == expected, FRIDAY + days * DAY
        # The Monday that she is away, and the weekend before, are in Tuesday's.
        assert "depuis vendredi 20 novembre à 8 h" in text_of(office.sent()[1])


def test_it_waits_for_its_hour_and_for_the_schedule_that_opens_it(office: Office) -> None:
    office.business("lila", "Atelier Lila", more='brief: {at: "09:15"}')
    with office.open() as hub:
        runtime = hub.runtimes["lila"]
        assert {(at.isoformat("minutes"), zone) for at, zone in rounds.slots(runtime)} == {("09:15", "Europe/Paris")}
        morning(office, hub, at=FRIDAY + 2 * HOUR)
        assert office.sent() == []
        office.clock.at = FRIDAY + 3 * HOUR
        with hub.store.write() as conn:
            jobs.dirty(conn, "lila", runtime.jobs, office.clock())
        assert work(hub) == []
        assert office.sent() == [], "the slot was not opened: the deployment is paused in the UI"
        morning(office, hub, at=FRIDAY + 3 * HOUR)
        assert len(office.sent()) == 1


def test_late_is_better_than_never_but_not_at_night(office: Office) -> None:
    office.business("lila", "Atelier Lila")
    with office.open() as hub:
        morning(office, hub, at=FRIDAY + 10 * HOUR)
        assert len(office.sent()) == 1
        morning(office, hub, at=FRIDAY + 3 * DAY + 14 * HOUR)
        assert len(office.sent()) == 1, "it is 21:00"
        morning(office, hub, at=FRIDAY + 4 * DAY + HOUR)
        assert "comptés depuis vendredi 20 novembre à 17 h" in text_of(office.sent()[1])


def test_a_server_that_is_away_gets_it_when_it_is_back_the_same_day(office: Office) -> None:
    office.business("lila", "Atelier Lila")
    office.post.fault("450", "mail", times=2)
    with office.open() as hub:
        morning(office, hub)
        assert office.sent() == []
        for _ in range(2):
            office.clock.at += HOUR
            work(hub)
        assert len(office.sent()) == 1
        morning(office, hub, at=FRIDAY + 4 * HOUR)
        assert len(office.sent()) == 1
    assert "tout va bien" in office.said(), "that the brief itself had failed is over when it is read"


def test_a_server_that_nobody_reaches_puts_the_brief_off(office: Office) -> None:
    office.business("lila", "Atelier Lila")
    office.away("lila")
    with office.open() as hub:
        office.clock.at = FRIDAY + HOUR
        rounds.open_round(hub.runtimes["lila"])
        assert work(hub) != []
        with hub.store.read() as conn:
            (state,) = jobs.listing(conn, "lila")
            assert ledger.counts(conn, "lila") == {"failed": 1}
        assert state.dirty_seq > state.planned_seq
        assert state.due_at > office.clock()


def test_a_login_that_is_refused_pauses_the_connection_until_it_is_right_again(office: Office) -> None:
    office.business("lila", "Atelier Lila")
    office.post.fault("535", "login", times=50)
    with office.open() as hub:
        morning(office, hub)
        with hub.store.read() as conn:
            (state,) = connections.listing(conn, "lila")
        assert state.paused_at is not None
        assert not backfill.probe(hub.runtimes["lila"], "email")
        office.post.heal()
        assert backfill.probe(hub.runtimes["lila"], "email")
        office.clock.at += HOUR
        assert work(hub) == []
        with hub.store.read() as conn:
            (state,) = connections.listing(conn, "lila")
        assert state.paused_at is None
    assert "tout va bien" in office.said()


def test_an_address_that_is_refused_for_good_is_tried_once_a_day(office: Office) -> None:
    office.business("lila", "Atelier Lila")
    office.post.fault("550", "rcpt", times=1)
    with office.open() as hub:
        morning(office, hub)
        morning(office, hub, at=FRIDAY + 2 * HOUR)
        assert office.sent() == []
        morning(office, hub, at=FRIDAY + 3 * DAY + HOUR)
    assert "L'adresse de Claire est refusée" in office.said()


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_it_is_handed_over_it_is_uncertain_and_in_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    office.business("lila", "Atelier Lila")
    with office.open() as hub:
        messenger = hub.runtimes["lila"].messenger("email")
        send = messenger.send

        def dies(letter: Any) -> None:
            if after:
                send(letter)
            raise Killed

        monkeypatch.setattr(messenger, "send", dies)
        with pytest.raises(Killed):
            morning(office, hub)
        monkeypatch.setattr(messenger, "send", send)
        assert len(office.sent()) == after
        morning(office, hub, at=FRIDAY + 2 * HOUR)
        assert len(office.sent()) == after, "nobody knows whether it went out, so it is not sent again"
        runtime = hub.runtimes["lila"]
        assert make_plan(runtime, runtime.jobs["brief"]).plan.actions == ()
        with hub.store.read() as conn:
            assert ledger.counts(conn, "lila") == {"uncertain": 1}
        office.post.forget()
        morning(office, hub, at=FRIDAY + 3 * DAY + HOUR)
    assert office.sent()[0]["Subject"] == "1 chose à décider — Atelier Lila"
    assert "mail « Tout va bien — Atelier Lila » › Claire (brief, vendredi 20 novembre à 8 h)" in office.said()


def test_no_answer_after_the_content_is_uncertain_too(office: Office) -> None:
    office.business("lila", "Atelier Lila")
    office.post.fault("close", "content")
    with office.open() as hub:
        morning(office, hub)
        morning(office, hub, at=FRIDAY + 2 * HOUR)
        with hub.store.read() as conn:
            assert ledger.counts(conn, "lila") == {"uncertain": 1}
    assert len(office.sent()) == 1


def test_each_obm_hears_of_her_own_businesses_only(office: Office) -> None:
    office.business("lila", "Atelier Lila", obm=" Claire@Example.com", connected="{asana: {}}")
    office.business("marc", "Marc Conseil")
    office.business("noor", "Noor", obm="dana@example.com", language="en")
    office.business("olga", "Olga", more="brief: false")
    with office.open() as hub:
        briefs = {
            key: job
            for key, runtime in hub.runtimes.items()
            for job in runtime.jobs.values()
            if isinstance(job, BriefJob)
        }
        assert {key: [title for _, title in job.businesses] for key, job in briefs.items()} == {
            "marc": ["Atelier Lila", "Marc Conseil"],
            "noor": ["Noor"],
        }
        rest(hub, "lila")
        for key in hub.runtimes:
            morning(office, hub, key)
    claire, dana = sorted(office.sent(), key=lambda mail: str(mail["To"]))
    assert (claire["Subject"], dana["Subject"]) == ("Tout va bien — 2 entreprises", "All is well — Noor")
    assert "Noor" not in text_of(claire)
    assert "Lila" not in text_of(dana)


def test_a_business_that_comes_or_goes_changes_the_brief_and_a_new_home_sends_it_no_second_time(
    office: Office,
) -> None:
    office.business("marc", "Marc Conseil")
    with office.open() as hub:
        morning(office, hub, "marc")
        assert office.sent()[0]["Subject"] == "Tout va bien — Marc Conseil"
        before = hub.runtimes["marc"]
        office.business("lila", "Atelier Lila")
        renewed = hub.renew()
        assert {one.key for one in renewed.replaced} == {"lila", "marc"}
        assert "brief" in before.jobs
        assert "brief" not in hub.runtimes["marc"].jobs
        morning(office, hub, "lila", at=FRIDAY + 2 * HOUR)
        assert len(office.sent()) == 1
        morning(office, hub, "lila", at=FRIDAY + 3 * DAY + HOUR)
    assert office.sent()[1]["Subject"] == "Tout va bien — 2 entreprises"


def test_a_plan_shows_the_mail_or_when_it_goes_and_what_it_would_say(office: Office) -> None:
    office.business("lila", "Atelier Lila", language="en")
    with office.open() as hub:
        runtime = hub.runtimes["lila"]
        job = runtime.jobs["brief"]
        assert make_plan(runtime, job).plan.notes == ()
        early = look_and_plan(runtime, job, make_plan(runtime, job)).plan
        assert early.actions == ()
        assert early.notes[0] == "It is not yet time for today's brief."
        assert "goes on 2026-11-20 at 08:00; as things are it would say: All is well — Atelier Lila" in early.notes[1]
        assert "Good morning Claire," in early.notes
        office.clock.at = FRIDAY + HOUR
        with hub.store.write() as conn:
            mails.open_round(conn, "lila", office.clock())
        due = look_and_plan(runtime, job, make_plan(runtime, job)).plan
        (action,) = due.actions
        assert (action.kind, action.collection, action.row) == ("send", "mail", CLAIRE)
        assert action.values["subject"] == "All is well — Atelier Lila"
        assert due == look_and_plan(runtime, job, make_plan(runtime, job)).plan
    assert office.sent() == []


def test_nobody_gets_one_without_an_address_a_mail_connection_or_when_she_has_left(office: Office) -> None:
    def business(**more: Any) -> Business:
        said = {"hub": 1, "business": "Lila", "key": "lila", "connections": {"email": {}}} | more
        return Business.model_validate(said)

    claire = {"name": "Claire", "email": CLAIRE}
    for one in (
        business(),
        business(people={"obm": {"name": "Claire"}}),
        business(people={"ceo": claire}),
        business(people={"obm": claire}, connections={"notion": {}}),
        business(people={"obm": claire}, brief=False),
    ):
        assert running(one, (), [one]) == ()
    renamed = business(people={"obm": claire}, connections={"boite": {"connector": "email"}})
    (job,) = running(renamed, (), [renamed])
    assert isinstance(job, BriefJob)
    assert (job.connection, job.at, job.name) == ("boite", "08:00", "brief")

    office.business("lila", "Atelier Lila")
    path = office.folder / "lila" / "business.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("obm: {name: Claire,", "obm: {name: Claire, left: 2026-11-20,"), encoding="utf-8")
    with office.open() as hub:
        morning(office, hub)
        runtime = hub.runtimes["lila"]
        (note,) = look_and_plan(runtime, runtime.jobs["brief"], make_plan(runtime, runtime.jobs["brief"])).plan.notes
        assert note.replace("\u00a0", " ") == "Aucun point du matin : Claire n'est plus là, d'après business.yaml."
    assert office.sent() == []
