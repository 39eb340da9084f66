"""The sync job between the mirror of both sides and the calls that make them agree.

Both sides are read like any source; a plan is made from the mirror alone. What was written is put into the mirror at
once, so that the next plan does not take our own write for somebody's edit; the provider's answer comes with its event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

from sqlalchemy import Connection

from hub.core import codec
from hub.core.errors import ConfigError
from hub.core.types import Collection, Property, Record, Ref, Row, Value
from hub.engine.made import Home, Made
from hub.engine.observe import read_again
from hub.engine.planners.cut_short import Away, CutShort
from hub.engine.runtime import Runtime
from hub.mapping.sync_job import Place, SyncJob
from hub.planning.carry import Carrier, Column, Sort
from hub.planning.examples import people_of
from hub.planning.merge import Seen, Side, Write
from hub.planning.plan import Action, KnownCollection, Plan
from hub.planning.sync import plan_sync
from hub.planning.sync_ends import End, Sync, column_of, with_values
from hub.planning.sync_memory import SOURCE, TARGET, Memory, as_written, memory_of
from hub.planning.sync_plan import Effect, Learned, SyncPlan
from hub.planning.sync_words import say
from hub.store import changes, ledger, links, mirror

PAIRS = "pairs"
"""The collection of links under which the pairs of a sync are kept: row = the source's key, ref = the target's."""

KEY = "Hub"
"""The property of a row that holds the key of its source."""


def make(runtime: Runtime, job: SyncJob, notes: Sequence[str]) -> Made:
    """What would make both places agree."""
    sync, homes = places(runtime, job)
    source, target = sync.source, sync.target
    source_home, target_home = homes[source.name], homes[target.name]
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        memories = _memories(conn, runtime, job)
        gone = {
            key
            for end in (source, target)
            for unmet in [[_key_on(end.side, memory) for memory in memories if memory.unmet == end.side]]
            for key in mirror.gone(conn, runtime.key, end.connection, end.stream, unmet)
        }
    here = [r for r in view.records(source.connection, source.stream) if _stands_in(r, source_home.ref)]
    there = [r for r in view.records(target.connection, target.stream) if _stands_in(r, target_home.ref)]
    planned = plan_sync(sync, here, there, memories, gone)
    lacking = _lacking(runtime, job, target, target_home)
    effects = {effect.action.key: effect for effect in planned.effects}
    return Made(
        plan=Plan(
            business=runtime.key,
            job=job.name,
            at=runtime.now(),
            actions=(*lacking, *planned.actions),
            held=planned.held,
            notes=(*planned.notes, *notes),
        ),
        known={name: KnownCollection(ref=home.ref, rows={}) for name, home in homes.items()},
        homes={name: Home(connection=home.connection, collection=home.collection) for name, home in homes.items()},
        row=partial(_row, sync, effects),
        remember=partial(_remember, runtime, sync, effects, _undone(planned)),
        settle=partial(_learn, runtime, job, (*planned.learned, *(() if planned.held else planned.departed))),
        # Called only where the plan is carried out: by itself, or because a person said so.
        expect=partial(_learn, runtime, job, planned.departed) if planned.held else None,
    )


def places(runtime: Runtime, job: SyncJob) -> tuple[Sync, dict[str, Away]]:
    """Both sides as they are at their providers, and where each is, by its name."""
    source, source_home = _end(runtime, job, job.source, "source")
    target, target_home = _end(runtime, job, job.target, "target")
    sync = Sync(
        job=job,
        source=source,
        target=target,
        carrier=Carrier(people=people_of(runtime.business), zone=runtime.business.zone),
        safety=runtime.business.safety,
        language=runtime.business.language,
    )
    return sync, {source.name: source_home, target.name: target_home}


def _key_on(side: Side, memory: Memory) -> str:
    return memory.pair.source_key if side == "source" else memory.pair.target_key


def _row(sync: Sync, effects: Mapping[str, Effect], action: Action) -> Row:
    """The row as the destination takes it. A source's own record gets no key of ours, except one that we make.

    One that was begun before is made of what it was begun with, as far as the mapping still names it.
    """
    effect = effects[action.key]
    ours = effect.side == "target" or action.kind == "create"
    values = effect.written
    if action.kind == "create":
        end = sync.target if effect.side == "target" else sync.source
        values = sync.written(end, {name: value for name, value in action.values.items() if name in end.columns})
    return Row(key=action.row if ours else "", values=values, ref=action.ref)


def look(runtime: Runtime, job: SyncJob, made: Made) -> Sequence[str]:
    """Ask for the columns again, what came of the calls that were cut short, and for what refused to be written.

    All other records of both sides come by being read like any source's.
    """
    for home in made.homes.values():
        runtime.forget_columns(home.connection)
    with runtime.store.read() as conn:
        memories = {memory.pair.source_key: memory for memory in _memories(conn, runtime, job)}
        refused = {entry.key for entry in ledger.listing(conn, runtime.key, "failed") if entry.job == job.name}
    sync, homes = places(runtime, job)
    wanted = {action.key for action in made.plan.actions}
    note = partial(_note, runtime, job)
    CutShort(runtime=runtime, job=job, sync=sync, homes=homes, memories=memories, wanted=wanted, note=note).settle()
    for action in made.plan.actions:
        if action.key in refused and action.ref is not None:
            end = sync.target if action.collection == sync.target.name else sync.source
            read_again(runtime, end.connection, end.stream, action.ref)
    return ()


def _end(runtime: Runtime, job: SyncJob, place: Place, side: Side) -> tuple[End, Away]:
    """One side, with its columns as they are at the provider now (or were some minutes ago)."""
    spec = runtime.specs[place.connection]
    stream = place.records or next((s for s, k in spec.kinds.items() if k == "task"), None)
    stream = stream or next((s for s, k in spec.kinds.items() if k == "page"), None)
    if stream is None:
        raise ConfigError(f"{runtime.key}: {place.connection} has no records that {job.name} could sync")
    kind = spec.kinds.get(stream)
    ref = None if place.thing is None else Ref(runtime.thing(place.connection, place.thing))
    name = f"{place.connection} › {place.thing or stream}"
    table = Collection(name=place.thing or stream, kind="table", key_property=KEY)
    there = runtime.columns(place.connection, table, ref) if ref is not None else ()
    made = {one.name: _column(one, place.connection) for one in there}
    wanted = dict.fromkeys(line.source if side == "source" else line.target for line in job.fields)
    columns: dict[str, Column] = {}
    for field in wanted:
        column = column_of(field, kind, place.connection, made)
        if column is None:
            raise ConfigError(
                f"{runtime.key} · {job.name}: « {field} » is no field of {name}. There are: "
                f"{', '.join(sorted(made) or ['none'])}. Correct it, or make it with `hub setup`."
            )
        columns[field] = column
    mark = say(runtime.business.language, "mark") if side == "target" and kind == "page" else None
    mark = mark if job.when_gone == "mark" else None
    end = End(
        side=side,
        connection=place.connection,
        stream=stream,
        kind=kind,
        name=name,
        columns=columns,
        key_column=KEY if side == "target" else None,
        mark=mark,
        rounding=spec.edit_rounding,
    )
    used = [one for one in there if one.name in columns]
    extra = (Property(name=mark, kind="checkbox"),) if mark is not None else ()
    collection = Collection(name=place.thing or stream, kind="table", properties=(*used, *extra), key_property=KEY)
    lacking = runtime.problems(place.connection, collection, ref) if side == "target" and ref is not None else ()
    return end, Away(place.connection, collection, ref, tuple(lacking))


def _column(one: Property, connection: str) -> Column:
    sort = cast("Sort", one.kind)
    return Column(name=one.name, sort=sort, connection=connection, options=one.options, groups=one.groups)


def _stands_in(record: Record, place: Ref | None) -> bool:
    """Whether the record is in that project, board or database."""
    if place is None:
        return True
    one, many = record.fields.get("place"), record.fields.get("places")
    places = (one,) if isinstance(one, Mapping) else many if isinstance(many, tuple) else ()
    return any(isinstance(each, Mapping) and each.get("key") == place for each in places)


def _lacking(runtime: Runtime, job: SyncJob, end: End, home: Away) -> tuple[Action, ...]:
    """Our own columns that the target needs: made first, in one call."""
    if not home.lacking:
        return ()
    why = say(runtime.business.language, "columns", names="; ".join(home.lacking))
    key = f"{job.name}/{end.name}/prepare/{codec.digest(home.lacking)}"
    prepare = Action(key=key, kind="prepare", collection=end.name, row="", ref=home.ref, changes=(), why=why)
    return (prepare,)


def _memories(conn: Connection, runtime: Runtime, job: SyncJob) -> list[Memory]:
    return [
        memory_of(link.row, link.ref or "", link.values, link.version)
        for link in links.load(conn, runtime.key, job.name)
        if link.collection == PAIRS
    ]


def _remember(
    runtime: Runtime,
    sync: Sync,
    effects: Mapping[str, Effect],
    undone: Mapping[tuple[str, Side], Sequence[Write]],
    conn: Connection,
    action: Action,
    ref: Ref,
) -> None:
    """Note what a done action means: for the pair, for the mirror, and which edit it undid."""
    now = runtime.now()
    effect = effects.get(action.key)
    if effect is None:
        runtime.forget_columns(sync.target.connection)
        return
    end = sync.target if effect.side == "target" else sync.source
    made = ref if action.kind == "create" else None
    source_key = made if made is not None and effect.side == "source" else effect.source_key
    target_key = made if made is not None and effect.side == "target" else effect.target_key
    delta = effect.delta if action.values == effect.action.values else _as_begun(sync, effect, action)
    _note(runtime, sync.job, conn, source_key, target_key, delta)
    if action.kind == "create":
        changes.ring(conn, runtime.key, end.connection, [(end.stream, ref)], now)
    elif action.kind == "update":
        _put_into_mirror(conn, runtime, end, ref, effect.written)
    for write in undone.get((effect.source_key, effect.side), ()):
        key = effect.source_key
        links.record_edit(
            conn, runtime.key, sync.job.name, end.name, key, write.name, write.new, write.old, None, None, now
        )


def _as_begun(sync: Sync, effect: Effect, action: Action) -> dict[str, Value]:
    """What to remember of a pair whose record was made of other values than are wanted by now: these come next."""
    far = SOURCE if effect.side == "target" else TARGET
    now = {name.removeprefix(far): value for name, value in effect.delta.items() if name.startswith(far)}
    other = Seen(key=action.row, values=now)
    return {**as_written(sync.rules(), effect.side, action.values, other), "unmet": effect.side, "gone": ""}


def _note(
    runtime: Runtime, job: SyncJob, conn: Connection, source_key: str, target_key: str, delta: Mapping[str, Value]
) -> None:
    links.put(conn, runtime.key, job.name, PAIRS, source_key, target_key, delta, runtime.now())


def _undone(planned: SyncPlan) -> dict[tuple[str, Side], list[Write]]:
    """The edits that the plan undoes, by pair and side."""
    found: dict[tuple[str, Side], list[Write]] = {}
    for key, write in planned.lost:
        found.setdefault((key, write.side), []).append(write)
    return found


def _put_into_mirror(conn: Connection, runtime: Runtime, end: End, key: str, written: Mapping[str, Value]) -> None:
    record = mirror.get(conn, runtime.key, end.connection, end.stream, key)
    if record is not None and not record.deleted:
        mirror.put(conn, runtime.key, end.connection, [with_values(record, written, end.kind)], runtime.now())


def _learn(runtime: Runtime, job: SyncJob, learned: Sequence[Learned], conn: Connection) -> None:
    for one in learned:
        links.saw(conn, runtime.key, job.name, PAIRS, one.source_key, one.target_key, one.delta, runtime.now())
