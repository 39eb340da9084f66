"""A business with a job of each kind and its texts, on disk, with one thing changed."""

from __future__ import annotations

from pathlib import Path

from hub.mapping.loader import Loaded, load
from tests.mapping.write import changed, lines

FOLLOWS = {
    "asana": "project",
    "trello": "board",
    "notion": "database",
    "email": "mailbox",
    "stripe": None,
    "calendly": None,
}
"""Connector -> the word for its parts. The names are those of connectors that there are."""
CAN = {
    "asana": ("rows", "copies"),
    "trello": ("rows", "copies"),
    "notion": ("rows", "copies"),
    "email": ("mails",),
    "calendly": ("links",),
}
"""Connector -> what it can beside being read."""

BUSINESS = """\
hub: 1
business: Studio Sud
language: fr
holidays: FR
people:
  obm: {name: Claire, email: claire@example.com}
  lea: {name: Léa, asana: Léa Martin, email: lea@example.com}
connections:
  asana: {}
  trello: {}
  notion: {}
  stripe: {}
  calendly: {}
  email: {}
"""
TASKS = """\
hub: 1
job: sync
says: tasks are rows
from: {connection: asana, project: Lancement}
to: {connection: notion, database: Tâches}
match_by: [id, title]
fields:
  - {source: title, target: Tâche, owner: source}
  - {source: due, target: Échéance, owner: latest}
  - {source: section, target: Étape}
people_own: [Note]
when_gone: mark
examples:
  - given: {title: Page}
    expect: {Tâche: Page}
"""
DEADLINES = """\
hub: 1
job: deadline_alerts
says: warn in time
watch:
  - {from: asana, project: Accueil}
  - {from: trello, board: Calendrier, skip_lists: [Idées]}
  - {from: notion, database: Interne, due: Pour le, assignee: Qui}
alerts:
  - {name: soon, when: 3 working days before, tell: assignee, by: digest}
  - {name: late, when: 2 days after, tell: [assignee, obm], by: mail, text: late}
sending:
  digest_at: "08:30"
  hours: "08:30-18:00"
  nobody_assigned: obm
show_in:
  database: Échéances
  source_owns: {Tâche: title}
  people_own: [Note]
examples:
  - given: {task: Page, due: 2026-03-20, assignee: lea, today: 2026-03-17}
    expect: {soon: [lea]}
"""
ONBOARDING = """\
hub: 1
job: client_onboarding
says: one journey each
offer: Programme
starts_on:
  - {event: payment, from: stripe, product: Programme}
  - {event: booking, from: calendly, event_type: Appel}
steps:
  - {name: welcome, after: payment, send: welcome}
  - name: page
    after: payment
    write: {database: Clientes, text: page, hub_owns: {Nom: person.name}, people_own: [Note]}
  - {name: project, after: [payment, booking], copy: {to: asana, template: Programme, start_on: booking.day}}
  - name: book
    after: payment
    if_no: booking
    wait: 3 days
    send: book
    repeat: {every: 4 days, times: 2, then_tell: obm}
  - {name: prepare, before: booking, by: 2 working days, send: prepare}
  - {name: contract, after: payment, ask: {who: obm, to: Contrat}, late_after: 2 working days}
changes:
  booking_moved: {send: moved}
  refunded: {stop: true, tell: obm}
examples:
  - {given: [payment, 3 days], expect: {welcome: 1, book: 1}}
"""
LATE = "Subject: En retard\n\nBonjour {person.name},\n« {task.title} » est en retard.\n"
FILES = {
    "business.yaml": BUSINESS,
    "deadlines.yaml": DEADLINES,
    "onboarding.yaml": ONBOARDING,
    "tasks.yaml": TASKS,
    "texts/late.fr.md": LATE,
    "texts/welcome.fr.md": "Subject: Bienvenue\n\nMerci {person.first_name}, {payment.amount} reçus.\n",
    "texts/book.fr.md": "Subject: Un appel ?\n\nBonjour {person.first_name}.\n",
    "texts/prepare.fr.md": "Subject: Votre appel\n\nLe {booking.day} à {booking.time}.\n",
    "texts/moved.fr.md": "Subject: C'est noté\n\nLe {booking.day} à {booking.time}.\n",
    "texts/page.fr.md": "## {offer}\n\nPour {person.name}.\n",
}


def write(root: Path, **others: str | bytes | None) -> Path:
    """Write the business into `root` / sud. `others`: path -> what stands there instead; None: no such file."""
    files: dict[str, str | bytes | None] = {**FILES, **others}
    for name, content in files.items():
        path = root / "sud" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def loaded(root: Path) -> Loaded:
    return load(root, tuple(FOLLOWS), FOLLOWS.__getitem__, lambda name: CAN.get(name, ()))


def problems_of(root: Path, file: str, old: str, new: str) -> list[str]:
    """What is said when one thing of one file is changed, everything else being right."""
    write(root, **{file: changed(FILES[file], old, new)})
    return [line.removeprefix(f"sud/{file}") for line in lines(loaded(root), root)]
