"""Values go from one side's columns to the other's and back, or it is said why they cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.money import Money
from hub.core.types import Value
from hub.planning.carry import Carrier, Column, Someone, Sort
from hub.planning.merge import CannotCarryError

LEA = Someone(key="lea", name="Léa", email="lea@example.com", known_as={"asana": "Léa Martin", "trello": "leamartin"})
CLAIRE = Someone(key="obm", name="Claire", email="claire@example.com")
CARRIER = Carrier(people=(LEA, CLAIRE), zone=ZoneInfo("Europe/Paris"))
STEPS = ("À faire", "En cours", "Terminé")
GROUPS = {"À faire": "to do", "En cours": "in progress", "Terminé": "complete"}


def column(sort: Sort, connection: str = "notion") -> Column:
    options = STEPS if sort == "status" else None
    return Column(name="X", sort=sort, connection=connection, options=options, groups=GROUPS)


@pytest.mark.parametrize(
    ("value", "source", "target", "carried"),
    [
        ("Page de vente", "text", "title", "Page de vente"),
        (date(2026, 3, 20), "date", "date", date(2026, 3, 20)),
        (date(2026, 3, 20), "date", "text", "2026-03-20"),
        ("2026-03-20", "text", "date", date(2026, 3, 20)),
        (datetime(2026, 3, 20, 8, tzinfo=UTC), "date", "date", datetime(2026, 3, 20, 8, tzinfo=UTC)),
        (date(2026, 3, 20), "date", "instant", datetime(2026, 3, 20, 11, tzinfo=UTC)),
        (date(2026, 7, 20), "date", "instant", datetime(2026, 7, 20, 10, tzinfo=UTC)),
        (datetime(2026, 3, 20, 11, tzinfo=UTC), "instant", "date", date(2026, 3, 20)),
        (datetime(2026, 3, 20, 12, tzinfo=UTC), "instant", "date", datetime(2026, 3, 20, 12, tzinfo=UTC)),
        (datetime(2026, 3, 20, 8, tzinfo=UTC), "date", "instant", datetime(2026, 3, 20, 8, tzinfo=UTC)),
        ("2026-03-20", "text", "instant", datetime(2026, 3, 20, 11, tzinfo=UTC)),
        ("2026-03-20T09:00", "text", "date", datetime(2026, 3, 20, 8, tzinfo=UTC)),
        ("2026-03-20T09:00+02:00", "text", "instant", datetime(2026, 3, 20, 7, tzinfo=UTC)),
        (None, "date", "instant", None),
        (("b", "a"), "multi_select", "multi_select", ("a", "b")),
        (True, "checkbox", "status", "Terminé"),
        (False, "checkbox", "status", "À faire"),
        ("Terminé", "status", "checkbox", True),
        ("En cours", "status", "checkbox", False),
        (("lea",), "people", "people", ("lea",)),
        (("lea", "obm"), "people", "text", "Léa, Claire"),
        ("Léa Martin", "text", "people", ("lea",)),
        (("a", "b"), "multi_select", "multi_select", ("a", "b")),
        (("a", "b"), "multi_select", "text", "a, b"),
        ("À faire", "text", "status", "À faire"),
        ("en cours", "text", "status", "En cours"),
        (Money(Decimal("12.50"), "EUR"), "money", "number", Decimal("12.50")),
        ("1 234,50", "text", "number", Decimal("1234.50")),
        (Decimal("2.5"), "number", "text", "2.5"),
        (None, "text", "checkbox", False),
        (None, "people", "text", None),
        ("", "text", "multi_select", ()),
    ],
)
def test_values_become_what_people_would_write_on_the_other_side(
    value: Value, source: Sort, target: Sort, carried: Value
) -> None:
    connection = "asana" if source == "text" and target == "people" else "notion"

    assert CARRIER.carried(value, column(source, connection), column(target)) == carried


@pytest.mark.parametrize(
    ("value", "source", "target", "why"),
    [
        (True, "checkbox", "text", "yes or no is no text"),
        ("Perdu", "text", "status", "there is no status « Perdu »; there are À faire, En cours, Terminé"),
        ("a, b", "text", "select", "an option holds no comma"),
        (("a", "b, c"), "multi_select", "multi_select", "an option holds no comma"),
        ({"start": date(2026, 3, 20)}, "date", "instant", "a span of days is no instant"),
        ("x" * 101, "text", "select", "101 characters; select takes 100"),
        ("bientôt", "text", "date", "« bientôt » is no date"),
        ("douze", "text", "number", "« douze » is no number"),
        ("Zoé", "text", "people", "« Zoé » is none of the people in business.yaml"),
        (True, "checkbox", "date", "checkbox cannot become date"),
        ("Inconnu", "status", "checkbox", "the group of the status « Inconnu » is not known"),
    ],
)
def test_what_cannot_be_carried_says_why(value: Value, source: Sort, target: Sort, why: str) -> None:
    with pytest.raises(CannotCarryError) as error:
        CARRIER.carried(value, column(source), column(target))

    assert str(error.value) == why


def test_a_list_that_takes_only_its_own_options_takes_them_whatever_their_capitals_and_no_others() -> None:
    closed = Column(name="Phase", sort="select", connection="asana", options=("Devis", "Appel, mail", "devis"))
    several = Column(name="Canaux", sort="multi_select", connection="asana", options=("Mail", "Zoom"))

    assert CARRIER.carried("appel, mail", column("text"), closed) == "Appel, mail"
    assert CARRIER.carried("devis", column("select"), closed) == "devis"
    assert CARRIER.carried(("zoom", "Mail"), column("multi_select"), several) == ("Mail", "Zoom")
    with pytest.raises(CannotCarryError, match="there is no option « Perdu »; there are Devis"):
        CARRIER.carried("Perdu", column("text"), closed)
    with pytest.raises(CannotCarryError, match="there is no option « Fax »; there are Mail, Zoom"):
        CARRIER.carried(("Mail", "Fax"), column("multi_select"), several)


def test_people_are_the_same_whatever_a_provider_calls_them() -> None:
    at_asana = CARRIER.plain(({"key": "12", "name": "Léa Martin"},), column("people", "asana"))
    at_trello = CARRIER.plain(({"key": "ab", "username": "leamartin"},), column("people", "trello"))
    at_notion = CARRIER.plain(({"key": "n1", "email": "LEA@example.com"},), column("people"))
    stranger = CARRIER.plain(({"key": "n2", "name": "Zoé"},), column("people"))

    assert at_asana == at_trello == at_notion == ("lea",)
    assert stranger == ("Zoé",)
    assert CARRIER.written(("lea",), column("people", "asana")) == ({"name": "Léa Martin", "email": "lea@example.com"},)
    assert CARRIER.written(("Zoé",), column("people", "asana")) == ({"name": "Zoé"},)


def test_what_people_see_as_the_same_is_plainly_the_same() -> None:
    assert CARRIER.plain("Caf\u0065\u0301 \r\n", column("text")) == "Café"
    assert CARRIER.plain(("b", "A", "b "), column("multi_select")) == ("A", "b")
    told = datetime(2026, 3, 20, 8, 15, 42, 607_000, tzinfo=UTC)
    assert (
        CARRIER.plain(told, column("date"))
        == CARRIER.plain(told, column("instant"))
        == told.replace(second=0, microsecond=0)
    )
    assert CARRIER.plain({"start": told}, column("date")) == {"start": datetime(2026, 3, 20, 8, 15, tzinfo=UTC)}


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)
VALUES: dict[Sort, st.SearchStrategy[Value]] = {
    "text": TEXTS,
    "title": TEXTS,
    "checkbox": st.booleans(),
    "date": st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    "instant": st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    "people": st.lists(st.sampled_from(["lea", "obm"]), unique=True).map(tuple),
    "number": st.decimals(-(10**9), 10**9, places=2),
    "multi_select": st.lists(TEXTS.filter(lambda text: "," not in text), unique=True, max_size=4).map(tuple),
    "status": st.sampled_from(["À faire", "Terminé"]),
}
ROUND_TRIPS: list[tuple[Sort, Sort]] = [
    ("checkbox", "status"),
    ("status", "text"),
    ("date", "instant"),
    ("instant", "date"),
    ("date", "text"),
    ("number", "text"),
    ("people", "text"),
    ("people", "multi_select"),
    ("text", "title"),
    *((sort, sort) for sort in VALUES),
]


@pytest.mark.parametrize(("source", "target"), ROUND_TRIPS)
@given(data=st.data())
def test_what_is_carried_there_and_back_is_the_same(source: Sort, target: Sort, data: st.DataObject) -> None:
    value = CARRIER.plain(data.draw(VALUES[source]), column(source))

    there = CARRIER.carried(value, column(source), column(target))
    back = CARRIER.carried(CARRIER.plain(there, column(target)), column(target), column(source))

    empty: tuple[Value, ...] = (None, "", ())
    assert CARRIER.plain(back, column(source)) == value or (back in empty and value in empty)
