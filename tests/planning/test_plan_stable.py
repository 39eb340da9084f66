"""The same state gives the same plan, byte for byte, in whatever order it was read; and each change names its owner."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.types import Record, Value
from hub.planning.merge import Pair
from hub.planning.plan import Plan, digest, dumps, loads
from hub.planning.planner import plan_revenue
from hub.planning.sync import plan_sync
from hub.planning.sync_memory import Memory
from tests.planning.businesses import businesses
from tests.planning.make import NOW, business, job, view
from tests.planning.test_sync import row, sync, task

AT = datetime(2026, 3, 17, 12, tzinfo=UTC)
WORDS = st.sampled_from(["Une", "Deux", "Trois"])
DUES = st.sampled_from([None, date(2026, 3, 20), date(2026, 3, 21)])
KEYS = st.sampled_from(["1", "2", "3", "4", "10"])
TASKS = st.dictionaries(KEYS, st.tuples(WORDS, DUES, st.booleans()), max_size=5)
ROWS = st.dictionaries(KEYS, st.tuples(WORDS, DUES), max_size=5)
PAIRS = st.lists(st.tuples(KEYS, KEYS, WORDS, DUES), max_size=4, unique_by=(lambda p: p[0], lambda p: p[1]))


def _plan(tasks: Sequence[Record], rows: Sequence[Record], memories: Sequence[Memory]) -> Plan:
    made = plan_sync(sync(), tasks, rows, memories)
    return Plan(business="lila", job="tasks", at=AT, actions=made.actions, held=made.held, notes=made.notes)


@settings(max_examples=300, deadline=None)
@given(tasks=TASKS, rows=ROWS, pairs=PAIRS, seed=st.integers(0, 2**32))
def test_a_sync_planned_twice_or_from_shuffled_records_gives_the_same_bytes(
    tasks: dict[str, tuple[str, date | None, bool]],
    rows: dict[str, tuple[str, date | None]],
    pairs: list[tuple[str, str, str, date | None]],
    seed: int,
) -> None:
    here = [task(key, title=title, due=due, done=done) for key, (title, due, done) in tasks.items()]
    there = [row(f"r{key}", Tâche=title, Échéance=due) for key, (title, due) in rows.items()]
    memories = [_memory(*pair) for pair in pairs]
    first = _plan(here, there, memories)
    shuffled: list[list[object]] = [list(here), list(there), list(memories)]
    for each in shuffled:
        random.Random(seed).shuffle(each)

    other = _plan(*shuffled)  # type: ignore[arg-type]

    assert dumps(first) == dumps(_plan(here, there, memories)) == dumps(other)
    assert digest(first) == digest(replace(other, at=NOW))
    assert loads(dumps(first)) == first
    owners = {line.target: line.owner for line in sync().job.fields} | {"Parti": "hub"}
    sources = {line.source: line.owner for line in sync().job.fields}
    for action in first.actions:
        assert action.row
        assert action.why
        for change in action.changes:
            assert change.owner == (sources if action.collection == "asana › Lancement" else owners)[change.name]


def _memory(source: str, target: str, title: str, due: date | None) -> Memory:
    left: dict[str, Value] = {"title": title, "due": due}
    right: dict[str, Value] = {"Tâche": title, "Échéance": due}
    return Memory(pair=Pair(source_key=source, target_key=f"r{target}", source=left, target=right), version=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(records=businesses(), seed=st.integers(0, 2**32))
def test_every_field_of_a_plan_of_figures_is_the_hubs_in_whatever_order_it_was_read(
    records: list[Record], seed: int
) -> None:
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    first = plan_revenue(view(*records), job(), business(), {}, NOW).plan

    assert dumps(first) == dumps(plan_revenue(view(*shuffled), job(), business(), {}, NOW).plan)
    assert {change.owner for action in first.actions for change in action.changes} <= {"hub"}
    assert all(action.why for action in first.actions)
