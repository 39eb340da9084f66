"""The process page: it says what the files say, keeps its day while they say it, and costs nothing meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from connectors.notion.sandbox.state import Block, Page
from hub.engine.planners import running
from hub.engine.runtime import Runtime
from hub.engine.turn import Turn
from hub.engine.worker import Worker
from hub.mapping.jobs import FileJob
from hub.planning.explain import explain, fingerprint
from hub.store import jobs
from tests.engine.world import Site

TITLE = "Processus — Atelier Lila"


class Desk:
    """One business with the process page switched on, and no other job that runs."""

    def __init__(self, site: Site, files: Sequence[FileJob], **business: Any) -> None:
        self.site = site
        self.files = tuple(files)
        self.business = site.business.model_copy(update={"process_page": True, **business})
        self.start()

    def start(self, files: Sequence[FileJob] | None = None) -> None:
        """As after a restart, with these files."""
        self.files = self.files if files is None else tuple(files)
        own = [job for job in running(self.business, self.files) if job.name.startswith("process")]
        site = self.site
        site.runtime.close()
        site.runtime = Runtime(site.store, self.business, tuple(own), site.runtime.specs, site._open, site.clock)
        site.worker = Worker(site.store, {site.key: site.runtime}, now=site.clock)
        with site.store.write() as conn:
            jobs.ensure(conn, site.key, [job.name for job in own], site.clock())

    def turn(self, *, look: bool = False) -> list[Turn]:
        """Plan it again, by a look at the page or from memory."""
        mark = jobs.look_again if look else jobs.dirty
        with self.site.store.write() as conn:
            mark(conn, self.site.key, self.site.runtime.jobs, self.site.clock())
        taken = self.site.work()
        assert [problem for turn in taken for problem in turn.problems] == []
        return taken

    def blocks(self, title: str = TITLE) -> list[Block]:
        state = self.site.notion.state
        with state.lock:
            pages = [
                one
                for one in state.things.values()
                if isinstance(one, Page)
                and state.workspaces[one.workspace].name == self.site.workspace
                and not one.trashed
                and text_of(one.values.get("title", [])) == title
            ]
            assert len(pages) == 1, [page.id for page in pages]
            found = [state.things[child] for child in pages[0].children]
            return [one for one in found if isinstance(one, Block) and not one.trashed]

    def texts(self, title: str = TITLE) -> list[str]:
        return [text_of(one.content.get("rich_text", [])) for one in self.blocks(title)]

    def version(self) -> str:
        return fingerprint(explain(self.business, self.files, self.business.language))

    def calls(self) -> int:
        return sum(one.workspace == self.site.workspace for one in self.site.notion.requests)

    def skip_days(self, days: int) -> None:
        self.site.clock.skip(timedelta(days=days).total_seconds())


def text_of(items: Any) -> str:
    return "".join(one.get("plain_text") or one["text"]["content"] for one in items)


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site, [site.job])


def test_the_page_says_what_the_files_say_with_its_version_and_day(desk: Desk) -> None:
    desk.turn()
    stamp, *rest = desk.texts()
    assert f"Version {desk.version()} du 21/11/2026" in stamp
    sections = explain(desk.business, desk.files, "fr")
    assert rest[::2] == [section.title for section in sections]
    for text, section in zip(rest[1::2], sections, strict=True):
        assert text.split("\n") == [f"• {sentence}" for sentence in section.sentences]


def test_nothing_is_called_and_no_day_changes_while_the_files_say_the_same(desk: Desk) -> None:
    desk.turn()
    before, calls = desk.texts(), desk.calls()
    desk.skip_days(3)
    desk.turn()
    assert desk.calls() == calls
    desk.turn(look=True)
    assert desk.texts() == before


def test_a_changed_promise_changes_its_block_and_the_stamp_and_nothing_else(desk: Desk) -> None:
    desk.turn()
    ids, calls = [one.id for one in desk.blocks()], desk.calls()
    desk.start([desk.site.job.model_copy(update={"says": "Une autre promesse."})])
    desk.skip_days(2)
    desk.turn()
    assert desk.calls() == calls + 2
    assert [one.id for one in desk.blocks()] == ids
    assert f"Version {desk.version()} du 23/11/2026" in desk.texts()[0]
    assert desk.texts()[4].startswith("• Une autre promesse.")


def test_what_somebody_writes_into_the_page_is_overwritten(desk: Desk) -> None:
    desk.turn()
    before, state = desk.texts(), desk.site.notion.state
    for place in (0, 2):
        block = desk.blocks()[place]
        with state.lock:
            block.content["rich_text"] = [{"type": "text", "text": {"content": "à moi"}, "plain_text": "à moi"}]
            block.edited_by = "somebody"
    assert desk.texts() != before
    desk.turn(look=True)
    assert desk.texts() == before


def test_a_job_that_comes_later_stands_at_the_end_and_one_that_goes_is_said_to_be_gone(desk: Desk) -> None:
    other = desk.site.job.model_copy(update={"name": "another"})
    desk.turn()
    desk.start([other, desk.site.job])
    desk.turn()
    assert [text for text in desk.texts() if text.endswith(".yaml)")] == [
        "Chiffres (revenue.yaml)",
        "Chiffres (another.yaml)",
    ]
    count = len(desk.blocks())
    desk.start([desk.site.job])
    (turn,) = desk.turn()
    assert not any(result.plan_id for result in turn.jobs), "held"
    assert len(desk.blocks()) == count
    assert desk.texts()[-1].startswith("• Ne tourne plus")
    settled = desk.calls()
    desk.turn()
    assert desk.calls() == settled


def test_a_page_that_an_earlier_installation_made_is_taken_over(desk: Desk) -> None:
    desk.turn()
    ids = [one.id for one in desk.blocks()]
    with desk.site.store.write() as conn:
        conn.exec_driver_sql("delete from links")
        conn.exec_driver_sql("delete from ledger")
    desk.turn()
    assert [one.id for one in desk.blocks()] == ids


def test_the_title_is_the_one_in_the_file_and_the_name_is_nobody_elses(site: Site) -> None:
    business = site.business.model_validate(
        {"hub": 1, "business": "Atelier Lila", "key": site.key, "process_page": {"title": "Nos façons de faire"}}
    )
    desk = Desk(site, [site.job.model_copy(update={"name": "process"})], process_page=business.process_page)
    assert list(site.runtime.jobs) == ["process", "process-page"] or list(site.runtime.jobs) == ["process-page"]
    desk.turn()
    assert desk.texts("Nos façons de faire")


def test_without_the_key_there_is_no_page_and_no_job(site: Site) -> None:
    assert [job.name for job in running(site.business, [site.job])] == ["revenue"]
