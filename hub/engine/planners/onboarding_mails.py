"""The mails of client journeys as actions, and as the letters that go out.

The address that ends such mails acts for its reader and is another one each time: the plan holds a name in its place,
and it is made when the mail goes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection

from hub.answer_token import Answer, answer_url
from hub.core.types import Letter, Value
from hub.engine import post
from hub.engine.made import Post
from hub.engine.planners.onboarding_words import Words
from hub.engine.runtime import Runtime
from hub.mapping.model import OBM
from hub.mapping.texts import Filled
from hub.planning.alerts.letters import Written
from hub.planning.journeys import letters
from hub.planning.journeys.types import Doing, Question
from hub.planning.plan import Action
from hub.planning.words import Language
from hub.store import mails
from hub.store.mails import MailRow
from hub.unsubscribe_token import unsubscribe_url

UNSUBSCRIBE = "https://hub.invalid/unsubscribe"
"""Where the address stands in a plan that ends these mails."""
KIND = "journey"
"""The kind of these mails among the others."""

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "send": "étape « {step} »",
        "change": "un changement : {step}",
        "ask": "à faire par {who}",
        "tell": "{who} est mis·e au courant",
        "questions": "une question avant de commencer",
        "no_text": "{client} : le texte « {text} » n'est plus là, son message attend",
        "no_value": "{client} : le texte « {text} » parle de ce qui n'a pas eu lieu ({why}), son message attend",
        "no_mail": "{n} messages attendent une connexion qui envoie des mails (connecteur email)",
        "linking": "{client} : le message « {text} » attend le lien à lui envoyer",
        "nobody": "{who} n'a pas d'adresse dans business.yaml : le message sur {client} attend",
    },
    "en": {
        "send": "step “{step}”",
        "change": "a change: {step}",
        "ask": "for {who} to do",
        "tell": "{who} is told",
        "questions": "a question before anything starts",
        "no_text": "{client}: the text “{text}” is not there any more, the mail waits",
        "no_value": "{client}: the text “{text}” speaks of what has not happened ({why}), the mail waits",
        "no_mail": "{n} mails wait for a connection that sends mails (connector email)",
        "linking": "{client}: the mail “{text}” waits for the link that it holds",
        "nobody": "{who} has no address in business.yaml: the mail about {client} waits",
    },
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a mail is about, for those who look at mails: whose it is, and the questions that it asks.

    `ticks`: the step ("journey/step") that its link ticks, "" where it has none; `asks`: what is to be done there.
    """

    reader: str
    covers: tuple[str, ...] = ()
    ticks: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Mails:
    """`actions`, what each is about by its key, and what keeps others back."""

    actions: tuple[Action, ...]
    about: Mapping[str, Sent]
    notes: tuple[str, ...]


def mails_of(runtime: Runtime, doings: Sequence[Doing], questions: Sequence[Question], job: str, words: Words) -> Mails:
    """Every mail that is due. `questions`: those that were not asked yet."""
    desk = _Desk(runtime, words)
    for doing in doings:
        if doing.what == "send":
            desk.send(doing)
        elif doing.what in ("ask", "tell"):
            desk.people(doing)
    if questions:
        desk.question(job, questions)
    if runtime.mail is None and desk.actions:
        return Mails((), {}, (desk.say("no_mail", n=len(desk.actions)),))
    return Mails(tuple(desk.actions), desk.about, tuple(desk.notes))


class _Desk:
    def __init__(self, runtime: Runtime, words: Words) -> None:
        self._runtime, self._words = runtime, words
        self._language: Language = runtime.business.language
        self.actions: list[Action] = []
        self.about: dict[str, Sent] = {}
        self.notes: list[str] = []

    def say(self, word: str, **parts: object) -> str:
        return _WORDS[self._language][word].format(**parts)

    def send(self, doing: Doing) -> None:
        """A mail to the client, in her language as far as the text is written in it."""
        client = doing.client
        who = client.name or client.address
        text = self._words.text(doing, doing.text or "")
        if text is None:
            self.notes.append(self.say("no_text", client=who, text=doing.text))
            return
        if self._words.waits(doing, text.placeholders):
            self.notes.append(self.say("linking", client=who, text=doing.text))
            return
        try:
            filled = self._words.filled(doing, text)
        except ValueError as error:
            self.notes.append(self.say("no_value", client=who, text=doing.text, why=error))
            return
        parts = _parts(filled, "en" if text.language == "en" else "fr")
        if self._runtime.web is not None:
            parts["unsubscribe"] = UNSUBSCRIBE
        why = self.say("send" if doing.step is not None else "change", step=doing.name)
        self._add(doing.key, client.address, client.name or None, parts, why, Sent(client.address))

    def people(self, doing: Doing) -> None:
        """A mail to people of the business: one each, the last under the doing's own key, so that none is left out."""
        readers = list(self._readers(doing))
        for key, name, address, language in readers:
            link = None if self._runtime.web is None or not letters.asks(doing) else tick(_ticks(doing))
            words = letters.asked if doing.what == "ask" else letters.told
            written = words(doing, self._words.offer(doing), name, language, link)
            ledger_key = doing.key if key == readers[-1][0] else f"{doing.key}/{key}"
            parts = _parts(written, language)
            sent = Sent(key, (), _ticks(doing), letters.about(doing)) if link is not None else Sent(key)
            self._add(ledger_key, address, name, parts, self.say(doing.what, who=name), sent)

    def _readers(self, doing: Doing) -> Iterator[tuple[str, str, str, Language]]:
        people = self._runtime.business.people
        for key in doing.who:
            person = people.get(key)
            if person is None or not person.email:
                client = doing.client.name or doing.client.address
                self.notes.append(self.say("nobody", who=key, client=client))
            else:
                yield key, person.name, person.email, person.language or self._language

    def question(self, job: str, asked: Sequence[Question]) -> None:
        """One mail to the OBM about all that she was not asked yet."""
        person = self._runtime.business.people.get(OBM)
        if person is None or not person.email:
            return
        language = person.language or self._language
        covers = tuple(sorted(cover(one) for one in asked))
        key = f"{job}/questions/{sha256('/'.join(covers).encode()).hexdigest()[:16]}"
        parts = _parts(letters.questions(asked, person.name, language), language)
        self._add(key, person.email, person.name, parts, self.say("questions"), Sent(OBM, covers))

    def _add(self, key: str, to: str, name: str | None, parts: Mapping[str, Value], why: str, about: Sent) -> None:
        self.actions.append(post.action_of(key, to, parts, why, name=name))
        self.about[key] = about


def tick(step: str) -> str:
    """Where the link stands in a plan that ticks that step ("journey/step")."""
    return f"https://hub.invalid/{sha256(step.encode()).hexdigest()[:16]}/tick"


def _ticks(doing: Doing) -> str:
    return f"{doing.journey}/{doing.name if doing.step is None else doing.step.name}"


def cover(question: Question) -> str:
    """What is said once: the question about that journey."""
    return f"question/{question.journey}/{question.what}/{question.other}"


def _parts(written: Written | Filled, language: Language) -> dict[str, Value]:
    return {"subject": written.subject or "", "body": written.body, "language": language}


def post_of(runtime: Runtime, job: str, connection: str, about: Mapping[str, Sent]) -> Post:
    """How they go out."""
    return Post(
        connection=connection,
        letter=partial(_letter, runtime, job, about),
        begun=partial(_begun, runtime, job, about),
    )


def _letter(runtime: Runtime, job: str, about: Mapping[str, Sent], action: Action) -> Letter:
    """The letter, its names of links made into addresses that act for its reader."""
    letter, web, one = post.letter_of(runtime, action), runtime.web, about[action.key]
    if web is None:
        return letter
    if one.ticks:
        day = runtime.now().astimezone(runtime.business.zone).date()
        answer = Answer(
            business=runtime.key, job=job, reader=one.reader, what="tick", mail=action.key, day=day, task=one.ticks
        )
        link = answer_url(web.url, web.key(), answer)
        letter = replace(letter, body=letter.body.replace(tick(one.ticks), link))
    if letter.unsubscribe == UNSUBSCRIBE:
        letter = replace(letter, unsubscribe=unsubscribe_url(web.url, web.key(), runtime.key, action.row))
    return letter


def _begun(runtime: Runtime, job: str, about: Mapping[str, Sent], conn: Connection, action: Action) -> None:
    now: datetime = runtime.now()
    one = about[action.key]
    row = MailRow(
        key=action.key,
        job=job,
        reader=one.reader,
        kind=KIND,
        day=now.astimezone(runtime.business.zone).date().isoformat(),
        address=action.row,
        subject=str(action.values["subject"]),
        lines=({"task": one.ticks, "due": "-", "step": "ask", "title": one.asks},) if one.ticks else (),
        at=now,
        state="started",
    )
    mails.begin(conn, runtime.key, row, one.covers)
