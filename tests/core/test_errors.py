from __future__ import annotations

import pytest

from hub.core import errors
from hub.core.errors import ConfigError, HubError, RecordError, SignatureError, StaleError, TransientError

SORTED = (SignatureError, TransientError, ConfigError, RecordError, StaleError)


def test_every_error_of_the_hub_is_one_kind_of_thing_to_do() -> None:
    known = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, HubError)}

    assert known == {HubError, *SORTED}


@pytest.mark.parametrize("kind", SORTED)
def test_no_kind_is_caught_as_another(kind: type[HubError]) -> None:
    assert [other for other in SORTED if issubclass(kind, other)] == [kind]


def test_a_transient_error_says_how_long_to_wait_and_whether_to_look() -> None:
    plain, full = TransientError("busy"), TransientError("gone", retry_after=3.5, uncertain=True, committed=("a", "b"))

    assert (plain.retry_after, plain.uncertain, plain.committed) == (None, False, ())
    assert (str(full), full.retry_after, full.uncertain, full.committed) == ("gone", 3.5, True, ("a", "b"))


def test_a_stale_plan_names_what_moved() -> None:
    assert StaleError("stale", ("cash_in",)).moved == ("cash_in",)
    assert StaleError("stale").moved == ()
