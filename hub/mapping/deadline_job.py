"""What `job: deadline_alerts` says, typed: what is watched, who is told what and when, and how it is sent."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from hub.mapping import spans
from hub.mapping.base import SET_BY_LOADER, Day, Label, Model, PropertyName, Text, Words
from hub.mapping.schema_parts import read_by
from hub.mapping.sync_job import WhenGone

CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


def _clock(value: object) -> object:
    """ "08:30" in 24 hours."""
    if isinstance(value, str) and re.fullmatch(CLOCK, value):
        return value
    raise PydanticCustomError("clock", "not a time of day")


def _hours(value: object) -> object:
    """ "08:30-18:00": the first before the second."""
    if isinstance(value, str) and value.count("-") == 1:
        start, end = (part.strip() for part in value.split("-"))
        if str(_clock(start)) < str(_clock(end)):
            return f"{start}-{end}"
    raise PydanticCustomError("hours", "not hours of the day")


When = Annotated[spans.Moment, read_by(spans.moment, spans.MOMENT_PATTERN)]
SpanText = Annotated[spans.Span, read_by(spans.span, spans.SPAN_PATTERN)]
Clock = Annotated[str, BeforeValidator(_clock), WithJsonSchema({"type": "string", "pattern": f"^{CLOCK}$"})]
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


class Sending(Model):
    digest_at: Clock = Field(default="08:30", description='a time of day, like "08:30"', examples=['"08:30"'])
    hours: Hours = Field(
        default="08:30-18:00", description='hours of the day, like "08:30-18:00"', examples=['"08:30-18:00"']
    )
    nobody_assigned: Text = Field(
        default="obm", description="the short name of who is told when nobody does it", examples=["obm"]
    )
    first_run: Literal["quiet", "ask"] = Field(
        default="quiet", description="what becomes of what is late already", examples=["quiet"]
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
    alerts: tuple[Alert, ...] = Field(
        min_length=1,
        description="a list of alerts",
        examples=["[{name: today, when: on the day, tell: assignee, by: digest}]"],
    )
    sending: Sending = Field(
        default=Sending(), description="when and to whom mails go", examples=['{digest_at: "08:30"}']
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
