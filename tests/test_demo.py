"""The demo is the product's promise to a newcomer: no key, exact figures, nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.notion.sandbox import create_app as notion_app
from connectors.notion.sandbox.control import NotionSandbox
from connectors.stripe.sandbox import create_app as stripe_app
from connectors.stripe.sandbox.control import Control
from hub.demo import alerts, clients, figures, history, office, programme, screen, story
from hub.demo import play as playing
from hub.demo.alerts import Seen
from hub.demo.children import House
from hub.demo.figures import Delta
from hub.demo.serving import serve
from hub.demo.stage import Stage
from hub.demo.story import Step
from hub.demo.town import NOTION_KEY, town
from hub.demo.watch import Watch

PROC = Path("/proc")
MARK = "DEMO_TEST_MARK"
STEPS = 13


@dataclass(frozen=True)
class Place:
    """Where a demo is played: a folder of its own for everything that it could write to."""

    root: Path
    mark: str

    @property
    def environment(self) -> dict[str, str]:
        folders = {"HOME": "home", "TMPDIR": "tmp"}
        strangers = {  # a user's own settings: none of them may reach the demo
            "HUB_PORT": "1",
            "HUB_DATA": "/nonexistent/data",
            "HUB_ATELIER_LILA_STRIPE_API_KEY": "rk_live_nobody",
            "PREFECT_API_URL": "http://127.0.0.1:9/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////nonexistent/prefect.db",
        }
        made = {name: str(self.root / folder) for name, folder in folders.items()}
        return {**os.environ, **strangers, **made, MARK: self.mark, "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}

    def left(self) -> list[str]:
        """Processes that still run and files that still are there."""
        files = [str(path) for folder in ("home", "tmp") for path in (self.root / folder).iterdir()]
        return files + [str(pid) for pid in self.processes()]

    def processes(self) -> list[int]:
        """Every process that inherited our mark."""
        found = []
        for entry in PROC.iterdir():
            if entry.name.isdigit():
                try:
                    if self.mark.encode() in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:  # it ended meanwhile, or is another user's
                    continue
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    if not PROC.is_dir():
        pytest.skip("without /proc nobody can tell which processes are left")
    for folder in ("home", "tmp", "work"):
        (tmp_path / folder).mkdir()
    (tmp_path / "work" / ".env").write_text("HUB_STATUS_KEY=short\nHUB_NOTHING_KNOWS_THIS=1\n")
    return Place(tmp_path, uuid.uuid4().hex)


@contextmanager
def demo(place: Place, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`hub demo` as a person starts it; ended at the end of the block whatever happened."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hub", "demo", *options],
        cwd=place.root / "work",
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What is said up to the line with these words. Fails with all that was said when it never comes."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    pytest.fail(f"« {words} » was never said:\n{said}")


# The demo as people see it


def test_the_demo_tells_its_story_exactly_and_leaves_nothing_behind(place: Place) -> None:
    with demo(place, "--once") as process:
        said, _ = process.communicate(timeout=240)

    assert process.returncode == 0, said
    assert said.count("✓ exact ") == STEPS
    assert len(story.STEPS) + len(alerts.STEPS) + len(clients.STEPS) == STEPS
    assert "✗" not in said
    assert re.search(r"\d+ records read, \d+ rows written, \d+ calls to Notion, 0 refused", said)
    assert "customer" in said
    assert "8 deliveries: new customer ×2" in said
    assert "✓ No row twice, nothing dead, nothing uncertain, nothing held" in said
    today = datetime.now(figures.ZONE).date()
    assert f"Page de vente · Échéance  {today + timedelta(days=9)} → {today}" in said
    assert "│ Objet : 1 tâche pour aujourd'hui — Atelier Lila" in said
    assert "the morning brief to Claire <claire@example.com>: Tout va bien — Atelier Lila" in said
    assert "Page de vente · Terminée  ☐ → ☑" in said
    assert "│ Objet : Bienvenue dans Programme Phare, Marie !" in said
    assert f"Clientes: Marie Dupont · 1200 · nouvelle · appel le {today + timedelta(days=7)}" in said
    assert f"Clientes: Marie Dupont · 1200 · nouvelle · appel le {today}" in said
    assert said.count("mail to Marie Dupont: C'est noté : ") == 1
    assert "Lila reads: Demandé, pas encore fait\u00a0: personne" in said
    assert "# Chiffres clés" in said
    assert "│ 👋 Programme Phare\u00a0: 0 en cours · 0 en pause · 0 bloqué · 1 terminé" in said
    assert re.search(rf"^Page de vente +{today} +☑ +Léa$", said, re.MULTILINE)
    assert re.search(r"… and \d+ rows of earlier months", said)
    assert "Traceback" not in said
    assert [line for line in said.splitlines() if len(line) > 100] == []
    assert place.left() == []


def test_what_it_leaves_open_answers_until_ctrl_c(place: Place) -> None:
    with demo(place) as process:
        said = read_until(process, "Ctrl-C ends it")
        addresses = dict(re.findall(r"^(\w.*?) {2,}(http://\S+)$", said, re.MULTILINE))
        page, tasks, marie, status, run = addresses.values()
        mails, wake = re.findall(r"In Prefect: (\S+)", said)
        prefect = mails.partition("/runs/")[0]
        browser = {"Accept": "text/html"}
        shown, listed, hers, told, ui = (httpx.get(url, headers=browser) for url in (page, tasks, marie, status, run))
        known, sent, woken = (
            httpx.get(url.replace("/runs/flow-run/", "/api/flow_runs/")) for url in (run, mails, wake)
        )
        turns = httpx.post(f"{prefect}/api/task_runs/filter", json={}).raise_for_status().json()
        pictures = httpx.post(f"{prefect}/api/artifacts/filter", json={}).raise_for_status().json()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=90)

    assert "Revenu mensuel récurrent" in shown.raise_for_status().text
    assert "Échéances de la semaine" in listed.raise_for_status().text
    assert "Livrables" in hers.raise_for_status().text
    assert "Atelier Lila" in told.raise_for_status().text
    assert "Prefect" in ui.raise_for_status().text
    assert known.raise_for_status().json()["name"].startswith("atelier-lila · live · ")
    assert sent.raise_for_status().json()["name"] == alerts.MAILS
    assert sent.json()["state"]["type"] == "COMPLETED"
    assert woken.raise_for_status().json()["name"] == clients.WAKE
    names = {each["name"] for each in turns}
    assert "atelier-lila · brief, deadlines · 2 mails" in names
    assert any("onboarding" in name and "M. D. " in name for name in names), names
    mailed = [row for each in pictures for row in json.loads(each["data"]) if row["what"] == "send"]
    assert {
        ("mail / Léa (lea@example.com)", "subject", "1 tâche pour aujourd'hui — Atelier Lila"),
        ("mail / Claire (claire@example.com)", "subject", "Tout va bien — Atelier Lila"),
    } <= {(row["where"], row["field"], row["new"]) for row in mailed}
    assert "M. D. welcome" in {row["field"] for row in mailed}
    assert not re.search("Marie|Dupont|marie@", json.dumps([pictures, turns])), "a client is named in Prefect"
    assert "/answer/" not in json.dumps([pictures, turns]), "an address that acts for Léa is shown in Prefect"
    assert process.returncode == 0, rest
    assert "Stopping …" in rest
    assert place.left() == []


@pytest.mark.parametrize(
    ("words", "number"),
    [("Prefect and the hub's API start", signal.SIGTERM), ("the worker starts", signal.SIGINT)],
)
def test_a_signal_in_the_middle_ends_everything_in_order(place: Place, words: str, number: signal.Signals) -> None:
    with demo(place) as process:
        read_until(process, words)
        running = place.processes()
        process.send_signal(number)
        rest, _ = process.communicate(timeout=90)

    assert len(running) >= 3  # itself, Prefect and the API
    assert process.returncode == playing.STOPPED, rest
    assert "Stopped; no process and no file is left." in rest
    assert "Traceback" not in rest
    assert place.left() == []


# A wrong figure is a failure


class Calm(Watch):
    """A hub that has nothing to do and no trouble."""

    def is_idle(self) -> bool:
        return True

    def troubles(self) -> list[str]:
        return []


def write_table(notion: NotionSandbox, url: str, amounts: dict[str, float]) -> str:
    """The table of the figures as the hub would have made it, with these amounts. The page's id."""
    page = notion.share_page("Atelier Lila")
    headers = {"Authorization": f"Bearer {NOTION_KEY}", "Notion-Version": "2026-03-11"}
    texts = (figures.KEY, figures.PERIOD, screen.PROOF)
    columns: dict[str, Any] = {figures.TITLE: {"title": {}}, figures.AMOUNT: {"number": {}}} | {
        name: {"rich_text": {}} for name in texts
    }
    with httpx.Client(base_url=url, headers=headers) as client:
        made = client.post(
            "/v1/databases",
            json={
                "parent": {"type": "page_id", "page_id": page},
                "title": [{"type": "text", "text": {"content": figures.TABLE}}],
                "initial_data_source": {"properties": columns},
            },
        )
        parent = {"type": "data_source_id", "data_source_id": made.raise_for_status().json()["data_sources"][0]["id"]}
        for key, amount in amounts.items():
            values = {figures.KEY: key, figures.PERIOD: key.split("/")[1], screen.PROOF: "1 ligne"}
            properties: dict[str, Any] = {
                name: {"rich_text": [{"text": {"content": text}}]} for name, text in values.items()
            }
            properties[figures.TITLE] = {"title": [{"text": {"content": key}}]}
            properties |= {figures.AMOUNT: {"number": amount}}
            client.post("/v1/pages", json={"parent": parent, "properties": properties}).raise_for_status()
    return page


@pytest.fixture
def without_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's stage with the providers on it and nobody between them."""

    def set_up(_stage: Stage, stack: ExitStack, house: House) -> playing.Scene:
        place = town(stack, house.webhook)
        month = figures.month_label(datetime.now(UTC))
        amounts = {f"{name}/{month}/EUR": 100.5 for name in ("cash_in", "mrr", "overdue", "refund_rate")}
        today = datetime.now(figures.ZONE).date()
        return playing.Scene(
            house=house,
            town=place,
            office=office.furnish(place.asana, today),
            programme=programme.furnish(place.notion, place.notion_url, place.page, place.asana, place.calendly, today),
            page=write_table(place.notion, place.notion_url, amounts),
            watch=Calm(house),
            past=history.build(place.stripe.account(), datetime.now(UTC)),
        )

    monkeypatch.setattr(playing, "_set_up", set_up)
    monkeypatch.setattr(alerts, "STEPS", ())
    monkeypatch.setattr(clients, "STEPS", ())
    monkeypatch.setattr(story, "STEP_SECONDS", 0.1)
    monkeypatch.setattr(figures, "refund_rate", lambda *_: Decimal("100.5"))


@pytest.mark.usefixtures("without_a_hub")
@pytest.mark.parametrize(("delta", "code"), [(Delta(), 0), (Delta(mrr=Decimal("0.01")), 1)])
def test_a_figure_off_by_one_cent_makes_the_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, delta: Delta, code: int
) -> None:
    monkeypatch.setattr(story, "STEPS", (Step(title="Nothing happens", act=lambda *_: None, delta=delta),))
    said: list[str] = []

    assert playing.play(once=True, say=said.append) == code

    text = "\n".join(said)
    assert ("expected 100,51\u00a0€, seen 100,50\u00a0€" in text) is (code == 1)
    assert ("✓ exact" in text) is (code == 0)


@pytest.mark.usefixtures("without_a_hub")
def test_a_row_that_is_there_twice_makes_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "STEPS", ())
    monkeypatch.setattr(figures, "doubled", lambda _rows: ["mrr/2026-10/EUR"])
    said: list[str] = []

    assert playing.play(once=True, say=said.append) == 1
    assert any("two rows have the Hub key mrr/2026-10/EUR" in line for line in said)


# The arithmetic of the story

BEFORE = {
    key: {figures.KEY: key, figures.TITLE: f"{key} · 2026-10", figures.PERIOD: "2026-10", figures.AMOUNT: amount}
    for key, amount in {
        "cash_in/2026-10/EUR": 1000.1,
        "mrr/2026-10/EUR": 39,
        "overdue/2026-10/EUR": 0,
        "refund_rate/2026-10/EUR": 2.5,
        "mrr/2026-10/USD": 45,
        "mrr/2026-09/EUR": 39,
    }.items()
}


def moved(**amounts: float | None) -> dict[str, figures.Row]:
    after: dict[str, figures.Row] = dict(BEFORE)
    for figure, amount in amounts.items():
        key = f"{figure}/2026-10/EUR"
        after[key] = {**after[key], figures.AMOUNT: amount}
    return after


def test_an_expected_amount_is_the_old_one_plus_the_delta_to_the_cent() -> None:
    expected = figures.expect(BEFORE, "2026-10", Delta(cash_in=Decimal("0.2"), mrr=Decimal(-39)), Decimal("2.4"))

    assert expected == {
        "cash_in/2026-10/EUR": Decimal("1000.3"),
        "mrr/2026-10/EUR": Decimal(0),
        "overdue/2026-10/EUR": Decimal(0),
        "refund_rate/2026-10/EUR": Decimal("2.4"),
    }
    assert figures.differences(BEFORE, moved(cash_in=1000.3, mrr=0, refund_rate=2.4), expected) == []
    assert figures.differences(BEFORE, moved(cash_in=1000.31, mrr=0, refund_rate=2.4), expected) == [
        "cash_in/2026-10/EUR: expected 1\u202f000,30\u00a0€, seen 1\u202f000,31\u00a0€"
    ]


def test_every_other_row_must_stay_as_it_was() -> None:
    expected = figures.expect(BEFORE, "2026-10", Delta(), Decimal("2.5"))
    touched = {**BEFORE, "mrr/2026-10/USD": {**BEFORE["mrr/2026-10/USD"], "Justificatif": "2 lignes"}}
    gone = {key: row for key, row in BEFORE.items() if key != "mrr/2026-09/EUR"}
    more = {**BEFORE, "mrr/2026-08/EUR": BEFORE["mrr/2026-09/EUR"]}

    assert figures.differences(BEFORE, BEFORE, expected) == []
    assert figures.differences(BEFORE, touched, expected) == [
        "mrr/2026-10/USD: no change was expected, seen 45,00\u00a0$"
    ]
    assert figures.differences(BEFORE, gone, expected) == ["mrr/2026-09/EUR: the row is gone"]
    assert figures.differences(BEFORE, more, expected) == ["mrr/2026-08/EUR: a row that nobody expected"]


def test_a_figure_that_is_not_there_is_told_and_no_reason_to_stumble() -> None:
    expected = figures.expect({}, "2026-10", Delta(), None)

    assert figures.differences({}, {}, expected) == ["refund_rate/2026-10/EUR: expected —, but there is no such row"]


def test_only_figures_that_moved_are_shown_in_french_numbers() -> None:
    after = moved(cash_in=1297.1, refund_rate=None)

    assert figures.changes(BEFORE, after, figures.expect(BEFORE, "2026-10", Delta(), None)) == [
        figures.Change("cash_in/2026-10/EUR", "1\u202f000,10\u00a0€", "1\u202f297,10\u00a0€"),
        figures.Change("refund_rate/2026-10/EUR", "2,5\u00a0%", "—"),
    ]


def test_the_refund_rate_counts_the_euros_of_the_month_in_paris() -> None:
    def moves(category: str, amount: int, day: datetime, currency: str = "eur") -> dict[str, object]:
        return {
            "reporting_category": category,
            "amount": amount,
            "currency": currency,
            "created": int(day.timestamp()),
        }

    day = datetime(2026, 10, 15, tzinfo=UTC)
    first_in_paris = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
    found = [
        moves("charge", 20_000, day),
        moves("charge", 10_000, first_in_paris),
        moves("charge", 99_999, first_in_paris - timedelta(seconds=1)),
        moves("charge", 99_999, day, "usd"),
        moves("refund", -1_000, day),
        moves("refund_failure", 55, day),
        moves("payout", -50_000, day),
    ]

    assert figures.refund_rate(found, "2026-10") == Decimal("3.2")  # 945 / 30000 = 3.15, half up
    assert figures.refund_rate(found, "2026-11") is None


def test_a_key_that_two_rows_have_is_found() -> None:
    rows = list(BEFORE.values())

    assert figures.doubled(rows) == []
    assert figures.doubled([*rows, rows[0]]) == ["cash_in/2026-10/EUR"]


def test_deliveries_are_told_in_words_that_fit_the_line() -> None:
    types = ["charge.succeeded", "charge.succeeded", "invoice.paid", "thing.unheard.of"]
    words = story.in_words([{"type": kind} for kind in types])

    assert words == ["payment made ×2", "invoice paid", "thing.unheard.of"]
    assert story.folded("4 deliveries: ", words, 45) == [
        "4 deliveries: payment made ×2, invoice paid,",
        "              thing.unheard.of",
    ]


# The arithmetic of the alerts

SEEN = Seen(
    figures=BEFORE,
    tasks={alerts.TITLE: {"id": "r1", alerts.DUE: "2026-10-09", alerts.DONE: False}},
    mails=(("Léa <lea@example.com>", "1 tâche"),),
    open=frozenset({alerts.TITLE, "Visuels"}),
    writes=0,
)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(SEEN, figures=moved(mrr=39.01)), "Notion's figures: mrr/2026-10/EUR: "),
        (replace(SEEN, tasks={}), f"Notion's list of tasks: {alerts.TITLE}: "),
        (replace(SEEN, tasks={**SEEN.tasks, "Une autre": {"id": "r2"}}), "Notion's list of tasks: Une autre: "),
        (replace(SEEN, mails=SEEN.mails * 2), "mails: "),
        (replace(SEEN, open=frozenset({"Visuels"})), "open tasks in Asana: "),
        (replace(SEEN, writes=1), "calls that change something in Asana: expected 0, seen 1"),
    ],
)
def test_whatever_is_otherwise_than_expected_is_told_in_one_line(other: Seen, said: str) -> None:
    (line,) = alerts.differences(SEEN, other)

    assert line.startswith(said)
    assert alerts.differences(SEEN, SEEN) == []


@pytest.mark.usefixtures("without_a_hub")
def test_a_task_that_nobody_ticks_makes_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    step = alerts.Step(
        title="Nobody does anything",
        act=lambda _: None,
        after=lambda _, before: replace(before, open=before.open - {alerts.TITLE}),
        told=lambda *_: [],
    )
    monkeypatch.setattr(story, "STEPS", ())
    monkeypatch.setattr(alerts, "STEPS", (step,))
    said: list[str] = []

    assert playing.play(once=True, say=said.append) == 1
    assert any("open tasks in Asana: expected" in line for line in said)


# The client

WELCOME = clients.STEPS[:1]
HERS = clients.Seen(
    figures=BEFORE,
    section=clients.said(open_=1),
    clients=({"Nom": clients.NAME},),
    sheet=("[ ] Livrables",),
    projects=(("Programme 90 jours · Marie Dupont", {"Bilan": "2026-10-09"}),),
    mails=(("Marie Dupont <marie@example.com>", "C'est noté"),),
)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(HERS, figures=moved(mrr=39.01)), "mrr/2026-10/EUR: no change was expected"),
        (replace(HERS, section=clients.said(open_=2)), "Lila's page: expected « Programme Phare\u00a0: 1 en cours"),
        (replace(HERS, section=(*HERS.section, "Autre")), "Lila's page: expected « None », seen « Autre »"),
        (replace(HERS, clients=HERS.clients * 2), "the database of clients: expected ({"),
        (replace(HERS, sheet=()), "Marie's page: expected"),
        (replace(HERS, projects=HERS.projects * 2), "Asana: expected"),
        (replace(HERS, mails=HERS.mails * 2), "mails: expected"),
    ],
)
def test_whatever_a_client_gets_twice_or_otherwise_is_told(other: clients.Seen, said: str) -> None:
    (line,) = clients.differences(HERS, other)

    assert line.startswith(said)
    assert clients.differences(HERS, HERS) == []


@pytest.mark.usefixtures("without_a_hub")
def test_a_client_whom_nobody_welcomes_makes_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "STEPS", ())
    monkeypatch.setattr(clients, "STEPS", WELCOME)
    said: list[str] = []

    assert playing.play(once=True, say=said.append) == 1
    assert any("mails: expected" in line and "Bienvenue dans Programme Phare" in line for line in said)
    assert any("the database of clients: expected ({'Nom': 'Marie Dupont'" in line for line in said)


def test_what_the_page_says_of_clients_is_read_without_the_marks_of_its_boxes() -> None:
    boxes = "│ 👋 Programme\u00a0: 1\n│ ✅ Rien\n"
    page = f"## Chiffres clés\n\n│ 🟢 Autre\n\n{clients.SECTION}\n\n{boxes}\n{clients.NEXT}\n│ 🟢 X\n"

    assert clients.section(page) == ("Programme\u00a0: 1", "Rien")
    assert clients.section("## Chiffres clés\n\n│ 🟢 Autre\n") == ()


# The past

DAYS = [datetime(2026, 1, 1, 9, 30, tzinfo=UTC) + timedelta(days=13 * n) for n in range(28)]
DAYS += [
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2026, 3, 31, 23, 59, tzinfo=UTC),
    datetime(2026, 5, 1, tzinfo=UTC),
]


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_the_past_is_whole_whatever_the_day(now: datetime) -> None:
    sandbox = stripe_app(lambda: now).state.sandbox
    shop = sandbox.account()
    past = history.build(shop, now)

    subscriptions = [shop.get(key) for key in shop.ids("subscription")]
    late = [shop.get(key) for key in shop.ids("invoice") if shop.get(key)["status"] == "open"]
    failed = [shop.get(key) for key in shop.ids("charge") if shop.get(key)["status"] == "failed"]
    states = [one["status"] for one in subscriptions]
    assert states.count("past_due") == len(late) == 1
    assert len(failed) == 2  # one was put right
    assert states.count("trialing") == 1
    assert states.count("canceled") >= 5
    assert {one["currency"] for one in subscriptions} == {"eur", "usd"}
    assert all(shop.get(key)["currency"] == "eur" for key in shop.ids("balance_transaction"))
    assert [shop.get(key)["status"] for key in shop.ids("dispute")] == ["won"]
    member = shop.get(past.member)
    assert (member["status"], member["discounts"], member["items"]["data"][0]["price"]["unit_amount"]) == (
        "active",
        [],
        3900,
    )
    assert shop.get(past.earlier_sale)["amount_refunded"] == 0
    assert 55 <= past.customers <= 70
    assert all(row["created"] <= now.timestamp() for kind in ("charge", "invoice", "event") for row in rows(shop, kind))


def rows(shop: Control, kind: str) -> list[dict[str, Any]]:
    return [shop.get(key) for key in shop.ids(kind)]


def _same(now: datetime) -> datetime:
    return now


def test_nothing_of_the_past_ends_by_itself_in_the_hours_after_now() -> None:
    for now in DAYS:
        shop = stripe_app(partial(_same, now)).state.sandbox.account()
        history.build(shop, now)
        ends = [
            item["current_period_end"] - now.timestamp()
            for key in shop.ids("subscription")
            if (sub := shop.get(key))["status"] in ("active", "past_due", "trialing")
            for item in sub["items"]["data"]
        ]
        assert min(ends) > 8 * 3600


def test_the_past_is_always_the_same() -> None:
    now = datetime(2026, 11, 21, 20, tzinfo=UTC)
    first, second = (stripe_app(lambda: now).state.sandbox.account() for _ in range(2))

    assert history.build(first, now) == history.build(second, now)
    assert first.balance() == second.balance()


def test_a_page_is_cut_to_the_terminal_and_to_the_current_month() -> None:
    notion = notion_app()
    sandbox: NotionSandbox = notion.state.sandbox
    with serve(notion) as url:
        amounts = {"mrr/2026-10/EUR": 1234.5, "mrr/2026-09/EUR": 39.0, "refund_rate/2026-10/EUR": 2.5}
        page = write_table(sandbox, url, amounts)
    lines = screen.page(sandbox, page, "2026-10", 40)

    assert max(len(line) for line in lines) <= 40
    assert lines[-1] == "… and 1 rows of earlier months"
    assert any("1\u202f234,50\u00a0€" in line for line in lines)
    assert not any("2026-09" in line for line in lines)
