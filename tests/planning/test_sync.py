"""Two places, any edits, any crash: after one reconcile both agree with the owners, nothing doubled, then rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hub.core.types import Record, Value
from hub.mapping.model import HoldIf, Safety
from hub.mapping.sync_job import SyncJob
from hub.planning.carry import Carrier, Column, Someone
from hub.planning.sync import plan_sync
from hub.planning.sync_ends import End, Sync, column_of, with_values
from hub.planning.sync_memory import Memory, memory_of
from hub.planning.sync_plan import SyncPlan

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
PEOPLE = (Someone(key="lea", name="Léa", email="lea@example.com", known_as={"asana": "Léa Martin"}),)
JOB = {
    "hub": 1,
    "job": "sync",
    "name": "tasks",
    "says": "Every task is a row.",
    "from": {"connection": "asana", "project": "Lancement"},
    "to": {"connection": "notion", "database": "Tâches"},
    "match_by": ["id", "title"],
    "fields": [
        {"source": "title", "target": "Tâche", "owner": "source"},
        {"source": "due", "target": "Échéance", "owner": "latest"},
        {"source": "done", "target": "Statut", "owner": "latest"},
        {"source": "notes", "target": "Notes", "owner": "target"},
        {"source": "assignee", "target": "Qui", "owner": "source"},
    ],
    "people_own": ["Commentaire"],
}
GROUPS = {"À faire": "to do", "Terminé": "complete"}
COLUMNS = {
    "Tâche": Column(name="Tâche", sort="title", connection="notion"),
    "Échéance": Column(name="Échéance", sort="date", connection="notion"),
    "Statut": Column(name="Statut", sort="status", connection="notion", options=("À faire", "Terminé"), groups=GROUPS),
    "Notes": Column(name="Notes", sort="text", connection="notion"),
    "Qui": Column(name="Qui", sort="text", connection="notion"),
}
OPEN = Safety(hold_if=HoldIf(changes_above="100 %", archives_above=1000))


def sync(safety: Safety = OPEN, **changes: object) -> Sync:
    job = SyncJob.model_validate({**JOB, **changes})
    named = {line.source: column_of(line.source, "task", "asana", {}) for line in job.fields}
    source = End(
        side="source",
        connection="asana",
        stream="task",
        kind="task",
        name="asana › Lancement",
        columns={name: column for name, column in named.items() if column is not None},
    )
    target = End(
        side="target",
        connection="notion",
        stream="row",
        kind="page",
        name="notion › Tâches",
        columns=COLUMNS,
        key_column="Hub",
        mark="Parti",
        rounding=timedelta(minutes=1),
    )
    carrier = Carrier(people=PEOPLE, zone=ZoneInfo("Europe/Paris"))
    return Sync(job=job, source=source, target=target, carrier=carrier, safety=safety, language="fr")


def task(key: str, at: datetime = NOON, **fields: Value) -> Record:
    whole = {"title": key, "due": None, "done": False, "notes": None, "assignees": (), **fields}
    return Record(stream="task", key=key, fields={**whole, "edited_at": at})


def row(key: str, at: datetime = NOON, **properties: Value) -> Record:
    whole: dict[str, Value] = {"Tâche": key, "Échéance": None, "Statut": "À faire", "Notes": None, "Qui": None}
    return Record(
        stream="row", key=key, fields={"properties": {**whole, "Commentaire": "mine", **properties}, "edited_at": at}
    )


class World:
    """Both providers and our store, in memory. `trims`: the target keeps texts in its own way."""

    def __init__(self, made: Sync) -> None:
        self.sync = made
        self.sources: dict[str, Record] = {}
        self.targets: dict[str, Record] = {}
        self.contents: dict[str, tuple[str, dict[str, Value], int]] = {}
        self.calls = 0
        self.trims = False
        self._made = 0

    @property
    def memories(self) -> dict[str, Memory]:
        return {key: memory_of(key, ref, content, version) for key, (ref, content, version) in self.contents.items()}

    def plan(self) -> SyncPlan:
        memories = list(self.memories.values())
        gone = {f"made-{number}" for number in range(1, self._made + 1)} - set(self.targets) - set(self.sources)
        return plan_sync(self.sync, list(self.sources.values()), list(self.targets.values()), memories, gone)

    def remember(self, source_key: str, target_key: str, delta: Mapping[str, Value], written: int) -> None:
        """As the store does: what is new is merged into what there is."""
        _, content, version = self.contents.get(source_key, ("", {}, 0))
        self.contents[source_key] = (target_key, {**content, **delta}, version + written)

    def cycle(self, crash_after: int | None = None, forget: bool = False) -> SyncPlan:
        """Plan and apply. A crash stops after so many effects; `forget`: the last one is done but not noted."""
        plan = self.plan()
        for learned in (*plan.learned, *plan.departed):
            self.remember(learned.source_key, learned.target_key, learned.delta, 0)
        for number, effect in enumerate(plan.effects):
            if number == crash_after:
                break
            self.calls += 1
            made = self._do(effect.action.kind, effect.side, effect.action.ref, effect.action.row, effect.written)
            if forget and crash_after == number + 1:
                break
            source_key, target_key = effect.source_key, effect.target_key
            if effect.action.kind == "create":
                source_key, target_key = (made, target_key) if effect.side == "source" else (source_key, made)
            self.remember(source_key, target_key, effect.delta, 1)
        return plan

    def _do(self, kind: str, side: str, ref: str | None, key: str, values: Mapping[str, Value]) -> str:
        if side == "source" and kind == "create":
            there = [k for k, record in self.sources.items() if record.fields.get("hub_key") == key]
            if there:
                return there[0]
            self._made += 1
            ref = f"made-{self._made}"
            self.sources[ref] = task(ref, hub_key=key)
        if side == "source":
            assert ref is not None
            record = self.sources[ref]
            self.sources[ref] = replace(record, fields={**record.fields, **values})
            return ref
        assert "Commentaire" not in values
        if kind == "create":
            there = [k for k, r in self.targets.items() if r.fields["properties"].get("Hub") == key]  # type: ignore[union-attr]
            if there:
                return there[0]  # an attempt that was cut short is found by its key
            self._made += 1
            ref = f"made-{self._made}"
            self.targets[ref] = row(ref, Hub=key)
        assert ref is not None
        if kind == "archive":
            del self.targets[ref]
            return ref
        record = self.targets[ref]
        kept = {name: _trimmed(value) if self.trims else value for name, value in values.items()}
        properties = {**record.fields["properties"], **kept}  # type: ignore[dict-item]
        self.targets[ref] = replace(record, fields={**record.fields, "properties": properties})
        return ref


def _trimmed(value: Value) -> Value:
    return value.replace("!", "") if isinstance(value, str) else value


def property_of(world: World, key: str, name: str) -> Value:
    return world.targets[key].fields["properties"][name]  # type: ignore[index, call-overload, no-any-return]


def test_what_is_new_in_the_source_is_made_once_and_then_nothing_is_written() -> None:
    world = World(sync())
    world.sources["1"] = task("1", title="Page de vente", due=date(2026, 3, 20), assignees=({"name": "Léa Martin"},))

    world.cycle()
    world.cycle()

    assert world.calls == 1
    (key,) = world.targets
    assert property_of(world, key, "Qui") == "Léa"
    assert property_of(world, key, "Échéance") == date(2026, 3, 20)
    assert world.plan().effects == ()


def test_what_is_there_on_both_sides_is_adopted_by_title_and_what_is_unclear_is_left() -> None:
    world = World(sync())
    world.sources = {"1": task("1", title="Vente"), "2": task("2", title="Deux"), "3": task("3", title="Deux")}
    world.targets = {"a": row("a", Tâche="vente"), "b": row("b", Tâche="Deux")}

    plan = world.cycle()

    assert [effect.action.kind for effect in plan.effects] == ["update"]
    assert set(world.targets) == {"a", "b"}
    assert plan.notes == ("« deux » existe plusieurs fois d'un même côté : à relier à la main, rien n'est touché",)


def test_a_task_that_is_gone_is_marked_and_unmarked_when_it_comes_back() -> None:
    world = World(sync())
    world.sources["1"] = task("1")
    world.cycle()
    world.cycle()
    lost = world.sources.pop("1")
    (key,) = world.targets

    world.cycle()
    assert property_of(world, key, "Parti") is True
    assert world.plan().effects == ()
    world.sources["1"] = lost
    world.cycle()

    assert property_of(world, key, "Parti") is False
    assert world.plan().effects == ()


@pytest.mark.parametrize(("when_gone", "left"), [("archive", 0), ("keep", 1)])
def test_a_task_that_is_gone_is_archived_or_kept_by_choice(when_gone: str, left: int) -> None:
    world = World(sync(when_gone=when_gone))
    world.sources["1"] = task("1")
    world.cycle()
    world.cycle()
    world.sources.clear()

    world.cycle()

    assert len(world.targets) == left
    assert world.plan().effects == ()


def test_a_row_that_a_person_removed_is_not_put_back_and_that_is_said() -> None:
    world = World(sync())
    world.sources["1"] = task("1", title="Page")
    world.cycle()
    world.cycle()
    world.targets.clear()

    plan = world.cycle()

    assert plan.effects == ()
    assert plan.notes == ("« Page » a été retiré de notion › Tâches ; le hub ne l'y remet pas",)
    assert world.plan().notes == ()


def test_a_place_that_is_suddenly_mostly_empty_is_held() -> None:
    world = World(sync(Safety()))
    world.sources = {str(n): task(str(n)) for n in range(20)}
    world.cycle()
    world.cycle()
    for n in range(15):
        del world.sources[str(n)]

    plan = world.plan()

    assert plan.held == "15 éléments sur 20 ont disparu d'un coup (asana › Lancement)"


def test_a_target_that_is_suddenly_mostly_empty_is_held_too_and_what_comes_back_finds_its_pair() -> None:
    world = World(sync(Safety()))
    world.sources = {str(n): task(str(n)) for n in range(20)}
    world.cycle()
    world.cycle()
    before = dict(world.targets)
    for key in sorted(before)[:15]:
        del world.targets[key]

    plan = world.plan()

    assert plan.held is not None
    assert plan.held.startswith("15 lignes sur 20 ont disparu d'un coup (notion › Tâches)")
    assert (plan.effects, plan.learned, len(plan.departed)) == ((), (), 15)
    world.targets = before
    assert (world.plan().held, world.plan().effects) == (None, ())


def test_a_row_of_a_record_that_nobody_knows_is_not_copied_back_and_a_doubled_row_is() -> None:
    """The hub died before it noted the row that it had made, and its task was deleted since: it does not come back."""
    world = World(sync(new_rows="copied"))
    world.sources["1"] = task("1", title="Page")
    world.cycle()
    world.cycle()
    world.targets["lost"] = row("lost", Tâche="Perdue", Hub="2")
    world.targets["double"] = row("double", Tâche="Page bis", Hub="1")

    plan = world.plan()

    assert [(effect.side, effect.target_key) for effect in plan.effects] == [("source", "double")]


def test_a_few_rows_that_a_person_removed_are_not_held() -> None:
    world = World(sync(Safety()))
    world.sources = {str(n): task(str(n)) for n in range(20)}
    world.cycle()
    world.cycle()
    for key in sorted(world.targets)[:4]:
        del world.targets[key]

    assert world.plan().held is None


def test_an_edit_of_a_field_that_the_other_side_owns_is_undone_and_recorded() -> None:
    world = World(sync())
    world.sources["1"] = task("1", title="Page")
    world.cycle()
    world.cycle()
    (key,) = world.targets
    world._do("update", "target", key, "1", {"Tâche": "Autre"})

    plan = world.cycle()

    assert [(who, write.name, write.old, write.new) for who, write in plan.lost] == [("1", "Tâche", "Autre", "Page")]
    assert property_of(world, key, "Tâche") == "Page"


def test_a_provider_that_keeps_texts_in_its_own_way_is_not_written_to_for_ever() -> None:
    world = World(sync())
    world.trims = True
    world.sources["1"] = task("1", title="Vite!")

    calls = []
    for _ in range(5):
        world.cycle()
        calls.append(world.calls)

    assert calls[-1] == calls[-3] <= 3
    world.sources["1"] = task("1", title="Lentement!")
    for _ in range(4):
        world.cycle()
    (key,) = world.targets
    assert property_of(world, key, "Tâche") == "Lentement"


@pytest.mark.parametrize("crash_after", [0, 1])
def test_a_crash_between_the_two_writes_of_a_pair_loses_no_edit(crash_after: int) -> None:
    world = World(sync())
    world.sources["1"] = task("1", title="Page")
    world.cycle()
    world.cycle()
    (key,) = world.targets
    world.sources["1"] = task("1", NOON + timedelta(hours=1), title="Page neuve")
    edited = {**world.targets[key].fields["properties"], "Échéance": date(2026, 3, 25)}  # type: ignore[dict-item]
    world.targets[key] = replace(world.targets[key], fields={"properties": edited, "edited_at": NOON})

    world.cycle(crash_after)
    world.cycle()

    assert world.sources["1"].fields["due"] == date(2026, 3, 25)
    assert property_of(world, key, "Tâche") == "Page neuve"
    assert world.plan().effects == ()


def test_a_row_that_people_add_is_left_or_copied_by_choice() -> None:
    for choice, count in (("left", 0), ("copied", 1)):
        world = World(sync(new_rows=choice))
        world.targets["a"] = row("a", Tâche="Nouvelle", Échéance=date(2026, 3, 20))

        world.cycle()
        world.cycle()

        assert len(world.sources) == count
        assert world.plan().effects == ()
        for record in world.sources.values():
            assert (record.fields["title"], record.fields["due"]) == ("Nouvelle", date(2026, 3, 20))


def test_a_copy_that_was_cut_short_is_not_made_twice() -> None:
    world = World(sync(new_rows="copied", match_by="id"))
    world.targets["a"] = row("a", Tâche="Nouvelle")

    world.cycle(1, forget=True)
    world.cycle()
    world.cycle()

    assert len(world.sources) == 1
    assert len(world.targets) == 1
    assert world.plan().effects == ()


def test_what_somebody_writes_again_and_again_is_put_back_again_and_again() -> None:
    world = World(sync())
    world.sources["1"] = task("1", title="Page de vente")
    world.cycle()
    world.cycle()
    (key,) = world.targets
    for _ in range(4):
        world._do("update", "target", key, "1", {"Tâche": "À moi"})

        world.cycle()

        assert property_of(world, key, "Tâche") == "Page de vente"


def test_what_was_made_just_now_is_waited_for() -> None:
    world = World(sync())
    world.sources["1"] = task("1")
    world.cycle()
    memories = list(world.memories.values())

    plan = plan_sync(world.sync, list(world.sources.values()), [], memories)

    assert (plan.effects, plan.learned, plan.departed, plan.notes) == ((), (), (), ())


def test_planning_twice_gives_the_same_plan() -> None:
    world = World(sync())
    world.sources = {str(n): task(str(n)) for n in range(5)}
    world.targets = {"a": row("a", Tâche="3")}

    assert world.plan() == world.plan()


WORDS = st.sampled_from(["a", "b", "c!", "Page de vente"])
DAYS = st.one_of(st.none(), st.dates(date(2026, 3, 1), date(2026, 3, 9)))


class Syncing(RuleBasedStateMachine):
    """Random edits, new records, removals, renames, crashes between any two steps, on both sides."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(sync(match_by=["id"]))
        self.now = NOON
        self.made = 0
        self.removed: set[str] = set()

    def _later(self) -> datetime:
        self.now += timedelta(seconds=90)
        return self.now

    @initialize(trims=st.booleans())
    def start(self, trims: bool) -> None:
        self.world.trims = trims

    @rule(title=WORDS, due=DAYS)
    def add(self, title: str, due: date | None) -> None:
        self.made += 1
        self.world.sources[str(self.made)] = task(str(self.made), self._later(), title=title, due=due)

    @rule(which=st.integers(0, 5), title=WORDS, due=DAYS, done=st.booleans())
    def edit_source(self, which: int, title: str, due: date | None, done: bool) -> None:
        for key in sorted(self.world.sources)[which : which + 1]:
            record = self.world.sources[key]
            edited: dict[str, Value] = {"title": title, "due": due, "done": done, "edited_at": self._later()}
            self.world.sources[key] = replace(record, fields={**record.fields, **edited})

    @rule(which=st.integers(0, 5), title=WORDS, due=DAYS, notes=WORDS, done=st.booleans())
    def edit_target(self, which: int, title: str, due: date | None, notes: str, done: bool) -> None:
        for key in sorted(self.world.targets)[which : which + 1]:
            record = self.world.targets[key]
            status = "Terminé" if done else "À faire"
            edited: dict[str, Value] = {"Tâche": title, "Échéance": due, "Notes": notes, "Statut": status}
            properties = {**record.fields["properties"], **edited}  # type: ignore[dict-item]
            at = self._later().replace(second=0)
            self.world.targets[key] = replace(record, fields={"properties": properties, "edited_at": at})

    @rule(which=st.integers(0, 5))
    def remove_source(self, which: int) -> None:
        for key in sorted(self.world.sources)[which : which + 1]:
            del self.world.sources[key]

    @rule(which=st.integers(0, 5))
    def remove_target(self, which: int) -> None:
        for key in sorted(self.world.targets)[which : which + 1]:
            properties = self.world.targets[key].fields["properties"]
            self.removed.add(str(properties.get("Hub")))  # type: ignore[union-attr]
            del self.world.targets[key]

    @rule(after=st.integers(0, 4), forget=st.booleans())
    def crash(self, after: int, forget: bool) -> None:
        self.world.cycle(after, forget)

    @rule()
    def reconcile(self) -> None:
        world = self.world
        for _ in range(3):
            world.cycle()
        before = world.calls
        world.cycle()
        assert world.calls == before, "at rest, nothing is written"
        paired = {memory.pair.source_key: memory for memory in world.memories.values()}
        for key, record in world.sources.items():
            memory = paired[key]
            if memory.pair.target_key not in world.targets:
                assert memory.gone == "target"
                continue
            properties = world.targets[memory.pair.target_key].fields["properties"]
            kept = str(record.fields["title"]).replace("!", "") if world.trims else record.fields["title"]
            assert properties["Tâche"] in (kept, record.fields["title"])  # type: ignore[index, call-overload]
            assert properties["Échéance"] == record.fields["due"]  # type: ignore[index, call-overload]
            assert properties["Statut"] == ("Terminé" if record.fields["done"] else "À faire")  # type: ignore[index, call-overload]
            assert (properties["Notes"] or "") == (record.fields["notes"] or "")  # type: ignore[index, call-overload]

    @invariant()
    def nothing_is_doubled_and_peoples_fields_are_untouched(self) -> None:
        keys = [r.fields["properties"].get("Hub") for r in self.world.targets.values()]  # type: ignore[union-attr]
        assert len(keys) == len(set(keys))
        for record in self.world.targets.values():
            assert record.fields["properties"]["Commentaire"] == "mine"  # type: ignore[index, call-overload]


TestSyncing = Syncing.TestCase
TestSyncing.settings = settings(max_examples=500, stateful_step_count=12, deadline=None)


class Late(World):
    """A world whose news come late, lost, doubled and out of order: plans are made from what was heard so far."""

    def __init__(self, made: Sync) -> None:
        super().__init__(made)
        self.heard: tuple[dict[str, Record], dict[str, Record]] = ({}, {})
        self.told_gone: set[str] = set()

    def hear(self, key: str) -> None:
        """One record is read again, as a webhook makes the hub do it."""
        for truth, known in zip((self.sources, self.targets), self.heard, strict=True):
            if key in truth:
                known[key] = truth[key]
            elif known.pop(key, None) is not None or key.startswith("made-"):
                self.told_gone.add(key)

    def hear_everything(self) -> None:
        """The nightly read of both sides."""
        for key in {*self.sources, *self.targets, *self.heard[0], *self.heard[1]}:
            self.hear(key)
        self.told_gone |= {f"made-{number}" for number in range(1, self._made + 1)} - {*self.sources, *self.targets}

    def plan(self) -> SyncPlan:
        sources, targets = (list(known.values()) for known in self.heard)
        return plan_sync(self.sync, sources, targets, list(self.memories.values()), self.told_gone)

    def _do(self, kind: str, side: str, ref: str | None, key: str, values: Mapping[str, Value]) -> str:
        truth, known = (self.sources, self.heard[0]) if side == "source" else (self.targets, self.heard[1])
        if kind == "update" and ref not in truth:
            self.hear(str(ref))  # the provider says that it is gone, and the hub reads it again
            return str(ref)
        made = super()._do(kind, side, ref, key, values)
        if kind == "update" and made in known:
            known[made] = with_values(known[made], values, "task" if side == "source" else "page")
        return made


class Lagging(RuleBasedStateMachine):
    """Webhooks lost, late and doubled on both sides; after one read of everything both sides agree, and rest."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Late(sync(match_by=["id"]))
        self.now = NOON
        self.made = 0

    def _later(self) -> datetime:
        self.now += timedelta(seconds=90)
        return self.now

    @rule(title=WORDS, due=DAYS)
    def add(self, title: str, due: date | None) -> None:
        self.made += 1
        self.world.sources[str(self.made)] = task(str(self.made), self._later(), title=title, due=due)

    @rule(which=st.integers(0, 5), title=WORDS, due=DAYS)
    def edit_source(self, which: int, title: str, due: date | None) -> None:
        for key in sorted(self.world.sources)[which : which + 1]:
            fields = {**self.world.sources[key].fields, "title": title, "due": due, "edited_at": self._later()}
            self.world.sources[key] = replace(self.world.sources[key], fields=fields)

    @rule(which=st.integers(0, 5), due=DAYS, notes=WORDS)
    def edit_target(self, which: int, due: date | None, notes: str) -> None:
        for key in sorted(self.world.targets)[which : which + 1]:
            edited = {**self.world.targets[key].fields["properties"], "Échéance": due, "Notes": notes}  # type: ignore[dict-item]
            at = self._later().replace(second=0)
            self.world.targets[key] = replace(self.world.targets[key], fields={"properties": edited, "edited_at": at})

    @rule(which=st.integers(0, 9), source=st.booleans())
    def remove(self, which: int, source: bool) -> None:
        place = self.world.sources if source else self.world.targets
        for key in sorted(place)[which : which + 1]:
            del place[key]

    @rule(which=st.lists(st.integers(0, 9), max_size=4))
    def deliver(self, which: list[int]) -> None:
        keys = sorted({*self.world.sources, *self.world.targets, *self.world.heard[0], *self.world.heard[1]})
        for number in which:
            for key in keys[number : number + 1]:
                self.world.hear(key)

    @rule(after=st.one_of(st.none(), st.integers(0, 3)), forget=st.booleans())
    def turn(self, after: int | None, forget: bool) -> None:
        self.world.cycle(after, forget)

    @rule()
    def reconcile(self) -> None:
        world = self.world
        for _ in range(3):
            world.hear_everything()
            world.cycle()
        world.hear_everything()
        before = world.calls
        world.cycle()
        assert world.calls == before, "at rest, nothing is written"
        for key, record in world.sources.items():
            target = world.memories[key].pair.target_key
            if target not in world.targets:
                assert world.memories[key].gone == "target"
                continue
            properties = world.targets[target].fields["properties"]
            assert properties["Tâche"] == record.fields["title"]  # type: ignore[index, call-overload]
            assert properties["Échéance"] == record.fields["due"]  # type: ignore[index, call-overload]
            assert (properties["Notes"] or "") == (record.fields["notes"] or "")  # type: ignore[index, call-overload]

    @invariant()
    def nothing_is_doubled(self) -> None:
        keys = [r.fields["properties"].get("Hub") for r in self.world.targets.values()]  # type: ignore[union-attr]
        assert len(keys) == len(set(keys))


TestLagging = Lagging.TestCase
TestLagging.settings = settings(max_examples=300, stateful_step_count=15, deadline=None)


@given(st.lists(st.sampled_from(["x", "y", "z"]), max_size=6))
def test_adopting_never_makes_a_second_row_for_what_is_matched(titles: list[str]) -> None:
    world = World(sync())
    world.sources = {str(n): task(str(n), title=title) for n, title in enumerate(titles)}
    world.targets = {f"t{title}": row(f"t{title}", Tâche=title) for title in set(titles)}

    for _ in range(3):
        world.cycle()

    once = {title for title in titles if titles.count(title) == 1}
    assert len(world.targets) == len(set(titles))
    assert {str(m.pair.target_key) for m in world.memories.values()} == {f"t{title}" for title in once}
