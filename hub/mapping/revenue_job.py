"""What `job: revenue_kpis` says, typed: what is read, how it is counted, which figures, and where they are shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.mapping import spans
from hub.mapping.base import SET_BY_LOADER, Amount, Day, Label, Model, PropertyName, Share, Text
from hub.mapping.figure_names import FIGURES, GROUPS, STATES, FigureName
from hub.mapping.paid import Paid
from hub.mapping.schema_parts import read_by
from hub.mapping.steering import Calls, Commission, Launch, Objective

Asked = FigureName | Literal["mrr_movements"]


class Read(Model):
    connection: str = Field(alias="from", description="the name of a connection of this business", examples=["stripe"])
    since: Day | None = Field(default=None, description="a day: year-month-day", examples=["2025-01-01"])


class Target(Model):
    value: Amount = Field(description="an amount in digits, with at most 2 decimals after a dot", examples=["12000"])
    by: Day | None = Field(default=None, description="a day: year-month-day", examples=["2026-12-31"])


class FigureConfig(Model):
    figure: Asked = Field(description="a figure", examples=["cash_in"])
    title: Text = Field(description="the text that people read", examples=["Encaissements"])
    per: Literal["month", "day"] = Field(
        default="month", description="month, or day for what there is now and no past months", examples=["month"]
    )
    target: Amount | Target | None = Field(
        default=None,
        description="an amount in digits, with at most 2 decimals after a dot",
        examples=["12000"],
    )
    warn_above: Share | Amount | None = Field(  # "5 %" or an amount
        default=None, description="an amount in digits, or a percentage for a rate", examples=["500"]
    )
    warn_below: Share | Amount | None = Field(
        default=None, description="an amount in digits, or a percentage for a rate", examples=["90 %"]
    )

    @property
    def names(self) -> tuple[FigureName, ...]:
        """The figures that it stands for."""
        return tuple(name for name in FIGURES if name == self.figure) or GROUPS[self.figure]

    @model_validator(mode="after")
    def _a_day_has_states(self) -> FigureConfig:
        if self.per == "day" and not STATES.issuperset(self.names):
            raise PydanticCustomError("per_day", "only what there is at a moment can be shown per day")
        return self


class RecurringRules(Model):
    discount_once: Literal["ignored", "subtracted"] = Field(
        default="ignored", description="ignored or subtracted", examples=["ignored"]
    )
    discount_for_months: Literal["subtracted while it lasts"] = "subtracted while it lasts"
    discount_forever: Literal["subtracted"] = "subtracted"
    trial: Literal["excluded"] = "excluded"
    paused: Literal["excluded"] = "excluded"
    past_due: Literal["counted, shown as at risk"] = "counted, shown as at risk"
    cancel_at_period_end: Literal["counted until the end"] = "counted until the end"
    metered: Literal["shown apart"] = "shown apart"
    instalments: Literal["receivable"] = "receivable"


class Vat(Model):
    """What the business's tax is where Stripe does not say. One of rate, franchise."""

    rate: Share | None = Field(default=None, description="a percentage", examples=["20 %"])
    franchise: Literal["services", "sales"] | None = Field(
        default=None, description="services or sales: no tax is collected below a limit", examples=["services"]
    )
    limit: Amount | None = Field(default=None, description="an amount in digits", examples=["37500"])
    upper_limit: Amount | None = Field(default=None, description="an amount in digits", examples=["41250"])

    @model_validator(mode="after")
    def _one_way(self) -> Vat:
        if (self.rate is None) == (self.franchise is None):
            raise PydanticCustomError("one_vat", "vat has one of rate, franchise")
        if self.franchise is None and (self.limit is not None or self.upper_limit is not None):
            raise PydanticCustomError("limit_of_franchise", "limits are those of a franchise")
        return self


class RevenueRules(Model):
    tax: Literal["excluded"] = "excluded"
    refunds: Literal["on the day of the refund"] = "on the day of the refund"
    disputes: Literal["subtracted when opened, added back when won"] = "subtracted when opened, added back when won"
    other_currencies: Literal["shown apart"] = "shown apart"
    vat: Vat | None = Field(default=None, description="the tax of the business", examples=["{rate: 20 %}"])
    recurring: RecurringRules = Field(
        default=RecurringRules(), description="the rules of recurring revenue", examples=["{trial: excluded}"]
    )
    classify: dict[Text, Literal["recurring", "instalments", "one_off"]] = Field(
        default_factory=dict,
        description="subscriptions, prices, products or invoices by their id, and which of recurring, instalments, "
        "one_off they are",
        examples=["{sub_1Abc: instalments}"],
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
    closed_months: Literal["restated"] = Field(
        default="restated", description="restated: a past month that changes says so", examples=["restated"]
    )
    stale_after: Annotated[spans.Span, read_by(spans.span, spans.SPAN_PATTERN)] = Field(
        default=spans.Span(6, "hours"), description='a span like "6 hours"', examples=["6 hours"]
    )


class Given(Model):
    """A subscription in few words."""

    plan: Text = Field(description='a price like "1200 EUR yearly"', examples=["1200 EUR yearly"])
    quantity: int = Field(default=1, strict=True, ge=0, description="a whole number, 0 or more", examples=["77"])
    discount: Text | None = Field(
        default=None, description='like "20 % forever", "10 EUR for 3 months", "20 % once"', examples=["20 % forever"]
    )
    instalments: int | None = Field(
        default=None, strict=True, ge=2, description="a whole number, 2 or more", examples=["3"]
    )


class RevenueExample(Model):
    given: Given = Field(description="a subscription in few words", examples=["{plan: 1200 EUR yearly}"])
    expect: dict[FigureName, Text] = Field(
        min_length=1, description="figures and what they are", examples=["{mrr: 80.00 EUR}"]
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
    rates: Text | None = Field(
        default=None,
        description="the name of a file beside this one: the ECB's euro reference rates",
        examples=["eurofxref-hist.csv"],
    )
    rules: RevenueRules = Field(
        default=RevenueRules(), description="the rules of counting", examples=["{tax: excluded}"]
    )
    figures: tuple[FigureConfig, ...] = Field(
        min_length=1, description="a list of figures", examples=["[{figure: cash_in, title: Encaissements}]"]
    )
    paid_outside: tuple[Paid, ...] = Field(
        default=(),
        description="a list of payments outside Stripe",
        examples=["[{day: 2026-11-03, amount: 500 EUR, how: transfer, offer: Programme Élan}]"],
    )
    calls: Calls | None = Field(
        default=None, description="which appointments are calls", examples=["{from: calendly, event_types: [Appel]}"]
    )
    launches: tuple[Launch, ...] = Field(
        default=(),
        description="a list of launches",
        examples=["[{name: Printemps, opens: 2026-03-09, closes: 2026-03-16, offers: [Programme Élan]}]"],
    )
    okr: tuple[Objective, ...] = Field(
        default=(),
        description="a list of objectives",
        examples=[
            "[{objective: Vivre du récurrent, quarter: 2026-Q4, key_results: [{name: mrr, title: MRR, to: 8000}]}]"
        ],
    )
    commissions: dict[Label, Commission] = Field(
        default_factory=dict,
        description="agreements by a short name",
        examples=["{claire: {who: obm, rate: 5 %, starts: 2026-01-01}}"],
    )
    show_in: ShowIn = Field(description="where the figures are shown", examples=["{database: Chiffres}"])
    examples: tuple[RevenueExample, ...] = Field(
        default=(),
        description="a list of examples that `hub test` runs",
        examples=["[{given: {plan: 1200 EUR yearly}, expect: {mrr: 100.00 EUR}}]"],
    )

    @property
    def asked(self) -> tuple[FigureName, ...]:
        """Every figure that it asks for, once, in its order."""
        return tuple(dict.fromkeys(name for config in self.figures for name in config.names))

    @property
    def reads(self) -> tuple[str, ...]:
        """The connections that it reads."""
        places = [read.connection for read in self.read]
        if self.calls is not None:
            places.append(self.calls.connection)
        places += [place.connection for launch in self.launches for place in launch.registrations]
        return tuple(dict.fromkeys(places))

    @property
    def writes(self) -> tuple[str, ...]:
        """The connections that it writes to."""
        return (self.show_in.connection,)

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        """(connection, name) of the projects, boards and databases that it reads."""
        named = (place for launch in self.launches for place in launch.registrations)
        return tuple((place.connection, place.form) for place in named if place.form)
