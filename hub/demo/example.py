"""The example business reduced to what the demo plays: Stripe's payments as figures of a Notion page."""

from __future__ import annotations

import shutil
from pathlib import Path

import hub
from hub.core.errors import ConfigError

BUSINESS = "atelier-lila"
FILES = ("revenue.yaml",)
"""Files of the example that are copied as they are."""
BUSINESS_YAML = """\
# The example business, with the two connections that the demo plays. mappings/atelier-lila has the whole of it.
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
