"""The mails of client journeys to people of the business: what is asked of them, and what they are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.mapping.texts import escaped, on_one_line
from hub.planning.alerts.letters import Written
from hub.planning.journeys.types import Doing, Question
from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "about": "**{client}** ({address}), {offer}.",
        "ask": "À faire : {to} ({client})",
        "ask_line": "À faire : **{to}**.",
        "tick": "Quand c'est fait, notez-le dans le terminal :",
        "tick_here": "Quand c'est fait, cochez-le ici, une fois suffit :",
        "done": "C'est fait",
        "story": "Toute son histoire :",
        "close": "Rien n'est supprimé. À fermer à la main, si c'est fini :",
        "no answer": "{client} n'a pas donné suite",
        "no answer_line": "Les messages de l'étape « {step} » sont tous partis, sans suite. À vous de voir.",
        "late": "Toujours à faire : {to} ({client})",
        "late_line": "Ce n'est pas encore coché : **{to}**.",
        "booking_moved": "{client} a déplacé son rendez-vous",
        "booking_moved_line": "Le rendez-vous est déplacé ; les dates suivent.",
        "booking_cancelled": "{client} a annulé son rendez-vous",
        "booking_cancelled_line": "Le rendez-vous est annulé ; le parcours attend qu'un autre soit pris.",
        "no_show": "{client} n'est pas venu·e",
        "no_show_line": "Le rendez-vous est marqué comme manqué.",
        "payment_failed": "Un paiement de {client} a échoué",
        "payment_failed_line": "Les messages automatiques attendent. L'accès, lui, dépend de vous.",
        "refunded": "{client} est remboursé·e : le parcours s'arrête",
        "refunded_line": "Le paiement a été rendu ; plus rien ne part.",
        "disputed": "{client} conteste son paiement : le parcours s'arrête",
        "disputed_line": "Le paiement est contesté auprès de la banque ; plus rien ne part.",
        "other": "{client} : {about}",
        "other_line": "{about}",
        "questions": "{n} parcours attendent votre mot",
        "questions_line": "Rien ne part pour ces personnes tant que vous n'avez pas répondu :",
        "before": "{client} ({address}) était là avant que le hub n'arrive.",
        "alike": "{client} ({address}) ressemble à {other}.",
        "start": "Ouvrir le parcours : `hub start {address}`",
    },
    "en": {
        "hello": "Hello {name},",
        "about": "**{client}** ({address}), {offer}.",
        "ask": "To do: {to} ({client})",
        "ask_line": "To do: **{to}**.",
        "tick": "When it is done, note it in the terminal:",
        "tick_here": "When it is done, tick it here, once is enough:",
        "done": "It is done",
        "story": "The whole story:",
        "close": "Nothing is deleted. To close by hand, if it is over:",
        "no answer": "{client} has not answered",
        "no answer_line": "Every message of the step “{step}” has gone out and nothing came of it. It is up to you.",
        "late": "Still to do: {to} ({client})",
        "late_line": "This is not ticked yet: **{to}**.",
        "booking_moved": "{client} has moved the appointment",
        "booking_moved_line": "The appointment is moved; the dates follow.",
        "booking_cancelled": "{client} has cancelled the appointment",
        "booking_cancelled_line": "The appointment is cancelled; the journey waits until another one is made.",
        "no_show": "{client} did not come",
        "no_show_line": "The appointment is marked as missed.",
        "payment_failed": "A payment of {client} has failed",
        "payment_failed_line": "Automatic messages wait. Whether there is access is for you to say.",
        "refunded": "{client} got the money back: the journey stops",
        "refunded_line": "The payment was given back; nothing more goes out.",
        "disputed": "{client} disputes the payment: the journey stops",
        "disputed_line": "The payment is disputed at the bank; nothing more goes out.",
        "other": "{client}: {about}",
        "other_line": "{about}",
        "questions": "{n} journeys wait for your word",
        "questions_line": "Nothing goes out to these people until you have answered:",
        "before": "{client} ({address}) was there before the hub came.",
        "alike": "{client} ({address}) looks like {other}.",
        "start": "Open the journey: `hub start {address}`",
    },
}


def asks(doing: Doing) -> bool:
    """Whether it can be ticked: it asks for something, or reminds of it."""
    return doing.what == "ask" or doing.about == "late"


def about(doing: Doing) -> str:
    """What is asked, and for whom."""
    return f"{_to(doing)} ({doing.client.name or doing.client.address})"


def asked(doing: Doing, offer: str, name: str, language: Language, link: str | None = None) -> Written:
    """What a person of the business is asked to do for a client. `link`: where one click ticks it."""
    parts = _parts(doing, offer, _to(doing))
    lines = [_say(language, "about", **parts), _say(language, "ask_line", **parts), *_tick(doing, language, link)]
    return _written(language, name, _subject(language, "ask", parts), lines)


def told(doing: Doing, offer: str, name: str, language: Language, link: str | None = None) -> Written:
    """What people of the business are told of a client's journey. `link`: where one click ticks what is late."""
    word = doing.about if f"{doing.about}_line" in _WORDS[language] else "other"
    parts = _parts(doing, offer, _to(doing))
    lines = [_say(language, "about", **parts), _say(language, f"{word}_line", **parts)]
    lines += _tick(doing, language, link) if asks(doing) else ()
    if doing.lists:
        lines += [_say(language, "close"), "\n".join(f"- {escaped(each)}" for each in doing.lists)]
    lines += [_say(language, "story"), f"`hub journey {_code(doing.client.address)}`"]
    return _written(language, name, _subject(language, word, parts), lines)


def _to(doing: Doing) -> str:
    return doing.step.ask.to if doing.step is not None and doing.step.ask is not None else doing.name


def _tick(doing: Doing, language: Language, link: str | None) -> Sequence[str]:
    """How to say that it is done: by a click, or where nobody can reach the hub by a command."""
    if link is not None:
        return (_say(language, "tick_here"), f"[{_say(language, 'done')}]({link})")
    step = doing.name if doing.step is None else doing.step.name
    return (_say(language, "tick"), f"`hub journey tick {_code(doing.client.address)} {step}`")


def questions(asked: Sequence[Question], name: str, language: Language) -> Written:
    """What the OBM must say before journeys start."""
    lines = [_say(language, "questions_line")]
    for one in asked:
        parts = {"client": escaped(one.name or one.person), "other": escaped(one.other)}
        said = _say(language, one.what, **parts, address=escaped(one.person))
        lines.append(f"- {said} {_say(language, 'start', address=_code(one.person))}")
    return _written(language, name, _subject(language, "questions", {"n": str(len(asked))}), lines)


def _parts(doing: Doing, offer: str, to: str) -> dict[str, str]:
    client = doing.client
    step = doing.name if doing.step is None else doing.step.name
    said = {"client": client.name or client.address, "address": client.address, "offer": offer, "to": to}
    return {name: escaped(value) for name, value in {**said, "step": step, "about": doing.about}.items()}


def _subject(language: Language, word: str, parts: Mapping[str, str]) -> str:
    """Of a mail: no Markdown there."""
    return on_one_line(_say(language, word, **parts).replace("\\", ""))


def _written(language: Language, name: str, subject: str, lines: Sequence[str]) -> Written:
    return Written(subject=subject, body="\n\n".join((_say(language, "hello", name=escaped(name)), *lines)) + "\n")


def _code(address: str) -> str:
    """For a span of code: nothing of it ends the span."""
    return on_one_line(address).replace("`", "")


def _say(language: Language, word: str, **parts: str) -> str:
    return _WORDS[language][word].format(**parts)
