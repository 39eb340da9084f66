"""Calls: booked, held, cancelled, missed, and how many led to a first payment. Pure.

However often a call is moved it is one call. A call counts in the month in which it was to begin; one that was held
leads to a sale when the same address pays for the first time within 30 days (or what the file says) after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from hub.core.types import Record
from hub.mapping.steering import Calls
from hub.planning.figure import Part, ProofLine
from hub.planning.journeys.bookings import chains
from hub.planning.journeys.persons import normalised

Outcome: TypeAlias = Literal["ahead", "held", "cancelled", "missed"]
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `key`: of the booking that stands at the end of its chain. `made_at`: when it was first booked."""

    key: str
    person: str
    kind: str
    made_at: datetime | None
    starts_at: datetime
    outcome: Outcome
    moves: int


def calls_of(records: Sequence[Record], titles: Mapping[str, str], said: Calls, now: datetime) -> tuple[Call, ...]:
    """Every call of the kinds that are asked for, by when it begins. `titles`: event type -> its name."""
    wanted = {each.strip().casefold() for each in said.event_types}
    found = []
    for chain in chains({record.key: record for record in records}):
        call = _call(chain, titles, now)
        if call is not None and (not wanted or call.kind.strip().casefold() in wanted):
            found.append(call)
    return tuple(sorted(found, key=lambda call: (call.starts_at, call.key)))


def _call(chain: Sequence[Record], titles: Mapping[str, str], now: datetime) -> Call | None:
    last, fields = chain[-1], chain[-1].fields
    starts, made = fields.get("starts_at"), chain[0].fields.get("created_at")
    who, place = fields.get("who"), fields.get("event_type")
    if not isinstance(starts, datetime):
        return None
    key = str(place.get("key") or "") if isinstance(place, Mapping) else ""
    missed = any(each.fields.get("no_show") for each in chain)
    outcome: Outcome = "held" if starts <= now else "ahead"
    if fields.get("status") == "cancelled":
        outcome = "cancelled"
    elif missed:
        outcome = "missed"
    elif fields.get("status") == "moved":  # what replaces it has not been heard of yet
        outcome = "ahead"
    return Call(
        key=last.key,
        person=normalised(str(who.get("email") or "")) if isinstance(who, Mapping) else "",
        kind=titles.get(key) or str(fields.get("title") or ""),
        made_at=made if isinstance(made, datetime) else None,
        starts_at=starts,
        outcome=outcome,
        moves=len(chain) - 1,
    )


def lines(
    calls: Sequence[Call], paid: Mapping[str, Sequence[datetime]], said: Calls, start: datetime, end: datetime
) -> Mapping[str, tuple[ProofLine, ...]]:
    """Figure -> its lines, for the calls that begin within `start` <= instant < `end`.

    calls_booked, calls_held, calls_cancelled, calls_missed are counts; show_rate is held of held and missed; call_sales
    is those held that led to a first payment, of all that were held. `paid`: address -> when it paid.
    """
    mine = [call for call in calls if start <= call.starts_at < end]
    held = [call for call in mine if call.outcome == "held"]
    came = [call for call in mine if call.outcome in ("held", "missed")]
    sold = [call for call in held if _led_to_sale(call, paid, said)]
    return {
        "calls_booked": tuple(_lines(mine)),
        "calls_held": tuple(_lines(held)),
        "calls_cancelled": tuple(_lines(call for call in mine if call.outcome == "cancelled")),
        "calls_missed": tuple(_lines(call for call in mine if call.outcome == "missed")),
        "show_rate": (*_lines(held, "of"), *_lines(came, "per")),
        "call_sales": (*_lines(sold, "of"), *_lines(held, "per")),
    }


def _led_to_sale(call: Call, paid: Mapping[str, Sequence[datetime]], said: Calls) -> bool:
    first = min(paid.get(call.person, ()), default=None) if call.person else None
    return first is not None and call.starts_at <= first <= call.starts_at + timedelta(days=said.sale_within_days)


def _lines(calls: Iterable[Call], part: Part = "") -> Iterator[ProofLine]:
    for call in calls:
        yield ProofLine(call.key, "call", ONE, call.starts_at, call.kind, part)
