"""What a mapping says, typed. The loader's messages and the JSON Schema (hub.mapping.schema) come from these models.

`extra="forbid"` everywhere: an unknown key is an error with the nearest known one. Keys are English; what people read
(titles, database names) is theirs. Every field says what it wants (`description` completes "expected …") and shows one
working value as YAML (`examples`): the messages are made of them, and a test holds that none is missing.
"""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from hub.mapping import spans
from hub.mapping.base import (
    SET_BY_LOADER,
    Clock,
    Count,
    Model,
    Name,
    Percent,
    Text,
    known_region,
    known_zone,
    names,
    none_is_empty,
)
from hub.mapping.person import AddressAs, Person, WeekDay
from hub.mapping.schema_parts import OrNothing, read_by

OBM = "obm"
"""The short name of who runs the business' operations, and gets the brief."""
CEO = "ceo"
"""The short name of whose business it is, and who gets the mail of each week and month that is over."""
ALL = "all"
"""The word after `follow:` that means everything that the key can see."""
_NAME_OR_ID = {"type": ["string", "integer"]}
_FOLLOW = {"anyOf": [_NAME_OR_ID, {"type": "array", "items": _NAME_OR_ID, "minItems": 1}]}


class ConnectionConfig(Model):
    """One account at one provider. Keys never stand here: they live in the environment."""

    connector: str | None = Field(  # None: the connection's own name is the connector's
        default=None, description="the connector's name, when the connection has another", examples=["stripe"]
    )
    page: str | None = Field(  # notion: title, address or id of the page that was shared with the hub
        default=None,
        description="the title, address or id of the Notion page that you shared with the hub",
        examples=["Atelier Lila"],
    )
    follow: Annotated[tuple[Text, ...] | None, BeforeValidator(names), WithJsonSchema(_FOLLOW)] = Field(
        default=None,
        min_length=1,
        description="a list of names of what the hub reads and listens to, or the word all",
        examples=["[Lancement printemps]"],
    )


class HoldIf(Model):
    changes_above: Percent = Field(default="20 %", description="a percentage without decimals", examples=["20 %"])
    archives_above: Count = Field(default=0, description="a whole number, 0 or more", examples=["0"])
    mails_above: Count = Field(default=40, description="a whole number, 0 or more", examples=["40"])


class Safety(Model):
    hold_if: HoldIf = Field(default=HoldIf(), description="the limits of a plan", examples=["{changes_above: 20 %}"])


class ProcessPage(Model):
    """Where the process page of the business is kept."""

    connection: str = Field(
        default="notion", description="the name of a connection of this business", examples=["notion"]
    )
    title: Text | None = Field(  # None: "Processus — Atelier Lila" / "How it works — Atelier Lila"
        default=None, description="the title of the page", examples=["Nos processus"]
    )


class Keep(Model):
    """For how long the hub keeps what it knows of people."""

    past_clients: Annotated[spans.Term, read_by(spans.term, spans.TERM_PATTERN)] = Field(
        default=spans.Term(3, "years"), description='months or years, like "3 years"', examples=["3 years"]
    )


class Brief(Model):
    """The OBM's mail of each working morning, about all her businesses."""

    at: Clock = Field(default="08:00", description='a time of day, like "08:00"', examples=['"08:00"'])


class ReportMail(Model):
    """The CEO's mail of each week and month that is over: what its page says."""

    at: Clock = Field(default="08:30", description='a time of day, like "08:30"', examples=['"08:30"'])


class Business(Model):
    """business.yaml: who this client is."""

    hub: Literal[1] = Field(description="the version of this language", examples=["1"])
    business: Text = Field(description="the business' name", examples=["Atelier Lila"])
    key: str = Field(default="", json_schema_extra=dict(SET_BY_LOADER))  # the folder's name, set by the loader
    language: Literal["fr", "en"] = Field(default="en", description="the language that people read", examples=["fr"])
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        default="Europe/Paris", description="a time zone: area and city", examples=["Europe/Paris"]
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(
        default="EUR", description="a currency of three capital letters", examples=["EUR"]
    )
    address_as: AddressAs = Field(
        default="vous", description="how French mails address people: tu or vous", examples=["vous"]
    )
    working_days: tuple[WeekDay, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        min_length=1,
        description="a list of days",
        examples=["[mon, tue, wed, thu, fri]"],
    )
    holidays: Annotated[str, AfterValidator(known_region)] | None = Field(
        default=None, description="a country, or a country and its region", examples=["FR", "FR-57"]
    )
    people: dict[str, Person] = Field(
        default_factory=dict,
        description="people by a short name",
        examples=["{obm: {name: Claire, email: claire@example.com}}"],
    )
    connections: Annotated[dict[Name, ConnectionConfig], BeforeValidator(none_is_empty), OrNothing()] = Field(
        default_factory=dict,
        description="connections by name: lower-case letters, digits and dashes, a letter first",
        examples=["{notion: {}, stripe: {}}"],
    )
    safety: Safety = Field(
        default=Safety(), description="when a plan waits for a person", examples=["{hold_if: {changes_above: 20 %}}"]
    )
    keep: Keep = Field(
        default=Keep(),
        description="how long the hub keeps what it knows of people",
        examples=["{past_clients: 3 years}"],
    )
    process_page: bool | ProcessPage = Field(
        default=False, description="true, or the title of the page that explains these files", examples=["true"]
    )
    brief: bool | Brief = Field(
        default=True,
        description="false, or the hour of the OBM's mail of each working morning",
        examples=['{at: "08:00"}', "false"],
    )
    report: bool | ReportMail = Field(
        default=True,
        description="false, or the hour of the CEO's mail of each week and month that is over",
        examples=['{at: "08:30"}', "false"],
    )

    @property
    def process(self) -> ProcessPage | None:
        """The process page that the hub keeps, or None."""
        page = self.process_page
        return page if isinstance(page, ProcessPage) else ProcessPage() if page else None

    @property
    def morning(self) -> Brief | None:
        """The OBM's brief, or None where it is off, nobody could get it, or no connection sends mails."""
        if not self.brief or not self._is_mailed(OBM):
            return None
        return self.brief if isinstance(self.brief, Brief) else Brief()

    @property
    def told(self) -> ReportMail | None:
        """The CEO's mail of weeks and months, or None where it is off, nobody could get it, or nothing sends mails."""
        if not self.report or not self._is_mailed(CEO):
            return None
        return self.report if isinstance(self.report, ReportMail) else ReportMail()

    def _is_mailed(self, short: str) -> bool:
        """Whether somebody has that short name and an address, and a connection sends mails."""
        person = self.people.get(short)
        mails = any((config.connector or name) == "email" for name, config in self.connections.items())
        return person is not None and bool(person.email) and mails

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
