"""A past client is forgotten once her time is over, nobody else is, and she may come back as a new one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hub.core.forgotten import is_pseudonym
from hub.engine import retention
from hub.engine.persons import find
from hub.store import jobs, journeys, mirror, traces
from hub.store.journeys import MarkRow
from tests.onboarding.test_journey import kept
from tests.onboarding.town import Town
from tests.onboarding.world import Site, site

MARIE = "marie@example.com"
STEPS = ({"name": "welcome", "after": "payment", "send": "welcome"},)
YEARS = 3 * 366 + 2


def stopped(here: Site) -> None:
    """Everybody's journey is over."""
    with here.store.write() as conn:
        for row in journeys.listing(conn, "lila", states=["open"]):
            mark = MarkRow(job=row.job, journey=row.id, what="stop", at=here.town.clock())
            journeys.mark(conn, "lila", mark)
    here.wake()


def named(here: Site) -> bool:
    """Whether anything in the store still names her."""
    with here.store.read() as conn:
        return bool(list(traces.find(conn, "lila", {MARIE, "Marie Dupont"}, ["onboarding"]))) or any(
            MARIE in str(read.record.fields) for _, read in mirror.reads(conn, "lila")
        )


def test_a_past_client_is_forgotten_the_night_after_her_time(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, steps=STEPS) as here:
        town.sell()
        here.until_quiet()
        (row,) = kept(here)
        assert row.state == "done"

        town.skip(days=YEARS - 10)
        assert retention.past_clients(here.runtime) == []
        assert "past clients" not in retention.forget_old(here.runtime)
        assert retention.forget_old(here.runtime) == "nothing is older than it is kept"
        town.skip(days=10)
        assert retention.past_clients(here.runtime) == [MARIE]
        assert "1 past clients forgotten after 3 years" in retention.forget_old(here.runtime)

        assert not named(here)
        assert is_pseudonym(kept(here)[0].person)
        here.turn()  # reading everything anew does not bring her back
        assert not named(here)
        assert retention.past_clients(here.runtime) == []


def test_a_past_client_who_comes_back_is_a_new_one(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, steps=STEPS) as here:
        town.sell()
        here.until_quiet()
        town.skip(days=YEARS)
        retention.forget_old(here.runtime)
        town.skip(days=7)
        town.sell()
        here.until_quiet()

        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"] * 2
        new, old = sorted(kept(here), key=lambda row: is_pseudonym(row.person))
        assert (new.person, is_pseudonym(old.person)) == (MARIE, True)


def test_whoever_was_heard_of_since_stays(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, steps=STEPS) as here:
        price = town.account.price(amount=5000, product="Club", interval="month")
        town.sell()
        jean = town.sell("jean@example.com", "Jean Petit")["customer"]
        town.sell("zoe@example.com", "Zoé Lune")
        here.until_quiet()
        town.account.sell(price=price["id"], customer=jean)
        town.skip(days=YEARS - 30)
        town.book(town.clock() + timedelta(days=2), "ZOE@example.com", "Zoé")
        here.turn()
        town.skip(days=30)
        here.turn()

        assert retention.past_clients(here.runtime) == [MARIE]


def test_whoever_has_a_journey_that_runs_stays(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        town.skip(days=YEARS)
        assert retention.past_clients(here.runtime) == []
        stopped(here)
        assert retention.past_clients(here.runtime) == []  # her journey has only just ended
        town.skip(days=YEARS)
        assert retention.past_clients(here.runtime) == [MARIE]


def test_the_setting_says_how_long(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, steps=STEPS) as here:
        town.sell()
        here.until_quiet()
        town.skip(days=40)
        assert retention.past_clients(here.runtime) == []
        keep = type(here.runtime.business.keep).model_validate({"past_clients": "1 month"})
        here.runtime.business = here.runtime.business.model_copy(update={"keep": keep})
        assert retention.past_clients(here.runtime) == [MARIE]


def test_a_job_at_work_puts_it_off_to_the_next_night(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, steps=STEPS) as here:
        town.sell()
        here.until_quiet()
        town.skip(days=YEARS)
        with here.store.write() as conn:
            assert jobs.take(conn, "lila", "onboarding", "somebody", town.clock(), 600)
        assert "1 more follow the next night" in retention.forget_old(here.runtime)
        with here.store.read() as conn:
            assert find(conn, here.runtime, MARIE).known
        with here.store.write() as conn:
            jobs.release(conn, "somebody")
        assert "1 past clients forgotten" in retention.forget_old(here.runtime)
