"""The configuration read aloud: word for word, with nothing left out.

The golden texts are written anew with `python -m tests.planning.test_explain`; read the difference before you keep it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from connectors import registry
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.figure_names import STATES, FigureName
from hub.mapping.jobs import JOB_KINDS
from hub.mapping.loader import Configured, load
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob, RevenueRules
from hub.mapping.shape import alternatives, known_keys
from hub.mapping.sync_job import SyncJob
from hub.planning.explain import as_markdown, as_text, explain, fingerprint, revenue
from hub.planning.explain.section import Section, of, typeset
from hub.planning.words import Language
from tests.paths import ROOT, SHARED

HERE = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("fr", "en")
SAID_BY_NOTHING = {("hub",), ("job",), ("key",), ("name",), ("examples",), ("paid_outside",)}
"""Keys that change nothing of what a job does; `key` and `name` are set by the loader. What was paid outside is said as
a number and a sum: `hub paid` lists it."""


@cache
def example() -> Configured:
    (found,) = load(HERE / "example" / "studio-noe", registry.names()).businesses
    assert {job.name for job in found.jobs} == {"deadlines", "onboarding", "revenue", "tasks"}
    return found


def golden(language: Language) -> Path:
    return HERE / f"explained.{language}.txt"


def said(language: Language) -> str:
    item = example()
    return as_text(explain(item.business, item.jobs, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_explained_word_for_word(language: Language) -> None:
    assert said(language) == golden(language).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [ROOT / "mappings", SHARED / "design" / "mappings"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_business_that_loads_is_explained(folder: Path, language: Language) -> None:
    if not folder.exists():
        pytest.skip(f"{folder} is not there: it is no part of the project")
    for item in load(folder, registry.names()).businesses:
        sections = explain(item.business, item.jobs, language)
        assert [section.key for section in sections] == ["", *(job.name for job in item.jobs)]
        for section in sections:
            for sentence in section.sentences:
                assert sentence[-1] in ".!?»”", sentence
                assert "None" not in sentence
                assert "  " not in sentence


# What a key says is heard: another value, other words


def other_values(annotation: Any, value: Any) -> Iterator[Any]:
    """Values that a key may also have."""
    for kind in alternatives(annotation):
        for each in (kind, *get_args(kind)):
            if get_origin(each) is Literal:
                yield from (word for word in get_args(each) if word != value)
    if isinstance(value, bool):
        yield not value
    if isinstance(value, tuple) and len(value) > 1:
        yield value[:-1]
    if isinstance(value, int | Decimal):
        yield value + 1
    yield from (
        "zz",
        ("zz",),
        "7 %",
        "7 hours",
        "7 days",
        "7 hours before",
        "7 years",
        "09:17",
        "09:17-19:19",
        "2031-01-02",
        "2025-01-03",
        "2027-Q1",
        "2026-08-01",
        "Asia/Tokyo",
        "DE",
        "USD",
        77,
    )


def leaves(model: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    """(path in the file, annotation, value) of every key that a person may write, with those she left out."""
    for key, field in known_keys(type(model)).items():
        name = next(name for name, each in type(model).model_fields.items() if each is field)
        yield from _below(getattr(model, name), field.annotation, (*path, key))


def _below(
    value: Any, annotation: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    if isinstance(value, BaseModel):
        yield from leaves(value, path)
    elif isinstance(value, tuple) and any(isinstance(each, BaseModel) for each in value):
        for index, each in enumerate(value):
            yield from _below(each, None, (*path, index))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _below(each, (get_args(annotation) or (None,))[-1], (*path, name))
    else:
        yield path, annotation, value


def changed(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The file with another value there."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(data, list | tuple):
        return [changed(each, rest, value) if index == head else each for index, each in enumerate(data)]
    return {**(data or {}), head: changed((data or {}).get(head), rest, value)}


def file_of(model: BaseModel) -> dict[str, Any]:
    """The model as a file would say it, with every default that can be written."""
    names = {id(field): name for name, field in type(model).model_fields.items()}
    said = {key: _plain(getattr(model, names[id(field)])) for key, field in known_keys(type(model)).items()}
    return {key: value for key, value in said.items() if value not in (None, [])}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return file_of(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _cases() -> Iterator[tuple[str, tuple[str | int, ...]]]:
    item = example()
    for model, name in ((item.business, "business"), *((job, job.name) for job in item.jobs)):
        for path, _, _ in leaves(model):
            if path[:1] not in SAID_BY_NOTHING:
                yield name, path


@pytest.mark.parametrize(
    ("name", "path"), list(_cases()), ids=lambda part: part if isinstance(part, str) else ".".join(map(str, part))
)
def test_every_key_is_heard(name: str, path: tuple[str | int, ...]) -> None:
    item = example()
    models: dict[str, Any] = {"business": item.business, **{job.name: job for job in item.jobs}}
    model = models[name]
    ((annotation, value),) = [(annotation, value) for each, annotation, value in leaves(model) if each == path]
    words = [word for kind in alternatives(annotation) if get_origin(kind) is Literal for word in get_args(kind)]
    if len(words) == 1:
        return  # there is nothing else that it could say; the rules of counting have a test of their own
    if path[-1] in ("project", "board", "database") and value is None:
        return  # a place is one of them
    if path[-1] == "rule" and len(file_of(model)["watch_for"][path[1]]) > 3:
        return  # its measure goes with it; the rules without one say that the word is heard
    if name == "revenue" and path[-1] == "per" and file_of(model)["figures"][path[1]]["figure"] not in STATES:
        return  # what happens in a period has no value of a day
    before = _before()
    for other in other_values(annotation, value):
        if other == value:
            continue
        try:
            new = type(model).model_validate({**changed(file_of(model), path, other), **_from_loader(model)})
        except (ValidationError, ValueError):
            continue
        if new == model:
            continue
        business = new if name == "business" else item.business
        jobs = [new if job.name == name else job for job in item.jobs]
        after = [as_markdown(explain(business, jobs, language)) for language in LANGUAGES]
        assert all(old != new for old, new in zip(before, after, strict=True)), f"{value!r} → {other!r}"
        return
    # A step does one thing: what it does not do cannot be added to it.
    assert value in (None, ()), f"no other value of {path} was found; teach `other_values` one"


@cache
def _before() -> list[str]:
    return [as_markdown(explain(example().business, example().jobs, language)) for language in LANGUAGES]


def _from_loader(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in ("key", "name") if name in type(model).model_fields}


@pytest.mark.parametrize("language", range(2))
def test_every_rule_of_counting_has_its_words(language: int) -> None:
    job = next(job for job in example().jobs if isinstance(job, RevenueJob)).model_copy(
        update={"rules": RevenueRules()}
    )
    text = as_markdown(explain(example().business, [job], LANGUAGES[language]))
    rules = [*type(job.rules).model_fields, *type(job.rules.recurring).model_fields]
    for rule in rules:
        if rule not in revenue._SAID_APART:
            assert typeset(revenue._RULES[rule][language], LANGUAGES[language]) in text, rule


def test_every_figure_has_its_words() -> None:
    assert set(get_args(FigureName)) <= set(revenue._FIGURES)


# What a person wrote is said: every name of every generated job

NAME = st.text("abcdéè'-XYZ ", min_size=1, max_size=12).map(str.strip).filter(bool)
LABEL = st.from_regex(r"[a-z][a-z0-9]{2,8}", fullmatch=True)


def distinct(of_what: st.SearchStrategy[str], at_least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(of_what, min_size=at_least, max_size=4, unique=True)


def named(text: str, name: str, language: Language) -> bool:
    return typeset(f"« {name} »", "fr") in text if language == "fr" else f"“{name}”" in text


@given(st.sampled_from(LANGUAGES), distinct(NAME, 1), distinct(NAME), st.sampled_from(["source", "target", "latest"]))
@settings(max_examples=60, deadline=None)
def test_a_sync_names_every_column_of_every_owner(
    language: Language, targets: list[str], people_own: list[str], owner: str
) -> None:
    job = SyncJob.model_validate(
        {
            "hub": 1, "job": "sync", "name": "tasks", "says": "Promise.", "match_by": "id",
            "from": {"connection": "asana", "project": "Source"}, "to": {"connection": "notion", "database": "Target"},
            "fields": [{"source": f"{each} there", "target": each, "owner": owner} for each in targets],
            "people_own": people_own,
        }
    )  # fmt: skip
    text = as_markdown(explain(example().business, [job], language))
    for name in [*targets, *people_own, "Source", "Target", *(f"{each} there" for each in targets)]:
        assert named(text, name, language), name


@given(st.sampled_from(LANGUAGES), distinct(LABEL, 1), distinct(LABEL, 1), distinct(NAME), distinct(NAME))
@settings(max_examples=60, deadline=None)
def test_deadlines_name_every_alert_person_and_column(
    language: Language, alerts: list[str], people: list[str], owned: list[str], people_own: list[str]
) -> None:
    job = DeadlineJob.model_validate(
        {
            "hub": 1, "job": "deadline_alerts", "name": "deadlines", "says": "Promise.",
            "watch": [{"from": "asana", "project": "Source"}],
            "alerts": [{"name": name, "when": "on the day", "tell": people} for name in alerts],
            "show_in": {"database": "Shown", "source_owns": dict.fromkeys(owned, "title"), "people_own": people_own},
        }
    )  # fmt: skip
    text = as_markdown(explain(example().business, [job], language))
    known = example().business.people
    for name in [*alerts, *(one for one in people if one not in known), *owned, *people_own, "Shown"]:
        assert named(text, name, language), name


@given(st.sampled_from(LANGUAGES), distinct(LABEL, 1), distinct(NAME, 1), distinct(NAME))
@settings(max_examples=60, deadline=None)
def test_an_onboarding_names_every_step_and_column(
    language: Language, steps: list[str], owned: list[str], people_own: list[str]
) -> None:
    write = {"database": "Clients", "hub_owns": dict.fromkeys(owned, "person.name"), "people_own": people_own}
    job = OnboardingJob.model_validate(
        {
            "hub": 1, "job": "client_onboarding", "name": "onboarding", "says": "Promise.", "offer": "Offer",
            "starts_on": [{"event": "signup", "from": "notion"}],
            "steps": [{"name": "sheet", "after": "signup", "write": write},
                      *({"name": name, "after": "signup", "send": f"text_{name}"} for name in steps)],
        }
    )  # fmt: skip
    text = as_markdown(explain(example().business, [job], language))
    for name in ["sheet", *steps, *(f"text_{name}" for name in steps), *owned, *people_own, "Offer", "Clients"]:
        assert named(text, name, language), name


@given(st.sampled_from(LANGUAGES), distinct(NAME, 1), distinct(NAME), distinct(NAME))
@settings(max_examples=60, deadline=None)
def test_revenue_names_every_figure_and_column(
    language: Language, titles: list[str], owned: list[str], people_own: list[str]
) -> None:
    figures = dict(zip(get_args(FigureName), titles, strict=False))
    job = RevenueJob.model_validate(
        {
            "hub": 1, "job": "revenue_kpis", "name": "revenue", "says": "Promise.", "read": [{"from": "stripe"}],
            "figures": [{"figure": figure, "title": title} for figure, title in figures.items()],
            "show_in": {"database": "Shown", "hub_owns": dict.fromkeys(owned, "value"), "people_own": people_own},
        }
    )  # fmt: skip
    text = as_markdown(explain(example().business, [job], language))
    for name in [*figures.values(), *owned, *people_own, "Shown"]:
        assert named(text, name, language), name


# The small things


def test_every_kind_of_job_can_be_explained() -> None:
    item = example()
    assert {type(job) for job in item.jobs} == set(JOB_KINDS.values())


def test_the_fingerprint_is_another_when_the_text_is() -> None:
    one = (Section("", "A", ("b",)),)
    assert fingerprint(one) == fingerprint(list(one))
    assert fingerprint(one) != fingerprint((Section("", "A", ("c",)),))
    assert len(fingerprint(one)) == 12


def test_french_elides_and_keeps_its_signs_on_the_line() -> None:
    assert [of(name) for name in ("Europe/Paris", "Asana", "Stripe")] == ["d'Europe/Paris", "d'Asana", "de Stripe"]
    assert typeset("a : b ; « c » à 5 %", "fr") == "a\u00a0: b\u00a0; «\u00a0c\u00a0» à 5\u00a0%"
    assert typeset("a: b", "en") == "a: b"


def test_defaults_are_said_where_nothing_is_written() -> None:
    business = Business(hub=1, business="B", key="b")
    text = as_text(explain(business, [], "en"))
    for words in ("English", "Europe/Paris", "EUR", "Friday", "public holidays included", "20%", "40 mails", "no page"):
        assert words in text


def main() -> None:
    for language in LANGUAGES:
        golden(language).write_text(said(language), encoding="utf-8")


if __name__ == "__main__":
    main()
