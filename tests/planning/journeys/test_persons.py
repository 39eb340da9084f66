"""Who is who: what is the same address, and who is asked about because they look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.planning.journeys.persons import journey_id, look_alikes, normalised, one_slip, person_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (" Marie@Example.COM ", "marie@example.com"),
        ("marie@bücher.example", "marie@xn--bcher-kva.example"),
        ("marie@xn--bcher-kva.example.", "marie@xn--bcher-kva.example"),
        ("ma.rie+x@gmail.com", "ma.rie+x@gmail.com"),
        ("Le\u0301a@example.com", "léa@example.com"),
        ("marie", ""),
        ("@example.com", ""),
        ("marie dupont@example.com", ""),
        ("", ""),
    ],
)
def test_an_address_is_compared_without_its_spelling(written: str, meant: str) -> None:
    assert normalised(written) == meant


@given(st.text(max_size=40))
def test_what_was_normalised_stays_as_it_is(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once


def why(address: str, name: str, other: str, others_name: str) -> str | None:
    return next((each.why for each in look_alikes({address: name}, {other: others_name})), None)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("marie@a.example", "Marie Dupont"), ("md@b.example", "DUPONT Marie"), "name"),
        (("marie@a.example", "Léa Noël"), ("l@b.example", "Lea Noel"), "name"),
        (("marie@gmial.com", ""), ("marie@gmail.com", "Marie Dupont"), "domain"),
        (("marie@gmail.fr", "Marie"), ("marie@gmail.com", "Marie Dupont"), "domain"),
        (("mariedupnot@a.example", ""), ("mariedupont@a.example", ""), "typo"),
        (("marie.dupont@a.example", ""), ("mariedupont@a.example", ""), "typo"),
        (("marie@a.example", "Marie"), ("claire@b.example", "Marie"), None),  # a first name is nobody's own
        (("client1@a.example", ""), ("client2@a.example", ""), None),
        (("ana@a.example", ""), ("eva@a.example", ""), None),
        (("ana@a.example", ""), ("ann@a.example", ""), None),
        (("marie@gmail.fr", "Marie Kohl"), ("marie@gmail.com", "Anne Dupont"), None),
        (("marie@a.example", ""), ("marie@laposte.net", ""), None),
    ],
)
def test_who_looks_like_whom(one: tuple[str, str], other: tuple[str, str], reason: str | None) -> None:
    assert why(*one, *other) == reason


def test_of_two_new_people_the_second_is_asked_about() -> None:
    found = list(look_alikes({"a@x.example": "Marie Dupont", "b@y.example": "Marie Dupont"}, {}))
    assert [(each.address, each.other) for each in found] == [("b@y.example", "a@x.example")]


@given(st.text("abcde", max_size=7), st.text("abcde", max_size=7))
def test_one_slip_is_one_edit(one: str, other: str) -> None:
    letters = "abcde"
    near = {one[:i] + one[i + 1 :] for i in range(len(one))}
    near |= {one[:i] + letter + one[i:] for i in range(len(one) + 1) for letter in letters}
    near |= {one[:i] + letter + one[i + 1 :] for i in range(len(one)) for letter in letters}
    near |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    assert one_slip(one, other) == (other in near - {one})


def test_aliases_lead_to_one_person_and_a_ring_of_them_ends() -> None:
    assert person_of("a", {"a": "b", "b": "c"}) == "c"
    assert person_of("a", {"a": "b", "b": "a"}) in ("a", "b")


def test_the_id_of_a_journey_is_of_the_person_and_the_offer() -> None:
    ids = {journey_id(person, offer) for person in ("a@x", "b@x") for offer in ("One", "Two", " One ")}
    assert len(ids) == 4
