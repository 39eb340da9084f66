"""From tasks at providers in small to mails at a real server: each alert once, at its hour, to its reader."""

from __future__ import annotations

from pathlib import Path

from hub.cli.shown import short
from hub.engine.planners import make_plan
from hub.engine.undo import undo
from hub.store import ledger, mails
from tests.alerts.world import PEOPLE, PROJECT, Site, Town, asana_calls, in_days, site, text


def _lancement(town: Town) -> tuple[str, str]:
    """The project, and Léa."""
    return town.boxes.asana.add_project(PROJECT, ("À faire",)), town.boxes.asana.add_user("Léa", "lea@example.com")


def _begin(lila: Site) -> None:
    """The first run is over: an empty morning."""
    lila.read()
    lila.clock.to(in_days(-4), 7, 30)
    lila.round()


def _due_today(lila: Site, project: str, lea: str) -> None:
    """The first run is over, and a task is due on the Monday of the story."""
    _begin(lila)
    lila.clock.to(in_days(0), 5)
    lila.town.boxes.asana.add_task(project, "Page de vente", due_on=in_days(0).isoformat(), assignee=lea)
    lila.read()


def test_a_digest_goes_out_once_at_its_hour_whatever_restarts_in_between(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        _due_today(lila, project, lea)
        lila.turn()
        assert lila.subjects() == []
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        lila.restart()
        lila.round()
        lila.clock.to(in_days(0), 15)
        lila.round()
        assert lila.subjects() == [("Léa Martin <lea@example.com>", "1 tâche pour aujourd'hui — Atelier Lila")]
        assert "Page de vente" in text(lila.mails[0])


def test_before_its_hour_the_plan_shows_the_mail_that_will_go(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    town.boxes.asana.add_task(project, "Page de vente", due_on=in_days(0).isoformat(), assignee=lea)
    with site(town, tmp_path) as lila:
        lila.read()
        made = make_plan(lila.runtime, lila.runtime.jobs["deadlines"])
        assert made.plan.actions == ()
        assert made.ahead is not None
        shown = short(made.ahead())
    assert "@ mail to Léa Martin (lea@example.com)" in shown
    assert "partira le 08/03/2027 à 08:30" in shown
    assert "Page de vente" in shown
    assert "/answer/" not in shown, "an address that acts for Léa is shown to whoever looks at the plan"


def test_what_was_done_a_moment_ago_is_read_again_and_dropped(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    asana = town.boxes.asana
    with site(town, tmp_path) as lila:
        _begin(lila)
        lila.clock.to(in_days(0), 5)
        made = [asana.add_task(project, name, due_on=in_days(0).isoformat(), assignee=lea) for name in ("Une", "Deux")]
        gone = asana.add_task(project, "Trois", due_on=in_days(0).isoformat(), assignee=lea)
        lila.read()
        asana.edit_task(made[0], completed=True)
        asana.delete_task(gone)
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        (mail,) = lila.mails
        assert "Deux" in text(mail)
        assert "Trois" not in text(mail)
        assert "1 tâche pour aujourd'hui" in str(mail["Subject"])


def test_a_morning_without_anything_to_say_costs_no_call_and_sends_nothing(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        town.boxes.asana.add_task(project, "Plus tard", due_on=in_days(30).isoformat(), assignee=lea)
        _begin(lila)
        before = asana_calls(town)
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        assert asana_calls(town) == before
        assert lila.mails == []


def test_each_task_in_a_mail_is_read_once_more_and_nothing_else_is(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    asana = town.boxes.asana
    with site(town, tmp_path) as lila:
        _begin(lila)
        lila.clock.to(in_days(0), 5)
        for number in range(7):
            asana.add_task(project, f"Aujourd'hui {number}", due_on=in_days(0).isoformat(), assignee=lea)
            asana.add_task(project, f"Plus tard {number}", due_on=in_days(60).isoformat(), assignee=lea)
        lila.read()
        before = asana_calls(town)
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        assert len(lila.mails) == 1
        assert asana_calls(town) - before == 7


def test_while_a_source_is_silent_its_tasks_wait_and_those_of_others_go(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    asana, trello = town.boxes.asana, town.boxes.trello
    board = trello.add_board("Calendrier")
    watch = [{"from": "asana", "project": PROJECT}, {"from": "trello", "board": "Calendrier"}]
    people = {**PEOPLE, "lea": {**PEOPLE["lea"], "trello": "leamartin"}}
    with site(town, tmp_path, watch=watch, people=people) as lila:
        _begin(lila)
        lila.clock.to(in_days(0), 5)
        asana.add_task(project, "Chez Asana", due_on=in_days(0).isoformat(), assignee=lea)
        trello.add_list(board, "À faire")
        member = trello.add_member("Léa Martin", "leamartin")
        trello.add_card(board, "Chez Trello", due=f"{in_days(0)}T15:00:00.000Z", idMembers=[member])
        lila.read()
        asana.fail("GET", "/api/1.0/tasks/*", "503")
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        (mail,) = lila.mails
        assert "Chez Trello" in text(mail)
        assert "Chez Asana" not in text(mail)
        asana.heal()
        lila.clock.to(in_days(1), 7, 30)
        lila.round()
        assert ["Chez Asana" in text(mail) for mail in lila.mails] == [False, True]


def test_a_mail_that_the_server_could_not_take_goes_later_and_once(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        _due_today(lila, project, lea)
        town.post.fault("451", "rcpt", times=50)
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        assert lila.mails == []
        town.post.heal()
        lila.clock.to(in_days(0), 8, 30)
        lila.round()
        lila.round()
        assert len(lila.mails) == 1


def test_a_mail_of_which_nobody_can_tell_whether_it_went_is_never_sent_again(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        _due_today(lila, project, lea)
        town.post.fault("close", "content", times=1)
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        with lila.store.read() as conn:
            (entry,) = ledger.listing(conn, "lila", "uncertain")
        assert entry.kind == "send"
        went = len(lila.mails)
        for hour in (9, 11, 15):
            lila.clock.to(in_days(0), hour)
            lila.restart()
            lila.round()
        assert len(lila.mails) == went <= 1


def test_an_address_that_is_refused_stops_nobody_else_and_the_obm_hears_of_its_tasks(
    town: Town, tmp_path: Path
) -> None:
    project, lea = _lancement(town)
    tom = town.boxes.asana.add_user("Tom", "tom@example.com")
    with site(town, tmp_path) as lila:
        _begin(lila)
        lila.clock.to(in_days(0), 5)
        for name, who in (("De Léa", lea), ("De Tom", tom)):
            town.boxes.asana.add_task(project, name, due_on=in_days(0).isoformat(), assignee=who)
        lila.read()
        town.post.fault("550", "rcpt", times=50, recipient="lea@example.com")
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        assert [str(mail["To"]) for mail in lila.mails] == ["Tom <tom@example.com>"]
        with lila.store.read() as conn:
            assert "lea@example.com" in mails.refusals(conn, "lila")
        lila.clock.to(in_days(0), 9)
        lila.round()
        assert [str(mail["To"]) for mail in lila.mails][1:] == ["Claire Petit <claire@example.com>"]
        assert "De Léa" in text(lila.mails[1])


def test_the_first_run_says_what_is_late_already_in_one_list(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        for number in range(12):
            day = in_days(-10 - number).isoformat()
            town.boxes.asana.add_task(project, f"Ancienne {number}", due_on=day, assignee=lea)
        lila.read()
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        (mail,) = lila.mails
        assert str(mail["To"]) == "Claire Petit <claire@example.com>"
        assert all(f"Ancienne {number}" in text(mail) for number in range(12))
        lila.clock.to(in_days(1), 7, 30)
        lila.round()
        assert len(lila.mails) == 1


def test_outside_of_the_open_hours_and_on_days_off_nothing_goes(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        _begin(lila)
        lila.clock.to(in_days(5), 5)  # a Saturday
        town.boxes.asana.add_task(project, "Samedi", due_on=in_days(5).isoformat(), assignee=lea)
        lila.read()
        for day, hour in ((5, 8), (5, 15), (6, 9), (7, 3)):
            lila.clock.to(in_days(day), hour)
            lila.round()
        assert lila.mails == []
        lila.clock.to(in_days(7), 7, 30)
        lila.round()
        assert len(lila.mails) == 1


def test_a_list_that_cannot_be_written_keeps_no_mail_back(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    town.boxes.notion.share_page("Atelier Lila")
    with site(town, tmp_path, show_in={"database": "Échéances"}) as lila:
        _due_today(lila, project, lea)
        town.boxes.notion.fault("unavailable")
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        assert len(lila.mails) == 1
        town.boxes.notion.clear_faults()
        lila.clock.to(in_days(0), 8, 30)
        lila.round()
        assert len(lila.mails) == 1
        (table,) = [one for one in town.boxes.notion.tables() if one["title"] == "Échéances"]
        assert [row["Tâche"] for row in town.boxes.notion.rows(table["id"])] == ["Page de vente"]


def test_taking_back_a_run_takes_back_the_list_and_says_that_mails_stay_sent(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    town.boxes.notion.share_page("Atelier Lila")
    with site(town, tmp_path, show_in={"database": "Échéances"}) as lila:
        _begin(lila)
        lila.clock.to(in_days(0), 7, 30)
        town.boxes.asana.add_task(project, "Page de vente", due_on=in_days(0).isoformat(), assignee=lea)
        lila.read()
        lila.round()
        with lila.store.read() as conn:
            (run, _), *_ = ledger.by_run(conn, "lila")
        back = undo(lila.runtime, "deadlines", run).plan
        assert [action.kind for action in back.actions] == ["archive"]
        assert any("un mail ne se rattrape pas" in note for note in back.notes)


def test_a_plan_that_was_made_again_says_each_of_its_notes_once(town: Town, tmp_path: Path) -> None:
    project, lea = _lancement(town)
    with site(town, tmp_path) as lila:
        _due_today(lila, project, lea)
        nobody = town.boxes.asana.add_user("Zoé", "zoe@example.com")
        town.boxes.asana.add_task(project, "De Zoé", due_on=in_days(0).isoformat(), assignee=nobody)
        lila.read()
        lila.clock.to(in_days(0), 7, 30)
        notes = [result.plan.notes for turn in lila.round() for result in turn.jobs if result.plan]
    assert notes
    assert any("Zoé" in note for note in notes[0])
    assert len(set(notes[0])) == len(notes[0])
