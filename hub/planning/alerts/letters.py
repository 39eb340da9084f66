"""What stands in the mails of deadline alerts: a subject, and a body in Markdown. Pure.

Whatever people wrote in their tools (titles, names, places, replies) is shown as it is and is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias, get_args
from urllib.parse import quote

from hub.mapping.model import Business
from hub.mapping.texts import TextFile, escaped, fill, on_one_line
from hub.planning.alerts.types import Group, Line, Mail, Task
from hub.planning.alerts.words import day_words, due_words, listed, plain_due, say, typeset

What: TypeAlias = Literal["done", "snooze", "not_mine", "reassign"]
"""The answers that a line offers, in the order in which they stand."""

Links: TypeAlias = Callable[[Line, str], str | None]
"""(line, what) -> the signed address for that answer; None: none is offered."""

TITLE = 160
"""Characters of a title; some tools take novels."""
AMPERSAND = "\\&"
"""In Markdown, what follows a plain one may make it another sign: &copy;"""
MOST_DONE = 5
"""Completed tasks that a digest names; the others are a number."""
MOST_WITH_BUTTONS = 50
"""Lines of a mail that may have buttons; of a longer one Gmail would cut the end off (102 kB). A reply does as well."""
MOST_QUOTED = 60
"""Lines of a reply that are forwarded."""
_TITLES = frozenset({"m.", "mr", "mr.", "mme", "mlle", "dr", "dr.", "mrs", "mrs.", "ms", "ms."})


@dataclass(frozen=True, slots=True)
class Written:
    """A mail's words. `body` is Markdown."""

    subject: str
    body: str


def letter_of(
    mail: Mail,
    business: Business,
    texts: Mapping[str, TextFile],
    links: Links,
    list_url: str | None = None,
    *,
    replies: bool = False,
) -> Written:
    """The words of a mail. `texts`: name -> text of the OBM. `list_url`: where all tasks are seen. `replies`: somebody
    reads what is replied, so that it may be said that a reply does.

    The number before a line is its place in `mail.lines`, from 1 on, however they are grouped. A text of the OBM is
    taken only when it is in the reader's language; a mail about one task that has none gets the hub's own words.
    """
    writer = _Writer(mail, business, links, list_url, replies)
    if mail.kind == "forward":
        return writer.forward()
    if mail.kind == "held":
        return writer.held()
    if mail.kind == "list":
        return writer.first_list()
    only = mail.lines[0].task if len(mail.lines) == 1 else None
    if mail.kind == "mail" and only is not None:
        text = texts.get(mail.text) if mail.text is not None else None
        return writer.single(only, text if text is not None and text.language == mail.to.language else None)
    return writer.digest()


class _Writer:
    def __init__(self, mail: Mail, business: Business, links: Links, list_url: str | None, replies: bool) -> None:
        self._mail = mail
        self._to = mail.to
        self._business = business
        self._links = links
        self._list_url = address(list_url)
        self._replies = replies

    def digest(self) -> Written:
        mail, to = self._mail, self._to
        by_group: dict[Group, list[tuple[int, Line]]] = {group: [] for group in get_args(Group)}
        for number, line in enumerate(mail.lines, 1):
            by_group[line.group].append((number, line))
        intro = [say(to, "intro", day=day_words(to, mail.day, mail.day))]
        if not by_group["late"] and not mail.more:
            intro.append(say(to, "none_late"))
        parts = [self._hello(), " ".join(intro), *self._done()]
        for group, lines in by_group.items():
            if lines:
                parts += [f"## {say(to, group)}", self._cards(lines)]
        parts += [*self._more(), *self._how_to_reply()]
        counts = {group: len(lines) for group, lines in by_group.items() if lines}
        return self._written(self._counted(counts), parts)

    def single(self, task: Task, text: TextFile | None) -> Written:
        to, line = self._to, self._mail.lines[0]
        after = [self._buttons(line)]
        if self._replies:
            after.append(say(to, "reply_mail"))
        if text is not None:
            filled = fill(text, self._values(task))
            return Written(on_one_line(filled.subject or task.title), _joined([filled.body, *after]))
        when = self._when(task, line)
        facts = [say(to, "who", names=escaped(self._owners(task) or say(to, "nobody_yet")))]
        if task.place:
            facts.append(say(to, "where", place=escaped(task.place)))
        subject = say(to, "about_task", title=short(task.title) or say(to, "untitled"), colon=self._colon, when=when)
        said = say(to, "about_task", title=self._title(task), colon=self._colon, when=when)
        parts = [self._hello(), f"{said}.", "\n".join(f"- {fact}" for fact in facts), say(to, "if_done"), *after]
        return Written(on_one_line(subject), _joined(parts))

    def first_list(self) -> Written:
        """By person, and what nobody does last."""
        to, mail = self._to, self._mail
        numbered = sorted(enumerate(mail.lines, 1), key=lambda one: one[1].task is None or not _people(one[1].task))
        groups: dict[str, list[tuple[int, Line]]] = {}
        for number, line in numbered:
            names = self._owners(line.task) if line.task is not None else ""
            groups.setdefault(names or say(to, "nobody_title"), []).append((number, line))
        parts = [self._hello(), say(to, "list_intro")]
        for names, lines in groups.items():
            parts += [f"## {escaped(names)}", self._cards(lines, owners=False)]
        parts += [*self._more(), *self._how_to_reply()]
        return self._written(say(to, "list_subject", n=len(mail.lines) + mail.more), parts)

    def forward(self) -> Written:
        to, mail = self._to, self._mail
        sender = short(mail.sender) or say(to, "somebody")
        about = short(mail.about) or say(to, "untitled")
        lines = mail.quoted.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
        quoted = [f"> {escaped(line)}".rstrip() for line in lines[:MOST_QUOTED]]
        quoted += ["> …"] if len(lines) > MOST_QUOTED else []
        intro = say(to, "forward_intro", sender=escaped(sender), about=escaped(about))
        subject = say(to, "forward_subject", sender=sender, about=about, colon=self._colon)
        return Written(on_one_line(subject), _joined([self._hello(), intro, "\n".join(quoted)]))

    def held(self) -> Written:
        to, mail = self._to, self._mail
        what = say(to, "held_subject", n=mail.more) if mail.more else say(to, "held_none")
        parts = [self._hello(), say(to, "held_intro", what=what)]
        if mail.about:
            parts.append(say(to, "held_why", why=escaped(mail.about).removesuffix("\\.")))
        url = address(mail.url)
        if url is not None:
            parts.append(link(say(to, "decide"), url))
        return self._written(what, parts)

    @property
    def _colon(self) -> str:
        return say(self._to, "colon")

    def _written(self, what: str, parts: Iterable[str]) -> Written:
        subject = say(self._to, "of_business", what=what, business=self._business.business)
        return Written(on_one_line(subject), _joined(parts))

    def _hello(self) -> str:
        words = self._to.name.split()
        titled = not words or words[0].casefold() in _TITLES
        return say(self._to, "hello", name=escaped(self._to.name if titled else words[0]))

    def _done(self) -> Iterator[str]:
        done = self._mail.done
        if done:
            yield f"## {say(self._to, 'done')}"
            items = [self._title(task) for task in done[:MOST_DONE]]
            if len(done) > MOST_DONE:
                items.append(say(self._to, "done_more", n=len(done) - MOST_DONE))
            yield "\n".join(f"- {item}" for item in items)

    def _more(self) -> Iterator[str]:
        to, more, url = self._to, self._mail.more, self._list_url
        if more and url is not None:
            yield say(to, "more_in", n=more, list=link(say(to, "the_list"), url))
        elif more:
            yield say(to, "more", n=more)
        elif url is not None:
            yield link(say(to, "see_list"), url)

    def _how_to_reply(self) -> Iterator[str]:
        """Only where an answer means something."""
        numbers = [n for n, line in enumerate(self._mail.lines, 1) if line.task is not None][:2]
        if not numbers or not self._replies:
            return
        to = self._to
        words = say(to, "reply_words", numbers=" ".join(map(str, numbers)))
        one, two = len(numbers) == 1, numbers[-1]
        what = say(to, "reply_one", a=numbers[0]) if one else say(to, "reply_two", a=numbers[0], b=two)
        yield "---"
        yield say(to, "reply", words=words, what=what)

    def _counted(self, counts: Mapping[Group, int]) -> str:
        to = self._to
        said = [say(to, f"n_{group}_next" if at else f"n_{group}", n=n) for at, (group, n) in enumerate(counts.items())]
        more = f" {say(to, 'n_more', n=self._mail.more)}" if self._mail.more else ""
        return ", ".join(said) + more

    def _cards(self, lines: Sequence[tuple[int, Line]], *, owners: bool = True) -> str:
        """A list of Markdown for each run of numbers: a list counts by itself, and another sign begins another list."""
        runs = [[one for _, one in run] for _, run in groupby(enumerate(lines), key=lambda each: each[0] - each[1][0])]
        return "\n".join(
            self._card(f"{number}{'.)'[at % 2]} ", line, owners) for at, run in enumerate(runs) for number, line in run
        )

    def _card(self, mark: str, line: Line, owners: bool) -> str:
        rows = [f"**{self._subject_of(line)}**", self._facts(line, owners), self._buttons(line)]
        return mark + f"\n{' ' * len(mark)}".join(row for row in rows if row)

    def _subject_of(self, line: Line) -> str:
        return self._title(line.task) if line.task is not None else escaped(short(line.about)) or "—"

    def _facts(self, line: Line, owners: bool) -> str:
        """What a rule says of a task stands for what its date or its assignees would not say."""
        task, to = line.task, self._to
        detail = escaped(typeset(to, line.detail))
        if task is None:
            return detail
        facts = [detail, self._when(task, line) if task.due is not None or not detail else ""]
        if owners and (_people(task) or not detail):
            facts.append(self._who(task))
        facts += [say(to, "milestone") if task.milestone else "", escaped(short(task.place or ""))]
        return "\u00a0· ".join(fact for fact in facts if fact)

    def _when(self, task: Task, line: Line) -> str:
        return due_words(self._to, task, self._mail.day, late=line.group == "late")

    def _who(self, task: Task) -> str:
        """Nothing when she does it alone."""
        if not _people(task):
            return say(self._to, "nobody")
        others = self._owners(task, without=self._to.key)
        if not others:
            return ""
        return say(self._to, "with" if self._to.key in task.assignees else "owner", names=escaped(others))

    def _owners(self, task: Task, without: str | None = None) -> str:
        known = self._business.people
        names = [known[key].name if key in known else key for key in task.assignees if key != without]
        return listed(self._to, [short(name) for name in (*names, *task.strangers)])

    def _title(self, task: Task) -> str:
        title = short(task.title)
        shown = escaped(title if any(c.isprintable() and c != " " for c in title) else say(self._to, "untitled"))
        return link(shown, address(task.url))

    def _buttons(self, line: Line) -> str:
        if len(self._mail.lines) > MOST_WITH_BUTTONS:
            return ""
        offered = ((what, address(self._links(line, what))) for what in get_args(What))
        return " · ".join(link(say(self._to, f"do_{what}"), url) for what, url in offered if url)

    def _values(self, task: Task) -> dict[str, str]:
        """The words of `hub.mapping.vocabulary.ALERT`."""
        to = self._to
        return {
            "task.title": short(task.title) or say(to, "untitled"),
            "task.due": plain_due(to, task, self._mail.day),
            "task.assignee": self._owners(task) or say(to, "nobody_yet"),
            "task.section": task.section or say(to, "nowhere"),
            "task.place": task.place or say(to, "nowhere"),
            "task.url": address(task.url) or "",
            "person.name": to.name,
            "business.name": self._business.business,
        }


def address(url: str | None) -> str | None:
    """An address that a mail may link to, or None: a page of the web and nothing else."""
    if url is None or not re.match(r"https?://[^\s/]", url, re.IGNORECASE):
        return None
    return quote(on_one_line(url), safe="!#$%&'*+,/:;=?@[]~")


def link(words: str, url: str | None) -> str:
    """Markdown of the words, leading to an address that `address` gave."""
    return words if url is None else f"[{words}]({url.replace('&', AMPERSAND)})"


def short(text: str) -> str:
    """On one line and of a length that a line bears."""
    line = on_one_line(text)
    return line if len(line) <= TITLE else f"{line[: TITLE - 1].rstrip()}…"


def _people(task: Task) -> tuple[str, ...]:
    return (*task.assignees, *task.strangers)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
