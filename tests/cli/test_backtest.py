"""`hub backtest`: what a job would have done, although this version may not run it, from the mirror alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.cli.mirrored import only_jobs, put, tasks, with_people
from tests.cli.site import LILA, Site

DEADLINES = """\
hub: 1
job: deadline_alerts
says: Warn the right person.
watch:
  - {from: asana, project: Lancement}
alerts:
  - {name: today, when: on the day, tell: assignee, by: digest}
sending: {nobody_assigned: lea}
"""


def test_alerts_are_counted_day_by_day_with_their_sum(site: Site) -> None:
    only_jobs(site, "revenue")
    with_people(site)
    folder = site.folder / "mappings" / LILA
    (folder / "alerts.yaml").write_text(DEADLINES)
    business = folder / "business.yaml"
    for name in ("asana", "email"):
        if f"  {name}:" not in business.read_text():
            business.write_text(business.read_text().replace("connections:\n", f"connections:\n  {name}: {{}}\n"))
    week = [datetime.now(UTC).date() - timedelta(days=back) for back in range(1, 8)]
    put(site, "asana", *tasks("Lancement", [(f"Tâche {day}", day.isoformat()) for day in week]))

    told = site.hub("backtest", "alerts", "--days", "20")

    assert told.code == 0, told.everything
    lines = re.findall(r"^\d{4}-\d\d-\d\d  mail  lea  today: .+$", told.out, re.MULTILINE)
    assert 1 <= len(lines) <= 7
    count = f"{len(lines)} mail{'s' if len(lines) > 1 else ''} to 1 person"
    assert f"In all: {count}." in told.out
    assert "note  dates and assignees are those of today" in told.out
    assert all(len(line) <= 100 for line in told.out.splitlines())

    nothing = site.hub("backtest", "nobody")
    assert nothing.code == 2
    assert "no job is called nobody. There are: alerts, revenue" in nothing.err
    assert site.hub("backtest", "alerts", "--days", "0").code == 2


def test_figures_are_played_on_what_was_read(site: Site) -> None:
    only_jobs(site, "revenue")
    site.hub("backfill")

    told = site.hub("backtest", "revenue", "--days", "25")

    assert told.code == 0, told.everything
    assert re.search(r"cash_in/\S+ \S+ EUR → \S+ EUR", told.out)
    assert re.search(r"^In all: \d+ figures to write\.$", told.out, re.MULTILINE)
