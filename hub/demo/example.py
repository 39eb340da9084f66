"""The example business reduced to what the demo plays: payments as figures of a Notion page, and deadlines as mails."""

from __future__ import annotations

import re
from pathlib import Path

import hub
from hub.core.errors import ConfigError
from hub.demo import programme

BUSINESS = "atelier-lila"
REVENUE = "revenue.yaml"
"""The file of the example of which the demo plays a part."""
PLAYED = ("cash_in", "mrr", "overdue", "refund_rate")
"""Its figures that the demo plays."""
NOT_PLAYED = {"paid_outside", "calls", "launches", "okr", "commissions", "examples"}
"""Its keys that speak of what the demo does not play."""
BUSINESS_YAML = """\
# The example business with two of its connections. mappings/atelier-lila has the whole of it.
hub: 1
business: Atelier Lila
language: fr
timezone: Europe/Paris
currency: EUR
holidays: FR

people:
  obm: {name: Claire, email: claire@example.com}
  ceo: {name: Lila, email: lila@example.com}

connections:
  stripe: {}
  notion:
    page: Atelier Lila

safety:
  hold_if:
    changes_above: 20 %
    archives_above: 0
    mails_above: 40
"""


TASKS_YAML = """\
# The example business, with the connections that the demo plays. mappings/atelier-lila has the whole of it.
hub: 1
business: Atelier Lila
language: fr
timezone: Europe/Paris
currency: EUR
working_days: [mon, tue, wed, thu, fri, sat, sun]   # only here, and no holidays: the demo has to work on any day

people:
  obm: {name: Claire, email: claire@example.com}
  ceo: {name: Lila, email: lila@example.com}
  lea: {name: Léa, email: lea@example.com, asana: Léa Martin}

connections:
  stripe: {}
  notion:
    page: Atelier Lila
  asana: {}
  calendly: {}
  email: {}

brief: {at: "00:00"}                                # only here, like the hours in deadlines.yaml
report: false                                       # only here: no week is over while the demo runs

safety:
  hold_if:
    changes_above: 20 %
    archives_above: 0
    mails_above: 40
"""
PROJECT = "Lancement d'automne"
LIST = "Échéances de la semaine"
DEADLINES_YAML = f"""\
# yaml-language-server: $schema=../../docs/schema/deadline_alerts.json
hub: 1
job: deadline_alerts
says: >
  Tell the right person about each task that is due soon, due today or late. Each alert goes out once.

watch:
  - {{from: asana, project: {PROJECT}}}

alerts:
  - {{name: soon,  when: 3 working days before, tell: assignee,        by: digest}}
  - {{name: today, when: on the day,            tell: assignee,        by: digest}}
  - {{name: late,  when: 2 working days after,  tell: [assignee, obm], by: mail}}

sending:                          # only here, so that the demo works at any hour: 08:30 and 08:30-18:00 are usual
  digest_at: "00:00"
  hours: "00:00-23:59"

show_in:
  connection: notion
  database: {LIST}
  match_by: task
  source_owns: {{Tâche: title, Échéance: due, Terminée: done, Responsable: assignee, Lien: url}}
  people_own: [Priorité, Commentaire]
  when_gone: mark
"""


def watched_business(mappings: Path) -> Path:
    """As `small_business`; its tasks in Asana are watched and its clients are welcomed: what the demo plays."""
    folder = small_business(mappings)
    (folder / "business.yaml").write_text(TASKS_YAML, encoding="utf-8")
    (folder / "deadlines.yaml").write_text(DEADLINES_YAML, encoding="utf-8")
    programme.write_files(folder)
    return folder


def small_business(mappings: Path, key: str = BUSINESS) -> Path:
    """Write the reduced example into a folder of mappings, as the business `key`, and return its own folder.

    ConfigError when the example is not there: it lies beside the package, in the repository and when installed.
    """
    example = Path(hub.__file__).resolve().parents[1] / "mappings" / BUSINESS
    if not (example / REVENUE).is_file():
        raise ConfigError(f"The example business of the demo is missing: {example}. Install the hub again.")
    folder = mappings / key
    folder.mkdir(parents=True)
    (folder / "business.yaml").write_text(BUSINESS_YAML, encoding="utf-8")
    text = (example / REVENUE).read_text(encoding="utf-8")
    (folder / REVENUE).write_text(_played(text), encoding="utf-8")
    return folder


def _played(text: str) -> str:
    """The part of revenue.yaml that the demo plays: the four figures whose amounts it checks to the cent."""
    parts = re.split(r"\n(?=\S)", text)
    return "\n".join(_figures(part) for part in parts if part.partition(":")[0] not in NOT_PLAYED)


def _figures(part: str) -> str:
    """A part of the file; that of the figures with those that are played."""
    head, *lines = part.split("\n")
    if head != "figures:":
        return part
    return "\n".join([head, *(line for line in lines if any(f"figure: {name}," in line for name in PLAYED)), ""])
