"""What `job: deadline_alerts` says, typed: what is watched, who is told what and when, and how it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from hub.mapping import spans
from hub.mapping.base import (
    CLOCK,
    SET_BY_LOADER,
    Clock,
    Day,
    Label,
    Model,
    Percent,
    PropertyName,
    Several,
    Text,
    Words,
    clock,
)
from hub.mapping.schema_parts import read_by
from hub.mapping.sync_job import WhenGone


def _hours(value: object) -> object:
    """ "08:30-18:00": the first before the second."""
    if isinstance(value, str) and value.count("-") == 1:
        start, end = (part.strip() for part in value.split("-"))
        if str(clock(start)) < str(clock(end)):
            return f"{start}-{end}"
    raise PydanticCustomError("hours", "not hours of the day")


When = Annotated[spans.Moment, read_by(spans.moment, spans.MOMENT_PATTERN)]
SpanText = Annotated[spans.Span, read_by(spans.span, spans.SPAN_PATTERN)]
DaysText = Annotated[spans.Span, read_by(spans.days, spans.DAYS_PATTERN)]
Hours = Annotated[str, BeforeValidator(_hours), WithJsonSchema({"type": "string", "pattern": f"^{CLOCK} ?- ?{CLOCK}$"})]


class Watch(Model):
    """One place that is watched, and, for a database, which property is what."""

    connection: Text = Field(alias="from", description="the name of a connection of this business", examples=["asana"])
    project: Text | None = Field(default=None, description="the name of an Asana project", examples=["Lancement"])
    board: Text | None = Field(default=None, description="the name of a Trello board", examples=["Calendrier"])
    database: Text | None = Field(default=None, description="the title of a Notion database", examples=["Tâches"])
    skip_lists: Words = Field(
        default=(), description="lists or sections whose tasks are left out", examples=["[Idées]"]
    )
    title: PropertyName | None = Field(default=None, description="the property of the title", examples=["Tâche"])
    due: PropertyName | None = Field(
        default=None, description="the property that holds the date", examples=["Échéance"]
    )
    assignee: PropertyName | None = Field(
        default=None, description="the property that holds who does it", examples=["Qui"]
    )
    done: dict[PropertyName, Text] | None = Field(
        default=None, description="the property and the word that mean done", examples=["{Statut: Terminé}"]
    )

    @property
    def thing(self) -> str | None:
        """The name of the project, board or database."""
        return self.project or self.board or self.database

    @property
    def names(self) -> dict[str, str | dict[str, str]]:
        """Field of a task -> where people keep it (`hub.core.kinds.seen_as`)."""
        said = {"title": self.title, "due": self.due, "assignees": self.assignee, "done": self.done}
        return {name: where for name, where in said.items() if where is not None}


class Alert(Model):
    name: Label = Field(description="a short name: lower-case letters, digits, - and _", examples=["late"])
    when: When = Field(
        description='"3 working days before", "on the day" or "2 days after"', examples=["3 working days before"]
    )
    tell: Words = Field(min_length=1, description="assignee, or short names of people", examples=["[assignee, obm]"])
    by: Literal["digest", "mail"] = Field(
        default="digest", description="digest (one mail a day for all) or mail", examples=["digest"]
    )
    text: Label | None = Field(default=None, description="the name of a text beside this file", examples=["late_task"])
    then_every: DaysText | None = Field(
        default=None, description='a span of days or weeks, like "1 week"', examples=["1 week"]
    )


RuleKind = Literal["no owner", "no date", "postponed", "no activity", "overloaded", "project at risk"]
RULE_KEYS: Mapping[str, str] = {
    "no owner": "due_within", "postponed": "times", "no activity": "for", "project at risk": "late_share",
}  # fmt: skip
"""Rule -> the one key that says how much of it is too much. The others have no measure of their own."""
ABOUT_A_TASK: frozenset[str] = frozenset({"no date", "postponed", "no activity"})
"""Rules of which whoever does the task may be told."""


class Rule(Model):
    """Something that may be wrong with the work, whatever the dates say."""

    name: Label = Field(description="a short name: lower-case letters, digits, - and _", examples=["stands_still"])
    rule: RuleKind = Field(description="what is watched for", examples=["no owner"])
    tell: Words = Field(min_length=1, description="assignee, or short names of people", examples=["obm"])
    due_within: SpanText | None = Field(
        default=None, description='a span like "3 working days"', examples=["3 working days"]
    )
    times: Several | None = Field(default=None, description="a whole number, 1 or more", examples=["3"])
    for_: SpanText | None = Field(default=None, alias="for", description='a span like "7 days"', examples=["7 days"])
    late_share: Percent | None = Field(default=None, description="a percentage without decimals", examples=["20 %"])

    @model_validator(mode="after")
    def _own_key(self) -> Rule:
        given = {"due_within": self.due_within, "times": self.times, "for": self.for_, "late_share": self.late_share}
        if any(value is not None and RULE_KEYS.get(self.rule) != key for key, value in given.items()):
            raise PydanticCustomError("rule_key", "a key of another rule")
        return self

    @property
    def within(self) -> spans.Span:
        """no owner: how long before the date."""
        return self.due_within or spans.Span(3, "working days")

    @property
    def most_moves(self) -> int:
        """postponed: from how many times on."""
        return self.times or 3

    @property
    def still(self) -> spans.Span:
        """no activity: for how long."""
        return self.for_ or spans.Span(7, "days")

    @property
    def most_late(self) -> int:
        """project at risk: the percentage of its open tasks above which it is one."""
        return int((self.late_share or "20 %").rstrip(" %"))


class OpenHours(Model):
    """When mails may go out."""

    hours: Hours = Field(
        default="08:30-18:00", description='hours of the day, like "08:30-18:00"', examples=['"08:30-18:00"']
    )

    @property
    def open_hours(self) -> tuple[time, time]:
        """Between which local times a mail may go out, both included."""
        start, end = self.hours.split("-")
        return time.fromisoformat(start), time.fromisoformat(end)


class Sending(OpenHours):
    digest_at: Clock = Field(default="08:30", description='a time of day, like "08:30"', examples=['"08:30"'])
    nobody_assigned: Text = Field(
        default="obm", description="the short name of who is told when nobody does it", examples=["obm"]
    )
    first_run: Literal["quiet", "ask"] = Field(
        default="quiet", description="what becomes of what is late already", examples=["quiet"]
    )
    most_per_week: Several = Field(default=8, description="a whole number, 1 or more", examples=["8"])

    @property
    def digest_time(self) -> time:
        """When the digest goes out, where its reader is."""
        return time.fromisoformat(self.digest_at)


def usual(sending: Sending) -> tuple[Alert, ...]:
    """The alerts of a file that writes none: three before the date and two after it, all in the digest."""
    alone = [
        ("soon", "3 working days before"),
        ("eve", "1 working day before"),
        ("today", "on the day"),
        ("late", "1 working day after"),
    ]
    week = spans.Span(1, "weeks")
    return (
        *(Alert(name=name, when=spans.moment(when), tell=("assignee",)) for name, when in alone),
        Alert(
            name="later",
            when=spans.moment("3 working days after"),
            tell=("assignee", sending.nobody_assigned),
            then_every=week,
        ),
    )


class ShownTasks(Model):
    connection: Text = Field(
        default="notion", description="the name of a connection of this business", examples=["notion"]
    )
    database: Text = Field(description="the title of a Notion database", examples=["Échéances"])
    match_by: Literal["task"] = Field(default="task", description="what makes a row the same row", examples=["task"])
    source_owns: dict[PropertyName, Literal["title", "due", "done", "assignee", "url", "section", "place"]] = Field(
        default_factory=dict,
        description="Notion properties and what of the task is shown in each",
        examples=["{Tâche: title, Échéance: due}"],
    )
    people_own: tuple[PropertyName, ...] = Field(
        default=(), description="a list of Notion properties that only people write", examples=["[Commentaire]"]
    )
    when_gone: WhenGone = Field(
        default="mark",
        description="what becomes of the row of a task that is gone: mark, archive or keep",
        examples=["mark"],
    )


class GivenTask(Model):
    task: Text = Field(description="the task's title", examples=["Page de vente"])
    due: Day = Field(description="a day: year-month-day", examples=["2026-03-20"])
    today: Day = Field(description="the day on which it is looked at", examples=["2026-03-17"])
    assignee: Text | None = Field(default=None, description="the short name of a person", examples=["lea"])
    done: bool = Field(default=False, description="true or false", examples=["false"])


class DeadlineExample(Model):
    given: GivenTask = Field(
        description="a task and a day", examples=["{task: Page de vente, due: 2026-03-20, today: 2026-03-17}"]
    )
    expect: dict[Label, tuple[Text, ...]] = Field(
        description="alert by alert, who is told; {} for nobody", examples=["{soon: [lea]}"]
    )


class DeadlineJob(Model):
    """A deadlines file: the right person, once, at a decent hour."""

    hub: Literal[1] = Field(description="the version of this language", examples=["1"])
    job: Literal["deadline_alerts"] = Field(description="the kind of job", examples=["deadline_alerts"])
    name: str = Field(default="", json_schema_extra=dict(SET_BY_LOADER))
    says: Text = Field(
        description="what this job promises, in your words", examples=["Warn the right person about each task."]
    )
    watch: tuple[Watch, ...] = Field(
        min_length=1, description="a list of what is watched", examples=["[{from: asana, project: Lancement}]"]
    )
    sending: Sending = Field(
        default=Sending(), description="when and to whom mails go", examples=['{digest_at: "08:30"}']
    )
    alerts: tuple[Alert, ...] = Field(
        default_factory=lambda said: usual(said.get("sending", Sending())),
        min_length=1,
        description="a list of alerts",
        examples=["[{name: today, when: on the day, tell: assignee, by: digest}]"],
    )
    watch_for: tuple[Rule, ...] = Field(
        default=(),
        description="a list of what else is watched for",
        examples=["[{name: nobodys, rule: no owner, tell: obm}]"],
    )
    show_in: ShownTasks | None = Field(
        default=None, description="where the tasks are shown", examples=["{database: Échéances}"]
    )
    examples: tuple[DeadlineExample, ...] = Field(
        default=(),
        description="a list of examples that `hub test` runs",
        examples=["[{given: {task: X, due: 2026-03-20, today: 2026-03-17}, expect: {}}]"],
    )

    @property
    def reads(self) -> tuple[str, ...]:
        """The connections that it reads."""
        return tuple(dict.fromkeys(watch.connection for watch in self.watch))

    @property
    def writes(self) -> tuple[str, ...]:
        """The connections that it writes to."""
        return () if self.show_in is None else (self.show_in.connection,)

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        """(connection, name) of the projects, boards and databases that it reads."""
        return tuple((watch.connection, watch.thing) for watch in self.watch if watch.thing)
