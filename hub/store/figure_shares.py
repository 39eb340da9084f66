"""Proofs in shares: what one sale changes of a large figure is one share of its lines, not all of them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, and_, bindparam, delete, select

from hub.core import codec
from hub.core.types import Value
from hub.store.schema import figure_shares
from hub.store.sql import upsert

MARK = "shares:"
"""What the digest of a proof that is kept in shares begins with."""
Place: TypeAlias = tuple[str, str, str]
"""Figure, period, currency."""
Lines: TypeAlias = tuple[Mapping[str, Value], ...]
_WHERE = ("figure", "period", "currency", "share")


def packed(lines: Lines) -> tuple[bytes, str]:
    """Lines as they are kept, and their digest."""
    text = codec.dumps(lines).encode()
    return zlib.compress(text), hashlib.sha256(text).hexdigest()[:32]


def unpacked(parts: Sequence[bytes]) -> Lines:
    """The lines of a proof. Those of several shares are in the order of their instants."""
    lines = [line for part in parts for line in cast("Lines", codec.loads(zlib.decompress(part).decode()))]
    if len(parts) > 1:
        lines.sort(key=lambda line: (line["at"], line["id"]))
    return tuple(lines)


def digests(conn: Connection, business: str, job: str) -> dict[Place, dict[int, str]]:
    """What is kept: figure -> share -> the digest of its lines."""
    names = (figure_shares.c[name] for name in (*_WHERE, "digest"))
    query = select(*names).where(figure_shares.c.business == business, figure_shares.c.job == job)
    found: dict[Place, dict[int, str]] = {}
    for figure, period, currency, share, digest in conn.execute(query):
        found.setdefault((figure, period, currency), {})[share] = digest
    return found


def put(
    conn: Connection,
    business: str,
    job: str,
    shares: Mapping[Place, Mapping[int, Lines]],
    held: dict[Place, dict[int, str]],
) -> None:
    """Keep these lines; of each figure named, a share without lines is dropped. `held`: as `digests`, kept up."""
    rows: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for place, parts in shares.items():
        mine = held.setdefault(place, {})
        where = {"business": business, "job": job, "figure": place[0], "period": place[1], "currency": place[2]}
        for share, lines in parts.items():
            if not lines:
                mine.pop(share, None)
                gone.append({f"the_{name}": value for name, value in (where | {"share": share}).items()})
                continue
            proof, digest = packed(lines)
            if mine.get(share) != digest:
                mine[share] = digest
                rows.append(where | {"share": share, "proof": proof, "digest": digest})
    if rows:
        conn.execute(upsert(conn.dialect.name, figure_shares, "proof", "digest"), rows)
    if gone:
        same = and_(*(column == bindparam(f"the_{column.name}") for column in figure_shares.primary_key.columns))
        conn.execute(delete(figure_shares).where(same), gone)


def digest_of(held: Mapping[int, str]) -> str:
    """The digest of a proof that is kept in these shares."""
    return MARK + hashlib.sha256(codec.dumps(tuple(sorted(held.items()))).encode()).hexdigest()[:25]


def of(conn: Connection, business: str, only: Mapping[str, str]) -> dict[tuple[str, str, str, str], list[bytes]]:
    """Job, figure, period, currency -> its shares, packed. `only`: columns and what they must be."""
    mine = (figure_shares.c.business == business, *(figure_shares.c[name] == value for name, value in only.items()))
    names = (figure_shares.c[name] for name in ("job", *_WHERE, "proof"))
    found: dict[tuple[str, str, str, str], list[bytes]] = {}
    for job, figure, period, currency, _, proof in conn.execute(
        select(*names).where(*mine).order_by(figure_shares.c.share)
    ):
        found.setdefault((job, figure, period, currency), []).append(bytes(proof))
    return found
