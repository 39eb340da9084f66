"""A mail as bytes -> what it says. Whatever the bytes are, this never raises: mails come from anybody.

RFC 5322 and MIME, read with the standard library's oldest and most lenient policy: the newer one raises on some
malformed headers. Every limit below bounds what a stranger's mail can cost.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from connectors.email.plain import clean, from_html

MAX_PARTS = 200
MAX_DEPTH = 30
"""Parts that a mail is read to, and how deep they may be nested; what lies behind is left out."""
MAX_TEXT = 200_000
"""Characters of the text that are kept."""
MAX_HEADER = 20_000
MAX_PEOPLE = 500
MAX_REFERENCES = 100

BROKEN = (ValueError, LookupError, TypeError, AttributeError, HeaderParseError, binascii.Error, RecursionError)
"""What the standard library raises on malformed mails. Each reading below falls back to what is left."""

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_PLAIN_ID = re.compile(r"<[!#-\[\]-~]{1,240}>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a mail. `size` in bytes, decoded."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail says, wherever it came from. `headers`: lower-case name -> its values, decoded, in their order.

    `recipients`: the addresses that servers say it was delivered to. `reports`: the delivery-status parts, as text;
    `returned`: the headers of the mail that such a report speaks of. `digest` names the bytes it was read from.
    """

    headers: Mapping[str, Sequence[str]]
    sender: tuple[str, str] | None
    to: Sequence[tuple[str, str]]
    cc: Sequence[tuple[str, str]]
    subject: str | None
    text: str | None
    sent_at: datetime | None
    digest: str
    recipients: Sequence[str] = ()
    files: Sequence[Attachment] = ()
    reports: Sequence[str] = ()
    returned: str = ""
    truncated: bool = False
    token: str = ""
    """What stands behind the plus of the address it was sent to, where the deliverer says so itself."""

    def header(self, name: str) -> str:
        """The first value of that header, "" when there is none."""
        return next(iter(self.headers.get(name, ())), "")

    @property
    def message_id(self) -> str | None:
        """The Message-ID with its angle brackets, None where the sender gave none."""
        found = _MESSAGE_ID.search(self.header("message-id"))
        return found.group() if found else None

    @property
    def key(self) -> str:
        """What names this mail however it reached us: its Message-ID and a hash of when and from whom it says it is.

        The hash tells mails apart whose sender gives one Message-ID to all of them. A mail without a usable Message-ID
        is named by its bytes.
        """
        identifier = self.message_id
        if identifier is None or not _PLAIN_ID.fullmatch(identifier):
            return f"sha256:{self.digest}"
        when = self.sent_at.isoformat() if self.sent_at else ""
        who = self.sender[1].lower() if self.sender else ""
        return f"{identifier}#{hashlib.sha256(f'{when}|{who}'.encode()).hexdigest()[:12]}"


@dataclass(slots=True)
class _Parts:
    text: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    returned: str = ""


def read_mail(raw: bytes, *, size: int | None = None) -> Mail:
    """The mail in these bytes. `size`: how long it is in all, where only its beginning was fetched."""
    truncated = size is not None and size > len(raw)
    try:
        message = message_from_bytes(raw)
    except BROKEN:  # nested deeper than the parser follows
        message, truncated = BytesHeaderParser().parsebytes(raw), True
    headers = headers_of(message)
    parts = _Parts()
    for part in _leaves(message):
        try:
            _sort(part, parts)
        except BROKEN:
            truncated = True
    text = clean("\n".join(parts.text))[:MAX_TEXT] if parts.text else None
    if not (text and text.strip()) and parts.html:
        text = from_html("\n".join(parts.html))[:MAX_TEXT]
    senders = people(message, "from") or people(message, "sender")
    return Mail(
        headers=headers,
        sender=senders[0] if senders else None,
        to=people(message, "to"),
        cc=people(message, "cc"),
        subject=headers["subject"][0] if headers.get("subject") else None,
        text=text.strip() if text is not None else None,
        sent_at=instant(headers["date"][0]) if headers.get("date") else None,
        digest=hashlib.sha256(raw).hexdigest(),
        recipients=delivered_to(headers),
        files=tuple(parts.files),
        reports=tuple(parts.reports),
        returned=parts.returned,
        truncated=truncated,
    )


def headers_of(message: Message) -> dict[str, list[str]]:
    """Every header, decoded."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), []).append(decoded(value))
    return found


def decoded(value: object) -> str:
    """A header's text: RFC 2047 words read as well as they can be, one line, nothing unprintable."""
    text = _unfolded(value)
    if "=?" in text:
        with suppress(*BROKEN):
            text = "".join(_word(word, charset) for word, charset in decode_header(text))
    return " ".join(clean(text).split())


def _unfolded(value: object) -> str:
    try:
        text = str(value)[:MAX_HEADER]
        # Bytes that are no ASCII come as lone surrogates: they are UTF-8 in nearly every case (RFC 6532).
        raw = text.encode("ascii", "surrogateescape") if not isinstance(value, Header) else b""
    except BROKEN:
        return clean(str(value)[:MAX_HEADER])
    return raw.decode("utf-8", "replace") if raw else text


def _word(word: bytes | str, charset: str | None) -> str:
    return word if isinstance(word, str) else in_charset(word, charset)


def in_charset(content: bytes, charset: object) -> str:
    """Text in that charset, or in UTF-8 or Latin-1 where the charset is bogus. Never raises."""
    for name in (charset, "utf-8"):
        try:
            if isinstance(name, str) and name and "\0" not in name:
                return content.decode(name, "strict")
        except (LookupError, ValueError, TypeError, AssertionError):
            continue
    try:
        known = isinstance(charset, str) and charset.lower().replace("_", "-") in ("utf-8", "utf8", "us-ascii", "ascii")
    except BROKEN:
        known = False
    return content.decode("utf-8" if known else "latin-1", "replace")


def people(message: Message, name: str) -> list[tuple[str, str]]:
    """(name, address) of each person in a header of addresses."""
    try:
        # Addresses are taken apart before their names are decoded: an encoded name may hold a comma.
        raw = [_unfolded(value) for value in message.get_all(name, [])]
        found = getaddresses(raw[:20])
    except BROKEN:
        return []
    pairs = [(decoded(title), decoded(address).replace(" ", "")) for title, address in found[:MAX_PEOPLE]]
    return [pair for pair in pairs if any(pair)]


def instant(text: str) -> datetime | None:
    """The instant in a Date header, None when there is none to be read."""
    try:
        read = parsedate_to_datetime(text)
        return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)
    except (*BROKEN, OverflowError):
        return None


def delivered_to(headers: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The addresses in Delivered-To and its like, which the receiving servers write."""
    names = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to")
    return tuple(value.strip("<> ") for name in names for value in headers.get(name, ()) if "@" in value)


def message_ids(text: str) -> tuple[str, ...]:
    """The Message-IDs in a References or In-Reply-To header, each once, in their order."""
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(text)))[-MAX_REFERENCES:]


def _leaves(message: Message) -> Iterator[Message]:
    """Parts without parts, in reading order. A mail inside a mail is a leaf: it is a file to us."""
    waiting, seen = [(message, 0)], 0
    while waiting and seen < MAX_PARTS:
        part, depth = waiting.pop()
        seen += 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            if depth < MAX_DEPTH:
                inner = [(each, depth + 1) for each in part.get_payload() if isinstance(each, Message)]
                waiting += reversed(inner[:MAX_PARTS])
        else:
            yield part


def _sort(part: Message, parts: _Parts) -> None:
    kind = part.get_content_type()
    name = _file_name(part)
    if kind == "message/delivery-status" and part.is_multipart():
        parts.reports.append("\n\n".join(_flat(each) for each in list(part.get_payload())[:MAX_PARTS]))
    elif kind == "message/delivery-status":
        parts.reports.append(in_charset(_content(part), "utf-8")[:MAX_TEXT])
    elif kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
        parts.returned = parts.returned or _returned(part)
        if name or kind == "message/rfc822":
            parts.files.append(Attachment(name or "mail.eml", kind, len(_content(part))))
    elif kind in ("text/plain", "text/html") and not name and part.get_content_disposition() != "attachment":
        text = in_charset(_content(part), _charset(part))
        (parts.text if kind == "text/plain" else parts.html).append(text[: 5 * MAX_TEXT])
    else:
        parts.files.append(Attachment(name, kind, len(_content(part))))


def _file_name(part: Message) -> str:
    try:
        return decoded(part.get_filename() or "")[:300]
    except BROKEN:
        return ""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except BROKEN:
        return None


def _content(part: Message) -> bytes:
    try:
        if part.is_multipart():
            return b"".join(each.as_bytes() for each in list(part.get_payload())[:1] if isinstance(each, Message))
        content = part.get_payload(decode=True)
    except BROKEN:
        return b""
    return content if isinstance(content, bytes) else b""


def _flat(block: object) -> str:
    """A block of a delivery report: Name: value, a line each."""
    if not isinstance(block, Message):
        return ""
    return "\n".join(f"{name}: {decoded(value)}" for name, value in list(block.raw_items())[:MAX_PARTS])


def _returned(part: Message) -> str:
    """The headers of the mail that came back, as text."""
    inner = next(iter(part.get_payload()), None) if part.is_multipart() else None
    if isinstance(inner, Message):
        return _flat(inner)
    return in_charset(_content(part), "utf-8")[:MAX_TEXT]
