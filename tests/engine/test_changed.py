"""Another text is another mapping, of the jobs that name it and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import registry
from hub.core.protocol import Connector
from hub.engine.changed import carried_out, changed
from hub.engine.runtime import Runtime
from hub.mapping.loader import Configured, load
from hub.store import jobs
from hub.store.database import Store
from tests.engine.world import START

EXAMPLE = Path(__file__).parents[1] / "planning" / "example" / "studio-noe"


@contextmanager
def closed(connection: str) -> Iterator[Connector]:
    yield Connector(name=connection)


def runtime(store: Store, item: Configured) -> Runtime:
    return Runtime(store, item.business, item.jobs, {}, closed, lambda: START, texts=item.texts)


@pytest.mark.parametrize(
    ("text", "concerned"),
    [("en_retard", {"deadlines"}), ("bonjour", {"onboarding"}), ("fiche", {"onboarding"}), ("", set())],
)
@pytest.mark.parametrize("field", ["subject", "body"])
def test_a_text_that_a_job_names_is_a_part_of_its_mapping(
    store: Store, text: str, concerned: set[str], field: str
) -> None:
    (item,) = load(EXAMPLE, registry.names()).businesses
    before = runtime(store, item)
    with store.write() as conn:
        jobs.ensure(conn, before.key, before.jobs, START)
        for job in before.jobs.values():
            carried_out(conn, before, job)
    texts = {name: replace(one, **{field: "autre"}) if name == text else one for name, one in item.texts.items()}

    after = runtime(store, replace(item, texts=texts))

    assert text in (*item.texts, "")
    with store.read() as conn:
        assert changed(conn, before) == []
        assert set(changed(conn, after)) == concerned


def test_a_job_whose_plan_is_held_is_planned_again_when_its_file_is_put_back(store: Store) -> None:
    (item,) = load(EXAMPLE, registry.names()).businesses
    same = runtime(store, item)
    with store.write() as conn:
        jobs.ensure(conn, same.key, same.jobs, START)
        for job in same.jobs.values():
            carried_out(conn, same, job)
        jobs.hold(conn, same.key, "tasks", "c1f60019")

    with store.read() as conn:
        assert changed(conn, same) == ["tasks"]
