"""Mails -> records of the kind `message`: from a mailbox's bytes, Postmark's JSON or Mailgun's form. Never raises.

Postmark: postmarkapp.com/developer/user-guide/inbound/parse-an-email. Mailgun: documentation.mailgun.com, "Parsed
messages parameters".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.message import Message
from typing import Any

from connectors.email.bounces import bounce_of, is_automatic
from connectors.email.forms import Form, read_form
from connectors.email.mail import (
    MAX_PARTS,
    MAX_PEOPLE,
    MAX_TEXT,
    Attachment,
    Mail,
    decoded,
    delivered_to,
    instant,
    message_ids,
    people,
    read_mail,
)
from connectors.email.plain import clean, from_html
from hub.core.types import Record, Value

STREAM = "message"

_AS_FIELDS = ("From", "To", "Cc", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "Auto-Submitted")
"""Headers that Mailgun also passes on as fields of the form."""


def record_of(mail: Mail, *, at: datetime, own: Sequence[str]) -> Record:
    """The record of a mail that arrived at that instant. `own`: the hub's own addresses, in lower case."""
    references = message_ids(" ".join(mail.headers.get("references", ())))
    answered = message_ids(mail.header("in-reply-to"))[-1:]
    bounce = bounce_of(mail)
    fields: dict[str, Value] = {
        "message_id": mail.message_id,
        "from": _who(mail.sender) if mail.sender else None,
        "to": tuple(_who(each) for each in mail.to),
        "cc": tuple(_who(each) for each in mail.cc),
        "subject": mail.subject,
        "text": mail.text,
        "at": at,
        "created_at": mail.sent_at,
        "answers_to": _token(mail, own) or next(iter((*answered, *references[-1:])), None),
        "references": tuple(dict.fromkeys((*references, *answered))),
        "automatic": is_automatic(mail),
        "bounce": bounce,
        "files": tuple({"name": each.name, "type": each.type, "size": each.size} for each in mail.files),
    }
    if mail.truncated:
        fields["truncated"] = True
    return Record(stream=STREAM, key=mail.key, fields=fields, at=at)


def delivered_mail(body: bytes) -> Mail:
    """The mail in the body of an inbound webhook."""
    if body.lstrip()[:1] == b"{":
        return _from_postmark(body)
    return _from_mailgun(read_form(body))


def _who(person: tuple[str, str]) -> Mapping[str, Value]:
    name, address = person
    who = {"name": clean(name), "email": clean(address)}
    return {part: text for part, text in who.items() if text} or {"name": "?"}


def _token(mail: Mail, own: Sequence[str]) -> str | None:
    """TOKEN of the first NAME+TOKEN@DOMAIN that is one of our addresses; people's own plus-addresses are not."""
    if mail.token:
        return mail.token[:200]
    for address in (*mail.recipients, *(each for _, each in (*mail.to, *mail.cc))):
        local, _, domain = address.rpartition("@")
        name, plus, token = local.partition("+")
        if plus and token and f"{name}@{domain}".lower() in own:
            return token[:200]
    return None


def _from_postmark(body: bytes) -> Mail:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = {}
    given: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
    listed = [each for each in _list(given.get("Headers")) if isinstance(each, dict)]
    headers: dict[str, list[str]] = {}
    for each in listed[:1000]:
        headers.setdefault(str(each.get("Name", "")).lower(), []).append(decoded(str(each.get("Value", ""))))
    files = [each for each in _list(given.get("Attachments")) if isinstance(each, dict)][:MAX_PARTS]
    text, html = _text(given.get("TextBody")), _text(given.get("HtmlBody"))
    senders = _full([given.get("FromFull")])
    date = _text(given.get("Date")) or next(iter(headers.get("date", ())), "")
    mail = Mail(
        headers=headers,
        sender=senders[0] if senders else None,
        to=_full(_list(given.get("ToFull"))),
        cc=_full(_list(given.get("CcFull"))),
        subject=decoded(given["Subject"]) if isinstance(given.get("Subject"), str) else None,
        text=_body(text, html),
        sent_at=instant(date) if date else None,
        digest=hashlib.sha256(body).hexdigest(),
        token=_text(given.get("MailboxHash")).strip(),
        recipients=(*_recipients(_text(given.get("OriginalRecipient"))), *delivered_to(headers)),
        files=tuple(_postmark_file(each) for each in files),
    )
    return _with_reports(mail, [(_text(each.get("ContentType")), _base64(each)) for each in files])


def _full(given: Sequence[Any]) -> list[tuple[str, str]]:
    people = [each for each in given if isinstance(each, dict)][:MAX_PEOPLE]
    pairs = [(_text(each.get("Name")), _text(each.get("Email"))) for each in people]
    return [pair for pair in pairs if any(pair)]


def _postmark_file(given: Mapping[str, Any]) -> Attachment:
    return Attachment(_text(given.get("Name"))[:300], _text(given.get("ContentType"))[:300], len(_base64(given)))


def _base64(given: Mapping[str, Any]) -> bytes:
    """A file's content. Postmark's test button calls it Data."""
    content = given.get("Content", given.get("Data"))
    try:
        return base64.b64decode(content) if isinstance(content, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _from_mailgun(form: Form) -> Mail:
    if form.last("body-mime"):
        raw = form.last("body-mime").encode("utf-8", "surrogateescape")
        mail = read_mail(raw)
        return replace(mail, recipients=(*_recipients(form.last("recipient")), *mail.recipients))
    headers: dict[str, list[str]] = {}
    message = Message()
    for name, value in _pairs(form)[:1000]:
        headers.setdefault(name.lower(), []).append(decoded(value))
        if name.lower() in ("from", "to", "cc"):
            message[name] = " ".join(value.split())
    senders = people(message, "from")
    files = form.files[:MAX_PARTS]
    mail = Mail(
        headers=headers,
        sender=senders[0] if senders else None,
        to=people(message, "to"),
        cc=people(message, "cc"),
        subject=headers["subject"][0] if "subject" in headers else None,
        text=_body(form.last("body-plain"), form.last("body-html")),
        sent_at=instant(headers["date"][0]) if "date" in headers else None,
        digest=hashlib.sha256(repr((sorted(headers.items()), form.last("body-plain"))).encode()).hexdigest(),
        recipients=(*_recipients(form.last("recipient")), *delivered_to(headers)),
        files=tuple(Attachment(clean(each.name)[:300], clean(each.type)[:300], len(each.content)) for each in files),
    )
    return _with_reports(mail, [(each.type, each.content) for each in files])


def _pairs(form: Form) -> list[tuple[str, str]]:
    """Mailgun's message-headers, a JSON list of [name, value]; where it is missing, the headers that are fields."""
    try:
        listed = _list(json.loads(form.last("message-headers") or "[]"))
    except (ValueError, RecursionError):
        listed = []
    pairs = [(str(each[0]), str(each[1])) for each in listed if isinstance(each, list) and len(each) == 2]
    return pairs or [(name, form.last(name)) for name in _AS_FIELDS if form.last(name)]


def _with_reports(mail: Mail, files: Sequence[tuple[str, bytes]]) -> Mail:
    """The mail with what its attached delivery reports say (both providers hand a report's parts over as files)."""
    status, back = ("message/delivery-status",), ("message/rfc822", "text/rfc822-headers")
    reports = [content[:MAX_TEXT].decode("utf-8", "replace") for kind, content in files if kind.startswith(status)]
    returned = [content for kind, content in files if kind.startswith(back)]
    text = returned[0][:MAX_TEXT].decode("utf-8", "replace") if returned else ""
    return replace(mail, reports=tuple(reports), returned=text.replace("\r\n", "\n").split("\n\n", 1)[0])


def _body(text: str, html: str) -> str | None:
    if text.strip():
        return clean(text)[:MAX_TEXT].strip()
    if html:
        return from_html(html)[:MAX_TEXT]
    return "" if text else None


def _recipients(text: str) -> tuple[str, ...]:
    return tuple(each.strip("<> ") for each in text.split(",")[:MAX_PEOPLE] if "@" in each)


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
