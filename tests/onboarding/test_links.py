"""A link at which one appointment can be booked once: made once for each client, and offered to her mails."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.calendly.sandbox import KEY as CALENDLY_KEY
from hub.engine.planners import make_plan
from hub.store import connections, ledger
from tests.onboarding.town import CALL, Town
from tests.onboarding.world import Site, body, site

MARIE = "marie@example.com"
STEPS = (
    {"name": "call", "after": "payment", "link": {"from": "calendly", "event_type": CALL}},
    {"name": "welcome", "after": "payment", "send": "invite"},
    {"name": "book", "after": "payment", "if_no": "booking", "wait": "3 days", "send": "invite_again"},
)
WRITTEN = {
    "invite": "Subject: Choisis ton appel\n\n[Choisir]({booking.link})",
    "invite_again": "Subject: Il manque ton appel\n\n[Choisir]({booking.link})",
}
LINKS = "/scheduling_links"


def asked(town: Town) -> int:
    """How often a link was asked for."""
    return int(town.calendly.calls.counts["POST", LINKS])


def effects(here: Site) -> dict[str, tuple[str, str | None]]:
    """The links that the ledger knows: step -> (state, error)."""
    found: dict[str, tuple[str, str | None]] = {}
    with here.store.read() as conn:
        for state in ("started", "done", "uncertain", "failed"):
            for entry in ledger.listing(conn, "lila", state):
                if entry.kind == "link":
                    found[entry.key.split("/")[2]] = (entry.state, entry.error)
    return found


def test_one_link_is_made_and_stands_in_every_mail_that_speaks_of_it(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=STEPS) as here:
        town.sell()
        here.turn()
        assert here.subjects(MARIE) == ["Choisis ton appel"]  # in the turn that follows the link at once
        town.skip(days=4)
        here.until_quiet()

        first, second = (mail for mail in here.mails if MARIE in str(mail["To"]))
        address = body(first).partition("https://calendly.com/d/")[2].split()[0].rstrip(")>")
        assert address
        assert address in body(second)
        assert asked(town) == 1


def test_two_clients_get_a_link_each(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=STEPS) as here:
        town.sell()
        town.sell("jean@example.com", "Jean Petit")
        here.until_quiet()

        found = [body(mail).partition("https://calendly.com/d/")[2].split()[0] for mail in here.mails]
        assert len(set(found)) == asked(town) == 2


@pytest.mark.parametrize("restart", [False, True])
def test_a_link_whose_answer_was_lost_is_uncertain_and_never_made_again_unseen(
    town: Town, tmp_path: Path, restart: bool
) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=STEPS) as here:
        town.calendly.faults.add("POST", LINKS, "reset_after_commit", times=1)
        town.sell()
        here.turn()
        if restart:
            here.restart()
        here.until_quiet()
        here.until_quiet()

        assert asked(town) == 1
        assert effects(here)["call"][0] == "uncertain"
        assert here.subjects(MARIE) == []
        notes = make_plan(here.runtime, here.runtime.jobs["onboarding"]).plan.notes
        assert any("son message attend" in note for note in notes)

        # A person has looked, and there is none.
        with here.store.write() as conn:
            (entry,) = [one for one in ledger.listing(conn, "lila", "uncertain") if one.kind == "link"]
            assert ledger.settle(conn, "lila", entry.key, False, town.clock())
        here.until_quiet()
        assert asked(town) == 2
        assert here.subjects(MARIE) == ["Choisis ton appel"]


def test_a_link_that_was_cut_short_is_uncertain(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=STEPS) as here:
        town.sell()

        def killed(*_args: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(ledger, "done", killed)
        with pytest.raises(KeyboardInterrupt):
            here.turn()
        monkeypatch.undo()
        assert effects(here)["call"][0] == "started"
        here.restart()
        here.until_quiet()

        assert asked(town) == 1
        state, why = effects(here)["call"]
        assert (state, "nobody can tell" in str(why)) == ("uncertain", True)


def test_a_refusal_for_certain_is_tried_again_and_keeps_nothing_else_back(town: Town, tmp_path: Path) -> None:
    plain = {"name": "hello", "after": "payment", "send": "welcome"}
    with site(town, tmp_path, written=WRITTEN, steps=(*STEPS, plain)) as here:
        whole = town.calendly.tokens[CALENDLY_KEY]
        scopes = ["users:read", "organizations:read", "event_types:read", "scheduled_events:read", "routing_forms:read"]
        town.calendly.add_token(CALENDLY_KEY, whole.user, scopes)
        town.sell()
        here.turn()
        state, why = effects(here)["call"]
        assert (state, "scheduling_links:write" in str(why)) == ("failed", True)
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        with here.store.read() as conn:
            assert not [one for one in connections.listing(conn, "lila") if one.paused_at is not None]

        town.calendly.tokens[CALENDLY_KEY] = whole
        here.until_quiet()
        assert effects(here)["call"] == ("done", None)
        assert here.subjects(MARIE)[-1] == "Choisis ton appel"


def test_a_kind_of_appointment_that_is_not_there_is_named_with_those_that_are(town: Town, tmp_path: Path) -> None:
    other = {"name": "call", "after": "payment", "link": {"from": "calendly", "event_type": "Autre"}}
    with site(town, tmp_path, written=WRITTEN, steps=(other, *STEPS[1:])) as here:
        town.sell()
        turns = here.turn()

        assert any(f"« Autre ». It shows: {CALL}" in problem for turn in turns for problem in turn.problems)
        assert asked(town) == 0
