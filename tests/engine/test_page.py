"""The CEO's page at work: figures in their columns, charts behind their heading, and nothing fresher than it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.notion.destination import NotionDestination
from connectors.notion.sandbox.state import Block, Page
from hub.core.protocol import Connector
from hub.planning import picture
from hub.store import connections, links
from hub.store.database import Store
from tests.connectors.notion.conftest import judged
from tests.engine.test_apply import sell, tell
from tests.engine.world import DAY, PAGE, Boxes, Site


class Drawing(Site):
    """A business whose charts are looked at, and all that it asks of Notion and is answered, by Notion's own types."""

    @contextmanager
    def _open(self, connection: str) -> Iterator[Connector]:
        with super()._open(connection) as live:
            if isinstance(live.destination, NotionDestination):
                live.destination._client._http.event_hooks = {"response": [judged]}
            yield live

    def charts(self) -> dict[str, tuple[str, str]]:
        """figure -> the way in which it is shown, and its block."""
        with self.store.read() as conn:
            found = [one for one in links.load(conn, self.key, self.job.name) if one.collection == f"charts/{PAGE}"]
        return {one.row: (str(one.values["way"]), str(one.ref)) for one in found if one.ref}

    def order(self) -> list[str]:
        """The texts and kinds of the page's outer blocks, in order."""
        state = self.notion.state
        (page,) = self.pages()
        with state.lock:
            things = [state.things[child] for child in state.things[page].children]
            return [_said(one) for one in things if not one.trashed]


def _said(thing: Any) -> str:
    if not isinstance(thing, Block):
        return "database"
    texts = thing.content.get("rich_text") or thing.content.get("caption") or []
    return "".join(part["plain_text"] for part in texts) or thing.type


@pytest.fixture
def site(boxes: Boxes, store: Store) -> Iterator[Drawing]:
    """Sales in this month and in the month before; the page stands."""
    boxes.notion.plan()
    made = Drawing(boxes, store)
    try:
        made.shop.sell(amount=50_000, at=made.clock() - 40 * DAY)
        sell(made)
        made.backfill()
        yield made
    finally:
        boxes.notion.plan()
        made.close()


def behind(site: Drawing, heading: str) -> list[str]:
    """What stands behind a heading."""
    order = site.order()
    return order[order.index(heading) + 1 :]


def test_the_charts_stand_behind_their_heading_in_the_order_of_the_file(site: Drawing) -> None:
    site.work()

    assert set(site.charts()) == {"cash_in", "mrr", "overdue"}
    assert {way for way, _ in site.charts().values()} == {"view"}
    assert behind(site, "Tendances")[:4] == ["database", "database", "database", "Tous les chiffres"]
    site.at_rest()


def test_what_is_unchanged_costs_nothing_and_a_view_draws_a_new_value_by_itself(site: Drawing) -> None:
    site.work()
    site.notion.reset_counters()
    site.dirty()
    site.work()
    assert site.notion.stats()["total"] == 0

    told = len(site.events())
    sell(site)
    tell(site, told)
    site.work()

    assert set(site.notion.stats()["calls"]) == {"PATCH /v1/pages/{page_id}", "PATCH /v1/blocks/{block_id}"}


def test_a_picture_is_replaced_in_its_block_only_when_its_figure_changed(site: Drawing) -> None:
    site.notion.plan(views=False)
    site.work()
    before = site.charts()
    assert {way for way, _ in before.values()} == {"picture"}
    told = len(site.events())
    site.notion.reset_counters()
    sell(site)
    tell(site, told)

    site.work()

    assert site.charts() == before
    calls = site.notion.stats()["calls"]
    assert sum(count for call, count in calls.items() if "file_uploads" in call) == 2
    assert "PATCH /v1/blocks/{block_id}/children" not in calls


def test_where_nothing_can_be_drawn_a_bar_of_letters_stands(site: Drawing) -> None:
    site.notion.plan(views=False, uploads=False)
    site.work()

    assert {way for way, _ in site.charts().values()} == {"text"}
    assert behind(site, "Tendances")[0].startswith("Argent encaissé\n░░░░░░░░░░ 1")


def test_a_chart_whose_answer_was_lost_stands_once(site: Drawing) -> None:
    site.notion.plan(views=False, uploads=False)
    route = "/v1/blocks/{block_id}/children"
    site.notion.fault("reset_after_commit", path=route, method="PATCH", skip=1, times=1)
    site.work()
    site.dirty()
    site.work()

    titles = [text.split("\n")[0] for text in behind(site, "Tendances")]
    assert sorted(titles[:3]) == ["Argent encaissé", "Factures en retard", "Revenu mensuel récurrent"]
    assert len(titles) == len(set(titles))


def test_a_figure_that_a_person_deleted_comes_back_into_its_column(site: Drawing) -> None:
    site.work()
    before = site.blocks()
    gone = next(
        one for one in site.block_ids() if "Revenu" in _said(site.notion.state.things[one]) and _in_column(site, one)
    )
    site.notion.trash_as_person(gone)
    site.look()

    site.work()

    assert site.blocks() == before
    site.at_rest()


def _in_column(site: Drawing, block: str) -> bool:
    parent = site.notion.state.things[block].parent.get("block_id")
    return parent is not None and site.notion.state.things[parent].type == "column"


def test_a_source_that_is_silent_for_longer_than_the_file_allows_is_said_on_every_figure(site: Drawing) -> None:
    site.work()
    site.clock.skip(timedelta(hours=7).total_seconds())
    site.dirty()

    site.work()

    texts = [text for _, text in site.blocks()]
    assert texts[0].startswith("Données incomplètes")
    assert sum("sans nouvelles de Stripe depuis le 21/11/2026" in text for text in texts) >= 5

    site.catch_up()
    site.dirty()
    site.work()
    assert not any("sans nouvelles" in text for _, text in site.blocks())


def test_a_paused_source_says_who_must_do_what(site: Drawing) -> None:
    site.work()
    with site.store.write() as conn:
        connections.pause(conn, site.key, "stripe", "the key is refused", site.clock())
    site.dirty()

    site.work()

    texts = [text for _, text in site.blocks()]
    assert any(
        "Stripe est en pause depuis le" in text and "Claire doit rétablir la connexion" in text for text in texts
    )
    assert not any("key is refused" in text for text in texts)


def test_on_a_page_that_had_to_be_made_anew_the_charts_are_made_anew(site: Drawing) -> None:
    site.work()
    before = site.charts()
    (page,) = site.pages()
    site.notion.trash_as_person(page)
    site.look()

    site.work()

    assert site.pages() != [page]
    assert {ref for _, ref in site.charts().values()}.isdisjoint(ref for _, ref in before.values())
    assert behind(site, "Tendances")[:4] == ["database", "database", "database", "Tous les chiffres"]


def later(site: Drawing, days: int) -> None:
    """Days later the source answers, and every job plans again."""
    site.clock.skip(days * 86_400)
    site.catch_up()
    site.dirty()
    site.work()


def told_on(site: Drawing, title: str) -> list[str]:
    """The texts of a page inside the CEO's page, which stands there once."""
    state = site.notion.state
    (page,) = site.pages()
    with state.lock:
        inside = [state.things[child] for child in state.things[page].children]
        (found,) = [one for one in inside if isinstance(one, Page) and _title(one) == title]
        return [_said(state.things[child]) for child in found.children]


def _title(page: Page) -> str:
    return "".join(part["plain_text"] for part in page.values["title"])


def test_a_week_that_is_over_is_told_once_on_a_page_of_its_own(site: Drawing) -> None:
    site.work()
    later(site, 3)  # a Tuesday: the hub was not there when that week began
    with pytest.raises(ValueError, match="not enough values"):
        told_on(site, "Semaine du 16/11/2026 au 22/11/2026")
    site.shop.sell(amount=12_300, at=site.clock())

    later(site, 6)

    told = told_on(site, "Semaine du 23/11/2026 au 29/11/2026")
    assert told[:2] == [
        "Ce qui a changé",
        "Argent encaissé\u00a0: 123,00\u00a0€ dans la semaine, 100,00\u00a0€ la semaine d'avant.",
    ]
    assert "Ce qui s'est fait tout seul" in told
    assert any(text.endswith("· Claire") for text in told[told.index("Ce qui attend une décision") :])
    site.notion.reset_counters()
    site.dirty()
    site.work()
    assert site.notion.stats()["total"] == 0
    site.at_rest()

    later(site, 1)  # December has begun
    assert told_on(site, "Semaine du 23/11/2026 au 29/11/2026") == told
    closed = told_on(site, "Clôture de novembre 2026")
    assert closed[1].startswith(
        "Argent encaissé\u00a0: 223,00\u00a0€, 2\u00a0% de l'objectif de 12\u202f000,00\u00a0€, "
    )


def test_no_week_is_closed_while_a_source_is_silent(site: Drawing) -> None:
    site.work()
    site.clock.skip(10 * 86_400)
    site.dirty()
    site.work()
    with pytest.raises(ValueError, match="not enough values"):
        told_on(site, "Semaine du 23/11/2026 au 29/11/2026")


def test_a_chart_whose_figure_is_unchanged_is_not_drawn_again(site: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    site.notion.plan(views=False)
    site.work()

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(picture, "png", never)
    site.dirty()
    site.work()
    assert {way for way, _ in site.charts().values()} == {"picture"}
