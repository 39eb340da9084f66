"""What moved is what the account holds, or the difference is named; and nothing is said that nobody can know."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.core.money import Money
from hub.core.types import Record
from hub.planning.figures.balance import against_balance
from tests.planning.figures.kit import moved
from tests.planning.make import eur, utc

MOVED = (
    moved("a", "100", "2026-10-02", "charge", fee="3"),
    moved("b", "-60", "2026-10-03", "payout"),
    moved("c", "5", "2026-10-03", "charge", currency="USD"),
)


def balance(*amounts: Money, recent: tuple[str, ...] = ("c", "b"), older: bool = True, **more: Any) -> Record:
    fields = {"amounts": amounts, "elsewhere": (), "recent": recent, "older": older, **more}
    return Record(stream="balance", key="balance", fields=fields, at=utc("2026-10-03"))


def test_what_moved_is_what_the_account_holds_or_the_difference_is_named() -> None:
    assert against_balance(balance(eur(37), eur(5, "USD")), MOVED) == ()
    (gap,) = against_balance(balance(eur("36.5"), eur(5, "USD")), MOVED) or ()
    assert (gap.currency, gap.ours, gap.theirs, gap.difference) == ("EUR", eur(37), eur("36.5"), eur("-0.5"))
    missing, other = against_balance(balance(eur(37), eur(1, "GBP")), MOVED) or ()
    assert (missing.currency, other.currency) == ("GBP", "USD")


def test_what_moved_after_the_balance_was_asked_for_is_not_in_it() -> None:
    later = (moved("d", "9", "2026-10-03T00:00:01", "charge"), moved("e", "9", "2026-10-04", "charge"))
    assert against_balance(balance(eur(37), eur(5, "USD")), (*MOVED, *later)) == ()
    # Where the newest are all that there were, even one of that very second.
    whole = balance(eur(37), eur(5, "USD"), recent=("c", "b", "a"), older=False)
    assert against_balance(whole, (*MOVED, moved("d", "9", "2026-10-02", "charge"))) == ()


def test_while_one_of_its_newest_movements_is_not_read_nobody_can_say() -> None:
    assert against_balance(balance(eur(999)), MOVED[:2]) is None


def test_while_money_moved_nobody_can_say() -> None:
    assert against_balance(balance(recent=()), MOVED) is None


def test_a_currency_that_is_held_elsewhere_too_is_left_out() -> None:
    assert against_balance(balance(eur(1), eur(5, "USD"), elsewhere=("EUR",)), MOVED) == ()


def test_an_account_in_which_nothing_moved_holds_nothing() -> None:
    fresh = balance(eur(0), recent=(), older=False)
    assert against_balance(fresh, ()) == ()
    assert against_balance(fresh, MOVED) == ()  # all of it came later


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=30), st.data())
def test_a_movement_that_was_never_read_is_always_noticed(cents: list[int], data: st.DataObject) -> None:
    all_of_it = [
        moved(f"m{n:02}", str(Decimal(each) / 100), f"2026-10-{n + 1:02}", "charge") for n, each in enumerate(cents)
    ]
    total = sum((Decimal(each) for each in cents), Decimal(0)) / 100
    said = balance(Money(total, "EUR"), recent=(all_of_it[-1].key,))
    assert against_balance(said, all_of_it) == ()
    lost = data.draw(st.integers(0, len(cents) - 1))
    found = against_balance(said, [each for n, each in enumerate(all_of_it) if n != lost])
    if lost == len(cents) - 1:
        assert found is None
    else:
        assert [each.difference.amount for each in found or ()] == ([Decimal(cents[lost]) / 100] if cents[lost] else [])
