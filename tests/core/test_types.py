from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import pytest

from hub.core import protocol, types
from hub.core.types import Collection, Event, Page, Property, Record, Reply, Row, Subscription

MADE: list[Any] = [
    Record(stream="charge", key="ch_1"),
    Page(records=(), cursor=None),
    Event(id="evt_1", type="charge.succeeded"),
    Reply(),
    Property(name="Montant", kind="number"),
    Collection(name="Chiffres", kind="table"),
    Row(key="a", values={}),
    Subscription(ref=types.Ref("we_1"), url="https://hub.example.com", alive=True),
]


@pytest.mark.parametrize("thing", MADE, ids=lambda thing: type(thing).__name__)
def test_the_vocabulary_cannot_be_changed_once_it_is_said(thing: Any) -> None:
    assert is_dataclass(thing)
    with pytest.raises((FrozenInstanceError, AttributeError)):
        setattr(thing, fields(thing)[0].name, "something else")
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        thing.made_up = 1


@pytest.mark.parametrize("thing", MADE, ids=lambda thing: type(thing).__name__)
def test_what_is_said_by_name_cannot_be_said_by_place(thing: Any) -> None:
    with pytest.raises(TypeError):
        type(thing)("one")


def test_things_with_equal_fields_are_equal() -> None:
    assert Record(stream="charge", key="ch_1", fields={"a": 1}) == Record(stream="charge", key="ch_1", fields={"a": 1})
    assert Record(stream="charge", key="ch_1") != Record(stream="charge", key="ch_1", deleted=True)


def test_a_capability_that_a_provider_lacks_is_none() -> None:
    bare = protocol.Connector(name="bare")

    assert (bare.source, bare.destination, bare.subscriptions) == (None, None, None)
