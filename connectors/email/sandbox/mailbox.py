"""What SEARCH finds and what FETCH gives, for the mail sandbox's IMAP server (RFC 3501 6.4.4 and 6.4.5)."""

import re
from email import message_from_bytes
from typing import Any

from connectors.email.sandbox.state import Stored

_BODY = re.compile(r"BODY(?:\.PEEK)?\[(HEADER|TEXT|HEADER\.FIELDS \(([^)]*)\))?\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def uid_range(numbers: str, highest: int) -> list[tuple[int, int]]:
    """The ranges in "4,7:9,12:*". Ends may stand either way round, which is why n:* always holds the last mail."""
    found = []
    for part in numbers.split(","):
        ends = [highest if end == "*" else int(end) for end in part.split(":")]
        found.append((min(ends), max(ends)))
    return found


def matches(mail: Stored, criteria: list[Any], highest: int) -> bool:
    """Whether a mail has all of what is asked for; the list is used up. ValueError for what is not known."""
    answer = True
    while criteria:
        answer = _one(mail, criteria, highest) and answer
    return answer


def _one(mail: Stored, criteria: list[Any], highest: int) -> bool:
    first = criteria.pop(0)
    if isinstance(first, list):
        return matches(mail, list(first), highest)
    word = str(first).upper()
    if word == "NOT":
        return not _one(mail, criteria, highest)
    if word == "ALL":
        return True
    if word in ("SEEN", "UNSEEN"):
        return ("\\Seen" in mail.flags) == (word == "SEEN")
    if word == "UID":
        return any(low <= mail.uid <= high for low, high in uid_range(str(criteria.pop(0)), highest))
    if word == "HEADER":
        name, wanted = str(criteria.pop(0)), str(criteria.pop(0)).casefold()
        values = message_from_bytes(mail.raw).get_all(name, [])
        return any(wanted in str(value).casefold() for value in values)
    raise ValueError(f"The sandbox cannot search for {word}")


def fetch_item(mail: Stored, item: str) -> bytes:
    """One item of a FETCH answer, name and value. ValueError for what is not known."""
    name = item.upper()
    if name == "UID":
        return b"UID %d" % mail.uid
    if name == "FLAGS":
        return b"FLAGS (%s)" % " ".join(sorted(mail.flags)).encode()
    if name == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(mail.raw)
    if name == "INTERNALDATE":
        at = mail.arrived_at
        text = f"{at.day:2d}-{_MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}"
        return f'INTERNALDATE "{text}"'.encode()
    found = _BODY.fullmatch(item)
    if found is None:
        raise ValueError(f"The sandbox cannot fetch {item}")
    return _body(mail, found, peek="PEEK" in name)


def _body(mail: Stored, found: re.Match[str], *, peek: bool) -> bytes:
    if not peek:
        mail.flags.add("\\Seen")
    section, fields, start, count = found.groups()
    head, gap, text = mail.raw.partition(b"\r\n\r\n")
    content = mail.raw
    if section and section.upper() == "TEXT":
        content = text
    elif fields is not None:
        content = _fields(head, {name.lower() for name in fields.split()})
    elif section:
        content = head + gap
    label = f"BODY[{(section or '').upper()}]"
    if start is not None:
        label += f"<{start}>"
        content = content[int(start) : int(start) + int(count)]
    return label.encode() + b" {%d}\r\n" % len(content) + content


def _fields(head: bytes, names: set[str]) -> bytes:
    kept = [
        line for line in re.split(rb"\r\n(?![ \t])", head) if line.split(b":")[0].decode("latin-1").lower() in names
    ]
    return b"".join(line + b"\r\n" for line in kept) + b"\r\n"
