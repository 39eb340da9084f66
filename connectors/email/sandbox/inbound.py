"""Mails as Postmark's and Mailgun's inbound webhooks post them, made from a mail's bytes."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from hub.sandbox.outbox import Post as Posted


def postmark(raw: bytes, url: str, recipient: str) -> Posted:
    """The JSON of Postmark's inbound webhook. User and password of the URL go into the Authorization header."""
    message = _read(raw)
    hidden = {"from", "to", "cc", "bcc", "subject", "date", "reply-to", "content-type", "content-transfer-encoding"}
    headers = [{"Name": n, "Value": str(v)} for n, v in message.items() if n.lower() not in hidden]
    senders = _people(message, "From")
    payload = {
        "FromName": senders[0]["Name"] if senders else "",
        "MessageStream": "inbound",
        "From": str(message.get("From", "")),
        "FromFull": senders[0] if senders else {"Email": "", "Name": "", "MailboxHash": ""},
        "To": str(message.get("To", "")),
        "ToFull": _people(message, "To"),
        "Cc": str(message.get("Cc", "")),
        "CcFull": _people(message, "Cc"),
        "Bcc": "",
        "BccFull": [],
        "OriginalRecipient": recipient,
        "Subject": str(message.get("Subject", "")),
        "MessageID": str(uuid.uuid4()),
        "ReplyTo": str(message.get("Reply-To", "")),
        "MailboxHash": _hash(recipient),
        "Date": str(message.get("Date", "")),
        "TextBody": _text(message, "plain"),
        "HtmlBody": _text(message, "html"),
        "StrippedTextReply": "",
        "Tag": "",
        "Headers": [{"Name": "Return-Path", "Value": senders[0]["Email"] if senders else ""}, *headers],
        "Attachments": [
            {
                "Name": name,
                "Content": base64.b64encode(content).decode(),
                "ContentType": kind,
                "ContentLength": len(content),
                "ContentID": "",
            }
            for name, kind, content in _files(message)
        ],
    }
    body = json.dumps(payload).encode()
    address, login = _without_login(url)
    fixed = {"content-type": "application/json; charset=utf-8", "user-agent": "Postmark"}
    if login:
        fixed["authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    return Posted(url=address, body=body, headers=lambda: fixed, about={"provider": "postmark"})


def mailgun(raw: bytes, url: str, recipient: str, key: str, now: Callable[[], int], *, as_mime: bool) -> Posted:
    """The form of a Mailgun route's forward, signed. Multipart where there are files, else URL-encoded."""
    message = _read(raw)
    stamp, token = str(now()), secrets.token_hex(25)
    headers = [[name, str(value)] for name, value in message.items()]
    fields = {
        "recipient": recipient,
        "sender": str(message.get("From", "")),
        "from": str(message.get("From", "")),
        "subject": str(message.get("Subject", "")),
        "Message-Id": str(message.get("Message-ID", "")),
        "message-headers": json.dumps(headers),
    }
    files = [] if as_mime else _files(message)
    if as_mime:
        fields["body-mime"] = raw.decode("utf-8", "replace")
    else:
        fields |= {"body-plain": _text(message, "plain"), "body-html": _text(message, "html")}
        fields |= {"stripped-text": _text(message, "plain"), "attachment-count": str(len(files))}
    signature = hmac.new(key.encode(), (stamp + token).encode(), hashlib.sha256).hexdigest()
    fields |= {"timestamp": stamp, "token": token, "signature": signature}
    if not files:
        kind = "application/x-www-form-urlencoded"
        body = urlencode(fields).encode()
    else:
        boundary = secrets.token_hex(16)
        kind = f"multipart/form-data; boundary={boundary}"
        body = _multipart(fields, files, boundary.encode())
    address, _ = _without_login(url)
    fixed: Mapping[str, str] = {"content-type": kind, "user-agent": "mailgun"}
    return Posted(url=address, body=body, headers=lambda: fixed, about={"provider": "mailgun"})


def _read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101  what that policy makes
    return message


def _people(message: EmailMessage, name: str) -> list[dict[str, str]]:
    found = getaddresses([str(value) for value in message.get_all(name, [])])
    return [{"Email": address, "Name": title, "MailboxHash": _hash(address)} for title, address in found if address]


def _hash(address: str) -> str:
    return address.rpartition("@")[0].partition("+")[2]


def _text(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""


def _files(message: EmailMessage) -> list[tuple[str, str, bytes]]:
    found = []
    for part in message.iter_attachments() if message.is_multipart() else ():
        payload = part.get_payload()
        if isinstance(payload, list):
            content = b"\r\n".join(each.as_bytes() for each in payload if not isinstance(each, str))
        else:
            content = part.get_payload(decode=True) or b""  # type: ignore[assignment]
        found.append((part.get_filename() or "file", part.get_content_type(), content))
    return found


def _multipart(fields: Mapping[str, str], files: list[tuple[str, str, bytes]], boundary: bytes) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for number, (name, kind, content) in enumerate(files, 1):
        head = f'Content-Disposition: form-data; name="attachment-{number}"; filename="{quote(name)}"\r\n'
        parts.append(head.encode() + f"Content-Type: {kind}\r\n\r\n".encode() + content)
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def _without_login(url: str) -> tuple[str, str]:
    """The address without user and password, and those two."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), login if at else ""
