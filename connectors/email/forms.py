"""The two shapes of an HTML form (URL-encoded, RFC 7578 multipart), read from the bytes alone. Never raises.

The kept delivery is the body; the boundary of a multipart body is its own first line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

MAX_PARTS = 1000
MAX_ENCODED = 4 << 20
"""Bytes of a URL-encoded form: it is read before its signature is checked, and slowly. Files come multipart."""
_PARAMETER = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form."""

    field: str
    name: str
    type: str
    content: bytes


@dataclass(slots=True)
class Form:
    """The texts and files of a form, in their order."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)

    def last(self, name: str) -> str:
        """The last value under that name, "" when there is none: Mailgun repeats names that the mail's own form had."""
        return self.texts.get(name, [""])[-1]


def read_form(body: bytes) -> Form:
    """What is in the body; an empty form when it is none."""
    if body.startswith(b"--"):
        return _multipart(body)
    form = Form()
    if len(body) > MAX_ENCODED:
        return form
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_PARTS)
    except ValueError:  # too many fields
        return form
    for name, value in pairs:
        form.texts.setdefault(name, []).append(value)
    return form


def _multipart(body: bytes) -> Form:
    form = Form()
    boundary = body.split(b"\r\n", 1)[0].rstrip()
    if len(boundary) < 3:
        return form
    for piece in (b"\r\n" + body).split(b"\r\n" + boundary, MAX_PARTS + 1)[1 : MAX_PARTS + 1]:
        if piece.startswith(b"--"):
            break
        head, gap, content = piece.partition(b"\r\n\r\n")
        if gap:
            _part(form, head.decode("utf-8", "replace"), content)
    return form


def _part(form: Form, head: str, content: bytes) -> None:
    names: dict[str, str] = {}
    kind = ""
    for line in head.split("\r\n"):
        label, _, value = line.partition(":")
        if label.strip().lower() == "content-disposition":
            names = {name.lower(): re.sub(r"\\(.)", r"\1", text) for name, text in _PARAMETER.findall(value)}
        elif label.strip().lower() == "content-type":
            kind = value.strip()
    if "name" not in names:
        return
    if "filename" in names:
        form.files.append(Upload(names["name"], names["filename"], kind, content))
    else:
        form.texts.setdefault(names["name"], []).append(content.decode("utf-8", "replace"))
