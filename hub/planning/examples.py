"""The examples in the mappings, run: what a job would do with what is given, against what is expected. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from hub.core.kinds import KINDS, Kind
from hub.core.types import Record, Value
from hub.mapping.deadline_job import DeadlineExample, DeadlineJob
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingExample, OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.spans import Span
from hub.mapping.sync_job import SyncExample, SyncJob
from hub.planning import revenue_examples
from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.steps import calendars, said_on
from hub.planning.alerts.types import Task
from hub.planning.carry import SORT_OF, Carrier, Column, Someone, Sort
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.play import played
from hub.planning.journeys.types import Fact
from hub.planning.sync import plan_sync
from hub.planning.sync_ends import ALIASES, End, Sync, column_of

MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
"""When the examples of a journey begin. A week without holidays in most places."""
APPOINTMENT = timedelta(days=14)
"""How long after the booking the appointment of an example is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One example: `number` counts from 1. `problem`: why it could not be tried as it is written."""

    job: str
    number: int
    expected: Mapping[str, Any]
    got: Mapping[str, Any]
    problem: str | None = None

    @property
    def kept(self) -> bool:
        """Whether the job does what the example expects."""
        return self.problem is None and dict(self.expected) == dict(self.got)


def try_examples(job: Any, business: Business) -> Iterator[Tried]:
    """Each example of a job, run."""
    run = _RUNS.get(type(job))
    if run is None:
        return
    for number, example in enumerate(job.examples, 1):
        try:
            expected, got = run(job, business, example)
        except ValueError as error:  # words of an example that say nothing to this job
            yield Tried(job=job.name, number=number, expected=example.expect, got={}, problem=str(error))
        else:
            yield Tried(job=job.name, number=number, expected=expected, got=got)


def people_of(business: Business) -> tuple[Someone, ...]:
    """The people of business.yaml, with what each connection knows them as."""
    found = []
    for key, person in business.people.items():
        found.append(Someone(key=key, name=person.name, email=person.email, known_as=person.known_as))
    return tuple(found)


Result: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any]]
"""What is expected and what came of it, in the same form."""


def _deadlines(job: DeadlineJob, business: Business, example: DeadlineExample) -> Result:
    _known(example.expect, [alert.name for alert in job.alerts], "alert of this job")
    given = example.given
    readers = readers_of(business, job, datetime.combine(given.today, time(12), business.zone))
    who = (given.assignee,) if given.assignee else ()
    task = Task(id="example", connection="", stream="", key="", title=given.task, due=given.due, assignees=who)
    there = {name for name, reader in readers.items() if not reader.left}
    got: dict[str, tuple[str, ...]] = {}
    if not given.done:
        for alert, reader in said_on(job, calendars(job, readers), there, task, given.today).get(given.today, ()):
            got[alert] = (*got.get(alert, ()), reader)
    return example.expect, got


def _onboarding(job: OnboardingJob, business: Business, example: OnboardingExample) -> Result:
    changes = {name: getattr(job.changes, name) for name in type(job.changes).model_fields}
    texts = [step.send for step in job.steps] + [change.send for change in changes.values()]
    _known(
        example.expect, [*(step.name for step in job.steps), *changes, *filter(None, texts)], "step or text of this job"
    )
    clock = Clock.of(business, job)
    now, facts = MONDAY, []
    for happening in example.given:
        if isinstance(happening, Span):
            now = clock.later(now, happening)
            continue
        now += timedelta(minutes=1)
        facts.append(Fact(what=happening, at=now, day=now + APPOINTMENT))
    counts: Counter[str] = Counter()
    for doing in played(job, business, facts, now):
        counts.update({name for name in (doing.name, doing.text) if name})
    return example.expect, {name: counts[name] for name in example.expect}


def _sync(job: SyncJob, business: Business, example: SyncExample) -> Result:
    asked = {name for name, value in job.only_if if value not in (None, ())}
    sources = dict.fromkeys(line.source for line in job.fields)
    _known(example.given, [*sources, *sorted(asked - sources.keys())], "field that this job looks at")
    _known(example.expect, [line.target for line in job.fields], "field that this job writes")
    kind = _kind(sources)
    sync = _imagined(job, business, kind, example.given)
    held = {ALIASES.get(name, name): _given(name, value, kind) for name, value in example.given.items()}
    fields = {name: value for name, value in held.items() if name in KINDS[kind]}
    record = Record(
        stream=kind,
        key="example",
        fields={**fields, "properties": {name: value for name, value in held.items() if name not in KINDS[kind]}},
    )
    plan = plan_sync(sync, [record], [], [])
    made = [effect.action.values for effect in plan.effects if effect.action.kind == "create"]
    got = {name: _shown(value) for name, value in (made[0] if made else {}).items()}
    expected = {name: _shown(value) for name, value in example.expect.items()}
    return expected, {name: value for name, value in got.items() if value is not None or name in expected}


def _known(names: Iterable[str], known: Sequence[str], what: str) -> None:
    """ValueError for a name that is none of those, which an example would else expect in vain, or not to happen."""
    for name in names:
        if name not in known:
            raise ValueError(f"{name} is no {what}; there are: {', '.join(dict.fromkeys(known))}")


def _kind(sources: Container[str]) -> Kind:
    """The kind of record whose fields the job reads. Only the world knows; a task where it could be several."""
    return max(KINDS, key=lambda kind: (sum(_is_field(name, kind, sources) for name in KINDS[kind]), kind == "task"))


def _is_field(name: str, kind: Kind, sources: Container[str]) -> bool:
    aliases = [alias for alias, plain in ALIASES.items() if plain == name]
    return KINDS[kind][name].shape in SORT_OF and any(each in sources for each in (name, *aliases))


def _imagined(job: SyncJob, business: Business, kind: Kind, given: Mapping[str, Value]) -> Sync:
    """The two places as the mapping speaks of them. Where only the world knows a sort, the source's is taken."""
    here, there = job.source.connection, job.target.connection
    columns: dict[str, Column] = {}
    for line in job.fields:
        value = given.get(line.source)
        sort: Sort = "checkbox" if isinstance(value, bool) else "date" if isinstance(value, date) else "text"
        plain = Column(name=line.source, sort=sort, connection=here)
        columns[line.source] = column_of(line.source, kind, here, {}) or plain
    targets = {line.target: _like(columns[line.source], line.target, there) for line in job.fields}
    return Sync(
        job=job,
        source=End(side="source", connection=here, stream=kind, kind=kind, name="source", columns=columns),
        target=End(side="target", connection=there, stream="row", kind="page", name="target", columns=targets),
        carrier=Carrier(people=people_of(business), zone=business.zone),
        safety=business.safety,
        language=business.language,
    )


def _like(column: Column, name: str, connection: str) -> Column:
    """People are shown by their names, so that an example can say them."""
    return Column(name=name, sort="text" if column.sort == "people" else column.sort, connection=connection)


def _given(name: str, value: Value, kind: Kind) -> Value:
    """A word of an example as the field would hold it."""
    field = KINDS[kind].get(ALIASES.get(name, name))
    if field is None or value is None:
        return value
    if field.shape in ("whos", "who"):
        who = {"name": str(value)}
        return (who,) if field.shape == "whos" else who
    if field.shape == "texts":
        return (value,)
    if field.shape in ("date", "date or instant") and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{name}: {value} is no day; write it like 2026-03-20") from None
    return value


def _shown(value: Value) -> Value:
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    return value.isoformat() if isinstance(value, date) else value


_RUNS: Mapping[type[Any], Callable[[Any, Business, Any], Result]] = {
    DeadlineJob: _deadlines,
    OnboardingJob: _onboarding,
    RevenueJob: revenue_examples.tried,
    SyncJob: _sync,
}
