"""What every model of the language is made of: strict keys, texts, days, amounts, spans of names."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from hub.mapping import regions
from hub.mapping.schema_parts import OneOrMore

SET_BY_LOADER = {"set_by": "loader"}
"""Marks a field that comes from the name of a file or folder: it is no key of the language."""

HIDDEN_SPACES = str.maketrans("\u00a0\u202f\u2009", "   ")
"""French typography sets 20 % with a no-break space; here it is a space like any other."""


def _plain_spaces(value: object) -> object:
    return value.translate(HIDDEN_SPACES) if isinstance(value, str) else value


def _day(value: object) -> object:
    """A day is the text 2025-01-31 (or a date, from Python). Not an instant, and not seconds since 1970."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    raise PydanticCustomError("day", "not a day")


def _amount(value: object) -> object:
    """A number as YAML writes it. 12.000 is refused: half of Europe reads it as twelve thousand, YAML as twelve."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("amount", "not an amount")
    exponent = Decimal(value).as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2:
        raise PydanticCustomError("amount", "too many decimals")
    return value


CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


def clock(value: object) -> object:
    """ "08:30" in 24 hours."""
    if isinstance(value, str) and re.fullmatch(CLOCK, value):
        return value
    raise PydanticCustomError("clock", "not a time of day")


def known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError):  # no such file, a folder such as "Europe", a path, no zone data
        raise PydanticCustomError("time_zone", "not a time zone") from None
    return value


def known_region(value: str) -> str:
    if not regions.is_known(value):
        raise PydanticCustomError("region", "not a country or region")
    return value


def none_is_empty(value: object) -> object:
    """`stripe:` with nothing after it says as much as `stripe: {}`."""
    if isinstance(value, dict):
        return {name: {} if config is None else config for name, config in value.items()}
    return value


def names(value: object) -> object:
    """`follow: Lancement` says as much as `follow: [Lancement]`; an id that is all digits need not be quoted."""
    items = value if isinstance(value, list | tuple) else [value]
    if isinstance(value, dict) or value is None:
        return value
    return tuple(str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in items)


Text = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Text, ...], OneOrMore()]
"""One text, or a list of texts."""
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$")]
"""A short name that files give something: an alert, a step, a text."""
Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[str, BeforeValidator(clock), WithJsonSchema({"type": "string", "pattern": f"^{CLOCK}$"})]
Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=15),
    BeforeValidator(_amount),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d{1,2})?$"}]}),
]
Percent = Annotated[str, Field(pattern=r"^\d{1,3} ?%$"), BeforeValidator(_plain_spaces)]
Share = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,2})? ?%$"), BeforeValidator(_plain_spaces)]
Count = Annotated[int, Field(strict=True, ge=0)]
Several = Annotated[int, Field(strict=True, ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
PropertyName = Annotated[str, Field(min_length=1)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
