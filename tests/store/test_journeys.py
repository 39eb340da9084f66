"""Journeys, what people said of them, who is who, and what a job remembers of what it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hub.store import journeys
from hub.store.database import Store
from hub.store.journeys import JourneyRow, MarkRow
from tests.store.conftest import NOW

LATER = NOW + timedelta(hours=1)
MARIE = JourneyRow(
    job="onboarding", id="m1", person="marie@example.com", name="Marie Durand", offer="Élan", opened_at=NOW,
    version="v1", mapping="offer: Élan\n",
)  # fmt: skip


def test_a_journey_is_opened_once_however_often_it_is_found(store: Store) -> None:
    other = replace(MARIE, id="m2", person="lea@example.com", state="asked", reason="before")
    with store.write() as conn:
        assert journeys.open_(conn, "b", [other, MARIE]) == ["m1", "m2"]
        assert journeys.open_(conn, "b", [replace(MARIE, name="Another", state="stopped")]) == []
    with store.read() as conn:
        assert journeys.listing(conn, "b") == [MARIE, other]
        assert journeys.listing(conn, "b", job="onboarding", states=["asked"]) == [other]
        assert journeys.of_person(conn, "b", ["marie@example.com"]) == [MARIE]
        assert journeys.counts(conn, "b") == {("onboarding", "asked"): 1, ("onboarding", "open"): 1}
        assert journeys.listing(conn, "another") == []


def test_what_is_not_said_to_change_stays(store: Store) -> None:
    with store.write() as conn:
        journeys.open_(conn, "b", [MARIE])
        assert journeys.change(conn, "b", "onboarding", "m1", LATER, state="paused", reason="cancelled")
        paused = replace(MARIE, state="paused", reason="cancelled", changed_at=LATER)
        assert journeys.get(conn, "b", "onboarding", "m1") == paused

        assert journeys.change(conn, "b", "onboarding", "m1", LATER + timedelta(hours=1), pinned=("v2", "new"))
        assert journeys.get(conn, "b", "onboarding", "m1") == replace(paused, version="v2", mapping="new")

        assert journeys.change(conn, "b", "onboarding", "m1", LATER)
        assert not journeys.change(conn, "b", "onboarding", "nobody", LATER, state="open")
        assert not journeys.change(conn, "b", "onboarding", "nobody", LATER)


def test_marks_are_kept_in_the_order_in_which_they_were_said(store: Store) -> None:
    pause = MarkRow(job="onboarding", journey="m1", what="pause", at=NOW, by="claire")
    skip = MarkRow(job="onboarding", journey="m1", what="skip", value="welcome", at=NOW)
    with store.write() as conn:
        for each in (pause, skip, replace(pause, journey="m2", what="resume", at=LATER)):
            journeys.mark(conn, "b", each)
    with store.read() as conn:
        found = journeys.marks_of(conn, "b", "onboarding")
        assert found["m1"] == [pause, skip]
        assert set(found) == {"m1", "m2"}
        assert journeys.marks_of(conn, "b", "other") == {}


def test_the_last_word_on_who_is_who_counts(store: Store) -> None:
    with store.write() as conn:
        journeys.confirm(conn, "b", "m@example.com", "someone@example.com", NOW)
        journeys.confirm(conn, "b", "m@example.com", "marie@example.com", LATER)
        assert journeys.aliases_of(conn, "b") == {"m@example.com": "marie@example.com"}
        assert journeys.aliases_of(conn, "another") == {}
