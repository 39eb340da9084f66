"""Somebody of a business: where she is, when she works, how mails speak to her."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from hub.mapping.base import Day, Model, Text, known_region, known_zone

WeekDay: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
AddressAs: TypeAlias = Literal["tu", "vous"]
LONGEST_ABSENCE = 731
"""Days, the first and the last included: two years and a leap day."""


class Absence(Model):
    """Some days on which a person is not there; the last one is one of them."""

    first: Day = Field(alias="from", description="the first day of an absence", examples=["2026-08-03"])
    last: Day | None = Field(  # None: one day
        default=None, alias="to", description="the last day of an absence", examples=["2026-08-21"]
    )

    @model_validator(mode="after")
    def _forwards(self) -> Absence:
        if not 0 <= ((self.last or self.first) - self.first).days < LONGEST_ABSENCE:
            raise PydanticCustomError("absence", "an absence ends after it begins, within two years")
        return self

    @property
    def days(self) -> tuple[date, ...]:
        """Each of its days."""
        count = ((self.last or self.first) - self.first).days + 1
        return tuple(self.first + timedelta(days=number) for number in range(count))


class Person(Model):
    """Somebody of the business. Any further key is the name of a connection, with what she is called there."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[
        str,
        Annotated[
            str,
            Field(
                min_length=1, description="her name, user name or address in that connection", examples=["leamartin"]
            ),
        ],
    ]

    name: Text = Field(description="the person's name", examples=["Claire"])
    email: str | None = Field(default=None, description="an e-mail address", examples=["claire@example.com"])
    timezone: Annotated[str, AfterValidator(known_zone)] | None = Field(  # None of these: as the business
        default=None, description="a time zone: area and city", examples=["Indian/Reunion"]
    )
    holidays: Annotated[str, AfterValidator(known_region)] | None = Field(
        default=None, description="a country, or a country and its region", examples=["BE", "CH-VD"]
    )
    working_days: tuple[WeekDay, ...] | None = Field(
        default=None, min_length=1, description="a list of days", examples=["[mon, tue, thu]"]
    )
    away: tuple[Absence, ...] = Field(
        default=(), description="a list of absences", examples=["[{from: 2026-08-03, to: 2026-08-21}]"]
    )
    language: Literal["fr", "en"] | None = Field(
        default=None, description="the language of her mails: fr or en", examples=["fr"]
    )
    address_as: AddressAs | None = Field(
        default=None, description="how French mails address her: tu or vous", examples=["tu"]
    )
    left: Day | None = Field(
        default=None, description="the day from which she is not in the business any more", examples=["2026-09-01"]
    )

    @property
    def known_as(self) -> dict[str, str]:
        """Connection -> what she is called there, where that is another name than hers."""
        return dict(self.__pydantic_extra__)
