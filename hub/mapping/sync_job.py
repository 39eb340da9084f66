"""What `job: sync` says, typed: two places, the fields between them, and who owns each."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from hub.mapping.base import SET_BY_LOADER, Model, PropertyName, Text, Words

WhenGone = Literal["mark", "archive", "keep"]
FieldOwner = Literal["source", "target", "latest"]


class Place(Model):
    """One side: a connection, and the one thing of it that is meant."""

    connection: Text = Field(description="the name of a connection of this business", examples=["asana"])
    project: Text | None = Field(default=None, description="the name of an Asana project", examples=["Lancement"])
    board: Text | None = Field(default=None, description="the name of a Trello board", examples=["Calendrier"])
    database: Text | None = Field(default=None, description="the title of a Notion database", examples=["Tâches"])
    records: Text | None = Field(
        default=None,
        description="the stream of records, where a connection has more than one kind",
        examples=["booking"],
    )

    @property
    def thing(self) -> str | None:
        """The name of the project, board or database; None: the whole account."""
        return self.project or self.board or self.database


class SyncField(Model):
    source: PropertyName = Field(description="a field of the source", examples=["title"])
    target: PropertyName = Field(description="a field or property of the target", examples=["Tâche"])
    owner: FieldOwner = Field(
        default="source",
        description="who wins: source, target, or latest (the later edit, both ways)",
        examples=["source"],
    )


class OnlyIf(Model):
    """Which records take part. Each line must be true."""

    assignee: Literal["any", "none"] | None = Field(
        default=None, description="any (somebody does it) or none", examples=["any"]
    )
    done: bool | None = Field(default=None, description="true or false", examples=["false"])
    due: Literal["any", "none"] | None = Field(default=None, description="any (a date) or none", examples=["any"])
    section: Words | None = Field(default=None, description="sections or lists", examples=["[À faire, En cours]"])
    label: Words | None = Field(default=None, description="labels or tags", examples=["[Client]"])


class SyncExample(Model):
    given: dict[PropertyName, str | bool | date | None] = Field(
        description="a record of the source: fields and values", examples=["{title: Page de vente, due: 2026-03-20}"]
    )
    expect: dict[PropertyName, str | bool | date | None] = Field(
        description="what the target then holds; {} for nothing", examples=["{Tâche: Page de vente}"]
    )


class SyncJob(Model):
    """A sync file: records of one place and rows of another are the same things."""

    hub: Literal[1] = Field(description="the version of this language", examples=["1"])
    job: Literal["sync"] = Field(description="the kind of job", examples=["sync"])
    name: str = Field(default="", json_schema_extra=dict(SET_BY_LOADER))
    says: Text = Field(
        description="what this job promises, in your words", examples=["Every Asana task is a row of Tâches."]
    )
    source: Place = Field(
        alias="from", description="where records come from", examples=["{connection: asana, project: Lancement}"]
    )
    target: Place = Field(alias="to", description="where they go", examples=["{connection: notion, database: Tâches}"])
    match_by: Words = Field(
        min_length=1,
        description="what makes two records the same: id, or id and then a field of the source",
        examples=["id", "[id, title]"],
    )
    fields: tuple[SyncField, ...] = Field(
        min_length=1,
        description="a list of fields with their owners",
        examples=["[{source: title, target: Tâche, owner: source}]"],
    )
    people_own: tuple[PropertyName, ...] = Field(
        default=(), description="a list of properties that only people write", examples=["[Commentaire]"]
    )
    only_if: OnlyIf = Field(default=OnlyIf(), description="which records take part", examples=["{assignee: any}"])
    when_gone: WhenGone = Field(
        default="mark",
        description="what becomes of the row of a record that is gone: mark, archive or keep",
        examples=["mark"],
    )
    new_rows: Literal["left", "copied"] = Field(
        default="left",
        description="what becomes of a row that people add to the target: left alone, or copied to the source",
        examples=["left"],
    )
    examples: tuple[SyncExample, ...] = Field(
        default=(),
        description="a list of examples that `hub test` runs",
        examples=["[{given: {title: Page de vente}, expect: {Tâche: Page de vente}}]"],
    )

    @property
    def reads(self) -> tuple[str, ...]:
        """The connections that it reads: both."""
        return tuple(dict.fromkeys((self.source.connection, self.target.connection)))

    @property
    def writes(self) -> tuple[str, ...]:
        """The connections that it writes to: both."""
        return self.reads

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        """(connection, name) of the projects, boards and databases that it reads."""
        return tuple((side.connection, side.thing) for side in (self.source, self.target) if side.thing)
