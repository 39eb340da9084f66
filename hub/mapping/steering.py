"""What the OBM steers by beside the figures: objectives, launches, calls, and what she is paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.mapping.base import Amount, Count, Day, Label, Model, Share, Text, Words

Quarter = Annotated[str, Field(pattern=r"^20[0-9]{2}-Q[1-4]$")]
Base = Literal["cash_in_net", "cash_in", "signed"]
"""What a commission is counted from: collected without tax, collected with tax, or sales when they are made."""


class KeyResult(Model):
    """Where it started, where it shall end, and what says where it is: a figure of this file, or a weekly entry."""

    name: Label = Field(description="a short name: lower-case letters, digits, - and _", examples=["mrr_8000"])
    title: Text = Field(description="the text that people read", examples=["8 000 € de revenu récurrent"])
    figure: Text | None = Field(
        default=None, description="a figure; without it, `hub okr` takes an entry by hand each week", examples=["mrr"]
    )
    start: Amount = Field(
        default=Decimal(0), alias="from", description="a number in digits: where it was at the start", examples=["5000"]
    )
    to: Amount = Field(description="a number in digits: where it shall be at the end", examples=["8000"])
    owner: Text | None = Field(default=None, description="the short name of a person", examples=["obm"])

    @model_validator(mode="after")
    def _a_way_to_go(self) -> KeyResult:
        if self.start == self.to:
            raise PydanticCustomError("no_way", "from and to are the same")
        return self


class Objective(Model):
    objective: Text = Field(description="what shall be reached, in your words", examples=["Vivre du récurrent"])
    quarter: Quarter = Field(description="a quarter: year-Q and its number", examples=["2026-Q4"])
    key_results: tuple[KeyResult, ...] = Field(
        min_length=1,
        max_length=6,
        description="a list of key results",
        examples=["[{name: mrr, title: Revenu récurrent, figure: mrr, to: 8000}]"],
    )


class Registrations(Model):
    """Where people register for a launch."""

    connection: Text = Field(alias="from", description="the name of a connection of this business", examples=["notion"])
    event_type: Text | None = Field(
        default=None, description="the name of a kind of appointment", examples=["Appel découverte"]
    )
    form: Text | None = Field(default=None, description="the name of a form or database", examples=["Inscriptions"])


class Goals(Model):
    registrations: Count | None = Field(default=None, description="a whole number, 0 or more", examples=["400"])
    sales: Count | None = Field(default=None, description="a whole number, 0 or more", examples=["30"])
    signed: Amount | None = Field(default=None, description="an amount in digits", examples=["29910"])


class Launch(Model):
    """A window in which something is sold."""

    name: Text = Field(description="the name of the launch", examples=["Lancement printemps"])
    opens: Day = Field(description="a day: year-month-day", examples=["2026-03-09"])
    closes: Day = Field(description="a day: year-month-day, the last one of the sales", examples=["2026-03-16"])
    offers: Words = Field(min_length=1, description="names of products", examples=["[Programme Élan]"])
    registrations: tuple[Registrations, ...] = Field(
        default=(), description="a list of where people register", examples=["[{from: notion, form: Inscriptions}]"]
    )
    registered_from: Day | None = Field(
        default=None, description="a day: year-month-day; registrations count from then on", examples=["2026-02-20"]
    )
    goals: Goals = Field(default=Goals(), description="what it shall bring", examples=["{sales: 30}"])
    refundable_days: Count = Field(default=14, description="a whole number, 0 or more", examples=["14"])
    previous: Text | None = Field(
        default=None, description="the name of another launch, to compare with", examples=["Lancement automne"]
    )

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Launch:
        if self.closes < self.opens:
            raise PydanticCustomError("closes_first", "it closes before it opens")
        return self

    def __contains__(self, day: date) -> bool:
        return self.opens <= day <= self.closes


class Calls(Model):
    """Which appointments are calls that may lead to a sale."""

    connection: Text = Field(
        alias="from", description="the name of a connection of this business", examples=["calendly"]
    )
    event_types: Words = Field(
        default=(), description="names of kinds of appointment; none: all", examples=["[Appel découverte]"]
    )
    sale_within_days: Count = Field(default=30, description="a whole number, 0 or more", examples=["30"])


class Bracket(Model):
    up_to: Amount | None = Field(default=None, description="an amount in digits; the last has none", examples=["10000"])
    rate: Share = Field(description="a percentage", examples=["5 %"])


class Commission(Model):
    """What somebody is paid from the figures of a month."""

    who: Text = Field(description="the short name of a person", examples=["obm"])
    base: Base = Field(default="cash_in_net", description="cash_in_net, cash_in or signed", examples=["cash_in_net"])
    rate: Share | None = Field(default=None, description="a percentage", examples=["5 %"])
    brackets: tuple[Bracket, ...] = Field(
        default=(), description="a list of brackets", examples=["[{up_to: 10000, rate: 5 %}, {rate: 8 %}]"]
    )
    fixed: Amount = Field(default=Decimal(0), description="an amount in digits", examples=["1500"])
    floor: Amount | None = Field(default=None, description="an amount in digits", examples=["200"])
    cap: Amount | None = Field(default=None, description="an amount in digits", examples=["3000"])
    offers: Words = Field(default=(), description="names of products; none: all", examples=["[Programme Élan]"])
    starts: Day = Field(description="a day: year-month-day, the first of a month", examples=["2026-01-01"])
    ends: Day | None = Field(default=None, description="a day: year-month-day", examples=["2026-12-31"])

    @model_validator(mode="after")
    def _one_way_to_count(self) -> Commission:
        if (self.rate is None) == (not self.brackets):
            raise PydanticCustomError("one_rate", "a commission has one of rate, brackets")
        tops = [each.up_to for each in self.brackets]
        if self.brackets and (tops[-1] is not None or None in tops[:-1] or sorted(tops[:-1]) != tops[:-1]):  # type: ignore[type-var]
            raise PydanticCustomError("brackets", "brackets rise, and only the last has no up_to")
        if self.starts.day != 1:
            raise PydanticCustomError("first_of_month", "a commission starts on the first of a month")
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise PydanticCustomError("floor_above_cap", "its floor is above its cap")
        return self
