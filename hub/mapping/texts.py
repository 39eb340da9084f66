"""Texts beside the mappings: Markdown with {placeholders}, one file for each language.

`texts/welcome.fr.md` in the folder of a business is the text `welcome` in French. A mail's first line is its subject:

    Subject: Bienvenue, {person.first_name}

    Merci ! Votre parcours « {offer} » commence…

A placeholder is a word of the vocabulary of the job (hub.mapping.vocabulary) and nothing else: no filters, no
conditions, no calculations. What is filled in is text, never Markdown, HTML or a header: see `fill`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from hub.mapping.problems import Fault, quote
from hub.nearest import nearest

FOLDER = "texts"
SUBJECT = re.compile(r"Subject:[ \t]*(.*)")
PLACEHOLDER = re.compile(r"(?<!\\)\{([a-z_.]+)\}")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
"""Every sign of ASCII that Markdown may give a meaning (CommonMark 0.31, 2.4: each may stand after a backslash)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A text as it was written, with its placeholders. `subject`: None where it is no mail."""

    name: str
    language: str
    subject: str | None
    body: str

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The words that `fill` needs, each once."""
        return tuple(dict.fromkeys(PLACEHOLDER.findall(f"{self.subject or ''}\n{self.body}")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A text that can be sent or written. `body` is Markdown."""

    subject: str | None
    body: str


def file_name(name: str, language: str) -> str:
    """welcome.fr.md"""
    return f"{name}.{language}.md"


def written_as(name: str, language: str) -> str:
    """How a text in another language than the business's is named among the others: no name of a text has a dot."""
    return f"{name}.{language}"


def in_language(found: Mapping[str, TextFile], name: str, language: str) -> TextFile | None:
    """The text in that language, or in the business's where nobody wrote it in that one. None: there is none."""
    return found.get(written_as(name, language)) or found.get(name)


def fill(text: TextFile, values: Mapping[str, str]) -> Filled:
    """The text with a value for each of its placeholders; ValueError when one is missing.

    A value is shown as it is, on one line: in the body each sign that Markdown could read is escaped, so that it
    starts no heading, link or tag; in the subject nothing of it can begin a new header.
    """
    missing = [name for name in text.placeholders if name not in values]
    if missing:
        raise ValueError(f"The text {text.name} needs {', '.join(missing)}")
    return Filled(
        subject=None if text.subject is None else _filled_subject(text.subject, values),
        body=PLACEHOLDER.sub(lambda found: escaped(values[found[1]]), text.body),
    )


def escaped(value: str) -> str:
    """Markdown that shows the value as it is, on one line."""
    return _PUNCTUATION.sub(r"\\\1", on_one_line(value))


def on_one_line(value: str) -> str:
    """The value without what no reader sees and some programs obey: line breaks and control characters are spaces.

    Several spaces are one; spaces at which no line breaks are kept, except at the ends.
    """
    seen = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", " ", value)
    return re.sub(r"[^\S\u00a0\u202f]+", " ", seen).strip()


def _filled_subject(subject: str, values: Mapping[str, str]) -> str:
    """What is written between the placeholders has its \\{ as {; what stands for them is shown as it is."""
    written = PLACEHOLDER.split(subject)  # text, name, text, name, …, text
    return "".join(
        on_one_line(values[part]) if number % 2 else re.sub(r"\\([{}])", r"\1", part)
        for number, part in enumerate(written)
    )


def read(
    raw: str, name: str, language: str, vocabulary: Collection[str], *, mail: bool, unknown_yet: Mapping[str, str]
) -> tuple[TextFile | None, tuple[Fault, ...]]:
    """A text from what stands in its file, or what is wrong with it.

    `unknown_yet`: a word of the vocabulary that has no value yet when this text is used -> what has not happened.
    """
    lines = raw.replace("\r\n", "\n").split("\n")
    faults = list(_braces(lines, vocabulary, unknown_yet))
    found = SUBJECT.fullmatch(lines[0])
    if mail and (found is None or not found[1].strip()):
        message = "The first line is no subject: a mail begins with the word Subject, a colon and the subject."
        meant = re.fullmatch(r"\s*(objet|sujet|subject|betreff)\s*:?\s*(.*)", lines[0], re.IGNORECASE)
        hint = 'Did you mean "Subject:"? ' if meant else "Write it above the text. "
        return None, (Fault(1, 1, message, f"{hint}Example: Subject: Bienvenue, {{person.name}}"), *faults)
    if not mail and found is not None:
        message = "A page has a title and no subject: this text is used as the content of a page."
        return None, (Fault(1, 1, message, "Take the line out. Example: ## Bienvenue, {person.name}"), *faults)
    body = "\n".join(lines[1:] if mail else lines).strip("\n")
    if not body.strip():
        faults.append(Fault(len(lines), 1, "This text says nothing.", "Write it. Example: Bonjour {person.name},"))
    subject = found[1].strip() if found is not None else None
    return (None if faults else TextFile(name=name, language=language, subject=subject, body=body)), tuple(faults)


def _braces(lines: list[str], vocabulary: Collection[str], unknown_yet: Mapping[str, str]) -> Iterator[Fault]:
    """Each brace of a text opens a known word, closes one, or stands after a backslash."""
    for number, line in enumerate(lines, 1):
        at = 0
        while (found := re.search(r"(?<!\\)[{}]", line[at:])) is not None:
            start = at + found.start()
            at = start + 1
            if found[0] == "}":
                message = "This } closes nothing."
                yield Fault(number, start + 1, message, "Write { before the word, or \\} for the sign. " + _EXAMPLE)
                continue
            end = re.compile(r"[{}]").search(line, at)
            if end is None or end[0] == "{":
                message = "This { is not closed on its line."
                yield Fault(number, start + 1, message, "Write } after the word, or \\{ for the sign. " + _EXAMPLE)
                continue
            word, at = line[at : end.start()], end.end()
            fault = _word(word, number, start + 1, vocabulary, unknown_yet)
            if fault is not None:
                yield fault


_EXAMPLE = "Example: Bonjour {person.name},"


def _word(
    word: str, line: int, column: int, vocabulary: Collection[str], unknown_yet: Mapping[str, str]
) -> Fault | None:
    if word in unknown_yet:
        message = f"{quote(word)}: {unknown_yet[word]} when this text is used, so there is nothing to fill in."
        return Fault(line, column, message, f"Take it out, or use the text in a later step. {_EXAMPLE}")
    if word in vocabulary:
        return None
    near = nearest(word.strip(), vocabulary)
    message = f"{quote(word)} is no placeholder of this text; there are: {', '.join(vocabulary)}."
    if near:
        return Fault(line, column, message, f'Did you mean "{near}"? Example: {{{near}}}')
    return Fault(line, column, message, f"A placeholder is one of these words and nothing else. {_EXAMPLE}")
