"""What a mapping says, typed. The loader's messages and the JSON Schema (hub.mapping.schema) come from these models.

`extra="forbid"` everywhere: an unknown key is an error with the nearest known one. Keys are English; what people read
(titles, database names) is theirs. Every field says what it wants (`description` completes "expected …") and shows one
working value as YAML (`examples`): the messages are made of them, and a test holds that none is missing.
"""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from hub.mapping.base import (
    SET_BY_LOADER,
    Amount,
    Clock,
    Count,
    Day,
    Model,
    Name,
    Percent,
    PropertyName,
    Share,
    Text,
    known_region,
    known_zone,
    names,
    none_is_empty,
)
from hub.mapping.person import AddressAs, Person, WeekDay
from hub.mapping.schema_parts import OrNothing

OBM = "obm"
"""The short name of who runs the business' operations, and gets the brief."""
ALL = "all"
"""The word after `follow:` that means everything that the key can see."""
_NAME_OR_ID = {"type": ["string", "integer"]}
_FOLLOW = {"anyOf": [_NAME_OR_ID, {"type": "array", "items": _NAME_OR_ID, "minItems": 1}]}


FIGURES = ("cash_in", "mrr", "overdue", "refund_rate")
FigureName = Literal["cash_in", "mrr", "overdue", "refund_rate"]
RATES = frozenset({"refund_rate"})
"""Figures that are a share of something, in percent; the others are amounts."""


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


class Brief(Model):
    """The OBM's mail of each working morning, about all her businesses."""

    at: Clock = Field(default="08:00", description='a time of day, like "08:00"', examples=['"08:00"'])


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
    process_page: bool | ProcessPage = Field(
        default=False, description="true, or the title of the page that explains these files", examples=["true"]
    )
    brief: bool | Brief = Field(
        default=True,
        description="false, or the hour of the OBM's mail of each working morning",
        examples=['{at: "08:00"}', "false"],
    )

    @property
    def process(self) -> ProcessPage | None:
        """The process page that the hub keeps, or None."""
        page = self.process_page
        return page if isinstance(page, ProcessPage) else ProcessPage() if page else None

    @property
    def morning(self) -> Brief | None:
        """The OBM's brief, or None where it is off, nobody could get it, or no connection sends mails."""
        obm = self.people.get(OBM)
        mails = any((config.connector or name) == "email" for name, config in self.connections.items())
        if not self.brief or obm is None or not obm.email or not mails:
            return None
        return self.brief if isinstance(self.brief, Brief) else Brief()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Read(Model):
    connection: str = Field(alias="from", description="the name of a connection of this business", examples=["stripe"])
    since: Day | None = Field(default=None, description="a day: year-month-day", examples=["2025-01-01"])


class Target(Model):
    value: Amount = Field(description="an amount in digits, with at most 2 decimals after a dot", examples=["12000"])
    by: Day | None = Field(default=None, description="a day: year-month-day", examples=["2026-12-31"])


class FigureConfig(Model):
    figure: FigureName = Field(description="a figure", examples=["cash_in"])
    title: Text = Field(description="the text that people read", examples=["Encaissements"])
    per: Literal["month"] = Field(default="month", description="the length of a period", examples=["month"])
    target: Amount | Target | None = Field(
        default=None,
        description="an amount in digits, with at most 2 decimals after a dot",
        examples=["12000"],
    )
    warn_above: Share | Amount | None = Field(  # "5 %" or an amount
        default=None, description="an amount in digits, or a percentage for a rate", examples=["500"]
    )


class RecurringRules(Model):
    discount_once: Literal["ignored"] = "ignored"
    discount_for_months: Literal["subtracted while it lasts"] = "subtracted while it lasts"
    discount_forever: Literal["subtracted"] = "subtracted"
    trial: Literal["excluded"] = "excluded"
    paused: Literal["excluded"] = "excluded"
    past_due: Literal["counted, shown as at risk"] = "counted, shown as at risk"
    cancel_at_period_end: Literal["counted until the end"] = "counted until the end"
    metered: Literal["shown apart"] = "shown apart"
    instalments: Literal["receivable"] = "receivable"


class RevenueRules(Model):
    tax: Literal["excluded"] = "excluded"
    refunds: Literal["on the day of the refund"] = "on the day of the refund"
    disputes: Literal["subtracted when opened, added back when won"] = "subtracted when opened, added back when won"
    other_currencies: Literal["shown apart"] = "shown apart"
    recurring: RecurringRules = Field(
        default=RecurringRules(), description="the rules of recurring revenue", examples=["{trial: excluded}"]
    )


class ShowIn(Model):
    connection: str = Field(
        default="notion", description="the name of a connection of this business", examples=["notion"]
    )
    database: Text = Field(description="the title of a Notion database", examples=["Chiffres"])
    match_by: tuple[Literal["figure", "period", "currency"], ...] = Field(
        default=("figure", "period", "currency"),
        description="a list of what makes a row the same row",
        examples=["[figure, period, currency]"],
    )
    hub_owns: dict[PropertyName, Literal["value", "target", "change", "counted_at", "proof"]] = Field(
        default_factory=dict,
        description="Notion properties and what the hub writes in each",
        examples=["{Valeur: value, Preuve: proof}"],
    )
    people_own: tuple[PropertyName, ...] = Field(
        default=(), description="a list of Notion properties that only people write", examples=["[Note CEO]"]
    )
    page: str | None = Field(  # None: "Tableau de bord" / "Dashboard"
        default=None, description="the title of the CEO's page", examples=["Tableau de bord"]
    )


class RevenueJob(Model):
    """revenue.yaml: payments become figures."""

    hub: Literal[1] = Field(description="the version of this language", examples=["1"])
    job: Literal["revenue_kpis"] = Field(description="the kind of job", examples=["revenue_kpis"])
    name: str = Field(default="", json_schema_extra=dict(SET_BY_LOADER))  # the file's stem, set by the loader
    says: Text = Field(
        description="what this job promises, in your words",
        examples=["Turn payments into the figures of the CEO's page."],
    )
    read: tuple[Read, ...] = Field(
        min_length=1, description="a list of what to read", examples=["[{from: stripe, since: 2025-01-01}]"]
    )
    rules: RevenueRules = Field(
        default=RevenueRules(), description="the rules of counting", examples=["{tax: excluded}"]
    )
    figures: tuple[FigureConfig, ...] = Field(
        min_length=1, description="a list of figures", examples=["[{figure: cash_in, title: Encaissements}]"]
    )
    show_in: ShowIn = Field(description="where the figures are shown", examples=["{database: Chiffres}"])

    @property
    def reads(self) -> tuple[str, ...]:
        """The connections that it reads."""
        return tuple(read.connection for read in self.read)

    @property
    def writes(self) -> tuple[str, ...]:
        """The connections that it writes to."""
        return (self.show_in.connection,)

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        """(connection, name) of the projects, boards and databases that it reads."""
        return ()
