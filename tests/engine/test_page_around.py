"""What the other jobs of a business bring to the CEO's page: the load of the team, and links to what they write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connectors import registry
from connectors.notion.sandbox.state import Block
from hub.core.types import Collection, Property, Record, Ref
from hub.engine.runtime import Runtime
from hub.engine.worker import Worker
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.sync_job import SyncJob
from hub.planning.alerts.task_figure import TaskLine, to_values
from hub.store import figures, links, mirror, plans
from hub.store.database import Store
from hub.store.figures import FigureRow
from tests.engine.world import Boxes, Site

DEADLINES = DeadlineJob.model_validate(
    {
        "hub": 1,
        "job": "deadline_alerts",
        "name": "deadlines",
        "says": "Tell the right person in time.",
        "watch": [{"from": "asana", "project": "Lancement"}],
        "alerts": [{"name": "late", "when": "1 working day after", "tell": "assignee", "by": "mail"}],
        "show_in": {"connection": "notion", "database": "Échéances", "source_owns": {"Tâche": "title"}},
    }
)
SYNC = SyncJob.model_validate(
    {
        "hub": 1,
        "job": "sync",
        "name": "tasks",
        "says": "Every task is a row.",
        "from": {"connection": "asana", "project": "Lancement"},
        "to": {"connection": "notion", "database": "Tâches"},
        "match_by": ["id"],
        "fields": [{"source": "title", "target": "Tâche"}],
    }
)
TABLE = Collection(name="Échéances", kind="table", properties=(Property(name="Tâche", kind="title"),))


class Peopled(Site):
    """A business that watches tasks too."""

    def start(self) -> None:
        specs = {name: registry.load(name) for name in ("stripe", "notion")}
        self.runtime = Runtime(self.store, self.business, (self.job, DEADLINES, SYNC), specs, self._open, self.clock)
        self.worker = Worker(self.store, {self.key: self.runtime}, now=self.clock)

    def make_table(self) -> Ref:
        """The database of the deadlines, as their job makes it."""
        ref = self.runtime.destination("notion").prepare(TABLE, None, None)
        with self.store.write() as conn:
            links.put(conn, self.key, "deadlines", TABLE.name, "", ref, {}, self.clock())
        return ref

    def tasks(self, **found: list[TaskLine]) -> None:
        rows = [
            FigureRow(
                figure=name,
                period="2026-11",
                currency="",
                value=None,
                unit="count",
                proof=to_values(lines),
                estimated=False,
                counted_at=self.clock(),
            )
            for name, lines in found.items()
        ]
        with self.store.write() as conn:
            figures.put(conn, self.key, "deadlines", rows, self.clock())

    def leads_to(self) -> list[str]:
        """The titles of what the page links to, in order."""
        state = self.notion.state
        with state.lock:
            found = [state.things[one] for one in self.block_ids()]
            ends = [
                one.content["database_id"] for one in found if isinstance(one, Block) and one.type == "link_to_page"
            ]
            return ["".join(part["plain_text"] for part in state.things[end].title) for end in ends]

    def after(self, heading: str) -> str:
        texts = [text for _, text in self.blocks()]
        return texts[texts.index(heading) + 1]

    def go(self) -> None:
        self.dirty()
        self.work()


@pytest.fixture
def site(boxes: Boxes, store: Store) -> Iterator[Peopled]:
    made = Peopled(boxes, store)
    try:
        made.backfill()
        made.work()
        yield made
    finally:
        made.close()


def task(key: str, *who: str) -> TaskLine:
    return TaskLine(id=key, title=key, who=who, place="Site", due=date(2026, 11, 23))


def test_the_page_leads_to_a_database_once_it_exists_and_stays_with_it(site: Peopled) -> None:
    assert site.leads_to() == []
    assert "Tous les chiffres" in [text for _, text in site.blocks()]
    first = site.make_table()

    site.go()

    assert site.leads_to() == ["Échéances"]
    assert [text for _, text in site.blocks()][-2:] == ["Pour en savoir plus", ""]
    before = site.block_ids()
    site.notion.reset_counters()
    site.look()
    site.go()
    assert site.block_ids() == before
    assert not [call for call in site.notion.stats()["calls"] if call.startswith(("PATCH", "DELETE"))]

    # The team threw it away; its job made another one. The link turns to it where it stands.
    site.notion.trash_as_person(_around(site, first))
    site.make_table()
    site.go()
    assert site.block_ids() == before
    assert site.leads_to() == ["Échéances"]
    assert _around(site, site.make_table()) in _ends(site)


def test_a_database_that_people_made_is_known_by_what_was_read_in_it(site: Peopled) -> None:
    table = Collection(name="Tâches", kind="table", properties=(Property(name="Tâche", kind="title"),))
    ref = site.runtime.destination("notion").prepare(table, None, None)
    fields: Any = {"title": "Page de vente", "place": {"key": ref, "name": "tâches"}, "properties": {}}
    with site.store.write() as conn:
        mirror.put(conn, site.key, "notion", [Record(stream="row", key="r1", fields=fields)], site.clock())
    site.go()
    assert site.leads_to() == ["Tâches"]

    with site.store.write() as conn:
        mirror.put(conn, site.key, "notion", [Record(stream="row", key="r1", deleted=True)], site.clock())
    site.go()
    assert site.leads_to() == ["Tâches"]
    with site.store.read() as conn:
        assert plans.listing(conn, site.key, "held") == []


def test_a_link_that_leads_nowhere_takes_nothing_else_of_the_page_with_it(boxes: Boxes, store: Store) -> None:
    made = Peopled(boxes, store)
    try:
        gone = "00000000-0000-4000-8000-000000000000"
        with store.write() as conn:
            links.put(conn, made.key, "deadlines", TABLE.name, "", gone, {}, made.clock())
        made.backfill()
        made.turn()
        made.go()
        assert "Tendances" in [text for _, text in made.blocks()]
        assert made.leads_to() == []
    finally:
        made.close()


def test_a_job_whose_database_is_not_known_for_a_while_keeps_its_link(site: Peopled) -> None:
    site.make_table()
    site.go()
    with site.store.write() as conn:
        links.forget(conn, site.key, "deadlines", TABLE.name, "")

    site.go()

    assert site.leads_to() == ["Échéances"]
    with site.store.read() as conn:
        assert plans.listing(conn, site.key, "held") == []


def test_the_team_is_shown_with_what_each_has_late_and_soon(site: Peopled) -> None:
    assert site.after("Équipe") == "Rien en retard, rien à rendre d'ici 7 jours."
    site.tasks(
        overdue_count=[task("a", "Léa"), task("b", "Ana", "Léa")],
        due_7_days=[task("c", "Marc"), task("d", "Marc"), task("e")],
    )

    site.go()

    assert site.after("Équipe").split("\n") == [
        "• 🟡 Léa\u00a0: 2 en retard",
        "• 🟢 Marc\u00a0: 2 à rendre d'ici 7 jours",
        "• 🟡 Ana\u00a0: 1 en retard",
        "• 🟢 Sans responsable\u00a0: 1 à rendre d'ici 7 jours",
    ]


def _around(site: Peopled, ref: Any) -> str:
    state = site.notion.state
    with state.lock:
        return str(state.things[ref].parent["database_id"])


def _ends(site: Peopled) -> list[str]:
    state = site.notion.state
    with state.lock:
        found = [state.things[one] for one in site.block_ids()]
        return [one.content["database_id"] for one in found if one.type == "link_to_page"]
