"""The pages behind a mail's links, as HTML: what is asked, what was noted, and why a link is of no use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from hub.answer_token import DECISIONS, Answer
from hub.planning.alerts.types import Reader
from hub.planning.alerts.words import day_words, time_words
from hub.planning.diff import render
from hub.planning.plan import loads
from hub.store.answers import AnswerRow
from hub.store.plans import SavedPlan
from hub.web.answer_words import say
from hub.web.page import page

FURTHEST = timedelta(days=180)
"""A task that nobody shall hear of for longer should get another date."""
MOST_LINES = 400
"""Lines of a plan that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A link that is good. `tool`: where the task is, for people. `today`: where the reader is.

    `people`: short name -> name of whom a task can be given to. `plan`: for a link that decides on one.
    """

    answer: Answer
    reader: Reader
    business: str
    tool: str
    title: str
    today: date
    people: Mapping[str, str]
    plan: SavedPlan | None = None

    def say(self, name: str, /, **parts: object) -> str:
        """A phrase in the reader's language, as HTML."""
        return say(self.reader.language, self.reader.formal, name, **parts)

    def day(self, day: date) -> str:
        """A day in words."""
        return day_words(self.reader, day, self.today)

    @property
    def furthest(self) -> date:
        """The last day that a snooze may end on."""
        return self.today + FURTHEST


def ask(asked: Asked, wrong: str | None = None) -> HTMLResponse:
    """The question with its buttons. `wrong`: what was not right with what arrived, a phrase as HTML."""
    what = "decide" if asked.answer.what in DECISIONS else asked.answer.what
    alert = "" if wrong is None else f'<p class="wrong" role="alert">{wrong}</p>'
    about = _plan(asked) if asked.plan is not None else _card(asked)
    then = asked.say(f"then_{what}", tool=asked.tool)
    form = _FORMS[what](asked)
    body = f"<p>{then}</p>{about}{alert}{form}" if asked.plan else f'{about}{alert}{form}<p class="small">{then}</p>'
    return _page(asked, f"ask_{what}", body, 200 if wrong is None else 422)


def noted(asked: Asked, answer: AnswerRow) -> HTMLResponse:
    """What will happen now."""
    parts = {"title": asked.title, "tool": asked.tool, "name": asked.people.get(answer.value, answer.value)}
    day = asked.day(date.fromisoformat(answer.value)) if answer.what == "snooze" else ""
    said = asked.say(f"noted_{answer.what}", **parts, day=day)
    return _page(asked, "noted", f"<p>{said}</p>{_close(asked)}")


def used(asked: Asked, answer: AnswerRow) -> HTMLResponse:
    """It was answered before: when, and what came of it."""
    day, time = asked.day(_local_day(asked, answer.given_at)), time_words(asked.reader, answer.given_at)
    came = asked.say(f"used_{answer.state}", note=(answer.note or "—").removesuffix("."))
    about = "" if asked.answer.what in DECISIONS else _card(asked)
    said = asked.say("used_when", day=day, time=time)
    return _page(asked, "used", f"{about}<p>{said} {came}</p>{_close(asked)}")


def over(asked: Asked, why: str) -> HTMLResponse:
    """There is nothing to answer any more. `why`: the name of a phrase."""
    about = "" if asked.answer.what in DECISIONS else _card(asked)
    return _page(asked, "over", f"{about}<p>{asked.say(why)}</p>", 410)


def refused(language: str, why: str) -> HTMLResponse:
    """A link that is too old ("expired") or not one of ours ("wrong")."""
    title, do = (say(language, True, name) for name in (why, f"{why}_do"))
    return page(language, _unescaped(title), f"<p>{do}</p>", 410 if why == "expired" else 404)


def too_long(language: str) -> HTMLResponse:
    """More arrived than any of our forms sends."""
    do = say(language, True, "wrong_do")
    return page(language, _unescaped(say(language, True, "too_long")), f"<p>{do}</p>", 413)


def days_offered(asked: Asked) -> list[tuple[str, date]]:
    """(name of a phrase, day): the next working day, the next Monday that is one, one in a week; each day once."""
    calendar, tomorrow = asked.reader.calendar, asked.today + timedelta(days=1)
    following = calendar.next_open(tomorrow)
    mondays = (asked.today + timedelta(days=7 * week - asked.today.weekday()) for week in range(1, 9))
    offered = {calendar.next_open(asked.today + timedelta(days=7)): "week"}
    offered |= {monday: "monday" for monday in [next(filter(calendar.works, mondays), None)] if monday is not None}
    offered[following] = "tomorrow" if following == tomorrow else "next_day"
    return [(name, day) for day, name in sorted(offered.items())]


def _page(asked: Asked, title: str, body: str, status: int = 200) -> HTMLResponse:
    where = f'<p class="small">{escape(asked.business)}</p>'
    return page(asked.reader.language, _unescaped(asked.say(title)), f"{body}{where}", status)


def _unescaped(phrase: str) -> str:
    """A phrase without parts as text: `page` escapes its title."""
    return phrase.replace("&amp;", "&")


def _card(asked: Asked) -> str:
    if asked.answer.what == "tick":
        return f'<div class="card"><p><strong>{escape(asked.title)}</strong></p></div>'
    due = _due(asked)
    said = asked.say("no_due") if due is None else asked.say("due", due=due)
    return f'<div class="card"><p><strong>{escape(asked.title)}</strong>{said}</p></div>'


def _due(asked: Asked) -> str | None:
    text = asked.answer.due
    try:
        if len(text) == 10:
            return asked.day(date.fromisoformat(text))
        at = datetime.fromisoformat(text)
        day = asked.day(_local_day(asked, at))
    except ValueError:
        return None
    return _unescaped(asked.say("at", day=day, time=time_words(asked.reader, at)))


def _local_day(asked: Asked, at: datetime) -> date:
    return at.astimezone(asked.reader.zone).date()


def _close(asked: Asked) -> str:
    return f'<p class="small">{asked.say("close")}</p>'


def _confirm(asked: Asked) -> str:
    label = asked.say(f"do_{asked.answer.what}")
    return f'<form method="post" class="choices"><button class="main">{label}</button></form>'


def _days(asked: Asked) -> str:
    offered = [
        _button("until", day.isoformat(), f"{escape(asked.day(day))}<small>{asked.say(name)}</small>")
        for name, day in days_offered(asked)
    ]
    first, last = asked.today + timedelta(days=1), asked.furthest
    field = f'<input type="date" name="until" required min="{first}" max="{last}">'
    other = (
        f'<form method="post" class="row"><label>{asked.say("other_day")}{field}</label>'
        f"<button>{asked.say('choose')}</button></form>"
    )
    return f'<form method="post" class="choices">{"".join(offered)}</form>{other}'


def _people(asked: Asked) -> str:
    mine = asked.answer.reader
    buttons = [
        _button("to", key, asked.say("myself", name=name) if key == mine else escape(name))
        for key, name in sorted(asked.people.items(), key=lambda one: (one[0] == mine, one[1].casefold()))
    ]
    return f'<form method="post" class="choices">{"".join(buttons)}</form>'


def _decide(asked: Asked) -> str:
    buttons = (_button("decision", what, asked.say(f"do_{what}"), main=what == "apply") for what in DECISIONS)
    return f'<form method="post" class="choices">{"".join(buttons)}</form>'


def _button(name: str, value: str, label: str, *, main: bool = False) -> str:
    kind = ' class="main"' if main else ""
    return f'<button{kind} name="{name}" value="{escape(value)}">{label}</button>'


_FORMS: Mapping[str, Any] = {
    "done": _confirm,
    "not_mine": _confirm,
    "tick": _confirm,
    "snooze": _days,
    "reassign": _people,
    "decide": _decide,
}


def _plan(asked: Asked) -> str:
    if asked.plan is None:
        return ""
    reason = f"<p>{asked.say('why', why=asked.plan.reason.removesuffix('.'))}</p>" if asked.plan.reason else ""
    lines = render(loads(asked.plan.body), "text", asked.reader.language).splitlines()
    more = f"<p>{asked.say('cut', n=len(lines) - MOST_LINES)}</p>" if len(lines) > MOST_LINES else ""
    return f'{reason}<pre tabindex="0">{escape(chr(10).join(lines[:MOST_LINES]))}</pre>{more}'
