"""What the texts and rows of client journeys are filled with, and in whose language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.core.types import Value
from hub.engine.planners.onboarding_links import Links
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.texts import Filled, TextFile, fill, in_language
from hub.mapping.vocabulary import LINK
from hub.planning.journeys.languages import language_of
from hub.planning.journeys.types import Doing
from hub.planning.journeys.values import Lookup, shown, values_of
from hub.planning.words import Language
from hub.store.links import Link


@dataclass(frozen=True, slots=True)
class Words:
    """`offers`: journey -> its offer. `linking`: journeys whose link is made by this very plan.

    `people`: connection -> its stream of persons. `rows`: person -> (connection, stream, key) of her own rows.
    """

    runtime: Runtime
    offers: Mapping[str, str]
    record: Lookup
    links: Links
    linking: frozenset[str]
    people: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, runtime: Runtime, job: OnboardingJob, made: Mapping[str, Link], doings: Iterable[Doing],
        offers: Mapping[str, str], record: Lookup,
    ) -> Words:  # fmt: skip
        """`made`: what steps have set up, by their ledger keys."""
        linking = frozenset(doing.journey for doing in doings if doing.what == "link")
        people = _streams(runtime, "person")
        return cls(runtime, offers, record, Links.of(job.name, made), linking, people, _rows(runtime, job, made))

    def offer(self, doing: Doing) -> str:
        """The offer that the journey is about."""
        return self.offers.get(doing.journey, "")

    def language(self, doing: Doing) -> Language:
        """The client's, as far as her records say it; else the business's."""
        client = doing.client
        rows = [row for who in (client.address, *client.addresses) for row in self.rows.get(who, ())]
        return language_of(client, self.record, self.people, rows) or self.runtime.business.language

    def values(self, doing: Doing, language: Language | None = None) -> dict[str, Value]:
        """Word -> value. `language`: in which they will be read; None: the business's."""
        link = self.links.hers(doing.journey, doing.client)
        return values_of(doing.client, self.offer(doing), self.runtime.business, self.record, doing.appointment,
                         language=language, link=link)  # fmt: skip

    def text(self, doing: Doing, name: str) -> TextFile | None:
        """In the client's language where there is one, else in the business's. None: there is none."""
        return in_language(self.runtime.texts, name, self.language(doing))

    def filled(self, doing: Doing, text: TextFile) -> Filled:
        """With dates and amounts in the language of the text; ValueError when a word has no value."""
        language: Language = "en" if text.language == "en" else "fr"
        return fill(text, shown(self.values(doing, language), language))

    def waits(self, doing: Doing, words: Iterable[str]) -> bool:
        """Whether they speak of a link that this very plan is to make."""
        return LINK in words and doing.journey in self.linking and self.links.hers(doing.journey, doing.client) is None


def _streams(runtime: Runtime, wanted: str) -> dict[str, str]:
    """Connection -> its first stream of that kind."""
    return {
        name: stream
        for name, spec in runtime.specs.items()
        for stream, kind in reversed(tuple(spec.kinds.items()))
        if kind == wanted
    }


def _rows(
    runtime: Runtime, job: OnboardingJob, made: Mapping[str, Link]
) -> dict[str, tuple[tuple[str, str, str], ...]]:
    pages = _streams(runtime, "page")
    homes = {step.name: step.write.connection for step in job.steps if step.write is not None}
    found: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for row, link in made.items():
        connection = homes.get(row.rpartition("/")[0].rpartition("/")[2])
        if connection in pages and link.ref:
            person = str(link.values.get("person"))
            found[person] = (*found.get(person, ()), (connection, pages[connection], link.ref))
    return found
