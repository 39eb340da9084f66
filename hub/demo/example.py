"""The example business reduced to what the demo plays: payments as figures of a Notion page, and deadlines as mails."""

from __future__ import annotations

import shutil
from pathlib import Path

import hub
from hub.core.errors import ConfigError

BUSINESS = "atelier-lila"
FILES = ("revenue.yaml",)
"""Files of the example that are copied as they are."""
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
working_days: [mon, tue, wed, thu, fri, sat, sun]   # only here: the demo has to work on any day

people:
  obm: {name: Claire, email: claire@example.com}
  ceo: {name: Lila, email: lila@example.com}
  lea: {name: Léa, email: lea@example.com, asana: Léa Martin}

connections:
  stripe: {}
  notion:
    page: Atelier Lila
  asana: {}
  email: {}

brief: {at: "00:00"}                                # only here, like the hours in deadlines.yaml

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
    """As `small_business`, and its tasks in Asana are watched: what the demo plays."""
    folder = small_business(mappings)
    (folder / "business.yaml").write_text(TASKS_YAML, encoding="utf-8")
    (folder / "deadlines.yaml").write_text(DEADLINES_YAML, encoding="utf-8")
    return folder


def small_business(mappings: Path, key: str = BUSINESS) -> Path:
    """Write the reduced example into a folder of mappings, as the business `key`, and return its own folder.

    ConfigError when the example is not there: it lies beside the package, in the repository and when installed.
    """
    example = Path(hub.__file__).resolve().parents[1] / "mappings" / BUSINESS
    if not all((example / name).is_file() for name in FILES):
        raise ConfigError(f"The example business of the demo is missing: {example}. Install the hub again.")
    folder = mappings / key
    folder.mkdir(parents=True)
    (folder / "business.yaml").write_text(BUSINESS_YAML, encoding="utf-8")
    for name in FILES:
        shutil.copy(example / name, folder / name)
    return folder
