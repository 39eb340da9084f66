"""The CEO gets each week and month that is over by mail: once, as its page says it, at a decent hour, whatever happens.

Real Stripe, Notion and mail sandboxes on real sockets; the hub is killed in process at each step of its work.
"""

from __future__ import annotations

import email
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr

from connectors import registry
from connectors.email.messenger import EmailMessenger
from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox, create_app
from connectors.email.settings import EmailSettings
from connectors.email.spec import SPEC as EMAIL
from connectors.notion.sandbox.state import Page
from connectors.notion.spec import SPEC as NOTION
from hub.core.protocol import Connector, Context
from hub.core.types import Ref
from hub.engine import rounds
from hub.engine.changed import mapping_of
from hub.engine.letters import LETTERS
from hub.engine.planners import look_and_plan, make_plan, running
from hub.engine.runtime import Runtime
from hub.engine.worker import Worker
from hub.mapping.jobs import Job, ReportJob, report_job
from hub.mapping.model import Business
from hub.planning.plan import Plan
from hub.planning.weekly import title_of
from hub.store import connections, jobs, links, mails
from hub.store.database import Store, open_store
from tests.engine import world
from tests.engine.saboteur import Killed, Saboteur
from tests.engine.world import DAY, START, Boxes, Site
from tests.sandboxes.serve import serve

LILA = "lila@example.com"
PARIS = ZoneInfo("Europe/Paris")
INSTALLED = START
"""A Saturday, the 21st of November; the first week that is the hub's own is that of Monday the 23rd."""
WEEK, NEXT_WEEK = "Semaine du 23/11/2026 au 29/11/2026", "Semaine du 30/11/2026 au 06/12/2026"
NOVEMBER = "Clôture de novembre 2026"
SEEDS = range(int(os.environ.get("TEST_REPORT_SEEDS", "4")))


@pytest.fixture(scope="module")
def post() -> Iterator[EmailSandbox]:
    app = create_app()
    with serve(app):
        yield app.state.sandbox


class House(Site):
    """A business whose figures stand on a page, and whose CEO has an address."""

    def __init__(self, boxes: Boxes, store: Store, post: EmailSandbox, **said: Any) -> None:
        self.post, self.said = post, said
        super().__init__(boxes, store)

    def start(self) -> None:
        raw = self.business.model_dump(mode="json", exclude_unset=True, exclude={"key"})
        raw["people"]["ceo"] = {"name": "Lila", "email": LILA} | self.said.get("ceo", {})
        raw["connections"] |= {"email": {}}
        raw |= {name: value for name, value in self.said.items() if name != "ceo"}
        business = Business.model_validate(raw | {"key": self.key})
        found = report_job(business, [self.job])
        mine: list[Job] = [self.job] if found is None else [self.job, found]
        specs = {name: registry.load(name) for name in ("stripe", "notion", "email")}
        with self.store.write() as conn:
            connections.ensure(conn, self.key, specs)
            jobs.ensure(conn, self.key, [one.name for one in mine], self.clock())
        self.runtime = Runtime(self.store, business, tuple(mine), specs, self._open, self.clock)
        self.worker = Worker(self.store, {self.key: self.runtime}, now=self.clock)

    @contextmanager
    def _open(self, connection: str) -> Iterator[Connector]:
        if connection != "email":
            with super()._open(connection) as live:
                yield live
            return
        at = self.post.servers()
        settings = EmailSettings(
            address=DEFAULT_USER,
            from_name="Atelier Lila",
            smtp_host="127.0.0.1",
            smtp_port=at["smtp"]["port"],
            smtp_tls="starttls",
            smtp_user=DEFAULT_USER,
            smtp_password=SecretStr(DEFAULT_PASSWORD),
            ca_file=Path(at["ca_file"]),
        )
        with EMAIL.connect(settings, Context(limiter=self.limits, now=self.clock)) as live:
            yield live

    def install(self) -> House:
        """It counts for the first time."""
        self.shop.sell(amount=10_000, at=self.clock() - DAY)
        self.backfill()
        self.turn()
        return self

    def report(self) -> ReportJob:
        (found,) = (job for job in self.runtime.jobs.values() if isinstance(job, ReportJob))
        return found

    def to(self, when: str) -> None:
        """It is that local time in Paris."""
        at = datetime.fromisoformat(f"2026-{when}" if len(when) < 15 else when).replace(tzinfo=PARIS)
        assert at >= self.clock(), "the clock never goes back"
        self.clock.skip((at - self.clock()).total_seconds())

    def hour(self, when: str = "", *, heard: bool = True, opens: bool = True) -> None:
        """What the schedule does at that local time: the source answers, every job plans, slots open."""
        if when:
            self.to(when)
        if heard:
            self.catch_up()
        with self.store.write() as conn:
            jobs.dirty(conn, self.key, self.runtime.jobs, self.clock())
        if opens:
            rounds.open_round(self.runtime)
        self.turn()

    def mails(self) -> list[EmailMessage]:
        found = [email.message_from_string(one["raw"], policy=default) for one in self.post.mails()]
        return [one for one in found if isinstance(one, EmailMessage)]

    def told(self) -> list[str]:
        """The weeks and months that mails were about, in order."""
        return [str(mail["Subject"]).partition(" — ")[0] for mail in self.mails()]

    def page_of(self, title: str) -> str | None:
        """The id of a page inside the CEO's page."""
        state = self.notion.state
        with state.lock:
            for page in self.pages():
                for child in (state.things[one] for one in state.things[page].children):
                    if isinstance(child, Page) and _said(child.values["title"]) == title and child.children:
                        return child.id
        return None

    def says(self, title: str) -> list[str]:
        """The texts of such a page."""
        found = self.page_of(title)
        assert found is not None, f"no page {title}"
        things = self.notion.state.things
        return [_said(things[child].content.get("rich_text") or []) for child in things[found].children]

    def plan(self) -> Plan:
        job = self.report()
        return look_and_plan(self.runtime, job, make_plan(self.runtime, job)).plan


def _said(rich: Any) -> str:
    return "".join(part["plain_text"] for part in rich)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


@pytest.fixture
def make(boxes: Boxes, store: Store, post: EmailSandbox) -> Iterator[Callable[..., House]]:
    """Makes the business, with what business.yaml says otherwise."""
    post.heal()
    post.forget()
    boxes.notion.plan()
    made: list[House] = []

    def one(**said: Any) -> House:
        made.append(House(boxes, store, post, **said))
        return made[-1].install()

    yield one
    for each in made:
        each.close()


def test_a_week_that_is_over_is_in_one_mail_that_says_what_its_page_says(make: Callable[..., House]) -> None:
    house = make()
    house.to("11-25T12:00")
    house.shop.sell(amount=12_300, at=house.clock())
    house.hour("11-30T00:07", opens=False)
    lines = house.says(WEEK)
    house.hour("11-30T08:07", opens=False)
    assert house.told() == [], "it is not yet half past eight"
    house.hour("11-30T08:30")
    for when in ("11-30T09:07", "11-30T17:07", "12-01T07:07"):
        house.hour(when)

    (mail,) = house.mails()

    assert (mail["To"], mail["Subject"]) == (f"Lila <{LILA}>", f"{WEEK} — Atelier Lila")
    said = text_of(mail)
    assert "Argent encaissé\u00a0: 123,00\u00a0€ dans la semaine, 100,00\u00a0€ la semaine d'avant." in lines
    assert [line for line in lines if line not in " ".join(said.split("\n"))] == []
    assert said.startswith("Bonjour Lila,")
    page = house.page_of(WEEK)
    assert page is not None
    assert f'href="https://app.notion.com/p/{page.replace("-", "")}"' in text_of(mail, "html")
    assert mail["List-Unsubscribe"] is None, "a mail to one person about her own business"
    assert mail["Auto-Submitted"] == "auto-generated"
    with house.store.read() as conn:
        (row,) = mails.since(conn, house.key, INSTALLED)
    assert (row.key, row.reader, row.kind, row.day, row.state) == (
        "report/revenue/week/2026-W48", "ceo", "report", "2026-11-30", "done",
    )  # fmt: skip


def test_the_address_of_a_page_is_the_one_that_notion_tells(make: Callable[..., House]) -> None:
    house = make()
    house.hour("11-30T08:30")
    page = house.page_of(WEEK)
    assert page is not None
    assert NOTION.address is not None
    headers = {"Authorization": f"Bearer {house.token}", "Notion-Version": "2025-09-03"}
    answer = httpx.get(f"{house.boxes.notion_url}/v1/pages/{page}", headers=headers).raise_for_status().json()
    where, _, number = NOTION.address(Ref(page)).rpartition("/")
    assert answer["url"].startswith(f"{where}/")
    assert answer["url"].endswith(f"-{number}")


def test_nothing_is_told_of_weeks_before_the_hub_was_there(make: Callable[..., House]) -> None:
    house = make()
    for when in ("11-21T12:00", "11-23T08:30", "11-24T08:30", "11-27T08:30"):
        house.hour(when)
    assert house.told() == []
    assert house.page_of("Semaine du 16/11/2026 au 22/11/2026") is None


def test_a_month_is_told_once_and_no_second_time_when_it_is_restated(make: Callable[..., House]) -> None:
    house = make()
    house.hour("11-30T08:30")
    house.hour("12-01T08:30")
    assert house.told() == [WEEK, NOVEMBER]
    assert "Argent encaissé\u00a0: 100,00\u00a0€, 1\u00a0% de l'objectif" in text_of(house.mails()[1])

    house.shop.sell(amount=50_000, at=datetime(2026, 11, 27, 12, 0, tzinfo=PARIS))
    house.backfill(again=True)
    for when in ("12-01T11:07", "12-02T08:30", "12-03T08:30"):
        house.hour(when)

    assert house.rows()["cash_in/2026-11/EUR"]["Montant"] == 600
    assert house.told() == [WEEK, NOVEMBER]


def test_after_a_stop_of_three_weeks_only_the_last_week_and_the_month_are_told(make: Callable[..., House]) -> None:
    house = make()
    house.hour("12-15T10:00")
    house.hour("12-15T11:00")
    assert sorted(house.told()) == [NOVEMBER, "Semaine du 07/12/2026 au 13/12/2026"]


def test_a_week_waits_for_every_source_and_goes_when_it_has_answered(make: Callable[..., House]) -> None:
    house = make()
    house.hour("11-29T20:07", opens=False)
    house.hour("11-30T01:07", heard=False)  # not silent for long, but what the evening brought is not read
    assert house.page_of(WEEK) is None
    house.hour("11-30T08:30", heard=False)
    assert house.told() == []
    house.hour("11-30T11:07", opens=False)
    assert house.told() == [WEEK], "the slot of the morning is open, and the page stands"


def test_it_waits_for_its_page_as_long_as_notion_is_away(make: Callable[..., House]) -> None:
    house = make()
    house.notion.fault("unavailable", path="/v1/pages", method="POST", times=200)
    house.hour("11-30T08:30")
    house.hour("11-30T09:30")
    assert house.page_of(WEEK) is None
    assert house.told() == []
    house.boxes.well()
    house.hour("11-30T11:07")
    house.work()
    assert house.told() == [WEEK]


def test_a_week_that_was_overtaken_before_it_could_go_is_not_told_any_more(make: Callable[..., House]) -> None:
    house = make(ceo={"away": [{"from": "2026-11-30", "to": "2026-12-06"}]})
    house.hour("11-30T08:30")
    assert house.page_of(WEEK) is not None
    house.hour("12-07T08:30", heard=False)
    assert house.told() == []
    house.hour("12-07T11:07")
    assert sorted(house.told()) == [NOVEMBER, NEXT_WEEK]


@pytest.mark.parametrize(
    ("ceo", "made", "sent"),
    [
        ({}, "11-30T00:30", "11-30T08:30"),
        ({"away": [{"from": "2026-11-30", "to": "2026-12-01"}]}, "11-30T00:30", "12-02T08:30"),
        ({"working_days": ["thu"]}, "11-30T00:30", "12-03T08:30"),
        ({"timezone": "America/Montreal"}, "11-30T00:30", "11-30T14:30"),
        ({"timezone": "Pacific/Auckland"}, "11-30T00:30", "11-30T00:30"),  # it is half past twelve there
        ({"timezone": "Pacific/Auckland"}, "11-30T12:30", "11-30T20:30"),  # the page is made in her night
    ],
)
def test_it_goes_in_the_first_open_hour_of_a_working_day_of_hers(
    make: Callable[..., House], ceo: dict[str, Any], made: str, sent: str
) -> None:
    house = make(ceo=ceo)
    house.hour(made)
    assert house.page_of(WEEK) is not None
    for _ in range(90):
        if house.told():
            break
        house.clock.skip(3600)
        rounds.open_round(house.runtime)
        house.turn()
    assert house.told() == [WEEK]
    assert f"{house.clock().astimezone(PARIS):%m-%dT%H:%M}" == sent


def test_it_does_not_go_at_night_and_the_next_morning_it_goes(make: Callable[..., House]) -> None:
    house = make()
    house.hour("11-30T08:30", heard=False)
    house.hour("11-30T18:07")
    house.hour("11-30T23:07")
    assert house.page_of(WEEK) is not None
    assert house.told() == []
    house.hour("12-01T08:30")
    assert sorted(house.told()) == [NOVEMBER, WEEK]


def test_nothing_goes_before_the_schedule_opens_the_hour(make: Callable[..., House]) -> None:
    house = make(report={"at": "10:15"})
    assert [(str(at), zone) for at, zone in rounds.slots(house.runtime)] == [("10:15:00", "Europe/Paris")]
    house.hour("11-30T10:00")
    house.hour("11-30T12:00", opens=False)
    assert house.told() == [], "the deployment is paused in the UI"
    house.hour("11-30T13:00")
    assert house.told() == [WEEK]


def test_it_is_in_her_language_and_the_page_in_that_of_the_business(make: Callable[..., House]) -> None:
    house = make(ceo={"language": "en"})
    house.hour("11-30T08:30")
    (mail,) = house.mails()
    assert house.says(WEEK)[0] == "Ce qui a changé"
    assert mail["Subject"] == "Week from 2026-11-23 to 2026-11-29 — Atelier Lila"
    said = text_of(mail)
    for part in ("Hello Lila,", "What changed", "What was done automatically", "The same in Notion:"):
        assert part in said
    assert "Argent encaissé: €0.00 in the week, €100.00 in the week before." in said


def test_a_server_that_is_away_gets_it_when_it_is_back(make: Callable[..., House]) -> None:
    house = make()
    house.post.fault("450", "mail", times=2)
    house.hour("11-30T08:30")
    assert house.told() == []
    for when in ("11-30T09:30", "11-30T10:30", "11-30T11:30"):
        house.hour(when)
    assert house.told() == [WEEK]


def test_an_address_that_is_refused_for_good_is_tried_once(make: Callable[..., House]) -> None:
    house = make()
    house.post.fault("550", "rcpt", times=1)
    for when in ("11-30T08:30", "11-30T09:30", "12-02T08:30"):
        house.hour(when)
    assert house.told() == [NOVEMBER], "what comes later is tried again: the address may be right by then"
    assert any("l'adresse de Lila est refusée" in note for note in house.plan().notes)


def test_no_answer_after_the_content_is_uncertain_and_never_sent_again(make: Callable[..., House]) -> None:
    house = make()
    house.post.fault("close", "content")
    for when in ("11-30T08:30", "11-30T09:30", "12-02T08:30"):
        house.hour(when)
        assert house.plan().actions == ()
    assert house.told().count(WEEK) == 1
    assert [entry.key for entry in house.entries("uncertain")] == ["report/revenue/week/2026-W48"]


def test_killed_at_any_step_from_the_page_to_the_mail_it_is_told_once_or_uncertain(
    boxes: Boxes, tmp_path: Path, post: EmailSandbox
) -> None:
    with _morning(boxes, tmp_path / "0", post) as house, _counted(None) as counting:
        house.hour(heard=False)
    every = counting.steps
    # Between the looks at the mirror one commit is like another: all around the page and the mail, of the others a few.
    near = {n + step for n, name in enumerate(every, 1) if not _COMMIT.search(name) for step in (-2, -1, 0, 1, 2)}
    for n in sorted({*near, *range(1, len(every) + 1, 7)}):
        with _morning(boxes, tmp_path / str(n), post) as house:
            with _counted(n), pytest.raises(Killed):
                house.hour(heard=False)
            begun = any(entry.job == "report" for entry in house.entries("started"))
            handed_over = house.told()
            house.restart()
            for when in ("11-30T09:07", "11-30T10:07"):
                house.hour(when)
            unsure = [entry.key for entry in house.entries("uncertain")]
            assert unsure == (["report/revenue/week/2026-W48"] if begun else []), (n, every[n - 1])
            assert house.told() == (handed_over if begun else [WEEK]), (n, every[n - 1])
    assert {"before create", "after create", "before send", "after send"} <= set(every)


_COMMIT = re.compile("commit of")


@contextmanager
def _morning(boxes: Boxes, folder: Path, post: EmailSandbox) -> Iterator[House]:
    """A business of its own on the Monday on which its first week is over."""
    boxes.clock.begin()
    boxes.well()
    post.heal()
    post.forget()
    folder.mkdir()
    with open_store(world.database(folder)) as store:
        house = House(boxes, store, post).install()
        house.to("11-30T08:30")
        house.catch_up()
        yield house
        house.close()


@contextmanager
def _counted(n: int | None) -> Iterator[Saboteur]:
    """The hub dies at its n-th step; the mails are steps too."""
    with Saboteur(n).at_work() as saboteur, pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmailMessenger, "send", saboteur._call("send", EmailMessenger.send))
        yield saboteur


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_the_turns_each_week_and_month_is_told_at_most_once_and_once_if_an_hour_was_open(
    seed: int, boxes: Boxes, make: Callable[..., House]
) -> None:
    dice = random.Random(seed)
    away = sorted(dice.sample(range(1, 29), 2))
    ceo = {"timezone": dice.choice(["Europe/Paris", "America/Montreal", "Asia/Tokyo"])}
    house = make(ceo=ceo | {"away": [{"from": f"2026-12-{away[0]:02d}", "to": f"2026-12-{away[1]:02d}"}]})
    due: set[str] = set()
    for _ in range(25):
        house.clock.skip(dice.choice([1, 3, 6, 14, 26, 70, 170]) * 3600)
        if dice.random() < 0.4:  # it is ten where she is
            there = house.clock().astimezone(ZoneInfo(ceo["timezone"]))
            house.clock.skip(((34 - there.hour) % 24) * 3600)
        if dice.random() < 0.2:
            house.restart()
        well = dice.random() < 0.8
        if not well:
            house.post.fault("450", "mail", times=1)
        house.hour(heard=dice.random() < 0.8, opens=dice.random() < 0.7)
        house.post.heal()
        if dice.random() < 0.5:
            house.hour(heard=False)
            house.work()  # also what waits after a failure
            due |= _must_be_told(house)
        told = Counter(house.told())
        assert max(told.values(), default=0) <= 1, told
        assert due <= told.keys(), (due, told)
    assert due, "no hour was ever open"


def _must_be_told(house: House) -> set[str]:
    """The last week and month, where their pages stand and the CEO is at work. Written from the promise alone."""
    there = house.clock().astimezone(ZoneInfo(house.runtime.business.people["ceo"].timezone or ""))
    ((absence),) = house.runtime.business.people["ceo"].away
    works = there.weekday() < 5 and there.date() not in (*absence.days, date(2026, 12, 25), date(2027, 1, 1))
    if not works or not (8, 30) <= (there.hour, there.minute) < (18, 0):
        return set()
    today = house.clock().astimezone(PARIS).date()
    monday = today - timedelta(days=today.weekday() + 7)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    titles = {title_of("week", monday, "fr"), title_of("month", month, "fr")}
    return {title for title in titles if house.page_of(title) is not None}


def test_a_plan_shows_the_mail_or_when_it_goes_and_what_it_says(make: Callable[..., House]) -> None:
    house = make(language="en", ceo={"away": [{"from": "2026-11-30"}]})
    title = "Week from 2026-11-23 to 2026-11-29"
    assert house.plan().notes[0] == "Week from 2026-11-09 to 2026-11-15: no mail before there is a page."
    house.hour("11-30T12:00")
    early = house.plan()
    assert early.actions == ()
    assert early.notes[0] == f"The mail goes on 2026-12-01 at 08:30: {title} — Atelier Lila"
    assert "Hello Lila," in early.notes
    house.to("12-01T08:31")
    with house.store.write() as conn:
        mails.open_round(conn, house.key, house.clock())
    due = house.plan()
    (action,) = due.actions
    assert (action.kind, action.collection, action.row, action.title) == ("send", "mail", LILA, "Lila")
    assert (action.values["subject"], action.why) == (f"{title} — Atelier Lila", f"{title}, whose page is made")
    house.hour()
    assert house.plan().notes[0] == f"{title}: the mail went out, or may have."


def test_a_ceo_who_has_left_gets_nothing_and_has_no_hour(make: Callable[..., House]) -> None:
    house = make(ceo={"left": "2026-11-29"})
    house.hour("11-30T08:30")
    assert house.told() == []
    assert rounds.slots(house.runtime) == {}
    assert house.plan().notes[-1].replace("\u00a0", " ") == (
        "Aucun mail de fin de semaine ou de mois : Lila n'est plus là, d'après business.yaml."
    )


def test_a_mail_that_could_not_be_had_or_is_off_is_no_job(make: Callable[..., House]) -> None:
    house = make()

    def job_of(**said: Any) -> ReportJob | None:
        raw = {"hub": 1, "business": "Lila", "connections": {"email": {}}}
        business = Business.model_validate(raw | {"people": {"ceo": {"name": "L", "email": LILA}}} | said)
        assert report_job(business, ()) is None, "there is nothing to tell"
        found = [one for one in running(business, [house.job]) if isinstance(one, ReportJob)]
        return found[0] if found else None

    refused: tuple[dict[str, Any], ...] = (
        {"report": False},
        {"connections": {"notion": {}}},
        {"people": {"ceo": {"name": "L"}}},
        {"people": {"obm": {"name": "L", "email": LILA}}},
    )
    for said in refused:
        assert job_of(**said) is None
    assert job_of() == ReportJob(name="report", connection="email", at="08:30", figures=("revenue",))
    renamed = job_of(connections={"boite": {"connector": "email"}}, report={"at": "10:00"})
    assert renamed == ReportJob(name="report", connection="boite", at="10:00", figures=("revenue",))


def test_a_mail_that_is_turned_on_later_tells_what_closes_from_then_on(make: Callable[..., House]) -> None:
    house = make(report=False)
    house.hour("11-30T08:30")
    assert house.page_of(WEEK) is not None
    house.said["report"] = True
    house.restart()
    house.hour("11-30T10:00")
    assert house.told() == [], "its page was made before anybody asked for mails"
    house.hour("12-07T08:30")
    assert house.told() == [NEXT_WEEK, NOVEMBER]


def test_only_the_last_mail_of_each_kind_is_kept(make: Callable[..., House]) -> None:
    house = make()
    for when in ("11-30T08:30", "12-01T08:30", "12-07T08:30"):
        house.hour(when)
    with house.store.read() as conn:
        found = [link for link in links.load(conn, house.key, "revenue") if link.collection == LETTERS]
    assert {link.row: link.values["key"] for link in found} == {"week": "week/2026-W49", "month": "month/2026-11"}


def test_another_hour_is_another_mapping(make: Callable[..., House]) -> None:
    house = make()
    before = mapping_of(house.runtime, house.report())
    assert mapping_of(house.runtime, replace(house.report(), at="10:00")) != before
    assert mapping_of(house.runtime, replace(house.report(), figures=("revenue", "more"))) != before
