"""The example business with what an OBM steers by: sales of two months, objectives, a launch, an agreement; counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hub.planning.calendar import Month, month_of
from tests.cli import site as sites
from tests.cli.mirrored import only_jobs
from tests.cli.site import LILA, Boxes, Site

PARIS = ZoneInfo("Europe/Paris")
NOW = month_of(datetime.now(UTC), PARIS)
LAST = month_of(NOW.start - timedelta(days=1), PARIS)
BEFORE = month_of(LAST.start - timedelta(days=1), PARIS)

FILE = """\
hub: 1
job: revenue_kpis
says: Payments become figures.
read: [{{from: stripe, since: {since}}}]
rules: {{vat: {{rate: 20 %}}}}
figures:
  - {{figure: cash_in, title: Encaissements}}
  - {{figure: cash_in_net, title: Encaissements HT}}
  - {{figure: mrr, title: Revenu récurrent}}
  - {{figure: refund_rate, title: Remboursements}}
  - {{figure: customers, title: Clientes}}
{more}
show_in: {{database: Chiffres, hub_owns: {{Montant: value}}}}
"""


def inside(month: Month, day: int = 10) -> datetime:
    """Noon of that day of a month; of the current one never later than now."""
    return min(month.start + timedelta(days=day - 1, hours=12), datetime.now(UTC) - timedelta(minutes=1))


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def write(site: Site, more: str = "") -> None:
    """The one job of the business, with more of it."""
    only_jobs(site, "revenue")
    file = site.folder / "mappings" / LILA / "revenue.yaml"
    file.write_text(FILE.format(since=BEFORE.start.astimezone(PARIS).date(), more=more))


def count(site: Site) -> None:
    """Read everything and count it."""
    for command in ("backfill", "sync"):
        told = site.hub(command)
        assert told.code == 0, told.everything


@contextmanager
def steered(boxes: Boxes, folder: Path) -> Iterator[Site]:
    """Nothing is sold yet, and nothing counted."""
    with sites.site(boxes, folder, sales=0) as made:
        yield made
