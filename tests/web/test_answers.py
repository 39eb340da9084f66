"""The pages behind a mail's links, on a real socket: what is asked, what is kept, once, and what a stranger gets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from hub.answer_token import Answer, answer_url
from hub.bootstrap import open_hub
from hub.core.types import Record, Ref
from hub.engine.receivers import Configured, HubView
from hub.planning.alerts.types import Reader
from hub.planning.plan import Action, FieldChange, Plan, digest, dumps
from hub.planning.workdays import WorkingDays
from hub.settings import HubSettings
from hub.store import answers, jobs, ledger, mails, mirror, plans
from hub.store.database import Store
from hub.store.mails import MailRow
from hub.unsubscribe_token import make_token
from hub.web import answer_words
from hub.web.app import create_app
from hub.web.server import listen, server
from tests.paths import ROOT
from tests.web.conftest import KEY, LILA, MARC, Clock

OWN_KEY = Fernet.generate_key()
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
TASK = "asana/task/1201"
MAIL = "deadlines/digest/lea/2026-11-20/1a2b3c"
LINK = Answer(
    business=LILA,
    job="deadlines",
    reader="lea",
    what="done",
    mail=MAIL,
    day=date(2026, 11, 20),
    task=TASK,
    due="2026-11-18",
)
WEEK = frozenset(("mon", "tue", "wed", "thu", "fri"))


def reader(key: str, name: str, **more: object) -> Reader:
    made = Reader(
        key=key,
        name=name,
        address=f"{key}@example.com",
        zone=ZoneInfo("Europe/Paris"),
        calendar=WorkingDays(days=WEEK, holidays=frozenset({date(2026, 11, 23)})),
        language="fr",
        formal=True,
        digest_at=time(8, 30),
        hours=(time(8, 30), time(18)),
    )
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass
class Pages:
    """The pages, served; who is there; and what was kept."""

    store: Store
    client: httpx.Client
    clock: Clock
    people: dict[str, Reader]

    def get(self, answer: Answer = LINK, **headers: str) -> httpx.Response:
        return self.client.get(path(answer), headers=headers)

    def post(self, answer: Answer = LINK, **form: str) -> httpx.Response:
        return self.client.post(path(answer), data=form)

    def kept(self, business: str = LILA) -> list[answers.AnswerRow]:
        with self.store.read() as conn:
            return answers.listing(conn, business)

    def waits(self) -> bool:
        """Whether the job is to be planned."""
        with self.store.read() as conn:
            (job,) = (each for each in jobs.listing(conn, LILA) if each.job == "deadlines")
        return job.dirty_seq > job.planned_seq

    def planned(self) -> None:
        with self.store.write() as conn:
            for turn in jobs.claim(conn, LILA, "a test", self.clock(), 60):
                jobs.settle(conn, turn, self.clock())


def path(answer: Answer, key: bytes = OWN_KEY) -> str:
    return answer_url("", key, answer)


@contextmanager
def serving(store: Store) -> Iterator[Pages]:
    people = {"lea": reader("lea", "Léa"), "obm": reader("obm", "Claire"), "marc": reader("marc", "Marc <b>")}
    connections = {"asana": "asana", "team-board": "trello"}
    hub = HubView(
        businesses=tuple(
            Configured(business=b, title=t, connections=connections, jobs=("deadlines",), readers=lambda _now: people)
            for b, t in ((LILA, "Atelier Lila"), (MARC, "Studio Marc"))
        )
    )
    clock = Clock(NOON)
    app = create_app(store, hub, status_key=SecretStr(KEY), own_key=OWN_KEY, now=clock)
    with listen("127.0.0.1", 0) as listening:
        running = server(app)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
                yield Pages(store, client, clock, people)
        finally:
            running.should_exit = True
            thread.join()


def filled(store: Store) -> None:
    title = "Page de <vente> & « Noël »"
    mail = MailRow(
        key=MAIL,
        job="deadlines",
        reader="lea",
        kind="digest",
        day="2026-11-20",
        address="lea@example.com",
        subject="1 tâche en retard",
        lines=({"task": TASK, "due": "2026-11-18", "step": "late", "title": title},),
        at=NOON,
        state="started",
    )
    with store.write() as conn:
        jobs.ensure(conn, LILA, ["deadlines"], NOON)
        ledger.begin(conn, LILA, MAIL, job="deadlines", kind="send", summary="", run=None, now=NOON)
        mails.begin(conn, LILA, mail, ())
        fields = {"title": "Another title", "done": False}
        mirror.put(conn, LILA, "asana", [Record(stream="task", key="1201", fields=fields)], NOON)
        mirror.put(conn, LILA, "team-board", [Record(stream="card", key="c/7", fields={"title": "Card"})], NOON)


@pytest.fixture
def pages(store: Store) -> Iterator[Pages]:
    filled(store)
    with serving(store) as made:
        made.planned()
        yield made


def what(kind: str, **more: object) -> Answer:
    return replace(LINK, what=kind, **more)  # type: ignore[arg-type]


# Looking


@pytest.mark.parametrize("kind", ["done", "snooze", "reassign", "not_mine"])
def test_a_look_at_the_page_changes_nothing(pages: Pages, kind: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        pages.client.request(method, path(what(kind)))
    answer = pages.get(what(kind))

    assert answer.status_code == 200
    assert '<form method="post"' in answer.text
    assert "set-cookie" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert pages.kept() == []
    assert not pages.waits()


def test_the_page_says_what_it_is_about_in_the_mail_s_words_and_as_text(pages: Pages) -> None:
    page = pages.get().text
    assert "Page de &lt;vente&gt; &amp; « Noël »" in page
    assert "Pour mercredi 18\u00a0novembre" in page
    assert "Atelier Lila" in page
    assert "Asana" in page
    assert '<html lang="fr">' in page


def test_the_page_speaks_to_its_reader_as_her_mails_do(pages: Pages) -> None:
    assert "Rien ne vous sera dit" in pages.get(what("snooze")).text
    pages.people["lea"] = reader("lea", "Léa", formal=False)
    assert "Rien ne te sera dit" in pages.get(what("snooze"), **{"Accept-Language": "en"}).text
    pages.people["lea"] = reader("lea", "Léa", language="en")
    page = pages.get(what("snooze")).text
    assert "You will hear nothing of this task" in page
    assert '<html lang="en">' in page


def test_an_hour_is_told_where_the_reader_is(pages: Pages) -> None:
    at = replace(LINK, due="2026-11-18T23:30:00+00:00")
    assert "Pour jeudi 19\u00a0novembre à 0\u00a0h\u00a030" in pages.get(at).text
    pages.people["lea"] = reader("lea", "Léa", zone=ZoneInfo("America/Montreal"))
    assert "Pour mercredi 18\u00a0novembre à 18\u00a0h\u00a030" in pages.get(at).text
    assert "Sans échéance" in pages.get(replace(LINK, due="-")).text


# Answering


def test_done_is_kept_and_the_job_is_planned(pages: Pages) -> None:
    answer = pages.post()

    assert answer.status_code == 200
    assert "sera cochée dans Asana" in answer.text
    assert "set-cookie" not in answer.headers
    (kept,) = pages.kept()
    assert (kept.what, kept.task, kept.reader, kept.due, kept.via) == ("done", TASK, "lea", "2026-11-18", "link")
    assert (kept.state, kept.given_at) == ("waiting", NOON)
    assert pages.waits()
    assert pages.kept(MARC) == []


def test_twice_is_once_and_the_second_page_says_so(pages: Pages) -> None:
    pages.post()
    pages.planned()
    pages.clock.at += timedelta(hours=3)
    for again in (pages.post(), pages.get()):
        assert again.status_code == 200
        assert "déjà noté" in again.text
        assert "vendredi 20\u00a0novembre à 13\u00a0h" in again.text
        assert "<form" not in again.text
    assert len(pages.kept()) == 1
    assert not pages.waits()


def test_the_page_of_a_used_link_says_what_came_of_it(pages: Pages) -> None:
    pages.post()
    assert "Le hub s'en occupe" in pages.get().text
    with pages.store.write() as conn:
        answers.settle(conn, LILA, LINK.id, "refused", "la date <b> a changé.", NOON)
    assert "Le hub n'a rien changé\u00a0: la date &lt;b&gt; a changé." in pages.get().text


def test_many_presses_at_once_are_one_answer(pages: Pages) -> None:
    start, codes = threading.Barrier(6), []

    def press() -> None:
        with httpx.Client(base_url=pages.client.base_url, trust_env=False, timeout=30) as client:
            start.wait()
            codes.append(client.post(path(LINK)).status_code)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 6
    assert len(pages.kept()) == 1


def test_a_snooze_offers_days_on_which_she_works(pages: Pages) -> None:
    page = pages.get(what("snooze")).text
    assert 'value="2026-11-24">mardi 24\u00a0novembre<small>prochain jour ouvré<' in page  # Monday 23 is a holiday
    assert "lundi 30\u00a0novembre<small>au début d'une semaine<" in page
    assert 'value="2026-11-27">vendredi 27\u00a0novembre<small>dans une semaine<' in page
    pages.clock.at = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # already Thursday 26 in Paris
    page = pages.get(what("snooze")).text
    assert 'value="2026-11-27">vendredi 27\u00a0novembre<small>demain<' in page
    assert 'min="2026-11-27"' in page


def test_a_snooze_is_remembered_for_the_planner(pages: Pages) -> None:
    answer = pages.post(what("snooze"), until="2026-12-04")
    assert "rien ne vous sera dit avant vendredi 4\u00a0décembre" in answer.text
    with pages.store.read() as conn:
        assert answers.snoozes(conn, LILA, "deadlines") == {(TASK, "lea"): (date(2026, 12, 4), "2026-11-18")}


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("", "pas une date"),
        ("demain", "pas une date"),
        ("2026-02-30", "pas une date"),
        ("20261204", "pas une date"),
        ("2026-W49-5", "pas une date"),
        ("2026-11-20", "après aujourd"),
        ("2020-01-01", "après aujourd"),
        ("2027-11-20", "d'ici le mercredi 19\u00a0mai"),
        ("9999-12-31", "après aujourd"),
        ("<script>", "pas une date"),
    ],
)
def test_a_day_that_is_none_or_out_of_reach_is_said_and_asked_again(pages: Pages, until: str, why: str) -> None:
    answer = pages.post(what("snooze"), until=until)
    assert answer.status_code == 422
    assert why in answer.text
    assert '<form method="post"' in answer.text
    assert "<script" not in answer.text
    assert pages.kept() == []
    assert pages.post(what("snooze"), until="2026-11-24").status_code == 200


def test_reassigning_offers_the_people_who_are_there(pages: Pages) -> None:
    pages.people["gone"] = reader("gone", "Ancienne", left=True)
    page = pages.get(what("reassign")).text
    assert '<button name="to" value="obm">Claire</button>' in page
    assert "Marc &lt;b&gt;" in page
    assert "Moi (Léa)" in page
    assert "Ancienne" not in page

    assert pages.post(what("reassign"), to="gone").status_code == 422
    assert pages.post(what("reassign"), to="nobody").status_code == 422
    assert pages.post(what("reassign")).status_code == 422
    assert pages.kept() == []
    answer = pages.post(what("reassign"), to="marc")
    assert "sera confiée à Marc &lt;b&gt; dans Asana" in answer.text
    (kept,) = pages.kept()
    assert (kept.what, kept.value, kept.state) == ("reassign", "marc", "waiting")


def test_not_mine_changes_nothing_at_the_provider(pages: Pages) -> None:
    assert "rien n'est modifié" in pages.get(what("not_mine")).text
    pages.post(what("not_mine"))
    with pages.store.read() as conn:
        assert answers.not_mine(conn, LILA, "deadlines") == {(TASK, "lea", "2026-11-18")}
        assert answers.waiting(conn, LILA, "deadlines") == []
    assert pages.waits()


def test_a_link_does_only_what_it_was_made_for(pages: Pages) -> None:
    pages.post(LINK, until="2026-12-04", to="marc", decision="apply")
    assert [each.what for each in pages.kept()] == ["done"]


def test_a_key_with_a_slash_is_a_key(pages: Pages) -> None:
    answer = replace(LINK, task="team-board/card/c/7")
    assert "<strong>Card</strong>" in pages.get(answer).text
    assert "sera cochée dans Trello" in pages.post(answer).text


# When there is nothing to answer


def test_a_task_that_is_gone_or_done_needs_no_answer(pages: Pages) -> None:
    def now_is(**fields: object) -> None:
        pages.clock.at += timedelta(minutes=1)
        deleted = not fields
        record = Record(stream="task", key="1201", fields=fields, deleted=deleted)  # type: ignore[arg-type]
        with pages.store.write() as conn:
            mirror.put(conn, LILA, "asana", [record], pages.clock.at)

    now_is(title="x", done=True)
    assert "déjà terminée" in pages.get().text
    assert pages.post().status_code == 410
    assert pages.get(what("snooze")).status_code == 200
    now_is(title="x", done=False, archived=True)
    assert pages.get(what("snooze")).status_code == 410
    now_is()
    for answer in (pages.get(), pages.post()):
        assert answer.status_code == 410
        assert "supprimée ou archivée" in answer.text
        assert "Page de &lt;vente&gt;" in answer.text
    assert pages.kept() == []


def test_after_thirty_days_the_page_says_what_to_do(pages: Pages) -> None:
    pages.clock.at = NOON + timedelta(days=31)
    for answer in (pages.get(**{"Accept-Language": "fr"}), pages.client.post(path(LINK))):
        assert answer.status_code == 410
    assert "trop ancien" in pages.get(**{"Accept-Language": "fr"}).text
    assert "30 days" in pages.get().text
    assert pages.kept() == []


def test_a_link_that_we_did_not_make_does_nothing(pages: Pages) -> None:
    good = path(LINK)
    pages.people["gone"] = reader("gone", "Ancienne", left=True)
    wrong = [
        path(LINK, Fernet.generate_key()),
        path(replace(LINK, business=MARC)).replace(MARC, LILA),
        path(replace(LINK, business="nobody")),
        path(replace(LINK, job="another")),
        path(replace(LINK, reader="nobody")),
        path(replace(LINK, reader="gone")),
        good[:-4],
        good[:-1] + ("A" if good[-1] != "A" else "B") * 20,
        f"/answer/{LILA}/x",
        f"/answer/{LILA}/" + "A" * 5000,
        f"/answer/{LILA}/%C3%A9",
        f"/answer/{LILA}/" + make_token(OWN_KEY, LILA, "lea@example.com"),
    ]
    for where in wrong:
        for answer in (pages.client.get(where), pages.client.post(where)):
            assert answer.status_code == 404, where
            assert "not valid" in answer.text
    assert pages.kept() == pages.kept(MARC) == []


@pytest.mark.parametrize("size", [4_097, 100_000, 3_000_000])
def test_a_body_that_is_too_long_is_refused(pages: Pages, size: int) -> None:
    try:
        answer = pages.client.post(path(LINK), content=b"a=" + b"x" * size)
    except httpx.WriteError:  # given up while it was still being sent
        assert size > 1_000_000
    else:
        assert answer.status_code == 413
        assert "too long" in answer.text
    assert pages.kept() == []
    assert pages.post().status_code == 200


@given(body=st.binary(max_size=200))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_breaks_the_page(pages: Pages, body: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = pages.client.post(path(what("snooze")), content=b"until=" + body, headers=form)
    assert answer.status_code == 422
    assert pages.kept() == []


# Plans that wait


def held(pages: Pages, job: str = "deadlines") -> str:
    change = FieldChange("subject", None, "<b>7 tâches</b>")
    action = Action(
        key="k", kind="update", collection="Mails", row="lea", ref=Ref("x"), changes=(change,), why="a flood"
    )
    plan = Plan(business=LILA, job=job, at=NOON, actions=(action,), held="61 mails, la limite est 40")
    with pages.store.write() as conn:
        return plans.save(conn, LILA, job, digest(plan), dumps(plan), "held", plan.held, NOON)


@pytest.mark.parametrize("kind", ["apply", "drop"])
@pytest.mark.parametrize("decision", ["apply", "drop"])
def test_a_held_plan_is_shown_and_decided_on_once(pages: Pages, kind: str, decision: str) -> None:
    plan_id = held(pages)
    link = replace(LINK, what=kind, task="", due="-", value=plan_id, reader="obm")  # type: ignore[arg-type]
    page = pages.get(link).text
    assert "61 mails, la limite est 40" in page
    assert "&lt;b&gt;7 tâches&lt;/b&gt;" in page
    assert 'name="decision" value="apply"' in page
    assert 'name="decision" value="drop"' in page
    assert pages.kept() == []
    for nothing in ({}, {"decision": "done"}):
        assert pages.post(link, **nothing).status_code == 422

    assert pages.post(link, decision=decision).status_code == 200
    (kept,) = pages.kept()
    assert (kept.what, kept.value, kept.task, kept.state) == (decision, plan_id, "", "waiting")
    assert pages.waits()
    other = replace(link, what="drop" if kind == "apply" else "apply")
    assert "déjà noté" in pages.post(other, decision="drop" if decision == "apply" else "apply").text
    assert len(pages.kept()) == 1


def test_a_plan_that_waits_no_more_is_not_decided_on(pages: Pages) -> None:
    plan_id = held(pages)
    link = replace(LINK, what="apply", task="", due="-", value=plan_id, reader="obm")
    assert pages.get(replace(link, value="unknown")).status_code == 410
    other = held(pages, job="another")
    assert pages.get(replace(link, value=other)).status_code == 410
    with pages.store.write() as conn:
        plans.set_state(conn, plan_id, "stale", "the world moved", NOON)
    for answer in (pages.get(link), pages.post(link, decision="apply")):
        assert answer.status_code == 410
        assert "n'attend plus" in answer.text
    assert pages.kept() == []


def test_both_languages_say_the_same_things() -> None:
    names = answer_words.names()
    assert names["fr"] == names["en"]


def test_the_hub_knows_the_people_of_its_mappings(tmp_path: Path) -> None:
    with open_hub(HubSettings(mappings=ROOT / "mappings", data=tmp_path)) as hub:
        (lila,) = (one for one in hub.view.businesses if one.business == LILA)
        found = lila.readers(NOON)
    assert {key: (one.name, one.language, one.left) for key, one in found.items()} == {
        "obm": ("Claire", "fr", False),
        "ceo": ("Lila", "fr", False),
        "lea": ("Léa", "fr", False),
    }
    assert "deadlines" in lila.jobs
