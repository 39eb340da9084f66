"""`hub check` against six providers in small: all is well, and then one thing is not, which it says in one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from connectors.trello.sandbox import TOKEN as TRELLO_TOKEN
from hub.cli.check import check
from hub.cli.setup import setup
from tests.cli.atelier import Accounts, Atelier, accounts, atelier

FILES = "mappings/atelier-lila"
SCOPES = ("users:read", "organizations:read", "scheduled_events:read", "routing_forms:read", "webhooks:read")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Atelier]:
    """The example, and accounts in which the hub has made nothing yet."""
    with accounts() as made:
        yield atelier(tmp_path, made)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    """Accounts in which the hub has made what it makes. Whoever changes something there puts it back."""
    with accounts() as made, pytest.MonkeyPatch.context() as patch:
        into(atelier(tmp_path_factory.mktemp("settled"), made), patch)
        assert setup(None, yes=True, say=lambda _line: None) == 0
        yield made


@pytest.fixture
def mine(settled: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Atelier:
    """The example in a folder of its own, with this process in it."""
    made = atelier(tmp_path, settled)
    into(made, monkeypatch)
    return made


def into(site: Atelier, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(site.folder)
    for name, value in site.environment.items():
        patch.setenv(name, value)


def told() -> tuple[int, list[str]]:
    """The exit code, and all that was said. Ids and addresses are shown as ID."""
    lines: list[str] = []
    code = check(offline=False, say=lambda line: lines.append(click.unstyle(line)))
    return code, [re.sub(r"https?://[^\s)]+|\b(acct|prod)_\w+|\b[0-9]{16}\b|\b[0-9a-f-]{36}\b", "ID", x) for x in lines]


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("error") or ": error: " in line or ": warning: " in line]


def test_the_example_passes_and_setup_makes_only_what_is_missing(site: Atelier) -> None:
    first = site.hub("check")
    assert first.code == 0, first.everything
    assert "note  atelier-lila · tasks: « Tâches du lancement » is not there yet; `hub setup` makes it" in first.out
    assert first.out.endswith("Nothing is wrong.\n")
    before = {table["title"]: table["id"] for table in site.accounts.notion.tables()}
    columns = site.accounts.columns()

    made = site.hub("setup", "--yes")
    assert made.code == 0, made.everything
    after = {table["title"]: table["id"] for table in site.accounts.notion.tables()}
    assert before.items() <= after.items()
    assert {"Chiffres du mois", "Tâches du lancement"} <= after.keys() - before.keys()
    assert columns.items() <= site.accounts.columns().items()

    again, second = site.hub("setup", "--yes"), site.hub("check")
    assert again.code == 0
    assert "to do" not in again.out
    assert second.code == 0, second.everything
    assert "is not there yet" not in second.out
    assert {table["title"]: table["id"] for table in site.accounts.notion.tables()} == after


def test_the_example_passes_its_tests_and_is_read_aloud_in_both_languages(site: Atelier) -> None:
    tried = site.hub("test")
    assert tried.code == 0, tried.everything
    assert re.search(r"^\d+ examples, all as expected\.$", tried.out, re.MULTILINE)
    for language, words in (("fr", "Ce que les gens lisent"), ("en", "What people read")):
        read = site.hub("explain", "--language", language)
        assert read.code == 0, read.everything
        assert words in read.out


def test_looking_changes_nothing_anywhere(mine: Atelier) -> None:
    before = (mine.accounts.columns(), mine.accounts.notion.stats()["writes"])
    assert told()[0] == 0
    assert (mine.accounts.columns(), mine.accounts.notion.stats()["writes"]) == before
    kit = (mine.accounts.asana, mine.accounts.trello, mine.accounts.calendly)
    assert {method for box in kit for method, _ in box.calls.counts} == {"GET"}
    assert mine.accounts.email.mails() == []


def test_setup_makes_what_the_steps_of_a_journey_fill(site: Atelier) -> None:
    rows = "{Qui: person.name, Le: booking.day, Lien: booking.cancel_url, Total: payment.amount}"
    sheet = f"database: Fiches 2027, hub_owns: {rows}, people_own: [Notes]"
    another = f"- {{name: sheet, after: payment, write: {{{sheet}}}}}\n  - name: client_page"
    site.change("onboarding.yaml", "- name: client_page", another)
    site.change("onboarding.yaml", "Offre: offer", "Formule: offer")
    noted = site.hub("check")
    assert noted.code == 0, noted.everything
    assert "« Fiches 2027 » is not there yet; `hub setup` makes it, and then the job can run" in noted.out
    assert "« Clientes » lacks Formule (text); `hub setup` adds it, and then the job can run" in noted.out

    made, again, second = site.hub("setup", "--yes"), site.hub("setup", "--yes"), site.hub("check")

    assert (made.code, again.code, second.code) == (0, 0, 0), made.everything
    assert "to do" not in again.out
    columns = site.accounts.columns()
    kinds = {name.removeprefix("Fiches 2027 › "): one["type"] for name, one in columns.items() if "2027" in name}
    assert kinds == {
        "Qui": "title", "Le": "date", "Lien": "url", "Total": "number", "Notes": "rich_text", "Hub": "rich_text",
    }  # fmt: skip
    assert columns["Clientes › Formule"]["type"] == "rich_text"


def test_a_project_that_is_renamed_later_is_the_same_one_and_is_noted(mine: Atelier) -> None:
    assert told()[0] == 0
    project = mine.accounts.ids["project"]
    mine.accounts.asana.change_project(project, name="Lancement d'hiver")
    try:
        code, lines = told()
    finally:
        mine.accounts.asana.change_project(project, name="Lancement d'automne")
    assert code == 0, lines
    assert [line for line in lines if "is called" in line] == [
        f"{FILES}/{place}: note: The project « Lancement d'automne » is called « Lancement d'hiver » now. It is "
        f"followed as before. Write the new name in {place.partition(':')[0]} when you like."
        for place in ("deadlines.yaml:8:28", "tasks.yaml:8:36")
    ]


def test_somebody_who_may_do_a_task_should_have_an_address(mine: Atelier) -> None:
    mine.change("business.yaml", "    email: lea@example.com\n", "")
    code, lines = told()
    assert code == 0
    assert wrong(lines) == [
        f'{FILES}/business.yaml:15:3: warning: "lea" has no e-mail address, and deadlines.yaml mails whoever does a '
        "task: she would not be told. Add it. Example: lea: {name: Léa, email: lea@example.com}"
    ]


def test_a_mail_connection_that_can_only_receive_sends_nothing(mine: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_HOST", "SMTP_PORT", "SMTP_TLS"):
        monkeypatch.delenv(f"HUB_ATELIER_LILA_EMAIL_{name}")
    code, lines = told()
    assert code == 1
    assert wrong(lines) == [
        "error  atelier-lila · email: deadlines, onboarding, brief, report cannot send through it as it is."
        " `hub connect email`"
    ]


Deed = Callable[[Atelier], object]


@dataclass(frozen=True)
class Defect:
    """One thing that is not as the files say. `heal` puts back what stands at a provider."""

    name: str
    plant: Deed
    says: tuple[str, ...]
    heal: Deed = lambda _site: None


def at(place: str, says: str) -> str:
    return f"{FILES}/{place}: error: {says}"


def ids(site: Atelier) -> dict[str, str]:
    return site.accounts.ids


def board(site: Atelier, name: str, *, closed: bool = False) -> None:
    site.accounts.trello.edit_board(ids(site)["board"], name=name, closed=closed)


def another_sync(site: Atelier, name: str, places: str, source: str, target: str) -> None:
    head = "hub: 1\njob: sync\nsays: another one\nmatch_by: id\n"
    site.file(name).write_text(f"{head}{places}\nfields: [{{source: {source}, target: {target}}}]\n")


def fill_a_board(site: Atelier, *, write: bool) -> None:
    """A job that writes to Trello, with a key that may or may not."""
    places = "from: {connection: notion, database: Clientes}\nto: {connection: trello, board: Calendrier éditorial}"
    another_sync(site, "board.yaml", places, "Nom", "title")
    site.accounts.trello.new_token(TRELLO_TOKEN, write=write)


PROJECT = "No project that the key sees is called « Lancement d'automne ». Did you mean « Lancement d'hiver » in "
PROJECT += "Sandbox (ID)? Write its name in "
TYPE = "The hub changes no type: change it there, or "
SCOPE = "Make a token that has them in Calendly > Integrations & apps > API and webhooks."
DEFECTS = (
    Defect(
        "a project that has another name",
        lambda site: site.accounts.asana.change_project(ids(site)["project"], name="Lancement d'hiver"),
        (at("deadlines.yaml:8:28", f"{PROJECT}deadlines.yaml."), at("tasks.yaml:8:36", f"{PROJECT}tasks.yaml.")),
        lambda site: site.accounts.asana.change_project(ids(site)["project"], name="Lancement d'automne"),
    ),
    Defect(
        "a board that has another name",
        lambda site: board(site, "Calendrier des articles"),
        (
            at(
                "deadlines.yaml:9:27",
                "No board that the key sees is called « Calendrier éditorial ». Did you mean « Calendrier des articles "
                "» in Atelier Lila (ID)? Write its name in deadlines.yaml.",
            ),
        ),
        lambda site: board(site, "Calendrier éditorial"),
    ),
    Defect(
        "a board that is closed",
        lambda site: board(site, "Calendrier éditorial", closed=True),
        (
            at(
                "deadlines.yaml:9:27",
                "No board that the key sees is called « Calendrier éditorial ». It sees no board at all: make one "
                "there, or give the key access to it, and run `hub check`.",
            ),
        ),
        lambda site: board(site, "Calendrier éditorial"),
    ),
    Defect(
        "a list that has another name",
        lambda site: site.accounts.trello.rename_list(ids(site)["list"], "Les idées"),
        (
            at(
                "deadlines.yaml:9:62",
                "« Calendrier éditorial » has no list « Idées ». Did you mean « Les idées »? Write its name in "
                "deadlines.yaml.",
            ),
        ),
        lambda site: site.accounts.trello.rename_list(ids(site)["list"], "Idées"),
    ),
    Defect(
        "a database that has another name",
        lambda site: site.accounts.rename(ids(site)["internal"], "À faire, interne"),
        (
            at(
                "deadlines.yaml:11:15",
                "No database that the key sees is called « À faire en interne ». Did you mean « À faire, interne » in "
                "Atelier Lila (ID)? Write its name in deadlines.yaml.",
            ),
        ),
        lambda site: site.accounts.rename(ids(site)["internal"], "À faire en interne"),
    ),
    Defect(
        "a property that is read as a date and is a text",
        lambda site: site.accounts.retype(ids(site)["internal"], "Pour le", "rich_text"),
        (
            at(
                "deadlines.yaml:13:10",
                "« Pour le » of « À faire en interne » has the type text, and is read here as date. Change it there, "
                "or name another property in deadlines.yaml.",
            ),
        ),
        lambda site: site.accounts.retype(ids(site)["internal"], "Pour le", "date"),
    ),
    Defect(
        "a property that is not there",
        lambda site: site.change("deadlines.yaml", "assignee: Qui", "assignee: Quii"),
        (
            at(
                "deadlines.yaml:14:15",
                "« À faire en interne » has no property « Quii ». Did you mean « Qui »? Correct it in deadlines.yaml, "
                "or make it there.",
            ),
        ),
    ),
    Defect(
        "an event type that has another name",
        lambda site: site.accounts.calendly.change_event_type(ids(site)["event_type"], name="Appel de départ"),
        (
            at(
                "onboarding.yaml:11:50",
                "No event type that the key sees is called « Appel de démarrage ». Did you mean « Appel de départ » in "
                "Claire Fontaine (ID); « Appel découverte » in Claire Fontaine (ID)? Write its name in "
                "onboarding.yaml.",
            ),
        ),
        lambda site: site.accounts.calendly.change_event_type(ids(site)["event_type"], name="Appel de démarrage"),
    ),
    Defect(
        "an event type that nobody can book any more",
        lambda site: site.accounts.calendly.change_event_type(ids(site)["event_type"], active=False),
        (
            at(
                "onboarding.yaml:11:50",
                "No event type that the key sees is called « Appel de démarrage ». Did you mean « Appel découverte » "
                "in Claire Fontaine (ID)? Write its name in onboarding.yaml.",
            ),
        ),
        lambda site: site.accounts.calendly.change_event_type(ids(site)["event_type"], active=True),
    ),
    Defect(
        "a link for an event type that is not there",
        lambda site: site.change(
            "onboarding.yaml",
            "ask: {who: obm, to: Contrat envoyé}, late_after: 2 working days",
            "link: {from: calendly, event_type: Appel decouvert}",
        ),
        (
            at(
                "onboarding.yaml:32:73",
                "No event type that the key sees is called « Appel decouvert ». Did you mean « Appel découverte » in "
                "Claire Fontaine (ID); « Appel de démarrage » in Claire Fontaine (ID)? Write its name in "
                "onboarding.yaml.",
            ),
        ),
    ),
    Defect(
        "a title that has another name",
        lambda site: site.change("onboarding.yaml", "{Nom: person.name,", "{Prénom: person.name,"),
        (
            at(
                "onboarding.yaml:22:26",
                "The title of « Clientes » is called « Nom » and the job calls it « Prénom »: rename it there, or "
                "write Nom: person.name in onboarding.yaml.",
            ),
        ),
    ),
    Defect(
        "a database that is not there and needs a template",
        lambda site: site.change("onboarding.yaml", "database: Clientes", "database: Fiches 2027"),
        (
            at(
                "onboarding.yaml:21:22",
                "« Fiches 2027 » has no template « Fiche cliente »: make it there, which only a person can.",
            ),
        ),
    ),
    Defect(
        "a product that is not sold",
        lambda site: site.change("onboarding.yaml", "product: Programme Élan", "product: Programme Elan +"),
        (
            at(
                "onboarding.yaml:10:47",
                "No product that the key sees is called « Programme Elan + ». Did you mean « Programme Élan » (ID)? "
                "Write its name in onboarding.yaml.",
            ),
        ),
    ),
    Defect(
        "a project template that is not there",
        lambda site: site.change("onboarding.yaml", "template: Programme 90 jours", "template: Programme 60 jours"),
        (
            at(
                "onboarding.yaml:24:76",
                "No template that the key sees is called « Programme 60 jours ». Did you mean « Programme 90 jours » "
                "in Sandbox (ID)? Write its name in onboarding.yaml.",
            ),
        ),
    ),
    Defect(
        "a page template in the trash",
        lambda site: site.accounts.notion.trash_as_person(ids(site)["sheet"]),
        (
            at(
                "onboarding.yaml:21:22",
                "No template that the key sees is called « Fiche cliente ». It sees no template at all: make one "
                "there, or give the key access to it, and run `hub check`.",
            ),
        ),
        lambda site: site.accounts.notion.restore_as_person(ids(site)["sheet"]),
    ),
    Defect(
        "a property that a step cannot fill",
        lambda site: site.accounts.retype(ids(site)["clients"], "Payé", "checkbox"),
        (
            at(
                "onboarding.yaml:22:78",
                "« Payé » of « Clientes » has the type checkbox, and payment.amount needs number or text. "
                f"{TYPE}name another property.",
            ),
        ),
        lambda site: site.accounts.retype(ids(site)["clients"], "Payé", "number"),
    ),
    Defect(
        "a property that a sync cannot fill",
        lambda site: site.accounts.retype(site.accounts.table("Tâches du lancement"), "Échéance", "checkbox"),
        (
            at(
                "tasks.yaml:14:32",
                "« Échéance » of « Tâches du lancement » has the type checkbox and needs date. "
                f"{TYPE}rename it, and `hub setup` adds its own.",
            ),
        ),
        lambda site: site.accounts.retype(site.accounts.table("Tâches du lancement"), "Échéance", "date"),
    ),
    Defect(
        "a property that a figure cannot fill",
        lambda site: site.accounts.retype(site.accounts.table("Chiffres du mois"), "Montant", "checkbox"),
        (
            at(
                "revenue.yaml:71:3",
                "« Montant » of « Chiffres du mois » has the type checkbox and needs number. "
                f"{TYPE}rename it, and `hub setup` adds its own.",
            ),
        ),
        lambda site: site.accounts.retype(site.accounts.table("Chiffres du mois"), "Montant", "number"),
    ),
    Defect(
        "a person who has another name there",
        lambda site: site.change("business.yaml", "asana: Léa Martin", "asana: Lea Martine"),
        (
            at(
                "business.yaml:18:12",
                "Nobody in Asana is called « Lea Martine ». Did you mean « Léa Martin »? Write it in business.yaml.",
            ),
        ),
    ),
    Defect(
        "a person who is on no board",
        lambda site: site.accounts.trello.expel(ids(site)["board"], ids(site)["member"]),
        (
            at(
                "business.yaml:19:13",
                "Nobody in Trello is called « leamartin ». Did you mean « Claire Martin »? Write it in business.yaml.",
            ),
        ),
        lambda site: site.accounts.trello.invite(ids(site)["board"], ids(site)["member"]),
    ),
    Defect(
        "a person who is told by mail and has no address",
        lambda site: site.change("business.yaml", "{name: Lila, email: lila@example.com}", "{name: Lila}"),
        (
            *(
                at(
                    place,
                    'tell: "ceo" is told by mail, and has no e-mail address in business.yaml. Add it there. '
                    "Example: people: {ceo: {name: Lila, email: ceo@example.com}}",
                )
                for place in ("deadlines.yaml:22:54", "onboarding.yaml:38:47")
            ),
        ),
    ),
    Defect(
        "a key without a right",
        lambda site: site.accounts.allow_stripe("disputes"),
        (
            "error  atelier-lila · stripe: Stripe's key may not read all that the hub needs (Stripe account Sandbox "
            "(ID), test mode). Missing:\n  dispute: Read on Disputes (rak_dispute_read)\nAdd these to the restricted "
            "key in Stripe > Developers > API keys.",
        ),
        lambda site: site.accounts.allow_stripe(),
    ),
    Defect(
        "a key without a scope",
        lambda site: site.accounts.allow_calendly(*SCOPES),
        (
            "error  atelier-lila · calendly: Calendly's key may not read all that the hub needs (Claire Fontaine "
            f"(claire@example.fr), owner of the organization ID). Missing scopes: event_types:read. {SCOPE}",
        ),
        lambda site: site.accounts.allow_calendly(),
    ),
    Defect(
        "a key that is revoked",
        lambda site: site.accounts.trello.revoke(TRELLO_TOKEN),
        (
            "error  atelier-lila · trello: Trello refused GET /members/me (401): invalid token. Look at "
            "ID > the Power-Up > API key: the key must be there, and the token must be made with it, with the scopes "
            "read and write, by a member of the board.",
        ),
        lambda site: site.accounts.trello.new_token(TRELLO_TOKEN),
    ),
    Defect(
        "a key that may only read what a job writes",
        lambda site: fill_a_board(site, write=False),
        ("error  atelier-lila · trello: board cannot write with a key that may only read: see above",),
        lambda site: site.accounts.trello.new_token(TRELLO_TOKEN),
    ),
    Defect(
        "a page that is shared no more",
        lambda site: site.accounts.notion.unshare_page(ids(site)["page"]),
        (
            'error  atelier-lila · notion: The hub sees no page called "Atelier Lila". In Notion, open the page, then '
            "••• > Connections, and add the hub's connection. If it was shared a minute ago, give `page` its address. "
            "Pages it sees: none",
        ),
        lambda site: site.accounts.notion.share_again(ids(site)["page"]),
    ),
    Defect(
        "two names for one database, and so two owners",
        lambda site: another_sync(
            site,
            "tasks-2.yaml",
            "from: {connection: trello, board: Calendrier éditorial}\n"
            f"to: {{connection: notion, database: {site.accounts.table('Tâches du lancement')}}}",
            "title",
            "Tâche",
        ),
        (
            at(
                "tasks.yaml:9:38",
                'database: "Tâches du lancement" is already written by tasks-2.yaml; two jobs cannot own the same '
                "rows. Give this job a database of its own. Example: database: Chiffres 2",
            ),
        ),
    ),
    Defect(
        "two names for one project, and so a circle",
        lambda site: another_sync(
            site,
            "back.yaml",
            "from: {connection: notion, database: Tâches du lancement}\n"
            f'to: {{connection: asana, project: "{ids(site)["project"]}"}}',
            "Commentaire",
            "notes",
        ),
        (
            at(
                "tasks.yaml:9:7",
                "to: asana › Lancement d'automne → notion › Tâches du lancement closes a circle with back.yaml: every "
                "record would come back as a new one. One sync goes both ways already: keep one file. "
                "Example: {source: due, target: Échéance, owner: latest}",
            ),
        ),
    ),
)


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect.name for defect in DEFECTS])
def test_one_thing_that_is_not_so_is_told_in_one_line(defect: Defect, mine: Atelier) -> None:
    defect.plant(mine)
    try:
        code, lines = told()
    finally:
        defect.heal(mine)
    assert tuple(wrong(lines)) == defect.says
    count = sum(": warning: " not in line for line in defect.says)
    assert (code, lines[-1]) == (1, f"{count} thing{'s' if count > 1 else ''} to put right.")
