"""Client journeys between the mirror, what the store knows of them, and the mails, rows and copies that come of it.

A journey sleeps in no process: each planning finds what is due from the facts and the store, and everything done has
the ledger key of its step. States are kept before the first call, so that what was begun stays begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from hub.core.types import Collection, Record, Ref, Row, Value
from hub.engine import journeys, welcomed
from hub.engine.discreet import discreet
from hub.engine.made import Home, Made
from hub.engine.planners import onboarding_made, onboarding_mails, onboarding_tasks
from hub.engine.planners.onboarding_begun import as_begun, begun_starts
from hub.engine.planners.onboarding_made import PAGE, Work
from hub.engine.planners.onboarding_mails import Mails
from hub.engine.planners.onboarding_memory import BEGUN, Recalled, recall
from hub.engine.planners.onboarding_moving import moving
from hub.engine.planners.onboarding_words import Words
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob, WriteRow
from hub.mapping.vocabulary import LINK
from hub.planning.diff import hold
from hub.planning.history import Mirror
from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.figures import journey_figures
from hub.planning.journeys.plan import looks, plan_journeys
from hub.planning.journeys.types import Doing, Found, Planned
from hub.planning.journeys.values import Lookup
from hub.planning.plan import MAIL, Action, FieldChange, KnownCollection, Plan, View
from hub.planning.words import Language
from hub.store import jobs, ledger, mails
from hub.store.links import Link

CUT_SHORT = "the hub was stopped while it was setting this up; some of it may be there"
_SETS_UP = ("copy", "write", "task", "change", "link")

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "step": "étape « {step} »",
        "change": "le rendez-vous a changé : les dates suivent",
        "asked": "{who} attend votre mot (`hub start {address}`)",
        "stuck": "{key} a échoué trop souvent : {why} ; `hub journey` dit où reprendre",
        "blocked": "{why} ; rien n'est encore à faire",
        "linking": "{who} : l'étape « {step} » attend son lien",
        "no_text": "{who} : le texte « {text} » n'est plus là, l'étape « {step} » attend",
        "no_value": "{who} : le texte « {text} » parle de ce qui n'a pas eu lieu ({why}), l'étape « {step} » attend",
    },
    "en": {
        "step": "step “{step}”",
        "change": "the appointment has changed: the dates follow",
        "asked": "{who} waits for your word (`hub start {address}`)",
        "stuck": "{key} has failed too often: {why}; `hub journey` says where to go on",
        "blocked": "{why}; there is nothing to do yet",
        "linking": "{who}: the step “{step}” waits for its link",
        "no_text": "{who}: the text “{text}” is not there any more, the step “{step}” waits",
        "no_value": "{who}: the text “{text}” speaks of what has not happened ({why}), the step “{step}” waits",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a plan is made from. `held`: why it waits for a person; None: it does not."""

    mirror: Mirror
    facts: Found
    recalled: Recalled
    planned: Planned
    mails: Mails
    work: Mapping[str, Work]
    actions: tuple[Action, ...]
    held: str | None
    notes: tuple[str, ...]


def make(runtime: Runtime, job: OnboardingJob, notes: Sequence[str]) -> Made:
    """What is due in every journey now."""
    seen, mail = _see(runtime, job), runtime.mail
    work = [action for action in seen.actions if action.kind in ("copy", "link")]
    return Made(
        plan=Plan(
            business=runtime.key,
            job=job.name,
            at=runtime.now(),
            actions=seen.actions,
            # With nothing to do there is nothing that a person could allow: the journeys are opened later.
            held=seen.held if seen.actions else None,
            notes=(*seen.notes, *notes),
        ),
        # What was set up is in the links and the ledger, each under its step: there is nothing to be looked for.
        known={MAIL: KnownCollection(ref=None, rows={})},
        homes={action.collection: _home(action, seen.work[action.key].doing) for action in work},
        row=_no_row,
        remember=partial(onboarding_made.remember, runtime, job.name, seen.work),
        settle=partial(_settle, runtime, job, seen),
        expect=partial(_keep, runtime, job, seen),
        post=None if mail is None else onboarding_mails.post_of(runtime, job.name, mail, seen.mails.about),
        do=partial(onboarding_made.set_up, runtime, job.name, seen.work),
        discreet=discreet(seen.planned.doings, [action.key for action in seen.actions]),
        aside=partial(moving, runtime, job, seen.facts, seen.recalled.memory),
    )


def look(runtime: Runtime, job: OnboardingJob, made: Made) -> Sequence[str]:
    """Ask for the columns of the databases again. Each thing that is set up is looked for when it is.

    What was cut short and is not wanted now (the client got her money back) counts as not done: wanted again, it is
    looked for.
    """
    for connection in job.writes:
        runtime.forget_columns(connection)
    wanted = {action.key for action in made.plan.actions}
    with runtime.store.write() as conn:
        for entry in ledger.listing(conn, runtime.key, "started"):
            if entry.job == job.name and entry.kind == "copy" and entry.key not in wanted:
                ledger.failed(conn, runtime.key, entry.key, CUT_SHORT, runtime.now())
    return ()


def _see(runtime: Runtime, job: OnboardingJob) -> _Seen:
    now, business = runtime.now(), runtime.business
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        mirror = _mirror(runtime, job, view)
        recalled = recall(conn, runtime, job, mirror)
        failing = _failing(conn, runtime, recalled)
        starts = begun_starts(conn, runtime.key, job.name)
    memory = recalled.memory
    facts = facts_of(job, mirror, memory.aliases, now)
    planned = plan_journeys(job, business, facts, memory, now)
    record = _lookup(view)
    offers = {each.id: each.offer for each in (*memory.journeys.values(), *planned.open)}
    new = [one for one in planned.questions if onboarding_mails.cover(one) not in recalled.said]
    words = Words.of(runtime, job, recalled.made, planned.doings, offers, record)
    sent = onboarding_mails.mails_of(runtime, planned.doings, new, job.name, words)
    doings = (as_begun(runtime, doing, starts) for doing in planned.doings if doing.what in _SETS_UP)
    work = {doing.key: _work(job, doing, recalled.made) for doing in doings}
    waiting: list[str] = []
    made = (_set_up(runtime, one, words, waiting) for one in work.values())
    actions = (*(action for action in made if action is not None), *sent.actions)
    held = planned.held or hold(actions, {}, business.safety, {}, business.language)
    blocked = () if held is None or actions else (_say(runtime, "blocked", why=held),)
    asked = (_say(runtime, "asked", who=one.name or one.person, address=one.person) for one in planned.questions)
    return _Seen(
        mirror=mirror,
        facts=facts,
        recalled=recalled,
        planned=planned,
        mails=sent,
        work=work,
        actions=actions,
        held=held,
        notes=(*planned.notes, *sent.notes, *waiting, *asked, *failing, *blocked),
    )


def _mirror(runtime: Runtime, job: OnboardingJob, view: View) -> Mirror:
    return Mirror(
        view=view,
        kinds={(name, stream): kind for name, spec in runtime.specs.items() for stream, kind in spec.kinds.items()},
        ids={(where, name): runtime.thing(where, name) for where, name in job.follows},
    )


def _lookup(view: View) -> Lookup:
    """Records by their key, each stream indexed when it is first asked for."""
    streams: dict[tuple[str, str], Mapping[str, Record]] = {}

    def find(where: tuple[str, str, str]) -> Record | None:
        connection, stream, key = where
        if (connection, stream) not in streams:
            streams[connection, stream] = {record.key: record for record in view.records(connection, stream)}
        return streams[connection, stream].get(key)

    return find


def _failing(conn: Connection, runtime: Runtime, recalled: Recalled) -> tuple[str, ...]:
    """What was given up, a line each."""
    lines = []
    for key in sorted(recalled.memory.stuck):
        entry = ledger.entry(conn, runtime.key, key)
        lines.append(_say(runtime, "stuck", key=key, why="—" if entry is None else entry.error or "—"))
    return tuple(lines)


def _work(job: OnboardingJob, doing: Doing, made: Mapping[str, Link]) -> Work:
    """With what the step has set up before, where it changes that; of a joined journey too."""
    if doing.what != "change" or doing.step is None:
        return Work(doing)
    own = made.get(f"{job.name}/{doing.journey}/{doing.step.name}/1")
    people = {doing.client.address, *doing.client.addresses}
    others = (
        link
        for row, link in made.items()
        if row.endswith(f"/{doing.step.name}/1") and link.values.get("person") in people
    )
    return Work(doing, own or next(others, None))


def _set_up(runtime: Runtime, one: Work, words: Words, waiting: list[str]) -> Action | None:
    """The action; None where it has to wait, which is said in `waiting`."""
    doing = one.doing
    old: Mapping[str, Value] = {} if one.before is None else one.before.values
    if doing.step is not None and doing.step.write is not None:
        written = _written(runtime, doing, doing.step.write, words)
        if isinstance(written, str):
            waiting.append(written)
            return None
        changes = written
    elif doing.step is not None and doing.step.task is not None:
        changes = onboarding_tasks.changes(runtime, doing, doing.step.task)
    else:
        changes = () if doing.start is None else (FieldChange("start", old.get("start"), doing.start, "hub"),)
    return Action(
        key=doing.key,
        kind="link" if doing.what == "link" else "copy",
        collection=_place(doing),
        row=doing.client.address,
        ref=None if one.before is None or one.before.ref is None else Ref(one.before.ref),
        changes=changes,
        why=_say(runtime, "change" if doing.what == "change" else "step", step=doing.name),
        title=doing.client.name or None,
    )


def _written(runtime: Runtime, doing: Doing, said: WriteRow, words: Words) -> tuple[FieldChange, ...] | str:
    """What stands in the row, and what a new page says; or why it waits."""
    owned: Mapping[str, str] = said.hub_owns
    if doing.what == "change":
        owned = {name: word for name, word in owned.items() if word.startswith("booking.") and word != LINK}
    parts = {"who": doing.client.name or doing.client.address, "step": doing.name, "text": said.text}
    text = None if said.text is None or doing.what == "change" else words.text(doing, said.text)
    if words.waits(doing, (*owned.values(), *(() if text is None else text.placeholders))):
        return _say(runtime, "linking", **parts)
    values = words.values(doing)
    changes = [FieldChange(name, None, values[word], "hub") for name, word in owned.items() if word in values]
    if said.text is not None and doing.what == "write":
        if text is None:
            return _say(runtime, "no_text", **parts)
        try:
            changes.append(FieldChange(PAGE, None, words.filled(doing, text).body, "hub"))
        except ValueError as error:
            return _say(runtime, "no_value", **parts, why=error)
    return tuple(changes)


def _place(doing: Doing) -> str:
    step = doing.step
    if step is not None and step.link is not None:
        return f"{step.link.connection} › {step.link.event_type}"
    if step is not None and step.task is not None:
        return f"{step.task.connection} › {step.task.place}"
    if step is not None and step.copies is not None:
        return f"{step.copies.connection} › {step.copies.template}"
    return doing.name if step is None or step.write is None else f"{step.write.connection} › {step.write.database}"


def _home(action: Action, doing: Doing) -> Home:
    step = doing.step
    where = None if step is None else step.copies or step.write or step.task or step.link
    connection = "" if where is None else where.connection
    return Home(connection=connection, collection=Collection(name=action.collection, kind="table"))


def _keep(runtime: Runtime, job: OnboardingJob, seen: _Seen, conn: Connection) -> None:
    """The journeys that open and those that change, before anything is done for them."""
    now = runtime.now()
    journeys.open_(conn, runtime.key, job, seen.planned.open, now)
    journeys.change(conn, runtime.key, job, seen.planned.changed, now)


def _settle(runtime: Runtime, job: OnboardingJob, seen: _Seen, conn: Connection) -> None:
    """States, that the job has run, and the figures. Of a plan that waits for a person nothing has begun."""
    now = runtime.now()
    if seen.held is None:
        _keep(runtime, job, seen, conn)
    if seen.planned.begins:
        mails.quiet(conn, runtime.key, job.name, (BEGUN,), now)
    # What was done leads to what comes next, which another plan says; what failed is due again.
    jobs.sleep(conn, runtime.key, job.name, now if seen.actions and seen.held is None else seen.planned.next_at)
    done = seen.actions or seen.planned.open or seen.planned.changed
    memory = recall(conn, runtime, job, seen.mirror).memory if done else seen.recalled.memory
    shown = looks(job, runtime.business, seen.facts, memory, now)
    welcomed.keep(conn, runtime, job, journey_figures(shown, seen.facts, now))


def _say(runtime: Runtime, word: str, **parts: object) -> str:
    return _WORDS[runtime.business.language][word].format(**parts)


def _no_row(action: Action) -> Row:
    raise LookupError(f"{action.key}: what journeys set up is no row of a collection")
