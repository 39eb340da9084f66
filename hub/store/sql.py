"""The few statements that the two databases spell alike but SQLAlchemy does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Compiled, Connection, Executable, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(dialect: str, table: Table, *taken: str, **computed: Any) -> Insert:
    """INSERT that, where the primary key is there already, sets instead.

    `taken`: columns that take the value that would have been inserted; `computed`: columns and what to set them to.
    With neither, a row that is there stays as it is.
    """
    key = [column.name for column in table.primary_key.columns]
    return upsert_by(dialect, table, key, taken, **computed)


def upsert_by(dialect: str, table: Table, unique: Sequence[str], taken: Iterable[str] = (), **computed: Any) -> Insert:
    """As `upsert`, where `unique` columns tell whether a row is there already."""
    statement = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    values = {name: statement.excluded[name] for name in taken} | computed
    if not values:
        return statement.on_conflict_do_nothing(index_elements=unique)
    return statement.on_conflict_do_update(index_elements=unique, set_=values)


_COMPILED: dict[tuple[Executable, str, bool, tuple[str, ...]], Compiled] = {}


def execute(conn: Connection, statement: Executable, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
    """As `conn.execute`, for statements that `upsert` made once and keeps (a cached function's).

    SQLAlchemy 2.0 does not cache the text of an INSERT with ON CONFLICT: it would be composed anew at every call, which
    costs more than the statement itself.
    """
    many = not isinstance(rows, Mapping)
    columns = tuple(rows[0] if not isinstance(rows, Mapping) else rows)
    key = (statement, conn.dialect.name, many, columns)
    if key not in _COMPILED:
        made = cast(Any, statement)
        _COMPILED[key] = made.compile(dialect=conn.dialect, column_keys=list(columns), for_executemany=many)
    return conn.execute(cast(Any, _COMPILED[key]), rows)


def number(conn: Connection, statement: Any, parameters: Any = None) -> int:
    """How many rows the statement changed."""
    return int(conn.execute(statement, parameters).rowcount)
