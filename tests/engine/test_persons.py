"""What is stored about a person is found wherever it stands, and forgetting her leaves every total as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hub.core.errors import ConfigError
from hub.core.types import Event, Record
from hub.engine import forgetting, journeys, persons
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.inverse import summary
from hub.planning.journeys.persons import journey_id
from hub.planning.journeys.types import Changed, Journey
from hub.planning.plan import Action, FieldChange
from hub.store import (
    answers,
    deliveries,
    figure_pasts,
    figure_shares,
    figures,
    forgotten,
    jobs,
    ledger,
    links,
    mails,
    mirror,
    plans,
    runs,
    schema,
)
from hub.store import journeys as rows
from hub.store.answers import AnswerRow
from hub.store.database import Store, open_store
from hub.store.deliveries import Delivery
from hub.store.figures import FigureRow
from hub.store.journeys import MarkRow
from hub.store.mails import MailRow
from hub.store.schema import metadata, unsubscribed
from tests.engine import world
from tests.engine.world import START, Boxes, Site

MARIE = "Marie@Example.com"
ADDRESS = "marie@example.com"
NAME = "Marie Durand"
JOB = OnboardingJob.model_validate(
    {
        "hub": 1, "job": "client_onboarding", "name": "onboarding", "says": "Open one.", "offer": "Élan",
        "starts_on": [{"event": "payment", "from": "stripe", "product": "Élan"}],
        "steps": [{"name": "welcome", "after": "payment", "send": "welcome"}],
    }
)  # fmt: skip


@pytest.fixture
def town(boxes: Boxes, store: Store) -> Iterator[Site]:
    """A business with sales to two people, read and counted."""
    with world.site(boxes, store) as made:
        for number in range(3):
            made.shop.sell(amount=12_000 + number, product="Élan", email=MARIE, name=NAME, description=f"For {NAME}")
        made.shop.sell(amount=5_000, product="Club", email="anne-marie@example.com", name="Anne-Marie Durand")
        made.backfill()
        made.work()
        yield made


def _with_onboarding(site: Site) -> Runtime:
    """The business as it runs with a job about clients too."""
    ours = site.runtime
    return Runtime(site.store, ours.business, (*ours.jobs.values(), JOB), ours.specs, ours._open, ours.now)


def _journey(runtime: Runtime) -> str:
    """Her journey, with everything that the hub keeps of what it did in it."""
    key = runtime.key
    id_ = journey_id(ADDRESS, JOB.offer)
    step = f"{JOB.name}/{id_}/welcome/1"
    action = Action(
        key=step, kind="send", collection="mail", row=ADDRESS, ref=None, why="w", title="Marie",
        changes=(FieldChange("body", None, f"Bonjour Marie, {NAME}"),),
    )  # fmt: skip
    opened = Journey(id=id_, person=ADDRESS, offer=JOB.offer, opened_at=START, version="v", job=JOB, name=NAME)
    with runtime.store.write() as conn:
        journeys.open_(conn, key, JOB, [opened], START)
        rows.mark(conn, key, MarkRow(job=JOB.name, journey=id_, what="skip", value="x", at=START))
        rows.confirm(conn, key, "m.durand@example.com", ADDRESS, START)
        ledger.begin(conn, key, step, job=JOB.name, kind="send", summary=summary(action), run=None, now=START)
        mail = MailRow(
            key=step, job=JOB.name, reader=ADDRESS, kind="journey", day="2026-11-21", address=MARIE, subject=NAME,
            lines=({"to": NAME},), at=START, state="started",
        )  # fmt: skip
        mails.begin(conn, key, mail, [f"question/{id_}/before/"])
        mails.refuse(conn, key, ADDRESS, f"<{MARIE}> is unknown", START)
        conn.execute(insert(unsubscribed), {"business": key, "address": ADDRESS, "at": START})
        answer = AnswerRow(
            id="a", job=JOB.name, reader=ADDRESS, task="t", due="-", what="done", value=NAME, via="link", given_at=START
        )
        answers.give(conn, key, answer)
        links.put(conn, key, JOB.name, "made", step, "page-1", {"person": ADDRESS, "name": f"90 jours · {NAME}"}, START)
        plans.save(conn, key, JOB.name, "d", f'{{"row": "{ADDRESS}"}}', "saved", None, START)
        run = runs.start(conn, key, "turn", JOB.name, "MD · welcome", START, "")
        runs.finish(conn, run, "failed", {}, f"{ADDRESS} could not be reached, anne-marie@example.com could", START)
        event = Event(id="e", type="charge.succeeded", stream="charge", key="ch_of_nobody")
        body = b'{"email": "marie\\u0040example.com", "receipt": "Marie@Example.com"}'
        deliveries.store_deliveries(conn, [Delivery(key, "stripe", "e", START, "u", {"a": "b"}, body, [event])])
        proof = ({"id": "j", "what": NAME, "person": ADDRESS},)
        figures.put(conn, key, JOB.name, [FigureRow("journeys_open", "now", "", 1, "", proof, False, START)], START)
        line: figure_shares.Lines = ({"id": "ch_1", "at": START, "note": f"Facture de {NAME}"},)
        figure_shares.put(conn, key, "revenue", {("cash_in", "2026-11", "EUR"): {3: line, 4: line}}, {})
        past = FigureRow("cash_in", "2026-10", "EUR", 1, "money", line, False, START)
        figure_pasts.keep(conn, key, "revenue", START.date(), [past])
        task = Record(stream="task", key="t1", fields={"title": f"Call {NAME}", "url": "https://app.example.com/t1"})
        mirror.put(conn, key, "asana", [task], START)
    return step


def _everything(store: Store, business: str) -> str:
    """All that the tables hold of a business, as one text, proofs unpacked."""
    with store.read() as conn:
        texts = [str(row) for row in figures.listing(conn, business)]
        texts += [str(row.proof) for row in figures.listing(conn, business)]
        for table in (schema.figure_shares, schema.figure_pasts):
            rows = conn.execute(select(table).where(table.c.business == business)).all()
            texts += [str(figure_shares.unpacked([row.proof])) for row in rows]
        for name, table in metadata.tables.items():
            if name not in ("workers", "figures"):
                query = select(table).where(table.c.business == business)
                if name == "mirror":
                    query = query.where(table.c.stream != "task")
                texts += [str(row) for row in conn.execute(query)]
    return "\n".join(texts).casefold()


def test_everything_that_names_her_is_found_and_nothing_of_others(town: Site) -> None:
    runtime = _with_onboarding(town)
    _journey(runtime)
    with runtime.store.read() as conn:
        known = persons.find(conn, runtime, ADDRESS)
        other = persons.find(conn, runtime, "anne-marie@example.com")
    assert known.addresses == {ADDRESS, "m.durand@example.com"}
    assert known.names == {NAME}
    assert known.streams[("stripe", "charge")] == 3
    assert known.streams[("stripe", "customer")] == 3
    assert [(where, record.stream) for where, record in known.naming] == [("asana", "task")], known.naming[1]
    assert {
        "journeys", "marks", "aliases", "ledger", "mails", "said", "refused", "unsubscribed", "answers", "links",
        "plans", "runs", "deliveries", "figures",
    } <= set(known.tables)  # fmt: skip
    assert other.streams[("stripe", "charge")] == 1
    assert not {"journeys", "mails", "refused", "unsubscribed"} & set(other.tables)


def test_forgetting_leaves_no_trace_and_every_figure(town: Site) -> None:
    runtime = _with_onboarding(town)
    _journey(runtime)
    shown, counted = town.shown(), _figures(runtime)

    receipt = forgetting.forget(runtime, ADDRESS)

    left = _everything(runtime.store, runtime.key)
    assert ADDRESS not in left.replace("anne-marie@example.com", "")
    assert "m.durand" not in left
    assert NAME.casefold() not in left.replace("anne-marie durand", "")
    assert journey_id(ADDRESS, JOB.offer) not in left
    assert "anne-marie@example.com could" in left, "whom nobody asked to forget is known as before"
    town.backfill()
    town.work()
    assert town.shown() == shown
    assert _figures(runtime) == counted
    assert ADDRESS not in _everything(runtime.store, runtime.key).replace("anne-marie@example.com", "")
    assert receipt.records[("stripe", "charge")] == 3
    assert receipt.stopped == 1
    assert any("https://app.example.com/t1" in line for line in receipt.outside)


def _figures(runtime: Runtime) -> list[tuple[str, str, str, object]]:
    with runtime.store.read() as conn:
        return [(row.figure, row.period, row.currency, row.value) for row in figures.listing(conn, runtime.key)]


def test_her_journeys_stop_under_ids_that_nobody_can_make_from_her_address(town: Site) -> None:
    runtime = _with_onboarding(town)
    step = _journey(runtime)
    receipt = forgetting.forget(runtime, ADDRESS)
    with runtime.store.read() as conn:
        (row,) = rows.listing(conn, runtime.key)
        said = rows.marks_of(conn, runtime.key, JOB.name)
        assert ledger.entry(conn, runtime.key, step) is None
        kept = ledger.entry(conn, runtime.key, f"{JOB.name}/{row.id}/welcome/1")
    assert (row.state, row.reason, row.name) == ("stopped", "by hand", receipt.mark)
    assert row.person == f"{receipt.mark}@forgotten.invalid"
    assert row.id == journey_id(row.person, JOB.offer)
    assert [mark.what for mark in said[row.id]] == ["skip", "stop"]
    assert kept is not None
    assert "marie" not in kept.summary.casefold()


def test_the_file_itself_holds_her_no_more(boxes: Boxes, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    with open_store(url) as store, world.site(boxes, store) as site:
        runtime = _with_onboarding(site)
        _journey(runtime)
        forgetting.forget(runtime, ADDRESS)
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file()).lower()
    assert ADDRESS.encode() not in held.replace(b"anne-marie@example.com", b"")


def test_she_is_not_forgotten_while_a_job_is_at_work(town: Site) -> None:
    runtime = _with_onboarding(town)
    before = _everything(runtime.store, runtime.key)
    with runtime.store.write() as conn:
        assert jobs.take(conn, runtime.key, "revenue", "somebody", runtime.now(), 60)
    with pytest.raises(ConfigError, match="the worker is at revenue just now; nothing was changed"):
        forgetting.forget(runtime, ADDRESS)
    with runtime.store.write() as conn:
        jobs.release(conn, "somebody")
        assert forgotten.load(conn, runtime.key) is None
        assert all(state.lease_owner is None for state in jobs.listing(conn, runtime.key))
    assert _everything(runtime.store, runtime.key).count(ADDRESS) == before.count(ADDRESS)


def test_of_whom_nothing_is_known_nothing_is_forgotten(town: Site) -> None:
    with pytest.raises(ConfigError, match=r"nothing is stored about nobody@example\.com"):
        forgetting.forget(town.runtime, "nobody@example.com")


def test_a_journey_that_moves_takes_the_mapping_as_it_is_now(site: Site) -> None:
    now = JOB.model_copy(update={"says": "Open one, and soon."})
    opened = Journey(id="y", person=ADDRESS, offer=JOB.offer, opened_at=START, version="v", job=JOB)
    with site.store.write() as conn:
        journeys.open_(conn, site.key, JOB, [opened], START)
        assert journeys.load(conn, site.key, JOB.name) == {"y": replace(opened, changed_at=START)}
        journeys.change(conn, site.key, now, [Changed(journey="y", state="paused", reason="cancelled")], START)
        assert journeys.load(conn, site.key, JOB.name)["y"].job == JOB
        journeys.change(conn, site.key, now, [Changed(journey="y", version="w")], START)
        moved = journeys.load(conn, site.key, JOB.name)["y"]
    assert (moved.job, moved.version, moved.state, moved.reason) == (now, "w", "paused", "cancelled")


def test_a_mapping_that_is_kept_is_read_as_the_same_mapping() -> None:
    whole = JOB.model_copy(update={"name": "another"})
    assert journeys.journey_of(replace(_row(), mapping=journeys.text_of(whole))).job.offer == JOB.offer
    assert journeys.journey_of(replace(_row(), mapping=journeys.text_of(JOB))).job == JOB
    with pytest.raises(ConfigError, match="the journey j began with cannot be read"):
        journeys.journey_of(replace(_row(), mapping="{}"))


def _row() -> rows.JourneyRow:
    return rows.JourneyRow(job="j", id="j", person="p", offer="o", opened_at=START, version="v", mapping="")
