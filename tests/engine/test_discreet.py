"""What is done for clients is called by their initials and the step where others look on."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from hub.engine.calm import calm
from hub.engine.discreet import discreet
from hub.planning.journeys.persons import initials
from hub.planning.journeys.types import Client, Doing
from tests.planning.journeys.small import MARIE, MONDAY

DOING = Doing(
    key="onboarding/1/welcome/1", journey="1", name="welcome", n=1, due=MONDAY, what="send",
    client=Client(address=MARIE, name="Marie Dupont", addresses=("md@autre.example",)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "address", "short"),
    [
        ("Marie Dupont", MARIE, "M. D."),
        ("Jean-Luc Le Goff", "", "J. G."),
        ("léa", "", "L."),
        ("", MARIE, "M."),
        ("(…) Noël", "", "N."),
        ("", "", "?"),
    ],
)
def test_a_person_is_called_by_her_initials(name: str, address: str, short: str) -> None:
    assert initials(name, address) == short


def test_several_steps_are_called_by_the_first_and_their_number() -> None:
    page = replace(DOING, key="onboarding/1/client_page/1", name="client_page")
    told = replace(DOING, key="onboarding/1/refunded/1", name="refunded", what="tell")
    keys = [page.key, DOING.key, f"{told.key}/ceo", told.key, "onboarding/questions/0123"]
    made = discreet([DOING, page, told], keys)
    assert list(made.steps.values()) == [
        "M. D. client_page", "M. D. welcome", "M. D. refunded", "M. D. refunded", "questions",
    ]  # fmt: skip
    assert made.headline() == "M. D. client_page + 3"
    assert discreet([DOING], [DOING.key]).headline() == "M. D. welcome"
    assert discreet([], []).headline() == ""


def test_names_and_addresses_are_veiled() -> None:
    made = discreet([DOING], [DOING.key])
    text = f"asana / {MARIE}: « Suivi · Marie Dupont » of md@autre.example, sent by claire@example.com."
    assert made.veiled(text) == "asana / M. D.: « Suivi · M. D. » of M. D., sent by …@…."


def test_the_search_for_rings_rests_while_anything_is_planned() -> None:
    assert gc.isenabled()
    with calm():
        with calm():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with calm():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
