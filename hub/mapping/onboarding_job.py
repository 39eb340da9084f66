"""What `job: client_onboarding` says, typed: what starts a journey, its steps, and what changes do to it."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from hub.mapping import spans
from hub.mapping.base import SET_BY_LOADER, Count, Label, Model, PropertyName, Text, Words
from hub.mapping.deadline_job import OpenHours, SpanText
from hub.mapping.model import OBM
from hub.mapping.schema_parts import OneOrMore

Event = Literal["payment", "booking", "signup"]
Happening = Literal[
    "payment", "booking", "signup", "moved", "cancelled", "no_show", "payment_failed", "refunded",
]  # fmt: skip
"""What may happen in an example, besides a span of time that passes."""


Events = Annotated[tuple[Event, ...], OneOrMore()]


class StartsOn(Model):
    event: Event = Field(description="payment, booking or signup", examples=["payment"])
    connection: Text = Field(alias="from", description="the name of a connection of this business", examples=["stripe"])
    product: Text | None = Field(default=None, description="the name of a product", examples=["Coaching Signature"])
    event_type: Text | None = Field(
        default=None, description="the name of a kind of appointment", examples=["Appel de lancement"]
    )
    form: Text | None = Field(default=None, description="the name of a form or database", examples=["Inscription"])


class WriteRow(Model):
    connection: Text = Field(
        default="notion", description="the name of a connection of this business", examples=["notion"]
    )
    database: Text = Field(description="the title of a Notion database", examples=["Clients"])
    match_by: Literal["person"] = Field(
        default="person", description="what makes a row the same row", examples=["person"]
    )
    from_template: Text | None = Field(
        default=None, description="the name of a template of that database", examples=["Fiche client"]
    )
    text: Label | None = Field(
        default=None, description="the name of a text beside this file: what a new page says", examples=["client_page"]
    )
    hub_owns: dict[PropertyName, Text] = Field(
        default_factory=dict,
        description="Notion properties and what the hub writes in each",
        examples=["{Nom: person.name, Offre: offer}"],
    )
    people_own: tuple[PropertyName, ...] = Field(
        default=(), description="a list of Notion properties that only people write", examples=["[Statut, Notes]"]
    )


class CopyTemplate(Model):
    connection: Text = Field(alias="to", description="the name of a connection of this business", examples=["asana"])
    template: Text = Field(description="the name of a template", examples=["Client 90 jours"])
    start_on: Literal["booking.day", "payment.day", "signup.day"] | None = Field(
        default=None, description="the day on which it starts: booking.day or payment.day", examples=["booking.day"]
    )


class Ask(Model):
    who: Text = Field(description="the short name of a person", examples=["obm"])
    to: Text = Field(description="what is asked of her", examples=["Contrat envoyé"])


class AddTask(Model):
    """A task for the team, in a project or on a board that is there."""

    connection: Text = Field(alias="to", description="the name of a connection of this business", examples=["asana"])
    place: Text = Field(alias="in", description="the name of a project or board", examples=["Accueil des clientes"])
    title: Text = Field(
        description="what is to be done; the client's name follows", examples=["Préparer l'espace client"]
    )
    who: Text | None = Field(default=None, description="the short name of a person", examples=["obm"])
    due: SpanText | None = Field(
        default=None, description='a span like "2 working days", from when the step is due', examples=["2 working days"]
    )


class SingleUseLink(Model):
    """An address at which one appointment can be booked, once; texts say it as {booking.link}."""

    connection: Text = Field(
        alias="from", description="the name of a connection of this business", examples=["calendly"]
    )
    event_type: Text = Field(description="the name of a kind of appointment", examples=["Appel de lancement"])


class Repeat(Model):
    every: SpanText = Field(description='a span like "4 days"', examples=["4 days"])
    times: Count = Field(description="a whole number, 0 or more", examples=["2"])
    then_tell: Text | None = Field(default=None, description="the short name of a person", examples=["obm"])


class Step(Model):
    """One step: when it is due, and the one thing that is done."""

    name: Label = Field(description="a short name: lower-case letters, digits, - and _", examples=["welcome"])
    after: Events = Field(
        default=(), min_length=1, description="an event, or a list of events", examples=["[payment, booking]"]
    )
    before: Literal["booking"] | None = Field(default=None, description="the word booking", examples=["booking"])
    by: SpanText | None = Field(default=None, description='a span like "2 working days"', examples=["2 working days"])
    if_no: Event | None = Field(default=None, description="payment, booking or signup", examples=["booking"])
    wait: SpanText | None = Field(default=None, description='a span like "3 days"', examples=["3 days"])
    send: Label | None = Field(default=None, description="the name of a text beside this file", examples=["welcome"])
    write: WriteRow | None = Field(default=None, description="a row to write", examples=["{database: Clients}"])
    copies: CopyTemplate | None = Field(
        default=None,
        alias="copy",
        description="a template to copy",
        examples=["{to: asana, template: Client 90 jours}"],
    )
    ask: Ask | None = Field(
        default=None, description="what a person is asked to do", examples=["{who: obm, to: Contrat envoyé}"]
    )
    task: AddTask | None = Field(
        default=None,
        description="a task for the team",
        examples=["{to: asana, in: Accueil des clientes, title: Préparer l'espace, who: obm}"],
    )
    link: SingleUseLink | None = Field(
        default=None,
        description="a link for one appointment",
        examples=["{from: calendly, event_type: Appel de lancement}"],
    )
    late_after: SpanText | None = Field(
        default=None, description='a span like "2 working days"', examples=["2 working days"]
    )
    repeat: Repeat | None = Field(
        default=None, description="how it is repeated", examples=["{every: 4 days, times: 2, then_tell: obm}"]
    )

    @model_validator(mode="after")
    def _one_thing_at_one_time(self) -> Step:
        things = (self.send, self.write, self.copies, self.task, self.ask, self.link)
        if sum(thing is not None for thing in things) != 1:
            raise PydanticCustomError("one_thing", "a step does one of send, write, copy, task, ask, link")
        if bool(self.after) == (self.before is not None):
            raise PydanticCustomError("one_time", "a step has one of after, before")
        return self


class Change(Model):
    """What becomes of a journey when something changes."""

    send: Label | None = Field(default=None, description="the name of a text beside this file", examples=["new_time"])
    tell: Words = Field(default=(), description="short names of people", examples=["obm"])
    move_dates: bool = Field(default=False, description="true or false", examples=["true"])
    pause: bool = Field(default=False, description="true or false", examples=["true"])
    stop: bool = Field(default=False, description="true or false", examples=["true"])


class Changes(Model):
    """What is not written is as safe as can be: dates follow, and what went wrong holds the journey up."""

    booking_moved: Change = Field(
        default=Change(move_dates=True), description="when the booking is moved", examples=["{send: new_time}"]
    )
    booking_cancelled: Change = Field(
        default=Change(pause=True, tell=(OBM,)),
        description="when the booking is cancelled",
        examples=["{pause: true, tell: obm}"],
    )
    no_show: Change = Field(
        default=Change(tell=(OBM,)), description="when the person did not come", examples=["{tell: obm}"]
    )
    payment_failed: Change = Field(
        default=Change(pause=True, tell=(OBM,)),
        description="when a payment fails",
        examples=["{pause: true, tell: obm}"],
    )
    refunded: Change = Field(
        default=Change(stop=True, tell=(OBM,)),
        description="when the payment is given back or disputed",
        examples=["{stop: true, tell: obm}"],
    )


class HoldJourneys(Model):
    journeys_above: Count = Field(default=10, description="a whole number, 0 or more", examples=["10"])
    per: Literal["hour", "day"] = Field(default="hour", description="hour or day", examples=["hour"])


HAPPENINGS: tuple[str, ...] = get_args(Happening)


def _happening(value: object) -> object:
    return value if isinstance(value, str) and value in HAPPENINGS else spans.span(value)


_HAPPENING_SCHEMA = {"anyOf": [{"enum": list(HAPPENINGS)}, {"type": "string", "pattern": spans.SPAN_PATTERN}]}
HappeningText = Annotated[Happening | spans.Span, BeforeValidator(_happening), WithJsonSchema(_HAPPENING_SCHEMA)]


class OnboardingExample(Model):
    given: tuple[HappeningText, ...] = Field(
        min_length=1, description="a list of what happens, in order", examples=["[payment, 3 days, booking, moved]"]
    )
    expect: dict[Label, Count] = Field(
        description="how often each step or text is done; those left out are not looked at", examples=["{welcome: 1}"]
    )


class OnboardingJob(Model):
    """An onboarding file: one journey per person and offer, whatever happens."""

    hub: Literal[1] = Field(description="the version of this language", examples=["1"])
    job: Literal["client_onboarding"] = Field(description="the kind of job", examples=["client_onboarding"])
    name: str = Field(default="", json_schema_extra=dict(SET_BY_LOADER))
    says: Text = Field(
        description="what this job promises, in your words", examples=["Open one journey for each new client."]
    )
    offer: Text = Field(description="the name of what is sold", examples=["Coaching Signature"])
    starts_on: tuple[StartsOn, ...] = Field(
        min_length=1, description="a list of what starts a journey", examples=["[{event: payment, from: stripe}]"]
    )
    one_journey_per: tuple[Literal["person", "offer"], ...] = Field(
        default=("person", "offer"), description="a list of what makes a journey the same", examples=["[person, offer]"]
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, description="a list of steps", examples=["[{name: welcome, after: payment, send: welcome}]"]
    )
    changes: Changes = Field(
        default=Changes(), description="what becomes of it when things change", examples=["{refunded: {stop: true}}"]
    )
    sending: OpenHours = Field(default=OpenHours(), description="when mails go", examples=['{hours: "08:30-18:00"}'])
    first_run: Literal["ask", "quiet"] = Field(
        default="ask", description="ask (past clients wait for you) or quiet", examples=["ask"]
    )
    hold_if: HoldJourneys = Field(
        default=HoldJourneys(), description="when journeys wait for a person", examples=["{journeys_above: 10}"]
    )
    examples: tuple[OnboardingExample, ...] = Field(
        default=(),
        description="a list of examples that `hub test` runs",
        examples=["[{given: [payment], expect: {welcome: 1}}]"],
    )

    @property
    def reads(self) -> tuple[str, ...]:
        """The connections that it reads."""
        return tuple(dict.fromkeys(start.connection for start in self.starts_on))

    @property
    def writes(self) -> tuple[str, ...]:
        """The connections that it writes to."""
        written = [step.write.connection for step in self.steps if step.write is not None]
        copied = [step.copies.connection for step in self.steps if step.copies is not None]
        linked = [step.link.connection for step in self.steps if step.link is not None]
        asked = [step.task.connection for step in self.steps if step.task is not None]
        return tuple(dict.fromkeys((*written, *copied, *linked, *asked)))

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        """(connection, name) of the databases, projects and boards that it reads or writes."""
        forms = [(start.connection, start.form) for start in self.starts_on if start.form]
        read = [(where, form) for where, form in forms if "@" not in form]  # an address is no place to read from
        written = [(step.write.connection, step.write.database) for step in self.steps if step.write is not None]
        tasks = [(step.task.connection, step.task.place) for step in self.steps if step.task is not None]
        return tuple(dict.fromkeys((*read, *written, *tasks)))
