"""One side of a sync: where its records are, what its columns are, which of its records take part. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from hub.core.kinds import KINDS, Kind
from hub.core.types import Record, Value
from hub.mapping.model import Safety
from hub.mapping.sync_job import OnlyIf, SyncJob
from hub.planning.carry import SORT_OF, Carrier, Column
from hub.planning.merge import FieldRule, Seen, Side
from hub.planning.words import Language

ALIASES: Mapping[str, str] = {"assignee": "assignees", "label": "labels", "place": "places"}
"""Words of the mapping for fields of a kind that hold several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One side: where its records are and what its columns are.

    `name` is for people ("asana › Lancement"). `mark`: the column in which a vanished source is marked, None for none.
    `rounding`: how exactly the provider says when a record was edited.
    """

    side: Side
    connection: str
    stream: str
    kind: Kind | None
    name: str
    columns: Mapping[str, Column]
    key_column: str | None = None
    mark: str | None = None
    rounding: timedelta = timedelta()


def value_of(record: Record, name: str, kind: Kind | None) -> tuple[bool, Value]:
    """Whether the record says it, and what: a column that people made first, then a field of the kind."""
    properties = record.fields.get("properties")
    if isinstance(properties, Mapping) and name in properties:
        return True, properties[name]
    plain = ALIASES.get(name, name)
    if kind is not None and plain in KINDS[kind] and plain in record.fields:
        return True, record.fields[plain]
    return False, None


def with_values(record: Record, values: Mapping[str, Value], kind: Kind | None) -> Record:
    """The record as it is once these values were written to it."""
    fields = dict(record.fields)
    held = fields.get("properties")
    properties = dict(held) if isinstance(held, Mapping) else {}
    for name, value in values.items():
        plain = ALIASES.get(name, name)
        if name not in properties and kind is not None and plain in KINDS[kind] and plain in fields:
            fields[plain] = value
        else:
            properties[name] = value
    return replace(record, fields={**fields, "properties": properties} if properties else fields)


def column_of(name: str, kind: Kind | None, connection: str, made: Mapping[str, Column]) -> Column | None:
    """The column that a name in the mapping means: one that people made, else a field of the kind; None for neither."""
    if name in made:
        return made[name]
    plain = ALIASES.get(name, name)
    field = KINDS[kind].get(plain) if kind is not None else None
    if field is None or field.shape not in SORT_OF:
        return None
    return Column(name=plain, sort=SORT_OF[field.shape], connection=connection)


def takes_part(record: Record, only_if: OnlyIf, kind: Kind | None) -> bool:
    """Whether every line of `only_if` is true of the record."""
    for name in ("assignee", "due"):
        wanted = getattr(only_if, name)
        if wanted is not None and bool(value_of(record, name, kind)[1]) is not (wanted == "any"):
            return False
    if only_if.done is not None and bool(value_of(record, "done", kind)[1]) is not only_if.done:
        return False
    if only_if.section and value_of(record, "section", kind)[1] not in only_if.section:
        return False
    labels = value_of(record, "label", kind)[1]
    return not only_if.label or bool(set(only_if.label) & set(labels if isinstance(labels, tuple) else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Everything that a plan is made of besides the records."""

    job: SyncJob
    source: End
    target: End
    carrier: Carrier
    safety: Safety
    language: Language

    def rules(self) -> list[FieldRule]:
        """A rule for each line of `fields` whose columns there are on both sides."""
        found = []
        for line in self.job.fields:
            left, right = self.source.columns.get(line.source), self.target.columns.get(line.target)
            if left is not None and right is not None:
                found.append(
                    FieldRule(
                        source=line.source,
                        target=line.target,
                        owner=line.owner,
                        to_target=partial(self.carrier.carried, source=left, target=right),
                        to_source=partial(self.carrier.carried, source=right, target=left),
                    )
                )
        return found

    def written(self, end: End, values: Mapping[str, Value]) -> dict[str, Value]:
        """Plain values as the destination takes them, under the names that it knows them by."""
        found: dict[str, Value] = {}
        for name, value in values.items():
            column = end.columns.get(name)
            if column is None:
                found[name] = value
            else:
                found[column.name] = self.carrier.written(value, column)
        return found

    def seen(self, record: Record, end: End) -> Seen:
        """The record as it is compared: plain values of the mapped columns."""
        values = {
            name: self.carrier.plain(value, column)
            for name, column in end.columns.items()
            for held, value in [value_of(record, name, end.kind)]
            if held
        }
        edited_at = record.fields.get("edited_at")
        return Seen(key=record.key, values=values, edited_at=edited_at, rounding=end.rounding)  # type: ignore[arg-type]
