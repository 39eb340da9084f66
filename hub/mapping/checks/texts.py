"""The texts that a job names: each must be there in the business' language, and speak of what is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.mapping import texts, vocabulary
from hub.mapping.checks.around import Path as YamlPath
from hub.mapping.checks.around import place
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.files import text_of
from hub.mapping.jobs import FileJob
from hub.mapping.onboarding_job import OnboardingJob, Step
from hub.mapping.problems import Fault, Problem, quote
from hub.mapping.texts import FOLDER, TextFile, file_name
from hub.mapping.tree import Node
from hub.nearest import nearest

_LANGUAGES = {"fr": "French", "en": "English"}
_NOT_YET = {"payment": "nothing is paid yet", "booking": "nothing is booked yet", "signup": "nobody has signed up yet"}


@dataclass(frozen=True, slots=True)
class Use:
    """A place of a job's file that names a text. `known`: the events that have happened when it is used.

    `linked`: a link may have been made by then.
    """

    path: YamlPath
    name: str
    words: Mapping[str, str]
    mail: bool = True
    known: tuple[str, ...] = vocabulary.EVENTS
    linked: bool = True


def uses(job: FileJob) -> Iterator[Use]:
    """Every text that the job names, in the order of its file."""
    if isinstance(job, DeadlineJob):
        for index, alert in enumerate(job.alerts):
            if alert.text is not None:
                yield Use(("alerts", index, "text"), alert.text, vocabulary.ALERT)
    elif isinstance(job, OnboardingJob):
        yield from _of_journey(job)


def _of_journey(job: OnboardingJob) -> Iterator[Use]:
    started = {start.event for start in job.starts_on}
    for index, step in enumerate(job.steps):
        known: tuple[str, ...] = (*step.after, *((step.before,) if step.before is not None else ()))
        if not started.issuperset(known):  # that is told already
            known = vocabulary.EVENTS
        linked = _linked(job, step, known)
        if step.send is not None:
            yield Use(("steps", index, "send"), step.send, vocabulary.JOURNEY, known=known, linked=linked)
        if step.write is not None and step.write.text is not None:
            path = ("steps", index, "write", "text")
            yield Use(path, step.write.text, vocabulary.JOURNEY, mail=False, known=known, linked=linked)
    for change, known in (
        ("booking_moved", ("booking",)),
        ("booking_cancelled", ("booking",)),
        ("no_show", ("booking",)),
        ("payment_failed", ("payment",)),
        ("refunded", ("payment",)),
    ):
        send = getattr(job.changes, change).send
        linked = any(step.link is not None for step in job.steps)
        if send is not None:
            yield Use(("changes", change, "send"), send, vocabulary.JOURNEY, known=known, linked=linked)


def _linked(job: OnboardingJob, step: Step, known: Collection[str]) -> bool:
    """Whether a link is made in every case before the step is done that speaks of it."""
    return any(
        set(known).issuperset(other.after or (other.before,))
        and (other.wait is None or step.wait is not None)
        and other.if_no in (None, step.if_no)
        for other in job.steps
        if other.link is not None
    )


def texts_of_job(
    job: FileJob, root: Node, file: Path, language: str
) -> tuple[dict[str, TextFile], tuple[Problem, ...]]:
    """The texts that the job's file names, by name, and what is wrong with them or with their names.

    Those of client journeys in the other languages too, where they are there (`hub.mapping.texts.in_language`).
    """
    found: dict[str, TextFile] = {}
    problems: dict[Problem, None] = {}
    folder = file.parent / FOLDER
    # Clients are written to in their own language, as far as somebody wrote the text in it.
    more = [each for each in _LANGUAGES if each != language] if isinstance(job, OnboardingJob) else []
    for use, each in ((use, each) for use in uses(job) for each in (language, *more)):
        path = folder / file_name(use.name, each)
        if not path.exists():
            if each == language:
                problems.setdefault(_missing(use, root, folder, language).within(file))
            continue
        raw = text_of(path)
        if isinstance(raw, Problem):
            problems.setdefault(raw)
            continue
        text, faults = texts.read(raw, use.name, each, use.words, mail=use.mail, unknown_yet=_unknown(use))
        for fault in faults:
            problems.setdefault(fault.within(path))
        if text is not None:
            found[use.name if each == language else texts.written_as(use.name, each)] = text
    return found, tuple(problems)


def _unknown(use: Use) -> dict[str, str]:
    """The words that have no value yet when the text is used -> what has not happened."""
    found = {
        word: _NOT_YET[event]
        for word in use.words
        if (event := word.partition(".")[0]) in _NOT_YET and event not in use.known and word != vocabulary.LINK
    }
    return found if use.linked else {**found, vocabulary.LINK: "no step has made a link"}


def _missing(use: Use, root: Node, folder: Path, language: str) -> Fault:
    line, column = place(root, use.path)
    wanted = f"{FOLDER}/{file_name(use.name, language)}"
    message = f"{use.path[-1]}: {quote(use.name)} has no text in {_LANGUAGES[language]}: {wanted} is not there."
    ending = f".{language}.md"
    there = sorted(path.name.removesuffix(ending) for path in folder.glob(f"*{ending}"))
    near = nearest(use.name, there)
    if near:
        return Fault(line, column, message, f'Did you mean "{near}"? Example: {use.path[-1]}: {near}')
    first = "Subject: Bienvenue" if use.mail else "Bienvenue"
    return Fault(line, column, message, f"Write that file. Example of its first line: {first}")
