"""Whatever stands in the files, loading ends with a configuration, with problems, or with both. It never raises."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.mapping.loader import Loaded, load
from hub.mapping.tree import MOST_NODES, parse
from tests.mapping import kinds
from tests.mapping.write import BUSINESS, REVENUE, write

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

KEYS = (
    "hub",
    "job",
    "says",
    "read",
    "from",
    "figures",
    "figure",
    "target",
    "value",
    "by",
    "show_in",
    "hub_owns",
    "key",
)
OTHERS = ("people_own", "connections", "safety", "hold_if", "rules", "<<", "decimal", "Target", "[key]", "revenue_kpis")
ODD = ("5 %", "12 000", "1e400", "2025-01-01", "true", "~", "no", "0x1F", ".inf", "-0", "Europe", "sk_live_1")
WORDS = st.sampled_from((*KEYS, *OTHERS, *ODD))
SCALARS = st.one_of(WORDS, st.text(max_size=8), st.integers().map(str), st.floats().map(str))
MARKS = st.sampled_from(
    [": ", "- ", "\n", "\n  ", "{", "}", "[", "]", ",", "&a ", "*a", "!!str ", "? ", "| ", '"', "'"]
)
SOUP = st.lists(st.one_of(WORDS, MARKS, st.text(max_size=3)), max_size=40).map("".join)
VALUES = st.recursive(
    SCALARS.map(repr),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(st.tuples(SCALARS.map(repr), inner), max_size=5).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=12,
)


def load_with(business: str | bytes, job: str | bytes) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), business=business, jobs={"r.yaml": job})
        loaded = load(root, ("stripe", "notion"))
        for problem in loaded.problems:
            assert str(problem)
            assert problem.message
            assert "Example" in problem.hint
        jobs = sum(len(item.jobs) for item in loaded.businesses)
        assert jobs == 1 or loaded.errors
        return loaded


def load_kinds(file: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = kinds.loaded(kinds.write(Path(folder), **{file: content}))
        for problem in loaded.problems:
            assert "Example" in problem.hint
        jobs = sum(len(item.jobs) for item in loaded.businesses)
        assert jobs == 3 or loaded.errors


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@FUZZ
@given(st.binary(max_size=200))
def test_random_bytes_never_raise(raw: bytes) -> None:
    load_with(raw, REVENUE)
    load_with(BUSINESS, raw)


@FUZZ
@given(SOUP)
def test_random_yaml_never_raises(text: str) -> None:
    load_with(encoded(text), REVENUE)
    load_with(BUSINESS, encoded(text))


@FUZZ
@given(st.sampled_from(REVENUE.splitlines()), VALUES)
def test_a_random_value_for_any_key_of_a_job_never_raises(line: str, value: str) -> None:
    load_with(BUSINESS, encoded(REVENUE.replace(line, f"{line.partition(':')[0]}: {value}")))


@FUZZ
@given(st.sampled_from(BUSINESS.splitlines()), VALUES)
def test_a_random_value_for_any_key_of_a_business_never_raises(line: str, value: str) -> None:
    load_with(encoded(BUSINESS.replace(line, f"{line.partition(':')[0]}: {value}")), REVENUE)


@FUZZ
@given(st.integers(0, len(REVENUE)), st.integers(0, 30), st.text(max_size=4))
def test_a_job_cut_and_patched_anywhere_never_raises(start: int, length: int, patch: str) -> None:
    load_with(BUSINESS, encoded(REVENUE[:start] + patch + REVENUE[start + length :]))


LINES = [(file, line) for file, text in kinds.FILES.items() for line in text.splitlines() if ":" in line]


@FUZZ
@given(st.sampled_from(LINES), VALUES)
def test_a_random_value_for_any_key_of_any_kind_of_job_never_raises(where: tuple[str, str], value: str) -> None:
    file, line = where
    text = kinds.FILES[file].replace(line, f"{line.partition(':')[0]}: {value}")
    load_kinds(file, encoded(text))


@FUZZ
@given(
    st.sampled_from(sorted(kinds.FILES)), st.integers(0, 900), st.integers(0, 30), st.text("{}: -[]\\a.\n", max_size=4)
)
def test_any_file_cut_and_patched_anywhere_never_raises(file: str, start: int, length: int, patch: str) -> None:
    text = kinds.FILES[file]
    load_kinds(file, encoded(text[:start] + patch + text[start + length :]))


@FUZZ
@given(SOUP)
def test_a_tree_is_never_larger_than_its_limit(text: str) -> None:
    root, _ = parse(text)

    assert root is None or root.size <= MOST_NODES
