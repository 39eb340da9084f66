"""What the demo's clients buy: the file that welcomes them, its texts, and what Lila prepared in Notion and Asana."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx

from connectors.asana.sandbox import AsanaSandbox
from connectors.calendly.sandbox import CalendlySandbox
from connectors.notion.sandbox.control import TOKEN, NotionSandbox

OFFER = "Programme Phare"
CALL = "Appel de démarrage"
TABLE = "Clientes"
SHEET = "Fiche cliente"
PROJECT = "Programme 90 jours"
CONTRACT = "Contrat envoyé"
TASKS = (("Préparer l'appel", 0), ("Envoyer le compte rendu", 2), ("Premier bilan", 30))
"""What the project holds, with its days from the start."""

ONBOARDING_YAML = f"""\
# yaml-language-server: $schema=../../docs/schema/client_onboarding.json
hub: 1
job: client_onboarding
says: >
  When somebody pays for the programme or books the first call, open one journey for that person, and do each step
  once, whatever happens and in whatever order.

offer: {OFFER}
starts_on:
  - {{event: payment, from: stripe,   product: {OFFER}}}
  - {{event: booking, from: calendly, event_type: {CALL}}}

steps:
  - {{name: welcome, after: payment, send: welcome}}
  - name: client_page
    after: payment
    write:
      database: {TABLE}
      from_template: {SHEET}
      hub_owns: {{Nom: person.name, E-mail: person.email, Offre: offer, Payé: payment.amount, Appel: booking.day}}
      people_own: [Statut]
  - {{name: project, after: [payment, booking], copy: {{to: asana, template: {PROJECT}, start_on: booking.day}}}}
  - name: book
    after: payment
    if_no: booking
    wait: 3 days
    send: please_book
    repeat: {{every: 4 days, times: 2, then_tell: obm}}
  - {{name: contract, after: payment, ask: {{who: obm, to: {CONTRACT}}}, late_after: 2 working days}}

changes:
  booking_moved:     {{move_dates: true, send: new_time}}
  booking_cancelled: {{pause: true, tell: obm}}
  refunded:          {{stop: true, tell: [obm, ceo]}}

sending: {{hours: "00:00-23:59"}}   # only here, so that the demo works at any hour: 08:30-18:00 is usual
"""
TEXTS = {
    "welcome": """\
Subject: Bienvenue dans {offer}, {person.first_name} !

Bonjour {person.first_name},

Merci pour ta confiance : ton paiement de {payment.amount} est bien arrivé.

Réserve ton [appel de démarrage](https://calendly.com/atelier-lila/appel-de-demarrage) ; ton contrat suit.

L'équipe d'{business.name}
""",
    "please_book": """\
Subject: Il manque ton appel, {person.first_name}

Bonjour {person.first_name},

Choisis le jour de ton [appel de démarrage](https://calendly.com/atelier-lila/appel-de-demarrage).

L'équipe d'{business.name}
""",
    "new_time": """\
Subject: C'est noté : {booking.day} à {booking.time}

Bonjour {person.first_name},

Ton appel est déplacé au **{booking.day} à {booking.time}**. Tout le reste suit ; tu n'as rien à faire.

L'équipe d'{business.name}
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Where clients book, and the database with a page for each: their ids."""

    call: str
    table: str


def write_files(folder: Path) -> None:
    """The file of the business that welcomes its clients, with the texts that it sends."""
    (folder / "onboarding.yaml").write_text(ONBOARDING_YAML, encoding="utf-8")
    (folder / "texts").mkdir()
    for name, text in TEXTS.items():
        (folder / "texts" / f"{name}.fr.md").write_text(text, encoding="utf-8")


def furnish(
    notion: NotionSandbox, notion_url: str, page: str, asana: AsanaSandbox, calendly: CalendlySandbox, today: date
) -> Programme:
    """A kind of appointment, a database with a template for its rows, a project to copy."""
    owner = next(iter(calendly.users.values()))["uri"]
    table = _database(notion_url, page)
    sheet = notion.add_template(table, SHEET)
    notion.edit_as_person(sheet, {"Statut": "nouvelle"})
    for title in ("Contrat signé", "Appel de démarrage", "Livrables"):
        notion.add_block_as_person(sheet, title, "to_do")
    shape = asana.add_project("Modèle du programme", ("Démarrer", "Accompagner"), start_on=today.isoformat())
    for title, days in TASKS:
        section = "Démarrer" if days < 10 else "Accompagner"
        asana.add_task(shape, title, section, due_on=(today + timedelta(days=days)).isoformat())
    asana.add_template(PROJECT, shape)
    asana.job_states = ("in_progress", "succeeded")
    return Programme(call=calendly.add_event_type(CALL, owner, minutes=45), table=table)


def _database(url: str, page: str) -> str:
    """The database of clients, as somebody makes it in the page that is shared with the hub; its data source's id."""
    columns = {
        "Nom": {"title": {}}, "E-mail": {"email": {}}, "Offre": {"rich_text": {}}, "Appel": {"date": {}},
        "Payé": {"number": {"format": "euro"}}, "Statut": {"rich_text": {}}, "Hub": {"rich_text": {}},
    }  # fmt: skip
    answer = httpx.post(
        f"{url}/v1/databases",
        headers={"Authorization": f"Bearer {TOKEN}", "Notion-Version": "2026-03-11"},
        json={
            "parent": {"type": "page_id", "page_id": page},
            "title": [{"text": {"content": TABLE}}],
            "initial_data_source": {"properties": columns},
        },
        timeout=10.0,
    )
    return str(answer.raise_for_status().json()["data_sources"][0]["id"])
