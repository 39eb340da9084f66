"""Text that is not YAML, in the words of the person who typed it. No message repeats the text: it may hold a key."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from hub.mapping.problems import Fault

NO_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.2 (5.1) does not let stand in a file. (A tab may, though not as indentation.)"""

SYNTAX = (
    (r"character '\\t'", "A tab cannot indent YAML.", "Use spaces, two for each level. Example:   database: Chiffres"),
    (
        "character '[@`%|>]' that cannot start",
        "A value cannot start with this character.",
        'Put the value in quotes. Example: title: "@home"',
    ),
    (
        "mapping values are not allowed",
        "A colon stands where none can.",
        "Put a text with a colon in quotes, put a space after the colon of each key, and align keys. "
        'Example: says: "Stripe: the figures"',
    ),
    (
        "could not find expected ':'|expected ':'",
        "A key has no colon.",
        "Write the key, a colon, a space and the value. Example: title: Encaissements",
    ),
    (
        "expected <block end>",
        "This line is not aligned with the lines it belongs to.",
        "Start keys of one group in the same column, and each item of a list with a dash. Example: - {figure: mrr}",
    ),
    (
        "expected ',' or '[]}]'|found '<stream end>'",
        "A bracket is not closed, a comma is missing, or a text with a colon in it has no quotes.",
        "Put that right from here on. Example: {figure: mrr, title: 'MRR: the total'}",
    ),
    ("unexpected end of stream", "A quote is opened and not closed.", 'Close it. Example: title: "Encaissements"'),
    (
        "unknown escape",
        "A backslash in double quotes starts no known sign.",
        "Use single quotes. Example: title: 'a\\b'",
    ),
    (
        "expected the node content",
        "A value is missing before this bracket or comma.",
        "Write the value, or put the text in quotes. Example: [mon, tue]",
    ),
)
"""What ruamel.yaml says (a pattern), what we say, and the way out."""
OTHER_SYNTAX = (
    "This line cannot be read as YAML.",
    "Look at it and at the line above. Example of a line: title: Encaissements",
)


STARTS_EARLIER = ("A bracket", "A quote", "A key has no colon")
"""Messages about something whose beginning helps more than the line where the parser gave up."""

NO_BREAK_INDENT = re.compile("^ *[\u00a0\u202f]", re.MULTILINE)
NO_BREAK = (
    "A no-break space, which looks like a space, stands before the key.",
    "Delete what stands before the key and type spaces. Example:   database: Chiffres",
)


def strange_character(text: str) -> Fault | None:
    """The first character that may not stand in YAML at all."""
    strange = NO_TEXT.search(text)
    if strange is None:
        return None
    before = text[: strange.start()]
    return Fault(
        before.count("\n") + 1,
        len(before) - (before.rfind("\n") + 1) + 1,
        f"The character U+{ord(strange[0]):04X} cannot stand in a YAML file.",
        "Delete it; most editors do not show it. Example of a clean line: title: Encaissements",
    )


def syntax_fault(error: MarkedYAMLError, text: str) -> Fault:
    """Where reading stopped and why; for what was opened and not closed, where it was opened."""
    gap = NO_BREAK_INDENT.search(text)
    if gap is not None:
        return Fault(text.count("\n", 0, gap.start()) + 1, 1, *NO_BREAK)
    problem = str(error.problem)
    message, hint = next(((m, h) for pattern, m, h in SYNTAX if re.search(pattern, problem)), OTHER_SYNTAX)
    mark, start = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return Fault(1, 1, message, hint)
    if start is not None and start.line < mark.line and message.startswith(STARTS_EARLIER):
        mark = start
    return Fault(mark.line + 1, mark.column + 1, message, hint)
