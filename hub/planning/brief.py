"""The OBM's morning brief: one mail for all her businesses, what needs her first. Pure.

It is short: at most `MOST` lines a part, the others by their number. It never keeps silent about what it could not
learn: a business whose data cannot be read has a line that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from hub.mapping.texts import escaped, on_one_line
from hub.planning import brief_words
from hub.planning.alerts import words
from hub.planning.alerts.letters import Written, address, link
from hub.planning.alerts.types import Reader
from hub.planning.brief_clients import in_short, lines_of
from hub.planning.brief_facts import Blind, BusinessFacts, Dead, Held, Note, Stop, Trouble, Unsure

MOST = 10
"""Lines of one part."""

MOST_NAMES = 8
"""People of one business in the part about late tasks."""


def brief_of(
    facts: Sequence[BusinessFacts], reader: Reader, day: date, since: datetime, strays: Sequence[str] = ()
) -> Written:
    """The brief of a day as Markdown.

    `since`: the instant of the last one, from which mails and gaps are told. `strays`: what is wrong with files that
    belong to no business that runs.
    """
    return _Brief(facts, reader, day, since, strays).written()


class _Brief:
    def __init__(
        self, facts: Sequence[BusinessFacts], reader: Reader, day: date, since: datetime, strays: Sequence[str]
    ) -> None:
        self._facts, self._reader, self._day, self._since, self._strays = facts, reader, day, since, strays
        self._decide = sum(each.decisions for each in facts)
        self._repair = sum(each.repairs for each in facts) + len(strays)
        self._late = sum(each.late_tasks for each in facts)
        self._clients = sum(each.clients for each in facts)

    def written(self) -> Written:
        parts = [self._say("hello", name=escaped(self._reader.name))]
        if self._is_well():
            parts.append(self._say("well_line"))
        else:
            parts.append(f"**{self._state()}.**")
        parts += self._part("head_decide", self._decisions())
        parts += self._part("head_repair", self._repairs())
        parts += self._part("head_clients", self._client_lines())
        parts += self._part("head_late", self._late_lines())
        parts += self._part("head_blind", self._healed())
        parts += self._part("head_brief", self._in_short(), most=None)
        parts.append(self._say("since", when=self._when(self._since)))
        return Written(subject=self._subject(), body="\n\n".join(parts) + "\n")

    def _is_well(self) -> bool:
        return not (self._decide or self._repair or self._clients or self._late)

    def _subject(self) -> str:
        about = self._say("businesses", n=len(self._facts))
        if len(self._facts) == 1:
            about = _short(self._facts[0].title, 60)
        return on_one_line(f"{self._say('well') if self._is_well() else self._state()} — {about}")

    def _state(self) -> str:
        """ "2 choses à décider, 1 chose à régler, 4 tâches en retard": of these what there is."""
        counts = (
            ("decide", self._decide), ("repair", self._repair), ("clients", self._clients), ("late", self._late),
        )  # fmt: skip
        return ", ".join(self._say(word, n=n) for word, n in counts if n)

    def _part(self, head: str, lines: Iterator[tuple[BusinessFacts | None, str]], most: int | None = MOST) -> list[str]:
        """A heading and its lines; nothing when there is none."""
        told = [f"- {self._of(about)}{line}" for about, line in lines]
        if not told:
            return []
        if most is not None and len(told) > most:
            told = [*told[:most], f"- {self._say('more', n=len(told) - most)}"]
        return [f"## {self._say(head)}", "\n".join(told)]

    def _of(self, business: BusinessFacts | None) -> str:
        """Whose line it is; needless where there is only one business."""
        if business is None or len(self._facts) == 1:
            return ""
        return f"**{escaped(_short(business.title, 60))}**{self._say('colon')}"

    def _decisions(self) -> Iterator[tuple[BusinessFacts, str]]:
        for each in self._facts:
            for held in each.held:
                yield each, self._held(held)
        for each in self._facts:
            for unsure in each.unsure:
                yield each, self._unsure(unsure)
            if each.unsure_count > len(each.unsure):
                yield each, self._say("unsure_more", n=each.unsure_count - len(each.unsure))

    def _held(self, held: Held) -> str:
        plan = on_one_line(held.plan).replace("`", "")
        line = self._say("held", plan=f"`{plan}`", job=escaped(held.job), why=self._why(held.why))
        page = address(held.link)
        if page is None:
            return f"{line} {self._say('held_command', plan=plan)}"
        return f"{line} {self._say('held_link', plan=plan, link=link(self._say('look'), page))}"

    def _unsure(self, unsure: Unsure) -> str:
        what = escaped(_short(unsure.what, 120))
        return self._say("unsure", what=what, job=escaped(unsure.job), when=self._when(unsure.since))

    def _repairs(self) -> Iterator[tuple[BusinessFacts | None, str]]:
        for each in self._facts:
            if each.unread is not None:
                yield each, self._say("unread", why=self._why(each.unread))
        for each in self._facts:
            yield from ((each, self._stop(each, stop)) for stop in each.stops)
        for each in self._facts:
            yield from ((each, self._say("fault", why=self._why(why))) for why in each.faults)
            yield from ((each, self._trouble(trouble)) for trouble in each.troubles)
        yield from ((None, self._say("fault", why=self._why(why))) for why in self._strays)
        for each in self._facts:
            yield from ((each, self._blind(blind)) for blind in each.blind if blind.healed is None)
            yield from ((each, self._dead(dead)) for dead in each.dead)
        for each in self._facts:
            yield from ((each, self._note(note)) for note in each.notes)

    def _stop(self, business: BusinessFacts, stop: Stop) -> str:
        word = "never" if stop.since is None and stop.state == "silent" else stop.state
        return self._say(
            word,
            n=stop.changes,
            title=escaped(stop.title),
            connection=escaped(stop.connection),
            why=self._why(stop.why),
            when=self._when(stop.since),
            command=f"hub connect {stop.connection} --business {business.key}".replace("`", ""),
        )

    def _trouble(self, trouble: Trouble) -> str:
        job, why = escaped(trouble.job), self._why(trouble.why)
        return self._say(f"job_{trouble.state}", job=job, why=why, when=self._when(trouble.since))

    def _dead(self, dead: Dead) -> str:
        return self._say("dead", n=dead.count, connection=escaped(dead.connection), why=self._why(dead.why))

    def _blind(self, blind: Blind) -> str:
        return self._say(
            "blind_open" if blind.healed is None else "blind",
            n=blind.reread,
            title=escaped(blind.title),
            began=self._when(blind.began),
            ended=self._when(blind.ended),
            why=self._why(blind.why),
        )

    def _note(self, note: Note) -> str:
        return self._say(note.kind, n=note.tasks, who=escaped(note.who), why=self._why(note.why))

    def _healed(self) -> Iterator[tuple[BusinessFacts, str]]:
        for each in self._facts:
            yield from ((each, self._blind(blind)) for blind in each.blind if blind.healed is not None)

    def _late_lines(self) -> Iterator[tuple[BusinessFacts, str]]:
        """A line for each business, who has the most first."""
        for each in self._facts:
            told = [
                self._say(
                    "late_of",
                    n=late.tasks,
                    who=self._say("nobody") if late.who is None else escaped(late.who),
                    title=escaped(_short(late.title, 80)),
                    due=words.day_words(self._reader, late.due, self._day),
                )
                for late in sorted(each.late, key=lambda late: (-late.tasks, late.who or "", late.due))
            ]
            if len(told) > MOST_NAMES:
                told = [*told[:MOST_NAMES], "…"]
            if told:
                yield each, f"{self._say('then').join(told)}."

    def _in_short(self) -> Iterator[tuple[BusinessFacts, str]]:
        """A line of counts for each business, so that silence is never mistaken for health."""
        for each in self._facts:
            if each.unread is not None:
                yield each, f"{self._say('is_unread')}."
                continue
            needs = (
                ("decide", each.decisions), ("repair", each.repairs), ("clients", each.clients),
                ("late", each.late_tasks),
            )  # fmt: skip
            told = [self._say(word, n=n) for word, n in needs if n] or [self._say("is_well")]
            told += [self._say("connections", n=each.connections), self._say("jobs", n=each.jobs)]
            told.append(self._say("mails", n=each.mails))
            if each.tasks is not None:
                told.append(self._say("tasks", n=each.tasks))
            yield each, f"{' · '.join(told)}."
            yield from ((each, in_short(offer, self._reader)) for offer in each.offers)

    def _client_lines(self) -> Iterator[tuple[BusinessFacts, str]]:
        """Who waits for something, by offer."""
        for each in self._facts:
            for offer in each.offers:
                yield from ((each, line) for line in lines_of(offer, self._reader, self._day))

    def _why(self, why: str | None) -> str:
        return escaped(_short(why or "", 300).rstrip(". ")) or self._say("no_reason")

    def _when(self, at: datetime | None) -> str:
        """vendredi 20 novembre à 8 h: where she is."""
        if at is None:
            return ""
        reader = self._reader
        day = words.day_words(reader, at.astimezone(reader.zone).date(), self._day)
        return words.say(reader, "day_at", day=day, time=words.time_words(reader, at))

    def _say(self, key: str, *, n: int | None = None, **values: object) -> str:
        return brief_words.say(self._reader.language, key, formal=self._reader.formal, n=n, **values)


def _short(text: str, longest: int) -> str:
    """On one line, cut with an ellipsis."""
    line = on_one_line(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
