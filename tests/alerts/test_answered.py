"""From a mail that really arrived: its links are pressed, it is replied to, and what that comes to at the providers."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import httpx
import pytest

from hub.store import answers, ledger
from hub.store.answers import AnswerRow
from tests.alerts.house import House, Places, address, house, links, people
from tests.alerts.world import MONDAY, Town, in_days, text
from tests.alerts.world import town as served

MORNING = MONDAY.replace(hour=7, minute=30)
DAY = timedelta(days=1)
CLAIRE, LEA, TOM = "claire@example.com", "lea@example.com", "tom@example.com"


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """One for all tests of this file; each has places of its own."""
    with served() as made:
        people(made)
        yield made


def everywhere(made: Places) -> list[dict[str, object]]:
    return made.watch


@pytest.fixture
def lila(town: Town, tmp_path: Path) -> Iterator[House]:
    """Léa has a task at Asana, a card at Trello and a row at Notion for this Monday, and her digest says so."""
    with house(town, tmp_path, watch=everywhere) as made:
        made.places.task("Later", in_days(90))
        made.begin(MORNING - 4 * DAY)
        made.places.task("Page", in_days(0))
        made.places.card("Billet", in_days(0))
        made.places.row("Facture", in_days(0))
        made.read()
        made.clock.at = MORNING
        made.round()
        yield made


def digest(lila: House) -> EmailMessage:
    (mail,) = lila.news()
    assert address(mail) == LEA
    return mail


def kept(lila: House) -> list[AnswerRow]:
    with lila.store.read() as conn:
        return answers.listing(conn, "lila")


def tomorrow(lila: House, days: int = 1) -> list[tuple[str, str]]:
    """What goes out on a later morning."""
    lila.clock.at = MORNING + days * DAY
    lila.round()
    return lila.told()


def press(client: httpx.Client, url: str, **form: str) -> httpx.Response:
    return client.post(url, data=form)


TITLES = ("Page", "Billet", "Facture")


def test_done_is_written_back_with_one_call_each_and_the_digest_does_not_come_back(lila: House) -> None:
    mail, places = digest(lila), lila.places
    before = places.writes()
    with lila.pages() as client:
        for title in TITLES:
            page = client.get(links(mail, title)["done"])
            assert page.status_code == 200
            assert '<form method="post"' in page.text
        lila.work()
        assert places.writes() == before
        assert kept(lila) == []
        for title in TITLES:
            assert press(client, links(mail, title)["done"]).status_code == 200
        lila.work()
        assert "C&#x27;est fait" in (said := client.get(links(mail, "Page")["done"]).text) or "C'est fait" in said
    assert {name: n - before[name] for name, n in places.writes().items()} == {"asana": 1, "trello": 1, "notion": 1}
    (task,) = [task for task in lila.town.boxes.asana.tasks(places.project) if task["name"] == "Page"]
    assert task["completed"] is True
    (card,) = [card for card in lila.town.boxes.trello.cards.values() if card["name"] == "Billet" and _mine(lila, card)]
    assert card["dueComplete"] is True
    assert places.rows()["Facture"]["Statut"] == "Terminé"
    assert [row.state for row in kept(lila)] == ["done"] * 3
    for days in (0, 1, 2, 3):
        assert tomorrow(lila, days) == []
    lila.read()
    assert tomorrow(lila, 4) == []


def _mine(lila: House, card: dict[str, object]) -> bool:
    lists = lila.town.boxes.trello.lists
    return bool(lists[card["idList"]]["idBoard"] == lila.places.board)


def test_a_task_that_is_given_to_somebody_else_is_hers_and_she_is_told(lila: House) -> None:
    mail, places = digest(lila), lila.places
    with lila.pages() as client:
        for title in TITLES:
            assert press(client, links(mail, title)["reassign"], to="tom").status_code == 200
    lila.work()
    users = {each.name: gid for gid, each in lila.town.boxes.asana.world.users.items()}
    (task,) = [task for task in lila.town.boxes.asana.tasks(places.project) if task["name"] == "Page"]
    assert task["assignee"]["gid"] == users["Tom"]
    (card,) = [card for card in lila.town.boxes.trello.cards.values() if card["name"] == "Billet" and _mine(lila, card)]
    assert [lila.town.boxes.trello.members[who]["username"] for who in card["idMembers"]] == ["tomtom"]
    assert len(places.rows()["Facture"]["Qui"]) == 1
    (to_tom,) = lila.news()
    assert address(to_tom) == TOM
    assert all(title in text(to_tom) for title in TITLES)
    assert tomorrow(lila) == []


def test_until_the_day_of_a_snooze_there_is_silence_then_it_is_said_once(lila: House) -> None:
    with lila.pages() as client:
        url = links(digest(lila), "Page")["snooze"]
        assert press(client, url, until=in_days(3).isoformat()).status_code == 200
        # The card and the row are done: only the task is left.
        lila.town.boxes.trello.edit_card(_key(lila, "Billet"), dueComplete=True)
        lila.town.boxes.notion.edit_as_person(lila.places.rows()["Facture"]["id"], {"Statut": "Terminé"})
        lila.read()
    assert tomorrow(lila, 1) == []
    assert [who for who, _ in tomorrow(lila, 2)] == [CLAIRE], "two working days late: it is Claire's business too"
    lila.clock.at = MORNING + 3 * DAY
    lila.round()
    mail = digest(lila)
    assert "Page" in text(mail)
    assert tomorrow(lila, 4) == []
    assert tomorrow(lila, 7) == []


def _key(lila: House, name: str) -> str:
    cards = lila.town.boxes.trello.cards
    return next(str(key) for key, card in cards.items() if card["name"] == name and _mine(lila, card))


def test_another_date_ends_a_snooze(lila: House) -> None:
    with lila.pages() as client:
        url = links(digest(lila), "Page")["snooze"]
        assert press(client, url, until=in_days(20).isoformat()).status_code == 200
    asana = lila.town.boxes.asana
    (task,) = [task for task in asana.tasks(lila.places.project) if task["name"] == "Page"]
    asana.edit_task(task["gid"], due_on=in_days(2).isoformat())
    lila.read()
    lila.clock.at = MORNING + DAY
    lila.round()
    assert "Page" in text(digest(lila))


def test_what_is_not_hers_is_told_to_who_is_told_when_nobody_does_it(lila: House) -> None:
    with lila.pages() as client:
        url = links(digest(lila), "Page")["not_mine"]
        before = lila.places.writes()
        assert press(client, url).status_code == 200
    lila.work()
    lila.round()
    (mail,) = lila.news()
    assert address(mail) == CLAIRE
    assert "Page" in text(mail)
    assert "Billet" not in text(mail)
    assert lila.places.writes() == before
    found = {title for who, title in _said(lila, 2) if who == LEA}
    assert "Page" not in found
    assert "Billet" in found


def _said(lila: House, days: int) -> set[tuple[str, str]]:
    """(address, title) of what goes out on a later morning."""
    lila.clock.at = MORNING + days * DAY
    lila.round()
    return {(address(mail), title) for mail in lila.news() for title in TITLES if title in text(mail)}


def test_a_link_is_good_once_and_for_thirty_days(lila: House) -> None:
    mail = digest(lila)
    with lila.pages() as client:
        urls = links(mail, "Page")
        assert press(client, urls["done"]).status_code == 200
        lila.work()
        before = lila.places.writes()
        again = press(client, urls["done"])
        assert again.status_code == 200
        assert "déjà" in again.text
        lila.work()
        assert len(kept(lila)) == 1
        lila.clock.at = MORNING + 31 * DAY
        late = press(client, links(mail, "Billet")["done"])
        assert late.status_code == 410
        assert len(kept(lila)) == 1
        assert press(client, urls["done"]).status_code == 410
    lila.work()
    assert lila.places.writes() == before


def test_an_answer_survives_a_restart_between_the_press_and_the_plan(lila: House) -> None:
    mail = digest(lila)
    with lila.pages() as client:
        press(client, links(mail, "Page")["done"])
    lila.restart()
    before = lila.places.writes()
    lila.work()
    lila.work()
    assert lila.places.writes()["asana"] - before["asana"] == 1


# Replies


def reply(lila: House, mail: EmailMessage, words: str, sender: str = LEA, **headers: str) -> None:
    """What a mail program sends back: to Reply-To, with the mail quoted below."""
    to = re.sub(r".*<|>.*", "", str(mail["Reply-To"]))
    quoted = "\n".join(f"> {line}" for line in text(mail).splitlines())
    made = EmailMessage()
    made["From"] = Address("Léa", addr_spec=sender)
    made["To"] = to
    made["Subject"] = f"Re: {mail['Subject']}"
    made["Message-ID"] = make_msgid(domain="example.com")
    made["In-Reply-To"] = str(mail["Message-ID"])
    made["Date"] = lila.clock()
    for name, value in headers.items():
        del made[name]
        made[name] = value
    made.set_content(f"{words}\n\nLe lundi 8 mars 2027, Atelier Lila <hub@example.com> a écrit :\n{quoted}\n")
    lila.town.post.inject(base64_raw=b64encode(made.as_bytes()).decode(), at=lila.clock().isoformat())


def lines_of(mail: EmailMessage) -> dict[str, int]:
    """Title -> the number under which the mail says it."""
    return {title: int(n) for n, title in re.findall(r"^(\d+)\. (.+?) \(http", text(mail), re.M)}


def test_a_reply_that_names_lines_ticks_them_off(lila: House) -> None:
    mail = digest(lila)
    number = lines_of(mail)
    reply(lila, mail, f"fait {number['Page']} et {number['Facture']}")
    before = lila.places.writes()
    lila.catch_up("email")
    lila.catch_up("email")
    assert {name: n - before[name] for name, n in lila.places.writes().items()} == {
        "asana": 1,
        "trello": 0,
        "notion": 1,
    }
    assert lila.places.rows()["Facture"]["Statut"] == "Terminé"
    assert lila.news() == []
    assert {row.via for row in kept(lila)} == {"reply"}
    assert [row.state for row in kept(lila)] == ["done", "done"]


@pytest.mark.parametrize("words", ["fait", "Bonjour,\n\nC'est fait, merci !\n\nLéa", "done"])
def test_done_alone_is_enough_where_there_is_one_line(town: Town, tmp_path: Path, words: str) -> None:
    with house(town, tmp_path) as lila:
        lila.places.task("Later", in_days(90))
        lila.begin(MORNING - 4 * DAY)
        lila.places.task("Page", in_days(0))
        lila.read()
        lila.clock.at = MORNING
        lila.round()
        reply(lila, digest(lila), words)
        lila.catch_up("email")
        done = {task["name"]: task["completed"] for task in town.boxes.asana.tasks(lila.places.project)}
        assert done == {"Later": False, "Page": True}


def test_anything_else_is_passed_on_to_the_obm_once(lila: House) -> None:
    mail = digest(lila)
    before = lila.places.writes()
    reply(lila, mail, "Je suis malade cette semaine, désolée. Fait 1 peut-être ?")
    lila.catch_up("email")
    (passed_on,) = lila.news()
    assert address(passed_on) == CLAIRE
    assert "Je suis malade cette semaine" in text(passed_on)
    assert "Léa" in text(passed_on)
    lila.restart()
    lila.read()
    lila.turn()
    lila.catch_up("email")
    assert lila.told() == []
    assert lila.places.writes() == before


def test_a_stranger_s_reply_is_passed_on_with_the_address_and_not_obeyed(lila: House) -> None:
    reply(lila, digest(lila), "fait 1", sender="somebody@elsewhere.example")
    before = lila.places.writes()
    lila.catch_up("email")
    (passed_on,) = lila.news()
    assert "somebody@elsewhere.example" in text(passed_on)
    assert lila.places.writes() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Subject": "Réponse automatique : absente jusqu'au 15"},
        {"X-Autoreply": "yes", "Precedence": "auto_reply"},
    ],
)
def test_a_machine_s_reply_is_ignored(lila: House, headers: dict[str, str]) -> None:
    reply(lila, digest(lila), "Je suis absente jusqu'au 15 mars.", **headers)
    lila.catch_up("email")
    assert lila.told() == []
    assert kept(lila) == []


def test_a_reply_at_night_is_carried_out_and_passed_on_at_a_decent_hour_or_by_a_person_s_clock(lila: House) -> None:
    """What she says is done is done at once, whatever the hour: only mails wait."""
    mail = digest(lila)
    lila.clock.at = MORNING + timedelta(hours=14)
    reply(lila, mail, f"fait {lines_of(mail)['Page']}")
    lila.catch_up("email")
    with lila.store.read() as conn:
        assert [entry.kind for entry in ledger.listing(conn, "lila", "done") if "/answer/" in entry.key] == ["update"]
    assert lila.told() == []
