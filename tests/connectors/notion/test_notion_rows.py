"""Pure: every type of property that Notion has, and rows seen as the tasks, people and sign-ups that they are."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notion import rows
from hub.core import codec
from hub.core.errors import RecordError
from hub.core.kinds import Kind, Names, problems, seen_as
from hub.core.types import Record, Value
from tests.sandboxes.notion_kit import NEWEST, NO_SCHEMAS, SCHEMAS, validator

Json = dict[str, Any]
PERSON: Json = {
    "object": "user",
    "id": "person-1",
    "type": "person",
    "name": "Nora",
    "avatar_url": None,
    "person": {"email": "nora@example.com"},
}
NORA = {"key": "person-1", "name": "Nora", "email": "nora@example.com"}
TABLE = rows.Table(
    id="ds-1",
    name="Tâches",
    database="db-1",
    groups={"s:t": {"todo": "to do", "doing": "in progress", "done": "complete"}},
)


def who(user: Mapping[str, Any]) -> Mapping[str, Value]:
    return rows.who_of(user)


def text(*parts: str) -> list[Json]:
    plain = {"bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False}
    return [
        {
            "type": "text",
            "text": {"content": part, "link": None},
            "annotations": {**plain, "color": "default"},
            "plain_text": part,
            "href": None,
        }
        for part in parts
    ]


def option(name: str, key: str = "o") -> Json:
    return {"id": key, "name": name, "color": "default"}


def day(start: str, end: str | None = None, zone: str | None = None) -> Json:
    return {"start": start, "end": end, "time_zone": zone}


def hosted(name: str, query: str) -> Json:
    url = f"https://files.example.com/a.pdf?{query}"
    return {"name": name, "type": "file", "file": {"url": url, "expiry_time": "2026-11-21T11:00:00.000Z"}}


OUTSIDE = {"name": "b", "type": "external", "external": {"url": "https://example.com/b"}}
ROLLED = [
    {"type": "number", "number": 2},
    {"type": "title", "title": text("x")},
    {"type": "checkbox", "checkbox": False},
    {"type": "button", "button": {}},
    {"type": "date", "date": None},
]

CASES: list[tuple[str, Any, Value]] = [
    ("title", text("Rendre ", "le livre"), "Rendre le livre"),
    ("title", [], ""),
    ("rich_text", text("a\nb"), "a\nb"),
    ("rich_text", [], None),
    ("url", "https://example.com", "https://example.com"),
    ("url", None, None),
    ("email", "nora@example.com", "nora@example.com"),
    ("phone_number", "+33 6 00", "+33 6 00"),
    ("phone_number", None, None),
    ("number", 12, Decimal(12)),
    ("number", 12.1, Decimal("12.1")),
    ("number", 0, Decimal(0)),
    ("number", None, None),
    ("checkbox", True, True),
    ("checkbox", False, False),
    ("select", option("en retard"), "en retard"),
    ("select", None, None),
    ("status", option("Terminé", "done"), "Terminé"),
    ("multi_select", [option("a"), option("b")], ("a", "b")),
    ("multi_select", [], ()),
    ("date", day("2026-12-01"), date(2026, 12, 1)),
    ("date", day("2026-12-01T09:30:00.000+01:00"), datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
    ("date", day("2026-12-01T09:30:00.000", None, "Europe/Paris"), datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
    ("date", day("2026-12-01", "2026-12-03"), {"start": date(2026, 12, 1), "end": date(2026, 12, 3)}),
    ("date", None, None),
    ("people", [PERSON, {"object": "user", "id": "person-2"}], (NORA, {"key": "person-2"})),
    ("people", [{"object": "group", "id": "g1", "name": "Équipe"}], ({"key": "g1", "name": "Équipe"},)),
    ("people", [], ()),
    ("relation", [{"id": "row-1"}, {"id": "row-2"}], ("row-1", "row-2")),
    ("files", [hosted("a", "x=1"), OUTSIDE], ({"name": "a"}, {"name": "b", "url": "https://example.com/b"})),
    ("formula", {"type": "string", "string": "a"}, "a"),
    ("formula", {"type": "string", "string": None}, None),
    ("formula", {"type": "number", "number": 0.5}, Decimal("0.5")),
    ("formula", {"type": "boolean", "boolean": True}, True),
    ("formula", {"type": "boolean", "boolean": None}, None),
    ("formula", {"type": "date", "date": day("2026-12-01")}, date(2026, 12, 1)),
    ("rollup", {"type": "number", "number": 3, "function": "sum"}, Decimal(3)),
    ("rollup", {"type": "date", "date": None, "function": "latest_date"}, None),
    ("rollup", {"type": "array", "array": ROLLED, "function": "show_original"}, (Decimal(2), "x", False, None)),
    ("created_time", "2026-07-04T09:09:00.000Z", datetime(2026, 7, 4, 9, 9, tzinfo=UTC)),
    ("last_edited_time", "2026-07-04T09:09:00.000Z", datetime(2026, 7, 4, 9, 9, tzinfo=UTC)),
    ("created_by", PERSON, NORA),
    ("last_edited_by", {"object": "user", "id": "bot-1"}, {"key": "bot-1"}),
    ("unique_id", {"prefix": "PRE", "number": 12}, "PRE-12"),
    ("unique_id", {"prefix": None, "number": 12}, "12"),
    ("unique_id", {"prefix": "PRE", "number": None}, None),
    ("verification", {"state": "verified", "date": day("2026-12-01"), "verified_by": None}, "verified"),
    ("verification", None, None),
    (
        "place",
        {"lat": 47.2, "lon": -1.5, "name": "Nantes", "address": None},
        {"name": "Nantes", "address": None, "latitude": Decimal("47.2"), "longitude": Decimal("-1.5")},
    ),
]
ABSENT: list[tuple[str, Any]] = [
    ("button", {}),
    ("formula", {"type": "unsupported", "unsupported": {}}),
    ("rollup", {"type": "unsupported", "unsupported": {}, "function": "sum"}),
    ("rollup", {"type": "incomplete", "incomplete": {}, "function": "sum"}),
    ("a_type_of_tomorrow", {"anything": [1]}),
]


def page(properties: Json, **more: Any) -> Json:
    """A row as Notion answers it."""
    return {
        "object": "page",
        "id": "row-9",
        "created_time": "2026-11-20T08:15:00.000Z",
        "last_edited_time": "2026-11-21T08:15:00.000Z",
        "created_by": {"object": "user", "id": "person-2"},
        "last_edited_by": PERSON,
        "cover": None,
        "icon": None,
        "parent": {"type": "data_source_id", "data_source_id": "ds-1", "database_id": "db-1"},
        "in_trash": False,
        "is_archived": False,
        "is_locked": False,
        "properties": properties,
        "url": "https://app.notion.com/p/row-9",
        "public_url": None,
        **more,
    }


def prop(kind: str, content: Any, key: str = "XGe%40") -> Json:
    return {"id": key, "type": kind, kind: content}


def record(properties: Json) -> Record:
    return rows.record(page(properties), TABLE, who)


@pytest.mark.parametrize(("kind", "content", "value"), CASES)
def test_every_type_of_property_reads_as_what_it_says(kind: str, content: Any, value: Value) -> None:
    fields = record({"Colonne": prop(kind, content)}).fields

    assert fields["properties"] == {"Colonne": value}
    assert fields["property_ids"] == {"Colonne": "XGe%40"}
    codec.dumps(dict(fields))


@pytest.mark.parametrize(("kind", "content"), ABSENT)
def test_what_holds_no_value_or_is_not_known_is_left_out_and_no_error(kind: str, content: Any) -> None:
    fields = record({"Colonne": prop(kind, content), "Nom": prop("title", text("x"), "title")}).fields

    assert fields["properties"] == {"Nom": "x"}


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=NO_SCHEMAS)
def test_what_is_read_here_is_what_notion_describes() -> None:
    judge = validator("page", NEWEST)
    unheard_of = ("a_type_of_tomorrow", "incomplete")
    for kind, content in [*((kind, content) for kind, content, _ in CASES), *ABSENT]:
        if kind not in unheard_of and not (kind == "rollup" and content["type"] in ("array", "incomplete")):
            judge.validate(page({"Colonne": prop(kind, content)}, last_edited_by={"object": "user", "id": "u1"}))


def test_a_row_has_all_that_a_page_has() -> None:
    found = record({"Nom": prop("title", text("Livre"), "title")})

    assert found.key == "row-9"
    assert found.at == found.fields["created_at"] == datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
    assert {name: found.fields[name] for name in ("title", "url", "place", "archived", "edited_at", "edited_by")} == {
        "title": "Livre",
        "url": "https://app.notion.com/p/row-9",
        "place": {"key": "ds-1", "name": "Tâches"},
        "archived": False,
        "edited_at": datetime(2026, 11, 21, 8, 15, tzinfo=UTC),
        "edited_by": NORA,
    }
    assert problems("page", found.fields, whole=True) == []


@pytest.mark.parametrize("put_away", [True, False])
def test_an_archived_page_says_so(put_away: bool) -> None:
    assert rows.record(page({}, is_archived=put_away), TABLE, who).fields["archived"] is put_away


def test_the_address_of_a_hosted_file_is_no_change_of_its_row() -> None:
    one, two = (record({"Pièces": prop("files", [hosted("a", f"signature={n}")])}) for n in (1, 2))

    assert one == two


def test_the_group_of_a_status_is_told_by_the_schema() -> None:
    def groups(status: Json | None, key: str = "s%3At") -> Value:
        return record({"Statut": prop("status", status, key)}).fields["groups"]

    assert groups(option("Fini", "done")) == {"Statut": "complete"}
    assert groups(option("En cours", "doing")) == {"Statut": "in progress"}
    assert groups(None) == {"Statut": None}
    assert groups(option("Neuf", "unknown")) == {}
    assert groups(option("Fini", "done"), "other") == {}


def schema(*groups: tuple[str, list[str]]) -> Json:
    made = [{"id": name, "name": name, "color": "gray", "option_ids": ids} for name, ids in groups]
    config = {"id": "s%3At", "name": "Statut", "type": "status", "status": {"options": [], "groups": made}}
    return {"id": "ds-1", "title": text("T"), "properties": {"Statut": config}, "parent": {"database_id": "db-1"}}


def test_groups_are_known_by_name_in_any_order_else_by_their_place_among_three() -> None:
    named = schema(("Complete", ["c"]), ("To-do", ["a"]), ("In progress", ["b1", "b2"]))
    french = schema(("À faire", ["a"]), ("En cours", ["b"]), ("Terminé", ["c"]))
    strange = schema(("À faire", ["a"]), ("Complete", ["c"]))

    assert rows.table(named).groups == {
        "s:t": {"a": "to do", "b1": "in progress", "b2": "in progress", "c": "complete"}
    }
    assert rows.table(french).groups == {"s:t": {"a": "to do", "b": "in progress", "c": "complete"}}
    assert rows.table(strange).groups == {"s:t": {"a": None, "c": "complete"}}


@pytest.mark.parametrize(
    "broken",
    [
        prop("date", {"start": "tomorrow", "end": None}),
        prop("date", day("2026-12-01T09:30:00", None, "Europe/Nowhere")),
        prop("date", {}),
        prop("people", [{}]),
        prop("select", "not an object"),
        prop("number", "12 €"),
        {"id": "x", "type": "number"},
        {"type": "number", "number": 1},
    ],
)
def test_a_value_that_is_not_as_described_is_that_rows_problem(broken: Json) -> None:
    with pytest.raises(RecordError, match="row-9"):
        record({"Colonne": broken})


def test_a_list_that_may_go_on_is_told_from_one_that_is_whole() -> None:
    relation = [{"id": str(n)} for n in range(25)]
    whole = {
        "a": prop("relation", relation[:24]),
        "b": prop("relation", relation) | {"has_more": False},
        "c": prop("multi_select", [option(str(n)) for n in range(40)]),
    }
    cut = {"d": prop("relation", relation), "e": prop("people", [PERSON]) | {"has_more": True}}

    assert list(rows.cut(page({**whole, **cut}))) == [*cut.values()]


def test_a_user_is_a_person_as_far_as_notion_shows_it() -> None:
    assert rows.person(PERSON).fields == {"bot": False, "name": "Nora", "email": "nora@example.com"}
    assert rows.person({**PERSON, "person": {}}).fields == {"bot": False, "name": "Nora"}
    assert rows.person({"object": "user", "id": "x"}).fields == {"bot": False}
    assert rows.person({"id": "b", "type": "bot", "name": None, "bot": {}}).fields == {"bot": True, "name": None}
    for user in (PERSON, {"object": "user", "id": "x"}):
        assert problems("person", rows.person(user).fields, whole=True) == []


WORDS = st.text(max_size=20)
INSTANTS = st.datetimes().map(lambda at: at.replace(year=2000 + at.year % 90, day=1, second=0, microsecond=0))
OFFSETS = st.sampled_from(["Z", "+02:00", "-09:30", ""])
DATES = st.one_of(
    st.none(),
    st.dates(date(2000, 1, 1), date(2090, 1, 1)).map(lambda at: day(at.isoformat())),
    st.tuples(INSTANTS, OFFSETS).map(lambda pair: day(pair[0].isoformat() + pair[1])),
    INSTANTS.map(lambda at: day(at.isoformat(), None, "Europe/Paris")),
)
USERS = st.builds(
    lambda n, name, shown: {"object": "user", "id": f"u{n}"} | ({"name": name, "person": {}} if shown else {}),
    st.integers(0, 9),
    st.none() | WORDS,
    st.booleans(),
)
STATUSES = st.none() | st.sampled_from(["À faire", "Terminé", "terminé"]).map(lambda name: option(name, "done"))
TASK: Names = {"title": "Tâche", "due": "Échéance", "assignees": "Qui", "done": {"Statut": "Terminé"}}


@given(title=WORDS, due=DATES, people=st.lists(USERS, max_size=4), status=STATUSES)
def test_any_row_of_a_task_table_is_a_task(title: str, due: Json | None, people: list[Json], status: Json) -> None:
    found = record(
        {
            "Tâche": prop("title", text(title) if title else [], "title"),
            "Échéance": prop("date", due),
            "Qui": prop("people", people),
            "Statut": prop("status", status, "s%3At"),
        }
    )

    task = seen_as(found, "task", TASK)

    assert problems("task", {name: task.fields[name] for name in TASK}, whole=True) == []
    assert task.fields["title"] == title
    assert task.fields["done"] is (status is not None and status["name"].casefold() == "terminé")
    assert isinstance(task.fields["assignees"], tuple)
    assert len(task.fields["assignees"]) == len(people)
    assert (task.fields["due"] is None) is (due is None)


@given(name=WORDS, email=st.none() | st.emails(), phone=st.none() | WORDS, zone=st.none() | WORDS)
def test_any_row_of_a_table_of_people_is_a_person(
    name: str, email: str | None, phone: str | None, zone: str | None
) -> None:
    found = record(
        {
            "Nom": prop("title", text(name) if name else [], "title"),
            "Mail": prop("email", email),
            "Tél": prop("phone_number", phone),
            "Fuseau": prop("select", None if zone is None else option(zone)),
        }
    )
    names: Names = {"name": "Nom", "email": "Mail", "phone": "Tél", "timezone": "Fuseau"}

    person = seen_as(found, "person", names)

    assert problems("person", {name: person.fields[name] for name in names}, whole=True) == []
    assert (person.fields["name"], person.fields["email"]) == (name, email)


@pytest.mark.parametrize(
    "who_signed_up", [prop("email", "nora@example.com"), prop("people", [PERSON]), prop("created_by", PERSON)]
)
@given(minutes=st.integers(0, 10**6))
def test_a_form_submission_is_a_signup(who_signed_up: Json, minutes: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = record(
        {
            "Prénom": prop("title", text("Nora"), "title"),
            "Mail": deepcopy(who_signed_up),
            "Envoyé": prop("created_time", at.strftime("%Y-%m-%dT%H:%M:00.000Z")),
        }
    )
    kind: Kind = "signup"

    signup = seen_as(found, kind, {"who": "Mail", "at": "Envoyé"})

    assert problems(kind, {name: signup.fields[name] for name in ("who", "at")}, whole=True) == []
    assert signup.fields["at"] == at
    assert isinstance(signup.fields["who"], Mapping)
    assert signup.fields["who"]["email"] == "nora@example.com"
